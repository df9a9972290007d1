"""Kalshi's "Recent Activity" reports: recognised, and refused with the reason and the export to use instead."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from northstar_tui.errors import FileError
from northstar_tui.sources.base import Item, Reading
from northstar_tui.sources.table import Head, normal

_MARKS = frozenset(("type", "original date", "amount in dollars", "profit in dollars", "traded time"))
"""Columns that both layouts (2024, and 2025 on) have, and no other export."""


class KalshiActivity:
    """The activity page's report, both layouts. It lists orders, fills and settlements but states no P&L."""

    name = "kalshi-activity"
    title = "Kalshi Recent Activity report"
    passes = 1

    def claims(self, head: Head) -> Head | None:
        """Claim both layouts, also where the cells are padded."""
        for index, (_, cells) in enumerate(head.rows):
            if {normal(cell) for cell in cells} >= _MARKS:
                return head.at(index)
        return None

    def read(self, file: BinaryIO, head: Head, reading: Reading) -> Iterator[Item]:  # noqa: ARG002 - the formats' signature
        """Refuse the file: raises FileError."""
        self.check(head, reading)
        return iter(())

    def check(self, head: Head, reading: Reading) -> None:  # noqa: ARG002 - the formats' signature
        """Refuse the file: raises FileError."""
        raise FileError(
            "this is a Kalshi Recent Activity report, which does not state profit and loss (its Profit_In_Dollars is a "
            "payout, and its prices are in other units than their names say)",
            "download Kalshi-Transactions-YYYY.csv from kalshi.com/account/taxes and import that",
        )
