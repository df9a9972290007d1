"""The glyphs that draw (blocks, rules, braille), as shapes: a picture of them needs no font and has no seams. Pure.

Coordinates are pixels; a cell is WIDE by HIGH of them.
"""

from __future__ import annotations

from collections.abc import Iterable

WIDE, HIGH = 8.4, 18.0
"""One cell."""
_THIN = 1.0
_BRAILLE = range(0x2801, 0x2900)
_DOTS = ((0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (0, 3), (1, 3))
"""Column and row of each of braille's bits."""
_LEFT = {"█": 8, "▉": 7, "▊": 6, "▋": 5, "▌": 4, "▍": 3, "▎": 2, "▏": 1}
_LOWER = {"▁": 1, "▂": 2, "▃": 3, "▄": 4, "▅": 5, "▆": 6, "▇": 7}
SHADES = {"░": 0.25, "▒": 0.5, "▓": 0.75}
"""Cells of which a share is inked."""
DRAWN = frozenset({*_LEFT, *_LOWER, *SHADES, "▐", "─", "━", "┈", "│", *map(chr, _BRAILLE)})
"""The characters that `rects` or `dots` draw."""


def number(value: float) -> str:
    """Return a coordinate in as few characters as it takes."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def rects(run: str, x: float, y: float) -> str:
    """Return the filled areas of `run`, a repeated character of DRAWN at (x, y), as path data; none for braille."""
    char, wide = run[0], WIDE * len(run)
    if char in _LEFT or char in SHADES:
        parts = [(x, y, wide, HIGH)] if char == "█" or char in SHADES else _each(run, x, y, WIDE * _LEFT[char] / 8)
    elif char in _LOWER:
        high = HIGH * _LOWER[char] / 8
        parts = [(x, y + HIGH - high, wide, high)]
    elif char == "▐":
        parts = _each(run, x + WIDE / 2, y, WIDE / 2)
    elif char in "─━":
        thick = _THIN if char == "─" else 3 * _THIN
        parts = [(x, y + (HIGH - thick) / 2, wide, thick)]
    elif char == "┈":
        step = WIDE / 4
        parts = [(x + step * (n + 0.25), y + (HIGH - _THIN) / 2, step / 2, _THIN) for n in range(4 * len(run))]
    elif char == "│":
        parts = _each(run, x + (WIDE - _THIN) / 2, y, _THIN)
    else:
        return ""
    return "".join(f"M{number(a)} {number(b)}h{number(w)}v{number(h)}h-{number(w)}z" for a, b, w, h in parts)


def dots(run: str, x: float, y: float) -> str:
    """Return braille's dots as path data of points, to be stroked with round ends; none for other characters."""
    found = []
    for place, char in enumerate(run):
        bits = ord(char) - 0x2800
        if ord(char) in _BRAILLE:
            for bit, (column, row) in enumerate(_DOTS):
                if bits >> bit & 1:
                    across = x + WIDE * (place + (column + 0.5) / 2)
                    found.append(f"M{number(across)} {number(y + HIGH * (row + 0.5) / 4)}h.01")
    return "".join(found)


def _each(run: Iterable[str], x: float, y: float, wide: float) -> list[tuple[float, float, float, float]]:
    return [(x + WIDE * place, y, wide, HIGH) for place, _ in enumerate(run)]
