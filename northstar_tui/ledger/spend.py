"""What was spent: costs by model, key, source and day.

A model and a key are no dimensions of the rollups: their names are many, and only costs have them. They are read from
the cost entries of a span, by an index that trades are not in, so the cost of that grows with the bills alone.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from northstar_tui.calendar import ALL, Period
from northstar_tui.ledger import queries
from northstar_tui.ledger.intern import names
from northstar_tui.ledger.queries import ENTRY, Entry, QueryError, entry_of
from northstar_tui.ledger.store import Store
from northstar_tui.ledger.terms import DIMENSIONS, KINDS, Term, Where, condition, named
from northstar_tui.money import micros

COST = "cost"
"""Kind of the entries that are costs."""
ONLY_COSTS = named("kind", COST)
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


def spend(store: Store, span: Period, by: Sequence[str] = (), *, where: Where = ()) -> list[Spent]:
    """Return what was spent in `span` by `by`, any of BY; days in order, then the dearest first.

    `where` takes terms of every kind, and of ``model`` and ``key``, too. Raises QueryError for other names.
    """
    asked = [term.kind for term in where]
    for name in (*by, *asked):
        if name not in BY and (name in by or name not in KINDS):
            raise QueryError(f"costs have no {name!r}", f"use one of {', '.join(BY)}")
    rolled = {*by} <= _ROLLED and DIMENSIONS.keys() >= {*asked}
    found = _rolled(store, span, by, where) if rolled else _read(store, span, by, where)
    day = list(by).index("day") if "day" in by else None
    return sorted(found, key=lambda s: (s.names[day] if day is not None else "", -s.amount, s.names))


def _rolled(store: Store, span: Period, by: Sequence[str], where: Where) -> list[Spent]:
    dimensions = [name for name in by if name != "day"]
    level = "day" if "day" in by else "all"
    found = []
    for row in queries.sums(store, span, level=level, by=dimensions, where=(*where, ONLY_COSTS)):
        called = dict(zip(dimensions, row.names, strict=True))
        if level == "day":
            called["day"] = store.calendar.bucket_text("day", row.bucket)
        found.append(Spent(tuple(called[name] for name in by), -row.measures.net, row.measures.entries))
    return found


def _read(store: Store, span: Period, by: Sequence[str], where: Where) -> list[Spent]:
    columns = [_COLUMNS[name] for name in by]
    costs, parameters = _chosen(span, where, keyed="key" in by)
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


def _chosen(span: Period, where: Where, *, keyed: bool) -> tuple[str, dict[str, object]]:
    """Return the costs in `span` as `n` for a FROM, and its values; with their bodies as `e` where `keyed`."""
    kept = condition(tuple(_known(term) for term in (*where, ONLY_COSTS) if term.kind != "key"))
    values: dict[str, object] = {"start": span.start, "end": span.end, **kept.values}
    keys = [term for term in where if term.kind == "key"]
    outer = " JOIN event e ON e.id = n.event_id" if keyed or keys else ""
    for number, term in enumerate(keys):
        values[f"key_{number}"] = json.dumps([name.text for name in term.values])
        way = "NOT IN" if term.negated else "IN"
        outer += f"{' AND' if number else ' WHERE'} {_KEY} {way} (SELECT value FROM json_each(:key_{number}))"
    columns = "id, event_id, kind_id, category_id, source_id, book_id, instrument_id, closed_at, net"
    return (
        f"(SELECT {columns} FROM entry INDEXED BY entry_untraded WHERE outcome IS NULL AND closed_at IS NOT NULL "
        f"AND mirror = 0 AND closed_at >= :start AND closed_at < :end{kept.sql}) n{outer}",
        values,
    )


def _known(term: Term) -> Term:
    return term._replace(kind="instrument") if term.kind == "model" else term


def cost_entries(store: Store, span: Period, where: Where, limit: int) -> list[Entry]:
    """Return the newest `limit` costs in `span` that `where` (as for `spend`) keeps, newest first."""
    costs, parameters = _chosen(span, where, keyed=False)
    rows = store.connection.execute(
        f"{ENTRY} WHERE n.id IN (SELECT n.id FROM {costs} ORDER BY n.closed_at DESC, n.id DESC LIMIT :limit) "
        "ORDER BY n.closed_at DESC, n.id DESC",
        parameters | {"limit": limit},
    )
    return [entry_of(row) for row in rows]


class Tokens(NamedTuple):
    """Tokens of API use, as stated: all input, cached or not, and all output, reasoning included."""

    input: int
    output: int

    def plus(self, other: Tokens) -> Tokens:
        """Return both together."""
        return Tokens(self.input + other.input, self.output + other.output)


def _count(*fields: str) -> str:
    """Return the SQL of a body's count of tokens, under the first name that is there; NULL for what is no number."""
    stated = ", ".join(f"json_extract(e.body, '$.{name}')" for name in (*fields, "nothing"))
    return f"sum(CASE WHEN coalesce({stated}) NOT GLOB '*[^0-9]*' THEN CAST(coalesce({stated}) AS INTEGER) END)"


def tokens(store: Store, span: Period, where: Where = ()) -> dict[str, Tokens]:
    """Return the tokens behind the costs in `span` that `where` keeps, by model; without the models that state none.

    OpenRouter's bills state them. Anthropic's do not: its usage report does, by model and UTC day, booked at the noon
    that its costs are booked at. A usage is no entry, so of `where` it knows nothing.
    """
    costs, values = _chosen(span, where, keyed=True)
    found: dict[str, Tokens] = {}
    billed = f"{_count('prompt_tokens', 'tokens_prompt')}, {_count('completion_tokens', 'tokens_completion')}"
    rows = [*store.connection.execute(f"SELECT n.instrument_id, {billed} FROM {costs} GROUP BY 1", values)]
    called = names(store.connection, {row[0] for row in rows if row[1] is not None})
    stated = [(called.get(number), *counts) for number, *counts in rows]
    stated += store.connection.execute(
        "SELECT json_extract(e.body, '$.instrument'), "
        f"{_count('input_tokens')}, {_count('output_tokens')} FROM dimension d CROSS JOIN subject s "
        "ON s.source_id = d.id AND s.key >= ? AND s.key < ? CROSS JOIN event e ON e.id = (SELECT id FROM event "
        "WHERE subject_id = s.id ORDER BY revision DESC LIMIT 1) WHERE d.axis = 'source' "
        "AND (d.name = 'anthropic' OR d.name LIKE 'anthropic:%') AND e.occurred_at >= ? AND e.occurred_at < ? "
        "GROUP BY 1",
        (*_usage_keys(store, span), span.start, span.end),
    )
    for model, sent, got in stated:
        if model is not None and sent is not None and got is not None:
            found[model] = found.get(model, Tokens(0, 0)).plus(Tokens(sent, got))
    return found


def _usage_keys(store: Store, span: Period) -> tuple[str, str]:
    """Return the first key of usage that can lie in `span`, and the first behind: keys begin with their UTC day."""
    if span.level == "all":
        return "usage/", "usage0"
    first, following = (store.calendar.date_of(at) for at in (span.start, span.end))
    return f"usage/{first - timedelta(days=1)}/", f"usage/{following + timedelta(days=1)}/"


@dataclass(frozen=True, slots=True)
class KeyUse:
    """What an API key says that it used itself, on UTC days: no entry, for the bills bear that money."""

    source: str
    name: str
    amount: int
    """Micro-dollars, the sum of the newest statement of each day."""
    days: int
    event: int
    """The newest of those statements."""


def key_uses(store: Store, first: date, last: date) -> list[KeyUse]:
    """Return what the API keys say of themselves from UTC day `first` to `last`, both included, the dearest first.

    OpenRouter's bills name no key, its keys do. Their subjects begin with the day, so this reads those days alone.
    """
    rows = store.connection.execute(
        "SELECT d.name, substr(s.key, 17), e.id, json_extract(e.body, '$.name'), json_extract(e.body, '$.label'), "
        "json_extract(e.body, '$.usage_daily') FROM dimension d CROSS JOIN subject s ON s.source_id = d.id "
        "AND s.key >= ? AND s.key < ? CROSS JOIN event e ON e.id = (SELECT id FROM event WHERE subject_id = s.id "
        "ORDER BY revision DESC LIMIT 1) "
        "WHERE d.axis = 'source' AND (d.name = 'openrouter' OR d.name LIKE 'openrouter:%') ORDER BY s.key",
        (f"keys/{first}/", f"keys/{last + timedelta(days=1)}/"),
    )
    found: dict[tuple[str, str], KeyUse] = {}
    for source, key, event, name, label, used in rows:
        before = found.get((source, key))
        amount, days = (before.amount, before.days) if before else (0, 0)
        found[source, key] = KeyUse(source, name or label or key, amount + micros(used), days + 1, event)
    return sorted((use for use in found.values() if use.amount), key=lambda use: (-use.amount, use.name))


def first_day(store: Store, where: Where = ()) -> date | None:
    """Return the local date of the first entry that `where` keeps; None where there is none. Trades count, too."""
    months = queries.sums(store, ALL, level="month", where=where)
    if not months:
        return None
    calendar = store.calendar
    days = queries.sums(store, calendar.period("month", months[0].bucket), level="day", where=where)
    return calendar.date_of(days[0].bucket)
