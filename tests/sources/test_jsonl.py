"""The log as JSONL: every field survives, and a line that breaks the vocabulary is rejected, not believed."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from source_reading import read, rejects

from northstar_tui.errors import FileError
from northstar_tui.events import Event, Origin
from northstar_tui.sources.base import Logged
from northstar_tui.sources.jsonl import line_of

GOOD: dict[str, Any] = {
    "source": "kalshi-csv",
    "key": "a#0",
    "revision": 1,
    "kind": "trade.closed",
    "occurred_at": 1_777_980_781_000_000,
    "recorded_at": 1_777_980_781_000_001,
    "body": {"gross": 5, "net": 4, "closed_at": 1_777_980_781_000_000},
    "raw": "a,b",
}

text = st.text(st.characters(exclude_categories=("Cs",)), max_size=20)
names = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), min_size=1, max_size=20)
times = st.integers(0, 4_000_000_000_000_000)
bodies = st.fixed_dictionaries({"net": st.integers(-(2**53), 2**53)}, optional={"title": text, "note": text})


@given(
    st.builds(Event, names, names, st.just("note.made"), times, bodies, text, st.none() | st.integers(1, 10**9),
              st.none() | names, times),
    st.integers(1, 10**6),
    st.none() | st.builds(Origin, text, st.text("0123456789abcdef", min_size=64, max_size=64), st.integers(0, 2**40)),
)  # fmt: skip
def test_every_field_survives_and_the_bytes_are_the_same_again(
    event: Event, revision: int, origin: Origin | None
) -> None:
    line = line_of(event, revision, origin)
    (logged,) = read(line)
    assert logged == Logged(event, revision, origin)
    assert isinstance(logged, Logged)
    assert line_of(logged.event, logged.revision, logged.origin) == line


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"key": ""}, "key"),
        ({"source": "a\0"}, "source"),
        ({"occurred_at": 10**19}, "occurred_at"),
        ({"occurred_at": 10**18}, "occurred_at"),
        ({"revision": 0}, "revision"),
        ({"body": {"gross": 5, "net": 4}}, "body.closed_at"),
        ({"body": {**GOOD["body"], "net": 4.5}}, "body.net"),
        ({"body": {**GOOD["body"], "net": True}}, "body.net"),
        ({"body": {**GOOD["body"], "net": 2**60}}, "body.net"),
        ({"body": {**GOOD["body"], "opened_at": None}}, "body.opened_at"),
        ({"body": {**GOOD["body"], "instrument": 7}}, "body.instrument"),
        ({"body": []}, "record"),
        ({"raw": 7}, "record"),
    ],
)
def test_a_line_that_breaks_the_vocabulary_is_named(change: dict[str, Any], field: str) -> None:
    data = json.dumps(GOOD) + "\n" + json.dumps({**GOOD, **change}) + "\n"
    (reject,) = rejects(read(data))
    assert (reject.line, reject.field) == (2, field)


def test_a_cut_line_and_other_json_are_rejected() -> None:
    whole = json.dumps(GOOD)
    items = read(f"{whole}\n\n[1]\n{whole[:-5]}")
    assert [reject.line for reject in rejects(items)] == [3, 4]
    assert "middle" in rejects(items)[1].reason


def test_a_book_cannot_be_given_to_a_log() -> None:
    with pytest.raises(FileError, match="without --book"):
        read(json.dumps(GOOD), book="john")
