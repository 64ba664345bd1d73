"""Taking out of the sums what some series of one study hold, and what only they had."""

COUNT_DOWN = (
    """
    UPDATE review_elementlook SET value_count = review_elementlook.value_count - change.gone
    FROM (
        SELECT sv.element_id, v.looks, COUNT(*) AS gone
        FROM ({added}) sv
        JOIN review_value v ON v.id = sv.value_id AND v.looks <> ''
        JOIN review_elementvalue ev ON ev.element_id = sv.element_id
            AND ev.value_id = sv.value_id AND ev.series_count = sv.n
        GROUP BY sv.element_id, v.looks
    ) change
    WHERE review_elementlook.element_id = change.element_id
        AND review_elementlook.looks = change.looks
    """,
    """
    UPDATE review_elementvalue SET
        instance_count = review_elementvalue.instance_count - change.instances,
        series_count = review_elementvalue.series_count - change.n,
        participant_count = review_elementvalue.participant_count - change.participants
    FROM (
        SELECT sv.element_id, sv.value_id, sv.instances, sv.n,
            CASE WHEN pv.series_count = sv.n THEN 1 ELSE 0 END AS participants
        FROM ({added}) sv
        JOIN review_participantvalue pv ON pv.participant_id = %(participant)s
            AND pv.element_id = sv.element_id AND pv.value_id = sv.value_id
    ) change
    WHERE review_elementvalue.element_id = change.element_id
        AND review_elementvalue.value_id = change.value_id
    """,
    """
    UPDATE review_participantvalue SET
        instance_count = review_participantvalue.instance_count - sv.instances,
        series_count = review_participantvalue.series_count - sv.n
    FROM ({added}) sv
    WHERE review_participantvalue.participant_id = %(participant)s
        AND review_participantvalue.element_id = sv.element_id
        AND review_participantvalue.value_id = sv.value_id
    """,
    """
    UPDATE review_studyelement SET series_count = review_studyelement.series_count - se.n
    FROM (
        SELECT element_id, COUNT(*) AS n
        FROM review_serieselement WHERE series_id IN ({series}) GROUP BY element_id
    ) se
    WHERE review_studyelement.study_id = %(study)s
        AND review_studyelement.element_id = se.element_id
    """,
    """
    UPDATE review_participantelement SET
        instance_count = review_participantelement.instance_count - se.instances,
        series_count = review_participantelement.series_count - se.n
    FROM (
        SELECT element_id, SUM(instance_count) AS instances, COUNT(*) AS n
        FROM review_serieselement WHERE series_id IN ({series}) GROUP BY element_id
    ) se
    WHERE review_participantelement.participant_id = %(participant)s
        AND review_participantelement.element_id = se.element_id
    """,
    """
    UPDATE review_elementuse SET
        instance_count = review_elementuse.instance_count - change.instances,
        series_count = review_elementuse.series_count - change.n
    FROM (
        SELECT se.element_id, rs.origin_id, se.vr,
            SUM(se.instance_count) AS instances, COUNT(*) AS n
        FROM review_serieselement se JOIN review_researchseries rs ON rs.id = se.series_id
        WHERE se.series_id IN ({series}) GROUP BY se.element_id, rs.origin_id, se.vr
    ) change
    WHERE review_elementuse.origin_id = change.origin_id
        AND review_elementuse.element_id = change.element_id
        AND review_elementuse.vr = change.vr
    """,
    """
    UPDATE review_originvalue SET
        instance_count = review_originvalue.instance_count - change.instances,
        series_count = review_originvalue.series_count - change.n
    FROM (
        SELECT rs.origin_id, sv.element_id, sv.value_id,
            SUM(sv.instance_count) AS instances, COUNT(*) AS n
        FROM review_seriesvalue sv JOIN review_researchseries rs ON rs.id = sv.series_id
        WHERE sv.series_id IN ({series}) GROUP BY rs.origin_id, sv.element_id, sv.value_id
    ) change
    WHERE review_originvalue.origin_id = change.origin_id
        AND review_originvalue.element_id = change.element_id
        AND review_originvalue.value_id = change.value_id
    """,
    """
    UPDATE review_elementdecision
    SET series_count = review_elementdecision.series_count - change.n
    FROM (
        SELECT decision_id, COUNT(*) AS n
        FROM review_serieselement WHERE series_id IN ({series}) GROUP BY decision_id
    ) change
    WHERE review_elementdecision.id = change.decision_id
    """,
    """
    UPDATE review_origin SET
        series_count = review_origin.series_count - change.n,
        instance_count = review_origin.instance_count - change.instances
    FROM (
        SELECT origin_id, COUNT(*) AS n, SUM(instance_count) AS instances
        FROM review_researchseries WHERE id IN ({series}) GROUP BY origin_id
    ) change
    WHERE review_origin.id = change.origin_id
    """,
    """
    DELETE FROM review_elementvalue
    WHERE series_count = 0 AND (element_id, value_id) IN (
            SELECT element_id, value_id FROM review_seriesvalue WHERE series_id IN ({series})
        )
    """,
    """
    DELETE FROM review_participantvalue
    WHERE participant_id = %(participant)s AND series_count = 0
        AND (element_id, value_id) IN (
            SELECT element_id, value_id FROM review_seriesvalue WHERE series_id IN ({series})
        )
    """,
    """
    DELETE FROM review_originvalue
    WHERE series_count = 0 AND (element_id, value_id) IN (
            SELECT element_id, value_id FROM review_seriesvalue WHERE series_id IN ({series})
        )
    """,
    """
    DELETE FROM review_elementdecision
    WHERE series_count = 0 AND id IN (
            SELECT decision_id FROM review_serieselement WHERE series_id IN ({series})
        )
    """,
    """
    DELETE FROM review_elementlook
    WHERE value_count = 0 AND element_id IN (
            SELECT element_id FROM review_serieselement WHERE series_id IN ({series})
        )
    """,
    """
    DELETE FROM review_studyelement
    WHERE study_id = %(study)s AND series_count = 0 AND element_id IN (
            SELECT element_id FROM review_serieselement WHERE series_id IN ({series})
        )
    """,
    """
    DELETE FROM review_participantelement
    WHERE participant_id = %(participant)s AND series_count = 0 AND element_id IN (
            SELECT element_id FROM review_serieselement WHERE series_id IN ({series})
        )
    """,
    """
    DELETE FROM review_elementuse
    WHERE series_count = 0 AND element_id IN (
            SELECT element_id FROM review_serieselement WHERE series_id IN ({series})
        )
    """,
)

# References are checked when the transaction ends: what the values belong to goes right before.
DELETE_OWN = (
    """
    DELETE FROM review_value
    WHERE id IN (SELECT value_id FROM review_seriesvalue WHERE series_id IN ({series}))
        AND NOT EXISTS (SELECT 1 FROM review_elementvalue ev WHERE ev.value_id = review_value.id)
    """,
    "DELETE FROM review_seriesvalue WHERE series_id IN ({series})",
    "DELETE FROM review_serieselement WHERE series_id IN ({series})",
)
