"""The rollups of the store. Each is a declaration and nothing more; the engine does the rest."""

from __future__ import annotations

from northstar_tui.ledger.rollups import Measure, Rollup

BY = ("book_id", "category_id", "source_id", "kind_id")

_MEASURES = (
    Measure("trades", "outcome IS NOT NULL", about="closed trades = wins + losses + scratches"),
    Measure("wins", "outcome IS 1", about="closed trades with net > 0"),
    Measure("losses", "outcome IS -1", about="closed trades with net < 0"),
    Measure("scratches", "outcome IS 0", about="closed trades with net = 0"),
    Measure("open", "closed_at IS NULL", about="entries not closed yet"),
    Measure("stake", "coalesce(stake, 0)", about="micro-dollars at risk at entry, where stated"),
    Measure("gross", "gross", about="micro-dollars before fees"),
    Measure("fees", "fees", about="micro-dollars, positive = paid"),
    Measure("net", "net", about="micro-dollars = gross - fees"),
    Measure("won", "CASE WHEN outcome IS 1 THEN net ELSE 0 END", about="micro-dollars, sum of the winning nets"),
    Measure(
        "lost", "CASE WHEN outcome IS -1 THEN net ELSE 0 END", about="micro-dollars, sum of the losing nets (<= 0)"
    ),
    Measure("incomplete", "incomplete", about="entries whose foreign amount has no rate"),
    Measure(
        "unreconciled",
        "CASE WHEN unreconciled <> 0 OR disagreement <> 0 "
        "THEN abs(unreconciled) + abs(ifnull(disagreement, 0)) ELSE 0 END",
        about="micro-dollars that two statements of the same money disagree about",
    ),
)

BOOKED = Rollup("booked", "entry", "closed_at", BY, _MEASURES, where="closed_at IS NOT NULL AND mirror = 0")
"""Basis ``closed``: money where it was realised."""
PLACED = Rollup("placed", "entry", "opened_at", BY, _MEASURES, where="mirror = 0")
"""Basis ``opened``: money where it was put at risk, open entries included."""

ROLLUPS = (BOOKED, PLACED)
BASES = {"closed": BOOKED, "opened": PLACED}
