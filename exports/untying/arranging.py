"""The images of a package whose ties are cut, in another order and in other folders.

What was written down when the package was arranged names pseudonyms and rows, so it stays as it
is, and the new places are told in memory alone: nobody who finds both lists can lay them side by
side, since the order of participants and studies is drawn as well.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import groupby

from exports.choosing.arranged import Image, Series
from exports.naming.safe import Names
from exports.naming.templates import LONGEST_FILE, Template
from exports.untying.drawing import Drawn

FIELDS = frozenset(
    {"project", "participant", "event", "study", "modality", "manufacturer", "scanner"}
    | {"image_type", "protocol", "series_number", "series_description", "counter"}
    | {"instance", "instance_number"}
)
"""Of a template's fields, those that stay: the others are dates, numbers and UIDs of the copy."""


class Arranged:
    """The new places of one package.

    Args:
        series: all of it, as the choice arranged them.
        folders, file: the templates.
        project: its acronym.
        drawn: new values of the package.
    """

    def __init__(
        self,
        series: Iterable[Series],
        folders: Template,
        file: Template,
        project: str,
        drawn: Drawn,
    ) -> None:
        self._drawn, self._file, self._project = drawn, file, project
        self._events: dict[tuple[str, str], str] = {}
        in_order = sorted(
            series, key=lambda one: (self._order(one.participant, one.study), one.series)
        )
        studies = {old: new for new, old in enumerate(dict.fromkeys(s.study for s in in_order), 1)}
        self.series: dict[int, Series] = {}
        self._values: dict[int, dict[str, str]] = {}
        inside: dict[str, Names] = {}
        for number, one in enumerate(in_order, start=1):
            values = self._of(one, studies[one.study], number)
            *above, last = folders.fill(values)
            folder = "/".join(above)
            name = inside.setdefault(folder, Names()).give(last)
            self._values[one.series] = values
            self.series[one.series] = replace(
                one,
                series=number,
                study=studies[one.study],
                participant=values["participant"],
                site="",
                folder=f"{folder}/{name}" if folder else name,
                study_instance_uid=drawn.uid(one.study_instance_uid.encode()).decode(),
                series_instance_uid=drawn.uid(one.series_instance_uid.encode()).decode(),
            )

    def _order(self, participant: str, study: int) -> tuple[bytes, bytes]:
        return self._drawn.order(participant), self._drawn.order(f"{participant} {study}")

    def _of(self, series: Series, study: int, counter: int) -> dict[str, str]:
        """Return what the template's fields say of a series."""
        return {
            "project": self._project,
            "participant": self._drawn.participant(series.participant),
            "event": series.event,
            "study": str(study),
            "modality": series.modality,
            "manufacturer": series.manufacturer,
            "scanner": series.model,
            "image_type": series.image_type.replace("\\", "_"),
            "protocol": series.protocol,
            "series_number": "" if series.number is None else str(series.number),
            "series_description": series.description,
            "counter": str(counter),
        }

    def images(self, images: Iterable[Image]) -> list[Image]:
        """Return the images in their new order, each with its new place."""
        found: dict[int, list[Image]] = {
            number: list(members) for number, members in groupby(images, key=lambda one: one.series)
        }
        in_order = sorted(found.items(), key=lambda one: self.series[one[0]].series)
        return [image for number, members in in_order for image in self._placed(number, members)]

    def _placed(self, number: int, members: Sequence[Image]) -> Iterable[Image]:
        series, names = self.series[number], Names()
        for count, image in enumerate(members, start=1):
            counts = {"instance": str(count), "instance_number": str(count)}
            (name,) = self._file.fill({**self._values[number], **counts}, LONGEST_FILE)
            yield replace(image, folder=series.folder, name=f"{names.give(name)}.dcm")
