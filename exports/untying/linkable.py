"""What cutting all ties does not cut, in sentences for the page: it is said before, not after."""

from exports.specification import Specification
from exports.states import Format

ALWAYS = (
    "The pixels stay as they are. Whoever has another copy of the images, such as the hospital, "
    "can lay them side by side; a face can be seen in a head scan.",
    "How many examinations, series and images a participant has, and how large they are, stays. A "
    "number that nobody else has tells who it is to somebody who knows the research copy.",
    "A rare combination of sex, age, weight, scanner and protocol can name a person; the table of "
    "re-identification says how many are alone with theirs.",
    "Descriptions of series and protocols stay, without numbers, dates and UIDs. Read them in the "
    "review before: a name that was left in them goes out.",
    "Scanner model, software and the settings of each scan stay. They say where and about when it "
    "was made, to whoever knows the machines.",
)
INTERVALS = (
    "Days between the examinations of one participant stay, because the specification keeps them. "
    "Who knows a person's appointments recognises the pattern."
)
HOURS = "Times of day stay to the full hour."
NOT_DICOM = (
    "Images in another format carry what was asked for beside them; what is written into file "
    "names and sidecars comes from the changed headers."
)
TABLES = (
    "Values that the specification writes from a participant table go out as they stand in the "
    "table, and can be looked up there."
)


def what_stays_linkable(specification: Specification) -> list[str]:
    """Return what still can lead back after the ties are cut; empty if they are not to be cut."""
    if specification.ties != "cut":
        return []
    sentences = [*ALWAYS, HOURS]
    if specification.keeps_intervals:
        sentences.append(INTERVALS)
    if any(one.table for one in specification.transformations):
        sentences.append(TABLES)
    if specification.format != Format.DICOM:
        sentences.append(NOT_DICOM)
    return sentences
