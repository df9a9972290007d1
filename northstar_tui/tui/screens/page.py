"""What every page is: something that paints itself, has a cursor, and knows what its selection leads to."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

from rich.segment import Segment
from textual.strip import Strip

from northstar_tui.tui.defects import Defect
from northstar_tui.tui.navigation import Cursor, Navigation, Place
from northstar_tui.tui.paint import Line, blank, thumb
from northstar_tui.tui.paint import wrap as wrap
from northstar_tui.tui.reading import Speed
from northstar_tui.tui.theme import Look
from northstar_tui.tui.widgets.rows import Row, RowsView
from northstar_tui.views.base import Part, strict

if TYPE_CHECKING:
    from northstar_tui.ledger.health import Quarantined
    from northstar_tui.ledger.look import Look as LastLook
    from northstar_tui.ledger.queries import Entry, Listed
    from northstar_tui.ledger.store import Store
    from northstar_tui.views.feeding import Again
    from northstar_tui.views.operations import Planned
    from northstar_tui.views.outlook import Known


Drawn = TypeVar("Drawn")
WHEEL = 3
"""Lines that one step of a mouse's wheel scrolls."""


class Asking(NamedTuple):
    """What a screen's question is made from: all that is not in the store."""

    nav: Navigation
    """Where we are."""
    cursor: Cursor
    """The row that it is on there now."""
    now: int
    """Microseconds UTC."""
    plans: tuple[Planned, ...] = ()
    """What config and schedule say of each source."""
    look: LastLook | None = None
    """From which look on changes are told; None: from the one that the store remembers."""
    hasty: bool = False
    """True for the first frame: what takes long to load is asked for after it."""
    speed: Speed = Speed()
    """How fast the store was read so far."""
    known: Known | None = None
    """Budgets and recurring charges of the config; None where there is no config."""
    part: Part = strict
    """How the parts of the view are read that can be missing."""


class Opening(NamedTuple):
    """What opening the selection means: places to add to the path, or a whole other path; maybe under a filter."""

    places: tuple[Place, ...]
    whole: bool = False
    """True where `places` is the whole path, not an addition to this one."""
    filter: str | None = None
    """Filter to set; None leaves it."""
    action: str = ""
    """Or an action to carry out."""
    sort: str = ""
    """Or an order to put the list in."""
    key: Hashable = None
    """What the cursor is put on there; None for where it was."""


class Page:
    """A page with nothing on it; the others override what they have."""

    screen = ""
    """The registry's name of the screen."""
    opens, leaves = "open", "back"
    """The actions that a second click and the right button carry out."""
    defects: tuple[Defect, ...] = ()
    """What broke when it was painted last."""
    reported: Collection[Defect] = ()
    """Defects whose report was copied."""
    unread: Mapping[str, Defect] = MappingProxyType({})
    """Parts of the view that could not be read, by the name of the panel that shows them."""

    def sound(self, name: str, draw: Callable[[], Drawn]) -> Drawn | Defect:
        """Return what `draw` returns; the defect, where that breaks or what it shows could not be read."""
        if name in self.unread:
            return self.unread[name]
        try:
            return draw()
        except Exception as error:
            return Defect.of(name, error)

    def panel(self, name: str, cells: int, look: Look, draw: Callable[[], list[Line]]) -> list[Line]:
        """Return what `draw` returns; where that breaks, a note that says so: a defect takes its own panel and no more.

        `name` is the panel's, as a sentence begins.
        """
        found = self.sound(name, draw)
        return self.broken(found, cells, look) if isinstance(found, Defect) else found

    def rows_panel(self, name: str, view: RowsView[Any], cells: int, rows: int, look: Look) -> list[Strip]:
        """Return the rows of `view` in `rows` strips of `cells` cells; cells that break are told of beside them."""
        found = self.sound(name, lambda: view.lines(cells, rows, look))
        if isinstance(found, Defect):
            return finish(self.broken(found, cells - 2, look), cells, rows, look)
        told = self.cells_broken(view.broken, cells - 2, look)
        if not told:
            return found
        if rows < len(told) + 3:  # no room below them: instead of the heading
            return finish(told, cells, 1, look) + found[1:]
        return view.lines(cells, rows - len(told), look) + finish(told, cells, len(told), look)

    def cells_broken(self, defects: Sequence[Defect], cells: int, look: Look) -> list[Line]:
        """Return what stands below rows of which cells broke: the first of them; of a column only its first counts."""
        told = [self.broken(each, cells, look) for each in {each.where: each for each in reversed(defects)}.values()]
        return told[-1] if told else []

    def parts_unread(self, names: Sequence[str], cells: int, look: Look) -> list[Line]:
        """Return what stands where parts that share a panel with others could not be read."""
        return [line for name in names if name in self.unread for line in self.broken(self.unread[name], cells, look)]

    def broken(self, defect: Defect, cells: int, look: Look) -> list[Line]:
        """Return what stands where something broke, and remember it."""
        self.defects = (*self.defects, defect)
        return defect.lines(cells, look, reported=defect in self.reported)

    def lines(self, cells: int, rows: int, look: Look) -> list[Strip]:
        """Return exactly `rows` strips of `cells` cells."""
        return [blank(cells, look.text)] * rows

    def move(self, action: str) -> bool:  # noqa: ARG002 - a page without rows
        """Carry out a movement of the registry; False where it means nothing here."""
        return False

    def wheel(self, steps: int) -> None:
        """Take the wheel: `steps` down, or up where negative."""
        for _ in range(abs(steps) * WHEEL):
            self.move("down" if steps > 0 else "up")

    def cursor(self) -> Cursor:
        """Return where the cursor is, to come back to."""
        return Cursor()

    def click(self, y: int) -> bool:  # noqa: ARG002 - every page's signature
        """Put the cursor on the row painted at line `y`; True where it was there already, so that it opens."""
        return False

    def click_at(self, x: int, y: int) -> bool:  # noqa: ARG002 - every page's signature
        """As `click`, on a page where the column matters, too."""
        return self.click(y)

    def hit(self, x: int, y: int) -> Opening | None:  # noqa: ARG002 - every page's signature
        """Return what a click on cell `x` of line `y` leads to, where that is no row."""
        return None

    def sorts(self) -> tuple[str, ...]:
        """Return what the list can be in the order of, as it stands; empty where it has one order alone."""
        return ()

    def opening(self) -> Opening | None:
        """Return what opening the selection leads to."""
        return None

    def value(self) -> str:
        """Return the selected value, to be copied; empty where there is none."""
        return ""

    def command(self) -> list[str]:
        """Return the verb and arguments that print what the page shows; empty where none does."""
        return []

    def why(self) -> Place | None:
        """Return the place that explains the selected number."""
        return None

    def about(self) -> Entry | Listed | None:
        """Return the selected entry, of which something can be noted."""
        return None

    def source(self) -> Again | None:
        """Return what reads the selected source again, or the file of the selected record."""
        return None

    def record(self) -> Quarantined | None:
        """Return the selected record of the quarantine."""
        return None

    def note(self) -> str:
        """Return where the cursor is, in words: ``3 of 12``."""
        return ""

    def need(self) -> list[int]:
        """Return the pages of rows that what is in sight still needs."""
        return []

    def page_question(self, number: int) -> Callable[[Store], Any]:
        """Return the question of one more page of rows."""
        raise NotImplementedError

    def put(self, number: int, page: Any) -> None:
        """Take a page of rows; None where it could not be read."""


class RowsPage(Page, Generic[Row]):
    """A page whose cursor goes through the rows of one table, which begin at its line `_rows_at`."""

    _rows: RowsView[Row]
    _rows_at = 0

    def move(self, action: str) -> bool:
        """Move among the rows."""
        return self._rows.move(action)

    def wheel(self, steps: int) -> None:
        """Scroll the rows."""
        self._rows.wheel(steps * WHEEL)

    def click(self, y: int) -> bool:
        """Select the row at line `y`."""
        return self._rows.click(y - self._rows_at)

    def cursor(self) -> Cursor:
        """Return the selected row's place."""
        return self._rows.cursor()


def finish(lines: Sequence[Line], cells: int, rows: int, look: Look) -> list[Strip]:
    """Return `lines` as exactly `rows` strips of `cells` cells, one cell free at the left."""
    strips = [Line().put(" ", look.text).join(line).strip(cells, look.text) for line in lines[:rows]]
    return strips + [blank(cells, look.text)] * (rows - len(strips))


def thumbed(strips: list[Strip], top: int, count: int, look: Look) -> list[Strip]:
    """Return strips of a part of `count` lines, from line `top` on, with a scroll thumb at their right edge."""
    bar, mark = thumb(len(strips), top, count), Segment(look.glyphs.thumb, look.faint)
    return [
        Strip([*strip.crop(0, strip.cell_length - 1), mark], strip.cell_length)
        if y in bar and strip.cell_length
        else strip
        for y, strip in enumerate(strips)
    ]


class TextPage(Page):
    """Lines to read, scrolled by the movements. `compose` makes them for a width."""

    def __init__(self, compose: Callable[[int, Look], list[Line]], *, top: int = 0) -> None:
        self._compose = compose
        self._top = top
        self._height = 1
        self._count = 0

    def lines(self, cells: int, rows: int, look: Look) -> list[Strip]:
        """Return the part in sight."""
        found = self._compose(cells - 2, look)
        found = [Line()] * self.above(len(found), rows) + found
        self._height, self._count = rows, len(found)
        self._top = max(0, min(self._top, len(found) - rows))
        return thumbed(finish(found[self._top :], cells, rows, look), self._top, len(found), look)

    def above(self, lines: int, rows: int) -> int:
        """Return how many empty lines stand above `lines` that are shown on `rows`."""
        return 1 if lines < rows else 0

    def move(self, action: str) -> bool:
        """Scroll."""
        page = max(1, self._height - 1)
        steps = {"down": 1, "up": -1, "page_down": page, "page_up": -page, "first": -self._count, "last": self._count}
        self._top = max(0, min(self._top + steps.get(action, 0), self._count - self._height))
        return action in steps

    def cursor(self) -> Cursor:
        """Return the first line in sight."""
        return Cursor(index=self._top, top=self._top)

    def note(self) -> str:
        """Return what part is in sight, where that is not all."""
        if self._count <= self._height:
            return ""
        return f"lines {self._top + 1}–{min(self._count, self._top + self._height)} of {self._count}"
