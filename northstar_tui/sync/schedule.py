"""The schedule inside the cockpit: it starts jobs and does no work. A job is a child process, `northstar sync SOURCE`.

Of all cockpits on a store one keeps the schedule, the one that holds its lock; when it goes, however it goes, another
takes over. Children end with the cockpit: their stdin is a pipe of ours, and its end is theirs.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from northstar_tui import debug
from northstar_tui.config import Settings, SourceSettings
from northstar_tui.errors import NorthStarError, shown
from northstar_tui.ledger.store import Store, StoreError
from northstar_tui.sync.lock import BUSY, held
from northstar_tui.sync.plan import Plan, plans

if TYPE_CHECKING:
    from apscheduler.schedulers.background import BackgroundScheduler

LOOK_SECONDS = 2.0
"""How often a cockpit looks whether the schedule is free."""
START_SECONDS = 1.0
"""How long the first look waits: the first paint and the first keys come first."""
GRACE_SECONDS = 3600
"""How late a run may start and still be worth it: any run brings all that was missed."""
STOP_SECONDS = 5.0
"""How long a child has to end by itself."""
NICE = 10
"""Children give way to the cockpit's keys."""
STAGGER_SECONDS = 1.0
"""How far apart the sources start that are due when the schedule begins."""
SLEPT_SECONDS = 30.0
"""How often the keeper looks whether the machine slept: timers sleep with it, and the schedule must not."""
_TOLD = 2_000
"""Bytes of a child's last words that are kept."""
_ONCE: Mapping[str, Any] = {"coalesce": True, "misfire_grace_time": GRACE_SECONDS, "max_instances": 1}


def wanted(settings: Settings) -> list[SourceSettings]:
    """Return the sources that the config gives a time."""
    return [each for each in settings.sources if each.enabled and (each.every or each.at)]


class Schedule:
    """Starts each source's sync when its time has come. Cheap to make; `start` runs one thread where it is needed."""

    def __init__(self, settings: Settings, store: Path) -> None:
        self._settings = settings
        self._store = store
        self._sources = wanted(settings)
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._scheduler: BackgroundScheduler | None = None
        self._children: dict[str, subprocess.Popen[bytes]] = {}
        self._problems: dict[str, str] = {}
        self._lock = threading.Lock()
        self._keeping = False

    # -- for whoever shows it ------------------------------------------------------------------------------------

    @property
    def keeping(self) -> bool:
        """Whether this process keeps the schedule now; else another does, or no source has a time."""
        return self._keeping

    def next_runs(self) -> dict[str, int]:
        """Return when each source runs next, microseconds UTC; nothing while another process keeps the schedule."""
        scheduler = self._scheduler
        found: dict[str, int] = {}
        for job in scheduler.get_jobs() if scheduler is not None else ():
            if job.next_run_time is not None:
                at = _micros(job.next_run_time)
                found[job.name] = min(at, found.get(job.name, at))
        return found

    def running(self) -> list[str]:
        """Return the sources whose children of ours run now."""
        with self._lock:
            return list(self._children)

    def plans(self) -> tuple[Plan, ...]:
        """Return what the operations view takes: every source of the config, with its next run."""
        return plans(self._settings, self.next_runs(), self.running(), dict(self._problems))

    def run_now(self, name: str) -> bool:
        """Start a sync of the source `name`, also where its breaker is open; False where one of ours runs already.

        Returns at once; its result arrives in the store.
        """
        return self._started(name, ("sync", name, "--quiet", "--cockpit", "asked"))

    def import_now(self, name: str, path: Path, told: Sequence[str]) -> bool:
        """Import the file `path`, which the source `name` came from, with the options `told`, as `run_now` runs one."""
        return self._started(name, ("import", *told, "--", str(path)))

    def problem(self, name: str) -> str:
        """Return what the last child of source `name` could not put into the store; empty where it could."""
        return self._problems.get(name, "")

    @property
    def config(self) -> Path | None:
        """The config's file; None where there is none."""
        return self._settings.path

    def _started(self, name: str, verb: Sequence[str]) -> bool:
        child = self._spawned(name, verb)
        if child is None:
            return False
        threading.Thread(target=self._awaited, args=(name, child), name=f"northstar-{name}", daemon=True).start()
        return True

    # -- life ----------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Begin to look for the lock, and keep the schedule once it is ours. Nothing where no source has a time."""
        if self._sources and self._thread is None:
            self._thread = threading.Thread(target=self._run, name="northstar-schedule", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Let the lock go, and end the children: each between two batches, what it stored stays."""
        self._stopping.set()
        with self._lock:
            children = list(self._children.values())
        for child in children:
            child.terminate()
        until = time.monotonic() + STOP_SECONDS
        for child in children:
            try:
                child.wait(max(0.0, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                child.kill()
        if self._thread is not None:
            self._thread.join(STOP_SECONDS)

    def __enter__(self) -> Schedule:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    # -- its thread ----------------------------------------------------------------------------------------------

    def _run(self) -> None:
        wait, others = START_SECONDS, False
        while not self._stopping.wait(wait):
            wait = LOOK_SECONDS
            with suppress(StoreError), held(self._store, "schedule") as mine:
                if mine:
                    self._keep()
                elif not others:
                    debug.note("schedule", state="kept by another")
                others = not mine

    def _keep(self) -> None:
        """Keep the schedule until the cockpit ends."""
        from apscheduler.schedulers.background import BackgroundScheduler

        scheduler = BackgroundScheduler(timezone=UTC, executors={"default": {"type": "threadpool", "max_workers": 32}})
        self._plan(scheduler)
        scheduler.start()
        self._scheduler, self._keeping = scheduler, True
        debug.note("schedule", state="kept", count=len(scheduler.get_jobs()))
        try:
            ahead = time.time() - time.monotonic()
            while not self._stopping.wait(SLEPT_SECONDS):
                if abs(time.time() - time.monotonic() - ahead) > 1:
                    ahead = time.time() - time.monotonic()
                    debug.note("schedule", state="slept")
                    scheduler.wakeup()
        finally:
            self._scheduler, self._keeping = None, False
            debug.note("schedule", state="let go")
            scheduler.shutdown(wait=False)

    def _plan(self, scheduler: BackgroundScheduler) -> None:
        from northstar_tui.sync.triggers import after, missed, triggers

        zone, last = self._known()
        instant = datetime.now(UTC)
        for source in self._sources:
            try:
                found = triggers(source, zone)
            except NorthStarError as error:
                self._problems[source.name] = str(error)
                debug.note("schedule", source=source.name, state="refused", error=error)
                continue
            before = last.get(source.name)
            if before is None or any(missed(trigger, before, instant) for trigger in found):
                scheduler.add_job(self._job, args=(source.name,), name=source.name, next_run_time=instant, **_ONCE)
                why = "missed" if before else "never run"
                debug.note("schedule", source=source.name, state="due", why=why, due=_micros(instant))
                instant += timedelta(seconds=STAGGER_SECONDS)
                before = instant
            for trigger in found:
                following = after(trigger, before, instant)
                debug.note("schedule", source=source.name, state="planned", due=_micros(following))
                scheduler.add_job(
                    self._job, trigger, (source.name,), name=source.name, next_run_time=following, **_ONCE
                )

    def _known(self) -> tuple[str, dict[str, datetime]]:
        """Return the store's zone, and when each source ran last; where there is no store yet, the config's zone."""
        from northstar_tui.ledger.health import last_runs

        try:
            with Store.open(self._store) as store:
                last = {n: datetime.fromtimestamp(run.started_at / 1e6, UTC) for n, run in last_runs(store).items()}
                return store.calendar.zone, last
        except StoreError:
            return self._settings.rules().zone, {}

    # -- children ------------------------------------------------------------------------------------------------

    def _job(self, name: str) -> None:
        child = self._spawned(name, ("sync", name, "--quiet", "--cockpit", "scheduled"))
        if child is not None:
            self._awaited(name, child)

    def _spawned(self, name: str, verb: Sequence[str]) -> subprocess.Popen[bytes] | None:
        """Start a child for a source; None where one of ours runs for it, or all is about to end."""
        command = [sys.executable, "-m", "northstar_tui", "--store", str(self._store)]
        if debug.target is not None:
            command += ["--debug", debug.target]
        if self._settings.path is not None:
            command += ["--config", str(self._settings.path)]
        command += verb
        with self._lock:
            if name in self._children or self._stopping.is_set():
                debug.note("child", source=name, state="not started", why="one runs already")
                return None
            try:
                child = subprocess.Popen(  # noqa: S603 - our own command line, no shell
                    command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
                )
            except OSError as error:
                self._problems[name] = f"no process can be started: {error.strerror}"
                debug.note("child", source=name, state="not started", error=error)
                return None
            self._children[name] = child
        debug.note("child", source=name, state="started", verb=verb[0], child=child.pid)
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, child.pid, NICE)
        return child

    def _awaited(self, name: str, child: subprocess.Popen[bytes]) -> None:
        """Wait for a child's end. What it could not even put into the store is kept as the source's problem."""
        assert child.stderr is not None
        assert child.stdin is not None
        began = time.monotonic()
        told = child.stderr.read(_TOLD)
        while child.stderr.read(1 << 16):
            pass
        code = child.wait()
        took = (time.monotonic() - began) * 1e3
        debug.note("child", source=name, state="ended", child=child.pid, code=code, ms=took)
        child.stdin.close()
        child.stderr.close()
        with self._lock:
            del self._children[name]
        problem = _problem(told.decode("utf-8", "replace")) if code not in (0, BUSY) else ""
        if problem and not self._stopping.is_set():
            self._problems[name] = shown(problem, 500)
        elif code != BUSY:
            self._problems.pop(name, None)


def _micros(instant: datetime) -> int:
    return int(instant.timestamp() * 1_000_000)


def _problem(told: str) -> str:
    """Return what went wrong by a child's last words; empty where they are notes, and the store has the rest."""
    lines = told.strip().splitlines()
    if any(line.startswith("Traceback ") for line in lines):
        return lines[-1]
    named = [line.partition(": ")[2] for line in lines if line.startswith(("northstar: ", "Error: "))]
    return named[-1] if named else ""
