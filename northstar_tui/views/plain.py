"""The plain-text twin of every screen, from the same snapshots: for a pipe, a dumb terminal, a screen reader.

Nothing here computes a figure. Text from outside goes through `safe`.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Sequence
from shlex import join
from typing import TYPE_CHECKING

from northstar_tui.calendar import Calendar
from northstar_tui.ledger.health import entries_words
from northstar_tui.ledger.log import LoggedEvent
from northstar_tui.ledger.overlaps import Overlaps
from northstar_tui.ledger.queries import Entry, Measures
from northstar_tui.money import decimal_text, dollars
from northstar_tui.text import safe
from northstar_tui.views.aloud import is_aloud, sentences
from northstar_tui.views.base import Head, Slice, where_text
from northstar_tui.views.epochs import EpochRow
from northstar_tui.views.falls import drawdown_text, drawdown_words
from northstar_tui.views.needs import Need
from northstar_tui.views.node import EntryView
from northstar_tui.views.overview import OverviewView
from northstar_tui.views.report import ReportView
from northstar_tui.views.since import SinceView
from northstar_tui.views.why import UNRECONCILED, WhyView
from northstar_tui.views.words import (
    BRIDGE,
    NONE,
    ago,
    also_said,
    counted,
    file_words,
    is_severe,
    marks_words,
    percent,
    pipeline_words,
    record,
    subject_words,
)

if TYPE_CHECKING:
    from northstar_tui.ledger.verify import Proof


def width(text: str) -> int:
    """Return how many terminal cells `text` takes."""
    if text.isascii():
        return len(text)
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def table(
    headers: Sequence[str], rows: Iterable[Sequence[str]], align: str, *, total: Sequence[str] | None = None
) -> str:
    """Return an aligned table. `align` has one of ``<`` and ``>`` per column; `total` stands under a rule.

    To be read aloud it is a sentence for each row.
    """
    body = [[safe(cell) for cell in row] for row in rows]
    if is_aloud():
        return sentences(headers, [*body, *([list(total)] if total else [])])
    every = [list(headers), *body, *([list(total)] if total else [])]
    widths = [max(width(row[i]) for row in every) for i in range(len(headers))]

    def line(row: Sequence[str]) -> str:
        cells = (
            " " * (w - width(c)) + c if a == ">" else c + " " * (w - width(c))
            for c, w, a in zip(row, widths, align, strict=True)
        )
        return "  ".join(cells).rstrip()

    lines = [line(headers), *(line(row) for row in body)]
    if total:
        lines += ["  ".join("─" * w for w in widths), line(total)]
    return "\n".join(lines)


def rate(measures: Measures) -> str:
    """Return the win rate, or a dash."""
    from northstar_tui.figures.trades import win_rate

    figure = win_rate(measures.wins, measures.losses)
    return NONE if figure.value is None else percent(figure.value)


def mark(amount: int) -> str:
    """Return an amount's direction as a mark; nothing where it is read aloud, for the sign says it."""
    return "" if is_aloud() else "▲" if amount > 0 else "▼" if amount < 0 else "·"


def signed(amount: int) -> str:
    """Return an amount with its sign, and with its direction in a mark where that is seen: ``▲ +$8.06``."""
    return f"{mark(amount)} {dollars(amount, plus=True)}".lstrip()


def moment(calendar: Calendar, t: int | None) -> str:
    """Return a local time to the second, or ``open``."""
    return "open" if t is None else f"{calendar.local(t):%Y-%m-%d %H:%M:%S}"


def sign(kind: str) -> str:
    """Return the mark of what needs the operator, as the screen has it: one for what is severe, one for the rest."""
    return severity(severe=is_severe(kind))


def severity(*, severe: bool) -> str:
    """Return the mark of something severe, and of the rest; read aloud both are one."""
    return "!" if is_aloud() else "✗" if severe else "◐"


def trust_text(head: Head) -> list[str]:
    """Return what lessens the trust in the numbers, a line each; nothing where there is nothing."""
    found = []
    if head.unreconciled:
        what = f"{dollars(head.unreconciled)} unreconciled: two statements of the same money disagree"
        found.append(f"{sign('unreconciled')} {what}: northstar why unreconciled all")
    if head.incomplete:
        what = f"{counted(head.incomplete, 'entry', 'entries')} in a currency without a rate"
        found.append(f"{sign('incomplete')} {what}, in no sum: set [[rates]] in the config")
    if head.quarantined:
        what = counted(head.quarantined, "record", "records")
        found.append(f"{sign('quarantine')} {what} in quarantine: northstar quarantine")
    return found


_MEASURED = ("ENTRIES", "TRADES", "W–L", "WIN", "STAKE", "GROSS", "FEES", "NET")


def _measured(m: Measures) -> tuple[str, ...]:
    return (
        f"{m.entries:,}", f"{m.trades:,}", record(m), rate(m),
        dollars(m.stake), dollars(m.gross), dollars(m.fees), signed(m.net),
    )  # fmt: skip


def report_text(view: ReportView) -> str:
    """Return the report as a table, with its totals and its drawdown."""
    headers = ("PERIOD", *(d.upper() for d in view.by), *_MEASURED)
    rows = [(row.label, *row.dimensions, *_measured(row.measures)) for row in view.rows]
    align = "<" * (1 + len(view.by)) + ">" * len(_MEASURED)
    total = ("TOTAL", *("" for _ in view.by), *_measured(view.totals))
    lines = [table(headers, rows, align, total=total)]
    lines += drawdown_text(view.curve)
    lines += [
        f"{sign('incomplete')} {each.entries:,} entries in {safe(each.currency)} have no rate; their net of "
        f"{decimal_text(each.net)} is in no sum"
        for each in view.incomplete
    ]
    if view.unreconciled:
        what = f"{sign('unreconciled')} {dollars(view.unreconciled)} unreconciled"
        lines.append(f"{what}: northstar why unreconciled shows the entries")
    return "\n".join([*lines, *overlaps_text(view.overlaps)])


def epochs_text(rows: Sequence[EpochRow]) -> str:
    """Return the epochs as a table."""
    told = [
        (
            row.epoch.name, row.epoch.first.isoformat(), row.epoch.last.isoformat() if row.epoch.last else NONE,
            f"{row.days:,}", *_measured(row.measures), drawdown_words(row.curve)[0],
        )
        for row in rows
    ]  # fmt: skip
    headers = ("EPOCH", "FROM", "TO", "DAYS", *_MEASURED, "MAX DRAWDOWN")
    return table(headers, told, "<<<" + ">" * (2 + len(_MEASURED)))


_DIFFERENCES = 10
"""Differences told under a report; its JSON has more."""


def overlaps_text(found: Overlaps) -> list[str]:
    """Return what several doors stated, a line for all of it and one for each difference; nothing where none did."""
    if not found.mirrored_entries and not found.groups:
        return []
    what = counted(found.mirrored_entries, "entry", "entries")
    doors = ", ".join(f"{safe(source)} {many:,}" for source, many in found.linked)
    parts = [f"= {what} stated twice, linked and in no sum"]
    if doors:
        parts[0] += f": {doors}, net {dollars(found.mirrored_net)}"
    if found.groups:
        bears = ", ".join(map(safe, found.bearing))
        agree = f"{found.differing:,} of {found.groups:,} differ" if found.differing else "no difference"
        parts.append(f"{bears} bears the money; {agree}")
    lines = ["; ".join(parts)]
    for each in found.differences[:_DIFFERENCES]:
        said = ", ".join(f"{safe(door.source)} {dollars(door.net)}" for door in (each.bears, *each.mirrors))
        what = f"{safe(each.same)} in {safe(each.book)}: {said}; {dollars(each.difference, plus=True)}"
        lines.append(f"{sign('unreconciled')} {what}")
    if found.differing > _DIFFERENCES:
        lines.append(f"{sign('unreconciled')} … and {found.differing - _DIFFERENCES:,} more")
    return lines


def slices_text(slices: Sequence[Slice], dimension: str) -> str:
    """Return an attribution as a table."""
    rows = [(s.name, f"{s.measures.entries:,}", record(s.measures), signed(s.measures.net)) for s in slices]
    return table((dimension.upper(), "N", "W–L", "NET"), rows, "<>>>")


def overview_text(view: OverviewView, calendar: Calendar) -> str:
    """Return the overview for reading from top to bottom."""
    if view.empty:
        return EMPTY
    demo = " DEMO" if view.head.kind == "demo" else ""
    parts = [f"NorthStar{demo} · net {signed(view.head.net)} all time · {view.head.zone}"]
    parts += trust_text(view.head)
    rows = [
        (
            tile.name, signed(tile.measures.net), record(tile.measures), rate(tile.measures),
            dollars(tile.measures.stake), dollars(tile.measures.fees),
            f"{signed(tile.measures.net - tile.before.net)} vs {tile.before_label}" if tile.before else "",
        )
        for tile in view.tiles
    ]  # fmt: skip
    parts += ["", table(("PERIOD", "NET", "W–L", "WIN", "STAKE", "FEES", "CHANGE"), rows, "<>>>>><")]
    books = [(p.book, signed(p.net), signed(p.total.net), record(p.total)) for p in view.panels]
    parts += ["", table(("BOOK", view.panels_label.upper(), "ALL TIME", "W–L"), books, "<>>>")]
    parts += ["", *needs_text(view.needs), "", since_text(view.since, calendar)]
    for dimension, slices in ((view.dimension, view.slices), *view.also):
        parts += ["", f"{view.focus_label} by {dimension}", slices_text(slices, dimension)]
    if view.pipeline:
        parts += ["", f"Pipeline: {pipeline_words(view.pipeline)}: not in P&L"]
    parts += ["", "Last events, without quotes", events_text(view.events, calendar)]
    sources = [
        (s.name, s.outcome, f"{ago(view.now, s.recorded_at)} ago", f"{s.quarantined:,}") for s in view.head.sources
    ]
    parts += ["", table(("SOURCE", "LAST RUN", "AGE", "QUARANTINED"), sources, "<<>>")]
    return "\n".join(parts)


def needs_text(needs: Sequence[Need]) -> list[str]:
    """Return what needs the operator, and under each what to do."""
    lines = []
    for need in needs:
        lines += [f"{severity(severe=need.severe)} {safe(need.text)}", f"    {safe(need.remedy)}"]
    return [f"Needs you: {len(needs):,}", *lines] if lines else ["Nothing needs you"]


def trades_text(entries: Sequence[Entry], calendar: Calendar, *, doubts: bool = False) -> str:
    """Return entries as a table, with the file and line behind each; with `doubts`, how far two statements differ."""
    rows: list[tuple[str, ...]] = [
        (
            moment(calendar, e.closed_at), e.book, e.category, e.kind, e.instrument or e.title or NONE,
            e.side or "", str(e.body.get("quantity", "")), NONE if e.stake is None else dollars(e.stake),
            dollars(e.gross, plus=True), dollars(e.fees), NONE if e.incomplete else signed(e.net),
            where_from(e.origin, e.line),
        )
        for e in entries
    ]  # fmt: skip
    headers: tuple[str, ...] = (
        "CLOSED", "BOOK", "CATEGORY", "KIND", "INSTRUMENT", "SIDE", "QTY", "STAKE", "GROSS", "FEES", "NET", "FROM",
    )  # fmt: skip
    align = "<<<<<<>>>>><"
    if doubts:
        rows = [(*row, _off(e.unreconciled), _off(e.disagreement)) for row, e in zip(rows, entries, strict=True)]
        headers, align = (*headers, "LESS CHECK", "LESS OTHER DOOR"), align + ">>"
    if any(e.tags or e.notes for e in entries):
        rows = [(*row, marks_words(e)) for row, e in zip(rows, entries, strict=True)]
        headers, align = (*headers, "TAGS AND NOTES"), align + "<"
    return table(headers, rows, align)


def _off(difference: int | None) -> str:
    return dollars(difference, plus=True) if difference else NONE


def where_from(origin: str | None, line: int | None) -> str:
    """Return ``file:line``, or a dash for what came from no file."""
    return NONE if origin is None else f"{origin}:{line}" if line else origin


def events_text(events: Sequence[LoggedEvent], calendar: Calendar) -> str:
    """Return events of the log as a table."""
    rows = [
        (moment(calendar, e.recorded_at), moment(calendar, e.occurred_at), e.source, e.kind, f"{e.revision}",
         *about(e), where_from(e.origin, e.line))
        for e in events
    ]  # fmt: skip
    return table(("RECORDED", "OCCURRED", "SOURCE", "KIND", "REV", "ABOUT", "AMOUNT", "FROM"), rows, "<<<<><><")


def about(event: LoggedEvent) -> tuple[str, str]:
    """Return what an event is about in few words, and the amount it states (in its own currency), if any."""
    body = json.loads(event.body)
    what = subject_words(event, body)
    cost = event.kind.startswith("cost.")
    amount = body.get("net", body.get("amount"))
    if not isinstance(amount, int):
        return what[:40], NONE
    currency = body.get("currency", "USD")
    text = signed(-amount if cost else amount)
    return what[:40], text if currency == "USD" else f"{text.replace('$', '')} {currency}"


def entry_text(view: EntryView, calendar: Calendar) -> str:
    """Return an entry with everything said about it."""
    parts = [trades_text([view.entry], calendar)]
    if view.entry.mirror:
        parts.append("in no sum: a better door bears this money")
    parts += [f"{what} {safe(told)}" for what, told in also_said(view.linked)]
    parts += [f"noted {moment(calendar, said.at)}: {safe(said.text)}" for said in view.entry.notes]
    parts.append("")
    for event in view.events:
        parts.append(
            f"{event.kind} revision {event.revision}, recorded {moment(calendar, event.recorded_at)}, "
            f"from {safe(where_from(event.origin, event.line))}"
        )
        parts += [f"    {safe(line)}" for line in (event.raw or event.body).splitlines()]
    return "\n".join(parts)


def why_text(view: WhyView, calendar: Calendar) -> str:
    """Return why a figure is what it is."""
    parts = [
        f"{view.title} · {safe(view.label)} · {view.basis} basis"
        + (f" · {safe(where_text(view.where))}" if view.where else ""),
        f"  {view.value}" + (f"   ({view.note})" if view.note else ""),
        f"  = {view.formula}",
        *(f"      {term.replace('_', ' ')} {value}" for term, value in view.terms),
        f"  n = {view.n:,} entries" + (" from peak to trough" if view.under != view.period else ""),
        f"  {'✓' if view.proved else '✗'} {view.proof}",
        "",
        trades_text(view.rows, calendar, doubts=view.figure == UNRECONCILED),
    ]
    if view.listed > len(view.rows):
        more, most = view.listed - len(view.rows), min(view.listed, 10 * max(len(view.rows), 20))
        asked = [*(["--where", where_text(view.where)] if view.where else []), "--basis", view.basis]
        again = join(["northstar", "why", view.figure, calendar.argument(view.period), *asked, "--limit", str(most)])
        parts.append(f"… and {more:,} more: {again} shows more")
    parts += ["", table(("FROM", "ENTRIES"), [(file_words(name), f"{n:,}") for name, n in view.origins], "<>")]
    return "\n".join(parts)


def proof_text(proof: Proof) -> str:
    """Return what `verify` found."""
    if proof.ok:
        entries = entries_words(proof.entries, proof.open)
        entries = f"{entries}," if proof.open else entries
        return f"✓ {proof.events:,} events make exactly the {entries} and {proof.buckets:,} buckets stored"
    rows = [(d.where, d.what, d.stored or NONE, d.derived or NONE) for d in proof.differences]
    more = f"\n… and {proof.count - len(rows):,} more" if proof.count > len(rows) else ""
    return f"✗ {proof.count:,} differences\n" + table(("WHERE", "WHAT", "STORED", "THE LOG SAYS"), rows, "<<<<") + more


EMPTY = """NorthStar has no entries yet.
  northstar demo                 look around in a simulated company
  northstar import FILE…         load a Kalshi Transactions export or a CSV of bets
  northstar init                 write a commented config"""


_BECAUSE = {"look": "you last looked", "day": "the day began", "asked": "the moment asked for"}


def since_text(view: SinceView, calendar: Calendar) -> str:
    """Return the bridge from the total then to the total now, a line for each part."""
    rows = [("was", "", dollars(view.before), "")]
    for part in view.parts:
        entries = counted(part.entries, "entry", "entries") if part.entries else ""
        rows.append((BRIDGE[part.name], mark(part.amount), dollars(part.amount, plus=True), entries))
    held = f", {dollars(view.held, plus=True)} of it in open positions" if view.held is not None else ""
    rows.append(("is", "", dollars(view.total), signed(view.total - view.before) + held))
    if not view.told:
        rows = [(f"{view.events:,} events came in", "", "", "northstar since tells what of")]
    wide = [max(width(row[i]) for row in rows) for i in (0, 2)]
    lines = [
        f"{name:<{wide[0]}}  {sign or ' '} {amount:>{wide[1]}}  {more}".rstrip() for name, sign, amount, more in rows
    ]
    if is_aloud():
        lines = [f"{name}: {', '.join(told for told in (amount, more) if told)}" for name, _, amount, more in rows]
    since = "before the first event"
    if view.event or view.because != "asked":
        since = f"{_BECAUSE[view.because]}, {calendar.local(view.at):%a %d %b %H:%M} ({ago(view.now, view.at)} ago)"
    return "\n".join([f"Since {since}", *lines])
