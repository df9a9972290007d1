"""The sections of the costs screen, each a function from the snapshot to lines."""

from __future__ import annotations

from collections.abc import Sequence

from rich.style import Style

from northstar_tui.calendar import SECOND
from northstar_tui.figures.budgets import AT_RISK, MISSED, OVER
from northstar_tui.ledger.pipeline import Job
from northstar_tui.ledger.spend import KeyUse
from northstar_tui.money import decimal_text, dollars
from northstar_tui.text import safe
from northstar_tui.tui.paint import Line, fit, width
from northstar_tui.tui.screens.cells import money_column, plain_column
from northstar_tui.tui.screens.states import severity
from northstar_tui.tui.theme import Look
from northstar_tui.tui.widgets.gauge import day_bars, gauge, share_bar
from northstar_tui.tui.widgets.rows import GAP as COLUMNS_GAP
from northstar_tui.tui.widgets.rows import Column, natural
from northstar_tui.views.budgets import BudgetLine, state_words
from northstar_tui.views.cost_words import figure_words, token_words
from northstar_tui.views.costs import BookLine, ChargeLine, CostsView, Table
from northstar_tui.views.costs import Line as Spending
from northstar_tui.views.outlook import Due
from northstar_tui.views.words import NONE, STAGES, counted, is_severe

DAYS = "days"
"""The chart of the days, as something that can be selected."""
DAY = 86_400 * SECOND
_NAMED = 18
"""Cells that a name keeps beside its tokens."""


def figure_lines(view: CostsView, cells: int, look: Look) -> list[tuple[str, Line]]:
    """Return the leading figures, a line each, with what each line selects."""
    rows = figure_words(view)
    name = max(width(row[1]) for row in rows) + 2
    value = max(width(row[2]) for row in rows)
    lines = []
    for what, label, amount, told in rows:
        line = Line().put(fit(label, name), look.dim).put(fit(amount, value, right=True) + "  ", look.strong)
        room = max(0, cells - line.cells)
        lines.append((what, line.put(fit(told, min(width(told), room), ellipsis=look.glyphs.ellipsis), look.text)))
    return lines


def days(view: CostsView, cells: int, rows: int, look: Look) -> list[Line]:
    """Return the days of the period, and under them those of the one before, on one scale."""
    most = max((day for day in (*view.daily, *view.daily_before) if day is not None), default=0)
    names = (view.label, view.before_name)
    label = max(map(width, names)) + 2
    found = []
    for name, values, style in ((names[0], view.daily, look.accent_bar), (names[1], view.daily_before, look.dim)):
        for y, bars in enumerate(day_bars(values, most, cells - label, rows, look, style)):
            found.append(Line().put(fit(name if y == 0 else "", label), look.dim).join(bars))
    return found


def budget(line: BudgetLine, name_cells: int, cells: int, look: Look) -> list[Line]:
    """Return a budget in two lines, its name in up to `name_cells`: how it stands in words, and its bar."""
    standing, style = line.standing, tone(line.standing.state, look)
    name = fit(safe(line.budget.name), min(name_cells, max(8, cells // 4)), ellipsis=look.glyphs.ellipsis) + "  "
    told = f"{sign(standing.state, look)} {state_words(line)}"
    first = Line().put(name, look.strong)
    first.put(fit(told, min(width(told), cells - first.cells), ellipsis=look.glyphs.ellipsis), style)
    of = f"  {dollars(standing.actual)} of {dollars(line.budget.amount)}"
    when = f"  {line.label}" if cells >= 44 else ""
    bar = max(4, cells - width(of) - width(when))
    end = standing.projection.value
    ending = None if end is None else end / line.budget.amount
    second = gauge(standing.used, standing.elapsed, ending, bar, look, style)
    return [first, second.put(of, look.text).put(when, look.dim)]


def sign(state: str, look: Look) -> str:
    """Return a budget's state as one character."""
    bad = state in (AT_RISK, OVER, MISSED)
    return severity(look, severe=is_severe(state))[0] if bad else look.glyphs.check


def tone(state: str, look: Look) -> Style:
    """Return the style that repeats a budget's state."""
    return severity(look, severe=is_severe(state))[1] if state in (AT_RISK, OVER, MISSED) else look.gain


def spending_columns(view: CostsView, table: Table, cells: int) -> list[Column[Spending]]:
    """Return the columns of a table of spending in `cells`; tokens, where they fit, come before bars and long names."""
    most = max((line.amount for line in table.lines), default=0)
    title = {"model": "Model", "key": "Key or workspace", "source": "Source"}[table.by]

    def bar(line: Spending, cells: int, look: Look) -> Line:
        return share_bar(line.amount, most, cells, look)

    columns: list[Column[Spending]] = [
        Column(title, name_of, most=30 if table.by == "model" else 34),
        Column("Spent", lambda line: dollars(line.amount), lambda _, look: look.strong, right=True),
    ]
    if view.before is not None:
        columns.append(plain_column(view.before_label, lambda line: dollars(line.before), 1))
    if any(line.tokens is not None for line in table.lines):
        for heading, least in (("Tokens in/out", 99), ("Tokens i/o", _NAMED)):
            used: Column[Spending] = plain_column(heading, lambda line: "/".join(token_words(line.tokens)), 2)
            name, *others = natural([*columns, used], table.lines)
            room = cells - sum(others) - COLUMNS_GAP * len(columns)
            if room >= min(name, least):
                columns = [columns[0]._replace(most=min(columns[0].most, room)), *columns[1:], used]
                break
    columns.insert(2, Column("", lambda _: "", flex=True, least=5, most=60, rank=3, draw=bar))
    return [*columns, plain_column("n", lambda line: f"{line.n:,}", 4)]


def name_of(line: Spending) -> str:
    """Return what a line is about, fit to be shown."""
    return safe(line.name) if line.name else "not stated"


def use_columns() -> list[Column[KeyUse]]:
    """Return the columns of what keys say of themselves."""
    return [
        Column("Key", lambda use: safe(use.name), flex=True, least=10, most=40),
        Column("Used", lambda use: dollars(use.amount), lambda _, look: look.strong, right=True),
        plain_column("Days", lambda use: f"{use.days}", 2),
        Column("Source", lambda use: safe(use.source), lambda _, look: look.dim, rank=1, most=20),
    ]


def charge_columns(view: CostsView) -> list[Column[ChargeLine]]:
    """Return the columns of the recurring charges."""

    def when(line: ChargeLine) -> str:
        if line.late is not None:
            return f"{line.late.day:%-d %b}, not booked"
        due = line.next
        return (
            NONE if due is None else f"{due.day:%-d %b %Y}" if due.day.year != view.today.year else f"{due.day:%-d %b}"
        )

    return [
        Column("Recurring charge", lambda line: safe(line.charge.name), flex=True, least=10, most=40),
        Column("Next", when, lambda line, look: look.warn if line.late is not None else look.text),
        Column("", _every, lambda _, look: look.dim, rank=2),
        Column("Amount", lambda line: _amount(line.late or line.next), lambda _, look: look.strong, right=True),
    ]


def _every(line: ChargeLine) -> str:
    return "daily" if line.charge.spread else f"{line.charge.every}ly"


def _amount(due: Due | None) -> str:
    return NONE if due is None or not due.rated else dollars(due.amount)


def job_columns(view: CostsView) -> list[Column[Job]]:
    """Return the columns of the jobs that are not over."""
    return [
        Column("Stage", lambda job: STAGES[job.stage][0], lambda _, look: look.accent),
        Column(
            "For",
            lambda job: age_words(view.now - job.since),
            lambda job, look: job_tone(job, view.now, look),
            right=True,
        ),
        Column("Client", lambda job: safe(job.client) or NONE, most=24, rank=3),
        Column("Job", lambda job: safe(job.title or job.key), flex=True, least=24, most=60),
        Column("Amount", job_amount, lambda _, look: look.strong, right=True),
        Column("", lambda job: "in P&L" if job.booked else "not in P&L", lambda _, look: look.dim, rank=2),
    ]


def age_words(span: int) -> str:
    """Return a time span in whole days."""
    return counted(max(0, span) // DAY, "day", "days")


def job_tone(job: Job, now: int, look: Look) -> Style:
    """Return the style of a job's age: what is invoiced for more than thirty days is worth a look."""
    return look.warn if job.stage == "invoiced" and now - job.since > 30 * DAY else look.text


def job_amount(job: Job) -> str:
    """Return what a job brings, in its own currency."""
    if job.amount is None:
        return NONE
    return dollars(job.amount) if job.currency == "USD" else f"{decimal_text(job.amount)} {safe(job.currency)}"


def book_columns() -> list[Column[BookLine]]:
    """Return the columns of what is left in each book."""
    return [
        Column("Book", lambda line: safe(line.book), lambda _, look: look.strong, most=20),
        money_column("Trading", lambda line: line.trading, 2),
        Column("+ Revenue", lambda line: dollars(line.revenue), right=True, rank=3),
        Column("− Costs", lambda line: dollars(line.costs), right=True, rank=1),
        money_column("= Net", lambda line: line.net),
        plain_column("Entries", lambda line: f"{line.n:,}", 4),
    ]


def nothing(lines: Sequence[tuple[str, str]], cells: int, look: Look) -> list[Line]:
    """Return what stands where a section has nothing: what would bring something, and where it is written."""
    found = []
    for told, config in lines:
        line = (
            Line()
            .put("  ", look.text)
            .put(fit(told, min(width(told), cells - 2), ellipsis=look.glyphs.ellipsis), look.dim)
        )
        if line.cells + 2 + width(config) <= cells:
            found.append(line.put("  ", look.text).put(config, look.accent))
        else:
            found += [
                line,
                Line().put("    ", look.text).put(fit(config, cells - 4, ellipsis=look.glyphs.ellipsis), look.accent),
            ]
    return found
