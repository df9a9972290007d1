"""Epochs: what the config may say, and the periods that their names are."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from northstar_tui.calendar import Calendar, CalendarError, Epoch, Period, instant, names_period
from northstar_tui.config import read
from northstar_tui.epochs import epochs_of
from northstar_tui.errors import ConfigError

NOW = instant(datetime(2026, 3, 18, 15, 30, tzinfo=UTC))
V1, V2, V3 = (
    Epoch("v1", date(2025, 1, 6), date(2025, 6, 30)), Epoch("V2", date(2025, 9, 1), date(2026, 2, 9)),
    Epoch("v3", date(2026, 2, 10), None),
)  # fmt: skip
ROWS = [
    {"name": "v3", "from": date(2026, 2, 10)}, {"name": "v1", "from": date(2025, 1, 6), "to": date(2025, 6, 30)},
    {"name": "V2", "from": date(2025, 9, 1)},
]  # fmt: skip


def test_one_without_an_end_lasts_until_the_next_begins() -> None:
    assert epochs_of(ROWS) == (V1, V2, V3)
    assert epochs_of([]) == ()
    assert epochs_of(ROWS[:1])[0].last is None


@given(st.lists(st.dates(date(2000, 1, 1), date(2030, 1, 1)), unique=True, max_size=8))
def test_epochs_without_ends_follow_each_other_whole(starts: list[date]) -> None:
    found = epochs_of([{"name": f"e{n}", "from": start} for n, start in enumerate(starts)])
    assert [epoch.first for epoch in found] == sorted(starts)
    for one, two in pairwise(found):
        assert one.last is not None and one.last + timedelta(1) == two.first
    assert not found or found[-1].last is None


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Kolkata", "Pacific/Apia"])
def test_a_name_is_its_period(zone: str) -> None:
    calendar = Calendar(zone, (V1, V2, V3))
    start, today = calendar.day_start(date(2025, 9, 1)), calendar.period("day", NOW).end
    v2 = Period(start, calendar.day_start(date(2026, 2, 10)), "range")
    for text in ("V2", "v2", "epoch:V2", "EPOCH:v2", " v2 ", "2025-09-01..2026-02-09", "v2..v2"):
        assert calendar.parse(text, NOW) == v2, text
    assert calendar.parse("v3", NOW) == Period(v2.end, today, "range") == calendar.parse("since v3", NOW)
    for text in ("since v2", "v2..", "Since  epoch:v2", "since 2025-09-01", "2025-09..", "v2..today", "v2..v3"):
        assert calendar.parse(text, NOW) == Period(start, today, "range"), text
    assert calendar.label(v2) == "V2, 2025-09-01 – 2026-02-09"
    assert calendar.label(calendar.parse("v3", NOW)).startswith("v3, 2026-02-10 – ")
    assert calendar.label(calendar.parse("since v2", NOW)).startswith("2025-09-01 – ")
    assert calendar.parse(calendar.argument(v2), NOW) == v2


def test_one_that_is_to_come_is_its_first_day() -> None:
    calendar = Calendar("UTC", (Epoch("next", date(2026, 5, 1), None),))
    assert calendar.parse("next", NOW) == calendar.parse("2026-05-01..2026-05-01", NOW)
    with pytest.raises(CalendarError, match="ends before it begins"):
        calendar.parse("since next", NOW)


def test_what_is_no_epoch_says_which_there_are() -> None:
    with pytest.raises(CalendarError, match=r"'epoch:v9' is no epoch; \[\[epochs\]\] in the config names v1, V2, v3"):
        Calendar("UTC", (V1, V2, V3)).parse("epoch:v9", NOW)
    with pytest.raises(CalendarError, match="names none"):
        Calendar("UTC").parse("epoch:v9", NOW)
    with pytest.raises(CalendarError, match="'v3' is not a period"):
        Calendar("UTC").parse("since v3", NOW)
    assert names_period("epoch:v3") and names_period("Epoch:v3..") and not names_period("v3")


@pytest.mark.parametrize(
    ("row", "line", "what"),
    [
        ('name = "v1"', 1, "from must be a date"),
        ("from = 2026-01-01", 1, "name None is no name"),
        ('name = "2026-Q1"\nfrom = 2026-01-01', 2, "'2026-Q1' is no name"),
        ('name = "today"\nfrom = 2026-01-01', 2, "'today' is no name"),
        ('name = "a b"\nfrom = 2026-01-01', 2, "'a b' is no name"),
        ('name = "a..b"\nfrom = 2026-01-01', 2, "is no name"),
        ('name = "epoch:x"\nfrom = 2026-01-01', 2, "is no name"),
        ('name = "v1"\nfrom = "2026-01-01"', 3, "from must be a date: write it bare: from = 2026-01-31"),
        ('name = "v1"\nfrom = 2026-01-01T10:00:00', 3, "from must be a date"),
        ('name = "v1"\nfrom = 2026-01-02\nto = 2026-01-01', 4, "to 2026-01-01 lies before its beginning"),
        ('name = "v1"\nfrom = 2026-01-02\nuntil = 2026-01-01', 4, "until is not a key of an epoch"),
        ('name = "v1"\nfrom = 2026-01-02\n[[epochs]]\nname = "V1"\nfrom = 2026-02-02', 5, "'V1' stands twice"),
    ],
)
def test_the_config_says_which_line_is_wrong(tmp_path: Path, row: str, line: int, what: str) -> None:
    path = tmp_path / "config.toml"
    path.write_text(f"[[epochs]]\n{row}\n")
    with pytest.raises(ConfigError) as caught:
        read(path)
    assert str(caught.value).startswith(f"{path}:{line}: epochs.") and what in str(caught.value)


def test_the_config_names_them(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text('[[epochs]]\nname = "v2"\nfrom = 2026-02-01\n[[epochs]]\nname = "v1"\nfrom = 2025-01-01\n')
    assert read(path).epochs == (Epoch("v1", date(2025, 1, 1), date(2026, 1, 31)), Epoch("v2", date(2026, 2, 1), None))
