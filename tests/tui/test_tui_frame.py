"""What is sent to the terminal, applied to a terminal, gives exactly what was meant, and no more than changed."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rich.color import ColorSystem
from rich.segment import Segment
from rich.style import Style
from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.geometry import Region
from textual.strip import Strip
from tui_driver import Terminal

from northstar_tui.tui.frame import Frame

WIDTH, HEIGHT = 24, 4
STYLES = [
    Style(), Style(bold=True), Style(color="#ff0000", bgcolor="#101010"), Style(color="#00ff00", bgcolor="#101010"),
    Style(color="#00ff00", bgcolor="#101010", bold=True), Style(reverse=True), Style(color="red"),
    Style(bgcolor="blue"),
]  # fmt: skip
_runs = st.lists(st.tuples(st.text(st.sampled_from("ab ─█▲日本é"), max_size=9), st.sampled_from(STYLES)), max_size=6)


@st.composite
def _frame(draw: st.DrawFn) -> list[Strip]:
    lines = []
    for _ in range(HEIGHT):
        strip = Strip([Segment(text, style) for text, style in draw(_runs) if text])
        lines.append(strip.adjust_cell_length(WIDTH, Style()))
    return lines


def _full(lines: list[Strip]) -> LayoutUpdate:
    return LayoutUpdate([[line] for line in lines], Region(0, 0, WIDTH, HEIGHT))


def _shown(lines: list[Strip]) -> list[list[tuple[str, str]]]:
    """Return the cells a fresh terminal shows for `lines`, sent in full by Rich's own rendering of each segment."""
    terminal = Terminal(WIDTH, HEIGHT)
    for y, line in enumerate(lines):
        terminal.feed(f"\x1b[{y + 1};1H")
        for text, style, _ in line:
            terminal.feed(Strip.render_style(style or Style(), text, ColorSystem.TRUECOLOR))
    return terminal.cells


@given(st.lists(_frame(), min_size=1, max_size=5))
def test_patches_lead_from_frame_to_frame(frames: list[list[Strip]]) -> None:
    frame, terminal = Frame(), Terminal(WIDTH, HEIGHT)
    for lines in frames:
        patch = frame.patch(_full(lines), (WIDTH, HEIGHT), ColorSystem.TRUECOLOR)
        if patch is not None:
            terminal.feed(patch.data)
        assert terminal.cells == _shown(lines)
        assert frame.patch(_full(lines), (WIDTH, HEIGHT), ColorSystem.TRUECOLOR) is None


@given(_frame(), _frame(), st.integers(0, HEIGHT - 1))
def test_partial_updates_touch_their_lines_only(old: list[Strip], new: list[Strip], y: int) -> None:
    frame, terminal = Frame(), Terminal(WIDTH, HEIGHT)
    first = frame.patch(_full(old), (WIDTH, HEIGHT), ColorSystem.TRUECOLOR)
    assert first is not None
    terminal.feed(first.data)
    chops = [{0: new[row] if row == y else None} for row in range(HEIGHT)]
    patch = frame.patch(ChopsUpdate(chops, [(y, 0, WIDTH)], [[WIDTH]] * HEIGHT), (WIDTH, HEIGHT), ColorSystem.TRUECOLOR)
    if patch is not None:
        terminal.feed(patch.data)
    assert terminal.cells == _shown([*old[:y], new[y], *old[y + 1 :]])


def test_an_update_with_holes_is_passed_on_as_it_is() -> None:
    frame, line = Frame(), Strip([Segment("x" * WIDTH, Style())])
    first = frame.patch(_full([line] * HEIGHT), (WIDTH, HEIGHT), ColorSystem.TRUECOLOR)
    holes = ChopsUpdate([{0: line, 12: None}] * HEIGHT, [(0, 0, WIDTH)], [[12, WIDTH]] * HEIGHT)
    assert frame.patch(holes, (WIDTH, HEIGHT), ColorSystem.TRUECOLOR) is holes
    again = frame.patch(_full([line] * HEIGHT), (WIDTH, HEIGHT), ColorSystem.TRUECOLOR)
    assert first is not None and again is not None and again.data == first.data


def test_forgetting_and_resizing_send_everything_again() -> None:
    lines = [Strip([Segment("x" * WIDTH, Style())])] * HEIGHT
    frame = Frame()
    first = frame.patch(_full(lines), (WIDTH, HEIGHT), ColorSystem.TRUECOLOR)
    frame.forget()
    again = frame.patch(_full(lines), (WIDTH, HEIGHT), ColorSystem.TRUECOLOR)
    assert first is not None and again is not None and first.data == again.data
    assert frame.patch(_full(lines), (WIDTH, HEIGHT + 1), ColorSystem.TRUECOLOR) is not None


def test_a_one_cell_change_costs_a_move_and_a_cell() -> None:
    def line(text: str) -> list[Strip]:
        return [Strip([Segment(text.ljust(WIDTH), STYLES[2])])] * HEIGHT

    frame = Frame()
    frame.patch(_full(line("net 100")), (WIDTH, HEIGHT), ColorSystem.TRUECOLOR)
    patch = frame.patch(_full([*line("net 100")[:3], *line("net 101")[:1]]), (WIDTH, HEIGHT), ColorSystem.TRUECOLOR)
    assert patch is not None and len(patch.data) < 60
