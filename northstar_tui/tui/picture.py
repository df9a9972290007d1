"""Pictures of what was painted: text, SVG, and PNG where the library for it is there.

An SVG stands on the grid in any font: every word has its place and length, and what is drawn with blocks, rules and
braille is drawn as shapes. Nothing in it comes from elsewhere, and text from outside is escaped.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from shlex import quote
from xml.sax.saxutils import escape, quoteattr

from rich.cells import cell_len
from rich.color import Color
from rich.style import Style
from rich.terminal_theme import TerminalTheme
from textual.strip import Strip

from northstar_tui.errors import NorthStarError
from northstar_tui.text import safe
from northstar_tui.tui.shapes import DRAWN, HIGH, SHADES, WIDE, dots, number, rects
from northstar_tui.tui.theme import Look

_MARGIN = 14.0
_FONT = "14px 'DejaVu Sans Mono',Menlo,Consolas,'Liberation Mono','Noto Sans Mono','Courier New',monospace"
_BASELINE = 13.2
_PIECES = re.compile(r"[^ ]+(?: [^ ]+)*")
_NO_XML = re.compile("[\ufffe\uffff]")
_BLACK, _WHITE = (0, 0, 0), (255, 255, 255)
_XTERM = [
    (0, 0, 0), (205, 0, 0), (0, 160, 0), (170, 125, 0), (30, 80, 220), (205, 0, 205), (0, 150, 170), (229, 229, 229),
    (127, 127, 127), (255, 0, 0), (0, 200, 0), (220, 190, 0), (92, 130, 255), (255, 0, 255), (0, 205, 205), _WHITE,
]  # fmt: skip
"""What stands for a terminal's own sixteen colours where there is no terminal."""


class PictureError(NorthStarError):
    """A picture that cannot be made here; the remedy says what is missing."""


@dataclass(frozen=True, slots=True)
class _Pen:
    """The final colours and weight of a run of cells."""

    ink: str
    ground: str
    bold: bool
    faded: bool


def text(lines: Sequence[Strip]) -> str:
    """Return the painted lines as text."""
    return "\n".join(strip.text.rstrip() for strip in lines) + "\n"


def svg(lines: Sequence[Strip], look: Look, title: str) -> str:
    """Return the painted lines as an SVG document called `title`."""
    theme = TerminalTheme(_BLACK if look.dark else _WHITE, (208, 208, 208) if look.dark else _BLACK, _XTERM[:8],
                          _XTERM[8:])  # fmt: skip
    cells = max((strip.cell_length for strip in lines), default=0)
    wide, high = cells * WIDE + 2 * _MARGIN, len(lines) * HIGH + 2 * _MARGIN
    page = _pen(look.text, theme).ground
    body = "".join(_line(strip, _MARGIN + y * HIGH, page, theme) for y, strip in enumerate(lines))
    name = _NO_XML.sub("\ufffd", safe(title))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {number(wide)} {number(high)}" width="{number(wide)}" '
        f'height="{number(high)}" role="img" aria-label={quoteattr(name)}>\n<title>{escape(name)}</title>\n'
        f"<style>text{{font:{_FONT};white-space:pre}}path,rect{{shape-rendering:crispEdges}}"
        f".d{{stroke-width:2.3;stroke-linecap:round;shape-rendering:auto}}.b{{font-weight:700}}.f{{opacity:.6}}</style>\n"
        f'<rect width="100%" height="100%" rx="8" fill="{page}"/>\n{body}</svg>\n'
    )


def png(lines: Sequence[Strip], look: Look, title: str) -> bytes:
    """Return the painted lines as a PNG at twice the SVG's size.

    Raises PictureError where resvg-py, or any font, is missing.
    """
    try:
        from resvg_py import svg_to_bytes
    except ImportError as error:
        how = f"{quote(sys.executable)} -m pip install resvg-py, or take SVG, which needs nothing"
        raise PictureError("a PNG needs the library resvg-py", how) from error

    def drawn(inner: str) -> bytes:
        return svg_to_bytes(svg_string=f'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="20">{inner}</svg>')

    if drawn(f'<text y="15" style="font:{_FONT}">M</text>') == drawn(""):
        raise PictureError("a PNG needs a font, and there is none here", "install DejaVu Sans Mono, or take SVG")
    return svg_to_bytes(svg_string=svg(lines, look, title), zoom=2)


def _pen(style: Style, theme: TerminalTheme) -> _Pen:
    def shown(color: Color | None, *, foreground: bool) -> str:
        red, green, blue = (color or Color.default()).get_truecolor(theme, foreground)
        return f"#{red:02x}{green:02x}{blue:02x}"

    ink, ground = shown(style.color, foreground=True), shown(style.bgcolor, foreground=False)
    if style.reverse:
        ink, ground = ground, ink
    return _Pen(ink, ground, bool(style.bold), bool(style.dim))


def _line(strip: Strip, y: float, page: str, theme: TerminalTheme) -> str:
    pens = [(text, _pen(style or Style(), theme)) for text, style, _ in strip]
    grounds: list[str] = []
    inks: list[str] = []
    at = 0
    for ground, group in groupby(pens, lambda run: run[1].ground):
        start = at
        for part, pen in group:
            inks += _ink(part, pen, _MARGIN + at * WIDE, y)
            at += cell_len(part)
        if ground != page:
            x, wide = number(_MARGIN + start * WIDE), number((at - start) * WIDE)
            grounds.append(f'<rect x="{x}" y="{number(y)}" width="{wide}" height="{number(HIGH)}" fill="{ground}"/>')
    found = [*grounds, *inks]
    return "".join(found) + "\n" if found else ""


def _ink(run: str, pen: _Pen, x: float, y: float) -> Iterator[str]:
    """Yield the elements of one run: its shapes as one path each, then its words."""
    fill = f'fill="{pen.ink}"'
    areas, points, at = "", "", x
    for char, group in groupby(run):
        part = "".join(group)
        if char in SHADES:
            yield f'<path {fill} fill-opacity="{SHADES[char]}" d="{rects(part, at, y)}"/>'
        elif char in DRAWN:
            areas, points = areas + rects(part, at, y), points + dots(part, at, y)
        at += cell_len(part) * WIDE
    names = [name for name, on in (("b", pen.bold), ("f", pen.faded)) if on]
    faded = ' class="f"' if pen.faded else ""
    if areas:
        yield f'<path{faded} {fill} d="{areas}"/>'
    if points:
        yield f'<path class="{" ".join(["d", *names[pen.bold :]])}" stroke="{pen.ink}" d="{points}"/>'
    shown = f' class="{" ".join(names)}"' if names else ""
    words = "".join(" " * cell_len(char) if char in DRAWN else char for char in _NO_XML.sub("\ufffd", safe(run)))
    for match in _PIECES.finditer(words):
        word = match[0]
        size = cell_len(word)
        length = f' textLength="{number(size * WIDE)}"' if size > 1 else ""
        left, base = number(x + cell_len(words[: match.start()]) * WIDE), number(y + _BASELINE)
        yield f'<text{shown} x="{left}" y="{base}"{length} {fill}>{escape(word)}</text>'
