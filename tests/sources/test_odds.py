"""Odds and decimals: the column decides what a cell leaves open."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from northstar_tui.money import MoneyError, micros, scaled
from northstar_tui.sources.numbers import DecimalEvidence, fixed, plain, plain_text, settled_sign
from northstar_tui.sources.odds import OddsError, StyleEvidence, parse
from northstar_tui.text import safe


@pytest.mark.parametrize(
    ("text", "style", "expected"),
    [
        ("-110", "american", "1.9090909091"),
        ("\u2212110", "american", "1.9090909091"),
        ("+150", "american", "2.5"),
        ("120", "american", "2.2"),
        ("100", "american", "2"),
        ("1.91", "decimal", "1.91"),
        ("151", "decimal", "151"),
        ("2,50", "decimal", "2.5"),
        ("5/2", "fractional", "3.5"),
        ("8/1 + 9/4", "fractional", "29.25"),
        ("EVS", "fractional", "2"),
        ("52¢", "cents", "1.9230769231"),
        ("40", "cents", "2.5"),
        ("-110", "mixed", "1.9090909091"),
        ("1.91", "mixed", "1.91"),
    ],
)
def test_styles(text: str, style: str, expected: str) -> None:
    odds = parse(text, style)
    assert odds is not None
    assert plain(odds) == expected


@pytest.mark.parametrize("text", ["", "SP", "0.0", "n/a"])
def test_nothing_stated(text: str) -> None:
    assert parse(text, "decimal") is None


@pytest.mark.parametrize(
    ("text", "style", "why"),
    [
        ("150", "mixed", "American or decimal"),
        ("0.5", "decimal", "below 1"),
        ("50", "american", "between"),
        ("1/0", "fractional", "not fractional"),
        ("120", "cents", "between 0 and 100"),
        ("two", "decimal", "not odds"),
        ("1e99", "decimal", "beyond"),
        ("\x1b[31m2", "decimal", "not odds"),
    ],
)
def test_what_is_no_odds_is_refused(text: str, style: str, why: str) -> None:
    with pytest.raises(OddsError, match=why) as refusal:
        parse(text, style)
    assert safe(str(refusal.value)) == str(refusal.value)


@pytest.mark.parametrize(
    ("column", "style"),
    [
        (["-110", "120", "SP"], "american"),
        (["150", "220"], "american"),
        (["1.91", "151.0"], "decimal"),
        (["1/2", "EVS", "SP"], "fractional"),
        (["52¢"], "cents"),
        (["-110", "1.91"], "mixed"),
        (["", "SP"], None),
    ],
)
def test_the_column_decides(column: list[str], style: str | None) -> None:
    evidence = StyleEvidence()
    for text in column:
        evidence.add(text)
    assert evidence.style == style


@pytest.mark.parametrize(
    ("column", "delimiter", "sign", "text", "expected"),
    [
        (["1,50", "1,833"], ",", ",", "1,833", "1.833"),
        (["1.50", "1,833"], ",", ".", "1,833", "1833"),
        (["1,833"], ";", ",", "1,833", "1.833"),
        (["1,833"], ",", ".", "1,833", "1833"),
        (["1.234,50"], ";", ",", "1.234", "1234"),
        (["$1,234.50"], ",", ".", "$1,234.50", "1234.5"),
    ],
)
def test_the_decimal_sign_is_the_columns(
    column: list[str], delimiter: str, sign: str, text: str, expected: str
) -> None:
    evidence = DecimalEvidence(delimiter)
    for cell in column:
        evidence.add(cell)
    assert evidence.sign == sign
    assert plain_text(settled_sign(text, sign)) == expected


def test_a_column_of_both_signs_leaves_thousands_open() -> None:
    with pytest.raises(MoneyError, match="write it plainly"):
        settled_sign("1,234", "mixed")
    assert settled_sign("1,50", "mixed") == "1,50"


@given(st.decimals(-(10**14), 10**14, places=8))
def test_plain_text_is_exact(value: Decimal) -> None:
    text = plain(value)
    assert Decimal(text) == value
    assert "E" not in text
    assert text == "0" or not ("." in text and text.endswith("0"))


amounts = st.decimals(-(10**9), 10**9, places=8).map(str) | st.sampled_from(
    ["0.0000005", "0.0000015", "-0.0000005", "-0", "00.10", "$1,234.50", "($3.00)", "1e3", ".5", "5.", "1,5", "x", ""]
)


@given(amounts, st.sampled_from([1_000_000, 10_000]))
def test_the_fast_way_to_money_is_the_exact_one(text: str, unit: int) -> None:
    def outcome(read: Callable[[], int]) -> int | str:
        try:
            return read()
        except MoneyError:
            return "refused"

    assert outcome(lambda: fixed(text).micros(unit)) == outcome(lambda: micros(text, unit=unit))


@given(st.decimals(-(10**9), 10**9, places=8), st.decimals(0, 10**4, places=6))
def test_a_product_is_rounded_once(a: Decimal, b: Decimal) -> None:
    with localcontext() as context:
        context.prec = 60
        exact = a * b
    try:
        assert fixed(str(a)).times(fixed(str(b)), 1_000_000) == scaled(exact)
    except MoneyError:
        assert abs(exact) > 2**53 // 1_000_000


@given(st.text(max_size=30), st.sampled_from([None, "american", "decimal", "fractional", "cents", "mixed"]))
def test_any_text_is_odds_or_a_refusal(text: str, style: str | None) -> None:
    try:
        odds = parse(text, style)
        assert odds is None or odds >= 1
    except OddsError as refusal:
        assert safe(str(refusal)) == str(refusal)
