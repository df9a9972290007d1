"""What each action of the registry does. One function per action; movements are the page's own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from northstar_tui.calendar import ALL, Calendar, Period
from northstar_tui.ledger.terms import DIMENSIONS
from northstar_tui.tui import calendars, held, months, noting, ordering, periods, settling, theme
from northstar_tui.tui.actions import (
    CALENDAR,
    COMMANDS,
    COSTS,
    HELP,
    LEDGER,
    OPERATIONS,
    OVERVIEW,
    WHY,
    key_of,
)
from northstar_tui.tui.navigation import Cursor, Navigation
from northstar_tui.tui.prompt import Prompt
from northstar_tui.tui.syncing import SILENT
from northstar_tui.tui.theme import ASCII
from northstar_tui.views.base import BASES

if TYPE_CHECKING:
    from northstar_tui.tui.cockpit import Cockpit
    from northstar_tui.tui.screens.page import Opening


def _overview(cockpit: Cockpit) -> None:
    cockpit.go(cockpit.left().go(((OVERVIEW, None),)))


def _ledger(cockpit: Cockpit) -> None:
    cockpit.go(cockpit.left().go(((LEDGER, ALL),)))


def _operations(cockpit: Cockpit) -> None:
    cockpit.go(cockpit.left().go(((OPERATIONS, None),)))


def _open(cockpit: Cockpit) -> None:
    opening = cockpit.front.opening()
    if opening is None:
        cockpit.say("There is nothing here to open")
    else:
        open_it(cockpit, opening)


def open_it(cockpit: Cockpit, opening: Opening) -> None:
    """Go where `opening` leads, or do what it means."""
    if opening.action:
        cockpit.overlay = cockpit.prompt = None
        cockpit.do(opening.action)
        return
    if opening.sort:
        ordering.order(cockpit, opening.sort)
        return
    nav = _as_shown(cockpit)
    if opening.filter is not None:
        nav = replace(nav, filter=opening.filter)
    if opening.whole:
        nav = nav.go(opening.places)
    else:
        for place in opening.places:
            nav = nav.enter(*place)
    cockpit.go(nav)


def _back(cockpit: Cockpit) -> None:
    if cockpit.overlay is not None:
        cockpit.overlay = cockpit.prompt = None
        return
    _along(cockpit, cockpit.left().up(), f"This is where it begins; {key_of('quit')} quits")


def _history_back(cockpit: Cockpit) -> None:
    _along(cockpit, cockpit.left().back(), "There is nowhere further back")


def _history_forward(cockpit: Cockpit) -> None:
    _along(cockpit, cockpit.left().forward(), "There is nothing to go forward to")


def _along(cockpit: Cockpit, nav: Navigation, end: str) -> None:
    if nav.path == cockpit.left().path:
        cockpit.say(end)
    else:
        cockpit.go(nav)


def _beside(cockpit: Cockpit, step: int) -> None:
    if cockpit.nav.here.screen == COSTS:
        months.beside(cockpit, step)
    elif cockpit.calendar is not None:
        subject: Any = cockpit.nav.here.subject
        period = subject[1] if cockpit.nav.here.screen == WHY else subject
        _go_period(cockpit, periods.beside(cockpit.calendar, period, step), cockpit.calendar)


def _go_period(cockpit: Cockpit, period: Period, calendar: Calendar) -> None:
    """Go to the same place in another period, the cursor on the same row."""
    places = periods.places(calendar, period)
    if cockpit.nav.here.screen == WHY:
        subject: Any = cockpit.nav.here.subject
        above = cockpit.nav.path[-2:][0].subject
        within = above == subject[1]  # asked of the node itself, or of a row in it
        places = (*(places if within else places[:-1]), (WHY, (subject[0], period, subject[2])))
    if cockpit.nav.here.screen == CALENDAR:
        places = (*places, (CALENDAR, period))
    left = cockpit.left()
    nav = left.go(places)
    cockpit.go(nav if nav.path == left.path else nav.at(replace(left.here.cursor, key=None)))


def _previous(cockpit: Cockpit) -> None:
    _beside(cockpit, -1)


def _next(cockpit: Cockpit) -> None:
    _beside(cockpit, 1)


def _today(cockpit: Cockpit) -> None:
    if cockpit.nav.here.screen in months.SCREENS:
        months.costs(cockpit)
        return
    if cockpit.calendar is None:
        return
    subject = cockpit.nav.here.subject
    level = subject.level if isinstance(subject, Period) else "day"
    today = periods.today(cockpit.calendar, level, cockpit.clock())
    places = periods.places(cockpit.calendar, today)
    if cockpit.nav.here.screen == CALENDAR:
        from northstar_tui.views.heat import days_of

        day = cockpit.calendar.period("day", cockpit.clock())
        cockpit.go(cockpit.left().go((*places, (CALENDAR, days_of(cockpit.calendar, today)))).at(Cursor(key=day)))
        return
    cockpit.go(cockpit.left().go(places))


def _why(cockpit: Cockpit) -> None:
    place = cockpit.page.why()
    if place is None:
        cockpit.say("There is no number here to explain")
    else:
        cockpit.go(_as_shown(cockpit).enter(*place))


def _as_shown(cockpit: Cockpit) -> Navigation:
    """Return the state to go deeper from: these screens' numbers are by closing, so what explains them is too."""
    nav = cockpit.left()
    return replace(nav, basis=BASES[0]) if nav.here.screen in (OVERVIEW, COSTS) else nav


def _figure(cockpit: Cockpit) -> None:
    from northstar_tui.tui.screens.why import next_figure

    subject: Any = cockpit.nav.here.subject
    places = [level.place for level in cockpit.nav.path[:-1]]
    cockpit.go(cockpit.left().go([*places, (WHY, next_figure(subject))]))


def _dimension(cockpit: Cockpit) -> None:
    names = list(DIMENSIONS)
    following = names[(names.index(cockpit.nav.dimension) + 1) % len(names)]
    cockpit.go(replace(cockpit.left(), dimension=following))


def _basis(cockpit: Cockpit) -> None:
    following = BASES[(BASES.index(cockpit.nav.basis) + 1) % len(BASES)]
    cockpit.go(replace(cockpit.left(), basis=following))
    cockpit.message = f"Money is counted when it was {following}"


def _curve(cockpit: Cockpit) -> None:
    from northstar_tui.tui.screens.curves import CURVES

    names = list(CURVES)
    following = names[(names.index(cockpit.nav.curve) + 1) % len(names)]
    cockpit.go(replace(cockpit.left(), curve=following))
    cockpit.message = f"Curve: {CURVES[following]}"


def _filter(cockpit: Cockpit) -> None:
    from northstar_tui.tui.filtering import opened

    opened(cockpit)


def _commands(cockpit: Cockpit) -> None:
    cockpit.prompt = Prompt.on(COMMANDS)
    list_commands(cockpit, "")


def list_commands(cockpit: Cockpit, query: str) -> None:
    """Show the commands that match `query`."""
    from northstar_tui.tui.screens.commands import CommandsPage

    cockpit.overlay = CommandsPage(query, cockpit.page.screen, calendars.epochs(cockpit))


def _help(cockpit: Cockpit) -> None:
    from northstar_tui.tui.screens.help import HelpPage

    cockpit.overlay = None if cockpit.front.screen == HELP else HelpPage(cockpit.page.screen)


def _theme(cockpit: Cockpit) -> None:
    here = theme.NAMES.index(cockpit.look.name)
    following, ascii_only = theme.NAMES[(here + 1) % len(theme.NAMES)], cockpit.look.glyphs is ASCII
    cockpit.look = theme.look(following, ascii_only=ascii_only, colors=cockpit.look.colors)
    cockpit.message = f"Look: {following}"
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
        cockpit.message = f"Read again. {SILENT}"


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
        cockpit.copy(defect.report(path, cockpit.size, cockpit.look), "Copied the report:")
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


def _export(cockpit: Cockpit) -> None:
    cockpit.prompt = Prompt.on(COMMANDS, "export ")
    list_commands(cockpit, cockpit.prompt.text)


def _exported(kind: str) -> Callable[[Cockpit], None]:
    """Return what writes the view as `kind`."""

    def write(cockpit: Cockpit) -> None:
        from northstar_tui.tui.exporting import PICTURES, VERBS, RowsChild, picture_file, stem

        name = stem(cockpit.nav.here.place, cockpit.calendar or Calendar("UTC"), cockpit.clock())
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
        cockpit.say(f"Live again{f', with {behind:,} commits' if behind else ''}")
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


def enter(cockpit: Cockpit) -> None:
    """Take what was typed as done."""
    prompt = cockpit.prompt
    if prompt is None:
        return
    if prompt.purpose == COMMANDS:
        _open(cockpit)
        return
    if prompt.purpose in (settling.SETTLE, settling.PATH):
        settling.submit(cockpit, prompt)
        return
    if prompt.purpose in ("note", "tag"):
        noting.written(cockpit, prompt)
        return
    from northstar_tui.tui.filtering import submit

    submit(cockpit, prompt)


HANDLERS: dict[str, Callable[[Cockpit], None]] = {
    "overview": _overview, "ledger": _ledger, "operations": _operations, "costs": months.costs,
    "open": _open, "back": _back, "open_day": _open, "leave": _back,
    "positions": held.positions, "earlier": held.earlier, "later": held.later, "now": held.now, "fifo": held.fifo,
    "history_back": _history_back, "history_forward": _history_forward, "previous": _previous, "next": _next,
    "today": _today, "why": _why,
    "calendar": calendars.turn, "note": noting.note, "tag": noting.tag,
    "figure": _figure, "dimension": _dimension, "basis": _basis, "curve": _curve, "filter": _filter, "theme": _theme,
    "sort": ordering.sort, "reverse": ordering.reverse, "columns": ordering.columns, "toggle": ordering.toggle,
    "copy": _copy, "copy_command": _copy_command, "refresh": _refresh, "sync": _sync, "run": _run,
    "settle": settling.settle,
    "export": _export, **{f"export_{kind}": _exported(kind) for kind in ("text", "svg", "png", "csv", "json")},
    "report": _report, "pause": _pause, "redraw": _redraw, "commands": _commands, "help": _help,
    "suspend": _suspend, "quit": _quit,
}  # fmt: skip
"""Every action but the movements, which are the page's own."""
