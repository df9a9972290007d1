"""The cockpit while things happen: keys on every screen, events as they come, and an hour of them at once."""

from __future__ import annotations

import time
from pathlib import Path

from benchmarks.pseudo import FRAME_END, Screen, SilenceError, hello, northstar
from benchmarks.result import Row, milliseconds, quantile
from benchmarks.screen import OVERVIEW_READY, copied, net_text, spread, writing

SCREENS = {"overview": "1", "ledger": "2", "positions": "3", "operations": "7", "costs": "9"}
"""Screens and the keys that lead to them."""


def screens(path: Path, *, presses: int) -> list[Row]:
    """Return a row for each screen: from a key to the end of the frame that it makes, on a store of any size.

    Going to the screen and back is measured apart from moving in it.
    """
    rows = []
    with Screen(northstar(path)) as screen:
        screen.wait_for(OVERVIEW_READY)
        screen.settle()
        for name, key in SCREENS.items():
            opened, moved = [], []
            for _ in range(max(3, presses // 10)):
                away = "7" if key != "7" else "2"
                screen.press(away)
                screen.settle()
                opened.append(_frame(screen, key))
                screen.settle()
            try:
                for number in range(presses):
                    moved.append(_frame(screen, "jk"[number % 2]))
                    screen.drain(0.02)
            except SilenceError:  # nothing to move in: the store has too little for this screen
                rows.append(Row(f"key to paint on {name}", "p95 ≤ 40 ms", "no rows", "—", None))
                continue
            p95 = quantile(moved, 0.95)
            rows.append(
                Row(
                    f"key to paint on {name}",
                    "p95 ≤ 40 ms",
                    f"{spread(moved)}; opening it {spread(opened)}",
                    "—",
                    p95 <= 0.040,
                    {"keys": len(moved), "opened": len(opened)},
                )
            )
    return rows


def _frame(screen: Screen, key: str) -> float:
    before = screen.press(key)
    pressed = screen.now()
    return screen.wait(lambda data: FRAME_END in data, since=before, timeout=2.0) - pressed


def events(path: Path, *, seconds: float) -> list[Row]:
    """Return the row of ten events a second from another process: processor time and bytes, seen from the terminal."""
    with copied(path) as store, Screen(northstar(store)) as screen:
        screen.wait_for(OVERVIEW_READY)
        screen.settle()
        with writing(store, "1000000", "--every", "0.1"):
            screen.drain(1.0)
            cpu, written, begun = screen.cpu(), len(screen.written), time.perf_counter()
            screen.drain(seconds)
            spent = time.perf_counter() - begun
            cpu, written = (screen.cpu() - cpu) / spent, len(screen.written) - written
    return [
        Row(
            "ten events a second",
            "told",
            f"{cpu:.1%} of a core, {written / spent / 1000:.1f} KB/s, {written / spent / 10:,.0f} bytes an event",
            "—",
            None,
            {"seconds": spent, "bytes": written},
        )
    ]


def soak(path: Path, *, count: int) -> list[Row]:
    """Return the rows of `count` events that come as fast as they can be written, fifty a commit, with somebody there.

    Thirty minutes at fifty a second are 90,000. Memory is to be flat and the last thing shown is to be the truth.
    """
    with Screen(hello()) as screen:
        screen.wait_for("hello, world")
        screen.settle()
        base = screen.memory()
    taken: list[int] = []
    with copied(path) as store, Screen(northstar(store)) as screen:
        screen.wait_for(OVERVIEW_READY)
        screen.settle()
        begun, keys = time.perf_counter(), 0
        taken.append(screen.memory())
        with writing(store, str(count), "--batch", "50") as writer:
            while writer.poll() is None:
                screen.press("1j2jl7jtk"[keys % 9])
                screen.drain(0.25)
                keys += 1
                taken.append(screen.memory())
        spent = time.perf_counter() - begun
        screen.press("1")
        ended = screen.now()
        told = max(0.0, screen.wait_for(net_text(store), timeout=10.0) - ended)
    third = max(1, len(taken) // 3)
    early, late = quantile(taken[third : 2 * third] or taken, 0.5), quantile(taken[-third:], 0.5)
    return [
        Row(
            f"memory over {count:,} events",
            "flat: ≤ 1.05, ≤ 1.5× hello",
            f"{early / 1e6:.1f} MB, then {late / 1e6:.1f} MB; {count / spent:,.0f} events a second, {keys} keys",
            f"{late / early:.2f}, {late / base:.2f}× hello",
            late <= 1.05 * early and late <= 1.5 * base,
            {"seconds": spent, "early_bytes": early, "late_bytes": late, "samples": len(taken)},
        ),
        Row(
            f"the truth after {count:,} events",
            "shown within 1 s",
            f"{told * 1000:.0f} ms after the last",
            "—",
            told <= 1.0,
            {"keys": keys},
        ),
    ]


def day(path: Path, count: int, *, presses: int) -> list[Row]:
    """Return the row of moving through one day of `count` entries: from a key to the selected row's figures."""
    keys = {"PgDn": "\x1b[6~", "End": "\x1b[F", "PgUp": "\x1b[5~", "Home": "\x1b[H", "j": "j"}
    found: dict[str, list[float]] = {name: [] for name in keys}
    with Screen(northstar(path)) as screen:
        screen.wait_for(OVERVIEW_READY)
        screen.settle()
        for key in (":", *"2024-01-01", "\r"):
            screen.press(key)
            screen.drain(0.02)
        screen.wait_for(f"of {count:,}")
        for turn in range(presses):
            for name, key in keys.items():
                screen.settle(0.05)
                before, pressed = screen.press(key), screen.now()
                painted = screen.wait(lambda data: FRAME_END in data and screen.selected("$"), since=before)
                if turn:  # the first opens what the store has not read yet
                    found[name].append(painted - pressed)
    times = [each for some in found.values() for each in some]
    p95 = quantile(times, 0.95)
    told = ", ".join(f"{name} {milliseconds(quantile(some, 0.95))}" for name, some in found.items())
    return [
        Row(
            f"key to rows in a day of {count:,}",
            "p95 ≤ 40 ms",
            f"{spread(times)}; p95 by key: {told}",
            "—",
            p95 <= 0.040,
            {"keys": len(times)},
        )
    ]
