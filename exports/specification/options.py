"""What can be chosen for each format, as a table that forms, checks and the manual read.

The format's own module in `exports/formats/` carries out what is named here.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from exports.states import Format

OptionValue = bool | int | str | list[str]
"""What a specification holds for an option, as JSON has it."""


@dataclass(frozen=True)
class Option:
    """One thing to choose; what kind it is follows from its default.

    Args:
        title: its label.
        sentence: what it does.
        default: a truth, a whole number, a text, or a tuple of texts.
        choices: what a text can be, with the words for it; empty for free text.
        least, most: bounds of a number; of texts, `most` is how many letters one can have.
    """

    title: str
    sentence: str
    default: bool | int | str | tuple[str, ...]
    choices: Mapping[str, str] | None = None
    least: int = 0
    most: int = 1000


_OF_DCM2NIIX = {
    "times": Option(
        "Keep the time of day",
        "When each image was made, in sidecars and headers. Somebody with the clinical PACS finds "
        "the patient by it.",
        False,
    ),
    "devices": Option(
        "Keep the scanner's serial number, station and institution",
        "In sidecars. Together with a time they tell which examination it was.",
        False,
    ),
    "ignore_derived": Option(
        "Leave derived images and localizers out", "Also images of a single slice.", False
    ),
    "merge": Option(
        "Slices that differ in echo or exposure",
        "Whether they become one image.",
        "auto",
        {"auto": "As dcm2niix sees fit", "no": "Stay apart", "yes": "Become one image"},
    ),
    "philips": Option(
        "Scaling of Philips images",
        "Precise values can be compared between examinations.",
        "precise",
        {"precise": "Precise values", "displayed": "Values as the scanner shows them"},
    ),
}

OPTIONS: dict[Format, dict[str, Option]] = {
    Format.DICOM: {},
    Format.NIFTI: {
        "compress": Option(
            "Compress each image", "As .nii.gz, which most programs read, instead of .nii.", False
        ),
        "sidecar": Option(
            "A JSON file beside each image", "What the scanner did, without the person.", True
        ),
        "crop": Option(
            "Cut away the neck", "A cropped image lies beside that of each 3D acquisition.", False
        ),
        **_OF_DCM2NIIX,
    },
    Format.BIDS: {
        "unmapped": Option(
            "Series without a place in BIDS",
            "Those that the project's mapping does not name and nobody could guess, and those that "
            "lack what BIDS demands.",
            "source",
            {"source": "Lie in sourcedata/", "leave_out": "Are left out, with the reason"},
        ),
        "columns": Option(
            "Columns of participants.tsv",
            "What the headers say of each person: age, sex, height, weight.",
            (),
            {"age": "Age", "sex": "Sex", "height": "Height", "weight": "Weight"},
        ),
        **_OF_DCM2NIIX,
    },
    Format.MEDIUM: {},
    Format.PICTURES: {
        "kind": Option(
            "Kind of picture",
            "PNG loses nothing. JPEG is smaller, and changes what is fine.",
            "png",
            {"png": "PNG", "jpeg": "JPEG"},
        ),
        "contrast": Option(
            "Contrast",
            "How stored values become greys.",
            "header",
            {
                "header": "As the header says (window, table)",
                "full": "From the least to the greatest value of each picture",
                "stored": "The stored values themselves (16 bits, PNG)",
            },
        ),
        "depth": Option(
            "Bits of a grey",
            "16 bits keep more steps, and not every program shows them. Colours have 8 bits.",
            "8",
            {"8": "8 bits", "16": "16 bits (PNG)"},
        ),
        "quality": Option(
            "Quality of a JPEG", "95 can hardly be told from PNG.", 95, None, 50, 100
        ),
        "frames": Option(
            "Frames",
            "What becomes of an image that has several frames.",
            "all",
            {"all": "Each becomes a picture", "middle": "The middle one alone"},
        ),
    },
    Format.HEADERS: {
        "rows": Option(
            "Rows",
            "What a row of the table stands for.",
            "image",
            {"image": "One image", "series": "One series: its values side by side"},
        ),
        "columns": Option(
            "Columns",
            "Elements such as SeriesDescription or (0018,0087). None chosen: all that occur.",
            (),
        ),
    },
}
