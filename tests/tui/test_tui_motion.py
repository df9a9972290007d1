"""Little motion: what others commit is shown in calm steps to somebody who asked for that, and all of it at the end."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import pytest

from northstar_tui.calendar import ALL, Period
from northstar_tui.tui import live
from northstar_tui.tui.live import PACE, STEP, Live
from northstar_tui.tui.terminal import no_motion


class Time:
    """A clock that runs as far as it is told, and what is due on it."""

    def __init__(self) -> None:
        self.now = 1_000.0
        self.due: list[tuple[float, Callable[[], None]]] = []

    def later(self, seconds: float, call: Callable[[], None]) -> None:
        self.due.append((self.now + seconds, call))

    def run(self, until: float) -> None:
        while self.due and min(at for at, _ in self.due) <= until:
            self.due.sort(key=lambda each: each[0])
            at, call = self.due.pop(0)
            self.now = max(self.now, at)
            call()
        self.now = until


@pytest.mark.parametrize(("pace", "most"), [(0.0, 100), (STEP, 51), (PACE, 3)])
def test_commits_are_shown_at_the_pace_asked_for(monkeypatch: pytest.MonkeyPatch, pace: float, most: int) -> None:
    time = Time()
    monkeypatch.setattr(live, "monotonic", lambda: time.now)
    shown: list[tuple[float, object]] = []
    looked: list[float] = []
    reader = Live(lambda what: shown.append((time.now, what)), lambda: looked.append(time.now), time.later, pace)
    days = [Period(day, day + 1, "day") for day in range(100)]
    for number, day in enumerate(days):
        time.run(1_000.0 + number / 10)
        reader.committed(day)
    time.run(1_030.0)
    moments = [at for at, _ in shown]
    assert len(shown) == most if pace == 0 else len(shown) <= most
    assert all(b - a >= pace for a, b in pairwise(moments))
    assert moments[0] == 1_000.0, "the first is shown at once"
    told = [what for _, what in shown]
    for number in range(len(days)):
        waited = next(at for at in moments if at >= 1_000.0 + number / 10) - (1_000.0 + number / 10)
        assert waited <= pace + 1e-6, "a commit waits no longer than a step"
    assert all(what == ALL or what in days for what in told)
    assert told[-1] in (ALL, days[-1]), "the last one is not forgotten"
    assert all(b - a >= max(live.CALM, pace) for a, b in pairwise(looked))


def test_the_environment_asks_for_little_motion() -> None:
    assert no_motion({"TEXTUAL_ANIMATIONS": "NONE"}) and not no_motion({}) and not no_motion(
        {"TEXTUAL_ANIMATIONS": "basic"}
    )  # fmt: skip
