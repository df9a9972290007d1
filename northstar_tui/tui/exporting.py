"""Views on their way into files: pictures of what is painted, and the rows that a view's command line prints.

A file is named by view and period and never replaces another one. Rows come from a child process, the very command that
`Y` copies: a million of them cost the screen nothing.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from textual.strip import Strip

from northstar_tui.calendar import Calendar, Period
from northstar_tui.errors import NorthStarError, shown
from northstar_tui.text import safe
from northstar_tui.tui.actions import HELD
from northstar_tui.tui.navigation import Place
from northstar_tui.tui.theme import Look

PICTURES, ROWS = ("text", "svg", "png"), ("csv", "json")
"""What a view is exported as: what is seen, or the rows behind it."""
VERBS = frozenset({"report", "trades", "why", "runs", "events", "quarantine", "positions", "since"})
"""Verbs that print rows both ways."""
_SUFFIX = {"text": "txt"}
_MOST = 1_000
"""Files of one name before it is the operator's turn."""


def stem(place: Place, calendar: Calendar, now: int, kept: str = "") -> str:
    """Return what a file of the view at `place`, under the filter `kept`, is called: ``northstar-ledger-2025-Q1``."""
    screen, subject = place
    if screen in HELD:
        from northstar_tui.tui.screens.positions import file_words

        subject = tuple(file_words(subject, calendar))
    parts = [subject] if not isinstance(subject, tuple) else list(subject)
    words = [calendar.argument(part) if isinstance(part, Period) else str(part) for part in parts if part]
    told = re.sub(r"(?<!\S)-", "not ", kept)  # a leading minus would be lost among the hyphens
    named = "-".join([screen, *(words or [f"{calendar.date_of(now)}"]), *([told] if told else [])])
    return "northstar-" + re.sub(r"[^\w.-]+", "-", safe(named)).strip("-")[:100]


def fresh(folder: Path, name: str, kind: str) -> tuple[Path, BinaryIO]:
    """Return a new file in `folder`, open to write; where `name` is taken, with a number. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    suffix = _SUFFIX.get(kind, kind)
    for number in range(1, _MOST):
        path = folder / (f"{name}.{suffix}" if number == 1 else f"{name}-{number}.{suffix}")
        try:
            return path, path.open("xb")
        except FileExistsError:
            continue
    raise FileExistsError(17, f"{_MOST - 1} files are called {name} already")


def wrote(path: Path) -> str:
    """Return where a file is now."""
    return f"Wrote {safe(path.name)} in {safe(str(path.parent))}"


def _refused(error: Exception) -> str:
    if isinstance(error, OSError):
        return f"Not written: {safe(error.strerror or str(error))}: {safe(str(error.filename or ''))}".rstrip(": ")
    return f"Not written: {shown(str(error), 300)}"


def picture_file(lines: Sequence[Strip], look: Look, folder: Path, name: str, kind: str) -> str:
    """Write what is painted; return what to say of it."""
    from northstar_tui.tui import picture

    try:
        data = {
            "text": lambda: picture.text(lines).encode(),
            "svg": lambda: picture.svg(lines, look, name).encode(),
            "png": lambda: picture.png(lines, look, name),
        }[kind]()
        path, file = fresh(folder, name, kind)
        with file:
            file.write(data)
    except (OSError, NorthStarError) as error:
        return _refused(error)
    return wrote(path)


class RowsChild:
    """A child that prints a view's rows into a file."""

    def __init__(self, path: Path, child: subprocess.Popen[bytes]) -> None:
        self._path, self._child = path, child

    @classmethod
    def start(cls, arguments: Sequence[str], folder: Path, name: str, kind: str) -> RowsChild | str:
        """Start it; `arguments` is the command line that prints the view. Or return why it cannot be."""
        command = [sys.executable, "-m", "northstar_tui", *arguments, f"--{kind}"]
        try:
            path, file = fresh(folder, name, kind)
            with file:
                child = subprocess.Popen(  # noqa: S603 - our own command line, no shell
                    command, stdin=subprocess.DEVNULL, stdout=file, stderr=subprocess.PIPE
                )
        except OSError as error:
            return _refused(error)
        return cls(path, child)

    def news(self) -> str | None:
        """Return how it ended, in words; None while it runs. What failed leaves no file."""
        code = self._child.poll()
        if code is None:
            return None
        assert self._child.stderr is not None
        with self._child.stderr as told:
            last = told.read().decode("utf-8", "replace").strip().rpartition("\n")[2]
        if code == 0:
            return wrote(self._path)
        self._path.unlink(missing_ok=True)
        return f"Not written: {shown(last.removeprefix('northstar: '), 300) or f'exit code {code}'}"
