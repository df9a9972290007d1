"""What the faces show of money that came through two doors, and of what is unreconciled."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ledger_filters import only
from ledger_model import utc

from northstar_tui.calendar import ALL
from northstar_tui.events import Batch, Event
from northstar_tui.ledger import queries
from northstar_tui.ledger.rules import Rules
from northstar_tui.ledger.saying import add_note, change_tags
from northstar_tui.ledger.store import Store
from northstar_tui.views.base import head
from northstar_tui.views.node import entries_page, entry_view, node
from northstar_tui.views.plain import entry_text, overlaps_text, report_text, trust_text, why_text
from northstar_tui.views.report import report, report_json
from northstar_tui.views.why import why
from northstar_tui.views.words import also_said

T = utc(2026, 5, 4, 18)
DAY = 86_400_000_000
ESC = "\x1b[31m"


def trade(source: str, key: str, net: int, same: str | None, **facts: Any) -> Event:
    body = {"gross": net, "net": net, "closed_at": T, "opened_at": T - DAY, "instrument": same or "", **facts}
    return Event(source, key, "trade.closed", T, body | ({"same": same} if same else {}), f"{key};{net}")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.create(tmp_path / "s.db", Rules("America/New_York", "scalper")) as made:
        made.append(
            Batch(
                "kalshi",
                [
                    trade("kalshi", "1", 5_000_000, "kalshi:A"),
                    trade("kalshi", "2", 1_000_000, "kalshi:B", check_net=990_000),
                ],
            )
        )
        made.append(
            Batch(
                "kalshi-csv:old",
                [
                    trade("kalshi-csv:old", "x", 2_000_000, "kalshi:A"),
                    trade("kalshi-csv:old", "y", 2_500_000, "kalshi:A"),
                    trade("kalshi-csv:old", "z", 1_005_000, "kalshi:B"),
                ],
            )
        )
        told = {"thesis": f"cold front {ESC}", "edge": "0.12", "confidence": 0.7}
        made.append(Batch("mail", [Event("mail", "m", "bet.placed", T - DAY, {"same": "kalshi:A"} | told)]))
        made.append(Batch("costs", [Event("costs", "c", "cost.incurred", T, {"amount": 250_000})]))
        yield made


def test_report_names_the_overlaps_it_resolved(store: Store) -> None:
    data = report_json(report(store, ALL))
    assert data["totals"]["net"] == "5.75"
    assert data["unreconciled"] == "0.51", "a cent by the check figure, half a dollar between doors"
    assert data["overlaps"] == {
        "groups": 2,
        "mirrored_entries": 3,
        "mirrored_net": "5.505",
        "differing": 1,
        "differences": [
            {
                "same": "kalshi:A",
                "book": "scalper",
                "bears": {"source": "kalshi", "net": "5.00"},
                "mirrors": [{"source": "kalshi-csv:old", "net": "4.50"}],
                "difference": "0.50",
            }
        ],
    }
    json.dumps(data)
    text = report_text(report(store, ALL)).splitlines()
    assert text[-3:] == [
        "✗ $0.51 unreconciled: northstar why unreconciled shows the entries",
        "= 3 entries stated twice, linked and in no sum: kalshi-csv:old 3, net $5.50; kalshi bears the money; "
        "1 of 2 differ",
        "✗ kalshi:A in scalper: kalshi $5.00, kalshi-csv:old $4.50; +$0.50",
    ]
    assert report_json(report(store, ALL, basis="opened"))["overlaps"]["mirrored_entries"] == 4
    june = report(store, store.calendar.parse("2026-06", 0))
    assert june.unreconciled == 0
    assert overlaps_text(june.overlaps) == []


def test_hostile_names_are_shown_and_not_obeyed(store: Store) -> None:
    same = f"kalshi:{ESC}[bold]"
    store.append(Batch("zz", [trade(f"z{ESC}", "1", 3_000_000, same), trade("kalshi", "9", 1_000_000, same)]))
    assert "\x1b" not in report_text(report(store, ALL))


def test_the_head_and_the_rows_say_what_is_unreconciled(store: Store) -> None:
    assert head(store).unreconciled == 510_000
    assert trust_text(head(store))[0].startswith("✗ $0.51 unreconciled")
    view = node(store, ALL)
    assert view.totals.unreconciled == sum(row.measures.unreconciled for row in view.rows) == 510_000
    assert sum(each.measures.unreconciled for each in view.slices) == 510_000


def test_only_what_bears_money_is_under_a_figure(store: Store) -> None:
    assert {e.source for e in entries_page(store, ALL, 0, 99).entries} == {"kalshi", "costs"}
    assert {e.source for e in queries.recent(store, 99)} == {"kalshi", "costs"}
    for basis in ("closed", "opened"):
        assert why(store, "net", ALL, basis=basis).proved
        assert {e.source for e in why(store, "net", ALL, basis=basis).rows} == {"kalshi", "costs"}
    mirrored = report(store, ALL, where=only(source="kalshi-csv:old"))
    assert (mirrored.totals.entries, mirrored.overlaps.mirrored_entries) == (0, 3), "and the report says why"


def test_an_entry_is_enriched_by_what_other_doors_say(store: Store) -> None:
    [bearing] = [e for e in queries.entries(store, ALL) if e.key == "1"]
    view = entry_view(store, bearing.id)
    assert view is not None
    assert [(e.source, e.key) for e in view.linked] == [("kalshi-csv:old", "x"), ("kalshi-csv:old", "y"), ("mail", "m")]
    assert also_said(view.linked) == [
        ("also said by", "kalshi-csv:old x: net $2.00"),
        ("also said by", "kalshi-csv:old y: net $2.50"),
        ("also said by", f"mail m: open, edge 0.12, confidence 0.7, thesis cold front {ESC}"),
    ]
    text = entry_text(view, store.calendar)
    assert "also said by mail m: open, edge 0.12, confidence 0.7, thesis cold front" in text
    assert "\x1b" not in text
    mirror = entry_view(store, view.linked[0].id)
    assert mirror is not None
    assert also_said(mirror.linked)[0] == ("borne by", "kalshi 1: net $5.00")
    assert "in no sum: a better door bears this money" in entry_text(mirror, store.calendar)
    alone = entry_view(store, next(e.id for e in queries.entries(store, ALL) if e.source == "costs"))
    assert alone is not None
    assert alone.linked == ()


def test_what_was_noted_of_a_mirror_is_not_lost(store: Store) -> None:
    mirror = next(e for e in queries.entries(store, ALL) if e.key == "1")
    view = entry_view(store, mirror.id)
    assert view is not None
    said = next(each for each in view.linked if each.key == "x")
    add_note(store, said.id, f"doubtful {ESC}")
    change_tags(store, said.id, ["late"], [])
    view = entry_view(store, mirror.id)
    assert view is not None
    told = entry_text(view, store.calendar)
    assert "kalshi-csv:old x: net $2.00, #late, noted: doubtful ␛[31m" in told and "\x1b" not in told


def test_why_unreconciled_lists_the_entries_in_doubt(store: Store) -> None:
    view = why(store, "unreconciled", ALL)
    assert (view.value, view.proved, view.n, view.listed) == ("$0.51", True, 3, 2)
    assert [(e.key, e.unreconciled, e.disagreement) for e in view.rows] == [("1", 0, 500_000), ("2", 10_000, 0)]
    text = why_text(view, store.calendar)
    assert "LESS CHECK" in text
    assert "+$0.01" in text and "+$0.50" in text
    few = why(store, "unreconciled", ALL, most=1)
    assert (len(few.rows), few.listed) == (1, 2)
    assert "… and 1 more" in why_text(few, store.calendar)
    assert "LESS CHECK" not in why_text(why(store, "net", ALL), store.calendar)


def test_every_verb_shows_the_same(store: Store) -> None:
    def said(*arguments: str) -> str:
        command = [sys.executable, "-m", "northstar_tui", "--store", str(store.path), *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    report_data = json.loads(said("report", "all", "--json"))
    assert report_data == json.loads(json.dumps(report_json(report(store, ALL))))
    trades = json.loads(said("trades", "all", "--json"))
    assert [(t["source"], t["same"], t["unreconciled"], t["disagreement"]) for t in trades] == [
        ("kalshi", "kalshi:A", "0.00", "0.50"),
        ("kalshi", "kalshi:B", "0.01", "0.00"),
        ("costs", None, "0.00", None),
    ]
    assert json.loads(said("why", "unreconciled", "all", "--json"))["value"] == "$0.51"
    as_known = json.loads(said("report", "all", "--as-of", "2999-01-01", "--json"))
    assert as_known == report_data
    assert "also said by mail m" in said("events", "--entry", str(trades[0]["id"]))
