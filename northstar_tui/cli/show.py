"""`northstar show`, and ``--plain``: any screen as text, to be read aloud, or as a picture in a file."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from northstar_tui.calendar import ALL, Period
from northstar_tui.cli.costs import known, note_without_config
from northstar_tui.cli.session import Session, moment_argument, period_argument
from northstar_tui.config import THEMES
from northstar_tui.errors import NorthStarError, guess, shown
from northstar_tui.ledger.sorts import order_by
from northstar_tui.ledger.store import Store, now
from northstar_tui.views.aloud import spoken

if TYPE_CHECKING:
    from northstar_tui.views.operations import Planned
    from northstar_tui.views.outlook import Known

_EVENTS = 20
"""Events that the overview reads."""
_PAGE = 64
"""Entries of a day that its screen reads first."""


class Asked(NamedTuple):
    """What a screen is asked for."""

    store: Store
    words: Sequence[str]
    """What stands behind its name on the command line."""
    at: int
    planned: Sequence[Planned]
    known: Known


class Screen(NamedTuple):
    """A screen as text, and where it is in the cockpit."""

    subject: str
    """What it takes on the command line; empty for nothing, ``[PERIOD]`` for what may be left out."""
    text: Callable[[Asked], str]
    places: Callable[[Asked], Sequence[tuple[str, Any]]]


def screens() -> dict[str, Screen]:
    """Return every screen by its name, the first digits first."""
    return {
        "overview": Screen("", _overview, lambda _: [("overview", None)]),
        "ledger": Screen("[PERIOD]", _ledger, _ledger_places),
        "entries": Screen("[PERIOD] [ORDER]", _entries, _entries_places),
        "since": Screen("[MOMENT]", _since, _since_places),
        "calendar": Screen("[PERIOD]", _heat, _heat_places),
        "positions": Screen("[MOMENT]", _positions, _positions_places),
        "position": Screen("INSTRUMENT [MOMENT]", _position, _position_places),
        "unrealised": Screen("INSTRUMENT [MOMENT]", _position, _unrealised_places),
        "costs": Screen("[PERIOD]", _costs, lambda asked: [("costs", _start(asked, 0))]),
        "spending": Screen("BY NAME [PERIOD]", _spending, _spending_places),
        "reckoning": Screen("FIGURE [PERIOD]", _reckoning, _reckoning_places),
        "operations": Screen("", _operations, lambda _: [("operations", None)]),
        "entry": Screen("ID", _entry, lambda asked: [("ledger", ALL), ("entry", _number(asked))]),
        "event": Screen("ID", _event, lambda asked: [("overview", None), ("event", _number(asked))]),
        "why": Screen("FIGURE [PERIOD]", _why, _why_places),
        "source": Screen("NAME", _source, lambda asked: [("operations", None), ("source", _name(asked))]),
        "run": Screen("ID", _run, lambda asked: [("operations", None), ("run", _number(asked))]),
        "quarantine": Screen("", _quarantine, lambda _: [("operations", None), ("quarantine", None)]),
        "record": Screen("ID", _record, lambda asked: [("operations", None), ("record", _number(asked))]),
    }


_EXAMPLES = """\b
Examples:
  northstar show ledger 2026-Q1                     the screen of a quarter, as text
  northstar --plain ledger 2026-Q1                  the same to be read aloud: sentences, nothing drawn
  northstar show ledger 2026 --out ledger.svg       as a picture: .svg, .png or .txt
  northstar show why net 2026-05

\b
SCREEN: overview, since [MOMENT], ledger [PERIOD], entries [PERIOD] [ORDER], calendar [PERIOD], entry ID, event ID,
        positions [MOMENT], position INSTRUMENT [MOMENT], unrealised INSTRUMENT [MOMENT], costs [PERIOD],
        spending model|key|charge NAME [PERIOD], reckoning burn|end|"budget NAME" [PERIOD],
        why FIGURE [PERIOD], operations, source NAME, run ID, quarantine, record ID"""


@click.command("show", epilog=_EXAMPLES)
@click.argument("screen", default="overview")
@click.argument("subject", nargs=-1)
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE", help="Draw it into FILE.svg, .png or .txt.")
@click.option("--size", default="120x40", show_default=True, metavar="COLSxROWS", help="The picture's size in cells.")
@click.option("--theme", type=click.Choice(THEMES), help="The picture's look; the config's by default.")
@click.pass_obj
def show_command(
    session: Session, screen: str, subject: tuple[str, ...], out: Path | None, size: str, theme: str | None
) -> None:
    """Print a SCREEN of the cockpit as text, or draw it into a file."""
    found = screens().get(screen)
    if found is None:
        remedy = f"{guess(screen, screens())}there are {', '.join(screens())}"
        raise click.BadParameter(f"{screen!r} is none: {remedy}", param_hint="SCREEN")
    if out is None:
        click.echo(_text(session, found, subject))
        return
    cells = re.fullmatch(r"([1-9]\d{0,2})x([1-9]\d{0,2})", size)
    if cells is None:
        raise click.BadParameter(f"{size!r} is no size; write 120x40", param_hint="--size")
    from northstar_tui.cli.pictures import write_picture

    with session.read() as store:
        places = found.places(_asked(session, store, subject, found.subject))
    size_cells = int(cells[1]), int(cells[2])
    write_picture(session.settings, places, f"NorthStar, {' '.join([screen, *subject])}", out, size_cells, theme)


def print_plain(session: Session) -> None:
    """Print the overview, where there is no terminal to show it on."""
    click.echo(_text(session, screens()["overview"], ()))


def _text(session: Session, screen: Screen, words: Sequence[str]) -> str:
    if not session.settings.store_path().exists():
        from northstar_tui.views.plain import EMPTY

        return EMPTY
    with session.read() as store, store.reading():
        text = screen.text(_asked(session, store, words, screen.subject))
    if screen.text in (_costs, _reckoning):
        note_without_config(session.settings)
    return spoken(text) if session.plain else text


def _asked(session: Session, store: Store, words: Sequence[str], subject: str) -> Asked:
    from northstar_tui.sync.plan import plans

    wanted = subject.split()
    least = sum(not word.startswith("[") for word in wanted)
    if not least <= len(words) <= len(wanted):
        takes = f"takes {subject}" if subject else "takes nothing more"
        raise click.UsageError(f"this screen {takes}")
    fetched = session.settings.sources and store.kind != "demo"  # a simulated company's sources are never read
    planned = plans(session.settings) if fetched else ()
    return Asked(store, words, now(), planned, known(session.settings))


# -- the screens -------------------------------------------------------------------------------------------------------


def _number(asked: Asked) -> int:
    try:
        return int(asked.words[0])
    except ValueError:
        raise click.BadParameter(f"{asked.words[0]!r} is no id", param_hint="ID") from None


def _name(asked: Asked) -> str:
    return asked.words[0]


def _missing(what: str, word: str, remedy: str) -> NorthStarError:
    return NorthStarError(f"there is no {what} {shown(word)}", remedy)


def _overview(asked: Asked) -> str:
    from northstar_tui.views.overview import overview
    from northstar_tui.views.plain import overview_text

    view = overview(asked.store, asked.at, asked.planned, events=_EVENTS, known=asked.known)
    return overview_text(view, asked.store.calendar)


def _since(asked: Asked) -> str:
    from northstar_tui.views.plain import since_text
    from northstar_tui.views.since import since

    at = moment_argument(asked.store.calendar, asked.words[0], begins=True) if asked.words else None
    return since_text(since(asked.store, asked.at, at=at), asked.store.calendar)


def _since_places(asked: Asked) -> Sequence[tuple[str, Any]]:
    if asked.words:
        raise click.UsageError("a picture shows what changed since the last look: leave MOMENT out")
    return [("overview", None), ("since", None)]


def _ledger(asked: Asked) -> str:
    from northstar_tui.views.node import entries_page, node
    from northstar_tui.views.plain_screens import node_text
    from northstar_tui.views.series import series

    store, period = asked.store, period_argument(asked.store, asked.words[0] if asked.words else "all")
    view = node(store, period, now=asked.at)
    entries = entries_page(store, period, 0, _PAGE).entries if view.child_level == "trade" else ()
    return node_text(view, store.calendar, series(store, period, now=asked.at), entries)


def _ledger_places(asked: Asked) -> Sequence[tuple[str, Any]]:
    from northstar_tui.tui.periods import places

    return places(asked.store.calendar, period_argument(asked.store, asked.words[0] if asked.words else "all"))


def _entries(asked: Asked) -> str:
    from northstar_tui.views.node import entries_page, node
    from northstar_tui.views.plain_screens import node_text
    from northstar_tui.views.series import series

    store, (period, order) = asked.store, _entries_places(asked)[-1][1]
    view = node(store, period, now=asked.at, listed=True)
    entries = entries_page(store, period, 0, _PAGE, sort=order, most=_PAGE).entries
    return node_text(view, store.calendar, series(store, period, now=asked.at), entries)


def _entries_places(asked: Asked) -> Sequence[tuple[str, Any]]:
    order = asked.words[1] if asked.words[1:] else "net"
    order_by("closed", order)  # refuses what is none
    places = _ledger_places(asked)
    return [*places, ("entries", (places[-1][1], order))]


def _heat(asked: Asked) -> str:
    from northstar_tui.views.heat import heat
    from northstar_tui.views.plain_screens import heat_text

    return heat_text(heat(asked.store, _span(asked), now=asked.at), asked.store.calendar)


def _heat_places(asked: Asked) -> Sequence[tuple[str, Any]]:
    from northstar_tui.tui.periods import places

    return [*places(asked.store.calendar, _span(asked)), ("calendar", _span(asked))]


def _span(asked: Asked) -> Period:
    """Return the period whose days are asked for: one that has an end."""
    period = period_argument(asked.store, asked.words[0] if asked.words else "ytd")
    if period == ALL:
        raise click.BadParameter("all time has too many days; name a year", param_hint="PERIOD")
    return period


def _why(asked: Asked) -> str:
    from northstar_tui.views.plain import why_text
    from northstar_tui.views.why import why

    figure, period = asked.words[0], period_argument(asked.store, asked.words[1] if asked.words[1:] else "mtd")
    return why_text(why(asked.store, figure, period), asked.store.calendar)


def _why_places(asked: Asked) -> Sequence[tuple[str, Any]]:
    period = period_argument(asked.store, asked.words[1] if asked.words[1:] else "mtd")
    return [("ledger", ALL), ("why", (asked.words[0], period, ""))]


def _entry(asked: Asked) -> str:
    from northstar_tui.views.node import entry_view
    from northstar_tui.views.plain import entry_text

    view = entry_view(asked.store, _number(asked))
    if view is None:
        raise _missing("entry", asked.words[0], "northstar trades --json lists their ids")
    return entry_text(view, asked.store.calendar)


def _event(asked: Asked) -> str:
    from northstar_tui.ledger.log import events
    from northstar_tui.views.plain_screens import event_text

    number = _number(asked)
    found = next(iter(events(asked.store, after=number - 1, limit=1)), None)
    if found is None or found.id != number:
        raise _missing("event", asked.words[0], "northstar events --json lists their ids")
    return event_text(found, asked.store.calendar)


def _moment(asked: Asked, place: int) -> int | None:
    return moment_argument(asked.store.calendar, asked.words[place]) if asked.words[place:] else None


def _positions(asked: Asked) -> str:
    from northstar_tui.views.plain_positions import positions_text
    from northstar_tui.views.positions import positions

    return positions_text(positions(asked.store, asked.at, _moment(asked, 0)), asked.store.calendar)


def _positions_places(asked: Asked) -> Sequence[tuple[str, Any]]:
    from northstar_tui.tui.screens.positions import Shown

    at = _moment(asked, 0)
    return [("positions", None if at is None else Shown(at))]


def _position(asked: Asked) -> str:
    from northstar_tui.views.plain_positions import position_text
    from northstar_tui.views.position import position
    from northstar_tui.views.positions import find_one

    key = find_one(asked.store, asked.words[0])
    return position_text(position(asked.store, asked.at, key, _moment(asked, 1)), asked.store.calendar)


def _position_places(asked: Asked) -> Sequence[tuple[str, Any]]:
    from northstar_tui.tui.screens.positions import Held
    from northstar_tui.views.positions import find_one

    held = Held(find_one(asked.store, asked.words[0]), asked.words[0], _moment(asked, 1))
    return [*_positions_places(asked._replace(words=asked.words[1:])), ("position", held)]


def _unrealised_places(asked: Asked) -> Sequence[tuple[str, Any]]:
    places = _position_places(asked)
    return [*places, ("unrealised", places[-1][1])]


def _costs(asked: Asked) -> str:
    from northstar_tui.views.costs import costs
    from northstar_tui.views.plain_costs import costs_text

    period = period_argument(asked.store, asked.words[0]) if asked.words else None
    return costs_text(costs(asked.store, asked.at, asked.known, period), asked.store.calendar)


def _start(asked: Asked, place: int) -> int | None:
    return period_argument(asked.store, asked.words[place]).start if asked.words[place:] else None


def _spending(asked: Asked) -> str:
    from northstar_tui.views.plain_costs import spending_text
    from northstar_tui.views.spending import spending

    _, (_, (by, names, period)) = _spending_places(asked)
    return spending_text(spending(asked.store, by, names, period), asked.store.calendar)


def _spending_places(asked: Asked) -> Sequence[tuple[str, Any]]:
    by, name, *period = asked.words
    calendar = asked.store.calendar
    span = period_argument(asked.store, period[0]) if period else calendar.period("month", asked.at)
    return [("costs", None), ("spending", (by, (name,), span))]


def _reckoning(asked: Asked) -> str:
    from northstar_tui.views.costs import costs
    from northstar_tui.views.plain_costs import reckoning_text
    from northstar_tui.views.spending import costs_month, reckoning

    what, at = _reckoning_places(asked)[-1][1]
    return reckoning_text(
        reckoning(costs(asked.store, asked.at, asked.known, costs_month(asked.store.calendar, at)), what)
    )


def _reckoning_places(asked: Asked) -> Sequence[tuple[str, Any]]:
    return [("costs", None), ("reckoning", (asked.words[0], _start(asked, 1) or asked.at))]


def _operations(asked: Asked) -> str:
    from northstar_tui.views.operations import operations
    from northstar_tui.views.plain_operations import operations_text

    return operations_text(operations(asked.store, asked.at, asked.planned), asked.store.calendar)


def _source(asked: Asked) -> str:
    from northstar_tui.views.feeding import source_view
    from northstar_tui.views.plain_screens import source_text

    view = source_view(asked.store, asked.at, asked.planned, _name(asked))
    if view is None:
        raise _missing("source", asked.words[0], "northstar show operations lists them")
    return source_text(view, asked.store.calendar)


def _run(asked: Asked) -> str:
    from northstar_tui.views.feeding import run_view
    from northstar_tui.views.plain_screens import run_text

    view = run_view(asked.store, asked.at, _number(asked))
    if view is None:
        raise _missing("run", asked.words[0], "northstar runs --json lists their ids")
    return run_text(view, asked.store.calendar)


def _quarantine(asked: Asked) -> str:
    from northstar_tui.ledger.health import quarantine
    from northstar_tui.views.plain_screens import quarantine_text

    store = asked.store
    return quarantine_text(quarantine(store, 2_000), store.calendar, quarantine(store, 2_000, settled=True))


def _record(asked: Asked) -> str:
    from northstar_tui.views.feeding import record_view
    from northstar_tui.views.plain_screens import record_text

    view = record_view(asked.store, asked.at, asked.planned, _number(asked))
    if view is None:
        raise _missing("record", asked.words[0], "northstar quarantine --all lists them")
    return record_text(view, asked.store.calendar)
