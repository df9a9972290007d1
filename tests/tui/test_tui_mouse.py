"""The mouse: what a click on every part of the screen does, double clicks, the wheel, the way back; and without it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from tui_session import session
from tui_still import Still, still

from northstar_tui.tui.actions import LEDGER, OPERATIONS, OVERVIEW, QUARANTINE, SOURCE, WHY


def where(screen: Still, needle: str, line: int | None = None) -> tuple[int, int]:
    """Return the cell and line of `needle`."""
    lines = screen.text.splitlines()
    for y, text in enumerate(lines):
        if needle in text and line in (None, y, y - len(lines)):
            return text.index(needle), y
    raise AssertionError(f"{needle!r} is not there:\n{screen.text}")


def click(screen: Still, needle: str, line: int | None = None, **how: int) -> str:
    screen.cockpit.hands.click(*where(screen, needle, line), **how)
    screen.settle()
    return screen.text


def test_a_step_of_the_path_leads_there(company: Path) -> None:
    with still(company, (120, 40)) as screen:
        screen.press("2", "enter", "enter", "end", "enter")
        assert "Mar 2026" in screen.text.splitlines()[1]
        click(screen, "Q1 2026", 1)
        assert screen.text.splitlines()[1].startswith(" All time › 2026 › Q1 2026  ")
        assert "3 of 3" in screen.text, "the cursor stands on the month one was in"
        click(screen, "All time", 1)
        assert "2 of 2" in screen.text.splitlines()[1]


def test_a_step_that_was_left_out_for_want_of_room_leads_back_one(company: Path) -> None:
    with still(company, (60, 20)) as screen:
        screen.press("2", "enter", "enter", "end", "enter", "end", "enter", "end", "enter", "enter")
        assert "…" in screen.text.splitlines()[1]
        before = len(screen.cockpit.nav.path)
        click(screen, "…", 1)
        assert 1 < len(screen.cockpit.nav.path) < before


def test_hints_do_what_they_say(company: Path) -> None:
    with still(company, (120, 40)) as screen:
        click(screen, "2 Ledger", -1)
        assert screen.cockpit.nav.here.screen == LEDGER
        click(screen, "Why", -1)
        assert screen.cockpit.nav.here.screen == WHY
        click(screen, "? Help", -1)
        assert "Help" in screen.text.splitlines()[1]
        click(screen, "Back", -1)
        click(screen, "Commands", -1)
        assert screen.cockpit.prompt is not None


def test_the_title_opens_what_it_tells_of(fed: Path) -> None:
    with still(fed, (160, 40)) as screen:
        click(screen, "openrouter", 0)
        assert screen.cockpit.nav.here.place == (SOURCE, "openrouter")
        click(screen, "2 records", 0)
        assert screen.cockpit.nav.here.screen == QUARANTINE
        click(screen, "-$61.94", 0)
        assert screen.cockpit.nav.here.place[0] == WHY and "Net P&L" in screen.text
        click(screen, "NorthStar", 0)
        assert screen.cockpit.nav.here.screen == OVERVIEW
        screen.press("p")
        assert "PAUSED" not in click(screen, "PAUSED", 0)


@pytest.mark.parametrize("chain", [1, 2])
def test_a_click_selects_and_the_next_one_opens(company: Path, chain: int) -> None:
    with still(company, (120, 40)) as screen:
        screen.press("2", "home")
        assert "2 of 2" in click(screen, " 2026 ")
        click(screen, " 2026 ", chain=chain)
        assert screen.text.splitlines()[1].startswith(" All time › 2026 ")


def test_a_double_click_on_what_is_selected_opens_it_and_nothing_in_it(company: Path) -> None:
    with still(company, (120, 40)) as screen:
        screen.press("2")
        x, y = where(screen, "▸ 2026")
        screen.cockpit.hands.click(x, y, chain=1)
        screen.settle()
        screen.cockpit.hands.click(x, y, chain=2)
        screen.settle()
        assert screen.text.splitlines()[1].startswith(" All time › 2026  ")
        assert "Q1" in click(screen, "▸ Q1").splitlines()[1], "a click of its own opens"


def test_rows_of_the_palette_are_clicked(company: Path) -> None:
    with still(company, (120, 40)) as screen:
        screen.press("colon")
        click(screen, "Operations", chain=1)
        click(screen, "Operations", chain=2)
        assert screen.cockpit.nav.here.screen == OPERATIONS and screen.cockpit.prompt is None


@pytest.mark.parametrize("button", [3, 8])
def test_the_right_button_and_the_mouse_s_own_go_back(company: Path, button: int) -> None:
    with still(company, (120, 40)) as screen:
        screen.press("2", "enter")
        screen.cockpit.hands.click(5, 12, button)
        screen.settle()
        assert screen.text.splitlines()[1].startswith(" All time  ")
        screen.press("colon", "x")
        screen.cockpit.hands.click(5, 12, button)
        assert screen.cockpit.prompt is None and screen.cockpit.overlay is None
        if button == 8:
            screen.cockpit.hands.click(5, 12, 9)
            screen.settle()
            assert screen.text.splitlines()[1].startswith(" All time › 2026")


def test_the_middle_button_is_the_terminal_s_paste(company: Path) -> None:
    with still(company, (120, 40)) as screen:
        before = screen.press("2")
        assert click(screen, " 2026 ", button=2) == before


def test_the_wheel_scrolls_and_takes_the_cursor_along_at_the_edge_alone(company: Path) -> None:
    with still(company, (80, 24)) as screen:
        screen.press("2", "enter", "enter", "end", "enter", "home", "down", "down", "enter")
        screen.press("home", "down", "down", "enter", *["down"] * 5)
        row = where(screen, "▸")[1]
        screen.cockpit.hands.wheel(1)
        screen.settle()
        assert where(screen, "▸")[1] == row - 3 and "6 of" in screen.text, "the row went up with the others"
        screen.cockpit.hands.wheel(3)
        screen.settle()
        assert "13 of" in screen.text, "it is taken along"
        screen.cockpit.hands.wheel(-9)
        screen.settle()
        assert "round 0" in screen.text


def test_the_buttons_of_a_real_terminal(company: Path) -> None:
    with session(company) as run:
        run.until("Last events")
        run.press("2", "Equity by")
        run.press("j\r", "Q1 2026")
        os.write(run.fd, b"\x1b[<2;10;12M\x1b[<2;10;12m")
        run.until(" All time   ")
        run.press("\r", "Q1 2026")
        os.write(run.fd, b"\x1b[<128;10;12M\x1b[<128;10;12m")
        run.until(" All time   ")
        os.write(run.fd, b"\x1b[<129;10;12M\x1b[<129;10;12m")
        run.until("Q1 2026")
        os.write(run.fd, b"\x1b[<64;10;12M\x1b[<65;10;12M")
        run.rest()
        assert "Q1 2026" in run.terminal.text


@pytest.mark.parametrize("how", ["option", "config"])
def test_without_the_mouse_the_terminal_keeps_it(company: Path, tmp_path: Path, how: str) -> None:
    import sys

    config = tmp_path / "config.toml"
    config.write_text("[screen]\nmouse = false\n" if how == "config" else "")
    option = ["--no-mouse"] if how == "option" else ["--config", str(config)]
    command = [sys.executable, "-m", "northstar_tui", *option, "--store", str(company)]
    with session(company, command=command) as run:
        run.until("Last events")
        run.rest()
        assert not any(f"\x1b[?{mode}h" in run.sent for mode in (1000, 1002, 1003, 1006))
        run.press("2", "Equity by")
