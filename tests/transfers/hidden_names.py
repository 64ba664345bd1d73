"""Studies in which a name is hidden where de-identifying cannot know it: to be held, and decided.

The patient had another name before: an earlier study in quarantine says so, and the study that is
transferred does not, except in the places that are tested.
"""

import struct
from pathlib import Path

from intake.models import Study
from projects.storage import storage
from tests.datasets import make_mr_series, mr, new_uid, write
from tests.transfers.arrange import Desk, quarantine
from transfers.models import Run

NAME_NOW = "Fjell^Turid Aasen"
NAME_BEFORE = "Solbakken^Turid Aasen"
HIDDEN = b"SOLBAKKEN"

BLOCK = (0x0043, "GEMS_PARM_01", 0x2A)  # on the safe list, binary, of a form nobody knows
CSA = (0x0029, "SIEMENS CSA HEADER", 0x20)
BLOCK_PATH = '(0043,"GEMS_PARM_01",2A)'
CSA_PATH = '(0029,"SIEMENS CSA HEADER",20)'


def earlier_study(folder: Path, desk: Desk) -> Study:
    """Bring into quarantine a study of the same patient under the name of before."""
    make_mr_series(folder, n=1, patient_name=NAME_BEFORE, StudyDate="20190402")
    (study,) = quarantine(folder, desk.kari)
    return study


def study_with(
    folder: Path,
    desk: Desk,
    *places: tuple[int, str, int],
    n: int = 2,
    named: int | None = None,
    clean: int = 0,
) -> Study:
    """Bring into quarantine a study with a series of `n` images for each place, and `clean` more.

    The first `named` images of each series hold the name of before in its place, or all; the rest
    have the element as well.
    """
    study_uid = new_uid()
    for number, (group, creator, element) in enumerate(places, start=1):
        series_uid = new_uid()
        for image in range(1, n + 1):
            dataset = mr(
                StudyInstanceUID=study_uid,
                SeriesInstanceUID=series_uid,
                SeriesNumber=number,
                InstanceNumber=image,
                patient_name=NAME_NOW,
            )
            block = dataset.private_block(group, creator, create=True)
            block.add_new(
                element,
                "OB",
                _value(creator, HIDDEN if named is None or image <= named else b"Reference"),
            )
            write(dataset, folder / f"{number}-{image}.dcm")
    if clean:
        make_mr_series(
            folder / "clean",
            n=clean,
            patient_name=NAME_NOW,
            study_instance_uid=study_uid,
            SeriesNumber=len(places) + 1,
        )
    (study,) = quarantine(folder, desk.kari)
    return study


def name_a_file(run: Run) -> None:
    """Give one output a file name that holds the patient's name, as a careless program would."""
    outcome = run.outcomes.exclude(key="").latest("pk")
    key = f"{run.folder}/Fjell_Turid_{outcome.pk}.dcm"
    with storage().fetch(outcome.key) as path:
        storage().put(path, key)
    run.outcomes.filter(pk=outcome.pk).update(key=key)


def _value(creator: str, word: bytes) -> bytes:
    return _csa_header(word) if creator == CSA[1] else bytes(range(64)) + word + bytes(55)


def _csa_header(word: bytes) -> bytes:
    """A CSA header (SV10) with two fields, one of which holds a word."""
    fields = [(b"EchoPartitionPosition", b"IS", b"12"), (b"tReferenceImage0", b"LO", word)]
    parts = [b"SV10\4\3\2\1", struct.pack("<ii", len(fields), 77)]
    for name, vr, value in fields:
        parts.append(struct.pack("<64si4siii", name, 1, vr, 0, 1, 77))
        parts.append(struct.pack("<4i", len(value), len(value), 77, len(value)))
        parts.append(value + bytes(-len(value) % 4))
    whole = b"".join(parts)
    return whole + bytes(-len(whole) % 2)
