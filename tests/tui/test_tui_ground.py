"""The terminal says whether it is light; what it says is never taken for keys, and nothing is lost or waits for it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tui_session import session

from northstar_tui.tui import theme
from northstar_tui.tui.ground import QUERY, Ground, is_light

WHITE, BLACK = "\x1b]11;rgb:ffff/ffff/ffff\x1b\\", "\x1b]11;rgb:1e1e/1e1e/1e1e\x07"


def page(look: str) -> str:
    """Return how a look's ground is sent in full colour."""
    color = theme.look(look).text.bgcolor
    assert color is not None and color.triplet is not None
    return "48;2;{};{};{}".format(*color.triplet)


@given(
    st.lists(st.sampled_from(["j", "\x1b", "\x1b[A", "]", "1", "\x1b]", "\x1b]1", "é"]), max_size=6),
    st.lists(st.sampled_from(["k", "\x1b[B", "]", "\x1b", "11;"]), max_size=6),
    st.sampled_from([WHITE, BLACK]),
    st.sets(st.integers(1, 60)),
)
def test_the_answer_is_taken_out_wherever_it_is_cut(
    before: list[str], after: list[str], answer: str, cuts: set[int]
) -> None:
    told: list[bool] = []
    ground = Ground(told.append)
    ground.ask(lambda _: None)
    text = "".join(before) + answer + "".join(after)
    ends = sorted(cut for cut in cuts if cut < len(text))
    pieces = [text[start:end] for start, end in zip([0, *ends], [*ends, len(text)], strict=True)]
    typed = "".join(ground.taken(piece) for piece in pieces)
    first = len("".join(before))
    cut_in_two = first + 1 in ends  # its escape was handed on: it might have been a key
    assert typed == "".join(before) + "\x1b" * cut_in_two + "".join(after)
    assert told == [answer is WHITE]


@given(st.lists(st.text("\x1b]1;rgb:f/\\\x07jk", max_size=8)))
def test_where_nothing_was_asked_or_all_is_answered_nothing_is_touched(pieces: list[str]) -> None:
    ground = Ground(lambda _: None)
    assert [ground.taken(piece) for piece in pieces] == pieces
    ground.ask(lambda _: None)
    assert ground.wait > 0
    ground.taken(WHITE)
    assert [ground.taken(piece) for piece in pieces] == pieces and not ground.wait


@given(st.lists(st.text("]1;rgbjk", min_size=1, max_size=90), min_size=1))
def test_what_is_no_answer_reaches_the_program_with_the_next_key(pieces: list[str]) -> None:
    ground = Ground(lambda _: None)
    ground.ask(lambda _: None)
    typed = "".join(ground.taken(f"\x1b{piece}") for piece in pieces) + ground.taken("\x1b[A")
    assert typed == "".join(f"\x1b{piece}" for piece in pieces) + "\x1b[A"


@pytest.mark.parametrize(
    ("color", "light"),
    [("rgb:ff/ff/ff", True), ("rgb:0/0/0", False), ("rgba:fdf6/e3e3/ffff/ffff", True), ("RGB:FFFF/FFFF/FFFF", True),
     ("rgb:0000/2b2b/3636", False), ("?", None), ("", None)],
)  # fmt: skip
def test_light_is_what_is_nearer_to_white(color: str, light: bool | None) -> None:
    assert is_light(color) is light


def test_a_light_terminal_gets_the_light_look_and_keys_around_its_answer_count(own: Path) -> None:
    with session(own) as run:
        run.until_sent(QUERY)
        os.write(run.fd, f"2{WHITE}\r".encode())
        run.until("All time › 202")
        run.rest()
        assert page("light") in run.sent
        run.terminal.seen.clear()
        run.press("1", "Last events")
        assert page("dark") not in run.answer("2"), "the whole screen"
        os.write(run.fd, b"q")
        assert run.wait() == 0


@pytest.mark.parametrize("env", [{"NO_COLOR": "1"}, {"TERM": "linux"}])
def test_who_has_no_choice_or_would_print_it_is_not_asked(own: Path, env: dict[str, str]) -> None:
    with session(own, **env) as run:
        run.until("Last events")
        assert "]11;" not in run.sent


def test_a_theme_of_the_config_is_the_operators_word(own: Path) -> None:
    own.with_name("config.toml").write_text('[screen]\ntheme = "dark"\n')
    with session(own, NORTHSTAR_CONFIG=str(own.with_name("config.toml"))) as run:
        run.until("Last events")
        assert "]11;" not in run.sent


def test_a_dark_answer_and_none_at_all_leave_the_screen_as_it_is(own: Path) -> None:
    for answer in (BLACK, ""):
        with session(own) as run:
            run.until_sent(QUERY)
            os.write(run.fd, answer.encode())
            run.until("Last events")
            run.rest()
            assert page("dark") in run.sent and page("light") not in run.sent
            os.write(run.fd, b"q")
            assert run.wait() == 0


def test_who_leaves_at_once_leaves_no_answer_to_the_shell(own: Path) -> None:
    """The shell behind it reads what is left: nothing but what was typed for it."""
    program = "from northstar_tui.tui import ground; ground.GRACE = 60; from northstar_tui.__main__ import main; main()"
    shell = '"$0" -c "$1" --store "$2"; read -r line; echo "got <$line>"'
    with session(own, command=["sh", "-c", shell, sys.executable, program, str(own)]) as run:
        run.until_sent(QUERY)
        os.write(run.fd, b"q")
        run.rest()
        assert "\x1b[?1049l" not in run.sent, "it waits for the answer"
        os.write(run.fd, WHITE.encode())
        run.until_sent("\x1b[?1049l")
        os.write(run.fd, b"hello\r")
        run.until("got <hello>")
        assert "rgb" not in run.sent.partition("\x1b[?1049l")[2]
