"""`northstar positions`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, fields
from typing import Any

import click

from northstar_tui.cli.screens import positions_filter
from northstar_tui.cli.session import Session, heading, moment_argument, print_json, rows_options, tell
from northstar_tui.ledger.store import Store, now
from northstar_tui.money import decimal_text
from northstar_tui.views.position import PositionView
from northstar_tui.views.positions import PositionsView

_MONEY = {
    "cost", "unrealised", "locked", "realised", "fees", "worst", "best", "expected", "amount", "waiting", "gross",
    "net",
}  # fmt: skip
_TIMES = {"marked_at", "expected_at", "opened_at", "closed_at", "at"}


def _plain(store: Store, found: Any) -> dict[str, Any]:
    """Return a frozen value for machines: money as decimal strings in dollars, times ISO 8601 with offset."""
    told = asdict(found)
    told.pop("holding", None)  # numbers that mean something within this store alone
    for name, value in told.items():
        if value is not None and name in _MONEY:
            told[name] = decimal_text(value)
        elif value is not None and name in _TIMES:
            told[name] = store.calendar.local(value).isoformat()
    return told


def positions_json(store: Store, view: PositionsView) -> dict[str, Any]:
    """Return what is held for machines. Quantities and prices are exact decimal strings."""
    return {
        "at": store.calendar.local(view.now if view.at is None else view.at).isoformat(),
        "cost": "fifo" if view.fifo else "average",
        "positions": [{"account": row.account, **_plain(store, row)} for row in view.rows],
        "totals": _plain(store, view.totals),
        "locked": [_plain(store, each) for each in view.locked],
        "events": [_plain(store, each) for each in view.groups],
        "waiting": [_plain(store, each) for each in view.waiting],
        "differences": [_plain(store, each) for each in view.differences],
        "unreadable_fills": view.unreadable,
        "bets_told": view.bets_told,
    }


def position_json(store: Store, view: PositionView) -> dict[str, Any]:
    """Return one position for machines."""
    return {
        "account": view.account,
        "instrument": view.instrument,
        "title": view.title,
        "at": store.calendar.local(view.now if view.at is None else view.at).isoformat(),
        "position": None if view.row is None else _plain(store, view.row),
        "proved": view.proved,
        "cycles": [_plain(store, each) for each in view.cycles],
        "fills": [_plain(store, each) for each in view.steps],
        "fills_in_all": view.fills,
    }


def _print_csv(rows: Sequence[dict[str, Any]], shape: type[Any]) -> None:
    """Print rows for a spreadsheet, under the names that they have in JSON: the fields of `shape`."""
    from northstar_tui.cli.spreadsheet import print_csv

    columns = [field.name for field in fields(shape) if field.name != "holding"]
    print_csv(rows, ["account", *columns] if hasattr(shape, "account") else columns)


@click.command(
    "positions",
    epilog="\b\nExamples:\n  northstar positions\n  northstar positions --at 2026-05-09 --where category:weather\n"
    "  northstar positions KXHIGHNY-26MAY09-B62.5",
)
@click.argument("instrument", required=False)
@click.option(
    "--at", metavar="MOMENT", help="As it stood at this moment: a time, or the end of a PERIOD such as yesterday."
)
@click.option("--fifo", is_flag=True, help="Costs first in, first out, instead of averages.")
@click.option("--where", multiple=True, metavar="FILTER", help="Only these, such as category:weather miami.")
@click.option("--account", default="", metavar="NAME", help="Of the one INSTRUMENT: in this account, as listed.")
@click.option("--as-of", metavar="TIME", help="As it was known at this moment.")
@rows_options("JSON.")
@click.pass_obj
def positions_command(
    session: Session,
    instrument: str | None,
    at: str | None,
    fifo: bool,
    where: tuple[str, ...],
    account: str,
    as_of: str | None,
    as_json: bool,
    as_csv: bool,
) -> None:
    """What is held, what it cost and is worth, when its money comes back. With an INSTRUMENT, its fills and cycles."""
    from northstar_tui.views.holdings import PositionRow
    from northstar_tui.views.plain_positions import position_text, positions_text
    from northstar_tui.views.position import Step, position
    from northstar_tui.views.positions import find_one, positions

    with session.read() as present, session.known_at(present, as_of) as store, store.reading():
        moment = None if at is None else moment_argument(store.calendar, at)
        if instrument is not None:
            one = position(store, now(), find_one(store, instrument, account), moment, fifo=fifo)
            if as_json:
                print_json(position_json(store, one))
            elif as_csv:
                _print_csv(position_json(store, one)["fills"], Step)
            else:
                tell(position_text(one, store.calendar))
            return
        kept, search = positions_filter(store, where)
        view = positions(store, now(), moment, where=kept, search=search, fifo=fifo)
        if as_json:
            print_json(positions_json(store, view))
            return
        if as_csv:
            _print_csv(positions_json(store, view)["positions"], PositionRow)
            return
        heading("NorthStar", "positions", "" if at is None else f"at {at}", store.calendar.zone)
        tell(positions_text(view, store.calendar))
