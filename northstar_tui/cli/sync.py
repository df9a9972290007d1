"""`northstar sync`."""

from __future__ import annotations

import os
import shutil
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import click

from northstar_tui import debug
from northstar_tui.calendar import Calendar
from northstar_tui.cli.session import Session, moment_argument, note, print_json, tell
from northstar_tui.config import SourceSettings
from northstar_tui.errors import ConfigError, NorthStarError, no_connection
from northstar_tui.ledger.store import Store, StoreError
from northstar_tui.sync.engine import Synced, Wanted, sync, throwaway
from northstar_tui.sync.lock import BUSY, sources_held
from northstar_tui.sync.prepare import chosen
from northstar_tui.sync.runner import Outcome, Progress
from northstar_tui.text import safe

_EXAMPLES = """\b
Examples:
  northstar sync                       everything enabled, in parallel; fit for cron
  northstar sync kalshi                this one at once, also where it was left alone after failures
  northstar sync --since 2026-01-01    read again from that day; what is known already counts nothing twice
  northstar sync --dry-run             what it would bring; writes nothing

One line when all is well (none with --quiet); what fails is named on stderr with what to do about it, and harms no
other source. Exit codes: 0 done, 1 something failed, 2 wrong usage, 75 another sync is fetching the same source."""


@click.command("sync", epilog=_EXAMPLES)
@click.argument("sources", nargs=-1, metavar="[SOURCE…]")
@click.option("--since", metavar="MOMENT", help="Read again from there on: a date, yesterday, 2026-02.")
@click.option("--dry-run", is_flag=True, help="Fetch into a throw-away copy of the store, and say what was new.")
@click.option("--json", "as_json", is_flag=True, help="JSON: an outcome for each source.")
@click.option("--quiet", is_flag=True, help="Say nothing when all is well.")
@click.option("--cockpit", type=click.Choice(["asked", "scheduled"]), hidden=True, help="Who starts it: end with it.")
@click.pass_obj
def sync_command(
    session: Session,
    sources: tuple[str, ...],
    since: str | None,
    dry_run: bool,
    as_json: bool,
    quiet: bool,
    cockpit: str | None,
) -> None:
    """Fetch what is new from all enabled sources, or from those named."""
    try:
        asked = chosen(session.settings, sources)
    except ConfigError as error:
        raise click.UsageError(str(error)) from None
    if not asked:
        raise NorthStarError("no source is enabled", "describe one under [sources.NAME] in the config: northstar init")
    settings = session.settings
    if since is not None:  # refused before there is a store
        _start(Calendar(settings.rules().zone, settings.epochs), since)
    done = Synced()
    with _free(session, [each.name for each in asked], dry_run) as free:
        mine = [each for each in asked if each.name in free]
        if mine:
            with _store(session, dry_run) as store, _progress(quiet) as progress:
                start = None if since is None else _start(store.calendar, since)
                wanted = Wanted(start, bool(sources) and cockpit != "scheduled", cockpit is not None)
                done = sync(store, session.settings, mine, wanted, progress)
    outcomes = _in_order(done.outcomes, asked)
    if cockpit is None:  # the cockpit reads it in the store
        _tell(outcomes)
    if as_json:
        print_json({"dry_run": dry_run, "sources": [_json(outcome) for outcome in outcomes]})
    elif mine and not (quiet and all(outcome.ok for outcome in outcomes)):
        tell(_line(outcomes) + (" (dry run: nothing was written)" if dry_run else ""))
    _leave(_code(outcomes, done), done)


def _start(calendar: Calendar, text: str) -> int:
    """Return where the moment `text` begins. Raises click.BadParameter for none, and for one before 1970."""
    start = moment_argument(calendar, text, begins=True)
    if start < 0:
        raise click.BadParameter(f"{text!r} is too long ago; write 2026-02-25", param_hint="--since")
    return start


@contextmanager
def _free(session: Session, names: list[str], dry_run: bool) -> Iterator[list[str]]:
    """Hold what no other process fetches, and give it; a dry run, which writes nothing, needs nobody's leave."""
    if dry_run:
        yield names
        return
    with sources_held(session.settings.store_path(), names) as free:
        yield free


@contextmanager
def _store(session: Session, dry_run: bool) -> Iterator[Store]:
    with throwaway(session.settings) if dry_run else session.write() as store:
        if store.kind != "real":
            raise StoreError(
                f"{session.settings.store_path()} is a {store.kind} store",
                "use another --store; real and simulated money never mix",
            )
        yield store


@contextmanager
def _progress(quiet: bool) -> Iterator[Progress]:
    """Give a line on stderr that says how far each source is, where that is a terminal."""
    so_far: dict[str, Outcome] = {}
    drawn = 0.0

    def draw(outcome: Outcome) -> None:
        nonlocal drawn
        so_far[outcome.name] = outcome
        instant = time.monotonic()
        if instant - drawn > 0.1:
            drawn = instant
            text = " · ".join(f"{safe(each.name)} {_read(each):,}" for each in so_far.values())
            click.echo(f"\r\x1b[K{text[: shutil.get_terminal_size().columns - 1]}", nl=False, err=True)

    if quiet or not sys.stderr.isatty():
        yield lambda _: None
        return
    try:
        yield draw
    finally:
        if drawn:
            click.echo("\r\x1b[K", nl=False, err=True)


def _in_order(outcomes: Sequence[Outcome], sources: Sequence[SourceSettings]) -> list[Outcome]:
    """Return one outcome for each source asked for, also for those that another process fetches."""
    found = {outcome.name: outcome for outcome in outcomes}
    return [found.get(each.name) or _busy(each.name) for each in sources]


def _busy(name: str) -> Outcome:
    return Outcome(name, "busy", error=f"{name}: another sync is fetching it", remedy="wait for its end")


def _tell(outcomes: Sequence[Outcome]) -> None:
    """Name on stderr what failed, and what cannot be read; a network that is away, once."""
    cut_off, line = no_connection({outcome.name: outcome.error for outcome in outcomes})
    if line:
        note(f"northstar: {line}")
    for outcome in outcomes:
        if outcome.error and outcome.name not in cut_off:
            note(f"northstar: {safe(f'{outcome.error}: {outcome.remedy}' if outcome.remedy else outcome.error)}")
        elif outcome.state == "partial":
            count = outcome.counts.quarantined
            what = "record that cannot be read" if count == 1 else "records that cannot be read"
            note(f"northstar: {safe(outcome.name)}: {count:,} {what}: northstar quarantine")


def _line(outcomes: Sequence[Outcome]) -> str:
    """Return what was done in a line that two syncs without news share to the letter."""
    ran = [outcome for outcome in outcomes if outcome.state in ("done", "partial")]
    counts = [f"{sum(getattr(outcome.counts, what) for outcome in outcomes):,} {what}" for what in ("new", "revised")]
    counts.append(f"{sum(outcome.mended for outcome in outcomes):,} mended")
    news = ", ".join(each for each in counts if not each.startswith("0 ")) or "nothing new"
    whole = f"{len(ran)} of {len(outcomes)}" if len(ran) < len(outcomes) else f"{len(ran)}"
    return f"synced {whole} {'source' if len(outcomes) == 1 else 'sources'}: {news}"


def _read(outcome: Outcome) -> int:
    counts = outcome.counts
    return counts.new + counts.unchanged + counts.revised + counts.quarantined


def _json(outcome: Outcome) -> dict[str, Any]:
    counts = outcome.counts
    return {
        "source": outcome.name,
        "state": outcome.state,
        "read": _read(outcome),
        "new": counts.new,
        "unchanged": counts.unchanged,
        "revised": counts.revised,
        "quarantined": counts.quarantined,
        "mended": outcome.mended,
        "pages": outcome.pages,
        "bytes": outcome.bytes,
        "error": outcome.error or None,
        "remedy": outcome.remedy or None,
    }


def _code(outcomes: Sequence[Outcome], done: Synced) -> int:
    if done.stopped or any(not outcome.ok and outcome.state != "busy" for outcome in outcomes):
        return 1
    return BUSY if any(outcome.state == "busy" for outcome in outcomes) else 0


def _leave(code: int, done: Synced) -> None:
    """End with `code`; a source that does not end is not waited for."""
    others = [each for each in threading.enumerate() if each is not threading.main_thread() and not each.daemon]
    if not done.clean or any(each.is_alive() for each in others):
        debug.note("ended", code=code, why="a source did not stop")
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    if code:
        raise SystemExit(code)
