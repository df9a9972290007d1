"""The colours of each look, for terminals of millions, of 256 and of 16 colours. Data only.

256 colours are written out by their numbers: the nearest ones that a rule finds turn a quiet grey into teal or pink.
Text stands at 4.5 to 1 or more on its ground, in the high contrast looks at 7 to 1 (WCAG 2.2, 1.4.3 and 1.4.6); bars
at 3 to 1 (1.4.11).
"""

from __future__ import annotations

from collections.abc import Mapping

ROLES = (
    "page", "bar", "cursor", "ink", "strong", "dim", "faint", "accent", "gain", "loss", "warn", "gain_bar", "loss_bar",
    "accent_bar",
)  # fmt: skip
"""What a palette has, in this order. `faint` draws lines and is no text; `cursor` is the selected line's ground."""

TRUE, WIDE, FEW = 1 << 24, 256, 16
"""How many colours a terminal may have."""


def _palette(colors: str) -> Mapping[str, str]:
    return dict(zip(ROLES, colors.split(), strict=True))


def _wide(numbers: str) -> Mapping[str, str]:
    return {role: f"color({number})" for role, number in zip(ROLES, numbers.split(), strict=True)}


_DARK = _palette(
    "#12151c #1c212c #2b3548 #ccd3df #f2f4f8 #8d97a9 #3f4859 #82aaff #7fd992 #ff7b85 #f0b866 #4f9463 #b4545f #5673b0"
)
_LIGHT = _palette(
    "#fbfaf7 #ece9e1 #d6e2f6 #2b2f38 #0c0e12 #60656f #c9c5b9 #2456b3 #126b3b #b0212a #855100 #5a9e76 #cf6f74 #6f8fcb"
)
_CONTRAST = _palette(
    "#000000 #161616 #0a2654 #ffffff #ffffff #d4d4d4 #8a8a8a #8fc7ff #5cf08c #ffa0a5 #ffd24d #5cf08c #ffa0a5 #8fc7ff"
)
_CONTRAST_LIGHT = _palette(
    "#ffffff #ececec #d9e8ff #000000 #000000 #333333 #767676 #003d99 #00491f #8a0010 #5c3800 #00491f #8a0010 #003d99"
)
# Blue and orange: apart for every kind of colour vision, where green and red are not.
_COLORBLIND = _palette(
    "#12151c #1c212c #2b3548 #ccd3df #f2f4f8 #8d97a9 #3f4859 #f2f4f8 #5ab8ff #ff9d3c #f3e16b #3b7fb5 #b06a25 #8d97a9"
)
_COLORBLIND_LIGHT = _palette(
    "#fbfaf7 #ece9e1 #d6e2f6 #2b2f38 #0c0e12 #60656f #c9c5b9 #0c0e12 #005fa8 #a03f00 #6b5900 #5595c8 #c97a44 #7b818c"
)

PALETTES: Mapping[str, tuple[bool, Mapping[str, str], Mapping[str, str]]] = {
    "dark": (True, _DARK, _wide("233 235 237 252 255 246 240 111 114 210 215 65 131 67")),
    "light": (False, _LIGHT, _wide("231 255 195 236 16 240 250 25 22 124 94 65 167 68")),
    "contrast": (True, _CONTRAST, _wide("16 233 17 231 231 252 245 117 84 217 221 84 217 117")),
    "contrast-light": (False, _CONTRAST_LIGHT, _wide("231 195 230 16 16 236 243 18 22 88 53 22 88 18")),
    "colorblind": (True, _COLORBLIND, _wide("233 235 237 252 255 246 240 255 81 215 229 67 130 102")),
    "colorblind-light": (False, _COLORBLIND_LIGHT, _wide("231 255 195 236 16 240 250 16 25 94 58 68 166 243")),
}
"""Look: whether it is dark, its millions, its 256."""

NONE = dict.fromkeys(ROLES, "")
"""Nothing but the terminal's own ink and ground."""


def few(*, dark: bool, colorblind: bool = False) -> Mapping[str, str]:
    """Return the palette of the terminal's own sixteen colours for its dark or light ground.

    The six plain hues only: the bright ones are greys in some palettes. Blue is no ink on black, yellow none on white.
    """
    gain, loss, warn = "green", "red", "yellow" if dark else "magenta"
    if colorblind:
        gain, loss, warn = ("cyan", "yellow", "magenta") if dark else ("blue", "red", "magenta")
    accent = "" if colorblind else "cyan" if dark else "blue"
    return {**NONE, "accent": accent, "gain": gain, "loss": loss, "warn": warn, "gain_bar": gain, "loss_bar": loss,
            "accent_bar": accent}  # fmt: skip
