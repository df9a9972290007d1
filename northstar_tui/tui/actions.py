"""The one registry of what a key does. Bindings, footer, help, command palette and documents all read it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

OVERVIEW, LEDGER, ENTRY, EVENT, WHY = "overview", "ledger", "entry", "event", "why"
ENTRIES = "entries"
"""The entries of any period, in the order of a column."""
OPERATIONS, SOURCE, RUN, RECORD, QUARANTINE = "operations", "source", "run", "record", "quarantine"
NEEDS = "needs"
"""All that needs the operator."""
SINCE = "since"
"""What changed since the operator looked last."""
CALENDAR = "calendar"
POSITIONS, POSITION, UNREALISED = "positions", "position", "unrealised"
HELD = frozenset({POSITIONS, POSITION, UNREALISED})
"""Screens about what is held."""
COSTS, SPENDING, RECKONING = "costs", "spending", "reckoning"
HELP, COMMANDS, MESSAGE, COLUMNS = "help", "commands", "message", "columns"
_MONEY = frozenset({OVERVIEW, LEDGER, ENTRIES, ENTRY, EVENT, WHY, SINCE, CALENDAR, COSTS, SPENDING, RECKONING})
FEEDING = frozenset({OPERATIONS, NEEDS, SOURCE, RUN, RECORD, QUARANTINE})
"""Screens about how the money's news arrive."""
AGING = FEEDING | HELD
"""Screens whose words change as time passes."""
_DATA = _MONEY | FEEDING | HELD
SCREENS = _DATA
"""Screens that show the store."""
_PERIODS = frozenset({LEDGER, ENTRIES, CALENDAR, WHY})
_MONTHS = _PERIODS | {COSTS}
_LISTS = frozenset({LEDGER, ENTRIES})
_SUMS = _LISTS | {OVERVIEW}
FILTERED = _LISTS | {CALENDAR}
"""Screens that the session's filter holds on."""
_DAYS = frozenset({CALENDAR})
_ENTRIES = _LISTS | {ENTRY, WHY}
_ALL = frozenset({*_DATA, HELP, COMMANDS, MESSAGE, COLUMNS})


class Action(NamedTuple):
    """One thing the operator can do."""

    id: str
    keys: tuple[str, ...]
    """Key names as Textual spells them, where the config says no other (`keys_of`); none: the palette's alone."""
    label: str
    """One or two words, for the footer."""
    help: str
    """One sentence, for the help and the palette."""
    group: str
    where: frozenset[str] = _ALL
    """Screens on which it does something; elsewhere it is neither shown nor bound to have an effect."""
    footer: int = 0
    """Rank in the footer, lowest first; 0 is not shown there."""
    pair: str = ""
    """The action that goes the other way: in the footer its key stands beside this one's, before one label."""


THEMES = {
    "dark": "The house's own look, dark.", "light": "The house's own look, light.",
    "contrast": "High contrast, dark.", "contrast-light": "High contrast, light.",
    "colorblind": "Blue and orange in place of green and red, dark.",
    "colorblind-light": "Blue and orange in place of green and red, light.",
    "ansi": "The terminal's own sixteen colours, on dark.",
    "ansi-light": "The terminal's own sixteen colours, on light.",
    "mono": "No colour at all.",
}  # fmt: skip
"""Every look, and what it is for."""
GROUPS = ("Screens", "Move", "Period", "Show", "Take along", "Program")

ACTIONS: tuple[Action, ...] = (
    Action("overview", ("1",), "Overview", "Today, week, month, year, all time, every book.", "Screens", footer=9),
    Action("ledger", ("2",), "Ledger", "From all time down to one trade and its source line.", "Screens", footer=8),
    Action("positions", ("3",), "Positions", "What is held, its marks, and when its money comes back.", "Screens",
           footer=13),
    Action("since", (), "Since", "What changed since you looked last, from what was to what is.", "Screens"),
    Action("needs", (), "Needs", "All that needs you, and what to do.", "Screens"),
    Action("quarantine", (), "Quarantine", "Every record that could not be read, and why.", "Screens"),
    Action("operations", ("7",), "Operations", "Sources, runs, quarantine, the store: what arrives, and what does not.",
           "Screens", footer=13),
    Action("costs", ("9",), "Costs", "Spend by model, key and day, burn, budgets, jobs, what is left per book.",
           "Screens", footer=13),
    Action("down", ("j", "down"), "Down", "Next row.", "Move"),
    Action("up", ("k", "up"), "Up", "Previous row.", "Move"),
    Action("open_day", ("enter",), "Open", "Go into the selected day.", "Move", _DAYS, 1),
    Action("day_left", ("left", "h"), "Left", "The day before; the week before where weeks are columns.", "Move",
           _DAYS),
    Action("day_right", ("right", "l"), "Right", "The day after; the week after where weeks are columns.", "Move",
           _DAYS),
    Action("leave", ("backspace",), "Back", "Back to the rows you came from.", "Move", _DAYS, 2),
    Action("open", ("enter", "right", "l"), "Open", "Go deeper: into the selected row.", "Move",
           frozenset({
               OVERVIEW, LEDGER, ENTRIES, ENTRY, WHY, SINCE, COSTS, SPENDING, OPERATIONS, NEEDS, SOURCE, QUARANTINE,
               COMMANDS,
           }) | HELD, 1),
    Action("back", ("left", "h", "backspace"), "Back", "Back to the row you came from.", "Move", _ALL - _DAYS, 2),
    Action("clear", ("escape", "ctrl+u"), "Clear", "Clear the filter; where there is none, back.", "Move"),
    Action("page_down", ("pagedown", "space"), "Page down", "One page down.", "Move"),
    Action("page_up", ("pageup",), "Page up", "One page up.", "Move"),
    Action("first", ("home",), "First", "First row.", "Move"),
    Action("last", ("end",), "Last", "Last row.", "Move"),
    Action("section", ("tab",), "Section", "To the next section.", "Move",
           frozenset({OVERVIEW, OPERATIONS, SOURCE, POSITIONS, POSITION, COSTS}), 8),
    Action("history_back", ("less_than_sign",), "Was", "Where you were before, as in a browser.", "Move"),
    Action("history_forward", ("greater_than_sign",), "Forward", "Undo going back.", "Move"),
    Action("previous", ("left_square_bracket",), "Period", "The period before this one.", "Period", _MONTHS, 5, "next"),
    Action("next", ("right_square_bracket",), "Next", "The period after this one.", "Period", _MONTHS),
    Action("earlier", ("left_square_bracket",), "Day", "As it stood at the end of the day before.", "Period", HELD, 5,
           "later"),
    Action("later", ("right_square_bracket",), "Later", "As it stood at the end of the day after.", "Period", HELD),
    Action("now", ("t",), "Now", "As it stands now.", "Period", HELD, 10),
    Action("today", ("t",), "Today", "Go to today, at the level shown.", "Period", _MONEY, 10),
    Action("why", ("w",), "Why", "Why this number: formula, rows, their sum, the source.", "Show",
           _SUMS | _DAYS | {POSITIONS, POSITION, COSTS}, 3),
    Action("dimension", ("a",), "By", "Attribute by category, book, source or kind.", "Show",
           _SUMS, 4),
    Action("figure", ("a",), "Figure", "Explain the next figure: net, gross, fees, win rate and others.", "Show",
           frozenset({WHY}), 4),
    Action("calendar", ("g",), "Calendar", "The days as a heat map: month, year, then the rows again.", "Show",
           frozenset({LEDGER, CALENDAR}), 9),
    Action("curve", ("v",), "Curve", "The next curve: equity, equity with its drawdown, net per period.", "Show",
           _LISTS, 12),
    Action("basis", ("b",), "Basis", "Count money when it closed, or when it was opened.", "Show", _PERIODS, 12),
    Action("fifo", ("b",), "FIFO", "Cost of what is held: its average, or first in, first out.", "Show", HELD, 12),
    Action("filter", ("slash",), "Filter", "Show only what fits: category:weather net:<-5 2026-02.", "Show",
           _MONEY | {POSITIONS}, 7),
    Action("sort", ("o",), "Order", "All entries of this period, the worst first; of entries the next order.", "Show",
           _LISTS, 13),
    Action("reverse", ("O",), "Reverse", "All entries of this period, the best first; of entries the order turned.",
           "Show", _LISTS),
    Action("columns", ("c",), "Columns", "Choose the columns of the entries.", "Show", _LISTS | {COLUMNS}),
    Action("toggle", ("enter",), "Show or hide", "Show or hide the selected column.", "Show", frozenset({COLUMNS}), 1),
    Action("note", ("n",), "Note", "Note something about the selected entry.", "Show", _ENTRIES, 12),
    Action("tag", ("number_sign",), "Tag", "Tag the selected entry: +late adds, -early removes.", "Show", _ENTRIES, 12),
    Action("theme", (), "Theme", "Next look: dark, light, high contrast, blue and orange, the terminal's own.", "Show"),
    *(Action(f"theme_{name.replace('-', '_')}", (), f"Theme {name}", about, "Show") for name, about in THEMES.items()),
    Action("copy", ("y",), "Copy", "Copy the selected value.", "Take along", _DATA | {MESSAGE}, 16),
    Action("copy_command", ("Y",), "Copy command", "Copy the command line that prints this view, or that does it.",
           "Take along", _DATA),
    Action("export", ("x",), "Export", "Write this view to a file, as text, SVG or PNG, or its rows as CSV or JSON.",
           "Take along", _DATA, 16),
    Action("export_text", (), "Export text", "What is seen, as text.", "Take along", _DATA),
    Action("export_svg", (), "Export SVG", "What is seen, as a picture that any browser shows.", "Take along", _DATA),
    Action("export_png", (), "Export PNG", "What is seen, as a picture of pixels.", "Take along", _DATA),
    Action("export_csv", (), "Export CSV", "The rows behind it, for a spreadsheet.", "Take along", _DATA),
    Action("export_json", (), "Export JSON", "The rows behind it, for a program.", "Take along", _DATA),
    Action("report", (), "Copy report", "Copy a report of what broke in the program itself.", "Take along"),
    Action("run", ("r",), "Run now", "Fetch from the selected source now; a record's file: import it again.", "Program",
           FEEDING, 3),
    Action("settle", ("s",), "Settle", "Settle the selected record for a reason you type; open a settled one again.",
           "Program", FEEDING - {RUN, NEEDS}, 5),
    Action("sync", ("r",), "Sync", "Fetch from every source now; where none is configured, read the store again.",
           "Program", _MONEY | HELD, 14),
    Action("refresh", ("r",), "Try again", "Read the store again.", "Program", frozenset({MESSAGE})),
    Action("pause", ("p",), "Pause", "Hold every screen at this moment; again: go on.",
           "Program", _DATA),
    Action("redraw", ("ctrl+l",), "Redraw", "Paint the whole screen again.", "Program"),
    Action("suspend", ("ctrl+z",), "Suspend", "Back to the shell for a while; fg returns.", "Program"),
    Action("commands", ("colon", "ctrl+p"), "Commands", "Find anything here by its name.", "Program", footer=15),
    Action("help", ("question_mark",), "Help", "Every key.", "Program", footer=17),
    Action("quit", ("q",), "Quit", "Leave NorthStar.", "Program", footer=18),
)  # fmt: skip

BY_ID = {action.id: action for action in ACTIONS}

_bound: dict[str, tuple[str, ...]] = {}
"""What the config binds otherwise: action to keys."""


def bind(changes: Mapping[str, tuple[str, ...]]) -> None:
    """Give actions other keys than their own, in the whole program; for once, before anything is shown."""
    _bound.clear()
    _bound.update(changes)


def keys_of(action: Action) -> tuple[str, ...]:
    """Return the keys that an action has now."""
    return _bound.get(action.id, action.keys)


_SHOWN = {
    "enter": "⏎", "left": "←", "right": "→", "up": "↑", "down": "↓", "escape": "Esc", "tab": "Tab", "backspace": "⌫",
    "pagedown": "PgDn", "pageup": "PgUp", "home": "Home", "end": "End", "space": "Space", "insert": "Ins",
    "delete": "Del",
}  # fmt: skip
_ASCII = {"⏎": "Enter", "←": "Left", "→": "Right", "↑": "Up", "↓": "Down", "⌫": "Bksp"}
SIGNS = {
    "exclamation_mark": "!", "quotation_mark": '"', "number_sign": "#", "dollar_sign": "$", "percent_sign": "%",
    "ampersand": "&", "apostrophe": "'", "left_parenthesis": "(", "right_parenthesis": ")", "asterisk": "*",
    "plus": "+", "comma": ",", "minus": "-", "full_stop": ".", "slash": "/", "colon": ":", "semicolon": ";",
    "less_than_sign": "<", "equals_sign": "=", "greater_than_sign": ">", "question_mark": "?", "at": "@",
    "left_square_bracket": "[", "backslash": "\\", "right_square_bracket": "]", "circumflex_accent": "^",
    "underscore": "_", "grave_accent": "`", "left_curly_bracket": "{", "vertical_line": "|",
    "right_curly_bracket": "}", "tilde": "~",
}  # fmt: skip
"""Textual's names of the keys that are signs, and the signs."""


def key_text(key: str, *, ascii_only: bool = False) -> str:
    """Return a key's name as people read it: ``^p`` is ctrl+p."""
    held, plus, last = key.rpartition("+")
    shown = _SHOWN.get(last) or SIGNS.get(last, last)
    shown = _ASCII.get(shown, shown) if ascii_only else shown
    if plus and held == "ctrl" and len(shown) == 1:
        return f"^{shown}"
    return f"{held}+{shown}" if plus else shown


def key_of(action: str) -> str:
    """Return the first key of the action called `action` as people read it: for sentences that name a key."""
    keys = keys_of(BY_ID[action])
    return key_text(keys[0]) if keys else f"{key_text(keys_of(BY_ID['commands'])[0])} {BY_ID[action].label}"


def footer(screen: str) -> list[Action]:
    """Return the actions that the footer of `screen` offers, most important first."""
    found = (a for a in ACTIONS if a.footer and screen in a.where and keys_of(a))
    return sorted(found, key=lambda action: action.footer)


def by_key(key: str, screen: str) -> Action | None:
    """Return what `key` does on `screen`, or None."""
    return next((action for action in ACTIONS if key in keys_of(action) and screen in action.where), None)


def elsewhere(key: str) -> list[Action]:
    """Return what `key` does on any screen."""
    return [action for action in ACTIONS if key in keys_of(action)]
