"""What the command palette offers for what is typed: actions, a period to go to, books, categories, sources. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from northstar_tui.calendar import ALL, Calendar, CalendarError
from northstar_tui.ledger.terms import named
from northstar_tui.tui.actions import ACTIONS, LEDGER, OPERATIONS, SOURCE, THEMES, Action, key_text, keys_of
from northstar_tui.tui.periods import places
from northstar_tui.tui.screens.page import Opening
from northstar_tui.views.base import where_text

PLAIN = frozenset({"down", "up", "open", "open_day", "back", "leave", "day_left", "day_right", "page_down", "page_up"})
"""Movements that nobody looks for by their name."""
LEADING = frozenset({"commands", "export"})
"""Actions that only lead here."""
ROWS = frozenset({"export_csv", "export_json"})
"""Actions for what has rows."""
LOOKS = frozenset(f"theme_{name.replace('-', '_')}" for name in THEMES)
"""Actions that are found by typing: there are many, and one that goes through them all."""
MOST = 30
"""Names offered at once."""
_GOING = ("go to ", "goto ", "go ")


class Known(NamedTuple):
    """What the palette knows beside the actions."""

    screen: str
    """The screen below it."""
    calendar: Calendar | None
    now: int
    """Microseconds UTC."""
    names: tuple[tuple[str, str], ...] = ()
    """(``book`` or ``category``, its name) of the store."""
    sources: tuple[str, ...] = ()
    epochs: tuple[Choice, ...] = ()
    rows: bool = True
    """Whether a command prints the rows of the screen below it."""


class Choice(NamedTuple):
    """One line of the palette."""

    label: str
    about: str
    keys: tuple[str, ...]
    opening: Opening
    here: bool = True
    """False for an action of other screens."""

    @property
    def key_text(self) -> str:
        """Its keys as people read them."""
        return " ".join(key_text(key) for key in self.keys)


def choices(query: str, known: Known) -> list[Choice]:
    """Return what `query` may mean, the likeliest first; all that can be done here where nothing is typed."""
    left_out = frozenset() if known.rows else ROWS
    found = [_choice(action, known.screen) for action in search(query) if action.id not in left_out]
    here, elsewhere = [c for c in found if c.here], [c for c in found if not c.here]
    if not query.strip():
        return [*(choice for choice in here if choice.opening.action not in LOOKS), *known.epochs, *elsewhere]
    named = [choice for choice in here if _in(query, choice.label)]
    rest = [choice for choice in here if choice not in named]
    return [*_period(query, known), *named, *_named(query, known), *rest, *elsewhere]


def search(query: str) -> list[Action]:
    """Return the actions that match every word of `query`, those by whose label it is first."""
    found = [
        (not _in(query, action.label), order, action)
        for order, action in enumerate(ACTIONS)
        if action.id not in PLAIN | LEADING
        and _in(query, f"{action.label} {action.id.replace('_', ' ')} {action.help} {action.group}")
    ]
    return [action for _, _, action in sorted(found, key=lambda item: item[:2])]


def _in(query: str, text: str) -> bool:
    return all(word in text.lower() for word in query.lower().split())


def _choice(action: Action, screen: str) -> Choice:
    here = screen in action.where
    about = action.help if here else f"{action.help[:-1]}: on {', '.join(sorted(action.where))}."
    return Choice(action.label, about, keys_of(action), Opening((), action=action.id), here)


def _going(query: str) -> str:
    text = query.strip()
    return next((text[len(lead) :].strip() for lead in _GOING if text.lower().startswith(lead)), text)


def _period(query: str, known: Known) -> Iterator[Choice]:
    """Yield the period that is named; ``go to`` before it may be left out."""
    if known.calendar is None:
        return
    try:
        period = known.calendar.parse(_going(query), known.now)
    except CalendarError:
        return
    where = Opening(places(known.calendar, period), whole=True)
    yield Choice(f"Go to {known.calendar.label(period)}", "This period's ledger.", (), where)


def _named(query: str, known: Known) -> Sequence[Choice]:
    """Return the books, categories and sources of which the name matches."""
    text = _going(query)
    found = [choice for choice in known.epochs if _in(text, f"{choice.label} {choice.about}")]
    found += [
        Choice(name, f"The ledger of this {dimension}.", (),
               Opening(((LEDGER, ALL),), whole=True, filter=where_text((named(dimension, name),))))
        for dimension, name in known.names if _in(text, f"{dimension} {name}")
    ]  # fmt: skip
    found += [
        Choice(name, "This source: how it is, what it did.", (),
               Opening(((OPERATIONS, None), (SOURCE, name)), whole=True))
        for name in known.sources if _in(text, f"source {name}")
    ]  # fmt: skip
    return sorted(found, key=lambda choice: not choice.label.lower().startswith(text.lower()))[:MOST]
