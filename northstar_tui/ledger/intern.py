"""Names as small integers."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

_LIMIT = 200_000
"""Names kept in memory before the cache starts anew: a long import meets millions of instruments."""


class Interner:
    """Gives each (axis, name) its id in the `dimension` table, making it when new. One transaction's worth."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._ids: dict[str, dict[str, int]] = {}
        self._size = 0

    def id(self, axis: str, name: str) -> int:
        """Return the id of `name`."""
        ids = self._ids.setdefault(axis, {})
        found = ids.get(name)
        if found is None:
            row = (
                self._connection.execute(
                    "SELECT id FROM dimension WHERE axis = ? AND name = ?", (axis, name)
                ).fetchone()
                or self._connection.execute(
                    "INSERT INTO dimension (axis, name) VALUES (?, ?) RETURNING id", (axis, name)
                ).fetchone()
            )
            if self._size >= _LIMIT:
                self._ids = {axis: {}}
                ids, self._size = self._ids[axis], 0
            found = ids[name] = int(row[0])
            self._size += 1
        return found


def names(connection: sqlite3.Connection, ids: Iterable[int]) -> dict[int, str]:
    """Return the names of `ids`."""
    wanted = ", ".join(str(int(i)) for i in set(ids))
    return dict(connection.execute(f"SELECT id, name FROM dimension WHERE id IN ({wanted})").fetchall())
