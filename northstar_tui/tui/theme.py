"""The looks: house dark and light, the terminal's own colours, and none at all; and the glyphs that draw.

A look is a set of finished styles, so that painting a line is choosing among them. Gains and losses also
carry a sign and a mark: colour only repeats what those say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from rich.style import Style


@dataclass(frozen=True, slots=True)
class Glyphs:
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
ASCII = Glyphs("^", "v", ".", ">", ">", "-", "|", "#", "*", "~", "!", "o", ".", "-", "=", ">", " ...:::##", "    =====")


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
    _on_cursor: dict[Style, Style] = field(default_factory=dict)

    def money(self, amount: int | None) -> Style:
        """Return the style of a signed amount."""
        if not amount:
            return self.dim
        return self.gain if amount > 0 else self.loss

    def mark(self, amount: int | None) -> str:
        """Return the sign mark of an amount, so that colour is not needed."""
        if not amount:
            return self.glyphs.flat
        return self.glyphs.up if amount > 0 else self.glyphs.down

    def on_cursor(self, style: Style) -> Style:
        """Return `style` as it stands in the selected line."""
        found = self._on_cursor.get(style)
        if found is None:
            if self.cursor_ground.reverse:  # colours would become grounds: the line is one reversed run instead
                found = Style(reverse=not style.reverse, bold=True)
            else:
                found = style + self.cursor_ground
            self._on_cursor[style] = found
        return found

    def hollow(self, style: Style) -> Style:
        """Return `style` with ink and ground exchanged: a cell's empty part drawn, so that its rest looks
        filled."""
        return style + Style(reverse=True)


def _look(name: str, dark: bool, c: Mapping[str, str], glyphs: Glyphs) -> Look:
    """Make a look from colour names: ``ink page bar cursor dim faint accent gain loss warn``."""

    def on(ground: str, ink: str, *, bold: bool | None = None) -> Style:
        faded = c[ink] == "" and ink in ("dim", "faint")
        return Style(color=c[ink] or None, bgcolor=c[ground] or None, bold=bold, dim=faded or None)

    return Look(
        name=name,
        dark=dark,
        text=on("page", "ink"),
        strong=on("page", "strong", bold=True),
        dim=on("page", "dim"),
        faint=on("page", "faint"),
        accent=on("page", "accent"),
        gain=on("page", "gain"),
        loss=on("page", "loss"),
        warn=on("page", "warn"),
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
    )


_DARK = {
    "page": "#12151c", "bar": "#1c212c", "cursor": "#2b3548", "ink": "#ccd3df", "strong": "#f2f4f8",
    "dim": "#8791a3", "faint": "#3a4354", "accent": "#82aaff", "gain": "#7fd992", "loss": "#ff7b85", "warn": "#f0b866",
}  # fmt: skip
_LIGHT = {
    "page": "#fbfaf7", "bar": "#ece9e1", "cursor": "#d6e2f6", "ink": "#2b2f38", "strong": "#0c0e12",
    "dim": "#656a76", "faint": "#cfcbc0", "accent": "#2456b3", "gain": "#14713f", "loss": "#b8232b", "warn": "#8f5700",
}  # fmt: skip
_ANSI = {
    "page": "", "bar": "", "cursor": "", "ink": "", "strong": "", "dim": "", "faint": "",
    "accent": "blue", "gain": "green", "loss": "red", "warn": "yellow",
}  # fmt: skip

NAMES = ("dark", "light", "ansi", "mono")
"""The looks there are, in the order in which the theme command goes through them."""


def look(name: str, *, ascii_only: bool = False) -> Look:
    """Return the look called `name`, one of NAMES. Raises KeyError for another."""
    glyphs = ASCII if ascii_only else UNICODE
    if name == "mono":
        return _mono(glyphs)
    dark, colors = {"dark": (True, _DARK), "light": (False, _LIGHT), "ansi": (True, _ANSI)}[name]
    return _look(name, dark, colors, glyphs)


def _mono(glyphs: Glyphs) -> Look:
    """Return the look without a single colour: weight and reverse only."""
    plain, bold, dim, reverse = Style(), Style(bold=True), Style(dim=True), Style(reverse=True)
    bar_bold = Style(reverse=True, bold=True)
    return Look(
        "mono", True, plain, bold, dim, dim, bold, bold, plain, bold,
        reverse, bar_bold, reverse, bar_bold, bar_bold, bar_bold, bar_bold, dim, reverse, glyphs,
    )  # fmt: skip
