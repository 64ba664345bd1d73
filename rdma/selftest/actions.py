"""What is required of every file, element by element, and whether it was done.

The kinds of actions and when each passes are those by which the MIDI-B challenge scores a
de-identification (reference: its answer key), narrower in two ways: a kept number must keep its
value, and a moved date must have moved by its participant's own shift. A file that is held has no
output to be asked; it is counted apart.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from pydicom.dataset import Dataset

from deidentify.iod_types import type_of
from rdma.selftest.planting.sheets import PIXELS, SURROUNDINGS, Keep, Plant, Way, as_text, at
from rdma.selftest.scoring import Verdict, new_uids

STUDY, SERIES, INSTANCE = 0x0020000D, 0x0020000E, 0x00080018
PATIENT_ID = 0x00100020
NEW_UID = "2.25."
"""How every UID begins that de-identification draws."""


class Action(StrEnum):
    """The kinds of actions, by MIDI-B's names."""

    TAG_RETAINED = "tag_retained"
    TEXT_NOT_NULL = "text_notnull"
    TEXT_RETAINED = "text_retained"
    TEXT_REMOVED = "text_removed"
    DATE_SHIFTED = "date_shifted"
    UID_CHANGED = "uid_changed"
    UID_CONSISTENT = "uid_consistent"
    PATIENT_ID_CONSISTENT = "patid_consistent"
    PIXELS_RETAINED = "pixels_retained"


@dataclass(frozen=True)
class Required:
    """One action required of one file, and whether it was done."""

    action: Action
    cell: str
    way: Way
    is_done: bool


def required(verdicts: Sequence[Verdict]) -> list[Required]:
    """Return every action that is required of the files that leave, in their order."""
    uids = new_uids(verdicts)
    return [
        one
        for verdict in verdicts
        if verdict.dataset is not None and not verdict.stays
        for one in _of_file(verdict, verdict.dataset, uids)
    ]


def _of_file(verdict: Verdict, output: Dataset, uids: Mapping[str, str]) -> Iterator[Required]:
    sheet, source = verdict.sheet, verdict.sheet.dataset
    for plant in sheet.plants:
        is_done = plant not in verdict.leaks
        yield Required(_removal(verdict, plant), plant.cell, plant.way, is_done)
    lost = set(verdict.lost)
    for keep in sheet.keeps:
        is_done = keep not in lost and keep.way not in verdict.broken
        yield Required(_retention(keep), keep.cell, keep.way, is_done)
    for tag in (STUDY, SERIES, INSTANCE):
        before, now = as_text(at(source, (tag,))), as_text(at(output, (tag,)))
        yield Required(Action.UID_CHANGED, "E own UIDs", (tag,), bool(now) and before not in now)
        yield Required(Action.UID_CONSISTENT, "E own UIDs", (tag,), now == uids.get(before))
    is_own = as_text(at(output, (PATIENT_ID,))) == sheet.person.pseudonym
    yield Required(Action.PATIENT_ID_CONSISTENT, "A patient", (PATIENT_ID,), is_own)
    sop_class = as_text(source.get("SOPClassUID"))
    for element in source:
        way = (int(element.tag),)
        is_filled = element.VR == "SQ" or as_text(element.value).strip()
        if is_filled and way[0] != 0x7FE00010 and type_of(sop_class, way) == "1":
            value = at(output, way)
            is_done = value is not None and value != ""
            yield Required(Action.TEXT_NOT_NULL, "type 1", way, is_done)


def _removal(verdict: Verdict, plant: Plant) -> Action:
    if plant.only_here:
        return Action.DATE_SHIFTED
    is_own = plant.way[0] >= SURROUNDINGS and plant.needle.startswith(verdict.sheet.person.root)
    return Action.UID_CHANGED if is_own else Action.TEXT_REMOVED


def _retention(keep: Keep) -> Action:
    if keep.cell == PIXELS:
        return Action.PIXELS_RETAINED
    if keep.cell in ("numbers", "D physics"):
        return Action.TAG_RETAINED
    if keep.day is not None:
        return Action.DATE_SHIFTED
    return Action.UID_CONSISTENT if keep.token == NEW_UID else Action.TEXT_RETAINED
