"""The small pure parts: safe text, the prompt, the registry, ages, the header, messages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.keys import Keys, _character_to_key

from northstar_tui.calendar import Calendar
from northstar_tui.text import safe
from northstar_tui.tui import theme
from northstar_tui.tui.actions import ACTIONS, BY_ID, COMMANDS, GROUPS, LEDGER, OVERVIEW, SOURCE, by_key, footer
from northstar_tui.tui.choices import LEADING, LOOKS, MOST, PLAIN, Known, choices, search
from northstar_tui.tui.doing import HANDLERS
from northstar_tui.tui.header import header
from northstar_tui.tui.paint import Line, wrap
from northstar_tui.tui.prompt import LIMIT, Prompt
from northstar_tui.tui.screens.cells import age
from northstar_tui.tui.screens.message import failed, too_small
from northstar_tui.tui.widgets.chrome import crumbs, hints
from northstar_tui.views.base import Head
from northstar_tui.views.operations import SourceLine

LOOK = theme.look("dark")


def text(line: Line) -> str:
    return "".join(segment.text for segment in line._segments)


# -- safe --------------------------------------------------------------------------------------------------------------


@given(st.text())
def test_nothing_that_is_shown_is_obeyed(value: str) -> None:
    shown = safe(value)
    assert not any(ord(c) < 0x20 or 0x7F <= ord(c) < 0xA0 or 0xD800 <= ord(c) <= 0xDFFF for c in shown)
    assert not set(shown) & set("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u2028\u2029\ufeff")
    assert safe(shown) == shown
    shown.encode()


def test_escapes_are_visible() -> None:
    assert safe("\x1b[31mred\r\n\x7f\x9b") == "␛[31mred␍␊␡<U+009B>"
    assert safe("a\u202eb") == "a<U+202E>b"
    assert safe("naïve 日本 👍 [b]x[/b]") == "naïve 日本 👍 [b]x[/b]"


# -- prompt ------------------------------------------------------------------------------------------------------------

_edits = st.lists(
    st.one_of(
        st.sampled_from(["backspace", "delete", "left", "right", "home", "end", "ctrl+u", "ctrl+k", "ctrl+w"]),
        st.text(max_size=8).map(lambda t: "+" + t),
    ),
    max_size=30,
)


@given(_edits)
def test_the_caret_stays_within_the_text(edits: list[str]) -> None:
    prompt = Prompt.on("filter")
    for edit in edits:
        after = prompt.typed(edit[1:]) if edit.startswith("+") else prompt.key(edit)
        assert after is not None
        prompt = after
        assert 0 <= prompt.caret <= len(prompt.text) <= LIMIT
        assert safe(prompt.text) == prompt.text


def test_editing_keys() -> None:
    prompt = Prompt.on("filter", "category=weather book=x")
    erased = prompt.key("ctrl+w")
    assert erased is not None and erased.text == "category=weather "
    assert prompt.key("f5") is None
    assert prompt.failed("no").typed("y").error == ""


# -- registry ----------------------------------------------------------------------------------------------------------


def test_every_key_exists_and_does_one_thing_on_a_screen() -> None:
    names = {key.value for key in Keys}
    for action in ACTIONS:
        assert action.group in GROUPS and action.help.endswith(".")
        for key in action.keys:
            assert key in names or len(key) == 1 or key in {_character_to_key(c) for c in "/:?[]<>#"}, key
            for screen in action.where:
                assert by_key(key, screen) is action, f"{key} on {screen}"


def test_every_action_does_something() -> None:
    movements = {"down", "up", "page_down", "page_up", "first", "last", "day_left", "day_right"}
    assert set(BY_ID) == set(HANDLERS) | movements | {"section"}


def test_search_finds_by_label_first() -> None:
    assert search("why")[0].id == "why" and not search("zzz")
    offered = choices("", Known(OVERVIEW, None, 0))
    assert not next(choice for choice in offered if choice.opening.action == "basis").here
    assert [choice.here for choice in offered] == sorted((choice.here for choice in offered), reverse=True)


def test_the_palette_has_every_action_but_plain_movements() -> None:
    offered = {choice.opening.action for choice in choices("", Known(LEDGER, None, 0))}
    assert offered == set(BY_ID) - PLAIN - LEADING - LOOKS and {"section", "history_back", "first", "since"} <= offered


def test_the_palette_goes_to_periods_books_categories_and_sources() -> None:
    names = (("book", "John Smith"), ("book", "scalper"), ("category", "weather"))
    known = Known(OVERVIEW, Calendar("UTC"), 1_773_849_600_000_000, names, ("kalshi", "mail"))
    for query, label, screen in (
        ("go to 2026-02", "Go to Feb 2026", LEDGER), ("2026-W08", "Go to W08", LEDGER), ("today", "Go to", LEDGER),
        ("smith", "John Smith", LEDGER), ("go to weather", "weather", LEDGER), ("kals", "kalshi", SOURCE),
    ):  # fmt: skip
        first = choices(query, known)[0]
        assert first.label.startswith(label) and first.opening.whole and first.opening.places[-1][0] == screen, query
    assert choices("smith", known)[0].opening.filter == 'book:"John Smith"'
    assert choices("", known)[0].opening.action == "overview", "nothing typed: actions"
    assert choices("2026-13", known) == []
    many = Known(LEDGER, Calendar("UTC"), 0, tuple(("book", f"book {n}") for n in range(5000)), ())
    assert len(choices("book 4", many)) <= MOST + len(BY_ID)


@pytest.mark.parametrize("cells", [40, 60, 80, 120, 300])
def test_hints_fit_and_keep_help_and_quit(cells: int) -> None:
    line = hints(LEDGER, cells, LOOK, ascii_only=False)
    assert line.cells == cells
    assert "? Help" in text(line) and "q Quit" in text(line)
    assert [a.id for a in footer(COMMANDS)]


# -- words of the frame ------------------------------------------------------------------------------------------------


@given(st.lists(st.text(max_size=20), min_size=1, max_size=9), st.text(max_size=30), st.integers(20, 150))
def test_crumbs_fit(names: list[str], note: str, cells: int) -> None:
    assert crumbs(names, [note], cells, LOOK).cells <= cells


def test_crumbs_keep_both_ends() -> None:
    shown = text(crumbs(["All time", "2026", "Q1 2026", "Mar 2026", "Wed 11 Mar"], ["1 of 9"], 44, LOOK))
    assert shown.startswith(" All time › …") and "Wed 11 Mar" in shown and shown.endswith("1 of 9")


def test_ages_change_seldom() -> None:
    ages = [age(seconds * 1_000_000, 0) for seconds in (-5, 10, 299, 300, 3599, 3600, 172_799, 172_800)]
    assert ages == ["now", "now", "now", "5m", "55m", "1h", "47h", "2d"]


def _head(**changes: object) -> Head:
    values: dict[str, object] = {
        "net": -1_500_000, "unreconciled": 0, "incomplete": 0, "quarantined": 0, "sources": (), "batch": 1, "event": 1,
        "recorded_at": 0, "kind": "real", "zone": "UTC",
    }  # fmt: skip
    return Head(**{**values, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize("cells", [40, 60, 80, 120])
def test_the_header_says_what_lessens_trust(cells: int) -> None:
    head = _head(unreconciled=250_000, incomplete=3, quarantined=2, kind="demo")
    line = header(head, (_line("good", "fresh"), _line("old", "late"), _line("bad", "failing")), 0, cells, LOOK)
    shown = text(line)
    assert line.cells == cells and "▼ -$1.50" in shown
    if cells >= 80:
        assert "$0.25 unreconciled" in shown and "3 incomplete" in shown and "DEMO" in shown
    if cells >= 120:
        assert "✗ bad now failing" in shown and "◐ old now late" in shown and "good" not in shown


def _line(name: str, state: str, breaker: str = "closed") -> SourceLine:
    never = state in ("never", "off")
    return SourceLine(name, state, False, None if never else 0, None, breaker, 0, None, "", "", 0, None)


def test_badges_tell_the_worst_first_and_sum_up_many() -> None:
    sources = [_line(f"s{n}", "failing") for n in range(6)] + [_line("x", "late"), _line("y", "off")]
    shown = text(header(_head(), tuple(sources), 0, 120, LOOK))
    assert "✗ 6 sources failing  ◐ x now late" in shown and "y" not in shown.rpartition("late")[2]
    shown = text(header(_head(), (_line("a", "failing", "open"), _line("b", "never")), 0, 120, LOOK))
    assert "✗ a now left alone  ○ b not read yet" in shown


def test_states_say_what_to_do() -> None:
    page = failed(ValueError("no such table: entry"))
    shown = "\n".join(strip.text for strip in page.lines(80, 20, LOOK))
    assert "no such table" in shown and "try again" in shown and "northstar verify" in shown
    assert all(strip.cell_length == 20 for strip in too_small(20, 5, LOOK))


@given(st.text(st.sampled_from("ab  c")), st.integers(1, 20))
def test_wrap_loses_nothing(value: str, cells: int) -> None:
    lines = wrap(value, cells)
    assert all(len(line) <= cells for line in lines)
    assert "".join(lines).replace(" ", "") == value.replace(" ", "")


def test_mono_has_no_colour_and_others_do() -> None:
    mono, dark = theme.look("mono"), theme.look("dark")
    for name in ("text", "gain", "loss", "warn", "accent", "bar", "bar_gain", "cursor_ground", "faint"):
        style = getattr(mono, name)
        assert style.color is None and style.bgcolor is None
    assert dark.gain.color != dark.loss.color
    with pytest.raises(KeyError):
        theme.look("plaid")
