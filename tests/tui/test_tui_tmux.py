"""The real program in a real tmux: what is copied lies in tmux's buffer, to the byte, and the screen says so."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest


class Tmux:
    """A tmux server of its own, with the program in its one pane."""

    def __init__(self, store: Path, folder: Path, size: tuple[int, int]) -> None:
        self._socket = folder / "tmux"
        unwanted = ("NO_COLOR", "TMUX", "STY", "NORTHSTAR_STORE", "NORTHSTAR_CONFIG")
        self._env = {k: v for k, v in os.environ.items() if k not in unwanted}
        self._env |= {"HOME": str(folder), "XDG_RUNTIME_DIR": str(folder), "LC_ALL": "C.UTF-8"}
        program = [sys.executable, "-m", "northstar_tui", "--store", str(store)]
        self.run("-f", "/dev/null", "new-session", "-d", "-x", str(size[0]), "-y", str(size[1]), *program)

    def run(self, *args: str) -> str:
        """Run a tmux command; return what it prints."""
        done = subprocess.run(
            ["tmux", "-u", "-S", str(self._socket), *args], capture_output=True, text=True, env=self._env, check=True,
            timeout=10,
        )  # fmt: skip
        return done.stdout

    def until(self, needle: str, read: Callable[[], str] | None = None) -> str:
        """Wait until the pane shows `needle`; return what it shows."""
        end = time.monotonic() + 20
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


@pytest.fixture
def tmux(company: Path, tmp_path: Path) -> Iterator[Tmux]:
    """The company's cockpit in tmux."""
    server = Tmux(company, tmp_path, (120, 40))
    try:
        yield server
    finally:
        server.run("kill-server")


def test_what_is_copied_lies_in_tmux_s_buffer(tmux: Tmux, company: Path, tmp_path: Path) -> None:
    tmux.until("Last events")
    tmux.press("2")
    tmux.until("Equity by")
    tmux.press("j", "y")
    tmux.until("Copied 9.949999 → tmux, ")
    assert tmux.run("show-buffer") == "9.949999"
    assert (tmp_path / "northstar" / "clipboard.txt").read_text() == "9.949999"
    tmux.press("Y")
    tmux.until("Copied northstar --store")
    assert tmux.run("show-buffer") == f"northstar --store {company} report all --level year"


def test_the_way_back_has_keys_that_tmux_does_not_delay(tmux: Tmux) -> None:
    tmux.until("Last events")
    tmux.press("2")
    tmux.until("Equity by")
    for key in ("h", "Left", "BSpace"):
        tmux.press("Enter")
        tmux.until("All time › 20")
        tmux.press(key)
        tmux.until(" All time   ")
