"""What the worker says, taken into the cockpit: answers, failures, commits, a store that is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from northstar_tui.calendar import Calendar
from northstar_tui.errors import NorthStarError
from northstar_tui.ledger.store import StoreError
from northstar_tui.tui.actions import COMMANDS
from northstar_tui.tui.bridge import Changed, Failure, Lost, News
from northstar_tui.tui.defects import Defect
from northstar_tui.tui.host import Read
from northstar_tui.tui.live import CALM
from northstar_tui.tui.prompting import list_commands
from northstar_tui.tui.reader import Behind
from northstar_tui.tui.screens.message import failed, first_run
from northstar_tui.tui.screens.page import Page
from northstar_tui.tui.screens.registry import screen
from northstar_tui.tui.syncing import LOOK, Told
from northstar_tui.tui.terminal import Copied

if TYPE_CHECKING:
    from northstar_tui.tui.cockpit import Cockpit

BODY, HEAD, ROWS, COPY, SOURCES, SYNC = "body", "head", "rows", "copy", "sources", "sync"
HOLD, FILE, OFFERS, NAMES, UNKNOWN = "hold", "file", "offers", "names", "unknown"
"""Slots of the bridge."""
WRITING = "Writing …"


class Answers:
    """Takes the worker's news for one cockpit."""

    def __init__(self, cockpit: Cockpit) -> None:
        self._cockpit = cockpit

    def take(self, news: News) -> None:
        """Take one piece of news."""
        cockpit = self._cockpit
        if isinstance(news, Changed):
            self._committed(news.what)
            return
        if isinstance(news, Lost):
            self._lost(news.error)
            return
        if not cockpit.bridge.current(news):
            return
        if news.slot == BODY:
            cockpit.waiting.end()
        if isinstance(news, Failure):
            self._failed(news)
        elif news.slot == BODY:
            cockpit.reading.read(cockpit.clock(), news.seconds, cockpit.nav.here.screen)
            self._arrived(news.value)
        elif news.slot == HEAD:
            cockpit.head = news.value
            cockpit.seen.shown(news.value, cockpit.clock())
        elif news.slot == COPY:
            self._copied(news.value)
        elif news.slot == FILE:
            cockpit.message = news.value
        elif news.slot == UNKNOWN:
            cockpit.message = news.value[:1].upper() + news.value[1:] or cockpit.message
        elif news.slot == OFFERS:
            from northstar_tui.tui.filtering import offered

            offered(cockpit, *news.value)
        elif news.slot == NAMES:
            cockpit.names = news.value
            if cockpit.prompt is not None and cockpit.prompt.purpose == COMMANDS:
                list_commands(cockpit, cockpit.prompt.text)
        elif news.slot == HOLD:
            cockpit.again() if cockpit.reading.paused else cockpit.live.committed(news.value)
        elif news.slot == SOURCES:
            same, cockpit.sources = news.value == cockpit.sources, news.value
            if cockpit.host is not None and any(line.running for line in news.value):
                cockpit.host.later(CALM, cockpit.fed)  # a child that ends changes nothing more in the store
            if same:
                return  # nothing new to paint
        elif news.slot == SYNC:
            if not self._synced(news.value):
                return
        else:
            number = int(news.slot.removeprefix(ROWS))
            cockpit.rows_asked.discard(number)
            cockpit.page.put(number, news.value)
        cockpit.waiting.go_on()
        cockpit.repaint()

    def _committed(self, what: object) -> None:
        cockpit = self._cockpit
        if not isinstance(what, Behind):
            cockpit.live.committed(what)
            return
        cockpit.reading.behind = what.commits
        if what.full:
            cockpit.hold(hold=False)
            cockpit.message = "The store needs room: it goes on, no longer paused"
        cockpit.repaint()

    def _lost(self, error: Exception) -> None:
        """Say that what is shown is out of date, and why."""
        cockpit = self._cockpit
        cockpit.live.paused = False
        cockpit.reading.lost(error)
        cockpit.say(cockpit.reading.trouble)

    def _arrived(self, read: Read) -> None:
        cockpit = self._cockpit
        here = cockpit.nav.here
        cockpit.head = read.head
        cockpit.seen.shown(read.head, cockpit.clock())
        cockpit.sources = cockpit.sources if read.sources is None else read.sources
        if cockpit.calendar is None or cockpit.calendar.zone != read.head.zone:
            cockpit.calendar = Calendar(read.head.zone, cockpit.syncing.epochs)
        cursor = cockpit.cursor
        if getattr(read.snapshot, "empty", False):
            cockpit.shown, cockpit.page = None, self._first_run()
            return
        try:
            page = screen(here.screen).page(read.snapshot, cursor, cockpit.calendar)
            if cursor.key not in (None, read.cursor.key, page.cursor().key):
                cockpit.again()  # the operator moved on meanwhile, to a row that was not read: nothing jumps under them
                return
            cockpit.page, cockpit.shown = page, cockpit.nav
            page.unread = read.unread
        except Exception as error:
            if cockpit.on_page:
                self._stays(error)
            else:
                self._cannot_show(error)

    def _first_run(self) -> Page:
        cockpit = self._cockpit
        return first_run(str(cockpit.store), [plan.name for plan in cockpit.syncing.plans if plan.enabled])

    def _synced(self, told: tuple[Told, ...]) -> bool:
        """Take how far the children are; return whether there is something new to say."""
        cockpit = self._cockpit
        before, cockpit.message = cockpit.message, cockpit.syncing.news(told)
        if not cockpit.syncing.busy:
            cockpit.fed()
        else:
            cockpit.soon(LOOK, cockpit.watch)
        return cockpit.message != before

    def _copied(self, done: tuple[Copied, str, str]) -> None:
        cockpit = self._cockpit
        where, text, what = done
        if where.osc52 and cockpit.host is not None:
            cockpit.host.send_clipboard(text)
        first, *also = where.routes or ("nowhere, there is no clipboard and no file",)
        cockpit.message = f"{what} to {first}: {text}" + (f"  (also to {', '.join(also)})" if also else "")

    def _failed(self, failure: Failure) -> None:
        cockpit = self._cockpit
        if failure.slot == COPY:
            cockpit.message = "Nothing could be copied"
        elif failure.slot == FILE:
            cockpit.message = f"Not written: {failure.error}"
        elif failure.slot == HOLD or (failure.slot == BODY and cockpit.on_page):
            self._stays(failure.error)
        elif failure.slot == SYNC:
            self._synced(cockpit.syncing.blind())
        elif failure.slot in (SOURCES, HEAD, OFFERS, NAMES, UNKNOWN):
            return  # the page's own question meets the same error, and says it where it can be read
        elif failure.slot.startswith(ROWS):
            cockpit.page.put(int(failure.slot.removeprefix(ROWS)), None)
            cockpit.message = f"Rows could not be read: {failure.error}"
        elif isinstance(failure.error, StoreError) and not cockpit.store.exists():
            cockpit.shown, cockpit.page = None, self._first_run()
        else:
            self._cannot_show(failure.error)

    def _stays(self, error: Exception) -> None:
        """Say why what is in sight is not brought up to date; the operator's to mend, or a defect. It stays."""
        self._lost(error)
        self._noted(error)

    def _cannot_show(self, error: Exception) -> None:
        """Show why the place where we are cannot be shown; the operator's to mend, or a defect."""
        cockpit = self._cockpit
        cockpit.shown, cockpit.page = None, failed(error)
        self._noted(error)

    def _noted(self, error: Exception) -> None:
        if not isinstance(error, NorthStarError):
            self._cockpit.defects.add(Defect.of(f"The screen {self._cockpit.nav.here.screen}", error))
