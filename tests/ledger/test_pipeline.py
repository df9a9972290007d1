"""The jobs that are not over: at which stage each stands, since when, and for how much."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from northstar_tui.events import Batch, Event
from northstar_tui.ledger.pipeline import Job, Stage, jobs, pipeline
from northstar_tui.ledger.rules import Rules
from northstar_tui.ledger.store import Store

DAY = 86_400_000_000
T = 1_772_000_000_000_000


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.create(tmp_path / "s.db", Rules("UTC")) as made:
        yield made


def say(store: Store, key: str, stage: str, day: int, source: str = "jobs", **facts: object) -> None:
    body = {"instrument": f"client {key}", "title": f"work {key}", "opened_at": T, **facts}
    store.append(Batch(source, [Event(source, key, f"job.{stage}", T + day * DAY, body)]))


def one(store: Store) -> Job:
    (found,) = jobs(store)
    return found


def test_a_job_goes_through_its_stages_and_out(store: Store) -> None:
    say(store, "A", "quoted", 0, status="lead")
    assert (one(store).stage, one(store).amount, one(store).booked) == ("lead", None, False)
    say(store, "A", "quoted", 1, status="quoted", expected=70)
    say(store, "A", "quoted", 1, status="started", expected=70)
    say(store, "A", "started", 4)
    job = one(store)
    assert (job.stage, job.since, job.amount, job.booked) == ("started", T + 4 * DAY, 70, False)
    assert (job.client, job.title, job.source, job.key) == ("client A", "work A", "jobs", "A")
    say(store, "A", "quoted", 1, status="completed", expected=70)
    say(store, "A", "completed", 6, amount=80, closed_at=T + 6 * DAY, refunded=5)
    job = one(store)
    assert (job.stage, job.since, job.amount, job.booked) == ("completed", T + 6 * DAY, 75, True)
    say(store, "A", "quoted", 1, status="invoiced", expected=70)
    say(store, "A", "invoiced", 9, amount=80, closed_at=T + 6 * DAY, refunded=5)
    assert (one(store).stage, one(store).since) == ("invoiced", T + 9 * DAY)
    say(store, "A", "quoted", 1, status="paid", expected=70)
    say(store, "A", "paid", 12, amount=80, closed_at=T + 6 * DAY, refunded=5)
    assert jobs(store) == []


def test_without_a_status_it_stands_where_it_was_said_to_be_last(store: Store) -> None:
    say(store, "A", "quoted", 0, expected=70)
    say(store, "B", "quoted", 0, expected=1)
    say(store, "B", "paid", 3, amount=1, closed_at=T)
    say(store, "A", "invoiced", 5, amount=90, closed_at=T)
    say(store, "A", "started", 2)
    assert (one(store).key, one(store).stage, one(store).amount) == ("A", "invoiced", 90)


def test_a_stage_taken_back_is_taken_back(store: Store) -> None:
    say(store, "A", "quoted", 0, status="invoiced", expected=70)
    say(store, "A", "completed", 2, amount=90, closed_at=T + 2 * DAY)
    say(store, "A", "invoiced", 3, amount=90, closed_at=T + 2 * DAY)
    say(store, "A", "quoted", 0, status="started", expected=60)
    say(store, "A", "started", 1)
    job = one(store)
    assert (job.stage, job.since, job.amount, job.booked) == ("started", T + DAY, 60, False)
    say(store, "A", "quoted", 0, status="cancelled", expected=60)
    assert jobs(store) == []


def test_done_and_not_booked_is_owed_and_no_pipeline(store: Store) -> None:
    say(store, "A", "quoted", 0, status="invoiced", expected=70)  # revenue on payment: nothing bears money yet
    say(store, "A", "completed", 2)
    say(store, "A", "invoiced", 3)
    assert (one(store).stage, one(store).amount, one(store).booked) == ("invoiced", 70, False)
    assert pipeline(jobs(store)) == []


def test_the_longest_at_its_stage_comes_first_and_only_jobs_are_read(store: Store) -> None:
    say(store, "late", "quoted", 5, "jobs:b", status="quoted", expected=7, currency="EUR")
    say(store, "early", "quoted", 1, status="quoted", expected=5)
    say(store, "other", "quoted", 0, "jobsheet", status="quoted", expected=5)
    store.append(Batch("jobs", [Event("jobs", "note", "note.written", T, {"title": "no job"})]))
    assert [(job.key, job.currency) for job in jobs(store)] == [("early", "USD"), ("late", "EUR")]
    assert pipeline(jobs(store)) == [Stage("quoted", "EUR", 1, 7, 0), Stage("quoted", "USD", 1, 5, 0)]


def test_the_newest_event_about_a_job_is_what_it_opens(store: Store) -> None:
    say(store, "A", "quoted", 0, status="started", expected=70)
    say(store, "A", "started", 1)
    say(store, "A", "quoted", 0, status="started", expected=80)
    newest = store.connection.execute("SELECT max(id) FROM event").fetchone()[0]
    assert (one(store).event, one(store).amount) == (newest, 80)
