"""Merging series into a project's sums, and taking them out again: SQL over their own rows.

A series' rows say what it adds; every sum is changed from these rows alone, inside the database,
so that what is taken away is exactly what was added. Series of one study come and go together:
most of what they hold is the same, and is then looked up and changed once.

New sums are told by their reference count: a row that only these series refer to is new while they
are merged, and the last of its kind while they are taken out. So one and the same statement says
how much an element changes; merging asks it after the rows below were counted up, taking out asks
it before they are counted down.

Written in the SQL that PostgreSQL and SQLite (3.33 and later) share. The caller holds the lock on
the project (`ProjectIndex`) and the transaction.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from django.db import connection

from review.models import ResearchSeries, ResearchStudy
from review.sums_down import COUNT_DOWN, DELETE_OWN
from review.sums_up import ADDED, CHANGE_ELEMENTS, COUNT_UP

# Ambiguous VRs (US or SS) are settled by each series for itself (PS3.6 section 6).
NAME_VRS = """
    UPDATE review_element SET vr = found.vr
    FROM (
        SELECT element_id, CASE WHEN MIN(vr) = MAX(vr) THEN MIN(vr)
            ELSE MIN(vr) || ' or ' || MAX(vr) END AS vr
        FROM review_elementuse
        WHERE element_id IN
            (SELECT element_id FROM review_serieselement WHERE series_id IN ({series}))
        GROUP BY element_id
    ) found
    WHERE review_element.id = found.element_id AND review_element.vr <> found.vr
"""

# What the risk of an element follows from, besides how many values are not listed.
CHANGING = """
    SELECT sv.element_id FROM ({added}) sv
    JOIN review_participantvalue pv ON pv.participant_id = %(participant)s
        AND pv.element_id = sv.element_id AND pv.value_id = sv.value_id
        AND pv.series_count = sv.n
    UNION
    SELECT se.element_id FROM (
        SELECT element_id, SUM(unlisted_count) AS unlisted, COUNT(*) AS n
        FROM review_serieselement WHERE series_id IN ({series}) GROUP BY element_id
    ) se
    JOIN review_studyelement st ON st.study_id = %(study)s AND st.element_id = se.element_id
    WHERE se.unlisted > 0 OR st.series_count = se.n
    UNION
    SELECT d.element_id FROM (
        SELECT decision_id, COUNT(*) AS n
        FROM review_serieselement WHERE series_id IN ({series}) GROUP BY decision_id
    ) se
    JOIN review_elementdecision d ON d.id = se.decision_id
    WHERE d.series_count = se.n
"""

NEVER = datetime(1, 1, 1, tzinfo=UTC)
"""What leaves makes nothing newer."""


def changing(study: ResearchStudy, series: Sequence[ResearchSeries]) -> set[int]:
    """Return the elements whose risk counted series may have changed, or will in going.

    Ask after counting them up, or before counting them down.
    """
    return {element for (element,) in _run([CHANGING], study, series, NEVER)}


def count_up(study: ResearchStudy, series: Sequence[ResearchSeries], *, seen_at: datetime) -> None:
    """Add series of a study, whose own rows are there, to its participant's and project's sums."""
    _run([*COUNT_UP, NAME_VRS, CHANGE_ELEMENTS], study, series, seen_at, sign="+")


def count_down(study: ResearchStudy, series: Sequence[ResearchSeries]) -> None:
    """Take series out of all sums, with their own rows and the values that only they had.

    Elements that nothing has any more stay, with zeros, until the caller drops them.
    """
    statements = [CHANGE_ELEMENTS, *COUNT_DOWN, NAME_VRS, *DELETE_OWN]
    _run(statements, study, series, NEVER, sign="-")


def _run(
    statements: Iterable[str],
    study: ResearchStudy,
    series: Sequence[ResearchSeries],
    seen_at: datetime,
    *,
    sign: str = "",
) -> list[tuple[Any, ...]]:
    """Run statements about some series; return the rows of the last, if it asks for any."""
    if not series:
        return []
    ids = ", ".join(str(one.pk) for one in series)
    words = {"series": ids, "added": ADDED.format(series=ids), "sign": sign}
    names: dict[str, int | str] = {
        "study": study.pk,
        "participant": study.participant_id,
        "seen_at": str(connection.ops.adapt_datetimefield_value(seen_at)),
    }
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement.format(**words), names)
        return cursor.fetchall() if cursor.description else []
