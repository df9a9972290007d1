"""Operations: each source and what to do about it, what could not be read, what ran, the store. Every row opens."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any

from northstar_tui.calendar import Calendar
from northstar_tui.errors import no_connection
from northstar_tui.ledger.health import Quarantined, RunRow, entries_words
from northstar_tui.ledger.store import Store
from northstar_tui.text import safe
from northstar_tui.tui.actions import NEEDS, OPERATIONS, QUARANTINE, RECORD, RUN, SOURCE, key_of
from northstar_tui.tui.navigation import Cursor, Place
from northstar_tui.tui.paint import Line, fit, width, wrap
from northstar_tui.tui.reading import Speed
from northstar_tui.tui.screens.blocks import Block, BlockPage, Painted, blank, heading, stack
from northstar_tui.tui.screens.cells import age, plain_column
from northstar_tui.tui.screens.feeding import (
    SETTLED,
    clock,
    record_columns,
    run_columns,
    settled_columns,
)
from northstar_tui.tui.screens.needing import need_line, none_line, title
from northstar_tui.tui.screens.page import Asking, Opening
from northstar_tui.tui.screens.states import drawn, word
from northstar_tui.tui.theme import Look
from northstar_tui.tui.widgets.rows import Column
from northstar_tui.views.base import Head, ViewError
from northstar_tui.views.feeding import Again, SourceView, quarantine_title, retry_args, run_words, source_view
from northstar_tui.views.needs import Need, needs_view
from northstar_tui.views.operations import UNREAD, OperationsView, SourceLine, failed_runs, operations
from northstar_tui.views.words import NONE, counted

RECORDS = 6
"""Records of the quarantine shown among the sections; the rest has a screen of its own."""
TALL = 30
"""Lines from which on every source says what is to be done; below, only the failing ones do."""
TOLD = 2
"""Lines that a source's error takes among the sources; opening it shows all of it."""
ALL_RECORDS = "all"
"""The row that opens the whole quarantine."""
Selectable = SourceLine | Quarantined | RunRow | str


@dataclass(frozen=True, slots=True)
class OperationsSnapshot:
    """What the screen shows: how the store is fed, and how fast it is read."""

    view: OperationsView
    speed: Speed
    needs: tuple[Need, ...] = ()
    """What needs the operator."""

    @property
    def head(self) -> Head:
        """What stands on top."""
        return self.view.head


def question(asking: Asking) -> Callable[[Store], OperationsSnapshot]:
    """Return the operations screen's question."""

    def ask(store: Store) -> OperationsSnapshot:
        view = operations(store, asking.now, asking.plans, part=asking.part)
        needed = needs_view(store, asking.now, asking.plans, asking.known, part=asking.part)
        return OperationsSnapshot(view, asking.speed, needed.needs)

    return ask


def source_question(asking: Asking) -> Callable[[Store], SourceView]:
    """Return the question of the source where we are."""
    name: str = asking.nav.here.subject  # type: ignore[assignment]

    def ask(store: Store) -> SourceView:
        view = source_view(store, asking.now, asking.plans, name)
        if view is None:
            remedy = f"press {key_of('back')} to go back; the config may have changed"
            raise ViewError(f"there is no source {safe(name)}", remedy)
        return view

    return ask


class FeedPage(BlockPage[Selectable]):
    """What the screens of sections about sources share: rows of sources, records and runs."""

    def __init__(
        self, now: int, sources: Sequence[SourceLine], targets: Sequence[Selectable], cursor: Cursor, calendar: Calendar
    ) -> None:
        super().__init__(targets, cursor)
        self._sources_shown = sources
        self._configured = {line.name for line in sources if line.state not in UNREAD}
        self._calendar = calendar
        self._now = now

    def key(self, target: Selectable) -> Hashable:
        """Return what a row is known by when others come before it."""
        if isinstance(target, str):
            return target
        return type(target).__name__, target.name if isinstance(target, SourceLine) else target.id

    def records(self, found: Sequence[Quarantined], cells: int, look: Look) -> list[Block]:
        """Return records of the quarantine, all of them settled or none."""
        settled = bool(found) and found[0].settled_at is not None
        columns = settled_columns(self._calendar) if settled else record_columns(self._calendar)
        return self.table(columns, found, cells, look)

    def ran(self, found: Sequence[RunRow], cells: int, look: Look, *, named: bool) -> list[Block]:
        """Return runs."""
        if not found:
            simulated = any(line.state == "simulated" for line in self._sources_shown)
            what = (
                "A demo has no runs: its events are simulated." if simulated else "Nothing was fetched or imported yet."
            )
            return [Block((Line().put(f"  {what}", look.dim),))]
        columns = run_columns(self._calendar, self._now)
        return self.table(columns if named else [c for c in columns if c.title != "Source"], found, cells, look)

    def kind_of(self, target: Selectable) -> Hashable:
        """Return which section a row belongs to."""
        if isinstance(target, Quarantined) and target.settled_at is not None:
            return SETTLED
        if target == NEEDS:  # it stands above the sources
            return SourceLine.__name__
        return "Quarantined" if isinstance(target, str) else super().kind_of(target)

    def opening(self) -> Opening | None:
        """Return the selected source, record or run."""
        place = _place(self.target)
        return Opening((place,)) if place else None

    def source(self) -> Again | None:
        """Return what reads the selected row's source, or its file, again."""
        target = self.target
        if isinstance(target, SourceLine):
            return Again(target.name)
        return None if target is None or isinstance(target, str) else Again.of(target)

    def record(self) -> Quarantined | None:
        """Return the selected record."""
        return self.target if isinstance(self.target, Quarantined) else None

    def value(self) -> str:
        """Return the selected source's or run's error, else its name; of a record its raw text."""
        target = self.target
        if isinstance(target, SourceLine):
            return target.error or target.name
        if isinstance(target, RunRow):
            return target.error or run_words(target)
        return target.raw if isinstance(target, Quarantined) else ""

    def command(self) -> list[str]:
        """Return the verb that reads the selected row's source again, or that prints this."""
        target = self.target
        if isinstance(target, SourceLine) and target.state not in UNREAD:
            return ["sync", target.name]
        if isinstance(target, Quarantined):
            return retry_args(target, configured=target.source in self._configured)
        if target == NEEDS:
            return ["show", "needs"]
        if isinstance(target, str):
            return ["quarantine", *(["--all"] if target == SETTLED else [])]
        return ["runs"]

    def note(self) -> str:
        """Return the selected row's place among all."""
        return f"{self._index + 1:,} of {len(self._targets):,}" if self._targets else ""


def _place(target: Selectable | None) -> Place | None:
    if isinstance(target, SourceLine):
        return SOURCE, target.name
    if isinstance(target, Quarantined):
        return RECORD, target.id
    if isinstance(target, RunRow):
        return RUN, target.id
    if target == NEEDS:
        return NEEDS, None
    return (QUARANTINE, SETTLED if target == SETTLED else None) if target is not None else None


class OperationsPage(FeedPage):
    """Sources, quarantine, runs and the store."""

    screen = OPERATIONS

    def __init__(self, snapshot: OperationsSnapshot, cursor: Cursor, calendar: Calendar) -> None:
        self.view = view = snapshot.view
        self._speed = snapshot.speed
        shown = view.quarantine if view.quarantined <= RECORDS else view.quarantine[: RECORDS - 1]
        more = [*([ALL_RECORDS] if view.quarantined > len(shown) else []), *([SETTLED] if view.settled else [])]
        self._records = shown
        self._needs = snapshot.needs
        needed = [NEEDS] if snapshot.needs else []
        super().__init__(view.now, view.sources, [*needed, *view.sources, *shown, *more, *view.runs], cursor, calendar)

    def compose(self, cells: int, rows: int, look: Look) -> list[Painted]:
        """Return sources, quarantine, runs and the store."""
        room, view = cells - 2, self.view
        self._tall = rows >= TALL
        air = [blank()] if rows >= 16 else []
        needed = [*air, *self._needed(room, look)]
        found = stack([*needed, *air, *self.section("Sources", room, look, lambda: self._sources(room, look)), *air])
        if view.quarantined or view.settled or "Quarantine" in self.unread:
            found += stack([*self.section("Quarantine", room, look, lambda: self._quarantine(room, look)), *air])
        ran = self.section("Runs", room, look, lambda: self.ran(view.runs, room, look, named=True))
        runs = stack([heading("Runs", room, look), *ran, *air])
        store = stack(self.section("The store", room, look, lambda: self._store(room, look)))
        return self._settled(found, runs, store, rows)

    def _settled(self, above: list[Painted], runs: list[Painted], store: list[Painted], rows: int) -> list[Painted]:
        """Return all sections; the store's facts stand above the runs where those would push them out of sight."""
        if len(above) + len(runs) + len(store) > rows:
            return [*above, *store, *([] if rows < 16 else [(Line(), ())]), *runs]
        return [*above, *runs, *store]

    def _needed(self, cells: int, look: Look) -> list[Block]:
        """Return the line that leads to what needs the operator; that nothing does."""
        if not self._needs:
            return [Block((Line().put("  ", look.text).join(none_line(look)),))]
        worst = need_line(self._needs[0], cells - 22, look)
        line = Line().put(f"{title(self._needs)}:  ", look.strong).join(worst)
        return [Block((self.select(line, NEEDS, cells, look),), NEEDS)]

    def _sources(self, cells: int, look: Look) -> list[Block]:
        sources = self.view.sources
        if not any(line.state not in UNREAD for line in sources):
            blocks = _unconfigured(sources, cells, look)
            return [*blocks, blank(), *self._lines(sources, cells, look)] if sources else blocks
        return self._lines(sources, cells, look)

    def _lines(self, sources: Sequence[SourceLine], cells: int, look: Look) -> list[Block]:
        blocks = []
        cut_off, _ = no_connection({line.name: line.error for line in sources})
        for block in self.table(source_columns(self._calendar, self.view.now), sources, cells, look):
            line, said = block.target, []
            if isinstance(line, SourceLine) and (self._tall or line.state == "failing"):
                known = line._replace(error="") if line.name in cut_off else line  # "Needs you" says it once for all
                said = told(known, self._calendar, cells - 6, look, TOLD)
            blocks.append(Block((*block.lines, *(Line().put("      ", look.text).join(part) for part in said)), line))
        return blocks

    def _quarantine(self, cells: int, look: Look) -> list[Block]:
        view = self.view
        blocks = [heading(quarantine_title(view.quarantined), cells, look)]
        if self._records:
            blocks += self.records(self._records, cells, look)
        if len(self._records) < view.quarantined:
            blocks.append(self._more(f"all {view.quarantined:,} records", ALL_RECORDS, cells, look))
        if view.settled:
            blocks.append(self._more(f"{view.settled:,} settled", SETTLED, cells, look))
        return blocks

    def _more(self, text: str, target: str, cells: int, look: Look) -> Block:
        return Block((self.select(Line().put(text, look.accent), target, cells, look),), target)

    def _store(self, cells: int, look: Look) -> list[Block]:
        facts = self.view.facts
        parts = [
            size(facts.bytes), counted(facts.events, "event", "events"), entries_words(facts.entries, facts.open),
            f"schema {facts.schema}", facts.zone, *(["simulated"] if facts.kind == "demo" else []),
        ]  # fmt: skip
        line, proof = Line().put("  ", look.text), "   northstar verify proves it"
        text = f" {look.glyphs.dot} ".join(parts)
        line.put(fit(text, min(width(text), cells - 2), ellipsis=look.glyphs.ellipsis), look.text)
        if line.cells + width(proof) <= cells:
            line.put(proof, look.dim)
        blocks = [heading("Store", cells, look), Block((line,))]
        words = self._speed.words(self._calendar)
        if words and self._tall:
            said = fit(words, min(width(words), cells - 2), ellipsis=look.glyphs.ellipsis)
            blocks.append(Block((Line().put("  ", look.text).put(said, look.dim),)))
        return blocks


class SourcePage(FeedPage):
    """One source: how it is in full, what of it lies in quarantine, what it did."""

    screen = SOURCE

    def __init__(self, view: SourceView, cursor: Cursor, calendar: Calendar) -> None:
        self.view = view
        targets: list[Selectable] = [*view.quarantine, *view.runs, *view.settled]
        super().__init__(view.now, [view.line], targets, cursor, calendar)

    def compose(self, cells: int, rows: int, look: Look) -> list[Painted]:
        """Return its facts and its rows."""
        room, view = cells - 2, self.view
        above = [blank()] if rows >= 20 else []
        facts = self.section("Facts", room, look, lambda: [Block(tuple(self._facts(room, look)))])
        blocks = [*above, *facts, blank()]
        if view.quarantine:
            blocks.append(heading(quarantine_title(view.line.quarantined), room, look))
            blocks += self.section("Quarantine", room, look, lambda: self.records(view.quarantine, room, look))
            blocks.append(blank())
        ran = self.section("Runs", room, look, lambda: self.ran(view.runs, room, look, named=False))
        blocks += [heading("Runs", room, look), *ran]
        if view.settled:
            settled = self.section("Settled", room, look, lambda: self.records(view.settled, room, look))
            blocks += [blank(), heading(f"Settled, {counted(len(view.settled), 'record', 'records')}", room, look)]
            blocks += settled
        return stack(blocks)

    def _facts(self, cells: int, look: Look) -> list[Line]:
        line, now = self.view.line, self.view.now
        state = Line().put(fit(safe(line.name), min(width(safe(line.name)), cells // 2)) + "  ", look.strong)
        state.join(drawn(line, min(width(word(line)) + 2, max(8, cells - state.cells)), look))
        read = NONE
        if line.read_at is not None:
            past = age(now, line.read_at)
            read = f"{clock(self._calendar, line.read_at, now)}, {past if past == 'now' else f'{past} ago'}"
        facts = [
            ("read", read),
            ("next run", _next(line, self._calendar, now)),
            ("failed", failed_runs(line, self._calendar)),
        ]
        found = [state, *(Line().put(fit(name, 10), look.dim).put(text, look.text) for name, text in facts)]
        return [*found, *told(line, self._calendar, cells, look, 12)]

    def source(self) -> Again | None:
        """Return what reads this source again; where a record is selected, the record's file."""
        return Again.of(self.target) if isinstance(self.target, Quarantined) else Again(self.view.line.name)

    def value(self) -> str:
        """Return the selected row's value; where there is none, the error."""
        return super().value() or self.view.line.error

    def command(self) -> list[str]:
        """Return the verb that reads the source, or the selected record's file, again."""
        if isinstance(self.target, Quarantined) or self.view.line.state in UNREAD:
            return super().command()
        return ["sync", self.view.line.name]


def _unconfigured(sources: Sequence[SourceLine], cells: int, look: Look) -> list[Block]:
    what = "These sources were imported; none is scheduled" if sources else "No source is configured"
    text = f"{what}: nothing arrives by itself."
    if any(line.state == "simulated" for line in sources):
        text = "This is a demo: a simulation writes these sources' events. For your own:"
    lines = [Line().put(part, look.strong) for part in wrap(text, cells)]
    for command, about in (("northstar init", "writes a config that shows how"),
                           ("northstar import FILE", "loads an export")):  # fmt: skip
        line = Line().put("  ", look.text).put(fit(command, 23), look.accent)
        lines.append(line.put(fit(about, max(4, cells - line.cells), ellipsis=look.glyphs.ellipsis), look.dim))
    return [Block(tuple(lines))]


def told(line: SourceLine, calendar: Calendar, cells: int, look: Look, most: int) -> list[Line]:
    """Return a source's last error and what to do, in at most `most` lines each."""
    found, remedy = [], line.remedy
    if line.until is not None:
        remedy = f"left alone until {calendar.local(line.until):%H:%M}; {remedy}"
    for text, style in ((line.error.removeprefix(f"{line.name}: "), look.loss), (remedy, look.dim)):
        parts = wrap(safe(text), max(8, cells - 2)) if text else []
        if len(parts) > most:
            parts[most - 1] = fit(parts[most - 1] + " " + parts[most], cells - 2, ellipsis=look.glyphs.ellipsis)
        for place, part in enumerate(parts[:most]):
            lead = "  " if place else f"{look.glyphs.right if style is look.dim else look.glyphs.failing} "
            found.append(Line().put(lead + part, style))
    return found


def source_columns(calendar: Calendar, now: int) -> list[Column[SourceLine]]:
    """Return the columns of the sources."""
    return [
        Column("Source", lambda s: safe(s.name), lambda _, look: look.strong, most=24),
        Column("State", lambda s: f"x {word(s)}", draw=drawn),
        Column("Read", lambda s: NONE if s.read_at is None else age(now, s.read_at), right=True),
        Column("Next run", lambda s: _next(s, calendar, now), lambda _, look: look.dim, rank=2),
        Column("Failed runs", lambda s: failed_runs(s, calendar), _breaker_style, rank=3),
        Column("Last run", lambda s: NONE if s.last is None else run_words(s.last), rank=1, most=36),
        plain_column("Quarantined", lambda s: f"{s.quarantined:,}" if s.quarantined else NONE, 4),
    ]


def _next(line: SourceLine, calendar: Calendar, now: int) -> str:
    return NONE if line.next_run is None else clock(calendar, line.next_run, now)


def _breaker_style(line: SourceLine, look: Look) -> Any:
    return look.dim if line.breaker == "closed" else look.warn


def size(count: int) -> str:
    """Return bytes in their largest decimal unit: ``1.3 MB``."""
    for unit, scale in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if count >= scale:
            return f"{count / scale:.1f} {unit}"
    return f"{count} B"
