"""The filter language: what is printed reads back, nothing typed breaks it, and what is wrong is said where it is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from ledger_model import utc

from northstar_tui.calendar import ALL, Calendar, Period, names_period
from northstar_tui.events import Batch, Event
from northstar_tui.ledger import queries
from northstar_tui.ledger.rules import Rules
from northstar_tui.ledger.store import Store
from northstar_tui.ledger.terms import AMOUNTS, CHOICES, KINDS, NAMES, TEXT, Amount, Name, Term
from northstar_tui.money import MAX_MICROS
from northstar_tui.views.base import ViewError, where_text
from northstar_tui.views.filter import LONGEST, MOST, RULES, Filter, FilterError, begun, completions, forms, parse

NOW = utc(2026, 2, 18, 15)
CALENDAR = Calendar("America/New_York")
written = st.text(
    st.one_of(st.sampled_from('"\\*,:=<>- .2026'), st.characters(exclude_characters="\0", exclude_categories=["Cs"])),
    max_size=8,
)
amounts = st.one_of(st.sampled_from([0, 1, -1, 5_000_000]), st.integers(-MAX_MICROS, MAX_MICROS))


@st.composite
def terms(draw: st.DrawFn) -> Term:
    kind = KINDS[draw(st.sampled_from(list(KINDS)))]
    values: st.SearchStrategy[Any] = written.filter(bool)
    if kind.takes == NAMES:
        values = st.builds(Name, written, st.booleans())
    elif kind.takes == CHOICES:
        values = st.sampled_from(kind.choices)
    elif kind.takes == AMOUNTS:
        compared = st.tuples(st.sampled_from(["<", "<=", ">", ">=", "="]), amounts).map(lambda pair: Amount(*pair))
        values = st.one_of(compared, st.tuples(amounts, amounts).map(lambda e: Amount("..", min(e), max(e))))
    return Term(kind.name, tuple(draw(st.lists(values, min_size=1, max_size=3, unique=True))), draw(st.booleans()))


periods = st.sampled_from(["2026-02", "mtd", "2026-W08", "2026-02-01..2026-02-14", "2026-02-25T13:30", "all", "today"])


@given(st.lists(terms(), max_size=5), st.lists(periods, max_size=2))
def test_what_is_printed_reads_back(found: list[Term], words: list[str]) -> None:
    text = Filter(tuple(found), tuple(words)).text
    once = parse(text)
    assert once.periods == tuple(words)
    assert parse(once.text) == once, "what was read is in its own words already"
    positive = [term.kind for term in found if KINDS[term.kind].single and not term.negated]
    if len(set(positive)) == len(positive) and len(set(found)) == len(found):
        assert once.where == tuple(found)
    assert parse(*text.split("\0")) == parse(*map(where_text, pairs(once)), *once.periods)


def pairs(found: Filter) -> list[tuple[Term, ...]]:
    return [(term,) for term in found.where]


pieces = st.sampled_from(
    ["-", "not:", "book", "category", "net", "outcome", ":", "=", "<", ">", "<=", "..", "5", "-5", '"', "\\", ",", " ",
     "*", "2026-02", "mtd", "x", "win", "\t", "\n", "$", ".", "text:", "é", "日", "\x00", "\ud800"]
)  # fmt: skip


@given(st.one_of(st.lists(pieces, max_size=14).map("".join), st.text(max_size=30)))
@example('book:"')
@example("-not:")
@example("book:,")
def test_nothing_that_is_typed_breaks_it(text: str) -> None:
    try:
        found = parse(text)
        found.period(CALENDAR, NOW)
        assert parse(found.text) == found
    except FilterError as error:
        assert 0 <= error.at < error.end <= len(text) + 1
        assert error.remedy and "\n" not in str(error)
    for caret in range(len(text) + 1):
        word = begun(text, caret)
        assert text[word.at : caret] == word.text


@pytest.mark.parametrize(
    ("text", "wrong", "says"),
    [
        ("category:weather colour:red", "colour", "'colour' is nothing to filter by: use one of book, category"),
        ("12:30", "12", 'to look for the text, quote it: "12:30"'),
        ("text:x", "text", "nothing to filter by"),
        ("net:", "", "net: says nothing: write dollars: net:<-5, net:>=10 or net:-5..5"),
        ("net:five", "five", "'five' is no amount: write dollars"),
        ("net:1e5", "1e5", "is no amount"),
        ("net:5..1", "5..1", "ends before it begins"),
        ("net:0.0000001", "0.0000001", "more than six places"),
        ("net:99999999999999", "99999999999999", "beyond what one record may state"),
        ("a outcome:won b", "won", "'won' is no outcome: write one of win, loss, scratch, open"),
        ("book=", "", 'book: says nothing: write a name: book:NAME, book:"A NAME" or book:BEGINNING*'),
        ("book:a,,b", ",", "book: says nothing"),
        ('x "at Bills', '"at Bills', "is not closed"),
        ('"a"b', '"a"b', "holds a quote"),
        ('a"b"', 'a"b"', "holds a quote"),
        ("x <-5", "<-5", "compares nothing: write what to compare: net:<-5"),
        ("=x", "=x", "compares nothing"),
        ("- x", "-", "is no term"),
        ("--x", "--x", "is no term"),
        ("-2026-02", "2026-02", "is a period, and cannot be left out"),
        ("2026-01,2026-02", "2026-01", "is one of several periods: write one span"),
        ("high*", "high*", "needs no star"),
        ('""', '""', "is no text"),
        ("x\0", "\0", "no text"),
        ("2026-13", "2026-13", "is not a period: month must be in 1..12"),
        ("x 2026-02 2026-04", "2026-04", "2026-04 and 2026-02 have no time in common"),
        ("book:" + "x" * (LONGEST + 1), "x" * (LONGEST + 1), f"more than {LONGEST} characters"),
        (" ".join(f"-side:{n}" for n in range(MOST + 1)), None, f"more than {MOST} terms"),
    ],
)
def test_an_error_says_which_word_what_is_wrong_and_what_is_possible(text: str, wrong: str | None, says: str) -> None:
    with pytest.raises(ViewError) as caught:
        parse(text).period(CALENDAR, NOW)
    error = caught.value
    assert isinstance(error, FilterError)
    assert says in str(error)
    if wrong is not None:
        assert text[error.at : error.end] == wrong


def test_the_forms_people_write() -> None:
    assert parse('category=weather,"New York" book:john,').where == (
        Term("category", (Name("weather"), Name("New York"))),
        Term("book", (Name("john"),)),
    )
    assert parse("NET:<-$5 gross>=10 fees=0.5 stake:+5..10.25").where == (
        Term("net", (Amount("<", -5_000_000),)),
        Term("gross", (Amount(">=", 10_000_000),)),
        Term("fees", (Amount("=", 500_000),)),
        Term("stake", (Amount("..", 5_000_000, 10_250_000),)),
    )
    assert parse('instrument:KX* instrument:"KX*" -side:yes not:outcome:Win').where == (
        Term("instrument", (Name("KX", prefix=True), Name("KX*"))),
        Term("side", (Name("yes"),), negated=True),
        Term("outcome", ("win",), negated=True),
    )
    assert parse('jets "at \\"Bills\\"" -"2026" a,b', "", " \t").where == (
        Term("text", ("jets",)),
        Term("text", ('at "Bills"',)),
        Term("text", ("2026",), negated=True),
        Term("text", ("a", "b")),
    )
    assert parse("category:a net:>1 category:b net:>2 category:a net:>1").where == (
        Term("category", (Name("a"), Name("b"))),
        Term("net", (Amount(">", 1_000_000),)),
        Term("net", (Amount(">", 2_000_000),)),
    )
    assert parse("source:kalshi:john").where == (Term("source", (Name("kalshi:john"),)),)


def test_periods_narrow_each_other() -> None:
    feb = CALENDAR.parse("2026-02", NOW)
    assert parse("x").period(CALENDAR, NOW) is None
    assert parse("x").period(CALENDAR, NOW, feb) == feb
    assert parse("2026-02").period(CALENDAR, NOW) == feb
    assert parse("2026-02").period(CALENDAR, NOW, ALL) == feb
    assert parse("all 2026 2026-02").period(CALENDAR, NOW) == feb
    assert parse("2026-W09").period(CALENDAR, NOW, feb) == Period(
        CALENDAR.parse("2026-02-23", NOW).start, feb.end, "range"
    )
    today = parse("mtd 2026-02-18..2026-03").period(CALENDAR, NOW)
    assert today is not None and CALENDAR.argument(today) == "2026-02-18"


@pytest.mark.parametrize("word", ["2026", "2026-q1", "2026-13", "MTD", "2026-02-30", "today", "x..2026", "mtd.."])
def test_what_is_meant_as_a_period_is_one(word: str) -> None:
    assert names_period(word)


@pytest.mark.parametrize("word", ["", "x", "20260", "2026-", "KX-2026", "a..b", "..", "26MAY04", "1.5"])
def test_other_words_are_text(word: str) -> None:
    assert not names_period(word)


# -- completing --------------------------------------------------------------------------------------------------------


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    def trade(instrument: str, **facts: object) -> Event:
        body = {"gross": 1, "net": 1, "closed_at": NOW, "instrument": instrument, **facts}
        return Event("kalshi:john", instrument, "trade.closed", NOW, body, book="John Smith")

    with Store.create(tmp_path / "s.db", Rules("UTC", categories={"KX": "weather"})) as made:
        made.append(Batch("kalshi:john", [trade("KXHIGH", side="yes"), trade("HIGHER"), trade("kxlow*", side="no")]))
        yield made


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("", [f"{name}:" for name in KINDS if name != TEXT]),
        ("category:weather n", ["net:", "note:"]),
        ("-b", ["book:"]),
        ("book:", ['"John Smith"']),
        ('book:"joh', ['"John Smith"']),
        ("-instrument:HIGH", ["HIGHER", "KXHIGH"]),
        ("instrument:KXHIGH,kxl", ['"kxlow*"']),
        ("outcome:win,s", ["scratch"]),
        ("source:ka", ["kalshi:john"]),
        ("net:", []),
        ("x:y", []),
    ],
)
def test_names_and_kinds_complete(store: Store, typed: str, found: list[str]) -> None:
    word = begun(typed, len(typed))
    assert completions(store, word) == found
    for each in found:
        completed = typed[: word.at] + each
        if not each.endswith(":"):
            assert queries.total(store, ALL, where=parse(completed).where) is not None
            assert typed[word.at :].strip('"').lower() in completed[word.at :].lower()


# -- described ---------------------------------------------------------------------------------------------------------


def test_the_guide_has_the_very_table_of_the_language() -> None:
    guide = (Path(__file__).parents[2] / "docs" / "guide.md").read_text("utf-8")
    section = guide.partition("### Filters")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| `(.+?)` \| (.+?) \|$", section, re.MULTILINE)
    assert [(form.replace("\\|", "|"), about) for form, about in rows] == forms()
    assert [form.partition(":")[0] for form, _ in forms()] == [*(k for k in KINDS if k != TEXT), "TEXT", "PERIOD"]
    said = " ".join(section.replace("`", "").split())
    assert all(" ".join(rule.split()) in said for rule in RULES)
    examples = re.findall(r"^    (northstar .+)$", section, re.MULTILINE)
    assert len(examples) >= 3
    assert all(a != b for a, b in pairwise(examples))
    for shown in re.findall(r"^    /(.+?)(?:  .*)?$", section, re.MULTILINE):
        parse(shown).period(CALENDAR, NOW)
