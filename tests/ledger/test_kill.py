"""kill -9 at random moments of appending, a hundred times on one store: nothing lost, nothing twice."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import appender
from ledger_names import named

from northstar_tui.calendar import ALL
from northstar_tui.ledger import queries
from northstar_tui.ledger.store import Store
from northstar_tui.ledger.verify import verify

KILLS = 100
CHILD = Path(appender.__file__)


def children_of_one_interpreter(path: Path) -> subprocess.Popen[str]:
    """Start a process that forks one appender after the other, so that a kill costs no interpreter start."""
    script = (
        "import os, sys\n"
        f"sys.path.insert(0, {str(CHILD.parent)!r})\n"
        "import appender\n"
        "for line in sys.stdin:\n"
        "    first, count = line.split()\n"
        "    child = os.fork()\n"
        "    if not child:\n"
        f"        appender.main({str(path)!r}, 'one', first, count)\n"
        "        os._exit(0)\n"
        "    print('pid', child, flush=True)\n"
        "    print('status', os.waitpid(child, 0)[1], flush=True)\n"
    )
    return subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
    )


def cursor(store: Store) -> int:
    row = store.connection.execute("SELECT value FROM cursor").fetchone()
    return int(row[0]) if row else -1


def test_a_hundred_kills_lose_nothing_and_double_nothing(tmp_path: Path) -> None:
    path = tmp_path / "killed.db"
    dice = random.Random()
    parent = children_of_one_interpreter(path)
    assert parent.stdin is not None and parent.stdout is not None
    stored, kills = -1, 0
    try:
        while kills < KILLS:
            parent.stdin.write(f"{stored + 1} 1000000\n")  # more than it lives for
            pid, acknowledged = 0, stored
            deadline: float | None = None
            for line in parent.stdout:
                word, _, value = line.strip().partition(" ")
                if word == "pid":
                    pid = int(value)
                elif word == "ready":
                    deadline = time.monotonic() + dice.uniform(0, 0.012)
                elif word == "status":
                    assert int(value) == signal.SIGKILL, "it was killed, it did not fail"
                    break
                elif word.isdigit():
                    acknowledged = int(word)
                assert word != "refused", line
                if pid and deadline is not None and dice.random() < 0.8:
                    time.sleep(max(0.0, deadline - time.monotonic()))
                    os.kill(pid, signal.SIGKILL)
                    deadline, pid = None, 0
                    kills += 1
            with Store.create(path, appender.RULES) as store:
                reached = cursor(store)
                assert acknowledged <= reached <= acknowledged + 1, (
                    "what was acknowledged is there, and no batch by half"
                )
                stored = reached
                if kills % 10 == 0:
                    assert verify(store).ok
                    assert store.connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    finally:
        parent.stdin.close()
        parent.wait()
        parent.stdout.close()
    last = stored + 20
    with Store.create(path, appender.RULES) as survived, Store.create(tmp_path / "calm.db", appender.RULES) as calm:
        for number in range(stored + 1, last):
            survived.append(appender.batch("one", number))
        for number in range(last):
            calm.append(appender.batch("one", number))
        assert verify(survived).ok
        assert named(survived) == named(calm)
        assert queries.total(survived, ALL) == queries.total(calm, ALL)
        log = "SELECT id, subject_id, revision, kind_id, occurred_at, book_id, line, body, raw FROM event ORDER BY id"
        assert survived.connection.execute(log).fetchall() == calm.connection.execute(log).fetchall()
        again = [survived.append(appender.batch("one", number)) for number in (last - 1,)]
        assert all(counts.new == counts.revised == 0 for counts in again)
