"""Where a key stands in a TOML file: the parser gives values alone, and an error should name the line."""

from __future__ import annotations

import re
from collections.abc import Sequence


def line_of(lines: Sequence[str], where: tuple[str, ...], nth: int = 0) -> int | None:
    """Return the line of key `where` in the `nth` table of that name, else that of the table itself; the first is 1.

    `where` is (table, key), the table's own name with its dots, or (key,) for one above all tables.
    """
    where = (*_parts(where[0]), *where[1:])
    within = where[:-1] or where
    table: tuple[str, ...] = ()
    seen, found = -1, None
    for number, line in enumerate(lines, 1):
        header = re.match(r"\s*\[+\s*([^\[\]]+?)\s*\]+\s*(?:#.*)?$", line)
        key = re.match(r"\s*([\w.\-\"' ]+?)\s*=", line)
        if header:
            table = _parts(header[1])
            seen += table == within
            here: tuple[str, ...] = table
        elif key:
            here = table + _parts(key[1])
        else:
            continue
        if here == where and max(seen, 0) == nth:
            return number
        if found is None and here == within and max(seen, 0) == nth:
            found = number
    return found


def _parts(name: str) -> tuple[str, ...]:
    return tuple(part.strip(" \"'") for part in name.split("."))
