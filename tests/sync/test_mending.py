"""What leaves quarantine by itself, what stays, and that the count is right whatever is done to the files."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from northstar_tui.events import Batch, Event, Reject
from northstar_tui.ledger import health, state
from northstar_tui.ledger.health import Quarantined
from northstar_tui.ledger.mending import Mending
from northstar_tui.ledger.quarantine import QuarantineError, dismiss, reopen
from northstar_tui.ledger.rules import Rules
from northstar_tui.ledger.store import Store
from northstar_tui.sync.files import ImportResult, Request, import_file

HEADER = (
    "type,quantity,market_ticker,side,entry_price_cents,exit_price_cents,open_fees_cents,close_fees_cents,"
    "realized_pnl_without_fees_cents,realized_pnl_with_fees_cents,close_timestamp,open_timestamp"
)
BEGAN = 1_770_000_000
"""When the first version of a file is written, seconds."""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.create(tmp_path / "s.db", Rules("UTC")) as opened:
        yield opened


def row(n: int, side: str = "yes", net: int = 5) -> str:
    """Return a row: all are alike, so that only its place tells one from another."""
    at = f"2026-05-{1 + n // 1440 % 28:02d}T{n // 60 % 24:02d}:{n % 60:02d}:00Z"
    return f"trade,1,KXA-{n},{side},36,0,2,0,{net},{net},{at},2026-04-01T00:00:00Z"


def load(
    store: Store, rows: list[str], written: int, name: str = "export.csv", header: str = HEADER, **options: str
) -> ImportResult:
    """Import these rows from a file last written `written` seconds after the first one."""
    path = store.path.parent / name
    path.write_text("\n".join([header, *rows]) + "\n")
    os.utime(path, (BEGAN + written, BEGAN + written))
    return import_file(store, path, Request(**options))  # type: ignore[arg-type]


def lying(store: Store) -> list[str]:
    """Return the texts in quarantine that are to be seen to."""
    found = sorted(record.raw for record in health.quarantine(store, 1_000))
    assert state.quarantined(store) == sum(health.quarantine_counts(store).values()) == len(found)
    assert sum(each.quarantined for each in state.source_states(store)) == len(found)
    return found


def settled(store: Store) -> dict[str, str | None]:
    return {record.raw: record.settled_by for record in health.quarantine(store, 1_000, settled=True)}


A, B, C, D = (row(n) for n in range(4))
BAD = row(9, "maybe")


# -- what settles ------------------------------------------------------------------------------------------------------


def test_a_mended_record_leaves_and_says_how(store: Store) -> None:
    first = load(store, [A, BAD, B], 0)
    assert (first.mended, lying(store)) == (0, [BAD])
    mended = load(store, [A, row(9), B], 1)
    assert (mended.mended, mended.counts.new, lying(store)) == (1, 1, [])
    assert settled(store) == {BAD: "import of export.csv"}
    assert load(store, [A, row(9), B], 1).mended == 0


@pytest.mark.parametrize(
    "rows",
    [
        [C, A, row(9), B, D],  # it grew at both ends
        [A, row(9, net=77), B],  # another figure was mended with it
        [A, row(8), B],  # and even its name: what stands in its place, and is like it, is it
        [row(7, "perhaps"), A, row(9), B],  # another is damaged now
    ],
)
def test_it_is_found_by_its_neighbours(store: Store, rows: list[str]) -> None:
    load(store, [A, BAD, B], 0)
    load(store, rows, 1, name="export (1).csv")
    assert BAD not in lying(store)


@pytest.mark.parametrize(
    ("rows", "written"),
    [
        ([A, B], 1),  # it was taken out: nobody read it
        ([A, C, D, B], 1),  # others stand there
        ([A, row(9)], 1),  # a neighbour is missing
        ([B, row(9), A], 1),  # the order is another
        ([A, row(9), B], 0),  # written with it, not after it
        ([A, row(9), B], -5),  # an older export, imported later
        ([A, "trade,20,KXZ-123456,no,7,100,9,9,-123456,-123474,2026-12-30T23:59:58Z,2026-11-11T11:11:11Z", B], 1),
        ([A, BAD, B, row(9)], 1),  # it is still there
        ([C, row(9), D], 1),  # another file
    ],
)  # fmt: skip
def test_what_is_not_certain_stays(store: Store, rows: list[str], written: int) -> None:
    load(store, [A, BAD, B], 0)
    load(store, rows, written)
    assert BAD in lying(store)


def test_the_first_later_file_with_a_neighbour_decides(store: Store) -> None:
    load(store, [A, BAD, B], 0)
    load(store, [A, B], 1)
    load(store, [A, row(8), B], 2)
    assert lying(store) == [BAD], "it was taken out, and another record came to stand there"


def test_a_file_that_changed_while_it_was_read_settles_nothing(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    from northstar_tui.errors import FileError
    from northstar_tui.sources.opened import Opened

    load(store, [A, BAD, B], 0)

    def changed(_: Opened) -> None:
        raise FileError("the file changed while it was read")

    with monkeypatch.context() as patch, pytest.raises(FileError):
        patch.setattr(Opened, "check", changed)
        load(store, [A, row(9), B], 1)
    assert lying(store) == [BAD]
    load(store, [A, row(9), B], 1)
    assert lying(store) == []


def test_a_dry_run_settles_nothing(store: Store) -> None:
    load(store, [A, BAD, B], 0)
    assert load(store, [A, row(9), B], 1, dry_run=True).mended == 1  # type: ignore[arg-type]
    assert lying(store) == [BAD]


def test_several_in_a_row_are_told_apart_by_their_number(store: Store) -> None:
    bad = [row(n, "maybe") for n in (5, 6, 7)]
    load(store, [A, *bad, B], 0)
    load(store, [A, bad[0], row(6), bad[2], B], 1)
    assert lying(store) == sorted([bad[0], bad[2]])
    load(store, [A, row(5), row(6), row(7), B], 2)
    assert lying(store) == []


def test_one_of_several_that_was_taken_out_stays(store: Store) -> None:
    bad = [row(n, "maybe") for n in (5, 6)]
    load(store, [A, *bad, B], 0)
    load(store, [A, bad[1], B], 1)
    assert lying(store) == bad
    load(store, [C, *bad, D], 2)
    load(store, [C, row(6), D], 3)
    assert lying(store) == bad, "which of them was mended cannot be told"


def test_a_record_is_one_in_every_version_of_its_file(store: Store) -> None:
    versions = ([A, BAD, B], [C, A, BAD, B, D], [A, BAD, BAD, B])
    for rows, written in zip(versions, (0, 1, 2), strict=True):
        load(store, rows, written)
    assert lying(store) == [BAD, BAD]
    for _ in range(2):
        for rows, written in zip(versions, (0, 1, 2), strict=True):
            load(store, rows, written)
            assert lying(store) == [BAD, BAD]
    assert {(record.file, record.line) for record in health.quarantine(store, 9)} == {
        ("export.csv", 3),
        ("export.csv", 4),
    }


def test_a_file_that_was_cut_is_mended_by_the_whole_one(store: Store) -> None:
    path = store.path.parent / "cut.csv"
    path.write_text("\n".join([HEADER, A, B, C[:30]]))
    os.utime(path, (BEGAN, BEGAN))
    import_file(store, path, Request())
    assert lying(store) == [C[:30]]
    load(store, [A, B, C, D], 1, "cut.csv")
    assert lying(store) == []


def test_a_text_that_was_changed_and_still_cannot_be_read_counts_once(store: Store) -> None:
    load(store, [A, BAD, B], 0)
    other = row(9, "perhaps")
    load(store, [A, other, B], 1)
    assert lying(store) == [other]
    (how,) = settled(store).values()
    assert how is not None and how.startswith("import of export.csv: its text is now that of record ")
    load(store, [A, row(9), B], 2)
    assert lying(store) == []


def test_a_mended_config_settles_what_its_very_text_says_now(store: Store) -> None:
    header = "day,pick,odds,units"
    rows = [f"{n}/04/2026,Pick {n},1.9,{n}.5" for n in range(1, 6)]
    formats = {"tipster": {"kind": "bets", "columns": {"time": "day", "profit": "units"}}}

    def told(**more: str) -> ImportResult:
        path = store.path.parent / "tipster.csv"
        path.write_text("\n".join([header, *rows]) + "\n")
        os.utime(path, (BEGAN, BEGAN))
        formats["tipster"] |= more
        return import_file(store, path, Request("tipster", "john", formats=formats))

    told()
    assert len(lying(store)) == 4, "the order of day and month cannot be told, but on 4 April"
    assert told(dates="dmy").mended == 4
    assert lying(store) == []


def test_equal_texts_are_as_many_records_as_there_are(store: Store) -> None:
    load(store, [A, BAD, B, BAD, C], 0)
    assert lying(store) == [BAD, BAD]
    load(store, [A, BAD, B, BAD, C, D], 1)
    assert lying(store) == [BAD, BAD], "the file grew"
    load(store, [A, row(9), B, BAD, C, D], 2)
    assert lying(store) == [BAD]
    load(store, [A, row(9), B, row(8), C, D], 3)
    assert lying(store) == []


def test_a_text_in_two_files_is_not_mended_by_one_of_them(store: Store) -> None:
    load(store, [A, BAD, B], 0, "january.csv")
    load(store, [C, BAD, D], 1, "february.csv")
    assert lying(store) == [BAD], "equal records are one, as equal trades are"
    load(store, [C, row(9), D], 2, "february.csv")
    assert lying(store) == [BAD], "January's is not mended"


def test_a_log_of_our_own_proves_nothing_about_places(store: Store) -> None:
    from northstar_tui.sync.export import write_jsonl

    load(store, [A, BAD, B], 0)
    log = store.path.parent / "log.jsonl"
    with log.open("wb") as out:
        write_jsonl(store, out)
    log.write_text(log.read_text() + '{"source": 1}\n')
    import_file(store, log, Request())
    assert len(lying(store)) == 2
    log.write_text(log.read_text().replace('{"source": 1}\n', ""))
    import_file(store, log, Request())
    assert len(lying(store)) == 2


# -- sources -----------------------------------------------------------------------------------------------------------


def read(store: Store, *batches: Batch) -> int:
    """Append batches as one reading of their source; return how many records left quarantine."""
    with store.transaction():
        mending = Mending(store, batches[0].source)
        for batch in batches:
            store.append_within(batch)
            mending.saw([*batch.events, *batch.rejects], batch.origin)
        return mending.ended("sync of api")


def said(key: str, raw: str) -> Event:
    return Event("api", key, "cost.incurred", 1_770_000_000_000_000, {"amount": 5}, raw)


def test_a_record_of_an_api_leaves_when_what_it_is_about_is_said(store: Store) -> None:
    bad = Reject(None, "side", "neither bid nor ask", '{"id": 1, "side": "?"}', "order:1")
    assert read(store, Batch("api", [said("order:2", "2")], [bad])) == 0
    assert read(store, Batch("api", [said("order:1", "1")], [bad])) == 0, "it is met again in the same reading"
    assert read(store, Batch("api", [], [bad]), Batch("api", [said("order:1", "1")])) == 0
    assert read(store, Batch("api", [said("order:3", "3")])) == 0
    assert lying(store) == [bad.raw]
    assert read(store, Batch("api", [said("order:1", "1")])) == 1
    assert lying(store) == []
    read(store, Batch("api", [], [bad]))
    assert lying(store) == [bad.raw], "met again, it is open again"


def test_a_record_without_a_key_leaves_by_its_text_alone(store: Store) -> None:
    bad = Reject(None, "side", "neither bid nor ask", '{"id": 1}')
    read(store, Batch("api", [], [bad]), Batch("api", [], [bad]))
    assert lying(store) == [bad.raw], "a page that comes twice holds one record"
    assert read(store, Batch("api", [said("a", '{"id": 2}'), said("b", "")])) == 0
    assert read(store, Batch("api", [said("a", bad.raw)])) == 1
    assert lying(store) == []


def test_of_equal_records_as_many_leave_as_read(store: Store) -> None:
    bad = Reject(None, "side", "neither bid nor ask", "{}")
    read(store, Batch("api", [], [bad, bad, bad]))
    assert len(lying(store)) == 3
    lines = [replace(said(f"k{n}", "{}"), line=n) for n in (1, 2)]
    for _ in range(2):
        read(store, Batch("api", lines))
        assert len(lying(store)) == 1, "the third was never read"


def test_a_source_never_settles_anothers(store: Store) -> None:
    bad = Reject(None, "side", "neither bid nor ask", "{}", "k")
    store.append(Batch("other", [], [bad]))
    read(store, Batch("api", [], [bad]))
    assert read(store, Batch("api", [said("k", "{}")])) == 1
    assert [record.source for record in health.quarantine(store, 9)] == ["other"]


# -- the operator ------------------------------------------------------------------------------------------------------


def test_what_the_operator_dismissed_stays_so_and_is_no_failure(store: Store) -> None:
    load(store, [A, BAD, B], 0)
    (record,) = health.quarantine(store, 9)
    dismiss(store, [record.id], "  a test\nrow \x1b[31m ")
    assert settled(store) == {BAD: "dismissed: a test row ␛[31m"}
    again = load(store, [A, BAD, B, C], 1)
    assert (again.counts.quarantined, again.counts.unchanged, again.rejects, again.read) == (0, 3, [], 4)
    assert lying(store) == []
    assert health.runs(store, 1)[0].outcome == "done"
    reopen(store, [record.id])
    assert lying(store) == [BAD]
    assert load(store, [A, BAD, B, C], 1).counts.quarantined == 1


def test_what_the_operator_reopened_leaves_by_the_operators_word_alone(store: Store) -> None:
    load(store, [A, BAD, B], 0)
    load(store, [A, row(9), B], 1)
    (record,) = health.quarantine(store, 9, settled=True)
    reopen(store, [record.id])
    load(store, [A, row(9), B], 1)
    load(store, [A, row(9), B, C], 2)
    (now,) = health.quarantine(store, 9)
    assert (now.raw, now.settled_by) == (BAD, "re-opened")
    dismiss(store, [record.id], "seen")
    assert lying(store) == []


def test_all_of_them_or_none_and_only_with_a_reason(store: Store) -> None:
    load(store, [A, BAD, B], 0)
    (record,) = health.quarantine(store, 9)
    with pytest.raises(QuarantineError, match="no record 77, 78"):
        dismiss(store, [record.id, 78, 77], "because")
    with pytest.raises(QuarantineError, match="reason"):
        dismiss(store, [record.id], " \n ")
    with pytest.raises(QuarantineError, match="no record 77"):
        reopen(store, [77])
    assert lying(store) == [BAD]
    reopen(store, [record.id])
    assert health.quarantine(store, 9) == [record], "what is open is not opened again"


# -- whatever is done --------------------------------------------------------------------------------------------------


@dataclass
class Desk:
    """A file that is edited, imported again and again, and looked after; and what must lie in quarantine."""

    store: Store
    rows: list[tuple[int, str, bool]] = field(default_factory=list)
    """(who, text, whether it reads), in the file's order."""
    clock: int = 0
    versions: list[tuple[int, list[tuple[int, str, bool]]]] = field(default_factory=list)
    newest: dict[int, tuple[int, str, bool]] = field(default_factory=dict)
    """Who to (written, text, whether it reads) in the newest file that held it."""
    dismissed: set[str] = field(default_factory=set)
    kept: set[str] = field(default_factory=set)
    """Texts that the operator opened again."""
    count: int = 0

    def text(self, who: int, reads: bool) -> str:
        self.count += 1
        return row(who, "yes" if reads else f"maybe{self.count}", self.count if reads else 5)

    def new(self, reads: bool) -> tuple[int, str, bool]:
        self.count += 1
        who = 1_000 + self.count
        return who, self.text(who, reads), reads

    def edit(self, what: str, at: int) -> None:
        at %= len(self.rows)
        who, _, reads = self.rows[at]
        if what == "damage" and reads:
            self.rows[at] = (who, self.text(who, False), False)
        elif (what == "mend" and not reads) or (what == "change" and reads):
            self.rows[at] = (who, self.text(who, True), True)
        elif what == "botch" and not reads:
            self.rows[at] = (who, self.text(who, False), False)
        elif what in ("add", "add bad"):
            self.rows.insert(at, self.new(what == "add"))
        elif what == "grow":
            self.rows.append(self.new(True))
        elif what == "take out" and len(self.rows) > 2:
            del self.rows[at]
        elif what == "move":
            self.rows.insert((at * 7) % len(self.rows), self.rows.pop(at))
        self.clock += 1
        self.versions.append((self.clock, list(self.rows)))
        self.read(-1)

    def read(self, number: int, name: str = "export.csv") -> None:
        written, rows = self.versions[number % len(self.versions)]
        load(self.store, [text for _, text, _ in rows], written, name)
        for who, text, reads in rows:
            if self.newest.get(who, (0,))[0] <= written:
                self.newest[who] = (written, text, reads)

    def look_after(self, what: str, at: int) -> None:
        found: list[Quarantined] = health.quarantine(self.store, 1_000, settled=what == "reopen")
        if found:
            record = found[at % len(found)]
            if what == "dismiss":
                dismiss(self.store, [record.id], "seen")
                self.dismissed.add(record.raw)
                self.kept.discard(record.raw)
            else:
                reopen(self.store, [record.id])
                self.dismissed.discard(record.raw)
                self.kept.add(record.raw)


def desk(folder: Path) -> Desk:
    made = Desk(Store.create(folder / "s.db", Rules("UTC")))
    made.rows = [made.new(True) for _ in range(5)]
    made.clock = 1
    made.versions.append((1, list(made.rows)))
    made.read(-1)
    return made


STEPS = st.integers(0, 30)
MENDING = st.sampled_from(["damage", "damage", "mend", "mend", "botch", "change", "add", "add bad"])
ANY = st.sampled_from(["damage", "mend", "botch", "change", "add", "add bad", "grow", "take out", "move"])
WORDS = st.sampled_from(["dismiss", "reopen"])


@given(st.lists(st.tuples(MENDING | WORDS | st.just("again"), STEPS), max_size=14))
@settings(max_examples=60)
def test_the_count_is_right_after_every_single_change(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, int]]
) -> None:
    made = desk(tmp_path_factory.mktemp("desk"))
    with made.store:
        for what, at in steps:
            if what in ("dismiss", "reopen"):
                made.look_after(what, at)
            elif what == "again":
                made.read(-1)
            else:  # the first and the last row stay, as rows of a file that only grows do
                made.edit(what, 1 + at % (len(made.rows) - 2))
            bad = {text for _, text, reads in made.rows if not reads} - made.dismissed
            assert lying(made.store) == sorted(bad | made.kept), (what, at)


@given(st.lists(st.tuples(ANY | WORDS | st.just("old"), STEPS), max_size=16))
@settings(max_examples=60)
def test_nothing_that_was_not_read_is_ever_hidden(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, int]]
) -> None:
    made = desk(tmp_path_factory.mktemp("desk"))
    with made.store:
        for what, at in steps:
            if what in ("dismiss", "reopen"):
                made.look_after(what, at)
            elif what == "old":
                made.read(at, f"export ({at}).csv")
            else:
                made.edit(what, at)
            waiting = {text for _, text, reads in made.newest.values() if not reads}
            assert waiting - made.dismissed <= set(lying(made.store)), (what, at)
            bad = {text for _, text, reads in made.rows if not reads}
            assert bad - made.dismissed <= set(lying(made.store)), (what, at)
