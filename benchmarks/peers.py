"""Two well-known Textual apps in the same harness and run: what a start costs there.

They are installed from PyPI into virtual environments of their own, once; without a network the row says so.
"""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from benchmarks.pseudo import Screen, hello, northstar
from benchmarks.result import Row, median, milliseconds
from benchmarks.screen import net_text


@dataclass(frozen=True, slots=True)
class Peer:
    """An app: what pip installs, and how it is opened on a folder made for it."""

    name: str
    packages: tuple[str, ...]
    command: Callable[[Path, Path], list[str]]
    """From the folder of its programs and the folder it works in."""
    shows: str
    """Text that stands in its first whole frame."""


def _posting(programs: Path, folder: Path) -> list[str]:
    return [str(programs / "posting"), "--collection", str(folder)]


def _harlequin(programs: Path, folder: Path) -> list[str]:
    with closing(sqlite3.connect(folder / "peer.db")) as made:
        made.execute("CREATE TABLE IF NOT EXISTS t (a)")
    return [str(programs / "harlequin"), "-a", "sqlite", str(folder / "peer.db")]


PEERS = (
    # Posting's own pin of tree-sitter is too loose: with 0.26 it ends at once.
    Peer("Posting 2.11.1", ("posting==2.11.1", "tree-sitter==0.25.2"), _posting, "Collection"),
    Peer("Harlequin 2.17.0", ("harlequin==2.17.0",), _harlequin, "Data Catalog"),
)


def measure(store: Path, folder: Path, *, runs: int) -> list[Row]:
    """Return a row for each peer, against the cockpit on `store`; their environments are kept in `folder`."""
    mine = (northstar(store), net_text(store), {})
    rows = []
    for peer in PEERS:
        try:
            programs = _installed(peer, folder)
        except (subprocess.SubprocessError, OSError) as error:
            rows.append(Row(f"start, {peer.name}", "can be installed", str(error)[:80], "—", None))
            continue
        with tempfile.TemporaryDirectory() as home:
            theirs = (peer.command(programs, Path(home)), peer.shows, {"HOME": home})
            rows.append(_row(peer, _starts(runs, mine, theirs, (hello(), "hello, world", {}))))
    return rows


def _installed(peer: Peer, folder: Path) -> Path:
    place = folder / f"peer-{peer.packages[0].replace('==', '-')}"
    done = place / "installed"
    if not done.exists():
        subprocess.run([sys.executable, "-m", "venv", "--clear", place], check=True, timeout=120)
        pip = [str(place / "bin" / "python"), "-m", "pip", "install", "-q", "--disable-pip-version-check"]
        subprocess.run([*pip, *peer.packages], check=True, timeout=900, capture_output=True)
        done.touch()
    return place / "bin"


Program = tuple[list[str], str, dict[str, str]]
"""Command, text of its first frame, environment."""


def _starts(runs: int, *programs: Program) -> list[tuple[float, int, int]]:
    """Return (median seconds to first paint, bytes until settled, resident bytes) of each program, taken in turn."""
    times: list[list[float]] = [[] for _ in programs]
    others = [(0, 0)] * len(programs)
    for run in range(-1 if runs > 1 else 0, runs):
        for place, (command, text, environment) in enumerate(programs):
            with Screen(command, environment) as screen:
                painted = screen.wait_for(text)
                screen.settle(0.5)
                others[place] = len(screen.written), screen.memory()
                if run >= 0:
                    times[place].append(painted)
    return [(median(found), *other) for found, other in zip(times, others, strict=True)]


def _row(peer: Peer, found: list[tuple[float, int, int]]) -> Row:
    ours, theirs, base = found

    def told(each: tuple[float, int, int]) -> str:
        return f"{milliseconds(each[0])}, {each[1] / 1000:.0f} KB, {each[2] / 1e6:.0f} MB"

    return Row(
        f"start, {peer.name}",
        "ours is less",
        f"{told(theirs)}; ours {told(ours)}",
        f"{theirs[0] / base[0]:.2f}× hello, ours {ours[0] / base[0]:.2f}×",
        all(mine < other for mine, other in zip(ours, theirs, strict=True)),
        {"theirs_ms": theirs[0] * 1000, "ours_ms": ours[0] * 1000, "hello_ms": base[0] * 1000},
    )
