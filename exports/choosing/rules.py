"""Which series a selection takes, and which of its words left the others out."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable

from exports.choosing.facts import SeriesFacts
from exports.specification.parts import ALTERNATIVES, Listed, Selection, SeriesRule
from exports.specification.patterns import compiled

Values = tuple[str, ...]


def _fits(compare: Callable[[str, str], bool]) -> Callable[[Values, str], bool]:
    """Look whether one of the values, or all of them with backslashes, is as wanted."""
    return lambda values, wanted: any(
        compare(value.casefold(), wanted.casefold()) for value in (*values, "\\".join(values))
    )


def _is(value: str, wanted: str) -> bool:
    return value == wanted


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _compares(compare: Callable[[float, float], bool]) -> Callable[[Values, str], bool]:
    def fits(values: Values, wanted: str) -> bool:
        numbers = (_number(value) for value in values)
        return any(number is not None and compare(number, float(wanted)) for number in numbers)

    return fits


TESTING: dict[str, Callable[[Values, str], bool]] = {
    "is": _fits(_is),
    "is_not": lambda values, wanted: not _fits(_is)(values, wanted),
    "contains": _fits(lambda value, wanted: wanted in value),
    "starts_with": _fits(str.startswith),
    "matches": lambda values, wanted: any(
        compiled(wanted).fullmatch(value) is not None for value in (*values, "\\".join(values))
    ),
    "above": _compares(lambda number, bound: number > bound),
    "below": _compares(lambda number, bound: number < bound),
}
"""How each test of specification.parts.TESTS looks at the values of an element that is there."""


def holds(rule: SeriesRule, series: SeriesFacts) -> bool:
    """Tell whether a rule holds for a series. What is not there is not like anything."""
    values = series.values.get(rule.element)
    if rule.test == "is_there":
        return values is not None
    if rule.test == "is_not_there":
        return values is None
    return TESTING[rule.test](values or (), rule.value)


class Chooser:
    """A selection, ready to be asked about series after series."""

    def __init__(self, selection: Selection) -> None:
        self.selection = selection
        self.together, self.alternatives = _grouped(selection.include)
        self.listed = _by_participant(selection.listed)

    @property
    def reads_headers(self) -> bool:
        """Whether an answer needs the values of a header, and not only the rows."""
        selection = self.selection
        listed = any(row.series for row in selection.listed)
        return bool(selection.modalities or selection.include or selection.exclude or listed)

    def refusal(self, series: SeriesFacts) -> str:
        """Return why a series stays out, in words of the specification; "" if it goes in."""
        transfer, selection = series.run.transfer, self.selection
        pseudonym, event = transfer.participant.pseudonym, transfer.event.name
        if _excludes(selection.participants, pseudonym):
            return "participant not chosen"
        if _excludes(selection.events, event):
            return "event not chosen"
        if _excludes(selection.sites, site_code(series)):
            return "site not chosen"
        if _excludes(selection.modalities, series.text("Modality")):
            return "modality not chosen"
        if selection.listed and not self._is_listed(series, pseudonym, event):
            return "not on the list"
        count = series.images
        if selection.least_images is not None and count < selection.least_images:
            return f"fewer than {selection.least_images:,} images"
        if selection.most_images is not None and count > selection.most_images:
            return f"more than {selection.most_images:,} images"
        return self._refused_by_rule(series)

    def _refused_by_rule(self, series: SeriesFacts) -> str:
        for rule in self.selection.exclude:
            if holds(rule, series):
                return f"excluded: {rule}"
        for rule in self.together:
            if not holds(rule, series):
                return f"not included: {rule}"
        for rules in self.alternatives:
            if not any(holds(rule, series) for rule in rules):
                return f"not included: {' or '.join(map(str, rules))}"
        return ""

    def _is_listed(self, series: SeriesFacts, pseudonym: str, event: str) -> bool:
        names = {"", series.uid, "" if series.number is None else str(series.number)}
        return any(
            row.event in ("", event) and row.series in names
            for row in self.listed.get(pseudonym, ())
        )


def _excludes(wanted: Collection[str], value: str) -> bool:
    return bool(wanted) and value not in wanted


def site_code(series: SeriesFacts) -> str:
    """Return the two digits of a participant's site, "" for none."""
    site = series.run.transfer.participant.site
    return "" if site is None else f"{site.code:02}"


def _grouped(rules: Iterable[SeriesRule]) -> tuple[list[SeriesRule], list[list[SeriesRule]]]:
    """Part rules into those that all must hold, and groups of which one is enough."""
    together, groups = [], defaultdict(list)
    for rule in rules:
        if rule.test in ALTERNATIVES:
            groups[rule.element].append(rule)
        else:
            together.append(rule)
    return together, list(groups.values())


def _by_participant(rows: Iterable[Listed]) -> dict[str, list[Listed]]:
    found = defaultdict(list)
    for row in rows:
        found[row.participant].append(row)
    return found
