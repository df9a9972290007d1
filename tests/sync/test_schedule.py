"""The schedule: due when it should be, kept by one, taken over when that dies, and only ever starting children."""

from __future__ import annotations

import os
import pty
import re
import select
import signal
import subprocess
import sys
import termios
import textwrap
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from test_sync_verb import known, until
from tiny import Office, TinyFake, table

from northstar_tui.config import SourceSettings, load
from northstar_tui.errors import ConfigError
from northstar_tui.ledger.health import last_runs
from northstar_tui.ledger.store import Store, StoreError, now
from northstar_tui.sync import schedule as module
from northstar_tui.sync.schedule import Schedule
from northstar_tui.sync.triggers import after, missed, triggers

NEW_YORK = ZoneInfo("America/New_York")


def source(**times: Any) -> SourceSettings:
    return SourceSettings("x", "tiny", **times)


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=NEW_YORK)


def next_after(at: str, moment: str) -> str:
    (trigger,) = triggers(source(at=(at,)), "America/New_York")
    found = after(trigger, local(moment), local(moment))
    return f"{found.astimezone(NEW_YORK):%Y-%m-%dT%H:%M}"


@pytest.mark.parametrize(
    ("at", "moment", "expected"),
    [
        ("10:05", "2026-02-25T10:04", "2026-02-25T10:05"),
        ("10:05", "2026-02-25T10:05", "2026-02-26T10:05"),
        ("9:05", "2026-03-07T12:00", "2026-03-08T09:05"),  # the clocks go forward in between
        ("0 16 * * 1-5", "2026-02-27T17:00", "2026-03-02T16:00"),  # Friday evening: Monday
        ("0 16 * * 0", "2026-02-25T00:00", "2026-03-01T16:00"),  # cron's 0 is Sunday
        ("0 16 * * 7", "2026-02-25T00:00", "2026-03-01T16:00"),
        ("0 16 * * 0-2", "2026-02-25T00:00", "2026-03-01T16:00"),
        ("0 16 * * sun,wed", "2026-02-25T17:00", "2026-03-01T16:00"),
        ("*/15 * * * *", "2026-02-25T10:05", "2026-02-25T10:15"),
        ("0 0 1 */3 *", "2026-02-25T10:05", "2026-04-01T00:00"),
        ("0 9 13 * fri", "2026-02-25T10:05", "2026-02-27T09:00"),  # both stated: the Friday …
        ("0 9 13 * fri", "2026-04-11T10:05", "2026-04-13T09:00"),  # … or the 13th, here a Monday, is enough
        ("0 9 13 * fri", "2026-03-12T10:05", "2026-03-13T09:00"),  # both at once: once
        ("0 9 13 * fri", "2026-03-13T09:00", "2026-03-20T09:00"),
        ("0 9 13 * *", "2026-03-01T00:00", "2026-03-13T09:00"),
        ("0 9 * * fri", "2026-03-01T00:00", "2026-03-06T09:00"),
        ("0 9 */2 * mon", "2026-03-01T00:00", "2026-03-09T09:00"),  # one begins with *: the odd Mondays
        ("0 9 1-7 * */7", "2026-03-02T00:00", "2026-04-05T09:00"),  # cron's way to write the first Sunday
        ("0 9 * * */2", "2026-03-01T10:00", "2026-03-03T09:00"),  # counted from Sunday: Tuesday
        ("0 9 * * mon-fri/2", "2026-03-02T10:00", "2026-03-04T09:00"),
        ("0 9 * * 0-7", "2026-03-02T10:00", "2026-03-03T09:00"),
        ("0 9 * * 0-0", "2026-03-02T10:00", "2026-03-08T09:00"),
        ("0 9 * * fri-sun", "2026-03-01T10:00", "2026-03-06T09:00"),
        ("0 9 * * FRI-SUN", "2026-03-07T10:00", "2026-03-08T09:00"),
        ("0 9 * * 4/2", "2026-03-06T10:00", "2026-03-07T09:00"),
    ],
)
def test_times_are_local_and_cron_is_crons(at: str, moment: str, expected: str) -> None:
    assert next_after(at, moment) == expected


@pytest.mark.parametrize(
    "at",
    [
        "99 * * * *",
        "* * 0 * *",
        "* * * * 8",
        "* * * * foo",
        "x x x x x",
        "* * * * 5-2",
        "* * * * 1/0",
        "* * * * -",
        "* * * * 1,,2",
    ],
)
def test_a_time_that_is_none_names_the_source(at: str) -> None:
    with pytest.raises(ConfigError, match=r"sources.x: at = "):
        triggers(source(at=(at,)), "UTC")


def test_an_interval_counts_from_the_last_run() -> None:
    (trigger,) = triggers(source(every="6h"), "UTC")
    instant = datetime(2026, 2, 25, 12, tzinfo=UTC)
    assert after(trigger, instant - timedelta(hours=2), instant) == instant + timedelta(hours=4)
    assert not missed(trigger, instant - timedelta(hours=2), instant)
    assert missed(trigger, instant - timedelta(hours=7), instant)
    (daily,) = triggers(source(at=("10:05",)), "UTC")
    assert missed(daily, datetime(2026, 2, 25, 10, 0, tzinfo=UTC), instant)
    assert not missed(daily, datetime(2026, 2, 25, 10, 5, tzinfo=UTC), instant)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch, office: Office) -> None:
    """A schedule that begins at once, whose children are in the office's environment, and not starved by others."""
    monkeypatch.setattr(module, "START_SECONDS", 0.01)
    monkeypatch.setattr(module, "STOP_SECONDS", 60.0)
    monkeypatch.setattr(module, "NICE", 1)
    for name, value in office.env().items():
        monkeypatch.setenv(name, value)


def made(office: Office) -> Schedule:
    return Schedule(load(office.folder / "config.toml"), office.path)


def runs(office: Office) -> int:
    try:
        with office.store() as store:
            return int(store.connection.execute("SELECT count(*) FROM run WHERE outcome != 'running'").fetchone()[0])
    except StoreError:  # not made yet
        return 0


@pytest.mark.usefixtures("quick")
def test_what_is_due_runs_in_a_child_and_then_at_its_time(office: Office, fake: TinyFake) -> None:
    office.config(table(fake, every="2s"), table(fake, "b", every="1h"), table(fake, "c"))
    with made(office) as schedule:
        until(lambda: runs(office) >= 4)
        assert schedule.keeping
        until(lambda: set(schedule.next_runs()) == {"tiny", "tiny:b"})
        assert schedule.next_runs()["tiny:b"] > now() + 3_000_000_000
        assert [(plan.name, plan.every, plan.next_run is None) for plan in schedule.plans()] == [
            ("tiny", 2_000_000, False), ("tiny:b", 3_600_000_000, False), ("tiny:c", None, True)
        ]  # fmt: skip
    with office.store() as store:
        assert "tiny:c" not in last_runs(store)
    begun = len(fake.requests)
    assert not schedule.keeping and not schedule.next_runs() and not schedule.running()
    assert schedule._thread is not None and not schedule._thread.is_alive()
    time.sleep(2.5)
    assert len(fake.requests) == begun, "it ended with the cockpit"
    with made(office) as schedule:
        until(lambda: schedule.keeping)
        soon = schedule.next_runs()["tiny:b"]
        assert now() + 3_000_000_000 < soon < now() + 3_600_000_000, "counted from its last run, not from this start"


@pytest.mark.usefixtures("quick")
def test_run_now_tries_at_once_whoever_keeps_the_schedule(office: Office, fake: TinyFake) -> None:
    office.config(table(fake))
    with made(office) as schedule:
        assert schedule.run_now("tiny")
        assert not schedule.run_now("tiny"), "one at a time"
        assert schedule.running() == ["tiny"]
        until(lambda: not schedule.running())
        assert not schedule.keeping, "no source has a time"
    with office.store() as store:
        assert last_runs(store)["tiny"].new == 25


@pytest.mark.usefixtures("quick")
def test_a_child_that_cannot_even_begin_is_told(office: Office, fake: TinyFake) -> None:
    office.config(table(fake, every="1h"))
    schedule = made(office)
    office.config("[sources.tiny]\nevery = 5")
    with schedule:
        until(lambda: schedule.plans()[0].problem)
        assert "sources.tiny.every" in schedule.plans()[0].problem
        office.config(table(fake, every="1h"))
        schedule.run_now("tiny")
        until(lambda: not schedule.plans()[0].problem)


@pytest.mark.usefixtures("quick")
def test_a_failure_is_the_stores_to_tell_and_a_breaker_is_not_forced(
    office: Office, fake: TinyFake, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended: list[str] = []
    awaited = Schedule._awaited

    def noted(self: Schedule, name: str, child: Any) -> None:
        awaited(self, name, child)
        ended.append(name)

    monkeypatch.setattr(Schedule, "_awaited", noted)
    office.config(table(fake, every="1s"))
    fake.misbehave("401")
    with made(office) as schedule:
        until(lambda: runs(office) == 3)
        asked, children = len(fake.requests), len(ended)
        until(lambda: len(ended) >= children + 3)
        assert (len(fake.requests), runs(office)) == (asked, 3), "the breaker holds it back"
        assert not schedule.plans()[0].problem
        fake.misbehave(None)
        until(lambda: schedule.run_now("tiny"))
        until(lambda: runs(office) >= 4)
    with Store.open(office.path) as store:
        assert last_runs(store)["tiny"].outcome == "done"


@pytest.mark.usefixtures("quick")
def test_children_end_with_the_cockpit(office: Office, fake: TinyFake) -> None:
    office.config(table(fake, every="1h", mode="hang"))
    with made(office) as schedule:
        until(lambda: known(office.path) == 10)
        (child,) = schedule._children.values()
        assert os.getpriority(os.PRIO_PROCESS, child.pid) == module.NICE
    assert child.poll() not in (None, -signal.SIGKILL), "by itself"
    with office.store() as store:
        assert (last_runs(store)["tiny"].outcome, last_runs(store)["tiny"].new) == ("stopped", 10)


COCKPIT = textwrap.dedent("""
    import sys, time
    from contextlib import contextmanager
    from pathlib import Path
    from northstar_tui.config import load
    from northstar_tui.sync import schedule
    schedule.START_SECONDS = 0.01
    held = schedule.held
    @contextmanager
    def looked(*arguments):
        at = time.monotonic()
        with held(*arguments) as mine:
            print("look", at, mine, flush=True)
            yield mine
    schedule.held = looked
    settings = load(Path(sys.argv[1]))
    with schedule.Schedule(settings, settings.store_path()):
        time.sleep(600)
""")


def cockpit(office: Office) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", COCKPIT, str(office.folder / "config.toml")],
        env=office.env(), stdout=subprocess.PIPE, text=True,
    )  # fmt: skip


def looks(cockpit: subprocess.Popen[str]) -> Iterator[tuple[float, bool]]:
    """Give each look of a cockpit for the schedule: when it began (monotonic, of the machine), and whether it got it.

    It ends with the one that got it.
    """
    assert cockpit.stdout is not None
    for line in cockpit.stdout:
        _, at, mine = line.split()
        yield float(at), mine == "True"
        if mine == "True":
            return
    raise AssertionError("it ended")


def test_another_takes_over_at_its_first_look_after_a_kill_and_orphans_end(office: Office, fake: TinyFake) -> None:
    assert module.START_SECONDS + module.LOOK_SECONDS < 5, "what is promised"
    office.config(table(fake, every="1h", mode="hang"))
    first = cockpit(office)
    second = None
    try:
        assert [mine for _, mine in looks(first)] == [True]
        until(lambda: known(office.path) == 10, 120)
        second = cockpit(office)
        seen = looks(second)
        begun, mine = next(seen)
        assert not mine, "one keeps it"
        again, mine = next(seen)
        assert not mine and again - begun >= module.LOOK_SECONDS, "a look costs little, and is seldom"
        first.send_signal(signal.SIGKILL)
        first.wait()
        dead = time.monotonic()
        later = list(seen)
        assert later[-1][1]
        assert all(at < dead for at, mine in later if not mine), "the first look after its death"
        until(lambda: runs(office) >= 1, 120)
        with office.store() as store:
            row = store.connection.execute("SELECT outcome FROM run ORDER BY id LIMIT 1").fetchone()
        assert row == ("stopped",), "the child of the dead cockpit ended by itself, cleanly"
    finally:
        for process in (first, second):
            if process is not None:
                process.kill()
                process.communicate()


def test_the_real_cockpit_fetches_by_itself_and_leaves_nothing_behind(office: Office, fake: TinyFake) -> None:
    office.config(table(fake, every="1h"))
    master, slave = pty.openpty()
    termios.tcsetwinsize(slave, (40, 120))
    office.environment["TERM"] = "xterm-256color"
    child = office.start(stdin=slave, stdout=slave, stderr=slave, start_new_session=True)
    os.close(slave)
    shown = bytearray()

    def read() -> bool:
        while select.select([master], [], [], 0)[0]:
            try:
                part = os.read(master, 1 << 16)
            except OSError:
                return True
            shown.extend(part)
            if not part:
                return True
        return False

    try:
        until(lambda: (read(), runs(office))[1] == 1, 120)
        until(lambda: (read(), b"tiny" in shown)[1])
        os.write(master, b"q")
        until(lambda: (read(), child.poll() is not None)[1])
    finally:
        child.kill()
        child.communicate()
        os.close(master)
    assert child.returncode == 0
    assert b"Traceback" not in shown


def test_waiting_for_the_schedule_costs_nothing(office: Office, fake: TinyFake) -> None:
    office.config(table(fake, every="1h"))
    office.run("sync")
    keeper, waiting = cockpit(office), None
    try:
        list(looks(keeper))
        waiting = cockpit(office)
        assert not next(looks(waiting))[1]
        both = (keeper, waiting)
        until(lambda: all(quiet(each.pid) for each in both))
        began, before = time.monotonic(), [used(each.pid) for each in both]
        time.sleep(4)
        after, took = [used(each.pid) for each in both], time.monotonic() - began
    finally:
        for process in (keeper, waiting):
            if process is not None:
                process.kill()
                process.communicate()
    wakes = [now[0] - then[0] for now, then in zip(after, before, strict=True)]
    ticks = [now[1] - then[1] for now, then in zip(after, before, strict=True)]
    assert wakes[0] <= 2 + took / 10, "the keeper sleeps"
    assert wakes[1] <= 10 * (1 + took / module.LOOK_SECONDS), "who waits looks seldom"
    assert max(ticks) <= 0.1, "nobody spins"


def used(pid: int) -> tuple[int, float]:
    """Return how often a process went to sleep by itself, and the seconds of processor that it has used."""
    tasks = list(Path(f"/proc/{pid}/task").iterdir())
    slept = sum(
        int(re.findall(r"(?m)^voluntary_ctxt_switches:\s*(\d+)", (task / "status").read_text())[0]) for task in tasks
    )
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return slept, (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def quiet(pid: int) -> bool:
    """Whether a process does nothing for half a second: it has begun, however long that took."""
    before = used(pid)
    time.sleep(0.5)
    states = {(task / "stat").read_text().rpartition(")")[2].split()[0] for task in Path(f"/proc/{pid}/task").iterdir()}
    return used(pid) == before and states == {"S"}


def test_without_times_nothing_is_loaded() -> None:
    script = (
        "import sys\nfrom northstar_tui.config import *\nfrom pathlib import Path\n"
        "from northstar_tui.sync.schedule import Schedule\n"
        "s = Schedule(Settings(sources=(SourceSettings('x', 'x'),)), Path('/nowhere/s.db'))\ns.start()\ns.stop()\n"
        "print([m for m in ('apscheduler', 'httpx', 'asyncio') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
