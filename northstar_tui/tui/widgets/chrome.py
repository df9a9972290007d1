"""The frame around every screen: title line, breadcrumb line and the footer's hints, each shedding by width."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from rich.style import Style

from northstar_tui.text import safe
from northstar_tui.tui.actions import BY_ID, Action, footer, key_text, keys_of
from northstar_tui.tui.paint import Line, fit, width
from northstar_tui.tui.prompt import Prompt
from northstar_tui.tui.theme import Look


class Part(NamedTuple):
    """A piece of a bar: its text, its style, and whether it may go when the terminal is narrow (highest first)."""

    text: str
    style: Style
    rank: int = 0
    hit: object = None
    """What a click on it means."""


def bar(left: Sequence[Part], right: Sequence[Part], cells: int, ground: Style, *, ellipsis: str) -> Line:
    """Return one line with `left` and `right` at its edges; parts go by rank until the rest fits, then it is cut."""
    kept = [*left, *right]

    def needed() -> int:
        return sum(width(part.text) for part in kept) + 2

    while needed() > cells and any(part.rank for part in kept):
        kept.remove(max(kept, key=lambda part: part.rank))
    at_left = [part for part in left if part in kept]
    at_right = [part for part in right if part in kept]
    line = Line().put(" ", ground)
    room = cells - 1
    for part in at_left:
        line.put(fit(part.text, min(width(part.text), room - line.cells), ellipsis=ellipsis), part.style, part.hit)
    tail = Line()
    for part in at_right:
        tail.put(part.text, part.style, part.hit)
    if at_right and line.cells + tail.cells + 1 <= cells:
        line.to(cells - tail.cells - 1, ground).join(tail)
    return line.to(cells, ground)


def crumbs(names: Sequence[str], notes: Sequence[str], cells: int, look: Look) -> Line:
    """Return the breadcrumb: the path's names, of which the middle ones give way first, and `notes` at the right.

    A click on a name means its depth on the path.
    """
    glyphs = look.glyphs
    separator = f" {glyphs.crumb} "
    shown = [(depth, safe(name)) for depth, name in enumerate(names)]
    note = f" {glyphs.dot} ".join(safe(note) for note in notes if note)

    def needed() -> int:
        return sum(width(name) for _, name in shown) + width(separator) * (len(shown) - 1) + width(note) + 4

    while len(shown) > 2 and needed() > cells:
        depth, _ = shown.pop(1 if shown[1][1] != glyphs.ellipsis or len(shown) == 3 else 2)
        if len(shown) > 2:  # what is hidden is one step back from what is shown after it
            shown[1] = (depth if shown[1][1] == glyphs.ellipsis else shown[1][0], glyphs.ellipsis)
    line = Line().put(" ", look.text)
    for position, (depth, name) in enumerate(shown):
        last = position == len(shown) - 1
        room = cells - 1 - line.cells - (width(separator) if position else 0)
        if room < 1:
            break
        if position:
            line.put(separator, look.faint)
        text = fit(name, min(width(name), room), ellipsis=glyphs.ellipsis)
        line.put(text, look.strong if last else look.dim, depth)
    room = cells - 1 - line.cells - 2
    if note and room >= min(width(note), 8):
        note = fit(note, min(width(note), room), ellipsis=glyphs.ellipsis)
        line.to(cells - 1 - width(note), look.text).put(note, look.dim)
    return line


def hints(screen: str, cells: int, look: Look, *, ascii_only: bool) -> Line:
    """Return the footer's key hints, as many as fit; Help, Quit and, where there is room, Commands stay longest."""
    found = footer(screen)
    keys = {a.id: [(key_text(keys_of(each)[0], ascii_only=ascii_only), each.id) for each in _both(a)] for a in found}
    lasting = ("help", "quit", "commands") if cells >= 80 else ("help", "quit")
    order = sorted(found, key=lambda a: (a.id not in lasting, a.footer))
    kept: set[str] = set()
    used = 1
    for action in order:
        size = sum(width(key) + 1 for key, _ in keys[action.id]) + width(action.label) + 2
        if used + size <= cells:
            kept.add(action.id)
            used += size
    line = Line().put(" ", look.bar)
    for action in found:
        if action.id in kept:
            for key, does in keys[action.id]:
                line.put(key, look.bar_key, does).put(" ", look.bar_dim, does)
            line.put(action.label, look.bar_dim, action.id).put("  ", look.bar_dim)
    return line.to(cells, look.bar)


def _both(action: Action) -> list[Action]:
    """Return an action and the one that goes the other way, which share a hint."""
    return [each for each in (action, BY_ID.get(action.pair)) if each is not None and keys_of(each)]


_SIGNS = {"filter": "/"}
"""What stands before what is typed, by what it is typed for."""


def prompt_line(prompt: Prompt, cells: int, look: Look) -> Line:
    """Return the footer while something is being typed: the caret is a reversed cell, what is wrong stands out."""
    sign = safe(f"{prompt.label}:") if prompt.label else _SIGNS.get(prompt.purpose, ":")
    sign = fit(sign, min(width(sign), cells // 2), ellipsis=look.glyphs.ellipsis)
    line = Line().put(sign, look.bar_key).put(" ", look.bar)
    start = max(0, prompt.caret - max(4, cells - line.cells - 1) + 1)
    at, end = prompt.wrong
    for place, char in enumerate(f"{prompt.text} "[start:], start):
        style = look.bar_warn if at <= place < end else look.bar
        line.put(char, look.hollow(look.bar) if place == prompt.caret else style)
        if line.cells >= cells - 1:
            break
    return line.to(cells, look.bar)


PROMPT_HELP = "Tab completes   ↑ earlier   ⏎ apply   Esc leave"
EXAMPLE = "category:weather net:<-5 -outcome:win 2026-02"


def prompt_hint(prompt: Prompt, cells: int, look: Look) -> Line:
    """Return the line above a prompt: what is wrong, else what Tab goes through, else what can be typed and pressed."""
    line, room = Line().put("  ", look.bar), max(1, cells - 4)
    if prompt.error:
        error = safe(prompt.error)
        line.put(fit(error, min(width(error), room), ellipsis=look.glyphs.ellipsis), look.bar_warn)
    elif prompt.offers is not None:
        words, chosen = prompt.offers.words, prompt.offers.chosen
        first = 0
        while first < chosen and sum(width(word) + 2 for word in words[first : chosen + 1]) > room:
            first += 1
        for number, word in enumerate(map(safe, words[first:]), first):
            if line.cells + width(word) + 2 > cells:
                break
            line.put(word, look.bar_strong if number == chosen else look.bar_dim).put("  ", look.bar)
    else:
        keys = PROMPT_HELP if prompt.text or cells < 100 else f"{EXAMPLE}     {PROMPT_HELP}"
        line.put(fit(keys, min(width(keys), room), ellipsis=look.glyphs.ellipsis), look.bar_dim)
    return line.to(cells, look.bar)


def message_line(text: str, cells: int, look: Look) -> Line:
    """Return the footer while it says what was just done."""
    room = max(1, cells - 2)
    shown = fit(safe(text), min(width(safe(text)), room), ellipsis=look.glyphs.ellipsis)
    return Line().put(" ", look.bar).put(shown, look.bar_strong).to(cells, look.bar)
