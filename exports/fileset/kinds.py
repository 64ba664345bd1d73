"""What a record of a DICOMDIR says, by its kind: facts of the standard.

Every kind has keys. A key of type 1 needs a value; where a file has none, one is made up for the
directory alone (the file stays as it is): dates and times that nobody takes for real ones, numbers
by counting, a word for what has no name.

Source: DICOM PS3.3 F.3.2.2 (kinds), F.4 (relations), F.5 (keys); PS3.4 B.5 (SOP classes).
"""

from typing import NamedTuple

NO_DATE, NO_TIME, NO_NAME = "19000101", "000000", "UNNAMED"
COUNTED = "#"
"""Stands for the number of the record among its brothers."""


class Key(NamedTuple):
    """One key of a record.

    Attributes:
        keyword: the element's keyword.
        made_up: what a type 1 key gets where the file has nothing; "" leaves a type 2 key empty.
        is_conditional: the key is only there if the file has a value (type 1C).
    """

    keyword: str
    made_up: str = ""
    is_conditional: bool = False


def _if_any(keyword: str) -> Key:
    return Key(keyword, is_conditional=True)


_NUMBER = Key("InstanceNumber", COUNTED)
_DATE, _TIME = Key("ContentDate", NO_DATE), Key("ContentTime", NO_TIME)
_CONCEPT = Key("ConceptNameCodeSequence")
_NAMED = (
    Key("ContentLabel", NO_NAME),
    Key("ContentDescription"),
    Key("ContentCreatorName"),
)
_CONTENT = (_NUMBER, _DATE, _TIME)

KEYS: dict[str, tuple[Key, ...]] = {
    "PATIENT": (Key("PatientName"), Key("PatientID", COUNTED)),
    "STUDY": (
        Key("StudyDate", NO_DATE),
        Key("StudyTime", NO_TIME),
        Key("AccessionNumber"),
        Key("StudyDescription"),
        _if_any("StudyInstanceUID"),
        Key("StudyID", COUNTED),
    ),
    "SERIES": (Key("Modality", "OT"), _if_any("SeriesInstanceUID"), Key("SeriesNumber", COUNTED)),
    "IMAGE": (_NUMBER,),
    "RT DOSE": (_NUMBER, Key("DoseSummationType", "PLAN")),
    "RT STRUCTURE SET": (
        _NUMBER,
        Key("StructureSetLabel", NO_NAME),
        Key("StructureSetDate"),
        Key("StructureSetTime"),
    ),
    "RT PLAN": (_NUMBER, Key("RTPlanLabel", NO_NAME), Key("RTPlanDate"), Key("RTPlanTime")),
    "RT TREAT RECORD": (_NUMBER, Key("TreatmentDate"), Key("TreatmentTime")),
    "PRESENTATION": (
        Key("PresentationCreationDate", NO_DATE),
        Key("PresentationCreationTime", NO_TIME),
        _NUMBER,
        *_NAMED,
        _if_any("ReferencedSeriesSequence"),
        _if_any("BlendingSequence"),
    ),
    "WAVEFORM": _CONTENT,
    "SR DOCUMENT": (
        *_CONTENT,
        Key("CompletionFlag", "PARTIAL"),
        Key("VerificationFlag", "UNVERIFIED"),
        _if_any("VerificationDateTime"),
        _CONCEPT,
        _if_any("ContentSequence"),
    ),
    "KEY OBJECT DOC": (*_CONTENT, _CONCEPT, _if_any("ContentSequence")),
    "SPECTROSCOPY": (
        Key("ImageType", "DERIVED\\SECONDARY"),
        *_CONTENT,
        _if_any("ReferencedImageEvidenceSequence"),
        Key("NumberOfFrames", "1"),
        Key("Rows", "1"),
        Key("Columns", "1"),
        Key("DataPointRows", "1"),
        Key("DataPointColumns", "1"),
    ),
    "RAW DATA": _CONTENT,
    "REGISTRATION": (*_CONTENT, *_NAMED),
    "FIDUCIAL": (*_CONTENT, *_NAMED),
    "ENCAP DOC": (
        Key("ContentDate"),
        Key("ContentTime"),
        _NUMBER,
        Key("DocumentTitle"),
        _if_any("HL7InstanceIdentifier"),
        _CONCEPT,
        Key("MIMETypeOfEncapsulatedDocument", "application/octet-stream"),
    ),
    "VALUE MAP": (*_CONTENT, *_NAMED),
    "STEREOMETRIC": (),
    "MEASUREMENT": (*_CONTENT, *_NAMED),
    "SURFACE": (*_CONTENT, *_NAMED),
    "SURFACE SCAN": (_DATE, _TIME),
    "TRACT": (*_CONTENT, *_NAMED),
    "ASSESSMENT": (
        _NUMBER,
        Key("InstanceCreationDate", NO_DATE),
        Key("InstanceCreationTime"),
    ),
    "PLAN": (),
    "RADIOTHERAPY": (
        _NUMBER,
        _if_any("UserContentLabel"),
        _if_any("UserContentLongLabel"),
        Key("ContentDescription"),
        Key("ContentCreatorName"),
    ),
    "PRIVATE": (),
}

STORAGE = "1.2.840.10008.5.1.4.1.1."

# What follows STORAGE, by kind; everything else that has rows of pixels is an IMAGE.
_CLASSES: dict[str, str] = {
    "RT DOSE": "481.2",
    "RT STRUCTURE SET": "481.3",
    "RT TREAT RECORD": "481.4 481.6 481.7 481.9",
    "RT PLAN": "481.5 481.8",
    "RADIOTHERAPY": (
        "481.10 481.11 481.12 481.13 481.14 481.15 481.16 481.17 481.18 481.19 481.20 481.21"
    ),
    "PRESENTATION": "11.1 11.2 11.3 11.4 11.5 11.6 11.7 11.8 11.9 11.10 11.11 11.12 131",
    "WAVEFORM": (
        "9.1.1 9.1.2 9.1.3 9.1.4 9.2.1 9.3.1 9.4.1 9.4.2 9.5.1 9.6.1 9.6.2 9.7.1 9.7.2 9.7.3"
        " 9.7.4 9.8.1"
    ),
    "SR DOCUMENT": (
        "88.11 88.22 88.33 88.34 88.35 88.40 88.50 88.65 88.67 88.68 88.69 88.70 88.71 88.72"
        " 88.73 88.74 88.75 88.76 78.6 79.1"
    ),
    "KEY OBJECT DOC": "88.59",
    "SPECTROSCOPY": "4.2",
    "RAW DATA": "66",
    "REGISTRATION": "66.1 66.3",
    "FIDUCIAL": "66.2",
    "ENCAP DOC": "104.1 104.2 104.3 104.4 104.5",
    "VALUE MAP": "67",
    "STEREOMETRIC": "77.1.5.3",
    "MEASUREMENT": "78.1 78.2 78.3 78.4 78.5 78.7 78.8 80.1",
    "SURFACE": "66.5",
    "SURFACE SCAN": "68.1 68.2",
    "TRACT": "66.6",
    "ASSESSMENT": "90.1",
}
KIND_BY_CLASS: dict[str, str] = {
    STORAGE + suffix: kind for kind, suffixes in _CLASSES.items() for suffix in suffixes.split()
}


def kind_of(sop_class_uid: str, *, has_pixels: bool) -> str:
    """Return the kind of record that an instance gets; PRIVATE if the standard has none."""
    if kind := KIND_BY_CLASS.get(sop_class_uid):
        return kind
    return "IMAGE" if has_pixels and sop_class_uid.startswith(STORAGE) else "PRIVATE"
