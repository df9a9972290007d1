"""Every source against every fault: stored, tried again or refused by name; others unharmed; all there once it is over.

Each fake in `tests.fakes` is taken as it is: its config, its secrets, its small world, and where its layout says that
the records and the cursor are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from fault_world import FaultWorld
from tiny import TinyFake

from northstar_tui.ledger.store import now
from northstar_tui.sources import http
from northstar_tui.sync import prepare
from tests.fakes import CONTENT, FAULTS, Fake, Fault, Layout, Request, fakes
from tests.fakes.server import CLOCK_OFF

pytestmark = pytest.mark.usefixtures("quick", "packages")

KINDS = fakes()
PASSING: list[Fault] = ["429", "429-after", "500", "half", "down"]
"""What passes by itself: once is not noticed, for ever is a failed run that says why."""
LASTING = {"429": "429", "500": "500", "half": "broke off", "down": "broke off", "drip": "whole answer"}
REFUSED = {"401": "401", "html": "no JSON"}
HARMLESS: list[Fault] = ["content-type", "duplicated", "reordered"]
SPELT: list[Fault] = ["renamed", "missing", "retyped"]
DAY = 86_400_000_000
MAPPED = ("http_json", "jobs")
"""The operator's own mapping: a record that does not fit it is kept in quarantine."""
BACK = {"anthropic": 30}
"""Days to read again: a report that may be asked for once a minute is not asked for years."""


class World(FaultWorld):
    """A fake that misbehaves, and its neighbour."""

    def __init__(self, fake: Fake, neighbour: TinyFake, folder: Path) -> None:
        super().__init__(folder, fake.name, fake.config(), neighbour)
        self.fake = fake
        self.fields: set[str] = set()
        layout = fake.layout

        def noting(request: Request) -> Layout | None:
            found = layout(request)
            if found is not None and found.field:
                self.fields.add(found.field[-1])
            return found

        fake.layout = noting  # type: ignore[method-assign]

    def heal(self) -> None:
        self.fake.misbehave(None)


@pytest.fixture
def world(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    with _world(request.param, tmp_path, monkeypatch) as made:
        yield made


@contextmanager
def _world(kind: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    monkeypatch.setattr(http, "ATTEMPTS", 3)
    instant = now()
    monkeypatch.setattr(prepare, "now", lambda: instant)  # both clocks stand: what is told as of now is told once
    with KINDS[kind]() as fake, TinyFake() as neighbour:
        fake.now = lambda: instant / 1e6 + (CLOCK_OFF if fake.fault == "clock" else 0)  # type: ignore[method-assign]
        for name, value in fake.secrets().items():
            monkeypatch.setenv(name, value)
        yield World(fake, neighbour, folder)


each_kind = pytest.mark.parametrize("world", KINDS, indirect=True)


def test_no_fault_is_left_out() -> None:
    assert set(FAULTS) == {*PASSING, *LASTING, *REFUSED, *HARMLESS, *SPELT, "clock", "loop", "changed"}
    assert {"kalshi", "anthropic", "openrouter", "hyperliquid", *MAPPED} <= set(KINDS)


@each_kind
@pytest.mark.parametrize("fault", PASSING)
def test_what_passes_by_itself_is_not_noticed(world: World, fault: Fault) -> None:
    world.fake.misbehave(fault, times=2)
    outcome = world.sync()
    assert (outcome.state, outcome.error) == ("done", "")
    assert world.fake.hits == 2
    world.recovers()


@each_kind
@pytest.mark.parametrize("fault", LASTING)
def test_what_lasts_is_a_failed_run_that_says_why(
    world: World, fault: Fault, impatient: Callable[[str | None], None]
) -> None:
    impatient(fault)
    world.fake.misbehave(fault)
    outcome = world.sync()
    assert outcome.state == "failed"
    assert outcome.error.startswith(f"{world.fake.name}: ")
    assert LASTING[fault] in outcome.error
    assert outcome.remedy
    assert outcome.counts.new == 0
    impatient(None)
    world.recovers()


@each_kind
@pytest.mark.parametrize("fault", REFUSED)
def test_what_is_refused_is_not_asked_again(world: World, fault: Fault) -> None:
    world.fake.misbehave(fault)
    outcome = world.sync()
    assert outcome.state == "failed"
    assert outcome.error.startswith(f"{world.fake.name}: ")
    assert REFUSED[fault] in outcome.error
    assert outcome.counts.new == 0
    paths = [(request.method, request.path, request.body, tuple(request.query)) for request in world.fake.requests]
    assert len(paths) == len(set(paths)), "nothing was asked twice"
    world.recovers()


@each_kind
@pytest.mark.parametrize("fault", HARMLESS)
def test_what_changes_nothing_is_stored(world: World, fault: Fault) -> None:
    world.fake.misbehave(fault)
    outcome = world.sync()
    assert (outcome.state, outcome.error) == ("done", "")
    assert world.fake.hits
    world.recovers()


@each_kind
@pytest.mark.parametrize("fault", SPELT)
def test_a_field_that_is_not_as_documented_is_refused_by_name(world: World, fault: Fault) -> None:
    world.fake.misbehave(fault)
    outcome = world.sync()
    assert world.fake.hits
    if world.fake.name in MAPPED:
        assert outcome.state in ("failed", "partial")
    else:
        assert outcome.state == "failed"
        assert outcome.error.startswith(f"{world.fake.name}: ")
        assert "defect" not in outcome.error
        assert any(field in outcome.error for field in world.fields), outcome.error
    world.recovers()


@each_kind
def test_a_cursor_that_loops_ends_and_is_named(world: World) -> None:
    world.fake.misbehave("loop")
    outcome = world.sync()
    if world.fake.hits:
        assert outcome.state == "failed"
        assert outcome.error.startswith(f"{world.fake.name}: ")
        assert "defect" not in outcome.error
    else:
        assert outcome.state == "done"
    assert len(world.fake.requests) < 100
    world.recovers()


@each_kind
def test_a_clock_that_is_off_is_named_or_does_no_harm(world: World) -> None:
    world.fake.misbehave("clock")
    outcome = world.sync()
    if outcome.state != "done":
        assert outcome.state == "failed"
        assert "clock" in f"{outcome.error} {outcome.remedy}"
    world.recovers()


@each_kind
def test_a_record_that_changed_after_the_fact_is_a_revision(world: World) -> None:
    assert world.sync().state == "done"
    before = world.dump()
    world.fake.misbehave("changed")
    outcome = world.sync(since=now() - BACK.get(world.fake.name, 1000) * DAY)
    assert outcome.state == "done", outcome.error
    assert world.fake.hits
    assert outcome.counts.revised
    after = world.dump()
    told = {(row[0], row[1], row[2]): row for row in before[0]}
    kept = {(row[0], row[1], row[2]): row for row in after[0]}
    assert all(kept[key] == row for key, row in told.items()), "what was said before stays said"
    world.sync("fresh")
    assert after[1] == world.dump("fresh")[1], "the entries are those of a store that heard it so from the start"


def test_content_faults_find_their_records() -> None:
    assert {"renamed", "missing", "retyped", "duplicated", "reordered", "loop", "changed"} == CONTENT
