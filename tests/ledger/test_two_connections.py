"""Two connections of one process, as the cockpit's reader and its schedule are, beside writers that come and go."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from northstar_tui.ledger import state
from northstar_tui.ledger.rules import Rules
from northstar_tui.ledger.store import Store

WRITER = """
import sys
from pathlib import Path
from northstar_tui.events import Batch, Event
from northstar_tui.ledger.store import Store
with Store.open(Path(sys.argv[1]), write=True) as store:
    store.append(Batch("a", [Event("a", sys.argv[2], "cost.incurred", 10**15, {"amount": 5})]))
"""


def write(path: Path, key: str) -> None:
    subprocess.run([sys.executable, "-c", WRITER, str(path), key], check=True, timeout=60)


def test_a_second_connection_that_closes_takes_nothing_from_the_first(tmp_path: Path) -> None:
    path = tmp_path / "s.db"
    Store.create(path, Rules("UTC")).close()
    with Store.open(path) as reader:
        write(path, "one")
        with Store.open(path) as other:
            assert state.last_batch(other)
        for number, key in ((2, "two"), (3, "three")):
            write(path, key)  # as it leaves it deletes the log under a reader that has lost its locks
            batch = state.last_batch(reader)
            assert batch is not None and batch[0] == number
        assert path.with_name("s.db-wal").exists()
