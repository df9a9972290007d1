"""The zipper: any walk keeps the path whole, and going back undoes going there."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from northstar_tui.calendar import ALL, Calendar, Period
from northstar_tui.tui import periods
from northstar_tui.tui.actions import LEDGER
from northstar_tui.tui.navigation import HISTORY, Cursor, Navigation
from northstar_tui.views.stretch import beside

_subjects = st.integers(0, 5)
_cursors = st.builds(Cursor, st.integers(0, 99), st.integers(0, 99), st.none() | _subjects)
_places = st.lists(st.tuples(st.sampled_from(["overview", "ledger"]), _subjects), min_size=1, max_size=5)
_steps = st.lists(
    st.one_of(
        st.tuples(st.just("enter"), st.sampled_from(["ledger", "entry"]), _subjects),
        st.tuples(st.just("go"), _places),
        st.tuples(st.just("at"), _cursors),
        st.tuples(st.sampled_from(["up", "back", "forward"])),
    ),
    max_size=30,
)


def _walk(steps: list[tuple[object, ...]]) -> Navigation:
    nav = Navigation.start([("overview", None)])
    for name, *args in steps:
        nav = getattr(nav, str(name))(*args)
    return nav


@given(_steps)
def test_the_path_is_never_empty_and_the_session_stays(steps: list[tuple[object, ...]]) -> None:
    nav = _walk(steps)
    assert nav.path and len(nav.past) <= HISTORY and len(nav.future) <= HISTORY
    assert (nav.filter, nav.basis, nav.dimension) == ("", "closed", "category")


@given(_steps, _cursors, _subjects)
def test_up_undoes_enter_with_the_cursor(steps: list[tuple[object, ...]], cursor: Cursor, subject: int) -> None:
    nav = _walk(steps).at(cursor)
    deeper = nav.enter("ledger", subject)
    assert deeper.up().path == nav.path and deeper.up().past == nav.past
    assert deeper.up().forward().path == deeper.path


@given(_steps, _places)
def test_back_undoes_go_and_forward_redoes_it(steps: list[tuple[object, ...]], places: list[tuple[str, int]]) -> None:
    nav = _walk(steps)
    there = nav.go(places)
    if there is not nav:
        assert there.back().path == nav.path
        assert there.back().forward().path == there.path


@given(_steps, _places)
def test_going_where_one_is_changes_nothing(steps: list[tuple[object, ...]], places: list[tuple[str, int]]) -> None:
    nav = _walk(steps).go(places)
    assert nav.go([level.place for level in nav.path]) is nav


def test_shared_levels_keep_their_cursor_and_new_ones_point_at_what_follows() -> None:
    nav = Navigation.start([("ledger", "all")]).at(Cursor(3, 0)).enter("ledger", "2026").at(Cursor(7, 0))
    nav = nav.enter("ledger", "Q1")
    other = nav.go([("ledger", "all"), ("ledger", "2026"), ("ledger", "Q2")])
    assert other.path[0].cursor == Cursor(3, 0)
    assert other.path[1].cursor == Cursor(key="Q2")
    assert other.up().here.cursor.key == "Q2"


def test_at_the_beginning_nothing_leads_further_back() -> None:
    nav = Navigation.start([("overview", None)])
    assert nav.up() is nav and nav.back() is nav and nav.forward() is nav


ZONES = st.sampled_from(["America/New_York", "Asia/Kolkata", "Europe/London", "UTC"])
instants = st.integers(1_400_000_000, 1_900_000_000).map(lambda s: s * 1_000_000)


@given(ZONES, instants, st.sampled_from(["year", "quarter", "month", "week", "day"]))
def test_the_neighbour_and_back_is_the_same_period(zone: str, at: int, level: str) -> None:
    calendar = Calendar(zone)
    period = calendar.path(level, at)[-1]
    after = beside(calendar, period, 1)
    assert after.start == period.end and after.level == level
    assert beside(calendar, after, -1) == period
    places = periods.places(calendar, period)
    assert places[0] == (LEDGER, ALL) and places[-1] == (LEDGER, period)
    assert periods.today(calendar, level, at) == period


def test_an_odd_span_hangs_under_all_time() -> None:
    calendar, span = Calendar("UTC"), Period(1_000, 2_000, "range")
    assert periods.places(calendar, span) == ((LEDGER, ALL), (LEDGER, span))
    assert beside(calendar, span, 1) == Period(2_000, 3_000, "range")
    assert beside(calendar, ALL, 1) == ALL
    assert periods.today(calendar, "all", 0).level == "day"
