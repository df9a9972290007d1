"""`northstar epochs`."""

from __future__ import annotations

import click

from northstar_tui.cli.session import Session, heading, note, print_json, tell
from northstar_tui.ledger.store import now
from northstar_tui.views.base import BASES


@click.command(
    "epochs",
    epilog="\b\nExamples:\n  northstar epochs\n  northstar report v3 --by category\n"
    '  northstar report "since v3" --level month',
)
@click.option("--basis", type=click.Choice(BASES), default="closed", help="Book money when closed (default) or opened.")
@click.option("--json", "as_json", is_flag=True, help="A JSON list.")
@click.pass_obj
def epochs_command(session: Session, basis: str, as_json: bool) -> None:
    """The stretches of time that the config names under [[epochs]], side by side."""
    from northstar_tui.views.epochs import epoch_rows

    with session.read() as store, store.reading():
        rows = epoch_rows(store, now(), basis=basis)
        if as_json:
            from northstar_tui.views.report import drawdown_json, measures_json

            print_json(
                [
                    {
                        "name": row.epoch.name,
                        "from": row.epoch.first.isoformat(),
                        "to": row.epoch.last.isoformat() if row.epoch.last else None,
                        "days": row.days,
                        **measures_json(row.measures),
                        "drawdown": drawdown_json(row.curve),
                    }
                    for row in rows
                ]
            )
            return
        from northstar_tui.views.plain import epochs_text

        if not rows:
            note('no epochs are named: name = "v3" and from = 2026-02-01 under [[epochs]] in the config')
            return
        heading("NorthStar", "epochs", f"{basis} basis", store.calendar.zone)
        tell(epochs_text(rows))
