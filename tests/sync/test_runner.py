"""One bad source among good ones: whatever it does, it is named, the others and the store are whole."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from tiny import TinyFake, dump

from northstar_tui.config import Settings, SourceSettings
from northstar_tui.events import Batch, Event
from northstar_tui.ledger import health
from northstar_tui.ledger import store as store_module
from northstar_tui.ledger.rules import Rules
from northstar_tui.ledger.store import Store, StoreError
from northstar_tui.ledger.verify import verify
from northstar_tui.sources.http import Meter
from northstar_tui.sync import breaker, engine, runner, watch
from northstar_tui.sync.engine import Wanted
from northstar_tui.sync.runner import Enabled, Outcome, Runner, run_all
from northstar_tui.sync.watch import Watch

pytestmark = pytest.mark.usefixtures("quick", "packages")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.create(tmp_path / "s.db", Rules("America/New_York")) as made:
        yield made
        assert verify(made).ok
        assert made.connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def tiny(fake: TinyFake, name: str = "tiny", **own: Any) -> SourceSettings:
    return SourceSettings(name, "tiny", own={"url": fake.url, **own})


def sync(store: Store, *sources: SourceSettings, **wanted: Any) -> dict[str, Outcome]:
    done = engine.sync(store, Settings(), sources, Wanted(**wanted), lambda _: None)
    return {outcome.name: outcome for outcome in done.outcomes}


def stored(store: Store, name: str) -> int:
    count = "SELECT count(*) FROM subject s JOIN dimension d ON d.id = s.source_id WHERE d.name = ?"
    return int(store.connection.execute(count, (name,)).fetchone()[0])


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch, packages: Path) -> None:
    """Let the limits end whoever misbehaves soon, and nobody else: a busy machine is as slow as a bad source.

    The time of a run that hangs begins when it hangs; the watch is impatient while a source keeps the loop to itself.
    """
    import tiny_source

    misbehave, given_wait, hanging = tiny_source.Tiny.misbehave, asyncio.wait, asyncio.Event()

    async def noticed(self: tiny_source.Tiny, mode: str) -> None:
        hanging.set()
        if mode not in ("block", "spin"):
            return await misbehave(self, mode)
        with monkeypatch.context() as patch:
            patch.setattr(watch, "HANG_SECONDS", 0.5)
            while signal.getitimer(signal.ITIMER_REAL)[1] != 0.5:
                await asyncio.sleep(0.01)  # until the watch's own heart has beaten
            return await misbehave(self, mode)

    async def wait(tasks: Any, *, timeout: float | None = None, **more: Any) -> Any:
        if timeout == runner.RUN_SECONDS and {task.get_name() for task in tasks} == {"bad"}:
            waiting = asyncio.create_task(hanging.wait())
            await given_wait({waiting, *tasks}, return_when=asyncio.FIRST_COMPLETED)
            waiting.cancel()
            timeout = 0.3
        return await given_wait(tasks, timeout=timeout, **more)

    monkeypatch.setattr(tiny_source.Tiny, "misbehave", noticed)
    monkeypatch.setattr(asyncio, "wait", wait)
    monkeypatch.setattr(watch, "HANG_SECONDS", 20.0)


# The alarm may go off in a weak reference's callback, where Python can only report it; the next one ends the source.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.usefixtures("begun")
@pytest.mark.parametrize(
    ("mode", "told", "kept"),
    [
        ("raise", "RuntimeError", 10),
        ("exit", "SystemExit", 10),
        ("cancel", "cancelling itself", 10),
        ("timeout", "TimeoutError: of its own", 10),
        ("hang", "no end after 600 s", 10),
        ("block", "kept everything else waiting", 10),
        ("spin", "kept everything else waiting", 10),
        ("stubborn", "does not stop", 10),
        ("stranger", "speaks for somebody", 0),
        ("nonsense", "amount", 0),
        ("unmade", "cannot be made: RuntimeError", 0),
        ("exits-when-made", "cannot be made: SystemExit", 0),
    ],
)
def test_a_bad_source_harms_itself_alone(
    store: Store, fake: TinyFake, monkeypatch: pytest.MonkeyPatch, mode: str, told: str, kept: int
) -> None:
    monkeypatch.setattr(runner, "GRACE_SECONDS", 0.2 if mode == "stubborn" else 60.0)
    monkeypatch.setenv("TINY_KEY", "s3cr3t-of-mine")
    with TinyFake(count=100) as good:
        outcomes = sync(store, tiny(fake, "bad", mode=mode, key="env:TINY_KEY"), tiny(good, "good"))
    bad = outcomes["bad"]
    assert (bad.state, outcomes["good"].state) == ("failed", "done")
    assert told in bad.error
    assert bad.remedy
    assert (stored(store, "bad"), stored(store, "good")) == (kept, 100)
    runs = health.last_runs(store)
    assert (runs["bad"].outcome, runs["good"].outcome) == ("failed", "done")
    assert runs["bad"].new == kept
    for text in (bad.error, bad.remedy, runs["bad"].error or ""):
        assert "s3cr3t" not in text
        assert "\x1b" not in text


@pytest.mark.parametrize(
    ("source", "told"),
    [
        (SourceSettings("x", "nothing"), "nothing registers the kind"),
        (SourceSettings("x", "gone"), "ModuleNotFoundError"),
        (SourceSettings("x", "broken"), "SystemExit"),
        (SourceSettings("x", "tiny", own={"url": "http://127.0.0.1:1", "moed": "good"}), "moed"),
        (SourceSettings("x", "tiny"), "url"),
        (SourceSettings("x", "tiny", own={"url": "http://example.com"}), "https"),
        (SourceSettings("x", "tiny", own={"url": "http://127.0.0.1:1", "key": "env:NORTHSTAR_NO_SUCH"}), "environment"),
        (SourceSettings("x", "tiny", own={"url": "http://127.0.0.1:1", "key": "sk-12345"}), "must not stand in"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_source_that_cannot_begin_fails_alone_and_opens_no_breaker(
    store: Store, fake: TinyFake, source: SourceSettings, told: str
) -> None:
    for _ in range(4):
        outcomes = sync(store, source, tiny(fake))
        assert (outcomes["x"].state, outcomes["tiny"].state) == ("failed", "done")
        assert told in outcomes["x"].error
        assert "sk-12345" not in outcomes["x"].error + outcomes["x"].remedy
    assert health.breakers(store)["x"] == (0, 0)


def test_what_is_stored_is_what_was_said_however_often_it_is_read(store: Store, fake: TinyFake) -> None:
    first = sync(store, tiny(fake))["tiny"]
    assert (first.counts.new, first.pages) == (25, 3)
    assert first.bytes > 0
    once = dump(store)
    again = sync(store, tiny(fake))["tiny"]
    assert (again.counts.new, again.counts.revised) == (0, 0)
    assert dump(store) == once


def test_stopping_keeps_what_was_stored_and_goes_on_from_there(store: Store, fake: TinyFake) -> None:
    async def stopped() -> list[Outcome]:
        from northstar_tui.sources.http import client
        from northstar_tui.sync.prepare import prepare

        async with client() as shared:
            sources = [
                (each.name, lambda each=each: prepare(each, shared, zone="UTC", folder=Path()))
                for each in (tiny(fake, "slow", mode="hang"), tiny(fake, "quick"))
            ]
            read: dict[str, int] = {}
            running = Runner(store, lambda outcome: read.update({outcome.name: outcome.counts.new}))
            task = asyncio.create_task(running.run(sources))
            while read != {"slow": 10, "quick": 25} or health.last_runs(store)["quick"].outcome != "done":
                await asyncio.sleep(0.01)
                assert not task.done()
            running.stop()
            return await asyncio.wait_for(task, 60)

    outcomes = asyncio.run(stopped())
    assert [(each.name, each.state) for each in outcomes] == [("slow", "stopped"), ("quick", "done")]
    runs = health.last_runs(store)
    assert (runs["slow"].outcome, runs["slow"].new) == ("stopped", 10)
    assert health.breakers(store)["slow"] == (0, 0), "being stopped is no failure"
    assert sync(store, tiny(fake, "slow"))["slow"].counts.new == 15


def test_without_a_store_nobody_goes_on(store: Store, fake: TinyFake) -> None:
    class Full(Store):
        def append_within(self, batch: Batch) -> Any:
            raise StoreError("the disk is full", "make room")

    full = Full(store.connection, store.path, store.rules)
    with pytest.raises(StoreError, match="full"):
        sync(full, tiny(fake), tiny(fake, "other", mode="hang"))


class Yielding:
    """A source made by hand."""

    def __init__(self, *batches: Any) -> None:
        self.batches = batches

    async def fetch(self, cursor: str | None) -> AsyncIterator[Batch]:
        for batch in self.batches:
            yield batch

    async def check(self) -> AsyncIterator[Any]:
        return
        yield


class NoGenerator:
    def fetch(self, cursor: str | None) -> Any:
        return [Batch("x")]

    check = fetch


@pytest.mark.parametrize(
    "source",
    [
        Yielding("no batch"),
        Yielding(None),
        Yielding(Batch("x", ["no event"])),  # type: ignore[list-item]
        Yielding(Batch("x", [Event("x", "k", "cost.incurred", 0, {"amount": 10**30})])),
        Yielding(Batch("x", [Event("x", "k", "cost.incurred", 0, {"amount": 1}, raw="\ud800")])),
        Yielding(Batch("x", [Event("x", "k", "cost.incurred", 0, {"amount": 1})], cursor=object())),  # type: ignore[arg-type]
        Yielding(Batch("x", [Event("x", 5, "cost.incurred", "now", {"amount": 1})])),  # type: ignore[arg-type]
        NoGenerator(),
    ],
    ids=["text", "none", "no-event", "too-large", "surrogate", "cursor", "types", "list"],
)
def test_a_batch_that_is_none_is_a_defect_and_leaves_the_store_whole(store: Store, source: Any) -> None:
    good = Yielding(Batch("y", [Event("y", "k", "cost.incurred", 10**15, {"amount": 1})]))
    bad, other = asyncio.run(run_all(store, [Enabled("x", source, Meter()), Enabled("y", good, Meter())]))
    assert (bad.state, other.state) == ("failed", "done")
    assert bad.error
    assert stored(store, "x") == 0


def test_a_slow_store_is_not_taken_for_a_hanging_source(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "HANG_SECONDS", 1.0)
    append, alarm, alarms = Store.append_within, Watch._alarm, []

    def noted(self: Watch, *told: Any) -> None:
        alarms.append(self._storing)
        alarm(self, *told)

    def slowly(self: Store, batch: Batch) -> Any:
        while not alarms:
            time.sleep(0.01)
        return append(self, batch)

    monkeypatch.setattr(Store, "append_within", slowly)
    monkeypatch.setattr(Watch, "_alarm", noted)
    source = Yielding(Batch("x", [Event("x", "k", "cost.incurred", 10**15, {"amount": 1})]))
    (outcome,) = asyncio.run(run_all(store, [Enabled("x", source, Meter())]))
    assert outcome.state == "done", outcome.error
    assert alarms[0], "it went off while the store was at work"


# -- the breaker -----------------------------------------------------------------------------------------------------


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The time of day that the runner goes by."""
    at = [store_module.now()]
    monkeypatch.setattr(runner, "now", lambda: at[0])
    return at


def test_the_breaker_opens_half_opens_and_closes_across_restarts(
    tmp_path: Path, fake: TinyFake, clock: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("northstar_tui.sources.http.ATTEMPTS", 1)

    def run(**wanted: Any) -> Outcome:
        with Store.create(tmp_path / "b.db", Rules("UTC")) as opened:  # a process of its own each time
            return sync(opened, tiny(fake), **wanted)["tiny"]

    def held() -> tuple[int, int]:
        with Store.open(tmp_path / "b.db") as opened:
            failures, until = health.breakers(opened)["tiny"]
            return failures, max(0, until - clock[0])

    fake.misbehave("500")
    assert [run().state for _ in range(breaker.FAILURES)] == ["failed"] * breaker.FAILURES
    assert held() == (3, breaker.WAIT)
    asked = len(fake.requests)
    skipped = run()
    assert skipped.state == "skipped"
    assert "left alone until" in skipped.error
    assert len(fake.requests) == asked, "an open breaker asks nothing"
    clock[0] += breaker.WAIT
    assert run().state == "failed", "half-open: one run goes out"
    assert held() == (4, 2 * breaker.WAIT)
    assert run().state == "skipped"
    assert run(forced=True).state == "failed", "by name it is tried at once"
    assert held() == (5, 4 * breaker.WAIT)
    for _ in range(20):
        run(forced=True)
    assert held()[1] == breaker.WAIT_MOST
    fake.misbehave(None)
    clock[0] += breaker.WAIT_MOST
    assert run().state == "done"
    assert held() == (0, 0)
    fake.misbehave("500")
    assert [run().state for _ in range(2)] == ["failed"] * 2
    assert held() == (2, 0), "closed again, it counts from the start"


def test_a_server_that_says_how_long_is_left_alone_that_long(
    store: Store, fake: TinyFake, clock: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("northstar_tui.sources.http.WAIT_MOST", 0.5)
    fake.misbehave("429-after")
    assert sync(store, tiny(fake))["tiny"].state == "failed"
    assert len(fake.requests) == 1
    assert sync(store, tiny(fake))["tiny"].state == "skipped"
    fake.misbehave(None)
    clock[0] += breaker.WAIT
    assert sync(store, tiny(fake))["tiny"].state == "done"
