"""What the operator has seen: remembered when they leave, anew when they come back, never moved under their eyes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from tui_company import NOW
from tui_still import still

from northstar_tui.cli import cli
from northstar_tui.ledger.look import last_look
from northstar_tui.ledger.store import Store
from northstar_tui.money import decimal_text
from northstar_tui.tui.screens.since import MovedPage
from northstar_tui.tui.seen import AWAY, Seen
from northstar_tui.views.base import Head, head


def _head(path: Path, event: int, net: int) -> Head:
    with Store.open(path) as store:
        return head(store)._replace(event=event, net=net)


def test_what_was_shown_last_is_remembered(own: Path) -> None:
    seen = Seen(NOW)
    seen.leave(own)
    with Store.open(own) as store:
        assert last_look(store) is None, "nothing was shown"
    seen.shown(_head(own, 7, 70), NOW + 1)
    seen.leave(own)
    with Store.open(own) as store:
        found = last_look(store)
    assert found is not None
    assert (found.at, found.event, found.net) == (NOW + 1, 7, 70)


def test_who_comes_back_sees_what_changed_while_away(own: Path) -> None:
    seen = Seen(NOW)
    seen.shown(_head(own, 7, 70), NOW + 1)
    assert not seen.key(NOW + 2)
    assert seen.look is None, "the store's own look holds while somebody is there"
    seen.shown(_head(own, 9, 90), NOW + 2 + AWAY)  # nobody saw that
    assert seen.key(NOW + 2 + AWAY)
    assert seen.look is not None
    assert (seen.look.event, seen.look.net) == (7, 70)


def test_a_store_that_cannot_be_written_is_said(own: Path, capsys: pytest.CaptureFixture[str]) -> None:
    seen = Seen(NOW)
    seen.shown(_head(own, 7, 70), NOW)
    own.unlink()
    seen.leave(own)
    assert "what you saw is not remembered" in capsys.readouterr().err


def test_a_part_of_the_bridge_has_a_command_that_lists_its_very_rows(company: Path) -> None:
    with still(company, (120, 40)) as screen:
        screen.cockpit.go(screen.cockpit.nav.go([("overview", None), ("since", None)]))
        screen.press("home", "enter")
        page = screen.cockpit.page
        assert isinstance(page, MovedPage)
        shown = [(row.id, decimal_text(row.amount)) for row in page._snapshot.rows]
        command = page.command()
    told = CliRunner().invoke(cli, ["--store", str(company), *command, "--json"])
    assert command[0] == "since" and command[2:] == ["--part", "closes"]
    assert [(row["id"], row["changed_by"]) for row in json.loads(told.stdout)] == shown and shown
