"""Exports that overlap: the same money under two books is refused, and in two precisions it is counted once.

Kalshi's May export states whole cents, its October export of the same account eight decimals. Where both convert to the
same micros their keys agree by themselves. Where they do not, a row belongs to the stored trade of the other
precision in the same market, side and instants whose net is within two cents; the finer statement of the two stands.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from northstar_tui.errors import FileError, shown
from northstar_tui.events import Event
from northstar_tui.sync.known import Known, Trade

TOLERANCE = 20_000
"""Two cents in micros: a net and a gross may each have been rounded to the cent."""
_CHUNK = 5_000
KIND = "trade.closed"


def chunks(events: Iterable[Event]) -> Iterator[list[Event]]:
    """Yield `events` in lists of a few thousand."""
    held: list[Event] = []
    for event in events:
        held.append(event)
        if len(held) == _CHUNK:
            yield held
            held = []
    if held:
        yield held


class Overlap:
    """Compares the trades of one file, all of one `source`, with those in the store.

    `survey` must see every event of the file before `settle` sees the first: a stored trade that a later row of the
    file states exactly is not given to an earlier row that only resembles it.
    """

    def __init__(self, known: Known, source: str) -> None:
        self._known = known
        self._source = source
        self._id = known.source_id(source)
        self._others = known.accounts(source)
        self._mine = self._id is not None and known.has_events(self._id)
        self._claimed: set[int] = set()

    @property
    def others(self) -> bool:
        """Whether another account of this format stands in the store."""
        return bool(self._others)

    @property
    def needed(self) -> bool:
        """Whether the store holds anything that this file could overlap."""
        return bool(self._others) or self._mine

    def survey(self, events: Iterable[Event]) -> None:
        """Take in all of the file's events.

        Raises FileError where most of its trades stand under another book, or most of its bets have ids that name
        bets placed at other times.
        """
        total = bets = strangers = 0
        elsewhere = dict.fromkeys(self._others, 0)
        for group in chunks(events):
            trades = [event.key for event in group if event.kind == KIND]
            total += len(trades)
            for other in elsewhere:
                elsewhere[other] += self._known.count_keys(other, trades)
            if self._id is not None and self._mine:
                self._claimed.update(trade.subject for trade in self._known.trades(self._id, trades).values())
                # A result by mail says what a bet came to, and not when it was placed.
                placed = [e for e in group if e.kind.startswith("bet.") and "opened_at" in e.body]
                opened = self._known.opened(self._id, [event.key for event in placed])
                bets += len(placed)
                strangers += sum(opened.get(e.key, e.body["opened_at"]) != e.body["opened_at"] for e in placed)
        if strangers * 2 > bets:
            raise FileError(
                f"the ids of {strangers} of this file's {bets} bets name other bets in the store",
                "import another account's bets with a --book of their own",
            )
        for other, count in elsewhere.items():
            if count * 2 > total:
                raise FileError(
                    f"{count} of this file's {total} trades are in the store already, {_owner(self._others[other])}",
                    "the same money cannot be in two books: import it as before, or into another --store",
                )

    def settle(self, events: Sequence[Event]) -> tuple[list[Event], int]:
        """Return the events to append, each under the key it belongs to, and how many say nothing new."""
        if self._id is None or not self._mine:
            return list(events), 0
        stored = self._known.trades(self._id, [event.key for event in events if event.kind == KIND])
        kept: list[Event] = []
        stale = 0
        for event in events:
            trade = None
            if event.kind == KIND:
                trade = stored.get(event.key) or self._counterpart(self._id, event)
            if trade is None:
                kept.append(event)
            elif _coarse(event) and not trade.coarse:
                stale += 1
            else:
                kept.append(event if trade.key == event.key else replace(event, key=trade.key))
        return kept, stale

    def _counterpart(self, source: int, event: Event) -> Trade | None:
        """Return the stored trade of the other precision that a row not known by its key restates."""
        near = [
            trade
            for trade in self._known.like(source, event)
            if trade.coarse != _coarse(event)
            and trade.subject not in self._claimed
            and trade.side == event.body["side"]
            and abs(trade.net - event.body["net"]) <= TOLERANCE
        ]
        if not near:
            return None
        best = min(near, key=lambda trade: (abs(trade.net - event.body["net"]), trade.subject))
        self._claimed.add(best.subject)
        return best


def _coarse(event: Event) -> bool:
    return event.body.get("precision") == "cents"


def _owner(source: str) -> str:
    book = source.partition(":")[2]
    return f"in the book {shown(book)!r}" if book else "imported without --book"
