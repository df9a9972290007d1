"""`northstar keys`."""

from __future__ import annotations

from typing import Any

import click

from northstar_tui.cli.session import Session, note, print_json
from northstar_tui.tui.actions import ACTIONS, GROUPS, SCREENS, Action
from northstar_tui.tui.keymap import Bound, bound, spelled, warnings

_EXAMPLES = """\b
Examples:
  northstar keys                 every action with its keys, by group
  northstar keys --check         only what may not arrive; exit code 1 where something may not
  northstar keys --json

\b
In the config, an action's keys instead of its own:
  [keys]
  sync = "f5"                    a sign, or a name: enter tab escape space pageup f5 …
  commands = [":", "ctrl+p"]     several; ctrl+, alt+ and shift+ before a key
  theme = []                     none: the command palette still has it"""


@click.command("keys", epilog=_EXAMPLES)
@click.option("--check", is_flag=True, help="Only check: what of the config cannot be, and what a terminal may eat.")
@click.option("--json", "as_json", is_flag=True, help="JSON.")
@click.pass_obj
def keys_command(session: Session, check: bool, as_json: bool) -> None:
    """The cockpit's actions and their keys, the config's in place of their own.

    Warns of actions of which no key is sure to arrive, because tmux, screen or a terminal takes it first.
    """
    changes = bound(session.settings.keys)
    doubts = warnings(changes)
    if as_json:
        rows = [] if check else [_json(action, changes) for action in ACTIONS]
        told = [{"action": doubt.action, "key": doubt.key, "why": doubt.why} for doubt in doubts]
        print_json({"actions": rows, "warnings": told})
    elif not check:
        _print(changes)
    for doubt in doubts:
        note(f"! {doubt.text}")
    if check and not as_json:
        note(f"{len(doubts)} may not arrive" if doubts else "every action has a key that arrives, or needs none")
    if check and doubts:
        raise SystemExit(1)


def _keys(action: Action, changes: Bound) -> tuple[str, ...]:
    return changes.get(action.id, action.keys)


def _json(action: Action, changes: Bound) -> dict[str, Any]:
    return {
        "action": action.id, "keys": list(_keys(action, changes)), "default": list(action.keys),
        "label": action.label, "help": action.help, "group": action.group, "screens": sorted(action.where),
    }  # fmt: skip


def _print(changes: Bound) -> None:
    """Print the table by groups."""
    shown = {a.id: " ".join(map(spelled, _keys(a, changes))) or "-" for a in ACTIONS}
    room, names = max(map(len, shown.values())), max(len(action.id) for action in ACTIONS)
    for group in GROUPS:
        click.echo(click.style(group, bold=True))
        for action in ACTIONS:
            if action.group != group:
                continue
            mark = "*" if action.id in changes else " "
            where = "" if action.where >= SCREENS else f" ({', '.join(sorted(action.where))})"
            click.echo(f"{mark} {shown[action.id]:{room}}  {action.id:{names}}  {action.help}{where}")
        click.echo()
    if changes:
        click.echo("* by the config")
