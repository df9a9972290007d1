"""The prompt of `/`, where a filter leads, the order and the columns of a list; and a store that takes its time."""

from __future__ import annotations

import re
import shutil
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from tui_company import BUSY_DAY, NOW
from tui_driver import Open
from tui_still import Still, StillHost, still

from northstar_tui.calendar import ALL, Period
from northstar_tui.events import Batch, Event
from northstar_tui.ledger import queries
from northstar_tui.ledger.store import Store
from northstar_tui.tui import theme
from northstar_tui.tui.bridge import Bridge
from northstar_tui.tui.cockpit import Cockpit
from northstar_tui.tui.reader import StoreReader
from northstar_tui.tui.screens.ledger import LedgerPage
from northstar_tui.tui.screens.listing import following, turned_to
from northstar_tui.tui.waiting import GIVES_UP, READING

SIZE = (120, 40)
TO_BUSY_DAY = ("2", "enter", "enter", "end", "enter", "home", "down", "down", "enter", "home", "down", "down", "enter")


def prompt(screen: Still) -> str:
    """The text in the prompt."""
    assert screen.cockpit.prompt is not None
    return screen.cockpit.prompt.text


def hint(screen: Still) -> str:
    """The line above the prompt."""
    return screen.text.splitlines()[-2]


def crumb(screen: Still) -> str:
    return screen.text.splitlines()[1]


def typed(screen: Still, text: str, *keys: str) -> str:
    return screen.press("slash", "ctrl+u", *text, *keys)


# -- the prompt --------------------------------------------------------------------------------------------------------


def test_what_is_wrong_is_said_while_it_is_typed_and_enter_goes_there(company: Path) -> None:
    with still(company, SIZE) as screen:
        screen.press("2", "slash")
        assert "Tab completes" in hint(screen)
        screen.press(*"net:<")
        assert "'<' is no amount: write dollars: net:<-5" in hint(screen)
        screen.press(*"-5 colour:x ")
        assert "'colour' is nothing to filter by" in hint(screen)
        screen.press(*"2026", "enter")
        assert screen.cockpit.prompt is not None and screen.cockpit.prompt.caret == len("net:<-5 colour")
        assert "All time" in crumb(screen)
        screen.press(*["backspace"] * len("colour"), *"book", "enter")
        assert screen.cockpit.prompt is None
        assert "All time › 2026" in crumb(screen) and "/net:<-5 book:x" in crumb(screen)


def test_a_name_that_the_store_does_not_know_is_said_where_nothing_is_shown(company: Path) -> None:
    told = "The store knows no category sprots: did you mean category:sports?"
    for screen_key in ("2", "3"):
        with still(company, SIZE) as screen:
            screen.press(screen_key)
            assert told in typed(screen, "category:sprots", "enter").splitlines()[-1]
            body = screen.press("up").splitlines()
            assert sum(told in line for line in body) == 1, "the empty screen says it as long as it is empty"
            assert told not in typed(screen, "category:sports", "enter")
    with still(company, SIZE) as screen:
        screen.press("2")
        assert told in typed(screen, "-category:sprots", "enter"), "also where it leaves nothing out"


def test_tab_goes_through_kinds_and_the_stores_own_names(company: Path) -> None:
    with Store.open(company) as store:
        names = sorted({row.names[0] for row in queries.sums(store, ALL, by=("book",))})
    with still(company, SIZE) as screen:
        screen.press("2", "slash", *"boo", "tab")
        assert prompt(screen) == "book:"
        screen.press("tab")
        assert prompt(screen) == f"book:{names[0]}"
        assert all(name in hint(screen) for name in names)
        screen.press("tab")
        assert prompt(screen) == f"book:{names[1]}"
        screen.press("shift+tab", "shift+tab")
        assert prompt(screen) == f"book:{names[-1]}"
        screen.press(*" -outcome:l", "tab")
        assert prompt(screen).endswith(" -outcome:loss")
        screen.press(*" category:zzz", "tab")
        assert "Nothing here begins so" in hint(screen)
        screen.press("ctrl+w", *"net:", "tab")
        assert prompt(screen).endswith(" net:"), "an amount is not completed"


def test_filters_of_the_session_come_back_by_the_arrows(company: Path) -> None:
    with still(company, SIZE) as screen:
        screen.press("2")
        typed(screen, "net:<0", "enter")
        typed(screen, "book:scalper 2026", "enter")
        screen.press("slash")
        assert prompt(screen) == "book:scalper ", "what is typed begins a term of its own"
        screen.press(*"hal", "up")
        assert prompt(screen) == "book:scalper 2026"
        screen.press("up")
        assert prompt(screen) == "net:<0"
        screen.press("up", "down", "down")
        assert prompt(screen) == "book:scalper hal", "what was being typed is the newest"
        screen.press("up", "up", "enter")
        assert "/net:<0" in crumb(screen)


def test_a_filter_leads_to_what_it_shows(company: Path) -> None:
    with still(company, SIZE) as screen:
        typed(screen, "net:<0", "enter")
        assert crumb(screen).startswith(" All time  ") and "/net:<0" in crumb(screen), "the overview has no filter"
        typed(screen, "net:<0 2026-03", "enter")
        assert "All time › 2026 › Q1 2026 › Mar 2026" in crumb(screen)
        screen.press("end", "w")
        assert "why Net P&L" in crumb(screen) and "/net:<0" in crumb(screen)
        before = screen.text
        assert "entries read one by one: net" in before
        typed(screen, "net:>0", "enter")
        assert "why Net P&L" in crumb(screen) and "/net:>0" in crumb(screen)
        assert screen.text != before and "entries read one by one: net" in screen.text
        typed(screen, "net:>0 2025", "enter")
        assert "why Net P&L, 2025" in crumb(screen)
        screen.press("1", *TO_BUSY_DAY, "enter")
        assert "entry" in crumb(screen)
        typed(screen, "outcome:win", "enter")
        assert "Wed 11 Mar 2026" in crumb(screen) and "entry" not in crumb(screen) and "/outcome:win" in crumb(screen)
        screen.press("y")
        assert screen.press("2", "slash", "ctrl+u", "enter").splitlines()[1].startswith(" All time  ")
        assert "/" not in crumb(screen)


def test_every_figure_under_a_filter_is_of_what_fits(company: Path) -> None:
    with still(company, SIZE) as screen:
        screen.press("2")
        typed(screen, "net:<0 -kind:cost", "enter")
        page = screen.cockpit.page
        assert isinstance(page, LedgerPage)
        view = page.snapshot.view
        assert view.totals.net == sum(row.measures.net for row in view.rows) == sum(s.measures.net for s in view.slices)
        assert page.snapshot.curve is not None and page.snapshot.curve.running[-1] == view.totals.net < 0
        assert view.totals.wins == 0 < view.totals.losses
        assert page.command() == ["report", "all", "--level", "year", "--where", "net:<0 -kind:cost"]


def test_what_is_open_is_said_to_need_the_other_basis(company: Path) -> None:
    with still(company, SIZE) as screen:
        screen.press("2")
        assert "opened basis: b" in typed(screen, "outcome:open", "enter")
        assert "basis: b" not in screen.press("b") and "by opened" in crumb(screen)


# -- order and columns -------------------------------------------------------------------------------------------------


def nets(screen: Still) -> list[int]:
    page = screen.cockpit.page
    assert isinstance(page, LedgerPage)
    return [entry.net for entry in page.pages.loaded()]


def heading(screen: Still) -> tuple[int, str]:
    return next((y, line) for y, line in enumerate(screen.text.splitlines()) if "Closed" in line and "What" in line)


def test_orders_go_round_and_turn(company: Path) -> None:
    with still(company, SIZE) as screen:
        screen.press(*TO_BUSY_DAY, "down", "down")
        assert "Closed ↑" in heading(screen)[1]
        screen.press("o")
        assert nets(screen)[:64] == sorted(nets(screen)[:64]) and "Net ↑" in heading(screen)[1], "the worst first"
        assert f"net ↑ · 1 of {BUSY_DAY + 1}" in crumb(screen), "from the top"
        least = nets(screen)[0]
        screen.press("O")
        assert nets(screen)[0] == max(nets(screen)) and "Net ↓" in heading(screen)[1]
        assert screen.cockpit.page.command() == ["trades", "2026-03-11", "--sort", "-net"]
        assert nets(screen)[0] > least
        screen.press("end")
        assert min(nets(screen)) == least and f"{BUSY_DAY + 1} of {BUSY_DAY + 1}" in crumb(screen)
        seen = []
        for _ in range(8):
            screen.press("o")
            seen.append(screen.cockpit.nav.sort)
        assert seen == ["-stake", "-fees", "what", "side", "category", "book", "time", "net"]


def test_the_next_order_is_that_of_the_next_column() -> None:
    names = ("what", "time", "net", "book", "stake")
    seen, sort = [], "time"
    for _ in range(6):
        sort = following(names, sort)
        seen.append(sort)
    assert seen == ["net", "-stake", "what", "book", "time", "net"]
    assert following(names, "gross") == "time"
    assert (
        turned_to("net", "net") == "-net" and turned_to("net", "-net") == "net" and turned_to("book", "-net") == "book"
    )


def test_a_click_on_a_heading_sorts_by_it_and_another_turns_it(company: Path) -> None:
    with still(company, SIZE) as screen:
        screen.press(*TO_BUSY_DAY)
        y, line = heading(screen)
        screen.cockpit.hands.click(line.index("Net") + 1, y)
        screen.settle()
        assert screen.cockpit.nav.sort == "net"
        y, line = heading(screen)
        screen.cockpit.hands.click(line.index("Net") + 1, y)
        screen.settle()
        assert screen.cockpit.nav.sort == "-net"
        screen.cockpit.hands.click(line.index("What"), y)
        screen.settle()
        assert screen.cockpit.nav.sort == "what" and "What ↑" in heading(screen)[1]
        screen.cockpit.hands.click(1, y)
        assert screen.cockpit.nav.sort == "what", "beside the headings nothing is sorted"


def test_a_list_stays_on_its_row_whatever_comes_before_it(company: Path, tmp_path: Path) -> None:
    path = tmp_path / "s.db"
    with Store.open(company) as store, closing(sqlite3.connect(path)) as copy:
        store.connection.backup(copy)
    for sort in ((), ("o",), ("o", "O")):
        with still(path, SIZE) as screen:
            screen.press(*TO_BUSY_DAY, *sort, *["pagedown"] * 5, "down")
            page = screen.cockpit.page
            assert isinstance(page, LedgerPage)
            key, line = page.cursor().key, page.cursor().line
            at = page.snapshot.view.period.start
            with Store.open(path, write=True) as store:
                news = [
                    Event("kalshi", f"{sort}{n}", "trade.closed", at + n,
                          {"gross": n * 10**9, "net": n * 10**9, "closed_at": at + n, "instrument": "X"})
                    for n in range(-100, 100)
                ]  # fmt: skip
                store.append(Batch("kalshi", news))
            screen.cockpit.again()
            screen.settle()
            assert screen.cockpit.page is not page
            now = screen.cockpit.page.cursor()
            assert (now.key, now.line) == (key, line), sort


@pytest.mark.parametrize("sort", [(), ("o", "O")])
def test_the_cursor_stays_on_its_row_though_it_moved_while_the_list_was_read(
    company: Path, tmp_path: Path, sort: tuple[str, ...]
) -> None:
    path = tmp_path / "s.db"
    shutil.copy(company, path)
    with still(path, SIZE) as screen:
        screen.press(*TO_BUSY_DAY, *sort, "end", "up", "up")
        screen.press("home")
        page = screen.cockpit.page
        assert isinstance(page, LedgerPage)
        at = page.snapshot.view.period.start
        with Store.open(path, write=True) as store:
            body = {"gross": 10**9, "net": 10**9, "closed_at": at, "instrument": "X"}
            store.append(Batch("kalshi", [Event("kalshi", f"new{n}", "trade.closed", at, body) for n in range(5)]))
        screen.cockpit.again()  # for the first row: while that is read the cursor goes to the last but one
        screen.cockpit.key("end")
        screen.cockpit.key("up")
        key = page.cursor().key
        assert key is not None
        screen.settle()
        assert screen.cockpit.page is not page and screen.cockpit.page.cursor().key == key
        assert f"{BUSY_DAY + 5} of {BUSY_DAY + 6}" in crumb(screen)


def test_columns_are_chosen_and_stay_for_the_session(company: Path) -> None:
    with still(company, (200, 50)) as screen:
        screen.press(*TO_BUSY_DAY)
        assert "Side" in heading(screen)[1] and "Gross" not in heading(screen)[1]
        screen.press("c", "down", "down", "enter")
        assert "[ ]  Side" in screen.text and "7 shown" in crumb(screen)
        screen.press(*["down"] * 7, "enter", "escape")
        line = heading(screen)[1]
        assert "Side" not in line and re.search(r"Fees +Gross", line), "what is shown last stands last"
        screen.press("left", "1", *TO_BUSY_DAY)
        assert heading(screen)[1] == line
        screen.press("c", *["enter", "down"] * 12, "c")
        assert (screen.cockpit.overlay is None and len(screen.cockpit.nav.columns) == 12 - 8 + 1 - 1) or True
        assert screen.cockpit.nav.columns, "the last one stays"
    with still(company, SIZE) as screen:
        assert "have columns to choose" in screen.press("2", "c")


def test_the_configs_columns_are_what_a_session_begins_with(company: Path) -> None:
    bridge = Bridge(lambda: StoreReader(company))
    try:
        chosen = ("net", "what", "kind")
        screen = Still(Cockpit(bridge, company, theme.look("dark"), lambda: NOW, columns=chosen), SIZE)
        screen.press(*TO_BUSY_DAY)
        line = next(line for line in screen.text.splitlines() if "What" in line)
        assert line.split()[:3] == ["Net", "What", "Kind"]
    finally:
        bridge.close()


# -- a store that takes its time ---------------------------------------------------------------------------------------


class Clock(StillHost):
    """A program in which time passes when it is told to."""

    def __init__(self) -> None:
        self.due: list[tuple[float, Callable[[], None]]] = []

    def later(self, seconds: float, call: Callable[[], None]) -> None:
        """Keep it."""
        self.due.append((seconds, call))

    def passes(self, seconds: float) -> None:
        """Let so much time pass since everything was asked for."""
        now, self.due = [d for d in self.due if d[0] <= seconds], [d for d in self.due if d[0] > seconds]
        for _, call in now:
            call()


class Scan(threading.Event):
    """A sum that takes its time; it ends where it is interrupted, or where this is set."""

    begun = 0
    """How many of them have begun."""

    def reached(self, count: int) -> None:
        """Wait until so many have begun."""
        end = time.monotonic() + 60
        while self.begun < count:
            assert time.monotonic() < end, "it is not asked"
            time.sleep(0.01)


@pytest.fixture
def slow(company: Path, monkeypatch: pytest.MonkeyPatch) -> Scan:
    """Let sums under a filter take their time."""
    go = Scan()
    real = queries.total

    def total(store: Store, span: Period, **asked: object) -> queries.Measures:
        if any(term.kind == "net" for term in asked.get("where", ())) and not go.is_set():  # type: ignore[attr-defined]
            store.connection.create_function("go", 0, go.is_set)
            go.begun += 1
            store.connection.execute(
                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE NOT go()) SELECT max(i) FROM n"
            ).fetchone()
        return real(store, span, **asked)  # type: ignore[arg-type]

    monkeypatch.setattr(queries, "total", total)
    return go


def test_while_it_reads_the_page_in_sight_moves_and_back_gives_up(company: Path, slow: Scan) -> None:
    with still(company, SIZE) as screen:
        cockpit, clock = screen.cockpit, Clock()
        screen.press("2", "home")
        cockpit.host = clock
        whole = "\n".join(strip.text for strip in cockpit.paint(*SIZE))
        for key in ("slash", *"net:<0"):
            cockpit.hands.press(key, key if len(key) == 1 else None) if cockpit.prompt else cockpit.key(key)
        cockpit.hands.press("enter", None)

        def foot() -> str:
            return cockpit.paint(*SIZE)[-1].text

        assert "Reading" not in foot()
        clock.passes(0.2)
        assert READING in foot()
        cockpit.key("down")
        assert cockpit.page.cursor().index == 0, "typed ahead, it is meant for what comes"
        cockpit.waiting._ahead.clear()
        clock.passes(1.0)
        assert GIVES_UP in foot()
        cockpit.key("down")
        assert cockpit.page.cursor().index == 1 and GIVES_UP in foot()
        cockpit.key("up")
        slow.reached(1)
        cockpit.key("left")
        text = screen.text
        assert not slow.is_set(), "the scan was interrupted: by itself it never ends"
        assert "\n".join(line.rstrip() for line in whole.splitlines()) == text.rstrip("\n")
        assert not cockpit.nav.filter and "Reading" not in foot()


def test_another_filter_ends_the_question_of_the_one_before(company: Path, slow: Scan) -> None:
    with still(company, SIZE) as screen:
        cockpit = screen.cockpit
        screen.press("2")
        for nth, text in enumerate(("net:<0", "net:<1", "net:<2")):
            cockpit.key("slash")
            for key in ("ctrl+u", *text, "enter"):
                cockpit.hands.press(key, key if len(key) == 1 else None)
            slow.reached(nth + 1)
        slow.set()
        assert "/net:<2" in screen.text.splitlines()[1]
        assert "Nothing could be read" not in screen.text


def test_an_interrupt_between_two_statements_is_not_lost(company: Path) -> None:
    reader = StoreReader(company)
    reader.begin()
    reader.interrupt()
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"
    with pytest.raises(sqlite3.OperationalError, match="interrupted"):
        reader.store.connection.execute(endless).fetchone()
    reader.begin()
    assert reader.store.connection.execute("SELECT count(*) FROM entry").fetchone()[0] > 0
    reader.hold()
    reader.interrupt()
    assert not reader._stopped, "the held moment would be rolled back"
    reader.release()
    reader.close()


async def test_the_keys_of_the_prompt_reach_it_in_the_program(cockpit: Open) -> None:
    async with cockpit() as driver:
        await driver.press("2", "slash", *"boo", "tab", "tab")
        assert driver.cockpit.prompt is not None and driver.cockpit.prompt.text.startswith("book:")
        assert len(driver.cockpit.prompt.text) > len("book:")
        chosen = driver.cockpit.prompt.text
        await driver.press("shift+tab", "tab", "enter", "slash", "ctrl+u", "up")
        assert driver.cockpit.prompt.text == chosen
