"""Cleaning of kept texts: what identifies goes, the rest stays to the letter."""

import time
from base64 import b64encode

import pytest

from deidentify.clean import Cleaner
from deidentify.plan import compile_plan
from tests.deidentify.samples import identity

LATIN = b"ISO_IR 100"


def term(kind, text):
    return (kind, text.encode("latin-1"), LATIN)


def cleaner(*terms):
    return Cleaner(compile_plan(identity=identity()), terms)


PATIENT = (
    term("name", "Bjørnstad^Åse Marie"),
    term("name", "Sørli^Torunn"),
    term("identifier", "13836033390"),
    term("identifier", "ACC7741"),
    term("birth_date", "19720315"),
    term("phone", "55 97 50 00"),
    term("address", "Lilleveien 4^^BERGEN^^5003"),
    term("institution", "Fjordheim sykehus"),
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("T1 MPRAGE for Åse Bjørnstad", "T1 MPRAGE for"),
        ("T1 ÅSE BJØRNSTAD sag", "T1 sag"),
        ("Bjornstad^Aase T2", "T2"),
        ("BJOERNSTAD T2", "T2"),
        ("A. Bjørnstad T2", "T2"),
        ("hjerne_Bjørnstad_2", "hjerne_2"),
        ("kontroll BjÃ¸rnstad", "kontroll"),
        ("knee 13836033390 left", "knee left"),
        ("knee 138360 33390 left", "knee left"),
        ("acc7741 knee", "knee"),
        ("født 15.03.72 knee", "født knee"),
        ("knee 20190619", "knee"),
        ("knee 19. juni 2019", "knee"),
        ("knee June 19, 2019", "knee"),
        ("ring 55975000", "ring"),
        ("tlf 911 22 333 knee", "tlf knee"),
        ("mail ase@fjordheim.invalid nå", "mail nå"),
        ("v/ Torunn Sørli", "v/"),
        ("henvist av Kari Nordmo", "henvist av"),
        ("XR CHEST AP PORTABLE for Douglas Davidson", "XR CHEST AP PORTABLE for"),
        ("MR Fjordheim protokoll", "MR protokoll"),
        ("bor i Lilleveien 4", "bor i"),
    ],
)
def test_what_identifies_goes_and_the_rest_stays(text, expected):
    assert cleaner(*PATIENT).clean(text) == expected


@pytest.mark.parametrize(
    "text",
    ["T1 MPRAGE", "P4^P101", "Mb. Bechterew", "Hodgkin staging", "ep2d_diff_b1000_TRACEW",
     "AX T2 FLAIR 3.0 x 4.5", "Thorax 5.0 B30f", "DR.Protocol 3", "TR 2000 TE 30",
     "1.2.840.10008.1.2", "syngo MR XA30", "HASTE 4mm", "for vurdering av hjerne",
     "Ax for Head Neck", "12.5 mm 3/4"],
)  # fmt: skip
def test_protocol_words_numbers_and_eponyms_stay(text):
    assert cleaner(*PATIENT).clean(text) == text


@pytest.mark.parametrize("name", ["Head^Test", "Phantom", "TEST", "Brain^Stein"])
def test_words_of_protocols_are_not_eaten_though_a_patient_is_called_so(name):
    assert cleaner(term("name", name)).clean("HEAD PHANTOM brain test") == "HEAD PHANTOM brain test"


def test_short_parts_of_a_name_go_only_beside_another_part():
    short = cleaner(term("name", "Lie^Bo"))

    assert short.clean("Lie Bo, knee") == "knee"
    assert short.clean("patient can lie still") == "patient can lie still"


def test_what_the_plan_writes_is_not_searched():
    plan_made = cleaner(term("identifier", "BICAM_01_0007"))

    assert plan_made.clean("BICAM_01_0007") == "BICAM_01_0007"


def test_a_uid_in_a_text_becomes_the_one_it_became_elsewhere():
    plan = compile_plan(identity=identity())

    cleaned = Cleaner(plan, ()).clean("ref 1.3.12.2.1107.5.2.43.66012 end")

    assert cleaned == f"ref {plan.new_uid('1.3.12.2.1107.5.2.43.66012')} end"


def test_a_block_keeps_its_length_and_loses_what_identifies():
    block = (
        b'\x00\x01SV10 tName = "bj\xf8rnstad" id 13836033390; uid '
        b"1.3.12.2.1107.5.2.43.66012.30000018091812 class 1.2.840.10008.5.1.4.1.1.4 20240312\x00"
    )
    made = cleaner(*PATIENT, term("date", "20240312"))

    new = made.overwrite(block)

    assert len(new) == len(block)
    for gone in (b"rnstad", b"13836033390", b"1107.5.2.43", b"20240312"):
        assert gone not in new
    assert b"1.2.840.10008.5.1.4.1.1.4" in new
    assert new.startswith(b'\x00\x01SV10 tName = "')
    assert new == made.overwrite(block)


def test_a_model_name_keeps_its_known_words_and_loses_every_other_part_of_a_name():
    vida = cleaner(term("name", "Fjell^Vida"))

    assert vida.clean("MAGNETOM Vida", model=True) == "MAGNETOM Vida"
    assert vida.clean("MAGNETOM Vida Fjell", model=True) == "MAGNETOM"
    assert vida.clean("MAGNETOM Fjell", model=True) == "MAGNETOM"
    assert vida.clean("scanned Vida again") == "scanned again"


def test_short_identifiers_go_as_whole_tokens_and_ordinary_words_stay():
    rtstruct = cleaner(term("identifier", "study1"), term("identifier", "1234"))

    assert rtstruct.clean("study1 plan") == "plan"
    assert rtstruct.clean("study study12 v1.1234 b12345") == "study study12 v1.1234 b12345"


def test_short_numbers_are_not_overwritten_in_binary_blocks():
    block = b"TR\x01\0 20000 \0\xff ACC7741 \0"

    assert cleaner(term("identifier", "20000")).overwrite(block) == block
    assert b"ACC7741" not in cleaner(*PATIENT).overwrite(block)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("BJØRNSTADÅSE T1", "T1"),
        ("T1 MPRAGE Storgata 7B P4^P101", "T1 MPRAGE P4^P101"),
        ("acc 7741 knee", "knee"),
        ("T1 15. mars 1972 Bechterew", "T1 Bechterew"),
        ("T1 15/3-72 Hodgkin", "T1 Hodgkin"),
        ("Ref: Kari Nordmo T1", "Ref: T1"),
        ("bj\u00c3\u00b8rnstad T1", "T1"),
        ("\u00c3\u0085se T1", "T1"),
    ],
)
def test_spellings_that_people_use_go_and_what_stands_beside_them_stays(text, expected):
    assert cleaner(*PATIENT).clean(text) == expected


SMALL = (
    term("name", "Moe^Knut Arne"),
    term("name", "Lie^Bo"),
    term("name", "Wilson^Per-Åge"),
    term("name", "O'Brien^Niamh"),
    term("name", "Hand^Liv"),
    term("birth_date", "19720315"),
    term("identifier", "HN4482913"),
    term("address", "Øvre Sandgate 12^^TROMSØ^^9008"),
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("MR caput MOE", "MR caput"),
        ("dr.moe T2", "dr. T2"),
        ("pas. Bo T2", "pas. T2"),
        ("T1LieCor", "T1 Cor"),
        ("hodemoeknut", "hode"),
        ("hodewilson T1", "hode T1"),
        ("W i l s o n T1", "T1"),
        ("K.A.M. T1", "T1"),
        ("K. A. Moe T1", "T1"),
        ("O’Brien T1", "T1"),
        ("Niamh O'Brien T1", "T1"),
        ("niamh_obrien_t1", "t1"),
        ("for Wilson T2", "for T2"),
        ("Hand, Liv: T2", ": T2"),
        ("LIV^HAND T2", "T2"),
        ("150372-12345 T2", "T2"),
        ("95037212345 T2", "95037212345 T2"),
        ("pas 4482913 T2", "pas T2"),
        ("HN 448 2913 T2", "T2"),
        ("9008 Tromsø T2", "T2"),
        ("9008 TROMSOE T2", "T2"),
        ("øvre sandgate 12, T2", "T2"),
        ("henvist av TORMOD LUNDRUD, kne", "henvist av, kne"),
        ("v/TORMOD LUNDRUD kne", "v/ kne"),
        ("v/Sigrid Hegstad, Mb. Bechterew", "v/, Mb. Bechterew"),
        ("tlf 981 32 663 3.0 T", "tlf 3.0 T"),
        ("tlf 71234 120 kV", "tlf 120 kV"),
        ("tatt på Haukeland i går", "tatt på i går"),
        ("fnr 15 03 72 12345", "fnr"),
        ("REK vest 2019/1234 T1", "REK vest T1"),
        ("(Niamh) T1", "T1"),
        ("T1 (Niamh) T2", "T1 T2"),
        ("T1_Niamh_T2", "T1_T2"),
        ("Niamh, 15.03.72, T2", "T2"),
        ("5 mm. Undersøkt 27 July 2021. WW400.", "5 mm. Undersøkt. WW400."),
        ("ADC, (N. O'Brien), kne", "ADC, kne"),
    ],
)
def test_what_people_do_to_names_and_numbers_does_not_hide_them(text, expected):
    assert cleaner(*SMALL).clean(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Mb. Wilson", "Wilsons sykdom", "for Wilson sykdom", "per os", "lie still", "hand AP",
        "Hand AP", "ring 5 mm", "moebius", "relief", "TR 9008", "TE 20 40 60 80", "v5.10.12",
        "os calcis", "A.P. og lat", "t.h. og t.v.", "4482913.5", "1.4482913", "HN44829131",
    ],
)  # fmt: skip
def test_what_only_looks_like_a_part_of_a_name_or_number_stays(text):
    assert cleaner(*SMALL).clean(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "T1 sag",
        "Dr Iversdal protocol",
        "Nordmann, Ola T2",
        "Thorax, Abdomen",
        "serie 12345678901",
    ],
)
def test_what_is_uncertain_is_not_cut(text):
    assert cleaner(*SMALL).clean(text) == text


def test_a_uid_longer_than_any_goes():
    assert cleaner().clean(f"ref 1.2.840.113619.2.{'1' * 60} end") == "ref end"


def test_time_grows_with_the_length_of_a_text_and_no_faster():
    made = cleaner(*PATIENT, *SMALL)
    texts = [
        "Moe " * 50_000,
        "Bjørnstad, " * 20_000,
        "A_" * 50_000,
        "a.@" * 50_000,
        "1.1.1 " * 30_000,
    ]

    started = time.perf_counter()
    for text in texts:
        made.clean(text)

    assert time.perf_counter() - started < 15


ATTACKED = (
    term("name", "Kvamsdal^Ingebjørg^Marie"),
    term("identifier", "0012345678"),
    term("identifier", "HN4482913"),
    term("birth_date", "19610312"),
    term("date", "20231125"),
    term("address", "Fjøsangerveien 12^^BERGEN^^5055"),
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("login ikvamsdal", "login"),
        ("kvamsdali T2", "T2"),
        ("imkvamsdal T2", "T2"),
        ("MRKVAMSDAL", "MR"),
        ("KVAMSDALT2TSE", "T2TSE"),
        ("KvamsdalkneT2", "kneT2"),
        ("I n g e b j ø r g T2", "T2"),
        ("kne 000012345678", "kne"),
        ("HN0004482913 kne", "HN kne"),
        ("251123 kontroll", "kontroll"),
        ("25 11 2023 kontroll", "kontroll"),
        ("12/3 1961 kne", "kne"),
        ("1961.3.12 kne", "kne"),
        ("Fjøsangerv. 12, kne", "kne"),
        ("Fjosangervn 12 kne", "kne"),
    ],
)
def test_what_is_known_is_found_glued_shortened_and_filled_up(text, expected):
    assert cleaner(*ATTACKED).clean(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "10 11 12 mm", "123 61 mm", "1231961", "ax 3_12_20 recon", "120361.5", "100012345678",
        "kvamsdalq T2", "xkvamsdal T2",
    ],
)  # fmt: skip
def test_figures_and_words_that_are_merely_like_what_is_known_stay(text):
    assert cleaner(*ATTACKED).clean(text) == text


def test_sami_letters_are_found_where_they_were_written_without_their_marks():
    sami = cleaner(("name", "Áŋŋelaŧ^Čáppa".encode(), b"ISO_IR 192"))

    assert sami.clean("MR Annelat kne") == "MR kne"
    assert sami.clean("MR ÁŊŊELAŦ CAPPA kne") == "MR kne"


def test_an_initial_before_a_name_is_no_login_where_both_make_a_word_of_protocols():
    made = cleaner(term("name", "Femora^Lise"))

    assert made.clean("CT femoral") == "CT femoral"
    assert made.clean("CT lfemora") == "CT"


def test_a_name_packed_as_base64_or_hexadecimal_digits_goes_with_its_packing():
    packed = b64encode("Åse Bjørnstad".encode()).decode()
    digits = "Åse Bjørnstad".encode("latin-1").hex()

    assert cleaner(*PATIENT).clean(f"T1 {packed} T2") == "T1 T2"
    assert cleaner(*PATIENT).clean(f"T1 {digits} T2") == "T1 T2"


@pytest.mark.parametrize(
    "text", ["Abdomenprotokoll", "T1 deadbeefdeadbeef", "TmV1cm8gcHJvdG9rb2xs", "MPRAGEADNIISOTROP"]
)
def test_long_words_and_what_is_packed_without_a_name_stay(text):
    assert cleaner(*PATIENT).clean(text) == text


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
def test_a_short_name_in_utf_16_is_read_as_its_letters(codec):
    text = "T1 Lie Bo T2".encode(codec).decode("latin-1")

    new = cleaner(*SMALL).clean(text)

    assert new.replace("\0", "") == "T1 T2"


@pytest.mark.parametrize("codec", ["latin-1", "utf-8", "utf-16-le"])
@pytest.mark.parametrize("name", ["Ødegård", "ødegård", "ØDEGÅRD", "Bo Lie", "LIE^BO", "Lie, Bo"])
def test_a_block_loses_names_with_letters_above_ascii_and_short_names_of_two_parts(name, codec):
    made = cleaner(term("name", "Ødegård^Åse"), term("name", "Lie^Bo"))
    block = b"\x01\x02" + f"T1 {name} 7".encode(codec) + b"\x03\x01"

    new = made.overwrite(block)

    assert len(new) == len(block)
    assert name.encode(codec) not in new


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("æsárá kne", "kne"),
        ("sáráæ kne", "kne"),
        ("S á r á kne", "kne"),
        ("Sa?ra kne", "kne"),
        ("S\\xe1r\\xe1 kne", "kne"),
        ("S?ra? kne", "S?ra? kne"),
    ],
)
def test_short_names_are_found_as_logins_letter_by_letter_and_with_lost_accents(text, expected):
    sami = cleaner(("name", "Sárá^Ævar".encode(), b"ISO_IR 192"))

    assert sami.clean(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "FLAIR jónsdóttirk",
        "T1 Jonsdottir",
        "J ó n s d ó t t i r",
        "T1JónsdóttirT2",
        "K. Jónsdóttir",
    ],
)
def test_a_text_among_the_blocks_loses_what_a_text_would_lose_and_keeps_its_length(text):
    made = cleaner(("name", "Jónsdóttir^Kåre".encode(), b"ISO_IR 192"))

    new = made.overwrite(text.encode())

    assert len(new) == len(text.encode())
    assert b"XXXX" in new
    assert b"dottir" not in new.replace("ó".encode(), b"o")


def test_a_text_among_the_blocks_keeps_figures_dates_and_words_as_they_are():
    made = cleaner(("name", "Jónsdóttir^Kåre".encode(), b"ISO_IR 192"))

    assert made.overwrite(b"ep2d_diff 20231125 b1000 TE 20") == b"ep2d_diff 20231125 b1000 TE 20"
