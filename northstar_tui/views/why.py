"""Why this number: its formula, the terms, the rows under it, their own sum, and the files they came from.

The proof takes another road than the figure: the figure sums rollup buckets, the proof the entries themselves.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from northstar_tui.calendar import Period
from northstar_tui.figures import trades as figures
from northstar_tui.figures.trades import Figure
from northstar_tui.ledger import queries
from northstar_tui.ledger.overlaps import count_unreconciled
from northstar_tui.ledger.queries import Entry, Measures
from northstar_tui.ledger.store import Store
from northstar_tui.ledger.terms import ONLY_TRADES, Where
from northstar_tui.money import dollars, exact_dollars
from northstar_tui.views.base import ViewError
from northstar_tui.views.falls import at_end, below_peak, drawdown_words, fall_terms
from northstar_tui.views.series import series
from northstar_tui.views.words import percent


@dataclass(frozen=True, slots=True)
class WhyView:
    """One figure, explained. `proved` is True where the entries' own sums give the very same measures.

    Where they were not read, `summed` is None, and no origins are told.
    """

    figure: str
    title: str
    formula: str
    period: Period
    label: str
    basis: str
    where: Where
    value: str
    """The figure as every face shows it; ``—`` where undefined."""
    note: str
    """Interval, denominator, or why it is undefined."""
    terms: tuple[tuple[str, str], ...]
    """What the formula's words are here."""
    n: int
    """Entries under the figure."""
    measures: Measures
    """From the rollups."""
    summed: Measures | None
    """From the entries themselves."""
    rows: tuple[Entry, ...]
    """The first of the entries, by time; for `unreconciled`, of those that two statements disagree about."""
    listed: int
    """Of how many entries `rows` are the first."""
    under: Period
    """Where the entries under the figure lie: the period, or the fall from peak to trough."""
    now: int | None
    """The moment of the question: nothing after it has been."""
    origins: tuple[tuple[str, int], ...]
    """File name (``—`` for none) and how many of the entries it stated last."""

    @property
    def proved(self) -> bool:
        """Whether the entries add up to the figure, exactly."""
        return self.measures == self.summed

    @property
    def proof(self) -> str:
        """What the entries themselves make of the figure, and what follows from it, in words."""
        if self.summed is None:
            return f"{self.n:,} entries are read one by one …"
        name = "net" if self.figure == MAX_DRAWDOWN else self.figure
        again, before = _exact(name, self.summed), _exact(name, self.measures)
        said = f"{self.n:,} entries read one by one: {name.replace('_', ' ')} {again}"
        if self.proved:
            return f"{said}, the same{' to the micro-dollar' if name in _SUMS else ''}"
        differs = f"the rollup says {before}" if before != again else "sums under it differ from the rollup's"
        return f"{said}, but {differs}: run northstar verify"


@dataclass(frozen=True, slots=True)
class Definition:
    """How a figure is shown and made."""

    title: str
    formula: str
    value: Callable[[Measures], str | Figure]
    """Of the sums under the figure; a curve's figure is not made of them, and they only prove it."""
    terms: tuple[str, ...]
    trades_only: bool = False
    unit: str = "$"
    """``$`` for micro-dollars, ``%`` for a share, ``x`` for a ratio."""


def _money(name: str) -> Callable[[Measures], str]:
    return lambda m: dollars(getattr(m, name))


def _count(name: str) -> Callable[[Measures], str]:
    return lambda m: f"{getattr(m, name):,}"


UNRECONCILED, MAX_DRAWDOWN = "unreconciled", "max_drawdown"
FIGURES: dict[str, Definition] = {
    "net": Definition(
        "Net P&L", "gross − fees, summed over all entries; costs are negative", _money("net"), ("gross", "fees")
    ),
    "gross": Definition("Gross P&L", "sum of the entries' results before fees", _money("gross"), ("net", "fees")),
    "fees": Definition("Fees", "sum of the fees paid; a rebate is negative", _money("fees"), ("gross", "net")),
    "stake": Definition("Stake", "sum of what was put at risk at entry, where stated", _money("stake"), ("entries",)),
    "entries": Definition("Entries", "number of lines that bear money", _count("entries"), ("trades",)),
    "trades": Definition("Trades", "wins + losses + scratches", _count("trades"), ("wins", "losses", "scratches")),
    "wins": Definition("Wins", "closed trades with net > 0", _count("wins"), ("trades",)),
    "losses": Definition("Losses", "closed trades with net < 0", _count("losses"), ("trades",)),
    "scratches": Definition("Scratches", "closed trades with net = 0", _count("scratches"), ("trades",)),
    "open": Definition("Open", "entries that are not closed yet", _count("open"), ("entries",)),
    "win_rate": Definition(
        "Win rate",
        "wins ÷ (wins + losses); scratches stand apart",
        lambda m: figures.win_rate(m.wins, m.losses),
        ("wins", "losses", "scratches"),
        True,
        "%",
    ),
    "profit_factor": Definition(
        "Profit factor",
        "sum of winning nets ÷ |sum of losing nets|",
        lambda m: figures.profit_factor(m.won, m.lost, m.trades),
        ("won", "lost"),
        True,
        "x",
    ),
    "expectancy": Definition(
        "Expectancy",
        "net of closed trades ÷ their number, scratches included",
        lambda m: figures.expectancy(m.won + m.lost, m.trades),
        ("won", "lost", "trades"),
        True,
    ),
    "roi": Definition(
        "ROI on stake",
        "net of closed trades ÷ what they put at risk, where stated",
        lambda m: figures.roi(m.won + m.lost, m.stake, m.trades, m.open),
        ("won", "lost", "stake"),
        True,
        "%",
    ),
    MAX_DRAWDOWN: Definition(
        "Max drawdown",
        "deepest fall of equity below its highest so far; equity is the running net, 0 at the start",
        _money("net"),
        (),
    ),
    UNRECONCILED: Definition(
        "Unreconciled",
        "sum of |net − what a second statement of the same money says|",
        _money("unreconciled"),
        ("net",),
    ),
}
_SUMS = {"net", "gross", "fees", "stake", UNRECONCILED}
"""Figures that are sums of money, as `Measures` has them."""
_COUNTS = {"entries", "trades", "wins", "losses", "scratches", "open", "incomplete"}


def figure_text(figure: Figure, unit: str) -> tuple[str, str]:
    """Return (value, note) of a figure as every face shows it."""
    if figure.value is None:
        if figure.reason == "no losses" and unit == "x":
            return "∞", f"no losses, n = {figure.n:,}"
        return "—", figure.reason
    note = f"n = {figure.n:,}"
    if figure.low is not None and figure.high is not None:
        note = f"95%: {percent(figure.low)}–{percent(figure.high)}, {note}"
    if unit == "%":
        return percent(figure.value), note
    if unit == "x":
        return f"{figure.value:.2f}", note
    return dollars(round(figure.value)), note


def why(
    store: Store,
    name: str,
    period: Period,
    *,
    basis: str = "closed",
    where: Where = (),
    most: int = 200,
    now: int | None = None,
    read: int | None = None,
) -> WhyView:
    """Return why figure `name` is what it is over `period`, of which nothing after `now` has been.

    Where more than `read` entries are under it, they are not read one by one: there is no proof, and no origins. Raises
    ViewError for a figure that is not known.
    """
    definition = FIGURES.get(name)
    if definition is None:
        raise ViewError(f"{name!r} is not a figure", f"use one of {', '.join(FIGURES)}")
    kept = (*where, ONLY_TRADES) if definition.trades_only else where
    if name == MAX_DRAWDOWN:
        under, (value, note, terms) = _fall(store, period, basis, where, now)
        measures = queries.total(store, under, basis=basis, where=kept)
    else:
        under, measures = period, queries.total(store, period, basis=basis, where=kept)
        value, note, terms = _made(definition, measures)
    doubted, reads = name == UNRECONCILED, read is None or measures.entries <= read
    return WhyView(
        figure=name,
        title=definition.title,
        formula=definition.formula,
        period=period,
        label=store.calendar.label(period),
        basis=basis,
        where=where,
        value=value,
        note=note,
        terms=terms,
        n=measures.entries,
        measures=measures,
        summed=queries.summed_entries(store, under, basis=basis, where=kept) if reads else None,
        rows=tuple(queries.entries(store, under, basis=basis, where=kept, limit=most, unreconciled=doubted)),
        listed=count_unreconciled(store, under, basis=basis, where=kept) if doubted else measures.entries,
        under=under,
        now=now,
        origins=tuple(queries.origins_of(store, under, basis=basis, where=kept)) if reads else (),
    )


Told = tuple[str, str, tuple[tuple[str, str], ...]]
"""A figure's value, note and terms."""


def _made(definition: Definition, measures: Measures) -> Told:
    """Return what the figures of sums tell; their terms are exact, so that they add up as they stand there."""
    shown = definition.value(measures)
    value, note = figure_text(shown, definition.unit) if isinstance(shown, Figure) else (shown, "")
    terms = tuple(
        (term, f"{getattr(measures, term):,}" if term in _COUNTS else exact_dollars(getattr(measures, term)))
        for term in definition.terms
    )
    return value, note, terms


def _exact(name: str, measures: Measures) -> str:
    """Return figure `name` of sums, with all its places where it is one of them."""
    return exact_dollars(getattr(measures, name)) if name in _SUMS else _made(FIGURES[name], measures)[0]


def _fall(store: Store, period: Period, basis: str, where: Where, now: int | None) -> tuple[Period, Told]:
    """Return the span from peak to trough, whose entries make the maximum drawdown, and what the curve tells."""
    curve = series(store, period, basis=basis, where=where, now=now)
    value, note = drawdown_words(curve)
    if curve is None or curve.worst is None:
        return period, (value, note, ())
    terms = fall_terms(curve.worst)
    return curve.worst.span, (value, note, (*terms, (at_end(curve), below_peak(curve))))
