"""Media, pictures and tables of real studies of several vendors, opened with others' tools."""

import csv
import io
import subprocess
from collections import Counter
from pathlib import Path
from zipfile import ZipFile

import numpy as np
import pydicom
import pytest
from PIL import Image

from exports.specification import read_specification
from tests.exports.conftest import path_of
from tests.exports.research_copies import add_study

SETS = ("12bit", "agfa", "ct", "enh", "nih", "pdt2")
OF_EACH_FOLDER = 1
MOST = 4  # folders of a set; the rest of them are alike


def some_files(folder: Path) -> list[Path]:
    """Return the first image of the first folders of a set."""
    seen: Counter[Path] = Counter()
    found = []
    for path in sorted(folder.rglob("*")):
        if path.is_file() and is_image(path) and seen[path.parent] < OF_EACH_FOLDER:
            seen[path.parent] += 1
            found.append(path)
    return found[:: max(1, len(found) // MOST)][:MOST]


def is_image(path: Path) -> bool:
    with path.open("rb") as file:
        if file.read(132)[128:] != b"DICM":
            return False
    return "Rows" in pydicom.dcmread(path, stop_before_pixels=True)


@pytest.fixture
def members(project, build, test_data, tmp_path):
    """Give the members of a package of some images of every set, in a format, by name."""
    for number, name in enumerate(SETS, start=1):
        add_study(project, some_files(test_data / f"dcm_qa_{name}"), number=number)

    def members(kind: str, **options: object) -> dict[str, Path]:
        package = build(project, read_specification({"format": kind, "options": options}))
        assert package.sha256, package.reason
        subprocess.run(["unzip", "-tq", path_of(package)], check=True, capture_output=True)
        with ZipFile(path_of(package)) as archive:
            archive.extractall(tmp_path / "out")
            return {name: tmp_path / "out" / name for name in archive.namelist()}

    return members


def test_every_real_image_is_in_the_directory_of_a_medium(members, project):
    files = members("medium")

    command = ["dcmdump", "+P", "0004,1511", files["DICOMDIR"]]
    dumped = subprocess.run(command, check=True, capture_output=True, text=True)
    images = [path for name, path in files.items() if name.startswith("DICOM/")]
    uids = Counter(
        pydicom.dcmread(path, specific_tags=[]).file_meta[0x00020003].value for path in images
    )
    listed = Counter(line.split("[")[1].split("]")[0] for line in dumped.stdout.splitlines())
    assert listed == uids
    checked = subprocess.run(
        ["dciodvfy", files["DICOMDIR"]], check=False, capture_output=True, text=True
    )
    assert "Error" not in checked.stderr


def test_every_real_image_is_drawn_at_its_size(members):
    files = members("pictures", frames="middle")

    pictures = [path for name, path in files.items() if name.endswith(".png")]
    arrays = [np.asarray(Image.open(path)) for path in pictures]
    assert len(pictures) >= len(SETS)
    assert all(array.std() > 0 for array in arrays)
    assert '"left_out": []' in files["manifest.json"].read_text()


def test_every_real_image_has_its_row_of_headers(members, project):
    files = members("headers")

    rows = list(csv.DictReader(io.StringIO(files["headers.csv"].read_text())))
    manufacturers = {row["Manufacturer"].split()[0].upper() for row in rows}
    assert {row["PatientID"] for row in rows} == {f"BICAM_{n:04}" for n in range(1, len(SETS) + 1)}
    assert len(manufacturers) >= 3
