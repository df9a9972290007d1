"""One sync from the settings to its outcomes: what all sources share, what a signal does, what a dry run writes.

What is not here is how it is asked for and told: that is `cli/sync.py`.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import httpx

from northstar_tui import debug
from northstar_tui.config import Settings, SourceSettings
from northstar_tui.ledger.store import Store, StoreError
from northstar_tui.sources.http import client
from northstar_tui.sync.prepare import prepare
from northstar_tui.sync.runner import Enabled, Outcome, Progress, Runner


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a sync is asked for, beside the sources."""

    since: int | None = None
    """Back-fill from this instant, microseconds UTC."""
    forced: bool = False
    """Try the sources that their breaker holds back, too."""
    watched: bool = False
    """Stop when stdin ends: whoever started this process is gone."""


@dataclass(slots=True)
class Synced:
    """What a sync did."""

    outcomes: list[Outcome] = field(default_factory=list)
    stopped: bool = False
    """A signal, or the end of who started it, ended it."""
    clean: bool = True
    """False where a source did not stop when told to: the process must not wait for it."""


def sync(
    store: Store, settings: Settings, sources: Sequence[SourceSettings], wanted: Wanted, progress: Progress
) -> Synced:
    """Run `sources` into `store`, all at once; return what became of each. Raises StoreError.

    SIGTERM and SIGINT end it between two batches where this is the main thread; what was stored stays.
    """
    loop = asyncio.new_event_loop()
    loop.set_exception_handler(_left_behind)
    done = Synced()
    try:
        loop.run_until_complete(_all(store, settings, sources, wanted, Runner(store, progress), done))
    finally:
        if done.clean:
            loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()  # with what did not stop still in it, which then never goes on
    return done


def _left_behind(_: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Note what a source left behind; its outcome has told what there is to tell."""
    debug.note("failed", why="left behind", error=context.get("exception"))


async def _all(
    store: Store,
    settings: Settings,
    sources: Sequence[SourceSettings],
    wanted: Wanted,
    runner: Runner,
    done: Synced,
) -> None:
    def stop() -> None:
        done.stopped = True
        runner.stop()

    async with client() as shared:
        ready = [(each.name, partial(_ready, each, shared, store.rules.zone, settings, wanted)) for each in sources]
        with _signals(stop, wanted.watched):
            done.outcomes = await runner.run(ready)
    done.clean = not runner.abandoned


def _ready(source: SourceSettings, shared: httpx.AsyncClient, zone: str, settings: Settings, wanted: Wanted) -> Enabled:
    return prepare(source, shared, zone=zone, folder=folder(settings), since=wanted.since, forced=wanted.forced)


def folder(settings: Settings) -> Path:
    """Return where relative paths in the sources' settings count from: the config's folder."""
    return settings.path.parent if settings.path is not None else Path()


@contextmanager
def _signals(stop: Callable[[], None], watched: bool) -> Iterator[None]:
    """Let SIGTERM and SIGINT, and where `watched` the end of stdin, call `stop`; a second signal ends the process."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    loop = asyncio.get_running_loop()
    numbers = (signal.SIGTERM, signal.SIGINT)

    def once() -> None:
        for number in numbers:
            loop.remove_signal_handler(number)
            signal.signal(number, signal.SIG_DFL)
        stop()

    def listen() -> None:
        if not os.read(0, 1024):
            loop.remove_reader(0)
            stop()

    before = [signal.getsignal(number) for number in numbers]
    for number in numbers:
        loop.add_signal_handler(number, once)
    if watched:
        with suppress(PermissionError):  # a file as stdin cannot be waited for, and needs no waiting
            loop.add_reader(0, listen)
    try:
        yield
    finally:
        if watched:
            loop.remove_reader(0)
        for number, handler in zip(numbers, before, strict=True):
            loop.remove_signal_handler(number)
            signal.signal(number, handler)


@contextmanager
def throwaway(settings: Settings) -> Iterator[Store]:
    """Give a copy of the store, gone at the end: what a dry run writes into. An empty one where there is no store yet.

    The copy is made by SQLite's own backup, so that writers beside it do no harm. Raises StoreError.
    """
    path = settings.store_path()
    with tempfile.TemporaryDirectory(prefix="northstar-dry-run-") as temporary:
        copy = Path(temporary) / "store.db"
        if path.exists():
            with Store.open(path) as original:
                _copied(original, copy)
            with Store.open(copy, write=True) as store:
                rules = settings.rules(store.rules)
                if rules.text() != store.rules.text():
                    from northstar_tui.ledger.verify import rebuild

                    rebuild(store, rules)
                yield store
        else:
            with Store.create(copy, settings.rules()) as store:
                yield store


def _copied(original: Store, copy: Path) -> None:
    try:
        target = sqlite3.connect(copy)
        try:
            original.connection.backup(target)
        finally:
            target.close()
    except sqlite3.Error as error:
        raise StoreError(f"{original.path} cannot be copied for a dry run: {error}", "make room for a copy") from error
