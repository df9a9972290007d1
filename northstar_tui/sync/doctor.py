"""What `doctor` looks at: config, secrets, each source's way out, the store. Changes nothing, and shows no secret."""

from __future__ import annotations

import asyncio
import re
import shutil
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import httpx

from northstar_tui.config import Settings, SourceSettings, config_path
from northstar_tui.errors import NorthStarError, shown
from northstar_tui.ledger import health
from northstar_tui.ledger.schema import MIGRATIONS
from northstar_tui.ledger.store import Store, now
from northstar_tui.sources.http import Meter, client, skewed
from northstar_tui.sources.secrets import secret
from northstar_tui.sources.source import Check
from northstar_tui.sync.engine import folder
from northstar_tui.sync.prepare import prepare
from northstar_tui.sync.watch import Hung, Watch

CHECK_SECONDS = 60.0
"""Longest that one source may be looked at."""
ROOM = 256 << 20
"""Free bytes on the store's disk below which it is worth a word."""


@dataclass(frozen=True, slots=True)
class Line:
    """One thing looked at."""

    area: str
    """``config``, ``secret``, ``store``, or the source's name."""
    state: Literal["ok", "warning", "failed"]
    what: str
    remedy: str = ""


def examine(settings: Settings) -> list[Line]:
    """Look at everything; return a line for each. Raises nothing that an operator could mend: that is a line."""
    enabled = [each for each in settings.sources if each.enabled]
    zone = settings.timezone or "UTC"
    lines = [*_config(settings)]
    for source in enabled:
        lines += _secrets(source, folder(settings))
        lines += _schedule(source, zone)
    lines += asyncio.run(_sources(enabled, settings, zone))
    lines += _store(settings)
    return lines


def _config(settings: Settings) -> Iterator[Line]:
    if settings.path is None:
        what = f"there is none at {shown(str(config_path()), 200)}: every key has its default"
        yield Line("config", "warning", what, "northstar init writes one")
        return
    count = sum(each.enabled for each in settings.sources)
    yield Line("config", "ok", f"{shown(str(settings.path))}, {count} of {len(settings.sources)} sources enabled")


# -- secrets ---------------------------------------------------------------------------------------------------------

_REFERENCE = re.compile(r"(?:env|file|keyring):.+", re.DOTALL)


def references(own: Mapping[str, Any]) -> Iterator[str]:
    """Yield every reference to a secret in a source's own keys, however deep."""
    values: list[Any] = list(own.values())
    while values:
        value = values.pop(0)
        if isinstance(value, Mapping):
            values += value.values()
        elif isinstance(value, list):
            values += value
        elif isinstance(value, str) and _REFERENCE.fullmatch(value):
            yield value


def _secrets(source: SourceSettings, base: Path) -> Iterator[Line]:
    for reference in dict.fromkeys(references(source.own)):
        try:
            secret(reference, base)
        except NorthStarError as error:
            yield Line(source.name, "failed", f"secret {shown(reference)}: {error.message}", error.remedy)
        else:
            alone = ", readable by its owner alone" if reference.startswith("file:") else ""
            yield Line(source.name, "ok", f"secret {shown(reference)} is there{alone}")


def _schedule(source: SourceSettings, zone: str) -> Iterator[Line]:
    if not source.every and not source.at:
        return
    from northstar_tui.sync.triggers import triggers

    try:
        triggers(source, zone)
    except NorthStarError as error:
        yield Line(source.name, "failed", error.message, error.remedy)


# -- sources ---------------------------------------------------------------------------------------------------------


async def _sources(sources: Iterable[SourceSettings], settings: Settings, zone: str) -> list[Line]:
    """Look at all sources at once, each within its time."""
    watch = Watch()
    async with client() as shared, watch.over():
        tasks = [asyncio.create_task(_source(each, shared, settings, zone, watch)) for each in sources]
        return [line for lines in await asyncio.gather(*tasks) for line in lines]


async def _source(
    source: SourceSettings, shared: httpx.AsyncClient, settings: Settings, zone: str, watch: Watch
) -> list[Line]:
    lines: list[Line] = []
    meter = Meter()
    clean: Callable[[str], str] = str
    try:
        with watch.source():
            ready = prepare(source, shared, zone=zone, folder=folder(settings))
            meter, clean = ready.meter, ready.clean
            async with asyncio.timeout(CHECK_SECONDS):
                async for check in ready.source.check():
                    lines.append(_line(source.name, check))
    except TimeoutError:
        lines.append(Line(source.name, "failed", f"no answer within {CHECK_SECONDS:g} s", "is the address right?"))
    except NorthStarError as error:
        lines.append(Line(source.name, "failed", error.message, error.remedy))
    except (Exception, SystemExit, Hung) as error:
        what = f"its check failed: {type(error).__name__}: {shown(str(error))}"
        lines.append(Line(source.name, "failed", what, "report it to whoever wrote the source"))
    if meter.skew is not None and not any("clock" in line.what for line in lines):
        mend = skewed(meter.skew)
        what = "the server's clock and this machine's agree" if not mend else "the clocks differ"
        lines.append(Line(source.name, "warning" if mend else "ok", what, mend))
    return [Line(each.area, each.state, clean(each.what), clean(each.remedy)) for each in lines]


def _line(name: str, check: Check) -> Line:
    return Line(name, check.state, check.what.removeprefix(f"{name}: "), check.remedy)


# -- store -----------------------------------------------------------------------------------------------------------


def _store(settings: Settings) -> Iterator[Line]:
    path = settings.store_path()
    if not path.exists():
        yield Line(
            "store", "warning", f"there is none yet at {shown(str(path))}", "northstar sync, or northstar import"
        )
        return
    try:
        with Store.open(path) as store, store.reading():
            yield from _health(store, path)
            yield from _held_back(store)
            yield from _quarantine(store)
    except NorthStarError as error:
        yield Line("store", "failed", error.message, error.remedy)
        return
    yield _writable(path)
    free = shutil.disk_usage(path.parent).free
    if free < ROOM:
        yield Line("store", "warning", f"{free >> 20} MB are left on its disk", "make room")


def _health(store: Store, path: Path) -> Iterator[Line]:
    facts = health.facts(store)
    yield Line(
        "store",
        "ok",
        f"{shown(str(path))}: {facts.kind}, {facts.bytes / 1e6:.1f} MB, {facts.events:,} events, "
        f"{health.entries_words(facts.entries, facts.open)}, schema {facts.schema} of {len(MIGRATIONS)}, {facts.zone}",
    )
    wrong = health.quick_check(store)
    if wrong:
        yield Line("store", "failed", f"its file is damaged: {shown(wrong[0])}", "restore a backup")
    else:
        yield Line("store", "ok", "its file is sound (northstar verify proves the numbers, too)")


def _quarantine(store: Store) -> Iterator[Line]:
    for name, many in health.quarantine_counts(store).items():
        what = f"{many:,} {'record' if many == 1 else 'records'} in quarantine, not read and in no figure"
        yield Line(name, "warning", what, "northstar quarantine says why; mend, retry or settle")


def _held_back(store: Store) -> Iterator[Line]:
    for name, (failures, until) in health.breakers(store).items():
        if until > now():
            when = f"{store.calendar.local(until):%Y-%m-%d %H:%M}"
            yield Line(
                name,
                "warning",
                f"left alone until {when} after {failures} failed runs",
                f"northstar sync {name} tries it",
            )


def _writable(path: Path) -> Line:
    try:
        connection = sqlite3.connect(path, timeout=1.0, isolation_level=None)
        try:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("ROLLBACK")
        finally:
            connection.close()
    except sqlite3.Error as error:
        if "locked" in str(error):
            return Line("store", "warning", "another process is writing into it", "wait for its import or sync to end")
        return Line("store", "failed", f"it cannot be written: {error}", "check the file's and its folder's owner")
    return Line("store", "ok", "it can be written, and nobody holds its lock")
