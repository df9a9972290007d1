"""The title line: net P&L with what lessens the trust in it, and how fresh each source is."""

from __future__ import annotations

from collections.abc import Sequence

from northstar_tui.money import dollars
from northstar_tui.tui.paint import Line
from northstar_tui.tui.screens.cells import signed
from northstar_tui.tui.screens.states import badges
from northstar_tui.tui.theme import Look
from northstar_tui.tui.widgets.chrome import Part, bar
from northstar_tui.views.base import Head
from northstar_tui.views.operations import SourceLine
from northstar_tui.views.words import counted


def header(
    head: Head | None, sources: tuple[SourceLine, ...], now: int, cells: int, look: Look, state: Sequence[Part] = ()
) -> Line:
    """Return the title line; before anything was read, the title alone. `state` says where it is not of now."""
    ellipsis = look.glyphs.ellipsis
    if head is None:
        return bar([Part("NorthStar", look.bar_strong)], [], cells, look.bar, ellipsis=ellipsis)
    tone = look.bar_gain if head.net > 0 else look.bar_loss if head.net < 0 else look.bar_dim
    left = [Part("NorthStar  ", look.bar_strong, 4)]
    left += state
    if head.kind == "demo":
        left.append(Part("DEMO  ", look.bar_warn))
    left += [Part("net ", look.bar_dim, 5), Part(signed(head.net, look), tone), Part(" all time", look.bar_dim, 5)]
    if head.unreconciled:
        left.append(Part(f"  {dollars(head.unreconciled)} unreconciled", look.bar_warn))
    else:
        left.append(Part(f"  {look.glyphs.check} nothing unreconciled", look.bar_dim, 6))
    if head.incomplete:
        left.append(Part(f"  {head.incomplete:,} incomplete", look.bar_warn))
    if head.quarantined:
        left.append(Part(f"  {counted(head.quarantined, 'record', 'records')} quarantined", look.bar_warn, 2))
    return bar(left, badges(sources, now, look), cells, look.bar, ellipsis=ellipsis)
