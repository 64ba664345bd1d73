"""What can go wrong while de-identifying, drawn as a tree.

DeidentifyError
├── Refused          this one file cannot be processed: say why, keep it aside, go on with the rest
└── UsageError       the caller asked for something that does not exist or makes no sense
    └── UnknownProfile   no such profile, option or rule
"""

REFUSALS: dict[str, str] = {
    "not-dicom": "The file is not a DICOM file.",
    "truncated": "The file ends in the middle of an element.",
    "dicomdir": "A DICOMDIR lists other files and is not de-identified itself.",
    "no-meta": "The file meta information is missing or cannot be read.",
    "missing-uid": "A UID that the file must have is missing.",
    "bad-uid": "A UID holds characters that a UID may not hold, or is longer than 64.",
    "disagreeing": "The data set names another SOP class or instance than its file meta does.",
    "bad-length": "An element claims a length that reaches past its sequence or the file.",
    "bad-structure": "The elements of the file do not follow each other as they must.",
    "too-deep": "Sequences are nested deeper than any real object nests them.",
    "too-large": "The header of the file is larger than any real header.",
    "unreadable": "The file is damaged or in an encoding that cannot be read.",
    "document": "The file holds a whole document (PDF, CDA or a model), which is not de-identified;"
    " a rule of the project for (0042,0011) can keep, clean or empty it.",
    "embedded-graphics": "Overlay graphics lie among the pixel values and cannot be taken out.",
    "same-file": "Source and target are the same file.",
    "not-regular": "It is no regular file, or an unreadable folder; links are not followed.",
    "unknown-patient": "The list of identities has no row for this file's Patient ID.",
    "unforeseen": "Something unforeseen went wrong with this file; nothing was written for it.",
}


class DeidentifyError(Exception):
    """Base of everything this package raises on purpose."""


class Refused(DeidentifyError):
    """Raise when one file cannot be processed; nothing is written for it.

    Args:
        code: a key of REFUSALS; what programs decide on.
        where: the attribute or place concerned, as a keyword or tag, never a value.
    """

    def __init__(self, code: str, where: str = "") -> None:
        self.code = code
        self.where = where
        super().__init__(code, where)

    @property
    def sentence(self) -> str:
        """One plain sentence for people; holds no value of the file."""
        return REFUSALS[self.code] + (f" It concerns {self.where}." if self.where else "")

    def __str__(self) -> str:
        return self.sentence


class UsageError(DeidentifyError):
    """Raise when the request itself is wrong, before any file is touched."""


class UnknownProfile(UsageError):
    """Raise when a profile, an option or a rule is not known or not built yet."""
