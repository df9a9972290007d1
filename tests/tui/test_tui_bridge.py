"""The bridge: stale answers dropped, refreshes that overlap skipped, failures told, commits noticed."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from northstar_tui.tui.bridge import POLL, Answer, Bridge, Changed, Failure, News


class _Reader:
    def __init__(self) -> None:
        self.version = 0
        self.seen = 0
        self.looks = 0
        self.closed = False
        self.interrupted = False

    def changed(self) -> object | None:
        self.looks += 1
        if self.version == self.seen:
            return None
        self.seen = self.version
        return f"commit {self.version}"

    def begin(self) -> None:
        self.interrupted = False

    def interrupt(self) -> None:
        self.interrupted = True

    def close(self) -> None:
        self.closed = True


class _Ears:
    def __init__(self) -> None:
        self.news: list[News] = []

    def __call__(self, news: News) -> None:
        self.news.append(news)

    def wait(self, enough: Callable[[list[News]], Any], seconds: float = 60.0) -> list[News]:
        end = time.monotonic() + seconds
        while not enough(self.news) and time.monotonic() < end:
            time.sleep(0.002)
        assert enough(self.news), self.news
        return self.news


def test_answers_carry_slot_and_epoch_and_stale_ones_never_arrive() -> None:
    bridge, ears, gate = Bridge(_Reader), _Ears(), threading.Event()
    bridge.listen(ears)
    try:
        old = bridge.ask("body", lambda _: gate.wait(60) and "old")
        waiting = bridge.ask("body", lambda _: "replaced before it ran")
        new = bridge.ask("body", lambda _: "new")
        other = bridge.ask("panel", lambda _: "panel")
        assert old < waiting < new < other
        gate.set()
        news = ears.wait(lambda heard: len(heard) == 2)
        assert news == [Answer("body", new, "new"), Answer("panel", other, "panel")]
        assert bridge.idle and bridge.current(news[0]) and not bridge.current(Answer("body", old, ""))  # type: ignore[arg-type]
    finally:
        bridge.close()


def done(bridge: Bridge[_Reader], ears: _Ears) -> None:
    """Wait until all that was asked before is answered: one worker answers in turn."""
    last = Answer("the last", bridge.ask("the last", lambda _: "done"), "done")
    ears.wait(lambda heard: heard[-1:] == [last])
    ears.news.pop()


def test_overlapping_refreshes_are_skipped_not_queued() -> None:
    bridge, ears, gate, begun, runs = Bridge(_Reader), _Ears(), threading.Event(), threading.Event(), []
    bridge.listen(ears)
    try:
        epoch = bridge.ask("body", lambda _: (begun.set(), gate.wait(60), runs.append("first")))
        assert begun.wait(60)
        for number in range(50):
            bridge.again("body", lambda _, number=number: runs.append(number))  # type: ignore[misc]
        gate.set()
        done(bridge, ears)
        assert runs == ["first", 0]
        assert [news.epoch for news in ears.news] == [epoch, epoch]  # type: ignore[union-attr]
        bridge.again("nothing was asked here", lambda _: runs.append("never"))
        bridge.drop("body")
        bridge.again("body", lambda _: runs.append("never"))
        done(bridge, ears)
        assert runs == ["first", 0]
    finally:
        bridge.close()


def _slow(reader: _Reader, begun: threading.Event) -> str:
    begun.set()
    end = time.monotonic() + 600
    while time.monotonic() < end:
        time.sleep(0.002)
        if reader.interrupted:
            raise TimeoutError("interrupted")
    return "late"


def test_a_question_that_is_withdrawn_ends_and_the_next_one_is_answered() -> None:
    reader, ears, begun = _Reader(), _Ears(), threading.Event()
    bridge = Bridge(lambda: reader)
    bridge.listen(ears)
    try:
        bridge.ask("panel", lambda _: "x")
        ears.wait(lambda heard: len(heard) == 1)
        bridge.ask("rows7", lambda reader: _slow(reader, begun))
        assert begun.wait(60)
        bridge.drop("another")
        assert not reader.interrupted
        bridge.drop("rows7")
        epoch = bridge.ask("body", lambda _: "new")
        assert ears.wait(lambda heard: len(heard) == 2)[-1] == Answer("body", epoch, "new")
    finally:
        bridge.close()


def test_a_newer_question_ends_the_older_one_that_runs() -> None:
    reader, ears, begun = _Reader(), _Ears(), threading.Event()
    bridge = Bridge(lambda: reader)
    bridge.listen(ears)
    try:
        bridge.ask("panel", lambda _: "x")
        ears.wait(lambda heard: len(heard) == 1)
        assert not reader.interrupted
        bridge.ask("body", lambda reader: _slow(reader, begun))
        assert begun.wait(60)
        bridge.ask("panel", lambda _: "another slot ends nothing")
        assert not reader.interrupted
        epoch = bridge.ask("body", lambda _: "new")
        news = ears.wait(lambda heard: len(heard) == 3)
        assert news[-1] == Answer("body", epoch, "new") or news[-2] == Answer("body", epoch, "new")
        assert not any(isinstance(heard, Failure) for heard in news)
    finally:
        bridge.close()


def test_failures_are_news_and_the_worker_lives_on() -> None:
    bridge, ears = Bridge(_Reader), _Ears()
    bridge.listen(ears)
    try:
        bridge.ask("body", lambda _: 1 // 0)
        bridge.ask("panel", lambda _: "alive")
        failure, answer = ears.wait(lambda heard: len(heard) == 2)
        assert isinstance(failure, Failure) and isinstance(failure.error, ZeroDivisionError)
        assert isinstance(answer, Answer) and answer.value == "alive"
    finally:
        bridge.close()


def test_a_commit_is_heard_without_being_asked_for() -> None:
    reader, ears = _Reader(), _Ears()
    bridge = Bridge(lambda: reader)
    bridge.listen(ears)
    try:
        bridge.ask("body", lambda _: "x")
        ears.wait(lambda heard: len(heard) == 1)
        for version in (1, 2, 3):
            reader.version = version
            ears.wait(lambda heard, version=version: Changed(f"commit {version}") in heard)
    finally:
        bridge.close(60)
    assert reader.closed


def test_a_store_that_appears_is_heard_of() -> None:
    there = threading.Event()

    def opened() -> _Reader:
        if not there.is_set():
            raise FileNotFoundError("no store yet")
        return _Reader()

    def ready() -> bool:
        looks.append(there.is_set())
        return looks[-1]

    looks: list[bool] = []
    ears, bridge = _Ears(), Bridge(opened, ready)
    bridge.listen(ears)
    try:
        bridge.ask("body", lambda _: "x")
        ears.wait(lambda heard: len(heard) == 1)
        ears.wait(lambda _: looks)
        assert len(ears.news) == 1
        there.set()
        ears.wait(lambda heard: Changed(True) in heard)
        bridge.again("body", lambda _: "there")
        ears.wait(lambda heard: isinstance(heard[-1], Answer) and heard[-1].value == "there")
    finally:
        bridge.close()


def test_the_first_news_can_be_waited_for_and_is_told_once() -> None:
    bridge, ears = Bridge(_Reader), _Ears()
    try:
        assert bridge.first(0.01) is None
        epoch = bridge.ask("body", lambda _: "first")
        assert bridge.first(60) == Answer("body", epoch, "first")
        bridge.ask("body", lambda _: "second")
        while not bridge.idle:
            time.sleep(0.002)
        bridge.listen(ears)
        assert [news.value for news in ears.news] == ["second"]  # type: ignore[union-attr]
    finally:
        bridge.close()


def test_idle_costs_next_to_nothing() -> None:
    reader, ears = _Reader(), _Ears()
    bridge = Bridge(lambda: reader)
    try:
        bridge.ask("body", lambda _: "x")
        bridge.first(60)
        clock = time.pthread_getcpuclockid(bridge._thread.ident or 0)
        begun, looks, used = time.monotonic(), reader.looks, time.clock_gettime(clock)
        ears.wait(lambda _: reader.looks >= looks + 6)
        assert time.monotonic() - begun >= 5 * POLL, "a look is seldom"
        assert time.clock_gettime(clock) - used < 0.05, "and little else is done"
    finally:
        bridge.close()
