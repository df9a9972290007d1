"""Operations: how each source is and what to do about it, what ran, what lies in quarantine, how large the store is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from northstar_tui.calendar import SECOND, Calendar
from northstar_tui.ledger import health, state
from northstar_tui.ledger.health import Facts, Quarantined, RunRow
from northstar_tui.ledger.store import Store
from northstar_tui.views.base import Head, Part, head, strict
from northstar_tui.views.words import NONE

LATE = 26 * 3600 * SECOND
"""A source without an interval of its own is late after a day, with two hours' grace."""
GRACE = 300 * SECOND
"""How long a run may take before its source is late."""


class Planned(Protocol):
    """What the config and the schedule say of a source (`sync.plan.Plan` is one)."""

    @property
    def name(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def enabled(self) -> bool: ...
    @property
    def every(self) -> int | None: ...
    @property
    def at(self) -> tuple[str, ...]: ...
    @property
    def next_run(self) -> int | None: ...
    @property
    def running(self) -> bool: ...
    @property
    def problem(self) -> str: ...


UNREAD = ("file", "simulated")
"""States of sources that no run reads."""


class SourceLine(NamedTuple):
    """One source: how it is, and what to do."""

    name: str
    state: str
    """``fresh``, ``late``, ``failing``, ``never`` (not read yet), ``off`` (disabled), ``file`` (only imported) or
    ``simulated`` (a demo's: neither read nor imported)."""
    running: bool
    read_at: int | None
    """When it was last read to its end, microseconds UTC; its age counts from here."""
    next_run: int | None
    """Microseconds UTC; None where no schedule runs it."""
    breaker: str
    """``closed``, ``open`` (it is left alone) or ``half-open`` (the next run decides)."""
    failures: int
    """Failed runs in a row."""
    until: int | None
    """When an open breaker lets the next run out, microseconds UTC."""
    error: str
    """Why its last run failed and what to do, in words; empty where it did not."""
    remedy: str
    """What the operator can do now; empty where nothing is to be done."""
    quarantined: int
    last: RunRow | None
    """Its last run, with its rows."""


class OperationsView(NamedTuple):
    """What screen 7 shows."""

    head: Head
    now: int
    sources: tuple[SourceLine, ...]
    """Those of the config in its order, then those that only files came from."""
    runs: tuple[RunRow, ...]
    """Newest first."""
    quarantined: int
    quarantine: tuple[Quarantined, ...]
    """Newest first."""
    settled: int
    """Records that were settled: mended or dismissed."""
    facts: Facts


def operations(
    store: Store,
    now: int,
    planned: Sequence[Planned] = (),
    *,
    runs: int = 50,
    rejects: int = 50,
    part: Part = strict,
) -> OperationsView:
    """Return how the store is fed at instant `now`; `planned` is what the config says of its sources."""
    top = head(store)
    return OperationsView(
        head=top,
        now=now,
        sources=part("Sources", lambda: source_lines(store, now, planned), ()),
        runs=part("Runs", lambda: tuple(health.runs(store, runs)), ()),
        quarantined=top.quarantined,
        quarantine=part("Quarantine", lambda: tuple(health.quarantine(store, rejects)), ()),
        settled=part("Quarantine", lambda: health.settled_count(store), 0),
        facts=part("The store", lambda: health.facts(store), health.Facts(0, 0, 0, 0, 0, store.kind, top.zone)),
    )


def source_lines(store: Store, now: int, planned: Sequence[Planned]) -> tuple[SourceLine, ...]:
    """Return how each source is at instant `now`: those of the config in its order, then the others.

    The others are what imports read, and what was appended without a run, as the simulated company's sources are.
    """
    counts = health.quarantine_counts(store)
    lines = _sources(store, now, planned, counts)
    known = {line.name for line in lines}
    rest = sorted((s for s in state.source_states(store) if s.name not in known), key=lambda s: s.name)
    kind = "simulated" if store.kind == "demo" else "file"
    return lines + tuple(
        SourceLine(s.name, kind, False, s.recorded_at, None, "closed", 0, None, "", "", counts.get(s.name, 0), None)
        for s in rest
    )


def _sources(store: Store, now: int, planned: Sequence[Planned], quarantined: dict[str, int]) -> tuple[SourceLine, ...]:
    last, read_at, breakers = health.last_runs(store), health.read_at(store), health.breakers(store)
    judged = health.last_runs(store, judged=True)  # a run that goes on heals nothing yet
    lines = []
    for plan in planned:
        run = last.get(plan.name)
        failures, until = breakers.get(plan.name, (0, 0))
        breaker = "open" if until > now else "half-open" if until else "closed"
        state = _state(plan, judged.get(plan.name), read_at.get(plan.name), now)
        error = plan.problem or _error(judged.get(plan.name))
        lines.append(
            SourceLine(
                plan.name, state, plan.running or (run is not None and run.outcome == "running"),
                read_at.get(plan.name), plan.next_run, breaker, failures, until if breaker == "open" else None,
                error, _remedy(plan, state, breaker), quarantined.get(plan.name, 0), run,
            )
        )  # fmt: skip
    known = {plan.name for plan in planned}
    for name, run in sorted(last.items()):
        if name not in known:
            error = _error(judged.get(name))
            lines.append(
                SourceLine(
                    name, "failing" if error else "file", run.outcome == "running", read_at.get(name), None, "closed",
                    0, None, error, "", quarantined.get(name, 0), run,
                )
            )  # fmt: skip
    return tuple(lines)


def failed_runs(line: SourceLine, calendar: Calendar) -> str:
    """Return how many runs have failed in a row, and what the circuit breaker makes of that; a dash for none."""
    if line.state in UNREAD or not (line.failures or line.until):
        return NONE
    held = ", the next one decides" if line.breaker == "half-open" else ""
    if line.until is not None:
        held = f", left alone until {calendar.local(line.until):%H:%M}"
    return f"{line.failures:,}{held}"


def _error(run: RunRow | None) -> str:
    return run.error or "failed" if run is not None and run.outcome == "failed" else ""


def _state(plan: Planned, run: RunRow | None, read_at: int | None, now: int) -> str:
    if not plan.enabled:
        return "off"
    if plan.problem or (run is not None and run.outcome == "failed"):
        return "failing"
    if read_at is None:
        return "never"
    due = plan.every + max(GRACE, plan.every // 4) if plan.every is not None else LATE
    return "late" if now - read_at > due else "fresh"


def _remedy(plan: Planned, state: str, breaker: str) -> str:
    if state == "off":
        return f"enabled = true under [sources.{plan.name.rpartition(':')[2]}] turns it on"
    if breaker == "open":
        return f"northstar sync {plan.name} tries it at once"
    if state in ("late", "never") and plan.next_run is None and not plan.running:
        return f"northstar sync {plan.name} reads it; every or at in the config does so by itself"
    return ""
