"""Every screen of the cockpit from the command line: its text, and where it is in the cockpit."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from northstar_tui.calendar import ALL, Period
from northstar_tui.cli.session import Number, moment_argument, note_unknown, period_argument, question_arguments
from northstar_tui.errors import NorthStarError, shown
from northstar_tui.ledger.sorts import BY_TIME, order_by
from northstar_tui.ledger.store import Store
from northstar_tui.ledger.terms import Where
from northstar_tui.views.base import ViewError, where_text

if TYPE_CHECKING:
    from northstar_tui.ledger.queries import Entry
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
    filters: tuple[str, ...] = ()
    """What ``--where`` says; only a screen that is `filtered` gets one."""


class Screen(NamedTuple):
    """A screen as text, and where it is in the cockpit."""

    subject: str
    """What it takes on the command line; empty for nothing, ``[PERIOD]`` for what may be left out."""
    text: Callable[[Asked], str]
    places: Callable[[Asked], Sequence[tuple[str, Any]]]
    filtered: bool = False
    """Whether it takes a filter, as in the cockpit."""
    configured: bool = False
    """Whether it shows what only the config knows: budgets and recurring charges."""


def screens() -> dict[str, Screen]:
    """Return every screen by its name, the first digits first."""
    return {
        "overview": Screen("", _overview, lambda _: [("overview", None)]),
        "ledger": Screen("[PERIOD]", _ledger, _ledger_places, filtered=True),
        "entries": Screen("[PERIOD] [ORDER]", _entries, _entries_places, filtered=True),
        "since": Screen("[MOMENT]", _since, _since_places),
        "calendar": Screen("[PERIOD]", _heat, _heat_places, filtered=True),
        "positions": Screen("[MOMENT]", _positions, _positions_places, filtered=True),
        "position": Screen("INSTRUMENT [MOMENT]", _position, _position_places),
        "unrealised": Screen("INSTRUMENT [MOMENT]", _position, _unrealised_places),
        "costs": Screen("[PERIOD]", _costs, lambda asked: [("costs", _start(asked, 0))], configured=True),
        "spending": Screen("BY NAME [PERIOD]", _spending, _spending_places),
        "reckoning": Screen("FIGURE [PERIOD]", _reckoning, _reckoning_places, configured=True),
        "operations": Screen("", _operations, lambda _: [("operations", None)]),
        "entry": Screen("ID", _entry, lambda asked: [("ledger", ALL), ("entry", _number(asked))]),
        "event": Screen("ID", _event, lambda asked: [("overview", None), ("event", _number(asked))]),
        "why": Screen("FIGURE [PERIOD]", _why, _why_places, filtered=True),
        "needs": Screen("", _needs, lambda _: [("operations", None), ("needs", None)], configured=True),
        "source": Screen("NAME", _source, lambda asked: [("operations", None), ("source", _name(asked))]),
        "run": Screen("ID", _run, lambda asked: [("operations", None), ("run", _number(asked))]),
        "quarantine": Screen("", _quarantine, lambda _: [("operations", None), ("quarantine", None)]),
        "record": Screen("ID", _record, lambda asked: [("operations", None), ("record", _number(asked))]),
    }


# -- the screens -------------------------------------------------------------------------------------------------------


def _number(asked: Asked) -> int:
    try:
        return int(Number().convert(asked.words[0], None, None))
    except click.BadParameter:
        raise click.BadParameter(f"{asked.words[0]!r} is no id", param_hint="ID") from None


def _name(asked: Asked) -> str:
    return asked.words[0]


def _missing(what: str, word: str, remedy: str) -> NorthStarError:
    return NorthStarError(f"there is no {what} {shown(word)}", remedy)


def filter_text(asked: Asked) -> str:
    """Return the filter in the words that the cockpit keeps; periods apart, which are where it leads."""
    if not asked.filters:
        return ""
    from northstar_tui.views.filter import parse

    return where_text(parse(*asked.filters).where)


def _question(asked: Asked, place: int, default: str) -> tuple[Period, Where]:
    """Return the period and the filter asked for; the period is the word at `place`, else the filter's, or `default`.

    Says what the store does not know: once for each answer.
    """
    word = asked.words[place] if asked.words[place:] else None
    return question_arguments(asked.store, word, asked.filters, "closed", default)


def _overview(asked: Asked) -> str:
    from northstar_tui.views.overview import overview
    from northstar_tui.views.plain import overview_text

    view = overview(asked.store, asked.at, asked.planned, events=_EVENTS, known=asked.known)
    return overview_text(view, asked.store.calendar)


def _since(asked: Asked) -> str:
    from northstar_tui.views.plain import since_text
    from northstar_tui.views.since import positions_at, since

    at = moment_argument(asked.store.calendar, asked.words[0], begins=True) if asked.words else None
    view = since(asked.store, asked.at, at=at, held=positions_at(asked.store, asked.at))
    return since_text(view, asked.store.calendar)


def _since_places(asked: Asked) -> Sequence[tuple[str, Any]]:
    if asked.words:
        raise click.UsageError("a picture shows what changed since the last look: leave MOMENT out")
    return [("overview", None), ("since", None)]


def _ledger(asked: Asked) -> str:
    return _node(asked, _question(asked, 0, "all"))


def _node(asked: Asked, question: tuple[Period, Where], order: str = "") -> str:
    """Return a node of the ledger; its entries, in an `order`, where one is asked for."""
    from northstar_tui.ledger import queries
    from northstar_tui.views.node import node
    from northstar_tui.views.plain_screens import node_text
    from northstar_tui.views.series import series

    store, (period, where) = asked.store, question
    view = node(store, period, where=where, now=asked.at, listed=bool(order))
    entries: Sequence[Entry] = ()
    if view.child_level == "trade":
        entries = queries.entries(store, period, where=where, sort=order or BY_TIME, limit=_PAGE)
    return node_text(view, store.calendar, series(store, period, where=where, now=asked.at), entries)


def _ledger_places(asked: Asked) -> Sequence[tuple[str, Any]]:
    from northstar_tui.tui.periods import places

    return places(asked.store.calendar, _question(asked, 0, "all")[0])


def _entries(asked: Asked) -> str:
    return _node(asked, _question(asked, 0, "all"), _order(asked))


def _entries_places(asked: Asked) -> Sequence[tuple[str, Any]]:
    order, places = _order(asked), _ledger_places(asked)
    return [*places, ("entries", (places[-1][1], order))]


def _order(asked: Asked) -> str:
    order = asked.words[1] if asked.words[1:] else "net"
    order_by("closed", order)  # refuses what is none
    return order


def _heat(asked: Asked) -> str:
    from northstar_tui.views.heat import heat
    from northstar_tui.views.plain_screens import heat_text

    period, where = _days(asked)
    return heat_text(heat(asked.store, period, where=where, now=asked.at), asked.store.calendar)


def _heat_places(asked: Asked) -> Sequence[tuple[str, Any]]:
    from northstar_tui.tui.periods import places

    period, _ = _days(asked)
    return [*places(asked.store.calendar, period), ("calendar", period)]


def _days(asked: Asked) -> tuple[Period, Where]:
    """Return the period whose days are asked for, one that has an end, and the filter."""
    period, where = _question(asked, 0, "ytd")
    if period == ALL:
        raise click.BadParameter("all time has too many days; name a year", param_hint="PERIOD")
    return period, where


def _why(asked: Asked) -> str:
    from northstar_tui.views.plain import why_text
    from northstar_tui.views.why import why

    period, where = _question(asked, 1, "mtd")
    return why_text(why(asked.store, asked.words[0], period, where=where, now=asked.at), asked.store.calendar)


def _why_places(asked: Asked) -> Sequence[tuple[str, Any]]:
    return [("ledger", ALL), ("why", (asked.words[0], _question(asked, 1, "mtd")[0], filter_text(asked)))]


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

    where, search = positions_filter(asked.store, asked.filters)
    view = positions(asked.store, asked.at, _moment(asked, 0), where=where, search=search)
    return positions_text(view, asked.store.calendar)


def _positions_places(asked: Asked) -> Sequence[tuple[str, Any]]:
    from northstar_tui.tui.screens.positions import Shown

    at = _moment(asked, 0)
    positions_filter(asked.store, asked.filters)  # refuses what positions are not told apart by
    return [("positions", Shown(at, " ".join(asked.filters)) if at is not None or asked.filters else None)]


def positions_filter(store: Store, filters: Sequence[str]) -> tuple[Where, str]:
    """Return the filter of positions, and the words to search for. Raises click.BadParameter."""
    from northstar_tui.views.positions import asked

    try:
        where, search = asked(" ".join(filters))
    except ViewError as error:
        raise click.BadParameter(str(error), param_hint="--where") from None
    note_unknown(store, where)
    return where, search


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


def _needs(asked: Asked) -> str:
    from northstar_tui.views.needs import needs_view
    from northstar_tui.views.plain import needs_text

    return "\n".join(needs_text(needs_view(asked.store, asked.at, asked.planned, asked.known).needs))


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
