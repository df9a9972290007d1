"""The command line: one module per verb family, loaded when its verb is called. Thin: it asks views and prints them."""

from __future__ import annotations

import importlib
from pathlib import Path

import click

from northstar_tui import __version__
from northstar_tui.cli.session import Session
from northstar_tui.errors import guess, shown
from northstar_tui.views.aloud import aloud

_VERBS = {
    "demo": ("demo", "Look around in a simulated company."),
    "init": ("setup", "Write a commented config."),
    "import": ("import_", "Load files: Kalshi exports, CSVs of bets, NorthStar's own JSONL."),
    "export": ("export", "Write the log to a file that import reads back."),
    "sync": ("sync", "Fetch what is new from all sources; fit for cron."),
    "show": ("show", "Any screen as text, or as a picture in a file."),
    "report": ("report", "The P&L of a period, by level and dimensions."),
    "positions": ("positions", "What is held, what it is worth, and when its money comes back."),
    "trades": ("trades", "The entries under a figure."),
    "epochs": ("epochs", "The stretches of time that the config names, side by side."),
    "note": ("notes", "Note something about an entry."),
    "tag": ("notes", "Tag an entry: +TAG adds, -TAG removes."),
    "costs": ("costs", "What was spent on what, how fast, and where the month will end; budgets and jobs."),
    "why": ("trades", "Why a figure is what it is: formula, rows, their sum, sources."),
    "since": ("since", "What changed since you last looked: a bridge that adds up."),
    "runs": ("runs", "What was fetched or imported when, how it ended, and how each source is."),
    "doctor": ("doctor", "Check config, secrets, connections and store, and say how to mend each."),
    "keys": ("keys", "The cockpit's keys, with the config's, and which may not arrive."),
    "events": ("inside", "The log, or the events of one entry."),
    "quarantine": ("quarantine", "What could not be read, and why; settle what is not to be mended."),
    "verify": ("proof", "Prove that every entry and rollup equals what the log says."),
    "rebuild": ("proof", "Derive every entry and rollup again from the log."),
    "schema": ("inside", "The store's data dictionary."),
}
"""Verb: (module in this package, what help says). The command in the module is named ``VERB_command``."""


class Verbs(click.Group):
    """Loads a verb's module only when it is called: start-up is a feature."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _VERBS:
            return None
        module = importlib.import_module(f"{__name__}.{_VERBS[cmd_name][0]}")
        command: click.Command = getattr(module, f"{cmd_name}_command")
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if ctx.params.get("plain") and args and args[0] not in _VERBS:  # ``--plain ledger 2026`` names a screen
            args = ["show", *args]
        elif args and args[0] not in _VERBS and not args[0].startswith("-"):
            from northstar_tui.cli.screens import screens

            meant = guess(args[0], [*_VERBS, *(f"show {name}" for name in screens())])
            ctx.fail(f"No such command {shown(args[0], 40)!r}{f': {meant.strip()}' if meant else ''}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(verb, about) for verb, (_, about) in _VERBS.items()])


@click.command(
    cls=Verbs,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Without a command it opens the cockpit. Exit codes: 0 done, 1 something failed, 2 wrong usage, "
    "75 another sync is at it.",
)
@click.option(
    "--config",
    type=click.Path(path_type=Path),
    help="Config file; northstar doctor names the one in use.  [env: NORTHSTAR_CONFIG]",
)
@click.option("--store", type=click.Path(path_type=Path), help="Store file.  [env: NORTHSTAR_STORE]")
@click.option("--plain", is_flag=True, help="Print [SCREEN] to be read aloud or by touch: sentences, nothing drawn.")
@click.option("--no-mouse", is_flag=True, help="Leave the mouse to the terminal, to select text with.")
@click.option("--debug", metavar="FILE", help="Append a log for bug reports to FILE (- is stderr); it holds no secret.")
@click.version_option(__version__, "--version", prog_name="northstar")
@click.pass_context
def cli(
    ctx: click.Context, config: Path | None, store: Path | None, plain: bool, no_mouse: bool, debug: str | None
) -> None:
    """NorthStar: a terminal P&L cockpit. Exact numbers from every stream, from all time down to one fill."""
    if debug is not None:
        from northstar_tui.debug import log

        log.begin(debug, ctx.invoked_subcommand or "cockpit")
    ctx.obj = Session(config, store, mouse=not no_mouse, plain=plain)
    if plain:
        ctx.with_resource(aloud())
    if ctx.invoked_subcommand is None:
        from northstar_tui.cli.cockpit import open_cockpit

        open_cockpit(ctx.obj)
