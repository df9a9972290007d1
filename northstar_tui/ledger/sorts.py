"""What a list of entries can be in the order of."""

from __future__ import annotations

from northstar_tui.errors import NorthStarError
from northstar_tui.ledger.declarations import BASES


class SortError(NorthStarError):
    """An order that no list has."""


def _name(ids: str) -> str:
    return f"(SELECT name FROM dimension WHERE id = {ids}) COLLATE NOCASE"


SORTS = {
    "time": "",
    "what": _name("coalesce({n}title_id, {n}instrument_id)"),
    "instrument": _name("{n}instrument_id"),
    "side": _name("coalesce({n}side_id, {n}kind_id)"),
    "net": "{n}net",
    "gross": "{n}gross",
    "fees": "{n}fees",
    "stake": "{n}stake",
    "category": _name("{n}category_id"),
    "book": _name("{n}book_id"),
    "source": _name("{n}source_id"),
    "kind": _name("{n}kind_id"),
    "tags": "(SELECT min(name) FROM tag WHERE subject_id = {n}id)",
}
"""What a list can be in the order of, and its SQL. ``-net`` is the other way round; equal ones come by id."""
COLUMNS = ("time", "what", "side", "net", "category", "book", "stake", "fees")
"""What a list shows where the operator chose no others; each of SORTS can be a column."""
BY_TIME = "time"


def order_by(basis: str, sort: str, n: str = "") -> str:
    """Return the ORDER BY of `sort`, what is not stated last; `n` goes before columns. Raises SortError."""
    name = sort.removeprefix("-")
    if name not in SORTS:
        raise SortError(f"{sort!r} is no order", f"sort by {', '.join(SORTS)}; -net is the largest first")
    way = " DESC" if sort.startswith("-") else ""
    if name == BY_TIME:
        return f"{n}{BASES[basis].time}{way}, {n}id{way}"
    of = SORTS[name].format(n=n)
    unstated = f"{of} IS NULL, " if name in ("stake", "tags") else ""
    return f"{unstated}{of}{way}, {n}id{way}"
