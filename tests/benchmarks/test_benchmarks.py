"""The benchmarks run: every row is there, and what a small run can decide is decided."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from benchmarks.glass import Glass
from benchmarks.result import Row, as_json, quantile, table

ROOT = Path(__file__).parents[2]
ROWS = (
    "append, batches of 1,000, in order",
    "append, batches of 1,000, scattered",
    "drill-down step, 300 entries",
    "drill-down step, 900 entries",
    "growth, 3×",
    "rollups' size",
    "report --json, headless",
    "start to first paint with data",
    "key to paint, at rest",
    "key to paint, four commits a second",
    "key to paint while",
    "commit in another process to painted",
    "memory of the cockpit",
    "idle for",
    "bytes at 120×40: first paint",
    "bytes at 120×40: drill",
    "bytes at 120×40: cursor move",
    "key to paint on overview",
    "key to paint on costs",
    "ten events a second",
    "memory over",
    "the truth after",
)


def test_a_quick_run_prints_every_row(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", "--quick", "--json", "--entries", "300", "900", "--dir", str(tmp_path)],
        cwd=ROOT, capture_output=True, text=True, timeout=300, stdin=subprocess.DEVNULL, check=False,
    )  # fmt: skip
    rows = json.loads(done.stdout)
    missing = [name for name in ROWS if not any(row["promise"].startswith(name) for row in rows)]
    assert not missing, done.stderr
    assert done.returncode in (0, 1)
    # Timings on a busy machine decide nothing here; what is counted does.
    counted = {row["promise"]: row["met"] for row in rows if row["promise"].startswith("bytes")}
    assert all(counted.values()), counted


def test_the_table_is_aligned_and_says_what_was_not_met() -> None:
    rows = [
        Row("one", "≤ 1", "2", "2.0", False),
        Row("another one", "≤ 1", "1", "1.0", True),
        Row("x", "", "", "", None),
    ]
    lines = table(rows).splitlines()
    assert lines[0].split() == ["PROMISE", "TARGET", "MEASURED", "RATIO", "MET"]
    assert lines[1].endswith("NO")
    assert lines[2].endswith("yes")
    assert lines[3].endswith("—")
    assert len({line.index("≤") for line in lines[1:3]}) == 1
    assert [row["met"] for row in json.loads(as_json(rows))] == [False, True, None]


def test_a_quantile_is_one_of_the_values() -> None:
    assert quantile([3.0, 1.0, 2.0], 0.5) == 2.0
    assert quantile([3.0, 1.0, 2.0], 0.95) == 3.0
    assert quantile([1.0], 0.99) == 1.0


def test_the_glass_shows_what_a_terminal_would() -> None:
    glass = Glass(12, 3)
    glass.feed(b"\x1b[?2026h\x1b[2J\x1b[2;3H\x1b[38;2;1;2;3mhello\x1b[0m\x1b[2;7Hp!")
    glass.feed(b"\x1b[3;1Hcut in a se\x1b[1")
    glass.feed(b";1Hquence \xe2\x96")
    glass.feed(b"\xb2\x1b[?2026l")
    assert [line.rstrip() for line in glass.lines()] == ["quence ▲", "  hellp!", "cut in a se"]
    assert glass.shows("hellp!")
    assert not glass.shows("hello")
    glass.feed(b"\x1b[2;1H\x1b[K\x1b[3;13Hbeyond the edge")
    assert [line.rstrip() for line in glass.lines()] == ["quence ▲", "", "cut in a se"]
