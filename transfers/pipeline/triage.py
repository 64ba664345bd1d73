"""Pictures that may carry burned-in text wait for a person, by what their header says they are.

Until the pixels themselves are examined, metadata decide (DICOM PS3.15 E.3.1): kinds of images
that are known to carry text, and headers that say so. CT, MR and the like pass.
"""

import hashlib
from pathlib import Path

from deidentify.leaks import Finding as Leak
from transfers.models import Outcome

# SOP classes by UID prefix: what they are, in words that a project administrator knows
PICTURE_KINDS: dict[str, str] = {
    "1.2.840.10008.5.1.4.1.1.3.1": "ultrasound (multi-frame)",
    "1.2.840.10008.5.1.4.1.1.6.1": "ultrasound",
    "1.2.840.10008.5.1.4.1.1.6.2": "enhanced ultrasound volume",
    "1.2.840.10008.5.1.4.1.1.3": "ultrasound (retired)",
    "1.2.840.10008.5.1.4.1.1.6": "ultrasound (retired)",
    "1.2.840.10008.5.1.4.1.1.7": "secondary capture",
    "1.2.840.10008.5.1.4.1.1.7.1": "secondary capture, 1 bit",
    "1.2.840.10008.5.1.4.1.1.7.2": "secondary capture, multi-frame grey",
    "1.2.840.10008.5.1.4.1.1.7.3": "secondary capture, multi-frame grey 16 bit",
    "1.2.840.10008.5.1.4.1.1.7.4": "secondary capture, multi-frame colour",
    "1.2.840.10008.5.1.4.1.1.12.1": "X-ray angiography",
    "1.2.840.10008.5.1.4.1.1.12.2": "X-ray fluoroscopy",
    "1.2.840.10008.5.1.4.1.1.77.1.1": "endoscopy",
    "1.2.840.10008.5.1.4.1.1.77.1.1.1": "video endoscopy",
    "1.2.840.10008.5.1.4.1.1.77.1.2": "microscopy",
    "1.2.840.10008.5.1.4.1.1.77.1.2.1": "video microscopy",
    "1.2.840.10008.5.1.4.1.1.77.1.4": "photograph",
    "1.2.840.10008.5.1.4.1.1.77.1.4.1": "video photograph",
    "1.2.840.10008.5.1.4.1.1.77.1.5.1": "ophthalmic photograph",
    "1.2.840.10008.5.1.4.1.1.77.1.5.2": "ophthalmic photograph",
    "1.2.840.10008.5.1.4.1.1.104.1": "encapsulated PDF",
    "1.2.840.10008.5.1.4.1.1.104.2": "encapsulated CDA",
    "1.2.840.10008.5.1.4.1.1.104.3": "encapsulated model (STL)",
    "1.2.840.10008.5.1.4.1.1.104.4": "encapsulated model (OBJ)",
    "1.2.840.10008.5.1.4.1.1.104.5": "encapsulated model (MTL)",
}


def triage(source: Path, outcome: Outcome) -> list[Leak]:
    """Return a finding if nobody has looked at a picture that may carry text; else nothing."""
    import pydicom  # late: the pages that import this module do not read files

    header = pydicom.dcmread(
        source,
        stop_before_pixels=True,
        force=True,
        specific_tags=["SOPClassUID", "BurnedInAnnotation", "ConversionType"],
    )
    kind = PICTURE_KINDS.get(str(header.get("SOPClassUID", "")))
    if str(header.get("BurnedInAnnotation", "")).strip().upper() == "YES":
        sentence = "Burned In Annotation says that text is part of the picture; look at it first."
    elif kind is not None:
        sentence = f"Images of this kind ({kind}) often carry text; nobody has looked at it yet."
    else:
        return []
    return [
        Leak(
            kind="pixels",
            path="(0042,0011)" if kind and kind.startswith("encapsulated") else "(7FE0,0010)",
            start=0,
            end=0,
            sure="possible",
            source_path="(0028,0301)" if kind is None else "(0008,0016)",
            sentence=sentence,
            # one look serves a series: the verdict carries to its other images, not to other series
            fingerprint=hashlib.sha256(
                f"pixels {outcome.series_instance_uid} {sentence}".encode()
            ).hexdigest(),
        )
    ]
