"""Explaining: what is told of every element is what the rewriting does, on any file."""

import re
import warnings
from collections import Counter
from pathlib import Path

import pytest
from pydicom import config, dcmread
from pydicom.data import get_charset_files, get_testdata_file, get_testdata_files
from pydicom.dataset import Dataset

from deidentify.decisions import ACTIONS
from deidentify.errors import Refused
from deidentify.explain import Explainer
from deidentify.plan import compile_plan
from deidentify.rewrite import rewrite
from deidentify.rules import Rule
from tests.deidentify.samples import brain, identity, raw_file, real_files, save

SETS = ("dcm_qa_nih", "dcm_qa_enh", "dcm_qa_agfa", "dcm_qa_12bit", "dcm_qa_pdt2", "dcm_qa_ct")
WRITTEN_ANEW = re.compile(r"\(0002,")


def one_of_each_folder(name):
    seen = Counter()
    for path in real_files(name):
        if path.read_bytes()[128:132] != b"DICM":
            continue
        seen[path.parent] += 1
        if seen[path.parent] == 1:
            yield path


def named(dataset, element):
    tag = element.tag
    if tag.is_private and tag.element >= 0x1000:
        block = dataset.get((tag.group, tag.element >> 8))
        if block is not None and str(block.value).strip(" \0"):
            creator = str(block.value).strip(" \0")
            return f'({tag.group:04X},"{creator}",{tag.element & 0xFF:02X})'
    return f"({tag.group:04X},{tag.element:04X})"


def observed(dataset, prefix=""):
    """Every element by its path, as explain writes paths; sequences by their number of items."""
    found = {}
    for element in dataset:
        path = prefix + named(dataset, element)
        if element.VR == "SQ":
            found[path] = ("SQ", len(element.value))
            for number, item in enumerate(element.value, 1):
                found |= observed(item, f"{path}[{number}]")
        else:
            found[path] = (element.VR, element.value)
    return found


def read(path):
    with warnings.catch_warnings(), config.disable_value_validation():
        warnings.simplefilter("ignore")
        return observed(dcmread(path, force=True))


def disagreements(lines, before, after):
    """Where what was told is not what can be seen to have happened."""
    wrong = []
    told = {line.path: line for line in lines if not WRITTEN_ANEW.match(line.path)}
    for path, line in told.items():
        if line.vr == "SQ" or path == "preamble" or path.startswith("(7FE0"):
            continue
        there, was_there = path in after, path in before
        happened = {
            "stays": there and was_there and same(before[path], after[path]),
            "changed": there and was_there and not same(before[path], after[path]),
            "removed": not there or not was_there,
            "emptied": there and after[path][1] in ("", None, [], b""),
            "written": there,
            "entered": True,
        }[line.outcome]
        if not happened:
            wrong.append((path, line.vr, line.action, line.outcome, line.because))
    # Group lengths do not survive where pydicom had to write a file anew first.
    unsaid = [
        path
        for path in before
        if path not in told and not path.startswith("(7FE0") and not path.endswith(",0000)")
    ]
    return wrong, unsaid


def same(old, new):
    return old[1] == new[1] or str(old[1]).strip(" \0") == str(new[1]).strip(" \0")


def check(path, target, explainer, plan):
    """Explain and rewrite one file; both refuse it, or both say the same."""
    try:
        lines = explainer.explain(path)
    except Refused as refused:
        with pytest.raises(Refused, match=re.escape(refused.sentence)):
            rewrite(path, target, plan)
        return 0
    rewrite(path, target, plan)
    before, after = read(path), read(target)
    wrong, unsaid = disagreements(lines, before, after)
    assert not wrong, path
    assert not unsaid, path
    assert all(line.because and line.action in ACTIONS for line in lines)
    return len(lines)


@pytest.mark.parametrize("profile", ["research", "basic", "mmiv-2019"])
@pytest.mark.parametrize("name", SETS)
def test_what_is_told_of_real_studies_is_what_happens(tmp_path, name, profile):
    plan = compile_plan(profile, identity=identity())
    explainer = Explainer(plan)

    told = [
        check(path, tmp_path / "target.dcm", explainer, plan) for path in one_of_each_folder(name)
    ]

    assert sum(told) > 60


def test_what_is_told_of_pydicoms_files_is_what_happens(tmp_path):
    plan = compile_plan(identity=identity())
    explainer = Explainer(plan)
    files = [Path(name) for name in get_testdata_files() + get_charset_files("*")]

    told = [check(path, tmp_path / "target.dcm", explainer, plan) for path in files]

    assert sum(count > 0 for count in told) > 120


def test_no_value_is_told_unless_it_is_asked_for(tmp_path):
    source = save(brain(), tmp_path / "in.dcm")
    plan = compile_plan(identity=identity())

    quiet = repr(Explainer(plan).explain(source))
    loud = repr(Explainer(plan, show_values=True).explain(source))

    for value in ("Bjørnstad", "13836033390", "1.2.3.4.1", "Fjordheim", "19600313"):
        assert value not in quiet
        assert value in loud


def test_a_class_of_value_stands_for_each_value(tmp_path):
    dataset = brain(ImageComments="to ord", PatientID="13836033390", WindowCenter=[40, 80])
    dataset.PatientBirthDate = ""
    source = save(dataset, tmp_path / "in.dcm")

    kinds = {line.keyword: line.kind for line in explained(source)}

    assert kinds["SOPClassUID"] == "well-known UID"
    assert kinds["SOPInstanceUID"] == "UID"
    assert kinds["ImageComments"] == "text of 2 words"
    assert kinds["PatientID"] == "text of digits"
    assert kinds["PatientBirthDate"] == "empty"
    assert kinds["WindowCenter"] == "2 numbers"
    assert kinds["ImageType"] == "3 codes"
    assert kinds["StudyDate"] == "date"


def explained(source, **choices):
    return Explainer(compile_plan(identity=identity(), **choices)).explain(source)


def test_each_layer_is_named_as_the_one_that_decided(tmp_path):
    dataset = brain(OperatorsName="Berg^Ola", SeriesDescription="T1", ProtocolName="hode")
    dataset.add_new(0x00190010, "LO", "SIEMENS MR HEADER")
    dataset.add_new(0x0019100C, "IS", "1000")
    dataset.add_new(0x00290010, "LO", "NOBODY KNOWS")
    dataset.add_new(0x00291010, "LO", "secret")
    source = save(dataset, tmp_path / "in.dcm")

    lines = explained(source, rules=[Rule("(0018,1030)", "remove")])

    because = {line.path: (line.outcome, line.because) for line in lines}
    assert because["(0018,1030)"] == ("removed", "rule of the project: (0018,1030) remove")
    assert because["(0010,0010)"][1] == "written by de-identification"
    assert because["(0012,0062)"] == ("written", "written by de-identification, was absent")
    assert because["(0008,1070)"][1].startswith("E.1-1 Operators' Name")
    assert because["(0008,103E)"][1].endswith("by descriptors")
    assert because['(0019,"SIEMENS MR HEADER",0C)'][0] == "stays"
    assert because["(0019,0010)"] == ("stays", "stays with the first element it vouches for")
    assert because["(0029,0010)"] == ("removed", "no element that it vouches for stays")
    assert "safe list" in because['(0029,"NOBODY KNOWS",10)'][1]


def test_a_compound_code_is_told_with_the_type_that_settled_it(tmp_path):
    source = save(brain(ContentDate="20240312"), tmp_path / "in.dcm")

    lines = explained(source, profile="basic")

    (line,) = [line for line in lines if line.keyword == "ContentDate"]
    assert line.because.startswith("E.1-1 Content Date: Z/D, type ")


def test_items_are_counted_and_what_goes_with_its_sequence_is_told(tmp_path):
    dataset = brain()
    dataset.SourceImageSequence = [item(1), item(2)]
    dataset.RequestAttributesSequence = [item(1)]
    dataset.RequestAttributesSequence[0].ScheduledProcedureStepID = "S1"
    source = save(dataset, tmp_path / "in.dcm")

    rules = [Rule("(0008,2112)", "keep")]
    lines = {line.path: line for line in explained(source, profile="basic", rules=rules)}

    assert lines["(0008,2112)[2](0008,1155)"].outcome == "changed"
    inner = lines["(0040,0275)[1](0040,0009)"]
    assert (inner.outcome, inner.because) == ("removed", "goes with the sequence that holds it")


def item(number):
    dataset = Dataset()
    dataset.ReferencedSOPClassUID = "1.2.840.10008.5.1.4.1.1.4"
    dataset.ReferencedSOPInstanceUID = f"1.2.3.4.7.{number}"
    return dataset


def test_what_is_done_inside_compressed_frames_is_said():
    (line,) = [
        line
        for line in explained(Path(get_testdata_file("JPEG2000.dcm")))
        if line.keyword == "PixelData"
    ]

    assert (line.action, line.outcome) == ("K", "stays")
    assert "comments inside compressed frames are overwritten" in line.because


def test_a_broken_file_is_refused_in_the_words_of_the_run(tmp_path):
    source = raw_file(tmp_path, lambda data: data[:-7])

    with pytest.raises(Refused, match="ends in the middle"):
        explained(source)
