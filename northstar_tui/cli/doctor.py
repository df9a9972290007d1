"""`northstar doctor`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict

import click

from northstar_tui.cli.session import Session, print_json, tell
from northstar_tui.config import Settings
from northstar_tui.errors import NO_CONNECTION, ConfigError, no_connection
from northstar_tui.sync.doctor import Line, examine
from northstar_tui.text import safe
from northstar_tui.tui.keymap import bound, warnings
from northstar_tui.views.words import counted

_MARKS = {"ok": "✓", "warning": "!", "failed": "✗"}


@click.command("doctor")
@click.option("--json", "as_json", is_flag=True, help="JSON.")
@click.pass_obj
def doctor_command(session: Session, as_json: bool) -> None:
    """Check config, keys, secrets, each source's connection, clock and rights, and the store; say how to mend each.

    Changes nothing and shows no secret. Exit code 1 where anything failed.
    """
    try:
        lines = [*_keys(session.settings), *examine(session.settings)]
    except ConfigError as error:
        lines = [Line("config", "failed", error.message, error.remedy)]
    ok = all(line.state != "failed" for line in lines)
    if as_json:
        print_json({"ok": ok, "checks": [asdict(line) for line in lines]})
    else:
        cut_off, told = no_connection({line.area: line.what for line in lines if line.state == "failed"})
        if told:
            tell(f"{_MARKS['failed']} network: {told}")
        for line in lines:
            if line.area in cut_off and NO_CONNECTION in line.what:
                continue
            remedy = f": {safe(line.remedy)}" if line.remedy else ""
            tell(f"{_MARKS[line.state]} {safe(line.area)}: {safe(line.what)}{remedy}")
    if not ok:
        raise SystemExit(1)


def _keys(settings: Settings) -> Iterator[Line]:
    """Yield how ``[keys]`` is, in the words of the cockpit's start and of ``northstar keys``."""
    if not settings.keys:
        return
    try:
        doubts = warnings(bound(settings.keys))
    except ConfigError as error:
        yield Line("config", "failed", error.message, error.remedy)
        return
    yield Line("config", "ok", f"[keys] binds {counted(len(settings.keys), 'action', 'actions')}")
    for doubt in doubts:
        yield Line("config", "warning", doubt.text)
