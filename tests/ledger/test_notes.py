"""Notes and tags: kept with the entry through everything, derived alike by every road, and never money."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ledger_model import RATES, utc

from northstar_tui.calendar import ALL
from northstar_tui.errors import NorthStarError
from northstar_tui.events import Batch, Event
from northstar_tui.ledger import queries, state
from northstar_tui.ledger.append import EventError
from northstar_tui.ledger.queries import Entry
from northstar_tui.ledger.rules import Rules
from northstar_tui.ledger.saying import NoEntryError, add_note, change_tags
from northstar_tui.ledger.store import Store
from northstar_tui.ledger.verify import as_of, rebuild, verify
from northstar_tui.notes import NOTE_MAX, OPERATOR, about, note_of, tag_of, tags_of
from northstar_tui.sync.export import write_jsonl
from northstar_tui.sync.files import Request, import_file
from northstar_tui.views.filter import begun, completions, parse

T = utc(2026, 3, 9, 6, 30)
HOSTILE = "\x1b[31mred\x1b[0m [bold]x[/] \u202egnp'); DROP TABLE note; --"


def trade(key: str, net: int, at: int = T) -> Event:
    body = {"gross": net, "net": net, "closed_at": at, "opened_at": at - 10**9, "instrument": f"KX{key}"}
    return Event("alpha", key, "trade.closed", at, body, raw=f"{key};{net}")


@pytest.fixture
def store() -> Iterator[Store]:
    with Store.scratch(Rules("America/New_York", rates=RATES)) as made:
        made.append(Batch("alpha", [trade("a", 1_000), trade("b", -500, T + 86_400_000_000), trade('ü {"k"}', 3)]))
        yield made


def entries(store: Store) -> dict[str, Entry]:
    return {entry.key: entry for entry in queries.entries(store, ALL)}


def said(store: Store) -> dict[str, tuple[tuple[str, ...], tuple[str, ...]]]:
    return {key: (e.tags, tuple(note.text for note in e.notes)) for key, e in entries(store).items()}


def round_trip(store: Store, folder: Path) -> Store:
    """Return a new store made from an exported log."""
    path = folder / "log.jsonl"
    with path.open("wb") as out:
        write_jsonl(store, out)
    other = Store.scratch(store.rules)
    result = import_file(other, path, Request())
    assert not result.counts.quarantined
    again = io.BytesIO()
    write_jsonl(other, again)
    assert again.getvalue() == path.read_bytes()
    return other


def test_notes_and_tags_are_borne_and_change_no_money(store: Store) -> None:
    before = queries.total(store, ALL), queries.total(store, ALL, basis="opened")
    sums = store.connection.execute("SELECT * FROM rollup_booked").fetchall()
    first = entries(store)["a"]
    assert add_note(store, first.id, " entered late ").notes[0].text == "entered late"
    add_note(store, first.id, HOSTILE)
    assert change_tags(store, first.id, ["late", "chased"], []).tags == ("chased", "late")
    assert change_tags(store, first.id, ["x"], ["late", "never"]).tags == ("chased", "x")
    add_note(store, entries(store)['ü {"k"}'].id, "odd key")
    assert said(store) == {
        "a": (("chased", "x"), ("entered late", HOSTILE)),
        "b": ((), ()),
        'ü {"k"}': ((), ("odd key",)),
    }
    assert (queries.total(store, ALL), queries.total(store, ALL, basis="opened")) == before
    assert store.connection.execute("SELECT * FROM rollup_booked").fetchall() == sums
    assert verify(store).ok
    assert [s.name for s in state.source_states(store)] == ["alpha"], "the operator is no source that could be late"


def test_what_is_so_already_says_nothing(store: Store) -> None:
    entry = entries(store)["a"].id
    change_tags(store, entry, ["late"], [])
    events = store.connection.execute("SELECT count(*) FROM event").fetchone()
    change_tags(store, entry, ["late"], ["early"])
    assert store.connection.execute("SELECT count(*) FROM event").fetchone() == events
    assert change_tags(store, entry, [], ["late"]).tags == () and change_tags(store, entry, ["late"], []).tags == (
        "late",
    )


def test_they_stay_through_corrections_rebuilds_and_files(store: Store, tmp_path: Path) -> None:
    entry = entries(store)["a"].id
    add_note(store, entry, HOSTILE)
    change_tags(store, entry, ["late"], [])
    store.append(Batch("alpha", [trade("a", -77)]))
    assert entries(store)["a"].net == -77
    known = said(store)
    assert known["a"] == (("late",), (HOSTILE,))
    rebuild(store)
    assert said(store) == known and verify(store).ok
    with round_trip(store, tmp_path) as other:
        assert said(other) == known and verify(other).ok


def test_the_past_as_it_was_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    moment = [T]
    for place in ("store", "saying"):
        monkeypatch.setattr(f"northstar_tui.ledger.{place}.now", lambda: moment[0])
    with Store.create(tmp_path / "s.db", Rules("UTC")) as store:
        store.append(Batch("alpha", [trade("a", 1)]))
        entry = entries(store)["a"].id
        for step, (add, remove) in enumerate(((["x"], []), (["y"], ["x"]), (["x"], []))):
            moment[0] = T + 1_000 * (step + 1)
            change_tags(store, entry, add, remove)
            add_note(store, entry, f"step {step}")
        for step, tags in ((0, ()), (1, ("x",)), (2, ("y",)), (3, ("x", "y"))):
            with as_of(store, T + 1_000 * step) as past:
                assert said(past)["a"] == (tags, tuple(f"step {n}" for n in range(step)))


def test_what_is_said_before_its_entry_comes_waits_for_it() -> None:
    with Store.scratch(Rules("UTC")) as store:
        store.append(
            Batch(OPERATOR, [
                Event(OPERATOR, about("alpha", "a"), "note.added", T, {"text": "first"}),
                Event(OPERATOR, about("alpha", "a"), "tag.added", T, {"tag": "x"}),
            ])
        )  # fmt: skip
        assert verify(store).ok and not entries(store)
        store.append(Batch("alpha", [trade("z", 1), trade("a", 2)]))
        assert said(store)["a"] == (("x",), ("first",)) and verify(store).ok
        rebuild(store)
        assert said(store)["a"] == (("x",), ("first",))


words = st.sampled_from(["late", "early", "a/b", "9"])
steps = st.one_of(
    st.tuples(st.just("+"), st.integers(0, 2), words),
    st.tuples(st.just("-"), st.integers(0, 2), words),
    st.tuples(st.just("note"), st.integers(0, 2), st.text(st.characters(codec="utf-8"), min_size=1, max_size=20)),
    st.tuples(st.just("correct"), st.integers(0, 2), st.just("")),
)


@given(st.lists(steps, max_size=25))
def test_any_history_is_what_a_plain_model_says(history: list[tuple[str, int, str]]) -> None:
    with Store.scratch(Rules("UTC")) as store:
        store.append(Batch("alpha", [trade(f"{n}", n) for n in range(3)]))
        ids = [entries(store)[f"{n}"].id for n in range(3)]
        tags: list[set[str]] = [set(), set(), set()]
        notes: list[list[str]] = [[], [], []]
        for at, (what, which, word) in enumerate(history):
            if what == "+":
                tags[which].add(word)
                change_tags(store, ids[which], [word], [])
            elif what == "-":
                tags[which].discard(word)
                change_tags(store, ids[which], [], [word])
            elif what == "correct":
                store.append(Batch("alpha", [trade(f"{which}", 100 + at)]))
            else:
                try:
                    notes[which].append(note_of(word))
                except ValueError:
                    continue
                add_note(store, ids[which], word)
        expected = {f"{n}": (tuple(sorted(tags[n])), tuple(notes[n])) for n in range(3)}
        assert said(store) == expected and verify(store).ok
        rebuild(store)
        assert said(store) == expected


def kept(store: Store, text: str) -> list[str]:
    """The keys of the entries that a filter keeps: by the list, the rollup of the kept, and the sums of the entries."""
    where = parse(text).where
    found = queries.entries(store, ALL, where=where)
    total = queries.total(store, ALL, where=where)
    assert (total.entries, total.net) == (len(found), sum(entry.net for entry in found))
    assert queries.summed_entries(store, ALL, where=where) == total
    return sorted(entry.key for entry in found)


def test_filters_by_tags_and_notes(store: Store) -> None:
    ids = {key: entry.id for key, entry in entries(store).items()}
    change_tags(store, ids["a"], ["late", "chased"], [])
    change_tags(store, ids["b"], ["late", "x/y"], [])
    add_note(store, ids["b"], "Größe: 50% too BIG [sic]*")
    every = sorted(ids)
    rest = [key for key in every if key not in "ab"]
    for text, keys in (
        ("tag:late", ["a", "b"]), ("tag:#Late", ["a", "b"]), ("tag:late tag:chased", ["a"]),
        ("tag:chased,x/y", ["a", "b"]),
        ("tag:ch*", ["a"]), ("tag:*", ["a", "b"]), ("-tag:late", rest), ("-tag:*", rest), ("tag:never", []),
        ("note:big", ["b"]), ('note:"[SIC]*"', ["b"]), ("note:GRÖSSE", []), ("note:größe", ["b"]),
        ("-note:%", ["a", *rest]),
        ("tag:late -note:big net:>0", ["a"]), ("note:big note:50", ["b"]), ("note:big note:51", []),
    ):  # fmt: skip
        assert kept(store, text) == keys, text
    change_tags(store, ids["a"], [], ["late"])
    assert kept(store, "tag:late") == ["b"], "what was worked out before follows what is said now"
    assert kept(store, "-tag:late") == ["a", *rest]
    for typed, found in (("tag:", ["chased", "late", "x/y"]), ("tag:l", ["late"]), ("tag:Y", ["x/y"]), ("note:b", [])):
        assert completions(store, begun(typed, len(typed))) == found


def test_a_commit_tells_which_days_to_read_again(store: Store) -> None:
    newest = state.last_batch(store)
    assert newest is not None
    entry = entries(store)["b"]
    add_note(store, entry.id, "x")
    touched = state.touched_since(store, newest[0])
    assert touched is not None and entry.closed_at in touched and T not in touched


@pytest.mark.parametrize(
    "damage",
    [
        "DELETE FROM note", "UPDATE note SET text = 'other'", "DELETE FROM tag WHERE name = 'x'",
        "UPDATE tag SET name = 'w' WHERE name = 'x'", "INSERT INTO tag SELECT subject_id, 'new', event_id FROM tag",
        "UPDATE note SET subject_id = 1 + subject_id",
    ],
)  # fmt: skip
def test_damage_is_found_and_mended(store: Store, damage: str) -> None:
    entry = entries(store)["a"].id
    add_note(store, entry, "note")
    change_tags(store, entry, ["x"], [])
    known = said(store)
    store.connection.execute(damage)
    proof = verify(store)
    assert not proof.ok and {d.where for d in proof.differences} <= {"note", "tag"}
    rebuild(store)
    assert verify(store).ok and said(store) == known


@pytest.mark.parametrize(
    ("key", "kind", "body", "what"),
    [
        ("a", "note.added", {"text": "x"}, "JSON list"),
        ('["alpha", "a"]', "note.added", {"text": "x"}, "JSON list"),
        ('["alpha",1]', "note.added", {"text": "x"}, "JSON list"),
        ('["alpha",""]', "tag.added", {"tag": "x"}, "JSON list"),
        ('["alpha","a"]', "note.added", {}, "must state its text"),
        ('["alpha","a"]', "note.added", {"text": 5}, "must state its text"),
        ('["alpha","a"]', "note.added", {"text": "  "}, "empty"),
        ('["alpha","a"]', "tag.added", {"tag": "Late"}, "not as it is stored"),
        ('["alpha","a"]', "tag.removed", {"tag": "a b"}, "no tag"),
        ('["alpha","a"]', "trade.closed", {"gross": 1, "net": 1, "closed_at": T}, "nothing that the operator says"),
    ],
)
def test_what_the_operator_cannot_have_said_is_refused(
    store: Store, tmp_path: Path, key: str, kind: str, body: dict[str, object], what: str
) -> None:
    with pytest.raises(EventError, match=what):
        store.append(Batch(OPERATOR, [Event(OPERATOR, key, kind, T, body)]))
    entry = entries(store)["a"].id
    add_note(store, entry, "sound")
    path = tmp_path / "log.jsonl"
    with path.open("wb") as out:
        write_jsonl(store, out)
    import json

    line = {"source": OPERATOR, "key": key, "revision": 9, "kind": kind, "occurred_at": T, "recorded_at": T,
            "body": body, "raw": ""}  # fmt: skip
    path.write_bytes(path.read_bytes() + json.dumps(line).encode() + b"\n")
    with Store.scratch(Rules("UTC")) as other:
        result = import_file(other, path, Request())
        assert result.counts.quarantined == 1 and what in result.rejects[0].reason, "the rest of the log is taken"
        assert said(other)["a"] == ((), ("sound",)) and verify(other).ok


def test_words(store: Store) -> None:
    assert tags_of(["+Late", "#chased", "-early"]) == (["late", "chased"], ["early"])
    for wrong in ([], ["+"], ["a b"], ["+x", "-x"], ["-"], ["+" + "x" * 41], ["\u202e"], ["a,b"], ["_x"]):
        with pytest.raises(ValueError):
            tags_of(wrong)
    assert tag_of("Straße-9") == "straße-9"
    for note in ("", "  \n", "x" * (NOTE_MAX + 1), "a\0b", "\ud800"):
        with pytest.raises(ValueError):
            note_of(note)
    with pytest.raises(NoEntryError):
        add_note(store, 10_000, "x")
    with pytest.raises(NorthStarError):
        change_tags(store, 10_000, ["x"], [])
