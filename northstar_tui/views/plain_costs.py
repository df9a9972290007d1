"""Costs for reading from top to bottom, and for machines: the twins of the costs screen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from northstar_tui.calendar import Calendar, Period
from northstar_tui.figures.spending import Projection
from northstar_tui.ledger.pipeline import Job
from northstar_tui.ledger.spend import Spent
from northstar_tui.money import decimal_text, dollars
from northstar_tui.text import safe
from northstar_tui.views.budgets import BudgetLine, state_words
from northstar_tui.views.cost_words import days_title, figure_words, token_words
from northstar_tui.views.costs import BookLine, ChargeLine, CostsView, Line, Table, totals
from northstar_tui.views.outlook import Due
from northstar_tui.views.plain import signed, table
from northstar_tui.views.plain_screens import facts_text
from northstar_tui.views.spending import Reckoning, SpendingView, key_of
from northstar_tui.views.words import NONE, STAGES, counted, job_words

DAY = 86_400_000_000


def costs_text(view: CostsView, calendar: Calendar) -> str:
    """Return the costs screen for reading from top to bottom."""
    parts = [table(("COSTS", "", ""), [(name, value, told) for _, name, value, told in figure_words(view)], "<><")]
    for line in view.budgets:
        of = f"{dollars(line.standing.actual)} of {dollars(line.budget.amount)}, {line.label}"
        parts.append(f"budget {safe(line.budget.name)}: {state_words(line)} ({of})")
    if any((*view.daily, *view.daily_before)):
        listed = f"northstar costs {calendar.argument(view.period)} --by day"
        parts.append(f"{days_title(view)}: {listed} lists them")
    for each in view.tables:
        if each.lines:
            parts += ["", each.title, _table_text(each, view)]
    if view.keys:
        uses = [(use.name, dollars(use.amount), f"{use.days}", use.source) for use in view.keys]
        parts += ["", "Keys by their own account, UTC days", table(("KEY", "USED", "DAYS", "SOURCE"), uses, "<>><")]
    if view.problem:
        parts += ["", f"! {view.problem}"]
    elif view.charges:
        parts += ["", table(("RECURRING CHARGE", "NEXT", "EVERY", "AMOUNT"), map(_charge_row, view.charges), "<<<>")]
    if view.jobs:
        rows = [_job_row(job, view.now) for job in view.jobs]
        parts += ["", *job_words(view.jobs), table(("JOB", "STAGE", "FOR", "CLIENT", "AMOUNT", ""), rows, "<<><><")]
    if view.books:
        books = [_book_row(line) for line in view.books]
        whole = _book_row(totals(view.books))
        headers = ("BOOK", "TRADING", "REVENUE", "COSTS", "NET", "ENTRIES")
        parts += ["", "Net after all costs per book", table(headers, books, "<>>>>>", total=whole)]
    return "\n".join(parts)


def _table_text(found: Table, view: CostsView) -> str:
    told = any(line.tokens is not None for line in found.lines)
    rows = [
        (line.name or "not stated", dollars(line.amount), *([dollars(line.before)] if view.before_label else []),
         *(token_words(line.tokens) if told else ()), f"{line.n:,}")
        for line in found.lines
    ]  # fmt: skip
    more = ((view.before_label.upper(),) if view.before_label else ()) + (("TOKENS IN", "OUT") if told else ())
    return table((found.by.upper(), "SPENT", *more, "N"), rows, "<>" + ">" * len(more) + ">")


def _charge_row(line: ChargeLine) -> tuple[str, ...]:
    due = line.late or line.next
    when = NONE if due is None else f"{due.day}, not booked" if line.late else f"{due.day}"
    amount = NONE if due is None or not due.rated else dollars(due.amount)
    return line.charge.name, when, "day" if line.charge.spread else line.charge.every, amount


def _job_row(job: Job, now: int) -> tuple[str, ...]:
    amount = NONE if job.amount is None else dollars(job.amount) if job.currency == "USD" else ""
    return (
        job.title or job.key, STAGES[job.stage][0], counted(max(0, now - job.since) // DAY, "day", "days"),
        job.client or NONE, amount or f"{decimal_text(job.amount or 0)} {job.currency}",
        "in P&L" if job.booked else "not in P&L",
    )  # fmt: skip


def _book_row(line: BookLine) -> tuple[str, ...]:
    amounts = signed(line.trading), dollars(line.revenue), dollars(line.costs), signed(line.net)
    return line.book, *amounts, f"{line.n:,}"


def spend_text(rows: Sequence[Spent], by: Sequence[str]) -> str:
    """Return spending by anything as a table with its sum."""
    lines = [(*(name or "not stated" for name in row.names), dollars(row.amount), f"{row.n:,}") for row in rows]
    whole = (
        "TOTAL", *("" for _ in by[1:]), dollars(sum(row.amount for row in rows)), f"{sum(row.n for row in rows):,}",
    )  # fmt: skip
    return table((*(name.upper() for name in by), "SPENT", "N"), lines, "<" * len(by) + ">>", total=whole)


def spending_text(view: SpendingView, calendar: Calendar) -> str:
    """Return a list of costs under its sum."""
    rows = [
        (
            f"{calendar.local(e.opened_at):%Y-%m-%d}", str(e.body.get("title") or e.instrument), key_of(e), e.source,
            e.book, dollars(-e.net),
        )
        for e in view.entries
    ]  # fmt: skip
    more = view.sums.n - len(view.entries)
    listed = table(("DAY", "WHAT", "KEY", "SOURCE", "BOOK", "COST"), rows, "<<<<<>")
    first = f"{view.title}: {dollars(view.sums.amount)} · {view.told}"
    return "\n".join([first, "", listed, *([f"… and {more:,} older ones"] if more else [])])


def reckoning_text(view: Reckoning) -> str:
    """Return how a figure of the costs comes to be."""
    parts = [view.title, f"  {view.value}", f"  = {view.formula}", "", facts_text(view.terms)]
    if view.days:
        parts += ["", view.days_title, table(("DAY", "AMOUNT"), view.days, "<>")]
    return "\n".join(parts)


# -- for machines ------------------------------------------------------------------------------------------------------


def spend_json(rows: Sequence[Spent], by: Sequence[str], period: Period, calendar: Calendar) -> dict[str, Any]:
    """Return spending by anything: names as said, money as decimal texts in dollars; a key not stated is null."""
    return {
        "period": _period(period, calendar),
        "by": list(by),
        "spent": decimal_text(sum(row.amount for row in rows)),
        "rows": [
            {name: value or None for name, value in zip(by, row.names, strict=True)}
            | {"spent": decimal_text(row.amount), "entries": row.n}
            for row in rows
        ],
    }


def costs_json(view: CostsView, calendar: Calendar) -> dict[str, Any]:
    """Return `costs --json`: a contract that the user guide states."""
    burn = None if view.burn.value is None else decimal_text(round(view.burn.value))
    forecast = view.forecast
    return {
        "period": _period(view.period, calendar),
        "spent": decimal_text(view.spent),
        "entries": view.total.entries,
        "incomplete": view.total.incomplete,
        "before": None if view.before is None else {"spent": decimal_text(view.before), "label": view.before_label},
        "burn": {"per_day": burn, "days": view.burn.n, "from": view.burn_span[0], "to": view.burn_span[1]},
        "projection": _projection(forecast.projection)
        | {"so_far": decimal_text(forecast.so_far), "due": decimal_text(forecast.certain), "days_left": forecast.left},
        "budgets": [_budget(line, calendar) for line in view.budgets],
        "by": {
            each.by: [
                {"name": line.name or None, "spent": decimal_text(line.amount), "before": decimal_text(line.before),
                 "entries": line.n, "rest": line.rest, **(_tokens(line) if each.by == "model" else {})}
                for line in each.lines
            ]
            for each in view.tables
        },
        "keys": [
            {"name": use.name, "source": use.source, "used": decimal_text(use.amount), "days": use.days}
            for use in view.keys
        ],
        "charges": [_charge(line) for line in view.charges],
        "jobs": [_job(job, calendar) for job in view.jobs],
        "books": [_book(line) for line in view.books],
        "net": decimal_text(view.net),
    }  # fmt: skip


def _tokens(line: Line) -> dict[str, int | None]:
    found = line.tokens
    return {"tokens_in": found and found.input, "tokens_out": found and found.output}


def _period(period: Period, calendar: Calendar) -> dict[str, str | None]:
    if period.level == "all":
        return {"from": None, "to": None, "zone": calendar.zone}
    first, following = calendar.span_text(period)
    return {"from": first, "to": following, "zone": calendar.zone}


def _projection(end: Projection) -> dict[str, Any]:
    amounts = {"value": end.value, "low": end.low, "high": end.high}
    found: dict[str, Any] = {name: None if value is None else decimal_text(value) for name, value in amounts.items()}
    return found | {"days": end.n, "reason": end.reason, "more_days_needed": end.missing}


def _budget(line: BudgetLine, calendar: Calendar) -> dict[str, Any]:
    budget, standing = line.budget, line.standing
    return {
        "name": budget.name,
        "direction": budget.direction,
        "period": _period(line.period, calendar),
        "where": {dimension: list(names) for dimension, names in budget.where},
        "amount": decimal_text(budget.amount),
        "actual": decimal_text(standing.actual),
        "left": decimal_text(standing.left),
        "used": round(standing.used, 4),
        "elapsed": round(standing.elapsed, 4),
        "even_pace": decimal_text(standing.even),
        "projection": _projection(standing.projection),
        "beyond": None if standing.beyond is None else decimal_text(standing.beyond),
        "state": standing.state,
        "words": state_words(line),
    }


def _charge(line: ChargeLine) -> dict[str, Any]:
    charge = line.charge
    return {
        "name": charge.name,
        "source": charge.source,
        "category": charge.category,
        "currency": charge.currency,
        "every": charge.every,
        "spread": charge.spread,
        "next": _due(line.next),
        "late": _due(line.late),
    }


def _due(due: Due | None) -> dict[str, str | None] | None:
    if due is None:
        return None
    return {"day": due.day.isoformat(), "amount": decimal_text(due.amount) if due.rated else None}


def _job(job: Job, calendar: Calendar) -> dict[str, Any]:
    return {
        "source": job.source,
        "key": job.key,
        "client": job.client,
        "title": job.title,
        "stage": job.stage,
        "since": calendar.local(job.since).isoformat(),
        "amount": None if job.amount is None else decimal_text(job.amount),
        "currency": job.currency,
        "booked": job.booked,
    }


def _book(line: BookLine) -> dict[str, Any]:
    return {
        "book": line.book,
        "trading": decimal_text(line.trading),
        "revenue": decimal_text(line.revenue),
        "costs": decimal_text(line.costs),
        "net": decimal_text(line.net),
        "entries": line.n,
    }
