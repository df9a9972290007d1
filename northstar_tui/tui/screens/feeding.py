"""One run, one record in quarantine, and the whole quarantine."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from shlex import join

from textual.strip import Strip

from northstar_tui.calendar import Calendar
from northstar_tui.ledger import health
from northstar_tui.ledger.health import Quarantined, RunRow
from northstar_tui.ledger.store import Store
from northstar_tui.text import safe
from northstar_tui.tui.actions import QUARANTINE, RECORD, RUN, key_of
from northstar_tui.tui.navigation import Cursor
from northstar_tui.tui.pages import Pages
from northstar_tui.tui.paint import Line, fit, rule, width, wrap
from northstar_tui.tui.screens.cells import plain_column
from northstar_tui.tui.screens.page import Asking, Opening, RowsPage, TextPage, finish
from northstar_tui.tui.theme import Look
from northstar_tui.tui.widgets.rows import Column, RowsView
from northstar_tui.views.base import Head, ViewError, head
from northstar_tui.views.feeding import (
    Again,
    RecordView,
    RunView,
    record_view,
    retry_args,
    retry_words,
    run_view,
    run_words,
)
from northstar_tui.views.words import NONE

RECORDS = 2_000
"""Records that the whole quarantine shows, the newest."""
PRINTED = 50
"""Records that the verb prints by itself."""
SETTLED = "settled"
"""The subject of the screen of what was settled."""
_MOMENT = "%a %d %b %Y %H:%M:%S"


def clock(calendar: Calendar, at: int, now: int) -> str:
    """Return a local time as short as the day of `now` allows: ``15:45``, ``19 Mar 15:45``."""
    same = calendar.date_of(at) == calendar.date_of(now)
    return f"{calendar.local(at):%H:%M}" if same else f"{calendar.local(at):%d %b %H:%M}"


def place_of(record: Quarantined) -> str:
    """Return the file and line of a record, or a dash for what came from no file."""
    if record.file is None:
        return NONE if record.line is None else f"record {record.line:,}"
    return safe(record.file) + (f":{record.line}" if record.line is not None else "")


def record_columns(calendar: Calendar) -> list[Column[Quarantined]]:
    """Return the columns of records in quarantine."""
    return [
        Column("Source", lambda r: safe(r.source), lambda _, look: look.dim, rank=1, most=20),
        Column("Where", place_of, lambda _, look: look.strong, most=40),
        Column("Field", lambda r: safe(r.field), lambda _, look: look.accent, rank=2, most=20),
        Column("Reason", lambda r: safe(r.reason), flex=True, least=12, most=200),
        Column("Since", lambda r: f"{calendar.local(r.recorded_at):%d %b %H:%M}", lambda _, k: k.dim, rank=3),
    ]


def settled_columns(calendar: Calendar) -> list[Column[Quarantined]]:
    """Return the columns of records that were settled."""
    source, where, field, *_ = record_columns(calendar)
    return [
        source,
        where,
        field,
        Column("Settled by", lambda r: safe(r.settled_by or ""), flex=True, least=12, most=200),
        Column("When", lambda r: f"{calendar.local(r.settled_at or 0):%d %b %H:%M}", lambda _, k: k.dim, rank=3),
    ]


def run_columns(calendar: Calendar, now: int) -> list[Column[RunRow]]:
    """Return the columns of runs."""
    return [
        Column("Started", lambda r: clock(calendar, r.started_at, now), lambda _, look: look.dim),
        Column("Source", lambda r: safe(r.source), lambda _, look: look.strong, most=20),
        Column("Outcome", lambda r: f"x {outcome(r)}", draw=_drawn, most=40),
        plain_column("Took", took, 3),
        plain_column("Read", lambda r: f"{r.read:,}", 4),
        plain_column("Unchanged", lambda r: f"{r.unchanged:,}", 5),
        plain_column("Pages", lambda r: f"{r.pages:,}" if r.pages else NONE, 6),
        Column("", lambda r: safe(r.error or r.file or ""), lambda _, k: k.dim, flex=True, least=8, most=200, rank=2),
    ]


def outcome(run: RunRow) -> str:
    """Return how a run ended, in words."""
    return "killed" if run.outcome == "stopped" and run.finished_at is None else run_words(run)


def took(run: RunRow) -> str:
    """Return how long a run took."""
    if run.finished_at is None:
        return NONE
    seconds = (run.finished_at - run.started_at) / 1_000_000
    return f"{seconds:.1f} s" if seconds < 100 else f"{seconds / 60:.0f} min"


def _drawn(run: RunRow, cells: int, look: Look) -> Line:
    glyphs = look.glyphs
    mark, style = {
        "done": (glyphs.check, look.text), "partial": (glyphs.late, look.warn), "failed": (glyphs.failing, look.loss),
        "stopped": (glyphs.off, look.warn),
    }.get(run.outcome, (glyphs.on, look.accent))  # fmt: skip
    return Line().put(fit(f"{mark} {outcome(run)}", cells, ellipsis=glyphs.ellipsis), style)


def run_question(asking: Asking) -> Callable[[Store], RunView]:
    """Return the question of the run where we are."""
    number: int = asking.nav.here.subject  # type: ignore[assignment]

    def ask(store: Store) -> RunView:
        view = run_view(store, asking.now, number)
        if view is None:
            raise ViewError("this run is not in the store", f"press {key_of('back')} to go back")
        return view

    return ask


def record_question(asking: Asking) -> Callable[[Store], RecordView]:
    """Return the question of the record where we are."""
    number: int = asking.nav.here.subject  # type: ignore[assignment]

    def ask(store: Store) -> RecordView:
        view = record_view(store, asking.now, asking.plans, number)
        if view is None:
            raise ViewError("this record is not in quarantine any more", f"press {key_of('back')} to go back")
        return view

    return ask


class RunPage(TextPage):
    """A run in full."""

    screen = RUN

    def __init__(self, view: RunView, cursor: Cursor, calendar: Calendar) -> None:
        self.view = view
        super().__init__(lambda cells, look: _run_lines(view.run, calendar, cells, look), top=cursor.top)

    def source(self) -> Again | None:
        """Return what reads the run's source, or its file, again."""
        return Again.of(self.view.run)

    def value(self) -> str:
        """Return the error, else how it ended."""
        return self.view.run.error or run_words(self.view.run)

    def command(self) -> list[str]:
        """Return the verb that prints runs."""
        return ["runs"]


class RecordPage(TextPage):
    """A record that could not be read: why, what to do, and its own text, escaped."""

    screen = RECORD

    def __init__(self, view: RecordView, cursor: Cursor, calendar: Calendar) -> None:
        self.view = view
        super().__init__(lambda cells, look: _record_lines(view, calendar, cells, look), top=cursor.top)

    def source(self) -> Again | None:
        """Return what reads the record's source, or its file, again."""
        return Again.of(self.view.record)

    def record(self) -> Quarantined | None:
        """Return the record."""
        return self.view.record

    def value(self) -> str:
        """Return the record's own text."""
        return self.view.record.raw

    def command(self) -> list[str]:
        """Return the verb that reads the record again once it is mended, or opens it again."""
        if self.view.record.settled_at is not None:
            return ["quarantine", "--reopen", str(self.view.record.id)]
        return retry_args(self.view.record, configured=self.view.configured)


def _run_lines(run: RunRow, calendar: Calendar, cells: int, look: Look) -> list[Line]:
    ended = "—" if run.finished_at is None else f"{calendar.local(run.finished_at):{_MOMENT}}, {took(run)}"
    facts = [
        ("source", safe(run.source)),
        ("started", f"{calendar.local(run.started_at):{_MOMENT}}"),
        ("ended", ended),
        ("outcome", run.outcome),
        ("file", safe(run.file) if run.file else NONE),
        ("read", f"{run.read:,} records: {run.new:,} new, {run.unchanged:,} unchanged, {run.revised:,} revised, "
                 f"{run.quarantined:,} to quarantine"),
        ("network", f"{run.pages:,} answers, {run.bytes:,} bytes" if run.pages else NONE),
    ]  # fmt: skip
    found = [
        Line().put(fit(f"{safe(run.source)}: {outcome(run)}", cells), look.strong),
        Line(),
        *_facts(facts, cells, look),
    ]
    if run.error:
        found += [Line(), rule(cells, "What went wrong", look.faint, look.strong, look.glyphs.rule)]
        found += [Line().put(part, look.text) for part in wrap(safe(run.error), cells)]
    return found


def _record_lines(view: RecordView, calendar: Calendar, cells: int, look: Look) -> list[Line]:
    record = view.record
    found = [
        Line().put(fit(f"{place_of(record)}: {safe(record.field)}", cells, ellipsis=look.glyphs.ellipsis), look.strong)
    ]
    found += [Line().put(part, look.warn) for part in wrap(safe(record.reason), cells)]
    found += [Line(), *_facts((
        ("source", safe(record.source)), ("file", safe(record.file) if record.file else NONE),
        ("line", NONE if record.line is None else f"{record.line:,}"),
        ("since", f"{calendar.local(record.recorded_at):{_MOMENT}}"),
    ), cells, look), Line()]  # fmt: skip
    found += _settled_lines(record, calendar, cells, look) if record.settled_at else _retry_lines(view, cells, look)
    found += [Line(), rule(cells, "The record itself", look.faint, look.strong, look.glyphs.rule)]
    for raw in record.raw.splitlines() or ["(empty)"]:
        found += [Line().put(part, look.text) for part in wrap(safe(raw), cells)]
    return found


def _settled_lines(record: Quarantined, calendar: Calendar, cells: int, look: Look) -> list[Line]:
    found = [rule(cells, "Settled", look.faint, look.strong, look.glyphs.rule)]
    how = f"{calendar.local(record.settled_at or 0):{_MOMENT}}  {record.settled_by}"
    found += [Line().put(part, look.text) for part in wrap(safe(how), cells)]
    return [*found, Line().put(f"{key_of('settle')} opens it again", look.dim)]


def _retry_lines(view: RecordView, cells: int, look: Look) -> list[Line]:
    record = view.record
    found = [rule(cells, "Retry after mending", look.faint, look.strong, look.glyphs.rule)]
    words = retry_words(record, key_of("run"), configured=view.configured)
    found += [Line().put(part, look.text) for part in wrap(safe(words), cells)]
    command = "northstar " + join(safe(part) for part in retry_args(record, configured=view.configured))
    line = Line().put("  " + fit(command, min(width(command), cells - 12), ellipsis=look.glyphs.ellipsis), look.accent)
    found += [line.put(f"   {key_of('copy_command')} copies it", look.dim) if line.cells + 14 <= cells else line]
    settle = f"Not to be mended? {key_of('settle')} settles it, for a reason you type."
    if record.settled_by is not None:
        settle = f"You opened it again: it stays until {key_of('settle')} settles it."
    return [*found, *(Line().put(part, look.dim) for part in wrap(settle, cells))]


def _facts(facts: Sequence[tuple[str, str]], cells: int, look: Look) -> list[Line]:
    found = []
    for name, value in facts:
        first, *rest = wrap(value, max(8, cells - 9))
        found.append(Line().put(fit(name, 9), look.dim).put(first, look.text))
        found += [Line().put(" " * 9 + part, look.text) for part in rest]
    return found


@dataclass(frozen=True, slots=True)
class _All:
    head: Head
    records: tuple[Quarantined, ...]
    settled: bool


def quarantine_question(asking: Asking) -> Callable[[Store], _All]:
    """Return the question of the whole quarantine, or of all that was settled of it."""
    settled = asking.nav.here.subject == SETTLED
    return lambda store: _All(head(store), tuple(health.quarantine(store, RECORDS, settled=settled)), settled)


class QuarantinePage(RowsPage[Quarantined]):
    """Every record in quarantine, or every one that was settled, the newest first."""

    screen = QUARANTINE

    def __init__(self, view: _All, cursor: Cursor, calendar: Calendar) -> None:
        self.view = view
        columns = settled_columns(calendar) if view.settled else record_columns(calendar)
        self._rows = RowsView(columns, Pages.of(view.records), cursor, lambda record: record.id)

    def lines(self, cells: int, rows: int, look: Look) -> list[Strip]:
        """Return the table; where it is empty, that it is."""
        if not self.view.records:
            what = "Nothing was settled yet." if self.view.settled else "Nothing is in quarantine."
            return finish(
                [Line(), Line().put(what, look.strong), Line().put(f"{key_of('back')} back", look.dim)],
                cells,
                rows,
                look,
            )
        return self.rows_panel("Records", self._rows, cells, rows, look)

    def opening(self) -> Opening | None:
        """Return the selected record."""
        record = self._rows.selected
        return Opening(((RECORD, record.id),)) if record else None

    def source(self) -> Again | None:
        """Return what reads the selected record's source, or its file, again."""
        record = self._rows.selected
        return Again.of(record) if record else None

    def record(self) -> Quarantined | None:
        """Return the selected record."""
        return self._rows.selected

    def value(self) -> str:
        """Return the selected record's own text."""
        record = self._rows.selected
        return record.raw if record else ""

    def command(self) -> list[str]:
        """Return the verb that prints the quarantine."""
        many = ["--limit", str(RECORDS)] if len(self.view.records) > PRINTED else []
        return ["quarantine", *(["--all"] if self.view.settled else []), *many]

    def note(self) -> str:
        """Return the selected record's place among all; that there are older ones, where there are."""
        count = self._rows.pages.count
        more = " newest" if count == RECORDS else ""
        return f"{self._rows.index + 1:,} of {count:,}{more}" if count else ""
