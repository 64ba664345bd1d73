"""Time the engine against `cp -r` on the same generated CT series, one process, in memory.

The copy is the least that anybody could do with the files, so the ratio says what de-identifying
costs on top, and can be compared across machines. Each is done several times in turn, and the
fastest counts: what is slower was disturbed by something else.

    make bench
    .venv/bin/python -m benchmarks.engine_against_copy --images 1000 --rounds 9

The engine's time holds the SHA-256 of every output, which a copy does not draw. Only this one kind
of file is measured: nothing is said about MR with private headers, compressed or multi-frame
images, nor about the leak check.
"""

import argparse
import platform
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, generate_uid

from deidentify.identity import Identity
from deidentify.plan import Plan, compile_plan
from deidentify.rewrite import rewrite

MEMORY = Path("/dev/shm")
ROWS = COLUMNS = 512


def write_series(folder: Path, images: int) -> int:
    """Write a CT series of an invented patient; return its size in bytes."""
    folder.mkdir()
    pixels = np.random.default_rng(0).integers(0, 4096, (ROWS, COLUMNS), dtype="<u2").tobytes()
    shared = invented_ct()
    shared.PixelData = pixels
    for number in range(1, images + 1):
        shared.SOPInstanceUID = shared.file_meta.MediaStorageSOPInstanceUID = generate_uid()
        shared.InstanceNumber = number
        shared.ImagePositionPatient = [-250, -250, -1.25 * number]
        shared.SliceLocation = -1.25 * number
        shared.save_as(folder / f"{number:06}.dcm", enforce_file_format=True)
    return sum(path.stat().st_size for path in folder.iterdir())


def invented_ct() -> Dataset:
    """Return what all images of the series have in common."""
    ct = Dataset()
    ct.file_meta = FileMetaDataset()
    ct.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    ct.file_meta.MediaStorageSOPClassUID = ct.SOPClassUID = CTImageStorage
    ct.StudyInstanceUID, ct.SeriesInstanceUID = generate_uid(), generate_uid()
    ct.FrameOfReferenceUID = generate_uid()
    ct.PatientName, ct.PatientID = "Oppdiktet^Person", "X-1001"
    ct.PatientBirthDate, ct.PatientSex, ct.PatientAge = "19500517", "F", "074Y"
    ct.StudyDate = ct.SeriesDate = ct.AcquisitionDate = ct.ContentDate = "20240312"
    ct.StudyTime = ct.SeriesTime = ct.AcquisitionTime = ct.ContentTime = "101500"
    ct.AccessionNumber, ct.StudyID, ct.SeriesNumber = "ACC-7001", "7001", 2
    ct.InstitutionName, ct.ReferringPhysicianName = "Oppdiktet sykehus", "Lege^Oppdiktet"
    ct.Manufacturer, ct.ManufacturerModelName = "Invented", "Model 1"
    ct.StationName, ct.DeviceSerialNumber = "CT1", "12345"
    ct.StudyDescription, ct.SeriesDescription = "CT thorax", "Lung 1.25"
    ct.Modality, ct.BodyPartExamined = "CT", "CHEST"
    ct.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
    ct.KVP, ct.SliceThickness, ct.ConvolutionKernel = 120, 1.25, "LUNG"
    ct.RescaleIntercept, ct.RescaleSlope = -1024, 1
    ct.WindowCenter, ct.WindowWidth = -600, 1500
    ct.PatientPosition, ct.ImageOrientationPatient = "HFS", [1, 0, 0, 0, 1, 0]
    ct.PixelSpacing, ct.Rows, ct.Columns = [0.9766, 0.9766], ROWS, COLUMNS
    ct.SamplesPerPixel, ct.PhotometricInterpretation = 1, "MONOCHROME2"
    ct.BitsAllocated, ct.BitsStored, ct.HighBit, ct.PixelRepresentation = 16, 12, 11, 0
    return ct


def copy(source: Path, target: Path) -> None:
    """Copy the folder as a person would."""
    subprocess.run(["cp", "-r", source, target], check=True)


def deidentify(source: Path, target: Path, plan: Plan) -> None:
    """Rewrite each file of the folder with one plan."""
    target.mkdir()
    for path in source.iterdir():
        rewrite(path, target / path.name, plan)


def seconds(work: Callable[[Path], None], target: Path) -> float:
    """Return how long some work into an empty place takes, and clear the place."""
    start = time.perf_counter()
    work(target)
    elapsed = time.perf_counter() - start
    shutil.rmtree(target)
    return elapsed


def main() -> None:
    """Measure, and print the two times and their ratio."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--images", type=int, default=300, help="images of the series (300)")
    parser.add_argument("--rounds", type=int, default=5, help="how often each is timed (5)")
    options = parser.parse_args()

    identity = Identity(project="BENCH", pseudonym="BENCH_001", secret=bytes(range(32)))
    plan = compile_plan("research", identity=identity)
    with TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as folder:
        source, target = Path(folder) / "source", Path(folder) / "target"
        size = write_series(source, options.images)
        copied, rewritten = [], []
        for _ in range(options.rounds):
            copied.append(seconds(lambda place: copy(source, place), target))
            rewritten.append(seconds(lambda place: deidentify(source, place, plan), target))

    per_image = 1000 / options.images
    print(f"CT, {options.images} images, {size / 1e6:.0f} MB, one process, in memory")
    print(f"Python {platform.python_version()}, {platform.machine()}, best of {options.rounds}")
    print(f"cp -r        {min(copied):7.3f} s   {min(copied) * per_image:6.3f} ms an image")
    print(f"de-identify  {min(rewritten):7.3f} s   {min(rewritten) * per_image:6.3f} ms an image")
    print(f"ratio        {min(rewritten) / min(copied):7.2f}")


if __name__ == "__main__":
    main()
