"""The real program in a real tmux."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

HERE = pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed (apt-get install tmux)")


PATIENT = """
from northstar_tui.tui import terminal
terminal.TMUX = 60
from northstar_tui.__main__ import main
main()
"""
"""The program, which gives tmux more time for what is copied than an operator would like: a machine may be busy."""


class Tmux:
    """A tmux server of its own, with the program in its one pane."""

    def __init__(self, store: Path, folder: Path, size: tuple[int, int]) -> None:
        self._socket = folder / "tmux"
        unwanted = ("NO_COLOR", "TMUX", "STY", "COLUMNS", "LINES", "NORTHSTAR_STORE", "NORTHSTAR_CONFIG")
        self._env = {k: v for k, v in os.environ.items() if k not in unwanted}
        self._env |= {"HOME": str(folder), "XDG_RUNTIME_DIR": str(folder), "LC_ALL": "C.UTF-8"}
        program = [sys.executable, "-c", PATIENT, "--store", str(store)]
        self.run("-f", "/dev/null", "new-session", "-d", "-x", str(size[0]), "-y", str(size[1]), *program)

    def run(self, *args: str) -> str:
        """Run a tmux command; return what it prints."""
        done = subprocess.run(
            ["tmux", "-u", "-S", str(self._socket), *args], capture_output=True, text=True, env=self._env, check=True,
            timeout=60,
        )  # fmt: skip
        return done.stdout

    def until(self, needle: str, read: Callable[[], str] | None = None) -> str:
        """Wait until the pane shows `needle`; return what it shows."""
        end = time.monotonic() + 60
        while needle not in (text := (read or self.shown)()):
            assert time.monotonic() < end, f"{needle!r} never came:\n{text}"
            time.sleep(0.05)
        return text

    def shown(self) -> str:
        """Return what the pane shows."""
        return self.run("capture-pane", "-p")

    def press(self, *keys: str) -> None:
        """Type keys, as tmux names them."""
        self.run("send-keys", *keys)

    def resize(self, columns: int, rows: int) -> None:
        """Give the terminal another size."""
        self.run("resize-window", "-x", str(columns), "-y", str(rows))

    def gone(self) -> bool:
        """Return whether the program has ended, and the server with its last pane."""
        command = ["tmux", "-S", str(self._socket), "list-sessions"]
        return subprocess.run(command, capture_output=True, check=False, timeout=60).returncode != 0
