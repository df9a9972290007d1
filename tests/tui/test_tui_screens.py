"""Every screen at three sizes, as text. A golden that changes is looked at before it is written anew."""

from __future__ import annotations

import pytest
from conftest import Open
from tui_driver import golden

SIZES = [(120, 40), (80, 24), (60, 20)]
WAYS = {
    "overview": (),
    "ledger-all": ("2",),
    "ledger-year": ("2", "down", "enter"),
    "ledger-quarter": ("2", "down", "enter", "enter"),
    "ledger-month": ("2", "down", "enter", "enter", "end", "enter"),
    "ledger-week": ("2", "down", "enter", "enter", "end", "enter", "down", "enter"),
    "ledger-day": ("2", "down", "enter", "enter", "end", "enter", "end", "enter", "end", "enter"),
    "ledger-busy-day": (
        "2",
        "down",
        "enter",
        "enter",
        "end",
        "enter",
        "down",
        "down",
        "enter",
        "down",
        "down",
        "enter",
    ),
    "entry": ("2", "down", "enter", "enter", "end", "enter", "end", "enter", "end", "enter", "enter"),
    "entry-corrected": ("2", "down", "enter", "enter", "end", "enter", "end", "enter", "down", "enter", "enter"),
    "event": ("2", "down", "enter", "enter", "end", "enter", "end", "enter", "end", "enter", "end", "enter", "enter"),
    "why": ("2", "down", "w"),
    "why-win-rate": ("2", "down", "w", *"aaaaaaaaaa"),
    "help": ("2", "question_mark"),
    "commands": ("2", "colon", "p", "e", "r"),
    "filter": ("2", "slash", "c", "a", "t"),
}


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("name", WAYS)
async def test_golden(cockpit: Open, name: str, size: tuple[int, int]) -> None:
    async with cockpit(size) as driver:
        text = await driver.press(*WAYS[name])
        assert all(len(line) <= size[0] for line in text.splitlines())
        golden(f"{name}-{size[0]}x{size[1]}", text)
