"""One entry and everything ever said about it; and one event with the source's own line."""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable, Mapping
from dataclasses import replace
from typing import Any

from northstar_tui.calendar import Calendar
from northstar_tui.ledger.log import LoggedEvent, events
from northstar_tui.ledger.queries import Entry
from northstar_tui.ledger.store import Store
from northstar_tui.money import decimal_text, dollars
from northstar_tui.text import safe
from northstar_tui.tui.actions import ENTRY, EVENT, key_of
from northstar_tui.tui.navigation import Cursor
from northstar_tui.tui.paint import Line, fit, rule, width, wrap
from northstar_tui.tui.screens.blocks import Block, BlockPage, Painted, blank, heading, stack
from northstar_tui.tui.screens.cells import amount_text, plain_column, signed
from northstar_tui.tui.screens.listing import title
from northstar_tui.tui.screens.page import Asking, Opening, TextPage
from northstar_tui.tui.theme import Look
from northstar_tui.tui.widgets.rows import Column
from northstar_tui.views.base import ViewError
from northstar_tui.views.node import EntryView, entry_view
from northstar_tui.views.words import also_said, counted

_MOMENT = "%a %d %b %Y %H:%M:%S"
_MONEY = frozenset({"stake", "gross", "fees", "net", "amount"})
_TIMES = frozenset({"opened_at", "closed_at"})
Fact = tuple[str, str]


def question(asking: Asking) -> Callable[[Store], EntryView]:
    """Return the question of the entry where we are."""
    subject = asking.nav.here.subject

    def ask(store: Store) -> EntryView:
        view = entry_view(store, subject)  # type: ignore[arg-type]
        if view is None:
            remedy = f"press {key_of('back')} to go back; its events are in the log"
            raise ViewError("the log no longer makes an entry here", remedy)
        return view

    return ask


def event_question(asking: Asking) -> Callable[[Store], LoggedEvent]:
    """Return the question of the event where we are."""
    number: int = asking.nav.here.subject  # type: ignore[assignment]

    def ask(store: Store) -> LoggedEvent:
        found = next(iter(events(store, after=number - 1, limit=1)), None)
        if found is None or found.id != number:
            raise ViewError("this event is not in the log", f"press {key_of('back')} to go back")
        return found

    return ask


class EntryPage(BlockPage[LoggedEvent]):
    """The entry's facts, its arithmetic, its events to open, and the source's own text."""

    screen = ENTRY

    def __init__(self, view: EntryView, cursor: Cursor, calendar: Calendar) -> None:
        self.view = view
        self._calendar = calendar
        super().__init__(view.events, replace(cursor, index=len(view.events) - 1) if cursor.key is None else cursor)

    def key(self, target: LoggedEvent) -> Hashable:
        """Return the event's id: what is said of it later comes behind it."""
        return target.id

    def compose(self, cells: int, rows: int, look: Look) -> list[Painted]:
        """Return all of it; where not all fits, the events stand above the facts, if they are few.

        So it is always seen what is selected.
        """
        room = cells - 2
        count = len(self.view.events)
        head = [Line()] if rows >= 18 else []
        head += self.panel("The title", room, look, lambda: [self._title(room, look)])
        head += self.panel("The sum", room, look, lambda: [_arithmetic(self.view.entry, room, look)])
        head += self.panel("Notes", room, look, lambda: self._notes(room, max(1, rows // 4), look))
        facts = [Line(), *self.panel("Facts", room, look, lambda: self._facts(room, look))]
        source = [Line(), *self.panel("The source's text", room, look, lambda: self._source(room, look))]
        columns = _event_columns(self._calendar)
        said = [blank(), heading(f"History ({count})", room, look)]
        said += self.section("Events", room, look, lambda: self.table(columns, self.view.events, room, look))
        parts = [Block(tuple(facts)), *said]
        if len(head) + len(stack(parts)) + len(source) > rows and count <= max(1, rows // 3 - 2):
            parts = [*said, Block(tuple(facts))]
        return stack([Block(tuple(head)), *parts, Block(tuple(source))])

    def _title(self, cells: int, look: Look) -> Line:
        return Line().put(fit(title(self.view.entry), cells, ellipsis=look.glyphs.ellipsis), look.strong)

    def _notes(self, cells: int, rows: int, look: Look) -> list[Line]:
        """Return the tags and what the operator noted, newest first; a last line counts what has no room."""
        tags = " ".join(f"#{safe(tag)}" for tag in self.view.entry.tags)
        found = [Line().put(part, look.accent) for part in wrap(tags, cells)] if tags else []
        for said in reversed(self.view.entry.notes):
            when = f"{self._calendar.local(said.at):%d %b %Y %H:%M}  "
            for at, part in enumerate(wrap(safe(said.text), max(8, cells - width(when)))):
                found.append(Line().put(when if not at else " " * width(when), look.dim).put(part, look.text))
        if len(found) > rows:
            more = counted(len(found) - rows + 1, "more line", "more lines")
            found = [*found[: rows - 1], Line().put(f"… {more} of notes: northstar events --entry", look.dim)]
        return found

    def _facts(self, cells: int, look: Look) -> list[Line]:
        """Return the facts, in two columns where they fit."""
        facts = facts_of(self.view.entry, self._calendar)
        facts += [(what, safe(told)) for what, told in also_said(self.view.linked)]
        half = cells >= 96
        shown = _facts(facts, cells if not half else (cells - 4) // 2, look)
        if not half:
            return shown
        split, column = (len(shown) + 1) // 2, (cells - 4) // 2
        return [
            Line().join(a).to(column + 4, look.text).join(b)
            for a, b in zip(shown[:split], [*shown[split:], Line()], strict=False)
        ]

    def _source(self, cells: int, look: Look) -> list[Line]:
        """Return the source's own text of the selected event."""
        return [] if self.target is None else _raw_lines(self.target, cells, look)

    def opening(self) -> Opening | None:
        """Return the selected event."""
        return Opening(((EVENT, self.target.id),)) if self.target else None

    def about(self) -> Entry | None:
        """Return the entry."""
        return self.view.entry

    def command(self) -> list[str]:
        """Return the verb that prints everything said about the entry."""
        return ["events", "--entry", str(self.view.entry.id)]

    def value(self) -> str:
        """Return the entry's net, exact."""
        return decimal_text(self.view.entry.net)


class EventPage(TextPage):
    """One event: what it says, and the source's own text of it."""

    screen = EVENT

    def __init__(self, event: LoggedEvent, cursor: Cursor, calendar: Calendar) -> None:
        super().__init__(lambda cells, look: _event_lines(event, calendar, cells, look), top=cursor.top)
        self.event = event

    def value(self) -> str:
        """Return the source's own text."""
        return self.event.raw


def facts_of(entry: Entry, calendar: Calendar) -> list[Fact]:
    """Return what is known about an entry, in words."""

    def moment(at: int | None) -> str:
        return "—" if at is None else f"{calendar.local(at):{_MOMENT}}"

    known = {"title", "instrument", "currency", "category", *_MONEY, *_TIMES}
    facts = [
        ("instrument", safe(entry.instrument)),
        ("opened", moment(entry.opened_at)),
        ("closed", moment(entry.closed_at) if entry.closed_at is not None else "open"),
        ("book", safe(entry.book)),
        ("category", safe(entry.category)),
        ("kind", safe(entry.kind)),
        ("stake", amount_text(entry.stake)),
        ("source", safe(entry.source)),
        ("from", _where(entry.origin, entry.line)),
        ("revision", f"{entry.revision}" + (" (corrected)" if entry.revision > 1 else "")),
    ]
    if entry.currency:
        stated = "—" if entry.stated_net is None else f"{decimal_text(entry.stated_net)} {safe(entry.currency)}"
        facts.append(("stated", f"{stated} at {safe(entry.rate)}" if entry.rate else f"{stated}, no rate"))
    facts += [(safe(name), _fact(name, value)) for name, value in entry.body.items() if name not in known]
    return facts


def _where(origin: str | None, line: int | None) -> str:
    if origin is None:
        return "—"
    return safe(origin) + (f", line {line:,}" if line is not None else "")


def _fact(name: str, value: Any) -> str:
    if name in _MONEY and isinstance(value, int):
        return decimal_text(value)
    return safe(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))


def _arithmetic(entry: Entry, cells: int, look: Look) -> Line:
    """Return gross − fees = net, or why there is no sum."""
    if entry.incomplete:
        return Line().put(fit("no rate for its currency: it is in no sum", cells), look.warn)
    line = Line().put(signed(entry.net, look), look.money(entry.net))
    rest = f"  = {dollars(entry.gross, plus=True)} gross − {dollars(entry.fees)} fees"
    if line.cells + width(rest) <= cells:
        line.put(rest, look.dim)
    return line


def _facts(facts: list[Fact], cells: int, look: Look, *, whole: bool = False) -> list[Line]:
    """Return facts, a line each, long ones cut; or `whole`, in as many lines as they take."""
    room = min(16, max((width(name) for name, _ in facts), default=0))
    found = []
    for name, value in facts:
        line = Line().put(fit(name, room, ellipsis=look.glyphs.ellipsis) + "  ", look.dim)
        left = max(1, cells - line.cells)
        if whole and width(value) > left:
            first, *rest = wrap(value, left)
            found.append(line.put(first, look.text))
            found += [Line().put(" " * (room + 2) + part, look.text) for part in rest]
            continue
        found.append(line.put(fit(value, min(width(value), left), ellipsis=look.glyphs.ellipsis), look.text))
    return found


def _event_columns(calendar: Calendar) -> list[Column[LoggedEvent]]:
    return [
        Column("Rev", lambda e: f"{e.revision}", right=True),
        Column("Event", lambda e: safe(e.kind), lambda _, look: look.accent, most=20),
        Column("Occurred", lambda e: f"{calendar.local(e.occurred_at):%d %b %Y %H:%M:%S}"),
        Column("Recorded", lambda e: f"{calendar.local(e.recorded_at):%d %b %Y %H:%M}", rank=2),
        Column("From", lambda e: _where(e.origin, e.line), flex=True, least=12, most=60, rank=1),
        plain_column("Source", lambda e: safe(e.source), 3),
    ]


def _event_lines(event: LoggedEvent, calendar: Calendar, cells: int, look: Look) -> list[Line]:
    """Return an event in full."""
    facts = [
        ("source", safe(event.source)),
        ("key", safe(event.key)),
        ("revision", f"{event.revision}"),
        ("occurred", f"{calendar.local(event.occurred_at):{_MOMENT}}"),
        ("recorded", f"{calendar.local(event.recorded_at):{_MOMENT}}"),
        ("book", safe(event.book) if event.book else "—"),
        ("file", safe(event.origin) if event.origin else "—"),
        ("line", f"{event.line:,}" if event.line is not None else "—"),
    ]
    if event.sha256:
        facts.append(("sha-256", f"{event.sha256}  ({event.size or 0:,} bytes)"))
    found = [
        Line().put(fit(safe(event.kind), cells), look.strong),
        Line(),
        *_facts(facts, cells, look, whole=True),
        Line(),
    ]
    found += _raw_lines(event, cells, look)
    found += [Line(), rule(cells, "What NorthStar read in it", look.faint, look.strong, look.glyphs.rule)]
    return [*found, *_facts(_body(event.body, calendar), cells, look, whole=True)]


def _raw_lines(event: LoggedEvent, cells: int, look: Look) -> list[Line]:
    where = _where(event.origin, event.line)
    name = f"The source's own line: {where}" if event.origin else "The source's own text"
    found = [rule(cells, name, look.faint, look.strong, look.glyphs.rule)]
    for raw in (event.raw or "(none)").splitlines() or [""]:
        found += [Line().put(part, look.text) for part in wrap(safe(raw), cells)]
    return found


def _body(text: str, calendar: Calendar) -> list[Fact]:
    """Return an event's body in words: money in units of its currency, times in the reporting zone."""
    body = json.loads(text)
    if not isinstance(body, Mapping):
        return [("body", safe(text))]
    found = []
    for name, value in body.items():
        if name in _TIMES and isinstance(value, int):
            found.append((name, f"{calendar.local(value):{_MOMENT}}"))
        else:
            found.append((safe(name), _fact(name, value)))
    return found
