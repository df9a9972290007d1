"""Pages of sections: blocks of lines under headings, of which some can be selected, in a window that holds the cursor.

For screens that are no one table. What a block shows may be several lines; the cursor goes from block to block.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from textual.strip import Strip

from northstar_tui.tui.defects import Defect
from northstar_tui.tui.navigation import Cursor
from northstar_tui.tui.paint import Line, rule
from northstar_tui.tui.screens.page import Page, finish
from northstar_tui.tui.theme import Look

Target = TypeVar("Target")
GAP = 4
"""Cells between two sections side by side."""
Painted = tuple[Line, tuple[object, ...]]
"""A line of the screen, and what a click on it selects."""


@dataclass(frozen=True, slots=True)
class Block:
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
        self._at: dict[int, list[int]] = {}
        self._seen: int | None = None
        self._reached = list(range(len(self._targets)))

    def key(self, target: Target) -> Hashable:  # noqa: ARG002 - by place, where a page says no better
        """Return what a target is known by when the page is made anew; None where its place is all."""
        return None

    def reach(self, painted: Sequence[Painted]) -> bool:
        """Let the cursor go to what `painted` shows alone; False where it had to leave something that it does not."""
        shown = {id(target) for _, targets in painted for target in targets}
        self._reached = [i for i, target in enumerate(self._targets) if id(target) in shown]
        if not self._reached or self._index in self._reached:
            return True
        self._index = max((i for i in self._reached if i < self._index), default=self._reached[0])
        return False

    def section(self, name: str, cells: int, look: Look, draw: Callable[[], list[Block]]) -> list[Block]:
        """Return what `draw` returns; where that breaks, a block that says so, as `panel` does."""
        try:
            return draw()
        except Exception as error:
            return [Block(tuple(self.broken(Defect.of(name, error), cells, look)))]

    def kind_of(self, target: Target) -> Hashable:
        """Return which section a target belongs to."""
        return type(target).__name__

    def window(self, painted: Sequence[Painted], cells: int, rows: int, look: Look) -> list[Strip]:
        """Return the part of `painted` that holds the cursor, in exactly `rows` strips."""
        chosen = self._targets[self._index] if self._targets else None
        mine = [y for y, (_, targets) in enumerate(painted) if any(t is chosen for t in targets)] or [0]
        if self._line is not None:  # made anew: what is selected stays on its line of the view
            self._top, self._line = mine[0] - self._line, None
        self._top = max(min(self._top, mine[0]), mine[-1] - rows + 1)
        if self._index == 0:
            self._top = 0
        elif self._index == len(self._targets) - 1:  # what stands below the last row, such as a sum, is seen with it
            self._top = len(painted) - rows
        self._top = max(0, min(self._top, len(painted) - rows))
        self._seen = mine[0] - self._top
        self._at = {}
        for y, (_, targets) in enumerate(painted[self._top : self._top + rows]):
            self._at[y] = [i for i, t in enumerate(self._targets) if any(t is target for target in targets)]
        return finish([line for line, _ in painted[self._top :]], cells, rows, look)

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
        last = len(self._reached) - 1
        steps = {"down": 1, "up": -1, "page_down": 8, "page_up": -8, "first": -last, "last": last}
        if action in steps and self._reached:
            self._line = None
            place = self._reached.index(self._index) if self._index in self._reached else 0
            self._index = self._reached[max(0, min(place + steps[action], last))]
        return action in steps

    def _next_section(self) -> None:
        firsts: dict[Hashable, int] = {}
        for index in self._reached:
            firsts.setdefault(self.kind_of(self._targets[index]), index)
        self._line = None
        self._index = min((index for index in firsts.values() if index > self._index), default=0)

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
        line = self._seen if self._line is None else self._line  # not painted yet: where it is to be
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
