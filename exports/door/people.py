"""Who is in a package, and what must not be in it: the search terms of all of them.

The pipeline keeps every patient's terms, encrypted, until the coupling is severed. In what belongs
to one participant, that one's are all searched for, and of the others what names a person. What
belongs to nobody alone is searched for what names anybody.
"""

import json
import re
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from django.db.models import Exists, OuterRef

from deidentify.leaks import LeakCheck, SearchTerms
from deidentify.leaks.finding import KINDS
from deidentify.leaks.shapes import real_date
from deidentify.leaks.terms import VERSION
from exports.models import Package
from transfers.models import SearchTermStore

OF_OTHERS = frozenset({"name", "national_id", "identifier", "address", "phone", "email"})
"""What is searched for in a member that belongs to somebody else."""
OF_ANYBODY = OF_OTHERS | {"physician", "birth_date"}
"""What is searched for where it is not known whose a member is."""
MOST_CHECKS = 4
"""Participants whose compiled terms are kept; members come participant by participant."""
SHORTEST_NUMBER = 6
"""Digits that a pseudonym without letters needs to be told from any other number."""
_NO_LABEL = re.compile(r"[^a-z0-9]+")


class Known(NamedTuple):
    """One participant's search terms, compiled."""

    terms: SearchTerms
    check: LeakCheck


class People:
    """The participants of a package.

    Args:
        package: whose participants they are.
        is_untied: no member tells whose it is; then everything is searched for everywhere.
        check: called now and then while terms are read.

    Attributes:
        without_terms: how many of them nothing is known of any more.
        written: what the house itself writes, which is no finding; the pseudonyms are none of it
            if it is untied: then they are searched for.
        everybody: the terms of all, of kinds that name a person; of all kinds if it is untied.
    """

    def __init__(self, package: Package, *, is_untied: bool, check: Callable[[], None]) -> None:
        self._project = package.project_id
        self.by_label: dict[str, int] = {}
        self._of_two: set[str] = set()
        self._people = dict(package.participants.order_by("pk").values_list("pk", "pseudonym"))
        for pk, pseudonym in self._people.items():
            self.name(pk, pseudonym)
        self._known: OrderedDict[int, Known | None] = OrderedDict()
        self.born: dict[str, set[int]] = {}
        self.without_terms = 0
        project = package.project
        self.written = {project.acronym, project.number}
        if not is_untied:
            self.written.update(self._people.values())
        terms = SearchTerms(written=self.written)
        for pseudonym in self._people.values() if is_untied else ():
            plain = plain_label(pseudonym)
            if not plain.isdigit() or len(plain) >= SHORTEST_NUMBER:
                terms.add("identifier", plain, source_path="the pseudonym of a participant")
        for pk in self._people:
            check()
            own = self._terms_of(pk)
            if own is None:
                self.without_terms += 1
                continue
            terms.join(own, KINDS if is_untied else OF_ANYBODY)
            for kind, value in own.known_values():
                if kind == "birth_date" and (date := real_date(value)):
                    self.born.setdefault(date, set()).add(pk)
        self.everybody = LeakCheck(terms)

    @property
    def count(self) -> int:
        """How many they are."""
        return len(self._people)

    def name(self, pk: int, label: str) -> None:
        """Note what a participant is called in the package; what two are called is nobody's."""
        plain = plain_label(label)
        if not plain or plain in self._of_two:
            return
        if self.by_label.setdefault(plain, pk) != pk:
            del self.by_label[plain]
            self._of_two.add(plain)

    def rename(self, names: Mapping[str, str]) -> None:
        """Note new identifiers, by pseudonym: the package calls its participants so."""
        for pk, pseudonym in self._people.items():
            self.name(pk, names.get(pseudonym, ""))

    def known(self, pk: int) -> Known | None:
        """Return one participant's terms; None if they are gone."""
        if pk not in self._known:
            terms = self._terms_of(pk)
            self._known[pk] = Known(terms, LeakCheck(terms)) if terms is not None else None
            while len(self._known) > MOST_CHECKS:
                self._known.popitem(last=False)
        self._known.move_to_end(pk)
        return self._known[pk]

    def _terms_of(self, pk: int) -> SearchTerms | None:
        """Return what all transfers of a participant knew; None if none knows anything any more."""
        found: SearchTerms | None = None
        for stored in _newest_stores(self._project, pk):
            data = json.loads(stored.terms)
            if data.get("version") != VERSION:
                continue  # an older program's do not say in which element a value stood
            terms = SearchTerms.from_data(data)
            if found is None:
                found = terms
            else:
                found.written |= terms.written
                found.join(terms)
        return found


def _newest_stores(project: int, participant: int) -> Iterator[SearchTermStore]:
    """Yield the newest terms of each transfer: later runs know what earlier ones knew."""
    newer = SearchTermStore.objects.filter(
        run__transfer=OuterRef("run__transfer"), pk__gt=OuterRef("pk")
    )
    stores = SearchTermStore.objects.filter(
        ~Exists(newer), run__transfer__project=project, run__transfer__participant=participant
    )
    yield from stores.order_by("pk")


def plain_label(label: str) -> str:
    """Return letters and digits of what a participant is called, as folders may spell it."""
    return _NO_LABEL.sub("", label.casefold())
