"""What was spent: costs by model, key, source and day.

A model and a key are no dimensions of the rollups: their names are many, and only costs have them. They are read from
the cost entries of a span, by an index that trades are not in, so the cost of that grows with the bills alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from northstar_tui.calendar import ALL, Period
from northstar_tui.ledger import queries
from northstar_tui.ledger.intern import names
from northstar_tui.ledger.queries import ENTRY, Entry, Filter, QueryError, condition, entry_of
from northstar_tui.ledger.store import Store

COST = "cost"
"""Kind of the entries that are costs."""
_KEY = (
    "coalesce(nullif(json_extract(e.body, '$.api_key_name'), ''), nullif(json_extract(e.body, '$.workspace'), ''), "
    "json_extract(e.body, '$.workspace_id'), '')"
)
"""The API key or workspace that spent it, as far as the source says so; else empty."""
_COLUMNS = {
    "model": "n.instrument_id", "key": _KEY, "source": "n.source_id", "category": "n.category_id", "book": "n.book_id",
    "day": "bucket('day', n.closed_at)",
}  # fmt: skip
BY = tuple(_COLUMNS)
"""What spending can be told apart by. A *model* is what a cost is about: a model, else a vendor."""
_ROLLED = frozenset({"source", "category", "book", "day"})


@dataclass(frozen=True, slots=True)
class Spent:
    """What was spent on one combination of names. Sums over any span's rows are that span's costs, exactly."""

    names: tuple[str, ...]
    """In the order asked for; a day is its ISO date, a key that is not stated is empty."""
    amount: int
    """Micro-dollars, positive = paid."""
    n: int
    """Cost entries."""


def spend(store: Store, span: Period, by: Sequence[str] = (), *, where: Filter | None = None) -> list[Spent]:
    """Return what was spent in `span` by `by`, any of BY; days in order, then the dearest first.

    `where` takes the dimensions of every filter, and ``model`` and ``key``, too. Raises QueryError for other names.
    """
    for name in (*by, *(where or {})):
        if name not in BY and name != "kind":
            raise QueryError(f"costs have no {name!r}", f"use one of {', '.join(BY)}")
    rolled = _ROLLED | {"kind"} >= {*by, *(where or {})}
    found = _rolled(store, span, by, where) if rolled else _read(store, span, by, where)
    day = list(by).index("day") if "day" in by else None
    return sorted(found, key=lambda s: (s.names[day] if day is not None else "", -s.amount, s.names))


def _rolled(store: Store, span: Period, by: Sequence[str], where: Filter | None) -> list[Spent]:
    dimensions = [name for name in by if name != "day"]
    level = "day" if "day" in by else "all"
    found = []
    for row in queries.sums(store, span, level=level, by=dimensions, where=_costs(where)):
        named = dict(zip(dimensions, row.names, strict=True))
        if level == "day":
            named["day"] = store.calendar.bucket_text("day", row.bucket)
        found.append(Spent(tuple(named[name] for name in by), -row.measures.net, row.measures.entries))
    return found


def _costs(where: Filter | None) -> dict[str, Sequence[str]]:
    """Return a filter that keeps costs alone."""
    kept = dict(where or {})
    return kept | {"kind": [kind for kind in kept.get("kind", (COST,)) if kind == COST]}


def _read(store: Store, span: Period, by: Sequence[str], where: Filter | None) -> list[Spent]:
    columns = [_COLUMNS[name] for name in by]
    costs, parameters = _chosen(store, span, where, keyed="key" in by)
    group = f" GROUP BY {', '.join(columns)}" if columns else ""
    listed = ", ".join([*columns, "-sum(n.net)", "count(*)"])
    rows = [row for row in store.connection.execute(f"SELECT {listed} FROM {costs}{group}", parameters) if row[-1]]
    labels = names(
        store.connection, {row[at] for row in rows for at, name in enumerate(by) if name not in ("key", "day")}
    )

    def text(name: str, value: int | str) -> str:
        if name == "key":
            return str(value)
        return store.calendar.bucket_text("day", int(value)) if name == "day" else labels[int(value)]

    return [Spent(tuple(map(text, by, row)), row[-2], row[-1]) for row in rows]


def _chosen(store: Store, span: Period, where: Filter | None, *, keyed: bool) -> tuple[str, list[object]]:
    """Return the costs in `span` as `n` for a FROM, and its parameters; with their bodies as `e` where `keyed`."""
    kept = _costs(where)
    models, keys = kept.pop("model", None), kept.pop("key", None)
    inner, outer = condition(store, kept), ""
    parameters: list[object] = [span.start, span.end]
    if models is not None:
        named = f"SELECT id FROM dimension WHERE axis = 'instrument' AND {_any('name', models)}"
        inner += f" AND instrument_id IN ({named})"
        parameters += models
    if keyed or keys is not None:
        outer = " JOIN event e ON e.id = n.event_id"
    if keys is not None:
        outer += f" WHERE {_any(_KEY, keys)}"
        parameters += keys
    columns = "id, event_id, kind_id, category_id, source_id, book_id, instrument_id, closed_at, net"
    return (
        f"(SELECT {columns} FROM entry INDEXED BY entry_untraded WHERE outcome IS NULL AND closed_at IS NOT NULL "
        f"AND mirror = 0 AND closed_at >= ? AND closed_at < ?{inner}) n{outer}",
        parameters,
    )


def _any(column: str, names: Sequence[str]) -> str:
    return f"{column} IN ({', '.join('?' for _ in names) or 'NULL'})"


def cost_entries(store: Store, span: Period, where: Filter, limit: int) -> list[Entry]:
    """Return the newest `limit` costs in `span` that `where` (as for `spend`) keeps, newest first."""
    costs, parameters = _chosen(store, span, where, keyed=False)
    rows = store.connection.execute(
        f"{ENTRY} WHERE n.id IN (SELECT n.id FROM {costs} ORDER BY n.closed_at DESC, n.id DESC LIMIT ?) "
        "ORDER BY n.closed_at DESC, n.id DESC",
        (*parameters, limit),
    )
    return [entry_of(row) for row in rows]


def first_day(store: Store, where: Filter | None = None) -> date | None:
    """Return the local date of the first entry that `where` keeps; None where there is none. Trades count, too."""
    months = queries.sums(store, ALL, level="month", where=where)
    if not months:
        return None
    calendar = store.calendar
    days = queries.sums(store, calendar.period("month", months[0].bucket), level="day", where=where)
    return calendar.date_of(days[0].bucket)
