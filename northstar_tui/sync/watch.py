"""The watch over the event loop: a source that computes or waits without giving way stops all others.

Python cannot be interrupted from another task, but by a signal it can: an alarm that a heartbeat keeps putting off goes
off in whatever the main thread is doing, and raises there, if that is a source.
"""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from types import FrameType

HANG_SECONDS = 30.0
"""Longest that a source may keep the loop to itself."""


class Hung(BaseException):
    """Raised in a source that kept the loop to itself; a source that catches every Exception does not catch it."""


class Watch:
    """Watches one loop, in the main thread; elsewhere there are no signals, and it does nothing."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._tasks: set[asyncio.Task[object]] = set()
        self._storing = False

    @asynccontextmanager
    async def over(self) -> AsyncIterator[None]:
        """Watch while the block runs."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        self._loop = asyncio.get_running_loop()
        before = signal.signal(signal.SIGALRM, self._alarm)
        beat = asyncio.create_task(self._beat())
        try:
            yield
        finally:
            beat.cancel()
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)

    @contextmanager
    def source(self) -> Iterator[None]:
        """Mark the current task as a source's while the block runs: it is what the alarm may end."""
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            yield
        finally:
            self._tasks.discard(task)

    @contextmanager
    def storing(self) -> Iterator[None]:
        """Mark that the store is at work, which takes as long as it takes; a source's time begins anew after it."""
        self._storing = True
        try:
            yield
        finally:
            if self._loop is not None:
                signal.setitimer(signal.ITIMER_REAL, HANG_SECONDS, HANG_SECONDS)
            self._storing = False

    async def _beat(self) -> None:
        while True:
            signal.setitimer(signal.ITIMER_REAL, HANG_SECONDS, HANG_SECONDS)
            await asyncio.sleep(HANG_SECONDS / 10)

    def _alarm(self, _number: int, _frame: FrameType | None) -> None:
        if not self._storing and asyncio.current_task(self._loop) in self._tasks:
            raise Hung
