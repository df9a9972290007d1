"""Since you last looked: the bridge from the total then to the total now, and the entries under each part of it."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass

from textual.strip import Strip

from northstar_tui.calendar import Calendar
from northstar_tui.ledger.log import events
from northstar_tui.ledger.queries import Entry
from northstar_tui.ledger.store import Store
from northstar_tui.money import decimal_text, dollars
from northstar_tui.text import safe
from northstar_tui.tui.actions import ENTRY, SINCE
from northstar_tui.tui.navigation import Cursor
from northstar_tui.tui.pages import Pages
from northstar_tui.tui.paint import Line
from northstar_tui.tui.screens.blocks import Block, BlockPage, Painted, blank, heading, stack
from northstar_tui.tui.screens.cells import money_column
from northstar_tui.tui.screens.listing import side, title
from northstar_tui.tui.screens.page import Asking, Opening, Page, RowsPage, finish
from northstar_tui.tui.theme import Look
from northstar_tui.tui.widgets.bridge import bridge_lines, bridge_title
from northstar_tui.tui.widgets.rows import Column, RowsView
from northstar_tui.views.base import Head, head
from northstar_tui.views.since import HELD, SHOWN, Moved, Part, SinceView, moved, positions_at, since
from northstar_tui.views.words import counted


@dataclass(frozen=True, slots=True)
class _Rows:
    """The entries under one part of the bridge."""

    head: Head
    rows: tuple[Moved, ...]
    part: str
    moment: str
    """Since when, as the command line takes it."""


def question(asking: Asking) -> Callable[[Store], SinceView | _Rows]:
    """Return the question of the bridge where the subject is None, else of (event, part)."""
    subject: tuple[int, str] | None = asking.nav.here.subject  # type: ignore[assignment]
    if subject is None:
        return lambda store: since(
            store, asking.now, asking.look, held=asking.part(HELD, lambda: positions_at(store, asking.now), None)
        )
    event, part = subject
    return lambda store: _Rows(head(store), moved(store, event, part), part, _moment(store, event))


def _moment(store: Store, event: int) -> str:
    """Return when `event`, the newest that was known then, was recorded."""
    found = next(iter(events(store, after=event - 1, limit=1)), None) if event else None
    return "all" if found is None else store.calendar.local(found.recorded_at).isoformat()


def page(snapshot: SinceView | _Rows, cursor: Cursor, calendar: Calendar) -> Page:
    """Return the page of a bridge, or of the entries under a part of it."""
    return BridgePage(snapshot, cursor, calendar) if isinstance(snapshot, SinceView) else MovedPage(snapshot, cursor)


class BridgePage(BlockPage[Part]):
    """The bridge in full."""

    screen = SINCE

    def __init__(self, view: SinceView, cursor: Cursor, calendar: Calendar) -> None:
        super().__init__(view.parts, cursor)
        self.view, self._calendar = view, calendar

    def key(self, target: Part) -> Hashable:
        """Return the part's name: parts come as news comes."""
        return target.name

    def compose(self, cells: int, rows: int, look: Look) -> list[Painted]:  # noqa: ARG002 - every page's signature
        """Return was, parts, is."""
        room = cells - 2
        told = self.parts_unread([HELD], room, look)
        blocks = [blank(), *self.section("The bridge", room, look, lambda: self._bridge(room, look))]
        blocks += [blank(), *([Block(tuple(told))] if told else [])]
        what = counted(self.view.events, "event", "events")
        news = f"  {what} came in." if self.view.events else "  Nothing has come in since."
        return stack([*blocks, Block((Line().put(news, look.dim),))])

    def _bridge(self, cells: int, look: Look) -> list[Block]:
        view = self.view
        blocks = [heading(bridge_title(view, self._calendar), cells, look)]
        for line, part in bridge_lines(view, cells - 2, look):
            painted = Line().put("  ", look.text).join(line) if part is None else self.select(line, part, cells, look)
            blocks.append(Block((painted,), part))
        if view.held is not None:
            apart = f"  {dollars(view.held, plus=True)} of it is in open positions, and not in net P&L."
            blocks += [blank(), Block((Line().put(apart, look.dim),))]
        return blocks

    def opening(self) -> Opening | None:
        """Return the entries under the selected part."""
        part = self.target
        return Opening(((SINCE, (self.view.event, part.name)),)) if part and part.entries else None

    def value(self) -> str:
        """Return the selected part's amount, exact; the whole change where there is none."""
        return decimal_text(self.target.amount if self.target else self.view.total - self.view.before)

    def command(self) -> list[str]:
        """Return the verb that prints this."""
        return ["since", f"{self._calendar.local(self.view.at):%Y-%m-%dT%H:%M:%S}"]


class MovedPage(RowsPage[Moved]):
    """The entries under one part."""

    screen = SINCE

    def __init__(self, snapshot: _Rows, cursor: Cursor) -> None:
        self._snapshot = snapshot
        self._rows = RowsView(_columns(snapshot.head), Pages.of(snapshot.rows), cursor, lambda row: row.id)

    def lines(self, cells: int, rows: int, look: Look) -> list[Strip]:
        """Return the rows."""
        if not self._rows.pages.count:
            return finish([Line(), Line().put("  Nothing of that kind has changed.", look.dim)], cells, rows, look)
        return self.rows_panel("Rows", self._rows, cells, rows, look)

    def opening(self) -> Opening | None:
        """Return the selected entry."""
        row = self._rows.selected
        return Opening(((ENTRY, row.id),)) if row and row.entry else None

    def value(self) -> str:
        """Return by how much the selected entry changed the total, exact."""
        row = self._rows.selected
        return decimal_text(row.amount) if row else ""

    def command(self) -> list[str]:
        """Return the verb that prints this."""
        return ["since", self._snapshot.moment, "--part", self._snapshot.part]

    def note(self) -> str:
        """Return the selected row's place among all."""
        count = self._rows.pages.count
        return f"{self._rows.index + 1:,} of {f'the newest {SHOWN:,}' if count == SHOWN else f'{count:,}'}"


def _columns(top: Head) -> Sequence[Column[Moved]]:
    calendar = Calendar(top.zone)

    def clock(row: Moved) -> str:
        at = None if row.entry is None else row.entry.closed_at or row.entry.opened_at
        return "" if at is None else f"{calendar.local(at):%d %b %H:%M}"

    def of(row: Moved, get: Callable[[Entry], str]) -> str:
        return get(row.entry) if row.entry is not None else ""

    def named(row: Moved) -> str:
        return title(row.entry) if row.entry is not None else f"entry {row.id}, which the log does not make any more"

    return [
        Column("Closed", clock, lambda _, look: look.dim),
        Column("What", named, flex=True, least=26, most=70),
        Column("Side", lambda row: of(row, side), lambda _, look: look.dim, rank=4, most=10),
        money_column("Changed by", lambda row: row.amount),
        Column("Book", lambda row: of(row, lambda e: safe(e.book)), lambda _, look: look.dim, rank=5, most=12),
    ]
