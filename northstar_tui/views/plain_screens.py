"""The plain-text twins of the drill-down's and the feed's screens, from the same snapshots."""

from __future__ import annotations

import json
from collections.abc import Sequence
from shlex import join

from northstar_tui.calendar import Calendar
from northstar_tui.ledger.health import Quarantined, RunRow
from northstar_tui.ledger.log import LoggedEvent
from northstar_tui.ledger.queries import Entry
from northstar_tui.money import decimal_text, dollars
from northstar_tui.text import safe
from northstar_tui.views.aloud import is_aloud
from northstar_tui.views.base import where_text
from northstar_tui.views.falls import drawdown_text
from northstar_tui.views.feeding import (
    RecordView,
    RunView,
    SourceView,
    quarantine_title,
    retry_args,
    retry_words,
    run_words,
)
from northstar_tui.views.heat import HeatView
from northstar_tui.views.node import NodeView
from northstar_tui.views.operations import SourceLine
from northstar_tui.views.plain import moment, rate, signed, slices_text, table, trades_text, trust_text, where_from
from northstar_tui.views.plain_operations import runs_text, source_rows, took
from northstar_tui.views.series import SeriesView
from northstar_tui.views.since import Moved
from northstar_tui.views.why import figure_text
from northstar_tui.views.words import NONE, counted, record

Fact = tuple[str, str]


def facts_text(facts: Sequence[Fact]) -> str:
    """Return facts, a line each."""
    if is_aloud():
        return "\n".join(f"{safe(name)}: {safe(value)}" for name, value in facts)
    return table(("WHAT", "IS"), facts, "<<").partition("\n")[2]


def node_text(
    view: NodeView, calendar: Calendar, curve: SeriesView | None = None, entries: Sequence[Entry] = ()
) -> str:
    """Return one node of the drill-down; `entries` are those shown of a day."""
    m, asked = view.totals, safe(where_text(view.where))
    heading = [
        view.label,
        f"{view.basis} basis",
        *([asked] if asked else []),
        f"net of all time {signed(view.head.net)}",
    ]
    totals: list[Fact] = [("Net", signed(m.net) + (f" ({m.incomplete:,} incomplete)" if m.incomplete else ""))]
    if view.previous is not None:
        totals.append((f"Change from {view.previous_label}", signed(m.net - view.previous.net)))
    totals += [
        ("W–L", record(m)), ("Win rate", figure_text(view.statistics.win_rate, "%")[0]),
        ("Entries", f"{m.entries:,}" + (f", {m.open:,} open" if m.open else "")), ("Stake", dollars(m.stake)),
        ("Gross", dollars(m.gross, plus=True)), ("Fees", dollars(m.fees)),
    ]  # fmt: skip
    parts = [" · ".join(heading), *trust_text(view.head), "", facts_text(totals), ""]
    if view.rows:
        rows = [
            (row.label, signed(row.measures.net), record(row.measures), rate(row.measures), f"{row.measures.entries:,}",
             dollars(row.measures.stake), dollars(row.measures.fees))
            for row in view.rows
        ]  # fmt: skip
        headers = (view.child_level.upper(), "NET", "W–L", "WIN", "ENTRIES", "STAKE", "FEES")
        parts.append(table(headers, rows, "<>>>>>>"))
    elif entries:
        parts.append(trades_text(entries, calendar))
        if m.entries > len(entries):
            args = [calendar.argument(view.period), *(["--where", asked] if asked else [])]
            parts.append(f"… and {m.entries - len(entries):,} more: {join(['northstar', 'trades', *args])}")
    else:
        parts.append(f"nothing was booked in {view.label}")
    if view.slices:
        parts += ["", f"By {view.dimension}", slices_text(view.slices, view.dimension)]
    parts += ["", "Closed trades", facts_text(_statistics(view))]
    return "\n".join([*parts, *_curve(curve)])


def _statistics(view: NodeView) -> list[Fact]:
    s, found = view.statistics, []
    for name, figure, unit in (
        ("Win rate", s.win_rate, "%"), ("Profit factor", s.profit_factor, "x"), ("Expectancy", s.expectancy, "$"),
        ("ROI on stake", s.roi, "%"), ("Average win", s.average_win, "$"), ("Average loss", s.average_loss, "$"),
    ):  # fmt: skip
        value, note = figure_text(figure, unit)
        found.append((name, f"{value}  {note}" if note else value))
    return found


def _curve(curve: SeriesView | None) -> list[str]:
    """Return a curve in sentences: where equity was, how far it fell, its best and worst periods."""
    if curve is None or not curve.running:
        return []
    levels = (0, *curve.running)
    stood = (("highest", max(levels)), ("lowest", min(levels)), ("last", levels[-1]))
    parts = ["", f"Equity by {curve.level}: {', '.join(f'{how} {dollars(at, plus=True)}' for how, at in stood)}"]
    parts += [line.removeprefix("= ") for line in drawdown_text(curve)]
    told: set[str] = set()
    for most in (curve.slots, curve.slots // 4, curve.slots // 20):
        level, bars = curve.bars(max(1, most))
        nets = [(bar.net, bar.first) for bar in bars if bar.net is not None]
        if level not in told and nets:
            told.add(level)
            ends = (("best", *max(nets)), ("worst", *min(nets, key=lambda pair: pair[0])))
            parts.append(", ".join(f"{how} {level} {day:%-d %b %Y} {signed(net)}" for how, net, day in ends))
    return parts


def moved_text(rows: Sequence[Moved], calendar: Calendar) -> str:
    """Return the entries under one part of the bridge since a look, and by how much each changed the total."""
    if not rows:
        return "nothing of that kind has changed"
    headers = ("ENTRY", "CLOSED", "BOOK", "WHAT", "SIDE", "CHANGED BY")
    return table(headers, [_moved(row, calendar) for row in rows], "><<<<>")


def _moved(row: Moved, calendar: Calendar) -> tuple[str, ...]:
    e = row.entry
    if e is None:
        return f"{row.id}", NONE, NONE, "the log does not make it any more", "", signed(row.amount)
    closed = moment(calendar, e.closed_at)
    return f"{row.id}", closed, e.book, e.title or e.instrument or e.key, e.side or e.kind, signed(row.amount)


def heat_text(view: HeatView, calendar: Calendar) -> str:
    """Return the days of a span that hold entries, and the sums of its months, weeks and weekdays."""
    m, held = view.totals, [day for day in view.days if day.measures.entries]
    asked = safe(where_text(view.where))
    up, down = (sum(sign * day.measures.net > 0 for day in held) for sign in (1, -1))
    facts = [
        ("Net", signed(m.net)), ("Days", f"{up} up, {down} down of {len(held)} with entries"), ("W–L", record(m)),
        ("Entries", f"{m.entries:,}"), ("Stake", dollars(m.stake)), ("Fees", dollars(m.fees)),
    ]  # fmt: skip
    rows = [
        (calendar.label(day.period), signed(day.measures.net), record(day.measures), f"{day.measures.entries:,}",
         dollars(day.measures.stake), dollars(day.measures.fees))
        for day in held
    ]  # fmt: skip
    parts = [" · ".join([view.label, f"{view.basis} basis", *([asked] if asked else [])]), *trust_text(view.head), ""]
    parts += [facts_text(facts), "", table(("DAY", "NET", "W–L", "ENTRIES", "STAKE", "FEES"), rows, "<>>>>>")]
    for name, form in (("MONTH", "%b %Y"), ("WEEK", "%G-W%V"), ("WEEKDAY", "%A")):
        sums: dict[str, int] = {}
        for day in view.days:
            sums[f"{day.date:{form}}"] = sums.get(f"{day.date:{form}}", 0) + day.measures.net
        if len(sums) > 1:
            parts += ["", table((name, "NET"), [(each, signed(net)) for each, net in sums.items()], "<>")]
    return "\n".join(parts)


def event_text(event: LoggedEvent, calendar: Calendar) -> str:
    """Return one event: its facts, the source's own text, and what was read in it."""
    facts = [
        ("source", event.source), ("key", event.key), ("revision", f"{event.revision}"),
        ("occurred", moment(calendar, event.occurred_at)), ("recorded", moment(calendar, event.recorded_at)),
        ("book", event.book or NONE), ("from", where_from(event.origin, event.line)),
        *([("sha-256", f"{event.sha256} ({event.size or 0:,} bytes)")] if event.sha256 else []),
    ]  # fmt: skip
    parts = [safe(event.kind), facts_text(facts), "", "The source's own text"]
    parts += [f"    {safe(line)}" for line in (event.raw or "(none)").splitlines()]
    body = json.loads(event.body)
    read = [(name, _said(name, value, calendar)) for name, value in body.items()]
    return "\n".join([*parts, "", "What NorthStar read in it", facts_text(read)])


def _said(name: str, value: object, calendar: Calendar) -> str:
    if name in ("stake", "gross", "fees", "net", "amount") and isinstance(value, int):
        return decimal_text(value)
    if name in ("opened_at", "closed_at") and isinstance(value, int):
        return moment(calendar, value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def source_text(view: SourceView, calendar: Calendar) -> str:
    """Return one source: how it is, what of it lies in quarantine, what it did."""
    line: SourceLine = view.line
    headers, row = source_rows([line], view.now, calendar)
    told = [safe(text) for text in (line.error, line.remedy) if text]
    parts = [safe(line.name), facts_text(list(zip(headers, row[0], strict=True))[1:]), *told]
    if view.quarantine:
        parts += ["", quarantine_title(line.quarantined), quarantine_text(view.quarantine, calendar)]
    return "\n".join([*parts, "", "Runs", runs_text(view.runs, calendar, {line.error})])


def quarantine_text(found: Sequence[Quarantined], calendar: Calendar, settled: Sequence[Quarantined] = ()) -> str:
    """Return records in quarantine as a table, and those that are `settled` as another."""
    parts = ["nothing is in quarantine"]
    if found:
        rows = [_placed(r, r.field, r.reason, moment(calendar, r.recorded_at)) for r in found]
        parts = [table(("ID", "SOURCE", "WHERE", "FIELD", "REASON", "SINCE"), rows, "><<<<<")]
    if settled:
        rows = [_placed(r, moment(calendar, r.settled_at), r.settled_by or "") for r in settled]
        parts += ["", "Settled", table(("ID", "SOURCE", "WHERE", "SETTLED", "BY"), rows, "><<<<")]
    return "\n".join(parts)


def _placed(record: Quarantined, *rest: str) -> tuple[str, ...]:
    where = where_from(record.file, record.line) if record.file or not record.line else f"record {record.line}"
    return f"{record.id}", record.source, where, *rest


def run_text(view: RunView, calendar: Calendar) -> str:
    """Return one run in full."""
    run: RunRow = view.run
    ended = NONE if run.finished_at is None else f"{moment(calendar, run.finished_at)}, {took(run)}"
    read = f"{run.read:,} records: {run.new:,} new, {run.unchanged:,} unchanged, {run.revised:,} revised, "
    facts = [
        ("started", moment(calendar, run.started_at)), ("ended", ended), ("outcome", run.outcome),
        ("file", run.file or NONE), ("read", f"{read}{run.quarantined:,} to quarantine"),
        ("network", f"{run.pages:,} answers, {run.bytes:,} bytes" if run.pages else NONE),
    ]  # fmt: skip
    parts = [f"{safe(run.source)}: {run_words(run)}", facts_text(facts)]
    return "\n".join([*parts, *(["", "What went wrong", safe(run.error)] if run.error else [])])


def record_text(view: RecordView, calendar: Calendar) -> str:
    """Return one record that could not be read: why, what to do, and its own text."""
    r = view.record
    facts = [
        ("source", r.source), ("file", r.file or NONE), ("line", NONE if r.line is None else f"{r.line:,}"),
        ("since", moment(calendar, r.recorded_at)),
    ]  # fmt: skip
    if r.settled_at is not None:
        facts += [("settled", moment(calendar, r.settled_at)), ("by", r.settled_by or "")]
        what = f"northstar quarantine --reopen {r.id} opens it again"
    else:
        by = join(["northstar", *retry_args(r, configured=view.configured)])
        what = retry_words(r, by, configured=view.configured)
    parts = [f"{safe(r.field)}: {safe(r.reason)}", facts_text(facts), "", safe(what)]
    raw = [f"    {safe(line)}" for line in r.raw.splitlines()] or ["    (empty)"]
    return "\n".join([*parts, "", f"The record itself, {counted(len(raw), 'line', 'lines')}", *raw])
