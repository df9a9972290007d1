"""Mixed date forms to exact instants; what is open is never guessed."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from northstar_tui.calendar import instant
from northstar_tui.sources.times import OrderEvidence, TimeError, exact, parse
from northstar_tui.text import safe

NEW_YORK = ZoneInfo("America/New_York")


def utc(*parts: int) -> int:
    return instant(datetime(*parts, tzinfo=UTC))  # type: ignore[misc, arg-type]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-05-05T07:33:01-04:00", utc(2026, 5, 5, 11, 33, 1)),
        ("2026-02-24T19:53:23.751Z", utc(2026, 2, 24, 19, 53, 23, 751_000)),
        ("2024-04-01T12:01:15.2093791Z", utc(2024, 4, 1, 12, 1, 15, 209_379)),
        ("2026-05-05 07:33", utc(2026, 5, 5, 11, 33)),
        ("2026-02-03", utc(2026, 2, 3, 5)),
        ("2026/02/03 01:00", utc(2026, 2, 3, 6)),
        ("12/27/2025 22:55:44 GMT", utc(2025, 12, 27, 22, 55, 44)),
        ("27/12/2025", utc(2025, 12, 27, 5)),
        ("2/2/26", utc(2026, 2, 2, 5)),
        ("30-Apr-24 16:10", utc(2024, 4, 30, 20, 10)),
        ("31 Mar 2024", utc(2024, 3, 31, 4)),
        ("May 9, 2026 at 3:20:50 PM EDT", utc(2026, 5, 9, 19, 20, 50)),
        ("Jan 20, 2025 at 12:04 AM PST", utc(2025, 1, 20, 8, 4)),
        ("Tue, 24 Feb 2026 10:00:00 GMT", utc(2026, 2, 24, 10)),
        ("24.02.2026 19:53", utc(2026, 2, 25, 0, 53)),
        ("1781420345", utc(2026, 6, 14, 6, 59, 5)),
        ("1781420345931", utc(2026, 6, 14, 6, 59, 5, 931_000)),
        ("2026-06-12T19:22+0530", utc(2026, 6, 12, 13, 52)),
    ],
)
def test_forms(text: str, expected: int) -> None:
    assert parse(text, NEW_YORK) == expected
    assert parse(f"  {text} ", NEW_YORK) == expected


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "empty"),
        ("yesterday", "not a time"),
        ("01-Jan", "no year"),
        ("Jan 5", "no year"),
        ("45500.5", "day number"),
        ("2026-13-01", "month"),
        ("2026-02-30", "day"),
        ("2026-01-01 25:00", "hour"),
        ("13/13/2026", "month"),
        ("1/2/2026 13:00 PM", "AM or PM"),
        ("2026-01-01 10:00 +25:00", "no zone"),
        ("30-Apr-24 16:10 IST", "can mean several"),
        ("0001-01-01", "outside"),
        ("3 Fob 2026", "no month"),
        ("2026-05-05T07:3", "not a time"),
        ("\x1b[2J2026", "not a time"),
    ],
)
def test_what_states_no_instant_is_refused_with_the_reason(text: str, why: str) -> None:
    with pytest.raises(TimeError, match=why) as refusal:
        parse(text, NEW_YORK, "mdy")
    assert "\x1b" not in str(refusal.value)


def test_an_open_order_is_refused_with_the_remedy_and_decided_by_the_column() -> None:
    with pytest.raises(TimeError, match="dates = "):
        parse("03/04/2026", NEW_YORK)
    assert parse("03/04/2026", NEW_YORK, "dmy") == utc(2026, 4, 3, 4)
    assert parse("03/04/2026", NEW_YORK, "mdy") == utc(2026, 3, 4, 5)
    with pytest.raises(TimeError, match="both orders"):
        parse("03/04/2026", NEW_YORK, "mixed")
    assert parse("04/04/2026", NEW_YORK, "mixed") == utc(2026, 4, 4, 4)


@pytest.mark.parametrize(
    ("column", "order"),
    [
        (["03/04/2026", "13/04/2026"], "dmy"),
        (["03/04/2026", "04/13/2026 10:00"], "mdy"),
        (["03/04/2026", "05/06/2026"], None),
        (["13/04/2026", "04/13/2026"], "mixed"),
        (["24.02.2026", "2026-01-13", "31 Mar 2024", ""], None),
    ],
)
def test_the_column_decides(column: list[str], order: str | None) -> None:
    evidence = OrderEvidence()
    for text in column:
        evidence.add(text)
    assert evidence.order == order


@given(st.datetimes(datetime(1971, 1, 1), datetime(2100, 1, 1)), st.integers(-14 * 60, 14 * 60))
def test_exact_iso_times_agree_with_the_standard_library(naive: datetime, minutes: int) -> None:
    sign = "-" if minutes < 0 else "+"
    text = f"{naive.isoformat()}{sign}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"
    expected = instant(datetime.fromisoformat(text).astimezone(UTC))
    assert exact(text) == expected
    assert parse(text, NEW_YORK) == expected


@pytest.mark.parametrize(
    "text", ["2026-05-05", "2026-05-05T07:33:01", "2026-05-05T07:33:01-04:0", "2026-05-05T07:33:01-04", "", "x"]
)
def test_exact_times_must_be_whole(text: str) -> None:
    with pytest.raises(TimeError):
        exact(text)


@given(st.text(max_size=40), st.sampled_from([None, "dmy", "mdy", "mixed"]))
def test_any_text_is_an_instant_or_a_refusal(text: str, order: str | None) -> None:
    for reader in (lambda: parse(text, NEW_YORK, order), lambda: exact(text)):
        try:
            assert isinstance(reader(), int)
        except TimeError as refusal:
            assert safe(str(refusal)) == str(refusal)
