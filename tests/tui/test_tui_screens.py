"""Every screen at four sizes: its text, and in a second look its styles.

A golden that changes is looked at before it is written anew.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tui_company import NOW
from tui_driver import Open, golden
from tui_still import Still, still

from northstar_tui.events import Batch, Event
from northstar_tui.ledger.rules import Rules
from northstar_tui.ledger.store import Store

SIZES = [(200, 50), (120, 40), (80, 24), (60, 20)]
WAYS = {
    "overview": (),
    "ledger-all": ("2",),
    "ledger-year": ("2", "enter"),
    "ledger-year-drawdown": ("2", "enter", "v"),
    "ledger-year-net": ("2", "enter", "v", "v"),
    "ledger-quarter": ("2", "enter", "enter"),
    "ledger-month": ("2", "enter", "enter", "end", "enter"),
    "ledger-week": ("2", "enter", "enter", "end", "enter", "down", "enter"),
    "ledger-day": ("2", "enter", "enter", "end", "enter", "end", "enter", "end", "enter"),
    "ledger-busy-day": (
        "2",
        "enter",
        "enter",
        "end",
        "enter",
        "home",
        "down",
        "down",
        "enter",
        "home",
        "down",
        "down",
        "enter",
    ),
    "calendar-month": ("2", "enter", "enter", "end", "enter", "g"),
    "calendar-year": ("2", "g"),
    "calendar-quarter": ("2", "enter", "enter", "g"),
    "calendar-opened": ("2", "g", "b", "end"),
    "entry": ("2", "enter", "enter", "end", "enter", "end", "enter", "end", "enter", "enter"),
    "entry-corrected": ("2", "enter", "enter", "end", "enter", "end", "enter", "down", "enter", "enter"),
    "event": ("2", "enter", "enter", "end", "enter", "end", "enter", "end", "enter", "end", "enter", "enter"),
    "why": ("2", "w"),
    "why-win-rate": ("2", "w", *"aaaaaaaaaa"),
    "why-max-drawdown": ("2", "w", *"aaaaaaaaaaaaaa"),
    "help": ("2", "question_mark"),
    "commands": ("2", "colon", "p", "e", "r"),
    "filter": ("2", "slash", "c", "a", "t"),
    "filter-empty": ("2", "slash"),
    "filter-wrong": ("2", "slash", *"book:scalper net:<ten 2026"),
    "filter-offers": ("2", "slash", *"-category:", "tab", "tab"),
    "filtered": ("2", "slash", *"net:<0 -kind:cost 2026-03", "enter"),
}
WAYS |= {
    "ledger-sorted": (*WAYS["ledger-busy-day"], "o"),
    "ledger-sorted-by-side": (*WAYS["ledger-busy-day"], *"ooooo", "O"),
    "entries-worst": ("2", "o"),
    "entries-best": ("2", "home", "O"),
    "ledger-columns": (*WAYS["ledger-busy-day"], "c", "down", "down", "enter"),
}

FED = {
    "overview-fed": (),
    "epoch": ("2", "colon", *"epoch v1", "enter"),
    "epochs-all": ("2",),
    "epochs-net": ("2", "enter", "v", "v"),
    "epochs-calendar": ("2", "g"),
    "epochs-commands": ("2", "colon", *"epoch"),
    "operations": ("7",),
    "operations-quarantine": ("7", "tab"),
    "operations-runs": ("7", "tab", "tab"),
    "operations-end": ("7", "end"),
    "source": ("7", "down", "down", "enter"),
    "needs": ("7", "enter"),
    "record": ("7", "tab", "enter"),
    "record-of-a-file": ("7", "tab", "down", "enter"),
    "run": ("7", "tab", "tab", "down", "enter"),
    "operations-help": ("7", "question_mark"),
}

SPENT = {
    "costs": ("9",),
    "costs-budgets": ("9", "tab", "tab", "down"),
    "costs-end": ("9", "end"),
    "costs-before": ("9", "left_square_bracket"),
    "costs-model": ("9", "tab", "tab", "tab", "tab", "enter"),
    "costs-charge": ("9", "tab", "tab", "tab", "enter"),
    "costs-ends-at": ("9", "down", "down", "down", "enter"),
    "costs-budget-why": ("9", "tab", "tab", "w"),
}
BARE = {"costs-nothing": ("9",), "costs-nothing-end": ("9", "end")}


def check(name: str, screen: Still, *keys: str) -> None:
    """Compare the screen after `keys` with its goldens: the text, and the styles of the light look."""
    columns, rows = screen.size
    text = screen.press(*keys)
    assert all(len(line) <= columns for line in text.splitlines())
    text = re.sub(r"\d+\.\d kB", "512.0 kB", re.sub(r"schema \d+", "schema 3", text))  # the ledger's own business
    golden(f"{name}-{columns}x{rows}", text)
    styles = screen.styles("light")
    assert "?" not in styles, "a style that the look has no name for"
    golden(f"styles/{name}-{columns}x{rows}", styles)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("name", FED)
def test_golden_of_a_fed_store(fed: Path, name: str, size: tuple[int, int]) -> None:
    with still(fed, size) as screen:
        check(name, screen, *FED[name])


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("name", SPENT)
def test_golden_of_costs(spent: Path, name: str, size: tuple[int, int]) -> None:
    with still(spent, size) as screen:
        check(name, screen, *SPENT[name])


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("name", BARE)
def test_golden_where_nothing_costs_anything(tmp_path: Path, name: str, size: tuple[int, int]) -> None:
    trade = {"gross": 5_000_000, "net": 5_000_000, "closed_at": NOW - 1, "instrument": "KXHIGHNY-1"}
    with Store.create(tmp_path / "s.db", Rules("America/New_York")) as store:
        store.append(Batch("kalshi", [Event("kalshi", "1", "trade.closed", NOW - 1, trade)]))
    with still(tmp_path / "s.db", size) as screen:
        check(name, screen, *BARE[name])


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("name", WAYS)
def test_golden(company: Path, name: str, size: tuple[int, int]) -> None:
    with still(company, size) as screen:
        check(name, screen, *WAYS[name])


@pytest.mark.parametrize("name", ["overview", "ledger-busy-day", "why", "commands"])
async def test_the_program_shows_what_the_cockpit_paints(cockpit: Open, company: Path, name: str) -> None:
    with still(company, (100, 30)) as screen:
        painted = screen.press(*WAYS[name])
    async with cockpit((100, 30)) as driver:
        assert await driver.press(*WAYS[name]) == painted
