"""The operator's hands: what keys, pasted text, clicks and the wheel mean for the cockpit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from northstar_tui.tui.actions import COMMANDS, by_key, elsewhere, key_of, key_text
from northstar_tui.tui.going import open_it
from northstar_tui.tui.live import PAUSE
from northstar_tui.tui.painting import BODY
from northstar_tui.tui.prompt import FILTER, Prompt
from northstar_tui.tui.prompting import list_commands, submit
from northstar_tui.tui.screens.page import Opening

if TYPE_CHECKING:
    from northstar_tui.tui.cockpit import Cockpit

RIGHT, BACK, FORWARD = 3, 8, 9
"""Buttons of a mouse beside the left one, which is 1."""
TYPING_TOO = frozenset({"redraw", "suspend"})
"""Actions that keys carry out while something is typed, too."""


class Hands:
    """Turns what the hands do into actions. A defect in one of them is told, and ends nothing."""

    def __init__(self, cockpit: Cockpit) -> None:
        self._cockpit = cockpit
        self._opened = False
        """Whether the clicks that came one upon the other have opened something already."""

    # -- keys --------------------------------------------------------------------------------------------------------

    def key(self, key: str) -> None:
        """Carry out what `key` does here; say so where it does nothing."""
        cockpit = self._cockpit
        cockpit.live.key()
        cockpit.bridge.hold(PAUSE)
        action = by_key(key, cockpit.scope)
        if action is not None:
            cockpit.do(action.id)
            return
        others = elsewhere(key)
        where = f": {others[0].label} works on other screens" if others else ""
        cockpit.say(f"{key_text(key)} does nothing here{where}; {key_of('help')} lists every key")

    def press(self, key: str, character: str | None) -> None:
        """Take a key while something is being typed."""
        self._cockpit.attempt("Typing", lambda: self._typed(key, character))
        self._cockpit.repaint()

    def _typed(self, key: str, character: str | None) -> None:
        cockpit, prompt = self._cockpit, self._cockpit.prompt
        if prompt is None:
            return
        cockpit.message = ""
        if key == "escape" or (key == "backspace" and not prompt.text):
            cockpit.overlay = cockpit.prompt = None
        elif key == "enter":
            submit(cockpit)
        elif prompt.purpose == FILTER and key in ("up", "down"):
            self._edited(prompt.recalled(1 if key == "up" else -1))
        elif prompt.purpose == FILTER and key in ("tab", "shift+tab"):
            from northstar_tui.tui.filtering import complete

            complete(cockpit, 1 if key == "tab" else -1)
        elif key in ("up", "down", "pageup", "pagedown"):
            cockpit.front.move({"pageup": "page_up", "pagedown": "page_down"}.get(key, key))
        else:
            edited = prompt.key(key)
            if edited is None and character:
                edited = prompt.typed(character)
            if edited is None:
                self._besides(key, prompt)
            self._edited(edited)

    def _besides(self, key: str, prompt: Prompt) -> None:
        """Carry out a key that is no text and edits none: what it does anywhere, or nothing, and says so."""
        action = by_key(key, COMMANDS)
        if action is not None and action.id in TYPING_TOO:
            self._cockpit.do(action.id)
        else:
            self._cockpit.prompt = prompt.failed(f"{key_text(key)} does nothing while you type")

    def _edited(self, prompt: Prompt | None) -> None:
        cockpit = self._cockpit
        if prompt is None:
            return
        if prompt.purpose == COMMANDS and cockpit.prompt is not None and prompt.text != cockpit.prompt.text:
            list_commands(cockpit, prompt.text)
        if prompt.purpose == FILTER:
            from northstar_tui.tui.filtering import checked

            prompt = checked(cockpit, prompt)
        cockpit.prompt = prompt

    def paste(self, text: str) -> None:
        """Take pasted text while something is being typed."""
        prompt = self._cockpit.prompt
        if prompt is not None:
            self._cockpit.attempt("Pasting", lambda: self._edited(prompt.typed(text)))
            self._cockpit.repaint()

    # -- the mouse ---------------------------------------------------------------------------------------------------

    def click(self, x: int, y: int, button: int = 1, chain: int = 1) -> None:
        """Take a click on cell `x` of line `y`, the `chain`-th upon the same one.

        On a row it selects, on the selected one it opens, and so does a second click at once; on the frame it does what
        it stands on: a step of the path, a key's hint, a badge. The right button and a mouse's own go back.
        """
        self._cockpit.attempt("The click", lambda: self._clicked(x, y, button, chain))
        self._cockpit.repaint()

    def _clicked(self, x: int, y: int, button: int, chain: int) -> None:
        cockpit = self._cockpit
        if button in (RIGHT, BACK, FORWARD):
            if cockpit.prompt is not None:
                self._typed("escape", None)
            else:
                cockpit.do("history_forward" if button == FORWARD else cockpit.front.leaves)
            return
        if button != 1:
            return
        self._opened = self._opened and chain > 1
        framed = cockpit.painter.hit(x, y)  # the first step of the path is number 0
        hit = cockpit.front.hit(x, y - BODY) if framed is None else framed
        if hit is not None:
            if chain == 1:
                self._hit(hit)
        elif cockpit.front.click_at(x, y - BODY) and not self._opened:
            self._opened = True
            cockpit.do(cockpit.front.opens)

    def _hit(self, hit: object) -> None:
        cockpit = self._cockpit
        if isinstance(hit, str):
            cockpit.do(hit)
        elif isinstance(hit, int) and hit < len(cockpit.path):
            cockpit.go(cockpit.left().go([level.place for level in cockpit.path[: hit + 1]]))
        elif isinstance(hit, Opening):
            open_it(cockpit, hit)

    def wheel(self, steps: int) -> None:
        """Take the wheel, `steps` down, or up where negative."""
        self._cockpit.attempt("The wheel", lambda: self._cockpit.front.wheel(steps))
        self._cockpit.repaint()
