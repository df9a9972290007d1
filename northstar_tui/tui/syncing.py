"""Fetching on the operator's word: which child processes were started, how far they are, how they ended.

The work is the children's; here is only what to say of them. A child's result is read from the store, where it put it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol

from northstar_tui.calendar import Epoch
from northstar_tui.ledger import health
from northstar_tui.ledger.health import RunRow
from northstar_tui.ledger.store import Store, now
from northstar_tui.text import safe
from northstar_tui.views.operations import Planned

if TYPE_CHECKING:
    from northstar_tui.views.feeding import Again
    from northstar_tui.views.outlook import Known

READING = "reading …"
LOOK = 0.4
"""Seconds between two looks at children that were asked for."""
SILENT = "Nothing arrives by itself yet: northstar init writes a config, sources stand in it under [sources.NAME]"
SIMULATED = "This is a demo: its sources are simulated, and their events come by themselves"
ALL_OFF = "Every source is off: enabled = true under [sources.NAME] in the config turns one on"


class Feed(Protocol):
    """What starts children, and knows of them (`sync.schedule.Schedule` is one)."""

    @property
    def config(self) -> Path | None: ...
    @property
    def epochs(self) -> tuple[Epoch, ...]: ...
    def start(self) -> None: ...
    @property
    def known(self) -> Known: ...
    def plans(self) -> tuple[Planned, ...]: ...
    def running(self) -> list[str]: ...
    def problem(self, name: str) -> str: ...
    def run_now(self, name: str) -> bool: ...
    def import_now(self, name: str, path: Path, told: Sequence[str]) -> bool: ...


class Told(NamedTuple):
    """How far a child is, or how it ended."""

    name: str
    running: bool
    new: int
    run: RunRow | None
    """Its run, once that has begun."""
    problem: str
    doing: str = READING

    @property
    def text(self) -> str:
        """In words."""
        from northstar_tui.views.feeding import result_words

        if not self.running:
            return safe(result_words(self.name, self.run, self.problem))
        return safe(f"{self.name}: {self.doing}") + (f" {self.new:,} new so far" if self.new else "")

    @property
    def failed(self) -> bool:
        """Whether it ended and something is to be done."""
        return not self.running and (bool(self.problem) or self.run is None or self.run.outcome == "failed")


class Syncing:
    """The children that the operator asked for."""

    def __init__(self, feed: Feed | None) -> None:
        self.feed = feed
        self._asked: dict[str, tuple[int, str]] = {}
        """Name to when it was asked for (microseconds UTC), and what it does."""
        self._ended: dict[str, Told] = {}
        """Ended ones of which others that were asked for with them still run."""

    def begin(self) -> None:
        """Keep the schedule from now on."""
        if self.feed is not None:
            self.feed.start()

    @property
    def plans(self) -> tuple[Planned, ...]:
        """What config and schedule say of each source."""
        return self.feed.plans() if self.feed is not None else ()

    @property
    def known(self) -> Known | None:
        """What the config says of days to come."""
        return self.feed.known if self.feed is not None else None

    @property
    def epochs(self) -> tuple[Epoch, ...]:
        """The stretches of time that the config names."""
        return self.feed.epochs if self.feed is not None else ()

    @property
    def busy(self) -> bool:
        """Whether the end of a child is waited for."""
        return bool(self._asked)

    def start(self, names: list[str]) -> str:
        """Start a sync of each source in `names`; return what to say now."""
        for name in names:
            if self.feed is not None:
                self._begin(name, self.feed.run_now, READING)
        return " · ".join(f"{safe(name)}: {READING}" for name in names)

    def start_all(self) -> str:
        """Start a sync of every source that is on; return what to say now; empty where none is configured."""
        plans = self.plans
        if not plans:
            return ""
        return self.start([plan.name for plan in plans if plan.enabled]) or ALL_OFF

    def retry(self, again: Again, folders: Sequence[Path]) -> str | None:
        """Start what reads a source again, its sync or the import of its file; return what to say now.

        None where there is a file to be imported, and it is neither where it was nor in one of `folders`.
        """
        name, file = again.source, again.file
        plan = next((plan for plan in self.plans if plan.name == name), None)
        if plan is not None and plan.enabled:
            return self.start([name])
        if plan is not None:
            return safe(f"{name} is off: enabled = true under its table in the config turns it on")
        if file is None:
            return safe(f"{name} comes from files: northstar import FILE brings more of it")
        named = [folder / file for folder in folders] if Path(file).name == file else []
        lay = [Path(again.path)] if again.path else []
        path = next((path for path in (*lay, *named) if path.is_file()), None)
        return None if path is None else self.import_again(again, path)

    def import_again(self, again: Again, path: Path) -> str:
        """Start the import of the file at `path`, told what it was told before; return what to say now."""
        feed = self.feed
        if feed is None:
            return SILENT
        doing = f"importing {path} again …"
        self._begin(again.source, lambda name: feed.import_now(name, path, again.told), doing)
        return safe(f"{again.source}: {doing}")

    def _begin(self, name: str, start: Callable[[str], bool], doing: str) -> None:
        """Start a child; one that could not even begin has ended, and its problem says why.

        Where one runs already, its end is the answer.
        """
        asked = now()
        running = not start(name) and self.feed is not None and name in self.feed.running()
        self._asked.setdefault(name, (0 if running else asked, doing))

    def question(self) -> Callable[[Store], tuple[Told, ...]]:
        """Return what to ask the store; which children have ended is settled before it is read."""
        feed, asked = self.feed, dict(self._asked)
        running = set(feed.running()) if feed is not None else set()
        problems = {name: feed.problem(name) for name in asked} if feed is not None else {}

        def ask(store: Store) -> tuple[Told, ...]:
            found = []
            for name, (since, doing) in asked.items():
                run = next(iter(health.runs(store, 1, name)), None)
                if run is not None and run.started_at < since and run.outcome != "running":
                    run = None
                going = name in running
                new = health.brought(store, name, since) if going else 0
                found.append(Told(name, going, new, run, "" if going else problems.get(name, ""), doing))
            return tuple(found)

        return ask

    def blind(self) -> tuple[Told, ...]:
        """Return what is known of the children without the store: as after a first sync that could not make one."""
        feed = self.feed
        if feed is None:
            return ()
        running = set(feed.running())
        return tuple(Told(name, name in running, 0, None, feed.problem(name)) for name in self._asked)

    def news(self, told: tuple[Told, ...]) -> str:
        """Take an answer; return what to say: failures first."""
        for each in told:
            if not each.running:
                self._asked.pop(each.name, None)
                self._ended[each.name] = each
        every = [*self._ended.values(), *(each for each in told if each.running)]
        if not self._asked:
            self._ended = {}
        if len(every) == 1:
            return every[0].text
        failed = [f"{safe(each.name)} failed" for each in every if each.failed]
        rest = [each.text for each in sorted(every, key=lambda each: each.running) if not each.failed]
        return " · ".join([*failed, *rest, *(["7 says why"] if failed else [])])
