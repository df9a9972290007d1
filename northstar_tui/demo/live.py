"""The present of the simulated company: a child process that appends a few events every few seconds of an open demo.

`feeding` starts and stops it. Its standard input is a pipe that nobody writes to: when the parent goes, also by
``kill -9``, the pipe ends and so does the child.
"""

from __future__ import annotations

import argparse
import os
import select
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from random import Random
from typing import Any

from northstar_tui.calendar import SECOND
from northstar_tui.demo import office
from northstar_tui.demo.held import perp_quote, quote_event
from northstar_tui.demo.markets import Lot, lot_event
from northstar_tui.demo.sportsbook import Bet
from northstar_tui.events import Batch, Event
from northstar_tui.ledger.held import holdings, quote
from northstar_tui.ledger.store import Store, StoreError, now

PAUSE = (2.0, 5.0)
"""Shortest and longest wait between two appends, in seconds."""
_COINS = ("BTC", "ETH", "SOL")
_PICKS = ("Arsenal", "Sinner", "over 224.5", "Knicks +3", "Yankees")
_MODELS = (
    (office.ANTHROPIC, "claude-sonnet-4"),
    (office.ANTHROPIC, "claude-haiku-4"),
    (office.OPENROUTER, "google/gemini-flash"),
)


@contextmanager
def feeding(path: Path, seed: int, pause: tuple[float, float] = PAUSE) -> Iterator[subprocess.Popen[bytes]]:
    """Keep events arriving in the demo store at `path` for as long as the block runs."""
    command = [sys.executable, "-m", __name__, str(path), "--seed", str(seed), "--pause", *map(str, pause)]
    quiet = subprocess.DEVNULL
    child = subprocess.Popen(  # noqa: S603 - our own interpreter and module
        command, stdin=subprocess.PIPE, stdout=quiet, stderr=quiet, start_new_session=True
    )
    try:
        yield child
    finally:
        assert child.stdin is not None
        with suppress(OSError):
            child.stdin.close()
        try:
            child.wait(5)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


class Present:
    """What happens next. Keys carry the instant the feed `began`, so that no two feeds say the same thing."""

    def __init__(self, random: Random, began: int, quoted: Mapping[str, Mapping[str, Any]] | None = None) -> None:
        """`quoted` is what the markets that are held were quoted at last, by ticker."""
        self._random = random
        self._quoted = dict(quoted or {})
        self._began = began // SECOND
        self._number = 0
        self._bets: list[Bet] = []
        self._last: tuple[str, Lot] | None = None

    def next(self, at: int) -> Batch:
        """Return one source's next events, which happened just before instant `at`."""
        self._number += 1
        happening = self._random.choices(
            (self._fills, self._bet, self._usage, self._correction, self._quotes), weights=(5, 3, 3, 0.4, 7)
        )[0]
        found = happening(at)
        return Batch(found[0].source, found)

    def _key(self, about: str) -> str:
        return f"{about}-{self._began}-{self._number}"

    def _fills(self, at: int) -> list[Event]:
        random = self._random
        coin, price = random.choice(_COINS), random.randint(28, 74)
        lot = Lot(
            ticker=f"KX{coin}15M-LIVE-{self._number:02d}",
            title=f"{coin} up in the quarter hour",
            side=random.choice(("yes", "no")),
            quantity=random.randint(10, 60) * 100,
            entry=price,
            exit=100 if random.random() < price / 100 + 0.03 else 0,
            opened=at - random.randint(120, 800) * SECOND,
            closed=at,
        )
        key = self._key("crypto")
        self._last = (f"{key}-0", lot)
        return [lot_event(lot, f"{key}-{fill}", 0) for fill in range(random.choice((1, 1, 2, 3)))]

    def _bet(self, at: int) -> list[Event]:
        random = self._random
        if len(self._bets) > 3 or (self._bets and random.random() < 0.5):
            result = random.choices(("win", "loss", "push"), weights=(48, 50, 2))[0]
            return [self._bets.pop(0).settled_event(at, result, 0)]
        stake = random.randint(2, 20) * 5_000_000
        bet = Bet(self._key("B"), "DraftKings", "Live", random.choice(_PICKS), random.randint(160, 240), stake, at)
        self._bets.append(bet)
        return [bet.placed_event(0)]

    def _usage(self, at: int) -> list[Event]:
        source, model = self._random.choice(_MODELS)
        amount = self._random.randint(2_000, 180_000)
        key = office.KEYS[model][0]
        return [office.usage(source, self._key(model), model, key, amount, at, 0)]

    def _quotes(self, at: int) -> list[Event]:
        """Return new quotes of a few of the markets that are held."""
        random = self._random
        found = []
        for ticker in random.sample(sorted(self._quoted), min(3, len(self._quoted))):
            body = {**self._quoted[ticker]}
            perpetual, step = "status" not in body, random.choice((-2, -1, 1, 2))
            bid, ask = (round(float(body[name]) * 100) + step * (60 if perpetual else 1) for name in ("bid", "ask"))
            if not perpetual and (bid < 1 or ask > 99 or at > body.get("expected_at", at)):
                continue
            body |= {"bid": f"{bid / 100:.2f}", "ask": f"{ask / 100:.2f}"}
            self._quoted[ticker] = body
            found.append(perp_quote(body, at) if perpetual else quote_event(ticker, body, at, 0))
        return [event for event in found if event.source == found[0].source] or self._usage(at)

    def _correction(self, at: int) -> list[Event]:
        if self._last is None:
            return self._usage(at)
        (key, lot), self._last = self._last, None
        other = Lot(lot.ticker, lot.title, lot.side, lot.quantity, lot.entry, 100 - lot.exit, lot.opened, lot.closed)
        return [lot_event(other, key, max(0, at - lot.closed))]


def run(path: Path, seed: int, pause: tuple[float, float]) -> None:
    """Append to the demo store at `path` until standard input ends. Raises StoreError for a real store."""
    began = now()
    random = Random(f"{seed}/live/{began}")  # noqa: S311 - a story, not a secret
    with Store.open(path, write=True) as store:
        if store.kind != "demo":
            raise StoreError(f"{path} is a {store.kind} store", "real and simulated money never mix")
        present = Present(random, began, _quoted(store, began))
        while not _ended(random.uniform(*pause)):
            store.append(present.next(now() // SECOND * SECOND))


def _quoted(store: Store, at: int) -> dict[str, Mapping[str, Any]]:
    """Return what the markets that are held were quoted at last, by ticker."""
    quotes = {each.instrument: quote(store, each.key, at) for each in holdings(store, at) if not each.state.flat}
    return {
        ticker: found.body
        for ticker, found in quotes.items()
        if found is not None and found.body.get("status", "active") == "active"
    }


def _ended(seconds: float) -> bool:
    """Wait; return whether standard input has ended meanwhile."""
    ready, _, _ = select.select([sys.stdin], [], [], seconds)
    return bool(ready) and not os.read(sys.stdin.fileno(), 64)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the feed: ``python -m northstar_tui.demo.live STORE``."""
    parser = argparse.ArgumentParser(prog="northstar-demo-feed", description=main.__doc__)
    parser.add_argument("store", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--pause", type=float, nargs=2, default=PAUSE, metavar=("MIN", "MAX"))
    parsed = parser.parse_args(arguments)
    run(parsed.store, parsed.seed, tuple(parsed.pause))


if __name__ == "__main__":
    main()
