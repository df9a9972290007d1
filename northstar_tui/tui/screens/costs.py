"""Costs: what was spent on what, where it will end, budgets, what comes again, jobs, and what is left per book."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from datetime import date, timedelta

from northstar_tui.calendar import ALL, Calendar, Period
from northstar_tui.ledger.pipeline import Job
from northstar_tui.ledger.spend import KeyUse
from northstar_tui.ledger.store import Store
from northstar_tui.ledger.terms import named
from northstar_tui.money import decimal_text, dollars
from northstar_tui.text import safe
from northstar_tui.tui.actions import COSTS, ENTRY, EVENT, RECKONING, SPENDING, WHY
from northstar_tui.tui.navigation import Cursor, Place
from northstar_tui.tui.paint import Line, fit, width
from northstar_tui.tui.periods import places
from northstar_tui.tui.screens import spending_panels as panels
from northstar_tui.tui.screens.blocks import GAP, Block, BlockPage, Painted, blank, columns, heading, stack
from northstar_tui.tui.screens.page import Asking, Opening, wrap
from northstar_tui.tui.screens.spending_panels import DAYS
from northstar_tui.tui.theme import Look
from northstar_tui.views.base import where_text
from northstar_tui.views.budgets import BudgetLine
from northstar_tui.views.cost_words import BURN, DUE, END, TOTAL, days_title, figure_words
from northstar_tui.views.costs import ONLY, BookLine, ChargeLine, CostsView, Table, costs, totals
from northstar_tui.views.costs import Line as Spending
from northstar_tui.views.spending import costs_month
from northstar_tui.views.words import job_words

WIDE, WIDER = 104, 176
"""Columns from which on the sections stand in two and in three columns."""
Selectable = str | BudgetLine | Spending | KeyUse | ChargeLine | Job | BookLine

Section = tuple[str, Callable[[], list[Block]]]
"""A name, and what draws it."""


def question(asking: Asking) -> Callable[[Store], CostsView]:
    """Return the question of the month where we are."""
    subject = asking.nav.here.subject
    return lambda store: costs(store, asking.now, asking.known, costs_month(store.calendar, subject), part=asking.part)


class CostsPage(BlockPage[Selectable]):
    """A month's costs, and what else decides what is left."""

    screen = COSTS

    def __init__(self, view: CostsView, cursor: Cursor, calendar: Calendar) -> None:
        self.view = view
        self._calendar = calendar
        self._figures = [what for what, *_ in figure_words(view)]
        lines: list[Selectable] = []
        for table in view.tables:
            lines += [*table.lines, *(view.keys if table.by == "key" else ())]
        super().__init__([*self._figures, DAYS, *view.budgets, *view.charges, *lines, *view.jobs, *view.books], cursor)

    def key(self, target: Selectable) -> Hashable:
        """Return what a row is known by when others come before it."""
        if isinstance(target, BudgetLine):
            return "budget", target.budget.name
        if isinstance(target, ChargeLine):
            return "charge", target.charge.source, target.charge.name
        if isinstance(target, Spending):
            return target.where
        if isinstance(target, KeyUse):
            return "use", target.source, target.name
        if isinstance(target, Job):
            return "job", target.id
        return ("book", target.book) if isinstance(target, BookLine) else target

    # -- painting ----------------------------------------------------------------------------------------------------

    def compose(self, cells: int, rows: int, look: Look) -> list[Painted]:
        """Return all sections, side by side where there is room."""
        air = [blank()] if rows >= 30 else []
        many = 3 if cells >= WIDER else 2 if cells >= WIDE else 1
        room = (cells - 2 - GAP * (many - 1)) // many
        tall = 1 if rows < 30 else 3 if rows >= 45 else 2
        first = self._parts(room, look, air if many == 1 else [blank()], (
            ("Days", lambda: self._days(room, look, tall)), ("Budgets", lambda: self._budgets(room, look)),
            ("Recurring charges", lambda: self._charges(room, look)),
        ))  # fmt: skip
        second = self._parts(room, look, air, self._spending(room, look))
        wide = room if many == 3 else cells - 2
        third = self._parts(wide, look, air, (
            ("Jobs", lambda: self._jobs(wide, look)), ("Books", lambda: self._books(wide, look)),
        ))  # fmt: skip
        painted = stack([*air, *self.section("Costs", cells - 2, look, lambda: self._leading(cells - 2, look))])
        if many == 1:
            painted += stack([*air, *first, *air, *second])
        else:
            painted += columns((first, second, third) if many == 3 else (first, second), room, look)
        if many < 3:
            painted += stack([*air, *third])
        return painted

    def _spending(self, cells: int, look: Look) -> list[Section]:
        """Return the tables of what was spent; what keys say themselves stands below what they were billed."""
        found: list[Section] = []
        for table in self.view.tables:
            found.append((table.title, lambda table=table: self._table(table, cells, look)))  # type: ignore[misc]
            if table.by == "key":
                found.append(("Keys", lambda: self._keys(cells, look)))
        return found

    def _parts(self, cells: int, look: Look, air: Sequence[Block], parts: Sequence[Section]) -> list[Block]:
        """Return sections one below the other; one that breaks takes no other with it."""
        found: list[Block] = []
        for name, draw in parts:
            drawn = self.section(name, cells, look, draw)
            found += [*(air if found and drawn else []), *drawn]
        return found

    def _leading(self, cells: int, look: Look) -> list[Block]:
        blocks = [heading(f"Costs, {self.view.label}", cells, look)]
        for what, line in panels.figure_lines(self.view, cells - 2, look):
            target = next(each for each in self._figures if each == what)
            blocks.append(Block((self.select(line, target, cells, look),), target))
        return blocks

    def _days(self, cells: int, look: Look, rows: int) -> list[Block]:
        title = heading(days_title(self.view), cells, look)
        lines = panels.days(self.view, cells - 2, rows, look)
        return [title, Block(tuple(self.select(line, DAYS, cells, look) for line in lines), DAYS)]

    def _budgets(self, cells: int, look: Look) -> list[Block]:
        blocks = [heading("Budgets", cells, look)]
        name = max((width(safe(line.budget.name)) for line in self.view.budgets), default=0)
        for line in self.view.budgets:
            drawn = panels.budget(line, name, cells - 2, look)
            blocks.append(Block(tuple(self.select(each, line, cells, look) for each in drawn), line))
        if not self.view.budgets:
            told = [("None is set: name, amount and period under", "[[budgets]]")]
            blocks.append(Block(tuple(panels.nothing(told, cells, look))))
        return blocks

    def _charges(self, cells: int, look: Look) -> list[Block]:
        view = self.view
        blocks = [heading("Recurring charges ahead", cells, look)]
        if view.problem:
            problem = fit(view.problem, min(width(view.problem), cells - 2), ellipsis=look.glyphs.ellipsis)
            blocks.append(Block((Line().put("  ", look.text).put(problem, look.loss),)))
        elif view.charges:
            blocks += self.table(panels.charge_columns(view), view.charges, cells, look)
        else:
            told = [("None is in the config: name, amount and from under", "[[sources.costs.recurring]]")]
            blocks.append(Block(tuple(panels.nothing(told, cells, look))))
        return blocks

    def _table(self, table: Table, cells: int, look: Look) -> list[Block]:
        if not table.lines:
            nothing = panels.nothing(_MISSING[table.by], cells, look)
            return [heading(table.title, cells, look), Block(tuple(nothing))]
        title = heading(f"{table.title}, {dollars(table.amount)}", cells, look)
        return [title, *self.table(panels.spending_columns(self.view, table, cells - 2), table.lines, cells, look)]

    def _keys(self, cells: int, look: Look) -> list[Block]:
        if not self.view.keys:
            return []
        title = heading("Keys by their own account, UTC days", cells, look)
        return [title, *self.table(panels.use_columns(), self.view.keys, cells, look)]

    def _jobs(self, cells: int, look: Look) -> list[Block]:
        found = self.view.jobs
        if not found:
            told = [("No job is open. A contractor's jobs come by", "[sources.jobs]")]
            return [heading("Jobs", cells, look), Block(tuple(panels.nothing(told, cells, look)))]
        said = [
            Line().put("  " + part, look.dim) for text in job_words(found) for part in wrap(text, max(8, cells - 4))
        ]
        rows = self.table(panels.job_columns(self.view), found, cells, look)
        return [heading("Jobs", cells, look), Block(tuple(said)), *rows]

    def _books(self, cells: int, look: Look) -> list[Block]:
        view, shown = self.view, panels.book_columns()
        title = heading(f"Net after all costs per book, {view.label}", cells, look)
        if not view.books:
            return [title, Block((Line().put(f"  Nothing was booked in {view.label}.", look.dim),))]
        return [title, *self.table(shown, view.books, cells, look, totals(view.books))]

    # -- the cursor --------------------------------------------------------------------------------------------------

    def kind_of(self, target: Selectable) -> Hashable:
        """Return the section that a row belongs to: each table of spending is one."""
        if isinstance(target, Spending):
            return target.where[-1].kind
        return DAYS if target is DAYS else type(target).__name__

    def opening(self) -> Opening | None:
        """Return the rows behind the selected figure."""
        target = self.target
        if target in (END, DUE):
            return Opening((self._reckoning(END),))
        if isinstance(target, Job):
            return Opening(((ENTRY, target.id) if target.booked else (EVENT, target.event),))
        if isinstance(target, KeyUse):
            return Opening(((EVENT, target.event),))
        listed = self._listed()
        if listed is not None:
            return Opening((listed,))
        asked = self._asked()
        return Opening(places(self._calendar, asked[0]), whole=True, filter=asked[1]) if asked else None

    def _reckoning(self, what: str) -> Place:
        return RECKONING, (what, self.view.period.start)

    def _listed(self) -> Place | None:
        """Return the list of costs that no filter of the ledger keeps: of a model, a key, a recurring charge."""
        target = self.target
        if isinstance(target, ChargeLine):
            return SPENDING, ("charge", (target.charge.name,), ALL)
        if isinstance(target, Spending) and target.where[-1].kind in ("model", "key"):
            term = target.where[-1]
            return SPENDING, (term.kind, tuple(name.text for name in term.values), self.view.period)
        return None

    def _asked(self) -> tuple[Period, str] | None:
        """Return the period and the filter of the ledger that the selected figure is summed over."""
        target, view = self.target, self.view
        if target in (TOTAL, DAYS):
            return view.period, where_text(ONLY)
        if target == BURN:
            first, last = (date.fromisoformat(day) for day in view.burn_span)
            start, end = (self._calendar.day_start(day) for day in (first, last + timedelta(days=1)))
            return Period(start, end, "range"), where_text(ONLY)
        if isinstance(target, BudgetLine):
            return target.period, where_text(target.where)
        if isinstance(target, Spending):
            return view.period, where_text(target.where)
        return (view.period, where_text((named("book", target.book),))) if isinstance(target, BookLine) else None

    def why(self) -> Place | None:
        """Return what explains the selected figure."""
        target = self.target
        if target in (END, DUE, BURN):
            return self._reckoning(BURN if target == BURN else END)
        if isinstance(target, BudgetLine):
            return self._reckoning(f"budget {target.budget.name}")
        if isinstance(target, Job):
            return (ENTRY, target.id) if target.booked else (EVENT, target.event)
        if isinstance(target, KeyUse):
            return EVENT, target.event
        asked = self._asked()
        return self._listed() or ((WHY, ("net", *asked)) if asked else None)

    def value(self) -> str:
        """Return the selected amount, exact."""
        target, view = self.target, self.view
        if isinstance(target, str):
            end, burn = view.forecast.projection.value, view.burn.value
            found = {
                TOTAL: view.spent, DAYS: view.spent, DUE: view.forecast.certain, END: end,
                BURN: None if burn is None else round(burn),
            }[target]  # fmt: skip
        elif isinstance(target, BudgetLine):
            found = target.standing.actual
        elif isinstance(target, ChargeLine):
            due = target.late or target.next
            found = None if due is None else due.amount
        elif isinstance(target, BookLine):
            found = target.net
        else:
            found = target.amount if target is not None else None
        return "" if found is None else decimal_text(found)

    def command(self) -> list[str]:
        """Return the verb and arguments that print this, or the selected table."""
        target = self.target
        said = ["costs", self._calendar.argument(self.view.period)]
        if isinstance(target, Job):
            return ["events", "--entry", str(target.id)]
        if target is DAYS:
            return [*said, "--by", "day"]
        return [*said, "--by", target.where[-1].kind] if isinstance(target, Spending) else said

    def note(self) -> str:
        """Return the selected row's place among all."""
        return f"{self._index + 1:,} of {len(self._targets):,}" if self._targets else ""


_MISSING = {
    "model": [("No API cost was booked. Bills come by", "[sources.anthropic] [sources.openrouter]")],
    "key": [("No API cost was booked.", "")],
    "source": [("No cost was booked. Other ones come by", "[sources.costs]")],
}
"""What brings what a table has nothing of, and the config's line."""
