"""What broke in the program itself: shown where it broke, and told in a report that can be copied.

A report holds no locals, no row and no setting: where, what, and the way there through our own code.
"""

from __future__ import annotations

import os
import platform
import sqlite3
import sys
from collections.abc import Callable, Iterable
from traceback import extract_tb
from typing import NamedTuple, TypeVar

from northstar_tui import __version__
from northstar_tui.errors import NorthStarError, shown
from northstar_tui.tui.actions import key_of
from northstar_tui.tui.paint import Line, fit, width, wrap
from northstar_tui.tui.theme import Look

T = TypeVar("T")
U = TypeVar("U")
STEPS = 8
"""Newest calls that a report names."""
LINES = 3
"""Lines that an error's text takes where it stands in a panel's place."""
MESSAGE = 200
"""Characters of an error's own text: it may quote what it stumbled over."""


class Defect(NamedTuple):
    """One thing that broke. Equal ones are the same defect again."""

    where: str
    """The panel, or the action, in words."""
    error: str
    steps: tuple[str, ...]
    """``file:line function``, oldest first."""

    @classmethod
    def of(cls, where: str, error: BaseException) -> Defect:
        """Return what `error` is, met in `where`."""
        frames = extract_tb(error.__traceback__)[-STEPS:]
        steps = tuple(f"{_short(frame.filename)}:{frame.lineno} {frame.name}" for frame in frames)
        text = shown(str(error), MESSAGE)
        return cls(where, f"{type(error).__name__}: {text}" if text else type(error).__name__, steps)

    def lines(self, cells: int, look: Look, *, reported: bool) -> list[Line]:
        """Return the panel that stands where the broken one would."""
        rest = "Its report is copied" if reported else f"{key_of('copy')} copies a report"
        found: list[Line] = []
        for text, style in ((f"{self.where} broke: {self.error}", look.loss),
                            (f"{rest}; everything else works on.", look.dim)):  # fmt: skip
            for part in wrap(text, max(8, cells - 2))[:LINES]:
                lead = "  " if found else f"{look.glyphs.failing} "
                found.append(Line().put(fit(lead + part, min(cells, width(lead + part))), style))
        return found

    def report(self, path: str, size: tuple[int, int], look: Look) -> str:
        """Return what its makers need to know: what broke, where the screen was, and how it is shown."""
        from importlib.metadata import version

        system = f"Python {platform.python_version()}, Textual {version('textual')}, {platform.system()}"
        return "\n".join(
            [
                f"NorthStar {__version__}: {self.where} broke",
                self.error,
                f"screen {path} at {size[0]}x{size[1]}, look {look.name}, TERM={os.environ.get('TERM', '')}",
                f"{system} on {sys.platform}",
                *(f"  {step}" for step in self.steps),
            ]
        )


def _short(filename: str) -> str:
    """Return a file's name from its package on: the folders above are nobody's business."""
    parts = filename.replace("\\", "/").split("/")
    for package in ("northstar_tui", "site-packages"):
        if package in parts:
            at = len(parts) - 1 - parts[::-1].index(package)
            return "/".join(parts[at + (package == "site-packages") :])
    return parts[-1]


class Unread(dict[str, Defect]):
    """Reads the parts of one view (`views.base.Part`), and holds those that broke, by their panels' names."""

    def __call__(self, name: str, read: Callable[[], T], without: U) -> T | U:
        """Return what `read` returns; `without` where a defect of ours breaks it.

        What the operator can mend, and what ails the whole store or ends the question, is raised as it is.
        """
        try:
            return read()
        except NorthStarError:
            raise
        except sqlite3.Error as error:
            if getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF != sqlite3.SQLITE_ERROR:
                raise
            self[name] = Defect.of(name, error)
        except Exception as error:
            self[name] = Defect.of(name, error)
        return without


class Defects:
    """What broke in this session: in what was done, and in what is in sight."""

    def __init__(self) -> None:
        self.reported: set[Defect] = set()
        self.met: set[Defect] = set()
        """Every one so far."""
        self.seen: list[Defect] = []
        """In the last painting."""
        self._done: list[Defect] = []
        self._last: Defect | None = None

    def add(self, defect: Defect) -> None:
        """Take what broke in an action or an answer; the newest one counts."""
        self._done = [defect]
        self.met.add(defect)

    def painted(self, seen: Iterable[Defect]) -> None:
        """Take what broke in the last painting."""
        self.seen = list(seen)
        self.met.update(self.seen)

    @property
    def current(self) -> Defect | None:
        """What was not reported yet."""
        return next((defect for defect in [*self._done, *self.seen] if defect not in self.reported), None)

    def take(self) -> Defect | None:
        """Return what to report, which counts as reported then: what broke, or what was reported last."""
        self._last = self.current or self._last
        if self._last is not None:
            self.reported.add(self._last)
        return self._last
