"""The feed of an open demo: it appends, it refuses a real store, and it never outlives its parent."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from random import Random

from northstar_tui.calendar import ALL
from northstar_tui.demo.live import Present, feeding
from northstar_tui.demo.simulate import rules
from northstar_tui.ledger import queries
from northstar_tui.ledger.rules import Rules
from northstar_tui.ledger.store import Store, now
from northstar_tui.ledger.verify import verify

QUICK = (0.01, 0.03)


def _demo(path: Path) -> Path:
    Store.create(path, rules(now()), kind="demo").close()
    return path


def _wait(until: Callable[[], bool], seconds: float = 60.0) -> bool:
    end = time.monotonic() + seconds
    while not until():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def _entries(path: Path) -> int:
    with Store.open(path) as store:
        return queries.total(store, ALL, basis="opened").entries


def test_the_present_happens_just_before_it_is_told(tmp_path: Path) -> None:
    with Store.create(tmp_path / "demo.db", rules(now()), kind="demo") as store:
        quoted = {"KXHIGHNY-X": {"instrument": "KXHIGHNY-X", "bid": "0.40", "ask": "0.45", "status": "active"}}
        quoted["ETH"] = {"instrument": "ETH", "bid": "3050.10", "ask": "3050.30"}
        present = Present(Random(1), now(), quoted)
        for step in range(300):
            at = now() + step * 1_000_000
            batch = present.next(at)
            assert all(event.occurred_at <= (event.recorded_at or 0) <= at for event in batch.events)
            store.append(batch)
        kinds = {row[0] for row in store.connection.execute("SELECT name FROM dimension WHERE axis = 'event_kind'")}
        assert kinds == {"trade.closed", "bet.placed", "bet.settled", "cost.incurred", "market.quoted"}
        quotes = [row[0] for row in store.connection.execute("SELECT at FROM quote ORDER BY at")]
        assert len(quotes) > 50
        sources = {event[0] for event in store.connection.execute(
            "SELECT d.name FROM quote q JOIN dimension d ON d.id = q.source_id")}  # fmt: skip
        assert sources == {"kalshi", "hyperliquid"}
        assert store.connection.execute("SELECT max(revision) FROM event").fetchone()[0] > 1
        assert verify(store).ok


def test_events_keep_arriving_while_it_is_open_and_stop_with_it(tmp_path: Path) -> None:
    path = _demo(tmp_path / "demo.db")
    with feeding(path, 1, QUICK) as child:
        assert _wait(lambda: _entries(path) >= 5)
    assert child.returncode == 0
    count = _entries(path)
    time.sleep(0.2)
    assert _entries(path) == count
    with Store.open(path, write=True) as store:
        assert verify(store).ok


def test_it_refuses_a_real_store(tmp_path: Path) -> None:
    path = tmp_path / "real.db"
    Store.create(path, Rules()).close()
    with feeding(path, 1, QUICK) as child:
        assert child.wait(60) != 0
    assert _entries(path) == 0


def test_it_ends_when_its_parent_is_killed(tmp_path: Path) -> None:
    path = _demo(tmp_path / "demo.db")
    script = (
        "import sys, time; from pathlib import Path; from northstar_tui.demo.live import feeding\n"
        "with feeding(Path(sys.argv[1]), 1, (5.0, 6.0)) as child:\n    print(child.pid, flush=True)\n    time.sleep(60)"
    )
    parent = subprocess.Popen([sys.executable, "-c", script, str(path)], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    feed = int(parent.stdout.readline())
    os.kill(feed, 0)
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    parent.stdout.close()

    def gone() -> bool:
        try:
            os.kill(feed, 0)
        except ProcessLookupError:
            return True
        # Adopted by an init that does not reap: a zombie has ended, too.
        stat = Path(f"/proc/{feed}/stat")
        return stat.exists() and stat.read_text().rpartition(")")[2].split()[0] == "Z"

    assert _wait(gone)
