"""Pages of sections: blocks of lines under headings, of which some can be selected, in a window that holds the cursor.

For screens that are no one table. What a block shows may be several lines; the cursor goes from block to block.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any, Generic, NamedTuple, TypeVar

from textual.strip import Strip

from northstar_tui.tui.defects import Defect
from northstar_tui.tui.navigation import Cursor
from northstar_tui.tui.paint import Line, rule
from northstar_tui.tui.screens.page import Page, finish, thumbed
from northstar_tui.tui.theme import Look
from northstar_tui.tui.widgets.rows import Column, fit_columns, natural, row_line

Target = TypeVar("Target")
_STEPS = {"down": 1, "up": -1, "page_down": 8, "page_up": -8}
GAP = 4
"""Cells between two sections side by side."""
Painted = tuple[Line, tuple[object, ...]]
"""A line of the screen, and what a click on it selects."""


class Block(NamedTuple):
    """One selectable thing and its lines; a heading is a block that selects nothing."""

    lines: tuple[Line, ...]
    target: object = None


class BlockPage(Page, Generic[Target]):
    """Sections with a cursor in them. `targets` are all that can be selected, in order."""

    def __init__(self, targets: Sequence[Target], cursor: Cursor) -> None:
        self._targets = list(targets)
        index = cursor.index
        if cursor.key is not None:  # rows come and go: the cursor stays on its own
            index = next((i for i, target in enumerate(self._targets) if self.key(target) == cursor.key), index)
        self._index = max(0, min(index, len(self._targets) - 1))
        self._top, self._line = cursor.top, cursor.line
        self._follow = self._index > 0
        """Whether the selected thing must be in sight; what is read past it need not show it."""
        self._at: dict[int, list[int]] = {}
        self._spans: dict[int, tuple[int, int]] = {}
        """First and last line of what can be selected, as painted last."""
        self._high = self._count = 0
        """Lines in sight, and of all that was painted last."""
        self._reached = list(range(len(self._targets)))
        """What can be selected at this size, in the order in which the cursor goes through it."""

    def key(self, target: Target) -> Hashable:  # noqa: ARG002 - by place, where a page says no better
        """Return what a target is known by when the page is made anew; None where its place is all."""
        return None

    def turn(self, target: Target) -> int:  # noqa: ARG002 - in their order, where a page says no better
        """Return in which column a target stands, as composed last: the eye goes down one, then down the next."""
        return 0

    def compose(self, cells: int, rows: int, look: Look) -> list[Painted]:
        """Return all sections."""
        raise NotImplementedError

    def lines(self, cells: int, rows: int, look: Look) -> list[Strip]:
        """Return the part of the sections that holds the cursor."""
        painted = self.compose(cells, rows, look)
        if not self.reach(painted):  # the cursor was on what this size does not show
            self.defects = ()
            painted = self.compose(cells, rows, look)
        return self.window(painted, cells, rows, look)

    def reach(self, painted: Sequence[Painted]) -> bool:
        """Let the cursor go to what `painted` shows alone; False where it had to leave something that it does not."""
        shown = {id(target) for _, targets in painted for target in targets}
        self._reached = [i for i, target in enumerate(self._targets) if id(target) in shown]
        self._reached.sort(key=lambda i: self.turn(self._targets[i]))
        if not self._reached or self._index in self._reached:
            return True
        self._index = max((i for i in self._reached if i < self._index), default=self._reached[0])
        return False

    def section(self, name: str, cells: int, look: Look, draw: Callable[[], list[Block]]) -> list[Block]:
        """Return what `draw` returns; where that breaks, a block that says so, as `panel` does."""
        found = self.sound(name, draw)
        return [Block(tuple(self.broken(found, cells, look)))] if isinstance(found, Defect) else found

    def table(
        self, columns: Sequence[Column[Any]], rows: Sequence[Any], cells: int, look: Look, total: object = None
    ) -> list[Block]:
        """Return rows as blocks under their columns' titles; `total`, a row that selects nothing, below them."""
        rows = [*rows, *([] if total is None else [total])]
        broken: list[Defect] = []
        sizes = fit_columns(columns, natural(columns, rows), cells - 2)
        blocks = [Block((Line().put("  ", look.head).join(row_line(None, columns, sizes, look, broken)),))]
        for row in rows:
            line = row_line(row, columns, sizes, look, broken)
            if row is total:
                blocks.append(Block((Line().put("  ", look.text).join(line),)))
            else:
                blocks.append(Block((self.select(line, row, cells, look),), row))
        told = self.cells_broken(broken, cells, look)
        return [*blocks, Block(tuple(told))] if told else blocks

    def kind_of(self, target: Target) -> Hashable:
        """Return which section a target belongs to."""
        return type(target).__name__

    def window(self, painted: Sequence[Painted], cells: int, rows: int, look: Look) -> list[Strip]:
        """Return the part of `painted` that holds the cursor, in exactly `rows` strips; a thumb where that is not all.

        What was scrolled to is left in sight, even where the cursor is not in it.
        """
        places = {id(target): index for index, target in enumerate(self._targets)}
        self._spans, self._high, self._count = {}, rows, len(painted)
        lines = [[places[id(target)] for target in targets if id(target) in places] for _, targets in painted]
        for y, found in enumerate(lines):
            for index in found:
                self._spans[index] = self._spans.get(index, (y, y))[0], y
        first, _ = self._spans.get(self._index, (0, 0))
        if self._line is not None:  # made anew: what is selected stays on its line of the view
            self._top, self._follow = first - self._line, 0 <= self._line < rows
            self._line = None
        self._hold()
        self._at = dict(enumerate(lines[self._top : self._top + rows]))
        return thumbed(
            finish([line for line, _ in painted[self._top :]], cells, rows, look), self._top, len(painted), look
        )

    def _hold(self) -> None:
        """Bring what is selected into sight where it must be, moving the view no more than needed."""
        if self._follow:
            first, last = self._spans.get(self._index, (0, 0))
            self._top = max(min(self._top, first), last - self._high + 1)
        self._top = max(0, min(self._top, self._count - self._high))

    def select(self, line: Line, target: object, cells: int, look: Look) -> Line:
        """Return `line` with the cursor's mark in front, and its ground where it is selected."""
        if not self._targets or self._targets[self._index] is not target:
            return Line().put("  ", look.text).join(line)
        marked = Line().put(look.glyphs.cursor + " ", look.accent).join(line).to(cells, look.text)
        return marked.restyled(look.on_cursor)

    def move(self, action: str) -> bool:
        """Move among everything that can be selected, or to the next kind of it."""
        if action == "section":
            self._next_section()
            return True
        self._line = None
        if action in ("first", "last"):
            self._index = (self._reached or [0])[0 if action == "first" else -1]
            self._top, self._follow = 0 if action == "first" else self._count, False
            self._hold()
        for _ in range(abs(_STEPS.get(action, 0))):
            self._step(1 if _STEPS[action] > 0 else -1)
        return action in ("first", "last", *_STEPS)

    def _step(self, way: int) -> None:
        """Select what comes next, if that leaves no line unseen; else scroll by one."""
        place = self._reached.index(self._index) + way if self._index in self._reached else 0
        following = self._reached[place] if 0 <= place < len(self._reached) else None
        top, end = self._top, self._top + self._high
        here, there = (self._spans.get(index or 0, (top, top)) for index in (self._index, following))
        passed = here[0] >= end if way > 0 else here[1] < top  # the cursor is still ahead of what is read
        if passed or following is None or (there[1] - self._high >= end if way > 0 else there[0] + self._high < top):
            self._top, self._follow = top + way, False
        else:
            self._index, self._follow = following, True
            edge = 0 if way < 0 else self._count - self._high
            if following in (self._reached[0], self._reached[-1]) and (
                there[1] < self._high if way < 0 else there[0] >= edge
            ):  # what stands above the first and below the last, such as a sum, is seen with it
                self._top = edge
        self._hold()

    def _next_section(self) -> None:
        firsts: dict[Hashable, int] = {}
        for place, index in enumerate(self._reached):
            firsts.setdefault(self.kind_of(self._targets[index]), place)
        self._line, self._follow = None, True
        here = self._reached.index(self._index) if self._index in self._reached else 0
        following = min((place for place in firsts.values() if place > here), default=0)
        self._index = self._reached[following] if self._reached else 0
        if not following:
            self._top = 0

    def click(self, y: int) -> bool:
        """Select what line `y` shows."""
        found = self._at.get(y, [])
        if not found:
            return False
        same, self._index = self._index in found, found[0]
        return same

    def cursor(self) -> Cursor:
        """Return the selected thing's place."""
        target = self.target
        seen = self._spans[self._index][0] - self._top if self._index in self._spans else None
        line = seen if self._line is None else self._line  # not painted yet: where it is to be
        return Cursor(self._index, self._top, None if target is None else self.key(target), line)

    @property
    def target(self) -> Target | None:
        """The selected thing."""
        return self._targets[self._index] if self._targets else None


def heading(text: str, cells: int, look: Look) -> Block:
    """Return a section's heading."""
    return Block((rule(cells, text, look.faint, look.strong, look.glyphs.rule),))


def blank() -> Block:
    """Return an empty line."""
    return Block((Line(),))


def stack(blocks: Sequence[Block]) -> list[Painted]:
    """Return blocks as lines, one below the other."""
    return [(line, (block.target,) if block.target is not None else ()) for block in blocks for line in block.lines]


def pair(left: Sequence[Block], right: Sequence[Block], cells: int, look: Look) -> list[Painted]:
    """Return two sections side by side, each `cells` wide."""
    return columns((left, right), cells, look)


def columns(sections: Sequence[Sequence[Block]], cells: int, look: Look) -> list[Painted]:
    """Return sections side by side, each `cells` wide, under an empty line."""
    stacks = [stack(section) for section in sections]
    found: list[Painted] = [(Line(), ())]
    for y in range(max(map(len, stacks))):
        line = Line()
        targets: tuple[object, ...] = ()
        for at, painted in enumerate(stacks):
            if y < len(painted):
                line.to(at * (cells + GAP), look.text).join(painted[y][0])
                targets = (*targets, *painted[y][1])
        found.append((line, targets))
    return found
