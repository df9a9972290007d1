"""What each action of the registry does. One function per action; movements are the page's own."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from northstar_tui.calendar import Calendar
from northstar_tui.ledger.terms import DIMENSIONS
from northstar_tui.tui import calendars, going, held, months, noting, ordering, prompting, settling, theme
from northstar_tui.tui.actions import (
    FILTERED,
    HELP,
    THEMES,
    key_of,
)
from northstar_tui.tui.syncing import SILENT, SIMULATED
from northstar_tui.tui.theme import ASCII
from northstar_tui.views.base import BASES
from northstar_tui.views.words import counted

if TYPE_CHECKING:
    from northstar_tui.tui.cockpit import Cockpit


def _dimension(cockpit: Cockpit) -> None:
    names = list(DIMENSIONS)
    following = names[(names.index(cockpit.nav.dimension) + 1) % len(names)]
    cockpit.go(cockpit.left()._replace(dimension=following))


def _basis(cockpit: Cockpit) -> None:
    following = BASES[(BASES.index(cockpit.nav.basis) + 1) % len(BASES)]
    cockpit.go(cockpit.left()._replace(basis=following))
    cockpit.message = f"Money is counted when it was {following}"


def _curve(cockpit: Cockpit) -> None:
    from northstar_tui.tui.screens.curves import CURVES

    names = list(CURVES)
    following = names[(names.index(cockpit.nav.curve) + 1) % len(names)]
    cockpit.go(cockpit.left()._replace(curve=following))
    cockpit.message = f"Curve: {CURVES[following]}"


def _help(cockpit: Cockpit) -> None:
    from northstar_tui.tui.screens.help import HelpPage

    cockpit.overlay = None if cockpit.front.screen == HELP else HelpPage(cockpit.page.screen)


def _theme(cockpit: Cockpit) -> None:
    here = theme.NAMES.index(cockpit.look.name)
    _look(cockpit, theme.NAMES[(here + 1) % len(theme.NAMES)])


def _look(cockpit: Cockpit, name: str) -> None:
    cockpit.look = theme.look(name, ascii_only=cockpit.look.glyphs is ASCII, colors=cockpit.look.colors)
    cockpit.message = f"Look: {name}"
    if cockpit.host is not None:
        cockpit.host.restyle(cockpit.look)


def _refresh(cockpit: Cockpit) -> None:
    if cockpit.head is None or not cockpit.head.batch:  # nothing is here yet: let it come
        cockpit.message = cockpit.syncing.start_all()
        cockpit.watch()
    cockpit.ask()
    cockpit.message = cockpit.message or "Read again"


def _sync(cockpit: Cockpit) -> None:
    cockpit.message = cockpit.syncing.start_all()
    cockpit.watch()
    if not cockpit.message:
        cockpit.ask()
        simulated = cockpit.head is not None and cockpit.head.kind == "demo"
        cockpit.message = f"Read again. {SIMULATED if simulated else SILENT}"


def _run(cockpit: Cockpit) -> None:
    chosen = cockpit.page.source()
    if chosen is None:
        _sync(cockpit)
        return
    settling.read_again(cockpit, chosen)


def _copy(cockpit: Cockpit) -> None:
    if cockpit.defects.current is not None:
        _report(cockpit)
    else:
        cockpit.copy(cockpit.page.value(), "Copied")


def _report(cockpit: Cockpit) -> None:
    defect = cockpit.defects.take()
    if defect is not None:
        path = " > ".join(level.screen for level in cockpit.nav.path)
        cockpit.copy(defect.report(path, cockpit.size, cockpit.look), "Copied the report")
    else:
        cockpit.say("Nothing has broken: there is nothing to report")


def _command_line(cockpit: Cockpit, args: list[str], *, configured: bool) -> list[str]:
    """Return a verb's arguments for this store, with the config where it is `configured`."""
    feed = cockpit.syncing.feed
    config = feed.config if feed is not None and configured else None
    return [*(["--config", str(config)] if config is not None else []), "--store", str(cockpit.store), *args]


def _copy_command(cockpit: Cockpit) -> None:
    from shlex import join

    args = cockpit.page.command()
    line = _command_line(cockpit, args, configured=args[:1] in (["sync"], ["import"], ["costs"]))
    cockpit.copy(join(["northstar", *line]) if args else "", "Copied")


def _exported(kind: str) -> Callable[[Cockpit], None]:
    """Return what writes the view as `kind`."""

    def write(cockpit: Cockpit) -> None:
        from northstar_tui.tui.exporting import PICTURES, VERBS, RowsChild, picture_file, stem

        place = cockpit.nav.here.place
        kept = cockpit.nav.filter if place[0] in FILTERED else ""
        name = stem(place, cockpit.calendar or Calendar("UTC"), cockpit.clock(), kept)
        folder, look, args = cockpit.exports or Path.cwd(), cockpit.look, cockpit.page.command()
        if kind in PICTURES:
            lines = cockpit.painter.lines(*cockpit.size)
            cockpit.write(lambda: picture_file(lines, look, folder, name, kind))
        elif args and args[0] in VERBS:
            started = RowsChild.start(_command_line(cockpit, args, configured=True), folder, name, kind)
            if isinstance(started, str):
                cockpit.message = started
            else:
                cockpit.writing(started.news)
        else:
            cockpit.say(f"No command prints rows of this view; {key_of('export')} writes what is seen as text or SVG")

    return write


def _pause(cockpit: Cockpit) -> None:
    held, behind = cockpit.reading.paused, cockpit.reading.behind
    cockpit.hold(hold=not held)
    if held:
        came = f", with {counted(behind, 'update', 'updates')}" if behind else ""
        cockpit.say(f"Live again{came}")
    else:
        cockpit.say(f"Paused: every screen shows this moment until {key_of('pause')}")


def _redraw(cockpit: Cockpit) -> None:
    if cockpit.host is not None:
        cockpit.host.redraw()


def _suspend(cockpit: Cockpit) -> None:
    if cockpit.host is not None:
        cockpit.host.suspend_program()


def _quit(cockpit: Cockpit) -> None:
    if cockpit.host is not None:
        cockpit.host.leave()


HANDLERS: dict[str, Callable[[Cockpit], None]] = {
    "overview": going.overview, "ledger": going.ledger, "positions": held.positions, "operations": going.operations,
    "costs": months.costs, "since": going.since, "needs": going.needs, "quarantine": going.quarantine,
    "open": going.open_selected, "open_day": going.open_selected, "back": going.back, "leave": going.back,
    "clear": going.clear,
    "history_back": going.history_back, "history_forward": going.history_forward,
    "previous": going.previous, "next": going.following, "today": going.today,
    "earlier": held.earlier, "later": held.later, "now": held.now, "fifo": held.fifo,
    "calendar": calendars.turn, "why": going.why, "figure": going.figure,
    "dimension": _dimension, "basis": _basis, "curve": _curve, "theme": _theme,
    "sort": ordering.sort, "reverse": ordering.reverse, "columns": ordering.columns, "toggle": ordering.toggle,
    "filter": prompting.filter_prompt, "note": noting.note, "tag": noting.tag,
    "settle": settling.settle,
    "copy": _copy, "copy_command": _copy_command, "report": _report,
    **{f"theme_{name.replace('-', '_')}": partial(_look, name=name) for name in THEMES},
    "export": prompting.export, **{f"export_{kind}": _exported(kind) for kind in ("text", "svg", "png", "csv", "json")},
    "refresh": _refresh, "sync": _sync, "run": _run, "pause": _pause, "redraw": _redraw,
    "commands": prompting.commands, "help": _help, "suspend": _suspend, "quit": _quit,
}  # fmt: skip
"""Every action but the movements, which are the page's own."""
