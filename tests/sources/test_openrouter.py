"""OpenRouter: activity, today so far, credits; the export; and that no dollar counts twice at any moment."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from offices import HARMLESS, PASSING, Desk
from source_reading import events, read, rejects

from northstar_tui.errors import ConfigError, FileError
from northstar_tui.sources.openrouter import make
from tests.fakes.openrouter import COLUMNS, KEY, ONE, ORDINARY, OpenRouterFake
from tests.fakes.server import CONTENT, Fault, Response

NOW = datetime(2026, 3, 20, 15, 30, tzinfo=UTC)
HEADER = ",".join(COLUMNS)
ROW = (
    "gen-1,2026-03-18 02:50:11.806,0.012349,,-0.009,,0,10,20,3,4,vendor/model-a-20260101,Vendor,standard,false,true,,"
    "stop,stop,22940,11337,false,agent,Tests"
)


pytestmark = pytest.mark.usefixtures("quick")


@pytest.fixture
def fake() -> Any:
    with OpenRouterFake(now=NOW) as served:
        yield served


class OpenRouterDesk(Desk):
    """A desk whose clock is the fake's."""

    fake: OpenRouterFake

    def now(self) -> int:
        return int(self.fake.moment().timestamp()) * 1_000_000


def desk(folder: Path, fake: OpenRouterFake, key: str = KEY) -> Desk:
    folder.mkdir(exist_ok=True)
    own = {"management_key": "env:K", "url": f"{fake.url}/api/v1"}
    made = OpenRouterDesk(folder, make, "openrouter", own, {"K": key})
    made.fake = fake
    return made


def spent(fake: OpenRouterFake) -> Decimal:
    return sum((each.usage for each in fake.generations), Decimal(0))


def test_activity_and_today_so_far_are_all_that_was_spent(tmp_path: Path, fake: OpenRouterFake) -> None:
    one = desk(tmp_path, fake)
    outcome = one.sync()
    assert (outcome.state, outcome.error) == ("done", "")
    assert one.net() == -spent(fake)
    today = [each for each in one.entries() if each.body.get("provisional")]
    assert [(each.key, -each.net) for each in today] == [("today/2026-03-20", 17_001)]
    row = next(each for each in one.entries() if each.key.startswith("activity/2026-03-19/") and "-b-" in each.key)
    assert row.key == "activity/2026-03-19/00000000-0000-4000-8000-00000000000b/vendor/model-b-20260101"
    assert row.same == "openrouter:2026-03-19:vendor/model-b-20260101"
    assert (row.category, row.instrument, row.net) == ("api", "vendor/model-b-20260101", -1)
    again = one.sync()
    assert (again.counts.new, again.counts.revised) == (0, 0)


def test_today_becomes_nothing_in_the_moment_its_activity_comes(tmp_path: Path, fake: OpenRouterFake) -> None:
    one = desk(tmp_path, fake)
    one.sync()
    fake.add(NOW, "0.5")
    one.sync()
    assert one.net() == -spent(fake)
    fake.clock = NOW + ONE
    fake.late = {NOW.date()}
    one.sync()
    assert one.net() == -spent(fake)  # the day is over and not told yet: what was known of it stays
    fake.late = set()
    fake.add(NOW, "0.25")  # told late
    one.sync()
    assert one.net() == -spent(fake)
    history = [(rev, json.loads(body)["amount"]) for key, rev, _, body in one.events() if key == "today/2026-03-20"]
    assert history == [(1, 17_001), (2, 517_001), (3, 0)]
    one.sync()
    assert len([key for key, *_ in one.events() if key == "today/2026-03-20"]) == 3


def test_every_moment_of_two_months_is_right(tmp_path: Path) -> None:
    """The sum equals what was spent at each sync, and no dollar goes missing that the API ever told."""
    with OpenRouterFake(0, now=NOW) as fake:
        one = desk(tmp_path, fake)
        for step in range(24):
            fake.clock = NOW + timedelta(hours=57 * step)
            fake.add(fake.clock, f"0.{step + 1:02}")
            one.sync()
            assert one.net() == -spent(fake)
        assert one.rejects() == []


@pytest.mark.parametrize("minutes", [-9, 9])
def test_around_midnight_nobody_says_today(tmp_path: Path, fake: OpenRouterFake, minutes: int) -> None:
    fake.clock = datetime(2026, 3, 20, tzinfo=UTC) + timedelta(minutes=minutes)
    fake.add(fake.clock, "1")
    one = desk(tmp_path, fake)
    assert one.sync().state == "done"
    assert not any(each.body.get("provisional") for each in one.entries())


def test_what_the_provider_bills_is_named_and_not_counted(tmp_path: Path) -> None:
    with OpenRouterFake(0, now=NOW) as fake:
        fake.add(NOW - ONE, "0.05", byok="7.25")
        one = desk(tmp_path, fake)
        one.sync()
        assert one.net() == Decimal("-0.05")
        assert len(one.entries()) == 1
        assert one.entries()[0].body["byok_usage_inference"] == "7.25"
        ((_, _, _, body),) = one.events("cost.mirrored")
        assert json.loads(body)["billed_elsewhere"] == "7.25"
        assert json.loads(body)["provider"] == "Vendor"


def test_credits_and_keys_are_reported(tmp_path: Path, fake: OpenRouterFake) -> None:
    one = desk(tmp_path, fake)
    one.sync()
    ((_, _, _, body),) = one.events("credits.reported")
    said = json.loads(body)
    assert Decimal(said["remaining"]) == Decimal("100.5") - spent(fake)
    uses = one.events("usage.reported")
    assert [key.split("/")[0] for key, *_ in uses] == ["key", "keys", "keys", "keys"]
    assert {json.loads(body)["name"] for _, _, _, body in uses[1:]} == {"agent", "batch", "idle"}


def test_an_absence_of_more_than_thirty_days_is_told(tmp_path: Path, fake: OpenRouterFake) -> None:
    one = desk(tmp_path, fake)
    one.sync()
    fake.clock = NOW + ONE * 30
    assert one.sync().state == "done"
    fake.clock = NOW + ONE * 75
    outcome = one.sync()
    assert (outcome.state, outcome.counts.quarantined) == ("partial", 1)
    assert one.rejects() == [
        "the activity of 2026-04-19..2026-05-03 is no longer given: import the CSV export of openrouter.ai/activity"
    ]
    assert one.sync().state == "done"


def test_the_export_and_the_api_count_once(tmp_path: Path, fake: OpenRouterFake) -> None:
    fake.generations = [each for each in fake.generations if each.at.date() < NOW.date()]
    both, file = desk(tmp_path / "both", fake), desk(tmp_path / "file", fake)
    file.load("activity.csv", fake.export())
    assert file.net() == -spent(fake)
    both.load("activity.csv", fake.export())
    both.sync()
    assert both.net() == -spent(fake)
    assert {each.source for each in both.entries()} == {"openrouter"}  # the export's rows are linked, and in no sum
    said = [json.loads(body) for key, _, _, body in both.events("cost.incurred") if key.startswith("gen-")]
    assert len(said) == len(fake.generations)
    assert {each["same"] for each in said} == {each.same for each in both.entries()}


# -- the export ----------------------------------------------------------------------------------------------------


def test_a_row_of_the_export() -> None:
    (event,) = events(read(f"{HEADER}\n{ROW}\n"))
    assert (event.key, event.kind, event.body["amount"]) == ("gen-1", "cost.incurred", 12_349)
    assert event.occurred_at == int(datetime(2026, 3, 18, 2, 50, 11, 806_000, UTC).timestamp() * 1000) * 1000
    assert event.body["same"] == "openrouter:2026-03-18:vendor/model-a-20260101"
    assert (event.body["cost_cache"], event.body["tokens_reasoning"]) == ("-0.009", "3")


def test_the_export_in_any_order_of_columns_and_twice() -> None:
    order = list(reversed(COLUMNS))
    cells = dict(zip(COLUMNS, ROW.split(","), strict=True))
    turned = ",".join(order) + "\n" + ",".join(cells[name] for name in order)
    (event,) = events(read(turned))
    assert event.body == events(read(f"{HEADER}\n{ROW}\n"))[0].body
    found = events(read(f"{HEADER}\n{ROW}\n{HEADER}\n{ROW}\n"))
    assert [each.key for each in found] == ["gen-1", "gen-1"]  # one key: the store counts it once


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("0.012349", "", "cost_total"), ("0.012349", "x", "cost_total"), ("gen-1", "", "generation_id"),
        ("2026-03-18 02:50:11.806", "yesterday", "created_at"), (",0,10", ",?,10", "byok_usage_inference"),
        ("vendor/model-a-20260101", "", "model_permaslug"),
    ],
)  # fmt: skip
def test_a_row_that_cannot_be_read_goes_to_quarantine(old: str, new: str, field: str) -> None:
    items = read(f"{HEADER}\n{ROW.replace(old, new, 1)}\n{ROW}\n")
    assert [each.field for each in rejects(items)] == [field]
    assert len(items) == 2


def test_an_export_without_a_column_that_bears_money_is_refused() -> None:
    with pytest.raises(FileError, match="byok usage inference"):
        read(f"{HEADER.replace('byok_usage_inference', 'byok_cost')}\n{ROW}\n")


# -- what goes wrong -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", PASSING)
def test_what_passes_is_tried_again(
    tmp_path: Path, fake: OpenRouterFake, fault: Fault, impatient: Callable[[str | None], None]
) -> None:
    impatient(fault)
    one = desk(tmp_path, fake)
    fake.misbehave(fault, times=1)
    assert one.sync().state == "done"
    assert fake.hits == 1
    assert one.net() == -spent(fake)


@pytest.mark.parametrize("fault", HARMLESS)
def test_what_does_no_harm_is_stored_once(tmp_path: Path, fake: OpenRouterFake, fault: Fault) -> None:
    one = desk(tmp_path, fake)
    fake.misbehave(fault)
    assert one.sync().state == "done"
    assert fake.hits > 0 or fault not in CONTENT
    fake.misbehave(None)
    assert one.sync().counts.revised == 0
    assert one.net() == -spent(fake)


REFUSED = {
    "401": "refused us (401): No", "html": "answered no JSON but", "renamed": "missing required field `usage`",
    "missing": "missing required field `usage`", "retyped": "usage is not as documented: '{\"value\"",
}  # fmt: skip


@pytest.mark.parametrize("path", ["/activity", "/keys"])
@pytest.mark.parametrize("fault", REFUSED)
def test_what_cannot_be_understood_stops_the_run(tmp_path: Path, fake: OpenRouterFake, fault: Fault, path: str) -> None:
    one = desk(tmp_path, fake)
    fake.misbehave(fault, path=path)
    outcome = one.sync()
    assert outcome.state == "failed"
    wanted = REFUSED[fault].replace("usage", "usage_daily") if path == "/keys" else REFUSED[fault]
    assert wanted.removesuffix(": No") in outcome.error
    if fault in CONTENT:
        assert f"openrouter: {path[1:]} data[0]" in outcome.error
    assert KEY not in outcome.error
    assert not any(KEY.encode() in path.read_bytes() for path in tmp_path.glob("s.db*"))
    completed = sum((each.usage for each in fake.generations if each.at.date() < NOW.date()), Decimal(0))
    assert one.net() == (0 if path == "/activity" else -completed)
    fake.misbehave(None)
    assert one.sync().state == "done"
    assert one.net() == -spent(fake)


def test_a_record_changed_after_the_fact_is_a_revision(tmp_path: Path, fake: OpenRouterFake) -> None:
    one = desk(tmp_path, fake)
    one.sync()
    fake.misbehave("changed")
    assert one.sync().counts.revised == 1
    assert one.net() == -spent(fake) - 1
    fake.misbehave(None)
    one.sync()
    assert one.net() == -spent(fake)


def test_an_ordinary_key_is_refused_in_the_venues_words(tmp_path: Path, fake: OpenRouterFake) -> None:
    outcome = desk(tmp_path, fake, ORDINARY).sync()
    assert "Only management keys can perform this operation" in outcome.error
    checks = desk(tmp_path, fake, ORDINARY).checks()
    assert [check.state for check in checks] == ["failed"]
    assert "management key" in checks[0].remedy


def test_doctor(tmp_path: Path, fake: OpenRouterFake) -> None:
    checks = desk(tmp_path, fake).checks()
    assert [check.state for check in checks] == ["ok", "ok"]
    assert "credits left: $99." in checks[1].what
    fake.add(NOW, "200")
    assert desk(tmp_path, fake).checks()[1].state == "warning"
    with pytest.raises(ConfigError, match="management_key"):
        Desk(tmp_path, make, "openrouter", {}).checks()


@pytest.mark.parametrize(
    ("text", "where"),
    [('"0.015"', "usage"), ("null", "usage"), ("1e400", "usage"), ("true", "usage"), ("[1]", "usage")],
)
def test_money_that_is_no_number(tmp_path: Path, fake: OpenRouterFake, text: str, where: str) -> None:
    row = json.dumps(fake._activity(None), default=str)  # type: ignore[arg-type]
    row = '{"data": ' + row.replace('"usage": "0.025"', '"usage": ' + text) + "}"
    row = row.replace('"byok_usage_inference": "', '"byok_usage_inference": ').replace('", "requests"', ', "requests"')
    answer = Response(200, {"content-type": "application/json"}, row.encode())
    fake.answer = lambda request: answer  # type: ignore[method-assign]
    outcome = desk(tmp_path, fake).sync()
    assert outcome.state == "failed"
    assert f".{where} is not as documented" in outcome.error


def test_numbers_are_exact_and_a_day_has_a_form(tmp_path: Path, fake: OpenRouterFake) -> None:
    fake.generations = [fake.add(NOW - ONE, "0.1000005"), fake.add(NOW - ONE * 2, "0.1000015")]
    one = desk(tmp_path, fake)
    one.sync()
    assert sorted(each.net for each in one.entries()) == [-100_002, -100_000]  # half to even, once
    assert {each.body["usage"] for each in one.entries()} == {"0.1000005", "0.1000015"}


world = st.lists(
    st.tuples(st.integers(0, 40), st.decimals(0, 1000, places=6), st.sampled_from("ab"), st.booleans()), max_size=20
)


@settings(max_examples=15)
@given(world, st.integers(1, 29))
def test_any_world_at_any_two_moments(
    tmp_path_factory: pytest.TempPathFactory, said: list[tuple[int, Decimal, str, bool]], later: int
) -> None:
    with OpenRouterFake(0, now=NOW) as fake:
        for back, usage, model, other in said:
            key = ("b" if other else "a") * 64
            fake.add(NOW - ONE * back, str(usage), model=f"vendor/{model}", key=key)
        one = desk(tmp_path_factory.mktemp("world"), fake)
        assert one.sync().state == "done"
        reach = NOW.date() - ONE * 30
        told = sum((each.usage for each in fake.generations if each.at.date() >= reach), Decimal(0))
        assert one.net() == -told
        fake.clock = NOW + ONE * later
        assert one.sync().state == "done"
        assert one.net() == -told


cells = st.sampled_from(["", "0", "1.5", "x", "gen-9", "2026-03-18 02:50:11.8"])


@given(st.lists(st.lists(cells, min_size=24, max_size=24)))
def test_any_rows_come_out(rows: list[list[str]]) -> None:
    told = [row for row in rows if any(row)]
    assert len(told) <= len(read(HEADER + "\n" + "\n".join(map(",".join, rows)))) <= len(told) * 2


def test_a_day_is_a_day() -> None:
    from northstar_tui.sources.utcdays import midnight, parse

    assert parse("2026-02-25") == date(2026, 2, 25) == midnight("2026-02-25T01:00:00+01:00")
    for wrong in ("2026-2-25", "20260225", "2026-02-30", "2026-02-25T00:00", ""):
        with pytest.raises(ValueError):
            parse(wrong)
    for wrong in ("2026-02-25T00:00:00", "2026-02-25T00:30:00Z", "x"):
        with pytest.raises(ValueError):
            midnight(wrong)


SHARED = Path(__file__).parents[3] / "shared"
real = pytest.mark.skipif(
    not (SHARED / "data" / "README.md").is_file(), reason=f"the real files are not at {SHARED / 'data'}"
)


@real
@pytest.mark.parametrize(
    ("name", "rows", "micros"),
    [
        ("data/logs/llm_costs/openrouter_activity_2026-08-24.EXCERPT.csv", 15, 86_131),
        ("samples/openrouter/activity_export_2026-09-15_3rows.csv", 3, 15_677),
    ],
)
def test_real_exports(name: str, rows: int, micros: int) -> None:
    found = events(read((SHARED / name).read_bytes()))
    assert len({each.key for each in found}) == len(found) == rows
    assert sum(each.body["amount"] for each in found) == micros
    for each in found:  # gen-<unix>-…: the export's naive times are UTC
        assert abs(each.occurred_at // 1_000_000 - int(each.key.split("-")[1])) < 15


@real
def test_documented_answers(tmp_path: Path, fake: OpenRouterFake) -> None:
    answers = {
        f"/api/v1/{path}": (SHARED / f"samples/openrouter/{path}_spec_example.json").read_bytes()
        for path in ("activity", "credits", "key", "keys")
    }
    json_ = {"content-type": "application/json"}
    fake.answer = lambda request: Response(200, json_, answers[request.path])  # type: ignore[method-assign]
    fake.clock = datetime(2025, 8, 25, 12, tzinfo=UTC)
    one = desk(tmp_path, fake)
    assert one.sync().state == "done"
    assert sorted((each.key.split("/")[0], each.net) for each in one.entries()) == [
        ("activity", -15_000),
        ("today", -25_500_000),
    ]
