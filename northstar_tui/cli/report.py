"""`northstar report`."""

from __future__ import annotations

import click

from northstar_tui.calendar import LEVELS
from northstar_tui.cli.session import (
    Question,
    Session,
    heading,
    known_when,
    print_json,
    question_arguments,
    rows_options,
    tell,
    where_option,
)
from northstar_tui.ledger.terms import DIMENSIONS
from northstar_tui.text import safe
from northstar_tui.views.base import BASES, where_text

_EXAMPLES = """\b
Examples:
  northstar report                                  this month so far
  northstar report all --level month --by category
  northstar report 2026-Q1 --by book --where category:weather,crypto
  northstar report 2026 --level month --where "net:<-5 -kind:cost"
  northstar report 2026-02-01..2026-02-14 --level day --json
  northstar report 2026 --level day --csv > 2026.csv
  northstar report all --as-of 2026-05-01           as it was known that evening

\b
PERIOD: all, 2026, 2026-Q1, 2026-02, 2026-W08, 2026-02-25, 2026-02-25T13, today, yesterday,
        wtd, mtd, qtd, ytd, A..B with both ends included, A.. or "since A" until today,
        or an epoch that the config names: v3, epoch:v3, "since v3"."""


@click.command("report", cls=Question, epilog=_EXAMPLES)
@click.argument("period", required=False)
@click.option("--level", type=click.Choice(LEVELS), help="One row per period of this level.")
@click.option("--by", multiple=True, type=click.Choice(list(DIMENSIONS)), help="One row per member; may be repeated.")
@where_option
@click.option("--basis", type=click.Choice(BASES), default="closed", help="Book money when closed (default) or opened.")
@click.option("--as-of", metavar="TIME", help="As it was known at this moment: 2026-02-25 (its end) or with a time.")
@rows_options("The documented JSON, money as decimal strings.")
@click.pass_obj
def report_command(
    session: Session,
    period: str | None,
    level: str | None,
    by: tuple[str, ...],
    where: tuple[str, ...],
    basis: str,
    as_of: str | None,
    as_json: bool,
    as_csv: bool,
) -> None:
    """The P&L of a PERIOD (this month so far), by level and dimensions. Rows add up to the total, exactly."""
    from northstar_tui.views.report import measures_json, report, report_json

    with session.read() as present, session.known_at(present, as_of) as store, store.reading():
        span, kept = question_arguments(store, period, where, basis)
        view = report(
            store,
            span,
            level=level,
            by=tuple(dict.fromkeys(by)),
            basis=basis,
            where=kept,
            now=known_when(store, as_of),
        )
        if as_json:
            print_json(report_json(view))
            return
        if as_csv:
            from northstar_tui.cli.spreadsheet import print_csv

            columns = ("bucket", "level", *view.by, *measures_json(view.totals))
            print_csv((row["dimensions"] | row for row in report_json(view)["rows"]), columns)
            return
        from northstar_tui.views.plain import report_text

        known = f"as known at {as_of}" if as_of else ""
        heading("NorthStar", view.label, f"{basis} basis", safe(where_text(view.where)), known, view.zone)
        tell(report_text(view))
