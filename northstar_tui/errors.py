"""What an operator is told when something cannot be done: one line that says what is wrong and how to mend it.

Anything raised here is the operator's to mend and is printed as one line, never as a traceback. A programming
mistake is never dressed up as one of these.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from northstar_tui.text import safe

SHOWN_MAX = 120
"""Longest piece of outside text that a message quotes, in characters."""


def shown(text: str, limit: int = SHOWN_MAX) -> str:
    """Return `text` from outside fit to stand in a message: nothing in it is obeyed by a terminal, long text is cut."""
    return safe(text if len(text) <= limit else text[: limit - 1] + "…")


def nearest(word: str, known: Iterable[str]) -> str:
    """Return what in `known` is spelled most like `word`, whatever the case; empty where nothing is near it."""
    from difflib import get_close_matches

    folded = {name.casefold(): name for name in known}
    near = get_close_matches(word.casefold(), folded, 1)
    return folded[near[0]] if near else ""


def guess(word: str, known: Iterable[str]) -> str:
    """Return ``did you mean sync? `` to stand before a remedy, or nothing."""
    near = nearest(word, known)
    return f"did you mean {shown(near, 40)}? " if near else ""


NO_CONNECTION = "no connection"
"""How every source says that it could not even connect."""


def no_connection(errors: Mapping[str, str]) -> tuple[tuple[str, ...], str]:
    """Return the sources that could not connect, of errors by source, and one line for all of them.

    Nothing where that is fewer than two: one source's own error says more.
    """
    names = tuple(name for name, error in errors.items() if NO_CONNECTION in error)
    if len(names) < 2:
        return (), ""
    told = ", ".join(shown(name, 40) for name in names)
    return names, f"{NO_CONNECTION} for {told}: is this machine online? Each is tried again at its next run"


class NorthStarError(Exception):
    """Something the operator can mend: `message` says what is wrong, `remedy` what to do about it."""

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message}: {self.remedy}" if self.remedy else self.message


class ConfigError(NorthStarError):
    """A config that cannot be used; names file, line and key."""


class FileError(NorthStarError):
    """A file cannot be taken: unreadable, not recognised, or refused for a reason that the message gives."""
