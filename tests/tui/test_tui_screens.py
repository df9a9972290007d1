"""Every screen at three sizes, as text. A golden that changes is looked at before it is written anew."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tui_driver import Open, golden

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

FED = {
    "overview-fed": (),
    "operations": ("7",),
    "operations-quarantine": ("7", "tab"),
    "operations-runs": ("7", "tab", "tab"),
    "operations-end": ("7", "end"),
    "source": ("7", "down", "enter"),
    "record": ("7", "tab", "enter"),
    "record-of-a-file": ("7", "tab", "down", "enter"),
    "run": ("7", "tab", "tab", "down", "enter"),
    "operations-help": ("7", "question_mark"),
}


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("name", FED)
async def test_golden_of_a_fed_store(cockpit: Open, fed: Path, name: str, size: tuple[int, int]) -> None:
    async with cockpit(size, store=fed) as driver:
        text = await driver.press(*FED[name])
        assert all(len(line) <= size[0] for line in text.splitlines())
        text = re.sub(r"\d+\.\d kB", "512.0 kB", re.sub(r"schema \d+", "schema 3", text))  # the ledger's own business
        golden(f"{name}-{size[0]}x{size[1]}", text)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("name", WAYS)
async def test_golden(cockpit: Open, name: str, size: tuple[int, int]) -> None:
    async with cockpit(size) as driver:
        text = await driver.press(*WAYS[name])
        assert all(len(line) <= size[0] for line in text.splitlines())
        golden(f"{name}-{size[0]}x{size[1]}", text)
