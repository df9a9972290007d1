"""`northstar` without a verb: the cockpit, or its plain-text twin where there is no terminal."""

from __future__ import annotations

import sys

from northstar_tui.cli.session import Session
from northstar_tui.tui.terminal import why_plain


def open_cockpit(session: Session) -> None:
    """Open the cockpit on the session's store, or print the overview for plain text or no terminal; exit as it says."""
    path = session.settings.store_path()
    if session.plain or why_plain() is not None:
        from northstar_tui.cli.show import print_plain

        print_plain(session)
        return
    if path.exists():
        with session.read():
            pass  # other rules in the config mean a rebuild: here, before the screen, where it may take its time
    from northstar_tui.tui import run

    sys.exit(run(path, session.settings))
