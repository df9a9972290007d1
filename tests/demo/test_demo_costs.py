"""The simulated company's costs: its config is one that works, and every part of the screen has something to show."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from northstar_tui.calendar import Calendar, Period
from northstar_tui.config import Settings, read
from northstar_tui.demo.settings import config_text
from northstar_tui.demo.simulate import DAYS, SEED, build
from northstar_tui.demo.world import ZONE
from northstar_tui.figures.budgets import AT_RISK, OK
from northstar_tui.ledger.spend import spend
from northstar_tui.ledger.store import Store
from northstar_tui.sync.ahead import charges
from northstar_tui.views.costs import costs
from northstar_tui.views.outlook import Known, Outlook

END = 1_779_300_000_000_000
"""20 May 2026 in the afternoon."""


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo")
    build(folder / "demo.db", SEED, END)
    (folder / "config.toml").write_text(config_text(END, DAYS))
    return folder / "demo.db"


def settings(demo: Path) -> Settings:
    return read(demo.with_name("config.toml"))


def known(demo: Path) -> Known:
    read_from = settings(demo)
    return Known(read_from.budgets, lambda day: charges(read_from, day))


def test_the_charges_of_its_config_are_those_that_its_story_booked(demo: Path) -> None:
    with Store.open(demo) as store:
        outlook = Outlook(store, END, known(demo))
        assert len(outlook.charges) == 4 and not outlook.problem
        assert outlook.dues(outlook.today - timedelta(days=60), outlook.today) == [], "nothing is late"
        calendar = Calendar(ZONE)
        span = Period(calendar.day_start(outlook.today - timedelta(days=300)), END, "range")
        booked = {
            (name, day): amount for name, day, amount in (
                (*row.names, row.amount) for row in spend(store, span, ("model", "day"), where=())
            )
        }  # fmt: skip
        for charge in outlook.charges:
            due = [
                (day, amount)
                for day, amount in charge.plan
                if calendar.day_start(day) >= span.start and day <= outlook.today
            ]
            assert due and all((charge.name, day.isoformat()) in booked for day, _ in due)
            if charge.currency == "USD":
                assert all(booked[charge.name, day.isoformat()] == amount for day, amount in due)


def test_every_part_of_the_screen_has_something_to_show(demo: Path) -> None:
    with Store.open(demo) as store:
        view = costs(store, END, known(demo))
    models, keys, sources = view.tables
    assert len(models.lines) == 5 and len(keys.lines) == 5 and len(sources.lines) >= 3
    assert all(line.name for line in keys.lines)
    assert all(line.tokens and line.tokens.input > line.tokens.output > 0 for line in models.lines)
    assert view.forecast.projection.value and view.burn.n == 28
    assert {line.standing.state for line in view.budgets} == {OK, AT_RISK}
    assert len(view.charges) == 4 and all(line.next and not line.late for line in view.charges)
    assert {job.stage for job in view.jobs} == {"lead", "quoted", "started", "completed", "invoiced"}
    assert {job.booked for job in view.jobs if job.stage in ("completed", "invoiced")} == {True}
    assert not any(job.booked for job in view.jobs if job.stage in ("lead", "quoted", "started"))
    assert max(END - job.since for job in view.jobs) > 40 * 86_400_000_000, "one invoice is overdue"
    assert {line.book for line in view.books} == {"scalper", "john", "operations"}


@pytest.mark.parametrize("back", range(0, 400, 37))
def test_the_config_is_good_on_any_day(back: int, tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    end = END - back * 86_400_000_000
    path.write_text(config_text(end, DAYS))
    found = charges(read(path), Calendar(ZONE).date_of(end))
    assert len(found) == 4 and all(charge.plan for charge in found)
