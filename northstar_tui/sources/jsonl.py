"""NorthStar's own JSONL: one event of the log a line, with every field, so that a log survives the journey whole.

Written by `line_of`, read by `Jsonl`: export, import into an empty store, and export again gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO

import msgspec

from northstar_tui.errors import FileError, shown
from northstar_tui.events import Event, Origin, Reject
from northstar_tui.sources.base import Item, Logged, Reading
from northstar_tui.sources.table import RECORD_MAX, Head
from northstar_tui.sources.text import storable
from northstar_tui.sources.vocabulary import unfit

NAME = "jsonl"


class _Origin(msgspec.Struct, frozen=True):
    name: str
    sha256: str
    size: int


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One line: the fields of an event, its revision and the file it was first read from. Times in microseconds UTC."""

    source: str
    key: str
    revision: int
    kind: str
    occurred_at: int
    recorded_at: int
    book: str | None = None
    origin: _Origin | None = None
    line: int | None = None
    body: dict[str, Any]
    raw: str


_encode = msgspec.json.Encoder(order=None).encode
_decode = msgspec.json.Decoder(Line).decode


def line_of(event: Event, revision: int, origin: Origin | None) -> bytes:
    """Return the line for `event`, as UTF-8 with its newline. `event.recorded_at` must be known."""
    assert event.recorded_at is not None, "only a logged event has a line"
    told = _Origin(origin.name, origin.sha256, origin.size) if origin else None
    return (
        _encode(
            Line(
                source=event.source,
                key=event.key,
                revision=revision,
                kind=event.kind,
                occurred_at=event.occurred_at,
                recorded_at=event.recorded_at,
                book=event.book,
                origin=told,
                line=event.line,
                body=dict(event.body),
                raw=event.raw,
            )
        )
        + b"\n"
    )


class Jsonl:
    """The log as JSONL."""

    name = NAME
    title = "NorthStar's own JSONL"
    passes = 1

    def claims(self, head: Head) -> Head | None:
        """Claim a first line that is an object with a source, a key and a revision, also where it is cut off."""
        first = head.text.lstrip().split("\n", 1)[0]
        return head if first.startswith("{") and '"source":' in first and '"revision":' in first else None

    def check(self, head: Head, reading: Reading) -> None:  # noqa: ARG002 - the formats' signature
        """Raise FileError where the operator named a book."""
        if reading.book:
            raise FileError("a log states the book of each event", "import it without --book")

    def read(self, file: BinaryIO, head: Head, reading: Reading) -> Iterator[Item]:
        """Yield every event with its revision and origin. Raises FileError where the operator named a book."""
        self.check(head, reading)
        file.seek(0)
        number = 0
        while raw := file.readline(RECORD_MAX):
            number += 1
            if len(raw) >= RECORD_MAX and not raw.endswith(b"\n"):
                while (piece := file.readline(RECORD_MAX)) and not piece.endswith(b"\n"):
                    pass
                yield Reject(number, "record", "it is longer than 10 MB", raw[:1000].decode("utf-8", "replace"))
            elif raw.strip():
                yield _item(number, raw.removeprefix(b"\xef\xbb\xbf") if number == 1 else raw)


def _item(number: int, raw: bytes) -> Item:
    text = storable(raw.decode("utf-8", "northstar.escape")).rstrip("\r\n")
    try:
        line = _decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        cut = not raw.endswith(b"\n")
        reason = "the file ends in the middle of this line; export it again" if cut else shown(str(error))
        return Reject(number, "record", reason, text)
    event = Event(
        line.source,
        line.key,
        line.kind,
        line.occurred_at,
        line.body,
        line.raw,
        line.line,
        line.book,
        line.recorded_at,
    )
    wrong = unfit(event)
    if wrong is not None:
        return Reject(number, *wrong, text)
    if line.revision < 1:
        return Reject(number, "revision", "the first revision of a key is 1", text)
    return Logged(event, line.revision, Origin(*msgspec.structs.astuple(line.origin)) if line.origin else None)
