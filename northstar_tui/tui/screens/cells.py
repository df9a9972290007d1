"""How amounts, counts and times are written in every table and tile."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol, TypeVar

from northstar_tui.calendar import SECOND
from northstar_tui.ledger.terms import Where
from northstar_tui.money import dollars
from northstar_tui.tui.paint import Line, fit
from northstar_tui.tui.theme import Look
from northstar_tui.tui.widgets.rows import Column
from northstar_tui.views.base import where_text

Row = TypeVar("Row")


class Asked(Protocol):
    """What every question about sums has."""

    @property
    def basis(self) -> str:
        """Which instant books the money."""

    @property
    def where(self) -> Where:
        """The filter."""


def question_args(view: Asked) -> list[str]:
    """Return a question's basis and filter as the command line takes them."""
    args = [] if view.basis == "closed" else ["--basis", view.basis]
    return [*args, "--where", where_text(view.where)] if view.where else args


def signed(amount: int, look: Look) -> str:
    """Return an amount with its mark and sign: ``▲ +$412.07``."""
    return f"{look.mark(amount)} {dollars(amount, plus=True)}"


def short(amount: int, cells: int) -> str:
    """Return a signed amount in at most `cells` cells if it can be: to the cent, the dollar, the thousand or million.

    What is rounded is so only here, where there is no room; the exact amount stands elsewhere on the screen.
    """
    found = dollars(amount, plus=True)
    if len(found) <= cells or not amount:
        return found
    sign, size = "-" if amount < 0 else "+", abs(amount)
    if size < 500_000:
        cents = (size + 5_000) // 10_000
        return f"{sign}.{cents:02d}" if cents else f"{sign}<.01"
    for unit, name in ((1_000_000, ""), (1_000_000_000, "k"), (1_000_000_000_000, "M")):
        if name and size < unit:
            break
        tenths, whole = (size * 10 + unit // 2) // unit, (size + unit // 2) // unit
        finer = [f"{sign}${tenths // 10:,}.{tenths % 10}{name}"] if name else []
        for found in (*finer, f"{sign}${whole:,}{name}"):
            if len(found) <= cells:
                return found
    return found


def signed_cell(amount: int, cells: int, look: Look) -> Line:
    """Return an amount in exactly `cells` cells: its mark at the left, its sign and digits at the right."""
    style = look.money(amount)
    line = Line().put(fit(look.mark(amount), min(2, cells)), style)
    return line.put(fit(dollars(amount, plus=True), cells - 2, right=True, ellipsis=look.glyphs.ellipsis), style)


def money_column(title: str, get: Callable[[Row], int | None], rank: int = 0) -> Column[Row]:
    """Return a column of signed amounts, marks in line; None is a dash."""

    def text(row: Row) -> str:
        amount = get(row)
        return "—" if amount is None else f"▲ {dollars(amount, plus=True)}"

    def draw(row: Row, cells: int, look: Look) -> Line:
        amount = get(row)
        return signed_cell(amount, cells, look) if amount is not None else (
            Line().put(fit("—", cells, right=True), look.dim)
        )  # fmt: skip

    return Column(title, text, right=True, rank=rank, draw=draw)


def plain_column(title: str, get: Callable[[Row], str], rank: int) -> Column[Row]:
    """Return a right-aligned column of lesser numbers."""
    return Column(title, get, lambda _, look: look.dim, right=True, rank=rank)


def pointed(get: Callable[[Row], str], rows: Iterable[Row]) -> Callable[[Row], str]:
    """Return `get` with its decimals filled up by blanks: in a right-aligned column their points are in line.

    What ends in no digit is no number and stays as it is.
    """

    def places(text: str) -> int:
        return len(text) - text.rfind(".") if "." in text else 0

    most = max((places(text) for text in map(get, rows) if text[-1:].isdigit()), default=0)

    def text(row: Row) -> str:
        found = get(row)
        return found + " " * (most - places(found)) if found[-1:].isdigit() else found

    return text


def amount_text(amount: int | None) -> str:
    """Return an unsigned amount, or a dash where it is not stated."""
    return "—" if amount is None else dollars(amount)


def age(now: int, then: int) -> str:
    """Return how long ago `then` was, coarsely: the text changes seldom, so an idle screen stays idle."""
    seconds = max(0, now - then) // SECOND
    if seconds < 300:
        return "now"
    if seconds < 3600:
        return f"{seconds // 300 * 5}m"
    if seconds < 48 * 3600:
        return f"{seconds // 3600}h"
    return f"{seconds // 86_400}d"
