"""Adding what some series of one study hold to the sums, and what that changes of the elements.

The order counts: how often participant and element have a value is known before it is asked how
many of the values are new to them.
"""

ADDED = """
    SELECT element_id, value_id, SUM(instance_count) AS instances, COUNT(*) AS n
    FROM review_seriesvalue WHERE series_id IN ({series}) GROUP BY element_id, value_id
"""
"""What the series bring together, value by value; `n` is how many of them have it."""

COUNT_UP = (
    """
    INSERT INTO review_studyelement (study_id, element_id, series_count)
    SELECT %(study)s, element_id, COUNT(*)
    FROM review_serieselement WHERE series_id IN ({series}) GROUP BY element_id
    ON CONFLICT (study_id, element_id) DO UPDATE SET
        series_count = review_studyelement.series_count + excluded.series_count
    """,
    """
    INSERT INTO review_participantelement
        (participant_id, element_id, instance_count, series_count)
    SELECT %(participant)s, element_id, SUM(instance_count), COUNT(*)
    FROM review_serieselement WHERE series_id IN ({series}) GROUP BY element_id
    ON CONFLICT (participant_id, element_id) DO UPDATE SET
        instance_count = review_participantelement.instance_count + excluded.instance_count,
        series_count = review_participantelement.series_count + excluded.series_count
    """,
    """
    INSERT INTO review_participantvalue
        (participant_id, element_id, value_id, instance_count, series_count)
    SELECT %(participant)s, element_id, value_id, SUM(instance_count), COUNT(*)
    FROM review_seriesvalue WHERE series_id IN ({series}) GROUP BY element_id, value_id
    ON CONFLICT (participant_id, element_id, value_id) DO UPDATE SET
        instance_count = review_participantvalue.instance_count + excluded.instance_count,
        series_count = review_participantvalue.series_count + excluded.series_count
    """,
    """
    INSERT INTO review_elementvalue
        (element_id, value_id, instance_count, series_count, participant_count, first_seen_at)
    SELECT sv.element_id, sv.value_id, sv.instances, sv.n,
        CASE WHEN pv.series_count = sv.n THEN 1 ELSE 0 END, %(seen_at)s
    FROM ({added}) sv
    JOIN review_participantvalue pv ON pv.participant_id = %(participant)s
        AND pv.element_id = sv.element_id AND pv.value_id = sv.value_id
    WHERE sv.n > 0
    ON CONFLICT (element_id, value_id) DO UPDATE SET
        instance_count = review_elementvalue.instance_count + excluded.instance_count,
        series_count = review_elementvalue.series_count + excluded.series_count,
        participant_count = review_elementvalue.participant_count + excluded.participant_count,
        first_seen_at = CASE WHEN excluded.first_seen_at < review_elementvalue.first_seen_at
            THEN excluded.first_seen_at ELSE review_elementvalue.first_seen_at END
    """,
    """
    INSERT INTO review_originvalue
        (origin_id, element_id, value_id, instance_count, series_count)
    SELECT rs.origin_id, sv.element_id, sv.value_id, SUM(sv.instance_count), COUNT(*)
    FROM review_seriesvalue sv JOIN review_researchseries rs ON rs.id = sv.series_id
    WHERE sv.series_id IN ({series}) GROUP BY rs.origin_id, sv.element_id, sv.value_id
    ON CONFLICT (origin_id, element_id, value_id) DO UPDATE SET
        instance_count = review_originvalue.instance_count + excluded.instance_count,
        series_count = review_originvalue.series_count + excluded.series_count
    """,
    """
    INSERT INTO review_elementuse (element_id, origin_id, vr, instance_count, series_count)
    SELECT se.element_id, rs.origin_id, se.vr, SUM(se.instance_count), COUNT(*)
    FROM review_serieselement se JOIN review_researchseries rs ON rs.id = se.series_id
    WHERE se.series_id IN ({series}) GROUP BY se.element_id, rs.origin_id, se.vr
    ON CONFLICT (element_id, origin_id, vr) DO UPDATE SET
        instance_count = review_elementuse.instance_count + excluded.instance_count,
        series_count = review_elementuse.series_count + excluded.series_count
    """,
    """
    UPDATE review_elementdecision
    SET series_count = review_elementdecision.series_count + change.n
    FROM (
        SELECT decision_id, COUNT(*) AS n
        FROM review_serieselement WHERE series_id IN ({series}) GROUP BY decision_id
    ) change
    WHERE review_elementdecision.id = change.decision_id
    """,
    """
    INSERT INTO review_elementlook (element_id, looks, value_count)
    SELECT sv.element_id, v.looks, COUNT(*)
    FROM ({added}) sv
    JOIN review_value v ON v.id = sv.value_id AND v.looks <> ''
    JOIN review_elementvalue ev ON ev.element_id = sv.element_id AND ev.value_id = sv.value_id
        AND ev.series_count = sv.n
    WHERE sv.n > 0
    GROUP BY sv.element_id, v.looks
    ON CONFLICT (element_id, looks) DO UPDATE SET
        value_count = review_elementlook.value_count + excluded.value_count
    """,
    """
    UPDATE review_origin SET
        series_count = review_origin.series_count + change.n,
        instance_count = review_origin.instance_count + change.instances
    FROM (
        SELECT origin_id, COUNT(*) AS n, SUM(instance_count) AS instances
        FROM review_researchseries WHERE id IN ({series}) GROUP BY origin_id
    ) change
    WHERE review_origin.id = change.origin_id
    """,
)

CHANGE_ELEMENTS = """
    UPDATE review_element SET
        instance_count = review_element.instance_count {sign} change.instances,
        series_count = review_element.series_count {sign} change.n,
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
        SELECT element_id, SUM(instances) AS instances, SUM(n) AS n, SUM(studies) AS studies,
            SUM(participants) AS participants, SUM(unlisted) AS unlisted,
            SUM(new_values) AS new_values, SUM(participant_values) AS participant_values,
            SUM(lone_values) AS lone_values
        FROM (
            SELECT se.element_id, se.instances, se.n,
                CASE WHEN st.series_count = se.n THEN 1 ELSE 0 END AS studies,
                CASE WHEN pe.series_count = se.n THEN 1 ELSE 0 END AS participants,
                se.unlisted,
                0 AS new_values, 0 AS participant_values, 0 AS lone_values
            FROM (
                SELECT element_id, SUM(instance_count) AS instances,
                    SUM(unlisted_count) AS unlisted, COUNT(*) AS n
                FROM review_serieselement WHERE series_id IN ({series}) GROUP BY element_id
            ) se
            JOIN review_studyelement st
                ON st.study_id = %(study)s AND st.element_id = se.element_id
            JOIN review_participantelement pe
                ON pe.participant_id = %(participant)s AND pe.element_id = se.element_id
            UNION ALL
            SELECT sv.element_id, 0, 0, 0, 0, 0,
                CASE WHEN ev.series_count = sv.n THEN 1 ELSE 0 END,
                CASE WHEN pv.series_count = sv.n THEN 1 ELSE 0 END,
                CASE WHEN pv.series_count <> sv.n THEN 0
                    WHEN ev.participant_count = 1 THEN 1
                    WHEN ev.participant_count = 2 THEN -1 ELSE 0 END
            FROM ({added}) sv
            JOIN review_elementvalue ev
                ON ev.element_id = sv.element_id AND ev.value_id = sv.value_id
            JOIN review_participantvalue pv ON pv.participant_id = %(participant)s
                AND pv.element_id = sv.element_id AND pv.value_id = sv.value_id
        ) part
        GROUP BY element_id
    ) change
    WHERE review_element.id = change.element_id
"""
"""Asked with `+` after the rows above were counted up, or with `-` before they are counted down."""
