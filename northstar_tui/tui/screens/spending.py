"""The costs behind a model, a key or a recurring charge; and how a projection or a budget is reckoned."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual.strip import Strip

from northstar_tui.calendar import Calendar, Period
from northstar_tui.ledger.queries import Entry
from northstar_tui.ledger.store import Store
from northstar_tui.money import decimal_text, dollars
from northstar_tui.text import safe
from northstar_tui.tui.actions import ENTRY, RECKONING, SPENDING
from northstar_tui.tui.navigation import Cursor
from northstar_tui.tui.pages import Pages
from northstar_tui.tui.paint import Line, fit, rule, width
from northstar_tui.tui.screens.cells import plain_column
from northstar_tui.tui.screens.listing import title
from northstar_tui.tui.screens.page import Asking, Opening, RowsPage, TextPage, finish, wrap
from northstar_tui.tui.theme import Look
from northstar_tui.tui.widgets.rows import Column, RowsView
from northstar_tui.views.costs import costs
from northstar_tui.views.spending import Reckoning, SpendingView, costs_month, key_of, reckoning, spending
from northstar_tui.views.words import counted


def question(asking: Asking) -> Callable[[Store], SpendingView]:
    """Return the question of the costs where we are: (by, names, period)."""
    subject: tuple[str, tuple[str, ...], Period] = asking.nav.here.subject  # type: ignore[assignment]
    return lambda store: spending(store, *subject)


class SpendingPage(RowsPage[Entry]):
    """A list of costs under their sum."""

    screen = SPENDING

    def __init__(self, view: SpendingView, cursor: Cursor, calendar: Calendar) -> None:
        self.view = view
        self._calendar = calendar
        self._rows = RowsView(_columns(calendar), Pages.of(view.entries), cursor, lambda entry: entry.id)

    def lines(self, cells: int, rows: int, look: Look) -> list[Strip]:
        """Return the sum, then the costs."""
        head = self.panel("Sum", cells - 2, look, lambda: self._head(cells - 2, look))
        head = [Line(), head[0], Line(), *head[1:]] if rows >= 16 else head
        self._rows_at = min(len(head), rows)
        left = rows - self._rows_at
        table = self.rows_panel("Costs", self._rows, cells, left, look)
        return finish(head, cells, self._rows_at, look) + table

    def _head(self, cells: int, look: Look) -> list[Line]:
        view, ellipsis = self.view, look.glyphs.ellipsis
        name = fit(view.title, min(width(view.title), cells // 2), ellipsis=ellipsis)
        first = Line().put(f"{name}  ", look.strong).put(dollars(view.sums.amount), look.accent)
        told = f"  {view.told}"
        first.put(fit(told, min(width(told), max(0, cells - first.cells)), ellipsis=ellipsis), look.dim)
        listed = counted(len(view.entries), "cost", "costs")
        if view.sums.n > len(view.entries):
            listed = f"The newest {len(view.entries):,} of {view.sums.n:,} costs"
        return [first, rule(cells, listed, look.faint, look.strong, look.glyphs.rule)]

    def opening(self) -> Opening | None:
        """Return the selected cost's entry."""
        entry = self._rows.selected
        return Opening(((ENTRY, entry.id),)) if entry else None

    def value(self) -> str:
        """Return the selected cost, exact."""
        entry = self._rows.selected
        return decimal_text(-entry.net) if entry else decimal_text(self.view.sums.amount)

    def command(self) -> list[str]:
        """Return the verb and arguments that print this; of several names, all there are."""
        view, period = self.view, self._calendar.argument(self.view.period)
        if len(view.names) == 1:
            return ["show", "spending", view.by, view.names[0], period]
        return ["costs", period, "--by", view.by, "--by", "day"]

    def note(self) -> str:
        """Return the selected cost's place among those listed."""
        count = self._rows.pages.count
        return f"{self._rows.index + 1:,} of {count:,}" if count else ""


def _columns(calendar: Calendar) -> list[Column[Entry]]:
    def clock(entry: Entry) -> str:
        return f"{calendar.local(entry.opened_at):%d %b %Y}"

    return [
        Column("Day", clock, lambda _, look: look.dim),
        Column("What", title, flex=True, least=14, most=60),
        Column("Key or workspace", key_of, lambda _, look: look.dim, rank=2, most=24),
        Column("Source", lambda e: safe(e.source), lambda _, look: look.dim, rank=3, most=18),
        plain_column("Book", lambda e: safe(e.book), 4),
        Column("Cost", lambda e: dollars(-e.net), lambda _, look: look.strong, right=True),
    ]


def reckoning_question(asking: Asking) -> Callable[[Store], Reckoning]:
    """Return the question of how a figure of the costs is reckoned: (which, an instant of its month)."""
    subject: tuple[str, int] = asking.nav.here.subject  # type: ignore[assignment]
    what, at = subject
    return lambda store: reckoning(costs(store, asking.now, asking.known, costs_month(store.calendar, at)), what)


class ReckoningPage(TextPage):
    """A burn rate, a projection or a budget: its formula, its terms, and the days behind it."""

    screen = RECKONING

    def __init__(self, view: Reckoning, cursor: Cursor, calendar: Calendar) -> None:
        self.view = view
        self._calendar = calendar
        super().__init__(self._told, top=cursor.top)

    def _told(self, cells: int, look: Look) -> list[Line]:
        view = self.view
        found = [Line().put(fit(view.title, min(width(view.title), cells), ellipsis=look.glyphs.ellipsis), look.strong)]
        found += [Line().put(part, look.accent) for part in wrap(view.value, cells)]
        found += [Line().put(part, look.dim) for part in wrap(f"= {view.formula}", cells)]
        found.append(Line())
        name = max(width(term) for term, _ in view.terms) + 2
        for term, value in view.terms:
            first, *rest = wrap(value, max(8, cells - name))
            found.append(Line().put(fit(term, name), look.dim).put(first, look.text))
            found += [Line().put(" " * name + part, look.text) for part in rest]
        if view.days:
            found += [Line(), rule(cells, view.days_title, look.faint, look.strong, look.glyphs.rule)]
            found += _columned([f"{day} {amount:>12}" for day, amount in view.days], cells, look)
        return found

    def value(self) -> str:
        """Return the figure as shown."""
        return self.view.value

    def command(self) -> list[str]:
        """Return the verb that prints it among the others."""
        return ["costs", self._calendar.argument(self.view.period)]


def _columned(texts: Sequence[str], cells: int, look: Look) -> list[Line]:
    """Return texts in as many columns as fit, read from top to bottom."""
    size = max(map(width, texts)) + 4
    many = max(1, cells // size)
    tall = -(-len(texts) // many)
    return [Line().put("".join(fit(text, size) for text in texts[y::tall]), look.text) for y in range(tall)]
