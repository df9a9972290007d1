"""`northstar import`."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from northstar_tui.cli.session import Session, note, print_json, tell
from northstar_tui.errors import NorthStarError, shown
from northstar_tui.ledger.store import Store
from northstar_tui.sync.files import ImportResult, Progress, Request, import_file, inspect
from northstar_tui.text import safe
from northstar_tui.views.words import counted

_COUNTS = ("read", "new", "unchanged", "revised", "quarantined")
_TOLD = 5
"""Rejects named on stderr for each file; all of them are in quarantine."""

_EXAMPLES = """\b
Examples:
  northstar import Kalshi-Transactions-2026.csv
  northstar import --book john ~/Downloads/*.csv
  northstar import --dry-run bets.csv               what it would do; writes nothing
  northstar import --as tipster log.csv             a CSV described under [formats.tipster] in the config

Recognised by content: Kalshi Transactions, bets (Pikkit's columns and alike), Betfair Betting P&L, saved mails (.eml,
mbox), NorthStar's JSONL.
Importing a file again, or one that overlaps it, counts nothing twice. Exit code 1: a record went to quarantine, or a
file was refused; both are named on stderr."""


@click.command("import", epilog=_EXAMPLES)
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE…")
@click.option(
    "--as", "format_name", metavar="FORMAT", help="Do not guess: a format's name, or a mapping's in the config."
)
@click.option("--book", metavar="BOOK", help="Whose money it is; the account, where several export the same format.")
@click.option("--dry-run", is_flag=True, help="Say what would be done, and write nothing.")
@click.option("--json", "as_json", is_flag=True, help="JSON: a result for each file.")
@click.pass_obj
def import_command(
    session: Session, files: tuple[Path, ...], format_name: str | None, book: str | None, dry_run: bool, as_json: bool
) -> None:
    """Load files into the store. Bad records go to quarantine with their line and reason; the rest is loaded."""
    if book is not None and (not book.strip() or safe(book) != book):
        raise click.BadParameter("a book's name is printable text", param_hint="--book")
    request = Request(format_name, book, dry_run, session.settings.formats)
    results: list[ImportResult] = []
    told: list[dict[str, Any]] = []
    failed = False
    for path in files:
        try:
            result = _one(session, path, request)
        except NorthStarError as error:
            failed = True
            named, said = shown(str(path), 200), str(error)
            note(f"northstar: {said if said.startswith(named) else f'{named}: {said}'}")
            told.append({"path": safe(str(path)), "error": error.message, "remedy": error.remedy})
            continue
        results.append(result)
        told.append(_json(result))
        failed = failed or bool(result.counts.quarantined)
        _tell_rejects(result)
        if result.mended:
            note(f"{shown(result.path, 200)}: {counted(result.mended, 'record', 'records')} left quarantine")
    if as_json:
        print_json({"dry_run": dry_run, "files": told})
    elif results:
        tell(_table(results))
        if dry_run:
            note("dry run: nothing was written")
    if failed:
        raise SystemExit(1)


def _one(session: Session, path: Path, request: Request) -> ImportResult:
    with _progress(path) as progress, _store(session, path, request) as store:
        return import_file(store, path, request, progress)


@contextmanager
def _store(session: Session, path: Path, request: Request) -> Iterator[Store]:
    """Open the store to import into. A file that is refused makes no store, and a dry run changes none."""
    place = session.settings.store_path()
    if not place.exists():
        inspect(path, request, session.settings.rules().zone)
    if not request.dry_run:
        with session.write() as store:
            yield store
    elif place.exists():
        with Store.open(place, write=True) as store:
            yield store
    else:
        with Store.scratch(session.settings.rules()) as store:
            yield store


@contextmanager
def _progress(path: Path) -> Iterator[Progress | None]:
    """Give a bar on stderr where that is a terminal. It shows itself only when a file takes its time."""
    if not sys.stderr.isatty():
        yield None
        return
    began = drawn = time.monotonic()

    def draw(done: int, total: int) -> None:
        nonlocal drawn
        instant = time.monotonic()
        if instant - began > 0.3 and instant - drawn > 0.1 and total:
            drawn = instant
            filled = 30 * done // total
            name = shown(path.name, 30)
            click.echo(
                f"\r\x1b[K{name} {'█' * filled}{'░' * (30 - filled)} {100 * done // total:3d}%", nl=False, err=True
            )

    try:
        yield draw
    finally:
        if drawn != began:
            click.echo("\r\x1b[K", nl=False, err=True)


def _tell_rejects(result: ImportResult) -> None:
    for reject in result.rejects[:_TOLD]:
        where = f"line {reject.line}" if reject.line else "a record"
        note(f"{shown(result.path, 200)}: {where}, {shown(reject.field)}: {reject.reason}")
    rest = result.counts.quarantined - min(_TOLD, len(result.rejects))
    if rest > 0:
        note(f"{shown(result.path, 200)}: … and {rest:,} more: northstar quarantine")


def _counts(result: ImportResult) -> tuple[int, ...]:
    counts = result.counts
    return result.read, counts.new, counts.unchanged, counts.revised, counts.quarantined


def _json(result: ImportResult) -> dict[str, Any]:
    return {
        "path": result.path,
        "format": result.format,
        "source": result.source,
        **dict(zip(_COUNTS, _counts(result), strict=True)),
        "mended": result.mended,
        "rejects": [{"line": r.line, "field": r.field, "reason": r.reason} for r in result.rejects],
    }


def _table(results: list[ImportResult]) -> str:
    from northstar_tui.views.plain import table

    rows = [(Path(r.path).name, r.source, *(f"{n:,}" for n in _counts(r))) for r in results]
    total = None
    if len(results) > 1:
        sums = (sum(column) for column in zip(*map(_counts, results), strict=True))
        total = ("", "", *(f"{n:,}" for n in sums))
    return table(("FILE", "SOURCE", *(name.upper() for name in _COUNTS)), rows, "<<>>>>>", total=total)
