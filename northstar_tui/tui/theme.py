"""The looks: styles made of the palettes, the terminal's own colours, or none at all; and the glyphs that draw.

A look is a set of finished styles, so that painting a line is choosing among them. Gains and losses also
carry a sign and a mark: colour only repeats what those say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from rich.color import Color, blend_rgb
from rich.style import Style

from northstar_tui.tui.palettes import FEW, NONE, PALETTES, TRUE, few


class Glyphs(NamedTuple):
    """The characters that carry meaning or draw, each one cell wide."""

    up: str
    down: str
    flat: str
    crumb: str
    cursor: str
    rule: str
    wall: str
    thumb: str
    on: str
    late: str
    failing: str
    off: str
    ellipsis: str
    dot: str
    check: str
    right: str
    heights: str
    """Nine fills of a cell from empty to full, growing from its bottom."""
    widths: str
    """Nine fills of a cell from empty to full, growing from its left."""


UNICODE = Glyphs(
    "▲", "▼", "·", "›", "▸", "─", "│", "▐", "●", "◐", "✗", "○", "…", "·", "✓", "→", " ▁▂▃▄▅▆▇█", " ▏▎▍▌▋▊▉█"
)  # fmt: skip
ASCII = Glyphs("^", "v", ".", ">", ">", "-", "|", "|", "*", "~", "!", "o", ".", "-", "=", ">", " .:-=+*%#", "    =====")


_SHADES = (0.22, 0.42, 0.68, 1.0)
"""How much of a sign's colour is in the ground of each shade of a heat map."""


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """One finished look. `ink` is `text` on the page; the other styles are named for what they say."""

    name: str
    dark: bool
    text: Style
    strong: Style
    dim: Style
    faint: Style
    accent: Style
    gain: Style
    loss: Style
    warn: Style
    gain_bar: Style
    """What a gain's length or height is filled with: quieter than its text."""
    loss_bar: Style
    accent_bar: Style
    """The same for what is neither."""
    bar: Style
    """The header's and the footer's ground."""
    bar_strong: Style
    bar_dim: Style
    bar_key: Style
    bar_gain: Style
    bar_loss: Style
    bar_warn: Style
    head: Style
    """Column headings."""
    cursor_ground: Style
    glyphs: Glyphs = UNICODE
    colors: int = TRUE
    """How many colours it is made for."""
    _on_cursor: dict[Style, Style] = field(default_factory=dict)
    _shades: dict[int, Style] = field(default_factory=dict)

    def money(self, amount: int | None) -> Style:
        """Return the style of a signed amount."""
        if not amount:
            return self.dim
        return self.gain if amount > 0 else self.loss

    def shade(self, step: int) -> Style:
        """Return the style of a heat map's cell: `step` is 1 … 4 for a gain, −1 … −4 for a loss.

        Its ground lies between the page's colour and the sign's. A loss's glyph stands out on it and a gain's does not,
        so that colour is not needed to tell them; without millions of colours the glyphs alone say all of it.
        """
        found = self._shades.get(step)
        if found is None:
            found = self._shades[step] = self._shaded(step)
        return found

    def _shaded(self, step: int) -> Style:
        plain = self.gain if step > 0 else self.loss
        page, full = self.text.bgcolor, plain.color
        if self.colors < TRUE or page is None or full is None or page.triplet is None or full.triplet is None:
            return plain
        ground = Color.from_triplet(blend_rgb(page.triplet, full.triplet, _SHADES[abs(step) - 1]))
        ink = self.text.color if abs(step) < 3 else page
        return Style(color=ground if step > 0 else ink, bgcolor=ground)

    def mark(self, amount: int | None) -> str:
        """Return the sign mark of an amount, so that colour is not needed."""
        if not amount:
            return self.glyphs.flat
        return self.glyphs.up if amount > 0 else self.glyphs.down

    def on_cursor(self, style: Style) -> Style:
        """Return `style` as it stands in the selected line: what is quiet elsewhere is plain there."""
        found = self._on_cursor.get(style)
        if found is None:
            if self.cursor_ground.reverse:  # colours would become grounds: the line is one reversed run instead
                found = Style(reverse=not style.reverse, bold=True)
            else:
                found = self._lifted(style) + self.cursor_ground
            self._on_cursor[style] = found
        return found

    def _lifted(self, style: Style) -> Style:
        for quiet, plain in (
            (self.dim, self.text), (self.faint, self.dim), (self.gain_bar, self.gain), (self.loss_bar, self.loss),
            (self.accent_bar, self.accent),
        ):  # fmt: skip
            if style == quiet:
                return plain
            if style == self.hollow(quiet):
                return self.hollow(plain)
        return style

    def hollow(self, style: Style) -> Style:
        """Return `style` with ink and ground exchanged: a cell's empty part drawn, so that its rest looks
        filled."""
        return style + Style(reverse=not style.reverse)


def _look(name: str, dark: bool, c: Mapping[str, str], glyphs: Glyphs, colors: int) -> Look:
    """Make a look from a palette; where it names no ground, the selected line is reversed."""

    def on(ground: str, ink: str, *, bold: bool | None = None) -> Style:
        faded = c[ink] == "" and ink in ("dim", "faint")
        return Style(color=c[ink] or None, bgcolor=c[ground] or None, bold=bold, dim=faded or None)

    accented = True if c["accent"] == "" else None
    return Look(
        name=name,
        dark=dark,
        text=on("page", "ink"),
        strong=on("page", "strong", bold=True),
        dim=on("page", "dim"),
        faint=on("page", "faint"),
        accent=on("page", "accent", bold=accented),
        gain=on("page", "gain"),
        loss=on("page", "loss"),
        warn=on("page", "warn"),
        gain_bar=on("page", "gain_bar"),
        loss_bar=on("page", "loss_bar"),
        accent_bar=on("page", "accent_bar"),
        bar=on("bar", "ink"),
        bar_strong=on("bar", "strong", bold=True),
        bar_dim=on("bar", "dim"),
        bar_key=on("bar", "accent", bold=True),
        bar_gain=on("bar", "gain", bold=True),
        bar_loss=on("bar", "loss", bold=True),
        bar_warn=on("bar", "warn"),
        head=on("page", "dim"),
        cursor_ground=Style(bgcolor=c["cursor"], bold=True) if c["cursor"] else Style(reverse=True),
        glyphs=glyphs,
        colors=colors,
    )


NAMES = (*PALETTES, "ansi", "ansi-light", "mono")
"""The looks there are, in the order in which the theme command goes through them."""


def look(name: str, *, ascii_only: bool = False, colors: int = TRUE) -> Look:
    """Return the look called `name`, one of NAMES, for a terminal of so many colours. Raises KeyError for another.

    With 16 colours every look is drawn in the terminal's own: what the palettes mean is not in those sixteen.
    """
    glyphs = ASCII if ascii_only else UNICODE
    if name == "mono":
        return _mono(glyphs, colors)
    if name in ("ansi", "ansi-light"):
        return _look(name, name == "ansi", few(dark=name == "ansi"), glyphs, colors)
    dark, true, wide = PALETTES[name]
    if colors <= FEW:
        plain = NONE if name.startswith("contrast") else few(dark=dark, colorblind=name.startswith("colorblind"))
        return _look(name, dark, plain, glyphs, colors)
    return _look(name, dark, true if colors >= TRUE else wide, glyphs, colors)


def _mono(glyphs: Glyphs, colors: int) -> Look:
    """Return the look without a single colour: weight and reverse only."""
    plain, bold, dim, reverse = Style(), Style(bold=True), Style(dim=True), Style(reverse=True)
    bar_bold = Style(reverse=True, bold=True)
    return Look(
        "mono", True, plain, bold, dim, dim, bold, bold, plain, bold, bold, plain, bold,
        reverse, bar_bold, reverse, bar_bold, bar_bold, bar_bold, bar_bold, dim, reverse, glyphs, colors,
    )  # fmt: skip
