"""Epochs: the stretches of time that the operator named in the config, such as the versions of a strategy."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from northstar_tui.calendar import Epoch, names_period

_KEYS = ("name", "from", "to")
_NAME = re.compile(r"[^\W_][\w./-]{0,39}")


class EpochError(ValueError):
    """An epoch that cannot be: `key` of the `nth` table is wrong, and `remedy` says how to mend it."""

    def __init__(self, key: str, what: str, remedy: str, nth: int) -> None:
        super().__init__(what)
        self.key, self.remedy, self.nth = key, remedy, nth


def epochs_of(rows: Sequence[Mapping[str, Any]]) -> tuple[Epoch, ...]:
    """Return the epochs that the config's tables state, by their beginning. Raises EpochError.

    One without ``to`` lasts until the next one begins, and the last one goes on.
    """
    found: list[tuple[str, date, date | None]] = []
    for nth, row in enumerate(rows):
        epoch = _epoch(row, nth)
        if any(epoch[0].lower() == name.lower() for name, _, _ in found):
            raise EpochError("name", f"{epoch[0]!r} stands twice", "give each its own", nth)
        found.append(epoch)
    starts = sorted(first for _, first, _ in found)
    ends = {first: next((each - timedelta(1) for each in starts if each > first), None) for first in starts}
    return tuple(Epoch(name, first, last or ends[first]) for name, first, last in sorted(found, key=lambda e: e[1]))


def _epoch(row: Mapping[str, Any], nth: int) -> tuple[str, date, date | None]:
    for key in row:
        if key not in _KEYS:
            raise EpochError(key, "is not a key of an epoch", f"known keys are {', '.join(_KEYS)}", nth)
    name = row.get("name")
    if not isinstance(name, str) or not _NAME.fullmatch(name) or ".." in name or names_period(name):
        remedy = 'write a letter or digit, then letters, digits and . _ / -, no period such as 2026: name = "v3"'
        raise EpochError("name", f"{name!r} is no name", remedy, nth)
    first, last = _date(row, "from", nth), _date(row, "to", nth) if "to" in row else None
    if last is not None and last < first:
        raise EpochError("to", f"{last} lies before its beginning, {first}", "write the last day of it", nth)
    return name, first, last


def _date(row: Mapping[str, Any], key: str, nth: int) -> date:
    value = row.get(key)
    if isinstance(value, datetime) or not isinstance(value, date) or not 1900 <= value.year < 3000:
        raise EpochError(key, "must be a date", f"write it bare: {key} = 2026-01-31", nth)
    return value
