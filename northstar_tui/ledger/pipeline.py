"""The jobs that are not over: those that nothing is booked for yet (the pipeline), and those that are owed for."""

from __future__ import annotations

import json
from collections.abc import Iterable
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

from northstar_tui.ledger.store import Store

STATUSES = ("lead", "quoted", "started")
"""Where a job in the pipeline can stand, in order. Never part of P&L."""
OWED = ("completed", "invoiced")
"""Where a job can stand that is done and not paid. Whether it is in P&L already is the config's: see `Job.booked`."""


class Job(NamedTuple):
    """One job that is not over."""

    id: int
    """Its subject, which is its entry's id where it has one."""
    event: int
    """The newest event about it."""
    source: str
    key: str
    client: str
    title: str
    stage: str
    """One of STATUSES and OWED."""
    since: int
    """When it came to that stage, microseconds UTC."""
    amount: int | None
    """What it brings, in micro-units of `currency`, refunds taken off; None where it is not stated."""
    currency: str
    booked: bool
    """Whether its revenue is booked: it is then in P&L."""


class Stage(NamedTuple):
    """The jobs of one currency that stand at `status`; `expected` is what they state to bring, in its micro-units."""

    status: str
    currency: str
    jobs: int
    expected: int
    unstated: int
    """Jobs among them that state no amount."""


_RANK = "instr('quoted started completed invoiced paid refunded', substr(k.name, 5))"
_OPEN = f"""
WITH standing AS ( -- where the newest quote says that a job stands counts more than what was said of it before
    SELECT s.id, s.key, d.name AS source, coalesce((
        SELECT json_extract(e.body, '$.status') FROM event e JOIN dimension k ON k.id = e.kind_id
        WHERE e.subject_id = s.id AND k.name = 'job.quoted' ORDER BY e.revision DESC LIMIT 1
    ), (
        SELECT substr(k.name, 5) FROM event e JOIN dimension k ON k.id = e.kind_id
        WHERE e.subject_id = s.id AND k.name LIKE 'job.%' ORDER BY {_RANK} DESC LIMIT 1
    )) AS stage
    FROM dimension d CROSS JOIN subject s ON s.source_id = d.id -- in this order: never through every subject
    WHERE d.axis = 'source' AND (d.name = 'jobs' OR d.name LIKE 'jobs:%')
)
SELECT j.id, j.stage, j.source, j.key, e.id, substr(k.name, 5), e.occurred_at, e.body,
    EXISTS (SELECT 1 FROM entry WHERE entry.id = j.id AND closed_at IS NOT NULL)
FROM standing j CROSS JOIN event e ON e.subject_id = j.id JOIN dimension k ON k.id = e.kind_id
WHERE j.stage IN ('lead', 'quoted', 'started', 'completed', 'invoiced') AND k.name LIKE 'job.%'
ORDER BY j.id, {_RANK}, e.revision
"""


def jobs(store: Store) -> list[Job]:
    """Return the jobs that are not over, the longest at its stage first.

    It reads the jobs' own subjects alone, so it costs what there are jobs, whatever else the store holds. A job without
    a stated status stands at the last stage that was said of it.
    """
    rows = store.connection.execute(_OPEN)
    found = [_job(list(said)) for _, said in groupby(rows, key=itemgetter(0))]
    return sorted(found, key=lambda job: (job.since, job.id))


def _job(said: list[tuple[Any, ...]]) -> Job:
    """Return the job that the events about it make, in the order of the stages: the newest of each kind counts."""
    number, stage, source, key, *_, booked = said[0]
    newest = {row[5]: row for row in said}
    reached = [row for name, row in newest.items() if name in (stage, "quoted")] or list(newest.values())
    facts: dict[str, Any] = {}
    for row in reached:
        facts |= json.loads(row[7])
    amount = facts.get("amount")
    return Job(
        number,
        max(row[4] for row in said),
        source,
        key,
        str(facts.get("instrument") or ""),
        str(facts.get("title") or ""),
        stage,
        reached[-1][6],
        facts.get("expected") if amount is None else amount - facts.get("refunded", 0),
        str(facts.get("currency") or "USD"),
        bool(booked),
    )


def pipeline(found: Iterable[Job]) -> list[Stage]:
    """Return the pipeline among `found` by status and currency: the jobs that nothing is booked for yet."""
    groups: dict[tuple[str, str], list[Job]] = {}
    for job in found:
        if job.stage in STATUSES and not job.booked:
            groups.setdefault((job.stage, job.currency), []).append(job)
    stages = [
        Stage(status, currency, len(group), sum(job.amount or 0 for job in group), sum(j.amount is None for j in group))
        for (status, currency), group in groups.items()
    ]
    return sorted(stages, key=lambda stage: (STATUSES.index(stage.status), stage.currency))
