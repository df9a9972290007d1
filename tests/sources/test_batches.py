"""What the sources of rows share: batches of rows, roles by name, and what doctor says of them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from live import Office

from northstar_tui.config import SourceSettings
from northstar_tui.sources import batches as module
from northstar_tui.sources.batches import roles
from northstar_tui.sources.http import client
from northstar_tui.sources.source import Check
from northstar_tui.sync.prepare import prepare

BILLS = {"event": "cost.incurred", "fields": {"key": "id", "time": "day", "amount": "usd"}, "path": "x.csv"}
TABLES: dict[str, Mapping[str, Any]] = {"csv": BILLS, "jobs": {"path": "x.csv"}, "costs": {"files": ["x.csv"]}}
HEADER = "id,day,usd,amount\n"


def checks(folder: Path, kind: str, own: Mapping[str, Any]) -> list[Check]:
    async def told() -> list[Check]:
        async with client() as shared:
            ready = prepare(SourceSettings(kind, kind, own=own), shared, zone="UTC", folder=folder)
            return [line async for line in ready.source.check()]

    return asyncio.run(told())


@pytest.mark.parametrize("kind", TABLES)
def test_doctor_says_which_rows_can_be_read(tmp_path: Path, kind: str) -> None:
    own = {**TABLES[kind], **({"columns": {"lead_at": "day"}} if kind == "jobs" else {})}
    path = tmp_path / "x.csv"
    (gone,) = [line for line in checks(tmp_path, kind, own) if line.state != "ok"]
    assert (gone.state, gone.remedy) == ("failed", "check its name and rights")
    path.write_text(HEADER + "1,2026-05-01,1,1\n2,2026-05-02,2,2\n")
    (*_, whole) = checks(tmp_path, kind, own)
    assert (whole.state, whole.what.partition(" ")[0]) == ("ok", "2")
    path.write_text(HEADER + "1,2026-05-01,1,1\n2,someday,2,2\n3,2026-05-03\n")
    (*_, partly) = checks(tmp_path, kind, own)
    assert partly.state == "warning"
    assert partly.what.startswith("2 of 3 ")
    assert "line 3, day: " in partly.what
    assert "mend the row" in partly.remedy


@pytest.mark.parametrize("kind", TABLES)
def test_batches_end_anywhere_and_lose_nothing(tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BATCH", 3)
    own = {**TABLES[kind], **({"columns": {"completed_at": "day"}} if kind == "jobs" else {})}
    for count in (0, 1, 3, 4, 7):
        folder = tmp_path / f"{count}"
        folder.mkdir()
        rows = [f"{n},2026-05-{n + 1:02d},{n}.5,{n}.5" for n in range(count)]
        (folder / "x.csv").write_text(HEADER + "\n".join([*rows, "x,x,x,x"]) + "\n")
        office = Office(folder)
        outcome = office.sync(kind, own)
        assert (outcome.state, outcome.counts.quarantined) == ("partial", 1)
        assert [entry[4].lstrip("-") for entry in office.entries()] == [f"{n}.50" for n in range(count)]
        assert office.sync(kind, own).state == "done", "read to its end: the cursor stands"


def test_roles_are_found_by_name_then_by_synonym_and_once_each() -> None:
    synonyms = {"key": ("id", "name"), "title": ("name", "what"), "amount": ("total",)}
    assert roles(["Name", "what"], {}, synonyms) == {"key": "Name", "title": "what"}
    assert roles(["Name", "what"], {"title": "name"}, synonyms) == {"title": "Name"}
    assert roles(["x", "total"], {"amount": "gone"}, synonyms) == {}, "what the config names is not guessed"
