"""`northstar costs`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import click

from northstar_tui.cli.session import Session, heading, note, period_argument, print_json, tell
from northstar_tui.config import Settings, config_path
from northstar_tui.errors import shown
from northstar_tui.ledger.spend import BY, spend
from northstar_tui.ledger.store import now
from northstar_tui.views.outlook import Charge, Known

_EXAMPLES = """\b
Examples:
  northstar costs                                   this month: spend, burn, projection, budgets, jobs, books
  northstar costs 2026-04
  northstar costs 2026-Q2 --by model --by key
  northstar costs mtd --by day --json"""


@click.command("costs", epilog=_EXAMPLES)
@click.argument("period", required=False)
@click.option("--by", multiple=True, type=click.Choice(BY), help="Only the spend, one row per member; may be repeated.")
@click.option("--json", "as_json", is_flag=True, help="The documented JSON, money as decimal strings.")
@click.pass_obj
def costs_command(session: Session, period: str | None, by: tuple[str, ...], as_json: bool) -> None:
    """What was spent in a PERIOD (this month by default), how fast, and where it will end; budgets, jobs, books.

    A cost is what is booked as one: bills, recurring charges, expenses. Costs are positive amounts here. The projection
    and the budgets are as of now.
    """
    from northstar_tui.views.costs import costs
    from northstar_tui.views.plain_costs import costs_json, costs_text, spend_json, spend_text

    with session.read() as store, store.reading():
        moment = now()
        span = store.calendar.period("month", moment) if period is None else period_argument(store, period)
        by = tuple(dict.fromkeys(by))
        if by:
            rows = spend(store, span, by)
            if as_json:
                print_json(spend_json(rows, by, span, store.calendar))
                return
            heading("NorthStar", "costs", store.calendar.label(span), store.calendar.zone)
            tell(spend_text(rows, by))
            return
        view = costs(store, moment, known(session.settings), span)
        if as_json:
            print_json(costs_json(view, store.calendar))
            return
        heading("NorthStar", "costs", view.label, store.calendar.zone)
        text = costs_text(view, store.calendar)
        tell(text)
    note_without_config(session.settings)


def note_without_config(settings: Settings) -> None:
    """Say that there is no config, which is what budgets and recurring charges come from."""
    if settings.path is None:
        where = f"no config at {shown(str(config_path()), 200)} and none by --config"
        note(f"{where}: no budgets and no recurring charges (northstar init writes one)")


def known(settings: Settings) -> Known:
    """Return what the config says of days to come."""

    def charges(today: date) -> Sequence[Charge]:
        from northstar_tui.sync.ahead import charges

        return charges(settings, today)

    return Known(settings.budgets, charges)
