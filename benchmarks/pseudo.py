"""A program in a pseudo-terminal of a given size: what it writes, when, and what it costs.

It answers the few questions that Textual asks a terminal, as a modern one would, so that frames come between the marks
of a synchronised update and the end of a frame can be seen.
"""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType

from benchmarks.glass import Glass

COLUMNS, LINES = 120, 40
FRAME_BEGIN, FRAME_END = b"\x1b[?2026h", b"\x1b[?2026l"
_ANSWERS = {b"\x1b[?2026$p": b"\x1b[?2026;2$y", b"\x1b[?2048$p": b"\x1b[?2048;0$y"}


class SilenceError(Exception):
    """The program did not write what was waited for."""


class Screen:
    """One run of `command`. Times are seconds since it was spawned; use as a context manager."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str] | None = None) -> None:
        self._environment = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor", **(environment or {})}
        self._environment.pop("NO_COLOR", None)
        self._command = list(command)
        self.written = bytearray()
        """Everything the program wrote."""
        self._glass = Glass(COLUMNS, LINES)
        self._looked = 0

    def __enter__(self) -> Screen:
        self._begun = time.perf_counter()
        self.pid, self._fd = pty.fork()
        if self.pid == 0:  # the size is set before the program starts: no resize may count as a repaint
            try:
                fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, COLUMNS, 0, 0))
                os.execvpe(self._command[0], self._command, self._environment)
            finally:
                os._exit(127)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()
        os.close(self._fd)

    def _end(self) -> None:
        for sent in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.kill(self.pid, sent)
            except ProcessLookupError:
                return
            deadline = time.perf_counter() + 2.0
            while time.perf_counter() < deadline:
                if os.waitpid(self.pid, os.WNOHANG)[0]:
                    return
                try:
                    self.pump(0.01)
                except SilenceError:
                    time.sleep(0.01)

    def now(self) -> float:
        """Return the seconds since the program was spawned."""
        return time.perf_counter() - self._begun

    def pump(self, timeout: float) -> bool:
        """Take what the program has written, waiting at most `timeout` seconds; return whether there was anything."""
        ready, _, _ = select.select([self._fd], [], [], timeout)
        if not ready:
            return False
        try:
            data = os.read(self._fd, 1 << 16)
        except OSError:
            data = b""
        if not data:
            raise SilenceError(f"the program ended; it showed {self.shown()!r}")
        self._arrived = self.now()
        self.written += data
        for question, answer in _ANSWERS.items():
            if question in data:
                os.write(self._fd, answer)
        return True

    def wait(self, seen: Callable[[bytes], bool], *, since: int = 0, timeout: float = 20.0) -> float:
        """Read until `seen` holds of what was written from byte `since` on; return when. Raises SilenceError."""
        deadline = time.perf_counter() + timeout
        while not seen(bytes(self.written[since:])):
            left = deadline - time.perf_counter()
            if left <= 0:
                raise SilenceError(f"not within {timeout} s; it showed {self.shown()!r}")
            self.pump(left)
        return self._arrived

    def wait_for(self, text: str, *, timeout: float = 20.0) -> float:
        """Read until a whole frame shows `text`; return when the frame's end had come. Raises SilenceError."""

        def whole(data: bytes) -> bool:
            return data.rfind(FRAME_END) >= data.rfind(FRAME_BEGIN) and self._shows(text)

        return self.wait(whole, timeout=timeout)

    def wait_frame(self, text: str, *, since: int, timeout: float = 20.0) -> float:
        """Read until a frame written from byte `since` on holds `text` itself; return when. Raises SilenceError."""

        def held(data: bytes) -> bool:
            at = data.find(text.encode())
            return at >= 0 and FRAME_END in data[at:]

        return self.wait(held, since=since, timeout=timeout)

    def _shows(self, text: str) -> bool:
        self._glass.feed(bytes(self.written[self._looked :]))
        self._looked = len(self.written)
        return self._glass.shows(text)

    def selected(self, text: str) -> bool:
        """Say whether the selected line shows `text`."""
        self._shows("")
        return any("▸" in line and text in line for line in self._glass.lines())

    def shown(self) -> str:
        """Return the screen's lines that are not empty: for an error's message."""
        self._shows("")
        return " / ".join(" ".join(line.split()) for line in self._glass.lines() if line.strip())[:600]

    def settle(self, quiet: float = 0.2, longest: float = 5.0) -> None:
        """Read until nothing came for `quiet` seconds, at most for `longest`."""
        deadline = time.perf_counter() + longest
        while time.perf_counter() < deadline and self.pump(quiet):
            pass

    def drain(self, seconds: float) -> None:
        """Read on for `seconds`."""
        deadline = time.perf_counter() + seconds
        while (left := deadline - time.perf_counter()) > 0:
            self.pump(left)

    def press(self, key: str) -> int:
        """Send `key`; return the number of bytes that had been written before."""
        while self.pump(0):
            pass
        before = len(self.written)
        os.write(self._fd, key.encode())
        return before

    def cpu(self) -> float:
        """Return the processor seconds it has used, its children's not included."""
        with open(f"/proc/{self.pid}/stat") as file:  # noqa: PTH123
            fields = file.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory(self) -> int:
        """Return its resident memory, in bytes."""
        with open(f"/proc/{self.pid}/status") as file:  # noqa: PTH123
            kilobytes = next(line for line in file if line.startswith("VmRSS:")).split()[1]
        return int(kilobytes) * 1024


def northstar(store: os.PathLike[str] | str) -> list[str]:
    """Return the command that opens the cockpit on `store`."""
    return [sys.executable, "-m", "northstar_tui", "--store", os.fspath(store)]


def hello() -> list[str]:
    """Return the command of the hello-world app that everything is compared with."""
    return [sys.executable, "-m", "benchmarks.hello"]
