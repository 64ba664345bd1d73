"""The benchmark runs, and measures what it says it does."""

import subprocess
import sys
from pathlib import Path

from pydicom import dcmread

from benchmarks.engine_against_copy import write_series
from tests.house.tree import ROOT


def test_it_times_a_copy_and_the_engine_and_prints_their_ratio():
    command = [sys.executable, "-m", "benchmarks.engine_against_copy", "--images", "2"]

    ran = subprocess.run(
        [*command, "--rounds", "1"], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert ran.returncode == 0, ran.stderr
    times = dict(line.rsplit(maxsplit=1) for line in ran.stdout.splitlines() if "ratio" in line)
    assert float(times["ratio"]) > 0


def test_the_series_it_measures_is_one_ct_series_of_an_invented_patient(tmp_path: Path):
    size = write_series(tmp_path / "series", images=3)

    images = [dcmread(path) for path in (tmp_path / "series").iterdir()]
    assert len({image.SOPInstanceUID for image in images}) == 3
    assert len({image.SeriesInstanceUID for image in images}) == 1
    assert {image.pixel_array.shape for image in images} == {(512, 512)}
    assert size > 3 * 512 * 512 * 2
