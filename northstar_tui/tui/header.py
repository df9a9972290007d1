"""The title line: net P&L with what lessens the trust in it, and how fresh each source is."""

from __future__ import annotations

from northstar_tui.calendar import SECOND
from northstar_tui.ledger.queries import SourceState
from northstar_tui.money import dollars
from northstar_tui.text import safe
from northstar_tui.tui.paint import Line
from northstar_tui.tui.screens.cells import age, signed
from northstar_tui.tui.theme import Look
from northstar_tui.tui.widgets.chrome import Part, bar
from northstar_tui.views.base import Head
from northstar_tui.views.words import counted

LATE = 26 * 3600 * SECOND
"""A source that was not read for longer is late: a daily import with two hours' grace."""


def header(head: Head | None, now: int, cells: int, look: Look) -> Line:
    """Return the title line; before anything was read, the title alone."""
    ellipsis = look.glyphs.ellipsis
    if head is None:
        return bar([Part("NorthStar", look.bar_strong)], [], cells, look.bar, ellipsis=ellipsis)
    tone = look.bar_gain if head.net > 0 else look.bar_loss if head.net < 0 else look.bar_dim
    left = [Part("NorthStar  ", look.bar_strong, 4)]
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
    return bar(left, _badges(head.sources, now, look), cells, look.bar, ellipsis=ellipsis)


def _badges(sources: tuple[SourceState, ...], now: int, look: Look) -> list[Part]:
    """Return a badge for each source, the failing and the late first; the others go first when it is narrow."""
    ranked = sorted(sources, key=lambda s: (not _failing(s), not _late(s, now)))
    parts = []
    for place, source in enumerate(ranked):
        name = safe(source.name)
        text = f"{name if len(name) <= 18 else name[:17] + look.glyphs.ellipsis} {age(now, source.recorded_at)}"
        if _failing(source):
            parts.append(Part(f"  {look.glyphs.failing} {text} failed", look.bar_loss, 1))
        elif _late(source, now):
            parts.append(Part(f"  {look.glyphs.late} {text}", look.bar_warn, 3 if not place else 6 + place))
        else:
            parts.append(Part(f"  {look.glyphs.on} {text}", look.bar_dim, 7 + place))
    return parts


def _failing(source: SourceState) -> bool:
    return source.outcome == "failed"


def _late(source: SourceState, now: int) -> bool:
    return now - source.recorded_at > LATE
