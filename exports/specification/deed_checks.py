"""What is wrong with transformations before any image is touched: sentences for their author.

Source: DICOM PS3.5 sections 6.2 (value representations) and 7.4 (types of attributes).
"""

from collections.abc import Sequence

from pydicom.uid import (
    ComprehensiveSRStorage,
    ComputedRadiographyImageStorage,
    CTImageStorage,
    DigitalXRayImageStorageForPresentation,
    EnhancedCTImageStorage,
    EnhancedMRImageStorage,
    MRImageStorage,
    NuclearMedicineImageStorage,
    PositronEmissionTomographyImageStorage,
    RTStructureSetStorage,
    SecondaryCaptureImageStorage,
    UltrasoundMultiFrameImageStorage,
    XRayAngiographicImageStorage,
)

from deidentify.elements import ALL_VRS
from deidentify.iod_types import type_of
from deidentify.stored_text import NUMBERS
from exports.errors import CannotTransform
from exports.specification.elements import ElementPath, UnknownElement
from exports.specification.parts import Transformation
from exports.walking.values import BINARY, UTF_8, as_bytes

USUAL = (
    CTImageStorage, MRImageStorage, EnhancedCTImageStorage, EnhancedMRImageStorage,
    UltrasoundMultiFrameImageStorage, SecondaryCaptureImageStorage, XRayAngiographicImageStorage,
    PositronEmissionTomographyImageStorage, NuclearMedicineImageStorage, RTStructureSetStorage,
    ComputedRadiographyImageStorage, DigitalXRayImageStorageForPresentation,
    ComprehensiveSRStorage,
)  # fmt: skip
"""What an element has to be in all of these, it has to be everywhere."""


def _tags(keywords: str) -> frozenset[int]:
    return frozenset(ElementPath.parse(keyword).last.tag for keyword in keywords.split())


OF_PIXELS = _tags(
    "Rows Columns BitsAllocated BitsStored HighBit PixelRepresentation SamplesPerPixel "
    "PhotometricInterpretation PlanarConfiguration NumberOfFrames LossyImageCompression"
)
OF_THE_ENGINE = _tags(
    "SpecificCharacterSet PatientIdentityRemoved DeidentificationMethod "
    "DeidentificationMethodCodeSequence LongitudinalTemporalInformationModified"
)
IDENTIFIERS = _tags("PatientID PatientName")
PIXEL_GROUP = 0x7FE0
ON_TEXT = ("replace", "dash", "clean")
OF_BIRTH = ("birth_date", "age_for_birth_date")

Problems = list[tuple[int, str]]


def problems_of(transformations: Sequence[Transformation], ties: str = "kept") -> Problems:
    """Return what is wrong: the place of a transformation, from 0 on, and a sentence."""
    problems: Problems = []
    for number, one in enumerate(transformations):
        if sentence := _problem(one):
            problems.append((number, sentence))
    return problems + _together(transformations, ties)


def _problem(one: Transformation) -> str:
    """Return what is wrong with one transformation alone; "" if nothing is."""
    if not one.element:
        return ""
    try:
        path = ElementPath.parse(one.element)
    except UnknownElement:
        return ""  # said where elements are read
    last = path.last
    if sentence := _untouchable(last.tag if not last.creator else 0, last.vr):
        return sentence
    if last.vr == "SQ" and one.do not in ("empty", "remove"):
        return "This holds other elements; name the one inside of it, as in Sequence.Element."
    is_binary = last.vr in NUMBERS or last.vr in BINARY
    if one.do in ON_TEXT and is_binary:
        return "This element holds numbers in binary form, no text that could be replaced."
    if one.do == "shift" and last.vr not in ("DA", "DT", ""):
        return "This element holds no date that could be moved."
    if one.do in ("empty", "remove") and _is_always_needed(path):
        return "The standard demands a value here in every image; set another one instead."
    written = [one.value] if one.do == "set" else [new for _, new in one.mapping]
    return next((sentence for text in written if (sentence := _unfit(text, last.tag, last.vr))), "")


def _untouchable(tag: int, vr: str) -> str:
    if tag >> 16 == PIXEL_GROUP or tag in OF_PIXELS:
        return "This says how the pixels are stored, and pixels are passed on as they are."
    if tag in OF_THE_ENGINE:
        return "This says how the image was de-identified; it is kept true by the program."
    if vr == "UI":
        return "UIDs tie images together and are never written by hand."
    return ""


def _is_always_needed(path: ElementPath) -> bool:
    if any(step.creator for step in path.steps):
        return False
    tags = tuple(step.tag for step in path.steps)
    kinds = [type_of(sop_class_uid, tags) for sop_class_uid in USUAL]
    return all(kind == "1" for kind in kinds)


def _unfit(text: str, tag: int, vr: str) -> str:
    """Return why an element cannot hold a text; "" if it can, or if its VR is not known yet."""
    if vr not in ALL_VRS or not text:
        return ""
    try:
        as_bytes(text, tag, vr, UTF_8)
    except CannotTransform as error:
        return str(error)
    return ""


def _names_the_participant(one: Transformation) -> bool:
    """Whether it is about who is in the image: PatientID or PatientName, at any depth."""
    try:
        path = ElementPath.parse(one.element) if one.element else None
    except UnknownElement:
        return False  # said where elements are read
    return path is not None and not path.last.creator and path.last.tag in IDENTIFIERS


def _together(transformations: Sequence[Transformation], ties: str) -> Problems:
    problems: Problems = []
    done = [one.do for one in transformations]
    for number, do in enumerate(done):
        if ties == "cut" and _names_the_participant(transformations[number]):
            sentence = (
                "Where ties are cut, everybody gets an identifier that is drawn; it cannot be "
                "written or taken away by hand."
            )
            problems.append((number, sentence))
        elif do == "birth_date" and ties == "cut":
            sentence = "A birth date leads back to the participant, and the ties are to be cut."
            problems.append((number, sentence))
        elif do == "birth_date" and "age" in done and "shift_back" not in done:
            sentence = (
                "An age beside the true birth date tells about when the study was, and so by how "
                "much its dates were moved. Choose one of the two."
            )
            problems.append((number, sentence))
        elif do == "age_for_birth_date" and "birth_date" in done:
            problems.append((number, "Choose the birth date or the age instead of it, not both."))
        elif do == "shift" and not transformations[number].element and done.count("shift") > 1:
            problems.append((number, "All dates are moved once; add the days up."))
    return problems
