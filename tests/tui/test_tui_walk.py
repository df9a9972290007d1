"""One walk through everything, in a real tmux, at the sizes people have.

A simulated company from its overview to a source line and back, every screen, every overlay, a size that is too small,
and the terminal given back at the end.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tui_tmux import HERE, Tmux

pytestmark = HERE
ALL_TIME = " all time"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A simulated company's store."""
    done = subprocess.run(
        [sys.executable, "-m", "northstar_tui", "demo", "--headless", "--seed", "7", "--until", "2026-05-20T14:30"],
        capture_output=True, text=True, check=True, timeout=120, env=None,
    )  # fmt: skip
    path = next(Path(word) for word in done.stderr.split() if word.endswith(".db"))
    kept = tmp_path_factory.mktemp("walk") / "demo.db"
    path.rename(kept)
    return kept


@pytest.fixture
def walk(demo: Path, tmp_path: Path) -> Iterator[Tmux]:
    """The company's cockpit in tmux, which is gone at the end of the walk."""
    server = Tmux(demo, tmp_path, (120, 40))
    yield server
    if not server.gone():
        server.run("kill-server")


def down_to_the_source_line(walk: Tmux) -> None:
    """Go from all time down to the log's own event and back by a key that no terminal delays."""
    walk.press("2")
    walk.until("All time  ")
    ways = {"End": " › 2026", "Home": " › Q1 2026", "PPage": " › Jan 2026", "Down": " › W", "C-l": " › Sat "}
    for key, crumb in ways.items():
        walk.press(key, "Enter")
        walk.until(crumb)
    walk.until("Opened" if "by opened" in walk.shown() else "Closed")
    walk.press("Enter")
    walk.until("› entry")
    walk.press("End", "Enter")
    walk.until("› event")
    for _ in range(7):
        walk.press("h")
    walk.until(" All time  ")


def test_a_walk_through_everything(walk: Tmux) -> None:
    text = walk.until("Last events")
    for section in (ALL_TIME, "Needs you", "Since the day began", "Books, ", "By category", "Pipeline"):
        assert section in text
    down_to_the_source_line(walk)
    walk.press("w")
    walk.until("why Net P&L")
    walk.press("a")
    walk.until("why Gross")
    walk.press("h", "b")
    walk.until("by opened")
    walk.press("b", "g")
    walk.until("calendar")
    walk.press("h", "1")
    walk.until("Last events")
    walk.press("2", "/")
    walk.press(*"category:weather", "Enter")
    walk.until("/category")
    walk.press("/")
    walk.press("C-u", "Enter")
    walk.press("7")
    walk.until("Operations")
    walk.until("kalshi")
    walk.press("Tab", "Enter")
    walk.until("›")
    walk.press("h", "?")
    walk.until("Every key")
    walk.press("?", ":")
    walk.press(*"overv")
    walk.until("Today, week, month, year")
    walk.press("Enter")
    walk.until("Last events")
    walk.press("y")
    walk.until("Copied")


@pytest.mark.parametrize(("columns", "rows"), [(200, 50), (80, 24), (60, 20), (20, 6)])
def test_any_size_and_back(walk: Tmux, columns: int, rows: int) -> None:
    walk.until("Last events")
    walk.resize(columns, rows)
    walk.until("NorthStar" if columns > 20 else "small")
    for key in ("2", "7", "1"):
        walk.press(key)
    walk.resize(120, 40)
    walk.until("Last events")
    walk.press("q")
    walk.until("gone", read=lambda: "gone" if walk.gone() else "open")
