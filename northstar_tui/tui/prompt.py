"""A one-line editor that lives in the footer: opening it changes no layout and no focus. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from northstar_tui.text import safe

FILTER = "filter"
"""The purpose of the filter's prompt."""
LIMIT = 400
"""Characters it takes."""


class Offers(NamedTuple):
    """Words that can stand from `at` on, of which the `chosen` one stands there now."""

    at: int
    words: tuple[str, ...]
    chosen: int = 0


class Prompt(NamedTuple):
    """What is being typed, and where the caret is."""

    purpose: str
    """The action it serves: FILTER, ``commands``, ``note``, ``tag``, or one of `settling`."""
    text: str = ""
    caret: int = 0
    error: str = ""
    wrong: tuple[int, int] = (0, 0)
    """From where to where the error stands."""
    about: Any = None
    """What it is about, for the action: the id of an entry or of a record, a file to be read again."""
    label: str = ""
    """What is asked for, where the purpose alone does not say it."""
    offers: Offers | None = None
    """What Tab goes through."""
    before: tuple[str, ...] = ()
    """What was typed here earlier, and at last what is being typed."""
    back: int = 0
    """How far back in that it is."""

    @classmethod
    def on(
        cls, purpose: str, text: str = "", *, about: Any = None, label: str = "", before: Sequence[str] = ()
    ) -> Prompt:
        """Return a prompt with `text` in it and the caret at its end; `before` is what was typed there earlier."""
        return cls(purpose, text, len(text), about=about, label=label, before=(*before, text))

    def typed(self, text: str) -> Prompt:
        """Return it after `text` was typed or pasted; what cannot be shown is left out."""
        text = "".join(char for char in text if char == safe(char))[: LIMIT - len(self.text)]
        return self._with(self.text[: self.caret] + text + self.text[self.caret :], self.caret + len(text))

    def key(self, key: str) -> Prompt | None:
        """Return it after an editing key, or None where the key is none."""
        before, after = self.text[: self.caret], self.text[self.caret :]
        word = before.rstrip().rpartition(" ")
        match key:
            case "backspace":
                return self._with(before[:-1] + after, max(0, self.caret - 1))
            case "delete" | "ctrl+d":
                return self._with(before + after[1:], self.caret)
            case "left" | "ctrl+b":
                return self._with(self.text, max(0, self.caret - 1))
            case "right" | "ctrl+f":
                return self._with(self.text, min(len(self.text), self.caret + 1))
            case "home" | "ctrl+a":
                return self._with(self.text, 0)
            case "end" | "ctrl+e":
                return self._with(self.text, len(self.text))
            case "ctrl+u":
                return self._with(after, 0)
            case "ctrl+k":
                return self._with(before, self.caret)
            case "ctrl+w":
                kept = word[0] + word[1]
                return self._with(kept + after, len(kept))
        return None

    def failed(self, error: str, at: int = 0, end: int = 0) -> Prompt:
        """Return it with what is wrong about it, and where."""
        return self._replace(error=error, wrong=(at, end))

    def recalled(self, step: int) -> Prompt:
        """Return it with what was typed earlier (`step` 1) or later (-1); the newest is what is being typed."""
        before = self.before if self.back else (*self.before[:-1], self.text)
        back = self.back
        while 0 <= back + step < len(before):
            back += step
            text = before[len(before) - 1 - back]
            if text != self.text:
                return self._with(text, len(text))._replace(before=before, back=back)
        return self

    def offering(self, at: int, words: Sequence[str]) -> Prompt:
        """Return it with the first of `words` in place of what stands from `at` to the caret; Tab goes on."""
        done = self._with(self.text[:at] + words[0] + self.text[self.caret :], at + len(words[0]))
        return done._replace(offers=Offers(at, tuple(words))) if len(words) > 1 else done

    def offered(self, step: int) -> Prompt:
        """Return it with the word `step` after the one that stands there."""
        if self.offers is None:
            return self
        at, words, chosen = self.offers
        chosen = (chosen + step) % len(words)
        done = self._with(self.text[:at] + words[chosen] + self.text[self.caret :], at + len(words[chosen]))
        return done._replace(offers=Offers(at, words, chosen))

    def _with(self, text: str, caret: int) -> Prompt:
        return self._replace(text=text, caret=caret, error="", wrong=(0, 0), offers=None)
