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
from northstar_tui.views.words import ago, counted, is_severe

if TYPE_CHECKING:
    from northstar_tui.views.budgets import BudgetLine
    from northstar_tui.views.outlook import Known
    from northstar_tui.views.positions import PositionsView

BUDGETS = "Budgets"
"""The part that tells how budgets stand."""


_FETCHED = ("failing", "late", "never", "overdue", "differs")
"""Kinds of needs that reading a source helps."""


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
    """What to do."""
    severe: bool
    """As `is_severe` says it."""


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
    found = [_need("failing", None, away.partition(": ")[0], "is this machine online?")] if away else []
    found += [
        _need(state, line.name, _source_text(line, now), _source_remedy(line))
        for state in ("failing", "late", "never")
        for line in sources
        if line.state == state and not (state == "never" and line.running) and line.name not in cut_off
    ]
    if head.unreconciled:
        what = f"{dollars(head.unreconciled)} unreconciled: two statements of the same money disagree"
        found.append(_need("unreconciled", None, what, "northstar why unreconciled all lists the entries: correct one"))
    if head.incomplete:
        many = counted(head.incomplete, "entry", "entries")
        what = f"{many} without an exchange rate, in no sum"
        found.append(_need("incomplete", None, what, "set the rate under [[rates]] in the config"))
    if head.quarantined:
        many = counted(head.quarantined, "record", "records")
        found.append(_need("quarantine", None, f"{many} in quarantine, not read", "look at the reason, mend, retry"))
    found += [*(_held(held) if held is not None else ()), *(_budgets(budgets) if budgets else ())]
    if head.kind == "demo":
        found = [_in_demo(need) if need.kind in _FETCHED else need for need in found]
    return tuple(sorted(found, key=lambda need: not need.severe))


def _budgets(budgets: Sequence[BudgetLine]) -> Iterator[Need]:
    """Yield the budgets that are passed, or will be."""
    from northstar_tui.figures.budgets import AT_RISK, MISSED, OVER
    from northstar_tui.views.budgets import remedy_words, state_words

    for line in sorted(budgets, key=lambda line: line.standing.state == AT_RISK):
        name, state = line.budget.name, line.standing.state
        if state in (OVER, MISSED, AT_RISK):
            what = f"budget {name}, {line.label}: {state_words(line)}"
            yield Need("budget", name, what, remedy_words(line), is_severe(state))


def _held(held: PositionsView) -> Iterator[Need]:
    """Yield the positions that somebody should look at."""
    from northstar_tui.views.position_words import difference_words

    for row in held.rows:
        if row.overdue:
            what = f"{row.instrument}: {row.overdue}, and it is still open"
            remedy = f"wait for it to settle, or northstar sync {row.source}, or import its export"
            yield _need("overdue", row.instrument, what, remedy)
    for each in held.differences:
        source = each.account.partition("/")[0]
        remedy = f"bring the fills that are missing: northstar sync {source} --since DATE"
        yield _need("differs", each.instrument, f"{each.instrument}: {difference_words(each)}", remedy)


def _in_demo(need: Need) -> Need:
    """Return a need of a simulated company, whose sources are never read, with what one would do about a real one."""
    return need._replace(remedy=f"nothing to do in a demo; for real: {need.remedy}")


def _need(kind: str, subject: str | None, text: str, remedy: str) -> Need:
    return Need(kind, subject, text, remedy, is_severe(kind))


def _source_remedy(line: SourceLine) -> str:
    """Return what to do about a source that is failing, late or not read yet."""
    if line.remedy:
        return line.remedy
    if line.state != "failing":
        return f"wait for its next run, or northstar sync {line.name}"
    if line.last is not None and line.last.file is not None:
        return "mend the file and import it again"
    return f"northstar doctor says what is wrong; northstar sync {line.name} tries again"


def _source_text(line: SourceLine, now: int) -> str:
    aged = f", read {ago(now, line.read_at)} ago" if line.read_at is not None else ""
    if line.state == "never":
        return f"{line.name} was not read yet"
    if line.state == "late":
        return f"{line.name} is late{aged}"
    held = ", left alone for now" if line.breaker == "open" else ""
    return f"{line.name} is failing{held}{aged}" + (f": {line.error}" if line.error else "")
