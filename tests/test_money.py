"""Money: every accepted form against Decimal, every refusal, and the way back."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from northstar_tui.money import (
    MAX_MICROS,
    MICRO,
    MoneyError,
    convert,
    decimal_text,
    dollars,
    exact_dollars,
    micros,
    number,
    scaled,
)

amounts = st.integers(-MAX_MICROS, MAX_MICROS)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0", 0),
        ("-0", 0),
        ("1.23", 1_230_000),
        ("-1.23", -1_230_000),
        ("+1.23", 1_230_000),
        ("(1.23)", -1_230_000),
        ("( 1.23 )", -1_230_000),
        ("($1.23)", -1_230_000),
        ("$(1.23)", -1_230_000),
        ("1.23-", -1_230_000),
        ("1.23 -", -1_230_000),
        ("-$5", -5_000_000),
        ("$-5", -5_000_000),
        ("- $ 5", -5_000_000),
        ("\u22125", -5_000_000),
        ("$1,234.50", 1_234_500_000),
        ("1,234", 1_234_000_000),
        ("12,345,678.9", 12_345_678_900_000),
        ("1.234,50", 1_234_500_000),
        ("1.234.567,8", 1_234_567_800_000),
        ("1,5", 1_500_000),
        ("1,2345", 1_234_500),
        ("0,123", 123_000),
        ("-0,5", -500_000),
        ("1 234,50", 1_234_500_000),
        ("1\u00a0234.50", 1_234_500_000),
        ("1\u202f234\u202f567,5", 1_234_567_500_000),
        ("5 USD", 5_000_000),
        ("USD 5", 5_000_000),
        ("$5.00 USD", 5_000_000),
        ("  5\t", 5_000_000),
        (".5", 500_000),
        ("5.", 5_000_000),
        ("1e3", 1_000_000_000),
        ("1.5E-6", 2),
        ("0.0000005", 0),
        ("0.0000015", 2),
        ("0.0000025", 2),
        ("-0.0000015", -2),
        ("0.00000050000000000000000000000000000000000000000000000000000000000000001", 1),
        ("9007199254.740991", MAX_MICROS),
        ("-9007199254.740991", -MAX_MICROS),
    ],
)
def test_every_accepted_form(text: str, expected: int) -> None:
    assert micros(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "\n", "$", "()", "-", "+", ".", ",", "e5", "--5", "-5-", "(-5)", "(5-)", "-(5)", "(+5)", "+-5", "(5",
        "5)", "((5))", "1$2", "1 2", "1 23", "12 34", "1,23,4", "1,234,5", "1.234.567", "01,234,567", "1.23.4", "1..2",
        "1,,2", "1_000", "0x10", "1e", "1e5.5", "1e9999", "NaN", "nan", "sNaN", "inf", "-Infinity", "five", "5 apples",
        "٣", "１２", "৪.৫", "5\n6", "5\x00", "1'234.50", "9007199254.740992", "1e10", "-9007199254.7409915", "1e999",
        "=5+5", "½", "5%",
    ],
)  # fmt: skip
def test_every_refusal_says_why(text: str) -> None:
    with pytest.raises(MoneyError) as caught:
        micros(text)
    assert str(caught.value)


def test_a_refusal_of_a_long_text_is_short_and_quick() -> None:
    for text in ("$" + " " * 100_000 + "x", "9" * 100_000 + "x", "9 " * 100_000, "," * 100_000, "9" * 100_000):
        with pytest.raises(MoneyError) as caught:
            micros(text)
        assert len(str(caught.value)) < 120


def test_cents_and_other_units() -> None:
    assert micros("1234", unit=10_000) == 12_340_000
    assert micros("0.00005", unit=10_000) == 0
    assert micros("0.00015", unit=10_000) == 2
    assert micros("-(3)".strip("-"), unit=10_000) == -30_000


decimals = st.decimals(
    min_value=Decimal(-9_000_000_000), max_value=Decimal(9_000_000_000), allow_nan=False, allow_infinity=False, places=9
)


@given(decimals)
def test_parsing_equals_decimal_rounded_half_even_once(value: Decimal) -> None:
    expected = int((value * MICRO).quantize(Decimal(1), ROUND_HALF_EVEN))
    assert micros(f"{value:f}") == expected
    assert micros(f"${value:,.9f}".replace("$-", "-$")) == expected
    assert micros(str(value)) == expected
    grouped = f"{abs(value):,.9f}"
    assert micros(f"({grouped})") == -abs(expected)
    assert micros(f"{grouped}-") == -abs(expected)
    european = grouped.translate(str.maketrans(",.", ".,"))
    assert abs(micros(european)) == abs(expected)
    if abs(value) >= 1000:
        assert micros(grouped.replace(",", " ")) == abs(expected)
        assert micros(grouped.replace(",", "\u202f").replace(".", ",")) == abs(expected)


@given(st.decimals(min_value=-1000, max_value=1000, places=60))
def test_sixty_places_are_still_rounded_once(value: Decimal) -> None:
    wide = value.as_tuple()
    exact = int("".join(map(str, wide.digits))) * MICRO
    scale = 10 ** -int(wide.exponent)
    whole, rest = divmod(exact, scale)
    whole += 2 * rest > scale or (2 * rest == scale and whole % 2 == 1)
    assert micros(f"{value:f}") == (-whole if value < 0 else whole)


@given(amounts)
def test_the_exact_text_reads_back(amount: int) -> None:
    text = decimal_text(amount)
    assert micros(text) == amount
    assert Decimal(text) * MICRO == amount
    assert 2 <= len(text.partition(".")[2]) <= 6


@given(amounts)
def test_the_exact_dollars_hide_nothing(amount: int) -> None:
    text = exact_dollars(amount)
    assert micros(text) == amount
    assert dollars(amount) == text or len(text.partition(".")[2]) > 2


@given(st.integers(-(10**24), 10**24))
def test_sums_beyond_one_record_still_print_exactly(amount: int) -> None:
    assert int(Decimal(decimal_text(amount)).scaleb(6).to_integral_value()) == amount


@given(amounts)
def test_dollars_round_half_even_and_never_hide_a_loss(amount: int) -> None:
    text = dollars(amount)
    cents = int((Decimal(amount) / 10_000).quantize(Decimal(1), ROUND_HALF_EVEN))
    if cents or not amount:
        assert micros(text) == cents * 10_000
        assert text == f"{'-' if cents < 0 else ''}${abs(cents) // 100:,}.{abs(cents) % 100:02d}"
    else:
        assert micros(text) == amount
    assert text.startswith("-") == (amount < 0)
    assert dollars(amount, plus=True).startswith("+") == (amount > 0)


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (0, "$0.00"),
        (5_000, "$0.005"),
        (-4_999, "-$0.004999"),
        (5_001, "$0.01"),
        (15_000, "$0.02"),
        (25_000, "$0.02"),
        (1_234_567_890_000, "$1,234,567.89"),
        (-999_995_000, "-$1,000.00"),
    ],
)
def test_dollars(amount: int, text: str) -> None:
    assert dollars(amount) == text


@given(st.integers(-(10**12), 10**12), st.decimals(min_value="0.000001", max_value=1000, places=15))
def test_conversion_is_one_exact_half_even_rounding(amount: int, rate: Decimal) -> None:
    scale = 10**15
    whole, rest = divmod(abs(amount) * int(rate.scaleb(15)), scale)
    whole += 2 * rest > scale or (2 * rest == scale and whole % 2 == 1)
    assert convert(amount, rate) == (-whole if amount < 0 else whole)
    assert convert(-amount, rate) == -convert(amount, rate)


def test_conversion_beyond_what_a_record_may_state_is_refused() -> None:
    with pytest.raises(MoneyError):
        convert(MAX_MICROS, Decimal("1.1"))
    with pytest.raises(MoneyError):
        scaled(Decimal("1e300"))


@given(st.text(max_size=12))
def test_any_text_is_an_exact_number_or_a_refusal(text: str) -> None:
    try:
        value = number(text)
    except MoneyError:
        return
    assert value.is_finite()
    assert any(sign in text for sign in "0123456789")


@given(st.text(alphabet="0123456789.,-+()$ eUSD", max_size=10))
def test_what_looks_like_money_never_gains_digits_or_loses_its_sign(text: str) -> None:
    try:
        value = number(text)
    except MoneyError:
        return
    if value:
        stripped = text.partition("e")[0]
        assert (value < 0) == ("-" in stripped or "(" in stripped)
        if "e" not in text:
            assert str(abs(value)).replace(".", "").strip("0") == "".join(filter(str.isdigit, text)).strip("0")
