"""What is typed: filters, commands, notes and tags; opening the prompt, and taking what it holds as done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from northstar_tui.tui import calendars, noting, settling
from northstar_tui.tui.actions import COMMANDS
from northstar_tui.tui.going import open_selected
from northstar_tui.tui.prompt import Prompt

if TYPE_CHECKING:
    from northstar_tui.tui.cockpit import Cockpit


def filter_prompt(cockpit: Cockpit) -> None:
    """Ask for a filter."""
    from northstar_tui.tui.filtering import opened

    opened(cockpit)


def commands(cockpit: Cockpit) -> None:
    """Open the palette."""
    cockpit.prompt = Prompt.on(COMMANDS)
    cockpit.ask_names()
    list_commands(cockpit, "")


def list_commands(cockpit: Cockpit, query: str) -> None:
    """Show what `query` may mean."""
    from northstar_tui.tui.choices import Known, choices
    from northstar_tui.tui.exporting import VERBS
    from northstar_tui.tui.screens.commands import CommandsPage

    sources = tuple(line.name for line in cockpit.sources or ())
    rows = cockpit.page.command()[:1]
    known = Known(
        cockpit.page.screen, cockpit.calendar, cockpit.clock(), cockpit.names, sources, calendars.epochs(cockpit),
        bool(rows) and rows[0] in VERBS,
    )  # fmt: skip
    cockpit.overlay = CommandsPage(choices(query, known))


def export(cockpit: Cockpit) -> None:
    """Offer the forms that a view is written in."""
    cockpit.prompt = Prompt.on(COMMANDS, "export ")
    list_commands(cockpit, cockpit.prompt.text)


def submit(cockpit: Cockpit) -> None:
    """Take what was typed as done."""
    prompt = cockpit.prompt
    if prompt is None:
        return
    if prompt.purpose == COMMANDS:
        open_selected(cockpit)
        return
    if prompt.purpose in (settling.SETTLE, settling.PATH):
        settling.submit(cockpit, prompt)
        return
    if prompt.purpose in ("note", "tag"):
        noting.written(cockpit, prompt)
        return
    from northstar_tui.tui import filtering

    filtering.submit(cockpit, prompt)
