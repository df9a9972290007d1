"""The debug log itself: one JSON object a line, in a file that its owner alone can read.

No secret can get in, because no text can: a field is written as what it is known to be (a count, a duration, a word of
our own, a host, the words of a path), and what does not fit is written as •. Errors are their class, the codes they
bear and the lines of code they came through; their messages are for the operator, and stay in the store.
"""

from __future__ import annotations

import atexit
import errno
import json
import os
import platform
import re
import sqlite3
import stat
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from traceback import StackSummary, walk_tb
from types import TracebackType
from typing import Any

import northstar_tui
from northstar_tui import debug
from northstar_tui.errors import FileError

HIDDEN = "•"
"""What stands for what is not written."""
STDERR = "-"
FRAMES = 40
"""Lines of code of one error."""
CAUSES = 6
"""Errors in a chain of causes."""
_WORD = re.compile(r"[a-z]{1,16}(?:[ ._:-][a-z]{1,16}){0,4}")
_NAME = re.compile(r"[\w.-]+(?::[\w.-]+)?", re.ASCII)
_HOST = re.compile(r"[A-Za-z0-9.-]+|[0-9a-fA-F:.]+")
_STEP = re.compile(r"[a-z]{1,20}(?:[_-][a-z]{1,20}){0,4}|v\d{1,2}")
_PLACE = re.compile(r" - at `(\$[A-Za-z0-9_.\[\]]*)`$")
_CLASS = re.compile(r"[\w.]+", re.ASCII)


def _fits(pattern: re.Pattern[str]) -> Callable[[object], object]:
    def render(value: object) -> object:
        return value if isinstance(value, str) and len(value) <= 60 and pattern.fullmatch(value) else HIDDEN

    return render


def _number(value: object) -> object:
    if isinstance(value, float):
        return round(value, 1)
    return value if value is None or isinstance(value, int) else HIDDEN


def _instant(value: object) -> object:
    return datetime.fromtimestamp(value / 1e6, UTC).isoformat() if isinstance(value, int) else HIDDEN


def _path(value: object) -> object:
    """Return the words of an address' path; ids, tokens and whatever else is no word are hidden, step by step."""
    if not isinstance(value, str) or not value.startswith("/"):
        return HIDDEN
    return "/" + "/".join(step if _STEP.fullmatch(step) or not step else HIDDEN for step in value.split("/")[1:9])


def _kind(value: object) -> object:
    """Return the name of an error's class."""
    return _fits(_CLASS)(type(value).__name__) if isinstance(value, BaseException) else HIDDEN


_word, _name = _fits(_WORD), _fits(_NAME)
FIELDS: Mapping[str, Callable[[object], object]] = {
    **dict.fromkeys(("verb", "state", "why", "kind", "command"), _word),
    **dict.fromkeys(("source", "version", "python", "sqlite", "system"), _name),
    **dict.fromkeys(("ms", "waited", "bytes", "pages", "status", "attempt", "retry_after", "code", "child"), _number),
    **dict.fromkeys(("new", "unchanged", "revised", "quarantined", "cursor", "failures", "port", "count"), _number),
    **dict.fromkeys(("until", "due"), _instant),
    "slot": _fits(re.compile(r"[a-z]{1,10}|rows\d{1,9}")),
    "method": _fits(re.compile("[A-Z]{3,7}")),
    "host": _fits(_HOST),
    "path": _path,
    "failed": _kind,
    "error": lambda value: [*_chain(value)] if isinstance(value, BaseException) else HIDDEN,
}
"""Every field that a note may have, and how it is written."""


def _written(name: str, value: object) -> object:
    """Return a field as it is written: never what it is not known to be, and never an error of its own."""
    try:
        return FIELDS[name](value)
    except Exception:
        return HIDDEN


def begin(target: str, verb: str) -> Log:
    """Write all notes of this process to the file `target`, or to stderr where it is ``-``. Raises FileError."""
    made = Log(target)
    debug.begin(target if target == STDERR else str(Path(target).absolute()), made.take)
    debug.note(
        "began",
        verb=verb,
        version=northstar_tui.__version__,
        python=platform.python_version(),
        sqlite=sqlite3.sqlite_version,
        system=sys.platform,
    )
    return made


class Log:
    """An open log. `problem` says why it broke off; empty while it is whole."""

    def __init__(self, target: str) -> None:
        """Open the file `target`, or stderr. Raises FileError where others could read it."""
        self.problem = ""
        self._file = 2 if target == STDERR else _opened(Path(target))
        self._hook = threading.excepthook
        threading.excepthook = self._thread
        atexit.register(self._told)

    def take(self, event: str, fields: Mapping[str, object]) -> None:
        """Write a note: whole, in one go, so that several processes may share the file."""
        if self.problem:
            return
        line: dict[str, Any] = {"at": datetime.now(UTC).isoformat(timespec="milliseconds"), "pid": os.getpid()}
        line["event"] = _word(event)
        line |= {name: _written(name, value) for name, value in fields.items()}
        try:
            os.write(self._file, f"{json.dumps(line, ensure_ascii=False)}\n".encode())
        except OSError as error:  # a full disk ends the log, not the program
            self.problem = error.strerror or type(error).__name__

    def end(self) -> None:
        """Take no more notes, and give back what was taken hold of."""
        debug.end()
        atexit.unregister(self._told)
        threading.excepthook = self._hook
        if self._file != 2:
            os.close(self._file)

    def _told(self) -> None:
        """Say, once no screen is shown any more, why the log is not whole."""
        if self.problem:
            sys.stderr.write(f"northstar: the debug log broke off: {self.problem}\n")

    def _thread(self, told: threading.ExceptHookArgs) -> None:
        debug.note("failed", why="thread", error=told.exc_value)
        self._hook(told)


def _opened(path: Path) -> int:
    remedy = "name another file with --debug"
    try:
        file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NONBLOCK, 0o600)
    except OSError as error:
        raise FileError(f"the debug log {path} cannot be written: {error.strerror}", remedy) from None
    status = os.fstat(file)
    if not stat.S_ISREG(status.st_mode):
        os.close(file)
        raise FileError(f"the debug log {path} is no file", remedy)
    if status.st_mode & 0o077 or status.st_uid != os.geteuid():
        os.close(file)
        raise FileError(f"the debug log {path} can be read by others", f"chmod 600 it, or {remedy}")
    return file


# -- errors ----------------------------------------------------------------------------------------------------------


def _chain(error: BaseException) -> Iterator[dict[str, object]]:
    """Yield an error and those that led to it, also those that ``from None`` hides: no message of any is written."""
    found: BaseException | None = error
    for _ in range(CAUSES):
        if found is None:
            return
        yield {"class": _class(type(found)), **_codes(found), "frames": [*_frames(found.__traceback__)]}
        found = found.__cause__ or found.__context__


def _class(kind: type[BaseException]) -> object:
    return _fits(_CLASS)(f"{kind.__module__}.{kind.__qualname__}")


def _codes(error: BaseException) -> dict[str, object]:
    """Return what an error says in codes: no text that came from outside is one."""
    codes: dict[str, object] = {}
    if isinstance(error, OSError) and error.errno is not None:
        codes["errno"] = errno.errorcode.get(error.errno, error.errno)
    for name, attribute in (("sqlite", "sqlite_errorname"), ("tls", "reason")):
        value = getattr(error, attribute, None)
        if isinstance(value, str) and re.fullmatch(r"[A-Z][A-Z0-9_]{2,50}", value):
            codes[name] = value
    for name in ("status", "wait"):
        value = getattr(error, name, None)
        if isinstance(value, int | float):
            codes[name] = value
    place = _PLACE.search(str(error)) if type(error).__module__ == "msgspec" else None
    if place:
        codes["place"] = place[1]
    return codes


def _frames(trace: TracebackType | None) -> Iterator[str]:
    """Yield the lines of code that an error came through, outermost first: files by their place in their package."""
    summary = StackSummary.extract(walk_tb(trace), lookup_lines=False)
    for frame in summary[-FRAMES:]:
        yield f"{_short(frame.filename)}:{frame.lineno} {frame.name}"


def _short(filename: str) -> str:
    """Return a file's path below the longest folder that modules are found in: a home folder names its owner."""
    roots = [root for root in sys.path if root and filename.startswith(f"{root}{os.sep}")]
    return filename[len(max(roots, key=len)) + 1 :] if roots else Path(filename).name
