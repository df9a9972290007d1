"""The door to the debug log: whatever may help a bug report is noted here, and goes nowhere unless somebody asked.

A note is an event and fields, never a sentence: `debug.log` writes only what it knows a field to be, so that no secret
gets in by way of a message. It is loaded by ``--debug`` alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

_take: Callable[[str, Mapping[str, object]], None] | None = None
target: str | None = None
"""Where the log is written: an absolute path, ``-`` for stderr, None where nobody asked for one."""


def begin(where: str, take: Callable[[str, Mapping[str, object]], None]) -> None:
    """Hand every note from now on to `take`, which writes it to `where`."""
    global _take, target
    _take, target = take, where


def end() -> None:
    """Hand on nothing any more."""
    global _take, target
    _take = target = None


def note(event: str, **fields: object) -> None:
    """Note that `event` happened, with what `log.FIELDS` names of it."""
    if _take is not None:
        _take(event, fields)


@contextmanager
def ending() -> Iterator[None]:
    """Note how the program that runs in the block ends; what it raises is raised on."""
    try:
        yield
    except SystemExit as left:
        note("ended", code=0 if left.code is None else left.code)
        raise
    except BaseException as error:
        note("failed", failed=error, error=error)
        raise
