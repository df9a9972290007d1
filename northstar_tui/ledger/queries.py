"""Reading the ledger: sums by period and dimension, the entries under a figure, the events behind an entry.

Every function reads; none computes a figure. Money is micro-dollars, times are microseconds UTC.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, NamedTuple

from northstar_tui.calendar import Period
from northstar_tui.errors import NorthStarError
from northstar_tui.ledger.declarations import BASES
from northstar_tui.ledger.intern import names
from northstar_tui.ledger.sorts import BY_TIME, order_by
from northstar_tui.ledger.store import Store
from northstar_tui.ledger.terms import DIMENSIONS, Where, condition, dimension_ids, parted


class QueryError(NorthStarError):
    """A question that names what is not there."""


@dataclass(frozen=True, slots=True)
class Measures:
    """One row of sums: counts, and micro-dollars. `net` = `gross` − `fees`; `trades` = wins + losses + scratches."""

    entries: int = 0
    trades: int = 0
    wins: int = 0
    losses: int = 0
    scratches: int = 0
    open: int = 0
    stake: int = 0
    gross: int = 0
    fees: int = 0
    net: int = 0
    won: int = 0
    """Sum of the winning trades' nets."""
    lost: int = 0
    """Sum of the losing trades' nets, zero or less."""
    incomplete: int = 0
    """Entries whose foreign amount has no rate: their money is in no sum."""
    unreconciled: int = 0
    """What two statements of the same money disagree about, whichever says more."""

    def __add__(self, other: Measures) -> Measures:
        return Measures(*(getattr(self, f) + getattr(other, f) for f in _FIELDS))

    def __sub__(self, other: Measures) -> Measures:
        return Measures(*(getattr(self, f) - getattr(other, f) for f in _FIELDS))


_FIELDS = tuple(f.name for f in fields(Measures))
_decode = json.JSONDecoder().raw_decode
"""Reads the JSON that the store wrote itself, without what `json.loads` does around it: in half its time."""


class SumRow(NamedTuple):
    """The sums of one bucket and one combination of dimension names."""

    bucket: int
    names: tuple[str, ...]
    measures: Measures


def sums(
    store: Store,
    span: Period,
    *,
    basis: str = "closed",
    level: str = "all",
    by: Sequence[str] = (),
    where: Where = (),
) -> list[SumRow]:
    """Return the sums over `span` by buckets of `level` and dimensions `by`, ordered by both; no empty groups."""
    known, asked = parted(where)
    rollup = store.sieve.sums(basis, span, asked, level) if asked else BASES[basis]
    ids = dimension_ids(store, known)
    found = store.engine.sums(rollup, span, level=level, by=[_column(d) for d in by], where=ids)
    labels = names(store.connection, {i for key in found for i in key[1:]})
    rows = [SumRow(key[0], tuple(labels[i] for i in key[1:]), Measures(*values)) for key, values in found.items()]
    return sorted(rows, key=lambda row: (row.bucket, row.names))


def total(store: Store, span: Period, *, basis: str = "closed", where: Where = ()) -> Measures:
    """Return the sums over all of `span`."""
    rows = sums(store, span, basis=basis, where=where)
    return rows[0].measures if rows else Measures()


def nets(store: Store, span: Period, level: str, *, basis: str = "closed", where: Where = ()) -> list[tuple[int, int]]:
    """Return (bucket, net) of the buckets of `level` (hour or day) in `span`, in order, empty ones absent.

    As `sums`, for curves: one measure of thousands of buckets in one statement.
    """
    known, asked = parted(where)
    rollup = store.sieve.sums(basis, span, asked, level) if asked else BASES[basis]
    return store.engine.series(rollup, span, level, "net", dimension_ids(store, known))


def span(store: Store, basis: str = "closed") -> Period | None:
    """Return the whole local days from the first entry to the last, or None for an empty store."""
    column, counts = BASES[basis].time, BASES[basis].where
    first, last = store.connection.execute(
        f"SELECT (SELECT min({column}) FROM entry WHERE {counts}), (SELECT max({column}) FROM entry WHERE {counts})"
    ).fetchone()
    if first is None:
        return None
    calendar = store.calendar
    return Period(calendar.bucket("day", first), calendar.period("day", last).end, "all")


def _column(dimension: str) -> str:
    try:
        return DIMENSIONS[dimension]
    except KeyError:
        raise QueryError(f"{dimension!r} is not a dimension", f"use one of {', '.join(DIMENSIONS)}") from None


# -- entries -----------------------------------------------------------------------------------------------------------


class Note(NamedTuple):
    """What the operator noted, and when (microseconds UTC)."""

    at: int
    text: str


class Entry(NamedTuple):
    """One line that bears money."""

    id: int
    source: str
    key: str
    book: str
    category: str
    kind: str
    instrument: str
    opened_at: int
    closed_at: int | None
    stake: int | None
    gross: int
    fees: int
    net: int
    outcome: int | None
    incomplete: bool
    currency: str | None
    stated_net: int | None
    rate: str | None
    body: Mapping[str, Any]
    """Facts of its newest event."""
    origin: str | None
    """Name of the file its newest event came from."""
    line: int | None
    revision: int
    """Revision of its newest event: above 1, the past was corrected."""
    same: str | None
    """What money this is, where it can come through another door."""
    unreconciled: int
    """Net less what the source itself states of it by another road."""
    mirror: bool
    """True where a better door bears this money: it is in no sum."""
    disagreement: int | None
    """On the last entry that bears a money stated twice: the net borne less what its mirrors say; else None."""
    side: str | None
    """What was taken, as stated: yes, no, long, a team."""
    title: str | None
    """What it is about in words, as stated."""
    tags: tuple[str, ...]
    """What the operator tagged it with."""
    notes: tuple[Note, ...]
    """What the operator noted about it, oldest first."""


class Listed(NamedTuple):
    """What a list shows of an entry, each as in Entry: nothing of what was said of it in the log is read for that."""

    id: int
    source: str
    book: str
    category: str
    kind: str
    instrument: str
    opened_at: int
    closed_at: int | None
    stake: int | None
    gross: int
    fees: int
    net: int
    side: str | None
    title: str | None
    tags: tuple[str, ...]
    notes: tuple[Note, ...]


_MARKS = (
    "(SELECT json_group_array(name) FROM tag WHERE subject_id = n.id), "
    "(SELECT json_group_array(json_array(x.occurred_at, w.text)) FROM note w JOIN event x ON x.id = w.event_id "
    "WHERE w.subject_id = n.id)"
)
_TAGS = -2
"""Column in which the tags come, and the notes after them."""
_NAMES = (
    "JOIN dimension s ON s.id = n.source_id JOIN dimension b ON b.id = n.book_id "
    "JOIN dimension c ON c.id = n.category_id JOIN dimension k ON k.id = n.kind_id "
    "JOIN dimension i ON i.id = n.instrument_id LEFT JOIN dimension v ON v.id = n.side_id "
    "LEFT JOIN dimension t ON t.id = n.title_id"
)
LISTED = (
    "SELECT n.id, s.name, b.name, c.name, k.name, i.name, n.opened_at, n.closed_at, n.stake, n.gross, n.fees, n.net, "
    f"v.name, t.name, {_MARKS} FROM entry n {_NAMES}"
)
ENTRY = (
    "SELECT n.id, s.name, j.key, b.name, c.name, k.name, i.name, n.opened_at, n.closed_at, n.stake, n.gross, n.fees, "
    "n.net, n.outcome, n.incomplete, n.currency, n.stated_net, n.rate, e.body, o.name, e.line, e.revision, m.name, "
    f"n.unreconciled, n.mirror, n.disagreement, v.name, t.name, {_MARKS} FROM entry n {_NAMES} "
    "JOIN subject j ON j.id = n.id JOIN event e ON e.id = n.event_id "
    "LEFT JOIN origin o ON o.id = e.origin_id LEFT JOIN dimension m ON m.id = n.same_id"
)

UNRECONCILED = "unreconciled <> 0 OR disagreement <> 0"
"""SQL condition on `entry`: two statements of its money disagree. An index has these very words."""


def entries(
    store: Store,
    span: Period,
    *,
    basis: str = "closed",
    where: Where = (),
    sort: str = BY_TIME,
    limit: int | None = None,
    unreconciled: bool = False,
) -> list[Entry]:
    """Return the entries in `span` in the order of `sort` (`sorts.SORTS`), at most `limit`. Raises SortError.

    They are those that bear money: mirrors of what another door states are not among them. With `unreconciled` they are
    those about which two statements disagree.
    """
    index, doubted = ("INDEXED BY entry_unreconciled", f" AND ({UNRECONCILED})") if unreconciled else ("", "")
    inside, values = _inside(span, basis, where)
    rows = store.connection.execute(
        f"{ENTRY} WHERE n.id IN (SELECT id FROM entry {index} WHERE {inside}{doubted} ORDER BY {order_by(basis, sort)} "
        f"LIMIT :limit) ORDER BY {order_by(basis, sort, 'n.')}",
        values | {"limit": -1 if limit is None else limit},
    )
    return [entry_of(row) for row in rows]


def _inside(span: Period, basis: str, where: Where) -> tuple[str, dict[str, object]]:
    """Return the SQL condition of the entries that bear money in `span` and that `where` keeps, and its values."""
    rollup, kept = BASES[basis], condition(where)
    inside = f"{rollup.where} AND {rollup.time} >= :start AND {rollup.time} < :end{kept.sql}"
    return inside, {"start": span.start, "end": span.end, **kept.values}


def summed_entries(store: Store, span: Period, *, basis: str = "closed", where: Where = ()) -> Measures:
    """Return the sums over `span` added up from the entries themselves, without any rollup: the proof of a figure."""
    measured = ", ".join(f"coalesce(sum({m.of}), 0)" for m in BASES[basis].sums)
    inside, values = _inside(span, basis, where)
    return Measures(*store.connection.execute(f"SELECT {measured} FROM entry WHERE {inside}", values).fetchone())


def origins_of(store: Store, span: Period, *, basis: str = "closed", where: Where = ()) -> list[tuple[str, int]]:
    """Return (file name, entries whose newest event it stated), most first; ``—`` for entries of no file."""
    inside, values = _inside(span, basis, where)
    rows = store.connection.execute(
        "SELECT coalesce(o.name, '—'), count(*) FROM "
        f"(SELECT event_id FROM entry WHERE {inside}) n JOIN event e ON e.id = n.event_id "
        "LEFT JOIN origin o ON o.id = e.origin_id GROUP BY 1 ORDER BY 2 DESC, 1",
        values,
    )
    return [(row[0], row[1]) for row in rows]


def entry(store: Store, entry_id: int) -> Entry | None:
    """Return one entry by its id."""
    row = store.connection.execute(f"{ENTRY} WHERE n.id = ?", (entry_id,)).fetchone()
    return entry_of(row) if row else None


def recent(store: Store, limit: int) -> list[Entry]:
    """Return the entries closed last, newest first."""
    rows = store.connection.execute(
        f"{ENTRY} WHERE n.id IN "
        f"(SELECT id FROM entry WHERE {BASES['closed'].where} ORDER BY closed_at DESC, id DESC LIMIT ?) "
        "ORDER BY n.closed_at DESC, n.id DESC",
        (limit,),
    )
    return [entry_of(row) for row in rows]


def entry_of(row: Sequence[Any]) -> Entry:
    """Return the entry that a row of ENTRY is."""
    values = list(row)
    values[14], values[18], values[24] = bool(row[14]), _decode(row[18])[0], bool(row[24])
    values[_TAGS:] = _marks(*row[_TAGS:])
    return Entry(*values)


def listed_of(row: Sequence[Any]) -> Listed:
    """Return what a row of LISTED is."""
    return Listed(*[*row[:_TAGS], *_marks(*row[_TAGS:])])


def _marks(tags: str, notes: str) -> tuple[tuple[str, ...], tuple[Note, ...]]:
    return (
        () if tags == "[]" else tuple(_decode(tags)[0]),
        () if notes == "[]" else tuple(Note(*said) for said in _decode(notes)[0]),
    )


def incomplete(store: Store, span: Period, basis: str = "closed", where: Where = ()) -> list[tuple[str, int, int]]:
    """Return (currency, entries, sum of stated nets in its micro-units) of what no rate could convert in `span`."""
    if not total(store, span, basis=basis, where=where).incomplete:
        return []
    rollup, kept = BASES[basis], condition(where)  # the rollup knows the hours that hold some; no others are read
    rows = store.connection.execute(
        "SELECT currency, count(*), sum(stated_net) FROM (SELECT DISTINCT bucket AS first, bucket_end('hour', bucket) "
        f"AS following FROM {rollup.table} WHERE level = 'hour' AND bucket >= :start AND bucket < :end "
        f"AND incomplete > 0) CROSS JOIN entry ON {rollup.time} >= first AND {rollup.time} < following "
        f"WHERE incomplete = 1 AND {rollup.where}{kept.sql} GROUP BY currency ORDER BY currency",
        {"start": span.start, "end": span.end, **kept.values},
    )
    return [(row[0], row[1], row[2]) for row in rows]
