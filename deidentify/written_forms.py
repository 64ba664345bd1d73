"""How people write what a header holds in one form: identifiers, birth dates, addresses."""

import re

from deidentify.words import is_ordinary

LEAST_IDENTIFIER = 4
LEAST_WITHOUT_ZEROS = 6
MONTH_NAMES: dict[int, tuple[str, ...]] = {
    1: ("januar", "january", "jan"), 2: ("februar", "february", "feb"),
    3: ("mars", "march", "mar"), 4: ("april", "apr"), 5: ("mai", "may"), 6: ("juni", "june", "jun"),
    7: ("juli", "july", "jul"), 8: ("august", "aug"), 9: ("september", "sept", "sep"),
    10: ("oktober", "october", "okt", "oct"), 11: ("november", "nov"),
    12: ("desember", "december", "des", "dec"),
}  # fmt: skip
_STREET = re.compile(r"(?i)([^\W\d_](?:.*[^\W\d_])?)(v|g)(?:eien|egen|aten|ata|ei|eg|ate)( \d.*)")


def identifiers(value: str) -> set[str]:
    """An identifier as it is searched: at least four characters, one of them a digit."""
    value = value.strip()
    bare = re.sub(r"[\s.\-/]", "", value)
    if len(bare) < LEAST_IDENTIFIER or not any(c.isdigit() for c in bare):
        return set()
    found = {value, bare}
    if bare.isdigit() and len(bare.lstrip("0")) >= LEAST_WITHOUT_ZEROS:
        found.add(bare.lstrip("0"))
    return found


def bare_numbers(value: str) -> set[str]:
    """The long numbers in an identifier, which people write without its letters."""
    found = re.findall(rf"\d{{{LEAST_WITHOUT_ZEROS},}}", value)
    return {number for number in found if number.strip("0") and len(set(number)) > 2}


def number_beginnings(value: str) -> set[str]:
    """How identity numbers of somebody born then (YYYYMMDD) begin: six figures, with marks.

    Source: Folkeregisterforskriften; see norwegian.py for the marks.
    """
    if not re.fullmatch(r"\d{8}", value):
        return set()
    day, month, year = int(value[6:]), int(value[4:6]), value[2:4]
    return {
        f"{day + more:02d}{month + mark:02d}{year}" for more in (0, 40) for mark in (0, 40, 65, 80)
    }


def birth_figures(value: str) -> list[tuple[str, frozenset[int], bool]]:
    """A birth date (YYYYMMDD) in figures: after how many it may be parted, and whether it is."""
    if not re.fullmatch(r"\d{8}", value):
        return []
    year, month, day = value[:4], value[4:6], value[6:]
    forms: list[tuple[tuple[str, str, str], bool]] = [
        ((day, month, year), False),
        ((day, month, year[2:]), False),
        ((year, month, day), False),
        ((year[2:], month, day), False),
    ]
    short_day, short_month = day.lstrip("0"), month.lstrip("0")
    if (short_day, short_month) != (day, month):
        # 1 2 and 12 are told apart by what stands between.
        forms += [((short_day, short_month, last), True) for last in (year, year[2:])]
        forms += [((year, short_month, short_day), True)]
    return [
        ("".join(parts), frozenset({len(parts[0]), len(parts[0] + parts[1])}), is_parted)
        for parts, is_parted in forms
    ]


def examination_figures(value: str) -> list[tuple[str, frozenset[int]]]:
    """The date of an examination (YYYYMMDD) in figures, as in a title: 251123, 25 11 2023.

    Two figures for the year and blanks are left out: 10 11 12 may be anything.
    """
    if not re.fullmatch(r"\d{8}", value):
        return []
    year, month, day = value[:4], value[4:6], value[6:]
    return [
        (day + month + year, frozenset({2, 4})),
        (value, frozenset({4, 6})),
        (day + month + year[2:], frozenset()),
        (year[2:] + month + day, frozenset()),
    ]


def birth_forms(value: str) -> set[str]:
    """A birth date (YYYYMMDD) as people write it."""
    if not re.fullmatch(r"\d{8}", value):
        return set()
    year, month, day = value[:4], value[4:6], value[6:]
    forms = {value, f"{day}{month}{year}", f"{day}{month}{year[2:]}", f"{year[2:]}{month}{day}"}
    plain_day, plain_month = str(int(day)), str(int(month))
    for last in (year, year[2:]):
        forms |= {f"{day}/{month}-{last}", f"{plain_day}/{plain_month}-{last}"}
    for name in MONTH_NAMES[int(month)] if 1 <= int(month) <= 12 else ():
        for number in {day, plain_day}:
            forms |= {
                f"{number}{gap}{name} {last}"
                for gap in (" ", ". ", ".", "")
                for last in (year, year[2:])
            }
            forms |= {
                f"{number}-{name}-{year}",
                f"{name} {number}, {year}",
                f"{name} {number} {year}",
            }
    for mark in ".-/":
        forms |= {
            mark.join((day, month, year)),
            mark.join((day, month, year[2:])),
            mark.join((year, month, day)),
            mark.join((plain_day, plain_month, year)),
            mark.join((month, day, year)),
        }
    return forms


def birth_words(value: str) -> set[str]:
    """A birth date (YYYYMMDD) in which the month is a word."""
    return {form for form in birth_forms(value) if any(letter.isalpha() for letter in form)}


def address_parts(value: str) -> set[str]:
    """The parts of an address that are searched, each on its own; a postal code is none."""
    parts = {part.strip() for part in re.split(r"[\^,;\r\n]", value)}
    return {
        part
        for part in parts
        if len(part) >= LEAST_IDENTIFIER and not part.isdigit() and not is_ordinary(part)
    }


def shortened_streets(part: str) -> set[str]:
    """A street and a house as people shorten them: Lilleveien 4 is Lillev. 4 and Lillevn 4."""
    found = _STREET.fullmatch(part)
    if not found:
        return set()
    name, letter, house = found.groups()
    endings = ("v", "vn", "vei", "veg") if letter in "vV" else ("gt", "gate", "gata")
    return {name + ending + house for ending in endings}
