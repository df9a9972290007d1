"""Why this number: its formula, its terms, the proof that the rows add up to it, and the rows."""

from __future__ import annotations

from collections.abc import Callable

from textual.strip import Strip

from northstar_tui.calendar import Calendar, Period
from northstar_tui.ledger.queries import Entry
from northstar_tui.ledger.store import Store
from northstar_tui.money import dollars
from northstar_tui.text import safe
from northstar_tui.tui.actions import ENTRY, WHY
from northstar_tui.tui.navigation import Cursor
from northstar_tui.tui.pages import Pages
from northstar_tui.tui.paint import Line, fit, rule, width, wrap
from northstar_tui.tui.screens.cells import money_column, plain_column, question_args
from northstar_tui.tui.screens.listing import title
from northstar_tui.tui.screens.page import Asking, Opening, RowsPage, finish
from northstar_tui.tui.theme import Look
from northstar_tui.tui.widgets.rows import Column, RowsView
from northstar_tui.views.filter import parse
from northstar_tui.views.why import FIGURES, WhyView, why
from northstar_tui.views.words import file_words

FILES = 2
"""Lines that the names of the files take."""
AT_ONCE = 20_000
"""Entries up to which the page waits for the proof, some 30 ms; that of more comes when it is read."""

Subject = tuple[str, Period, str]
"""A figure's name, the period, and the filter it is under."""


def question(asking: Asking) -> Callable[[Store], WhyView]:
    """Return the question of the figure where we are."""
    nav = asking.nav
    subject: Subject = nav.here.subject  # type: ignore[assignment]
    figure, period, only = subject
    basis, now = nav.basis, asking.now
    return lambda store: why(store, figure, period, basis=basis, where=parse(only).where, now=now, read=AT_ONCE)


def next_figure(subject: Subject) -> Subject:
    """Return the same question about the next figure."""
    names = list(FIGURES)
    return (names[(names.index(subject[0]) + 1) % len(names)], *subject[1:])


class WhyPage(RowsPage[Entry]):
    """One figure, explained."""

    screen = WHY

    def __init__(self, view: WhyView, cursor: Cursor, calendar: Calendar) -> None:
        self._calendar = calendar
        self._show(view, cursor)

    def _show(self, view: WhyView, cursor: Cursor) -> None:
        self.view, self._unread = view, view.summed is None
        self._rows = RowsView(_columns(self._calendar, view), Pages.of(view.rows), cursor, lambda entry: entry.id)

    def need(self) -> list[int]:
        """Return the one page that is left out at first: the proof."""
        return [0] if self._unread else []

    def page_question(self, number: int) -> Callable[[Store], WhyView]:  # noqa: ARG002 - there is one
        """Return the same question, with the proof."""
        view, self._unread = self.view, False
        return lambda store: why(store, view.figure, view.period, basis=view.basis, where=view.where, now=view.now)

    def put(self, number: int, page: WhyView | None) -> None:  # noqa: ARG002 - every page's signature
        """Take the figure with its proof."""
        if page is not None:
            self._show(page, self.cursor())

    def lines(self, cells: int, rows: int, look: Look) -> list[Strip]:
        """Return the explanation, then the rows."""
        head = self.panel("Explanation", cells - 2, look, lambda: self._head(cells - 2, look, roomy=rows >= 18))
        head = head[: max(1, rows - 3)]
        self._rows_at = len(head)
        left = rows - len(head)
        table = self.rows_panel("Entries", self._rows, cells, left, look)
        return finish(head, cells, min(len(head), rows), look) + table

    def _head(self, cells: int, look: Look, *, roomy: bool) -> list[Line]:
        view, glyphs = self.view, look.glyphs
        name = Line().put(f"{view.title}  ", look.strong).put(view.value, look.accent)
        if view.note:
            room = max(0, cells - name.cells - 2)
            name.put("  " + fit(view.note, min(width(view.note), room), ellipsis=glyphs.ellipsis), look.dim)
        found = [name, *(Line().put(part, look.dim) for part in wrap(f"= {view.formula}", cells))]
        for term, value in view.terms:
            found.append(Line().put(fit(f"  {term}", 14), look.dim).put(value, look.text))
        found += self._proof(cells, look)
        if view.origins:
            files = wrap("from " + ", ".join(f"{file_words(name)} ({n:,})" for name, n in view.origins), cells)
            found += [Line().put(part, look.dim) for part in files[: FILES - 1]]
            if len(files) >= FILES:
                rest = " ".join(files[FILES - 1 :])
                found.append(Line().put(fit(rest, min(width(rest), cells), ellipsis=glyphs.ellipsis), look.dim))
        if roomy:
            found = [Line(), *found, Line()]
        entries = f"{view.listed:,} entries" + (" from peak to trough" if view.under != view.period else "")
        shown = f"The first {len(view.rows)} of {entries}" if view.listed > len(view.rows) else entries
        return [*found, rule(cells, shown, look.faint, look.strong, glyphs.rule)]

    def _proof(self, cells: int, look: Look) -> list[Line]:
        glyph, style = (look.glyphs.check, look.gain) if self.view.proved else (look.glyphs.failing, look.loss)
        if self.view.summed is None:
            glyph, style = look.glyphs.late, look.dim
        return [Line().put(part, style) for part in wrap(f"{glyph} {self.view.proof}", cells)]

    def opening(self) -> Opening | None:
        """Return the selected entry."""
        entry = self._rows.selected
        return Opening(((ENTRY, entry.id),)) if entry else None

    def about(self) -> Entry | None:
        """Return the selected entry."""
        return self._rows.selected

    def command(self) -> list[str]:
        """Return the verb and arguments that print this."""
        return ["why", self.view.figure, self._calendar.argument(self.view.period), *question_args(self.view)]

    def value(self) -> str:
        """Return the figure as shown."""
        return self.view.value

    def note(self) -> str:
        """Return the selected row's place."""
        return f"{self._rows.index + 1:,} of {len(self.view.rows):,}" if self.view.rows else ""


def _columns(calendar: Calendar, view: WhyView) -> list[Column[Entry]]:
    opened = view.basis == "opened"

    def clock(entry: Entry) -> str:
        at = entry.opened_at if opened or entry.closed_at is None else entry.closed_at
        return f"{calendar.local(at):%d %b %Y %H:%M}"

    def source(entry: Entry) -> str:
        return "—" if entry.origin is None else safe(entry.origin) + (f":{entry.line}" if entry.line else "")

    return [
        Column("Opened" if opened else "Closed", clock, lambda _, look: look.dim),
        Column("What", title, flex=True, least=14, most=60),
        plain_column("Gross", lambda e: dollars(e.gross, plus=True), 3),
        plain_column("Fees", lambda e: dollars(e.fees), 4),
        money_column("Net", lambda e: e.net),
        Column("File and line", source, lambda _, look: look.dim, rank=1, most=36),
    ]
