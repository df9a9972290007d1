"""The Admin API: cents with fractions, days that grow, pages, and what goes wrong with them."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from offices import HARMLESS, PASSING, REFUSED, Desk

from northstar_tui.calendar import ALL, Calendar
from northstar_tui.errors import ConfigError
from northstar_tui.ledger.spend import tokens
from northstar_tui.sources.anthropic import BURST, MINUTE, make
from northstar_tui.sources.utcdays import DAY, noon, start
from tests.fakes.anthropic import KEY, ONE, AnthropicFake, cost, usage
from tests.fakes.server import CONTENT, Fault, Request, Response

TODAY = date(2026, 3, 20)


pytestmark = pytest.mark.usefixtures("quick")


@pytest.fixture
def fake() -> Any:
    with AnthropicFake(today=TODAY) as served:
        yield served


def desk(folder: Path, fake: AnthropicFake, key: str = KEY, zone: str = "America/New_York") -> Desk:
    folder.mkdir(exist_ok=True)
    own = {"admin_key": "env:K", "url": fake.url}
    return Desk(folder, make, "anthropic", own, {"K": key}, zone, noon(TODAY))


def dollars(fake: AnthropicFake) -> Decimal:
    """What the world says was spent: cents, each line rounded to the micro."""
    lines = [line for lines in fake.costs.values() for line in lines]
    return sum((round(Decimal(line["amount"]) / 100, 6) for line in lines), Decimal(0))


def test_a_year_arrives_once_and_adds_up(tmp_path: Path, fake: AnthropicFake) -> None:
    fake.fill(TODAY - ONE * 364, 9)
    one = desk(tmp_path, fake)
    outcome = one.sync()
    assert (outcome.state, outcome.error) == ("done", "")
    assert one.net() == -dollars(fake)
    lines = sum(map(len, fake.costs.values()))
    assert len(one.entries()) == lines == len(one.events("cost.incurred"))
    assert len(one.events("usage.reported")) == sum(map(len, fake.usages.values()))
    asked = [r for r in fake.requests if r.path.endswith("cost_report")]
    assert len(asked) == 12 == len({r.param("page") for r in asked})
    assert {r.param("limit") for r in asked} == {"31"}
    assert asked[0].params("group_by[]") == ["workspace_id", "description"]
    again = one.sync()
    assert (again.counts.new, again.counts.revised) == (0, 0)


def test_cents_with_fractions_are_no_dollars(tmp_path: Path, fake: AnthropicFake) -> None:
    fake.costs = {TODAY: [cost(each, what=each) for each in ("123.78912", "0.00005", "0.00015", "-5")]}
    one = desk(tmp_path, fake)
    one.sync()
    found = {each.body["cents"]: -each.net for each in one.entries()}
    # 1,237,891.2 micros; 0.5 and 1.5 micros go to the even one; a credit is a negative cost.
    assert found == {"123.78912": 1_237_891, "0.00005": 0, "0.00015": 2, "-5": -50_000}
    entry = next(each for each in one.entries() if each.body["cents"] == "123.78912")
    assert (entry.category, entry.instrument, entry.kind) == ("api", "claude-opus-5", "cost")
    assert entry.body["description"] == "claude-opus-5 Usage - 123.78912"
    assert entry.body["workspace_id"] == "wrkspc_main"


def test_another_currency_is_kept_and_incomplete(tmp_path: Path, fake: AnthropicFake) -> None:
    fake.costs = {TODAY: [cost("250", currency="EUR")]}
    one = desk(tmp_path, fake)
    one.sync()
    (entry,) = one.entries()
    assert (entry.net, entry.incomplete, entry.currency, entry.stated_net) == (0, True, "EUR", -2_500_000)


@pytest.mark.parametrize(
    ("zone", "local"),
    [
        ("Etc/GMT+12", "2026-03-15"), ("America/New_York", "2026-03-15"), ("UTC", "2026-03-15"),
        ("Asia/Kolkata", "2026-03-15"), ("Etc/GMT-11", "2026-03-15"), ("Etc/GMT-12", "2026-03-16"),
        ("Pacific/Kiritimati", "2026-03-16"), ("Etc/GMT-14", "2026-03-16"),
    ],
)  # fmt: skip
def test_a_utc_day_is_booked_where_its_noon_lies(tmp_path: Path, fake: AnthropicFake, zone: str, local: str) -> None:
    day = date(2026, 3, 15)
    fake.costs = {day: [cost("100")]}
    one = desk(tmp_path, fake, zone=zone)
    one.sync()
    (entry,) = one.entries()
    assert entry.closed_at == int(datetime(2026, 3, 15, 12, tzinfo=UTC).timestamp()) * 1_000_000
    assert str(Calendar(zone).date_of(entry.closed_at)) == local
    assert entry.body["day"] == "2026-03-15"


def test_days_that_still_grow_are_revised(tmp_path: Path, fake: AnthropicFake) -> None:
    one = desk(tmp_path, fake)
    one.sync()
    fake.costs[TODAY][0]["amount"] = "9999.5"
    fake.costs[TODAY - ONE * 3].append(cost("7", "claude-new"))
    fake.costs[TODAY - ONE * 4].append(cost("7", "claude-too-old"))
    fake.requests.clear()
    outcome = one.sync()
    assert (outcome.counts.new, outcome.counts.revised) == (1, 1)
    assert {r.param("starting_at") for r in fake.requests} == {f"{TODAY - ONE * 3}T00:00:00Z"}
    one.sync(since=start(TODAY - ONE * 4))
    assert one.net() == -dollars(fake)


def test_a_line_that_its_day_no_longer_has_is_withdrawn(tmp_path: Path, fake: AnthropicFake) -> None:
    one = desk(tmp_path, fake)
    one.sync()
    fake.costs[TODAY - ONE][0]["description"] = "called otherwise by now"
    taken = fake.costs[TODAY - ONE * 3].pop()
    outcome = one.sync()
    assert (outcome.counts.new, outcome.counts.revised) == (1, 2)
    assert one.net() == -dollars(fake)
    assert one.sync().counts.revised == 0
    fake.costs[TODAY - ONE * 3].append(taken)
    one.sync()
    assert one.net() == -dollars(fake)


def test_day_after_day_is_one_big_sync(tmp_path: Path, fake: AnthropicFake) -> None:
    world, fake.costs = fake.costs, {}
    small, big = desk(tmp_path / "small", fake), desk(tmp_path / "big", fake)
    for back in range(39, -1, -3):
        fake.today = TODAY - ONE * back
        small.at = noon(fake.today)
        fake.costs = {day: lines for day, lines in world.items() if day <= fake.today}
        small.sync()
    fake.today, small.at, fake.costs = TODAY, noon(TODAY), world
    small.sync()
    big.sync()
    assert sorted((e.key, e.net) for e in small.entries()) == sorted((e.key, e.net) for e in big.entries())
    assert big.net() == -dollars(fake)


def test_usage_is_tokens_and_no_money(tmp_path: Path, fake: AnthropicFake) -> None:
    fake.costs, fake.usages = {}, {TODAY: [usage(1500)]}
    one = desk(tmp_path, fake)
    one.sync()
    ((_, _, _, body),) = one.events("usage.reported")
    said = json.loads(body)
    assert (said["input_tokens"], said["output_tokens"], said["web_search_requests"]) == (1500 + 150 + 75 + 150, 750, 1)
    assert (said["model"], said["workspace_id"], said["service_tier"]) == ("claude-opus-5", "wrkspc_main", "standard")
    assert one.entries() == []


def test_a_use_that_its_day_no_longer_has_is_withdrawn(tmp_path: Path, fake: AnthropicFake) -> None:
    fake.costs, fake.usages = {}, {TODAY: [usage(1500)], TODAY - ONE: [usage(300)]}
    one = desk(tmp_path, fake)
    one.sync()
    fake.usages[TODAY][0]["model"] = "claude-opus-5-renamed"
    one.sync()
    with one.store() as store:
        assert tokens(store, ALL) == {
            "claude-opus-5": (300 + 30 + 15 + 30, 150), "claude-opus-5-renamed": (1875, 750), "Anthropic": (0, 0),
        }  # fmt: skip


def test_lines_that_an_unknown_dimension_parts_both_count(tmp_path: Path, fake: AnthropicFake) -> None:
    fake.costs = {TODAY: [cost("1", region="eu"), cost("2", region="us")]}
    one = desk(tmp_path, fake)
    one.sync()
    assert one.net() == Decimal("-0.03")
    fake.costs[TODAY][1]["amount"] = "3"
    one.sync()
    assert one.net() == Decimal("-0.04")


def test_an_expired_page_begins_anew_behind_what_is_stored(tmp_path: Path, fake: AnthropicFake) -> None:
    fake.expired = 2
    one = desk(tmp_path, fake)
    assert one.sync().state == "done"
    assert one.net() == -dollars(fake)
    fake.expired = 99
    outcome = desk(tmp_path / "other", fake).sync()
    assert outcome.state == "failed"
    assert "answered 410: page token expired" in outcome.error


def test_lasting_polling_is_one_a_minute(tmp_path: Path, fake: AnthropicFake) -> None:
    one = desk(tmp_path, fake)
    pages = [one.sync().pages for _ in range(BURST + 3)]
    assert all(pages[:BURST])
    assert not any(pages[BURST:])
    one.at = noon(TODAY) + MINUTE
    assert [one.sync().pages > 0, one.sync().pages > 0] == [True, False]
    one.at = noon(TODAY) - 400 * DAY  # a clock put back stops nothing
    assert one.sync().pages


@pytest.mark.parametrize("fault", PASSING)
def test_what_passes_is_tried_again(
    tmp_path: Path, fake: AnthropicFake, fault: Fault, impatient: Callable[[str | None], None]
) -> None:
    impatient(fault)
    one = desk(tmp_path, fake)
    fake.misbehave(fault, times=1)
    assert one.sync().state == "done"
    assert fake.hits == 1
    assert one.net() == -dollars(fake)


@pytest.mark.parametrize("fault", HARMLESS)
def test_what_does_no_harm_is_stored_once(tmp_path: Path, fake: AnthropicFake, fault: Fault) -> None:
    one = desk(tmp_path, fake)
    fake.misbehave(fault)
    assert one.sync().state == "done"
    assert fake.hits > 0 or fault not in CONTENT
    fake.misbehave(None)
    assert one.sync().counts.revised == 0
    assert one.net() == -dollars(fake)


@pytest.mark.parametrize("path", ["cost_report", "usage_report"])
@pytest.mark.parametrize("fault", REFUSED)
def test_what_cannot_be_understood_stops_the_run(tmp_path: Path, fake: AnthropicFake, fault: Fault, path: str) -> None:
    one = desk(tmp_path, fake)
    fake.misbehave(fault, path=path)
    outcome = one.sync()
    assert outcome.state == "failed"
    wanted = REFUSED[fault].replace("`str`", "`int`") if path == "usage_report" else REFUSED[fault]
    assert wanted in outcome.error
    assert outcome.error.startswith("anthropic: ")
    if fault in CONTENT:
        field = "amount" if path == "cost_report" else "uncached_input_tokens"
        assert "results[0]" in outcome.error
        assert field in outcome.error
    assert one.net() == (0 if path == "cost_report" else -dollars(fake))
    assert KEY not in outcome.error
    assert not any(KEY.encode() in path.read_bytes() for path in tmp_path.glob("s.db*"))
    fake.misbehave(None)
    assert one.sync().state == "done"
    assert one.net() == -dollars(fake)
    assert len(one.events("cost.incurred")) == sum(map(len, fake.costs.values()))


def test_pages_that_go_round_are_told(tmp_path: Path, fake: AnthropicFake) -> None:
    one = desk(tmp_path, fake)
    fake.misbehave("loop")
    outcome = one.sync()
    assert outcome.state == "failed"
    assert "next_page" in outcome.error
    assert "circle" in outcome.error
    fake.misbehave(None)
    one.sync()
    assert one.net() == -dollars(fake)


def test_a_record_changed_after_the_fact_is_a_revision(tmp_path: Path, fake: AnthropicFake) -> None:
    one = desk(tmp_path, fake)
    one.sync()
    fake.misbehave("changed", path="cost_report")
    assert one.sync().counts.revised == 1
    fake.misbehave(None)
    assert one.sync().counts.revised == 1
    assert one.net() == -dollars(fake)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (cost("$1"), "amount is not as documented: '$1' is not a number"),
        (cost("nan"), "amount"),
        (cost("1e300"), "amount"),
        (cost(""), "amount"),
        (cost("1", currency="credits"), "'credits' is no code of a currency"),
        (cost("1") | {"amount": 1.5}, "Expected `str`, got `float`"),
        (cost("1") | {"model": "m" * 3000}, "$.model"),
    ],
)
def test_amounts_that_are_none(tmp_path: Path, fake: AnthropicFake, line: dict[str, Any], why: str) -> None:
    fake.costs = {TODAY: [line]}
    outcome = desk(tmp_path, fake).sync()
    assert outcome.state == "failed"
    assert why in outcome.error


def test_hostile_text_is_kept_as_text(tmp_path: Path, fake: AnthropicFake) -> None:
    evil = "\x1b[31m[red]\u202e'; DROP TABLE event; =cmd()\0"
    fake.costs = {TODAY: [cost("1") | {"description": evil, "model": None, "new_field": {"deep": [1]}}]}
    one = desk(tmp_path, fake)
    assert one.sync().state == "done"
    assert one.entries()[0].instrument == evil


def test_doctor(tmp_path: Path, fake: AnthropicFake) -> None:
    assert [check.state for check in desk(tmp_path, fake).checks()] == ["ok", "ok"]
    ordinary = desk(tmp_path, fake, key="sk-ant-api03-x").checks()
    assert [check.state for check in ordinary] == ["failed"]
    assert "sk-ant-admin" in ordinary[0].remedy
    wrong = desk(tmp_path, fake, key="sk-ant-admin01-other").checks()
    assert [check.state for check in wrong] == ["failed"]
    assert "other" not in "".join(check.what + check.remedy for check in wrong)
    with pytest.raises(ConfigError, match="admin_keys"):
        Desk(tmp_path, make, "anthropic", {"admin_keys": "env:K"}).checks()


def test_an_unreadable_cursor_is_told(tmp_path: Path, fake: AnthropicFake) -> None:
    one = desk(tmp_path, fake)
    one.sync()
    with one.store() as store, store.transaction():
        store.connection.execute("UPDATE cursor SET value = 'x'")
    outcome = one.sync()
    assert "how far it was read cannot be understood: x" in outcome.error


amounts = st.decimals(-(10**9), 10**9, places=8).map(str)


@given(st.lists(st.tuples(st.integers(0, 60), amounts, st.sampled_from("abc")), max_size=25))
def test_any_world_adds_up(tmp_path_factory: pytest.TempPathFactory, said: list[tuple[int, str, str]]) -> None:
    with AnthropicFake(0, TODAY) as fake:
        for back, amount, model in said:
            fake.costs.setdefault(TODAY - timedelta(back), []).append(cost(amount, model))
        grouped: dict[tuple[int, str], Decimal] = {}
        for back, amount, model in said:
            grouped[back, model] = grouped.get((back, model), Decimal(0)) + Decimal(amount)
        one = desk(tmp_path_factory.mktemp("world"), fake)
        assert one.sync().state == "done"
        assert one.net() == -sum((round(each / 100, 6) for each in grouped.values()), Decimal(0))


SHARED = Path(__file__).parents[3] / "shared"


@pytest.mark.skipif(not (SHARED / "samples").is_dir(), reason=f"the documented answers are not at {SHARED / 'samples'}")
def test_documented_answers(tmp_path: Path, fake: AnthropicFake) -> None:
    def documented(request: Request) -> Response:
        name = "cost_report" if request.path.endswith("cost_report") else "usage_report_messages"
        said = json.loads((SHARED / f"samples/anthropic/{name}_doc_example.json").read_text())
        return Response.json(said | {"has_more": False, "next_page": None})

    fake.answer = documented  # type: ignore[method-assign]
    one = desk(tmp_path, fake)
    assert one.sync().state == "done"
    assert [(each.body["day"], each.net) for each in one.entries()] == [("2025-08-01", -1_237_891)]
    ((_, _, _, body),) = one.events("usage.reported")
    assert json.loads(body)["input_tokens"] == 1500 + 1000 + 500 + 200
