"""Between the screen and the store: the only module that knows threads.

One worker thread owns one reader of the store. A request names a *slot* of the screen (its body, a page of
rows) and carries an *epoch*: a newer question in the same slot makes the older one stale, and its answer is
dropped wherever it is on its way. A refresh asks the same question again; while one is already waiting it is
skipped. Between requests the thread looks whether another process has committed. Nothing that fails here
reaches the screen as an exception."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from time import monotonic, perf_counter
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

from northstar_tui import debug

POLL = 0.15
"""Seconds between two looks for other processes' commits: reading and painting then still fit the 250 ms promised.

A look is one PRAGMA, some 5 µs; to wake up for it costs twenty times that, all day."""

HELD_MOST = 1.0
"""Longest that looking for commits is put off while somebody types, in seconds."""

RETRY = 1.0
"""Seconds between two tries to open a store that could not be opened."""


class Reader(Protocol):
    """What the worker needs of a store."""

    def changed(self) -> object | None:
        """Return what other connections' commits have touched since the last call, or None."""

    def begin(self) -> None:
        """Take a new question: from now on `interrupt` means that one."""

    def interrupt(self) -> None:
        """End the question that runs, from another thread: it raises, now or with its next statement."""

    def close(self) -> None:
        """Release the store."""


R = TypeVar("R", bound=Reader)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a request returned, and the slot and epoch it was asked for."""

    slot: str
    epoch: int
    value: Any
    seconds: float = field(default=0.0, compare=False)
    """How long the question took."""


class Failure(NamedTuple):
    """A request that raised; a failure to open the store comes with the slot it was first asked for."""

    slot: str
    epoch: int
    error: Exception


class Changed(NamedTuple):
    """Another process has committed; `what` is the reader's own word for what it touched (True: it can be opened)."""

    what: object


class Lost(NamedTuple):
    """The store cannot be read any more: what is shown is what was read last. It is opened anew when that works."""

    error: Exception


News = Answer | Failure | Changed | Lost


@dataclass(slots=True)
class _Question(Generic[R]):
    epoch: int
    ask: Callable[[R], Any]
    waiting: bool = False


class Bridge(Generic[R]):
    """The worker and its questions. All methods are for the one thread that owns the screen."""

    def __init__(
        self,
        open_reader: Callable[[], R],
        ready: Callable[[], bool] = lambda: True,
        timer: Callable[[], float] = perf_counter,
    ) -> None:
        """`ready` says whether it is worth trying again to open a store that could not be opened.

        `timer` gives the seconds that answers are timed with.
        """
        self._timer = timer
        self._open = open_reader
        self._ready = ready
        self._post: Callable[[News], object] | None = None
        self._early: SimpleQueue[News] = SimpleQueue()
        self._reader: R | None = None
        self._missed = False
        self._running = ""
        self._slots: dict[str, _Question[R]] = {}
        self._queue: SimpleQueue[str | None] = SimpleQueue()
        self._epoch = 0
        self._unanswered = 0
        self._held = 0.0
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="northstar-reader", daemon=True)
        self._thread.start()

    def ask(self, slot: str, question: Callable[[R], Any]) -> int:
        """Ask a new question in `slot`; whatever was asked there before is stale now, and ends if it runs.

        Returns its epoch.
        """
        with self._lock:
            if self._running == slot and self._reader is not None:
                self._reader.interrupt()
            self._epoch += 1
            self._slots[slot] = _Question(self._epoch, question, waiting=True)
            self._unanswered += 1
        self._queue.put(slot)
        return self._epoch

    def again(self, slot: str, question: Callable[[R], Any]) -> None:
        """Ask `slot`'s question again under its own epoch; nothing, while it is waiting to be asked anyway."""
        with self._lock:
            asked = self._slots.get(slot)
            if asked is None or asked.waiting:
                return
            asked.ask, asked.waiting = question, True
            self._unanswered += 1
        self._queue.put(slot)

    def renew(self, slot: str, question: Callable[[R], Any]) -> None:
        """Ask `question` in `slot` as `again` does, also where nothing was asked there before."""
        if slot in self._slots:
            self.again(slot, question)
        else:
            self.ask(slot, question)

    def hold(self, seconds: float) -> None:
        """Put off looking for commits for so long: the worker's Python would share the processor with the screen's."""
        self._held = monotonic() + seconds

    def drop(self, slot: str) -> None:
        """Withdraw `slot`'s question, and end it if it runs: its answer is not wanted any more."""
        with self._lock:
            self._slots.pop(slot, None)
            if self._running == slot and self._reader is not None:
                self._reader.interrupt()

    def current(self, news: Answer | Failure) -> bool:
        """Say whether `news` answers the question that its slot asks now."""
        asked = self._slots.get(news.slot)
        return asked is not None and asked.epoch == news.epoch

    @property
    def idle(self) -> bool:
        """Whether every question has been answered or dropped, and its news handed on."""
        return self._unanswered == 0

    def first(self, timeout: float) -> News | None:
        """Wait for the first news, before anybody listens: so that the first frame has data. None after
        `timeout`."""
        try:
            return self._early.get(timeout=timeout)
        except Empty:
            return None

    def listen(self, post: Callable[[News], object]) -> None:
        """Hand all news to `post` from now on; it is called in the worker's thread and must only enqueue."""
        with self._lock:
            self._post = post
            while not self._early.empty():
                post(self._early.get())

    def close(self, timeout: float = 1.0) -> None:
        """Stop the worker; a query that runs on beyond `timeout` seconds ends with the process."""
        self._queue.put(None)
        self._thread.join(timeout)

    # -- the worker's side -----------------------------------------------------------------------------------

    def _tell(self, news: News) -> None:
        with self._lock:
            if self._post is None:
                self._early.put(news)
                return
            post = self._post
        post(news)

    def _run(self) -> None:
        looked = monotonic()
        try:
            while True:
                try:
                    slot = self._queue.get(timeout=POLL)
                except Empty:
                    slot = ""
                if slot is None:
                    return
                if slot:
                    self._answer(slot)
                    with self._lock:
                        self._unanswered -= 1
                waited = monotonic() - looked
                if monotonic() < self._held and waited < HELD_MOST:
                    continue
                if waited > (POLL if self._reader is not None else RETRY) or (self._reader is not None and not slot):
                    self._look()
                    looked = monotonic()
        finally:
            if self._reader is not None:
                self._reader.close()

    def _answer(self, slot: str) -> None:
        with self._lock:
            asked = self._slots.get(slot)
            if asked is None or not asked.waiting:
                return
            asked.waiting = False
            self._running = slot
            if self._reader is not None:
                self._reader.begin()
        appeared = False
        try:
            if self._reader is None:
                self._missed, missed = True, self._missed
                self._reader = self._open()
                self._missed, appeared = False, missed
            begun = self._timer()
            value = asked.ask(self._reader)
            news: Answer | Failure = Answer(slot, asked.epoch, value, self._timer() - begun)
            debug.note("read", slot=slot, ms=(self._timer() - begun) * 1e3)
        except Exception as error:
            news = Failure(slot, asked.epoch, error)
            debug.note("failed", slot=slot, error=error)
        with self._lock:
            self._running = ""
        if self.current(news):
            self._tell(news)
        if appeared:  # other slots were answered that there is no store: one question's luck is news for them all
            self._tell(Changed(True))

    def _look(self) -> None:
        try:
            what = self._reader.changed() if self._reader is not None else self._ready() or None
        except Exception as error:
            if self._reader is not None:  # it is opened anew, as one that could not be opened at all
                self._reader.close()
                self._reader, self._missed = None, True
            self._tell(Lost(error))
            return
        if what is not None:
            self._missed = False
            self._tell(Changed(what))
