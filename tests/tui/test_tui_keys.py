"""Every key does what the registry says, on the screens where it says so; and back again."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import pytest
from tui_company import BUSY_DAY, NOW
from tui_driver import Driver, Open
from tui_still import still

from northstar_tui.calendar import instant
from northstar_tui.events import Batch, Event
from northstar_tui.ledger.rules import Rules
from northstar_tui.ledger.store import Store
from northstar_tui.tui import theme
from northstar_tui.tui.actions import EVENT, LEDGER
from northstar_tui.tui.screens import why
from northstar_tui.tui.screens.overview import Share

TO_BUSY_DAY = ("2", "enter", "enter", "end", "enter", "home", "down", "down", "enter", "home", "down", "down", "enter")


async def test_the_whole_way_down_and_back(cockpit: Open) -> None:
    async with cockpit() as driver:
        crumbs = [driver.crumb]
        for key in (*TO_BUSY_DAY[:1], "down", "enter", "enter", "end", "enter", "end", "enter", "end", "enter", "enter",
                    "enter"):  # fmt: skip
            await driver.press(key)
            if key != "down" and key != "end":
                crumbs.append(driver.crumb)
        assert driver.cockpit.nav.here.screen == EVENT
        assert "Kalshi-Transactions-2026.csv, line 900" in driver.text
        assert "trade,KXHIGHNY-T,yes,12.3400,2026-03-18T14:00:00Z" in driver.text
        for crumb, key in zip(
            reversed(crumbs[1:-1]), ["h", "left", "backspace", "escape", "h", "left", "h"], strict=False
        ):
            await driver.press(key)
            assert driver.crumb.split("  ")[0] == crumb.split("  ")[0]
        assert "This is where it begins" in await driver.press("h"), "2 was a screen of its own and no row"


async def test_back_from_a_row_that_led_elsewhere_is_back_to_that_row(cockpit: Open) -> None:
    async with cockpit() as driver:
        await driver.press("1", "down", "down")
        before = driver.text
        assert "Mar 2026" in (await driver.press("enter")).splitlines()[1]
        await driver.press("enter", "h")
        assert await driver.press("h") == before
        while not isinstance(driver.cockpit.page.target, Share):  # type: ignore[attr-defined]
            await driver.press("down")
        before = driver.text
        await driver.press("enter")
        assert driver.cockpit.nav.filter and await driver.press("h") == before and not driver.cockpit.nav.filter
        await driver.press("enter", "left_square_bracket", "h")
        assert driver.cockpit.nav.here.screen == LEDGER, "another period has its own way up"


@pytest.mark.parametrize(("key", "opposite"), [("j", "k"), ("down", "up"), ("pagedown", "pageup"), ("end", "home")])
async def test_movements(cockpit: Open, key: str, opposite: str) -> None:
    async with cockpit() as driver:
        before = await driver.press("2", "home")
        after = await driver.press(key)
        assert "2 of 2" in after and after != before
        assert await driver.press(opposite) == before


async def test_every_row_adds_up_to_the_node_above(cockpit: Open) -> None:
    async with cockpit() as driver:
        await driver.press("2")
        page = driver.cockpit.page
        for _ in range(6):
            view = page.snapshot.view  # type: ignore[attr-defined]
            if view.rows:
                assert sum(row.measures.net for row in view.rows) == view.totals.net
            assert sum(part.measures.net for part in view.slices) == view.totals.net
            await driver.press("end", "enter")
            page = driver.cockpit.page
        assert "entry" in driver.crumb


async def test_a_long_day_is_read_page_by_page(cockpit: Open) -> None:
    async with cockpit() as driver:
        await driver.press(*TO_BUSY_DAY)
        assert f"1 of {BUSY_DAY + 1}" in driver.crumb
        text = await driver.press("end")
        assert f"{BUSY_DAY + 1} of {BUSY_DAY + 1}" in driver.crumb and f"round {BUSY_DAY - 1}" in text
        text = await driver.press(*["pageup"] * 4)
        assert "round 180" in text
        text = await driver.press("home")
        assert "round 0" in text
        await driver.press("end", "up", "enter")
        assert "entry" in driver.crumb
        await driver.press("h")
        assert f"{BUSY_DAY} of {BUSY_DAY + 1}" in driver.crumb and f"round {BUSY_DAY - 1}" in driver.text


async def test_going_back_keeps_each_levels_row_filter_basis_and_dimension(cockpit: Open) -> None:
    async with cockpit() as driver:
        await driver.press("2", "a", "b", "slash", *"book=scalper", "enter", "enter", "enter", "down", "down")
        assert "/book:scalper" in driver.crumb and "by opened" in driver.crumb and "3 of 3" in driver.crumb
        assert "By source" in driver.text
        await driver.press("h", "h")
        assert "2 of 2" in driver.crumb and "/book:scalper" in driver.crumb and "By source" in driver.text
        await driver.press("greater_than_sign", "greater_than_sign")
        assert "3 of 3" in driver.crumb
        await driver.press("less_than_sign")
        assert driver.crumb.split("  ")[0] == " All time › 2026"


async def test_the_curve_goes_round_and_stays(cockpit: Open) -> None:
    async with cockpit() as driver:
        first = await driver.press("2", "enter")
        assert "Equity by day" in first and "max drawdown -$39.26" in first
        assert "the start → 4 Feb 2026 →" in await driver.press("v")
        assert "Drawdown by day" in driver.text
        assert "Net by week" in await driver.press("v") and "best 9 Mar 2026 ▲ +$43.66" in driver.text
        assert "Net by" in await driver.press("enter"), "one level deeper it is the same curve"
        assert "Equity by day" in await driver.press("v")


async def test_periods(cockpit: Open) -> None:
    async with cockpit() as driver:
        await driver.press("2", "enter", "enter", "end", "enter")
        assert "Mar 2026" in driver.crumb
        await driver.press("left_square_bracket", "left_square_bracket", "left_square_bracket")
        assert driver.crumb.split("  ")[0] == " All time › 2025 › Q4 2025 › Dec 2025"
        await driver.press("right_square_bracket")
        assert driver.crumb.split("  ")[0] == " All time › 2026 › Q1 2026 › Jan 2026"
        await driver.press("t")
        assert "Mar 2026" in driver.crumb
        await driver.press("h")
        assert "3 of 3" in driver.crumb, "the cursor stands on the month one was in"
        await driver.press("2", "left_square_bracket", "t")
        assert "Wed 18 Mar 2026" in driver.crumb


async def test_an_empty_period_says_so(cockpit: Open) -> None:
    async with cockpit() as driver:
        await driver.press("2", "enter", *["right_square_bracket"] * 3)
        assert "Nothing was booked in 2029." in driver.text
        await driver.press("enter", "w", "h", "h")
        assert "All time" in driver.crumb


async def test_an_empty_day_and_hour_are_on_and_all_time_is_no_place(cockpit: Open, tmp_path: Path) -> None:
    async with cockpit() as driver:
        await driver.press("1", "t", "right_square_bracket")
        assert "Nothing was booked on Thu 19 Mar 2026." in driver.text
    empty = tmp_path / "empty.db"
    Store.create(empty, Rules("UTC")).close()
    async with cockpit(store=empty) as driver:
        assert "Nothing was booked." in await driver.press("2")


async def test_dimension_goes_round(cockpit: Open) -> None:
    async with cockpit() as driver:
        await driver.press("2")
        titles = []
        for _ in range(4):
            titles.append(next(word for word in ("category", "book", "source", "kind") if f"By {word}" in driver.text))
            await driver.press("a")
        assert sorted(titles) == ["book", "category", "kind", "source"] and f"By {titles[0]}" in driver.text


def test_the_proof_of_many_entries_comes_after_the_figure(company: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with still(company, (120, 40)) as screen:
        proved = screen.press("2", "w")
        assert "the same to the micro-dollar" in proved
    monkeypatch.setattr(why, "AT_ONCE", 3)
    held: list[object] = []
    monkeypatch.setattr(why.WhyPage, "put", lambda page, number, view: held.append(view))
    with still(company, (120, 40)) as screen:
        waiting = screen.press("2", "w")
        assert "entries are read one by one …" in waiting and "the same" not in waiting
        assert len(held) == 1, "asked once, however often it is painted"
        monkeypatch.undo()
        screen.cockpit.page.put(0, held[0])
        assert screen.text == proved


async def test_why_explains_and_goes_through_the_figures(cockpit: Open) -> None:
    async with cockpit() as driver:
        await driver.press("2", "w")
        assert "the same to the micro-dollar" in driver.text and "why Net P&L, 2026" in driver.crumb
        await driver.press("a")
        assert "Gross P&L" in driver.text
        await driver.press("left_square_bracket")
        assert "why Gross P&L, 2025" in driver.crumb
        await driver.press("enter")
        assert "entry" in driver.crumb
        await driver.press("h", "h")
        assert driver.cockpit.nav.here.screen == LEDGER and driver.crumb.startswith(" All time   ")


def marked(driver: Driver) -> int:
    """Return the line that the cursor is on."""
    return next(y for y, line in enumerate(driver.text.splitlines()) if "▸" in line)


async def select(driver: Driver, text: str, *keys: str) -> None:
    """Go down the overview to what is called `text`, and press `keys`."""
    await driver.press("1", "home")
    for _ in range(60):
        if text in driver.text.splitlines()[marked(driver)].partition("▸")[2][:40]:
            break
        await driver.press("down")
    else:
        raise AssertionError(f"no line is called {text}")
    await driver.press(*keys)


async def test_the_overview_opens_what_it_shows(cockpit: Open) -> None:
    async with cockpit() as driver:
        await driver.press("enter")
        assert "Wed 18 Mar 2026" in driver.crumb
        await select(driver, "in quarantine", "enter")  # what needs somebody
        assert "Operations › quarantine" in driver.crumb
        await select(driver, "closes", "enter")
        assert "since you last looked" not in driver.crumb and "closes" in driver.crumb and "1 of" in driver.crumb
        await driver.press("enter")
        assert "entry" in driver.crumb
        await driver.press("left", "left")
        assert driver.text.splitlines()[marked(driver)].strip(" ▸").startswith("closes")
        await select(driver, "is  ", "enter")
        assert "since you last looked" in driver.crumb and "events came in" in driver.text
        await select(driver, "operations", "enter")
        assert "/book:operations" in driver.crumb
        await select(driver, "sports", "w")
        assert "why Net P&L, Mar 2026" in driver.crumb
        await driver.press("1", "end", "enter")
        assert "event" in driver.crumb
        await driver.press("1", "home", "down", "enter")
        assert "W12 16–22 Mar" in driver.crumb and "/" not in driver.crumb


async def test_what_explains_the_overview_counts_as_it_does(cockpit: Open) -> None:
    async with cockpit() as driver:
        await driver.press("2", "b", "1", "down", "down", "down", "w")
        assert "$9.95" in driver.text and "by opened" not in driver.crumb


async def test_filter_errors_are_said_and_escape_leaves(cockpit: Open) -> None:
    async with cockpit() as driver:
        await driver.press("2", "slash", *"colour=red", "enter")
        assert "'colour' is nothing to filter by" in driver.text
        await driver.press("escape")
        assert "Filter" in driver.text and "/" not in driver.crumb
        await driver.press("slash", *"category=nothing", "enter")
        assert "/category:nothing" in driver.crumb and "+$9.95" not in driver.text
        await driver.press("enter", "enter", "enter", "enter", "enter")
        assert "Nothing matches the filter" in driver.text
        await driver.press("2")
        await driver.press("slash", "ctrl+u", "enter")
        assert "2 of 2" in driver.crumb


async def test_help_and_palette(cockpit: Open) -> None:
    async with cockpit() as driver:
        before = driver.text
        await driver.press("question_mark")
        assert "Overview › Help" in driver.crumb and "Go deeper" in driver.text
        assert await driver.press("question_mark") == before
        await driver.press("ctrl+p", *"ledg", "enter")
        assert driver.cockpit.nav.here.screen == LEDGER
        before = driver.text
        await driver.press("colon", *"zzzz")
        assert "Nothing is called that" in driver.text
        await driver.press("enter")
        assert await driver.press("escape") == before
        await driver.press("colon", "down", "down", "backspace")
        assert driver.text == before


async def test_copying(cockpit: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.delenv("TMUX", raising=False)
    clipboard = tmp_path / "northstar" / "clipboard.txt"
    async with cockpit() as driver:
        await driver.press("2", "y")
        assert clipboard.read_text() == "9.949999" and "Copied to terminal (OSC 52): 9.949999  (also to " in driver.text
        assert driver.app.clipboard == "9.949999"
        await driver.press("b", "Y")
        command = clipboard.read_text()
        assert command.startswith("northstar --store ") and command.endswith("report all --level year --basis opened")
        await driver.press("w", "Y")
        assert clipboard.read_text().endswith("why net 2026 --basis opened")
        await driver.press("enter", "Y")
        assert "events --entry" in clipboard.read_text()
        await driver.press("enter", "y")
        assert clipboard.read_text().startswith("trade,")
        assert clipboard.stat().st_mode & 0o777 == 0o600


async def test_typing_ahead_acts_on_what_it_leads_to(cockpit: Open) -> None:
    async with cockpit() as driver:
        for key in ("2", "enter", "enter", "end", "enter"):
            driver.cockpit.key(key)
        await driver.settled()
        assert "Mar 2026" in driver.crumb
        for key in ("enter", "h", "h"):
            driver.cockpit.key(key)
        await driver.settled()
        assert driver.crumb.split("  ")[0] == " All time › 2026 › Q1 2026"


async def test_mouse(cockpit: Open) -> None:
    async with cockpit() as driver:
        await driver.press("2", "home")
        row = next(y for y, line in enumerate(driver.text.splitlines()) if " 2026 " in line)
        await driver.pilot.click(offset=(10, row))
        assert "2 of 2" in driver.crumb
        await driver.pilot.click(offset=(10, row))
        await driver.settled()
        assert "All time › 2026" in driver.crumb


async def test_resizing_never_breaks(cockpit: Open) -> None:
    async with cockpit((120, 40)) as driver:
        for keys in ((), ("2",), ("down", "enter"), ("w",), ("enter",), ("enter",), ("question_mark",), ("colon", "a")):
            await driver.press(*keys)
            for size in ((1, 1), (39, 9), (40, 10), (60, 20), (81, 25), (107, 18), (250, 80), (120, 40)):
                await driver.pilot.resize_terminal(*size)
                await driver.settled()
                lines = driver.text.splitlines()
                assert len(lines) <= size[1] and all(len(line) <= size[0] for line in lines)
                assert size[0] < 40 or size[1] < 10 or "-$61.94" in lines[0]


@pytest.mark.parametrize("look", ["light", "ansi", "mono"])
async def test_looks_change_colour_and_nothing_else(cockpit: Open, look: str) -> None:
    async with cockpit() as dark, cockpit(look=look) as other:
        assert dark.text == other.text
        assert await dark.press("2", "enter") == await other.press("2", "enter")


async def test_the_theme_command_goes_through_the_looks(cockpit: Open) -> None:
    async with cockpit() as driver:
        for name in (*theme.NAMES[1:], "dark"):
            await driver.press("colon", *"theme", "enter")
            assert driver.cockpit.look.name == name and f"Look: {name}" in driver.text


async def test_ascii_terminals_get_ascii(cockpit: Open) -> None:
    async with cockpit(ascii_only=True) as driver:
        drawn = driver.text + await driver.press("2") + await driver.press("question_mark")
        odd = {char for char in drawn if not char.isascii()}
        assert not odd, odd


# -- states ------------------------------------------------------------------------------------------------------------


async def test_first_run_and_a_store_that_appears(cockpit: Open, tmp_path: Path, company: Path) -> None:
    path = tmp_path / "new.db"
    async with cockpit(store=path) as driver:
        assert "Welcome to NorthStar" in driver.text and "northstar demo" in driver.text
        assert str(path) in "".join(driver.text.split()), "a long path is wrapped, not cut"
        assert "Open" not in driver.text and "Why" not in driver.text, "no dead keys"
        shutil.copy(company, path)
        assert "This month" in await driver.until("All time")


async def test_an_empty_store_offers_the_same(cockpit: Open, tmp_path: Path) -> None:
    path = tmp_path / "empty.db"
    Store.create(path, Rules("UTC")).close()
    async with cockpit(store=path) as driver:
        assert "Welcome to NorthStar" in driver.text
        await driver.press("2")
        assert "Nothing was booked" in driver.text


async def test_a_broken_store_is_an_error_state_not_a_crash(cockpit: Open, tmp_path: Path) -> None:
    path = tmp_path / "broken.db"
    path.write_bytes(b"this is no database, " * 400)
    async with cockpit(store=path) as driver:
        assert "This could not be read" in driver.text and "broken.db" in "".join(driver.text.split())
        await driver.press("2", "enter", "w", "y", "t", "question_mark", "question_mark", "r")
        assert "This could not be read" in driver.text


async def test_commits_of_another_connection_appear_by_themselves(cockpit: Open, tmp_path: Path, company: Path) -> None:
    path = tmp_path / "live.db"
    shutil.copy(company, path)
    async with cockpit(store=path) as driver:
        await driver.press("2")
        at = NOW - 60_000_000
        body = {"instrument": "X", "title": "Late", "side": "yes", "stake": 1, "gross": 5_000_000, "fees": 0,
                "net": 5_000_000, "opened_at": at, "closed_at": at}  # fmt: skip
        with Store.open(path, write=True) as store:
            store.append(Batch("other", [Event("other", "1", "trade.closed", at, body)]))
        await driver.until("+$14.95")
        assert "2 of 2" in driver.crumb


async def test_other_days_commits_change_the_head_and_leave_the_page(
    cockpit: Open, tmp_path: Path, company: Path
) -> None:
    path = tmp_path / "live.db"
    shutil.copy(company, path)
    async with cockpit(store=path) as driver:
        await driver.press("2", "home", "enter")
        page = driver.cockpit.page
        from datetime import UTC, datetime

        at = instant(datetime(2026, 3, 1, tzinfo=UTC))
        with Store.open(path, write=True) as store:
            body = {"title": "Bill", "amount": 1_000_000}
            store.append(Batch("other", [Event("other", "1", "cost.incurred", at, body)]))
        await driver.until("-$62.94")
        assert "net ▼ -$62.94" in driver.text.splitlines()[0]
        assert driver.cockpit.page is page


async def test_hostile_text_is_shown_and_not_obeyed(cockpit: Open) -> None:
    async with cockpit() as driver:
        shown = driver.text
        for keys in (("enter",), ("end",), ("enter",), ("enter",), ("end",), ("1", "end")):
            shown += await driver.press(*keys)
        assert "[bold]not markup[/]" in shown and "␛[31m" in shown
        assert "\x1b" not in shown and "\u202e" not in shown


async def test_a_defect_in_one_page_leaves_the_others(cockpit: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    from northstar_tui.tui.screens.ledger import LedgerPage

    def broken(*_: object) -> None:
        raise ZeroDivisionError("a defect")

    async with cockpit(sound=False) as driver:
        before = driver.text
        monkeypatch.setattr(LedgerPage, "lines", broken)
        assert "ZeroDivisionError: a defect" in await driver.press("2")
        monkeypatch.undo()
        monkeypatch.setattr(LedgerPage, "__init__", broken)
        assert "ZeroDivisionError: a defect" in await driver.press("enter", "r")
        monkeypatch.undo()
        assert "All time" in await driver.press("r")
        assert await driver.press("1") == before


@pytest.mark.parametrize("defect", ["tui.screens.ledger.LedgerPage.__init__", "views.node.head"])
async def test_a_page_in_sight_stays_where_it_cannot_be_made_anew(
    cockpit: Open, monkeypatch: pytest.MonkeyPatch, defect: str
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("a defect")

    async with cockpit(sound=False) as driver:
        rows = (await driver.press("2")).splitlines()[2:-1]
        with monkeypatch.context() as patch:
            patch.setattr(f"northstar_tui.{defect}", broken)
            text = await driver.press("r")
            assert text.splitlines()[2:-1] == rows and "a defect" in driver.cockpit.reading.trouble
            assert driver.cockpit.defects.current is not None, "its report can be copied"
        assert (await driver.press("r")).splitlines()[2:-1] == rows and not driver.cockpit.reading.trouble


async def test_a_busy_store_is_waited_for_in_the_open(cockpit: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    import threading

    from northstar_tui.tui.screens import ledger

    gate, asked = threading.Event(), ledger.question

    def slow(*args: object) -> object:
        ask = asked(*args)  # type: ignore[arg-type]
        return lambda store: (gate.wait(60), ask(store))[1]

    monkeypatch.setattr(ledger, "question", slow)
    async with cockpit() as driver:
        driver.cockpit.key("2")
        end = time.monotonic() + 60
        while "Reading …" not in driver.text:
            assert time.monotonic() < end, driver.text
            await driver.pilot.pause(0.01)
        assert "Overview" in driver.crumb
        driver.cockpit.key("down")
        gate.set()
        await driver.settled()
        assert "Reading …" not in driver.text and "2 of 2" in driver.crumb
