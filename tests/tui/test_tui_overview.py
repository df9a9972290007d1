"""The overview at every size: what it leaves out last, and the order in which the cursor goes through it."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import pytest
from tui_company import NOW
from tui_still import Still, still

from northstar_tui.events import Batch, Event
from northstar_tui.ledger.store import Store

DAY = 86_400_000_000

SIZES = ((200, 60), (120, 60), (80, 60), (60, 60))


def marked(screen: Still) -> tuple[int, int]:
    """Return the line and the cell of the cursor's mark."""
    lines = screen.text.split("\n")
    return next((y, line.index("▸")) for y, line in enumerate(lines) if "▸" in line)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("key", ["tab", "down"])
def test_the_cursor_goes_down_the_left_column_and_then_down_the_right_one(
    held: Path, size: tuple[int, int], key: str
) -> None:
    with still(held, size) as screen:
        seen = [marked(screen)]
        while screen.press(key) and (here := marked(screen)) not in seen:
            seen.append(here)
        turns = [at for at, (before, after) in enumerate(pairwise(seen), 1) if before[1] != after[1]]
        assert len(turns) == (2 if size[0] >= 120 else 0), "to the right column, and back to what stands below both"
        for run in (seen[start:end] for start, end in zip([0, *turns], [*turns, len(seen)], strict=True)):
            assert run == sorted(run), "down"


def test_sixty_columns_say_what_a_change_is_against(own: Path) -> None:
    days = [NOW - 1, NOW - 400 * DAY]
    body = {"instrument": "KX", "side": "yes", "quantity": "1", "price": "0.5"}
    with Store.open(own, write=True) as store:
        for at, net in zip(days, (83_324_510_000, 91_855_720_000), strict=True):
            money = {"stake": net, "gross": net, "fees": 0, "net": net, "opened_at": at - 1, "closed_at": at}
            store.append(Batch("big", [Event("big", f"{at}", "trade.closed", at, body | money)]))
    with still(own, (60, 20)) as narrow, still(own, (120, 40)) as wide:
        for name, full in (("Week", "This week"), ("Month", "This month"), ("Year", "This year")):
            short, told = (
                re.split("  +", next(line for line in screen.text.split("\n") if f" {said} " in line).strip(" ▐"))
                for screen, said in ((narrow, name), (wide, full))
            )
            assert short[0] == name and told[0] == full
            assert len(short) >= 4 and short[1:] == told[1 : len(short)], "net, change, and what that is against"


def test_targets_stand_below_the_periods_where_they_have_no_column(spent: Path) -> None:
    with still(spent, (120, 40)) as screen:
        assert "Target" in screen.text and "Target: " not in screen.text
        told = next(line for line in screen.text.split("\n") if "This week" in line).split("  ")[-1].strip()
        for screen.size in ((80, 24), (60, 20)):
            assert f"Targets: week {told}" in screen.text
