"""What one step of the drill-down asks of the store, against the same GROUP BY over the entries, as the store grows."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from random import Random
from resource import RUSAGE_SELF, getrusage
from typing import NamedTuple

from benchmarks.result import Row, median, milliseconds, quantile
from northstar_tui.calendar import ALL
from northstar_tui.ledger.store import Store
from northstar_tui.tui import pages
from northstar_tui.views.node import entries_page, node

PAGE = pages.SIZE
"""Entries that the cockpit reads at first."""
_SUMS = (
    "count(*), sum(outcome IS NOT NULL), sum(outcome IS 1), sum(outcome IS -1), sum(outcome IS 0), "
    "sum(closed_at IS NULL), sum(stake), sum(gross), sum(fees), sum(net), "
    "sum(CASE WHEN outcome IS 1 THEN net ELSE 0 END), "
    "sum(CASE WHEN outcome IS -1 THEN net ELSE 0 END), sum(incomplete)"
)


class Step(NamedTuple):
    """One step: its seconds, and whether it waited for the disk: a store that is read for the first time does."""

    seconds: float
    waited: bool


Times = dict[str, list[Step]]
"""Level of the node → each step that showed it."""


def measure(stores: Mapping[int, Path], *, walks: int, scale: int = 10_000_000) -> list[Row]:
    """Return the rows of the drill-down's promises; `stores` maps entries to a store of so many, over one span."""
    opened = {count: Store.open(path) for count, path in stores.items()}
    try:
        times = _walk_all(list(opened.values()), walks)
        rows = []
        for (count, store), found in zip(opened.items(), times, strict=True):
            rows.append(_speed(store, count, found, decisive=count >= scale))
        if len(opened) > 1:
            rows.append(_growth(list(opened), times))
        return rows
    finally:
        for store in opened.values():
            store.close()


def _walk_all(stores: Sequence[Store], walks: int) -> list[Times]:
    """Walk the same ways in every store, in turns."""
    found: list[Times] = [defaultdict(list) for _ in stores]
    for number in range(-1, walks):  # the first one warms the caches and does not count
        for store, times in zip(stores, found, strict=True):
            for level, step in _walk(store, Random(number)):
                if number >= 0:
                    times[level].append(step)
    return found


def _walk(store: Store, random: Random) -> list[tuple[str, Step]]:
    """Go from all time down to a day's first page of entries; return each step with its level."""
    times = []
    period = ALL
    while True:
        read = getrusage(RUSAGE_SELF).ru_inblock
        begun = time.perf_counter()
        view = node(store, period)
        if view.child_level == "trade":
            entries_page(store, period, 0, PAGE)
        seconds = time.perf_counter() - begun
        times.append((period.level, Step(seconds, getrusage(RUSAGE_SELF).ru_inblock > read)))
        children = [row.period for row in view.rows if row.measures.entries]
        if not children:
            return times
        period = random.choice(children)


def _seconds(steps: Iterable[Step]) -> list[float]:
    return [step.seconds for step in steps]


def _group_by(store: Store) -> float:
    """Return the seconds that the sums of the years and of the categories take straight from the entries."""
    bucket = "strftime('%Y', closed_at / 1000000, 'unixepoch')"
    begun = time.perf_counter()
    for group in (bucket, "category_id"):
        store.connection.execute(f"SELECT {group}, {_SUMS} FROM entry GROUP BY 1").fetchall()
    return time.perf_counter() - begun


def _speed(store: Store, count: int, times: Times, *, decisive: bool) -> Row:
    steps = [step for level in times.values() for step in level]
    every, held = _seconds(steps), _seconds([step for step in steps if not step.waited])
    p50, p95 = median(every), quantile(every, 0.95)
    straight = min(_group_by(store) for _ in range(2))
    ratio = straight / median(_seconds(times["all"]))
    detail: dict[str, float | int | str] = {"steps": len(every), "group_by_ms": straight * 1000}
    for level, taken in times.items():
        found = _seconds(taken)
        detail[f"{level}_p50_ms"] = median(found) * 1000
        detail[f"{level}_p95_ms"] = quantile(found, 0.95) * 1000
    cold = f"; {len(every) - len(held)} of {len(every)} from the disk"
    if 0 < len(held) < len(every):
        cold += f", p95 of the others {milliseconds(quantile(held, 0.95))}"
    return Row(
        f"drill-down step, {count:,} entries",
        "p95 ≤ 2 ms, ≥ 2,000× the GROUP BY",
        f"p50 {milliseconds(p50)}, p95 {milliseconds(p95)}{cold}; GROUP BY {milliseconds(straight)}",
        f"{ratio:,.0f}×",
        (p95 <= 0.002 and ratio >= 2000) if decisive else None,
        detail,
    )


def _growth(counts: Sequence[int], times: Sequence[Times]) -> Row:
    """Compare the largest store with the one a hundred times smaller, or with the smallest."""
    largest = max(counts)
    base = min(counts, key=lambda count: (abs(count - largest / 100), count))
    big, small = (times[list(counts).index(count)] for count in (largest, base))
    ours = {level: median(_seconds(found)) for level, found in big.items()}
    theirs = {level: median(_seconds(found)) for level, found in small.items()}
    ratio = sum(ours.values()) / sum(theirs.values())
    detail = {f"{level}_ratio": found / theirs[level] for level, found in ours.items() if level in theirs}
    return Row(
        f"growth, {largest // base}× the entries over the same span",
        "a step costs ≤ 1.2×",
        f"all → day: {milliseconds(sum(ours.values()))}",
        f"{ratio:.2f}",
        ratio <= 1.2 if largest >= 100 * base else None,
        dict(detail),
    )
