"""What the terminal shows now, so that a repaint sends only the cells that differ.

Textual sends every cell of every region that was marked dirty, each run with its full colours. `Frame`
remembers the cells it sent, and turns an update into the shortest moves and colour changes that lead to the
new ones: a layout change, a second first paint or a scroll costs what changed and nothing else. This is the
only module that reads the compositor's private shapes (pinned: textual 8.2.8)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache

from rich.cells import cell_len, get_character_cell_size
from rich.color import ColorSystem
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate
from textual.strip import Strip

_NEAR = 7
"""Unchanged cells between two changed ones that cost less to send again than to move over."""
_PLAIN = Style()
_RESET = "\x1b[0m"

Cells = tuple[list[str], list[Style]]


class Patch(CompositorUpdate):
    """The escape sequences that bring the terminal from one frame to the next."""

    def __init__(self, data: str) -> None:
        self.data = data

    def render_segments(self, console: Console) -> str:  # noqa: ARG002 - Textual's signature
        """Return the sequences; the console plays no part any more."""
        return self.data


class Frame:
    """The cells on the terminal, line by line."""

    def __init__(self) -> None:
        self._width = 0
        self._lines: list[list[Segment] | None] = []

    def forget(self) -> None:
        """Hold the terminal's content for unknown: the next update is painted in full."""
        self._lines = [None] * len(self._lines)

    def patch(
        self, update: LayoutUpdate | ChopsUpdate, size: tuple[int, int], colors: ColorSystem
    ) -> CompositorUpdate | None:
        """Return what brings the terminal up to `update` on a screen of `size`, or None where it is so already."""
        width, height = size
        if width != self._width or height != len(self._lines):
            self._width, self._lines = width, [None] * height
        lines = _lines(update)
        if lines is None:
            self.forget()
            return update
        out: list[str] = []
        pen = _PLAIN
        for y, pieces in lines:
            if y >= height:
                continue
            new, old = _merge(pieces), self._lines[y]
            if new == old:
                continue
            self._lines[y] = new
            cells = _cells(new)
            shown = _cells(old) if old is not None else None
            for start, end in _changes(shown, cells):
                out.append(f"\x1b[{y + 1};{start + 1}H")
                pen = _draw(out, cells, start, end, pen, colors)
        if not out:
            return None
        if pen != _PLAIN:
            out.append(_RESET)
        return Patch("".join(out))


def _lines(update: LayoutUpdate | ChopsUpdate) -> list[tuple[int, Iterable[Strip]]] | None:
    """Return each line that the update covers with its strips from left to right; None where it leaves out a piece."""
    if isinstance(update, LayoutUpdate):
        return list(enumerate(update.strips, update.region.y))
    found: list[tuple[int, Iterable[Strip]]] = []
    for y in sorted({y for y, _, _ in update.spans}):
        strips = [strip for strip in update.chops[y].values() if strip is not None]
        if len(strips) < len(update.chops[y]):
            return None
        found.append((y, strips))
    return found


def _merge(strips: Iterable[Strip]) -> list[Segment]:
    """Return the strips' segments as one line, neighbours of one style joined."""
    merged: list[Segment] = []
    for strip in strips:
        for segment in strip:
            if merged and (merged[-1].style is segment.style or merged[-1].style == segment.style):
                merged[-1] = Segment(merged[-1].text + segment.text, segment.style)
            elif segment.text:
                merged.append(segment)
    return merged


def _cells(segments: list[Segment]) -> Cells:
    """Return a line's cells: a wide character is its cell and an empty one, a mark joins the cell before
    it."""
    texts: list[str] = []
    styles: list[Style] = []
    for text, style, _ in segments:
        pen = _PLAIN if style is None else style
        if text.isascii() or (len(text) == cell_len(text) and all(get_character_cell_size(char) == 1 for char in text)):
            texts.extend(text)
        else:
            _wide_cells(texts, text)
        styles.extend([pen] * (len(texts) - len(styles)))
    return texts, styles


def _wide_cells(texts: list[str], text: str) -> None:
    expected, start = cell_len(text), len(texts)
    for char in text:
        size = get_character_cell_size(char)
        if size == 0 and len(texts) > start:
            at = -1 if texts[-1] else -2
            texts[at] += char
        else:
            texts.extend([char, ""] if size == 2 else [char])
    if len(texts) - start != expected:  # clusters that only the whole text's measure knows: one unit, never split
        texts[start:] = [text, *[""] * (expected - 1)]


def _changes(old: Cells | None, new: Cells) -> Iterator[tuple[int, int]]:
    """Yield the spans [start, end) of `new` to be sent, near ones joined, wide characters whole."""
    texts, styles = new
    length = len(texts)
    if old is None or len(old[0]) != length:
        yield 0, length
        return
    old_texts, old_styles = old
    start = end = -1
    for x in range(length):
        same = texts[x] == old_texts[x] and (styles[x] is old_styles[x] or styles[x] == old_styles[x])
        if same:
            continue
        if start >= 0 and x - end <= _NEAR:
            end = x + 1
            continue
        if start >= 0:
            yield _whole(texts, start, end)
        start, end = x, x + 1
    if start >= 0:
        yield _whole(texts, start, end)


def _whole(texts: list[str], start: int, end: int) -> tuple[int, int]:
    while start > 0 and not texts[start]:
        start -= 1
    while end < len(texts) and not texts[end]:
        end += 1
    return start, end


def _draw(out: list[str], cells: Cells, start: int, end: int, pen: Style, colors: ColorSystem) -> Style:
    texts, styles = cells
    at = start
    while at < end:
        style = styles[at]
        stop = at + 1
        while stop < end and styles[stop] is style:
            stop += 1
        if style is not pen and style != pen:
            out.append(_change(pen, style, colors))
        pen = style
        out.append("".join(texts[at:stop]))
        at = stop
    return pen


@lru_cache(4096)
def _change(pen: Style, style: Style, colors: ColorSystem) -> str:
    """Return the shortest sequence that turns one pen into another."""
    if style == _PLAIN:
        return _RESET
    codes = [] if pen == _PLAIN else ["0"]
    keeps = _attributes(pen) == _attributes(style) and not (
        (pen.color and not style.color) or (pen.bgcolor and not style.bgcolor)
    )
    if not keeps:
        return f"\x1b[{';'.join(filter(None, [*codes, Strip.render_ansi(style, colors)]))}m"
    changed: list[str] = []
    if style.color and style.color != pen.color:
        changed += style.color.downgrade(colors).get_ansi_codes()
    if style.bgcolor and style.bgcolor != pen.bgcolor:
        changed += style.bgcolor.downgrade(colors).get_ansi_codes(foreground=False)
    return f"\x1b[{';'.join(changed)}m" if changed else ""


def _attributes(style: Style) -> int:
    return style._attributes & style._set_attributes
