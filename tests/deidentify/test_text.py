"""Texts in the character sets of the world: names go, and the bytes of what stays stay."""

import pytest
from pydicom.charset import convert_encodings, decode_bytes, encode_string

from deidentify import iso2022
from deidentify.clean import Cleaner
from deidentify.plan import compile_plan
from deidentify.text import clean_value, decoded, text_of
from tests.deidentify.samples import identity

UTF_8 = b"ISO_IR 192"
JAPANESE = b"\\ISO 2022 IR 87"
KATAKANA = b"ISO 2022 IR 13\\ISO 2022 IR 87"
SUPPLEMENT = b"\\ISO 2022 IR 87\\ISO 2022 IR 159"
KOREAN = b"\\ISO 2022 IR 149"
CHINESE = b"\\ISO 2022 IR 58"


def encoded(text, charset):
    return encode_string(text, convert_encodings(charset.decode().split("\\")))


def read(value, charset):
    return decode_bytes(value, convert_encodings(charset.decode().split("\\")), set(b"\\\r\n"))


def cleaned(value, charset, *names, vr="LO"):
    """A value after cleaning; names are given as (bytes, character set)."""
    terms = [("name", name, name_charset) for name, name_charset in names]
    cleaner = Cleaner(compile_plan(identity=identity()), terms)
    return clean_value(
        cleaner, value, vr, charset, only_patient=False, model=False, if_empty=b""
    )  # fmt: skip


YAMADA = ("Yamada^Tarou=山田^太郎=やまだ^たろう".encode(), UTF_8)
HONG = ("Hong^Gildong=洪^吉洞=홍^길동".encode(), UTF_8)
WANG = ("Wang^XiaoDong=王^小东".encode(), UTF_8)
ORTHODOX = ("Люкceмбypг^Анна".encode("iso8859_5"), b"ISO_IR 144")
GREEK = ("Διονυσιος^Ελένη".encode("iso8859_7"), b"ISO_IR 126")
ARABIC = ("قباني^لنزار".encode("iso8859_6"), b"ISO_IR 127")


@pytest.mark.parametrize(
    ("charset", "text", "kept", "name"),
    [
        (JAPANESE, "頭部 山田 T2強調", "頭部 T2強調", YAMADA),
        (JAPANESE, "頭部MRI 山田太郎 様", "頭部MRI 様", YAMADA),
        (JAPANESE, "FLAIR やまだ 横断", "FLAIR 横断", YAMADA),
        (SUPPLEMENT, "頭部 山田^太郎 T2", "頭部 T2", YAMADA),
        (KATAKANA, "ﾋｻﾞ 山田 T1", "ﾋｻﾞ T1", YAMADA),
        (KOREAN, "뇌 길동 T2 자기공명", "뇌 T2 자기공명", HONG),
        (KOREAN, "FLAIR 홍길동", "FLAIR", HONG),
        (KOREAN, "吉洞 T1", "T1", HONG),
        (b"GB18030", "头部 王小东 增强", "头部 增强", WANG),
        (b"GBK", "头部 王^小东 增强", "头部 增强", WANG),
        (UTF_8, "頭部 山田 T2", "頭部 T2", YAMADA),
        (UTF_8, "голова Люкceмбypг T2", "голова T2", ORTHODOX),
        (b"ISO_IR 144", "голова АННА T2", "голова T2", ORTHODOX),
        (UTF_8, "κεφαλή ΔΙΟΝΥΣΙΟΣ T2", "κεφαλή T2", GREEK),
        (UTF_8, "رأس قباني T2", "رأس T2", ARABIC),
    ],
)
def test_names_go_from_texts_of_any_character_set(charset, text, kept, name):
    value = encoded(text, charset)

    new = cleaned(value, charset, name)

    assert read(new, charset) == kept


@pytest.mark.parametrize(
    ("charset", "text"),
    [
        (JAPANESE, "頭部 造影 T2強調"),
        (KATAKANA, "ﾋｻﾞ 造影"),
        (KOREAN, "뇌 자기공명"),
        (CHINESE, "头部 增强"),
        (b"GB18030", "头部 增强"),
    ],
)
def test_texts_in_which_nothing_is_found_keep_their_bytes(charset, text):
    value = encoded(text, charset)

    assert cleaned(value, charset, YAMADA, HONG, WANG) is value


def test_what_stands_around_a_cut_keeps_its_escape_sequences_and_bytes():
    value = b"a\x1b$B;3ED\x1b(B b \x1b$BF,It\x1b(B c"  # Yamada, head

    new = cleaned(value, JAPANESE, YAMADA)

    assert new == b"a b \x1b$BF,It\x1b(B c"


def test_chinese_by_escape_sequence_is_read_and_cut():
    value = b"\x1b$)A" + "头部 小东 增强".encode("gb2312")

    new = cleaned(value, CHINESE, WANG)

    assert text_of(value, CHINESE) == "头部 小东 增强"
    assert new == b"\x1b$)A" + "头部 增强".encode("gb2312")


def test_half_width_katakana_are_the_letters_that_kana_are():
    name = ("Yamada^Tarou=山田^太郎=ヤマダ^タロウ".encode(), UTF_8)
    value = "ﾋｻﾞ ﾔﾏﾀﾞ T1".encode("shift_jis")

    assert cleaned(value, b"ISO_IR 13", name) == "ﾋｻﾞ T1".encode("shift_jis")


def test_a_cut_inside_a_run_of_ideographs_leaves_the_run_in_its_set():
    value = b"\x1b$BF,It;3ED7\x21\x1b(B T2"  # head, Yamada, one more, in one run

    new = cleaned(value, JAPANESE, YAMADA)

    assert new.startswith(b"\x1b$BF,It")
    assert b";3ED" not in new
    assert read(new, JAPANESE).startswith("頭部")
    assert read(new, JAPANESE).endswith(" T2")


def test_every_value_of_several_begins_in_the_first_set_again():
    value = encoded("頭部 山田", JAPANESE) + b"\\" + encoded("膝", JAPANESE)

    new = cleaned(value, JAPANESE, YAMADA)

    assert new == encoded("頭部", JAPANESE) + b"\\" + encoded("膝", JAPANESE)


def test_a_uid_between_escape_sequences_becomes_another():
    value = encoded("頭部 1.3.12.2.1107.5.2.43.66012 膝", JAPANESE)
    plan = compile_plan(identity=identity())

    new = cleaned(value, JAPANESE)

    assert read(new, JAPANESE) == f"頭部 {plan.new_uid('1.3.12.2.1107.5.2.43.66012')} 膝"


@pytest.mark.parametrize(
    ("charset", "text"),
    [
        (JAPANESE, "Yamada^Tarou"),
        (JAPANESE, "A 頭 B 部 C"),
        (KATAKANA, "ﾋｻﾞ 頭部"),
        (SUPPLEMENT, "T1 頭部 膝"),
        (KOREAN, "T1 뇌 자기공명"),
    ],
)
def test_what_is_read_is_what_pydicom_reads(charset, text):
    value = encoded(text, charset)

    assert text_of(value, charset) == read(value, charset) == text


BROKEN = [
    b"\x1b", b"\x1b$B", b"\x1b$B;", b"a\x1b$)Cb\xff", b"\x1b(X a", b"\x1b$B\x80\x81\n\x1b-Fx",
]  # fmt: skip


@pytest.mark.parametrize("value", BROKEN)
def test_broken_escape_sequences_are_read_to_the_end(value):
    text, letters = iso2022.read(value, JAPANESE)

    assert len(text) == len(letters)
    assert all(one.start < one.end <= len(value) for one in letters)
    assert cleaned(value, JAPANESE, YAMADA) is value


HANSEN = ("Bjørnstad^Åse".encode("latin-1"), b"ISO_IR 100")


@pytest.mark.parametrize(
    ("value", "charset"),
    [
        ("kne Bjørnstad T2".encode("latin-1"), b""),
        ("kne Bjørnstad T2".encode(), b""),
        ("kne Bjørnstad T2".encode("latin-1"), b"ISO_IR 6"),
        ("kne Bjørnstad T2".encode(), b"ISO_IR 100"),
        ("kne Bjørnstad T2".encode("latin-1"), UTF_8),
        ("kne Bjørnstad T2".encode("latin-1"), b"ISO_IR 101"),
        ("kne Bjørnstad T2".encode("latin-1"), b"ISO_IR 144"),
        ("kne Bjørnstad T2".encode(), b"ISO_IR 144"),
        ("kne Bjørnstad T2".encode("latin-1"), b"ISO-8859-1"),
        ("kne Bjo\u0308rnstad T2".encode(), UTF_8),
        (b"kne Bj?rnstad T2", b"ISO_IR 100"),
        ("kne Bj\ufffdrnstad T2".encode(), UTF_8),
        (b"kne BJ|RNSTAD T2", b""),
        ("kne BjÃ¸rnstad T2".encode(), UTF_8),
        ("kne BjÃƒÂ¸rnstad T2".encode(), UTF_8),
        (b"kne Bj&oslash;rnstad T2", b""),
        (b"kne Bj%C3%B8rnstad T2", b""),
    ],
)
def test_names_go_whatever_became_of_their_letters(value, charset):
    assert cleaned(value, charset, HANSEN) == b"kne T2"


def test_a_latin_text_that_is_no_utf_8_stays_in_its_set():
    value = "kne Bjørnstad høyre".encode("latin-1")

    assert cleaned(value, b"ISO_IR 100", HANSEN) == "kne høyre".encode("latin-1")


def test_a_codec_gives_back_the_same_bytes():
    for value in (bytes(range(128, 256)), "æøå".encode(), "привет".encode("iso8859_5")):
        for charset in (b"", b"ISO_IR 100", UTF_8, b"ISO_IR 144", b"GB18030", b"ISO_IR 13"):
            text, codec = decoded(value, charset)

            assert text.encode(codec) == value
