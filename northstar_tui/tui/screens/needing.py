"""What needs the operator: its lines on every screen, where each leads, and the screen of all of it."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence

from northstar_tui.calendar import ALL, Calendar
from northstar_tui.ledger.store import Store
from northstar_tui.text import safe
from northstar_tui.tui.actions import COSTS, LEDGER, NEEDS, OPERATIONS, POSITIONS, QUARANTINE, SOURCE, WHY
from northstar_tui.tui.navigation import Cursor
from northstar_tui.tui.paint import Line, fit, width, wrap
from northstar_tui.tui.screens.blocks import Block, BlockPage, Painted, blank, heading, stack
from northstar_tui.tui.screens.page import Asking, Opening
from northstar_tui.tui.screens.states import severity
from northstar_tui.tui.theme import Look
from northstar_tui.views.feeding import Again
from northstar_tui.views.needs import Need, NeedsView, needs_view


def question(asking: Asking) -> Callable[[Store], NeedsView]:
    """Return the question of all that needs the operator."""
    return lambda store: needs_view(store, asking.now, asking.plans, asking.known, part=asking.part)


def need_line(need: Need, cells: int, look: Look) -> Line:
    """Return a need on one line, cut where it is longer."""
    text, (glyph, style) = safe(need.text), severity(look, severe=need.severe)
    line = Line().put(f"{glyph} ", style)
    return line.put(fit(text, min(width(text), max(1, cells - 2)), ellipsis=look.glyphs.ellipsis), look.text)


def none_line(look: Look) -> Line:
    """Return what stands where nothing is needed."""
    return Line().put(f"{look.glyphs.check} ", look.gain).put("Nothing needs you", look.dim)


def known_as(need: Need) -> Hashable:
    """Return what a need is known by when others come before it."""
    return "need", need.kind, need.subject


def leads_to(need: Need) -> Opening:
    """Return where a need is looked into."""
    if need.kind in ("overdue", "differs"):
        from northstar_tui.tui.screens.positions import Shown

        return Opening(((POSITIONS, Shown(search=need.subject or "")),), whole=True)
    if need.kind == "budget":
        return Opening(((COSTS, None),), whole=True, key=("budget", need.subject))
    if need.subject is not None:
        return Opening(((OPERATIONS, None), (SOURCE, need.subject)), whole=True)
    if need.kind == "failing":
        return Opening(((OPERATIONS, None),), whole=True)
    if need.kind == "quarantine":
        return Opening(((OPERATIONS, None), (QUARANTINE, None)), whole=True)
    if need.kind == "unreconciled":
        return Opening(((WHY, ("unreconciled", ALL, "")),))
    return Opening(((LEDGER, ALL),), whole=True)


class NeedsPage(BlockPage[Need]):
    """Everything that needs the operator in full, each with what to do."""

    screen = NEEDS

    def __init__(self, view: NeedsView, cursor: Cursor, calendar: Calendar) -> None:  # noqa: ARG002 - as every page
        self.view = view
        super().__init__(view.needs, cursor)

    def key(self, target: Need) -> Hashable:
        """Return what a need is known by."""
        return known_as(target)

    def compose(self, cells: int, rows: int, look: Look) -> list[Painted]:
        """Return them, the worst first."""
        room, needs = cells - 2, self.view.needs
        blocks = [*([blank()] if rows >= 16 else []), heading(title(needs), room, look)]
        if not needs:
            blocks.append(Block((Line().put("  ", look.text).join(none_line(look)),)))
        for need in needs:
            first, *more = wrap(safe(need.text), max(8, room - 4))
            head = need_line(need._replace(text=first), room - 2, look)
            rest = [Line().put("    ", look.text).put(part, look.text) for part in more]
            remedy = wrap(f"{look.glyphs.right} {safe(need.remedy)}", max(8, room - 4))
            rest += [Line().put("    ", look.text).put(part, look.dim) for part in remedy]
            blocks.append(Block((self.select(head, need, room, look), *rest), need))
        return stack(blocks)

    def opening(self) -> Opening | None:
        """Return where the selected need is looked into."""
        return leads_to(self.target) if self.target else None

    def source(self) -> Again | None:
        """Return what reads the source again that the selected need is about."""
        need = self.target
        return Again(need.subject) if need and need.subject and need.kind in ("failing", "late", "never") else None

    def value(self) -> str:
        """Return the selected need's text."""
        return self.target.text if self.target else ""

    def command(self) -> list[str]:
        """Return the verb that prints them."""
        return ["show", "needs"]

    def note(self) -> str:
        """Return the selected need's place among all."""
        return f"{self._index + 1:,} of {len(self._targets):,}" if self._targets else ""


def title(needs: Sequence[Need]) -> str:
    """Return the heading of what needs the operator."""
    return f"Needs you ({len(needs):,})" if needs else "Needs you"
