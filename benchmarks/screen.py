"""The cockpit in a pseudo-terminal of 120×40, against a hello-world Textual app in the same run."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from benchmarks.pseudo import Screen, hello, northstar
from benchmarks.result import Row, median, milliseconds, quantile
from northstar_tui.calendar import ALL
from northstar_tui.ledger import queries
from northstar_tui.ledger.store import Store
from northstar_tui.money import dollars

OVERVIEW_READY = "all time"
"""Stands beside the net P&L on top of every screen."""


def net_text(path: Path) -> str:
    """Return the net P&L of all time as the screen's first line shows it: proof that a frame has data."""
    with Store.open(path) as store:
        return dollars(queries.total(store, ALL).net, plus=True)


def start(path: Path, *, runs: int) -> list[Row]:
    """Return the rows of the start: time and bytes to the first paint with data, memory, then idle."""
    needle = net_text(path)
    ours: list[float] = []
    theirs: list[float] = []
    for run in range(-1 if runs > 1 else 0, runs):  # the first pair warms the disk and does not count
        for command, text, found in ((northstar(path), needle, ours), (hello(), "hello, world", theirs)):
            with Screen(command) as screen:
                painted = screen.wait_for(text)
                if run >= 0:
                    found.append(painted)
    ratio = median(ours) / median(theirs)
    return [
        Row(
            "start to first paint with data",
            "≤ 1.6× hello world",
            f"{milliseconds(median(ours))} against {milliseconds(median(theirs))}",
            f"{ratio:.2f}",
            ratio <= 1.6,
            {"runs": runs, "ours_min_ms": min(ours) * 1000, "hello_min_ms": min(theirs) * 1000},
        )
    ]


def rest(path: Path, *, seconds: float) -> list[Row]:
    """Return the rows of memory and of doing nothing."""
    with Screen(hello()) as screen:
        screen.wait_for("hello, world")
        screen.settle()
        base = screen.memory()
    with Screen(northstar(path)) as screen:
        screen.wait_for(net_text(path))
        screen.settle()
        opened = screen.memory()
        cpu, written = screen.cpu(), len(screen.written)
        screen.drain(seconds)
        cpu, written = (screen.cpu() - cpu) / seconds, len(screen.written) - written
        for key in "2lllllll":
            screen.press(key)
            screen.settle()
        toured = screen.memory()
    return [
        Row(
            "memory of the cockpit",
            "≤ 1.4× hello world",
            f"{opened / 1e6:.1f} MB opened, {toured / 1e6:.1f} MB after a tour; hello {base / 1e6:.1f} MB",
            f"{max(opened, toured) / base:.2f}",
            max(opened, toured) <= 1.4 * base,
            {"opened_bytes": opened, "toured_bytes": toured, "hello_bytes": base},
        ),
        Row(
            f"idle for {seconds:.0f} s",
            "≤ 0.3 % CPU, 0 bytes",
            f"{cpu:.2%} CPU, {written} bytes",
            "—",
            # The kernel counts in hundredths of a second: a short look cannot tell 0.3 % from one tick.
            (cpu <= 0.003 and written == 0) if seconds >= 10 else None,
            {"seconds": seconds, "bytes": written},
        ),
    ]


def sizes(path: Path) -> list[Row]:
    """Return the rows of how many bytes are written for a first paint, a drill and a cursor move."""
    with Screen(hello()) as screen:
        screen.wait_for("hello, world")
        screen.settle()
        base = len(screen.written)
    with Screen(northstar(path)) as screen:
        screen.wait_for(net_text(path))
        screen.settle()
        first = len(screen.written)
        screen.press("2")
        screen.settle()
        moves = [_bytes(screen, key) for key in "kj"]  # it opens at the last row
        drills = [_bytes(screen, key) for key in "llll"]
    return [
        _size("first paint", first, 60_000, base),
        _size("drill", max(drills), 35_000, base),
        _size("cursor move", max(moves), 1_200, base),
    ]


def _bytes(screen: Screen, key: str) -> int:
    before = screen.press(key)
    screen.settle()
    return len(screen.written) - before


def _size(what: str, written: int, limit: int, base: int) -> Row:
    return Row(
        f"bytes at 120×40: {what}",
        f"≤ {limit / 1000:g} KB",
        f"{written / 1000:.2f} KB",
        f"{written / base:.2f}× hello's first",
        written <= limit,
        {"bytes": written},
    )


def keys(path: Path, *, presses: int, events: int) -> list[Row]:
    """Return the rows of key to paint: at rest, while tiles live, and while another process appends `events`.

    The needle is the label of the ledger's first year, which one row of each cursor move holds and no live update
    repaints: the other process writes into the present year only.
    """
    with copied(path) as store, Screen(northstar(store)) as screen:
        screen.wait_for(OVERVIEW_READY)
        for key in ("2", "\x1b[H"):  # it opens at the newest year
            screen.press(key)
            screen.settle()
        label = _first_year(store)
        idle = _move(screen, label, presses)
        with writing(store, "1000000", "--every", "0.25"):
            live = _move(screen, label, presses)
        with writing(store, str(events)) as writer:
            busy = _move(screen, label, presses * 100, until=writer)
    p95 = quantile(live, 0.95)
    ratio = quantile(busy, 0.95) / p95
    return [
        Row("key to paint, at rest", "—", spread(idle), "—", None, {"keys": len(idle)}),
        Row("key to paint, four commits a second", "p95 ≤ 40 ms", spread(live), "—", p95 <= 0.040, {"keys": len(live)}),
        Row(
            f"key to paint while {events:,} events are written",
            "p95 ≤ 1.3× that",
            f"{spread(busy)}, {len(busy)} keys",
            f"{ratio:.2f}",
            ratio <= 1.3,
            {"keys": len(busy)},
        ),
    ]


@contextmanager
def writing(path: Path, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """Let another process write to the store while the block runs."""
    writer = _spawn(path, *arguments)
    try:
        time.sleep(0.5)  # its interpreter starts
        yield writer
    finally:
        writer.kill()
        writer.communicate()


def spread(times: list[float]) -> str:
    return " / ".join(f"{quantile(times, share) * 1000:.1f}" for share in (0.5, 0.95, 0.99)) + " ms (p50/p95/p99)"


def _move(screen: Screen, label: str, presses: int, until: subprocess.Popen[str] | None = None) -> list[float]:
    """Move the cursor down and up again; return the seconds from each key to the frame that shows it."""
    found = []
    for number in range(presses):
        if until is not None and until.poll() is not None and number >= 10:
            break
        before = screen.press("jk"[number % 2])
        pressed = screen.now()
        found.append(screen.wait_frame(label, since=before, timeout=5.0) - pressed)
        screen.drain(0.03)
    return found


def _first_year(path: Path) -> str:
    with Store.open(path) as store:
        span = queries.span(store)
        assert span is not None
        return f"{store.calendar.date_of(span.start):%Y}"


def commits(path: Path, *, count: int) -> list[Row]:
    """Return the row of how long a commit of another process takes to be on screen."""
    with copied(path) as store, Screen(northstar(store)) as screen:
        screen.wait_for(OVERVIEW_READY)
        screen.settle()
        writer = _spawn(store, "0", "--one-by-one")
        assert writer.stdin is not None and writer.stdout is not None
        found = []
        try:
            for number in range(-1, count):
                title = _title(number + 1)
                before = len(screen.written)
                writer.stdin.write(title + "\n")
                writer.stdin.flush()
                committed = float(writer.stdout.readline())
                screen.wait_frame(title, since=before, timeout=5.0)
                if number >= 0:  # the first one waits for the writer's own start
                    found.append(max(0.0, time.monotonic() - committed))
                screen.drain(0.15 + number % 7 * 0.03)  # so that commits fall anywhere between two looks
        finally:
            writer.stdin.close()
            writer.wait()
    p95 = quantile(found, 0.95)
    return [
        Row(
            "commit in another process to painted",
            "p95 ≤ 250 ms",
            f"p50 {milliseconds(median(found))}, p95 {milliseconds(p95)}",
            "—",
            p95 <= 0.250,
            {"commits": len(found)},
        )
    ]


def _title(number: int) -> str:
    """Return eight letters, none of which stands where the title before had it: a frame's difference holds them all."""
    return "".join(chr(ord("a") + (number + place * 7) % 26) for place in range(8))


@contextmanager
def copied(path: Path) -> Iterator[Path]:
    """Give a copy of the store that may be written to."""
    copy = path.with_name(f"written-{path.name}")
    try:
        with Store.open(path) as store, closing(sqlite3.connect(copy)) as target:
            store.connection.backup(target)
        yield copy
    finally:
        for each in path.parent.glob(copy.name + "*"):
            each.unlink()


def _spawn(path: Path, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "benchmarks.writer", str(path), *arguments],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
