"""From rows to batches: what the sources share whose records are rows of a file, an API or a query.

Such a source says what one row means (a `Read`); where rows come from, when a file is read again, what goes to
quarantine and what `doctor` says of it is here, once.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import aclosing
from decimal import Decimal, InvalidOperation
from itertools import chain, islice
from typing import Literal

import msgspec

from northstar_tui.errors import ConfigError, FileError, NorthStarError, shown
from northstar_tui.events import Batch, Event, Origin, Reject
from northstar_tui.money import MICRO
from northstar_tui.sources.mapping import FieldError
from northstar_tui.sources.rows import Api, Held, Row
from northstar_tui.sources.source import Check
from northstar_tui.sources.table import column, normal

BATCH = 2_000
"""Rows in one batch."""
MEND = "mend the row, or name its column under columns"
Read = Callable[[Row], Sequence[Event]]
"""Says what a row means. Raises FieldError where it cannot be read."""
Key = Callable[[Row], str | None]
"""Says what a row is about that cannot be read; None where it has no id."""
Synonyms = Mapping[str, Sequence[str]]
"""Role to the names, in normal form, by which its column is found, the likeliest first."""


class Table(Api, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """The keys that these sources share: a file at `path` or an API at `url`, and how money and dates are written."""

    path: str = ""
    unit: str = "1"
    """Dollars in one unit of its money: ``0.01`` for cents."""
    dates: Literal["dmy", "mdy"] | None = None

    def mark(self) -> str:
        """Return a digest of these keys: where they change, rows that have ids are read again."""
        return hashlib.blake2b(msgspec.json.encode(self), digest_size=6).hexdigest()

    def micros(self, name: str) -> int:
        """Return micro-units in one unit of the source `name`. Raises ConfigError."""
        try:
            value = Decimal(self.unit) * MICRO
        except InvalidOperation:
            value = Decimal("NaN")
        if not value.is_finite() or value <= 0 or value != value.to_integral_value():
            raise ConfigError(
                f"sources.{name}: unit {shown(self.unit)!r} is no amount", 'write unit = "0.01" for cents'
            )
        return int(value)


def batches(
    rows: Iterable[Row], read: Read, name: str, origin: Origin | None = None, key: Key = lambda _: None
) -> Iterator[Batch]:
    """Yield what `rows` mean, in batches of the source `name`."""
    found = iter(rows)
    while held := list(islice(found, BATCH)):
        events: list[Event] = []
        rejects: list[Reject] = []
        for row in held:
            if row.fault is not None:
                rejects.append(row.reject("record", row.fault, lines=origin is not None))
                continue
            try:
                events += read(row)
            except FieldError as error:
                rejects.append(row.reject(error.field, str(error), lines=origin is not None, key=key(row)))
        yield Batch(name, events, rejects, origin=origin)


def file_batches(
    held: Held, rows: Iterable[Row], read: Read, name: str, cursor: str, key: Key = lambda _: None
) -> Iterator[Batch]:
    """Yield what the `rows` of a file mean, and at their end `cursor`. Raises SourceError where the file is written."""
    for batch in chain(batches(rows, read, name, held.origin, key), [Batch(name, cursor=cursor, origin=held.origin)]):
        held.check()
        yield batch


def has_columns(names: Collection[str], wanted: Iterable[str]) -> None:
    """Raise FileError where a header's `names` lack one that is `wanted`, or have it twice."""
    known = [normal(name) for name in names]
    for name in wanted:
        column(known, normal(name))


def has_roles(names: Collection[str], columns: Mapping[str, str], synonyms: Synonyms, required: Iterable[str]) -> None:
    """Raise FileError where no column of a header's `names` plays a role that is `required` or named in `columns`."""
    found = roles(names, columns, synonyms)
    for role in (*required, *columns):
        if role not in found:
            what = shown(", ".join(names), 200)
            raise FileError(f"no column states the {role}; there are {what}", f"name it: columns = {{ {role} = … }}")


def roles(facts: Collection[str], columns: Mapping[str, str], synonyms: Synonyms) -> dict[str, str]:
    """Return which of a row's `facts` plays which role: as `columns` of the config name it, else by synonym."""
    by_name = {normal(name): name for name in facts}
    found = {role: by_name[normal(name)] for role, name in columns.items() if normal(name) in by_name}
    taken = set(found.values())
    for role, names in synonyms.items():
        free = [by_name[name] for name in names if name in by_name and by_name[name] not in taken]
        if role not in columns and free:
            found[role] = free[0]
            taken.add(free[0])
    return found


def check_roles(columns: Mapping[str, str], synonyms: Synonyms, name: str) -> None:
    """Raise ConfigError where `columns` of the source `name` names a role that there is not."""
    for role in columns:
        if role not in synonyms:
            raise ConfigError(f"sources.{name}: columns.{role} is not a role", f"use {', '.join(synonyms)}")


async def looked(found: AsyncGenerator[Batch, None], what: str, mend: str) -> AsyncIterator[Check]:
    """Read the first batch of a source, and say which of its rows, which are `what`, can be read; `mend` the others."""
    try:
        async with aclosing(found):
            yield told([await anext(found, Batch(""))], what, mend)
    except NorthStarError as error:
        yield Check("failed", error.message, error.remedy)


def told(found: Iterable[Batch], what: str, mend: str) -> Check:
    """Return what `doctor` says of batches whose rows are `what`."""
    held = list(found)
    good = len({event.key for batch in held for event in batch.events})
    bad = [reject for batch in held for reject in batch.rejects]
    if not bad:
        return Check("ok", f"{good:,} {what} can be read")
    where = f"line {bad[0].line}, " if bad[0].line else ""
    first = f"{where}{bad[0].field}: {bad[0].reason}"
    return Check("warning", shown(f"{len(bad):,} of {good + len(bad):,} {what} cannot be read; {first}", 300), mend)
