"""What needs the operator: what is wrong or waits, each with what to do. Nothing is listed that needs nobody."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from northstar_tui.errors import no_connection
from northstar_tui.ledger.store import Store
from northstar_tui.money import dollars
from northstar_tui.views.base import Head, Part, head, strict
from northstar_tui.views.operations import Planned, SourceLine, source_lines
from northstar_tui.views.since import HELD, positions_at
from northstar_tui.views.words import ago, counted

if TYPE_CHECKING:
    from northstar_tui.views.budgets import BudgetLine
    from northstar_tui.views.outlook import Known
    from northstar_tui.views.positions import PositionsView

BUDGETS = "Budgets"
"""The part that tells how budgets stand."""


class Need(NamedTuple):
    """One thing that needs somebody."""

    kind: str
    """``failing``, ``late``, ``never`` (a source), ``unreconciled``, ``incomplete``, ``quarantine``, ``overdue`` (a
    position past its market's end), ``differs`` (the venue reports another quantity) or ``budget``."""
    subject: str | None
    """The source's, instrument's or budget's name, where it is about one."""
    text: str
    """What is wrong, in a few words; not made safe yet."""
    remedy: str
    """What to do; empty where looking at it is all."""


class NeedsView(NamedTuple):
    """All that needs the operator."""

    head: Head
    needs: tuple[Need, ...]
    """The worst first."""


def needs_view(
    store: Store, now: int, planned: Sequence[Planned] = (), known: Known | None = None, *, part: Part = strict
) -> NeedsView:
    """Return what needs the operator at instant `now`: `planned` and `known` are what the config says."""
    top, held = head(store), part(HELD, lambda: positions_at(store, now), None)
    budgets, sources = part(BUDGETS, lambda: budgets_of(store, now, known), ()), source_lines(store, now, planned)
    return NeedsView(top, needs(top, sources, now, held, budgets))


def budgets_of(store: Store, now: int, known: Known | None) -> tuple[BudgetLine, ...]:
    """Return how the budgets that the config knows of stand."""
    if known is None or not known.budgets:
        return ()
    from northstar_tui.views.budgets import budget_lines
    from northstar_tui.views.outlook import Outlook

    return budget_lines(store, Outlook(store, now, known), now)


def needs(
    head: Head,
    sources: Sequence[SourceLine],
    now: int,
    held: PositionsView | None = None,
    budgets: Sequence[BudgetLine] = (),
) -> tuple[Need, ...]:
    """Return what needs the operator at instant `now`, the worst first; `held` is what is held now."""
    failing = {line.name: line.error for line in sources if line.state == "failing"}
    cut_off, away = no_connection(failing)
    found = [Need("failing", None, away.partition(": ")[0], "is this machine online?")] if away else []
    found += [
        Need(state, line.name, _source_text(line, now), line.remedy)
        for state in ("failing", "late", "never")
        for line in sources
        if line.state == state and not (state == "never" and line.running) and line.name not in cut_off
    ]
    if head.unreconciled:
        what = f"{dollars(head.unreconciled)} unreconciled: two statements of the same money disagree"
        found.append(Need("unreconciled", None, what, ""))
    if head.incomplete:
        many = counted(head.incomplete, "entry", "entries")
        found.append(Need("incomplete", None, f"{many} without an exchange rate, in no sum", "[[rates]] in the config"))
    if head.quarantined:
        many = counted(head.quarantined, "record", "records")
        found.append(Need("quarantine", None, f"{many} in quarantine, not read", "look at the reason, mend, retry"))
    return (*found, *(_held(held) if held is not None else ()), *(_budgets(budgets) if budgets else ()))


def _budgets(budgets: Sequence[BudgetLine]) -> Iterator[Need]:
    """Yield the budgets that are passed, or will be."""
    from northstar_tui.figures.budgets import AT_RISK, MISSED, OVER
    from northstar_tui.views.budgets import state_words

    for line in sorted(budgets, key=lambda line: line.standing.state == AT_RISK):
        if line.standing.state in (OVER, MISSED, AT_RISK):
            name = line.budget.name
            yield Need("budget", name, f"budget {name}, {line.label}: {state_words(line)}", "")


def _held(held: PositionsView) -> Iterator[Need]:
    """Yield the positions that somebody should look at."""
    from northstar_tui.views.position_words import difference_words

    for row in held.rows:
        if row.overdue:
            yield Need("overdue", row.instrument, f"{row.instrument}: {row.overdue}, and it is still open", "")
    for each in held.differences:
        yield Need("differs", each.instrument, f"{each.instrument}: {difference_words(each)}", "")


def _source_text(line: SourceLine, now: int) -> str:
    aged = f", read {ago(now, line.read_at)} ago" if line.read_at is not None else ""
    if line.state == "never":
        return f"{line.name} was not read yet"
    if line.state == "late":
        return f"{line.name} is late{aged}"
    held = ", left alone for now" if line.breaker == "open" else ""
    return f"{line.name} is failing{held}{aged}" + (f": {line.error}" if line.error else "")
