"""How a source's state is written wherever it is shown: a glyph and a word, so that no colour is needed."""

from __future__ import annotations

from rich.style import Style

from northstar_tui.text import safe
from northstar_tui.tui.actions import OPERATIONS, SOURCE
from northstar_tui.tui.paint import Line, fit
from northstar_tui.tui.screens.cells import age
from northstar_tui.tui.screens.page import Opening
from northstar_tui.tui.theme import Look
from northstar_tui.tui.widgets.chrome import Part
from northstar_tui.views.operations import SourceLine
from northstar_tui.views.words import counted

_WORDS = {"never": "not read yet", "file": "imported"}
_MANY = 3
"""So many sources in one bad state are one badge: the operations screen names them."""


def severity(look: Look, *, severe: bool) -> tuple[str, Style]:
    """Return the mark of what needs the operator and its style: one for what is severe, one for the rest."""
    return (look.glyphs.failing, look.loss) if severe else (look.glyphs.late, look.warn)


def word(line: SourceLine) -> str:
    """Return a source's state in words."""
    state = _WORDS.get(line.state, line.state)
    return f"{state}, reading" if line.running else state


def glyph(line: SourceLine, look: Look) -> str:
    """Return a source's state as one character."""
    glyphs = look.glyphs
    return {"failing": glyphs.failing, "late": glyphs.late, "never": glyphs.off, "off": glyphs.off}.get(
        line.state, glyphs.on
    )


def tone(line: SourceLine, look: Look) -> Style:
    """Return the style that repeats a source's state."""
    return {
        "failing": look.loss, "late": look.warn, "never": look.warn, "fresh": look.gain, "file": look.dim,
        "simulated": look.dim, "off": look.dim,
    }[line.state]  # fmt: skip


def drawn(line: SourceLine, cells: int, look: Look) -> Line:
    """Return a source's state as a table's cell."""
    text = f"{glyph(line, look)} {word(line)}"
    return Line().put(fit(text, cells, ellipsis=look.glyphs.ellipsis), tone(line, look))


def badges(lines: tuple[SourceLine, ...], now: int, look: Look) -> list[Part]:
    """Return the header's badges: the failing first, then the late; those that need nobody go first when it is narrow.

    Failing ones that their breaker leaves alone say so.
    """
    parts = []
    for state, style, rank in (
        ("failing", look.bar_loss, 1), ("late", look.bar_warn, 3), ("never", look.bar_warn, 6),
        ("fresh", look.bar_dim, 8), ("file", look.bar_dim, 8 + len(lines)),
        ("simulated", look.bar_dim, 8 + len(lines)),
    ):  # fmt: skip
        found = [line for line in lines if line.state == state]
        if len(found) >= _MANY and state in ("failing", "late"):
            what = counted(len(found), "source", "sources")
            parts.append(Part(f"  {glyph(found[0], look)} {what} {state}", style, rank, "operations"))
            continue
        for place, line in enumerate(found):
            opened = Opening(((OPERATIONS, None), (SOURCE, line.name)), whole=True)
            parts.append(Part(f"  {glyph(line, look)} {_badge(line, now, look)}", style, rank + place, opened))
    return parts


def _badge(line: SourceLine, now: int, look: Look) -> str:
    name = safe(line.name)
    name = name if len(name) <= 18 else name[:17] + look.glyphs.ellipsis
    if line.state == "never":
        return f"{name} {'reading' if line.running else 'not read yet'}"
    aged = f"{name} {age(now, line.read_at)}" if line.read_at is not None else name
    if line.state == "failing":
        return f"{aged} {'left alone' if line.breaker == 'open' else 'failing'}"
    return f"{aged} late" if line.state == "late" else aged
