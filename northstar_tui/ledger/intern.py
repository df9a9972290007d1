"""Names as small integers."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable
from functools import partial

_LIMIT = 200_000
"""Answers kept in memory before a memo starts anew: a long import meets millions of instruments."""

_FIND = "SELECT id FROM dimension WHERE axis = ? AND name = ?"
_MAKE = "INSERT INTO dimension (axis, name) VALUES (?, ?) ON CONFLICT DO NOTHING RETURNING id"


class Memo(dict[str, int]):
    """A function of a name, asked once for each: looking a known one up costs a dictionary's look-up and no call."""

    def __init__(self, find: Callable[[str], int]) -> None:
        super().__init__()
        self._find = find

    def __missing__(self, name: str) -> int:
        found = self._find(name)
        if len(self) >= _LIMIT:
            self.clear()
        self[name] = found
        return found


class Interner:
    """Gives each (axis, name) its id in the `dimension` table, making it when new.

    Ids never change, so it may live as long as no transaction it made one in is rolled back.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._axes: dict[str, Memo] = {}

    def axis(self, axis: str) -> Memo:
        """Return the ids of `axis` by name."""
        found = self._axes.get(axis)
        if found is None:
            found = self._axes[axis] = Memo(partial(self._find, axis))
        return found

    def id(self, axis: str, name: str) -> int:
        """Return the id of `name`."""
        return self.axis(axis)[name]

    def _find(self, axis: str, name: str) -> int:
        row = (
            self._connection.execute(_MAKE, (axis, name)).fetchone()
            or self._connection.execute(_FIND, (axis, name)).fetchone()
        )
        return int(row[0])


def names(connection: sqlite3.Connection, ids: Iterable[int]) -> dict[int, str]:
    """Return the names of `ids`."""
    wanted = ", ".join(str(int(i)) for i in set(ids))
    return dict(connection.execute(f"SELECT id, name FROM dimension WHERE id IN ({wanted})").fetchall())
