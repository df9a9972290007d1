"""`northstar events` and `northstar schema`: looking inside the store."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import click

from northstar_tui.cli.session import Number, Session, heading, note, print_json, rows_options, tell
from northstar_tui.errors import NorthStarError


@click.command(
    "events",
    epilog="\b\nExamples:\n  northstar events --limit 20\n  northstar events --entry 82",
)
@click.option("--entry", type=Number(), metavar="ID", help="Everything said about one entry (its id: trades --json).")
@click.option("--limit", type=Number(1), default=50, show_default=True, help="At most this many, newest first.")
@rows_options("A JSON list, with bodies and raw records.")
@click.pass_obj
def events_command(session: Session, entry: int | None, limit: int, as_json: bool, as_csv: bool) -> None:
    """The log: what sources said, newest first."""
    from northstar_tui.cli.trades import EVENT_COLUMNS, event_json
    from northstar_tui.ledger import log
    from northstar_tui.views import plain
    from northstar_tui.views.node import entry_view

    def printed(rows: list[dict[str, Any]], columns: Sequence[str]) -> bool:
        """Print rows for machines, where that is asked for."""
        if as_json:
            print_json(rows)
        elif as_csv:
            from northstar_tui.cli.spreadsheet import print_csv

            print_csv(rows, columns)
        return as_json or as_csv

    with session.read() as store, store.reading():
        if entry is not None:
            view = entry_view(store, entry)
            if view is None:
                raise NorthStarError(f"there is no entry {entry}", "northstar trades --json lists their ids")
            if not printed([event_json(store, e) for e in view.events], EVENT_COLUMNS):
                tell(plain.entry_text(view, store.calendar))
            return
        found = log.newest_events(store, limit)
        if printed([event_json(store, e) for e in found], EVENT_COLUMNS):
            return
        heading("NorthStar", "events", store.calendar.zone)
        tell(plain.events_text(found, store.calendar))
        last = found[-1].id - 1 if found else 0
        if last:
            note(f"… and {last:,} earlier: northstar events --limit {10 * limit} shows more")


@click.command("schema")
@click.option("--json", "as_json", is_flag=True, help="JSON.")
@click.pass_obj
def schema_command(session: Session, as_json: bool) -> None:
    """The data dictionary, from the schema's own comments."""
    with session.read() as store:
        tables = [
            (name, *_described(sql))
            for name, sql in store.connection.execute(
                "SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND sql IS NOT NULL ORDER BY rowid"
            )
        ]
    if as_json:
        print_json(
            [
                {
                    "table": name,
                    "about": about,
                    "columns": [dict(zip(("name", "type", "about"), c, strict=True)) for c in columns],
                }
                for name, about, columns in tables
            ]
        )
        return
    from northstar_tui.views.plain import table

    for name, about, columns in tables:
        click.echo(f"{name}: {about}")
        click.echo("    " + table(("COLUMN", "TYPE", ""), columns, "<<<").replace("\n", "\n    ") + "\n")


def _described(sql: str) -> tuple[str, list[tuple[str, str, str]]]:
    """Return what a CREATE TABLE says of the table, and of each column: (name, type, comment)."""
    first, *lines = sql.splitlines()
    columns = []
    for line in lines:
        match = re.match(r"\s*([a-z_0-9]+) ([A-Z]+)\b[^-]*?,?\s*(?:-- (.*))?$", line)
        if match:
            columns.append((match[1], match[2], match[3] or ""))
    return first.partition("-- ")[2], columns
