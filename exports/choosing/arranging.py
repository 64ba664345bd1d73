"""Deciding, once for a package, which images are in it and where each of them goes."""

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any, TextIO

from django.db.models import Count
from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian

from exports.arranged import IMAGES, SERIES, STUDIES, Image, Series, Unseal, as_written
from exports.choosing.candidates import LAST, candidates
from exports.choosing.eligible import exportable
from exports.choosing.facts import HEADERS, SeriesFacts, wanted_elements
from exports.choosing.numbering import instance_number
from exports.choosing.outgoing import Outgoing, outgoing
from exports.choosing.places import Places, series_values
from exports.choosing.rules import Chooser, site_code
from exports.models import Package
from exports.naming.templates import read_file, read_folders
from exports.specification.parts import Specification
from exports.specification.reading import read_specification
from exports.transforming import Transformer
from projects.models import Project
from transfers.models import Outcome, Run

NATIVE = (ImplicitVRLittleEndian, ExplicitVRLittleEndian, ExplicitVRBigEndian)


def arrange(package: Package, folder: Path, transformer: Transformer | None = None) -> None:
    """Decide the place of every image of a package and write it down in `folder`.

    `transformer` is the one that its images will go through: names are of what it makes, and where
    it cuts all ties, what is written is sealed so that this process alone reads it, in an order
    that is drawn.

    What is written is what will be built, also by the worker that takes over from a killed one.
    """
    participants = package.participants.values_list("pk", flat=True)
    specification = read_specification(package.specification)
    arranging = _Arranging(package.project, specification, transformer)
    with (
        (folder / f"{IMAGES}.part").open("w") as images,
        (folder / SERIES).open("w") as series,
        (folder / STUDIES).open("w") as studies,
    ):
        arranging.write(set(participants), images, series, studies)
    (folder / f"{IMAGES}.part").replace(folder / IMAGES)


class _Arranging:
    """One pass over the series that could go in; the same data give the same lines."""

    def __init__(
        self, project: Project, specification: Specification, transformer: Transformer | None
    ) -> None:
        self.project = project
        self.transformer = transformer
        self.seal: Unseal = as_written if transformer is None else transformer.seal
        self.is_cutting = transformer is not None and transformer.is_cutting
        self.keeps_order = not self.is_cutting or specification.keeps_intervals
        self.chooser = Chooser(specification.selection)
        self.places = Places(read_folders(specification.folders), read_file(specification.file))
        self.wanted = wanted_elements(specification.selection, self.places.fields)
        self.study = self.series = 0

    def write(
        self, participants: set[int], images: TextIO, series: TextIO, studies: TextIO
    ) -> None:
        """Write a line for each image and each series that goes in, and for every study."""

        def read(image: Outcome) -> Any:
            return HEADERS.read(image, self.wanted)

        order = self._order if self.is_cutting else None
        for run, found in candidates(self.project, participants, read, order):
            refused: Counter[str] = Counter()
            chosen = []
            for one in found:
                if reason := self.chooser.refusal(one):
                    refused[reason] += one.images
                else:
                    chosen.append(one)
            members = _images_of(self.project, run) if chosen else {}
            chosen = [_counted(one, members[one.uid]) for one in chosen if one.uid in members]
            self.study += bool(chosen)
            leaving = [outgoing(one, self.transformer, self.wanted, self.study) for one in chosen]
            top = self._write_run(leaving, members, images, series) if chosen else ""
            self._write(studies, self._study_facts(run, leaving, refused, top))

    def _order(self, run: Run) -> tuple[bytes, bytes]:
        """Return what a run is sorted by when ties are cut: participants, then their studies."""
        assert self.transformer is not None  # noqa: S101 - for mypy
        pseudonym = run.transfer.participant.pseudonym
        study = b"" if self.keeps_order else self.transformer.order(f"{pseudonym} {run.pk}")
        return self.transformer.order(pseudonym), study

    def _write(self, lines: TextIO, data: dict[str, Any]) -> None:
        lines.write(self.seal(json.dumps(data)) + "\n")

    def _write_run(
        self,
        chosen: list[Outgoing],
        by_series: dict[str, list[Outcome]],
        images: TextIO,
        series: TextIO,
    ) -> str:
        folders = []
        for one in chosen:
            self.series += 1
            values = series_values(
                one.facts, one.participant, study=self.study, counter=self.series
            )
            if self.is_cutting:
                values["site"] = ""
            folder = self.places.folder(one.facts, values)
            folders.append(folder)
            self._write(series, vars(self._series(one, folder)))
            members = _sorted(by_series[one.facts.uid])
            numbers = (None if self.is_cutting else number for number, _ in members)
            names = self.places.file_names(folder, values, numbers)
            for (_, image), name in zip(members, names, strict=True):
                self._write(images, vars(self._image(one.facts, image, folder, name)))
        return _common(folders)

    def _image(self, series: SeriesFacts, image: Outcome, folder: str, name: str) -> Image:
        return Image(
            outcome=image.pk,
            key=image.key,
            digest=image.digest,
            size=image.size,
            folder=folder,
            name=f"{name}.dcm",
            is_native=image.transfer_syntax_uid in NATIVE,
            participant=series.run.transfer.participant.pseudonym,
            event=series.run.transfer.event.name,
            run=series.run.pk,
            study=self.study,
            series=self.series,
        )

    def _series(self, leaving: Outgoing, folder: str) -> Series:
        series = leaving.facts
        return Series(
            series=self.series,
            study=self.study,
            participant=leaving.participant,
            event=series.run.transfer.event.name,
            site="" if self.is_cutting else site_code(series),
            folder=folder,
            images=series.images,
            size=series.size,
            study_instance_uid=leaving.study_uid,
            series_instance_uid=leaving.uid,
            sop_class_uid=series.text("SOPClassUID"),
            modality=series.text("Modality"),
            number=series.number,
            description=series.text("SeriesDescription"),
            known_as=leaving.original.text("SeriesDescription"),
            protocol=series.text("ProtocolName"),
            image_type=series.text("ImageType"),
            manufacturer=series.text("Manufacturer"),
            model=series.text("ManufacturerModelName"),
        )

    def _study_facts(
        self, run: Run, chosen: list[Outgoing], refused: Counter[str], top: str
    ) -> dict[str, Any]:
        """Return what the manifest says of a study, with what of it is not in it and why."""
        absent = Counter(run.counts())
        eligible = exportable(self.project).filter(run=run).order_by().values("state")
        for row in eligible.annotate(count=Count("pk")):
            absent[row["state"]] -= row["count"]
        return {
            "folder": top,
            "participant": chosen[0].participant if chosen else "",
            "event": run.transfer.event.name,
            "study_instance_uids": sorted({one.study_uid for one in chosen}),
            "plan_version": run.plan_version.number,
            "plan_digest": run.plan_digest or run.plan_version.digest,
            "program_version": run.program_version,
            "series": len(chosen),
            "images": sum(one.original.images for one in chosen),
            "bytes": sum(one.original.size for one in chosen),
            "not_chosen": dict(sorted(refused.items())),
            "not_included": {state: count for state, count in sorted(absent.items()) if count},
        }


def _images_of(project: Project, run: Run) -> dict[str, list[Outcome]]:
    """Return the images of a run by their series."""
    found: dict[str, list[Outcome]] = {}
    wanted = exportable(project).filter(run=run).select_related("instance")
    for image in wanted.only(
        *("key", "digest", "size", "transfer_syntax_uid", "series_instance_uid"),
        *("sop_instance_uid", "instance__instance_number"),
    ):
        found.setdefault(image.series_instance_uid, []).append(image)
    return found


def _counted(series: SeriesFacts, images: list[Outcome]) -> SeriesFacts:
    """Return a series as its images are now: some may have been let out since it was chosen."""
    return replace(series, images=len(images), size=sum(image.size for image in images))


def _sorted(images: Iterable[Outcome]) -> list[tuple[int | None, Outcome]]:
    """Return images with their instance numbers, in order."""
    numbered = [(instance_number(image), image) for image in images]
    return sorted(
        numbered, key=lambda one: (LAST if one[0] is None else one[0], one[1].sop_instance_uid)
    )


def _common(folders: list[str]) -> str:
    """Return the deepest folder that holds all of these."""
    parts = [folder.split("/") for folder in folders]
    shared = 0
    for names in zip(*parts, strict=False):
        if len(set(names)) > 1:
            break
        shared += 1
    if len(folders) == 1:
        shared = max(shared - 1, 1)
    return "/".join(parts[0][:shared])
