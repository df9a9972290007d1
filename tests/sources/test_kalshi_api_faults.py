"""Kalshi at its worst: every fault on every endpoint, keys of every kind, hostile answers; and whole again after."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kalshi_venue import Venue

from northstar_tui.events import Event, Reject
from northstar_tui.ledger.project import check
from northstar_tui.ledger.store import now
from northstar_tui.sources.kalshi import api, facts, payload
from northstar_tui.sources.kalshi.api import Record
from northstar_tui.sources.kalshi.marks import Marks
from northstar_tui.sources.kalshi.settle import Tally
from northstar_tui.sources.source import Nonsense
from tests.fakes.kalshi import KalshiFake, iso, problem
from tests.fakes.server import FAULTS, Request, Response


@pytest.fixture(autouse=True)
def fast(quick: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask a local server as often as it can answer."""
    monkeypatch.setattr(api, "RATE", 2000)


@pytest.fixture
def fake() -> Iterator[KalshiFake]:
    with KalshiFake() as served:
        yield served


@pytest.fixture
def venue(tmp_path: Path, fake: KalshiFake) -> Venue:
    return Venue(tmp_path, fake)


# -- the fault table -----------------------------------------------------------------------------------------------

REFUSED = {
    "401": "refused us (401)",
    "clock": "this machine's clock is 420 s behind Kalshi's",
    "renamed": "not as documented: Object missing required field",
    "missing": "not as documented: Object missing required field",
    "retyped": "not as documented: Expected",
    "html": "not as documented: it is no JSON",
    "loop": "goes round in circles",
    "429": "answered 429",
    "500": "answered 500",
    "half": "",
    "down": "",
}
HARMLESS = ("content-type", "duplicated", "reordered")
LISTS = (
    "/portfolio/fills",
    "/portfolio/orders",
    "/portfolio/settlements",
    "/portfolio/positions",
    "/portfolio/deposits",
)


def whole(venue: Venue, tmp_path: Path) -> dict[str, Any]:
    """Return what a store says that never met a fault."""
    calm = Venue(tmp_path, venue.fake, "calm")
    calm.done()
    return calm.said()


@pytest.mark.parametrize("fault", sorted(REFUSED))
def test_a_fault_is_named_and_nothing_is_lost_or_doubled_after_it(venue: Venue, tmp_path: Path, fault: Any) -> None:
    venue.fake.misbehave(fault)
    outcome = venue.sync()
    assert (outcome.state, venue.office.entries()) == ("failed", []), outcome.error
    assert REFUSED[fault] in outcome.error
    assert "kalshi" in outcome.error
    venue.fake.misbehave(None)
    venue.done()
    assert venue.said() == whole(venue, tmp_path)


@pytest.mark.parametrize("fault", HARMLESS)
def test_what_does_no_harm_changes_nothing(venue: Venue, tmp_path: Path, fault: Any) -> None:
    venue.fake.misbehave(fault)
    venue.done()
    assert venue.fake.hits > 0
    venue.fake.misbehave(None)
    said = whole(venue, tmp_path)
    assert venue.said() == said
    venue.done()
    assert venue.said() == said


@pytest.mark.parametrize("fault", ["429", "429-after", "500", "half", "down", "drip"])
def test_what_passes_is_tried_again_within_the_run(
    venue: Venue, tmp_path: Path, fault: Any, impatient: Callable[[str | None], None]
) -> None:
    impatient(fault)
    venue.fake.misbehave(fault, times=2)
    venue.done()
    assert venue.fake.hits == 2
    assert venue.said() == whole(venue, tmp_path)


def test_every_fault_is_in_the_table() -> None:
    assert set(FAULTS) == {*REFUSED, *HARMLESS, "429-after", "drip", "changed"}


@pytest.mark.parametrize("path", [*LISTS, "/markets"])
@pytest.mark.parametrize("fault", ["renamed", "retyped"])
def test_a_changed_field_of_any_endpoint_names_itself(venue: Venue, tmp_path: Path, path: str, fault: Any) -> None:
    venue.fake.misbehave(fault, path=path)
    outcome = venue.sync()
    assert outcome.state == "failed"
    key = "market_positions" if path.endswith("positions") else path.rpartition("/")[2]
    assert f"{path} $.{key}[0] is not as documented" in outcome.error
    venue.fake.misbehave(None)
    venue.done()
    assert venue.said() == whole(venue, tmp_path)


def test_a_failure_in_the_middle_keeps_what_came_before_it(venue: Venue) -> None:
    venue.fake.misbehave("500", path="/portfolio/positions")
    outcome = venue.sync()
    assert outcome.state == "failed"
    assert outcome.counts.new > 0
    assert len(venue.trades()) == 5
    venue.fake.misbehave(None)
    venue.fake.requests.clear()
    venue.done()
    live = [r for r in venue.fake.requests if r.path.endswith("/portfolio/settlements")]
    assert all(request.param("min_ts") for request in live), "settlements go on from their own mark"


def test_a_record_changed_after_the_fact_is_a_revision(venue: Venue) -> None:
    venue.done()
    venue.fake.misbehave("changed", path="/portfolio/settlements")
    outcome = venue.done()
    assert outcome.counts.revised >= 1
    bodies = venue.news("settlement:2:KXHIGHNY-2-B60")
    assert [body["net"] for body in bodies] == [-3_060_000, -3_310_000]
    assert bodies[1]["check_net"] == -3_060_000, "the fills do not say so: it shows as unreconciled"


@pytest.mark.parametrize(
    ("field", "value"),
    [("revenue", "1500"), ("revenue", 1500.0), ("yes_total_cost_dollars", 40), ("fee_cost", 0.02), ("value", "100")],
)
def test_cents_and_dollars_are_never_taken_for_each_other(venue: Venue, field: str, value: Any) -> None:
    venue.fake.account.settlements[0][field] = value
    outcome = venue.sync()
    assert outcome.state == "failed"
    assert f"$.{field}" in outcome.error
    assert venue.office.entries() == []


def test_a_balance_in_another_unit_is_refused(venue: Venue, monkeypatch: pytest.MonkeyPatch) -> None:
    told = venue.fake._balance
    monkeypatch.setattr(venue.fake, "_balance", lambda *asked: told(*asked) | {"balance_dollars": "4125"})
    outcome = venue.sync()
    assert outcome.state == "failed"
    assert "$.balance_dollars" in outcome.error


def test_subaccounts_that_are_mixed_up_are_refused(venue: Venue) -> None:
    venue.fake.account.settlements[0]["subaccount_number"] = 7
    outcome = venue.sync()
    assert outcome.state == "failed"
    assert "subaccount_number 7" in outcome.error


@pytest.mark.parametrize("nested", [True, False])
def test_errors_of_any_shape_are_told_in_words(venue: Venue, monkeypatch: pytest.MonkeyPatch, nested: bool) -> None:
    answer = venue.fake.answer

    def odd(request: Request) -> Response:
        if request.path.endswith("/orders"):
            return problem(400, "bad_request", "invalid status\x1b[31m filter", nested=nested)
        return answer(request)

    monkeypatch.setattr(venue.fake, "answer", odd)
    outcome = venue.sync()
    assert outcome.state == "failed"
    assert "answered 400: invalid status␛[31m filter" in outcome.error


def test_a_time_in_the_future_hides_nothing_that_comes_after(venue: Venue) -> None:
    fill = venue.fake.trade("KXF-1", "bid", "1.00", "0.5000", 4_000_000_000)
    assert fill["created_time"] == iso(4_000_000_000)
    venue.done()
    venue.fake.trade("KXF-1", "bid", "1.00", "0.5000", now() / 1_000_000)
    venue.done()
    assert "fill:fill-14" in venue.said()


@given(st.text())
def test_a_cursor_that_nobody_understands_reads_everything_again(text: str) -> None:
    assert Marks.read(text).text() == Marks.read(None).text()


# -- anything at all -----------------------------------------------------------------------------------------------

ROWS = KalshiFake()
RECORDS = {
    payload.Fill: ROWS.account.fills[0],
    payload.Order: ROWS.account.orders[0],
    payload.Settlement: ROWS.account.settlements[0],
    payload.Market: ROWS.markets["KXSCALAR-1-X"],
    payload.Cash: ROWS.account.deposits[0],
    payload.Position: {
        "ticker": "T", "position_fp": "-4.00", "market_exposure_dollars": "1.850000", "realized_pnl_dollars": "0.33",
        "fees_paid_dollars": "0.005", "last_updated_ts": "2026-08-27T12:38:10.888325Z",
    },
    payload.Balance: {"balance": 412_500, "balance_dollars": "4125.0000"},
}  # fmt: skip
numbers = st.from_regex(r"\A-?[0-9]{1,12}(\.[0-9]{1,13})?\Z").filter(str.isascii)
times = st.sampled_from(["2026-08-27T12:38:10.888325Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "2026-08-27"])
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20) | numbers | times,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


def told(shape: Any, record: Any) -> list[Any]:
    """Return what is made of a record, by the way that the source takes."""
    if shape is payload.Fill:
        tally = Tally()
        tally.add(record.said)
        return [facts.fill("kalshi", record)]
    if shape is payload.Order:
        return [facts.order("kalshi", record)]
    if shape is payload.Settlement:
        tally = Tally()
        for side, count in (("bid", record.said.yes_count_fp), ("ask", record.said.no_count_fp)):
            tally.add(
                payload.Fill(
                    side, "o", record.said.ticker, side, count, payload.Usd("999999999.999"), payload.Usd("9"), True,
                    payload.Instant(5),
                )
            )  # fmt: skip
        return [facts.settlement("kalshi", 0, record, each, None) for each in (tally, Tally())]
    if shape is payload.Market:
        return [facts.quote("kalshi", record, 5), facts.result("kalshi", record, 5)]
    if shape is payload.Cash:
        return [facts.cash("kalshi", "withdrawals", record)]
    if shape is payload.Position:
        return [facts.position("kalshi", 0, record)]
    return [facts.balance("kalshi", 0, record, 5)]


@given(st.sampled_from(list(RECORDS)), st.data())
def test_any_record_gives_events_that_the_ledger_takes_or_an_error_by_name(shape: Any, data: st.DataObject) -> None:
    row = {key: value for key, value in RECORDS[shape].items() if key[0] != "_"}
    for key in data.draw(st.lists(st.sampled_from(sorted(row)), max_size=4)):
        row[key] = data.draw(anything)
    content = json.dumps(row, ensure_ascii=data.draw(st.booleans())).encode("utf-8", "surrogatepass")
    try:
        said = payload.decode(content, shape)
    except ValueError as error:
        assert str(error)
        return
    try:
        found = told(shape, Record(said, content.decode()))
    except Nonsense:
        return
    for each in found:
        assert each is None or isinstance(each, Event | Reject)
        if isinstance(each, Event):
            check(each)
            json.dumps(dict(each.body))


@given(st.binary(max_size=200), st.sampled_from([*RECORDS, payload.page("fills")]))
def test_any_bytes_are_a_record_or_an_error_by_name(content: bytes, shape: Any) -> None:
    for each in (content, b"[" * 200_000, b'{"fills":' * 3000):
        try:
            payload.decode(each, shape)
        except ValueError as error:
            assert str(error)
