"""The calendar's keys and clicks, and that it shows what the rows show."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tui_company import NOW
from tui_driver import Open
from tui_still import Still, still

from northstar_tui.tui import theme
from northstar_tui.tui.actions import CALENDAR, LEDGER
from northstar_tui.tui.screens.calendar import CalendarPage
from northstar_tui.tui.screens.cells import short

TO_MARCH = ("2", "enter", "enter", "end", "enter")


def page(screen: Still) -> CalendarPage:
    found = screen.cockpit.page
    assert isinstance(found, CalendarPage)
    return found


def test_month_year_and_back_to_the_rows_one_came_from(company: Path) -> None:
    with still(company, (120, 40)) as screen:
        rows = screen.press(*TO_MARCH, "home", "down")
        text = screen.press("g")
        assert "calendar Mar 2026" in text and page(screen).day.date.isoformat() == "2026-03-02", "the week it was on"
        screen.press("down", "right", "right")
        assert page(screen).day.date.isoformat() == "2026-03-11"
        assert "calendar 2026" in screen.press("g") and page(screen).day.date.isoformat() == "2026-03-11"
        assert screen.press("g") == rows
        year = screen.press("h", "h", "g")
        assert "calendar 2026" in year and "By month" in year
        assert "calendar Mar 2026" in screen.press("g"), "today's month"
        assert "calendar" not in screen.press("g").splitlines()[1]


def test_all_time_shows_the_selected_year_and_a_day_its_month(company: Path) -> None:
    with still(company, (120, 40)) as screen:
        assert "calendar 2025" in screen.press("2", "home", "g")
        assert "calendar 2026" in screen.press("backspace", "down", "g")
        day = screen.press(*TO_MARCH, "end", "enter", "end", "enter")
        assert "Wed 18 Mar 2026" in day.splitlines()[1]
        assert "calendar Mar 2026" in screen.press("g") and page(screen).day.date.isoformat() == "2026-03-18"
        assert "calendar Q1 2026" in screen.press(*TO_MARCH[:4], "g")


def test_a_day_opens_and_going_back_lands_on_it(company: Path) -> None:
    with still(company, (80, 24)) as screen:
        screen.press(*TO_MARCH, "g", "home", *["down"] * 2, *["left"] * 4)
        assert page(screen).day.date.isoformat() == "2026-03-11"
        before = screen.text
        opened = screen.press("enter")
        assert screen.cockpit.nav.here.screen == LEDGER and "Wed 11 Mar 2026" in opened
        assert screen.press("left") == before
        assert screen.press("enter") and screen.press("g") == before, "the calendar's key leads back to it, too"
        assert "why Net P&L, Wed 11 Mar 2026" in screen.press("w")
        assert screen.press("h") == before
        screen.press("escape")
        assert screen.cockpit.nav.here.screen == LEDGER and "W11" in screen.text


@pytest.mark.parametrize(("up", "down", "left", "right"), [("up", "down", "left", "right"), ("k", "j", "h", "l")])
def test_arrows_move_as_the_days_lie(company: Path, up: str, down: str, left: str, right: str) -> None:
    def day(screen: Still, *keys: str) -> str:
        screen.press(*keys)
        return page(screen).day.date.isoformat()[5:]

    with still(company, (80, 24)) as screen:
        screen.press(*TO_MARCH, "g")
        assert day(screen, "home") == "03-01"
        assert day(screen, left, up) == "03-01", "there is nothing before it"
        assert day(screen, down) == "03-08" and day(screen, right) == "03-09" and day(screen, left, up) == "03-01"
        assert day(screen, "end") == "03-31" and day(screen, down, right) == "03-31"
        assert day(screen, "pageup") == "03-03" and day(screen, "pagedown") == "03-31"
        screen.press("g")
        assert "calendar 2026" in screen.text
        assert (
            day(screen, "home", right) == "01-08" and day(screen, down) == "01-09" and day(screen, left, up) == "01-01"
        )
    with still(company, (60, 20)) as screen:
        screen.press("2", "g")
        assert "▸Mar" in screen.text
        assert day(screen, left) == "02-01" and day(screen, down) == "05-01" and day(screen, up, right) == "03-01"
        assert "calendar Mar 2026" in screen.press("enter"), "a month opens as its calendar"
        assert "Thu 12 Mar" in screen.press("home", "down", *["right"] * 4, "enter")
        assert "▸12" in screen.press("backspace") and "▸Mar" in screen.press("backspace")


def test_periods_and_today(company: Path) -> None:
    with still(company, (80, 24)) as screen:
        screen.press(*TO_MARCH, "g", "home", "right", "right")
        assert "calendar Feb 2026" in screen.press("[") and page(screen).day.date.isoformat() == "2026-02-03"
        assert "All time › 2025 › Q4 2025 › Dec 2025 › calendar Dec 2025" in screen.press("[", "[")
        assert "calendar Mar 2026" in screen.press("t") and page(screen).day.date.isoformat() == "2026-03-18"
        assert "calendar 2025" in screen.press("g", "[")


def test_filter_and_basis_hold(company: Path) -> None:
    with still(company, (120, 40)) as screen:
        whole = screen.press(*TO_MARCH, "g")
        kept = screen.press("slash", *"category=sports", "enter")
        assert "/category:sports" in kept.splitlines()[1] and "▼ -$20.00" in kept and "of 31" in kept
        assert page(screen).view.totals.entries == 1
        assert "by opened" in screen.press("b").splitlines()[1]
        rows = screen.press("backspace")
        assert page_total(rows) == "▼ -$20.00"
        assert page_total(screen.press("slash", "ctrl+u", "enter", "b", "g")) == page_total(whole)


def page_total(text: str) -> str:
    return text.splitlines()[4].split("   ")[0].strip()


@pytest.mark.parametrize("size", [(200, 50), (120, 40), (80, 24), (60, 20)])
@pytest.mark.parametrize("keys", [(*TO_MARCH, "g"), ("2", "g"), ("2", "enter", "enter", "g")])
def test_every_day_can_be_clicked(company: Path, size: tuple[int, int], keys: tuple[str, ...]) -> None:
    with still(company, size) as screen:
        screen.press(*keys)
        seen = set()
        for y in range(size[1]):
            for x in range(size[0]):
                before = screen.cockpit.page.cursor().index
                again = screen.cockpit.page.click_at(x, y - 2)
                after = screen.cockpit.page.cursor().index
                assert not again or after == before or size == (60, 20)
                seen.add(after)
        expected = range(len(page(screen).view.days))
        by_month = size == (60, 20) and len(expected) > 300
        assert len(seen & set(expected)) >= (12 if by_month else len(expected))


async def test_the_mouse(cockpit: Open) -> None:
    async with cockpit((80, 24)) as driver:
        await driver.press(*TO_MARCH, "g")
        y = next(i for i, line in enumerate(driver.text.splitlines()) if re.search(r" 11 ████", line))
        x = driver.text.splitlines()[y].index("11 ████")
        await driver.pilot.click(offset=(x, y))
        await driver.settled()
        assert "▸11" in driver.text and driver.cockpit.nav.here.screen == CALENDAR
        await driver.pilot.click(offset=(x, y + 1))
        await driver.settled()
        assert driver.cockpit.nav.here.screen == LEDGER and "Wed 11 Mar 2026" in driver.crumb
        await driver.pilot.click(offset=(x, y), button=3)
        await driver.settled()
        assert driver.cockpit.nav.here.screen == CALENDAR
        await driver.pilot.click(offset=(x, y), button=3)
        await driver.settled()
        assert driver.cockpit.nav.here.screen == LEDGER and "Mar 2026" in driver.crumb


def test_signs_alone_tell_gain_from_loss(company: Path) -> None:
    for ascii_only in (False, True):
        with still(company, (80, 24), ascii_only=ascii_only) as screen:
            screen.press(*TO_MARCH, "g")
            loss, gain = ("____", "####") if ascii_only else ("▬▬▬▬", "████")
            assert f"17 {loss}" in screen.text and f"11 {gain}" in screen.text
            assert not ascii_only or screen.text.isascii()


@given(st.integers(-(10**15) + 10**12, 10**15 - 10**12), st.integers(4, 20))
def test_short_amounts_keep_their_sign_and_size(amount: int, cells: int) -> None:
    text = short(amount, cells)
    assert text.startswith("-") == (amount < 0) and text.startswith("+") == (amount > 0)
    if cells >= 7 or abs(amount) < 99_499_000_000:
        assert len(text) <= max(cells, 5)
    sign = -1 if amount < 0 else 1
    number = re.fullmatch(r"[+-]?(<?)\$?([\d,]*\.?\d*)([kM]?)", text)
    assert number is not None
    scale = {"": 1, "k": 10**3, "M": 10**6}[number[3]]
    value = float(number[2].replace(",", "")) * scale
    if not number[1]:
        assert abs(sign * value - amount / 1e6) <= max(0.5 * scale, 0.006) or abs(amount) < 10_000


def test_today_is_marked(company: Path) -> None:
    assert NOW and theme.look("dark").glyphs.on == "●"
    with still(company, (80, 24)) as screen:
        assert "18●" in screen.press(*TO_MARCH, "g")
