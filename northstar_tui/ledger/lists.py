"""Lists of entries in any order, read page by page: a day of a million entries is read no slower than one of a hundred.

By time and without a filter a list is an index, walked from the nearest place that is known. Every other list is put in
order once (`Sieve.order`); then any page of it is at hand.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import NamedTuple

from northstar_tui.calendar import Period
from northstar_tui.ledger.declarations import BASES
from northstar_tui.ledger.queries import LISTED, Listed, listed_of
from northstar_tui.ledger.sorts import BY_TIME, order_by
from northstar_tui.ledger.store import Store
from northstar_tui.ledger.terms import Where


class Seek(NamedTuple):
    """From where to walk to a page: on from just after the (time, id) `key`, or `back` from just before it.

    Without a key it is the list's beginning, or its end. `skip` rows are passed over.
    """

    key: tuple[int, int] | None = None
    back: bool = False
    skip: int = 0


def nearer(first: int, count: int, total: int) -> Seek:
    """Return how to walk to entry `first` of a list of `total` from that end which is nearer."""
    behind = total - first - count
    return Seek(skip=first) if first <= behind else Seek(back=True, skip=max(behind, 0))


def walked(where: Where, sort: str) -> bool:
    """Return whether a list is walked; the others are put in order."""
    return not where and sort.removeprefix("-") == BY_TIME


def page(
    store: Store,
    span: Period,
    first: int,
    count: int,
    *,
    basis: str = "closed",
    where: Where = (),
    sort: str = BY_TIME,
    most: int | None = None,
    seek: Seek | None = None,
    renewed: bool = True,
) -> list[Listed]:
    """Return entries `first` … `first` + `count` − 1 of the list of those that bear money in `span`.

    `seek` is where to walk to them from. A list that is put in order has no more than `most`, and is followed up to now
    only where `renewed`: one that is in sight must not shift between two of its pages.
    """
    if walked(where, sort):
        return _walk(store, span, basis, sort, count, seek or Seek(skip=first))
    by = order_by(basis, sort)
    table = store.sieve.order(basis, span, where, by, most=most, renewed=renewed)
    rows = store.connection.execute(
        f"{LISTED} JOIN temp.{table} p ON p.id = n.id WHERE p.rowid > ? AND p.rowid <= ? ORDER BY p.rowid",
        (first, first + count),
    )
    return [listed_of(row) for row in rows]


def _walk(store: Store, span: Period, basis: str, sort: str, count: int, seek: Seek) -> list[Listed]:
    ids, values = _walked(span, basis, sort, count, seek)
    rows = store.connection.execute(
        f"{LISTED} WHERE n.id IN (SELECT id FROM ({ids})) ORDER BY {order_by(basis, sort, 'n.')}", values
    )
    return [listed_of(row) for row in rows]


def _walked(span: Period, basis: str, sort: str, count: int, seek: Seek) -> tuple[str, dict[str, object]]:
    """Return a SELECT of the (id, at) that a walk meets, from an index alone, and its values."""
    rollup = BASES[basis]
    at, rising = rollup.time, sort.startswith("-") == seek.back
    way = "" if rising else " DESC"
    low, high = f"{at} >= :start", f"{at} < :end"
    if seek.key is not None:  # in place of the bound that lies behind: of two the index would take the wrong one
        beyond = f"({at}, id) {'>' if rising else '<'} (:at, :id)"
        low, high = (beyond, high) if rising else (low, beyond)
    ids = (
        f"SELECT id, {at} AS at FROM entry WHERE {rollup.where} AND {low} AND {high} "
        f"ORDER BY {at}{way}, id{way} LIMIT :count OFFSET :skip"
    )
    return ids, {
        "start": span.start, "end": span.end, "at": seek.key and seek.key[0], "id": seek.key and seek.key[1],
        "count": count, "skip": max(seek.skip, 0),
    }  # fmt: skip


def keys(store: Store, ids: Sequence[int]) -> dict[int, str]:
    """Return the keys by which their sources know the entries of `ids`."""
    if not ids:
        return {}
    rows = store.connection.execute(
        "SELECT id, key FROM subject WHERE id IN (SELECT value FROM json_each(?))", (json.dumps(ids),)
    )
    return dict(rows.fetchall())


def beyond(store: Store, span: Period, *, basis: str = "closed", sort: str = BY_TIME) -> tuple[int, int] | None:
    """Return the key just behind the last entry of a walked list: to go back from, whatever is added meanwhile."""
    last = store.connection.execute(*_walked(span, basis, sort, 1, Seek(back=True))).fetchone()
    return None if last is None else (last[1], last[0] + (-1 if sort.startswith("-") else 1))


def position(
    store: Store,
    span: Period,
    entry_id: int,
    *,
    basis: str = "closed",
    where: Where = (),
    sort: str = BY_TIME,
    most: int | None = None,
) -> int | None:
    """Return how many entries come before that of `entry_id` in the list; None where it is not in it. See `page`."""
    if not walked(where, sort):
        table = store.sieve.order(basis, span, where, order_by(basis, sort), most=most)
        row = store.connection.execute(f"SELECT rowid - 1 FROM temp.{table} WHERE id = ?", (entry_id,)).fetchone()
        return row[0] if row else None
    rollup = BASES[basis]
    within = f"{rollup.where} AND {rollup.time} >= :start AND {rollup.time} < :end"
    values = {"start": span.start, "end": span.end, "id": entry_id}
    row = store.connection.execute(f"SELECT {rollup.time} FROM entry WHERE id = :id AND {within}", values).fetchone()
    if row is None:
        return None
    # Only one bound on each side, as in a walk.
    side = (
        "{0} < :end AND ({0}, id) > (:at, :id)" if sort.startswith("-") else "{0} >= :start AND ({0}, id) < (:at, :id)"
    )
    before = f"SELECT count(*) FROM entry WHERE {rollup.where} AND {side.format(rollup.time)}"
    return int(store.connection.execute(before, values | {"at": row[0]}).fetchone()[0])
