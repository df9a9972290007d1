"""What changes by itself: commits that appear, pausing them, a store that is lost; the cursor stays where it is."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tui_company import NOW
from tui_driver import Open
from tui_still import still

from northstar_tui.calendar import SECOND
from northstar_tui.events import Batch, Event
from northstar_tui.ledger.store import Store, StoreError
from northstar_tui.tui import reader as reading
from northstar_tui.tui.reader import Behind, StoreReader

MINUTE = 60 * SECOND


def trade(key: str, net: int, at: int = NOW - MINUTE) -> Event:
    body = {"instrument": "X", "title": f"Late {key}", "side": "yes", "stake": 1, "gross": net, "fees": 0, "net": net,
            "opened_at": at, "closed_at": at}  # fmt: skip
    return Event("other", key, "trade.closed", at, body)


def commit(path: Path, *events: Event) -> None:
    with Store.open(path, write=True) as store:
        store.append(Batch("other", list(events)))


@pytest.fixture
def own(tmp_path: Path, company: Path) -> Path:
    """The company's store, to write to."""
    path = tmp_path / "own.db"
    shutil.copy(company, path)
    return path


# -- pausing -----------------------------------------------------------------------------------------------------------


async def test_a_paused_screen_holds_its_moment_everywhere_and_says_how_far_behind_it_is(
    cockpit: Open, own: Path
) -> None:
    async with cockpit(store=own) as driver:
        before = await driver.press("2")
        text = await driver.press("p")
        assert "PAUSED" in text.splitlines()[0] and "until p" in text.splitlines()[-1]
        commit(own, trade("1", 5_000_000))
        commit(own, trade("2", 1_000_000), trade("3", 1_000_000))
        text = await driver.until(lambda text: "PAUSED, 2 updates behind" in text)
        body = text.splitlines()[2:-1]
        assert body == before.splitlines()[2:-1] and "-$61.94" in text.splitlines()[0]
        assert "+$9.95" in await driver.press("enter"), "what is opened is of the same moment"
        assert "Late" not in await driver.press("t")
        await driver.press("1")
        assert "-$61.94" in driver.text.splitlines()[0] and "Late" not in driver.text
        await driver.press("2", "p")
        assert "with 2 updates" in driver.text
        text = await driver.until(lambda text: "+$16.95" in text)
        assert "PAUSED" not in text and "-$54.94" in text.splitlines()[0] and "2 of 2" in driver.crumb
        commit(own, trade("4", 1_000_000))
        await driver.until(lambda text: "+$17.95" in text)


async def test_the_pause_is_let_go_when_the_store_needs_the_room(
    cockpit: Open, own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "ROOM", 0)
    async with cockpit(store=own) as driver:
        await driver.press("2", "p")
        commit(own, trade("1", 5_000_000))
        text = await driver.until(lambda text: "PAUSED" not in text)
        assert "The store needs room" in text
        await driver.until(lambda text: "-$56.94" in text)


def test_a_held_moment_is_one_moment_and_the_latest_is_seen_beside_it(own: Path) -> None:
    reader = StoreReader(own)
    count = "SELECT count(*) FROM event"
    with reader.moment() as store:
        before = store.connection.execute(count).fetchone()[0]
    reader.hold()
    commit(own, trade("1", 1))
    with reader.moment() as store:
        assert store.connection.execute(count).fetchone()[0] == before
    assert reader.latest.connection.execute(count).fetchone()[0] == before + 1
    assert reader.changed() == Behind(1, full=False) and reader.changed() is None
    commit(own, trade("2", 1))
    assert reader.changed() == Behind(2, full=False)
    span = reader.release()
    assert span is not None and span.start <= NOW - MINUTE < span.end
    assert reader.changed() is None and reader.latest is reader.store
    with reader.moment() as store:
        assert store.connection.execute(count).fetchone()[0] == before + 2
    reader.hold()
    assert reader.release() is None
    reader.close()


# -- a store that is lost ----------------------------------------------------------------------------------------------


async def test_a_store_that_goes_leaves_what_was_read_and_says_so(cockpit: Open, own: Path) -> None:
    async with cockpit(store=own) as driver:
        before = await driver.press("2")
        own.rename(own.with_name("away.db"))
        text = await driver.until(lambda text: "STALE since" in text)
        assert "✗ STALE since 11:30:00" in text.splitlines()[0]
        assert text.splitlines()[2:-1] == before.splitlines()[2:-1]
        assert "another file, or none, is where the store was" in text.splitlines()[-1]
        own.with_name("away.db").rename(own)
        text = await driver.until(lambda text: "STALE" not in text)
        assert text.splitlines()[1:-1] == before.splitlines()[1:-1]
        commit(own, trade("1", 5_000_000))
        await driver.until(lambda text: "+$14.95" in text)


async def test_another_file_in_the_store_s_place_is_read(cockpit: Open, own: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.db"
    shutil.copy(own, other)
    commit(other, trade("1", 5_000_000))
    async with cockpit(store=own) as driver:
        await driver.press("2", "p")
        for rest in ("-wal", "-shm"):
            Path(f"{own}{rest}").unlink(missing_ok=True)
        other.replace(own)
        text = await driver.until(lambda text: "+$14.95" in text)
        assert "PAUSED" not in text and "STALE" not in text


async def test_a_refresh_that_fails_keeps_the_page(cockpit: Open, own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from northstar_tui.tui.screens import ledger

    async with cockpit(store=own) as driver:
        before = await driver.press("2")
        asked = ledger.question

        def failing(*_: object) -> object:
            def ask(_: Store) -> object:
                raise StoreError("disk I/O error", "check the disk")

            return ask

        monkeypatch.setattr(ledger, "question", failing)
        text = await driver.press("r")
        assert "STALE since" in text.splitlines()[0] and "disk I/O error: check the disk" in text
        assert text.splitlines()[2:-1] == before.splitlines()[2:-1]
        monkeypatch.setattr(ledger, "question", asked)
        assert "STALE" not in await driver.press("r")


async def test_the_operations_screen_says_when_and_how_fast_the_store_was_read(cockpit: Open, fed: Path) -> None:
    async with cockpit(store=fed) as driver:
        assert "read at 11:30:00 in 0.0 ms" in await driver.press("7")
        await driver.press("1")
        driver.cockpit.reading.read(NOW, 0.0142, "ledger")
        driver.cockpit.reading.read(NOW + MINUTE, 0.0021, "overview")
        assert "read at 11:31:00 in 2.1 ms, the slowest so far in 14.2 ms: ledger" in await driver.press("7")


# -- nothing jumps -----------------------------------------------------------------------------------------------------


@given(
    st.lists(st.tuples(st.integers(0, 400), st.integers(1, 6)), min_size=1, max_size=4),
    st.integers(0, 18), st.sampled_from([(120, 40), (80, 24), (60, 20)]), st.sampled_from(["", "7", "2", "2e"]),
)  # fmt: skip
@settings(max_examples=25)
def test_commits_move_neither_the_cursor_s_row_nor_its_line(
    own_factory: Callable[[], Path], commits: list[tuple[int, int]], downs: int, size: tuple[int, int], way: str
) -> None:
    path = own_factory()
    with still(path, size) as screen:
        screen.press(*[{"e": "enter"}.get(key, key) for key in way], *["down"] * downs)
        for number, (days, count) in enumerate(commits):
            kept, marked = screen.cockpit.page.cursor(), _marked(screen.text)
            head = screen.cockpit.head
            assert head is not None
            at = NOW - days * 24 * 60 * MINUTE
            commit(path, *[trade(f"{number}-{n}", 1_000, at - n) for n in range(count)])
            while screen.cockpit.head is not None and screen.cockpit.head.batch == head.batch:
                screen.settle()
            after = screen.cockpit.page.cursor()
            if after.key != kept.key:
                assert kept.key is None or not any(kept.key == page_key for page_key in _keys(screen.cockpit.page))
                continue
            line = _marked(screen.text)
            assert line == marked or after.top == 0 or line > marked, "it moves only where there is no room to scroll"


def _keys(page: Any) -> list[object]:
    """Return what the lines of a page of sections are known by."""
    return [page.key(target) for target in getattr(page, "_targets", [])]


def _marked(text: str) -> int:
    return next(y for y, line in enumerate(text.splitlines()) if "▸" in line)


@pytest.fixture(scope="module")
def own_factory(company: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Path]:
    """Give another copy of the company's store each time."""

    def make() -> Path:
        path = tmp_path_factory.mktemp("own") / "own.db"
        shutil.copy(company, path)
        return path

    return make
