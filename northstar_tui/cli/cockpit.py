"""`northstar` without a verb: the cockpit, or its plain-text twin where there is no terminal."""

from __future__ import annotations

import os
import sys

import click

from northstar_tui.cli.session import Session
from northstar_tui.ledger.store import now


def terminal() -> bool:
    """Return whether a full-screen program can run here: three real terminals that are not dumb."""
    streams = (sys.stdin, sys.stdout, sys.stderr)
    return all(stream is not None and stream.isatty() for stream in streams) and os.environ.get("TERM") not in (
        None,
        "",
        "dumb",
    )


def open_cockpit(session: Session, *, plain: bool) -> None:
    """Open the cockpit on the session's store, or print the overview where `plain` or no terminal."""
    path = session.settings.store_path()
    if plain or not terminal():
        print_overview(session)
        return
    if path.exists():
        with session.read():
            pass  # other rules in the config mean a rebuild: here, before the screen, where it may take its time
    from northstar_tui.tui import run

    run(path, session.settings)


def print_overview(session: Session) -> None:
    """Print the overview as text."""
    from northstar_tui.views.overview import overview
    from northstar_tui.views.plain import EMPTY, overview_text

    if not session.settings.store_path().exists():
        click.echo(EMPTY)
        return
    with session.read() as store, store.reading():
        click.echo(overview_text(overview(store, now()), store.calendar))
