"""`northstar since`: the bridge from what the operator saw last to what is now."""

from __future__ import annotations

import click

from northstar_tui.cli.session import Session, moment_argument, print_json


@click.command(
    "since",
    epilog="\b\nExamples:\n  northstar since\n  northstar since yesterday\n  northstar since 2026-02-25T14:30 --json",
)
@click.argument("moment", required=False)
@click.option("--json", "as_json", is_flag=True, help="JSON, money as decimal strings.")
@click.pass_obj
def since_command(session: Session, moment: str | None, as_json: bool) -> None:
    """What changed since you last looked at the cockpit, or since MOMENT: closes, settlements, fees, costs, the rest.

    The parts add up to the difference, exactly. Where nobody has looked yet it is since the day began. A MOMENT is when
    the store learned of things: a time, or a PERIOD, which counts from where it begins.
    """
    from northstar_tui.ledger.store import now
    from northstar_tui.money import decimal_text
    from northstar_tui.views.plain import since_text
    from northstar_tui.views.since import positions_at, since

    with session.read() as store, store.reading():
        at = moment_argument(store.calendar, moment, begins=True) if moment else None
        view = since(store, now(), at=at, held=positions_at(store, now()))
        if not as_json:
            click.echo(since_text(view, store.calendar))
            return
        print_json(
            {
                "since": store.calendar.local(view.at).isoformat(),
                "because": view.because,
                "before": decimal_text(view.before),
                "total": decimal_text(view.total),
                "held": None if view.held is None else decimal_text(view.held),
                "change": decimal_text(view.total - view.before),
                "parts": [
                    {"part": part.name, "amount": decimal_text(part.amount), "entries": part.entries}
                    for part in view.parts
                ],
            }
        )
