"""Charts of signed series: gains stand on the baseline, losses hang from it, a gap stays empty.

Values are numbers in any unit; None, NaN and infinities are gaps. Every function answers for any series and
any size of at least 1×1, and returns exactly that many lines of exactly that many cells."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite

from rich.style import Style

from northstar_tui.tui.paint import Line
from northstar_tui.tui.theme import Look

Values = Sequence[float | None]
_LARGEST = 1.7e308
_BRAILLE = 0x2800
_DOTS = ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))
"""Braille bits by column (2) and row (4) of a cell."""


def columns(values: Values, cells: int) -> list[float | None]:
    """Return one value for each of `cells` columns: many points of a column become their last, few points are spread.
    A column whose points are all gaps is a gap."""
    clean = [value if value is not None and isfinite(value) else None for value in values]
    count = len(clean)
    if count <= cells:
        return [clean[x * count // cells] for x in range(cells)] if count else [None] * cells
    found: list[float | None] = []
    for x in range(cells):
        part = [v for v in clean[x * count // cells : (x + 1) * count // cells] if v is not None]
        found.append(part[-1] if part else None)
    return found


def _finite(value: float) -> float:
    """Return a sum that ran out of the floats' range as their largest."""
    return max(-_LARGEST, min(value, _LARGEST))


def running(values: Values) -> list[float | None]:
    """Return the sums of `values` so far; a gap before the first value stays one, a later one holds the level."""
    found: list[float | None] = []
    so_far: float | None = None
    for value in values:
        if value is not None and isfinite(value):
            so_far = value if so_far is None else _finite(so_far + value)
        found.append(so_far)
    return found


def area(values: Values, cells: int, rows: int, look: Look) -> list[Line]:
    """Return `values` as filled columns around zero, in eighths of a cell."""
    tops = columns(values, cells)
    up, down = _split(tops, rows)
    high, low = _extremes(tops)
    scale = max(high / (up * 8), -low / (down * 8)) or 1.0
    units = [None if v is None else _units(v, scale) for v in tops]
    if rows == 1:
        return [_row(units, 0, 0, look)]
    lines = [_row(units, (up - 1 - r) * 8, None, look) for r in range(up)] if high > 0 or low == 0 else []
    lines += [_row(units, None, r * 8, look) for r in range(rows - len(lines))]
    return lines


def _extremes(values: Values) -> tuple[float, float]:
    known = [v for v in values if v is not None]
    return max(0.0, max(known, default=0.0)), min(0.0, min(known, default=0.0))


def _split(values: Values, rows: int) -> tuple[int, int]:
    """Return how many rows stand above and hang below the baseline; never none, so that both can be divided
    by."""
    high, low = _extremes(values)
    if rows == 1 or high == 0 or low == 0:
        return rows, rows
    up = min(rows - 1, max(1, round(rows * ((high / 2) / (high / 2 - low / 2)))))
    return up, rows - up


def _units(value: float, scale: float) -> int:
    """Return a height in eighths of a cell; what is not zero is at least one."""
    units = round(value / scale)
    return units or (1 if value > 0 else -1 if value < 0 else 0)


def _row(units: Sequence[int | None], above: int | None, below: int | None, look: Look) -> Line:
    """Return one row: `above` and `below` say how many eighths from the baseline its near edge is, None that
    this row lies on the other side."""
    heights, line = look.glyphs.heights, Line()
    text, pen = "", look.faint
    for unit in units:
        glyph, style = " ", pen
        if unit is None:
            pass
        elif unit > 0 and above is not None and unit > above:
            glyph, style = heights[min(8, unit - above)], look.gain_bar
        elif unit < 0 and below is not None and -unit > below:
            glyph, style = _hanging(min(8, -unit - below), look)
        elif unit == 0 and above == 0:
            glyph, style = heights[1], look.faint
        if style is not pen:
            line.put(text, pen)
            text, pen = "", style
        text += glyph
    return line.put(text, pen)


def _hanging(eighths: int, look: Look) -> tuple[str, Style]:
    """Return the glyph and style of a cell that is filled from its top."""
    if not _hollows(look):
        return "=" if eighths >= 4 else "-", look.loss_bar
    if eighths >= 8:
        return look.glyphs.heights[8], look.loss_bar
    return look.glyphs.heights[8 - eighths], look.hollow(look.loss_bar)


def _hollows(look: Look) -> bool:
    return look.glyphs.heights[8] == "█"


def curve(values: Values, cells: int, rows: int, look: Look, *, baseline: float | None = 0.0) -> list[Line]:
    """Return `values` as a line of braille dots, the baseline (None: not shown) thin behind it.

    Without braille (the ASCII glyphs) it is drawn as `area`.
    """
    if not _hollows(look):
        return area(values, cells, rows, look)
    spans = _spans(values, cells * 2)
    known = [edge for span in spans if span is not None for edge in span]
    if baseline is not None:
        known.append(baseline)
    high, low = max(known, default=0.0), min(known, default=0.0)
    dots = rows * 4 - 1
    height = high / 2 - low / 2  # halves: the whole range may be beyond a float

    def at(value: float) -> int:
        return dots - round((value / 2 - low / 2) / height * dots) if height > 0 else dots // 2

    grid = [[0] * cells for _ in range(rows)]
    before: tuple[int, int] | None = None
    for x, span in enumerate(spans):
        if span is None:
            before = None
            continue
        top, bottom = at(span[1]), at(span[0])
        if before is not None:  # join to the column before, so that a steep line has no holes
            top, bottom = min(top, before[1]), max(bottom, before[0])
        bits = _DOTS[x & 1]
        for y in range(top, bottom + 1):
            grid[y >> 2][x >> 1] |= bits[y & 3]
        before = (at(span[1]), at(span[0]))
    zero = at(baseline) if baseline is not None and low <= baseline <= high else None
    return [_dotted(row, y, zero, spans, baseline, look) for y, row in enumerate(grid)]


def depths(values: Values, cells: int, rows: int, look: Look) -> list[Line]:
    """Return `values`, zero or less, as columns that hang from the top, below the points of a `curve` of that width.

    A column shows the lowest of its points.
    """
    return area([None if span is None else span[0] for span in _spans(values, cells)], cells, rows, look)


def blocks(values: Values, cells: int, rows: int, look: Look) -> list[Line]:
    """Return `values` as columns of equal width around zero, one for each value: at most `cells` values."""
    each = max(1, cells // max(1, len(values)))
    drawn = each - 1 if each >= 3 else each
    spread = [value for v in values for value in (*[v] * drawn, *[None] * (each - drawn))]
    return area(spread, len(spread) or 1, rows, look)


def _spans(values: Values, bins: int) -> list[tuple[float, float] | None]:
    """Return (lowest, highest) of each bin: of the points within it, or of the straight line between two
    points."""
    clean = [value if value is not None and isfinite(value) else None for value in values]
    count = len(clean)
    if count > bins:
        found: list[tuple[float, float] | None] = []
        for x in range(bins):
            part = [v for v in clean[x * count // bins : (x + 1) * count // bins] if v is not None]
            found.append((min(part), max(part)) if part else None)
        return found
    if count < 2:
        only = clean[0] if clean else None
        return [None if only is None else (only, only)] * bins
    step = (count - 1) / max(1, bins - 1)
    found = []
    for x in range(bins):
        index = min(int(x * step), count - 2)
        left, right, part_of = clean[index], clean[index + 1], min(1.0, x * step - index)
        if left is None or right is None:
            near = left if part_of < 0.5 else right
            found.append(None if near is None else (near, near))
        else:
            value = left * (1 - part_of) + right * part_of
            found.append((value, value))
    return found


def _dotted(
    row: Sequence[int], y: int, zero: int | None, spans: Sequence[tuple[float, float] | None],
    baseline: float | None, look: Look,
) -> Line:  # fmt: skip
    line = Line()
    text, pen = "", look.faint
    on_zero = zero is not None and zero >> 2 == y
    for x, bits in enumerate(row):
        if not bits:
            glyph, style = ("┈" if on_zero else " "), look.faint
        else:
            glyph = chr(_BRAILLE + bits)
            span = spans[2 * x] or spans[2 * x + 1]
            if baseline is None:
                style = look.accent
            elif zero is not None and not on_zero:
                style = look.gain if y < zero >> 2 else look.loss
            else:
                style = look.gain if span is None or span[0] + span[1] >= 2 * baseline else look.loss
        if style is not pen:
            line.put(text, pen)
            text, pen = "", style
        text += glyph
    return line.put(text, pen)
