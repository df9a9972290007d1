"""`northstar doctor`."""

from __future__ import annotations

from dataclasses import asdict

import click

from northstar_tui.cli.session import Session, print_json
from northstar_tui.errors import ConfigError
from northstar_tui.sync.doctor import Line, examine
from northstar_tui.text import safe

_MARKS = {"ok": "✓", "warning": "!", "failed": "✗"}


@click.command("doctor")
@click.option("--json", "as_json", is_flag=True, help="JSON.")
@click.pass_obj
def doctor_command(session: Session, as_json: bool) -> None:
    """Check config, secrets, each source's connection, clock and rights, and the store; say how to mend each.

    Changes nothing and shows no secret. Exit code 1 where anything failed.
    """
    try:
        lines = examine(session.settings)
    except ConfigError as error:
        lines = [Line("config", "failed", error.message, error.remedy)]
    ok = all(line.state != "failed" for line in lines)
    if as_json:
        print_json({"ok": ok, "checks": [asdict(line) for line in lines]})
    else:
        for line in lines:
            remedy = f": {safe(line.remedy)}" if line.remedy else ""
            click.echo(f"{_MARKS[line.state]} {safe(line.area)}: {safe(line.what)}{remedy}")
    if not ok:
        raise SystemExit(1)
