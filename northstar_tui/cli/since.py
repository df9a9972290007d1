"""`northstar since`: the bridge from what the operator saw last to what is now."""

from __future__ import annotations

from typing import Any

import click

from northstar_tui.cli.session import Session, moment_argument, note, print_json, rows_options, tell
from northstar_tui.ledger.store import Store, now
from northstar_tui.money import decimal_text
from northstar_tui.views.since import MARKS, PARTS, Moved, SinceView, moved, positions_at, since

_LISTED = tuple(part for part in PARTS if part not in (MARKS, "rules"))
"""Parts that are made of entries."""


@click.command(
    "since",
    epilog="\b\nExamples:\n  northstar since\n  northstar since yesterday\n"
    "  northstar since yesterday --part restatements\n  northstar since 2026-02-25T14:30 --json",
)
@click.argument("moment", required=False)
@click.option("--part", type=click.Choice(_LISTED), help="The entries under this part, those said last first.")
@rows_options("JSON, money as decimal strings.")
@click.pass_obj
def since_command(session: Session, moment: str | None, part: str | None, as_json: bool, as_csv: bool) -> None:
    """What changed since you last looked at the cockpit, or since MOMENT: closes, settlements, fees, costs, the rest.

    The parts add up to the difference, exactly. Where nobody has looked yet it is since the day began. A MOMENT is when
    the store learned of things: a time, or a PERIOD, which counts from where it begins.
    """
    from northstar_tui.views.plain import since_text

    with session.read() as store, store.reading():
        at = moment_argument(store.calendar, moment, begins=True) if moment else None
        view = since(store, now(), at=at, held=None if part else positions_at(store, now()))
        if part is not None:
            _print_part(store, view, part, as_json=as_json, as_csv=as_csv)
        elif as_json:
            print_json(_json(store, view))
        elif as_csv:
            from northstar_tui.cli.spreadsheet import print_csv

            print_csv(_json(store, view)["parts"], ("part", "amount", "entries"))
        else:
            tell(since_text(view, store.calendar))


def _print_part(store: Store, view: SinceView, part: str, *, as_json: bool, as_csv: bool) -> None:
    """Print the entries under one part."""
    from northstar_tui.cli.trades import ENTRY_COLUMNS

    rows = moved(store, view.event, part)
    if as_json:
        print_json([_row(store, row) for row in rows])
    elif as_csv:
        from northstar_tui.cli.spreadsheet import print_csv

        print_csv((_row(store, row) for row in rows), ("changed_by", *ENTRY_COLUMNS))
    else:
        from northstar_tui.views.plain_screens import moved_text

        tell(moved_text(rows, store.calendar))
    rest = sum(each.entries for each in view.parts if each.name == part) - len(rows)
    if rest > 0:
        note(f"… and {rest:,} more, said before those")


def _row(store: Store, row: Moved) -> dict[str, Any]:
    """Return what changed the total, for machines; of an entry that the log does not make any more its id alone."""
    from northstar_tui.cli.trades import entry_json

    known = {"id": row.id} if row.entry is None else entry_json(store, row.entry)
    return {"changed_by": decimal_text(row.amount), **known}


def _json(store: Store, view: SinceView) -> dict[str, Any]:
    return {
        "since": store.calendar.local(view.at).isoformat(),
        "because": view.because,
        "before": decimal_text(view.before),
        "total": decimal_text(view.total),
        "held": None if view.held is None else decimal_text(view.held),
        "change": decimal_text(view.total - view.before),
        "parts": [
            {"part": part.name, "amount": decimal_text(part.amount), "entries": part.entries} for part in view.parts
        ],
    }
