"""The files of a data set as a whole: what it is, who is in it, how it was made."""

import json
from collections.abc import Iterable, Iterator

import pydicom

from deidentify.version import VERSION as PROGRAM_VERSION
from exports.arranged import Image
from exports.attaching import names
from exports.bids import VERSION
from exports.bids.columns import COLUMNS, NOTHING, value_of
from exports.bids.labels import labels_of
from exports.bids.mapping import Mapping
from exports.building.progress import Progress
from exports.converting.running import converter_version

IGNORED = (
    "# What a package holds beside the data set: its sums, and what was attached to it.",
    *("/manifest.json*", "/SHA256SUMS*"),
)
READMES = ("README", "README.md", "README.rst", "README.txt")


def add_dataset_files(progress: Progress, mapping: Mapping) -> None:
    """Add `dataset_description.json`, `participants.tsv` and its dictionary, and a README."""
    subjects = sorted(
        {one.path.split("/")[0] for one in progress.archive.members() if one.path[:4] == "sub-"}
    )
    attached = names(progress.specification)
    has_readme = any(name in READMES for name in attached)  # BIDS allows one
    chosen = progress.specification.options.get("columns", ())
    columns = [name for name in COLUMNS if name in chosen]
    files = {
        ".bidsignore": "\n".join([*IGNORED, *_ignored(attached)]) + "\n",
        "sourcedata/README.md" if has_readme else "README.md": _readme(mapping),
        "dataset_description.json": _json(_description(progress)),
    }
    if subjects:
        files["participants.json"] = _json(
            {"participant_id": {"Description": "The participant's label in this data set"}}
            | {name: COLUMNS[name].facts for name in columns}
        )
        files["participants.tsv"] = _table(progress, subjects, columns)
    taken = {one.path for one in progress.archive.members()}
    folder = progress.folder / "dataset"
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        if name not in taken:
            (folder / "file").write_text(text, encoding="utf-8")
            progress.add_file(name, folder / "file")


def _ignored(attached: list[str]) -> list[str]:
    return [f"/{name}" for name in attached if name not in READMES]


def _json(facts: object) -> str:
    return json.dumps(facts, indent=2, ensure_ascii=False) + "\n"


def _description(progress: Progress) -> dict[str, object]:
    converter, _, converter_number = converter_version().partition(" ")
    return {
        "Name": progress.package.project.acronym,
        "BIDSVersion": VERSION,
        "DatasetType": "raw",
        "GeneratedBy": [
            {"Name": "rDMA", "Version": PROGRAM_VERSION},
            {"Name": converter, "Version": converter_number},
        ],
    }


def _table(progress: Progress, subjects: list[str], columns: list[str]) -> str:
    lines = ["\t".join(["participant_id", *columns])]
    said = dict(_said(progress, columns)) if columns else {}
    for subject in subjects:
        values = said.get(subject, {})
        lines.append("\t".join([subject, *(values.get(name, NOTHING) for name in columns)]))
    return "\n".join(lines) + "\n"


def _said(progress: Progress, columns: list[str]) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield what the first image of each participant says, by the participant's folder."""
    firsts = _firsts(progress)
    labels = labels_of(firsts, what="participants")
    keywords = [COLUMNS[name].keyword for name in columns]
    for participant, image in firsts.items():
        progress.check()
        with progress.open(image) as path:
            data = pydicom.dcmread(path, specific_tags=keywords, stop_before_pixels=True)
        yield f"sub-{labels[participant]}", {name: value_of(data, name) for name in columns}


def _firsts(progress: Progress) -> dict[str, Image]:
    """Return the first image of each participant, by the name that goes out."""
    people = {one.series: one.participant for one in progress.all_series()}
    firsts: dict[str, Image] = {}
    for image, _ in progress.images(start=0):
        firsts.setdefault(people[image.series], image)
    return firsts


def _readme(mapping: Mapping) -> str:
    """Say how the data set came about, and what is left to whoever uses it."""
    return "\n".join(_paragraphs(mapping))


def _paragraphs(mapping: Mapping) -> Iterable[str]:
    yield "This data set was made by rDMA from de-identified DICOM, with dcm2niix.\n"
    if mapping.number:
        yield (
            f"Which series is what was decided in version {mapping.number} of the project's\n"
            "mapping; series of kinds that it does not name were guessed from their descriptions.\n"
        )
    else:
        yield (
            "Nobody has decided yet which series is what: all of it was guessed from their\n"
            "descriptions. Check it before you rely on it.\n"
        )
    yield (
        "Series that have no place in BIDS, or that lack what it demands, lie in sourcedata/;\n"
        "their sidecars then say why. What is not in the package at all is listed with its reason\n"
        "in manifest.json.\n"
    )
    yield (
        "Field maps have no IntendedFor: which images a field map corrects is for you to say,\n"
        "since no header tells it.\n"
    )
    yield (
        "Sidecars have no time of day, serial number or institution unless the specification of\n"
        "the package asked for them. Faces were not removed.\n"
    )
