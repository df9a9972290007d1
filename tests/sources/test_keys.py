"""Keys of records without ids: what they say, and which of identical twins they are."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from northstar_tui.sources.keys import Tally, digest, row_key

facts = st.lists(st.integers() | st.text(max_size=5) | st.none(), max_size=4)


@given(facts, facts)
def test_different_facts_have_different_digests(a: list[object], b: list[object]) -> None:
    assert (digest(a) == digest(b)) == (a == b)


def test_a_separator_in_a_text_is_no_separator() -> None:
    assert digest(["a\x1ftb"]) != digest(["a", "b"])
    assert digest([1]) != digest(["1"])
    assert digest([None]) != digest(["-"])


@given(st.lists(st.binary(min_size=16, max_size=16), max_size=60), st.integers(0, 3))
def test_a_tally_counts_like_a_counter(keys: list[bytes], repeats: int) -> None:
    tally, plain = Tally(), Counter[bytes]()
    for key in keys * (repeats + 1):
        assert tally.next(key) == plain[key]
        plain[key] += 1
    assert len(tally) == len(plain)


def test_a_tally_grows() -> None:
    tally = Tally()
    keys = [digest([n]) for n in range(20_000)]
    assert {row_key(key, tally) for key in keys} == {f"{key.hex()}#0" for key in keys}
    assert all(tally.get(key) == 1 for key in keys)
    assert row_key(keys[7], tally).endswith("#1")
