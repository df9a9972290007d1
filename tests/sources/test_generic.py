"""New sources by config alone: a CSV, a JSONL file, an HTTP JSON API and somebody else's SQLite database."""

from __future__ import annotations

import json
import os
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from live import Office

from northstar_tui.errors import ConfigError
from tests.fakes.server import Fake, Request, Response

COST = {
    "event": "cost.incurred",
    "fields": {"key": "id", "time": "when", "amount": "usd", "instrument": "vendor"},
    "constants": {"category": "api"},
}


class Bills(Fake):
    """An API of bills: pages of two, a token for the next, and a bearer key."""

    def __init__(self, bills: list[dict[str, Any]], link: bool = False) -> None:
        super().__init__()
        self.bills = bills
        self.link = link

    def answer(self, request: Request) -> Response:
        query = dict(request.query)
        if request.headers.get("authorization") != "Bearer s3cret":
            return Response.json({"error": "who are you?"}, 401)
        start = int(query.get("page", "0"))
        page = self.bills[start : start + 2]
        following: Any = start + 2 if start + 2 < len(self.bills) else None
        if self.link and following:
            following = f"/bills?page={following}"
        return Response.json({"data": {"items": page}, "meta": {"next": following}})


def test_csv_is_read_again_only_when_it_changed(tmp_path: Path) -> None:
    office = Office(tmp_path)
    own = {**COST, "path": "bills.csv", "dates": "dmy", "unit": "0.01"}
    (tmp_path / "bills.csv").write_text("ID,When,USD,Vendor\n1,03/04/2026,1250,Acme\n2,04/04/2026,x,Acme\n")
    outcome = office.sync("csv", own, name="csv:bills")
    assert (outcome.counts.new, outcome.counts.quarantined) == (1, 1)
    assert office.entries() == [("2026-04-03", "cost", "api", "Acme", "-12.50")]
    assert office.rejects() == [(3, "usd", "'x' is not a number")]
    assert office.sync("csv", own, name="csv:bills").counts.unchanged == 0
    (tmp_path / "bills.csv").write_text("ID,When,USD,Vendor\n1,03/04/2026,1300,Acme\n")
    assert office.sync("csv", own, name="csv:bills").counts.revised == 1
    assert office.entries()[0][4] == "-13.00"


def test_a_row_of_a_file_that_was_mended_leaves_quarantine_by_its_id(tmp_path: Path) -> None:
    office, path = Office(tmp_path), tmp_path / "bills.csv"
    own = {**COST, "path": "bills.csv", "dates": "dmy"}
    path.write_text("ID,When,USD,Vendor\n1,03/04/2026,1,Acme\n2,04/04/2026,x,Acme\n,05/04/2026,y,Acme\n")
    office.sync("csv", own, name="csv:bills")
    assert [line for line, _, _ in office.rejects()] == [3, 4]
    written = path.stat().st_mtime
    path.write_text("ID,When,USD,Vendor\n2,30/05/2026,99,Zeta Ltd\n1,03/04/2026,1,Acme\n")
    os.utime(path, (written + 1, written + 1))
    outcome = office.sync("csv", own, name="csv:bills")
    assert (outcome.state, outcome.mended, [line for line, _, _ in office.rejects()]) == ("done", 1, [4])


def test_an_object_of_an_api_that_was_mended_leaves_quarantine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BILLS_KEY", "s3cret")
    bills = [{"id": n, "when": f"2026-05-0{n}T12:00:00Z", "usd": "lots", "vendor": "V"} for n in range(1, 6)]
    with Bills(bills) as fake:
        own = {
            **COST, "url": f"{fake.url}/bills", "items": "data.items", "next": "meta.next", "next_param": "page",
            "headers": {"authorization": "Bearer env:BILLS_KEY"},
        }  # fmt: skip
        office = Office(tmp_path)
        for mended, left in ((0, 5), (1, 4), (2, 2), (0, 2)):
            for bill in bills[5 - left - mended : 5 - left]:
                bill["usd"] = "1.50"
            bills.reverse()
            outcome = office.sync("http_json", own)
            bills.reverse()
            assert (outcome.mended, outcome.counts.quarantined, len(office.rejects())) == (mended, left, left)


def test_jsonl_of_trades_without_ids_keeps_twins(tmp_path: Path) -> None:
    office = Office(tmp_path, rules={"categories": {"BTC": "crypto"}})
    own = {
        "event": "trade.closed",
        "fields": {"time": "t", "instrument": "sym", "net": "pnl.net", "fees": "pnl.fee", "side": "side"},
        "path": "trades.jsonl",
    }
    row = json.dumps({"t": 1767225600000, "sym": "BTC-PERP", "pnl": {"net": 1.25, "fee": "0.25"}, "side": "buy"})
    (tmp_path / "trades.jsonl").write_text(f"{row}\n{row}\nnonsense\n")
    assert office.sync("jsonl", own).counts.new == 2
    assert office.entries() == [("2025-12-31", "trade", "crypto", "BTC-PERP", "1.25")] * 2
    assert office.rejects()[0][:2] == (3, "record")


@pytest.mark.parametrize("link", [False, True])
def test_http_json_pages_with_a_secret_that_stays_one(
    tmp_path: Path, link: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BILLS_KEY", "s3cret")
    bills = [{"id": n, "when": f"2026-05-0{n}T12:00:00Z", "usd": n + 0.1, "vendor": "V"} for n in range(1, 6)]
    office = Office(tmp_path)
    with Bills(bills, link) as fake:
        own = {
            **COST, "url": f"{fake.url}/bills", "items": "data.items", "next": "meta.next",
            "headers": {"authorization": "Bearer env:BILLS_KEY"},
        } | ({} if link else {"next_param": "page"})  # fmt: skip
        assert office.sync("http_json", own).counts.new == 5
        assert [entry[4] for entry in office.entries()] == ["-1.10", "-2.10", "-3.10", "-4.10", "-5.10"]
        bills.append({"id": 6, "when": "2026-05-06", "usd": "7", "vendor": "V"})
        again = office.sync("http_json", own)
        assert (again.counts.new, again.counts.unchanged) == (1, 5)
        monkeypatch.setenv("BILLS_KEY", "wrong")
        refused = office.sync("http_json", own)
        assert refused.state == "failed" and "refused us (401): who are you?" in refused.error
    with office.store() as store:
        dump = "\n".join(store.connection.iterdump())
    assert "s3cret" not in dump


def test_pages_that_go_round_or_lead_elsewhere_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BILLS_KEY", "s3cret")

    class Round(Bills):
        following = "/bills?page=1"
        nonsense = b""

        def answer(self, request: Request) -> Response:
            if self.nonsense:
                return Response(200, {"content-type": "application/json"}, self.nonsense)
            return Response.json({"data": {"items": []}, "meta": {"next": self.following}})

    with Round([]) as fake:
        own = {**COST, "url": f"{fake.url}/bills", "items": "data.items", "next": "meta.next"}
        assert "came twice" in Office(tmp_path).sync("http_json", own).error
        fake.following = "http://127.0.0.1:9/steal"
        assert "on another host" in Office(tmp_path).sync("http_json", own).error
        for nonsense in (b"<html>log in</html>", b"\xff\xfe", b"[" * 100_000):
            fake.nonsense = nonsense
            assert "answered no JSON" in Office(tmp_path).sync("http_json", own).error
        fake.nonsense = b""
        own["items"] = "data.bills"
        assert "no list at 'data.bills'" in Office(tmp_path).sync("http_json", own).error


def test_sqlite_reads_on_from_where_it_was(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "other.db") as other:
        other.execute("CREATE TABLE bill (id INTEGER, at TEXT, usd REAL, vendor TEXT)")
        other.executemany(
            "INSERT INTO bill VALUES (?, ?, ?, ?)", [(1, "2026-05-01", 0.1, "A"), (2, "2026-05-02", 2, "B")]
        )
    own = {
        "event": "cost.incurred",
        "fields": {"key": "id", "time": "at", "amount": "usd", "instrument": "vendor"},
        "path": "other.db",
        "query": "SELECT * FROM bill WHERE :since IS NULL OR id >= :since",
        "since": "id",
    }
    office = Office(tmp_path)
    assert office.sync("sqlite", own).counts.new == 2
    with sqlite3.connect(tmp_path / "other.db") as other:
        other.execute("INSERT INTO bill VALUES (3, '2026-05-03', 3.3, 'C')")
    again = office.sync("sqlite", own)
    assert (again.counts.new, again.counts.unchanged) == (1, 1)
    assert [entry[4] for entry in office.entries()] == ["-0.10", "-2.00", "-3.30"]
    wrong = office.sync("sqlite", own | {"query": "DELETE FROM bill"})
    assert wrong.state == "failed" and "readonly" in wrong.error


def test_what_could_not_be_read_is_asked_for_until_it_can(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BILLS_KEY", "s3cret")
    asked: list[str] = []

    class Since(Bills):
        def answer(self, request: Request) -> Response:
            asked.extend([request.param("since")] if not request.param("page") else [])
            return super().answer(request)

    bills = [{"id": 1, "when": "2026-05-01", "usd": 1, "vendor": "V"}, {"id": 2, "when": "2026-05-02", "total": 2}]
    clock = [1_780_000_000_000_000]
    monkeypatch.setattr("northstar_tui.sync.prepare.now", lambda: clock[0])
    office = Office(tmp_path)
    with Since(bills) as fake:
        own = {
            **COST, "url": f"{fake.url}/bills", "items": "data.items", "since_param": "since",
                "next": "meta.next", "next_param": "page",
            "headers": {"authorization": "Bearer env:BILLS_KEY"},
        }  # fmt: skip
        for _ in range(3):
            assert office.sync("http_json", own).state == "partial"
            clock[0] += 30 * 86_400_000_000
            bills.insert(0, {"id": clock[0], "when": "2026-05-03", "usd": 3, "vendor": "V"})
        assert asked == ["", "", ""], "an instant would leave the second one behind"
        assert len(office.rejects()) == 1, "one record, however often it is met"
        bills[:] = [{"id": 2, "when": "2026-05-02", "usd": 2}]
        assert office.sync("http_json", own).state == "done"
        assert office.sync("http_json", own).state == "done"
        assert asked[-1].startswith("2026-08-2"), "from then on only what is new"


def test_a_row_of_a_database_that_could_not_be_read_is_not_left_behind(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "other.db") as other:
        other.execute("CREATE TABLE bill (id, at TEXT, usd TEXT)")
        other.executemany("INSERT INTO bill VALUES (?, ?, ?)", [(1, "2026-05-01", "1"), (2, "2026-05-02", "lots")])
    own = {
        "event": "cost.incurred",
        "fields": {"key": "ID", "time": "at", "amount": "usd"},
        "path": "other.db",
        "query": "SELECT * FROM bill WHERE :since IS NULL OR id > :since",
        "since": "id",
    }
    office = Office(tmp_path)
    assert office.sync("sqlite", own).state == "partial"
    assert office.sync("sqlite", own).state == "partial"
    with sqlite3.connect(tmp_path / "other.db") as other:
        other.execute("UPDATE bill SET usd = '2' WHERE id = 2")
    assert office.sync("sqlite", own).counts.new == 1
    assert office.sync("sqlite", own).counts.unchanged == 0, "read on from 2"
    with sqlite3.connect(tmp_path / "other.db") as other:
        other.execute("INSERT INTO bill VALUES ('three', '2026-05-03', '3')")
    mixed = office.sync("sqlite", own)
    assert mixed.state == "failed" and "of several types" in mixed.error
    assert "'gone' is missing" in office.sync("sqlite", own | {"since": "gone"}).error


WHOLE = "id,when,vendor,usd\n" + "".join(f"{n},2026-05-{n:02d},V {n},{n}.25\n" for n in range(1, 5))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(st.integers(len("id,when,vendor,usd\n") - 1, len(WHOLE)))
def test_a_file_cut_off_anywhere_and_then_whole_counts_each_row_once(tmp_path: Path, size: int) -> None:
    (tmp_path / "s.db").unlink(missing_ok=True)
    office, own = Office(tmp_path), {**COST, "path": "cut.csv"}
    for text in (WHOLE[:size], WHOLE):
        (tmp_path / "cut.csv").write_text(text)
        assert office.sync("csv", own).state in ("done", "partial")
    assert [entry[4] for entry in office.entries()] == ["-1.25", "-2.25", "-3.25", "-4.25"]
    assert len(office.rejects()) <= 1


@pytest.mark.parametrize(
    ("kind", "own", "why"),
    [
        ("csv", COST, "path is missing"),
        ("http_json", COST, "url is missing"),
        ("sqlite", COST | {"path": "x"}, "query is missing"),
        ("csv", COST | {"path": "x", "colour": 1}, "colour"),
        ("csv", COST | {"path": "x", "event": "magic"}, "magic"),
        ("csv", COST | {"path": "x", "unit": "-1"}, "is no amount"),
    ],
)
def test_wrong_keys_are_named(tmp_path: Path, kind: str, own: dict[str, Any], why: str) -> None:
    with pytest.raises(ConfigError, match=why):
        Office(tmp_path).sync(kind, own)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["id", "when", "usd", "x"]), inner),
    max_leaves=6,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.lists(json_values, max_size=5))
def test_any_json_becomes_events_or_rejects(tmp_path: Path, rows: list[Any]) -> None:
    (tmp_path / "any.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (tmp_path / "s.db").unlink(missing_ok=True)
    outcome = Office(tmp_path).sync("jsonl", {**COST, "path": "any.jsonl"})
    assert outcome.state in ("done", "partial"), outcome.error
    counts = outcome.counts
    assert counts.new + counts.unchanged + counts.revised + counts.quarantined == len(rows)
