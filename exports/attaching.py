"""Files that go with the images of a package, as the specification's attachments name them.

They are made when everything else is packed, from the headers as they go out. Their names stand
at the top of the package, are safe on every system, and never meet what the package itself has.
"""

from collections.abc import Callable
from pathlib import Path

from exports.attached.dictionary import look, write_dictionary
from exports.attached.lists import write_demographics, write_series
from exports.attached.readme import write_readme
from exports.building.progress import Progress
from exports.naming.safe import Names, slug
from exports.specification import Attachment, Specification
from exports.specification.attachment_kinds import ATTACHMENTS

# What formats and the building put at the top of a package.
TAKEN = (
    *("manifest.json", "manifest.sig", "SHA256SUMS", "DICOMDIR", "README", "headers.csv"),
    *("dataset_description.json", "participants.tsv", "participants.json", "CHANGES", "LICENSE"),
)
WRITERS: dict[str, Callable[[Progress, Attachment, Path], None]] = {
    "readme": write_readme,
    "dictionary": write_dictionary,
    "demographics": write_demographics,
    "series": write_series,
}


def names(specification: Specification) -> list[str]:
    """Return the names of the attachments in the package, in their order."""
    given = Names()
    for name in TAKEN:
        given.give(name)
    found = []
    for attachment in specification.attachments:
        usual = ATTACHMENTS[attachment.kind].file_name
        stem, _, ending = usual.rpartition(".")
        wanted = slug(attachment.name, stem).removesuffix(f".{ending}")
        found.append(_free(wanted, ending, given))
    return found


def attach(progress: Progress) -> bool:
    """Add the attached files; tell whether they are in, or the row is to be given back first.

    Nothing is added before everything is looked at, so that it can be called again at any time.
    """
    attachments = progress.specification.attachments
    if any(one.kind == "dictionary" for one in attachments) and not look(progress):
        return False
    target = progress.folder / "attached"
    for attachment, name in zip(attachments, names(progress.specification), strict=True):
        progress.check()
        WRITERS[attachment.kind](progress, attachment, target)
        progress.add_file(name, target)
        target.unlink()
    return True


def _free(stem: str, ending: str, given: Names) -> str:
    """Return a name that is free, counting before the ending: `series_2.csv`."""
    name, count = f"{stem}.{ending}", 1
    while name.casefold() in given.taken:
        count += 1
        name = f"{stem}_{count}.{ending}"
    return given.give(name)
