"""`x`: every view into a file of its own name, nothing replaced, and the footer says where."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from xml.etree import ElementTree

import pytest
from tui_company import NOW
from tui_driver import Driver, Open

from northstar_tui.calendar import ALL, Calendar, Period
from northstar_tui.cli import _VERBS, Verbs
from northstar_tui.tui.doing import _command_line
from northstar_tui.tui.exporting import VERBS, fresh, stem

EXPORT = ("x",)
Opened = Callable[..., AbstractAsyncContextManager[Driver]]


@pytest.fixture
def exporting(cockpit: Open, tmp_path: Path) -> Opened:
    """Open a screen whose views go to a folder that is not there yet."""

    @asynccontextmanager
    async def opened(store: Path | None = None) -> AsyncIterator[Driver]:
        async with cockpit(**({"store": store} if store else {})) as driver:
            driver.cockpit.exports = tmp_path / "views"
            yield driver

    return opened


async def written(driver: Driver, name: str, folder: Path) -> str:
    """Wait until the footer says where the file is; return what it holds."""
    await driver.until(lambda text: f"Wrote {name}" in text or "Not written" in text)
    assert f"Wrote {name} in {str(folder)[:30]}" in driver.text.splitlines()[-1]
    return (folder / name).read_text()


async def test_x_offers_every_form_and_writes_what_is_seen(exporting: Opened, tmp_path: Path) -> None:
    async with exporting() as driver:
        before = await driver.press("2", "enter")
        offered = await driver.press("x")
        for form in ("Export text", "Export SVG", "Export PNG", "Export CSV", "Export JSON"):
            assert form in offered
        await driver.press("enter")
        assert await written(driver, "northstar-ledger-2026.txt", tmp_path / "views") == before
        await driver.press("x", *"svg", "enter")
        svg = await written(driver, "northstar-ledger-2026.svg", tmp_path / "views")
        assert ElementTree.fromstring(svg).get("aria-label") == "northstar-ledger-2026"
        await driver.press("x", *"png", "enter")
        await driver.until("Wrote northstar-ledger-2026.png")
        assert (tmp_path / "views" / "northstar-ledger-2026.png").read_bytes().startswith(b"\x89PNG")
        await driver.press("x", "enter")
        await written(driver, "northstar-ledger-2026-2.txt", tmp_path / "views")
        assert driver.cockpit.nav.here.screen == "ledger"


async def test_rows_are_those_of_the_command_line(exporting: Opened, tmp_path: Path) -> None:
    async with exporting() as driver:
        await driver.press("2", "enter")
        await driver.press("x", *"json", "enter")
        told = json.loads(await written(driver, "northstar-ledger-2026.json", tmp_path / "views"))
        assert [row["bucket"] for row in told["rows"]] == ["2026-01-01"] and told["totals"]["net"] == "9.949999"
        await driver.press("x", *"csv", "enter")
        rows = list(csv.DictReader(io.StringIO(await written(driver, "northstar-ledger-2026.csv", tmp_path / "views"))))
        assert [row["net"] for row in rows] == [row["net"] for row in told["rows"]]


async def test_what_cannot_be_written_says_so(exporting: Opened, fed: Path, tmp_path: Path) -> None:
    async with exporting(fed) as driver:
        line = _command_line(driver.cockpit, ["report"], configured=True)
        assert line == ["--config", str(fed.with_name("config.toml")), "--store", str(fed), "report"]
        await driver.press("7", "x", *"csv", "enter")
        assert ": export csv" in driver.text, "it is not offered where there are no rows"
        await driver.press("escape")
        driver.cockpit.do("export_csv")  # as by a key of the config's
        assert "No command prints rows of this view" in driver.text
        (tmp_path / "views").write_text("in the way")
        await driver.press("x", "enter")
        assert "Not written" in driver.text and not list(tmp_path.glob("northstar-*"))
        await driver.press("1", "x", *"csv", "enter")
        assert "Not written" in driver.text
        driver.cockpit.exports = tmp_path / "other"
        driver.cockpit.store = tmp_path / "gone.db"
        await driver.press("x", *"csv", "enter")
        await driver.until("there is no store at")
        assert not list((tmp_path / "other").iterdir())


async def test_the_name_tells_the_filter_and_the_picture_shows_it(exporting: Opened, tmp_path: Path) -> None:
    async with exporting() as driver:
        await driver.press("2", "slash", *"category:weather", "enter")
        await driver.press("x", "enter")
        seen = await written(driver, "northstar-ledger-all-category-weather.txt", tmp_path / "views")
        assert "/category:weather" in seen.splitlines()[1]
        await driver.press("1", "x", "enter")
        await written(driver, "northstar-overview-2026-03-18.txt", tmp_path / "views")  # takes no filter


async def test_escape_leaves_and_the_palette_has_them_too(exporting: Opened, tmp_path: Path) -> None:
    async with exporting() as driver:
        before = driver.text
        assert await driver.press("x", "escape") == before
        await driver.press("colon", *"export t", "enter")
        await written(driver, "northstar-overview-2026-03-18.txt", tmp_path / "views")


def test_names_tell_view_and_period(tmp_path: Path) -> None:
    calendar = Calendar("America/New_York")
    march = calendar.parse("2026-03", NOW)
    assert stem(("ledger", march), calendar, NOW) == "northstar-ledger-2026-03"
    assert stem(("why", ("net", march, "book=a b/..")), calendar, NOW) == "northstar-why-net-2026-03-book-a-b-.."
    assert stem(("source", "../../etc/passwd\x1b"), calendar, NOW) == "northstar-source-..-..-etc-passwd"
    assert stem(("overview", None), calendar, NOW) == "northstar-overview-2026-03-18"
    span = Period(calendar.parse("2026-03-01", NOW).start, calendar.parse("2026-03-14", NOW).end, "range")
    assert stem(("ledger", span), calendar, NOW) == "northstar-ledger-2026-03-01..2026-03-14"
    kept = 'book:a/b -kind:cost "x\x1b y"'
    assert stem(("ledger", ALL), calendar, NOW, kept) == "northstar-ledger-all-book-a-b-not-kind-cost-x-y"
    assert len(stem(("ledger", ALL), calendar, NOW, "word " * 99)) <= len("northstar-") + 100
    for expected in ("a.svg", "a-2.svg", "a-3.svg"):
        path, file = fresh(tmp_path, "a", "svg")
        file.close()
        assert path.name == expected


def test_the_verbs_with_rows_are_those_that_have_both_forms() -> None:
    both = set()
    for name in _VERBS:
        command = Verbs().get_command(None, name)  # type: ignore[arg-type]
        assert command is not None
        options = {option for parameter in command.params for option in parameter.opts}
        if {"--csv", "--json"} <= options:
            both.add(name)
    assert both == set(VERBS)
