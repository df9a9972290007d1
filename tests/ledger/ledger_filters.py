"""Filters at random, and in plain Python what they keep."""

from __future__ import annotations

from typing import Any, Protocol

from hypothesis import strategies as st

from northstar_tui.ledger.terms import Amount, Name, Term, Where


class Known(Protocol):
    """What a filter asks of an entry, of the model's or the store's."""

    source: Any
    book: Any
    category: Any
    kind: Any
    instrument: Any
    side: Any
    title: Any
    closed: Any
    outcome: Any
    net: Any
    gross: Any
    stake: Any


def only(**members: str) -> Where:
    """Return a filter of one name for each dimension."""
    return tuple(Term(dimension, (Name(name),)) for dimension, name in members.items())


def keeps(where: Where, line: Known) -> bool:
    return all(any(_fits(term.kind, value, line) for value in term.values) != term.negated for term in where)


def _fits(kind: str, value: Any, line: Known) -> bool:
    if kind == "text":
        return any(value.lower() in text.lower() for text in (line.instrument, line.title or ""))
    if kind == "outcome":
        if value == "open":
            return bool(line.closed is None)
        return bool(line.outcome == {"win": 1, "loss": -1, "scratch": 0}[value])
    if isinstance(value, Name):
        said = getattr(line, kind)
        return said is not None and (said.startswith(value.text) if value.prefix else said == value.text)
    amount = line.gross - line.net if kind == "fees" else getattr(line, kind)
    if amount is None:
        return False
    return bool(
        {
            "<": amount < value.value, "<=": amount <= value.value, ">": amount > value.value,
            ">=": amount >= value.value, "=": amount == value.value, "..": value.value <= amount <= value.high,
        }[value.how]
    )  # fmt: skip


_NAMES = {
    "book": ["main", "beta", "john", "operations", "nobody", ""],
    "category": ["weather", "other", "sports", "kalshi", ""],
    "source": ["alpha", "alpha:x", "beta", "al"],
    "kind": ["trade", "cost", "revenue", "tr"],
    "instrument": ["KX", "KXHIGH", "NFLX", "", "KXBTC-25"],
    "side": ["yes", "no", "y", "Über*"],
}
_amounts = st.sampled_from([0, 1, -1, 10_000, 5_000_000, -(10**9), 10**9])


@st.composite
def _terms(draw: st.DrawFn) -> Term:
    kind = draw(st.sampled_from([*_NAMES, "outcome", "text", "net", "gross", "fees", "stake", "net", "text"]))
    if kind in _NAMES:
        one: st.SearchStrategy[Any] = st.builds(Name, st.sampled_from(_NAMES[kind]), st.booleans())
    elif kind == "outcome":
        one = st.sampled_from(["win", "loss", "scratch", "open"])
    elif kind == "text":
        one = st.sampled_from(["high", "X", "ü", "Ä*[", "jets", "-25", "?"])
    else:
        compared = st.tuples(st.sampled_from(["<", "<=", ">", ">=", "="]), _amounts).map(lambda pair: Amount(*pair))
        between = st.tuples(_amounts, _amounts).map(lambda ends: Amount("..", min(ends), max(ends)))
        one = st.one_of(compared, between)
    values = draw(st.lists(one, min_size=1, max_size=3, unique=True))
    return Term(kind, tuple(values), draw(st.integers(0, 3)) == 0)


dimension_filters: st.SearchStrategy[Where] = st.sampled_from(
    [
        (),
        (Term("category", (Name("weather"), Name("other"))),),
        (Term("kind", (Name("trade"),)), Term("book", (Name("main"), Name("beta")))),
        only(book="nobody"),
        (Term("kind", (Name("cost"), Name("revenue"))),),
        (Term("source", (Name("al", prefix=True),)), Term("kind", (Name("trade"),), negated=True)),
    ]
)
filters: st.SearchStrategy[Where] = st.one_of(dimension_filters, st.lists(_terms(), min_size=1, max_size=3).map(tuple))
