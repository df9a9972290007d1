"""`northstar runs`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import click

from northstar_tui.cli.session import Number, Session, print_json, rows_options, tell
from northstar_tui.ledger import health
from northstar_tui.ledger.health import RunRow
from northstar_tui.ledger.store import now


@click.command("runs", epilog="\b\nExamples:\n  northstar runs\n  northstar runs --limit 5 --json")
@click.option("--limit", type=Number(1), default=20, show_default=True, help="At most this many, newest first.")
@rows_options("A JSON list of runs.")
@click.pass_obj
def runs_command(session: Session, limit: int, as_json: bool, as_csv: bool) -> None:
    """What was fetched or imported when, and how it ended, newest first; before it, how each source is."""
    with session.read() as store, store.reading():
        if as_json:
            print_json([run_json(run) for run in health.runs(store, limit)])
            return
        if as_csv:
            from northstar_tui.cli.spreadsheet import print_csv

            print_csv(map(run_json, health.runs(store, limit)), RunRow._fields)
            return
        from northstar_tui.sync.plan import plans
        from northstar_tui.views.operations import operations
        from northstar_tui.views.plain_operations import operations_text

        view = operations(store, now(), plans(session.settings), runs=limit)
        tell(operations_text(view, store.calendar))


def run_json(run: RunRow) -> dict[str, Any]:
    """Return a run for machines; times in ISO 8601, UTC."""
    return run._asdict() | {"started_at": iso(run.started_at), "finished_at": iso(run.finished_at)}


def iso(instant: int | None) -> str | None:
    """Return an instant in ISO 8601, UTC, to the second."""
    return None if instant is None else datetime.fromtimestamp(instant // 1_000_000, UTC).isoformat()
