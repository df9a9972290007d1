"""Real files of other people's systems, which stand beside the project and are never part of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from source_reading import events, read, rejects

from northstar_tui.errors import FileError
from northstar_tui.sources.base import FormatSettings
from northstar_tui.text import safe

SHARED = Path(__file__).parents[3] / "shared"
pytestmark = pytest.mark.skipif(
    not (SHARED / "data" / "README.md").is_file(), reason=f"the real files are not at {SHARED / 'data'}"
)


def data(name: str) -> bytes:
    return (SHARED / name).read_bytes()


def test_a_real_kalshi_export_sums_to_its_own_total() -> None:
    found = events(read(data("data/kalshi/icon-weather__Kalshi-Transactions-2026.csv")))
    nets = [event.body["net"] for event in found]
    assert len(found) == len({event.key for event in found}) == 82
    assert sum(nets) == 8_060_000
    assert [sum(n > 0 for n in nets), sum(n < 0 for n in nets), sum(n == 0 for n in nets)] == [71, 6, 5]


def test_every_activity_report_is_refused_with_the_export_to_use() -> None:
    reports = sorted((SHARED / "data" / "kalshi").glob("*Recent-Activity*.csv"))
    assert len(reports) >= 7
    for report in reports:
        with pytest.raises(FileError, match=r"Kalshi-Transactions-YYYY\.csv"):
            read(report.read_bytes())


def test_a_tipsters_log_through_a_mapping() -> None:
    settings = FormatSettings(columns={"time": "created_at", "start": "event_time", "selection": "selection"})
    found = events(read(data("data/logs/evaristomat/bets.csv"), settings=settings))
    settled = [event.body["net"] for event in found if event.kind == "bet.settled"]
    assert len(found) == 3949
    assert (len(settled), sum(n > 0 for n in settled), sum(n < 0 for n in settled)) == (879, 473, 406)
    assert sum(settled) == 46_370_000


@pytest.mark.parametrize(
    ("name", "settled", "pending", "net"),
    [
        ("data/logs/LewisWJackson__bet_history.csv", 3, 6, -21_000_000),
        ("data/logs/StratiiLabs__bets.csv", 11, 0, 15_150_000),
        ("samples/bets/pikkit_transactions_test_rows.csv", 2, 0, 60_000_000),
        ("samples/bets/pikkit_transactions_old_header.csv", 0, 0, 0),
        ("samples/bets/betfair_BettingPandL.csv", 1, 0, 78_600_000),
        ("samples/kalshi/csv/Kalshi-Fills_gen4_header_only.csv", 0, 0, 0),
    ],
)
def test_real_logs_load(name: str, settled: int, pending: int, net: int) -> None:
    found = events(read(data(name)))
    kinds = [event.kind for event in found]
    assert (kinds.count("bet.settled"), kinds.count("bet.placed")) == (settled, pending)
    assert sum(event.body.get("net", 0) for event in found) == net


def test_a_log_whose_dates_state_no_year_is_quarantined_whole() -> None:
    items = read(data("data/logs/skurtsky__import_test.csv"))
    assert len(rejects(items)) == len(items) == 57
    assert {reject.field for reject in rejects(items)} == {"Date"}


def test_files_of_other_kinds_are_refused() -> None:
    others = [
        path
        for folder in ("data/forecasts", "data/hyperliquid", "data/performance", "data/abtest", "data/logs/stripe",
                       "data/logs/llm_costs", "samples/openrouter", "samples/hyperliquid", "samples/kalshi/rest")
        for path in (SHARED / folder).rglob("*")
        if path.suffix in (".csv", ".json", ".ndjson")
        and not (path.suffix == ".csv" and path.parent.name in ("hyperliquid", "llm_costs", "openrouter"))
    ]  # fmt: skip
    assert len(others) > 20
    for path in others:
        with pytest.raises(FileError, match="this is"):
            read(path.read_bytes())


def test_any_mail_is_refused_or_read_without_a_crash() -> None:
    for path in sorted((SHARED / "data" / "mail").rglob("*"))[:250]:
        if path.is_file():
            try:
                read(path.read_bytes())
            except FileError as refusal:
                assert safe(str(refusal)) == str(refusal)
