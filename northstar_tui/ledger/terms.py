"""What can be asked of an entry: the kinds of a filter's terms, the values each takes, and the SQL that finds them.

A filter is a tuple of terms that an entry must meet, all of them. A new kind of term is one row of KINDS.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from northstar_tui.ledger.store import Store

NAMES, CHOICES, AMOUNTS, TEXTS = "names", "choices", "amounts", "texts"
"""What a kind takes: names of the store, words of its own, amounts of money, or text to look for."""


class Name(NamedTuple):
    """A name, exactly; or every name that begins with it."""

    text: str
    prefix: bool = False


class Amount(NamedTuple):
    """An amount in micro-dollars to compare with: by ``<``, ``<=``, ``>``, ``>=``, ``=``, or ``..`` to `high`."""

    how: str
    value: int
    high: int = 0


Value = Name | Amount | str


class Term(NamedTuple):
    """One thing asked of an entry: that one of `values` fits it, or (`negated`) none."""

    kind: str
    values: tuple[Any, ...]
    """`Name`s, `Amount`s, or texts, as its kind takes them."""
    negated: bool = False


Where = tuple[Term, ...]
"""A filter as a value. The empty one keeps everything."""
Bind = Callable[[object], str]
"""Takes a value into a statement; returns its placeholder."""


class Kind(NamedTuple):
    """A kind of term. `sql` returns the condition on `entry` that one of the values fits."""

    name: str
    takes: str
    about: str
    """What it keeps, in a few words: for the guide and the help."""
    sql: Callable[[Sequence[Any], Bind], str]
    axis: str = ""
    """Where it takes names: the `dimension.axis` that has them."""
    column: str = ""
    """Where the rollups know it: their column. A filter of such kinds alone costs no look at an entry."""
    choices: tuple[str, ...] = ()
    single: bool = True
    """Whether an entry has one of it: then two terms written apart are alternatives, like values after a comma."""


class Clause(NamedTuple):
    """A condition to stand after others: SQL that begins with AND, or nothing, and the values bound in it."""

    sql: str
    values: dict[str, object]


def _among(column: str, names: Sequence[Name], bind: Bind) -> str:
    """Return the condition that `column` is one of `names`, or begins so."""
    exact = [name.text for name in names if not name.prefix]
    fits = [f"{column} IN (SELECT value FROM json_each({bind(json.dumps(exact))}))"] if exact else []
    for name in names:
        if name.prefix:
            fits.append(f"({column} >= {bind(name.text)} AND {column} < {bind(name.text + chr(0x10FFFF))})")
    return " OR ".join(fits)


def _ids(axis: str, names: Sequence[Name], bind: Bind) -> str:
    """Return a SELECT of the ids of `names`."""
    return f"SELECT id FROM dimension WHERE axis = '{axis}' AND ({_among('name', names, bind)})"


def _named(name: str, about: str, *, of: bool = False) -> Kind:
    """Return the kind of an interned column; `of` for a dimension of the rollups."""
    column = f"{name}_id"
    return Kind(
        name,
        NAMES,
        about,
        lambda names, bind: f"{column} IN ({_ids(name, names, bind)})",
        axis=name,
        column=column if of else "",
    )


def _amount(column: str, about: str) -> Kind:
    def fits(amount: Amount) -> str:
        if amount.how == "..":
            return f"{column} BETWEEN {amount.value:d} AND {amount.high:d}"
        return f"{column} {amount.how} {amount.value:d}"

    return Kind(column, AMOUNTS, about, lambda amounts, _: " OR ".join(map(fits, amounts)), single=False)


_OUTCOMES = {"win": "outcome IS 1", "loss": "outcome IS -1", "scratch": "outcome IS 0", "open": "closed_at IS NULL"}


def _glob(text: str) -> str:
    """Return the GLOB pattern of what holds `text` in whatever case: SQLite's own LIKE folds ASCII alone."""
    found = []
    for char in text:
        forms = "".join(sorted({form for form in (char, char.lower(), char.upper()) if len(form) == 1}))
        found.append(f"[{forms}]" if len(forms) > 1 or char in "*?[" else char)
    return f"*{''.join(found)}*"


def _texts(texts: Sequence[str], bind: Bind) -> str:
    found = []
    for text in texts:
        pattern = bind(_glob(text))
        for axis in ("instrument", "title"):
            found.append(f"{axis}_id IN (SELECT id FROM dimension WHERE axis = '{axis}' AND name GLOB {pattern})")
    return " OR ".join(found)


def _as_stored(tag: Name) -> Name:
    return Name(tag.text.removeprefix("#").lower(), tag.prefix)


def _tagged(names: Sequence[Name], bind: Bind) -> str:
    return f"id IN (SELECT subject_id FROM tag WHERE {_among('tag.name', [*map(_as_stored, names)], bind)})"


def _noted(texts: Sequence[str], bind: Bind) -> str:
    found = " OR ".join(f"note.text GLOB {bind(_glob(text))}" for text in texts)
    return f"id IN (SELECT subject_id FROM note WHERE {found})"


TEXT = "text"
"""The kind of a term without a name: text to look for."""
KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        _named("book", "whose money it is", of=True),
        _named("category", "its category", of=True),
        _named("source", "where it came from", of=True),
        _named("kind", "trade, credit, cost or revenue", of=True),
        _named("instrument", "market, coin, client, model …"),
        _named("side", "what was taken: yes, no, long, a team …"),
        Kind(
            "outcome",
            CHOICES,
            "how the trade ended; open ones count by the opened basis",
            lambda words, _: " OR ".join(_OUTCOMES[word] for word in words),
            choices=tuple(_OUTCOMES),
        ),
        _amount("net", "net P&L"),
        _amount("gross", "result before fees"),
        _amount("fees", "fees paid; a rebate is negative"),
        _amount("stake", "what was put at risk, where stated"),
        Kind("tag", NAMES, "what you tagged it with; tag:* is any tag", _tagged, axis="tag", single=False),
        Kind("note", TEXTS, "text in what you noted about it, in whatever case", _noted, single=False),
        Kind(TEXT, TEXTS, "text in its instrument or title, in whatever case", _texts, single=False),
    )
}
DIMENSIONS = {kind.name: kind.column for kind in KINDS.values() if kind.column}
"""Dimension names, as operators say them, and the rollups' columns."""


def named(kind: str, *names: str) -> Term:
    """Return the term that keeps what bears one of `names`."""
    return Term(kind, tuple(map(Name, names)))


ONLY_TRADES = named("kind", "trade")


def name_fits(term: Term, name: str) -> bool:
    """Return whether what is called `name` meets a term of names: for what is no entry yet."""
    return any(name.startswith(v.text) if v.prefix else name == v.text for v in term.values) != term.negated


def _binder() -> tuple[dict[str, object], Bind]:
    values: dict[str, object] = {}

    def bind(value: object) -> str:
        values[name := f"kept_{len(values)}"] = value
        return f":{name}"

    return values, bind


def condition(where: Where) -> Clause:
    """Return a filter as SQL on `entry`. Its values are bound by name; a name that nothing bears matches nothing."""
    values, bind = _binder()
    found = ""
    for term in where:
        # Where an amount is not stated a comparison is neither true nor false: what leaves it out keeps such an entry.
        found += f" AND ({KINDS[term.kind].sql(term.values, bind)}){' IS NOT TRUE' if term.negated else ''}"
    return Clause(found, values)


def parted(where: Where) -> tuple[Where, Where]:
    """Return the terms that the rollups know, and those that only an entry itself can answer."""
    return tuple(t for t in where if KINDS[t.kind].column), tuple(t for t in where if not KINDS[t.kind].column)


def dimension_ids(store: Store, where: Where) -> dict[str, list[int]]:
    """Return a filter of dimensions as ids kept by rollup column; one that nothing meets has no ids."""
    kept: dict[str, set[int]] = {}
    for term in where:
        kind = KINDS[term.kind]
        values, bind = _binder()
        ids = _ids(kind.axis, term.values, bind)
        if term.negated:
            ids = f"SELECT id FROM dimension WHERE axis = '{kind.axis}' AND id NOT IN ({ids})"
        found = {row[0] for row in store.connection.execute(ids, values)}
        kept[kind.column] = kept[kind.column] & found if kind.column in kept else found
    return {column: sorted(ids) for column, ids in kept.items()}


def members(store: Store, axis: str, within: str = "", limit: int = -1) -> list[str]:
    """Return the names of `axis` that hold `within` in whatever case: those that begin with it first, each in order.

    The axis ``tag`` has the tags that some entry bears.
    """
    holds = _glob(within)
    rows = store.connection.execute(
        f"SELECT name FROM {_names_of(axis)} WHERE axis = ? AND name GLOB ? ORDER BY name NOT GLOB ?, name LIMIT ?",
        (axis, holds, holds[1:], limit),
    )
    return [row[0] for row in rows]


def knows(store: Store, axis: str, name: Name) -> bool:
    """Return whether the store has a name of `axis` that `name` is, or begins."""
    values, bind = _binder()
    fits = _among("name", [_as_stored(name) if axis == "tag" else name], bind)
    found = f"SELECT EXISTS(SELECT 1 FROM {_names_of(axis)} WHERE axis = '{axis}' AND ({fits}))"
    return bool(store.connection.execute(found, values).fetchone()[0])


def _names_of(axis: str) -> str:
    return "(SELECT DISTINCT 'tag' AS axis, name FROM tag)" if axis == "tag" else "dimension"
