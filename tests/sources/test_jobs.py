"""A contractor's jobs: every stage, revenue on completion or payment, pipeline apart, corrections with history."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from live import Office

from northstar_tui.errors import ConfigError
from northstar_tui.ledger.pipeline import Stage, jobs, pipeline

HEADER = "Job ID,Client,Title,Status,Amount,Refund,Created,Quoted,Completed,Paid\n"


def write(folder: Path, *rows: str) -> None:
    (folder / "jobs.csv").write_text(HEADER + "".join(f"{row}\n" for row in rows))


def test_revenue_is_booked_on_completion_and_pipeline_stays_apart(tmp_path: Path) -> None:
    office = Office(tmp_path)
    write(
        tmp_path,
        '1,Ana,Site,paid,"$1,200.50",,2026-01-05,2026-01-06,2026-02-01,2026-03-01',
        "2,Bo,Logo,quoted,300,,2026-01-07,2026-01-08,,",
        "3,Cy,App,in progress,900,,2026-01-07,2026-01-08,,",
        "4,Di,Lead only,lead,,,2026-01-09,,,",
    )
    outcome = office.sync("jobs", {"path": "jobs.csv"})
    assert (outcome.state, outcome.counts.quarantined) == ("done", 0)
    assert office.entries() == [("2026-02-01", "revenue", "contracting", "Ana", "1200.50")]
    again = office.sync("jobs", {"path": "jobs.csv"})
    assert (again.counts.new, again.counts.revised, again.counts.unchanged) == (0, 0, 0), "the file did not change"


def test_revenue_on_payment(tmp_path: Path) -> None:
    office = Office(tmp_path)
    own = {"path": "jobs.csv", "revenue": "payment"}
    write(tmp_path, "1,Ana,Site,completed,100,,2026-01-05,,2026-02-01,")
    office.sync("jobs", own)
    assert office.entries() == []
    write(tmp_path, "1,Ana,Site,paid,100,,2026-01-05,,2026-02-01,2026-03-01")
    office.sync("jobs", own)
    assert office.entries() == [("2026-03-01", "revenue", "contracting", "Ana", "100.00")]


def test_refunds_changed_amounts_and_stages_taken_back_are_corrections(tmp_path: Path) -> None:
    office = Office(tmp_path)
    own = {"path": "jobs.csv"}
    for row, net in (
        ("1,Ana,Site,completed,100,,2026-01-05,,2026-02-01,", "100.00"),
        ("1,Ana,Site,completed,120,,2026-01-05,,2026-02-01,", "120.00"),
        ("1,Ana,Site,paid,120,20,2026-01-05,,2026-02-01,2026-03-01", "100.00"),
        ("1,Ana,Site,paid,120,,2026-01-05,,2026-02-01,2026-03-01", "120.00"),
        ("1,Ana,Site,cancelled,120,,2026-01-05,,2026-02-01,2026-03-01", None),
        ("1,Ana,Site,paid,120,,2026-01-05,,2026-02-01,2026-03-01", "120.00"),
        ("1,Ana,Site,in progress,120,,2026-01-05,,,", None),
    ):
        write(tmp_path, row)
        office.sync("jobs", own)
        assert [entry[4] for entry in office.entries()] == ([net] if net else []), row
    with office.store() as store:
        assert store.connection.execute("SELECT max(revision) FROM event").fetchone()[0] > 10, "all of it is in the log"


def test_what_cannot_be_read_is_quarantined_by_name(tmp_path: Path) -> None:
    office = Office(tmp_path)
    write(
        tmp_path,
        "1,Ana,Site,paid,abc,,2026-01-05,,2026-02-01,",
        "2,Ana,Site,paid,100,,,,,",
        ",Ana,Site,paid,100,,2026-01-05,,2026-02-01,",
        "4,Ana,Site,somewhere,100,,2026-01-05,,2026-02-01,",
        "5,Ana,Site,paid,,,2026-01-05,,2026-02-01,",
        "6,Ana,Site,paid,100,,2026-99-05,,2026-02-01,",
        "7,Fine,Site,paid,7,,2026-01-05,,2026-02-01,",
    )
    assert office.sync("jobs", {"path": "jobs.csv"}).state == "partial"
    assert [entry[3] for entry in office.entries()] == ["Fine"]
    assert [(line, name) for line, name, _ in office.rejects()] == [
        (2, "amount"), (3, "date"), (4, "job id"), (5, "status"), (6, "amount"), (7, "created"),
    ]  # fmt: skip
    path = tmp_path / "jobs.csv"
    written = path.stat().st_mtime
    write(tmp_path, *(f"{n},Ana,House,paid,100,,2026-01-05,,2026-02-01," for n in (6, 5, 3, 1)))
    os.utime(path, (written + 1, written + 1))
    assert office.sync("jobs", {"path": "jobs.csv"}).mended == 3
    assert [line for line, _, _ in office.rejects()] == [3, 4, 5], "jobs 2 and 4, and the one without an id"


def test_jsonl_with_named_columns(tmp_path: Path) -> None:
    rows = [{"nr": 7, "kunde": "Eva", "wert": 99.95, "fertig": "2026-04-01T10:00:00Z"}, ["no object"]]
    (tmp_path / "jobs.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    office = Office(tmp_path)
    own = {
        "path": "jobs.jsonl",
        "columns": {"key": "nr", "instrument": "kunde", "amount": "wert", "completed_at": "fertig"},
        "category": "freelance",
    }
    office.sync("jobs", own)
    assert office.entries() == [("2026-04-01", "revenue", "freelance", "Eva", "99.95")]
    assert office.rejects() == [(2, "record", "this is no JSON object")]


def test_a_missing_file_and_wrong_keys_are_named(tmp_path: Path) -> None:
    office = Office(tmp_path)
    outcome = office.sync("jobs", {"path": "gone.csv"})
    assert outcome.state == "failed" and "gone.csv cannot be read" in outcome.error
    for own, why in (
        ({}, "name a path or a url"),
        ({"path": "a", "colour": "red"}, "colour"),
        ({"path": "a", "columns": {"x": "y"}}, "columns.x is not a role"),
        ({"path": "a", "unit": "zero"}, "is no amount"),
    ):
        with pytest.raises(ConfigError, match=why):
            office.sync("jobs", own)


def test_the_pipeline_is_what_no_revenue_is_booked_for(tmp_path: Path) -> None:
    office = Office(tmp_path)
    write(
        tmp_path,
        "1,Ana,Site,paid,1200,,2026-01-05,2026-01-06,2026-02-01,2026-03-01",
        "2,Bo,Logo,quoted,300,,2026-01-07,2026-01-08,,",
        "3,Cy,App,in progress,900,,2026-01-07,2026-01-08,,",
        "4,Di,Lead,lead,,,2026-01-09,,,",
        "5,Ed,Lost,declined,70,,2026-01-09,,,",
        "6,Fi,Logo,quoted,1.5,,2026-01-07,2026-01-08,,",
    )
    office.sync("jobs", {"path": "jobs.csv"})
    with office.store() as store:
        assert pipeline(jobs(store)) == [
            Stage("lead", "USD", 1, 0, 1),
            Stage("quoted", "USD", 2, 301_500_000, 0),
            Stage("started", "USD", 1, 900_000_000, 0),
        ]
