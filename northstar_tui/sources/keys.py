"""Keys for records without an id of their own: what they say, and which one of identical twins they are.

Two identical rows of one file can both be real (two partial fills in one second), so the key of a row is a digest of
its facts plus its ordinal among identical rows of that file. Overlapping exports then agree on their keys, and twins
survive.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from hashlib import blake2b

_EMPTY = 0


def digest(facts: Iterable[object]) -> bytes:
    """Return the 16-byte digest of a record's normalised facts (integers and texts; None where it states none)."""
    return blake2b("\x1f".join(map(_text, facts)).encode("utf-8", "surrogatepass"), digest_size=16).digest()


def _text(fact: object) -> str:
    # The type is part of the fact: a stake of None is not the text "None", and no text can imitate the separator.
    if type(fact) is int:
        return f"i{fact}"
    if fact is None:
        return "-"
    return "t" + str(fact).replace("\x1f", "\x1f\x1f")


class Tally:
    """A map from 64-bit fingerprints of digests to counts, in 16 bytes a slot and not the 150 of a dict of bytes.

    A file of a million rows takes 32 MB. Two digests that share a fingerprint (one chance in 10^7 at a million rows)
    only make an ordinal one higher than it need be, the same each time the file is read.
    """

    def __init__(self) -> None:
        self._size = 1 << 12
        self._keys = array("Q", bytes(8 * self._size))
        self._values = array("Q", bytes(8 * self._size))
        self._used = 0

    def __len__(self) -> int:
        return self._used

    def _slot(self, fingerprint: int) -> int:
        mask = self._size - 1
        slot = fingerprint & mask
        keys = self._keys
        while keys[slot] != _EMPTY and keys[slot] != fingerprint:
            slot = (slot + 1) & mask
        return slot

    def get(self, key: bytes) -> int:
        """Return the value stored for `key`, 0 where there is none."""
        return self._values[self._slot(_fingerprint(key))]

    def put(self, key: bytes, value: int) -> None:
        """Store `value` (0 ≤ value < 2^64) for `key`."""
        fingerprint = _fingerprint(key)
        slot = self._slot(fingerprint)
        if self._keys[slot] == _EMPTY:
            self._keys[slot] = fingerprint
            self._used += 1
            self._values[slot] = value
            if self._used * 3 > self._size * 2:
                self._grow()
        else:
            self._values[slot] = value

    def next(self, key: bytes) -> int:
        """Return how often `key` was asked for before: its ordinal, from 0."""
        ordinal = self.get(key)
        self.put(key, ordinal + 1)
        return ordinal

    def _grow(self) -> None:
        keys, values = self._keys, self._values
        self._size *= 2
        self._keys = array("Q", bytes(8 * self._size))
        self._values = array("Q", bytes(8 * self._size))
        for fingerprint, value in zip(keys, values, strict=True):
            if fingerprint != _EMPTY:
                slot = self._slot(fingerprint)
                self._keys[slot] = fingerprint
                self._values[slot] = value


def _fingerprint(key: bytes) -> int:
    return int.from_bytes(key[:8], "little") or 1


def row_key(facts: bytes, tally: Tally) -> str:
    """Return the key of a record whose facts digest to `facts`: the digest in hex and its ordinal in this file."""
    return f"{facts.hex()}#{tally.next(facts)}"
