"""``python -m benchmarks``: measure every promise, print one table.

The full run fills stores of 100 thousand, 1 million and 10 million entries by `append` itself (some 8 GB in --dir, kept
there for the next run when --dir is given) and takes about half an hour, most of it filling. ``--quick`` takes a minute
and decides what it is large enough to decide.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from benchmarks import appending, drill, headless, live, peers, screen, size
from benchmarks.material import DAY, SPAN, fill
from benchmarks.pseudo import SilenceError
from benchmarks.result import Row, as_json, table
from northstar_tui.errors import NorthStarError


@dataclass(frozen=True, slots=True)
class Scale:
    """How much a run measures."""

    entries: tuple[int, ...]
    """Sizes of the stores, smallest first."""
    append: int
    walks: int
    runs: int
    presses: int
    writes: int
    idle: float
    """Seconds."""
    soak: int
    """Events."""


FULL = Scale((100_000, 1_000_000, 10_000_000), 200_000, 40, 15, 200, 100_000, 30.0, 90_000)
QUICK = Scale((2_000, 20_000), 3_000, 5, 1, 12, 3_000, 1.0, 3_000)
PARTS = (
    "append",
    "drill",
    "size",
    "headless",
    "start",
    "keys",
    "commits",
    "rest",
    "bytes",
    "screens",
    "day",
    "events",
    "soak",
    "peers",
)


def main() -> None:
    """Run the benchmarks."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="small stores and few repetitions")
    parser.add_argument("--dir", type=Path, help="folder for the stores; they stay there and are used again")
    parser.add_argument("--entries", type=int, nargs="+", metavar="N", help="sizes of the stores, instead of the usual")
    parser.add_argument("--only", nargs="+", choices=PARTS, help="measure these parts")
    parser.add_argument("--json", action="store_true", help="the rows as JSON, with the numbers behind them")
    parsed = parser.parse_args()
    scale = QUICK if parsed.quick else FULL
    only = parsed.only or (PARTS[:-1] if parsed.quick else PARTS)  # a quick run installs nothing
    sizes = tuple(sorted(parsed.entries)) if parsed.entries else scale.entries
    if parsed.dir is not None:
        parsed.dir.mkdir(parents=True, exist_ok=True)
        rows = run(parsed.dir, scale, sizes, only)
    else:
        with tempfile.TemporaryDirectory(prefix="northstar-benchmarks-") as folder:
            rows = run(Path(folder), scale, sizes, only)
    sys.stdout.write((as_json(rows) if parsed.json else table(rows)) + "\n")
    sys.exit(any(row.met is False for row in rows))


def run(folder: Path, scale: Scale, sizes: tuple[int, ...], only: Iterable[str]) -> list[Row]:
    """Measure the parts named in `only`, with stores in `folder`; return the rows in the order of PARTS."""
    wanted = set(only)
    rows: list[Row] = []
    if "append" in wanted:  # first, while the disk is quiet
        rows += _told(
            "append", lambda: appending.measure(folder, count=scale.append, runs=3 if scale.append >= 50_000 else 1)
        )
    if wanted == {"append"}:
        return rows
    stores = {}
    for count in sizes:
        stores[count] = _filled(folder, f"entries-{count}.db", count, SPAN)
    half = sizes[len(sizes) // 2]
    largest, middle = stores[sizes[-1]], stores[half]
    parts: dict[str, Callable[[], list[Row]]] = {
        "drill": lambda: drill.measure(stores, walks=scale.walks),
        "size": lambda: [row for path in dict.fromkeys((middle, largest)) for row in size.measure(path)],
        "headless": lambda: headless.measure(largest, runs=scale.runs),
        "start": lambda: screen.start(largest, runs=scale.runs),
        "keys": lambda: screen.keys(stores[sizes[0]], presses=scale.presses, events=scale.writes),
        "commits": lambda: screen.commits(stores[sizes[0]], count=max(3, scale.presses // 4)),
        "rest": lambda: screen.rest(largest, seconds=scale.idle),
        "bytes": lambda: screen.sizes(largest),
        "screens": lambda: live.screens(largest, presses=scale.presses),
        "day": lambda: live.day(_filled(folder, f"day-{half}.db", half, DAY), half, presses=scale.presses // 5),
        "events": lambda: live.events(stores[sizes[0]], seconds=scale.idle),
        "soak": lambda: live.soak(stores[sizes[0]], count=scale.soak),
        "peers": lambda: peers.measure(largest, folder, runs=scale.runs),
    }
    for name, part in parts.items():
        if name in wanted:
            rows += _told(name, part)
    return rows


def _filled(folder: Path, name: str, count: int, span: int) -> Path:
    begun = time.perf_counter()
    spent = fill(folder / name, count, span=span)
    _tell(f"{name}, {count:,} entries: {time.perf_counter() - begun:,.0f} s, {spent:,.0f} s of them in append")
    return folder / name


def _told(name: str, part: Callable[[], list[Row]]) -> list[Row]:
    """Measure one part; where it cannot be, a row says why and the others go on."""
    _tell(f"measuring {name} …")
    try:
        return part()
    except (NorthStarError, SilenceError, OSError, subprocess.SubprocessError) as error:
        return [Row(name, "can be measured", str(error)[:100], "—", False)]


def _tell(text: str) -> None:
    sys.stderr.write(text + "\n")


if __name__ == "__main__":
    main()
