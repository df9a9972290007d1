"""Whether the terminal is light: it is asked once (OSC 11) when the screen begins, and nothing waits for the answer.

The answer comes among the keys, whenever it comes, or never. It is taken out before anything reads them.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable

QUERY = "\x1b]11;?\x1b\\"
GRACE = 0.3
"""Seconds after the question for which a program that ends waits for the answer: else the shell would get it."""
_LONGEST = 64
"""Characters that an answer has at most."""
_ANSWER = re.compile(r"\x1b\]11;([^\x07\x1b]*)(?:\x07|\x1b\\)")
_BEGUN = re.compile(r"\x1b\](?:1(?:1(?:;[^\x07\x1b]*\x1b?)?)?)?\Z")
_COLOR = re.compile(r"rgba?:([0-9a-f]{1,4})/([0-9a-f]{1,4})/([0-9a-f]{1,4})", re.IGNORECASE)


def is_light(color: str) -> bool | None:
    """Return whether ``rgb:ffff/ffff/ffff`` (of one to four digits) is nearer to white; None where it is no colour."""
    found = _COLOR.match(color)
    if found is None:
        return None
    red, green, blue = (int(part, 16) / int("f" * len(part), 16) for part in found.groups())
    return 0.299 * red + 0.587 * green + 0.114 * blue > 0.5


class Ground:
    """The question, and the answer taken out of what is typed. `told` hears it, in the thread that reads the input."""

    def __init__(self, told: Callable[[bool], object]) -> None:
        self._told = told
        self._asked: float | None = None
        self._held = ""
        """An answer that has not come to its end."""
        self._escaped = False
        """Whether what was handed on last ends in an escape: a key, or the beginning of an answer cut in two."""

    def ask(self, write: Callable[[str], None]) -> None:
        """Ask, once."""
        self._asked = time.monotonic()
        write(QUERY)

    @property
    def wait(self) -> float:
        """Seconds for which an answer is still worth waiting for; zero where none is to come."""
        return 0.0 if self._asked is None else max(0.0, self._asked + GRACE - time.monotonic())

    def taken(self, text: str) -> str:
        """Return what was read without the answer; what may be the beginning of one is held until its end comes."""
        if self._asked is None or not text:
            return text
        before = "\x1b" * self._escaped
        whole = before + self._held + text
        answer = _ANSWER.search(whole)
        if answer is not None:
            self._asked = None
            light = is_light(answer[1])
            if light is not None:
                self._told(light)
            return whole[len(before) : answer.start()] + whole[answer.end() :]
        begun = _BEGUN.search(whole)
        end = begun.start() if begun is not None and len(whole) - begun.start() <= _LONGEST else len(whole)
        found, self._held = whole[len(before) : end], whole[max(end, len(before)) :]
        self._escaped = found.endswith("\x1b") if found else self._escaped
        return found
