"""A defect in one place takes that place and nothing else; its report can be copied and tells no secret."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest
from tui_driver import Driver, Open

from northstar_tui.config import Settings
from northstar_tui.tui.defects import Defect

SECRET = "sk-ant-admin01-secret"


def broken(*_: object, **__: object) -> None:
    secret = SECRET  # a local, as a caller's would be
    assert secret
    raise ZeroDivisionError("a defect")


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
    ("northstar_tui.tui.screens.entry", "facts_of", ("2", "w", "enter"), "Facts", "Said about it"),
    ("northstar_tui.tui.screens.entry", "_raw_lines", ("2", "w", "enter"), "The source's text", "Said about it"),
    ("northstar_tui.tui.screens.operations", "OperationsPage._sources", ("7",), "Sources", "schema"),
    ("northstar_tui.tui.screens.operations", "OperationsPage._quarantine", ("7",), "Quarantine", "schema"),
    ("northstar_tui.tui.screens.operations", "OperationsPage.ran", ("7",), "Runs", "schema"),
    ("northstar_tui.tui.screens.operations", "OperationsPage._store", ("7",), "The store", "Runs"),
    ("northstar_tui.tui.screens.operations", "SourcePage._facts", ("7", "enter"), "Facts", "Runs"),
    ("northstar_tui.tui.painting", "header", ("2",), "The title line", "Equity by day"),
    ("northstar_tui.tui.painting", "crumbs", ("2",), "The path", "Equity by day"),
    ("northstar_tui.tui.painting", "hints", ("2",), "The footer", "Equity by day"),
]


@pytest.mark.parametrize(("module", "name", "way", "panel", "rest"), PANELS, ids=lambda value: str(value)[-28:])
@pytest.mark.parametrize("size", [(120, 40), (80, 24)], ids=["120x40", "80x24"])
async def test_a_defect_takes_its_panel_and_no_more(
    cockpit: Open, fed: Path, monkeypatch: pytest.MonkeyPatch, module: str, name: str, way: tuple[str, ...], panel: str,
    rest: str, size: tuple[int, int],
) -> None:  # fmt: skip
    async with cockpit(size, store=fed, sound=False) as driver:
        before = await driver.press(*way)
        target = importlib.import_module(module)
        owner, _, attribute = name.rpartition(".")
        monkeypatch.setattr(getattr(target, owner) if owner else target, attribute, broken)
        text = await driver.press("ctrl+l", "down")
        assert rest in before or size != (120, 40)
        assert rest in text or rest not in before, "the other panels stand"
        shown = f"{panel} broke: "
        if size == (120, 40):
            assert shown in text
        assert len(text.splitlines()) == size[1] and all(len(line) <= size[0] for line in text.splitlines())
        monkeypatch.undo()
        text = await driver.press("up")
        assert shown not in text, "it passes with its cause"
        await driver.press("1")
        assert "This month" in driver.text


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
        await driver.press("2", "down", "colon", *"copy report", "enter")
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
        text = await driver.press("1", "2", "down")
        assert "2 of 2" in driver.crumb and "Equity by day" in text


async def test_a_defect_of_the_clock_or_the_schedule_ends_nothing(
    cockpit: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with cockpit(sound=False) as driver:
        monkeypatch.setattr(driver.cockpit, "tick", broken)
        driver.app.later(0.001, driver.cockpit.tick)
        await driver.pilot.pause(0.05)
        await driver.settled()
        assert "What was due broke: ZeroDivisionError" in driver.text
        assert "Equity by day" in await driver.press("2")


async def test_a_defect_in_a_question_is_an_error_state_with_a_report(
    cockpit: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with cockpit(sound=False) as driver:
        monkeypatch.setattr("northstar_tui.views.node.statistics", broken)
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
