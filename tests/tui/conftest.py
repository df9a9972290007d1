"""The screen under test: a store with known content, a still clock, and text as the terminal would show it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from textual import events
from textual.keys import _character_to_key
from textual.pilot import Pilot
from tui_company import NOW, fill

from northstar_tui.tui import theme
from northstar_tui.tui.app import CockpitApp
from northstar_tui.tui.bridge import Bridge
from northstar_tui.tui.cockpit import Cockpit
from northstar_tui.tui.reader import StoreReader


@pytest.fixture(scope="session")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The company's store, to read."""
    path = tmp_path_factory.mktemp("company") / "company.db"
    with pytest.MonkeyPatch.context() as patch:
        fill(path, patch)
    return path


def screen_text(app: CockpitApp) -> str:
    """Return what the compositor shows, as text: the one place that knows Textual's private way to it."""
    lines = ("".join(segment.text for segment in strip) for strip in app.screen._compositor.render_strips())
    return "\n".join(line.rstrip() for line in lines) + "\n"


@dataclass
class Driver:
    """A running screen: keys in, text out."""

    app: CockpitApp
    pilot: Pilot[None]

    @property
    def cockpit(self) -> Cockpit:
        """The state behind the screen."""
        return self.app.cockpit

    async def press(self, *keys: str) -> str:
        """Press keys, each when the screen has settled after the one before; return the text then."""
        for key in keys:
            name, character = (_character_to_key(key), key) if len(key) == 1 else (key, None)
            self.app.post_message(events.Key(name, character))
            await self.settled()
        return self.text

    async def settled(self) -> None:
        """Wait until nothing is asked of the store any more and all of it is on the screen."""
        still = 0
        while still < 3:  # a message just taken from the queue may ask again
            await self.pilot.pause(0.001)
            queue = self.app._message_queue
            still = still + 1 if self.cockpit.bridge.idle and queue is not None and queue.empty() else 0
        await self.pilot.pause(0)

    @property
    def text(self) -> str:
        """The screen."""
        return screen_text(self.app)

    @property
    def crumb(self) -> str:
        """The breadcrumb line."""
        return self.text.splitlines()[1]


Open = Callable[..., AbstractAsyncContextManager[Driver]]


@pytest.fixture
def cockpit(company: Path) -> Open:
    """Open the screen: ``async with cockpit(size=(120, 40)) as driver``."""

    @asynccontextmanager
    async def opened(
        size: tuple[int, int] = (120, 40), *, store: Path = company, look: str = "dark", ascii_only: bool = False
    ) -> AsyncIterator[Driver]:
        bridge = Bridge(lambda: StoreReader(store))
        state = Cockpit(bridge, store, theme.look(look, ascii_only=ascii_only), lambda: NOW)
        first = bridge.first(5)
        if first is not None:
            state.news(first)
        app = CockpitApp(state)
        try:
            async with app.run_test(size=size) as pilot:
                driver = Driver(app, pilot)
                await driver.settled()
                yield driver
        finally:
            bridge.close()

    return opened
