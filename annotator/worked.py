"""Who has finished what, and how long they were at it: read from the logs."""

BREAK = 120  # seconds; a longer pause is not counted as work

# Who finished the sheet `w`, if it is finished: said last that it is done or skipped, or else accepted it.
FINISHED = """annotator_sheet w JOIN LATERAL (
    SELECT c.actor_id, c.at, c.record->'imported' IS NOT NULL AS imported FROM projects_change c
    WHERE c.project_id = %(project)s AND c.kind = 'status' AND c.target = w.id
        AND c.record->>'status' IN ('done', 'skipped', 'accepted')
    ORDER BY c.record->>'status' = 'accepted', c.id DESC LIMIT 1
) f ON w.status IN ('done', 'skipped', 'accepted')"""

# Of which sheets, {sheets} says. Nothing is known before a person's second change.
TIMES = f"""
SELECT sheet_id, actor_id, extract(epoch FROM sum(gap)) AS seconds FROM (
    SELECT sheet_id, actor_id, at - lag(at) OVER (PARTITION BY sheet_id, actor_id ORDER BY clock) AS gap
    FROM annotator_operation WHERE source = 'person' AND sheet_id IN ({{sheets}})
) gaps WHERE gap > interval '0' AND gap <= interval '{BREAK} seconds' GROUP BY sheet_id, actor_id
"""
