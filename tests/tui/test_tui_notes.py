"""Notes and tags by their keys: a real child process writes, and the screen shows it by itself."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import pytest
from tui_company import HOSTILE
from tui_driver import Driver, Open

from northstar_tui.ledger.store import Store
from northstar_tui.ledger.verify import verify

TO_DAY = ("2", "down", "enter", "enter", "end", "enter", "end", "enter", "end", "enter")


@pytest.fixture
def own(company: Path, tmp_path: Path) -> Path:
    """The company's store, to write into."""
    return Path(shutil.copy(company, tmp_path / "own.db"))


async def until(driver: Driver, words: str) -> str:
    """Wait until the screen says `words`."""
    for _ in range(400):
        await driver.settled()
        if words in driver.text:
            return driver.text
        await asyncio.sleep(0.05)
    raise AssertionError(f"{words!r} never came:\n{driver.text}")


async def test_a_note_and_tags_from_a_row_to_the_entrys_page(cockpit: Open, own: Path) -> None:
    async with cockpit((120, 40), store=own) as driver:
        await driver.press(*TO_DAY, "down")
        assert "2 of 2" in driver.crumb
        text = await driver.press("number_sign", *"+evil -odd")
        assert "Tags +add -remove +evil -odd" in text.splitlines()[-1]
        await driver.press("enter")
        text = await until(driver, "▸ 10:05:00  #evil ")
        assert "2 of 2" in driver.crumb, "the cursor stays on its row"
        await driver.press("n", *"waited too long", "enter")
        await until(driver, "#evil ✎ ")
        text = await driver.press("enter")
        assert "waited too long" in text and "#evil ✎ ␛[31mred" in text and "\x1b" not in text
        await driver.press("number_sign", *"-evil", "enter")
        text = await until(driver, "\n ✎ ␛[31mred")
        assert "▼ -$2.00" in text
    with Store.open(own, write=True) as store:
        assert verify(store).ok


async def test_what_is_no_tag_stays_to_be_mended(cockpit: Open, own: Path) -> None:
    async with cockpit((120, 40), store=own) as driver:
        await driver.press(*TO_DAY)
        text = await driver.press("number_sign", *"+a,b", "enter")
        assert "'a,b' is no tag" in text.splitlines()[-1]
        await driver.press("backspace", "backspace", "enter")
        await until(driver, "#a High in NYC")
        text = await driver.press("n", "enter")
        assert "the note is empty" in text.splitlines()[-1]
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
        await until(driver, "there is no store at")
        moved.rename(own)
        monkeypatch.setattr("sys.executable", "/nowhere/python")
        assert "no process can be started" in await driver.press("n", *"lost", "enter")


async def test_a_long_note_leaves_room_for_the_rest(cockpit: Open, own: Path) -> None:
    from northstar_tui.ledger import queries
    from northstar_tui.ledger.saying import add_note

    with Store.open(own, write=True) as store:
        entry = next(e for e in queries.recent(store, 5) if e.key == "today")
        for number in range(6):
            add_note(store, entry.id, f"{number} " + "word " * 60 + HOSTILE)
    for size in ((120, 40), (80, 24), (60, 20)):
        async with cockpit(size, store=own) as driver:
            text = await driver.press(*TO_DAY, "enter")
            assert "5 word" in text and "more lines of notes" in text and "Said about it (1)" in text
            assert all(len(line) <= size[0] for line in text.splitlines())
