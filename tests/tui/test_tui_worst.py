"""The ledger begins at the newest period; the worst and the best entries of any period are one key away."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from tui_driver import Open

from northstar_tui.calendar import instant
from northstar_tui.ledger.queries import entries
from northstar_tui.ledger.store import Store
from northstar_tui.money import decimal_text
from northstar_tui.tui.screens import ledger


@pytest.mark.parametrize("size", [(120, 40), (60, 20)])
async def test_the_ledger_begins_at_the_newest_period_that_holds_something(
    cockpit: Open, size: tuple[int, int]
) -> None:
    async with cockpit(size) as driver:
        assert "▸ 2026" in await driver.press("2")
        for label in ("▸ Q1", "▸ Mar 2026", "▸ W12", "▸ Wed 18"):
            assert label in await driver.press("enter")
        assert "Wed 18 Mar 2026" in await driver.press("enter")
        assert "▸ Q3" in await driver.press("2", "home", "enter", "up")
        await driver.press("enter", "home", "h")
        assert "▸ Q3" in driver.text, "where one was it stays"


async def test_the_worst_and_the_best_of_any_period(cockpit: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    async with cockpit() as driver:
        await driver.press("2", "home", "enter", "o")
        assert "All time › 2025 › entries of 2025" in driver.crumb and "net ↑ · 1 of 167" in driver.crumb
        assert driver.cockpit.page.command() == ["trades", "2025", "--sort", "net"]
        with Store.open(driver.cockpit.store) as store:
            year = store.calendar.period("year", instant(datetime(2025, 6, 1, tzinfo=UTC)))
            rows = entries(store, year, sort="net")
        shown = [driver.cockpit.page.pages.get(at) for at in range(64)]  # type: ignore[attr-defined]
        assert [entry and entry.id for entry in shown] == [entry.id for entry in rows[:64]]
        await driver.press("O")
        assert "net ↓ · 1 of 167" in driver.crumb and driver.cockpit.page.value() == decimal_text(rows[-1].net)
        assert "› entry" in await driver.press("enter") and "net ↓ · 1 of 167" in (await driver.press("h"))
        assert "entries of 2026" in await driver.press("right_square_bracket") and "net ↓" in driver.crumb
        assert "/category:weather" in await driver.press("slash", *"category:weather", "enter")
        assert "entries of 2026" in driver.crumb
        await driver.press("slash", "ctrl+u", "enter", "h", "h", "enter")
        assert driver.cockpit.nav.sort == "time", "the days below come by time"
        monkeypatch.setattr(ledger, "MOST", 100)
        await driver.press("2", "enter", "o")
        assert "net ↑ · 1 of the first 100 of 336" in driver.crumb
        assert driver.cockpit.page.command() == ["trades", "2026", "--sort", "net", "--limit", "100"]
        assert "100 of the first 100" in await driver.press("end")
