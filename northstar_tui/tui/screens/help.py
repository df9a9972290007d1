"""The help: every key, from the registry, for the screen one came from first."""

from __future__ import annotations

from northstar_tui.tui.actions import ACTIONS, BY_ID, GROUPS, HELP, Action, key_text, keys_of
from northstar_tui.tui.paint import Line, beside, fit, rule, width, wrap
from northstar_tui.tui.screens.page import TextPage
from northstar_tui.tui.theme import ASCII, Look
from northstar_tui.views.filter import RULES, forms


class HelpPage(TextPage):
    """All actions by group; what does nothing on the screen below is left out."""

    screen = HELP

    def __init__(self, below: str, *, top: int = 0) -> None:
        super().__init__(lambda cells, look: compose(below, cells, look), top=top)


def compose(below: str, cells: int, look: Look) -> list[Line]:
    """Return the help's lines in one column, or two where they fit."""
    half = cells if cells < 100 else (cells - 4) // 2
    groups = [_group(name, below, look, half) for name in GROUPS]
    groups = [group for group in (*groups, _filters(below, look, half)) if group]
    if cells < 100:
        return [line for group in groups for line in group]
    left: list[Line] = []
    right: list[Line] = []
    for group in groups:
        (left if len(left) <= len(right) else right).extend(group)
    return beside(left, right, (cells - 4) // 2, 4, look.text)


def _group(name: str, below: str, look: Look, cells: int) -> list[Line]:
    actions = [a for a in ACTIONS if a.group == name and below in a.where and keys_of(a)]
    if not actions:
        return []
    keys = {a.id: _keys(a, look) for a in actions}
    room = max(width(text) for text in keys.values())
    lines = [rule(cells, name, look.faint, look.strong, look.glyphs.rule)]
    for action in actions:
        line = Line().put(fit(keys[action.id], room), look.accent).put("  ", look.text)
        first, *rest = wrap(action.help, max(8, cells - line.cells))
        lines += [line.put(first, look.text), *(Line().to(room + 2, look.text).put(part, look.text) for part in rest)]
    return [*lines, Line()]


def _filters(below: str, look: Look, cells: int) -> list[Line]:
    """Return the filter language, where the screen below takes filters."""
    if below not in BY_ID["filter"].where:
        return []
    lines = [rule(cells, "Filter", look.faint, look.strong, look.glyphs.rule)]
    room = max(len(form) for form, _ in forms() if "|" not in form)
    for form, about in forms():
        line, indent = Line().put(fit(form, max(room, len(form))), look.accent), room + 2
        if line.cells > room:
            lines.append(line)
            line, indent = Line(), 2
        for part in wrap(about, max(8, cells - indent)):
            lines.append(line.to(indent, look.text).put(part, look.text))
            line = Line()
    for sentence in RULES:
        lines += [Line().put(part, look.dim) for part in wrap(sentence, cells)]
    return [*lines, Line()]


def _keys(action: Action, look: Look) -> str:
    return " ".join(key_text(key, ascii_only=look.glyphs is ASCII) for key in keys_of(action))
