"""Epochs on the screen: in the palette and the filter, as a node, marked on curves and in the calendar."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tui_still import still

from northstar_tui.calendar import Epoch
from northstar_tui.ledger.store import Store
from northstar_tui.tui import theme
from northstar_tui.tui.screens.curves import CURVES, curve_panel
from northstar_tui.views.series import series


def test_the_palette_leads_to_an_epoch_and_its_rows_add_up(fed: Path) -> None:
    with still(fed, (120, 40)) as screen:
        text = screen.press("2", "colon", *"epoch")
        assert "Epoch v1" in text and "From 2025-03-03 to 2026-02-09." in text and "to today." in text
        text = screen.press(*" v1", "enter")
        assert "All time › v1, 2025-03-03 – 2026-02-09" in text.splitlines()[1]
        view = screen.cockpit.page.snapshot.view  # type: ignore[attr-defined]
        assert view.child_level == "month" and sum(row.measures.net for row in view.rows) == view.totals.net
        text = screen.press("home")
        month = screen.press("enter")
        assert "Mar 2025" in month.splitlines()[1] and "W10" in month
        assert screen.press("left") == text


def test_the_filter_leads_there_too_and_completes_the_name(fed: Path) -> None:
    with still(fed, (120, 40)) as screen:
        text = screen.press("2", "slash", *"epoch:v1", "enter")
        assert "v1, 2025-03-03 – 2026-02-09" in text.splitlines()[1]
        with Store.open(fed) as store:
            store.calendar.epochs = (Epoch("v1", store.calendar.date_of(0), None),)
            from northstar_tui.views.filter import begun, completions

            assert completions(store, begun("epoch", 5)) == ["epoch:v1"]
            assert completions(store, begun("epoch:V", 7)) == ["epoch:v1"]
        text = screen.press("slash", *["ctrl+u"], *"epoch:v9", "enter")
        assert "'epoch:v9' is no epoch" in text.splitlines()[-2]


def test_every_curve_has_a_tick_where_an_epoch_begins(fed: Path) -> None:
    with still(fed, (120, 40)) as screen:
        for keys in (("2",), ("v",), ("v",)):
            text = screen.press(*keys)
            axis = next(line for line in text.splitlines() if "│v1" in line)
            assert "│v2" in axis and axis.index("│v1") < axis.index("│v2")
        year = screen.press("v", "down", "enter")
        assert "│v2" in year and "│v1" not in year, "an epoch of another year is not marked"


def test_the_calendar_marks_them(fed: Path) -> None:
    with still(fed, (80, 24)) as screen:
        text = screen.press("2", "g")
        column = next(line for line in text.splitlines() if line.startswith(" Tue"))
        tick = next(line for line in text.splitlines() if "│v2" in line)
        assert tick.index("│v2") - 5 == 6, "the week of 10 February is the seventh of the year"
        assert len(column) > tick.index("│v2")
        screen.press("home", *["right"] * 6, *["up"] * 2)
        assert "Tue 10 Feb 2026  │v2 begins" in screen.text
    with still(fed, (60, 20)) as screen:
        assert "Feb 2026  │v2 begins" in screen.press("2", "g", "left")


@pytest.mark.parametrize("level", ["all", "year", "week"])
@given(
    st.lists(st.tuples(st.dates(), st.text("vé日x\x1b", min_size=1, max_size=9)), max_size=6),
    st.integers(38, 130), st.integers(6, 24), st.sampled_from(list(CURVES)),
)  # fmt: skip
def test_any_epochs_fit_any_curve(
    fed: Path, level: str, named: list[tuple[object, str]], cells: int, rows: int, shown: str
) -> None:
    with Store.open(fed) as store:
        period = store.calendar.parse({"all": "all", "year": "2026", "week": "2026-W11"}[level], 0)
        view = series(store, period)
        assert view is not None
    epochs = [Epoch(name, day, None) for day, name in named]  # type: ignore[arg-type]
    epochs += [Epoch(name, view.dates[n * 7 % len(view.dates)], None) for n, (_, name) in enumerate(named)]
    for glyphs in (False, True):
        lines = curve_panel(view, shown, cells, rows, theme.look("dark", ascii_only=glyphs), epochs)
        assert len(lines) == rows and all(line.cells <= cells for line in lines)
        assert "\x1b" not in "".join(line.strip(cells, theme.look("dark").text).text for line in lines)
