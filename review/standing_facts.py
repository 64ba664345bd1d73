"""What decides how an element stands: facts, asked of the database for many elements at once.

An element stands SAFE when somebody judged it so and nothing has come since that they did not
see: no value that is not judged, no more values that are only counted, nothing else that the plan
does with it. It stands UNSAFE while a value that was called unsafe is there, and settles by
itself when the last of these is gone. An element that is empty wherever it is needs no verdict.
"""

import hashlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from django.db import connection

from review.states import WHATEVER_VRS, WRITTEN, Covers, Judgement, Standing

NOTHING = hashlib.sha256(b"").hexdigest()
"""The digest of the empty value, which needs no verdict."""
AT_ONCE = 1000

# Something is done with the element now that was not when somebody was done with it.
HANDLED_OTHERWISE = """
    EXISTS (
        SELECT 1 FROM review_elementdecision d
        WHERE d.element_id = e.id AND NOT EXISTS (
            SELECT 1 FROM review_judgedhandling h
            WHERE h.known_id = k.id AND h.action = d.action AND h."row" = d."row"
        )
    )
"""
HANDLED_SO = """
    EXISTS (
        SELECT 1 FROM review_elementdecision d JOIN review_judgedhandling h
            ON h.known_id = k.id AND h.action = d.action AND h."row" = d."row"
        WHERE d.element_id = e.id
    )
"""
# What people write stands under the path somewhere, and is not all the plan's own.
HOLDS_TEXT = f"""
    (EXISTS (
        SELECT 1 FROM review_elementuse u WHERE u.element_id = e.id
            AND u.vr NOT IN ({", ".join(f"'{vr}'" for vrs in WHATEVER_VRS.values() for vr in vrs)})
    ) AND EXISTS (
        SELECT 1 FROM review_elementdecision d WHERE d.element_id = e.id
            AND d.action NOT IN ({", ".join(f"'{letter}'" for letter in sorted(WRITTEN))})
    ))
"""  # noqa: S608 - letters of our own

LAPSE = {"handled_otherwise": HANDLED_OTHERWISE, "holds_text": HOLDS_TEXT}
"""When a verdict on a whole element is not about what is there now."""

FACTS = """
    SELECT e.id, e.standing, e.open_value_count, k.id, k.standing,
        COALESCE(e.reopened_at = k.reopened_at, e.reopened_at IS NULL AND k.reopened_at IS NULL),
        e.value_count, e.unlisted_count, k.judged, k.covers, k.is_begun,
        k.came_late OR k.settled_at IS NOT NULL,
        CASE WHEN k.is_begun THEN (SELECT COUNT(*) FROM review_elementvalue ev
            WHERE ev.element_id = e.id AND ev.judged = 'open') ELSE e.value_count END,
        CASE WHEN k.is_begun THEN EXISTS (SELECT 1 FROM review_elementvalue ev
            WHERE ev.element_id = e.id AND ev.judged = 'unsafe') ELSE %(no)s END,
        CASE WHEN k.is_begun THEN EXISTS (SELECT 1 FROM review_elementvalue ev
            WHERE ev.element_id = e.id AND ev.judged = 'unsure') ELSE %(no)s END,
        CASE WHEN k.settled_at IS NULL THEN %(no)s ELSE {handled_otherwise} END,
        CASE WHEN k.judged = 'unsafe' THEN {handled_so} ELSE %(no)s END,
        CASE WHEN k.covers = 'whatever' THEN {holds_text} ELSE %(no)s END,
        CASE WHEN e.unlisted_count > 0 OR e.value_count > 1 THEN %(no)s ELSE NOT EXISTS (
            SELECT 1 FROM review_elementvalue ev JOIN review_value v ON v.id = ev.value_id
            WHERE ev.element_id = e.id AND v.digest <> %(nothing)s
        ) END
    FROM review_element e
    JOIN review_knownelement k ON k.project_id = e.project_id AND k.digest = e.digest
    WHERE e.id IN ({elements})
"""


@dataclass(frozen=True)
class Facts:
    """What decides how one element stands, in the order of FACTS."""

    element: int
    standing_before: str
    open_before: int
    known: int
    known_standing: str
    is_dated_alike: bool
    value_count: int
    unlisted_count: int
    judged: str
    covers: str
    is_begun: bool
    is_reopened: bool  # by whatever is open now, since somebody was done before or it came late
    open_count: int
    has_unsafe: bool
    has_unsure: bool
    is_handled_otherwise: bool
    is_handled_so: bool  # some of it, of what was called not safe
    holds_text: bool  # of what was called safe whatever its values
    is_empty: bool

    @property
    def is_to_be_written(self) -> bool:
        """Whether how it stands is not what stands in its rows."""
        before = (self.standing_before, self.open_before, self.known_standing, self.is_dated_alike)
        return before != (self.standing, self.opened, self.standing, True)

    @property
    def judged_now(self) -> str:
        """The verdict on the whole element, as long as the plan does what it did then.

        What was called not safe stays so while any of it is as it was.
        """
        if self.is_handled_otherwise and not (
            self.judged == Judgement.UNSAFE and self.is_handled_so
        ):
            return ""
        return self.judged

    @property
    def is_whatever(self) -> bool:
        """Whether somebody called it safe whatever its values, and that is still about it."""
        is_so = self.judged_now == Judgement.SAFE and self.covers == Covers.WHATEVER
        return is_so and not self.holds_text

    @property
    def is_to_be_looked_up(self) -> bool:
        """Whether its values still stand as when it was, or was not, safe whatever they are."""
        if self.judged != Judgement.SAFE or self.covers != Covers.WHATEVER:
            return False
        if self.is_whatever:
            return self.known_standing in (Standing.NEW, Standing.UNJUDGED)
        return self.known_standing == Standing.SAFE

    @property
    def opened(self) -> int:
        """How many listed values still wait for somebody."""
        if self.is_empty:
            return 0
        return 0 if self.is_whatever else self.open_count

    @property
    def standing(self) -> Standing:
        """How the element stands."""
        if self.has_unsafe or self.judged_now == Judgement.UNSAFE:
            return Standing.UNSAFE
        if self.is_empty:
            return Standing.SAFE
        if self.has_unsure or self.judged_now == Judgement.UNSURE:
            return Standing.UNSURE
        if self._is_covered:
            return Standing.SAFE
        return Standing.NEW if self.is_reopened else Standing.UNJUDGED

    @property
    def _is_covered(self) -> bool:
        """Whether somebody called safe all that is there."""
        if self.is_handled_otherwise or not self.is_begun:
            return False
        if self.is_whatever:
            return True
        return self.open_count == 0 and self.unlisted_count == 0 and self.value_count > 0


def facts_of(elements: Collection[int]) -> list[Facts]:
    """Return what decides how each element stands."""
    found = []
    for some in parts(sorted(elements)):
        found += [Facts(*row) for row in run(FACTS, elements=some)]
    return found


def run(
    statement: str, *, elements: Collection[int] = (), series: Collection[int] = ()
) -> list[tuple[Any, ...]]:
    """Run one statement; `{elements}` and `{series}` in it are lists of ids."""
    names = {f"e{n}": pk for n, pk in enumerate(elements)}
    names |= {f"s{n}": pk for n, pk in enumerate(series)}
    lists = {
        "elements": ", ".join(f"%(e{n})s" for n in range(len(elements))),
        "series": ", ".join(f"%(s{n})s" for n in range(len(series))),
        "handled_so": HANDLED_SO,
        **LAPSE,
    }
    with connection.cursor() as cursor:
        cursor.execute(statement.format(**lists), {**names, "nothing": NOTHING, "no": False})
        return cursor.fetchall() if cursor.description else []


def parts(ids: list[int]) -> Iterable[list[int]]:
    return (ids[start : start + AT_ONCE] for start in range(0, len(ids), AT_ONCE))
