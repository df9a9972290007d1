"""`northstar demo` as a person or a script calls it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path


def _demo(tmp_path: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {
        "PATH": "",
        "TMPDIR": str(tmp_path),
        "HOME": str(tmp_path),
        "NORTHSTAR_STORE": str(tmp_path / "mine.db"),
    }
    return subprocess.run(
        [sys.executable, "-m", "northstar_tui", "demo", *arguments],
        capture_output=True, text=True, env=environment, stdin=subprocess.DEVNULL, timeout=60, check=False,
    )  # fmt: skip


def test_headless_prints_the_overview_and_says_where_the_store_is(tmp_path: Path) -> None:
    done = _demo(tmp_path, "--headless", "--until", "2026-05-01")
    assert done.returncode == 0, done.stderr
    assert "NorthStar DEMO" in done.stdout
    assert "scalper" in done.stdout
    stores = list(tmp_path.glob("northstar-demo-*/demo.db"))
    assert len(stores) == 1
    assert str(stores[0]) in done.stderr
    assert not (tmp_path / "mine.db").exists()


def test_json_is_the_same_for_the_same_seed_and_end(tmp_path: Path) -> None:
    first, second = (json.loads(_demo(tmp_path, "--json", "--until", "2026-05-01").stdout) for _ in range(2))
    assert first.pop("store") != second.pop("store")
    assert first == second
    other = json.loads(_demo(tmp_path, "--json", "--until", "2026-05-01", "--seed", "8").stdout)
    assert other["periods"]["all"]["net"] != first["periods"]["all"]["net"]


def test_a_wrong_moment_is_wrong_usage(tmp_path: Path) -> None:
    done = _demo(tmp_path, "--headless", "--until", "yesterdya")
    assert done.returncode == 2
    assert "yesterday" in done.stderr
    assert not list(tmp_path.glob("northstar-demo-*"))
