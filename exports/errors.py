"""What can go wrong while a package is built.

ExportError            the package cannot be built: say why, stop
├── NothingToExport    none of the chosen participants has an image that may leave
├── NotSignedOff       the project demands a current sign-off of its review, and has none
├── SourceChanged      an image that was chosen is gone, taken back, or not what was verified
└── CannotTransform    a header cannot become what the specification says
NoRoom                 the disk or a quota is full: wait, and say so
Busy                   another process still writes the same package: try again later

LeaseLost (projects.errors): somebody, such as a person who cancelled, was faster.
"""


class ExportError(Exception):
    """The package cannot be built as it was asked for. The message is a sentence without values."""


class NothingToExport(ExportError):
    """None of the chosen participants has an image that may leave."""


class NotSignedOff(ExportError):
    """The project exports only what is signed off, and its sign-off is not current."""


class SourceChanged(ExportError):
    """Between the request and the end of the building, one of the images changed or went."""


class CannotTransform(ExportError):
    """A header cannot become what is asked for: a value does not fit, a row is missing."""


class NoRoom(Exception):
    """There is no room for the package now. The message says what is full, and what makes room."""


class Busy(Exception):
    """The package's scratch folder is locked: a worker that lost its lease has not noticed yet."""
