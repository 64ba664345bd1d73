"""The corpus: for every patient one study, a file of each kind, planted and written to a folder."""

import itertools
import random
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from pydicom import config

from rdma.selftest.planting import (
    cell_container,
    cell_content,
    cell_dates,
    cell_hard,
    cell_header,
    cell_nested,
    cell_other,
    cell_private,
    cell_text,
)
from rdma.selftest.planting.carriers import BUILDERS, Builder
from rdma.selftest.planting.identities import Person, people
from rdma.selftest.planting.sheets import Sheet

CELLS: tuple[Callable[[Sheet], None], ...] = (
    cell_nested.plant_labels,
    cell_nested.plant_coded,
    cell_nested.plant_nested,
    cell_nested.plant_original,
    cell_nested.plant_unknown,
    cell_text.plant_codes,
    cell_private.plant_private,
    cell_private.plant_csa,
    cell_private.plant_private_uid,
    cell_dates.plant_dates,
    cell_dates.plant_dates_in_texts,
    cell_content.plant_content,
    cell_content.plant_graphics,
    cell_content.plant_waveform,
    cell_content.plant_document,
    cell_other.plant_several,
    cell_other.plant_script,
    cell_hard.plant_letter,
    cell_hard.plant_lost_vr,
    cell_hard.plant_item_charset,
    cell_hard.plant_codes,
    cell_hard.plant_person_code,
    cell_hard.plant_ge_protocol,
    cell_hard.plant_xa_protocol,
    cell_container.plant_container,
    cell_container.plant_comment,
)


@contextmanager
def known_vr_left_alone() -> Iterator[None]:
    """Let pydicom write an element with VR UN though it knows a better one."""
    config.replace_un_with_known_vr = False
    try:
        yield
    finally:
        config.replace_un_with_known_vr = True


def make(
    folder: Path,
    *,
    seed: int,
    subjects: int,
    builders: Mapping[str, Builder] = BUILDERS,
    each: int = 0,
) -> list[Sheet]:
    """Write the corpus below `folder`; return what was planted in every file.

    Args:
        folder: where the files go; it is made.
        seed: the same seed gives the same corpus.
        subjects: how many patients.
        builders: the kinds of files, by name.
        each: how many kinds every patient has, taken in turn; 0 for all of them.
    """
    sheets: list[Sheet] = []
    order = list(builders)
    if each:
        random.Random(seed).shuffle(order)
    turn = itertools.cycle(order)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with config.disable_value_validation(), known_vr_left_alone():
            for person in people(seed, subjects):
                kinds = list(itertools.islice(turn, each)) if each else order
                for number, kind in enumerate(kinds):
                    sheet = planted(
                        builders[kind], folder, person=person, kind=kind, number=number, seed=seed
                    )
                    sheets.append(sheet)
    return sheets


def planted(
    builder: Builder, folder: Path, *, person: Person, kind: str, number: int, seed: int
) -> Sheet:
    """Plant into one file of a patient, and write it."""
    draw = random.Random(f"{seed} {person.number} {kind}")
    dataset = builder(draw.randrange(1000))
    sheet = Sheet(kind, person, dataset, draw, f"{person.number:03d}/{number:02d}_{kind}.dcm")
    sheet.prepare(number)
    plant(sheet)
    cell_other.plant_other_file(sheet, number)
    sheet.settle()
    sheet.write(folder / sheet.name)
    cell_container.spoil_charset(sheet)
    return sheet


def plant(sheet: Sheet) -> None:
    """Plant into one file."""
    cell_text.plant_texts(sheet, 7)
    cell_header.plant_patient(sheet)
    for cell in CELLS:
        cell(sheet)
    cell_header.plant_public(sheet, 10)
