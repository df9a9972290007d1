"""The title line: net P&L with what lessens the trust in it, and how fresh each source is."""

from __future__ import annotations

from collections.abc import Sequence

from northstar_tui.calendar import ALL
from northstar_tui.money import dollars
from northstar_tui.tui.actions import LEDGER, WHY
from northstar_tui.tui.paint import Line
from northstar_tui.tui.screens.cells import signed
from northstar_tui.tui.screens.page import Opening
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
    left = [Part("NorthStar  ", look.bar_strong, 4, "overview")]
    left += state
    if head.kind == "demo":
        left.append(Part("DEMO  ", look.bar_warn))
    net = Part(signed(head.net, look), tone, hit=_why("net"))
    left += [Part("net ", look.bar_dim, 5), net, Part(" all time", look.bar_dim, 5)]
    if head.unreconciled:
        left.append(Part(f"  {dollars(head.unreconciled)} unreconciled", look.bar_warn, hit=_why("unreconciled")))
    else:
        left.append(Part(f"  {look.glyphs.check} net reconciled", look.bar_dim, 6))
    if head.incomplete:
        left.append(Part(f"  {head.incomplete:,} incomplete", look.bar_warn))
    if head.quarantined:
        what = counted(head.quarantined, "record", "records")
        left.append(Part(f"  {what} quarantined", look.bar_warn, 2, "quarantine"))
    return bar(left, badges(sources, now, look), cells, look.bar, ellipsis=ellipsis)


def _why(figure: str) -> Opening:
    return Opening(((LEDGER, ALL), (WHY, (figure, ALL, ""))), whole=True)
