"""A README of the project's own words, with what only the package knows filled in."""

import re
from collections.abc import Mapping
from pathlib import Path

from deidentify.version import VERSION
from exports.building.progress import Progress
from exports.specification import Attachment
from exports.states import Format

_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")


def filled(text: str, values: Mapping[str, str]) -> str:
    """Fill in what is known; braces around anything else stay as they are."""
    return _PLACEHOLDER.sub(lambda found: values.get(found[1], found[0]), text)


def write_readme(progress: Progress, attachment: Attachment, target: Path) -> None:
    """Write the text with the line ends that every system shows."""
    text = filled(attachment.text, _values(progress))
    lines = text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n").split("\n")
    target.write_bytes(("\r\n".join(lines) + "\r\n").encode("utf-8", "replace"))


def _values(progress: Progress) -> dict[str, str]:
    people, events, studies, series = set(), set(), set(), set()
    images = 0
    for image, _ in progress.images(0):
        people.add(image.participant)
        events.add(image.event)
        studies.add(image.study)
        series.add(image.series)
        images += 1
    project = progress.package.project
    return {
        "project": project.acronym,
        "number": project.number,
        "format": Format(progress.package.format).label,
        "participants": f"{len(people)}",
        "events": f"{len(events)}",
        "studies": f"{len(studies)}",
        "series": f"{len(series)}",
        "images": f"{images}",
        "keep_days": f"{progress.specification.keep_days}",
        "program": f"rDMA {VERSION}",
    }
