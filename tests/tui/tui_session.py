"""A program in a real pseudo-terminal: keys in, what it sends, and what a terminal shows of it."""

from __future__ import annotations

import codecs
import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tui_driver import Terminal

SIZE = (120, 40)


class Session:
    """A program in a pseudo-terminal: what it sent, and what a terminal shows of it."""

    def __init__(self, command: list[str], env: dict[str, str], size: tuple[int, int]) -> None:
        self.pid, self.fd = pty.fork()
        if self.pid == 0:  # the size is set before the program starts
            try:
                fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
                os.execvpe(command[0], command, env)
            finally:
                os._exit(127)
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        self.terminal, self.sent, self.code = Terminal(*size), "", None

    def pump(self, seconds: float) -> str:
        """Read for `seconds`; return what came."""
        came, end = b"", time.monotonic() + seconds
        while time.monotonic() < end:
            if select.select([self.fd], [], [], 0.01)[0]:
                try:
                    came += os.read(self.fd, 1 << 16)
                except OSError:
                    break
        text = self._decode(came)
        self.sent += text
        self.terminal.feed(text)
        return text

    def until(self, needle: str, seconds: float = 60) -> str:
        """Read until the screen shows `needle`; `seconds` only end what would never end."""
        end = time.monotonic() + seconds
        while needle not in self.terminal.text:
            assert time.monotonic() < end, f"{needle!r} never came:\n{self.terminal.text}\n{self.sent[-2000:]!r}"
            self.pump(0.03)
        return self.terminal.text

    def rest(self) -> str:
        """Read until nothing is left to do, however slow the machine is; return what came."""
        came, calm, end = "", 0, time.monotonic() + 60
        while calm < 15:
            assert time.monotonic() < end, f"it never rests:\n{self.sent[-2000:]!r}"
            part = self.pump(0.02)
            came += part
            calm = 0 if part or self._works() else calm + 1
        return came

    def answer(self, keys: str) -> str:
        """Type `keys`; return all that is sent for them."""
        os.write(self.fd, keys.encode())
        end, came = time.monotonic() + 60, ""
        while not came:
            assert time.monotonic() < end, f"no answer to {keys!r}"
            came = self.pump(0.02)
        return came + self.rest()

    def _works(self) -> bool:
        """Whether any thread of the program, or of what it started, runs, or would if a processor were free."""
        processes = [self.pid]
        for process in processes:
            with suppress(FileNotFoundError, ProcessLookupError):  # it has just ended
                for task in Path(f"/proc/{process}/task").iterdir():
                    if (task / "stat").read_text().rpartition(")")[2].split()[0] in "RD":
                        return True
                    processes += [int(child) for child in (task / "children").read_text().split()]
        return False

    def until_sent(self, needle: str) -> None:
        """Read until `needle` was sent, whatever is shown."""
        end = time.monotonic() + 60
        while needle not in self.sent:
            assert time.monotonic() < end, f"{needle!r} was never sent:\n{self.sent[-2000:]!r}"
            self.pump(0.01)

    def press(self, keys: str, needle: str) -> str:
        """Type `keys` and wait for `needle`."""
        os.write(self.fd, keys.encode())
        return self.until(needle)

    def wait(self, seconds: float = 60) -> int:
        """Wait for the end, and read what was sent until then; return the exit code, negative for a signal."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.code = os.waitstatus_to_exitcode(status)
                while self.pump(0.1):
                    """What it sent lies in the terminal."""
                return self.code
            self.pump(0.02)
        raise AssertionError(f"it did not end:\n{self.terminal.text}")


@contextmanager
def session(
    store: Path, *, size: tuple[int, int] = SIZE, command: list[str] | None = None, **env: str
) -> Iterator[Session]:
    """Run the program on `store`, or `command`."""
    unwanted = ("NO_COLOR", "TMUX", "STY", "NORTHSTAR_STORE", "NORTHSTAR_CONFIG", "COLUMNS", "LINES")
    base = {k: v for k, v in os.environ.items() if k not in unwanted}
    base |= {"TERM": "xterm-256color", "COLORTERM": "truecolor", "HOME": str(store.parent), **env}
    command = command or [sys.executable, "-m", "northstar_tui", "--store", str(store)]
    running = Session(command, base, size)
    try:
        yield running
    finally:
        if running.code is None:
            os.kill(running.pid, signal.SIGKILL)
            os.waitpid(running.pid, 0)
        os.close(running.fd)
