"""What does not fit the screen is reached by scrolling, on every page, and it is shown that there is more."""

from __future__ import annotations

from pathlib import Path

import pytest
from test_tui_every_key import WAYS, on, stores
from tui_still import Still

from northstar_tui.tui.actions import CALENDAR, COMMANDS, HELP, MESSAGE

__all__ = ["stores"]
SMALL = (60, 20)
THUMB = "▐"
TEXTS = ("entry", "event", "why", "source", "run", "record", "reckoning", "unrealised", "spending",
         "since", HELP, MESSAGE)  # fmt: skip
"""Pages whose whole content is the same at any height."""


def body(screen: Still) -> list[str]:
    """Return the page's lines, without the frame and the thumb; what is selected is no matter."""
    lines = screen.text.split("\n")[2 : screen.size[1] - 1]
    return [line[: screen.size[0] - 1].replace("▸", " ").strip() for line in lines]


def whole(screen: Still) -> set[str]:
    """Return every line that there is, as a terminal high enough shows them."""
    screen.size = (SMALL[0], 300)
    return {line for line in body(screen) if line}


@pytest.mark.parametrize("name", TEXTS)
def test_every_line_of_a_page_can_be_reached(name: str, stores: dict[str, Path]) -> None:
    with on(name, stores) as (screen, _):
        there = whole(screen)
        screen.size = SMALL
        screen.press("home")
        seen = set(body(screen))
        for _ in range(400):
            before = screen.text
            seen.update(body(screen))
            if screen.press("down") == before or "This is the last row" in screen.text:
                break
        assert there <= seen
        back = set(body(screen))
        for _ in range(400):
            before = screen.text
            back.update(body(screen))
            if screen.press("up") == before or "This is the first row" in screen.text:
                break
        assert there <= back


@pytest.mark.parametrize("name", [name for name in WAYS if name not in (COMMANDS, CALENDAR)])
def test_where_there_is_more_a_thumb_or_a_note_says_so(name: str, stores: dict[str, Path]) -> None:
    with on(name, stores) as (screen, _):
        screen.size = SMALL
        screen.press("home")
        rest = -1 if name == "positions" else None  # its last line tells of the selected row, wherever that is
        top, marked = [line for line in body(screen) if line][:rest], THUMB in screen.text
        screen.press("end")
        assert marked == ([line for line in body(screen) if line][:rest] != top)


def test_what_was_scrolled_to_stays_in_sight_when_the_page_is_read_again(stores: dict[str, Path]) -> None:
    with on("entry", stores) as (screen, _):
        screen.size = SMALL
        screen.press("end")
        end = body(screen)
        screen.cockpit.again()
        assert body(screen) == end
        screen.press("enter", "h")
        assert body(screen) == end, "coming back, too"


def test_a_position_tells_every_figure_of_it_at_any_width(stores: dict[str, Path]) -> None:
    with on("position", stores) as (screen, _):
        for size in ((60, 20), (80, 24), (200, 50)):
            screen.size = size
            for name in ("Unrealised", "Avg cost", "Mark", "Settles", "Locked", "Realised, before fees", "Fees"):
                assert name in screen.text, (name, size)
