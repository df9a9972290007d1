"""Another process that writes: ``python -m benchmarks.writer STORE COUNT [--one-by-one | --every S | --batch N]``.

By default it appends COUNT events in batches of a thousand, as a sync would, or of N. With ``--one-by-one`` it appends
one event for each line on its standard input, titled with that line, and answers with the instant of the commit
(monotonic, s). With ``--every`` it appends one event every S seconds.
"""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from pathlib import Path

from benchmarks.material import events
from northstar_tui.events import Batch, Event
from northstar_tui.ledger.store import Store, now


def present(count: int, salt: int) -> list[Event]:
    """Return `count` synthetic trades that close now, with keys of their own."""
    at = now() // 1_000_000 * 1_000_000
    return [
        replace(
            event,
            key=f"now-{salt}-{event.key}",
            occurred_at=at,
            body={**event.body, "opened_at": at - 60_000_000, "closed_at": at},
        )
        for event in events(count, seed=salt)
    ]


def main() -> None:
    """Write, and say when."""
    path, count = Path(sys.argv[1]), int(sys.argv[2])
    with Store.open(path, write=True) as store:
        base = time.time_ns() % 10**9
        if "--one-by-one" in sys.argv:
            for number, line in enumerate(sys.stdin):
                event = present(1, base + number)[0]
                body = {**event.body, "title": line.strip()}
                store.append(Batch(event.source, [replace(event, body=body)]))
                sys.stdout.write(f"{time.monotonic()}\n")
                sys.stdout.flush()
            return
        if "--every" in sys.argv:
            for number in range(count):
                found = present(1, base + number)
                store.append(Batch(found[0].source, found))
                time.sleep(float(sys.argv[-1]))
            return
        size = int(sys.argv[-1]) if "--batch" in sys.argv else 1000
        for first in range(0, count, size):
            found = present(min(size, count - first), base + first)
            store.append(Batch(found[0].source, found))


if __name__ == "__main__":
    main()
