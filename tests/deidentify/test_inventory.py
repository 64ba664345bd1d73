"""The inventory's counts, judged by a plain pydicom loop over real files."""

import os
import warnings
from collections import Counter, defaultdict
from pathlib import Path

import pydicom
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydicom.data.data_manager import DATA_ROOT
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.multival import MultiValue
from pydicom.sequence import Sequence
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

from deidentify.inventory import VALUE_CAP, SeriesInventory

DATA = Path(os.environ.get("RDMA_TEST_DATA", Path(__file__).parents[3] / "shared" / "data"))
SETS = (
    "dcm_qa_12bit",
    "dcm_qa_agfa",
    "dcm_qa_ct",
    "dcm_qa_enh",
    "dcm_qa_nih",
    "dcm_qa_pdt2",
)
NO_YARDSTICK = frozenset({"UN_sequence.dcm", "priv_SQ.dcm", "rtplan_truncated.dcm"})
"""Private sequences stored as UN, which pydicom leaves as bytes, and a sequence that is cut."""
COMPARED = frozenset({"AE", "AS", "CS", "DA", "DT", "LO", "SH", "TM", "UI", "ST", "LT", "US", "SQ"})


def is_dicom(path):
    with path.open("rb") as file:
        return file.read(132)[128:] == b"DICM"


def folders(root):
    found = defaultdict(list)
    for path in sorted(root.rglob("*")):
        if path.is_file() and is_dicom(path):
            found[path.parent].append(path)
    return found


def shown(element):
    """The value as the loop reads it, for VRs whose text does not depend on formatting."""
    if element.VR == "SQ":
        count = len(element.value)
        return "1 item" if count == 1 else f"{count} items"
    value = element.value
    if value is None:
        return ""
    values = value if isinstance(value, MultiValue | list) else [value]
    return "\\".join(str(single).strip(" \0") for single in values)


def walk(dataset, prefix, found):
    for element in dataset:
        tag = element.tag
        if tag.is_private and tag.element > 0xFF:
            creator = dataset.get(pydicom.tag.Tag(tag.group, tag.element >> 8))
            owner = "" if creator is None else str(creator.value).strip()
            name = f'({tag.group:04X},"{owner}",{tag.element & 0xFF:02X})'
        else:
            name = f"({tag.group:04X},{tag.element:04X})"
        path = prefix + name
        text = shown(element) if element.VR in COMPARED else None
        found.add((path, text if text is None or len(text) <= 256 else None))
        if element.VR == "SQ":
            for item in element.value:
                walk(item, path, found)


def plain_counts(files):
    instances, values = Counter(), Counter()
    for path in files:
        found = set()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            walk(pydicom.dcmread(path), "", found)
        instances.update({path for path, _ in found})
        values.update((path, text) for path, text in found if text is not None)
    return instances, values


def inventory_of(files):
    inventory = SeriesInventory()
    for path in files:
        inventory.add(path)
    return {row.path: row for row in inventory.rows()}


def assert_same(files):
    instances, values = plain_counts(files)

    rows = inventory_of(files)

    assert {path: row.instances for path, row in rows.items()} == dict(instances)
    for (path, text), number in values.items():
        row = rows[path]
        if row.vr in COMPARED and not row.is_capped:
            assert row.values.get(text) == number, path


@pytest.mark.parametrize("name", SETS)
def test_counts_of_a_real_study_equal_those_of_a_plain_loop(name):
    series = folders(DATA / name)
    assert series

    for files in series.values():
        assert_same(files)


def readable_test_files():
    names = []
    for path in sorted((Path(DATA_ROOT) / "test_files").glob("*.dcm")):
        if not is_dicom(path) or path.name in NO_YARDSTICK:
            continue
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                walk(pydicom.dcmread(path), "", set())
        except Exception:  # noqa: BLE001 (what pydicom itself cannot read is no yardstick)
            continue
        names.append(path)
    return names


def test_counts_of_pydicoms_own_files_equal_those_of_a_plain_loop():
    files = readable_test_files()
    assert len(files) > 60

    for path in files:
        assert_same([path])


@pytest.fixture
def dataset():
    made = Dataset()
    made.file_meta = FileMetaDataset()
    made.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    made.file_meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.4"
    made.file_meta.MediaStorageSOPInstanceUID = "2.25.77"
    made.SOPClassUID = "1.2.840.10008.5.1.4.1.1.4"
    made.SOPInstanceUID = "2.25.77"
    return made


def save(dataset, path, syntax=ExplicitVRLittleEndian):
    dataset.file_meta.TransferSyntaxUID = syntax
    dataset.save_as(path, enforce_file_format=True)
    return path


@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, ImplicitVRLittleEndian])
def test_a_value_in_several_items_of_one_instance_counts_once(dataset, tmp_path, syntax):
    dataset.ReferencedImageSequence = Sequence([Dataset(), Dataset(), Dataset()])
    for item, uid in zip(
        dataset.ReferencedImageSequence, ("2.25.1", "2.25.1", "2.25.2"), strict=True
    ):
        item.ReferencedSOPInstanceUID = uid

    rows = inventory_of([save(dataset, tmp_path / "one", syntax)])

    row = rows["(0008,1140)(0008,1155)"]
    assert (row.instances, row.distinct, row.keyword) == (1, 2, "ReferencedSOPInstanceUID")
    assert row.values == {"2.25.1": 1, "2.25.2": 1}
    assert rows["(0008,1140)"].values == {"3 items": 1}


def test_a_private_element_keeps_its_path_when_its_block_moves(dataset, tmp_path):
    files = []
    for block in (0x10, 0x20):
        dataset.add_new((0x0051, block), "LO", "INVENTED HEADER")
        dataset.add_new((0x0051, block << 8 | 0x1F), "SH", "coil A")
        files.append(save(dataset, tmp_path / str(block)))
        del dataset[0x0051, block], dataset[0x0051, block << 8 | 0x1F]

    row = inventory_of(files)['(0051,"INVENTED HEADER",1F)']

    assert (row.instances, row.values, row.creator) == (2, {"coil A": 2}, "INVENTED HEADER")
    assert row.tag == "0051,xx1F"


def test_an_undefined_length_un_sequence_is_entered(dataset, tmp_path):
    item = Dataset()
    item.add_new((0x0009, 0x0010), "LO", "INNER")
    item.add_new((0x0009, 0x1001), "LO", "found")
    dataset.add_new((0x0009, 0x0010), "LO", "OUTER")
    dataset.add_new((0x0009, 0x1002), "SQ", Sequence([item]))
    path = save(dataset, tmp_path / "one")
    raw = path.read_bytes()
    path.write_bytes(raw.replace(b"\x09\x00\x02\x10SQ", b"\x09\x00\x02\x10UN"))

    rows = inventory_of([path])

    assert '(0009,"OUTER",02)(0009,"INNER",01)' in rows


def test_character_sets_are_decoded(dataset, tmp_path):
    dataset.SpecificCharacterSet = "ISO_IR 100"
    dataset.StudyDescription = "Høyre kne"

    rows = inventory_of([save(dataset, tmp_path / "one")])

    assert rows["(0008,1030)"].values == {"Høyre kne": 1}


def test_long_and_binary_values_are_cut_with_a_digest(dataset, tmp_path):
    dataset.ImageComments = "long " * 200
    dataset.add_new((0x0018, 0x9999), "UT", "very long " * 4000)
    dataset.add_new((0x0009, 0x0010), "LO", "OUTER")
    dataset.add_new((0x0009, 0x1002), "OB", bytes(range(256)) * 16)

    rows = inventory_of([save(dataset, tmp_path / "one")])

    (comment,) = rows["(0020,4000)"].values
    assert comment == ("long " * 200).strip()
    (text,) = rows["(0018,9999)"].values
    assert text.startswith("very long very ")
    assert "… (39999 characters, sha256 " in text
    assert len(text) < 32_100
    (binary,) = rows['(0009,"OUTER",02)'].values
    assert binary.startswith("4096 bytes, sha256 ")


def test_bytes_that_are_text_are_told_and_names_in_other_bytes_beside_the_digest(dataset, tmp_path):
    dataset.add_new((0x0009, 0x0010), "LO", "OUTER")
    dataset.add_new((0x0009, 0x1002), "OB", b"Kari Nordheim ")
    dataset.add_new((0x0009, 0x1003), "OB", b"\1\2ArrayDev\0\0by Kari Nordheim\0\0M\0" + bytes(64))
    dataset.add_new((0x0009, 0x1004), "UN", bytes(range(256)) * 8 + b"\0NORDHEIM^KARI\0\0")
    dataset.add_new((0x0009, 0x1005), "OB", b"\1\2Array Dev\0\0 YES \0\0M\0" + bytes(64))

    rows = inventory_of([save(dataset, tmp_path / "one")])

    told = {path: next(iter(row.values)) for path, row in rows.items() if '"OUTER"' in path}
    assert told['(0009,"OUTER",02)'] == "Kari Nordheim"
    assert told['(0009,"OUTER",03)'].endswith("; in it: by Kari Nordheim")
    assert told['(0009,"OUTER",04)'].endswith("; in it: NORDHEIM^KARI")
    assert "in it" not in told['(0009,"OUTER",05)']


def test_values_above_the_cap_are_counted_but_not_listed(dataset, tmp_path):
    inventory = SeriesInventory()
    for number in range(VALUE_CAP + 5):
        dataset.StudyDescription = f"number {number}"
        inventory.add(save(dataset, tmp_path / "one"))

    row = next(row for row in inventory.rows() if row.path == "(0008,1030)")

    assert (len(row.values), row.distinct, row.is_capped) == (VALUE_CAP, VALUE_CAP + 5, True)
    assert row.instances == VALUE_CAP + 5


def test_a_cut_off_file_is_counted_as_far_as_it_goes(dataset, tmp_path):
    dataset.StudyDescription = "before the cut"
    dataset.ImageComments = "behind the cut"
    path = save(dataset, tmp_path / "one")
    path.write_bytes(path.read_bytes()[:-6])
    inventory = SeriesInventory()

    inventory.add(path)

    assert inventory.unreadable == 1
    assert "(0008,1030)" in {row.path for row in inventory.rows()}


def test_a_deflated_file_is_counted(dataset, tmp_path):
    dataset.StudyDescription = "deflated"

    rows = inventory_of([save(dataset, tmp_path / "one", DeflatedExplicitVRLittleEndian)])

    assert rows["(0008,1030)"].values == {"deflated": 1}


@settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(cut=st.integers(0, 500), flips=st.dictionaries(st.integers(0, 500), st.integers(0, 255)))
@pytest.mark.parametrize("is_undefined", [True, False])
def test_damaged_files_never_crash_the_count(dataset, tmp_path, cut, flips, is_undefined):
    item = Dataset()
    item.StudyDescription = "inner"
    dataset.ReferencedImageSequence = Sequence([Dataset(), item])
    dataset["ReferencedImageSequence"].is_undefined_length = is_undefined
    item.is_undefined_length_sequence_item = is_undefined
    path = save(dataset, tmp_path / "one")
    raw = bytearray(path.read_bytes())
    for at, byte in flips.items():
        raw[132 + at % (len(raw) - 132)] = byte
    path.write_bytes(bytes(raw[: len(raw) - cut % len(raw)]))
    inventory = SeriesInventory()

    inventory.add(path)

    assert all(row.instances == 1 for row in inventory.rows())
