"""`northstar trades` and `northstar why`."""

from __future__ import annotations

from collections.abc import Iterable
from textwrap import fill
from typing import Any

import click

from northstar_tui.cli.session import (
    Number,
    Question,
    Session,
    heading,
    known_when,
    note,
    print_json,
    question_arguments,
    rows_options,
    tell,
    where_option,
)
from northstar_tui.ledger.log import LoggedEvent
from northstar_tui.ledger.queries import Entry
from northstar_tui.ledger.sorts import BY_TIME, SORTS, SortError
from northstar_tui.ledger.store import Store
from northstar_tui.money import decimal_text
from northstar_tui.views.base import BASES, where_text
from northstar_tui.views.report import measures_json
from northstar_tui.views.why import FIGURES, WhyView, why


def _money(amount: int | None) -> str | None:
    return None if amount is None else decimal_text(amount)


def _time(store: Store, t: int | None) -> str | None:
    return None if t is None else store.calendar.local(t).isoformat()


def entry_json(store: Store, e: Entry) -> dict[str, Any]:
    """Return one entry for machines: times ISO 8601 with offset, money as decimal strings in dollars."""
    return {
        "id": e.id,
        "source": e.source,
        "key": e.key,
        "book": e.book,
        "category": e.category,
        "kind": e.kind,
        "instrument": e.instrument,
        "opened_at": _time(store, e.opened_at),
        "closed_at": _time(store, e.closed_at),
        "stake": _money(e.stake),
        "gross": decimal_text(e.gross),
        "fees": decimal_text(e.fees),
        "net": decimal_text(e.net),
        "outcome": {1: "win", -1: "loss", 0: "scratch", None: None}[e.outcome],
        "incomplete": e.incomplete,
        "currency": e.currency or "USD",
        "stated_net": _money(e.stated_net),
        "rate": e.rate,
        "same": e.same,
        "unreconciled": decimal_text(e.unreconciled),
        "disagreement": _money(e.disagreement),
        "revision": e.revision,
        "origin": e.origin,
        "line": e.line,
        "tags": list(e.tags),
        "notes": [{"at": _time(store, said.at), "text": said.text} for said in e.notes],
    }


ENTRY_COLUMNS = (
    "id", "source", "key", "book", "category", "kind", "instrument", "opened_at", "closed_at", "stake", "gross", "fees",
    "net", "outcome", "incomplete", "currency", "stated_net", "rate", "same", "unreconciled", "disagreement",
    "revision", "origin", "line", "tags", "notes",
)  # fmt: skip
EVENT_COLUMNS = (
    "id", "source", "key", "revision", "kind", "occurred_at", "recorded_at", "book", "origin", "sha256", "line", "body",
    "raw",
)  # fmt: skip


def print_entries(store: Store, entries: Iterable[Entry]) -> None:
    """Print entries as CSV."""
    from northstar_tui.cli.spreadsheet import print_csv

    print_csv((entry_json(store, e) for e in entries), ENTRY_COLUMNS)


@click.command(
    "trades",
    cls=Question,
    epilog="\b\nExamples:\n  northstar trades today\n  northstar trades 2026-05 --where category:weather --limit 20\n"
    "  northstar trades 2026 --sort net --limit 10        the ten worst",
)
@click.argument("period", required=False)
@where_option
@click.option("--basis", type=click.Choice(BASES), default="closed", help="By closing (default) or by opening time.")
@click.option("--sort", metavar="COLUMN", default=BY_TIME, help=f"By {', '.join(SORTS)}; -net is the largest first.")
@click.option("--limit", type=Number(1), help="At most this many; all of them by default.")
@click.option("--as-of", metavar="TIME", help="As it was known at this moment.")
@rows_options("A JSON list.")
@click.pass_obj
def trades_command(
    session: Session,
    period: str | None,
    where: tuple[str, ...],
    basis: str,
    sort: str,
    limit: int | None,
    as_of: str | None,
    as_json: bool,
    as_csv: bool,
) -> None:
    """The entries under a PERIOD's figures (this month so far), by time, with the file and line behind each."""
    from northstar_tui.ledger.queries import entries, total
    from northstar_tui.views.plain import trades_text

    with session.read() as present, session.known_at(present, as_of) as store, store.reading():
        span, kept = question_arguments(store, period, where, basis)
        try:
            found = entries(store, span, basis=basis, where=kept, sort=sort, limit=limit)
        except SortError as error:
            raise click.BadParameter(str(error), param_hint="--sort") from None
        if as_json:
            print_json([entry_json(store, e) for e in found])
            return
        if as_csv:
            print_entries(store, found)
            return
        heading("NorthStar", "entries", store.calendar.label(span), f"{basis} basis", store.calendar.zone)
        tell(trades_text(found, store.calendar))
        rest = total(store, span, basis=basis, where=kept).entries - len(found)
        if rest:
            note(f"… and {rest:,} more")


def event_json(store: Store, e: LoggedEvent) -> dict[str, Any]:
    """Return one event of the log for machines."""
    import json

    return {
        "id": e.id,
        "source": e.source,
        "key": e.key,
        "revision": e.revision,
        "kind": e.kind,
        "occurred_at": _time(store, e.occurred_at),
        "recorded_at": _time(store, e.recorded_at),
        "book": e.book,
        "origin": e.origin,
        "sha256": e.sha256,
        "line": e.line,
        "body": json.loads(e.body),
        "raw": e.raw,
    }


def why_json(store: Store, view: WhyView) -> dict[str, Any]:
    """Return a figure's explanation for machines."""
    assert view.summed is not None, "whoever asks here waits for the proof"
    return {
        "figure": view.figure,
        "filter": where_text(view.where),
        "formula": view.formula,
        "value": view.value,
        "note": view.note,
        "terms": dict(view.terms),
        "n": view.n,
        "figure_from_rollups": measures_json(view.measures),
        "sum_of_entries": measures_json(view.summed),
        "proved": view.proved,
        "origins": [{"file": name, "entries": n} for name, n in view.origins],
        "rows": [entry_json(store, e) for e in view.rows],
    }


class FigureName(click.Choice[str]):
    """A figure's name, also with hyphens: ``max-drawdown``."""

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the name as the registry spells it."""
        return super().convert(value.replace("-", "_"), param, ctx)

    def get_missing_message(self, param: click.Parameter, ctx: click.Context | None) -> str:
        """Say what can be asked about, and how."""
        listed = fill(", ".join(self.choices), 76, initial_indent="  ", subsequent_indent="  ")
        return f"It is one of\n{listed}\nFor example: northstar why net 2026-05-09"


@click.command(
    "why",
    cls=Question,
    epilog="\b\nExamples:\n  northstar why net 2026-05-09\n  northstar why win_rate all --where book:scalper\n"
    "  northstar why max-drawdown 2026",
)
@click.argument("figure", type=FigureName(list(FIGURES)), metavar="FIGURE")
@click.argument("period", required=False)
@where_option
@click.option("--basis", type=click.Choice(BASES), default="closed", help="Book money when closed (default) or opened.")
@click.option("--limit", type=Number(0), default=200, show_default=True, help="Rows shown.")
@click.option("--as-of", metavar="TIME", help="As it was known at this moment.")
@rows_options("JSON.")
@click.pass_obj
def why_command(
    session: Session,
    figure: str,
    period: str | None,
    where: tuple[str, ...],
    basis: str,
    limit: int,
    as_of: str | None,
    as_json: bool,
    as_csv: bool,
) -> None:
    """Why a FIGURE is what it is: formula, rows, their own sum, and the file and line behind each.

    \b
    FIGURE: net, gross, fees, stake, entries, trades, wins, losses, scratches, open,
            win_rate, profit_factor, expectancy, roi, max_drawdown, unreconciled
    """
    from northstar_tui.views.plain import why_text

    with session.read() as present, session.known_at(present, as_of) as store, store.reading():
        span, kept = question_arguments(store, period, where, basis)
        view = why(store, figure, span, basis=basis, where=kept, most=limit, now=known_when(store, as_of))
        if as_json:
            print_json(why_json(store, view))
        elif as_csv:
            print_entries(store, view.rows)
        else:
            tell(why_text(view, store.calendar))
    if not view.proved:
        raise SystemExit(1)
