"""Names that the store has never heard of: said, with what may be meant, and without a look at an entry."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from ledger_model import utc

from northstar_tui.events import Batch, Event
from northstar_tui.ledger.rules import Rules
from northstar_tui.ledger.saying import change_tags
from northstar_tui.ledger.store import Store
from northstar_tui.views.filter import parse
from northstar_tui.views.unknown import unknown


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    at = utc(2026, 2, 18, 15)
    shared = {"side": "yes", "gross": 1, "fees": 0, "net": 1, "opened_at": at, "closed_at": at}
    bodies = [{"instrument": f"KXHIGHNY-{n:04}", **shared} for n in range(1500)]
    events = [Event("kalshi", str(n), "trade.closed", at, body, book="scalper") for n, body in enumerate(bodies)]
    with Store.create(tmp_path / "s.db", Rules("UTC", categories={"KXHIGH": "weather"})) as made:
        made.append(Batch("kalshi", events))
        change_tags(made, 1, ["late"], [])
        yield made


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("", ""),
        ("book:scalper category:weather source:kalshi kind:trade side:yes tag:late tag:#LATE tag:*", ""),
        ("net:<0 outcome:open wether 2026-02", ""),
        ("category:wea*,weather instrument:KXHIGHNY-0007", ""),
        ("category:wether", "the store knows no category wether: did you mean category:weather?"),
        ("category:Weather", "the store knows no category Weather: did you mean category:weather?"),
        ("-category:wether", "the store knows no category wether: did you mean category:weather?"),
        ("category:weather,wether", "the store knows no category wether: did you mean category:weather?"),
        ("book:kalhsi", "the store knows no book kalhsi: did you mean source:kalshi?"),
        ("book:zebra", "the store knows no book zebra: it has scalper"),
        ("book:zeb*", "the store knows no book that begins with zeb: it has scalper"),
        ("tag:lat", "the store knows no tag lat: did you mean tag:late?"),
        ("note:nothing", ""),
        ("side:yess side:qq", "the store knows no side yess: did you mean side:yes?; the store knows no side qq"),
        ("instrument:KXHIGHNY-77777", "the store knows no instrument KXHIGHNY-77777: did you mean instrument:KXHIGHNY"),
        ('book:"a\x1b[31m"', "the store knows no book a␛[31m"),
    ],
)
def test_what_the_store_does_not_know_is_said_with_what_may_be_meant(store: Store, said: str, told: str) -> None:
    found = unknown(store, parse(said).where)
    assert found.startswith(told) if told else found == ""


def test_nothing_tagged_is_said(tmp_path: Path) -> None:
    with Store.create(tmp_path / "empty.db", Rules("UTC")) as store:
        assert unknown(store, parse("tag:*").where) == "nothing in the store has a tag"
        assert unknown(store, parse("book:x").where) == "the store knows no book x"


def test_no_entry_is_read_for_it(store: Store) -> None:
    def allowed(action: int, table: str | None, *_: str | None) -> int:
        return sqlite3.SQLITE_DENY if action == sqlite3.SQLITE_READ and table == "entry" else sqlite3.SQLITE_OK

    store.connection.set_authorizer(allowed)
    try:
        assert unknown(store, parse("book:x instrument:y tag:z -side:q").where).count("knows no") == 4
    finally:
        store.connection.set_authorizer(None)
