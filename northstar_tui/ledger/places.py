"""Where a record stands in its file: between which two records that read. Pure.

A record that cannot be read has no key, and its text changes when it is mended. What stays is its place: the keys of
the nearest records before and after it that read, and its number among those between. `Walk` goes through a file once,
notes the place of each record that cannot be read, and says what it finds in the places of earlier ones.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

GAP_MOST = 50
"""Records that cannot be read, one after the other: beyond, nothing stands near enough to tell their places by."""
_LIKE_MOST = 100_000
"""Longest text that is compared, in characters."""
EDGE = ""
"""Stands for a key at the file's beginning and end."""


class Place(NamedTuple):
    """One place: after the record `follows`, before `precedes`, number `nth` (from 1) of `size` between them."""

    follows: str
    precedes: str
    nth: int
    size: int

    @property
    def told(self) -> bool:
        """Whether a record that reads stands beside it: between the file's edges any record may stand."""
        return self.follows != EDGE or self.precedes != EDGE

    def text(self) -> str:
        """Return it as it is stored."""
        return json.dumps(self)

    @classmethod
    def read(cls, text: str) -> Place:
        """Return the place that `text` made."""
        return cls(*json.loads(text))

    def agrees(self, other: Place) -> bool:
        """Whether a neighbour that reads is the same: else an equal text may be another file's."""
        return (self.follows == other.follows != EDGE) or (self.precedes == other.precedes != EDGE)


class Seen(NamedTuple):
    """A record of a file: its text, and its id in quarantine where it cannot be read."""

    raw: str
    refused: int | None = None


class Found(NamedTuple):
    """What stands where the record `number` in quarantine stood. `cut`: only the file's end stood behind that one."""

    number: int
    seen: Seen
    cut: bool = False


@dataclass(slots=True)
class _Gap:
    """The records in quarantine between two that read."""

    precedes: str
    size: int
    numbers: dict[int, int] = field(default_factory=dict)
    """Number in the gap to id."""


class _Scan(NamedTuple):
    gap: _Gap
    seen: list[Seen]


class Walk:
    """One way through one file, record by record in its order."""

    def __init__(self, wanted: Iterable[tuple[int, Place]] = ()) -> None:
        """`wanted` are records in quarantine, by id, and their places."""
        gaps: dict[tuple[str, str, int], _Gap] = {}
        for number, place in wanted:
            if place.told:
                name = (place.follows, place.precedes, place.size)
                gaps.setdefault(name, _Gap(place.precedes, place.size)).numbers[place.nth] = number
        self._gaps: dict[str, list[_Gap]] = {}
        self._all = list(gaps.items())
        self._keys = {key for follows, precedes, _ in gaps for key in (follows, precedes)} - {EDGE}
        self._met: set[str] = set()
        """Neighbours of the wanted places that were met."""
        for (follows, _, _), gap in gaps.items():
            self._gaps.setdefault(follows, []).append(gap)
        self._line = 0
        self._last: str | None = EDGE
        """Key of the last record that read; None where that is not known."""
        self._reads = False
        self._held: list[int] = []
        self._scans = [_Scan(gap, []) for gap in self._gaps.get(EDGE, ())]
        self.places: list[tuple[int, Place]] = []
        """(id in quarantine, its place), as they become known; the caller takes them away."""
        self.found: list[Found] = []
        """What stands in the wanted places, as it becomes known; the caller takes them away."""

    def reads(self, line: int | None, key: str, raw: str) -> None:
        """Take an event. Events of one line are one record, known by the first one's key."""
        if line == self._line and self._reads:
            return
        self._follow(line)
        if key in self._keys:
            self._met.add(key)
        self._close(key)
        self._step(Seen(raw), key)
        self._last, self._reads = (key if line is not None else None), True
        if line is not None:
            self._scans += [_Scan(gap, []) for gap in self._gaps.get(key, ())]

    def refuses(self, line: int | None, number: int, raw: str) -> None:
        """Take a record that cannot be read: `number` is its id in quarantine."""
        self._follow(line)
        self._reads = False
        self._step(Seen(raw, number), None)
        if len(self._held) == GAP_MOST:
            self._last = None
        if self._last is not None:
            self._held.append(number)

    def skip(self, line: int | None, key: str) -> None:
        """Take the last of some events that are of no interest: nothing is wanted, and nothing held."""
        self._line, self._last, self._reads = line or 0, (key if line is not None else None), True

    @property
    def idle(self) -> bool:
        """Whether it has nothing to look for but records that cannot be read."""
        return not self._gaps and not self._held

    def end(self) -> set[int]:
        """Take the file's end. Return those wanted a neighbour of which was met."""
        self._close(EDGE)
        self._step(None, EDGE)
        self._last, self._scans = None, []
        return {n for (a, b, _), gap in self._all if {a, b} & self._met for n in gap.numbers.values()}

    def _follow(self, line: int | None) -> None:
        """Go on to `line`. Where lines do not rise they are none of this file, and what was before is not beside it."""
        if line is None or line < self._line:
            self._last, self._held, self._scans = None, [], []
        self._line = line or 0

    def _close(self, key: str) -> None:
        if self._held and self._last is not None:
            size = len(self._held)
            places = [Place(self._last, key, nth, size) for nth in range(1, size + 1)]
            self.places += [(number, place) for number, place in zip(self._held, places, strict=True) if place.told]
        self._held = []

    def _step(self, seen: Seen | None, key: str | None) -> None:
        """Take a record, or the end, into the places that are looked through."""
        going = []
        for scan in self._scans:
            gap, size = scan.gap, len(scan.seen)
            if key is not None and key == gap.precedes:
                if size == gap.size:
                    self.found += [Found(number, scan.seen[nth - 1]) for nth, number in gap.numbers.items()]
                continue
            if seen is None:
                continue
            if gap.precedes == EDGE and gap.size == 1 and size == 0:
                self.found += [Found(number, seen, cut=True) for number in gap.numbers.values()]
            if size < gap.size:
                scan.seen.append(seen)
                going.append(scan)
        self._scans = going


def alike(old: str, new: str) -> bool:
    """Whether two texts share their beginning and end, in all at least half of the longer: one is the other, mended."""
    longer, shorter = max(len(old), len(new)), min(len(old), len(new))
    if not 0 < longer <= _LIKE_MOST:
        return False
    return 2 * min(_shared(old, new) + _shared(old[::-1], new[::-1]), shorter) >= longer


def _shared(one: str, other: str) -> int:
    """Return the length of the longest common beginning."""
    return next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
