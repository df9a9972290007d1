"""Projection: from the newest events about one subject to the one entry that bears its money.

Pure but for interning names. The same function serves append, rebuild and verify.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any

import msgspec

from northstar_tui.calendar import MAX_TIME, MIN_TIME
from northstar_tui.events import Event
from northstar_tui.ledger.intern import Interner, Memo
from northstar_tui.ledger.rules import OTHER, Rules
from northstar_tui.money import MAX_MICROS, convert
from northstar_tui.notes import OPERATOR, check_said

Body = Mapping[str, Any]
Row = tuple[Any, ...]
"""One `entry` row, in the order of its columns."""

COLUMNS = (
    "id", "event_id", "source_id", "book_id", "category_id", "kind_id", "instrument_id", "opened_at", "closed_at",
    "stake", "gross", "fees", "net", "outcome", "incomplete", "currency", "stated_net", "rate", "same_id",
    "unreconciled", "side_id", "title_id",
)  # fmt: skip

ORDER = {
    "job.quoted": 0, "job.started": 1, "job.completed": 2, "job.invoiced": 3, "job.paid": 4, "job.refunded": 5,
    "bet.placed": 0, "bet.settled": 1,
}  # fmt: skip
"""Within a family, later kinds add to and override the facts of earlier ones."""


class Projector:
    """Projects subjects under `rules`, interning names with `interner`."""

    def __init__(self, rules: Rules, interner: Interner) -> None:
        self.interner = interner
        self._rules = rules
        self._whole = any("-" in prefix for prefix in rules.categories)
        self._lengths = sorted({len(prefix) for prefix in rules.categories}, reverse=True)
        self._kinds = interner.axis("kind")
        self._instruments = interner.axis("instrument")
        self._same = interner.axis("same")
        self._sides = interner.axis("side")
        self._titles = interner.axis("title")
        self._categories = interner.axis("category")
        books = interner.axis("book")
        self._books = Memo(lambda source: books[rules.book_of(source)])
        self._series = Memo(lambda series: self._categories[self._category(series)])

    def row(
        self, subject: int, event: int, source: str, source_id: int, book_id: int | None, kind: str, body: Body, at: int
    ) -> Row | None:
        """Return the entry of a subject whose facts are `body` and latest kind is `kind`; None bears no money.

        `event` is its newest event; `at` is when the newest one of `kind` occurred. Raises ValueError or KeyError for
        a body without the facts its kind needs.
        """
        shape = _FAMILIES.get(kind.partition(".")[0])
        if shape is None:
            return None
        entry_kind, opened, closed, gross, net = shape(body, kind, at)
        if gross is None or net is None:
            return None
        get = body.get
        stake, currency, incomplete, stated, rate = get("stake"), get("currency"), 0, None, None
        check, same, outcome = get("check_net"), get("same"), None
        if entry_kind == "trade" and closed is not None:
            outcome = (net > 0) - (net < 0)
        if currency is not None and currency != "USD":
            stated = net
            value = self._rules.rate(currency, opened if closed is None else closed)
            if value is None:
                incomplete, stake, gross, net = 1, None, 0, 0
            else:
                rate, stake, gross, net, check = _converted(value, stake, gross, net, check)
        else:
            currency = None
        book, category = self.owner(source, book_id, body)
        side, title = get("side"), get("title")
        return (
            subject,
            event,
            source_id,
            book,
            category,
            self._kinds[entry_kind],
            self._instruments[get("instrument") or ""],
            opened,
            closed,
            stake,
            gross,
            gross - net,
            net,
            outcome,
            incomplete,
            currency,
            stated,
            rate,
            self._same[same] if same else None,
            0 if check is None or closed is None or incomplete else net - check,
            self._sides[side] if type(side) is str and side else None,  # nothing that bears money hangs on them
            self._titles[title] if type(title) is str and title else None,
        )

    def owner(self, source: str, book_id: int | None, body: Body) -> tuple[int, int]:
        """Return the book and the category, as ids, of what a source says in `body`."""
        book = self._books[source] if book_id is None else book_id
        category = body.get("category")
        if category:
            return book, self._categories[category]
        instrument = body.get("instrument") or ""
        # Most rules name series alone, and there are far fewer of those than of markets.
        return book, self._series[instrument if self._whole else instrument.partition("-")[0]]

    def _category(self, series: str) -> str:
        rules = self._rules.categories
        return next((rules[series[:n]] for n in self._lengths if series[:n] in rules), OTHER)


def _converted(
    rate: Decimal, stake: int | None, gross: int, net: int, check: int | None
) -> tuple[str, int | None, int, int, int | None]:
    stake, check = (None if amount is None else convert(amount, rate) for amount in (stake, check))
    return str(rate), stake, convert(gross, rate), convert(net, rate), check


Shape = tuple[str, int, int | None, int | None, int | None]
"""(entry kind, opened_at, closed_at, gross, net); gross None where the subject bears no money yet."""


def _trade(body: Body, _kind: str, at: int) -> Shape:
    closed = body["closed_at"]
    return "trade", body.get("opened_at", at), closed, body["gross"], body["net"]


def _bet(body: Body, kind: str, at: int) -> Shape:
    if kind != "bet.settled":
        return "trade", body.get("opened_at", at), None, 0, 0
    closed = body.get("closed_at", at)
    return "trade", body.get("opened_at", closed), closed, body["gross"], body["net"]


def _credit(body: Body, _kind: str, at: int) -> Shape:
    closed = body.get("closed_at", at)
    return "credit", body.get("opened_at", closed), closed, body["net"], body["net"]


def _cost(body: Body, kind: str, at: int) -> Shape:
    if kind != "cost.incurred":  # ``cost.mirrored`` names what another one bills, and is nobody's cost here
        return "cost", at, at, None, None
    return "cost", at, at, -body["amount"], -body["amount"]


def _job(body: Body, kind: str, at: int) -> Shape:
    booked = "amount" in body or kind == "job.refunded"
    if kind == "job.quoted" or not booked or body.get("status") in _UNBOOKED:
        return "revenue", at, None, None, None
    closed = body.get("closed_at", at)
    stated = body.get("amount", 0) if kind == "job.refunded" else body["amount"]  # a refund may be heard of first
    amount = stated - body.get("refunded", 0)
    return "revenue", body.get("opened_at", closed), closed, amount, amount


_UNBOOKED = ("lead", "quoted", "started", "cancelled")
"""Where `job.quoted` states that a job stands there now, it is pipeline, whatever was said of it before."""
_FAMILIES = {"trade": _trade, "bet": _bet, "credit": _credit, "cost": _cost, "job": _job}


def merged(newest: Mapping[str, tuple[Body, int]]) -> tuple[str, Body, int]:
    """Return the kind, the facts and the time that the newest event of each kind about one subject make together.

    `newest` gives each kind's facts and when it occurred. Facts of a later kind override those of an earlier one, in
    whatever order they were said; `job.refunded` states its amount as ``refunded``. Kinds that bear no money add
    nothing.
    """
    if len(newest) > 1:
        newest = {kind: said for kind, said in newest.items() if kind.partition(".")[0] in _FAMILIES} or newest
    if len(newest) == 1:
        kind, (body, at) = next(iter(newest.items()))
        return kind, body, at
    kinds = sorted(newest, key=lambda kind: ORDER.get(kind, 0))
    facts: dict[str, Any] = {"opened_at": newest[kinds[0]][1]}
    for kind in kinds:
        facts |= newest[kind][0]
    return kinds[-1], facts, newest[kinds[-1]][1]


_LARGEST = 2 * MAX_MICROS
_AMOUNTS = ("stake", "gross", "fees", "net", "amount", "refunded", "check_net")
_TIMES = ("opened_at", "closed_at")
_TEXTS = ("instrument", "category", "currency", "same")
_NEEDS = {
    "trade.closed": ("gross", "net", "closed_at"),
    "bet.settled": ("gross", "net"),
    "credit.received": ("net",),
    "cost.incurred": ("amount",),
    "job.refunded": ("refunded",),
}


def _shape(needs: tuple[str, ...] = ()) -> type[msgspec.Struct]:
    """Return what a body may state where it must state `needs`, as one type that is checked in one go."""
    amount = Annotated[int, msgspec.Meta(ge=-_LARGEST, le=_LARGEST)]
    time = Annotated[int, msgspec.Meta(ge=MIN_TIME, lt=MAX_TIME)]
    kinds = (*((name, amount) for name in _AMOUNTS), *((name, time) for name in _TIMES), *((n, str) for n in _TEXTS))
    must = [(name, kind) for name, kind in kinds if name in needs]
    may = [(name, kind | None, None) for name, kind in kinds if name not in needs]
    return msgspec.defstruct("Stated", [*must, *may], gc=False)


_STATED = {kind: _shape(needs) for kind, needs in _NEEDS.items()}
_FREE = _shape()


def check(event: Event) -> None:
    """Raise ValueError, naming the field, where an event lacks a fact that bears its money, or states it wrongly."""
    try:
        msgspec.convert(event.body, _STATED.get(event.kind, _FREE))
    except msgspec.ValidationError:
        _explain(event)
        raise
    if event.source == OPERATOR:
        check_said(event.key, event.kind, event.body)
    if not MIN_TIME <= event.occurred_at < MAX_TIME:
        raise ValueError(f"occurred_at {event.occurred_at} is no instant in microseconds UTC")


def _explain(event: Event) -> None:
    """Raise ValueError that says in the operator's words what `check` met."""
    body = event.body
    for name in _AMOUNTS:
        value = body.get(name)
        if value is not None and not (type(value) is int and -_LARGEST <= value <= _LARGEST):
            raise ValueError(f"{name} must be an integer of micro-units within ±{_LARGEST}")
    for name in _TIMES:
        value = body.get(name)
        if value is not None and not (type(value) is int and MIN_TIME <= value < MAX_TIME):
            raise ValueError(f"{name} must be an instant in microseconds UTC")
    for name in _TEXTS:
        value = body.get(name)
        if value is not None and type(value) is not str:
            raise ValueError(f"{name} must be a text, not {type(value).__name__}")
    missing = [name for name in _NEEDS.get(event.kind, ()) if body.get(name) is None]
    if missing:
        raise ValueError(f"{event.kind} lacks {', '.join(missing)}")
