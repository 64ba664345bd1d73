"""What people typed as a reason, before somebody reads it who may not see identified data.

A sentence that is kept with one run is compared with that run's search terms (telling.py). One that
is kept with a project, a rule or a plan version is compared here with those of all its patients.
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterable
from functools import partial

from django.db.models import Exists, OuterRef, QuerySet

from deidentify.leaks import SearchTerms
from deidentify.leaks.folding import compact_text, words
from deidentify.leaks.patterns import matches
from deidentify.leaks.search import Searcher
from projects.models import Project
from transfers.models import SearchTermStore

WITHHELD = "(withheld: it holds what may identify the patient)"
SHORTEST = 3
MOST_KNOWN = 10_000
_UID = re.compile(r"\d+(?:\.\d+){4,}")
_known: dict[tuple[int, str], tuple[bool, int]] = {}
"""(project, digest of a sentence) -> whether it is harmless, and up to which store of terms."""


def screen_for_project(project: Project) -> Callable[[str], str]:
    """Return what lets a typed sentence pass, or says that it is withheld."""
    return partial(_screened, project.pk, {})


def _screened(project: int, loaded: dict[int, "list[_Store]"], text: str) -> str:
    if not text:
        return text
    key = project, hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    harmless, until = _known.get(key, (True, 0))
    if harmless:
        harmless = until > 0 or not _has_form(text)
        if until not in loaded:
            loaded[until] = [_Store(row) for row in _stores(project).filter(pk__gt=until)]
        stores = loaded[until]
        harmless = harmless and not any(store.is_named_in(text) for store in stores)
        if len(_known) >= MOST_KNOWN:
            _known.clear()
        _known[key] = harmless, max([until, *(store.pk for store in stores)])
    return text if harmless else WITHHELD


def _has_form(text: str) -> bool:
    """Whether something in it identifies by its form alone."""
    return bool(_UID.search(text)) or any(matches(text.encode("utf-8", "replace")))


def _stores(project: int) -> QuerySet[SearchTermStore]:
    """Return the newest search terms of each transfer: later runs know what earlier ones knew."""
    newer = SearchTermStore.objects.filter(
        run__transfer=OuterRef("run__transfer"), pk__gt=OuterRef("pk")
    )
    return SearchTermStore.objects.filter(~Exists(newer), run__transfer__project=project)


class _Store:
    """One patient's search terms: the words of their values first, the whole search if one fits."""

    def __init__(self, row: SearchTermStore) -> None:
        self.pk = row.pk
        self._data = json.loads(row.terms)
        found = {
            part
            for kind, values in self._data["values"].items()
            if kind != "uid"
            for value in values
            for part in _parts(value)
        }
        self._parts = {part for part in found if len(part) >= SHORTEST}

    def is_named_in(self, text: str) -> bool:
        plain = compact_text(text)
        if not any(part in plain for part in self._parts):
            return False
        return any(Searcher(SearchTerms.from_data(self._data)).search_text(text))


def _parts(value: str) -> Iterable[str]:
    """Return a value's words, and what it is without separators; of a date, as it is written."""
    yield compact_text(value)
    yield from map(compact_text, words(value))
    if re.fullmatch(r"\d{8}", value.strip()):
        year, month, day = value[:4], value[4:6], value[6:8]
        yield from (f"{day}{month}{year}", f"{day}{month}{year[2:]}", year)
