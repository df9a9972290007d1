"""Notes and tags by their keys: a real child process writes, and the screen shows it by itself."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from test_tui_screens import SIZES, check
from tui_company import HOSTILE, NOW
from tui_driver import Open
from tui_still import still

from northstar_tui.ledger import queries
from northstar_tui.ledger.saying import add_note, change_tags
from northstar_tui.ledger.store import Store
from northstar_tui.ledger.verify import verify

TO_DAY = ("2", "enter", "enter", "end", "enter", "end", "enter", "end", "enter")


@pytest.fixture
def own(company: Path, tmp_path: Path) -> Path:
    """The company's store, to write into."""
    return Path(shutil.copy(company, tmp_path / "own.db"))


@pytest.fixture(scope="module")
def noted(company: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The company's store with what the operator noted on two entries of today; to read."""
    path = Path(shutil.copy(company, tmp_path_factory.mktemp("noted") / "company.db"))
    with pytest.MonkeyPatch.context() as patch, Store.open(path, write=True) as store:
        for place in ("store", "saying"):
            patch.setattr(f"northstar_tui.ledger.{place}.now", lambda: NOW)
        ids = {entry.key: entry.id for entry in queries.recent(store, 5)}
        change_tags(store, ids["today"], ["weather-v3", "sized-up"], [])
        add_note(store, ids["today"], "The forecast moved at nine; taken before the book did. Keep the size next time.")
        add_note(store, ids["evil"], f"Said {HOSTILE}")
    return path


NOTED = {
    "noted-rows": TO_DAY,
    "noted-entry": (*TO_DAY, "enter"),
    "noted-overview": ("1",),
    "noted-column": (*TO_DAY, "c", "end", "enter", "escape"),
    "noted-typing": (*TO_DAY, "n", *"waited too"),
    "noted-wrong": (*TO_DAY, "number_sign", *"+a,b", "enter"),
}


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("name", NOTED)
def test_golden_of_notes(noted: Path, name: str, size: tuple[int, int]) -> None:
    with still(noted, size) as screen:
        check(name, screen, *NOTED[name])
        assert "\x1b" not in screen.text and "\u202e" not in screen.text


def test_a_column_shows_tags_and_notes_and_orders_by_them(noted: Path) -> None:
    with still(noted, (120, 40)) as screen:
        assert "#sized-up+1 ✎ High in" in screen.press(*TO_DAY)
        text = screen.press("c", "end", "enter", "escape")
        row = next(line for line in text.splitlines() if "High in NYC" in line)
        assert "#sized-up #weather-v3" in row and "✎" not in text, "said once"
        assert "tags" in screen.cockpit.nav.columns
        busy = ("2", "enter", "enter", "end", "enter", "home", "down", "down", "enter", "o")
        screen.press(*busy)
        while screen.cockpit.nav.here.subject[1] != "tags":  # type: ignore[index]
            screen.press("o")
        with Store.open(noted) as store:
            week = screen.cockpit.page.snapshot.view.period  # type: ignore[attr-defined]
            found = queries.entries(store, week, sort="tags")
        assert [entry.tags for entry in found] == [entry.tags for entry in sorted(found, key=lambda e: not e.tags)]
        assert screen.cockpit.page.command()[-2:] == ["--sort", "tags"]


async def test_a_note_and_tags_from_a_row_to_the_entrys_page(cockpit: Open, own: Path) -> None:
    async with cockpit((120, 40), store=own) as driver:
        await driver.press(*TO_DAY, "down")
        assert "2 of 2" in driver.crumb
        text = await driver.press("number_sign", *"+evil -odd")
        assert "tags +add -remove of ␛[31mred␛[0m [bold]not … -$2.00: +evil -odd" in text.splitlines()[-1]
        await driver.press("enter")
        text = await driver.until("▸ 10:05:00  #evil ")
        assert "2 of 2" in driver.crumb, "the cursor stays on its row"
        await driver.press("n", *"waited too long", "enter")
        await driver.until("#evil ✎ ")
        text = await driver.press("enter")
        assert "waited too long" in text and "#evil ✎ ␛[31mred" in text and "\x1b" not in text
        await driver.press("number_sign", *"-evil", "enter")
        text = await driver.until("\n ✎ ␛[31mred")
        assert "▼ -$2.00" in text
    with Store.open(own, write=True) as store:
        assert verify(store).ok


async def test_what_is_no_tag_stays_to_be_mended(cockpit: Open, own: Path) -> None:
    async with cockpit((120, 40), store=own) as driver:
        await driver.press(*TO_DAY)
        text = await driver.press("number_sign", *"+a,b", "enter")
        assert "'a,b' is no tag" in text.splitlines()[-2]
        await driver.press("backspace", "backspace", "enter")
        await driver.until("#a High in NYC")
        text = await driver.press("n", "enter")
        assert "the note is empty" in text.splitlines()[-2]
        await driver.press("escape")
        assert driver.cockpit.prompt is None


async def test_a_row_of_sums_is_no_entry(cockpit: Open) -> None:
    async with cockpit((120, 40)) as driver:
        assert "Select an entry first" in await driver.press("2", "n")
        assert "Select an entry first" in await driver.press("number_sign")


async def test_a_child_that_cannot_write_says_why(cockpit: Open, own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with cockpit((120, 40), store=own) as driver:
        await driver.press(*TO_DAY)
        moved = own.with_name("moved.db")
        own.rename(moved)
        await driver.press("n", *"lost", "enter")
        await driver.until("there is no store at")
        moved.rename(own)
        monkeypatch.setattr("sys.executable", "/nowhere/python")
        assert "no process can be started" in await driver.press("n", *"lost", "enter")


async def test_a_long_note_leaves_room_for_the_rest(cockpit: Open, own: Path) -> None:
    with Store.open(own, write=True) as store:
        entry = next(e for e in queries.recent(store, 5) if e.key == "today")
        for number in range(6):
            add_note(store, entry.id, f"{number} " + "word " * 60 + HOSTILE)
    for size in ((120, 40), (80, 24), (60, 20)):
        async with cockpit(size, store=own) as driver:
            text = await driver.press(*TO_DAY, "enter")
            assert "5 word" in text and "more lines of notes" in text and "History (1)" in text
            assert all(len(line) <= size[0] for line in text.splitlines())
