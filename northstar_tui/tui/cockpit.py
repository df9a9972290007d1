"""The screen's state and what every action does to it. No Textual: the app shows what `paint` returns.

A navigation step asks the worker for the new place's snapshot and keeps the old page in sight until it arrives; the
answer makes the new page. Everything that shows data goes through `ask`, so that nothing here waits.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from textual.strip import Strip

from northstar_tui.calendar import ALL, Calendar, Period
from northstar_tui.ledger.store import StoreError
from northstar_tui.tui.actions import BY_ID, COMMANDS, FEEDING, LEDGER, MESSAGE, OVERVIEW, WHY, by_key
from northstar_tui.tui.bridge import Bridge, Changed, Failure, News
from northstar_tui.tui.doing import HANDLERS, list_commands, submit
from northstar_tui.tui.header import header
from northstar_tui.tui.host import Host, Read
from northstar_tui.tui.live import CALM, PAUSE, Live
from northstar_tui.tui.navigation import Navigation, Place
from northstar_tui.tui.paint import ascii_strip
from northstar_tui.tui.prompt import Prompt
from northstar_tui.tui.reader import StoreReader
from northstar_tui.tui.screens.message import SMALLEST, failed, first_run, loading, too_small
from northstar_tui.tui.screens.page import Asking, Page
from northstar_tui.tui.screens.registry import crumb, screen
from northstar_tui.tui.seen import Seen
from northstar_tui.tui.syncing import LOOK, Feed, Syncing, Told
from northstar_tui.tui.terminal import Copied, copy
from northstar_tui.tui.theme import ASCII, Look
from northstar_tui.tui.widgets.chrome import crumbs, hints, message_line, prompt_line
from northstar_tui.views.base import Head, head
from northstar_tui.views.operations import SourceLine, source_lines

BODY, HEAD, ROWS, COPY, SOURCES, SYNC = "body", "head", "rows", "copy", "sources", "sync"
"""Slots of the bridge."""
SLOW = 0.15
"""Seconds after which an answer is late, and the screen says so."""
READING = "Reading …"
AHEAD = 32
"""Actions kept while an answer is on its way: typing ahead acts on what it leads to."""
AT_ONCE = frozenset({"quit", "help", "commands", "filter", "theme", "redraw", "refresh", "suspend"})
"""Actions that need no page."""


class Cockpit:
    """The state: where we are, the page in sight, what is being typed or was just done."""

    def __init__(
        self,
        bridge: Bridge[StoreReader],
        store: Path,
        look: Look,
        clock: Callable[[], int],
        start: Sequence[Place] = (),
        feed: Feed | None = None,
        pace: float = 0.0,
    ) -> None:
        self.bridge, self.store, self.look, self.clock = bridge, store, look, clock
        self.host: Host | None = None
        self.nav = Navigation.start(start or ((OVERVIEW, None),))
        self.page: Page = loading(self.nav.here.screen)
        self.head: Head | None = None
        self.sources: tuple[SourceLine, ...] | None = None
        self.syncing = Syncing(feed)
        self.seen = Seen(clock())
        self.overlay: Page | None = None
        self.prompt: Prompt | None = None
        self.message = ""
        self._shown: Navigation | None = None
        self.calendar: Calendar | None = None
        self._rows_asked: set[int] = set()
        self._day: int | None = None
        self._due = False
        self.live = Live(self._read_again, self.ask_sources, self._soon, pace)
        self._ahead: list[str] = []
        self.ask()

    # -- asking and being answered -----------------------------------------------------------------------------------

    def _question(self, top: int) -> Callable[[StoreReader], Read]:
        now, plans, known = self.clock(), self.syncing.plans, self.sources is not None
        ask = screen(self.nav.here.screen).question(Asking(self.nav, top, now, plans, self.seen.look))

        def read(reader: StoreReader) -> Read:
            with reader.moment() as store:
                snapshot = ask(store)
                sources = None if known else source_lines(store, now, plans)
                return Read(getattr(snapshot, "head", None) or head(store), snapshot, sources)

        return read

    def ask(self) -> None:
        """Ask for the snapshot of where we are."""
        for number in self._rows_asked:
            self.bridge.drop(f"{ROWS}{number}")
        self._rows_asked.clear()
        self._due = True
        if self.host is not None:
            self.host.later(SLOW, self._late)
        self.bridge.ask(BODY, self._question(self.nav.here.cursor.top))

    def _soon(self, seconds: float, call: Callable[[], None]) -> None:
        if self.host is not None:
            self.host.later(seconds, call)
        else:
            call()

    def ask_sources(self) -> None:
        """Ask how each source is now."""
        now, plans = self.clock(), self.syncing.plans
        self.bridge.renew(SOURCES, lambda reader: source_lines(reader.store, now, plans))

    def watch(self) -> None:
        """Look how far the children are that the operator asked for, until the last has ended."""
        if self.live.typing and self.message == "":
            self._soon(LOOK, self.watch)
        elif self.syncing.busy and self.host is not None:
            ask = self.syncing.question()
            self.bridge.renew(SYNC, lambda reader: ask(reader.store))

    def _late(self) -> None:
        if self._due:
            self.message = READING
            self._repaint()

    def _again(self) -> None:
        top = self.page.cursor().top if self._on_page else self.nav.here.cursor.top
        self.bridge.again(BODY, self._question(top))

    def news(self, news: News) -> None:
        """Take what the worker says."""
        if isinstance(news, Changed):
            self.live.committed(news.what)
            return
        if not self.bridge.current(news):
            return
        if news.slot == BODY:
            self._due = False
            self.message = "" if self.message == READING else self.message
        if isinstance(news, Failure):
            self._failed(news)
        elif news.slot == BODY:
            try:
                self._arrived(news.value)
            except Exception as error:  # as in `paint`
                self._shown, self.page = None, failed(error)
        elif news.slot == HEAD:
            self.head = news.value
            self.seen.shown(news.value, self.clock())
        elif news.slot == COPY:
            self._copied(news.value)
        elif news.slot == SOURCES:
            same, self.sources = news.value == self.sources, news.value
            if self.host is not None and any(line.running for line in news.value):
                self.host.later(CALM, self._fed)  # a child that ends changes nothing more in the store
            if same:
                return  # nothing new to paint
        elif news.slot == SYNC:
            if not self._synced(news.value):
                return
        else:
            number = int(news.slot.removeprefix(ROWS))
            self._rows_asked.discard(number)
            self.page.put(number, news.value)
        ahead, self._ahead = self._ahead, []
        for action in ahead:
            self.do(action)
        self._repaint()

    def _arrived(self, read: Read) -> None:
        here = self.nav.here
        self.head = read.head
        self.seen.shown(read.head, self.clock())
        self.sources = self.sources if read.sources is None else read.sources
        if self.calendar is None or self.calendar.zone != read.head.zone:
            self.calendar = Calendar(read.head.zone)
        cursor = self.page.cursor() if self._on_page else here.cursor
        if getattr(read.snapshot, "empty", False):
            self._shown, self.page = None, self._first_run()
            return
        self.page = screen(here.screen).page(read.snapshot, cursor, self.calendar)
        self._shown = self.nav

    def _first_run(self) -> Page:
        return first_run(str(self.store), [plan.name for plan in self.syncing.plans if plan.enabled])

    def _synced(self, told: tuple[Told, ...]) -> bool:
        """Take how far the children are; return whether there is something new to say."""
        before, self.message = self.message, self.syncing.news(told)
        if not self.syncing.busy:
            self._fed()
        else:
            self._soon(LOOK, self.watch)
        return self.message != before

    def _fed(self) -> None:
        """Look again how the sources are, and at the page that shows it."""
        self.ask_sources()
        if self.nav.here.screen in FEEDING and self._on_page:
            self._again()

    def _copied(self, done: tuple[Copied, str, str]) -> None:
        where, text, what = done
        if where.osc52 and self.host is not None:
            self.host.send_clipboard(text)
        shown = text if len(text) <= 60 else text[:57] + "…"
        self.message = f"{what} {shown} → {', '.join(where.routes) or 'nowhere: no clipboard and no file'}"

    def _failed(self, failure: Failure) -> None:
        if failure.slot == COPY:
            self.message = "Nothing could be copied"
        elif failure.slot == SYNC:
            self._synced(self.syncing.blind())
        elif failure.slot in (SOURCES, HEAD):
            return  # the page's own question meets the same error, and says it where it can be read
        elif failure.slot.startswith(ROWS):
            self.page.put(int(failure.slot.removeprefix(ROWS)), None)
            self.message = f"Rows could not be read: {failure.error}"
        elif isinstance(failure.error, StoreError) and not self.store.exists():
            self._shown, self.page = None, self._first_run()
        else:
            self._shown, self.page = None, failed(failure.error)

    def _read_again(self, what: object) -> None:
        """Read again what a commit touched: the page, or only the head where the page shows other days."""
        subject = self.nav.here.subject
        if (
            isinstance(what, Period) and isinstance(subject, Period) and self._shown is not None and subject != ALL
            and (what.end <= subject.start or subject.end <= what.start)
        ):  # fmt: skip
            self.bridge.ask(HEAD, lambda reader: head(reader.store))
        else:
            self._again()

    def tick(self) -> None:
        """Let ages grow, and a new day begin. Costs nothing on the terminal where no text changes."""
        if self.calendar is not None:
            day = self.calendar.bucket("day", self.clock())
            if self._day is not None and day != self._day:
                self._again()
            self._day = day
            self._fed()
        self._repaint()

    # -- painting ----------------------------------------------------------------------------------------------------

    @property
    def front(self) -> Page:
        """The page in sight."""
        return self.overlay or self.page

    def _repaint(self) -> None:
        if self.host is not None:
            self.host.repaint()

    def paint(self, cells: int, rows: int) -> list[Strip]:
        """Return the whole screen."""
        fits = cells >= SMALLEST[0] and rows >= SMALLEST[1]
        lines = self._whole(cells, rows) if fits else too_small(cells, rows, self.look)
        return lines if self.look.glyphs is not ASCII else [ascii_strip(line) for line in lines]

    def _whole(self, cells: int, rows: int) -> list[Strip]:
        look = self.look
        try:
            body = self.front.lines(cells, rows - 3, look)
        except Exception as error:  # a defect of one page must not take the program, or the other pages, with it
            body = failed(error).lines(cells, rows - 3, look)
        self._fetch()
        top = header(self.head, self.sources or (), self.clock(), cells, look).strip(cells, look.bar)
        return [top, self._crumbs(cells).strip(cells, look.text), *body, self._foot(cells)]

    def _fetch(self) -> None:
        for number in self.page.need():
            self._rows_asked.add(number)
            question = self.page.page_question(number)
            self.bridge.ask(f"{ROWS}{number}", lambda reader, ask=question: ask(reader.store))  # type: ignore[misc]

    def _crumbs(self, cells: int) -> Any:
        calendar = self.calendar or Calendar("UTC")
        path = self.nav.path if self._shown is None else self._shown.path
        names = [crumb(level.screen, level.subject, calendar) for level in path]
        notes = []
        if self.overlay is not None:
            names.append(BY_ID[self.overlay.screen].label)
            notes = [self.overlay.note()]
        else:
            notes = self._notes()
        return crumbs(names, notes, cells, self.look)

    def _notes(self) -> list[str]:
        nav, notes = self.nav, []
        if nav.here.screen == LEDGER and nav.filter:
            notes.append(f"/{nav.filter}")
        if nav.here.screen in (LEDGER, WHY) and nav.basis != "closed":
            notes.append(f"by {nav.basis}")
        return [*notes, self.page.note()]

    def _foot(self, cells: int) -> Strip:
        look = self.look
        if self.prompt is not None:
            line = prompt_line(self.prompt, cells, look)
        elif self.message:
            line = message_line(self.message, cells, look)
        else:
            line = hints(self._scope, cells, look, ascii_only=look.glyphs is ASCII)
        return line.strip(cells, look.bar)

    # -- acting ------------------------------------------------------------------------------------------------------

    def key(self, key: str) -> None:
        """Carry out what `key` does here, if anything."""
        self.live.key()
        if self.seen.key(self.clock()):
            self._again()
        self.bridge.hold(PAUSE)
        if (action := by_key(key, self._scope)) is not None:
            self.do(action.id)

    def do(self, action: str) -> None:
        """Carry out an action of the registry; one that means nothing here does nothing."""
        self.message = ""
        if self._due and self.overlay is None and action not in AT_ONCE:
            self._wait(action)
        elif self._scope in BY_ID[action].where:
            handler = HANDLERS.get(action)
            if handler is not None:
                handler(self)
            else:
                self.front.move(action)
        self._repaint()

    def _wait(self, action: str) -> None:
        """Keep an action for the page that is on its way; going back means that it is not wanted any more."""
        if action != "back" or self._on_page:
            self._ahead = [*self._ahead, action][-AHEAD:]
            return
        self._ahead = []
        self.go(self.nav.up())

    @property
    def _scope(self) -> str:
        front = self.front.screen
        return front if self.overlay is not None or front == MESSAGE else self.nav.here.screen

    @property
    def _on_page(self) -> bool:
        """Whether the page in sight shows the place where we are."""
        return self._shown is not None and self._shown.here.place == self.nav.here.place

    def go(self, nav: Navigation) -> None:
        """Go to another state, as got from `left`."""
        self.overlay = self.prompt = None
        if nav != self.nav:
            self.nav = nav
            self.ask()

    def left(self) -> Navigation:
        """Return the state with the page's cursor in it, to navigate from: the place that is left keeps it."""
        return self.nav.at(self.page.cursor()) if self._on_page else self.nav

    def press(self, key: str, character: str | None) -> None:
        """Take a key while something is being typed."""
        if self.prompt is None:
            return
        if key == "escape" or (key == "backspace" and not self.prompt.text):
            self.overlay = self.prompt = None
        elif key == "enter":
            submit(self)
        elif key in ("up", "down", "pageup", "pagedown"):
            self.front.move({"pageup": "page_up", "pagedown": "page_down"}.get(key, key))
        else:
            edited = self.prompt.key(key)
            if edited is None and character:
                edited = self.prompt.typed(character)
            self.edited(edited)
        self._repaint()

    def edited(self, prompt: Prompt | None) -> None:
        """Take what is typed now."""
        if prompt is None:
            return
        if prompt.purpose == COMMANDS and self.prompt is not None and prompt.text != self.prompt.text:
            list_commands(self, prompt.text)
        self.prompt = prompt

    def paste(self, text: str) -> None:
        """Take pasted text while something is being typed."""
        if self.prompt is not None:
            self.edited(self.prompt.typed(text))
            self._repaint()

    def click(self, y: int) -> None:
        """Take a click on line `y` of the screen: it selects; on what is selected, it opens."""
        if self.front.click(y - 2):
            self.do("open")
        else:
            self._repaint()

    def copy(self, text: str, what: str) -> None:
        """Hand `text` to the clipboard, in the worker: tmux may take its time."""
        if not text:
            self.message = "There is nothing here to copy"
            return
        self.bridge.ask(COPY, lambda _: (copy(text), text, what))
