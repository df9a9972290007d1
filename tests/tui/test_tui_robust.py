"""A defect in one place takes that place and nothing else; its report can be copied and tells no secret."""

from __future__ import annotations

import importlib
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tui_company import NOW
from tui_driver import Driver, Open

from northstar_tui.config import Settings
from northstar_tui.ledger.store import Store
from northstar_tui.tui.defects import Defect, Unread
from northstar_tui.views.base import ViewError

SECRET = "sk-ant-admin01-secret"


def broken(*_: object, **__: object) -> None:
    secret = SECRET  # a local, as a caller's would be
    assert secret
    raise ZeroDivisionError("a defect")


SINCE = ("colon", *"since", "enter")
PANELS = [
    ("northstar_tui.tui.screens.overview", "OverviewPage._periods", (), "Periods", "Last events"),
    ("northstar_tui.tui.screens.overview", "OverviewPage._books", (), "Books", "This month"),
    ("northstar_tui.tui.screens.overview", "OverviewPage._shares_of", (), "Attribution", "This month"),
    ("northstar_tui.tui.screens.overview", "OverviewPage._needs", (), "Needs", "This month"),
    ("northstar_tui.tui.screens.overview", "bridge_title", (), "The bridge", "This month"),
    ("northstar_tui.tui.screens.overview", "OverviewPage._pipeline", (), "Pipeline", "This month"),
    ("northstar_tui.tui.screens.overview", "OverviewPage._events", (), "Events", "This month"),
    ("northstar_tui.tui.screens.ledger", "_totals", ("2",), "Totals", "Equity by day"),
    ("northstar_tui.tui.screens.ledger", "LedgerPage._chart", ("2",), "The curve", "Closed trades"),
    ("northstar_tui.tui.screens.ledger", "statistics", ("2",), "Figures", "Equity by day"),
    ("northstar_tui.tui.screens.ledger", "attribution", ("2",), "Attribution", "Equity by day"),
    ("northstar_tui.tui.widgets.rows", "row_line", ("2",), "Rows", "Equity by day"),
    ("northstar_tui.tui.screens.why", "WhyPage._head", ("2", "w"), "Explanation", "Closed"),
    ("northstar_tui.tui.widgets.rows", "row_line", ("2", "w"), "Entries", "the same to the micro-dollar"),
    ("northstar_tui.tui.screens.entry", "facts_of", ("2", "w", "enter"), "Facts", "History"),
    ("northstar_tui.tui.screens.entry", "_raw_lines", ("2", "w", "enter"), "The source's text", "History"),
    ("northstar_tui.tui.screens.operations", "OperationsPage._sources", ("7",), "Sources", "schema"),
    ("northstar_tui.tui.screens.operations", "OperationsPage._quarantine", ("7",), "Quarantine", "schema"),
    ("northstar_tui.tui.screens.operations", "OperationsPage.ran", ("7",), "Runs", "schema"),
    ("northstar_tui.tui.screens.operations", "OperationsPage._store", ("7",), "The store", "Runs"),
    ("northstar_tui.tui.screens.operations", "SourcePage._facts", ("7", "down", "enter"), "Facts", "Runs"),
    ("northstar_tui.tui.screens.entry", "EntryPage._title", ("2", "w", "enter"), "The title", "History"),
    ("northstar_tui.tui.screens.entry", "_arithmetic", ("2", "w", "enter"), "The sum", "History"),
    ("northstar_tui.tui.screens.entry", "EntryPage._notes", ("2", "w", "enter"), "Notes", "History"),
    ("northstar_tui.tui.screens.blocks", "row_line", ("2", "w", "enter"), "Events", "History"),
    ("northstar_tui.tui.screens.since", "bridge_title", ("1", *SINCE), "The bridge", "came in."),
    ("northstar_tui.tui.screens.calendar", "CalendarPage._tiles", ("2", "g"), "Totals", "Mon"),
    ("northstar_tui.tui.screens.heatmap", "_cell", ("2", "enter", "enter", "enter", "g"), "The days", "Days up–down"),
    ("northstar_tui.tui.screens.heatmap", "shade_glyph", ("2", "enter", "g"), "The days", "Days up–down"),
    ("northstar_tui.tui.screens.costs", "CostsPage._leading", ("9",), "Costs", "By day, up to"),
    ("northstar_tui.tui.screens.costs", "CostsPage._days", ("9",), "Days", "Costs, "),
    ("northstar_tui.tui.screens.costs", "CostsPage._budgets", ("9",), "Budgets", "Costs, "),
    ("northstar_tui.tui.screens.costs", "CostsPage._charges", ("9",), "Recurring charges", "Costs, "),
    ("northstar_tui.tui.screens.costs", "CostsPage._table", ("9",), "API spend by model", "Costs, "),
    ("northstar_tui.tui.screens.costs", "CostsPage._keys", ("9",), "Keys", "API spend by model"),
    ("northstar_tui.tui.screens.costs", "CostsPage._jobs", ("9",), "Jobs", "Costs, "),
    ("northstar_tui.tui.screens.costs", "CostsPage._books", ("9",), "Books", "Costs, "),
    ("northstar_tui.tui.screens.spending", "SpendingPage._head", ("9", "tab", "tab", "tab", "enter"), "Sum", "Cost"),
    ("northstar_tui.tui.screens.positions", "totals", ("3",), "Totals", "Market"),
    ("northstar_tui.tui.screens.positions", "_strip", ("3",), "What is locked", "Market"),
    ("northstar_tui.tui.screens.positions", "doubts_words", ("3",), "Doubts", "Market"),
    ("northstar_tui.tui.screens.positions", "PositionsPage._heading", ("3",), "The heading", "Market"),
    ("northstar_tui.tui.screens.positions", "PositionsPage._below", ("3",), "How events can end", "Market"),
    ("northstar_tui.tui.widgets.rows", "row_line", ("3",), "Rows", "Comes back"),
    ("northstar_tui.tui.screens.position", "HoldingPage.title", ("3", "enter"), "The title", "When"),
    ("northstar_tui.tui.screens.position", "_tiles", ("3", "enter"), "Totals", "When"),
    ("northstar_tui.tui.screens.position", "HoldingPage._doubts", ("3", "enter"), "Doubts", "When"),
    ("northstar_tui.tui.screens.position", "PositionPage._heading", ("3", "enter"), "The heading", "When"),
    ("northstar_tui.tui.screens.position", "UnrealisedPage._explained", ("3", "w"), "Explanation", "What it follows"),
    ("northstar_tui.tui.painting", "header", ("2",), "The title line", "Equity by day"),
    ("northstar_tui.tui.painting", "crumbs", ("2",), "The path", "Equity by day"),
    ("northstar_tui.tui.painting", "hints", ("2", "home"), "The footer", "Equity by day"),
]


@pytest.mark.parametrize(("module", "name", "way", "panel", "rest"), PANELS, ids=lambda value: str(value)[-28:])
@pytest.mark.parametrize("size", [(200, 50), (80, 24)], ids=["200x50", "80x24"])
async def test_a_defect_takes_its_panel_and_no_more(
    cockpit: Open, stores: dict[str, Path], monkeypatch: pytest.MonkeyPatch, module: str, name: str,
    way: tuple[str, ...], panel: str, rest: str, size: tuple[int, int],
) -> None:  # fmt: skip
    async with cockpit(size, store=stores.get(way[0] if way else "", stores["7"]), sound=False) as driver:
        before = await driver.press(*way)
        target = importlib.import_module(module)
        owner, _, attribute = name.rpartition(".")
        monkeypatch.setattr(getattr(target, owner) if owner else target, attribute, broken)
        text = await driver.press("ctrl+l", "down")
        assert rest in before or size != (200, 50)
        assert rest in text or rest not in before, "the other panels stand"
        shown = f"{panel} broke: "
        if size == (200, 50):
            assert shown in text
        assert len(text.splitlines()) == size[1] and all(len(line) <= size[0] for line in text.splitlines())
        monkeypatch.undo()
        text = await driver.press("up")
        assert shown not in text, "it passes with its cause"
        await driver.press("1")
        assert "broke: " not in driver.text and "All time" in driver.text


@pytest.fixture
def stores(fed: Path, spent: Path, held: Path) -> dict[str, Path]:
    """The store that has most to show on a screen, by the screen's key."""
    return {"7": fed, "9": spent, "3": held}


async def copied(driver: Driver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.delenv("TMUX", raising=False)
    monkeypatch.delenv("STY", raising=False)
    await driver.press("y")
    return (tmp_path / "northstar" / "clipboard.txt").read_text()


async def test_the_report_is_copied_once_and_then_values_are(
    cockpit: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with cockpit(sound=False) as driver:
        await driver.press("2", "colon", *"copy report", "enter")
        assert "Nothing has broken" in driver.text
        with monkeypatch.context() as patch:
            patch.setattr("northstar_tui.tui.screens.ledger.statistics", broken)
            text = await driver.press("ctrl+l")
            assert "y copies a report" in text
            report = await copied(driver, tmp_path, monkeypatch)
            first = report.splitlines()
            assert first[0].startswith("NorthStar ") and first[0].endswith("Figures broke")
            assert first[1] == "ZeroDivisionError: a defect"
            assert "overview > ledger" in report or "screen ledger at 120x40" in report
            assert "northstar_tui/tui/screens/ledger.py" in report and "broken" in report
            assert SECRET not in report and str(Path.home()) not in report and str(tmp_path) not in report
            assert "Copied the report" in driver.text and "Its report is copied" in driver.text
            assert await copied(driver, tmp_path, monkeypatch) == "9.949999"
            await driver.press("colon", *"copy report", "enter")
            assert (tmp_path / "northstar" / "clipboard.txt").read_text() == report


CELLS = [
    (("2",), "LedgerPage", "Rows"), (("2", "w"), "WhyPage", "Entries"), (("3",), "PositionsPage", "Rows"),
    (("3", "enter"), "PositionPage", "Rows"),
]  # fmt: skip


@pytest.mark.parametrize(("way", "page", "panel"), CELLS)
async def test_a_cell_that_breaks_takes_neither_its_row_nor_its_table(
    cockpit: Open, stores: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: tuple[str, ...],
    page: str, panel: str,
) -> None:  # fmt: skip
    async with cockpit((120, 40), store=stores.get(way[0], stores["7"]), sound=False) as driver:
        before = await driver.press(*way)
        shown = driver.cockpit.page
        assert type(shown).__name__ == page
        view = shown._view if page == "LedgerPage" else shown._rows  # type: ignore[attr-defined]
        at, column = next((i, c) for i, c in enumerate(view.columns) if c.title and c.draw is None)
        bad = view.pages.get(0)
        monkeypatch.setattr(
            view, "columns", [*view.columns[:at], column._replace(text=once(column.text, bad)), *view.columns[at + 1 :]]
        )
        view.changed()
        text, sign = await driver.press("ctrl+l"), driver.cockpit.look.glyphs.failing
        assert f"The column {column.title} broke: ZeroDivisionError: a defect" in text and f"{panel} broke" not in text
        mine = next(line for line in text.splitlines() if sign in line and "broke" not in line)
        _, _, others = mine.partition(sign)
        assert others.strip(), "the rest of its row stands"
        assert all(word in before for word in others.split())
        report = await copied(driver, tmp_path, monkeypatch)
        assert f"The column {column.title} broke" in report.splitlines()[0]


def once(text: Callable[[Any], str], bad: object) -> Callable[[Any], str]:
    """Return `text`, which breaks for the row `bad`."""
    return lambda row: str(broken()) if row is bad else text(row)


@pytest.mark.parametrize("titled", ["spending_columns", "job_columns", "book_columns"])
async def test_a_cell_among_sections_breaks_alone(
    cockpit: Open, spent: Path, monkeypatch: pytest.MonkeyPatch, titled: str
) -> None:
    from northstar_tui.tui.screens import spending_panels

    made = getattr(spending_panels, titled)

    def spoiled(*args: object) -> list[Any]:
        first, *rest = made(*args)
        return [first._replace(text=broken), *rest]

    async with cockpit((200, 50), store=spent, sound=False) as driver:
        before = (await driver.press("9")).splitlines()
        monkeypatch.setattr(spending_panels, titled, spoiled)
        text = await driver.press("ctrl+l", "down", "up")
        assert "The column " in text and "broke: ZeroDivisionError: a defect" in text
        sums = [line.split()[-1] for line in before if "$" in line]
        assert sum(last in text for last in sums) > len(sums) * 0.8, "the amounts stand"


QUERIES = [
    ("views.overview._panels", ("1",), "Books", "This month"),
    ("views.overview.slices", ("1",), "Attribution", "This month"),
    ("views.overview.needs", ("1",), "Needs", "This month"),
    ("views.overview.source_lines", ("1",), "Needs", "This month"),
    ("views.overview.since", ("1",), "The bridge", "This month"),
    ("views.overview.pipeline", ("1",), "Pipeline", "This month"),
    ("views.overview.log.newest_but_quotes", ("1",), "Events", "This month"),
    ("views.overview.budgets_of", ("1",), "Budgets", "This month"),
    ("views.overview.positions_at", ("1",), "Open positions", "Needs you"),
    ("tui.screens.since.positions_at", ("1", *SINCE), "Open positions", "came in"),
    ("views.node.slices", ("2",), "Attribution", "Equity by day"),
    ("views.node.statistics", ("2",), "Figures", "Equity by day"),
    ("tui.screens.ledger.series", ("2",), "The curve", "By category"),
    ("views.costs._daily", ("9",), "Days", "Spent"),
    ("views.costs._books", ("9",), "Books", "Spent"),
    ("views.costs._table", ("9",), "API spend by model", "Spent"),
    ("views.costs._keys", ("9",), "Keys", "Spent"),
    ("views.costs._charges", ("9",), "Recurring charges", "Spent"),
    ("views.costs._jobs", ("9",), "Jobs", "Spent"),
    ("views.costs.budget_lines", ("9",), "Budgets", "Spent"),
    ("views.positions._groups", ("3",), "How events can end", "Market"),
    ("views.positions._waiting", ("3",), "What has not settled", "Market"),
    ("views.positions._differences", ("3",), "What venues report", "Market"),
    ("views.operations.source_lines", ("7",), "Sources", "Runs"),
    ("views.operations.health.runs", ("7",), "Runs", "schema"),
    ("views.operations.health.quarantine", ("7",), "Quarantine", "schema"),
    ("views.operations.health.facts", ("7",), "The store", "Runs"),
]


@pytest.mark.parametrize(("name", "way", "panel", "rest"), QUERIES)
async def test_a_part_that_cannot_be_read_takes_its_panel_and_no_more(
    cockpit: Open, stores: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str,
    way: tuple[str, ...], panel: str, rest: str,
) -> None:  # fmt: skip
    async with cockpit((120, 60), store=stores.get(way[0], stores["7"]), sound=False) as driver:
        await driver.press("2" if way[0] != "2" else "1")
        with monkeypatch.context() as patch:
            patch.setattr(f"northstar_tui.{name}", broken)
            text = await driver.press(*way)
            assert f"{panel} broke: ZeroDivisionError" in text and rest in text
            assert f"{panel} broke" in (await copied(driver, tmp_path, monkeypatch)).splitlines()[0]
            assert "Its report is copied" in driver.text
        text = await driver.press("2" if way[0] != "2" else "1", *way)
        assert "broke: " not in text and rest in text, "it passes with its cause"


def test_what_scripts_read_is_whole_or_an_error(spent: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from northstar_tui.views.costs import costs
    from northstar_tui.views.overview import overview

    with Store.open(spent) as store:
        overview(store, NOW)
        for name, view in (("overview.slices", overview), ("overview.needs", overview), ("costs._keys", costs)):
            with monkeypatch.context() as patch:
                patch.setattr(f"northstar_tui.views.{name}", broken)
                with pytest.raises(ZeroDivisionError):
                    view(store, NOW)


def test_what_ends_a_question_or_is_the_operators_passes_through() -> None:
    part = Unread()

    def stopped() -> None:
        connection = sqlite3.connect(":memory:")
        connection.set_progress_handler(lambda: True, 1)
        connection.execute("SELECT 1 FROM sqlite_master, sqlite_master").fetchall()

    def misspelt() -> None:
        sqlite3.connect(":memory:").execute("SELECT misspelt")

    def mendable() -> None:
        raise ViewError("no such figure", "use another")

    for call, error in ((stopped, sqlite3.OperationalError), (mendable, ViewError)):
        with pytest.raises(error):
            part("Books", call, ())
    assert not part
    assert part("Books", misspelt, ()) == () and "no such column" in part["Books"].error


async def test_a_defect_in_an_action_is_told_and_ends_nothing(
    cockpit: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from northstar_tui.tui import doing
    from northstar_tui.tui.screens.ledger import LedgerPage
    from northstar_tui.tui.syncing import Syncing

    async with cockpit(sound=False) as driver:
        await driver.press("2")
        for action, key in (("why", "w"), ("dimension", "a"), ("basis", "b"), ("filter", "slash"), ("theme", "colon")):
            with monkeypatch.context() as patch:
                patch.setitem(doing.HANDLERS, action, broken)
                text = await driver.press(*([key] if key != "colon" else ["colon", *"theme", "enter"]))
                assert "broke: ZeroDivisionError: a defect · y copies a report" in text
                assert "a defect" in await copied(driver, tmp_path, monkeypatch)
        for method, keys in (
            ("move", "j"), ("opening", "enter"), ("value", "y"), ("command", "Y"), ("cursor", "1"), ("why", "w"),
        ):  # fmt: skip
            with monkeypatch.context() as patch:
                patch.setattr(LedgerPage, method, broken)
                assert "broke: ZeroDivisionError" in await driver.press(keys), method
            driver.cockpit.defects.take()
        with monkeypatch.context() as patch:
            patch.setattr(LedgerPage, "click", broken)
            patch.setattr(LedgerPage, "wheel", broken)
            await driver.pilot.click(offset=(10, 9))
            assert "The click broke" in driver.text
            driver.cockpit.hands.wheel(1)
            await driver.settled()
            assert "The wheel broke" in driver.text
            patch.setattr(Syncing, "start_all", broken)
            assert "Sync broke" in await driver.press("r")
        text = await driver.press("1", "2")
        assert "2 of 2" in driver.crumb and "Equity by day" in text


async def test_a_defect_of_the_clock_or_the_schedule_ends_nothing(
    cockpit: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with cockpit(sound=False) as driver:
        monkeypatch.setattr(driver.cockpit, "tick", broken)
        driver.app.later(0.001, driver.cockpit.tick)
        await driver.until("What was due broke: ZeroDivisionError")
        assert "Equity by day" in await driver.press("2")


async def test_a_defect_in_a_question_is_an_error_state_with_a_report(
    cockpit: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with cockpit(sound=False) as driver:
        monkeypatch.setattr("northstar_tui.views.node._previous", broken)
        text = await driver.press("2")
        assert "ZeroDivisionError: a defect" in text and "copy a report" in text
        report = await copied(driver, tmp_path, monkeypatch)
        assert "northstar_tui/views/node.py" in report and "The screen ledger broke" in report
        monkeypatch.undo()
        assert "All time" in await driver.press("r")


def test_a_report_has_no_settings_and_no_locals() -> None:
    settings = Settings(book=SECRET)
    try:
        broken(settings)
    except ZeroDivisionError as error:
        from northstar_tui.tui.theme import look

        report = Defect.of("Figures", error).report("ledger", (80, 24), look("dark"))
    assert SECRET not in report and "test_tui_robust.py" in report and "/tests/" not in report
