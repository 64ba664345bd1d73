"""The README of a medium: what it is, how it is read, which profile it follows."""

from collections.abc import Mapping

from pydicom.uid import UID

README = "README"  # a File ID: it has no ending

# Transfer syntaxes of the general purpose profiles, and the profiles that have each.
# Source: DICOM PS3.11 Annexes D (STD-GEN-CD, -DVD-RAM), H (STD-GEN-DVD-JPEG, -J2K) and
# J (STD-GEN-USB-JPEG, -J2K).
PROFILES: dict[str, frozenset[str]] = {
    "STD-GEN": frozenset({"1.2.840.10008.1.2.1"}),
    "STD-GEN with JPEG": frozenset(
        {
            "1.2.840.10008.1.2.1",
            "1.2.840.10008.1.2.4.70",
            "1.2.840.10008.1.2.4.50",
            "1.2.840.10008.1.2.4.51",
        }
    ),
    "STD-GEN with JPEG 2000": frozenset(
        {"1.2.840.10008.1.2.1", "1.2.840.10008.1.2.4.90", "1.2.840.10008.1.2.4.91"}
    ),
}

_TEXT = """\
DICOM medium of the project {project}
{line}

This folder holds {images} in the DICOM format.

To look at them, open a DICOM viewer and choose the file DICOMDIR, or this
whole folder. DICOMDIR lists every patient, study, series and image here; the
images themselves lie below the folder DICOM. To put them on a CD, a DVD or a
USB stick, copy everything in this folder to its top level, so that DICOMDIR
lies there.

The names and numbers of the patients are pseudonyms of the project.

How they are stored
{syntaxes}

{profile}
manifest.json names every file with its SHA-256; `sha256sum --check SHA256SUMS`
tests them.
"""


def readme(project: str, syntaxes: Mapping[str, int]) -> str:
    """Return the text, in ASCII with the line ends that every system shows.

    Args:
        project: the project's acronym.
        syntaxes: number of images by Transfer Syntax UID.
    """
    total = sum(syntaxes.values())
    title = f"DICOM medium of the project {project}"
    lines = [
        f"  {number:,} {'file' if number == 1 else 'files'}: {UID(uid).name}"
        for uid, number in sorted(syntaxes.items())
    ]
    text = _TEXT.format(
        project=project,
        line="=" * len(title),
        images=f"{total:,} {'file' if total == 1 else 'files'}",
        syntaxes="\n".join(lines),
        profile=_profile(frozenset(syntaxes)),
    )
    return text.encode("ascii", "replace").decode("ascii").replace("\n", "\r\n")


def _profile(syntaxes: frozenset[str]) -> str:
    """Say which profile the medium follows; files are not converted to suit one."""
    for name, allowed in PROFILES.items():
        if syntaxes <= allowed:
            return f"The medium follows the general purpose profile {name}\n(DICOM PS3.11).\n"
    return (
        "The files are stored as they were delivered. Some are stored in a way that\n"
        "no general purpose profile of DICOM PS3.11 names; most viewers read them\n"
        "all the same. The directory follows DICOM PS3.10.\n"
    )
