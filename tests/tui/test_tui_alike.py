"""Rows of a list that say the same are told apart by the ends of their keys; all others are left as they are."""

from __future__ import annotations

from pathlib import Path

import pytest
from tui_company import NOW, ZONE
from tui_still import still

from northstar_tui.events import Batch, Event
from northstar_tui.ledger.rules import Rules
from northstar_tui.ledger.store import Store


def fill(key: str, at: int, *, net: int = 5_000_000, quantity: str = "2") -> Event:
    body = {"instrument": "KX", "title": "BTC up", "side": "yes", "quantity": quantity, "price": "0.5"}
    stake = 500_000 * int(quantity)
    money = {"stake": stake, "gross": net, "fees": 0, "net": net, "opened_at": at - 1, "closed_at": at}
    return Event("kalshi", key, "trade.closed", at, body | money)


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (60, 20)])
def test_only_what_looks_alike_says_what_tells_it_apart(tmp_path: Path, size: tuple[int, int]) -> None:
    second = 1_000_000
    told = [
        fill("aa77:1", NOW), fill("aa77:2", NOW + 1), fill("bb01-x", NOW), fill("later", NOW + second),
        fill("other", NOW, net=4_000_000), fill("part", NOW, quantity="3"),
    ]  # fmt: skip
    with Store.create(tmp_path / "s.db", Rules(ZONE)) as store:
        store.append(Batch("kalshi", told))
    with still(tmp_path / "s.db", size, now=NOW) as screen:
        text = screen.press("t")
        rows = [line.strip(" ▸▐").split("  ")[0] for line in text.split("\n") if "BTC up" in line]
        alike = ["11:30:00 …1-x", "11:30:00 …7:1", "11:30:00 …7:2"]
        assert sorted(rows) == ["11:30:00", "11:30:00", *alike, "11:30:01"]
