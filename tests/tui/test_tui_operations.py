"""Screen 7 and what `r` does: every key, with real child processes against a real local server."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tui_company import HOSTILE, NOW, REFUSED
from tui_driver import Open
from tui_office import UNSTARVED, BillsFake, office
from tui_session import session

from northstar_tui.events import Batch, Event, Reject
from northstar_tui.ledger.rules import Rules
from northstar_tui.ledger.store import Store
from northstar_tui.tui.actions import OPERATIONS, OVERVIEW, QUARANTINE, RECORD, RUN, SOURCE

BETS = "date,selection,odds,stake,profit\n2026-03-02,Alpha,+100,10,10\n2026-03-03,Beta,+100,10,{}\n"


@pytest.fixture
def bills() -> Iterator[BillsFake]:
    with BillsFake() as fake:
        yield fake


@pytest.fixture
def clipboard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.delenv("TMUX", raising=False)
    return tmp_path / "northstar" / "clipboard.txt"


# -- the screen --------------------------------------------------------------------------------------------------------


async def test_every_row_opens_and_back_lands_on_it(cockpit: Open, fed: Path) -> None:
    async with cockpit(store=fed) as driver:
        here = lambda: driver.cockpit.nav.here.screen  # noqa: E731
        for keys, screen, said in (
            (("7", "home", "down", "down"), SOURCE, "left alone until 11:50"),
            (("7", "home", "tab"), RECORD, "The record itself"),
            (("7", "home", "tab", "tab"), RUN, "4 answers, 12,345 bytes"),
        ):
            before = await driver.press(*keys)
            text = await driver.press("enter")
            assert here() == screen and said in text
            assert await driver.press("h") == before and here() == OPERATIONS
        await driver.press("1")
        assert here() == OVERVIEW


async def test_tab_goes_from_section_to_section_and_round(cockpit: Open, fed: Path) -> None:
    async with cockpit(store=fed) as driver:
        await driver.press("7")
        places = []
        for _ in range(4):
            places.append(driver.crumb.split()[1])
            await driver.press("tab")
        assert places == ["1", "11", "13", "1"]


async def test_states_are_words_and_glyphs_and_say_what_to_do(cockpit: Open, fed: Path) -> None:
    async with cockpit(store=fed) as driver:
        text = await driver.press("7")
        for said in ("● fresh", "✗ failing", "◐ late", "○ not read yet", "○ off", "3, left alone until 11:50",
                     "it must be", "enabled = true under [sources.spare]"):  # fmt: skip
            assert said in text
        assert "✗ openrouter left alone  ◐ mail 39h late" in text.splitlines()[0]


async def test_nothing_from_outside_is_obeyed(cockpit: Open, fed: Path) -> None:
    async with cockpit(store=fed) as driver:
        shown = ""
        ways = (("7",), ("down", "down", "enter"), ("7", "home", "tab", "enter"),
                ("7", "home", "tab", "tab", "down", "down", "enter"))  # fmt: skip
        for keys in ways:
            shown += await driver.press(*keys)
        assert shown.count("[bold]not markup[/]") > 4 and "␛[31m" in shown and "␀" in shown
        assert "\x1b" not in shown and "\u202e" not in shown and "\x00" not in shown


async def test_copies(cockpit: Open, fed: Path, clipboard: Path) -> None:
    config, store = fed.with_name("config.toml"), fed
    async with cockpit(store=store) as driver:
        for keys, value, command in (
            (("7", "home", "down", "down"), REFUSED, f"northstar --config {config} --store {store} sync openrouter"),
            (("7", "home", "tab"), f"pick;{HOSTILE}\x00;2.1", f"northstar --config {config} --store {store} sync mail"),
            (("7", "home", "tab", "down", "enter"), "x,y,z",
             f"northstar --config {config} --store {store} import Kalshi-Transactions-2026.csv"),
            (("h", "end"), "3 new", f"northstar --store {store} runs"),
        ):  # fmt: skip
            await driver.press(*keys, "y")
            assert clipboard.read_text() == value
            await driver.press("Y")
            assert clipboard.read_text() == command


async def test_the_cursor_stays_on_its_row_when_others_come(cockpit: Open, fed: Path, tmp_path: Path) -> None:
    store = tmp_path / "company.db"
    shutil.copy(fed, store)
    shutil.copy(fed.with_name("config.toml"), tmp_path)
    async with cockpit(store=store) as driver:
        await driver.press("7", "tab", "down")
        assert "12 of 18" in driver.crumb
        with Store.open(store, write=True) as writer:
            writer.append(Batch("mail", [], [Reject(n, "odds", "no odds", f"row {n}") for n in range(2)]))
        await driver.until("14 of 20")
        assert "Kalshi-Transactions-2026.csv:77" in await driver.press("enter")


async def test_a_long_quarantine_has_a_screen_of_its_own(cockpit: Open, tmp_path: Path) -> None:
    store = tmp_path / "s.db"
    with Store.create(store, Rules("UTC")) as writer:
        rejects = [Reject(n, "odds", f"reason {n}", f"row {n}") for n in range(1, 300)]
        writer.append(Batch("mail", [], rejects))
    async with cockpit(store=store) as driver:
        text = await driver.press("7", "tab")
        assert "Quarantine, 299 records" in text and "all 299 records" in text
        await driver.press("down", "down", "down", "down", "down", "enter")
        assert driver.cockpit.nav.here.screen == QUARANTINE and "1 of 299" in driver.crumb
        await driver.press("end", "enter")
        assert "row 1" in driver.text and "Mend it where it comes from" in driver.text
        await driver.press("h")
        assert "299 of 299" in driver.crumb


async def test_a_store_that_nothing_feeds_says_what_to_do(cockpit: Open, company: Path) -> None:
    async with cockpit(store=company) as driver:
        text = await driver.press("7")
        assert "none is scheduled" in text and "northstar init" in text and "northstar import FILE" in text
        assert "Nothing was fetched or imported yet" in text and "1 record" in text


async def test_every_size_holds(cockpit: Open, fed: Path) -> None:
    async with cockpit(store=fed) as driver:
        for keys in (("7",), ("down", "enter"), ("h", "tab", "enter"), ("7", "end", "enter")):
            await driver.press(*keys)
            for size in ((40, 10), (60, 20), (81, 25), (250, 80), (120, 40)):
                await driver.pilot.resize_terminal(*size)
                await driver.settled()
                assert "This could not be read" not in driver.text
                assert all(len(line) <= size[0] for line in driver.text.splitlines())


# -- r -----------------------------------------------------------------------------------------------------------------


async def test_without_a_source_r_reads_again_and_says_what_to_do(cockpit: Open) -> None:
    async with cockpit() as driver:
        text = await driver.press("r")
        assert "Read again. Nothing arrives by itself yet: northstar init" in text
        assert not driver.cockpit.syncing.busy


async def test_in_a_demo_nothing_is_to_be_configured(cockpit: Open, tmp_path: Path) -> None:
    with Store.create(tmp_path / "demo.db", Rules("UTC"), kind="demo") as made:
        made.append(Batch("a", [Event("a", "1", "cost.incurred", NOW, {"amount": 1})]))
    async with cockpit(store=tmp_path / "demo.db") as driver:
        text = await driver.press("r")
        assert "Read again. This is a demo: its sources are simulated" in text and "northstar init" not in text


async def test_r_fetches_the_selected_source_and_says_how_it_ended(
    cockpit: Open, tmp_path: Path, bills: BillsFake
) -> None:
    store = office(tmp_path, bills.config(), '[sources.spare]\nkind = "jobs"\nenabled = false\npath = "jobs.csv"')
    Store.create(store, Rules("America/New_York")).close()
    async with cockpit(store=store) as driver:
        bills.misbehave("401")
        await driver.press("7", "r")
        assert "http_json:bills: reading …" in driver.text
        text = await driver.until("http_json:bills failed: /bills refused us (401)", "✗ http_json:bills failing")
        assert "northstar doctor" in text
        bills.misbehave(None)
        await driver.press("r")
        text = await driver.until("http_json:bills: 3 new", "● fresh")
        assert "✗ http_json:bills" not in text and "net ▼ -$3.00" in text
        await driver.press("r")
        await driver.until("http_json:bills: nothing new")
        await driver.press("down", "r")
        assert "jobs:spare is off: enabled = true" in driver.text


async def test_r_elsewhere_fetches_all_sources_that_are_on(
    cockpit: Open, company: Path, tmp_path: Path, bills: BillsFake
) -> None:
    store = office(tmp_path, bills.config(), '[sources.jobs]\npath = "gone.csv"')
    shutil.copy(company, store)
    async with cockpit(store=store) as driver:
        await driver.press("2", "r")
        assert "http_json:bills: reading …" in driver.text and "jobs: reading …" in driver.text
        await driver.until("jobs failed · http_json:bills: 3 new · 7 says why", "-$64.94")
        assert "All time" in driver.crumb
        await driver.press("j")
        assert "failed" not in driver.text.splitlines()[-1], "a key takes the message away"


async def test_a_first_run_with_sources_fetches_them(cockpit: Open, tmp_path: Path, bills: BillsFake) -> None:
    store = office(tmp_path, bills.config())
    async with cockpit(store=store) as driver:
        assert "fetch now from http_json:bills" in driver.text
        await driver.press("r")
        await driver.until("This month", "http_json:bills: 3 new")


async def test_a_child_that_cannot_even_begin_is_told(cockpit: Open, company: Path, tmp_path: Path) -> None:
    store = office(tmp_path, '[sources.odd]\nkind = "nonesuch"')
    shutil.copy(company, store)
    async with cockpit(store=store) as driver:
        await driver.press("7", "r")
        await driver.until("nonesuch:odd failed:", "✗ failing")


async def test_a_mended_file_is_imported_again(cockpit: Open, tmp_path: Path) -> None:
    store, file = tmp_path / "s.db", tmp_path / "bets.csv"
    file.write_text(BETS.format("oops"))
    verb = [sys.executable, "-m", "northstar_tui", "--store", str(store), "import", str(file)]
    assert subprocess.run(verb, capture_output=True, check=False, timeout=60).returncode == 1
    async with cockpit(store=store) as driver:
        await driver.press("7", "tab", "enter")
        assert "Mend line 3 of bets.csv" in driver.text and f"northstar import {tmp_path}" in driver.text
        file.write_text(BETS.format("10"))
        await driver.press("r")
        assert "bets-csv: importing /" in driver.text
        await driver.until("bets-csv: 1 new", "+$20.00", "import of bets.csv", "s opens it again")
        assert "quarantined" not in driver.text.splitlines()[0]


# -- a real terminal ---------------------------------------------------------------------------------------------------


def unstarved(store: Path) -> list[str]:
    return [sys.executable, "-c", UNSTARVED, "--store", str(store)]


def test_failing_mended_fresh_in_a_real_terminal(tmp_path: Path, bills: BillsFake) -> None:
    store = office(tmp_path, bills.config().replace("[sources.bills]\n", '[sources.bills]\nevery = "1h"\n'))
    Store.create(store, Rules("America/New_York")).close()
    bills.misbehave("401")
    with session(store, command=unstarved(store), NORTHSTAR_CONFIG=str(tmp_path / "config.toml")) as run:
        run.until("Welcome to NorthStar")
        run.until("✗ http_json:bills failing")  # the schedule runs it by itself: it was never read
        run.press("7", "/bills refused us (401)")
        while "reading" in run.terminal.text:
            run.pump(0.05)
        assert "Failed runs" in run.terminal.text
        bills.misbehave(None)
        run.press("r", "http_json:bills: reading …")
        run.until("http_json:bills: 3 new")
        text = run.until("● http_json:bills now")
        assert "● fresh" in text and "net ▼ -$3.00" in text and "closed, 1 failed" not in text
        os.write(run.fd, b"q")
        assert run.wait() == 0


def test_children_end_with_the_cockpit(tmp_path: Path, bills: BillsFake) -> None:
    store = office(tmp_path, bills.config())
    Store.create(store, Rules("America/New_York")).close()
    bills.misbehave("drip")  # a byte every 50 ms: it would take its time
    with session(store, command=unstarved(store), NORTHSTAR_CONFIG=str(tmp_path / "config.toml")) as run:
        run.until("Welcome to NorthStar")
        run.press("r", "http_json:bills: reading …")
        end = time.monotonic() + 60
        while not (children := _children(run.pid)):
            assert time.monotonic() < end
            run.pump(0.05)
        os.kill(run.pid, signal.SIGKILL)
        while any(Path(f"/proc/{child}").exists() for child in children):
            assert time.monotonic() < end + 60, "a child outlived the cockpit"
            time.sleep(0.05)


def _children(pid: int) -> list[int]:
    found = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        found += [int(child) for child in (task / "children").read_text().split()]
    return found
