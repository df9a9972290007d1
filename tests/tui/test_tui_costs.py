"""Screen 9: every key, every row's way to what is behind it, and what is copied."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from tui_company import NOW
from tui_driver import Driver, Open
from tui_still import still

from northstar_tui.calendar import ALL, Calendar, Period
from northstar_tui.events import Batch, Event
from northstar_tui.ledger.store import Store
from northstar_tui.tui.actions import COSTS, ENTRY, EVENT, LEDGER, RECKONING, SPENDING, WHY

CALENDAR = Calendar("America/New_York")
MARCH = CALENDAR.period("month", NOW)


@pytest.fixture
def clipboard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.delenv("TMUX", raising=False)
    return tmp_path / "northstar" / "clipboard.txt"


async def onto(driver: Driver, words: str) -> None:
    """Put the cursor on the first row whose line begins with `words`."""
    await driver.press("9", "home")
    for _ in range(60):
        if f"▸ {words}" in driver.text:
            return
        await driver.press("down")
    raise AssertionError(f"{words} has no row:\n{driver.text}")


ROWS = (
    ("Spent", LEDGER, MARCH, "kind:cost", "$93.47"),
    ("Burn", LEDGER, None, "kind:cost", "-$134.63"),
    ("Due", RECKONING, ("end", MARCH.start), "", "Backup 15 Mar $4.00"),
    ("Ends at", RECKONING, ("end", MARCH.start), "", "prediction interval"),
    ("Mar 2026", LEDGER, MARCH, "kind:cost", "$93.47"),
    ("API  ", LEDGER, MARCH, "kind:cost category:api", "-$67.17"),
    ("Office", LEDGER, CALENDAR.period("year", NOW), "kind:cost category:infrastructure", "-$138.20"),
    ("This week", LEDGER, CALENDAR.period("week", NOW), "", "-$19.72"),
    ("Hetzner", SPENDING, None, "", "All time, the sum of 5 entries"),
    ("claude-haiku-5", SPENDING, None, "", "$6.09"),
    ("not stated", SPENDING, None, "", "$3.54"),
    ("scanner h1", EVENT, None, "", "sk-or-v1-abc"),
    ("costs:office", LEDGER, MARCH, "kind:cost source:costs:office", "-$26.30"),
    ("invoiced", ENTRY, None, "", "Fence J-6"),
    ("quoted", EVENT, None, "", "Fence J-2"),
    ("operations", LEDGER, MARCH, "book:operations", "-$93.47"),
)


@pytest.mark.parametrize(("row", "screen", "subject", "where", "said"), ROWS, ids=[row[0].strip() for row in ROWS])
async def test_every_row_opens_what_is_behind_it_and_back_lands_on_it(
    cockpit: Open, spent: Path, row: str, screen: str, subject: object, where: str, said: str
) -> None:
    async with cockpit((120, 100), store=spent) as driver:
        await onto(driver, row)
        before = driver.text
        text = await driver.press("enter")
        here = driver.cockpit.nav.here
        assert here.screen == screen and said in text, text
        if subject is not None:
            assert here.subject == subject
        if screen == LEDGER:
            assert driver.cockpit.nav.filter == where
            after = await driver.press("less_than_sign")
        else:
            after = await driver.press("h")
        assert after.splitlines()[:-1] == before.splitlines()[:-1]


async def test_a_budget_that_needs_somebody_leads_to_that_budget(cockpit: Open, spent: Path) -> None:
    async with cockpit((120, 40), store=spent) as driver:
        await driver.press("7", "home", "enter")
        for _ in range(20):
            if "▸ ✗ budget " in driver.text or "▸ ◐ budget " in driver.text:
                break
            await driver.press("down")
        name = driver.text.partition(" budget ")[2].split(",")[0]
        assert "▸" in next(line for line in driver.text.splitlines() if f" budget {name}" in line)
        text = await driver.press("enter")
        assert driver.cockpit.nav.here.screen == COSTS
        assert f"▸ {name}" in text, text


async def test_a_models_tokens_stand_beside_it_where_there_is_width(cockpit: Open, spent: Path) -> None:
    async with cockpit((90, 70), store=spent) as driver:
        await onto(driver, "claude-opus-5")
        row = next(line for line in driver.text.splitlines() if " claude-opus-5 " in line)
        assert "Tokens in/out" in driver.text and "  2.35M/23.5k  15" in row
        assert "2,346,678 tokens in, 23,466 out" in await driver.press("enter")
    async with cockpit((60, 20), store=spent) as driver:
        await onto(driver, "claude-opus-5")
        assert "$45.07    $46.81  2.35M/23.5k" in driver.text and "Tokens i/o" in driver.text


async def test_a_sum_behind_a_row_is_the_rows(cockpit: Open, spent: Path) -> None:
    async with cockpit((120, 100), store=spent) as driver:
        await onto(driver, "claude-haiku-5")
        text = await driver.press("enter")
        cells = [line.split()[-1] for line in text.splitlines() if "claude-haiku-5 tokens" in line]
        assert len(cells) == 15
        assert sum(round(float(cell.lstrip("$")) * 100) for cell in cells) == pytest.approx(609, abs=7)  # each rounded
        await driver.press("enter")
        assert driver.cockpit.nav.here.screen == ENTRY


@pytest.mark.parametrize(
    ("row", "screen", "said"),
    [
        ("Spent", WHY, "the same to the micro-dollar"),
        ("Burn", RECKONING, "costs of whole local days ÷ their number"),
        ("Ends at", RECKONING, "n = 28 whole days from 2026-02-18"),
        ("router", RECKONING, "costs at or below $10.00 in Mar 2026"),
        ("This week", RECKONING, "net P&L at or above $5,000.00 in W12"),
        ("Hetzner", SPENDING, "5 costs"),
        ("claude-opus-5", SPENDING, "the sum of 15 entries"),
        ("openrouter", WHY, "the same to the micro-dollar"),
        ("invoiced", ENTRY, "Fence J-6"),
        ("lead", EVENT, "Fence J-1"),
        ("john", WHY, "net $560.00, the same to the micro-dollar"),
    ],
)
async def test_why_explains_every_row(cockpit: Open, spent: Path, row: str, screen: str, said: str) -> None:
    async with cockpit((120, 100), store=spent) as driver:
        await onto(driver, row)
        text = await driver.press("w")
        assert driver.cockpit.nav.here.screen == screen and said in text, text


async def test_months_go_by_and_come_back(cockpit: Open, spent: Path) -> None:
    async with cockpit(store=spent) as driver:
        now = await driver.press("9", "down", "down")
        for month, spending in (("Feb 2026", "$165.21"), ("Jan 2026", "$169.58")):
            text = await driver.press("left_square_bracket")
            assert driver.crumb.startswith(f" Costs {month}") and spending in text
        assert driver.cockpit.nav.here.subject == CALENDAR.parse("2026-01", NOW).start
        assert "▸ Jan 2026" in text, "the row in that place"
        await driver.press("right_square_bracket", "right_square_bracket")
        assert driver.cockpit.nav.here.subject is None, "the month that runs goes with time"
        await driver.press("right_square_bracket")
        assert driver.crumb.startswith(" Costs Apr 2026")
        assert await driver.press("t", "home", "down", "down") == now


async def test_tab_goes_from_section_to_section_and_round(cockpit: Open, spent: Path) -> None:
    async with cockpit(store=spent) as driver:
        await driver.press("9")
        places = []
        for _ in range(12):
            places.append(driver.crumb.split()[1])
            await driver.press("tab")
        assert places == ["1", "5", "6", "11", "15", "20", "25", "27", "31", "37", "1", "5"]


async def test_copies(cockpit: Open, spent: Path, clipboard: Path) -> None:
    start = f"northstar --config {spent.with_name('config.toml')} --store {spent} costs 2026-03"
    async with cockpit((120, 100), store=spent) as driver:
        for row, value, command in (
            ("Spent", "93.4704", start),
            ("Mar 2026", "93.4704", f"{start} --by day"),
            ("API  ", "67.1704", start),
            ("Hetzner", "24.50", start),
            ("scanner", "11.074", f"{start} --by key"),
            ("invoiced", "75.00", None),
            ("john", "560.00", start),
        ):
            await onto(driver, row)
            await driver.press("y")
            assert clipboard.read_text() == value, row
            await driver.press("Y")
            if command is not None:
                assert clipboard.read_text() == command, row
        await onto(driver, "claude-opus-5")
        await driver.press("enter", "y")
        assert clipboard.read_text() == "2.813"
        await driver.press("Y")
        shown = f"show spending model claude-opus-5 {CALENDAR.argument(MARCH)}"
        assert clipboard.read_text() == f"northstar --store {spent} {shown}"


async def test_what_arrives_is_shown_and_the_cursor_stays_on_its_row(
    cockpit: Open, spent: Path, tmp_path: Path
) -> None:
    store = tmp_path / "company.db"
    shutil.copy(spent, store)
    shutil.copy(spent.with_name("config.toml"), tmp_path)
    async with cockpit((120, 100), store=store) as driver:
        await onto(driver, "claude-haiku-5")
        with Store.open(store, write=True) as writer:
            body = {"amount": 50_000_000, "instrument": "dear-model", "category": "api", "workspace_id": "w"}
            writer.append(Batch("anthropic", [Event("anthropic", "new", "cost.incurred", NOW, body)]))
        text = await driver.until("dear-model", "$143.47", "over by")
        assert "▸ claude-haiku-5" in text


async def test_a_click_selects_and_opens(cockpit: Open, spent: Path) -> None:
    async with cockpit((120, 100), store=spent) as driver:
        text = await driver.press("9")
        y = next(at for at, line in enumerate(text.splitlines()) if "in progress" in line and "Fence" in line)
        await driver.pilot.click(offset=(10, y))
        await driver.settled()
        assert "▸ in progress" in driver.text
        await driver.pilot.click(offset=(10, y))
        await driver.settled()
        assert driver.cockpit.nav.here.screen == EVENT


async def test_a_wrong_charge_in_the_config_is_named_where_charges_stand(
    cockpit: Open, spent: Path, tmp_path: Path
) -> None:
    shutil.copy(spent, tmp_path / "company.db")
    text = spent.with_name("config.toml").read_text().replace("from = 2025-11-05", 'from = "soon"')
    (tmp_path / "config.toml").write_text(text)
    async with cockpit((120, 100), store=tmp_path / "company.db") as driver:
        text = await driver.press("9")
        assert driver.cockpit.nav.here.screen == COSTS
        assert "sources.office: " in text and "$67.17 of $120.00" in text


async def test_the_ledger_and_costs_say_the_same(cockpit: Open, spent: Path) -> None:
    async with cockpit((120, 40), store=spent) as driver:
        view = (await driver.press("9")) and driver.cockpit.page.view  # type: ignore[attr-defined]
        assert isinstance(view.period, Period) and view.period == MARCH and ALL != MARCH
        for table in view.tables:
            assert sum(line.amount for line in table.lines) == table.amount
        assert view.tables[2].amount == view.spent == -view.total.net
        assert sum(book.net for book in view.books) == view.net


@pytest.mark.parametrize("name", ["deepseek/deepseek-v9-1", "anthropic/claude-opus-5-1-20260305"])
def test_tokens_stand_beside_long_names_at_120_columns(spent: Path, tmp_path: Path, name: str) -> None:
    path = tmp_path / "company.db"
    shutil.copy(spent, path)
    body = {"amount": 90_000_000, "instrument": name, "category": "api"}
    body |= {"prompt_tokens": 13_812_345, "completion_tokens": 2_871_234}
    with Store.open(path, write=True) as store:
        store.append(Batch("openrouter", [Event("openrouter", "long", "cost.incurred", NOW - 1, body)]))
    with still(path, (120, 80)) as screen:
        lines = screen.press("9").split("\n")
        assert any("Model" in line and "Tokens i" in line for line in lines)
        row = next(line for line in lines if name[:17] in line)
        assert "$90.00" in row and "13.8M/2.87M" in row, row
