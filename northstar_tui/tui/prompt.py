"""A one-line editor that lives in the footer: opening it changes no layout and no focus. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from northstar_tui.text import safe

LIMIT = 400
"""Characters it takes."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """What is being typed, and where the caret is."""

    purpose: str
    """The action it serves: ``filter``, ``commands``, ``note``, ``tag``, or one of `settling`."""
    text: str = ""
    caret: int = 0
    error: str = ""
    about: Any = None
    """What it is about, for the action: the id of an entry or of a record, a file to be read again."""
    label: str = ""
    """What is asked for, where the purpose alone does not say it."""

    @classmethod
    def on(cls, purpose: str, text: str = "", *, about: Any = None, label: str = "") -> Prompt:
        """Return a prompt with `text` in it and the caret at its end."""
        return cls(purpose, text, len(text), about=about, label=label)

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

    def failed(self, error: str) -> Prompt:
        """Return it with what was wrong about it."""
        return replace(self, error=error)

    def _with(self, text: str, caret: int) -> Prompt:
        return replace(self, text=text, caret=caret, error="")
