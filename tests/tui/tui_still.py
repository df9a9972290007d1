"""The cockpit under test without a program around it: keys in, painted lines out, nothing that waits for a clock.

What the terminal would show is what the cockpit paints (`test_tui_screens` holds that), so goldens need no Textual.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import fields
from functools import cache
from pathlib import Path

from rich.style import Style
from textual.keys import _character_to_key
from textual.strip import Strip
from tui_company import NOW

from northstar_tui.config import Settings, read
from northstar_tui.tui import theme
from northstar_tui.tui.bridge import Bridge
from northstar_tui.tui.cockpit import Cockpit
from northstar_tui.tui.drawing import settled
from northstar_tui.tui.feed import LateSchedule
from northstar_tui.tui.reader import StoreReader
from northstar_tui.tui.theme import Look


class StillHost:
    """A program that shows nothing and in which no time passes."""

    def repaint(self) -> None:
        """Show nothing."""

    def redraw(self) -> None:
        """Show nothing."""

    def restyle(self, look: Look) -> None:
        """Show nothing."""

    def send_clipboard(self, text: str) -> None:
        """Keep no clipboard."""

    def suspend_program(self) -> None:
        """Do not stop."""

    def leave(self) -> None:
        """Do not end."""

    def later(self, seconds: float, call: Callable[[], None]) -> None:
        """Never call: the clock stands still."""


class Still:
    """A cockpit of some size."""

    def __init__(self, cockpit: Cockpit, size: tuple[int, int]) -> None:
        self.cockpit, self.size = cockpit, size
        cockpit.host = StillHost()
        self.settle()

    def settle(self) -> list[Strip]:
        """Take all of the worker's news; return what is painted then."""
        lines = settled(self.cockpit, self.size)
        assert not self.cockpit.defects.met, self.cockpit.defects.met
        return lines

    def press(self, *keys: str) -> str:
        """Press keys, each when everything was read that the one before asked for; return the text then."""
        for key in keys:
            name, character = (_character_to_key(key), key) if len(key) == 1 else (key, None)
            if self.cockpit.prompt is not None:
                self.cockpit.hands.press(name, character)
            else:
                self.cockpit.key(name)
            self.settle()
        return self.text

    @property
    def lines(self) -> list[Strip]:
        """What is painted."""
        return self.settle()

    @property
    def text(self) -> str:
        """What is painted, as text."""
        return "\n".join(strip.text.rstrip() for strip in self.lines) + "\n"

    def styles(self, look: str) -> str:
        """Return what is painted in another look, as runs of style names: ``bar_strong 9, bar 1``."""
        before, self.cockpit.look = self.cockpit.look, theme.look(look)
        try:
            names = style_names(self.cockpit.look)
            return "\n".join(_runs(strip, names) for strip in self.lines) + "\n"
        finally:
            self.cockpit.look = before


@contextmanager
def still(
    store: Path,
    size: tuple[int, int],
    look: str = "dark",
    *,
    ascii_only: bool = False,
    now: int = NOW,
    hasty: bool = False,
) -> Iterator[Still]:
    """Open a still cockpit on `store` at the moment `now`; a config beside it is its config."""
    bridge = Bridge(lambda: StoreReader(store), timer=lambda: 0.0)
    config = store.with_name("config.toml")
    sources = LateSchedule(read(config) if config.exists() else Settings(), store)
    try:
        seen = theme.look(look, ascii_only=ascii_only)
        yield Still(Cockpit(bridge, store, seen, lambda: now, feed=sources, hasty=hasty), size)
    finally:
        sources.stop()
        bridge.close()


@cache
def style_names(look: Look) -> dict[Style, str]:
    """Return what each of a look's styles is called: ``loss``; ``>loss`` in the selected line, ``~loss`` hollow."""
    plain = {f.name: getattr(look, f.name) for f in fields(look) if isinstance(getattr(look, f.name), Style)}
    plain |= {f"shade{step:+d}": look.shade(step) for step in (-4, -3, -2, -1, 1, 2, 3, 4)}
    names: dict[Style, str] = {}
    for name, style in plain.items():
        for mark, shown in (("", style), ("~", look.hollow(style)), (">", look.on_cursor(style)),
                            (">~", look.on_cursor(look.hollow(style)))):  # fmt: skip
            names.setdefault(shown, mark + name)
    return names


def _runs(strip: Strip, names: dict[Style, str]) -> str:
    pieces = [(names.get(style or Style(), f"?{style}"), len(text)) for text, style, _ in strip]
    runs = [(name, sum(size for _, size in group)) for name, group in itertools.groupby(pieces, lambda piece: piece[0])]
    if runs and runs[-1][0] == "text":
        runs.pop()
    return ", ".join(f"{name} {size}" for name, size in runs)
