"""What is planted is found, at its place and as what it is; what is clean is left alone."""

import json
import os
from base64 import b64encode
from pathlib import Path

import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import ImplicitVRLittleEndian

from deidentify.leaks import LeakCheck, SearchTerms
from tests.deidentify.leak_cases import (
    NUMBER,
    ORIGINAL_UID,
    PRIVATE,
    Case,
    clean_dataset,
    source_dataset,
    with_item,
    with_private,
)

DATA = Path(os.environ.get("RDMA_TEST_DATA", Path(__file__).parents[3] / "shared" / "data"))


@pytest.fixture
def case(tmp_path):
    return Case(tmp_path)


def places(findings):
    return {(finding.kind, finding.path) for finding in findings}


def test_a_clean_output_has_no_findings(case):
    assert case.examine(clean_dataset()) == []


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("T1 for BJØRNSTAD", "name"),
        ("T1 for bjornstad", "name"),
        ("T1 for Bjoernstad", "name"),
        ("Å. Bjørnstad", "name"),
        ("AASE MARIE", "name"),
        ("BjornstadAseMarie", "name"),
        ("marie_t1", "name"),
        ("ref. KVAMSDAL", "physician"),
        ("tidl. us. ACC771234", "identifier"),
        ("acc-77-1234", "identifier"),
        (f"fnr {NUMBER}", "identifier"),
        (f"fnr {NUMBER[:6]} {NUMBER[6:]}", "identifier"),
        ("f. 15.03.1972", "birth_date"),
        ("f. 15.03.72", "birth_date"),
        ("dob 1972-03-15", "birth_date"),
        ("født 15. mars 1972", "birth_date"),
        ("b 19720315", "birth_date"),
        ("Tyttebaerveien 14b", "address"),
        ("ring 911 22 333", "phone"),
        ("ring 91122333", "phone"),
        ("Granheim Univ", "institution"),
        ("GRANHEIM UNIVERSITETSSYKEHUS", "institution"),
    ],
)
def test_a_value_in_free_text_is_found(case, text, kind):
    target = clean_dataset()
    target.ImageComments = text

    findings = case.examine(target)

    assert (kind, "(0020,4000)") in places(findings)


@pytest.mark.parametrize(
    "encode",
    [
        lambda text: text.encode("latin-1"),
        lambda text: text.upper().encode("latin-1"),
        lambda text: text.encode("utf-8"),
        lambda text: text.upper().encode("utf-8"),
        lambda text: text.encode("utf-8").decode("latin-1").encode("utf-8"),
        lambda text: text.encode("utf-16-le"),
        lambda text: text.encode("utf-16-be"),
        lambda text: text.encode("latin-1").hex().encode(),
        lambda text: text.encode("utf-8").hex().upper().encode(),
        lambda text: text.encode("latin-1").hex(" ").encode(),
        *(
            lambda text, shift=shift: b64encode(b"^=^"[:shift] + text.encode("utf-8") + b"^")
            for shift in range(3)
        ),
    ],
)
@pytest.mark.parametrize("text", ["Bjørnstad", "Kvamsdal", NUMBER, ORIGINAL_UID])
def test_a_value_in_a_private_binary_is_found_in_every_encoding(case, encode, text):
    junk = b"\x01\x02\xf7\x00"
    target = with_private(clean_dataset(), junk + encode(text) + b"\0" + junk)

    findings = case.examine(target)

    assert PRIVATE in {finding.path for finding in findings}


def test_a_finding_points_at_its_bytes_and_holds_no_value(case):
    target = clean_dataset()
    target.ImageComments = "T1 for Bjornstad, again"
    path = case.save(target)

    (finding,) = case.examine_file(path)

    assert path.read_bytes()[finding.start : finding.end] == b"Bjornstad"
    assert finding.source_path == "(0010,0010)"
    assert "jornstad" not in repr(finding).lower()


def test_a_value_deep_inside_a_sequence_is_found_with_its_item(case):
    target = with_item(clean_dataset(), ScheduledProcedureStepDescription="kne, Bjørnstad")

    findings = case.examine(target)

    assert places(findings) == {("name", "(0040,0275)[1](0040,0007)")}


def test_a_value_inside_a_sequence_stored_as_unknown_is_found_at_its_path(case):
    target = clean_dataset()
    item = Dataset()
    item.PatientComments = "Bjornstad"
    target.add_new((0x0029, 0x0010), "LO", "INVENTED HEADER")
    target.add_new((0x0029, 0x1010), "SQ", Sequence([item]))
    path = case.save(target)
    path.write_bytes(path.read_bytes().replace(b"\x29\x00\x10\x10SQ", b"\x29\x00\x10\x10UN"))

    findings = case.examine_file(path)

    assert places(findings) == {("name", f"{PRIVATE}[0](0010,4000)")}


def test_an_implicit_vr_output_is_searched_as_well(case):
    target = with_item(clean_dataset(), RequestedProcedureID="ACC-77-1234")
    target.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian

    findings = case.examine(target)

    assert places(findings) == {("identifier", "(0040,0275)[1](0040,1001)")}


def test_the_preamble_and_the_bytes_after_the_data_set_are_searched(case):
    path = case.save(clean_dataset())
    raw = path.read_bytes()
    path.write_bytes(b"BJORNSTAD".ljust(128, b"\0") + raw[128:] + b"\0\0\0\0Bjornstad\0")

    found = places(case.examine_file(path))

    assert ("name", "preamble") in found
    assert ("name", "bytes after the data set") in found


def test_the_file_meta_information_is_searched(case):
    target = clean_dataset()
    target.file_meta.SourceApplicationEntityTitle = "BJORNSTAD"

    assert places(case.examine(target)) == {("name", "file meta (0002,0016)")}


def test_padding_behind_the_pixel_data_is_searched(case):
    target = clean_dataset()
    target.DataSetTrailingPadding = b"\0\0\0Bjornstad\0\0\0\0"

    assert places(case.examine(target)) == {("name", "(FFFC,FFFC)")}


def test_an_original_uid_is_found_in_text_and_a_well_known_one_is_not(case):
    target = with_private(clean_dataset(), f"uid={ORIGINAL_UID};1.2.840.10008.1.2", "UT")

    assert places(case.examine(target)) == {("uid", PRIVATE)}


def test_a_longer_uid_with_the_same_beginning_is_another_uid(case):
    target = with_private(clean_dataset(), f"{ORIGINAL_UID}3", "UI")

    assert case.examine(target) == []


def test_an_unchanged_date_is_found_and_a_siblings_equal_date_is_not(case):
    target = clean_dataset()
    target.StudyDate = "20200315"
    target.SeriesDate = "20200315"

    assert places(case.examine(target)) == {("date", "(0008,0020)")}


def test_a_short_identifier_is_looked_for_in_its_own_element_only(case):
    target = clean_dataset()
    target.StudyID = "1"
    target.SeriesNumber = 1

    assert places(case.examine(target)) == {("identifier", "(0020,0010)")}


def test_what_the_plan_keeps_is_no_finding(case):
    target = clean_dataset()
    target.ImageComments = "from MRROM07"

    assert case.examine(target) == []


def test_what_the_plan_does_not_keep_is_a_finding(tmp_path):
    class Strict(Case):
        kept_tags = frozenset()

    target = clean_dataset()
    del target.StationName
    target.ImageComments = "from MRROM07"

    assert places(Strict(tmp_path).examine(target)) == {("device", "(0020,4000)")}


def test_what_the_plan_writes_is_no_finding_and_is_said(tmp_path):
    source = source_dataset()
    source.PatientID = "BICAM_0012"

    case = Case(tmp_path, source)

    assert case.examine(clean_dataset()) == []
    assert "(0010,0020) equals what the plan writes." in case.terms.dropped


@pytest.mark.parametrize("name", ["HEAD", "TEST", "REMOVED", "ANONYMOUS", "Phantom^Head", "MR"])
def test_a_patient_called_like_an_ordinary_word_raises_no_alarm_and_is_said(tmp_path, name):
    source = source_dataset()
    source.PatientName = name

    case = Case(tmp_path, source)
    target = clean_dataset()
    target.ImageComments = "head phantom test, removed"

    assert case.examine(target) == []
    assert any(sentence.startswith("(0010,0010)") for sentence in case.terms.dropped)


def test_an_ordinary_name_left_in_its_own_element_is_still_found(tmp_path):
    source = source_dataset()
    source.PatientName = "HEAD"
    target = clean_dataset()
    target.PatientName = "Head"

    assert places(Case(tmp_path, source).examine(target)) == {("name", "(0010,0010)")}


@pytest.mark.parametrize(
    "text",
    [
        "P4^P101",
        "Mb. Bechterew, Hodgkin",
        "Mariell protocol",
        "TR 19.720315 s",
        "1.2.3.13836033390.4",
        "0.91122333",
        "storm 14B",
        "University hospital protocol",
    ],
)
def test_text_that_only_resembles_a_value_is_no_finding(case, text):
    target = clean_dataset()
    target.ImageComments = text

    assert case.examine(target) == []


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("pnr 278243 27454", "national_id"),
        ("kontakt ola@sykehus.invalid", "email"),
        ("tlf +47 400 00 000", "phone"),
    ],
)
def test_forms_of_identifiers_are_found_without_a_source(case, text, kind):
    target = clean_dataset()
    target.ImageComments = text

    assert (kind, "(0020,4000)") in places(case.examine(target))


def test_numbers_that_are_no_identity_numbers_are_left_alone(case):
    target = clean_dataset()
    target.ImageComments = "27824327455, 12345678901 and 2.25.27824327454"

    assert case.examine(target) == []


@pytest.mark.parametrize(
    ("character_set", "name"),
    [
        (["ISO 2022 IR 6", "ISO 2022 IR 87"], "Yamada^Tarou=山田^太郎"),
        ("ISO_IR 192", "Žižková^Jiřina"),
        ("ISO_IR 144", "Люксембург^Роза"),
        ("GB18030", "Wang^XiaoDong=王^小东"),
    ],
)
def test_names_in_other_character_sets_are_found(tmp_path, character_set, name):
    source, target = source_dataset(), clean_dataset()
    source.PatientAddress = ""
    source.SpecificCharacterSet = target.SpecificCharacterSet = character_set
    source.PatientName = name
    target.ImageComments = "hos " + name.rpartition("=")[2].replace("^", " ")

    findings = Case(tmp_path, source).examine(target)

    assert ("name", "(0020,4000)") in places(findings)


def test_a_character_set_of_one_item_is_obeyed(tmp_path):
    source, target = source_dataset(), clean_dataset()
    source.PatientAddress = ""
    source.SpecificCharacterSet = "ISO_IR 144"
    source.PatientName = "Люксембург^Роза"
    with_item(target, SpecificCharacterSet="ISO_IR 144", RequestedProcedureDescription="Люксембург")

    findings = Case(tmp_path, source).examine(target)

    assert places(findings) == {("name", "(0040,0275)[1](0032,1060)")}


def test_a_file_name_that_holds_a_name_is_found(case):
    path = case.save(clean_dataset(), "Bjornstad_1.dcm")

    assert places(case.examine_file(path)) == {("name", "file name")}


def test_a_cut_off_output_is_unreadable(case):
    path = case.save(clean_dataset())
    path.write_bytes(path.read_bytes()[:-100])

    assert "unreadable" in {finding.kind for finding in case.examine_file(path)}


def test_fingerprints_are_equal_for_the_same_context_with_another_counter(case):
    prints = []
    for text in ("image 12 of Bjornstad", "image 13 of Bjornstad", "image 12 of Kvamsdal"):
        target = clean_dataset()
        target.ImageComments = text
        (finding,) = case.examine(target)
        prints.append(finding.fingerprint)

    assert prints[0] == prints[1] != prints[2]


def test_terms_survive_being_stored(case):
    stored = json.loads(json.dumps(case.terms.as_data()))

    restored = SearchTerms.from_data(stored)

    assert set(restored.terms()) == set(case.terms.terms())
    assert restored.uids == case.terms.uids
    assert restored.as_data() == case.terms.as_data()


def test_terms_stored_by_the_version_before_still_find_what_was_left(case):
    stored = json.loads(json.dumps(case.terms.as_data())) | {"version": 2}
    del stored["in_element"], stored["is_pairing_needed"]
    target = clean_dataset()
    target.StudyDate = "20200315"

    check = LeakCheck(SearchTerms.from_data(stored))

    assert places(check.examine(case.source, case.save(target))) == {("date", "(0008,0020)")}


def test_terms_from_elsewhere_are_searched(case):
    case.terms.add("name", "Sibling^Sunniva")
    target = clean_dataset()
    target.ImageComments = "se også Sunniva"

    (finding,) = case.examine(target)

    assert (finding.kind, finding.source_path) == ("name", "")


def test_a_real_study_that_was_not_deidentified_is_found(case):
    path = next((DATA / "dcm_qa_nih" / "In").rglob("*.dcm"))
    terms = SearchTerms()
    terms.read(path)

    kinds = {finding.kind for finding in LeakCheck(terms).examine(path, path)}

    assert {"uid", "date"} <= kinds
