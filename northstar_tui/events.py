"""The one thing that travels from sources to the ledger: the event, and the batch it comes in.

An event is what a source said, already in NorthStar's words. Its `body` uses this small vocabulary, whatever
the source; anything else the source knew stays readable in `raw`, its own bytes.

| field | type | meaning |
|---|---|---|
| instrument | str | market ticker, coin, client, model, vendor |
| title | str | what a person calls it |
| side | str | ``yes``/``no``, ``buy``/``sell``, a pick |
| quantity, price, exit_price, odds | str | decimal text at the source's own precision |
| stake, gross, fees, net, amount | int | micro-units of `currency`; fees positive = paid |
| currency | str | ISO 4217 code; absent means USD |
| opened_at, closed_at | int | microseconds since 1970 UTC; `closed_at` absent while open |
| category | str | only where the source itself knows; else the config's rules decide |
| same | str | what money this is, where it can come through another door, too: ``kalshi:TICKER`` |
| subaccount | int | which part of the source's account holds it; absent means the main one |
| start_position | str | position before a fill, where the venue says so: shows missing fills. An event that bears money
                         and states it is a fill, too |
| check_net | int | a second statement of the entry's net, by another road; the difference is unreconciled |
| result | str | ``win loss push void cashout half-win half-loss`` |

Money-bearing kinds, by family: ``trade.closed``; ``bet.placed``, ``bet.settled``; ``credit.received`` (net);
``cost.incurred`` (amount); ``job.quoted``, ``job.completed``, ``job.paid``, ``job.refunded`` (amount). Other kinds are
logged and bear no money. Of them positions are made: ``fill.executed`` (instrument, side, quantity, price, fees),
``market.settled`` (value, or market_result), ``market.quoted`` (bid, ask, status), ``position.reported`` (quantity).
What the operator says (source ``operator``, see `notes`) is ``note.added`` (text), ``tag.added`` and ``tag.removed``
(tag), keyed by the entry's source and key.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Event:
    """One immutable thing that a source said about one `key`. `(source, key, revision)` names it in the log."""

    source: str
    """Registered name, with the account after a colon where one is known: ``kalshi-csv:john``."""
    key: str
    """What the event is about, unique within the source."""
    kind: str
    """Dotted, past tense: ``bet.settled``."""
    occurred_at: int
    """When it happened, microseconds UTC."""
    body: Mapping[str, Any]
    """The facts, in the module's vocabulary."""
    raw: str = ""
    """The source's own text of this record, verbatim."""
    line: int | None = None
    """Line (1-based) or record number in the batch's origin."""
    book: str | None = None
    """Whose money it is, where the operator or source said so; None leaves it as it was, or to the config."""
    recorded_at: int | None = None
    """When the store learned of it. Only a restored log states it; else, or where that cannot be, the append does."""


@dataclass(frozen=True, slots=True)
class Reject:
    """A record that could not be read: it goes to quarantine with the reason, and is counted."""

    line: int | None
    field: str
    reason: str
    """What is wrong and how to mend it, in a sentence."""
    raw: str
    """The source's own text of this record, verbatim, as an event's `raw` would be."""
    key: str | None = None
    """What the record is about, where that can be told: any event of this key that comes later says what it could not.
    None where one key has several records that do not replace each other."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a batch's bytes came from: a file's name, its SHA-256 (hex) and size in bytes."""

    name: str
    sha256: str
    size: int
    written_at: int | None = None
    """When the file was last written to, microseconds UTC; None where that is not known."""


@dataclass(frozen=True, slots=True)
class Batch:
    """What one `append` takes: events in the order they were said, rejects, and the cursor that covers them."""

    source: str
    events: Sequence[Event] = ()
    rejects: Sequence[Reject] = ()
    cursor: str | None = None
    """Where the source is to read on from, stored in the same transaction; None leaves it."""
    origin: Origin | None = None
    replay: bool = False
    """True when these very bytes were read in full before: a content once said is then no news, even where a
    later one replaced it."""


@dataclass(slots=True)
class Counts:
    """What an append did: records new, unchanged, revised (a known key said something else) and quarantined.

    A record in quarantine that the operator dismissed is nothing new: it counts as unchanged.
    """

    new: int = 0
    unchanged: int = 0
    revised: int = 0
    quarantined: int = 0
    buckets: set[int] = field(default_factory=set)

    def add(self, other: Counts) -> None:
        """Add `other` to these counts."""
        self.new += other.new
        self.unchanged += other.unchanged
        self.revised += other.revised
        self.quarantined += other.quarantined
        self.buckets |= other.buckets
