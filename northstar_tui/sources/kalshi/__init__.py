"""Kalshi's Trade API: fills, settlements, orders, positions, cash. SOURCES: docs.kalshi.com; docs/sources.md."""

from northstar_tui.sources.kalshi.source import Kalshi, make

__all__ = ["Kalshi", "make"]
