"""The schedule, made when it is first needed: nothing of it loads before the first paint, or where nothing runs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from northstar_tui.calendar import Epoch
from northstar_tui.config import Settings
from northstar_tui.views.operations import Planned

if TYPE_CHECKING:
    from northstar_tui.sync.ahead import Charge
    from northstar_tui.sync.schedule import Schedule
    from northstar_tui.views.outlook import Known


class LateSchedule:
    """What `syncing.Feed` asks for, by a `Schedule` that comes to be on the first start of anything."""

    def __init__(self, settings: Settings, store: Path, *, fetches: bool = True) -> None:
        """Without `fetches` the sources of `settings` are only known, never read: those of a simulated company."""
        self._settings = settings
        self._sources = settings.sources if fetches else ()
        self._store = store
        self._made: Schedule | None = None
        self._known: Known | None = None

    @property
    def config(self) -> Path | None:
        """The config's file; None where there is none."""
        return self._settings.path

    @property
    def epochs(self) -> tuple[Epoch, ...]:
        """The stretches of time that the config names."""
        return self._settings.epochs

    @property
    def known(self) -> Known:
        """What the config says of days to come; the charges are laid out when they are asked for."""
        if self._known is None:
            from northstar_tui.views.outlook import Known

            self._known = Known(self._settings.budgets, self._charges)
        return self._known

    def _charges(self, today: date) -> tuple[Charge, ...]:
        from northstar_tui.sync.ahead import charges

        return charges(self._settings, today)

    def plans(self) -> tuple[Planned, ...]:
        """Return what config and schedule say of each source."""
        if self._made is not None:
            return self._made.plans()
        if not self._sources:
            return ()
        from northstar_tui.sync.plan import plans

        return plans(self._settings)

    def running(self) -> list[str]:
        """Return the sources whose children of ours run now."""
        return self._made.running() if self._made is not None else []

    def problem(self, name: str) -> str:
        """Return what the last child of a source could not put into the store."""
        return self._made.problem(name) if self._made is not None else ""

    def run_now(self, name: str) -> bool:
        """Start a sync of a source."""
        return self._schedule().run_now(name)

    def import_now(self, name: str, path: Path, told: Sequence[str]) -> bool:
        """Start an import of the file that a source came from."""
        return self._schedule().import_now(name, path, told)

    def start(self) -> None:
        """Begin to keep the schedule, where the config has sources."""
        if self._sources:
            self._schedule().start()

    def stop(self) -> None:
        """End the schedule and its children."""
        if self._made is not None:
            self._made.stop()

    def _schedule(self) -> Schedule:
        if self._made is None:
            from northstar_tui.sync.schedule import Schedule

            self._made = Schedule(self._settings, self._store)
        return self._made
