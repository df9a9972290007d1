"""The schedule in real cockpits in real terminals, one of which dies, or starts without a network."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tui_office import UNSTARVED, BillsFake, office
from tui_session import Session, session

from northstar_tui.ledger.health import last_runs
from northstar_tui.ledger.store import Store
from northstar_tui.ledger.verify import verify


@pytest.fixture
def bills() -> Iterator[BillsFake]:
    with BillsFake() as fake:
        yield fake


def due(bills: BillsFake, folder: Path, every: str) -> Path:
    return office(folder, bills.config().replace("[sources.bills]\n", f'[sources.bills]\nevery = "{every}"\n'))


def config(store: Path) -> str:
    return str(store.with_name("config.toml"))


def synced(store: Path) -> None:
    verb = [sys.executable, "-m", "northstar_tui", "--store", str(store), "--config", config(store), "sync", "--quiet"]
    subprocess.run(verb, check=True, timeout=60)


def noted(log: Path, **wanted: Any) -> list[dict[str, Any]]:
    """Return the notes of a debug log that have these fields."""
    found = [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []
    return [note for note in found if wanted.items() <= note.items()]


def until(run: Session, holds: Callable[[], object], seconds: float = 60) -> None:
    """Read what the screen is sent until `holds()` is true."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, f"it never came true:\n{run.terminal.text}"
        run.pump(0.05)


def watched(store: Path, log: str) -> list[str]:
    return [sys.executable, "-c", UNSTARVED, "--store", str(store), "--debug", str(store.with_name(log))]


def test_a_second_cockpit_takes_the_schedule_over_when_the_first_is_killed(bills: BillsFake, tmp_path: Path) -> None:
    store = due(bills, tmp_path, "3s")
    synced(store)
    one, two = tmp_path / "one", tmp_path / "two"
    with session(store, command=watched(store, "one"), NORTHSTAR_CONFIG=config(store)) as first:
        until(first, lambda: noted(one, event="schedule", state="kept"))
        with session(store, command=watched(store, "two"), NORTHSTAR_CONFIG=config(store)) as second:
            second.until("http_json:bills")
            until(second, lambda: noted(two, event="schedule", state="kept by another"))
            until(second, lambda: len(bills.requests) >= 4)
            assert not noted(two, event="child"), "the first one fetches"
            second.press("7", "Next run")
            shown = next(line for line in second.terminal.text.splitlines() if "● fresh" in line)
            assert shown.partition(" now ")[2].split()[0] == "—", "another's times are not ours to tell"
            bills.count = 5  # dollars more, which nobody has fetched yet
            os.kill(first.pid, signal.SIGKILL)
            until(second, lambda: noted(two, event="schedule", state="kept"))
            second.until("net ▼ -$5.00")
            until(second, lambda: noted(two, event="child", state="ended", code=0))
            os.write(second.fd, b"q")
            assert second.wait() == 0
    with Store.open(store) as kept_store:
        assert verify(kept_store).ok
        assert last_runs(kept_store)["http_json:bills"].outcome in ("done", "stopped")
    assert "Traceback" not in second.sent
    assert '"event"' not in second.sent, "the log never reaches the screen"


def test_a_cockpit_that_starts_without_a_network_shows_what_it_has_and_catches_up(
    bills: BillsFake, tmp_path: Path
) -> None:
    store = due(bills, tmp_path, "2s")
    synced(store)
    bills.stop()
    bills.count = 9
    log = tmp_path / "log"
    with session(store, command=watched(store, "log"), NORTHSTAR_CONFIG=config(store)) as run:
        run.until("net ▼ -$3.00")
        assert "● http_json:bills" in run.terminal.text, "it says how old it is"
        until(run, lambda: noted(log, event="http", failed="ConnectError"))
        run.until("✗ http_json:bills")
        run.press("7", "no connection")
        assert "net ▼ -$3.00" in run.terminal.text, "the cockpit stays of use"
        assert "✗ failing" in run.terminal.text
        bills.start()
        run.until("net ▼ -$9.00")
        run.until("● fresh")
        until(run, lambda: "✗" not in run.terminal.text.splitlines()[0])
        os.write(run.fd, b"q")
        assert run.wait() == 0
    with Store.open(store) as kept:
        assert verify(kept).ok
        assert kept.connection.execute("SELECT count(*) FROM event").fetchone()[0] == 9, "each once"


def test_a_cockpit_that_starts_before_anything_was_fetched_waits_for_the_network(
    bills: BillsFake, tmp_path: Path
) -> None:
    store = due(bills, tmp_path, "2s")
    bills.stop()
    with session(store, command=watched(store, "log"), NORTHSTAR_CONFIG=config(store)) as run:
        run.until("fetch now from http_json:bills")
        until(run, lambda: noted(tmp_path / "log", event="http", failed="ConnectError"))
        bills.start()
        run.until("net ▼ -$3.00")


def test_the_screen_and_the_log_do_not_share_a_terminal(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "northstar_tui", "--store", str(tmp_path / "s.db"), "--debug", "-"]
    with session(tmp_path / "s.db", command=command) as run:
        assert run.wait() == 1
    assert "cannot share a terminal: name a file: --debug FILE" in run.sent
    assert "\x1b[?1049h" not in run.sent
