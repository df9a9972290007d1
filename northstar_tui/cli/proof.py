"""`northstar verify` and `northstar rebuild`."""

from __future__ import annotations

import sys
from dataclasses import asdict

import click

from northstar_tui.cli.session import Session, note, print_json, tell


@click.command("verify")
@click.option("--json", "as_json", is_flag=True, help="JSON.")
@click.pass_obj
def verify_command(session: Session, as_json: bool) -> None:
    """Derive everything again from the log, beside the store, and compare every entry and every bucket.

    Changes nothing. Exit code 1 where anything differs; the differences are named.
    """
    from northstar_tui.ledger.state import quarantined
    from northstar_tui.ledger.store import Store
    from northstar_tui.ledger.verify import verify
    from northstar_tui.views.plain import proof_text
    from northstar_tui.views.words import counted

    step = (lambda what: click.echo(f"\r\033[K{what} …", nl=False, err=True)) if sys.stderr.isatty() else lambda _: None
    with Store.open(session.settings.store_path(), write=True) as store:
        proof, unread = verify(store, step), quarantined(store)
    if sys.stderr.isatty():
        click.echo("\r\033[K", nl=False, err=True)
    if as_json:
        print_json({"ok": proof.ok, **asdict(proof)})
    else:
        tell(proof_text(proof))
        if unread:
            many = counted(unread, "record is", "records are")
            note(f"{many} in quarantine, not part of the log: northstar quarantine says why")
    if not proof.ok:
        note("northstar rebuild derives entries and rollups again; the log itself is untouched")
        raise SystemExit(1)


@click.command("rebuild")
@click.pass_obj
def rebuild_command(session: Session) -> None:
    """Derive every entry and rollup again from the log, under the config's rules."""
    from northstar_tui.ledger.store import Store
    from northstar_tui.ledger.verify import rebuild

    with Store.open(session.settings.store_path(), write=True) as store:
        count = rebuild(store, session.settings.rules(store.rules))
    click.echo(f"derived {count:,} entries and their rollups again")
