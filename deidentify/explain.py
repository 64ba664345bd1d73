"""Explaining a plan on a file: for every element, what becomes of it and which layer says so.

Never prints a value.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pydicom import dcmread
from pydicom.dataset import Dataset

from deidentify.decisions import Where, part
from deidentify.elements import lookup
from deidentify.errors import Refused
from deidentify.plan import Plan, describe


@dataclass(frozen=True)
class Line:
    """One element: its path, keyword, VR, what becomes of it, and why."""

    path: str
    keyword: str
    vr: str
    action: str
    meaning: str
    because: str


def explain(source: Path, plan: Plan) -> Iterator[Line]:
    """Yield a line for every element of a file that the plan meets, and one for each write.

    Raises:
        Refused: the file cannot be read.
    """
    try:
        dataset = dcmread(source, stop_before_pixels=True, force=False)
        where = Where(sop_class_uid=str(dataset.get("SOPClassUID", "")))
        lines = list(_lines(dataset, plan, where, ""))
    except Exception as error:  # noqa: BLE001 - pydicom raises whatever a byte provokes
        raise Refused("unreadable") from error.with_traceback(None)
    yield from lines
    present = {line.path for line in lines}
    for tag in sorted(plan.writes):
        path = f"({tag >> 16:04X},{tag & 0xFFFF:04X})"
        write = plan.writes[tag]
        if path not in present and not write.if_present:
            word = lookup(tag)
            yield Line(
                path, word[1] if word else "", write.vr, "W", "written", "written, was absent"
            )


def _lines(dataset: Dataset, plan: Plan, where: Where, prefix: str) -> Iterator[Line]:
    for element in dataset:
        tag = int(element.tag)
        creator = None
        name = f"({tag >> 16:04X},{tag & 0xFFFF:04X})"
        if element.tag.is_private:
            if element.tag.is_private_creator:
                yield Line(
                    prefix + name, "", element.VR, "-", "private creator",
                    "stays with the first element it vouches for",
                )  # fmt: skip
                continue
            block = dataset.get((element.tag.group, (element.tag.element >> 8) & 0xFF))
            creator = str(block.value).strip() if block is not None else None
            if creator:
                name = f'({tag >> 16:04X},"{creator}",{tag & 0xFF:02X})'
        decision = plan.decide(where, tag, str(element.VR), creator)
        found = lookup(tag)
        yield Line(
            prefix + name,
            found[1] if found else "",
            str(element.VR),
            decision.action,
            describe(decision),
            decision.because,
        )
        if element.VR == "SQ" and decision.action in ("Q", "R"):
            inside = Where(
                parents=(*where.parents, part(tag, creator)),
                tags=(*where.tags, tag),
                sop_class_uid=where.sop_class_uid,
                strict=where.strict or decision.action == "R",
            )
            for item in element.value:
                yield from _lines(item, plan, inside, prefix + name)
