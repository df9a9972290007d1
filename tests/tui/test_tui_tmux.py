"""The real program in a real tmux: what is copied lies in tmux's buffer, to the byte, and the screen says so."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tui_tmux import HERE, Tmux

pytestmark = HERE


@pytest.fixture
def tmux(own: Path, tmp_path: Path) -> Iterator[Tmux]:
    """The company's cockpit in tmux."""
    server = Tmux(own, tmp_path, (120, 40))
    try:
        yield server
    finally:
        server.run("kill-server")


def test_what_is_copied_lies_in_tmux_s_buffer(tmux: Tmux, own: Path, tmp_path: Path) -> None:
    tmux.until("Last events")
    tmux.press("2")
    tmux.until("Equity by")
    tmux.press("j", "y")
    tmux.until("Copied to tmux: 9.949999")
    assert tmux.run("show-buffer") == "9.949999"
    assert (tmp_path / "northstar" / "clipboard.txt").read_text() == "9.949999"
    tmux.press("Y")
    tmux.until("Copied to tmux: northstar --store")
    assert tmux.run("show-buffer") == f"northstar --store {own} report all --level year"


def test_the_way_back_has_keys_that_tmux_does_not_delay(tmux: Tmux) -> None:
    tmux.until("Last events")
    tmux.press("2")
    tmux.until("Equity by")
    for key in ("h", "Left", "BSpace"):
        tmux.press("Enter")
        tmux.until("All time › 20")
        tmux.press(key)
        tmux.until(" All time   ")
