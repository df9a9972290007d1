"""`northstar` without a verb: the cockpit, or its plain-text twin where there is no terminal."""

from __future__ import annotations

import sys

import click

from northstar_tui.cli.session import Session
from northstar_tui.ledger.store import now
from northstar_tui.tui.terminal import why_plain


def open_cockpit(session: Session, *, plain: bool) -> None:
    """Open the cockpit on the session's store, or print the overview where `plain` or no terminal; exit as it says."""
    path = session.settings.store_path()
    if plain or why_plain() is not None:
        print_overview(session)
        return
    if path.exists():
        with session.read():
            pass  # other rules in the config mean a rebuild: here, before the screen, where it may take its time
    from northstar_tui.tui import run

    sys.exit(run(path, session.settings))


def print_overview(session: Session) -> None:
    """Print the overview as text."""
    from northstar_tui.views.overview import overview
    from northstar_tui.views.plain import EMPTY, overview_text

    if not session.settings.store_path().exists():
        click.echo(EMPTY)
        return
    with session.read() as store, store.reading():
        click.echo(overview_text(overview(store, now()), store.calendar))
