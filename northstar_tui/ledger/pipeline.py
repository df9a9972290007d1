"""The pipeline: jobs that somebody asked for and that no revenue is booked for yet. Never part of P&L."""

from __future__ import annotations

from dataclasses import dataclass

from northstar_tui.ledger.store import Store

STATUSES = ("lead", "quoted", "started")
"""Where a job in the pipeline can stand, in order."""


@dataclass(frozen=True, slots=True)
class Stage:
    """The jobs of one currency that stand at `status`; `expected` is what they state to bring, in its micro-units."""

    status: str
    currency: str
    jobs: int
    expected: int
    unstated: int
    """Jobs among them that state no amount."""


def pipeline(store: Store) -> list[Stage]:
    """Return the pipeline by status and currency.

    It reads the jobs' own subjects alone, so it costs what there are jobs, whatever else the store holds. A job without
    a stated status (it was quoted, and nothing is known since) stands at ``quoted``.
    """
    rows = store.connection.execute(
        """
        WITH stated AS (
            SELECT s.id, (
                SELECT e.body FROM event e JOIN dimension k ON k.id = e.kind_id
                WHERE e.subject_id = s.id AND k.name = 'job.quoted' ORDER BY e.revision DESC LIMIT 1
            ) AS body
            FROM dimension d CROSS JOIN subject s ON s.source_id = d.id -- in this order: never through every subject
            WHERE d.axis = 'source' AND (d.name = 'jobs' OR d.name LIKE 'jobs:%')
        )
        SELECT ifnull(json_extract(body, '$.status'), 'quoted'), ifnull(json_extract(body, '$.currency'), 'USD'),
            count(*),
            sum(coalesce(json_extract(body, '$.expected'), json_extract(body, '$.amount'), 0)),
            sum(coalesce(json_extract(body, '$.expected'), json_extract(body, '$.amount')) IS NULL)
        FROM stated WHERE body IS NOT NULL AND NOT EXISTS (SELECT 1 FROM entry WHERE entry.id = stated.id)
        GROUP BY 1, 2
        """
    )
    found = [Stage(*row) for row in rows if row[0] in STATUSES]
    return sorted(found, key=lambda stage: (STATUSES.index(stage.status), stage.currency))
