"""What the config plans for each source, and what a schedule that runs makes of it: plain data for whoever shows it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from northstar_tui.config import Settings


@dataclass(frozen=True, slots=True)
class Plan:
    """One source of the config."""

    name: str
    kind: str
    enabled: bool
    every: int | None
    """Microseconds between its runs while the cockpit is open; None where it has no interval."""
    at: tuple[str, ...]
    """Local times of day and cron expressions at which it runs, as written."""
    next_run: int | None = None
    """Microseconds UTC; None where no schedule runs it."""
    running: bool = False
    problem: str = ""
    """Why its last run could not even begin; empty where it did."""


def plans(
    settings: Settings,
    next_runs: Mapping[str, int] | None = None,
    running: Collection[str] = (),
    problems: Mapping[str, str] | None = None,
) -> tuple[Plan, ...]:
    """Return the plan of every source of the config, in its order."""
    next_runs, problems = next_runs or {}, problems or {}
    return tuple(
        Plan(
            each.name, each.kind, each.enabled, each.interval, each.at,
            next_runs.get(each.name), each.name in running, problems.get(each.name, ""),
        )
        for each in settings.sources
    )  # fmt: skip
