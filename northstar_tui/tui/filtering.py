"""The prompt of `/`: what it says while one types, what Tab completes, where a filter leads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from northstar_tui.calendar import ALL, Period
from northstar_tui.tui import held, periods
from northstar_tui.tui.actions import CALENDAR, ENTRIES, LEDGER, POSITIONS, WHY, key_of
from northstar_tui.tui.answers import OFFERS, UNKNOWN
from northstar_tui.tui.navigation import Navigation, Place
from northstar_tui.tui.prompt import FILTER, Prompt
from northstar_tui.views.base import ViewError
from northstar_tui.views.filter import Filter, FilterError, begun, completions, needs_opened, parse

if TYPE_CHECKING:
    from northstar_tui.tui.cockpit import Cockpit

REMEMBERED = 50
"""Filters that the session remembers."""


def opened(cockpit: Cockpit) -> None:
    """Begin to type a filter, from the one that holds here."""
    screen, subject = cockpit.nav.here.screen, cast(Any, cockpit.nav.here.subject)
    text = subject[2] if screen == WHY else held.searched(cockpit) if screen == POSITIONS else cockpit.nav.filter
    # What is typed begins a term of its own; ctrl+u clears all.
    cockpit.prompt = Prompt.on(FILTER, f"{text} " if text else "", before=cockpit.filters)


def checked(cockpit: Cockpit, prompt: Prompt) -> Prompt:
    """Return what is typed with what is wrong about it, if anything."""
    try:
        _read(cockpit, prompt.text)
    except ViewError as error:
        return _failed(prompt, error)
    return prompt


def _failed(prompt: Prompt, error: ViewError) -> Prompt:
    at, end = (error.at, error.end) if isinstance(error, FilterError) else (0, len(prompt.text))
    return prompt.failed(str(error), at, end)


def _read(cockpit: Cockpit, text: str) -> tuple[Filter, Period | None]:
    found = parse(text)
    if cockpit.nav.here.screen == POSITIONS:
        from northstar_tui.views.positions import asked

        asked(text)
    return found, found.period(cockpit.calendar, cockpit.clock()) if cockpit.calendar is not None else None


def complete(cockpit: Cockpit, step: int) -> None:
    """Take Tab: the next of what is offered; ask for offers where there are none yet."""
    prompt = cockpit.prompt
    if prompt is None:
        return
    if prompt.offers is not None:
        cockpit.prompt = checked(cockpit, prompt.offered(step))
        return
    word, typed = begun(prompt.text, prompt.caret), (prompt.text, prompt.caret)
    cockpit.bridge.ask(OFFERS, lambda reader: (typed, word.at, completions(reader.store, word)))


def offered(cockpit: Cockpit, typed: tuple[str, int], at: int, words: Sequence[str]) -> None:
    """Take what the word from `at` on can be completed to, unless something else than `typed` stands there by now."""
    prompt = cockpit.prompt
    if prompt is not None and (prompt.text, prompt.caret) == typed:
        none = prompt.failed("Nothing here begins so", at, prompt.caret)
        cockpit.prompt = checked(cockpit, prompt.offering(at, words)) if words else none


def submit(cockpit: Cockpit, prompt: Prompt) -> None:
    """Filter by what was typed, and go to the period it names; where it is wrong, put the caret there."""
    try:
        found, period = _read(cockpit, prompt.text)
    except ViewError as error:
        failed = _failed(prompt, error)
        cockpit.prompt = failed._replace(caret=min(failed.wrong[1], len(prompt.text)), offers=None)
        return
    said = prompt.text.strip()
    if said:
        kept = [text for text in cockpit.filters if text != said]
        cockpit.filters = (*kept, said)[-REMEMBERED:]
    from northstar_tui.views.unknown import unknown

    cockpit.bridge.ask(UNKNOWN, lambda reader: unknown(reader.store, found.where))
    if cockpit.nav.here.screen == POSITIONS:
        held.search(cockpit, said)
        return
    nav = cockpit.left()._replace(filter=replace(found, periods=(), places=()).text)
    cockpit.go(nav.go(_places(cockpit, nav, period)))
    cockpit.prompt = None
    if nav.basis == "closed" and needs_opened(found.where):
        cockpit.message = f"What is open counts by the opened basis: {key_of('basis')}"


def _places(cockpit: Cockpit, nav: Navigation, period: Period | None) -> Sequence[Place]:
    """Return the path of what shows the filter: this screen where it takes one, else the ledger's nearest level."""
    path = [level.place for level in nav.path]
    here, calendar = nav.here, cockpit.calendar
    to = periods.places(calendar, period) if period is not None and calendar is not None else None
    if here.screen == WHY:
        subject: Any = here.subject
        return [*(to or path[:-1]), (WHY, (subject[0], period or subject[1], nav.filter))]
    if here.screen in (CALENDAR, ENTRIES) and to is None:
        return path
    while path and path[-1][0] != LEDGER:
        path.pop()
    return to or path or [(LEDGER, ALL)]
