"""The keys that the operator wants: the config's ``[keys]`` checked against the registry, and what terminals eat.

Checked here and not by Textual, which takes unknown names in silence and lets a clash win by chance. No Textual: the
command line prints the table too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from northstar_tui.config import KeyChoice
from northstar_tui.errors import ConfigError, guess
from northstar_tui.tui.actions import ACTIONS, BY_ID, SIGNS, Action

Bound = Mapping[str, tuple[str, ...]]
"""Action to the keys that the config gives it instead of its own."""

_NAMED = (
    "enter", "tab", "escape", "backspace", "delete", "insert", "space", "home", "end", "pageup", "pagedown", "up",
    "down", "left", "right", *(f"f{number}" for number in range(1, 25)),
)  # fmt: skip
_ALIASES = {
    "esc": "escape", "return": "enter", "bksp": "backspace", "del": "delete", "ins": "insert", "pgup": "pageup",
    "pgdn": "pagedown", "page_up": "pageup", "page_down": "pagedown", "hyphen": "minus",
}  # fmt: skip
_HELD = ("ctrl", "alt", "shift")
_SAME = {"ctrl+i": "tab", "ctrl+m": "enter", "ctrl+j": "enter", "ctrl+h": "backspace", "ctrl+[": "escape"}
"""What a terminal sends for both is one byte."""
_TYPING = ("ctrl+a", "ctrl+b", "ctrl+d", "ctrl+e", "ctrl+f", "ctrl+k", "ctrl+u", "ctrl+w")
"""They edit while a filter or a command is typed."""
_MOVING = ("enter", "escape", "backspace", "delete", "up", "down", "left", "right", "home", "end", "pageup", "pagedown")
"""They move, edit, confirm or leave while something is typed: elsewhere they move too, and do nothing else."""
_NEEDED = ("open", "back", "leave", "commands", "help", "quit")
"""Actions without which nobody finds the way out."""

_EATEN = {
    "ctrl+a": "screen's own key", "ctrl+b": "tmux's own key", "ctrl+s": "stops the output of many terminals",
    "ctrl+q": "starts the output again, and quits VS Code's terminal", "ctrl+z": "suspends the program",
    "ctrl+\\": "kills the program", "ctrl+w": "closes a browser's or an editor's tab", "ctrl+p": "docker's own key",
    "ctrl+t": "opens a browser's tab", "ctrl+n": "opens a browser's window", "f1": "the terminal's help",
    "f10": "the terminal's menu", "f11": "the terminal's full screen", "escape": "slow in tmux",
    "shift+pageup": "the terminal's own scrolling", "shift+pagedown": "the terminal's own scrolling",
    "shift+home": "the terminal's own scrolling", "shift+end": "the terminal's own scrolling",
    "shift+insert": "the terminal's paste", "ctrl+pageup": "the terminal's tabs",
    "ctrl+pagedown": "the terminal's tabs",
}  # fmt: skip
_MEANT = ("suspend", "ctrl+z")
"""The one action that is what the terminal would do."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """A key that may never arrive."""

    action: str
    key: str
    why: str

    @property
    def text(self) -> str:
        """In words, with the remedy."""
        return (
            f"{self.action}: {spelled(self.key)} may not arrive ({self.why}): bind another key beside it under [keys]"
        )


def bound(choices: Sequence[KeyChoice]) -> dict[str, tuple[str, ...]]:
    """Return what ``[keys]`` binds, with keys as Textual spells them.

    Raises ConfigError with file, line and remedy for an action or a key that there is not, a key that a text prompt
    needs, an action that must keep one, and two actions on one key of one screen.
    """
    found = {choice.action: _keys(choice) for choice in choices}
    places = {choice.action: choice.place for choice in choices}
    for action in ACTIONS:
        for other in ACTIONS:
            if action.id in found and other is not action:
                _clash(action, other, found, places[action.id])
    return found


def _keys(choice: KeyChoice) -> tuple[str, ...]:
    place = f"{choice.place}: keys.{choice.action}"
    if choice.action not in BY_ID:
        raise ConfigError(f"{place} is no action", f"{guess(choice.action, BY_ID)}northstar keys lists them")
    if not choice.keys and choice.action in _NEEDED:
        raise ConfigError(f"{place} has no key left", "give it at least one: without it nobody finds the way")
    return tuple(dict.fromkeys(_key(text, place, BY_ID[choice.action]) for text in choice.keys))


def _key(text: str, place: str, action: Action) -> str:
    *held, last = text.split("+") if len(text) > 1 and not text.endswith("+") else (*text[:-1].split("+"), text[-1:])
    held = [name.strip().lower() for name in held if name]
    last = last.strip() or "space"
    plain = "+".join([*(name for name in _HELD if name in held), last.lower() if held else last])
    if plain in _SAME:
        raise ConfigError(f"{place}: a terminal cannot tell {text} from {_SAME[plain]}", f"write {_SAME[plain]}")
    if plain in _TYPING:
        raise ConfigError(f"{place}: {text} edits the text while something is typed", "choose another key")
    if plain == "ctrl+c":
        raise ConfigError(f"{place}: ctrl+c always leaves", "choose another key")
    name = _named(last)
    if name is None or any(each not in _HELD for each in held) or (len(last) == 1 and set(held) == {"shift"}):
        raise ConfigError(
            f"{place}: {text!r} is no key",
            "write a sign (x, X, ?), a name (enter, space, f5, pageup) or ctrl+, alt+, shift+ before one; "
            "for shift and a letter write the capital",
        )
    if name in _MOVING and not held and action.group != "Move":
        raise ConfigError(f"{place}: {text} is needed where text is typed", "only movements take it: choose another")
    return "+".join([*(each for each in _HELD if each in held), name.lower() if held and len(name) == 1 else name])


def _named(last: str) -> str | None:
    if len(last) == 1:
        by_sign = {sign: name for name, sign in SIGNS.items()}
        return last if last.isalnum() else by_sign.get(last)
    lower = last.lower()
    return _ALIASES.get(lower) or (lower if lower in _NAMED or lower in SIGNS else None)


def _clash(action: Action, other: Action, found: Bound, place: str) -> None:
    both = sorted(action.where & other.where)
    taken = found.get(other.id, other.keys)
    for key in found[action.id]:
        if both and key in taken:
            raise ConfigError(
                f"{place}: keys.{action.id}: {spelled(key)} is {other.id} already "
                f"({', '.join(both[:3])}{', …' if len(both) > 3 else ''})",
                f"choose another key, or give {other.id} another one under [keys]",
            )


def warnings(changes: Bound) -> list[Doubt]:
    """Return the actions of which no key is sure to arrive: tmux, screen or the terminal take it first."""
    found = []
    for action in ACTIONS:
        keys = changes.get(action.id, action.keys)
        eaten = [(key, _eaten(key)) for key in keys if (action.id, key) != _MEANT]
        if eaten and all(why for _, why in eaten):
            found += [Doubt(action.id, key, why) for key, why in eaten]
    return found


def _eaten(key: str) -> str:
    """Return who takes `key` before a program sees it; empty where nobody does."""
    held, _, last = key.rpartition("+")
    if spelled(key) in _EATEN:
        return _EATEN[spelled(key)]
    if "alt" in held:
        return "menus take it, and in others it is two keys"
    if "ctrl" in held and ("shift" in held or not last.isalpha()):
        return "many terminals cannot send it"
    return ""


def spelled(key: str) -> str:
    """Return a key as the config spells it: ``ctrl+p``, ``?``."""
    held, plus, last = key.rpartition("+")
    return f"{held}{plus}{SIGNS.get(last, last)}"
