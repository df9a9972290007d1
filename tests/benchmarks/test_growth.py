"""No screen's question costs more where the history is longer: counted in steps of SQLite's machine, not in time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.material import DAY, START, events, fill
from northstar_tui.calendar import ALL, Calendar
from northstar_tui.events import Batch, Event
from northstar_tui.ledger.log import newest_but_quotes
from northstar_tui.ledger.look import Look, remember
from northstar_tui.ledger.store import Store
from northstar_tui.tui.navigation import Cursor, Navigation, Place
from northstar_tui.tui.screens.page import Asking
from northstar_tui.tui.screens.registry import screen
from northstar_tui.views.base import head
from northstar_tui.views.report import report

FEW, MANY = 2_000, 16_000
STEPS = 10
NOW = START + 900 * DAY


def _filled(path: Path, count: int) -> Path:
    """Return a store that was looked at, and in which one old entry was restated since."""
    fill(path, count, span=20 * DAY)
    with Store.open(path, write=True) as store:
        top = head(store)
        remember(store, Look(NOW - DAY, top.event, top.net))
        old = events(1, total=count, span=20 * DAY)[0]
        store.append(Batch(old.source, [replace(old, body={**old.body, "net": 5, "gross": 5, "fees": 0})]))
    return path


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("growth")
    return _filled(folder / "few.db", FEW), _filled(folder / "many.db", MANY)


def _steps(path: Path, place: Place) -> int:
    """Return how many steps the question of `place` takes."""
    with Store.open(path) as store:
        ask = screen(place[0]).question(Asking(Navigation.start((place,)), Cursor(), NOW))
        return _counted(store, lambda: ask(store))


def _counted(store: Store, ask: Callable[[], object]) -> int:
    """Return how many steps `ask` takes."""
    taken = 0

    def step() -> int:
        nonlocal taken
        taken += 1
        return 0

    store.connection.set_progress_handler(step, STEPS)
    with store.reading():
        ask()
    return taken * STEPS


_CALENDAR = Calendar("America/New_York")
_PERIODS = {level: _CALENDAR.period(level, START + 3 * DAY) for level in ("year", "month", "day")}
PLACES: dict[str, Place] = {
    **{name: (name, None) for name in ("overview", "since", "positions", "operations", "quarantine", "costs")},
    **{f"ledger of a {level}": ("ledger", period) for level, period in _PERIODS.items()},
    "ledger": ("ledger", ALL),
    "calendar of a year": ("calendar", _PERIODS["year"]),
    "calendar of a month": ("calendar", _PERIODS["month"]),
    "entry": ("entry", FEW // 2),
    "event": ("event", FEW // 2),
}


@pytest.mark.parametrize("name", PLACES)
def test_a_history_eight_times_as_long_costs_the_same(stores: tuple[Path, Path], name: str) -> None:
    few, many = (_steps(path, PLACES[name]) for path in stores)
    assert many <= 1.6 * few + 2_000, f"{few:,} steps, then {many:,}"


def test_a_report_of_what_no_rate_converts_costs_the_same(stores: tuple[Path, Path]) -> None:
    steps = []
    for path in stores:
        with Store.open(path, write=True) as store:
            abroad = events(1, total=FEW, span=20 * DAY)[0]
            store.append(Batch("abroad", [replace(abroad, source="abroad", body={**abroad.body, "currency": "SEK"})]))
            assert [(each.currency, each.entries) for each in report(store, ALL).incomplete] == [("SEK", 1)]
            steps.append(_counted(store, lambda: report(store, ALL)))
    few, many = steps
    assert many <= 1.6 * few + 2_000, f"{few:,} steps, then {many:,}"


def test_a_burst_of_quotes_costs_the_last_events_nothing(stores: tuple[Path, Path]) -> None:
    path, _ = stores
    with Store.open(path, write=True) as store:
        before = _counted(store, lambda: newest_but_quotes(store, 20))
        quotes = [Event("market", f"q{n}", "market.quoted", NOW + n, {"instrument": "KX"}) for n in range(5_000)]
        store.append(Batch("market", quotes))
        assert len(newest_but_quotes(store, 20)) == 20
        after = _counted(store, lambda: newest_but_quotes(store, 20))
    assert after <= 1.2 * before, f"{before:,} steps, then {after:,}"
