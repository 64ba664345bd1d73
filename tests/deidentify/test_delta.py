"""Delta plans: what a newer plan still does to what an earlier run made."""

import warnings
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest
from pydicom import dcmread
from pydicom.data import get_testdata_files
from pydicom.dataset import Dataset

from deidentify.decisions import Where, part
from deidentify.delta import delta_plan, is_too_late
from deidentify.errors import Refused, UsageError
from deidentify.explain import Explainer
from deidentify.known import Known
from deidentify.plan import compile_plan
from deidentify.rewrite import rewrite
from deidentify.rules import Rule
from tests.deidentify.samples import brain, identity, real_files, save

SETS = ("dcm_qa_nih", "dcm_qa_enh", "dcm_qa_agfa", "dcm_qa_12bit", "dcm_qa_pdt2", "dcm_qa_ct")
LARGEST = 3_000_000
COMMENTS = "(0020,4000)"
NEWER = {
    "the same plan": {},
    "the basic profile": {"profile": "basic"},
    "no device identity": {"options": ["no-retain-device-identity"]},
    "coarse times": {"options": ["coarse-times"]},
    "rules": {
        "rules": [
            Rule("(0008,103E)", "empty"),
            Rule("(0018,1030)", "remove"),
            Rule("(0008,0008)", "clean"),
            Rule('(0029,"SIEMENS CSA HEADER",xx)', "remove"),
            Rule("(0008,9092)", "remove"),
        ]
    },
}


def plan(profile="research", **chosen):
    return compile_plan(profile, identity=identity(), **chosen)


def some_files():
    """One file of every folder of the real studies, and pydicom's own."""
    seen = Counter()
    for name in SETS:
        for path in real_files(name):
            seen[path.parent] += 1
            if seen[path.parent] == 1 and path.stat().st_size < LARGEST:
                yield path
    for name in get_testdata_files():
        if "dicomdirtests" not in name and Path(name).stat().st_size < LARGEST:
            yield Path(name)


@pytest.fixture(scope="module")
def copies(tmp_path_factory):
    """What the first run made of real files."""
    folder = tmp_path_factory.mktemp("copies")
    first = plan()
    made = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for number, path in enumerate(some_files()):
            try:
                rewrite(path, folder / f"{number}.dcm", first, digest=False)
            except Refused:
                continue
            made.append(folder / f"{number}.dcm")
    return made


def made_over(source, target, *plans, known=None):
    """Run the last of some plans over what the others made; return the new data set."""
    rewrite(source, target, delta_plan(plans[:-1], plans[-1]), known=known)
    return dcmread(target)


def first_and_over(tmp_path, dataset, *plans, known=None):
    """Run the first of some plans over an original and the others one over the other."""
    path = tmp_path / "0.dcm"
    rewrite(save(dataset, tmp_path / "original.dcm"), path, plans[0])
    for number in range(1, len(plans)):
        after = tmp_path / f"{number}.dcm"
        made_over(path, after, *plans[: number + 1], known=known)
        path = after
    return dcmread(tmp_path / "0.dcm"), dcmread(path)


def compare(before, after, delta, where):
    """Check every element of a copy against what the delta plan decides; count by letter."""
    counts = Counter()
    for element in before:
        tag, vr = int(element.tag), str(element.VR)
        if element.tag.is_private_creator:
            continue
        creator = None
        if element.tag.is_private:
            block = before.get((element.tag.group, element.tag.element >> 8))
            creator = str(block.value).strip() if block else None
        letter = delta.decide(where, tag, vr, creator).action
        counts[letter] += 1
        if letter == "X":
            assert element.tag not in after, f"{element.tag} stayed"
        elif letter == "L":
            assert after[element.tag].value == element.value, f"{element.tag} changed"
            assert after[element.tag].VR == element.VR
        elif letter == "Q" and vr == "SQ":
            inside = Where(
                (*where.parents, part(tag, creator)), (*where.tags, tag), where.sop_class_uid
            )
            items = zip(element.value, after[element.tag].value, strict=True)
            for old, new in items:
                counts += compare(old, new, delta, inside)
        elif letter == "Z":
            assert not after[element.tag].value
    return counts


@pytest.mark.parametrize("newer", NEWER.values(), ids=NEWER)
def test_everything_that_the_delta_does_not_take_stays_as_it_is(copies, newer, tmp_path):
    delta = delta_plan([plan()], plan(**newer))
    counts = Counter()

    for copy in copies:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            written = rewrite(copy, tmp_path / "after.dcm", delta)
            before, after = dcmread(copy), dcmread(tmp_path / "after.dcm")
            counts += compare(before, after, delta, Where(sop_class_uid=str(before.SOPClassUID)))
        assert after.get("PixelData") == before.get("PixelData")
        assert written.sop_instance_uid == before.SOPInstanceUID
        if not newer:
            assert (tmp_path / "after.dcm").read_bytes() == copy.read_bytes()

    assert len(copies) > 40
    assert counts["L"] > 1000
    assert not counts.keys() & set("USNY")


@pytest.mark.parametrize("newer", NEWER.values(), ids=NEWER)
def test_a_second_run_over_it_gives_the_same_bytes(copies, newer, tmp_path):
    first, then = plan(), plan(**newer)
    once, again = delta_plan([first], then), delta_plan([first, then], then)

    for copy in copies:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            rewrite(copy, tmp_path / "once.dcm", once, digest=False)
            rewrite(tmp_path / "once.dcm", tmp_path / "same.dcm", once, digest=False)
            rewrite(tmp_path / "once.dcm", tmp_path / "again.dcm", again, digest=False)
        made = (tmp_path / "once.dcm").read_bytes()
        assert (tmp_path / "same.dcm").read_bytes() == made
        assert (tmp_path / "again.dcm").read_bytes() == made


@pytest.mark.parametrize(
    "newer",
    [
        {"rules": [Rule("(0008,1030)", "remove")]},
        {"rules": [Rule("(0008,1030)", "replace", "HEAD")]},
        {"rules": [Rule("(0010,0040)", "empty")]},
        {"options": ["no-retain-device-identity"]},
        {"options": ["no-retain-patient-characteristics"]},
        {"options": ["no-clean-descriptors"]},
        {"options": ["coarse-times"]},
        {"options": ["no-retain-safe-private"]},
        {"options": ["no-modified-dates"]},
    ],
)
def test_over_the_copy_comes_what_would_come_of_the_original(tmp_path, newer):
    dataset = brain(DeviceSerialNumber="SN-7719", ProtocolName="t1 mprage", PatientWeight="61")
    block = dataset.private_block(0x0051, "SIEMENS MR HEADER", create=True)
    block.add_new(0x0F, "LO", "HEA;HEP")
    then = plan(**newer)

    _, over = first_and_over(tmp_path, dataset, plan(), then)
    rewrite(tmp_path / "original.dcm", tmp_path / "anew.dcm", then)

    anew = dcmread(tmp_path / "anew.dcm")

    # what the first run wrote of itself in there is a text like any other to the second
    for one in (over, anew):
        del one.ContributingEquipmentSequence
    assert over == anew


def test_dates_are_never_shifted_twice_and_uids_never_drawn_twice(tmp_path):
    dataset = brain(FrameOfReferenceUID="1.2.3.4.9", ContentDate="20240312")
    once, over = first_and_over(
        tmp_path,
        dataset,
        plan(),
        plan(options=["coarse-times"]),
        plan(rules=[Rule(COMMENTS, "remove")]),
    )

    for keyword in ("StudyDate", "ContentDate", "FrameOfReferenceUID", "SOPInstanceUID"):
        assert once[keyword].value == over[keyword].value
        assert once[keyword].value != dataset[keyword].value
    assert over.StudyID == once.StudyID
    assert over.AccessionNumber == once.AccessionNumber


def test_text_that_was_kept_is_cleaned_of_what_is_known_from_elsewhere(tmp_path):
    kept = Rule("(0008,1030)", "keep")
    dataset = brain(StudyDescription="MR hjerne Solbakken")
    known = Known()
    known.add("name", "Solbakken^Turid")

    once, over = first_and_over(tmp_path, dataset, plan(rules=[kept]), plan(), known=known)

    assert once.StudyDescription == "MR hjerne Solbakken"
    assert over.StudyDescription == "MR hjerne"


def test_codes_stay_true_of_what_both_runs_carried_out(tmp_path):
    def codes(dataset):
        return {item.CodeValue for item in dataset.DeidentificationMethodCodeSequence}

    kept = plan(options=["full-dates", "no-retain-device-identity"])
    other = plan(options=["no-retain-patient-characteristics"])

    once, over = first_and_over(tmp_path, brain(), kept, other)

    assert {"113106", "113108"} <= codes(once)
    # what is no longer kept goes; what never was kept is not there; dates stay full
    assert codes(once) - codes(over) == {"113108"}
    assert codes(over) - codes(once) == set()
    assert over.LongitudinalTemporalInformationModified == "UNMODIFIED"
    assert over.DeidentificationMethod == once.DeidentificationMethod


def test_another_profile_is_named_beside_the_first(tmp_path):
    _, over = first_and_over(tmp_path, brain(), plan(), plan("basic"))

    assert [value.split()[-1] for value in over.DeidentificationMethod] == ["research", "basic"]
    assert [i.CodeValue for i in over.DeidentificationMethodCodeSequence] == ["113100"]
    assert over.LongitudinalTemporalInformationModified == "REMOVED"


def test_what_only_an_original_can_be_made_into_stays_and_is_told(tmp_path):
    kept = plan(options=["full-dates", "retain-uids"])
    once, over = first_and_over(tmp_path, brain(), kept, plan())
    lines = Explainer(delta_plan([kept], plan())).explain(tmp_path / "0.dcm")

    late = {line.keyword for line in lines if is_too_late(line.because) and line.kind != "empty"}

    assert {"StudyDate", "StudyInstanceUID", "SOPInstanceUID"} <= late
    assert "PatientName" not in late
    assert once.StudyDate == over.StudyDate == "20240312"
    delta = delta_plan([kept], plan())
    assert delta.may_be_too_late
    assert not delta_plan([plan()], plan(options=["coarse-times"])).may_be_too_late
    said = {element: sentence for element, _, sentence in delta.limits}
    assert "only an original can be made" in said["(0008,0020)"]


def test_what_was_taken_does_not_come_back_and_that_is_told_of_each_element(tmp_path):
    taken = plan(rules=[Rule("(0008,1030)", "remove")])
    _, over = first_and_over(
        tmp_path, brain(), taken, plan(options=["retain-institution-identity"])
    )
    delta = delta_plan([taken], plan(options=["retain-institution-identity"]))

    said = {element: sentence for element, _, sentence in delta.limits}

    assert "StudyDescription" not in over
    assert over.InstitutionName == "BICAM"
    assert (tmp_path / "1.dcm").read_bytes().count(b"\x08\x00\x80\x00LO") == 1
    assert "does not come back" in said["(0008,1030)"]
    assert "does not come back" in said["(0008,0081)"]
    assert "(0010,0010)" not in said
    assert delta_plan([plan()], plan(rules=[Rule("(0008,1030)", "remove")])).limits == []


def test_a_birth_date_that_was_kept_is_emptied_not_cut(tmp_path):
    whole, year = plan(options=["birth-date-kept"]), plan(options=["birth-date-year"])

    once, over = first_and_over(tmp_path, brain(), whole, year)
    cut, still = first_and_over(tmp_path, brain(), year, plan(options=["birth-date-january"]))

    assert (once.PatientBirthDate, over.PatientBirthDate) == ("19600313", "")
    assert cut.PatientBirthDate == still.PatientBirthDate == "19600701"


def test_a_map_that_was_carried_out_is_not_carried_out_on_its_own_results(tmp_path):
    swaps = Rule.of_values("(0018,1030)", {"t1": "t2", "t2": "t1"}, "keep")

    once, over = first_and_over(
        tmp_path,
        brain(ProtocolName="t1"),
        plan(rules=[swaps]),
        plan(rules=[swaps, Rule(COMMENTS, "remove")]),
    )

    assert once.ProtocolName == over.ProtocolName == "t2"


def test_between_the_old_installation_and_a_profile_nothing_is_run_over_a_copy():
    with pytest.raises(UsageError, match="Bring the study in again"):
        delta_plan([plan("mmiv-2019")], plan())


def test_rules_inside_sequences_reach_the_copy(tmp_path):
    dataset = brain()
    item = Dataset()
    item.SeriesDescription = "localiser"
    item.ReferencedSOPClassUID = dataset.SOPClassUID
    item.ReferencedSOPInstanceUID = "1.2.3.4.77"
    dataset.ReferencedImageSequence = [item]

    once, over = first_and_over(
        tmp_path, dataset, plan(), plan(rules=[Rule("(0008,1140)(0008,103E)", "remove")])
    )

    assert once.ReferencedImageSequence[0].SeriesDescription == "localiser"
    assert "SeriesDescription" not in over.ReferencedImageSequence[0]
    uids = [one.ReferencedImageSequence[0].ReferencedSOPInstanceUID for one in (once, over)]
    assert all(old == new for old, new in pairwise(uids))
