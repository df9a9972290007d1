"""`northstar quarantine`."""

from __future__ import annotations

from typing import Any

import click

from northstar_tui.cli.runs import iso
from northstar_tui.cli.session import Number, Session, note, print_json, rows_options, tell
from northstar_tui.ledger import health
from northstar_tui.ledger.health import Quarantined
from northstar_tui.ledger.quarantine import QuarantineError, dismiss, reopen
from northstar_tui.ledger.store import Store, now
from northstar_tui.views.words import counted

_EXAMPLES = """\b
Examples:
  northstar quarantine                                     what is to be seen to, newest first
  northstar quarantine --all                               what was settled, too, and how
  northstar quarantine --settle 3 5 --because "test rows"  the operator's word: 3 and 5 are not to be counted
  northstar quarantine --reopen 5                          take that back

A record that is mended leaves by itself at the next import or sync, where it is certain that it is the same one.
Nothing is ever deleted: what is settled stays listed under --all."""


@click.command("quarantine", epilog=_EXAMPLES)
@click.argument("numbers", nargs=-1, type=Number(1), metavar="[ID…]")
@click.option("--settle", is_flag=True, help="Settle the records of these ids; --because says why.")
@click.option("--because", metavar="WORDS", help="Why; it stays with the record.")
@click.option(
    "--reopen", "again", is_flag=True, help="Open these settled records again; then only --settle settles them."
)
@click.option("--all", "everything", is_flag=True, help="Those that are settled, too.")
@click.option("--limit", type=Number(1), default=50, show_default=True, help="At most this many, newest first.")
@rows_options("A JSON list, with the raw records.")
@click.pass_obj
def quarantine_command(
    session: Session,
    numbers: tuple[int, ...],
    settle: bool,
    because: str | None,
    again: bool,
    everything: bool,
    limit: int,
    as_json: bool,
    as_csv: bool,
) -> None:
    """The records that could not be read, with the reason; settle those that are not to be mended."""
    _check(numbers, settle, because, again)
    if settle or again:
        with Store.open(session.settings.store_path(), write=True) as store:
            dismiss(store, numbers, because or "") if settle else reopen(store, numbers)
        ids = " ".join(map(str, dict.fromkeys(numbers)))
        what = f"{'records' if ' ' in ids else 'record'} {ids}"
        note(f"{what} settled: northstar quarantine --reopen {ids} undoes it" if settle else f"{what} open again")
        if not (as_json or as_csv):
            return
    with session.read() as store, store.reading():
        found, settled = _asked(store, numbers, limit, everything)
        if as_json:
            print_json([record_json(record) for record in (*found, *settled)])
        elif as_csv:
            from northstar_tui.cli.spreadsheet import print_csv

            print_csv(map(record_json, (*found, *settled)), Quarantined._fields)
        else:
            _tell(store, session, numbers, found, settled, everything)


def _tell(
    store: Store,
    session: Session,
    numbers: tuple[int, ...],
    found: list[Quarantined],
    settled: list[Quarantined],
    everything: bool,
) -> None:
    """Print for people: a table, or where records are named each of them in full."""
    from northstar_tui.sync.plan import plans
    from northstar_tui.views.feeding import record_view
    from northstar_tui.views.plain_screens import quarantine_text, record_text

    if not numbers:
        tell(quarantine_text(found, store.calendar, settled))
        rest = health.settled_count(store)
        if rest and not everything:
            note(f"{counted(rest, 'record', 'records')} settled: northstar quarantine --all lists them")
        return
    planned = plans(session.settings)
    views = [record_view(store, now(), planned, record.id) for record in (*found, *settled)]
    tell("\n\n".join(record_text(view, store.calendar) for view in views if view is not None))


def _check(numbers: tuple[int, ...], settle: bool, because: str | None, again: bool) -> None:
    if settle and again:
        raise click.UsageError("--settle and --reopen are two things; ask for one")
    if (settle or again) and not numbers:
        raise click.UsageError("name the records by their ids: northstar quarantine lists them")
    if settle and not (because or "").strip():
        raise click.UsageError("say why with --because WORDS; it stays with the record")
    if because is not None and not settle:
        raise click.UsageError("--because says why a record is settled: it goes with --settle")


def _asked(
    store: Store, numbers: tuple[int, ...], limit: int, everything: bool
) -> tuple[list[Quarantined], list[Quarantined]]:
    """Return the records asked for: those to be seen to, and those that are settled. Raises QuarantineError."""
    if not numbers:
        return health.quarantine(store, limit), health.quarantine(store, limit, settled=True) if everything else []
    found = []
    for number in dict.fromkeys(numbers):
        record = health.quarantined(store, number)
        if record is None:
            raise QuarantineError(f"there is no record {number} in quarantine", "northstar quarantine --all lists them")
        found.append(record)
    return [r for r in found if r.settled_at is None], [r for r in found if r.settled_at is not None]


def record_json(record: Quarantined) -> dict[str, Any]:
    """Return a record for machines; times in ISO 8601, UTC."""
    return record._asdict() | {"recorded_at": iso(record.recorded_at), "settled_at": iso(record.settled_at)}
