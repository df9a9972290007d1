"""Records in quarantine under the operator's hands: settled for a reason, opened again, retried wherever they lie."""

from __future__ import annotations

from pathlib import Path

import pytest
from test_tui_screens import SIZES, check
from tui_company import HOSTILE, NOW
from tui_driver import Open
from tui_still import still

from northstar_tui.events import Batch, Counts, Origin, Reject
from northstar_tui.ledger import health, state
from northstar_tui.ledger.quarantine import dismiss
from northstar_tui.ledger.rules import Rules
from northstar_tui.ledger.store import Store
from northstar_tui.sync import runs
from northstar_tui.sync.files import Request, import_file
from northstar_tui.tui.actions import OPERATIONS, QUARANTINE, RECORD

TIPS = "day,pick,odds,units\n13/04/2026,Alpha,1.9,0.9\n14/04/2026,Beta,1.9,{}\n"
TIPSTER = '[formats.tipster]\nkind = "bets"\ncolumns = { time = "day", profit = "units" }\nunit = "25"\ndates = "dmy"\n'


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A store with three records to be seen to and two that were settled, one of each of two sources."""
    monkeypatch.setattr("northstar_tui.ledger.store.now", lambda: NOW)
    monkeypatch.setattr("northstar_tui.ledger.quarantine.now", lambda: NOW)
    monkeypatch.setattr(runs, "now", lambda: NOW)
    path = tmp_path / "s.db"
    with Store.create(path, Rules("America/New_York")) as store:
        rejects = [Reject(n, "odds", f"{'oops' * n!r} is no odds", f"2026-03-0{n},Pick {n}") for n in (2, 3, 4)]
        store.append(Batch("bets-csv:john", [], rejects, origin=Origin("bets.csv", "a" * 64, 100)))
        with store.transaction():
            runs.Run(store, "bets-csv:john", Origin("bets.csv", "a" * 64, 100)).done(Counts(new=4, quarantined=3))
        mail = [Reject(7, "stake", f"{HOSTILE} is no stake", f"Lakers;{HOSTILE}"), Reject(9, "pick", "none", "x")]
        store.append(Batch("mail", [], mail))
        dismiss(store, [5], f"an advertisement {HOSTILE}")
        with store.transaction():
            store.connection.execute(
                "UPDATE quarantine SET settled_at = ?, settled_by = 'import of bets.csv' WHERE id = 1", (NOW - 10**9,)
            )
    monkeypatch.undo()
    return path


def lying(path: Path) -> list[int]:
    with Store.open(path) as store:
        assert state.quarantined(store) == len(health.quarantine(store, 99))
        return sorted(record.id for record in health.quarantine(store, 99))


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("quarantine-some-settled", ("7", "tab")),
        ("quarantine-settled", ("7", "tab", "down", "down", "down", "enter")),
        ("record-settled", ("7", "tab", "down", "down", "down", "enter", "enter")),
        ("source-settled", ("7", "home", "down", "enter")),
        ("record-because", ("7", "tab", "enter", "s", *"a test")),
    ],
)
def test_golden(desk: Path, name: str, keys: tuple[str, ...], size: tuple[int, int]) -> None:
    with still(desk, size) as screen:
        check(name, screen, *keys)
        assert "\x1b" not in screen.text and "\u202e" not in screen.text


async def test_s_settles_for_a_reason_and_opens_again(cockpit: Open, desk: Path) -> None:
    async with cockpit(store=desk) as driver:
        assert "3 records quarantined" in await driver.press("7", "tab", "down")
        text = await driver.press("s")
        assert "settle bets.csv:4 because:" in text.splitlines()[-1]
        assert "say why" in (await driver.press("enter")).splitlines()[-2]
        await driver.press(*"junk row", "enter")
        text = await driver.until(
            "2 records quarantined", "record 3 settled: northstar quarantine --reopen 3", "3 settled"
        )
        assert lying(desk) == [2, 4]
        await driver.press("end", "home", "tab", "down", "down", "enter")
        assert driver.cockpit.nav.here.screen == QUARANTINE and "settled" in driver.crumb and "1 of 3" in driver.crumb
        assert "dismissed: junk row" in driver.text
        await driver.press("enter")
        assert driver.cockpit.nav.here.screen == RECORD and "s opens it again" in driver.text
        await driver.press("s")
        await driver.until("3 records quarantined", "record 3 open again", "You opened it again")
        assert lying(desk) == [2, 3, 4]


async def test_every_screen_of_records_settles_the_selected_one(cockpit: Open, desk: Path) -> None:
    async with cockpit(store=desk) as driver:
        for keys, left in (
            (("7", "tab", "enter"), [2, 3]),  # the record's own: mail's, the newest
            (("7", "home", "down", "enter", "home"), [2]),  # its source's
            (("7", "tab"), []),
        ):
            await driver.press(*keys, "s", *"seen", "enter")
            await driver.until("undoes it")
            assert lying(desk) == left
        await driver.until("5 settled")
        assert "quarantined" not in driver.text.splitlines()[0]
        await driver.press("7", "home", "tab", "enter", "end", "s")
        await driver.until("open again", "1 record quarantined", "4 of 4")


async def test_typing_can_be_left_and_what_is_no_record_says_so(cockpit: Open, desk: Path) -> None:
    async with cockpit(store=desk) as driver:
        await driver.press("7", "home", "s")
        assert "Select a record in quarantine first; Tab goes there" in driver.text
        await driver.press("tab", "s", *"no", "escape")
        assert lying(desk) == [2, 3, 4] and driver.cockpit.prompt is None
        assert driver.cockpit.nav.here.screen == OPERATIONS
        await driver.press("s", "backspace")
        assert driver.cockpit.prompt is None


async def test_a_store_that_cannot_be_written_is_said(cockpit: Open, desk: Path) -> None:
    async with cockpit(store=desk) as driver:
        await driver.press("7", "tab", "s", *"why")
        desk.rename(desk.with_name("gone.db"))
        await driver.press("enter")
        await driver.until("there is no store at")


async def test_the_cursor_stays_where_it_was_when_its_record_goes(cockpit: Open, tmp_path: Path) -> None:
    path = tmp_path / "s.db"
    with Store.create(path, Rules("UTC")) as store:
        store.append(Batch("mail", [], [Reject(n, "odds", f"reason {n}", f"row {n}") for n in range(1, 40)]))
    async with cockpit(store=path) as driver:
        await driver.press("7", "tab", *["down"] * 5, "enter", "down", "down", "down")
        assert "4 of 39" in driver.crumb
        await driver.press("s", *"seen", "enter")
        await driver.until("4 of 38", "record 36 settled")
        await driver.press("enter")
        assert "row 35" in driver.text


# -- retrying ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def tips(tmp_path: Path) -> Path:
    """A store with a row of a file that was imported with --as and --book, from a folder of its own."""
    (tmp_path / "config.toml").write_text(f'store = "s.db"\n{TIPSTER}')
    folder = tmp_path / "downloads"
    folder.mkdir()
    (folder / "tips.csv").write_text(TIPS.format("oops"))
    formats = {"tipster": {"kind": "bets", "columns": {"time": "day", "profit": "units"}, "unit": 25, "dates": "dmy"}}
    with Store.create(tmp_path / "s.db", Rules("UTC")) as store:
        import_file(store, folder / "tips.csv", Request("tipster", "john", formats=formats))
        assert health.quarantine(store, 9)[0].line == 3
    return folder / "tips.csv"


async def test_a_retry_imports_from_where_it_lay_as_it_was_told(cockpit: Open, tips: Path) -> None:
    async with cockpit(store=tips.parent.parent / "s.db") as driver:
        await driver.press("7", "tab", "enter")
        assert "northstar import --as tipster --book john /" in driver.text
        tips.write_text(TIPS.format("-1.0"))
        await driver.press("r")
        await driver.until("bets-csv:john: 1 new", "import of tips.csv", "net ▼ -$2.50")


async def test_a_retry_asks_for_the_path_of_a_file_that_is_gone(cockpit: Open, tips: Path) -> None:
    async with cockpit(store=tips.parent.parent / "s.db") as driver:
        mended = tips.parent.parent / "tips (1).csv"
        tips.rename(mended)
        mended.write_text(TIPS.format("-1.0"))
        text = await driver.press("7", "tab", "r")
        assert f"path of tips.csv: {tips}" in text.splitlines()[-1]
        assert "there is no such file" in (await driver.press("enter")).splitlines()[-2]
        assert "type the path" in (await driver.press("ctrl+u", "enter")).splitlines()[-2]
        await driver.press(*str(mended), "enter")
        await driver.until("bets-csv:john: 1 new", "1 settled", "net ▼ -$2.50")


async def test_a_run_of_an_import_is_run_again_as_it_was_told(cockpit: Open, tips: Path) -> None:
    async with cockpit(store=tips.parent.parent / "s.db") as driver:
        tips.write_text(TIPS.format("-1.0"))
        await driver.press("7", "end", "enter", "r")
        await driver.until("bets-csv:john: 1 new")
