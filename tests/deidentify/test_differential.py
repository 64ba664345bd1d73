"""Against pydicom, over real studies: the kept is identical, the changed as decided."""

import warnings
from collections import Counter
from pathlib import Path

import pytest
from pydicom import dcmread
from pydicom.data import get_testdata_files

from deidentify.decisions import Where, part
from deidentify.errors import Refused
from deidentify.file_meta import BIG_ENDIAN, DEFLATED
from deidentify.plan import compile_plan
from deidentify.rewrite import rewrite
from deidentify.uids import CLASS_UIDS, names_a_class
from tests.deidentify.samples import identity, real_files

SETS = ("dcm_qa_nih", "dcm_qa_enh", "dcm_qa_agfa", "dcm_qa_12bit", "dcm_qa_pdt2", "dcm_qa_ct")
PER_FOLDER = 3
KEPT = "K"


def some(files):
    """A few files of every folder: the others are like them."""
    seen = Counter()
    for path in files:
        seen[path.parent] += 1
        if seen[path.parent] <= PER_FOLDER:
            yield path


def compare(before, after, plan, where):
    """Check every element of one data set against the plan's decision."""
    checked = 0
    for element in before:
        tag = int(element.tag)
        if element.tag.is_private_creator:
            continue
        creator = None
        if element.tag.is_private:
            block = before.get((element.tag.group, element.tag.element >> 8))
            creator = str(block.value).strip() if block else None
        decision = plan.decide(where, tag, str(element.VR), creator)
        if decision.action == KEPT:
            assert element.tag in after, f"{element.tag} went"
            assert after[element.tag].value == element.value, f"{element.tag} changed"
            assert after[element.tag].VR == element.VR
        elif decision.action == "X" and element.VR != "UN":
            assert element.tag not in after, f"{element.tag} stayed"
        elif decision.action == "Z":
            assert not after[element.tag].value
        elif decision.action == "U" and element.value:
            old = [element.value] if element.VM == 1 else element.value
            new = after[element.tag].value
            new = [new] if after[element.tag].VM == 1 else new
            wanted = [
                str(uid)
                if tag in CLASS_UIDS and names_a_class(str(uid).encode())
                else plan.new_uid(str(uid))
                for uid in old
            ]
            assert wanted == [str(uid) for uid in new] or plan.profile.name == "mmiv-2019"
        elif decision.action in "QR" and element.VR == "SQ":
            inside = Where(
                parents=(*where.parents, part(tag, creator)),
                tags=(*where.tags, tag),
                sop_class_uid=where.sop_class_uid,
                strict=where.strict or decision.action == "R",
            )
            assert len(after[element.tag].value) == len(element.value)
            for old, new in zip(element.value, after[element.tag].value, strict=True):
                checked += compare(old, new, plan, inside)
        checked += 1
    return checked


def checked_file(path, target, plan):
    try:
        rewrite(path, target, plan, digest=False)
    except Refused:
        return 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        before, after = dcmread(path, force=True), dcmread(target)
        syntax = str(before.file_meta.get("TransferSyntaxUID", "")).encode()
        if syntax == BIG_ENDIAN or syntax in DEFLATED or not syntax:
            return 0
        where = Where(sop_class_uid=str(before.SOPClassUID))
        assert before.get("PixelData") == after.get("PixelData")
        tags = [element.tag for element in after]
        assert tags == sorted(tags)
        return compare(before, after, plan, where)


@pytest.mark.parametrize("profile", ["research", "basic", "mmiv-2019"])
@pytest.mark.parametrize("name", SETS)
def test_real_studies_keep_what_the_plan_keeps_to_the_byte(tmp_path, name, profile):
    plan = compile_plan(profile, identity=identity())

    files = some(real_files(name))
    checked = sum(checked_file(path, tmp_path / "target.dcm", plan) for path in files)

    assert checked > 100


def test_pydicoms_own_files_keep_what_the_plan_keeps(tmp_path):
    plan = compile_plan(identity=identity())

    checked = [
        checked_file(Path(name), tmp_path / "target.dcm", plan)
        for name in get_testdata_files()
        if "dicomdirtests" not in name
    ]

    assert sum(count > 0 for count in checked) > 40
