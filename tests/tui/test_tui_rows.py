"""The rows view and its pages: any length, any size, every row reachable, nothing asked for twice."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from northstar_tui.ledger.lists import Seek
from northstar_tui.tui import theme
from northstar_tui.tui.navigation import Cursor
from northstar_tui.tui.pages import Pages
from northstar_tui.tui.paint import Line, fit, width
from northstar_tui.tui.widgets.rows import Column, RowsView

LOOK = theme.look("dark")
COLUMNS: list[Column[int]] = [
    Column("Name", lambda row: f"row {row}"),
    Column("Rest", lambda row: "x" * (row % 50), flex=True, least=5, rank=1),
    Column("Wide", lambda row: "日本" * (row % 4), rank=2),
    Column("Number", lambda row: f"{row:,}", right=True, rank=3),
]


def _view(count: int, index: int = 0) -> RowsView[int]:
    return RowsView(COLUMNS, Pages.of(range(count)), Cursor(index))


@given(st.integers(0, 3000), st.integers(0, 4000), st.integers(4, 200), st.integers(1, 60))
def test_every_size_is_filled_and_the_cursor_in_sight(count: int, index: int, cells: int, rows: int) -> None:
    view = _view(count, index)
    strips = view.lines(cells, rows, LOOK)
    assert [strip.cell_length for strip in strips] == [cells] * rows
    if count and rows > 1:
        assert view.top <= view.index < view.top + rows - 1
        marked = [y for y, strip in enumerate(strips) if LOOK.glyphs.cursor in strip.text]
        assert marked == [view.index - view.top + 1]


_moves = st.lists(st.sampled_from(["down", "up", "page_down", "page_up", "first", "last", "other"]), max_size=40)


@given(st.integers(0, 500), _moves)
def test_the_cursor_never_leaves_the_rows(count: int, moves: list[str]) -> None:
    view = _view(count)
    for action in moves:
        assert view.move(action) == (action != "other")
        view.lines(40, 12, LOOK)
        assert 0 <= view.index < max(1, count) and view.top >= 0


def test_narrow_terminals_lose_the_dearest_columns_last() -> None:
    shown = {cells: _view(40).lines(cells, 3, LOOK)[0].text for cells in (60, 32, 22, 14)}
    assert "Number" in shown[60] and "Number" not in shown[32]
    assert "Rest" in shown[22] and "Wide" not in shown[22]
    assert shown[14].strip() == "Name"


def test_clicks_select_and_then_open() -> None:
    view = _view(5)
    view.lines(40, 10, LOOK)
    assert not view.click(0) and not view.click(3) and view.index == 2
    assert view.click(3) and not view.click(9)


class _Table:
    """A store of `count` rows that answers page questions as the ledger does, and counts what it passes over."""

    def __init__(self, count: int) -> None:
        self.count, self.passed = count, 0

    def answer(self, pages: Pages[int], page: int) -> None:
        seek, count = pages.source(page), pages.rows_of(page)
        self.passed = max(self.passed, seek.skip)
        if seek.back:
            behind = (self.count if seek.key is None else seek.key[1]) - seek.skip
            rows = range(max(0, behind - count), behind)
        else:
            first = (seek.key[1] + 1 if seek.key else 0) + seek.skip
            rows = range(first, min(first + count, self.count))
        pages.put(page, rows, ((rows[0], rows[0]), (rows[-1], rows[-1])) if rows else None)


@given(st.integers(1, 5000), st.lists(st.integers(0, 5000), max_size=25), st.booleans())
def test_pages_hold_the_right_rows_wherever_one_jumps(count: int, jumps: list[int], ended: bool) -> None:
    pages: Pages[int] = Pages(count, size=16, kept=4)
    pages.end = (count, count) if ended else None
    table = _Table(count)
    for jump in jumps:
        first, last = min(jump, count - 1), min(jump + 20, count - 1)
        for page in pages.need(first, last):
            table.answer(pages, page)
        assert [pages.get(i) for i in range(first, last + 1)] == list(range(first, last + 1))
        assert len(pages.loaded()) <= 4 * 16


def test_reading_on_passes_over_nothing_and_nothing_is_asked_twice() -> None:
    pages: Pages[int] = Pages(1000, size=10, kept=50)
    table = _Table(1000)
    for page in range(40):
        assert pages.need(page * 10, page * 10 + 9) == [page]
        assert pages.need(page * 10, page * 10 + 9) == []
        table.answer(pages, page)
    assert table.passed == 0
    assert pages.need(950, 955) == [95]
    pages.failed(95)
    assert pages.need(950, 955) == [95]
    assert pages.source(95) == Seek((399, 399), skip=550)
    pages.end = (1000, 1000)
    assert pages.source(95) == Seek((1000, 1000), back=True, skip=40)


def test_paging_up_from_the_end_passes_over_nothing() -> None:
    pages: Pages[int] = Pages(1003, size=10, kept=8)
    pages.end = (1003, 1003)
    table = _Table(1003)
    for page in range(100, 60, -1):
        assert pages.need(page * 10, page * 10 + 9) == [page]
        table.answer(pages, page)
        assert pages.get(page * 10) == page * 10
    assert table.passed <= 3, "the last page is not a whole one"


def test_a_million_rows_open_at_once() -> None:
    view = RowsView(COLUMNS, Pages(1_000_000))
    view.pages.put(0, range(128), ((0, 0), (127, 127)))
    view.lines(120, 38, LOOK)
    view.move("last")
    view.lines(120, 38, LOOK)
    assert view.index == 999_999 and view.selected is None


@given(st.text(max_size=40), st.integers(0, 30), st.booleans())
def test_fit_is_exact(text: str, cells: int, right: bool) -> None:
    from northstar_tui.text import safe

    assert cell_len(fit(safe(text), cells, right=right)) == cells


def test_line_pads_cuts_and_joins() -> None:
    line = Line().put("ab", LOOK.text).to(5, LOOK.dim).join(Line().put("日本", LOOK.text))
    assert line.cells == 9 and width("日本") == 4
    assert line.strip(6, LOOK.text).cell_length == 6 and line.strip(12, LOOK.text).cell_length == 12


@given(
    st.lists(st.integers(0, 500), unique=True, min_size=1, max_size=120),
    st.lists(st.tuples(st.sets(st.integers(0, 500), max_size=9), st.sets(st.integers(0, 500), max_size=3)), max_size=6),
    st.integers(2, 25), st.lists(st.sampled_from(["down", "up", "page_down", "last", "wheel"]), max_size=12),
)  # fmt: skip
def test_rows_that_come_and_go_move_neither_the_cursor_s_row_nor_its_line(
    first: list[int], changes: list[tuple[set[int], set[int]]], height: int, moves: list[str]
) -> None:
    rows, cursor = sorted(first), Cursor()
    for come, go in [(set[int](), set[int]()), *changes]:
        kept = cursor.key
        rows = sorted((set(rows) | come) - (go - {kept})) or rows
        view = RowsView(COLUMNS, Pages.of(rows), cursor, lambda row: row)
        view.lines(80, height + 1, LOOK)
        if kept is not None:
            assert view.selected == kept
            line, end = view.index - view.top, len(rows) - height
            stays = view.top == view.index - (cursor.line or 0)
            assert stays or (view.top == 0 and line < (cursor.line or 0)) or view.top == max(0, end)
        else:
            for move in moves:
                view.wheel(3) if move == "wheel" else view.move(move)
                view.lines(80, height + 1, LOOK)
        cursor = view.cursor()
        assert cursor.key == rows[cursor.index] and cursor.line == cursor.index - cursor.top
