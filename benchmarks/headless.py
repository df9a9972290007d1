"""How long `northstar report --json` takes from nothing, against the interpreter with the two modules it needs."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from benchmarks.result import Row, median, milliseconds


def measure(path: Path, *, runs: int) -> list[Row]:
    """Return the row of the headless start, on the store at `path`."""
    report = [sys.executable, "-m", "northstar_tui", "--store", str(path), "report", "all", "--json"]
    bare = [sys.executable, "-c", "import sqlite3, json"]
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(runs):
        for command, found in zip((report, bare), times, strict=True):
            begun = time.perf_counter()
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
            found.append(time.perf_counter() - begun)
    ours, theirs = map(median, times)
    return [
        Row(
            "report --json, headless",
            "≤ 4× python -c 'import sqlite3, json'",
            f"{milliseconds(ours)} against {milliseconds(theirs)}",
            f"{ours / theirs:.2f}",
            ours / theirs <= 4,
            {"runs": runs, "report_min_ms": min(times[0]) * 1000, "bare_min_ms": min(times[1]) * 1000},
        )
    ]
