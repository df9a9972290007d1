"""Where records stand in a file, found again in a later one."""

from __future__ import annotations

import pytest

from northstar_tui.ledger.places import GAP_MOST, Place, Seen, Walk, alike


def walk(text: str, wanted: dict[int, Place] | None = None) -> Walk:
    """Go through records written as letters: capitals read and are their own keys, small ones do not."""
    found = Walk((wanted or {}).items())
    for line, letter in enumerate(text, 2):
        if letter.isupper():
            found.reads(line, letter, letter)
        else:
            found.refuses(line, ord(letter), letter)
    found.missed = found.end()  # type: ignore[attr-defined]
    return found


def places(text: str) -> dict[str, tuple[str, str, int, int]]:
    return {chr(number): tuple(place) for number, place in walk(text).places}  # type: ignore[misc]


def test_a_place_is_between_the_nearest_two_that_read() -> None:
    assert places("AxB") == {"x": ("A", "B", 1, 1)}
    assert places("AxyBzC") == {"x": ("A", "B", 1, 2), "y": ("A", "B", 2, 2), "z": ("B", "C", 1, 1)}
    assert places("xAy") == {"x": ("", "A", 1, 1), "y": ("A", "", 1, 1)}
    assert places("xyz") == {}, "between the edges anything may stand"
    assert Place.read(Place("A\n", "ü", 1, 2).text()) == ("A\n", "ü", 1, 2)


def test_a_gap_that_is_too_long_tells_nothing() -> None:
    for size in (GAP_MOST, GAP_MOST + 1):
        found = Walk()
        found.reads(1, "A", "")
        for number in range(size):
            found.refuses(number + 2, number, "")
        found.reads(999, "B", "")
        found.refuses(1000, 7, "")
        found.reads(1001, "C", "")
        assert len(found.places) == (size if size == GAP_MOST else 0) + 1
        assert found.places[-1] == (7, ("B", "C", 1, 1))


def test_what_stands_in_the_place_is_found_wherever_the_file_grew() -> None:
    wanted = {1: Place("A", "B", 1, 1)}
    for text in ("AXB", "PQAXBR", "xAXBy"):
        (found,) = walk(text, wanted).found
        assert (found.number, found.seen) == (1, Seen("X"))
    (found,) = walk("AyB", wanted).found
    assert found.seen == Seen("y", ord("y"))
    two = {1: Place("A", "B", 1, 2), 2: Place("A", "B", 2, 2)}
    assert [(f.number, f.seen.raw) for f in walk("AXyB", two).found] == [(1, "X"), (2, "y")]
    edges = {1: Place("", "B", 1, 1), 2: Place("B", "", 1, 1)}
    assert [(f.number, f.seen.raw, f.cut) for f in walk("XBY", edges).found] == [
        (1, "X", False), (2, "Y", True), (2, "Y", False),
    ]  # fmt: skip
    assert [(f.number, f.seen.raw, f.cut) for f in walk("ABYZ", edges).found] == [(1, "A", False), (2, "Y", True)]


@pytest.mark.parametrize("text", ["AB", "AXYB", "AYCXB", "BXA", "AXC", "CXB", ""])
def test_nothing_is_found_where_the_neighbours_do_not_stand_so(text: str) -> None:
    found = walk(text, {1: Place("A", "B", 1, 1)})
    assert not found.found
    assert found.missed == ({1} if set(text) & {"A", "B"} else set())  # type: ignore[attr-defined]


def test_events_of_one_line_are_one_record_and_falling_lines_are_no_file() -> None:
    found = Walk([(1, Place("A", "B", 1, 1))])
    for line, key in ((1, "A"), (1, "A2"), (2, "X"), (2, "X2"), (3, "B"), (3, "B2")):
        found.reads(line, key, key)
    assert [f.seen.raw for f in found.found] == ["X"]
    for lines in ((5, 2, 6), (5, 6, 2), (None, 6, 7), (5, None, 7), (5, 6, None)):
        found = Walk([(1, Place("A", "B", 1, 1))])
        found.reads(lines[0], "A", "")
        found.reads(lines[1], "X", "")
        found.reads(lines[2], "B", "")
        assert not found.found
        found = Walk()
        found.reads(lines[0], "A", "")
        found.refuses(lines[1], 9, "")
        found.reads(lines[2], "B", "")
        assert not found.places, lines


def test_what_is_skipped_leaves_its_last_record_behind() -> None:
    found = Walk()
    assert found.idle
    found.skip(4_001, "A")
    found.refuses(4_002, 9, "")
    assert not found.idle
    found.reads(4_003, "B", "")
    assert found.places == [(9, ("A", "B", 1, 1))]


@pytest.mark.parametrize(
    ("old", "new", "like"),
    [
        ("a,b,oops,d", "a,b,10,d", True),
        ("a,b,c", "a,b,c", True),
        ("2026-03-02,Alpha,+100,10,x", "2026-04-17,Omega,-250,75,9", False),
        ("aaaa", "aa", True),
        ("abcd", "abxxxxxx", False),
        ("ab", "abab", True),
        ("aaa", "aaaaaaa", False),
        ("", "", False),
        ("", "a", False),
        ("x" * 100_001, "x" * 100_001, False),
    ],
)
def test_texts_are_alike_that_share_half(old: str, new: str, like: bool) -> None:
    assert alike(old, new) is like
    assert alike(new, old) is like
