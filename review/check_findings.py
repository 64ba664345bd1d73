"""What of a check's inventory somebody should look at, each thing in a sentence.

There is no source to compare with. What is left is what says so itself: headers that name people,
values that have the form of an identifier, headers' names and numbers that stand in other places
too, pictures with text in them, and elements that a profile would not have left.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from deidentify.beyond import Remark
from deidentify.leaks.attributes import kind_of
from deidentify.leaks.judging import Hit
from deidentify.leaks.search import Searcher
from deidentify.leaks.shapes import is_placeholder
from review import risk
from review.check_profile import Would
from review.check_sums import DicomSums, ElementSum
from review.tallies import Tally

CERTAIN, PROBABLE, POSSIBLE = 3, 2, 1
MOST_VALUES = 50
"""Examples that are kept with one finding."""
DIRECT = {
    "name": (CERTAIN, "is the name of a patient"),
    "birth_date": (CERTAIN, "is a date of birth"),
    "address": (CERTAIN, "is an address"),
    "phone": (CERTAIN, "is a telephone number"),
    "physician": (PROBABLE, "is the name of a physician or another person"),
    "identifier": (POSSIBLE, "identifies a patient or an examination, or is a pseudonym"),
    "institution": (POSSIBLE, "names an institution, a department or a ward"),
}
"""Kinds of attributes that identify by what they are, with the weight and what their value is."""
ELSEWHERE = {
    "name": CERTAIN,
    "birth_date": CERTAIN,
    "national_id": CERTAIN,
    "address": CERTAIN,
    "phone": CERTAIN,
    "email": CERTAIN,
    "physician": PROBABLE,
    "identifier": PROBABLE,
    "institution": POSSIBLE,
    "device": POSSIBLE,
    "uid": POSSIBLE,
}
WORDS = {
    "name": "a patient's name",
    "birth_date": "a date of birth",
    "national_id": "a national identity number",
    "address": "an address",
    "phone": "a telephone number",
    "email": "an e-mail address",
    "physician": "the name of a physician or another person",
    "identifier": "an identifier of a patient or an examination",
    "institution": "the name of an institution",
    "device": "an identifier of a device",
    "uid": "a UID",
}
STRONG_LOOKS = {"I", "N", "M", "T", "A"}


@dataclass
class Found:
    """One finding, before it is stored. Values and places are hidden until somebody asks."""

    code: str
    weight: int
    sentence: str
    count: int = 0
    paths: list[str] = field(default_factory=list)
    values: list[str] = field(default_factory=list)
    places: list[str] = field(default_factory=list)

    def note(self, *, path: str = "", value: str = "", place: str = "") -> None:
        """Add where it is: each path, value and place once, the first of many."""
        for known, new in ((self.paths, path), (self.values, value), (self.places, place)):
            if new and new not in known and len(known) < MOST_VALUES:
                known.append(new)


class Findings:
    """The findings of one check; each code once."""

    def __init__(self) -> None:
        self._found: dict[str, Found] = {}

    def of(self, code: str, weight: int, sentence: str) -> Found:
        """Return the finding of this code, made when first asked for."""
        return self._found.setdefault(code, Found(code, weight, sentence))

    def all(self) -> list[Found]:
        """Return them, the heaviest first."""
        return sorted(self._found.values(), key=lambda one: (-one.weight, -one.count))


def said_by_headers(sums: DicomSums, into: Findings) -> None:
    """Add what the headers say of themselves: identity removed or not, text in the pictures."""
    if missing := sums.said["not removed"]:
        found = into.of(
            "not-removed",
            PROBABLE,
            "These images do not say that the patient's identity was removed from them "
            "(Patient Identity Removed is not YES).",
        )
        found.count = missing
    if burned := sums.said["burned in"]:
        found = into.of(
            "burned-in", CERTAIN, "These images say themselves that text is burned into them."
        )
        found.count = burned
    if unsaid := sums.said["unsaid"]:
        found = into.of(
            "burned-in-unsaid",
            POSSIBLE,
            "Images of these kinds often carry text, and nobody has said of these that they do "
            "not. Look at them.",
        )
        found.count = unsaid


def identifying_elements(elements: Mapping[str, ElementSum], into: Findings) -> None:
    """Add elements that identify by what they are, and hold a value that is no placeholder."""
    for path, element in elements.items():
        kind = kind_of(_tag_of(element), element.vr)
        if kind not in DIRECT:
            continue
        weight, what = DIRECT[kind]
        values = [text for text in element.values if not is_placeholder(text.replace("\\", " "))]
        if kind in ("name", "physician"):
            values = [text for text in values if not any(map(str.isdigit, text))]
        if not values:
            continue
        found = into.of(f"direct-{kind}", weight, f"What stands in these elements {what}.")
        found.count += sum(element.values[text].files for text in values)
        for text in values:
            found.note(path=path, value=text)


def looking_values(sums: Mapping[str, ElementSum], tally: Tally, into: Findings) -> None:
    """Add values that have the form of something that identifies, wherever they stand."""
    seen = (
        (path, text, _that_count(value.looks, element.vr), value.files, "")
        for path, element in sums.items()
        if kind_of(_tag_of(element), element.vr) not in DIRECT
        for text, value in element.values.items()
    )
    beside = (
        (path, text, seen.looks, seen.files, seen.example)
        for path, one in tally.paths.items()
        for text, seen in one.values.items()
    )
    for path, text, looks, files, place in (*seen, *beside):
        for letter in looks:
            if letter in risk.LOOKS:
                weight = PROBABLE if letter in STRONG_LOOKS else POSSIBLE
                words = risk.LOOKS[letter]
                found = into.of(f"looks-{letter}", weight, f"These values look like {words}.")
                found.count += files
                found.note(path=path, value=text, place=place)


def _that_count(looks: str, vr: str) -> str:
    """Return the letters that mean something in a VR: figures look like dates by nature."""
    if vr in risk.NO_TEXT or vr == "UI":
        return "I" if "I" in looks else ""
    if vr not in risk.FREE_TEXT:
        return "".join(letter for letter in looks if letter not in risk.UNSURE)
    return looks


def named_elsewhere(
    searcher: Searcher, sums: Mapping[str, ElementSum], tally: Tally, into: Findings
) -> None:
    """Add what the headers call the patient where it stands in texts, names and files beside."""
    for path, one in tally.paths.items():
        for text, seen in one.values.items():
            _search(searcher, text, into, path=path, place=seen.example, files=seen.files)
        _search(searcher, path.partition(":")[2], into, path=path, place="", files=one.files)
    for path, element in sums.items():
        if kind_of(_tag_of(element), element.vr) or element.vr in _NO_TEXT:
            continue
        for text, value in element.values.items():
            _search(searcher, text, into, path=path, place="", files=value.files)


def _search(
    searcher: Searcher, text: str, into: Findings, *, path: str, place: str, files: int
) -> None:
    for kind in {_kind(hit) for hit in searcher.search_text(text)}:
        if kind not in ELSEWHERE:
            continue
        is_beside = ":" in path
        where = "files beside the images, or their names," if is_beside else "other elements"
        found = into.of(
            f"{'beside' if is_beside else 'text'}-{kind}",
            ELSEWHERE[kind],
            f"In {where} stands {WORDS[kind]}, as the headers have it.",
        )
        found.count += files
        found.note(path=path, value=text, place=place)


def is_certain(hit: Hit) -> bool:
    """Say whether what was found is somebody's own, and no pseudonym, device or UID."""
    return ELSEWHERE.get(_kind(hit), 0) == CERTAIN


def _kind(hit: Hit) -> str:
    """Return the kind of what was found; a name with figures in it is an identifier."""
    return (
        "identifier"
        if hit.term.shape == "identifier" and hit.term.kind == "name"
        else (hit.term.kind)
    )


def acted_on(
    would: Mapping[str, Would], elements: Mapping[str, ElementSum], into: Findings
) -> None:
    """Add the elements that the chosen profile would not have left as they are."""
    for path, one in would.items():
        if not one.is_certain:
            continue
        found = into.of(
            "acted-on",
            PROBABLE,
            "The profile would remove or empty these elements, and they hold "
            "values: whatever was done to these files, it was less than that.",
        )
        found.count += 1
        found.note(path=path)


def unread(remarks: Iterable[Remark], total: int, into: Findings) -> None:
    """Add what could not be read: nothing is known of it."""
    if not total:
        return
    found = into.of(
        "unread", PROBABLE, "This could not be read, or not to its end: nothing is known of it."
    )
    found.count = total
    sentences = Counter[str]()
    for remark in remarks:
        sentences[remark.sentence] += 1
        found.note(place=f"{remark.place}: {remark.sentence}")
    found.paths = [f"{sentence} ({number})" for sentence, number in sentences.most_common(10)]


def _tag_of(element: ElementSum) -> int:
    """Return the element's tag as a number; a private one's as -1, it is in no table."""
    try:
        return int(element.tag.replace(",", ""), 16)
    except ValueError:
        return -1


_NO_TEXT = risk.NO_TEXT | {"UI"}
