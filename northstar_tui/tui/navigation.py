"""Where the operator is: a pure zipper, without Textual.

A *place* is a screen and its subject (a period, an entry, …). The *path* leads from the first place to this
one and is what the breadcrumb shows. Every level of it keeps its own cursor, so going back lands on the row
one came from. History is separate from the path, as in a browser: `back` and `forward` go through the paths
one has been at. Filter, basis and attribution dimension belong to the session and stay through all of it; only the
ledger of everything is without a filter."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

HISTORY = 200
"""Paths remembered in each direction."""

Place = tuple[str, Hashable]
"""A screen's name and its subject."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """The selected row: its index, the first row in view, and (where known) the row's own key, which wins
    over the index when rows have come or gone."""

    index: int = 0
    top: int = 0
    key: Hashable = None
    line: int | None = None
    """The line of the view on which the row was seen, so that it stays there; None where it was not seen yet."""


class Level(NamedTuple):
    """One step of the path: a place and the cursor in it."""

    screen: str
    subject: Hashable = None
    cursor: Cursor = Cursor()

    @property
    def place(self) -> Place:
        """The screen and subject, without the cursor."""
        return self.screen, self.subject


Path = tuple[Level, ...]


class Navigation(NamedTuple):
    """The whole state. Every method returns a new one; none fails, and the path is never empty."""

    path: Path
    past: tuple[Path, ...] = ()
    future: tuple[Path, ...] = ()
    filter: str = ""
    basis: str = "closed"
    dimension: str = "category"
    curve: str = "equity"
    sort: str = "time"
    """Order of the lists of entries; ``-net`` is the largest first."""
    columns: tuple[str, ...] = ()
    """Columns of the lists of entries, in order."""
    jumped: tuple[tuple[Place, ...], str] | None = None
    """The path that opening a row elsewhere led to, and the filter of then: back from there is back to that row."""

    @classmethod
    def start(cls, places: Sequence[Place]) -> Navigation:
        """Return the state at the last of `places`, each within the one before."""
        return cls(_levels(places, ()))

    @property
    def here(self) -> Level:
        """The current level."""
        return self.path[-1]

    def enter(self, screen: str, subject: Hashable) -> Navigation:
        """Go one level deeper."""
        return self._to((*self.path, Level(screen, subject)))

    def go(self, places: Sequence[Place]) -> Navigation:
        """Go to another path. Places that both paths share keep their cursors; a place that is new has its
        cursor on the place that follows it."""
        path = _levels(places, self.path)
        return self if _places(path) == _places(self.path) else self._to(path)

    def jump(self, places: Sequence[Place], only: str | None = None) -> Navigation:
        """Go to another path as `go` does, by opening a row, and to the filter `only`: `up` leads back to the row."""
        gone = self._replace(filter=self.filter if only is None else only).go(places)
        return gone if gone.path is self.path else gone._replace(jumped=(_places(gone.path), self.filter))

    def up(self) -> Navigation:
        """Go one level back on the path, or to the row that was opened to get to it; its first level is where it
        begins. `forward` undoes it."""
        if self.jumped is not None and self.jumped[0] == _places(self.path):
            return self.back()._replace(filter=self.jumped[1], jumped=None)
        if len(self.path) == 1:
            return self
        path, past = self.path[:-1], self.past
        if past and _places(past[-1]) == _places(path):
            past = past[:-1]
        return self._replace(path=path, past=past, future=(*self.future, self.path)[-HISTORY:])

    def back(self) -> Navigation:
        """Go to the path one was at before."""
        if not self.past:
            return self
        *past, path = self.past
        return self._replace(path=path, past=tuple(past), future=(*self.future, self.path)[-HISTORY:])

    def forward(self) -> Navigation:
        """Undo `back` or `up`."""
        if not self.future:
            return self
        *future, path = self.future
        return self._replace(path=path, future=tuple(future), past=(*self.past, self.path)[-HISTORY:])

    def at(self, cursor: Cursor) -> Navigation:
        """Put the cursor of the current level."""
        return self._replace(path=(*self.path[:-1], self.here._replace(cursor=cursor)))

    def _to(self, path: Path) -> Navigation:
        return self._replace(path=path, past=(*self.past, self.path)[-HISTORY:], future=())


def _places(path: Path) -> tuple[Place, ...]:
    return tuple(level.place for level in path)


def _levels(places: Sequence[Place], old: Path) -> Path:
    levels, shared = [], True
    for depth, (screen, subject) in enumerate(places):
        shared = shared and depth < len(old) and old[depth].place == (screen, subject)
        follows = places[depth + 1][1] if depth + 1 < len(places) else None
        if shared and (depth + 1 >= len(places) or _continues(places, old, depth + 1)):
            levels.append(old[depth])
        else:
            levels.append(Level(screen, subject, Cursor(key=follows)))
    return tuple(levels)


def _continues(places: Sequence[Place], old: Path, depth: int) -> bool:
    """Say whether both paths have the same place at `depth`: only then is the cursor above it still right."""
    return depth < len(old) and old[depth].place == places[depth]
