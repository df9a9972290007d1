"""The looks: every text is readable on its ground, gains and losses stay apart for every kind of colour vision.

Contrast is WCAG 2.2's ratio of relative luminances. Colour vision is simulated by the matrices of Machado, Oliveira
and Fernandes (2009) at severity 1, in linear light; differences are Euclidean in CIE L*a*b* (D65).
"""

from __future__ import annotations

from dataclasses import fields

import pytest
from rich.cells import cell_len
from rich.color import Color, ColorSystem
from rich.style import Style

from northstar_tui.tui import theme
from northstar_tui.tui.palettes import FEW, PALETTES, TRUE, WIDE
from northstar_tui.tui.theme import Look

TEXTS = ("text", "strong", "dim", "accent", "gain", "loss", "warn", "head")
BARS = ("bar", "bar_strong", "bar_dim", "bar_key", "bar_gain", "bar_loss", "bar_warn")
VISION = {
    "deuteranopia": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "protanopia": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "tritanopia": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
}
XYZ = ((0.4124564, 0.3575761, 0.1804375), (0.2126729, 0.7151522, 0.0721750), (0.0193339, 0.1191920, 0.9503041))
WHITE = (0.95047, 1.0, 1.08883)
Triple = tuple[float, float, float]


def times(matrix: tuple[Triple, ...], vector: Triple) -> Triple:
    return tuple(sum(a * b for a, b in zip(row, vector, strict=True)) for row in matrix)  # type: ignore[return-value]


def linear(color: Color | None) -> Triple:
    assert color is not None
    shown = (value / 255 for value in color.get_truecolor())
    return tuple(v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in shown)  # type: ignore[return-value]


def ratio(style: Style) -> float:
    ink, ground = (times(XYZ, linear(color))[1] for color in (style.color, style.bgcolor))
    return (max(ink, ground) + 0.05) / (min(ink, ground) + 0.05)


def lab(color: Triple) -> Triple:
    x, y, z = (
        t ** (1 / 3) if t > 0.008856 else 7.787 * t + 16 / 116
        for t in (v / w for v, w in zip(times(XYZ, color), WHITE, strict=True))
    )
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def apart(one: Style, other: Style, vision: str) -> float:
    seen = []
    for style in (one, other):
        color = times(VISION[vision], linear(style.color))
        seen.append(lab(tuple(min(1.0, max(0.0, value)) for value in color)))  # type: ignore[arg-type]
    return float(sum((a - b) ** 2 for a, b in zip(*seen, strict=True)) ** 0.5)


def test_the_measures_are_right() -> None:
    def style(ink: str, ground: str) -> Style:
        return Style(color=ink, bgcolor=ground)

    assert ratio(style("#000000", "#ffffff")) == pytest.approx(21.0)
    assert ratio(style("#767676", "#ffffff")) == pytest.approx(4.54, abs=0.01)  # WCAG's own example of just enough
    red, green = style("#d62728", "#000000"), style("#2ca02c", "#000000")  # a well-known pair that cannot be told apart
    assert apart(red, green, "deuteranopia") < 30 < 80 < apart(red, green, "tritanopia")


@pytest.mark.parametrize("colors", [TRUE, WIDE])
@pytest.mark.parametrize("name", PALETTES)
def test_every_text_is_readable_on_every_ground(name: str, colors: int) -> None:
    look = theme.look(name, colors=colors)
    least = 7.0 if name.startswith("contrast") else 4.5
    for field in (*TEXTS, *BARS):
        style: Style = getattr(look, field)
        assert ratio(style) >= least, f"{field}: {ratio(style):.2f}"
        if field in TEXTS:
            chosen = look.on_cursor(style)
            assert ratio(chosen) >= least, f"{field} in the selected line: {ratio(chosen):.2f}"
    fills = (look.gain_bar, look.loss_bar, look.accent_bar)
    for style in (*fills, *map(look.on_cursor, fills)):
        assert ratio(style) >= (least if least > 4.5 else 3.0), f"a bar: {ratio(style):.2f}"
    assert ratio(look.faint) >= (3.0 if least > 4.5 else 1.3), "lines are quiet, and can be seen"
    assert len({look.text.bgcolor, look.bar.bgcolor, look.cursor_ground.bgcolor}) == 3


@pytest.mark.parametrize("colors", [TRUE, WIDE])
@pytest.mark.parametrize("vision", VISION)
@pytest.mark.parametrize("name", ["colorblind", "colorblind-light"])
def test_gains_and_losses_are_apart_for_every_eye(name: str, vision: str, colors: int) -> None:
    look = theme.look(name, colors=colors)
    for one, other in ((look.gain, look.loss), (look.gain_bar, look.loss_bar), (look.bar_gain, look.bar_loss)):
        assert apart(one, other, vision) >= 45
        assert apart(look.on_cursor(one), look.on_cursor(other), vision) >= 45
    assert apart(look.gain, look.warn, vision) >= 25, "what is late is not what is well"


def test_the_usual_looks_would_not_do() -> None:
    look = theme.look("dark")
    assert apart(look.gain, look.loss, "deuteranopia") < 25, "that is why there are others"


@pytest.mark.parametrize("name", PALETTES)
def test_256_colours_are_the_terminals_own(name: str) -> None:
    look = theme.look(name, colors=WIDE)
    for field in fields(look):
        style = getattr(look, field.name)
        if isinstance(style, Style):
            for color in filter(None, (style.color, style.bgcolor)):
                assert color.downgrade(ColorSystem.EIGHT_BIT) == color and color.number is not None
                assert color.number >= 16, "the first sixteen are the operator's own and may be anything"


@pytest.mark.parametrize("name", theme.NAMES)
def test_sixteen_colours_name_no_ground(name: str) -> None:
    look = theme.look(name, colors=FEW)
    for field in fields(look):
        style = getattr(look, field.name)
        if isinstance(style, Style):
            assert style.bgcolor is None
            assert style.color is None or (style.color.number or 0) < 8, "the bright ones are greys in some palettes"
    assert look.cursor_ground.reverse
    blue_on_black, yellow_on_white = look.dark and look.accent.color, not look.dark and look.warn.color
    assert not blue_on_black or blue_on_black.number != 4
    assert not yellow_on_white or yellow_on_white.number != 3


def test_what_is_quiet_is_plain_in_the_selected_line() -> None:
    look = theme.look("dark")
    assert look.on_cursor(look.dim).color == look.text.color
    assert look.on_cursor(look.hollow(look.loss_bar)).color == look.loss.color
    assert look.on_cursor(look.hollow(look.loss_bar)).reverse


@pytest.mark.parametrize("glyphs", [theme.UNICODE, theme.ASCII])
def test_every_glyph_is_one_cell(glyphs: theme.Glyphs) -> None:
    for name, value in glyphs._asdict().items():
        assert len(value) == (9 if name in ("heights", "widths") else 1)
        assert all(cell_len(char) == 1 for char in value)
        if glyphs is theme.ASCII:
            assert value.isascii()
    assert all(cell_len(chr(0x2800 + bits)) == 1 for bits in range(256))


def test_each_look_differs_from_the_others() -> None:
    def inks(look: Look) -> tuple[object, ...]:
        return look.text, look.gain, look.loss, look.accent

    for colors in (TRUE, WIDE):
        assert len({inks(theme.look(name, colors=colors)) for name in theme.NAMES}) == len(theme.NAMES)
