"""The screen under test: a store with known content, a still clock, and text as the terminal would show it."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest
from tui_company import CONFIG, NOW, feed, fill, unplug
from tui_driver import Driver, Open
from tui_held import hold
from tui_spending import SPENDING, spend

from northstar_tui.config import Settings, read
from northstar_tui.ledger.store import Store
from northstar_tui.tui import theme
from northstar_tui.tui.app import CockpitApp
from northstar_tui.tui.bridge import Bridge
from northstar_tui.tui.cockpit import Cockpit
from northstar_tui.tui.feed import LateSchedule
from northstar_tui.tui.reader import StoreReader


def _copy(store: Path, path: Path) -> None:
    """Write a copy of a store, whatever its log holds still."""
    with Store.open(store) as opened, closing(sqlite3.connect(path)) as copy:
        opened.connection.backup(copy)


@pytest.fixture(scope="session")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The company's store, to read."""
    path = tmp_path_factory.mktemp("company") / "company.db"
    with pytest.MonkeyPatch.context() as patch:
        fill(path, patch)
    return path


@pytest.fixture(scope="session")
def fed(company: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The company's store with sources that are in every state, beside their config; to read."""
    path = tmp_path_factory.mktemp("fed") / "company.db"
    _copy(company, path)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("northstar_tui.ledger.store.now", lambda: NOW)
        feed(path, patch)
    path.with_name("config.toml").write_text(CONFIG)
    return path


@pytest.fixture(scope="session")
def offline(fed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The fed store after the network has gone; to read."""
    path = tmp_path_factory.mktemp("offline") / "company.db"
    _copy(fed, path)
    with pytest.MonkeyPatch.context() as patch:
        unplug(path, patch)
    path.with_name("config.toml").write_text(CONFIG)
    return path


@pytest.fixture(scope="session")
def spent(company: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The company's store with bills, jobs at every stage and budgets in every state, beside its config; to read."""
    path = tmp_path_factory.mktemp("spent") / "company.db"
    _copy(company, path)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("northstar_tui.ledger.store.now", lambda: NOW)
        spend(path)
    path.with_name("config.toml").write_text(SPENDING)
    return path


@pytest.fixture
def own(company: Path, tmp_path: Path) -> Path:
    """A copy of the company's store, to write in."""
    path = tmp_path / "own.db"
    _copy(company, path)
    return path


@pytest.fixture(scope="session")
def held(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store in which something of every kind is held, to read."""
    path = tmp_path_factory.mktemp("held") / "held.db"
    with pytest.MonkeyPatch.context() as patch:
        hold(path, patch)
    return path


@pytest.fixture
def cockpit(company: Path, monkeypatch: pytest.MonkeyPatch) -> Open:
    """Open the screen: ``async with cockpit(size=(120, 40)) as driver``."""

    @asynccontextmanager
    async def opened(
        size: tuple[int, int] = (120, 40),
        *,
        store: Path = company,
        look: str = "dark",
        ascii_only: bool = False,
        sound: bool = True,
    ) -> AsyncIterator[Driver]:
        bridge = Bridge(lambda: StoreReader(store), timer=lambda: 0.0)
        config = store.with_name("config.toml")
        settings = read(config) if config.exists() else Settings()
        sources = LateSchedule(settings, store)  # real, but it keeps no timetable: the clock stands still
        state = Cockpit(bridge, store, theme.look(look, ascii_only=ascii_only), lambda: NOW, feed=sources)
        monkeypatch.setattr(state.syncing, "begin", lambda: None)
        monkeypatch.setattr("northstar_tui.sync.schedule.NICE", 0)  # on a busy machine its children would starve
        monkeypatch.setattr("northstar_tui.tui.noting.PATIENCE", 60)
        first = bridge.first(60)
        if first is not None:
            state.news(first)
        app = CockpitApp(state)
        try:
            async with app.run_test(size=size) as pilot:
                driver = Driver(app, pilot)
                await driver.settled()
                yield driver
                assert not sound or not state.defects.met, state.defects.met
        finally:
            state.noting.close()
            sources.stop()
            bridge.close()

    return opened
