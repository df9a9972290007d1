"""Words that the screen and its plain-text twin share, apart from both: the screen starts without loading the twin."""

from __future__ import annotations

from northstar_tui.ledger.queries import Measures

NONE = "—"
"""What is undefined or not stated."""


def record(measures: Measures) -> str:
    """Return wins–losses, and scratches where there are any: ``71–6 (5)``."""
    if not measures.trades:
        return NONE
    return f"{measures.wins:,}–{measures.losses:,}" + (f" ({measures.scratches:,})" if measures.scratches else "")


def counted(n: int, one: str, many: str) -> str:
    """Return a number with its noun."""
    return f"{n:,} {one if n == 1 else many}"
