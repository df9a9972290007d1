"""Positions from fills against a fold in fractions written apart, and laws that must hold whatever the fills are."""

from __future__ import annotations

from fractions import Fraction
from itertools import groupby

import pytest
from hypothesis import given
from hypothesis import strategies as st

from northstar_tui.figures.exact import DOLLAR, UNIT, directed, micros, share, text, units
from northstar_tui.figures.outcomes import Held, outcomes
from northstar_tui.figures.positions import (
    COVERAGE,
    GAP,
    Average,
    Fifo,
    Fill,
    Settlement,
    State,
    Version,
    fold,
)

POOLS = pytest.mark.parametrize("pool", [Average, Fifo])


def fill(at: int, quantity: str, price: str, fees: int = 0, start: str | None = None) -> Fill:
    return Fill(at, units(quantity), units(price), fees, None if start is None else units(start))


def dollars(amount: int | None) -> Fraction | None:
    return None if amount is None else Fraction(amount, DOLLAR)


def gains(versions: list[Version]) -> list[Fraction]:
    """Return what each version realised beyond the one before, in dollars."""
    found, before = [], {0: Fraction(0)}
    for version in versions:
        gross = dollars(version.state.gross)
        assert gross is not None
        step = gross - before.get(version.state.cycle, 0)
        before[version.state.cycle] = gross
        if step:
            found.append(step)
    return found


EXAMPLE = [fill(1, "10", "100"), fill(2, "10", "110"), fill(3, "-5", "120"), fill(4, "-25", "90"), fill(5, "10", "80")]


@pytest.mark.parametrize(("pool", "expected"), [(Average, [75, -225, 100]), (Fifo, [100, -250, 100])])
def test_the_known_example(pool: type[Average | Fifo], expected: list[int]) -> None:
    found = list(fold(EXAMPLE, pool=pool))
    assert gains(found) == expected
    assert sum(gains(found)) == -50
    assert [(v.state.cycle, v.state.quantity // UNIT) for v in found] == [
        (1, 10), (1, 20), (1, 15), (1, 0), (2, -10), (2, 0),
    ]  # fmt: skip


def test_a_flip_splits_price_and_fee_by_size() -> None:
    first, closed, turned = fold([fill(1, "3", "0.40", 7), fill(2, "-10", "0.55", 101)])
    assert (closed.at, turned.at) == (2, 2)
    assert dollars(closed.state.gross) == Fraction("0.45")
    assert (closed.state.fees, turned.state.fees) == (7 + 30, 71)  # 101 × 3/10 = 30.3
    assert (text(turned.state.quantity), turned.state.average) == ("-7", units("0.55"))
    assert first.state.average == units("0.40")


def test_buying_no_sells_yes_at_one_less_its_price() -> None:
    long = directed("yes", units("10"), units("0.60"))
    short = directed("no", units("4"), units("0.25"))
    assert short == (units("-4"), units("0.75")) == directed("sell", units("4"), units("0.75"))
    *_, last = fold([Fill(1, *long), Fill(2, *short)])
    assert text(last.state.quantity) == "6"
    assert dollars(last.state.gross) == Fraction("0.60")  # (0.75 − 0.60) × 4
    for side, quantity in (("bid", 1), ("", 1), ("buy", 0), ("sell", -1)):
        with pytest.raises(ValueError, match=r"side|quantity"):
            directed(side, quantity, 1)


@pytest.mark.parametrize(
    ("settled", "gross"),
    [
        (Settlement(9, UNIT), Fraction("2.00") - Fraction("0.90")),
        (Settlement(9, 0), Fraction("-0.90")),
        (Settlement(9, units("0.37")), Fraction("0.74") - Fraction("0.90")),
        (Settlement(9, None, void=True), Fraction(0)),
    ],
)
@POOLS
def test_settlement_closes_at_its_value_and_void_at_cost(
    pool: type[Average | Fifo], settled: Settlement, gross: Fraction
) -> None:
    *_, last = fold([fill(1, "1", "0.40"), fill(2, "1", "0.50")], settled, pool=pool)
    assert (last.at, last.state.quantity, dollars(last.state.gross)) == (9, 0, gross)


def test_a_settlement_of_unknown_value_leaves_the_position_as_it_was() -> None:
    (only,) = fold([fill(1, "1", "0.40")], Settlement(9, None))
    assert only.state.quantity == UNIT


def test_a_settlement_comes_after_all_fills_whatever_its_clock_says() -> None:
    *_, last = fold([fill(1, "1", "0.40"), fill(12, "1", "0.50")], Settlement(9, UNIT))
    assert (last.at, last.state.quantity) == (12, 0)


def test_short_positions_gain_where_the_price_falls_and_lock_what_they_can_lose() -> None:
    (held,) = fold([fill(1, "-10", "0.30")])
    state = held.state
    assert dollars(state.unrealised(units("0.25"))) == Fraction("0.5")
    assert dollars(state.locked(UNIT)) == 7  # NO at 0.70
    (long,) = fold([fill(1, "10", "0.30")])
    assert dollars(long.state.unrealised(units("0.25"))) == Fraction("-0.5")
    assert dollars(long.state.locked(UNIT)) == 3


# -- coverage and missing fills ----------------------------------------------------------------------------------------


def test_a_position_opened_before_coverage_has_no_basis_until_it_is_flat() -> None:
    found = list(fold([
        fill(1, "2", "10", 5, "8"), fill(2, "-10", "11", 6, "10"), fill(3, "4", "12", 7, "0"),
        fill(4, "-4", "13", 8, "4"),
    ]))  # fmt: skip
    assert [v.state.broken for v in found] == [COVERAGE, COVERAGE, "", ""]
    assert [dollars(v.state.gross) for v in found] == [None, None, 0, 4]
    assert found[0].state.average is None
    assert found[0].state.unrealised(UNIT) is None
    assert found[0].state.locked(UNIT) is None
    assert [v.state.fees for v in found] == [5, 11, 7, 15]


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        ("7", [(1, "6", GAP)]),  # more was bought, unseen
        ("0", [(1, "0", GAP), (2, "-1", "")]),  # it was closed, unseen; this fill opens a cycle of its own
        ("-3", [(1, "0", GAP), (2, "-4", GAP)]),  # it was turned round, unseen
    ],
)
def test_missing_fills_break_the_cycle_and_the_venue_is_believed(
    start: str, expected: list[tuple[int, str, str]]
) -> None:
    _, *found = fold([fill(1, "5", "10", 0, "0"), fill(2, "-1", "11", 0, start)])
    assert [(v.state.cycle, text(v.state.quantity), v.state.broken) for v in found] == expected


def test_fills_of_one_instant_are_put_in_the_venues_order_where_it_states_one() -> None:
    ordered = [fill(5, "-4", "10", 1, "4"), fill(5, "-6", "11", 2, "0"), fill(5, "6", "9", 3, "-6")]
    for found in (ordered, ordered[::-1], [ordered[1], ordered[2], ordered[0]]):
        states = [v.state for v in fold([fill(1, "4", "8", 0, "0"), *found])][1:]
        assert [(s.cycle, dollars(s.gross), s.fees, s.broken) for s in states] == [(1, 8, 1, ""), (2, 12, 5, "")]


# -- laws --------------------------------------------------------------------------------------------------------------

QUANTITIES = st.integers(1, 400).map(lambda n: n * UNIT // 100)
PRICES = st.integers(1, 9_999).map(lambda n: n * UNIT // 10_000)
FEES = st.integers(-50, 90_000)


@st.composite
def fills(draw: st.DrawFn, *, apart: bool = False) -> list[Fill]:
    """Draw fills in order of time, several of one instant unless `apart`."""
    at, found = 0, []
    for _ in range(draw(st.integers(1, 25))):
        at += draw(st.integers(1 if apart else 0, 2))
        sign = draw(st.sampled_from((1, -1)))
        found.append(Fill(at, sign * draw(QUANTITIES), draw(PRICES), draw(FEES)))
    return found


def in_fractions(found: list[Fill]) -> tuple[list[Fraction], list[Fraction]]:
    """Fold by average cost as the definition reads, one fill at a time; return each cycle's gross and fees."""
    q = b = Fraction(0)
    gross, fees = list[Fraction](), list[Fraction]()
    for each in found:
        n, x = Fraction(abs(each.quantity), UNIT), Fraction(each.price, UNIT)
        sign = 1 if each.quantity > 0 else -1
        if q == 0:
            gross.append(Fraction(0))
            fees.append(Fraction(0))
        if q * sign >= 0:
            b, q = (abs(q) * b + n * x) / (abs(q) + n), q + sign * n
            fees[-1] += each.fees
            continue
        c = min(n, abs(q))
        gross[-1] += (x - b) * c * (1 if q > 0 else -1)
        part = share(each.fees, int(c * 100), int(n * 100))
        fees[-1] += part
        q += sign * n
        if n > c:
            gross.append(Fraction(0))
            fees.append(Fraction(each.fees - part))
            b = x
    return gross, fees


def last_states(versions: list[Version]) -> list[State]:
    return list({version.state.cycle: version.state for version in versions}.values())


@given(fills(apart=True))
def test_average_cost_is_its_definition_in_fractions(found: list[Fill]) -> None:
    gross, fees = in_fractions(found)
    states = last_states(list(fold(found)))
    assert [state.fees for state in states] == fees
    assert len(states) == len(gross)
    for state, expected in zip(states, gross, strict=True):
        assert state.gross is not None
        assert abs(Fraction(state.gross, DOLLAR) - expected) < Fraction(1, 10**33)


@given(fills())
@POOLS
def test_parts_add_up_to_the_cash_that_moved(pool: type[Average | Fifo], found: list[Fill]) -> None:
    states = last_states(list(fold(found, pool=pool)))
    cash = -sum(each.quantity * each.price for each in found)
    held = states[-1].cost or 0
    assert sum(state.gross or 0 for state in states) == cash + (held if states[-1].quantity >= 0 else -held)
    assert sum(state.fees for state in states) == sum(each.fees for each in found)
    assert states[-1].quantity == sum(each.quantity for each in found)


@given(fills())
def test_fifo_and_average_agree_on_every_cycle_that_is_flat(found: list[Fill]) -> None:
    average, fifo = (last_states(list(fold(found, pool=pool))) for pool in (Average, Fifo))
    assert [(s.cycle, s.quantity, s.fees) for s in average] == [(s.cycle, s.quantity, s.fees) for s in fifo]
    assert [s.gross for s in average if s.flat] == [s.gross for s in fifo if s.flat]


@given(fills(), st.randoms())
@POOLS
def test_the_order_within_an_instant_changes_nothing(
    pool: type[Average | Fifo], found: list[Fill], random: object
) -> None:
    mixed = []
    for _, group in groupby(found, key=lambda each: each.at):
        same = list(group)
        random.shuffle(same)  # type: ignore[attr-defined]
        mixed += same
    states = [(v.at, v.state) for v in fold(found, pool=pool)]
    assert [(v.at, v.state) for v in fold(mixed, pool=pool)] == states


@given(fills(), st.data())
def test_a_fold_goes_on_from_any_instant(found: list[Fill], data: st.DataObject) -> None:
    cut = data.draw(st.sampled_from([each.at for each in found]))
    early, late = [f for f in found if f.at <= cut], [f for f in found if f.at > cut]
    first = list(fold(early))
    assert [*first, *fold(late, state=first[-1].state)] == list(fold(found))


@given(fills())
def test_the_check_sum_of_whole_coverage_breaks_nothing(found: list[Fill]) -> None:
    held, told = 0, []
    for each in found:
        told.append(each._replace(start=held))
        held += each.quantity
    one_by_one = [each._replace(at=at) for at, each in enumerate(told)]
    states = [version.state for version in fold(told)]
    assert not any(state.broken for state in states)
    assert last_states(list(fold(told)))[-1].gross == last_states(list(fold(one_by_one)))[-1].gross


# -- numbers -----------------------------------------------------------------------------------------------------------


@given(st.integers(-(10**30), 10**30))
def test_numbers_come_back_as_they_were(value: int) -> None:
    assert units(text(value)) == value


@pytest.mark.parametrize("bad", ["", "-", ".", "1e5", "1.0000000000000000001", "+1", " 1", "1_0", "٣", "1.-2", "NaN"])
def test_what_is_no_number_is_refused(bad: str) -> None:
    with pytest.raises(ValueError, match=r"number|digits"):
        units(bad)


@given(st.integers(-(10**40), 10**40), st.integers(0, 10**6), st.integers(1, 10**6))
def test_a_share_is_rounded_half_even(amount: int, part: int, whole: int) -> None:
    assert share(amount, part, whole) == round(Fraction(amount * part, whole))


def test_money_is_rounded_once() -> None:
    third = fold([fill(1, "3", "0.1"), fill(2, "-1", "0.1000003"), fill(3, "-1", "0.1000003")])
    *_, last = third
    assert last.state.gross is not None
    assert micros(last.state.gross) == 1  # 0.6 micros, not 0 + 0


# -- outcomes ----------------------------------------------------------------------------------------------------------


def test_outcomes_of_markets_that_exclude_each_other() -> None:
    held = [
        Held(units("10"), 4 * DOLLAR, units("0.5")),  # 10 YES for $4
        Held(units("-10"), 3 * DOLLAR, units("0.2")),  # 10 NO for $7
    ]
    none, first, second = -4 + 3, 6 + 3, -4 - 7
    found = outcomes(held, exclusive=True)
    assert (dollars(found.worst), dollars(found.best)) == (second, first)
    assert none not in (second, first)
    assert dollars(found.expected) == -4 + 5 + 3 - 2
    free = outcomes(held, exclusive=False)
    assert (dollars(free.worst), dollars(free.best)) == (-4 - 7, 6 + 3)
    assert outcomes([*held, Held(UNIT, 0, None)], exclusive=True).expected is None


@given(st.lists(st.tuples(QUANTITIES, PRICES, st.booleans()), min_size=1, max_size=6))
def test_every_way_it_can_end_lies_between_worst_and_best(drawn: list[tuple[int, int, bool]]) -> None:
    held = [Held(q if yes else -q, q * price, price) for q, price, yes in drawn]
    ends = []
    for winner in range(-1, len(held)):
        total = 0
        for at, each in enumerate(held):
            *_, last = fold([Fill(1, each.quantity, share(each.cost, 1, abs(each.quantity)))],
                            Settlement(2, UNIT if at == winner else 0))  # fmt: skip
            total += last.state.gross or 0
        ends.append(total)
    found = outcomes(held, exclusive=True)
    assert (found.worst, found.best) == (min(ends), max(ends))
    free = outcomes(held, exclusive=False)
    assert free.worst <= found.worst <= found.best <= free.best
    assert free.expected == 0  # every price was the chance
