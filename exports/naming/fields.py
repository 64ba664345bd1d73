"""What a template can put into a name, and what can be done to it: tables that the manual prints.

A field's level says what two names have in common: all images of a participant, of an event, of a
series. `participant` and `event` are names of the project; everything else comes from the
de-identified header of the series' first image.
"""

from dataclasses import dataclass
from enum import IntEnum


class Level(IntEnum):
    """How much of a package one value of a field stands for, from the widest to the narrowest."""

    PROJECT = 0
    PARTICIPANT = 1
    SITE = 2
    EVENT = 3
    STUDY = 4
    KIND = 5  # of series: several series share it on purpose, such as a modality
    SERIES = 6
    INSTANCE = 7


@dataclass(frozen=True)
class Field:
    """One field.

    Args:
        level: what it belongs to.
        sentence: what it is.
        example: a value that somebody could have, invented.
        kind: `text`, `number`, `date` (YYYYMMDD) or `time` (HHMMSS).
        keyword: the element of the header that it is read from; "" for what the project knows.
        fallback: what stands there instead of nothing.
    """

    level: Level
    sentence: str
    example: str
    kind: str = "text"
    keyword: str = ""
    fallback: str = ""


FIELDS: dict[str, Field] = {
    "project": Field(Level.PROJECT, "The project's acronym.", "BICAM"),
    "project_number": Field(Level.PROJECT, "The project's number.", "P20_01"),
    "participant": Field(
        Level.PARTICIPANT, "The participant's pseudonym.", "BICAM_0012", fallback="participant"
    ),
    "site": Field(Level.SITE, "The number of the participant's site.", "01", "number"),
    "event": Field(Level.EVENT, "The event (time point).", "baseline", fallback="event"),
    "study_date": Field(
        Level.STUDY, "Study Date of the research copy.", "20190412", "date", "StudyDate"
    ),
    "study_time": Field(
        Level.STUDY, "Study Time of the research copy.", "103000", "time", "StudyTime"
    ),
    "study_description": Field(
        Level.STUDY, "Study Description.", "MR Brain", keyword="StudyDescription"
    ),
    "accession_number": Field(
        Level.STUDY, "Accession Number of the research copy, a digest.", "4f0c8a17d2e95b36",
        keyword="AccessionNumber",
    ),
    "study": Field(
        Level.STUDY, "The study's number inside the package: 1, 2, 3 and so on.", "1", "number"
    ),
    "modality": Field(
        Level.KIND, "Modality.", "MR", keyword="Modality", fallback="OT"
    ),
    "manufacturer": Field(
        Level.KIND, "Manufacturer of the scanner.", "SIEMENS", keyword="Manufacturer"
    ),
    "scanner": Field(
        Level.KIND, "The scanner's model.", "Prisma", keyword="ManufacturerModelName"
    ),
    "body_part": Field(
        Level.KIND, "Body Part Examined.", "BRAIN", keyword="BodyPartExamined"
    ),
    "image_type": Field(
        Level.KIND, "Image Type, its values one after the other.", "ORIGINAL_PRIMARY_M",
        keyword="ImageType",
    ),
    "protocol": Field(
        Level.SERIES, "Protocol Name.", "t1_mprage_sag", keyword="ProtocolName"
    ),
    "series_number": Field(
        Level.SERIES, "Series Number.", "3", "number", "SeriesNumber", fallback="0"
    ),
    "series_description": Field(
        Level.SERIES, "Series Description.", "T1 MPRAGE sag", keyword="SeriesDescription"
    ),
    "series_date": Field(
        Level.SERIES, "Series Date of the research copy.", "20190412", "date", "SeriesDate"
    ),
    "series_time": Field(
        Level.SERIES, "Series Time of the research copy.", "104512", "time", "SeriesTime"
    ),
    "series_uid": Field(
        Level.SERIES, "Series Instance UID of the research copy.", "2.25.3141592653589793",
        keyword="SeriesInstanceUID",
    ),
    "counter": Field(
        Level.SERIES, "The series' number inside the package: 1, 2, 3 and so on.", "1", "number"
    ),
    "instance": Field(
        Level.INSTANCE, "The image's place in its series: 1, 2, 3 and so on.", "1", "number",
        fallback="0",
    ),
    "instance_number": Field(
        Level.INSTANCE, "Instance Number.", "1", "number", fallback="0"
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Filter:
    """What can be done to a field: `{series_description|first:20|lower}`.

    Args:
        sentence: what it does.
        example: a template, and what becomes of the example above.
        takes: `""` for nothing, or `number`, `form` (of a date), `text`.
    """

    sentence: str
    example: tuple[str, str]
    takes: str = ""


FILTERS: dict[str, Filter] = {
    "lower": Filter("Small letters.", ("{series_description|lower}", "t1_mprage_sag")),
    "upper": Filter("Capital letters.", ("{event|upper}", "BASELINE")),
    "dash": Filter(
        "Dashes where there are underscores or spaces.", ("{participant|dash}", "BICAM-0012")
    ),
    "slug": Filter(
        "Letters and digits with one underscore between them, nothing else.",
        ("{image_type|slug}", "ORIGINAL_PRIMARY_M"),
    ),
    "plain": Filter("Letters and digits alone.", ("{participant|plain}", "BICAM0012")),
    "first": Filter(
        "So many signs from the front.", ("{series_description|first:2}", "T1"), "number"
    ),
    "last": Filter("So many signs from the end.", ("{participant|last:4}", "0012"), "number"),
    "date": Filter(
        "A date or a time in another form: %Y %y %m %d %j %H %M %S.",
        ("{study_date|date:%Y-%m}", "2019-04"), "form",
    ),
    "or": Filter(
        "What stands there if there is nothing.", ("{protocol|or:none}", "t1_mprage_sag"), "text"
    ),
}  # fmt: skip
