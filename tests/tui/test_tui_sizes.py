"""Every page at any size, and while it is resized: exactly the lines and cells of the terminal, and no error."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from test_tui_screens import FED, SPENT, WAYS
from tui_still import Still, still

from northstar_tui.tui import theme

LOOKS = ("dark", "mono")


@pytest.fixture(scope="module", params=[*WAYS, *FED, *SPENT])
def screen(request: pytest.FixtureRequest, company: Path, fed: Path, spent: Path) -> Iterator[Still]:
    """One screen after another, each opened at its most usual size."""
    name = request.param
    store, ways = next((s, w) for s, w in ((company, WAYS), (fed, FED), (spent, SPENT)) if name in w)
    with still(store, (120, 40)) as opened:
        opened.press(*ways[name])
        yield opened


@given(st.integers(1, 400), st.integers(1, 100), st.sampled_from(LOOKS), st.booleans())
@example(1, 1, "dark", False)
@example(400, 1, "dark", True)
@example(1, 100, "mono", False)
@example(40, 10, "dark", True)
@example(400, 100, "mono", True)
@settings(max_examples=25)
def test_any_size_is_painted_to_the_cell(screen: Still, cells: int, rows: int, look: str, ascii_only: bool) -> None:
    cockpit = screen.cockpit
    cockpit.look = theme.look(look, ascii_only=ascii_only)
    screen.size = (cells, rows)
    painted = screen.lines
    assert [strip.cell_length for strip in painted] == [cells] * rows
    assert all(sum(segment.cell_length for segment in strip) == cells for strip in painted)
    body = cockpit.front.lines(cells, rows, cockpit.look)  # a page is exact and whole by itself, also below the frame
    assert [strip.cell_length for strip in body] == [cells] * rows and not cockpit.front.defects
    if ascii_only:
        assert screen.text.isascii()
