"""A child process that appends a deterministic history batch by batch and says so: prey of the kill and crowd tests.

    python appender.py STORE NAME FIRST COUNT

prints ``ready``, then the number of each batch once its append has returned.
"""

from __future__ import annotations

import sys
from pathlib import Path
from random import Random

from northstar_tui.events import Batch, Event
from northstar_tui.ledger.rules import Rules
from northstar_tui.ledger.store import Store, StoreError

START = 1_735_689_600_000_000  # 2025-01-01 UTC
RULES = Rules("America/New_York", books={"one": "john", "two": "operations"}, categories={"KXHIGH": "weather"})
SIZE = 12


def batch(name: str, number: int) -> Batch:
    """Return batch `number` of the history `name`: new trades, corrections of earlier ones, settled bets, a cursor."""
    random = Random(f"{name} {number}")
    events = []
    for n in range(SIZE):
        at = START + random.randrange(400 * 86_400) * 1_000_000
        net = random.randrange(-(10**8), 10**8)
        facts = {"gross": net + 7, "net": net, "closed_at": at, "opened_at": at - 10**9, "stake": 5_000_000}
        if number and n % 4 == 0:  # a correction: the money moves to another day
            key = f"t{random.randrange(number)}-{random.choice([1, 2, 3])}"
            events.append(Event(name, key, "trade.closed", at, facts | {"instrument": "KXHIGHNY-1"}, f"{key};{net}"))
        elif n % 4 == 1:
            events.append(Event(name, f"b{number}-{n}", "bet.placed", at, {"stake": 5, "opened_at": at}))
            if random.random() < 0.5:
                events.append(Event(name, f"b{number}-{n}", "bet.settled", at + 10**10, {"gross": net, "net": net}))
        else:
            events.append(Event(name, f"t{number}-{n}", "trade.closed", at, facts, f"t{number}-{n};{net}", n))
    return Batch(name, events, cursor=str(number))


def main(path: str, name: str, first: str, count: str) -> None:
    """Append batches `first` … `first` + `count` − 1."""
    with Store.create(Path(path), RULES) as store:
        print("ready", flush=True)
        for number in range(int(first), int(first) + int(count)):
            try:
                store.append(batch(name, number))
            except StoreError as error:
                print(f"refused {error}", flush=True)
                raise SystemExit(1) from error
            print(number, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
