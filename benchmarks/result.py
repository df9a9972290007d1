"""One promise, what was measured of it, and whether it was met."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table. `met` is None where the run was too small to decide."""

    promise: str
    target: str
    measured: str
    ratio: str
    met: bool | None
    detail: dict[str, float | int | str] = field(default_factory=dict)
    """Numbers behind it, for ``--json``; names carry their units."""


def quantile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that at least `share` of `values` do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def median(values: Sequence[float]) -> float:
    """Return the median, the upper one of two."""
    return quantile(values, 0.5)


def milliseconds(seconds: float) -> str:
    """Return a time for people."""
    return f"{seconds * 1000:.2f} ms" if seconds < 0.1 else f"{seconds * 1000:,.0f} ms"


def table(rows: Iterable[Row]) -> str:
    """Return the rows as an aligned table."""
    head = ("PROMISE", "TARGET", "MEASURED", "RATIO", "MET")
    lines = [head, *((r.promise, r.target, r.measured, r.ratio, _verdict(r.met)) for r in rows)]
    widths = [max(len(line[at]) for line in lines) for at in range(len(head))]
    return "\n".join("  ".join(cell.ljust(w) for cell, w in zip(line, widths, strict=True)).rstrip() for line in lines)


def _verdict(met: bool | None) -> str:
    return "—" if met is None else "yes" if met else "NO"


def as_json(rows: Iterable[Row]) -> str:
    """Return the rows for machines."""
    return json.dumps([asdict(row) for row in rows], indent=2, ensure_ascii=False)
