"""The screen's state and what every action does to it. No Textual: the app shows what `paint` returns.

A navigation step asks the worker for the new place's snapshot and keeps the old page in sight until it arrives; the
answer makes the new page. Everything that shows data goes through `ask`, so that nothing here waits.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path as File
from typing import Any

from textual.strip import Strip

from northstar_tui.calendar import ALL, Calendar, Period
from northstar_tui.ledger.store import Store
from northstar_tui.ledger.terms import members
from northstar_tui.tui.actions import AGING, BY_ID, MESSAGE, OVERVIEW, key_of
from northstar_tui.tui.answers import BODY, COPY, FILE, HEAD, HOLD, NAMES, ROWS, SOURCES, SYNC, WRITING, Answers
from northstar_tui.tui.bridge import Bridge, News
from northstar_tui.tui.defects import Defect, Defects, Unread
from northstar_tui.tui.doing import HANDLERS
from northstar_tui.tui.hands import Hands
from northstar_tui.tui.host import Host, Read
from northstar_tui.tui.live import Live
from northstar_tui.tui.navigation import Cursor, Navigation, Path, Place
from northstar_tui.tui.noting import LOOK as NOTING
from northstar_tui.tui.noting import Noting
from northstar_tui.tui.painting import Painter
from northstar_tui.tui.prompt import Prompt
from northstar_tui.tui.reader import StoreReader
from northstar_tui.tui.reading import Reading
from northstar_tui.tui.screens.message import loading
from northstar_tui.tui.screens.page import Asking, Page
from northstar_tui.tui.screens.registry import screen
from northstar_tui.tui.seen import Seen
from northstar_tui.tui.syncing import LOOK, Feed, Syncing
from northstar_tui.tui.terminal import copy
from northstar_tui.tui.theme import Look
from northstar_tui.tui.waiting import Waiting
from northstar_tui.views.base import Head, head
from northstar_tui.views.operations import SourceLine, source_lines

BRIEF = 4.0
"""Seconds for which the footer says that something did nothing."""
UNSEEN = frozenset({"copy", "copy_command", "report", "redraw", "suspend", "quit", "pause"})
"""Actions that answer later, or elsewhere."""
NOWHERE = {
    "down": "This is the last row", "page_down": "This is the last row", "last": "This is the last row",
    "up": "This is the first row", "page_up": "This is the first row", "first": "This is the first row",
    "previous": "Nothing comes before this", "next": "Nothing comes after this", "section": "There is no other section",
    "overview": "This is the overview", "ledger": "This is all time", "operations": "This is the operations screen",
    "positions": "These are the positions", "today": "This is today",
}  # fmt: skip
"""What to say of actions that lead nowhere from here."""


def _at_one_moment(ask: Callable[[Store], Any], reader: StoreReader) -> Any:
    with reader.moment() as store:
        return ask(store)


class Cockpit:
    """The state: where we are, the page in sight, what is being typed or was just done."""

    def __init__(
        self,
        bridge: Bridge[StoreReader],
        store: File,
        look: Look,
        clock: Callable[[], int],
        start: Sequence[Place] = (),
        feed: Feed | None = None,
        pace: float = 0.0,
        exports: File | None = None,
        columns: tuple[str, ...] = (),
        *,
        hasty: bool = False,
        kept: str = "",
    ) -> None:
        """It begins under the filter `kept`.

        `hasty` leaves what takes long to load out of all answers until `begin`: the first frame comes first."""
        self.bridge, self.store, self.look, self.clock = bridge, store, look, clock
        self.exports, self._hasty = exports, hasty
        self.host: Host | None = None
        self.nav = Navigation.start(start or ((OVERVIEW, None),))._replace(columns=columns, filter=kept)
        self.page: Page = loading(self.nav.here.screen)
        self.head: Head | None = None
        self.sources: tuple[SourceLine, ...] | None = None
        self.syncing = Syncing(feed)
        self.noting = Noting(store)
        self.names: tuple[tuple[str, str], ...] = ()
        self.seen, self.reading = Seen(clock()), Reading()
        self.overlay: Page | None = None
        self.prompt: Prompt | None = None
        self.filters: tuple[str, ...] = ()
        """Filters of this session, the newest last."""
        self.message = ""
        self.shown: Navigation | None = None
        self.calendar: Calendar | None = None
        self.rows_asked: set[int] = set()
        self._day: int | None = None
        self.live = Live(self._read_again, self.ask_sources, self.soon, pace)
        self.painter, self.hands, self._answers = Painter(self), Hands(self), Answers(self)
        self.waiting = Waiting(self)
        self.defects = Defects()
        self.size = (0, 0)
        self.ask()

    # -- asking and being answered -----------------------------------------------------------------------------------

    def _question(self, cursor: Cursor) -> Callable[[StoreReader], Read]:
        now, plans, known = self.clock(), self.syncing.plans, self.sources is not None
        told, part = self.syncing.known, Unread()
        asking = Asking(self.nav, cursor, now, plans, self.seen.look, self._hasty, self.reading.speed, told, part)
        ask = screen(self.nav.here.screen).question(asking)

        def read(reader: StoreReader) -> Read:
            with reader.moment() as store:
                snapshot = ask(store)
                sources = None if known else part("Sources", lambda: source_lines(store, now, plans), None)
                return Read(getattr(snapshot, "head", None) or head(store), snapshot, sources, cursor, part)

        return read

    def ask(self) -> None:
        """Ask for the snapshot of where we are."""
        for number in self.rows_asked:
            self.bridge.drop(f"{ROWS}{number}")
        self.rows_asked.clear()
        self.waiting.begin()
        self.bridge.ask(BODY, self._question(self.cursor))

    def soon(self, seconds: float, call: Callable[[], None]) -> None:
        if self.host is not None:
            self.host.later(seconds, call)
        else:
            call()

    def begin(self) -> None:
        """Load what waited for the first frame: the schedule, and what the first question left out."""
        self.syncing.begin()
        self._hasty = False
        if self.nav.here.screen == OVERVIEW:
            self.again()

    def ask_sources(self) -> None:
        """Ask how each source is now."""
        now, plans = self.clock(), self.syncing.plans
        self.bridge.renew(SOURCES, lambda reader: source_lines(reader.store, now, plans))

    def ask_names(self) -> None:
        """Ask what books and categories the store knows, for the palette."""
        self.bridge.renew(NAMES, lambda reader: tuple(
            (dimension, name) for dimension in ("book", "category") for name in members(reader.store, dimension)
        ))  # fmt: skip

    def watch(self) -> None:
        """Look how far the children are that the operator asked for, until the last has ended."""
        if self.live.typing and self.message == "":
            self.soon(LOOK, self.watch)
        elif self.syncing.busy and self.host is not None:
            ask = self.syncing.question()
            self.bridge.renew(SYNC, lambda reader: ask(reader.latest))

    def let_write(self, verb: Sequence[str]) -> None:
        """Let a child carry out a verb that writes, given with its arguments, and say how it ended."""
        feed = self.syncing.feed
        self.message = self.noting.start(verb, feed.config if feed is not None else None) or "Writing …"
        self.watch_notes()

    def watch_notes(self) -> None:
        """Look whether the children have ended that write, and say how."""
        for told in self.noting.ended():
            self.say(told)
        if self.noting.busy and self.host is not None:
            self.host.later(NOTING, self.watch_notes)

    def again(self) -> None:
        """Ask again for what is shown here."""
        self.bridge.again(BODY, self._question(self.cursor))

    def news(self, news: News) -> None:
        """Take what the worker says."""
        self.attempt("What was read", lambda: self._answers.take(news))

    def hold(self, *, hold: bool) -> None:
        """Hold what is shown as it is now, or go on."""
        self.reading.paused = self.live.paused = hold
        self.reading.behind = 0
        self.bridge.ask(HOLD, lambda reader: reader.hold() if hold else reader.release())

    def fed(self) -> None:
        """Look again how the sources are, and at the page that shows it."""
        self.ask_sources()
        if self.nav.here.screen in AGING and self.on_page:
            self.again()

    def _read_again(self, what: object) -> None:
        """Read again what a commit touched: the page, or only the head where the page shows other days."""
        subject = self.nav.here.subject
        if (
            isinstance(what, Period) and isinstance(subject, Period) and self.shown is not None and subject != ALL
            and (what.end <= subject.start or subject.end <= what.start)
        ):  # fmt: skip
            self.bridge.ask(HEAD, lambda reader: head(reader.store))
        else:
            self.again()

    def tick(self) -> None:
        """Let ages grow, and a new day begin. Costs nothing on the terminal where no text changes."""
        if self.calendar is not None:
            day = self.calendar.bucket("day", self.clock())
            if self._day is not None and day != self._day:
                self.again()
            self._day = day
            self.fed()
        self.repaint()

    # -- painting ----------------------------------------------------------------------------------------------------

    @property
    def front(self) -> Page:
        """The page in sight."""
        return self.overlay or self.page

    def repaint(self) -> None:
        """Show what is to be seen now."""
        if self.host is not None:
            self.host.repaint()

    def paint(self, cells: int, rows: int) -> list[Strip]:
        """Return the whole screen; ask for the rows that came into sight."""
        lines = self.painter.lines(cells, rows)
        self.attempt("Reading on", self._fetch)
        self.size = (cells, rows)
        return lines

    def _fetch(self) -> None:
        for number in self.page.need():
            self.rows_asked.add(number)
            question = self.page.page_question(number)
            self.bridge.ask(f"{ROWS}{number}", partial(_at_one_moment, question))

    @property
    def path(self) -> Path:
        """The path of the page in sight."""
        return self.nav.path if self.shown is None else self.shown.path

    # -- what breaks ---------------------------------------------------------------------------------------------------

    def attempt(self, what: str, call: Callable[[], object]) -> None:
        """Do what the operator, the worker or the clock asked for; a defect in it is told and ends nothing."""
        try:
            call()
        except Exception as error:
            defect = Defect.of(what, error)
            self.defects.add(defect)
            self.message = f"{what} broke: {defect.error} · {key_of('copy')} copies a report"
            self.repaint()

    # -- acting ------------------------------------------------------------------------------------------------------

    def key(self, key: str) -> None:
        """Carry out what `key` does here."""
        if self.seen.key(self.clock()):
            self.again()
        self.hands.key(key)

    def say(self, text: str) -> None:
        """Say `text` in the footer for a moment, or until something is done."""
        self.message = text
        self.soon(BRIEF, lambda: self._hushed(text))
        self.repaint()

    def _hushed(self, text: str) -> None:
        if self.host is not None and self.message == text:
            self.message = ""
            self.repaint()

    def do(self, action: str) -> None:
        """Carry out an action of the registry; one that means nothing here does nothing."""
        self.message = self.waiting.message
        self.attempt(BY_ID[action].label, lambda: self._do(action))
        self.repaint()

    def _do(self, action: str) -> None:
        meant = BY_ID[action]
        if self.waiting.holds(action):
            return
        if self.scope not in meant.where:
            self.say(f"{meant.label} means nothing here; it does on {', '.join(sorted(meant.where))}")
        else:
            before = self._state()
            handler = HANDLERS.get(action)
            if handler is not None:
                handler(self)
            else:
                self.front.move(action)
            if action not in UNSEEN and self._state() == before:
                self.say(NOWHERE.get(action) or f"{meant.label}: nothing to do here")

    def _state(self) -> object:
        """Return what an action changes, so that one that changed nothing says so."""
        session = self.nav._replace(path=(), past=(), future=(), jumped=None)
        place, front = self.nav.here.place, self.front
        return session, place, len(self.nav.path), front, front.cursor(), self.prompt, self.message, self.look

    @property
    def scope(self) -> str:
        """The screen whose actions keys mean now."""
        front = self.front.screen
        return front if self.overlay is not None or front == MESSAGE else self.nav.here.screen

    @property
    def on_page(self) -> bool:
        """Whether the page in sight shows the place where we are."""
        return self.shown is not None and self.shown.here.place == self.nav.here.place

    @property
    def cursor(self) -> Cursor:
        """The row that we are on: that of the page in sight, where it shows our place in our order."""
        shown = self.shown if self.on_page else None
        return self.page.cursor() if shown is not None and shown.sort == self.nav.sort else self.nav.here.cursor

    def go(self, nav: Navigation) -> None:
        """Go to another state, as got from `left`."""
        self.overlay = self.prompt = None
        if nav != self.nav:
            self.nav = nav
            self.ask()

    def left(self) -> Navigation:
        """Return the state with the page's cursor in it, to navigate from: the place that is left keeps it."""
        return self.nav.at(self.page.cursor()) if self.on_page else self.nav

    def copy(self, text: str, what: str) -> None:
        """Hand `text` to the clipboard, in the worker: tmux may take its time."""
        if not text:
            self.message = "There is nothing here to copy"
            return
        self.bridge.ask(COPY, lambda _: (copy(text), text, what))

    def write(self, write: Callable[[], str]) -> None:
        """Let the worker write a file; `write` returns what to say of it."""
        self.message = WRITING
        self.bridge.ask(FILE, lambda _: write())

    def writing(self, news: Callable[[], str | None]) -> None:
        """Look after a child that writes a file until it has ended; `news` returns what to say then."""
        told = news()
        self.message = WRITING if told is None else told
        if told is None and self.host is not None:
            self.host.later(LOOK, lambda: self.writing(news))
        self.repaint()
