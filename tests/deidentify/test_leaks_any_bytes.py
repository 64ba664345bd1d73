"""Whatever stands around it is found, and whatever is damaged never crashes the check."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydicom.uid import DeflatedExplicitVRLittleEndian

from deidentify.leaks import reading
from tests.deidentify.leak_cases import (
    PRIVATE,
    Case,
    clean_dataset,
    source_dataset,
    with_item,
    with_private,
)


@pytest.fixture
def case(tmp_path):
    return Case(tmp_path)


def places(findings):
    return {(finding.kind, finding.path) for finding in findings}


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(before=st.binary(max_size=40), after=st.binary(max_size=40))
def test_a_long_name_is_found_between_any_bytes(case, before, after):
    value = before + b" Kvamsdal " + after
    target = with_private(clean_dataset(), value + b"\0" * (len(value) % 2))

    assert ("physician", PRIVATE) in places(case.examine(target))


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(cut=st.integers(0, 1500), flips=st.dictionaries(st.integers(0, 1500), st.integers(0, 255)))
def test_damaged_outputs_never_crash_the_check(case, cut, flips):
    path = case.save(with_item(clean_dataset(), ScheduledProcedureStepDescription="kne"))
    raw = bytearray(path.read_bytes())
    for at, byte in flips.items():
        raw[at % len(raw)] = byte
    path.write_bytes(bytes(raw[: len(raw) - cut % len(raw)]))

    assert isinstance(case.examine_file(path), list)


@pytest.mark.parametrize("keyword", ["ImageType", "ScanOptions", "BodyPartExamined"])
def test_a_name_is_searched_though_the_source_has_it_where_a_code_belongs(tmp_path, keyword):
    source, target = source_dataset(), clean_dataset()
    setattr(source, keyword, "BJORNSTAD")
    target.ImageComments = "seen with Bjornstad"

    findings = Case(tmp_path, source).examine(target)

    assert ("name", "(0020,4000)") in places(findings)


def test_what_is_deflated_to_more_than_can_be_searched_is_said(case, monkeypatch):
    target = clean_dataset()
    target.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    before = case.examine(target)
    monkeypatch.setattr(reading, "MOST_INFLATED", 200)

    findings = case.examine(target)

    said = "More is deflated in the file than can be searched."
    assert said not in {finding.sentence for finding in before}
    assert said in {finding.sentence for finding in findings}
