"""Imports: exact, repeatable in any order and overlap, and honest about what they could not read."""

from __future__ import annotations

import io
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from northstar_tui.calendar import ALL
from northstar_tui.errors import FileError
from northstar_tui.events import Batch, Event, Origin
from northstar_tui.ledger import queries
from northstar_tui.ledger.rules import Rules
from northstar_tui.ledger.store import Store
from northstar_tui.ledger.terms import members
from northstar_tui.ledger.verify import verify
from northstar_tui.sync import files
from northstar_tui.sync.export import write_jsonl
from northstar_tui.sync.files import ImportResult, Request, import_file

CENTS = (
    "type,quantity,market_ticker,side,entry_price_cents,exit_price_cents,open_fees_cents,close_fees_cents,"
    "realized_pnl_without_fees_cents,realized_pnl_with_fees_cents,close_timestamp,open_timestamp"
)
DOLLARS = CENTS.replace("quantity", "quantity_fp").replace("_cents", "_dollars")


@pytest.fixture
def store() -> Iterator[Store]:
    with Store.scratch(Rules("America/New_York")) as opened:
        yield opened


def trade(n: int, net: str = "-38", *, gross: str | None = None, entry: str = "36", quantity: str = "1") -> str:
    """Return the n-th trade row: its own market and minute."""
    at = f"2026-05-{1 + n // 1440 % 28:02d}T{n // 60 % 24:02d}:{n % 60:02d}:00-04:00"
    return f"trade,{quantity},KXA-{n},yes,{entry},0,2,0,{gross or net},{net},{at},2026-04-01T00:00:00-04:00"


def load(store: Store, folder: Path, rows: list[str], header: str = CENTS, **options: Any) -> ImportResult:
    """Import a file of these rows."""
    path = folder / "export.csv"
    path.write_text("\n".join([header, *rows]) + "\n")
    return import_file(store, path, Request(**options))


def counts(result: ImportResult) -> tuple[int, int, int, int]:
    found = result.counts
    return found.new, found.unchanged, found.revised, found.quarantined


def net(store: Store) -> int:
    return queries.total(store, ALL).net


def content(store: Store) -> list[tuple[object, ...]]:
    """Return everything that the store's entries say, without ids."""
    return sorted(
        store.connection.execute(
            "SELECT s.key, n.opened_at, n.closed_at, n.stake, n.gross, n.fees, n.net, n.outcome FROM entry n "
            "JOIN subject s ON s.id = n.id"
        ).fetchall(),
        key=repr,
    )


def test_an_import_is_exact_and_importing_again_changes_nothing(store: Store, tmp_path: Path) -> None:
    rows = [trade(n, str(n - 5)) for n in range(12)]
    first = load(store, tmp_path, rows)
    assert (first.read, first.format, first.source) == (12, "kalshi-csv", "kalshi-csv")
    assert counts(first) == (12, 0, 0, 0)
    assert net(store) == sum(n - 5 for n in range(12)) * 10_000
    before = content(store)
    assert counts(load(store, tmp_path, rows)) == (0, 12, 0, 0)
    assert counts(load(store, tmp_path, [*rows, ""])) == (0, 12, 0, 0)
    assert content(store) == before
    assert verify(store).ok
    assert store.connection.execute("SELECT outcome, read, new FROM run ORDER BY id").fetchall() == [
        ("done", 12, 12),
        ("done", 12, 0),
        ("done", 12, 0),
    ]


def test_bad_records_are_quarantined_and_the_rest_is_loaded(store: Store, tmp_path: Path) -> None:
    result = load(store, tmp_path, [trade(1), trade(2).replace("yes", "maybe"), trade(3), "trade,1,KXA"])
    assert counts(result) == (2, 0, 0, 2)
    assert [(reject.line, reject.field) for reject in result.rejects] == [(3, "side"), (5, "record")]
    stored = store.connection.execute("SELECT line, field FROM quarantine ORDER BY line").fetchall()
    assert stored == [(3, "side"), (5, "record")]
    assert store.connection.execute("SELECT outcome FROM run").fetchone() == ("partial",)
    load(store, tmp_path, [trade(1), trade(2).replace("yes", "maybe"), trade(3), "trade,1,KXA"])
    assert store.connection.execute("SELECT count(*) FROM quarantine").fetchone() == (2,)


def test_a_dry_run_gives_the_real_counts_and_writes_nothing(store: Store, tmp_path: Path) -> None:
    load(store, tmp_path, [trade(1), trade(2)])
    dump = list(store.connection.iterdump())
    rows = [trade(2), trade(3), trade(4).replace("yes", "maybe")]
    dry = load(store, tmp_path, rows, dry_run=True)
    assert list(store.connection.iterdump()) == dump
    real = load(store, tmp_path, rows)
    assert counts(dry) == counts(real) == (1, 1, 0, 1)
    assert dry.dry_run
    assert not real.dry_run


def test_a_cut_file_is_completed_by_the_whole_one(store: Store, tmp_path: Path) -> None:
    rows = [trade(n) for n in range(5)]
    assert counts(load(store, tmp_path, [*rows[:3], rows[3][:40]])) == (3, 0, 0, 1)
    assert counts(load(store, tmp_path, rows)) == (2, 3, 0, 0)


def test_an_import_that_dies_is_run_again(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "BATCH", 3)
    rows = [trade(n) for n in range(10)]
    path = tmp_path / "export.csv"
    path.write_text("\n".join([CENTS, *rows]) + "\n")
    append, calls = store.append_within, []

    def dying(batch: Batch) -> Any:
        calls.append(batch)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return append(batch)

    monkeypatch.setattr(store, "append_within", dying)
    with pytest.raises(KeyboardInterrupt):
        import_file(store, path, Request())
    monkeypatch.undo()
    assert len(content(store)) == 6
    assert store.connection.execute("SELECT outcome, error FROM run").fetchall() == [("failed", "interrupted")]
    assert store.connection.execute("SELECT complete FROM origin").fetchall() == [(0,)]
    assert counts(import_file(store, path, Request())) == (4, 6, 0, 0)
    assert store.connection.execute("SELECT complete FROM origin").fetchall() == [(1,)]
    assert verify(store).ok


def test_a_file_that_grows_while_it_is_read_is_named(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    path.write_text("\n".join([CENTS, trade(1)]) + "\n")

    grown = []

    def grow(done: int, _: int) -> None:
        if done > path.stat().st_size and not grown:
            grown.append(done)
            with path.open("a") as out:
                out.write(trade(2) + "\n")

    with pytest.raises(FileError, match="changed while it was read"):
        import_file(store, path, Request(), grow)
    again = import_file(store, path, Request())
    assert again.read == 2
    assert len(content(store)) == 2


def test_a_pipe_is_read(store: Store, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_text, args=("\n".join([CENTS, trade(1)]) + "\n",))
    writer.start()
    assert counts(import_file(store, pipe, Request())) == (1, 0, 0, 0)
    writer.join()


def test_what_cannot_be_opened_is_named(store: Store, tmp_path: Path) -> None:
    with pytest.raises(FileError, match="No such file"):
        import_file(store, tmp_path / "absent.csv", Request())
    with pytest.raises(FileError, match="folder"):
        import_file(store, tmp_path, Request())
    with pytest.raises(FileError, match="no format 'magic'"):
        load(store, tmp_path, [trade(1)], format="magic")
    assert store.connection.execute("SELECT count(*) FROM run").fetchone() == (0,)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(0, 8), min_size=1, max_size=14), st.data())
def test_overlapping_exports_in_any_order_count_every_trade_once(
    tmp_path: Path, numbers: list[int], data: st.DataObject
) -> None:
    """Exports are windows on one account's rows, twins included: what is imported is what the windows cover."""
    rows = [trade(n) for n in sorted(numbers)]
    windows = data.draw(st.lists(st.sampled_from(sorted(set(numbers))), min_size=1, max_size=4))
    with Store.scratch(Rules("America/New_York")) as whole, Store.scratch(Rules("America/New_York")) as parts:
        load(whole, tmp_path, rows)
        for start in windows:
            load(parts, tmp_path, [row for n, row in zip(sorted(numbers), rows, strict=True) if n >= start])
        load(parts, tmp_path, rows)
        assert content(parts) == content(whole)
        assert net(parts) == -380_000 * len(numbers)
        assert verify(parts).ok


def test_two_accounts_keep_their_equal_credits_apart(store: Store, tmp_path: Path) -> None:
    credit = "credit,0,,,,,,,100,100,2026-05-01T00:00:00-04:00,2026-05-01T00:00:00-04:00"
    load(store, tmp_path, [credit], book="john")
    load(store, tmp_path, [credit], book="anna")
    assert net(store) == 2_000_000
    assert queries.total(store, ALL).trades == 0
    assert members(store, "book") == ["anna", "john"]


def test_the_same_money_under_another_book_is_refused(store: Store, tmp_path: Path) -> None:
    rows = [trade(n) for n in range(6)]
    load(store, tmp_path, rows, book="john")
    with pytest.raises(FileError, match="in the book 'john'"):
        load(store, tmp_path, rows)
    with pytest.raises(FileError, match="5 of this file's 7 trades"):
        load(store, tmp_path, [*rows[:5], trade(7), trade(8)], book="anna")
    assert counts(load(store, tmp_path, [rows[0], trade(7), trade(8)], book="anna")) == (3, 0, 0, 0)
    assert counts(load(store, tmp_path, rows, book="john")) == (0, 6, 0, 0)


class TestTwoPrecisions:
    """One account exported in whole cents in May and with eight decimals in October."""

    def test_the_finer_statement_revises_the_coarser(self, store: Store, tmp_path: Path) -> None:
        load(store, tmp_path, [trade(1, "-38"), trade(2, "61")])
        fine = [
            trade(1, "-0.37630000", entry="0.36", quantity="1.04"),
            trade(2, "0.61000000", entry="0.36", quantity="1.00"),
        ]
        assert counts(load(store, tmp_path, fine, DOLLARS)) == (0, 0, 2, 0)
        assert net(store) == -376_300 + 610_000
        assert verify(store).ok

    def test_the_coarser_statement_is_no_news_afterwards(self, store: Store, tmp_path: Path) -> None:
        load(store, tmp_path, [trade(1, "-0.37630000", entry="0.36"), trade(2, "0.61", entry="0.36")], DOLLARS)
        assert counts(load(store, tmp_path, [trade(1, "-38"), trade(2, "61"), trade(3)])) == (1, 2, 0, 0)
        assert net(store) == -376_300 + 610_000 - 380_000

    def test_twins_are_matched_one_to_one(self, store: Store, tmp_path: Path) -> None:
        load(store, tmp_path, [trade(1, "-38"), trade(1, "-38"), trade(1, "-37")])
        fine = ["-0.3763", "-0.3801", "-0.3699"]
        rows = [trade(1, amount, entry="0.36") for amount in fine]
        assert counts(load(store, tmp_path, rows, DOLLARS)) == (0, 0, 3, 0)
        assert net(store) == -376_300 - 380_100 - 369_900
        assert len(content(store)) == 3

    def test_an_exact_statement_keeps_its_trade_whichever_row_comes_first(self, store: Store, tmp_path: Path) -> None:
        load(store, tmp_path, [trade(1, "-38")])
        rows = [trade(1, "-0.3801", entry="0.36"), trade(1, "-0.38", entry="0.36")]
        assert counts(load(store, tmp_path, rows, DOLLARS)) == (1, 0, 1, 0)
        assert net(store) == -380_100 - 380_000

    def test_what_differs_by_more_is_another_trade(self, store: Store, tmp_path: Path) -> None:
        load(store, tmp_path, [trade(1, "-38")])
        rows = [trade(1, "-0.4001", entry="0.36"), trade(1, "-0.38", entry="0.36").replace("yes", "no")]
        assert counts(load(store, tmp_path, rows, DOLLARS)) == (2, 0, 0, 0)

    def test_rows_of_one_precision_are_never_matched(self, store: Store, tmp_path: Path) -> None:
        load(store, tmp_path, [trade(1, "-38")])
        assert counts(load(store, tmp_path, [trade(1, "-37")])) == (1, 0, 0, 0)


def test_a_bets_result_comes_with_a_later_export(store: Store, tmp_path: Path) -> None:
    header = "Date,Selection,Stake,Odds,Result"
    load(store, tmp_path, ["2026-05-01,Reds,10,2.5,pending", "2026-05-02,Blues,10,2,pending"], header)
    assert queries.total(store, ALL, basis="opened").open == 2
    assert counts(load(store, tmp_path, ["2026-05-01,Reds,10,2.5,win"], header)) == (0, 0, 1, 0)
    found = queries.total(store, ALL)
    assert (found.trades, found.wins, found.net) == (1, 1, 15_000_000)
    # An older export, imported later, does not open the bet again.
    load(store, tmp_path, ["2026-05-01,Reds,10,2.5,open", "2026-05-02,Blues,10,2,open"], header)
    assert queries.total(store, ALL) == found
    assert verify(store).ok


def test_an_account_is_not_overwritten_by_another_with_the_same_ids(store: Store, tmp_path: Path) -> None:
    header = "id,Date,Stake,Odds,Result"
    load(store, tmp_path, [f"{n},2026-05-{n:02d},10,2.5,win" for n in range(1, 9)], header)
    other = [f"{n},2026-06-{n:02d},10,2,loss" for n in range(1, 9)]
    with pytest.raises(FileError, match="--book"):
        load(store, tmp_path, other, header)
    assert counts(load(store, tmp_path, other, header, book="anna")) == (8, 0, 0, 0)


class TestJsonl:
    """The log out and in again."""

    def exported(self, store: Store) -> bytes:
        out = io.BytesIO()
        write_jsonl(store, out)
        return out.getvalue()

    def told(self, store: Store, path: Path) -> ImportResult:
        path.write_bytes(self.exported(store))
        return import_file(store, path, Request())

    def history(self, store: Store) -> None:
        """Fill `store` with revisions, an old statement made again, books, origins and money of several kinds."""

        def event(key: str, amount: int, book: str | None = None, line: int | None = None) -> Event:
            body = {"gross": amount, "net": amount, "closed_at": 10**15 + amount, "instrument": "KXÄ-1"}
            return Event("kalshi-csv", key, "trade.closed", 10**15, body, f"räw,{amount}\n", line, book)

        origin = Origin("may.csv", "ab" * 32, 77)
        store.append(Batch("kalshi-csv", [event("a", 1, line=2), event("b", 2, line=3)], origin=origin))
        store.append(Batch("kalshi-csv", [event("a", 5)]))
        store.append(Batch("kalshi-csv", [event("a", 1, "john"), event("c", 9)], origin=origin))
        cost = Event("bills", "x", "cost.incurred", 10**15, {"amount": 7, "instrument": "hosting"})
        store.append(Batch("bills", [cost]))

    def test_export_import_export_gives_the_same_bytes_and_the_same_figures(self, store: Store, tmp_path: Path) -> None:
        self.history(store)
        path = tmp_path / "log.jsonl"
        path.write_bytes(self.exported(store))
        with Store.scratch(store.rules) as other:
            result = import_file(other, path, Request())
            assert counts(result) == (4, 0, 2, 0)
            assert self.exported(other) == path.read_bytes()
            assert content(other) == content(store)
            assert verify(other).ok
            assert counts(import_file(other, path, Request())) == (0, 6, 0, 0)
            assert self.exported(other) == path.read_bytes()

    def test_a_log_read_back_into_its_own_store_says_nothing_new(self, store: Store, tmp_path: Path) -> None:
        self.history(store)
        before = self.exported(store)
        assert counts(self.told(store, tmp_path / "log.jsonl")) == (0, 6, 0, 0)
        assert self.exported(store) == before

    def test_a_longer_log_brings_only_what_is_new(self, store: Store, tmp_path: Path) -> None:
        path = tmp_path / "log.jsonl"
        self.history(store)
        lines = self.exported(store).splitlines(keepends=True)
        with Store.scratch(store.rules) as other:
            path.write_bytes(b"".join(lines[:3]))
            import_file(other, path, Request())
            path.write_bytes(b"".join(lines))
            result = import_file(other, path, Request())
            assert (result.counts.unchanged, result.counts.new + result.counts.revised) == (3, 3)
            assert self.exported(other) == b"".join(lines)

    def test_an_import_of_a_file_survives_the_journey(self, store: Store, tmp_path: Path) -> None:
        load(store, tmp_path, [trade(n, str(n)) for n in range(5)], book="john")
        path = tmp_path / "log.jsonl"
        path.write_bytes(self.exported(store))
        with Store.scratch(store.rules) as other:
            import_file(other, path, Request())
            assert counts(load(other, tmp_path, [trade(n, str(n)) for n in range(6)], book="john")) == (1, 5, 0, 0)
