"""Positions on the screen: every state at four sizes, every key, and every number with its plain twin."""

from __future__ import annotations

import json
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_tui_screens import SIZES, check
from test_tui_twins import figures
from tui_company import NOW, ZONE
from tui_driver import Open
from tui_held import DAY, HOUR, LONG, NY, fill, quote, report
from tui_still import Still, still

from northstar_tui.calendar import Calendar
from northstar_tui.cli.costs import known
from northstar_tui.cli.screens import Asked, screens
from northstar_tui.config import Settings
from northstar_tui.events import Batch, Event
from northstar_tui.ledger.rules import Rules
from northstar_tui.ledger.store import Store
from northstar_tui.tui import theme
from northstar_tui.tui.actions import ENTRY, EVENT, OVERVIEW, POSITION, POSITIONS, UNREALISED
from northstar_tui.tui.exporting import stem
from northstar_tui.tui.screens.positions import Held, PositionsPage, Shown
from northstar_tui.views.holdings import PositionRow
from northstar_tui.views.position import position
from northstar_tui.views.positions import find_one, positions

WAYS: dict[str, tuple[str, ...]] = {
    "overview-held": (),
    "positions": ("3",),
    "positions-events": ("3", "tab"),
    "positions-not-settled": ("3", "tab", "tab"),
    "positions-differences": ("3", "tab", "tab", "tab"),
    "positions-fifo": ("3", "b", "end"),
    "positions-past": ("3", "[", "[", "["),
    "positions-long-ago": ("3", *["["] * 12),
    "positions-filter": ("3", "slash", *"weather", "enter"),
    "positions-no-match": ("3", "slash", *"zzz", "enter"),
    "positions-help": ("3", "question_mark"),
    "position": ("3", "down", "down", "enter"),
    "position-cycles": ("3", *["down"] * 4, "enter", "tab"),
    "position-broken": ("3", "end", "enter"),
    "unrealised": ("3", "down", "down", "w"),
    "unrealised-unknown": ("3", "end", "w"),
}


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("name", WAYS)
def test_golden(held: Path, name: str, size: tuple[int, int]) -> None:
    with still(held, size) as screen:
        check(name, screen, *WAYS[name])


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_golden_of_nothing_held(company: Path, size: tuple[int, int]) -> None:
    with still(company, size) as screen:
        check("positions-empty", screen, "3")


@pytest.fixture(scope="module", params=WAYS)
def screen(request: pytest.FixtureRequest, held: Path) -> Iterator[Still]:
    with still(held, (120, 40)) as opened:
        opened.press(*WAYS[request.param])
        yield opened


@given(st.integers(1, 300), st.integers(1, 80), st.sampled_from(("dark", "mono")), st.booleans())
@settings(max_examples=40)
def test_any_size_is_painted_to_the_cell(screen: Still, cells: int, rows: int, look: str, ascii_only: bool) -> None:
    screen.cockpit.look = theme.look(look, ascii_only=ascii_only)
    screen.size = (cells, rows)
    assert [strip.cell_length for strip in screen.lines] == [cells] * rows
    body = screen.cockpit.front.lines(cells, rows, screen.cockpit.look)
    assert [strip.cell_length for strip in body] == [cells] * rows and not screen.cockpit.front.defects
    assert not ascii_only or screen.text.isascii()


# -- the keys ----------------------------------------------------------------------------------------------------------


def subject(screen: Still) -> object:
    return screen.cockpit.nav.here.subject


def here(screen: Still) -> str:
    return screen.cockpit.nav.here.screen


def selected(screen: Still) -> PositionRow:
    page = screen.cockpit.page
    assert isinstance(page, PositionsPage)
    row = page._rows.selected
    assert isinstance(row, PositionRow)
    return row


def to(screen: Still, market: str) -> None:
    """Put the cursor on a market."""
    screen.press("home")
    while selected(screen).instrument != market:
        before = selected(screen)
        screen.press("down")
        assert selected(screen) is not before, f"{market} is not there"


@pytest.fixture
def opened(held: Path) -> Iterator[Still]:
    with still(held, (120, 40)) as screen:
        screen.press("3")
        yield screen


def test_the_screen_shows_what_the_view_says(opened: Still, held: Path) -> None:
    with Store.open(held) as store:
        view = positions(store, NOW)
    assert opened.cockpit.page.view == view  # type: ignore[attr-defined]
    assert view.totals.positions == 7 and view.totals.bets == 1 and view.totals.broken == 1
    assert view.head.net == opened.cockpit.head.net  # type: ignore[union-attr]
    assert f"1 of {len(view.rows)}" in opened.text


def test_down_to_the_event_of_a_fill_and_back_to_the_row(opened: Still) -> None:
    to(opened, f"{NY}-B58.5")
    opened.press("enter")
    assert here(opened) == POSITION
    opened.press("end")
    text = opened.press("enter")
    assert here(opened) == EVENT and "fill.executed" in text and '{"fill_id":"1"}' in text
    opened.press("left")
    assert "3 of 3" in opened.text.splitlines()[1]
    opened.press("left")
    assert here(opened) == POSITIONS and selected(opened).instrument == f"{NY}-B58.5"


def test_why_explains_by_formula_fills_and_mark(opened: Still) -> None:
    to(opened, f"{NY}-B58.5")
    text = opened.press("w")
    assert here(opened) == UNREALISED
    assert "= (mark − average cost) × quantity" in text and "= (0.41 − 0.3203) × 22.5" in text
    assert "+$2.02" in text and "✓ read one by one, the fills give this very cost" in text
    assert "market.quoted" in opened.press("enter")
    opened.press("left", "end")
    assert "fill.executed" in opened.press("enter")
    opened.press("left", "left", "enter")
    assert here(opened) == POSITION and "= (mark" in opened.press("w")


def test_a_bet_leads_to_its_entry(opened: Still) -> None:
    to(opened, "DraftKings")
    opened.press("enter")
    assert here(opened) == ENTRY
    opened.press("left", "w")
    assert here(opened) == ENTRY


def test_each_table_leads_on(opened: Still) -> None:
    opened.press("tab", "enter")
    assert subject(opened) == Shown(search=NY)
    assert "1 of 2" in opened.text.splitlines()[1]
    opened.press("left", "tab")
    total = sum(row.net for row in opened.cockpit.page.view.waiting)  # type: ignore[attr-defined]
    assert total == opened.cockpit.page.view.totals.waiting  # type: ignore[attr-defined]
    opened.press("enter")
    assert here(opened) == POSITION and "KXFED-26APR-H0" in opened.text
    opened.press("left", "tab")
    assert "position.reported" in opened.press("enter")


def test_days_go_by_with_the_brackets_and_come_back(opened: Still) -> None:
    to(opened, f"{NY}-B58.5")
    text = opened.press("[")
    assert "Positions on 17 Mar 2026" in text and selected(opened).instrument == f"{NY}-B58.5"
    assert selected(opened).quantity == "30.5", "before a part was sold"
    opened.press("[")
    assert "Positions on 16 Mar 2026" in opened.text and f"{NY}-B58.5" not in opened.text
    opened.press("]")
    to(opened, f"{NY}-B58.5")
    opened.press("]")
    assert subject(opened) == Shown() and selected(opened).quantity == "22.5"
    assert "nothing later" in opened.press("]")
    opened.press("[", "[", "t")
    assert subject(opened) == Shown()


def test_time_moves_on_the_page_of_one_position_too(opened: Still) -> None:
    to(opened, "KXFED-26APR-H0")
    opened.press("enter")
    assert "25 no" in opened.text and "3 of" not in opened.text.splitlines()[1]
    opened.press("[", "[", "[")
    assert "40 yes" in opened.text and "on 15 Mar 2026" in opened.text
    opened.press("left")
    assert "Positions on 15 Mar 2026" in opened.text, "the list shows the same moment"
    opened.press("t", "enter")
    assert here(opened) == POSITION and "25 no" in opened.text


def test_before_it_was_ever_held_it_is_flat(opened: Still) -> None:
    to(opened, "KXFED-26APR-H0")
    opened.press("enter", *["["] * 12)
    assert "flat" in opened.text
    assert "nothing is unrealised" in opened.press("w") or here(opened) == POSITION


def test_cost_goes_between_average_and_first_in_first_out(opened: Still) -> None:
    to(opened, f"{NY}-B58.5")
    average = selected(opened)
    text = opened.press("b")
    assert "first in, first out" in text and "FIFO cost" in text
    fifo = selected(opened)
    assert (average.realised, fifo.realised) == (1_037_377, 1_120_000)
    assert fifo.unrealised is not None and average.unrealised is not None
    assert fifo.unrealised + fifo.realised == average.unrealised + average.realised  # type: ignore[operator]
    opened.press("b")
    assert selected(opened) == average


def test_the_filter_keeps_what_matches_and_says_what_is_wrong(opened: Still) -> None:
    assert "/weather" in opened.press("slash", *"weather", "enter")
    assert {row.category for row in opened.cockpit.page.view.rows} == {"weather"}  # type: ignore[attr-defined]
    assert "/category:crypto" in opened.press("slash", "ctrl+u", *"category=crypto", "enter")
    assert selected(opened).instrument == "ETH"
    assert "nothing to filter by" in opened.press("slash", *"colour=red", "enter")
    opened.press("escape", "slash", "ctrl+u", "enter")
    assert subject(opened) == Shown()


def test_what_is_copied(opened: Still, held: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copied: list[str] = []
    monkeypatch.setattr("northstar_tui.tui.cockpit.Cockpit.copy", lambda self, text, what: copied.append(text))
    to(opened, f"{NY}-B58.5")
    opened.press("y", "Y", "[", "b", "slash", *"category:weather york", "enter", "Y", "t", "b", "enter", "y", "Y")
    value, command, past, unrealised, one = copied
    assert value == unrealised == "2.017623"
    assert command == f"northstar --store {held} positions"
    assert past.endswith("positions --at 2026-03-17 --fifo --where 'category:weather york'")
    assert one.endswith(f"positions {NY}-B58.5 --account kalshi")
    for line in (past, one):
        words = shlex.split(line)[1:]
        command = [sys.executable, "-m", "northstar_tui", *words]
        rows = [
            subprocess.run([*command, form], capture_output=True, text=True, check=True).stdout
            for form in ("--json", "--csv")
        ]
        found = json.loads(rows[0])
        assert len(rows[1].splitlines()) == 1 + len(found["positions" if "positions" in found else "fills"])


def test_files_are_named_by_what_is_shown() -> None:
    calendar, evening = Calendar(ZONE), Calendar(ZONE).bucket("day", NOW) - 1
    assert stem((POSITIONS, None), calendar, NOW) == "northstar-positions-2026-03-18"
    assert stem((POSITIONS, Shown(evening, "a b")), calendar, NOW) == "northstar-positions-a-b-2026-03-17"
    held = Held((1, 2, 0), "KX-A", evening)
    assert stem((POSITION, held), calendar, NOW) == "northstar-position-KX-A-2026-03-17"


def test_needs_of_the_overview_lead_to_the_position(held: Path) -> None:
    with still(held, (120, 40)) as screen:
        assert "Needs you (2)" in screen.text
        while here(screen) == OVERVIEW:
            target = screen.cockpit.page.target  # type: ignore[attr-defined]
            screen.press("enter" if getattr(target, "kind", "") == "overdue" else "down")
        assert subject(screen) == Shown(search="KXHIGHCHI-26MAR17-B41.5")
        assert selected(screen).overdue


def test_the_first_frame_claims_nothing_of_what_it_did_not_look_at(held: Path) -> None:
    with still(held, (120, 40), hasty=True) as screen:
        assert "Looking at positions and budgets" in screen.text
        assert "Nothing needs you" not in screen.text
        screen.cockpit.begin()
        assert "Needs you (2)" in screen.text


def test_hostile_text_is_shown_and_not_obeyed(held: Path, tmp_path: Path) -> None:
    path = tmp_path / "evil.db"
    shutil.copy(held, path)
    evil = "\x1b[31mKX[bold]EVIL\u202e"
    with Store.open(path, write=True) as store:
        store.append(Batch("kalshi", [fill(evil, 1, "buy", "9", "0.3", HOUR), report(evil, "3"),
                                      quote(evil, "0.4", "0.5", evil, HOUR)]))  # fmt: skip
    with still(path, (120, 40)) as screen:
        for keys in (("3",), ("tab",), ("tab",), ("1", "3", "down", "enter"), ("w",)):
            assert "\x1b" not in screen.press(*keys) and "\u202e" not in screen.text


# -- it lives ----------------------------------------------------------------------------------------------------------


async def test_a_quote_appears_by_itself_and_the_cursor_stays_on_its_row(
    cockpit: Open, held: Path, tmp_path: Path
) -> None:
    path = tmp_path / "live.db"
    shutil.copy(held, path)
    async with cockpit((120, 40), store=path) as driver:
        await driver.press("3", "down", "down", "down")
        page = driver.cockpit.page
        before = page.cursor().key
        assert "NYK" in driver.text
        with Store.open(path, write=True) as store:
            store.append(
                Batch("kalshi", [
                    quote("KXNBAGAME-26MAR18BOSNYK-BOS", "0.77", "0.79", "NYK at BOS: BOS wins", 9 * HOUR, 0),
                    fill("KXAAA-26MAR18-A", 1, "buy", "3", "0.10", HOUR),
                    quote("KXAAA-26MAR18-A", "0.2", "0.3", "Something that settles first", HOUR // 2, 0),
                ])
            )  # fmt: skip
        assert "KXAAA-26MAR18-A" in await driver.until("0.77")
        assert driver.cockpit.page.cursor().key == before


def test_a_position_that_closes_while_it_is_looked_at_is_flat(held: Path, tmp_path: Path) -> None:
    path = tmp_path / "closing.db"
    shutil.copy(held, path)
    with still(path, (120, 40)) as screen:
        screen.press("3")
        to(screen, f"{NY}-B58.5")
        screen.press("enter")
        with Store.open(path, write=True) as store:
            body = {"instrument": f"{NY}-B58.5", "market_result": "yes"}
            store.append(Batch("kalshi", [Event("kalshi", "market:x", "market.settled", NOW, body)]))
        screen.cockpit.again()
        assert "flat" in screen.text and "settled" in screen.text
        assert "There is no number here to explain" in screen.press("w")


# -- twins -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("keys", "name", "words"),
    [
        (("3",), "positions", ()),
        (("3", "["), "positions", ("2026-03-17",)),
        (("3", "down", "down", "enter"), "position", (f"{NY}-B58.5",)),
        (("3", "down", "down", "w"), "unrealised", (f"{NY}-B58.5",)),
    ],
)
def test_the_twin_has_every_figure_of_the_screen(
    held: Path, keys: tuple[str, ...], name: str, words: tuple[str, ...]
) -> None:
    with still(held, (200, 50)) as screen:
        screen.press(*keys)
        body = "\n".join(screen.text.splitlines()[2:-1])
    with Store.open(held) as store, store.reading():
        told = screens()[name].text(Asked(store, words, NOW, (), known(Settings())))
        places = screens()[name].places(Asked(store, words, NOW, (), known(Settings())))
    assert figures(body) and figures(body) <= figures(told)
    assert [place[0] for place in places][-1] == name
    with still(held, (120, 40)) as screen:
        nav = screen.cockpit.nav
        for place in places[1:]:
            nav = nav.enter(*place)
        screen.cockpit.go(nav.go(places))
        assert here(screen) == name and screen.text


def test_a_long_name_gives_way_before_its_numbers(held: Path) -> None:
    with still(held, (80, 24)) as screen:
        text = screen.press("3")
    row = next(line for line in text.splitlines() if LONG[:12] in line)
    assert "1,234.25" in row and "…" in row


def test_many_positions_are_painted_at_once(held: Path, tmp_path: Path) -> None:
    path = tmp_path / "many.db"
    shutil.copy(held, path)
    with Store.open(path, write=True) as store:
        store.append(Batch("kalshi", [fill(f"KXMANY-{n}", 1, "buy", "1", "0.5", DAY) for n in range(600)]))
        assert len(positions(store, NOW).rows) == 608
        view = position(store, NOW, find_one(store, "kxmany-7"))
        assert view.row is not None
    with still(path, (120, 40)) as screen:
        assert "1 of 608" in screen.press("3")
        screen.press("end")
        assert "608 of 608" in screen.text


@pytest.mark.parametrize("size", [(120, 40), (100, 30), (80, 24)])
def test_the_selected_position_says_what_its_columns_have_no_room_for(tmp_path: Path, size: tuple[int, int]) -> None:
    question = "Will the high temp in NYC be >90° on Jul 4?"
    with Store.create(tmp_path / "s.db", Rules(ZONE)) as store:
        for number in range(4):
            title = question.replace("90", f"9{number}")
            market = f"KXHIGHNY-26JUL04-T{number}"
            bought = fill(market, number, "buy", "10", "0.41", HOUR)
            store.append(Batch("kalshi", [bought, quote(market, "0.40", "0.42", title, 30 * DAY)]))
    with still(tmp_path / "s.db", size) as screen:
        text = screen.press("3", "down")
        assert question.replace("90", "91") in text and question.replace("90", "92") not in text
        assert ("avg cost 0.41" in text) == (" Avg cost " not in text)
        if size[0] >= 120:
            assert all(question.replace("90", f"9{number}")[:24] in text for number in range(4)), "in its row"
        assert question.replace("90", "92") in screen.press("down")
    with still(tmp_path / "s.db", (220, 50)) as screen:
        lines = [line for line in screen.press("3").split("\n") if "Will the high" in line]
        assert len(lines) == 4 and "avg cost" not in screen.text, "all of it is in the columns"
