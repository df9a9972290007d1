"""The ledger again, in plain Python and as slowly as it likes: dicts, lists and zoneinfo. The real one equals it."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st
from ledger_filters import keeps

from northstar_tui.events import Batch, Event
from northstar_tui.ledger.queries import Measures
from northstar_tui.ledger.rules import Rate, Rules
from northstar_tui.ledger.terms import Where

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SECOND = 1_000_000
HOUR = 3600 * SECOND
ZONES = (
    "UTC", "America/New_York", "Asia/Kolkata", "Asia/Kathmandu", "Australia/Lord_Howe", "America/Havana",
    "Africa/Casablanca", "Asia/Beirut", "Pacific/Chatham",
)  # fmt: skip
LEVELS = ("year", "quarter", "month", "week", "day", "hour")
DIMENSIONS = ("book", "category", "source", "kind")


def utc(*parts: int) -> int:
    return round((datetime(*parts, tzinfo=UTC) - EPOCH) / timedelta(microseconds=1))  # type: ignore[misc,arg-type]


def wall(zone: str, t: int) -> datetime:
    return (EPOCH + timedelta(microseconds=t)).astimezone(ZoneInfo(zone))


def bucket_name(zone: str, level: str, t: int) -> object:
    """What a person with a calendar on the wall would call the bucket."""
    local = wall(zone, t)
    return {
        "all": "all",
        "year": local.year,
        "quarter": (local.year, (local.month - 1) // 3),
        "month": (local.year, local.month),
        "week": local.isocalendar()[:2],
        "day": local.date(),
        "hour": (local.date(), local.hour, local.utcoffset()),
    }[level]


@dataclass(frozen=True)
class Line:
    """An entry of the model."""

    key: tuple[str, str]
    book: str
    category: str
    kind: str
    opened: int
    closed: int | None
    stake: int | None
    gross: int
    net: int
    outcome: int | None
    incomplete: bool
    same: str | None = None
    unreconciled: int = 0
    mirror: bool = False
    instrument: str = ""
    side: str | None = None
    title: str | None = None

    @property
    def source(self) -> str:
        return self.key[0]

    def measures(self) -> Measures:
        return Measures(
            entries=1,
            trades=int(self.outcome is not None),
            wins=int(self.outcome == 1),
            losses=int(self.outcome == -1),
            scratches=int(self.outcome == 0),
            open=int(self.closed is None),
            stake=self.stake or 0,
            gross=self.gross,
            fees=self.gross - self.net,
            net=self.net,
            won=self.net if self.outcome == 1 else 0,
            lost=self.net if self.outcome == -1 else 0,
            incomplete=int(self.incomplete),
            unreconciled=abs(self.unreconciled),
        )

    @property
    def door(self) -> str:
        return self.source.split(":")[0]


@dataclass
class Subject:
    """All that was said about one key."""

    said: list[tuple[str, str, int]] = field(default_factory=list)
    book: str | None = None

    def newest(self) -> dict[str, tuple[dict[str, Any], int]]:
        return {kind: (json.loads(body), at) for kind, body, at in self.said}


DOOR_ORDER = ("kalshi", "kalshi-csv", "openrouter", "anthropic", "bets-csv", "mail")
CENT = 10_000


@dataclass(frozen=True)
class Money:
    """One money through several doors."""

    same: str
    book: str
    bearing: list[Line]
    mirrors: list[Line]

    @property
    def last(self) -> Line:
        """The bearing line that closed last, an open one after all closed ones; in the order of `Model.subjects`."""
        times = [(line.closed is None, line.closed or 0, place) for place, line in enumerate(self.bearing)]
        return self.bearing[max(times)[2]]

    @property
    def difference(self) -> int:
        """Σ net borne less Σ net of the door that is furthest off, more than a cent for each of its lines."""
        if any(line.closed is None or line.incomplete for line in self.bearing):
            return 0
        worst = 0
        doors = {line.door for line in self.mirrors}
        for door in [*(d for d in DOOR_ORDER if d in doors), *sorted(doors - {*DOOR_ORDER})]:
            said = [line for line in self.mirrors if line.door == door]
            if any(line.closed is None or line.incomplete for line in said):
                continue
            off = sum(line.net for line in self.bearing) - sum(line.net for line in said)
            if abs(off) > CENT * len(said) and abs(off) > abs(worst):
                worst = off
        return worst


class Model:
    """The ledger's promises, spelled out."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self.subjects: dict[tuple[str, str], Subject] = {}

    def append(self, batch: Batch) -> tuple[int, int, int]:
        new = unchanged = revised = 0
        final = {(event.source, event.key, event.kind): n for n, event in enumerate(batch.events)}
        for n, event in enumerate(batch.events):
            subject = self.subjects.setdefault((event.source, event.key), Subject())
            what = (event.kind, json.dumps(event.body, sort_keys=True), event.occurred_at)
            last = [said for said in subject.said if said[0] == event.kind][-1:]
            replaced = final[event.source, event.key, event.kind] != n
            known = what in (subject.said if batch.replay or replaced else last)
            if known and event.book in (None, subject.book):
                unchanged += 1
                continue
            new, revised = (new + 1, revised) if not subject.said else (new, revised + 1)
            subject.said.append(what)
            subject.book = event.book or subject.book
        return new, unchanged, revised

    def lines(self) -> list[Line]:
        """Everything that bears money, or would if no better door did."""
        lines = [line for line in (self.line(*each) for each in self.subjects.items()) if line is not None]
        return [replace(line, mirror=line.door != self.bearer(line, lines)) for line in lines]

    def bearer(self, line: Line, lines: Sequence[Line]) -> str:
        """The door that bears the money of `line`: the first of the order among all that state it in its book."""
        if line.same is None:
            return line.door
        doors = {other.door for other in lines if (other.same, other.book) == (line.same, line.book)}
        ranked = [door for door in DOOR_ORDER if door in doors]
        return (ranked or sorted(doors))[0]

    def moneys(self) -> list[Money]:
        """What more than one door states, with what each says, the one that bears it first."""
        found: dict[tuple[str, str], list[Line]] = defaultdict(list)
        for line in self.lines():
            if line.same is not None:
                found[line.same, line.book].append(line)
        return [
            Money(same, book, [line for line in group if not line.mirror], [line for line in group if line.mirror])
            for (same, book), group in sorted(found.items())
            if any(line.mirror for line in group)
        ]

    def line(self, key: tuple[str, str], subject: Subject) -> Line | None:
        said = subject.newest()
        closed: int | None
        if "trade.closed" in said:
            facts, at = said["trade.closed"]
            kind, opened, closed = "trade", facts.get("opened_at", at), facts["closed_at"]
            gross, net = facts["gross"], facts["net"]
        elif "bet.settled" in said:
            before, placed = said.get("bet.placed", ({}, None))
            own, at = said["bet.settled"]
            facts = before | own
            kind, closed = "trade", facts.get("closed_at", at)
            opened = facts.get("opened_at", closed if placed is None else placed)
            gross, net = facts["gross"], facts["net"]
        elif "bet.placed" in said:
            facts, at = said["bet.placed"]
            kind, opened, closed, gross, net = "trade", facts.get("opened_at", at), None, 0, 0
        elif "credit.received" in said:
            facts, at = said["credit.received"]
            kind, closed = "credit", facts.get("closed_at", at)
            opened, gross, net = facts.get("opened_at", closed), facts["net"], facts["net"]
        elif "cost.incurred" in said:
            facts, at = said["cost.incurred"]
            kind, opened, closed, gross, net = "cost", at, at, -facts["amount"], -facts["amount"]
        else:
            jobs = [name for name in JOBS if name in said]
            facts = {}
            for name in jobs:
                facts |= said[name][0]
            if not jobs or jobs == ["job.quoted"] or facts.get("status") in PIPELINE:
                return None
            if "amount" not in facts and jobs[-1] != "job.refunded":
                return None
            kind, closed = "revenue", facts.get("closed_at", said[jobs[-1]][1])
            opened = facts.get("opened_at", said[jobs[0]][1] if len(jobs) > 1 else closed)
            gross = net = facts.get("amount", 0) - facts.get("refunded", 0)
        stake, outcome, incomplete, check = facts.get("stake"), None, False, facts.get("check_net")
        if kind == "trade" and closed is not None:
            outcome = 1 if net > 0 else -1 if net < 0 else 0
        if facts.get("currency", "USD") != "USD":
            rate = self.rate(facts["currency"], opened if closed is None else closed)
            incomplete = rate is None
            if rate is None:
                stake, gross, net, check = None, 0, 0, None
            else:
                amounts = (stake, gross, net, check)
                stake, gross, net, check = (None if v is None else dollars(v, rate) for v in amounts)
        assert gross is not None and net is not None
        book = subject.book or self.rules.books.get(key[0]) or self.rules.books.get(key[0].split(":")[0])
        category = facts.get("category") or self.category(facts.get("instrument", ""))
        off = 0 if check is None or closed is None else net - check
        return Line(
            key, book or self.rules.book, category, kind, opened, closed, stake, gross, net, outcome, incomplete,
            facts.get("same") or None, off, False, facts.get("instrument", ""), facts.get("side"), facts.get("title"),
        )  # fmt: skip

    def rate(self, currency: str, t: int) -> Decimal | None:
        fits = [(rate.start, rate.usd) for rate in self.rules.rates if rate.currency == currency and rate.start <= t]
        return max(fits)[1] if fits else None

    def category(self, instrument: str) -> str:
        fits = [(len(prefix), name) for prefix, name in self.rules.categories.items() if instrument.startswith(prefix)]
        return max(fits)[1] if fits else "other"

    def sums(
        self, basis: str, level: str, by: Sequence[str], where: Where
    ) -> dict[tuple[object, tuple[str, ...]], Measures]:
        found: dict[tuple[object, tuple[str, ...]], Measures] = defaultdict(Measures)
        for line in self.chosen(basis, where):
            t = line.closed if basis == "closed" else line.opened
            assert t is not None
            key = bucket_name(self.rules.zone, level, t), tuple(getattr(line, dimension) for dimension in by)
            found[key] += line.measures()
        kept = {line.key for line in self.chosen(basis, where)}
        for money in self.moneys():
            line = money.last
            t = line.closed if basis == "closed" else line.opened
            if line.key in kept and t is not None:
                key = bucket_name(self.rules.zone, level, t), tuple(getattr(line, dimension) for dimension in by)
                found[key] += Measures(unreconciled=abs(money.difference))
        return dict(found)

    def chosen(self, basis: str, where: Where) -> Iterable[Line]:
        return (
            line
            for line in self.lines()
            if not line.mirror and (basis == "opened" or line.closed is not None) and keeps(where, line)
        )


JOBS = ("job.quoted", "job.started", "job.completed", "job.invoiced", "job.paid", "job.refunded")
PIPELINE = ("lead", "quoted", "started", "cancelled")


def dollars(amount: int, rate: Decimal) -> int:
    return int((Decimal(amount) * rate).quantize(Decimal(1), ROUND_HALF_EVEN))


# -- histories at random -----------------------------------------------------------------------------------------------

RATES = (
    Rate("EUR", utc(2024, 1, 1), Decimal("1.0833")),
    Rate("EUR", utc(2025, 1, 1), Decimal("1.0215")),
    Rate("JPY", utc(2020, 1, 1), Decimal("0.0064")),
)
EDGES = (
    utc(2024, 12, 31, 23, 59, 59), utc(2025, 1, 1), utc(2025, 1, 1, 5), utc(2024, 12, 30), utc(2025, 3, 9, 6, 59),
    utc(2025, 3, 9, 7), utc(2025, 11, 2, 5, 30), utc(2025, 11, 2, 6, 30), utc(2025, 4, 5, 14, 45),
    utc(2025, 4, 5, 15, 15), utc(2025, 10, 4, 15, 30), utc(2025, 3, 29, 22, 30), utc(2025, 10, 25, 21, 30),
    utc(2025, 2, 23, 1, 59), utc(2025, 2, 1), utc(2025, 6, 30, 18, 15), utc(2025, 6, 30, 18, 30), utc(2024, 2, 29, 12),
)  # fmt: skip
times = st.one_of(
    st.sampled_from(EDGES),
    st.builds(int.__add__, st.sampled_from(EDGES), st.integers(-2 * HOUR, 2 * HOUR)),
    st.integers(utc(2023, 11, 1), utc(2026, 3, 1)),
)
amounts = st.one_of(st.sampled_from([0, 1, -1, 10_000, -10_000]), st.integers(-(10**10), 10**10))
sides = st.sampled_from(["yes", "no", "Über*"])
titles = st.sampled_from(["Jets at Bills", "HIGH in NYC", "Übergröße", "What? [sic] ä*["])
instruments = st.sampled_from(["KXHIGHNY-25JAN01-T40", "KXBTC-25", "KXHIGH", "KX", "", "NFLX"])
CATEGORIES = {"KXHIGH": "weather", "KX": "kalshi", "KXBTC": "crypto", "KXHIGHNY-25": "new york"}


@st.composite
def rules_of(draw: st.DrawFn) -> Rules:
    books = draw(st.sampled_from([{}, {"alpha": "scalper"}, {"alpha:x": "named", "alpha": "scalper", "beta": "beta"}]))
    return Rules(draw(st.sampled_from(ZONES)), "main", books, CATEGORIES, draw(st.sampled_from([RATES, RATES[:1], ()])))


def _some(draw: st.DrawFn, body: dict[str, Any], **optional: st.SearchStrategy[Any]) -> dict[str, Any]:
    for name, values in optional.items():
        if draw(st.booleans()):
            body[name] = draw(values)
    return body


currencies = st.sampled_from(["USD", "EUR", "JPY", "GBP"])


some_sources = st.sampled_from(["alpha", "alpha", "alpha:x", "beta"])
some_same = st.sampled_from([None, None, None, None, "m:1", "m:2", ""])


@st.composite
def events_of(
    draw: st.DrawFn, sources: st.SearchStrategy[str] = some_sources, same: st.SearchStrategy[str | None] = some_same
) -> Event:
    """One event about one of few keys, so that corrections, replays and kinds that follow on one another are common."""
    family = draw(st.sampled_from("ttbbbcxjj"))
    at = draw(times)
    body: dict[str, Any] = {}
    if family == "t":
        kind = "trade.closed"
        body = {"gross": draw(amounts), "net": draw(amounts), "closed_at": draw(times)}
    elif family == "b":
        kind = draw(st.sampled_from(["bet.placed", "bet.settled"]))
        if kind == "bet.settled":
            body = _some(draw, {"gross": draw(amounts), "net": draw(amounts)}, closed_at=times)
    elif family == "c":
        kind, body = "credit.received", _some(draw, {"net": draw(amounts)}, closed_at=times)
    elif family == "x":
        kind, body = "cost.incurred", {"amount": draw(amounts)}
    else:
        kind = draw(st.sampled_from(JOBS))
        if kind == "job.refunded":
            body = {"refunded": draw(amounts)}
        else:
            body = _some(draw, {}, amount=amounts, closed_at=times)
            if draw(st.integers(0, 4)) == 0:
                body["status"] = draw(st.sampled_from([*PIPELINE, "paid"]))
    if family in "tb":
        _some(draw, body, opened_at=times, stake=amounts, currency=currencies)
    _some(draw, body, instrument=instruments, side=sides, title=titles)
    if draw(st.integers(0, 5)) == 0:
        body["category"] = draw(st.sampled_from(["sports", "weather"]))
    if draw(st.integers(0, 9)) == 0:  # what bears no money changes none, also where it is about the same key
        kind, body = "note.made", {"text": draw(st.sampled_from(["a", "b"]))}
    if draw(st.integers(0, 3)) == 0:
        body["check_net"] = draw(amounts)
    if (said := draw(same)) is not None:
        body["same"] = said
    book = draw(st.sampled_from([None, None, None, "john", "operations"]))
    number = draw(st.integers(0, 1))
    return Event(draw(sources), f"{family}{number}", kind, at, body, f"{kind} {number}", number, book)


histories = st.one_of(st.lists(events_of(), min_size=1, max_size=10), st.lists(events_of(), min_size=15, max_size=40))
"""Short ones shrink well; in long ones every key is said again, out of order, and moved between books."""
doors = st.sampled_from(["kalshi:a", "kalshi:b", "kalshi-csv:a", "openrouter", "bets-csv", "mail", "zeta", "eta:1"])
twice = st.lists(events_of(doors, st.sampled_from(["m:1", "m:2", None])), min_size=2, max_size=40)
"""Histories in which most money comes through several doors."""


def batched(events: Sequence[Event], cuts: Iterable[int]) -> list[Batch]:
    """Return `events` as batches that end at `cuts`."""
    edges = sorted({0, len(events), *(cut % (len(events) + 1) for cut in cuts)})
    return [Batch("alpha", events[a:b]) for a, b in pairwise(edges)]


def replayed(batch: Batch, bookless: bool = True) -> Batch:
    """Return `batch` as read again from the same bytes."""
    events = [replace(event, book=None) for event in batch.events] if bookless else batch.events
    return replace(batch, events=events, replay=True)
