"""Patterns of the config for lines in layouts of their own: regular expressions with named groups, held to a time."""

from __future__ import annotations

import json
import re
import selectors
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

from northstar_tui.errors import ConfigError
from northstar_tui.sources.mail import sheets
from northstar_tui.sources.mail.html import Line
from northstar_tui.sources.mail.message import Problem
from northstar_tui.sources.mail.sheets import Found, Row

LINE_MAX = 500
"""Longest line that patterns are tried on, characters."""
SECONDS = 1.0
"""Longest that all patterns together may take on one line."""
_WORKER = Path(__file__).with_name("pattern_worker.py")
_NAMES = {"pick": "selection", "date": "time"}
"""Groups that have another name than their role."""
GROUPS = tuple(sorted({*sheets.ROLES, *_NAMES} - {"clock"}))


def checked(patterns: Sequence[str], name: str) -> tuple[str, ...]:
    """Return the patterns of the source `name`. Raises ConfigError for one that is none, or names no bet."""
    for nth, each in enumerate(patterns, 1):
        where = f"sources.{name}: pattern {nth}"
        try:
            groups = set(re.compile(each).groupindex)
        except (re.error, RecursionError, OverflowError) as error:
            raise ConfigError(f"{where} is no regular expression: {error}", "mend it, or leave it out") from None
        strange = sorted(groups - set(GROUPS))
        if strange:
            raise ConfigError(f"{where}: {strange[0]} is no group", f"use {', '.join(GROUPS)}")
        if not groups & {"market", "event", "pick", "selection", "ticker", "id"}:
            raise ConfigError(f"{where} has no group that names a bet", "name one (?P<market>…) or (?P<pick>…)")
        if not groups & {"stake", "quantity", "result", "profit", "payout"}:
            raise ConfigError(f"{where} has no group that states a stake or a result", "name one (?P<stake>…)")
    return tuple(patterns)


class Patterns:
    """Tries patterns on lines. The process that does it starts with the first line, and ends with `close`."""

    def __init__(self, patterns: Sequence[str]) -> None:
        self._patterns = tuple(patterns)
        self._process: subprocess.Popen[bytes] | None = None
        self._warm = False
        """Whether the process has answered: starting takes it a moment."""

    def __enter__(self) -> Patterns:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.close()

    def take(self, part: str, lines: Sequence[Line]) -> tuple[list[Found], list[Line]]:
        """Return the rows that patterns make of `lines`, and the lines that none of them matches.

        A line on which they take too long is a Problem, and no line after it is tried.
        """
        if not self._patterns:
            return [], list(lines)
        matched: list[tuple[Line, dict[str, str]]] = []
        rest: list[Line] = []
        problems: list[Found] = []
        for line in lines:
            text = line.text.strip()
            if problems or not text or len(text) > LINE_MAX or text.startswith(">"):
                rest.append(line)
                continue
            try:
                groups = self._try(text)
            except TimeoutError:
                reason = f"the config's patterns take longer than {SECONDS:.0f} s on this line; mend them"
                problems.append(Problem(line.number, "patterns", reason, line.text))
                continue
            if groups is None:
                rest.append(line)
            else:
                matched.append((line, {_NAMES.get(name, name): value for name, value in groups.items()}))
        told = sheets.hints([cells for _, cells in matched])
        rows = [Row(line.number, part, line.text, cells, told) for line, cells in matched]
        return [*problems, *rows], rest

    def close(self) -> None:
        """End the process."""
        if self._process is not None:
            process, self._process = self._process, None
            process.kill()
            process.communicate()

    def _try(self, text: str) -> dict[str, str] | None:
        """Return the groups of the first pattern that is all of `text`. Raises TimeoutError."""
        fresh = self._process is None
        if fresh:
            self._process = subprocess.Popen(  # noqa: S603 - our own module, in our own interpreter
                [sys.executable, "-I", str(_WORKER)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
            )
            self._warm = False
        try:
            if fresh:
                self._send(list(self._patterns))
            self._send(text)
        except OSError:
            self.close()
            raise TimeoutError from None
        answer = self._answer()
        return answer[1] if answer is not None else None

    def _send(self, what: object) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(what).encode() + b"\n")
        self._process.stdin.flush()

    def _answer(self) -> list[dict[str, str]] | None:
        assert self._process is not None
        assert self._process.stdout is not None
        until = time.monotonic() + SECONDS + (0 if self._warm else 5.0)
        told = b""
        with selectors.DefaultSelector() as selector:
            selector.register(self._process.stdout, selectors.EVENT_READ)
            while not told.endswith(b"\n"):
                if not selector.select(max(0.0, until - time.monotonic())):
                    self.close()
                    raise TimeoutError
                piece = self._process.stdout.raw.read(65_536)  # type: ignore[attr-defined]
                if not piece:
                    self.close()
                    raise TimeoutError
                told += piece
        self._warm = True
        found: list[dict[str, str]] | None = json.loads(told)
        return found
