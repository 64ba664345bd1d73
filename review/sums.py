"""Merging a series into a project's sums, and taking it out again: SQL over its own rows.

A series' rows say what it adds; every sum is changed from these rows alone, inside the database,
so that what is taken away is exactly what was added. New sums are told by their reference count:
a row that only one series refers to is new while that series is merged, and the last of its kind
while it is taken out. So one and the same statement says how much an element changes; merging
asks it after the rows below were counted up, taking out asks it before they are counted down.

Written in the SQL that PostgreSQL and SQLite (3.33 and later) share. The caller holds the lock on
the project (`ProjectIndex`) and the transaction.
"""

from datetime import UTC, datetime

from django.db import connection

from review.models import ResearchSeries

COUNT_UP = (
    """
    INSERT INTO review_studyelement (study_id, element_id, series_count)
    SELECT %(study)s, element_id, 1 FROM review_serieselement WHERE series_id = %(series)s
    ON CONFLICT (study_id, element_id) DO UPDATE SET
        series_count = review_studyelement.series_count + 1
    """,
    """
    INSERT INTO review_participantelement
        (participant_id, element_id, instance_count, series_count)
    SELECT %(participant)s, element_id, instance_count, 1
    FROM review_serieselement WHERE series_id = %(series)s
    ON CONFLICT (participant_id, element_id) DO UPDATE SET
        instance_count = review_participantelement.instance_count + excluded.instance_count,
        series_count = review_participantelement.series_count + 1
    """,
    """
    INSERT INTO review_participantvalue
        (participant_id, element_id, value_id, instance_count, series_count)
    SELECT %(participant)s, element_id, value_id, instance_count, 1
    FROM review_seriesvalue WHERE series_id = %(series)s
    ON CONFLICT (participant_id, element_id, value_id) DO UPDATE SET
        instance_count = review_participantvalue.instance_count + excluded.instance_count,
        series_count = review_participantvalue.series_count + 1
    """,
    """
    INSERT INTO review_elementvalue
        (element_id, value_id, instance_count, series_count, participant_count, first_seen_at)
    SELECT sv.element_id, sv.value_id, sv.instance_count, 1,
        CASE WHEN pv.series_count = 1 THEN 1 ELSE 0 END, %(seen_at)s
    FROM review_seriesvalue sv
    JOIN review_participantvalue pv ON pv.participant_id = %(participant)s
        AND pv.element_id = sv.element_id AND pv.value_id = sv.value_id
    WHERE sv.series_id = %(series)s
    ON CONFLICT (element_id, value_id) DO UPDATE SET
        instance_count = review_elementvalue.instance_count + excluded.instance_count,
        series_count = review_elementvalue.series_count + 1,
        participant_count = review_elementvalue.participant_count + excluded.participant_count,
        first_seen_at = CASE WHEN excluded.first_seen_at < review_elementvalue.first_seen_at
            THEN excluded.first_seen_at ELSE review_elementvalue.first_seen_at END
    """,
    """
    INSERT INTO review_originvalue
        (origin_id, element_id, value_id, instance_count, series_count)
    SELECT %(origin)s, element_id, value_id, instance_count, 1
    FROM review_seriesvalue WHERE series_id = %(series)s
    ON CONFLICT (origin_id, element_id, value_id) DO UPDATE SET
        instance_count = review_originvalue.instance_count + excluded.instance_count,
        series_count = review_originvalue.series_count + 1
    """,
    """
    INSERT INTO review_elementuse (element_id, origin_id, vr, instance_count, series_count)
    SELECT element_id, %(origin)s, vr, instance_count, 1
    FROM review_serieselement WHERE series_id = %(series)s
    ON CONFLICT (element_id, origin_id, vr) DO UPDATE SET
        instance_count = review_elementuse.instance_count + excluded.instance_count,
        series_count = review_elementuse.series_count + 1
    """,
    """
    UPDATE review_elementdecision SET series_count = review_elementdecision.series_count + 1
    FROM review_serieselement se
    WHERE se.series_id = %(series)s AND review_elementdecision.id = se.decision_id
    """,
    """
    INSERT INTO review_elementlook (element_id, looks, value_count)
    SELECT sv.element_id, v.looks, COUNT(*)
    FROM review_seriesvalue sv
    JOIN review_value v ON v.id = sv.value_id AND v.looks <> ''
    JOIN review_elementvalue ev ON ev.element_id = sv.element_id AND ev.value_id = sv.value_id
        AND ev.series_count = 1
    WHERE sv.series_id = %(series)s
    GROUP BY sv.element_id, v.looks
    ON CONFLICT (element_id, looks) DO UPDATE SET
        value_count = review_elementlook.value_count + excluded.value_count
    """,
    """
    UPDATE review_origin SET series_count = series_count + 1,
        instance_count = instance_count + (
            SELECT instance_count FROM review_researchseries WHERE id = %(series)s
        )
    WHERE id = %(origin)s
    """,
)

# Ambiguous VRs (US or SS) are settled by each series for itself (PS3.6 section 6).
NAME_VRS = """
    UPDATE review_element SET vr = found.vr
    FROM (
        SELECT element_id, CASE WHEN MIN(vr) = MAX(vr) THEN MIN(vr)
            ELSE MIN(vr) || ' or ' || MAX(vr) END AS vr
        FROM review_elementuse
        WHERE element_id IN
            (SELECT element_id FROM review_serieselement WHERE series_id = %(series)s)
        GROUP BY element_id
    ) found
    WHERE review_element.id = found.element_id AND review_element.vr <> found.vr
"""

CHANGE_ELEMENTS = """
    UPDATE review_element SET
        instance_count = review_element.instance_count {sign} change.instances,
        series_count = review_element.series_count {sign} 1,
        study_count = review_element.study_count {sign} change.studies,
        participant_count = review_element.participant_count {sign} change.participants,
        value_count = review_element.value_count {sign} change.new_values,
        unlisted_count = review_element.unlisted_count {sign} change.unlisted,
        participant_value_count =
            review_element.participant_value_count {sign} change.participant_values,
        lone_value_count = review_element.lone_value_count {sign} change.lone_values,
        changed_at = CASE WHEN change.new_values > 0 AND review_element.changed_at < %(seen_at)s
            THEN %(seen_at)s ELSE review_element.changed_at END
    FROM (
        SELECT element_id, SUM(instances) AS instances, SUM(studies) AS studies,
            SUM(participants) AS participants, SUM(unlisted) AS unlisted,
            SUM(new_values) AS new_values, SUM(participant_values) AS participant_values,
            SUM(lone_values) AS lone_values
        FROM (
            SELECT se.element_id, se.instance_count AS instances,
                CASE WHEN st.series_count = 1 THEN 1 ELSE 0 END AS studies,
                CASE WHEN pe.series_count = 1 THEN 1 ELSE 0 END AS participants,
                se.unlisted_count AS unlisted,
                0 AS new_values, 0 AS participant_values, 0 AS lone_values
            FROM review_serieselement se
            JOIN review_studyelement st
                ON st.study_id = %(study)s AND st.element_id = se.element_id
            JOIN review_participantelement pe
                ON pe.participant_id = %(participant)s AND pe.element_id = se.element_id
            WHERE se.series_id = %(series)s
            UNION ALL
            SELECT sv.element_id, 0, 0, 0, 0,
                CASE WHEN ev.series_count = 1 THEN 1 ELSE 0 END,
                CASE WHEN pv.series_count = 1 THEN 1 ELSE 0 END,
                CASE WHEN pv.series_count <> 1 THEN 0
                    WHEN ev.participant_count = 1 THEN 1
                    WHEN ev.participant_count = 2 THEN -1 ELSE 0 END
            FROM review_seriesvalue sv
            JOIN review_elementvalue ev
                ON ev.element_id = sv.element_id AND ev.value_id = sv.value_id
            JOIN review_participantvalue pv ON pv.participant_id = %(participant)s
                AND pv.element_id = sv.element_id AND pv.value_id = sv.value_id
            WHERE sv.series_id = %(series)s
        ) part
        GROUP BY element_id
    ) change
    WHERE review_element.id = change.element_id
"""

COUNT_DOWN = (
    """
    UPDATE review_elementlook SET value_count = review_elementlook.value_count - change.gone
    FROM (
        SELECT sv.element_id, v.looks, COUNT(*) AS gone
        FROM review_seriesvalue sv
        JOIN review_value v ON v.id = sv.value_id AND v.looks <> ''
        JOIN review_elementvalue ev ON ev.element_id = sv.element_id
            AND ev.value_id = sv.value_id AND ev.series_count = 1
        WHERE sv.series_id = %(series)s
        GROUP BY sv.element_id, v.looks
    ) change
    WHERE review_elementlook.element_id = change.element_id
        AND review_elementlook.looks = change.looks
    """,
    """
    UPDATE review_elementvalue SET
        instance_count = review_elementvalue.instance_count - change.instances,
        series_count = review_elementvalue.series_count - 1,
        participant_count = review_elementvalue.participant_count - change.participants
    FROM (
        SELECT sv.element_id, sv.value_id, sv.instance_count AS instances,
            CASE WHEN pv.series_count = 1 THEN 1 ELSE 0 END AS participants
        FROM review_seriesvalue sv
        JOIN review_participantvalue pv ON pv.participant_id = %(participant)s
            AND pv.element_id = sv.element_id AND pv.value_id = sv.value_id
        WHERE sv.series_id = %(series)s
    ) change
    WHERE review_elementvalue.element_id = change.element_id
        AND review_elementvalue.value_id = change.value_id
    """,
    """
    UPDATE review_participantvalue SET
        instance_count = review_participantvalue.instance_count - sv.instance_count,
        series_count = review_participantvalue.series_count - 1
    FROM review_seriesvalue sv
    WHERE sv.series_id = %(series)s AND review_participantvalue.participant_id = %(participant)s
        AND review_participantvalue.element_id = sv.element_id
        AND review_participantvalue.value_id = sv.value_id
    """,
    """
    UPDATE review_studyelement SET series_count = review_studyelement.series_count - 1
    FROM review_serieselement se
    WHERE se.series_id = %(series)s AND review_studyelement.study_id = %(study)s
        AND review_studyelement.element_id = se.element_id
    """,
    """
    UPDATE review_participantelement SET
        instance_count = review_participantelement.instance_count - se.instance_count,
        series_count = review_participantelement.series_count - 1
    FROM review_serieselement se
    WHERE se.series_id = %(series)s AND review_participantelement.participant_id = %(participant)s
        AND review_participantelement.element_id = se.element_id
    """,
    """
    UPDATE review_elementuse SET
        instance_count = review_elementuse.instance_count - se.instance_count,
        series_count = review_elementuse.series_count - 1
    FROM review_serieselement se
    WHERE se.series_id = %(series)s AND review_elementuse.origin_id = %(origin)s
        AND review_elementuse.element_id = se.element_id AND review_elementuse.vr = se.vr
    """,
    """
    UPDATE review_originvalue SET
        instance_count = review_originvalue.instance_count - sv.instance_count,
        series_count = review_originvalue.series_count - 1
    FROM review_seriesvalue sv
    WHERE sv.series_id = %(series)s AND review_originvalue.origin_id = %(origin)s
        AND review_originvalue.element_id = sv.element_id
        AND review_originvalue.value_id = sv.value_id
    """,
    """
    UPDATE review_elementdecision SET series_count = review_elementdecision.series_count - 1
    FROM review_serieselement se
    WHERE se.series_id = %(series)s AND review_elementdecision.id = se.decision_id
    """,
    """
    UPDATE review_origin SET series_count = series_count - 1,
        instance_count = instance_count - (
            SELECT instance_count FROM review_researchseries WHERE id = %(series)s
        )
    WHERE id = %(origin)s
    """,
    """
    DELETE FROM review_elementvalue
    WHERE series_count = 0 AND (element_id, value_id) IN (
            SELECT element_id, value_id FROM review_seriesvalue WHERE series_id = %(series)s
        )
    """,
    """
    DELETE FROM review_participantvalue
    WHERE participant_id = %(participant)s AND series_count = 0
        AND (element_id, value_id) IN (
            SELECT element_id, value_id FROM review_seriesvalue WHERE series_id = %(series)s
        )
    """,
    """
    DELETE FROM review_originvalue
    WHERE origin_id = %(origin)s AND series_count = 0
        AND (element_id, value_id) IN (
            SELECT element_id, value_id FROM review_seriesvalue WHERE series_id = %(series)s
        )
    """,
    """
    DELETE FROM review_elementdecision
    WHERE series_count = 0
        AND id IN (SELECT decision_id FROM review_serieselement WHERE series_id = %(series)s)
    """,
    """
    DELETE FROM review_elementlook
    WHERE value_count = 0
        AND element_id IN (SELECT element_id FROM review_serieselement WHERE series_id = %(series)s)
    """,
    """
    DELETE FROM review_studyelement
    WHERE study_id = %(study)s AND series_count = 0
        AND element_id IN (SELECT element_id FROM review_serieselement WHERE series_id = %(series)s)
    """,
    """
    DELETE FROM review_participantelement
    WHERE participant_id = %(participant)s AND series_count = 0
        AND element_id IN (SELECT element_id FROM review_serieselement WHERE series_id = %(series)s)
    """,
    """
    DELETE FROM review_elementuse
    WHERE series_count = 0
        AND element_id IN (SELECT element_id FROM review_serieselement WHERE series_id = %(series)s)
    """,
    NAME_VRS,
    # references are checked when the transaction ends: the series' own rows go right after
    """
    DELETE FROM review_value
    WHERE id IN (SELECT value_id FROM review_seriesvalue WHERE series_id = %(series)s)
        AND NOT EXISTS (SELECT 1 FROM review_elementvalue ev WHERE ev.value_id = review_value.id)
    """,
    "DELETE FROM review_seriesvalue WHERE series_id = %(series)s",
    "DELETE FROM review_serieselement WHERE series_id = %(series)s",
)


# What the risk of an element follows from, besides how many values are not listed.
CHANGING = """
    SELECT sv.element_id FROM review_seriesvalue sv
    JOIN review_participantvalue pv ON pv.participant_id = %(participant)s
        AND pv.element_id = sv.element_id AND pv.value_id = sv.value_id AND pv.series_count = 1
    WHERE sv.series_id = %(series)s
    UNION
    SELECT se.element_id FROM review_serieselement se
    JOIN review_elementdecision d ON d.id = se.decision_id
    JOIN review_studyelement st ON st.study_id = %(study)s AND st.element_id = se.element_id
    WHERE se.series_id = %(series)s
        AND (se.unlisted_count > 0 OR d.series_count = 1 OR st.series_count = 1)
"""


def changing(series: ResearchSeries) -> set[int]:
    """Return the elements whose risk a counted series may have changed, or will in going.

    Ask after counting it up, or before counting it down.
    """
    with connection.cursor() as cursor:
        cursor.execute(CHANGING, _names(series))
        return {element for (element,) in cursor.fetchall()}


def count_up(series: ResearchSeries, *, seen_at: datetime) -> None:
    """Add a series, whose own rows are there, to the sums of its participant and project."""
    _run([*COUNT_UP, NAME_VRS, CHANGE_ELEMENTS.format(sign="+")], series, seen_at)


def count_down(series: ResearchSeries) -> None:
    """Take a series out of all sums, with its own rows and the values that only it had.

    Elements that nothing has any more stay, with zeros, until the caller drops them.
    """
    never = datetime(1, 1, 1, tzinfo=UTC)  # what leaves makes nothing newer
    _run([CHANGE_ELEMENTS.format(sign="-"), *COUNT_DOWN], series, never)


def _run(statements: list[str], series: ResearchSeries, seen_at: datetime) -> None:
    names = _names(series)
    names["seen_at"] = str(connection.ops.adapt_datetimefield_value(seen_at))
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement, names)


def _names(series: ResearchSeries) -> dict[str, int | str]:
    return {
        "series": series.pk,
        "study": series.study_id,
        "participant": series.study.participant_id,
        "origin": series.origin_id,
    }
