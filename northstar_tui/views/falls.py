"""Drawdowns in words, the same on the screen, in plain text and under `why`."""

from __future__ import annotations

from northstar_tui.money import dollars
from northstar_tui.views.series import Fall, SeriesView
from northstar_tui.views.words import NONE, counted


def drawdown_words(view: SeriesView | None) -> tuple[str, str]:
    """Return (value, note) of a curve's maximum drawdown: which curve it is of, or why there is none."""
    if view is None or not view.nets:
        return NONE, "nothing was booked"
    if view.worst is None:
        return ("$0.00", "never below its highest") if any(view.nets) else (NONE, "the curve never moves")
    return dollars(view.worst.drawdown.depth), f"{view.basis} curve, by {view.level}"


def fall_moments(fall: Fall) -> tuple[str, str, str]:
    """Return when a drawdown began, was deepest and had recovered, in words."""
    begun = "the start" if fall.peak is None else fall.peak.label
    return begun, fall.trough.label, "not recovered" if fall.recovered is None else f"recovered {fall.recovered.label}"


def fall_terms(fall: Fall) -> list[tuple[str, str]]:
    """Return a drawdown's peak, trough and recovery, each with its equity or its length, in words."""
    begun, deepest, _ = fall_moments(fall)
    drop, days = fall.drawdown, counted(fall.days, "day", "days")
    found = [("peak", f"{dollars(drop.high)}, {begun}"), ("trough", f"{dollars(drop.low)}, {deepest}")]
    if fall.recovered is None:
        return [*found, ("since", f"{begun}, {days}: not recovered")]
    return [*found, ("recovered", f"{fall.recovered.label}, {days} after the peak")]


def at_end(view: SeriesView) -> str:
    """Return the word for where a curve ends: where it stands now, or how its period ended."""
    return "ended" if view.over else "now"


def below_peak(view: SeriesView) -> str:
    """Return how far below its highest a curve ends, and of when that highest is."""
    if view.current is None:
        return "at its highest" if view.nets else NONE
    below = dollars(view.current.drawdown.high - view.running[-1])
    peak = view.current.peak
    return f"{below} below its peak of {peak.label}" if peak else f"{below} below its start"


def drawdown_text(curve: SeriesView | None) -> list[str]:
    """Return the maximum drawdown with its moments, and where the curve stands; nothing where nothing was booked."""
    if curve is None or not any(curve.nets):
        return []
    value, note = drawdown_words(curve)
    if curve.worst is None:
        return [f"= max drawdown {value}: {note}"]
    terms = "; ".join(f"{term} {told}" for term, told in fall_terms(curve.worst))
    return [f"= max drawdown {value} ({note}): {terms}; {at_end(curve)} {below_peak(curve)}"]
