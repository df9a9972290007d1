"""Writing what the operator types: notes, tags, why a record is settled. A child process writes, as for all that comes.

A store that another process holds for long (a rebuild, a large import) would keep a writing worker from reading: the
words go to `northstar note`, `tag` and `quarantine`, and what the child says at its end stands in the footer.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from northstar_tui.money import dollars
from northstar_tui.notes import note_of, tags_of
from northstar_tui.tui.paint import fit, width
from northstar_tui.tui.prompt import Prompt

if TYPE_CHECKING:
    from northstar_tui.tui.cockpit import Cockpit

LOOK = 0.05
"""Seconds between two looks whether a child has ended."""
PATIENCE = 3.0
"""Seconds that leaving waits for one."""
_NAMED = 24
"""Longest title of an entry before what is typed about it, in cells."""
_TOLD = 4_000
"""Bytes of its last words that are read."""


class Noting:
    """The children that write for the operator."""

    def __init__(self, store: Path) -> None:
        self._store = store
        self._children: list[subprocess.Popen[bytes]] = []

    def start(self, verb: Sequence[str], config: Path | None) -> str:
        """Start a verb that writes, given with its arguments; return what went wrong, empty where nothing did."""
        command = [sys.executable, "-m", "northstar_tui", "--store", str(self._store)]
        if config is not None:
            command += ["--config", str(config)]
        command += verb
        try:
            child = subprocess.Popen(  # noqa: S603 - our own command line, no shell
                command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
            )
        except OSError as error:
            return f"no process can be started: {error.strerror}"
        self._children.append(child)
        return ""

    def close(self) -> None:
        """Wait for the children that still write: what was typed is not lost by leaving. One that waits long is let
        go: it ends by itself."""
        for child in self._children:
            assert child.stderr is not None
            try:
                child.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                continue
            child.stderr.close()

    @property
    def busy(self) -> bool:
        """Whether the end of a child is waited for."""
        return bool(self._children)

    def ended(self) -> list[str]:
        """Return what the children said that have ended since the last call."""
        told = []
        for child in list(self._children):
            if child.poll() is not None:
                self._children.remove(child)
                assert child.stderr is not None
                lines = child.stderr.read(_TOLD).decode("utf-8", "replace").strip().splitlines()
                child.stderr.close()
                last = lines[-1] if lines else f"it ended with code {child.returncode} and no word"
                told.append(last.removeprefix("northstar: ").removeprefix("Error: "))
        return told


def note(cockpit: Cockpit) -> None:
    """Let a note be typed about the selected entry."""
    _write(cockpit, "note")


def tag(cockpit: Cockpit) -> None:
    """Let tags be typed for the selected entry."""
    _write(cockpit, "tag")


def _write(cockpit: Cockpit, purpose: str) -> None:
    """Let a note or tags be typed about the selected entry."""
    entry = cockpit.page.about()
    if entry is None:
        cockpit.say("Select an entry first: notes and tags are about one")
    else:
        from northstar_tui.tui.screens.listing import plain_title

        lead = "tags +add -remove of" if purpose == "tag" else "note on"
        name = fit(plain_title(entry), min(width(plain_title(entry)), _NAMED), ellipsis=cockpit.look.glyphs.ellipsis)
        cockpit.prompt = Prompt.on(purpose, about=entry.id, label=f"{lead} {name} {dollars(entry.net, plus=True)}")


def written(cockpit: Cockpit, prompt: Prompt) -> None:
    """Hand what was typed to the child that writes it, or say what is wrong with it."""
    try:
        words = prompt.text.split() if prompt.purpose == "tag" else [note_of(prompt.text)]
        if prompt.purpose == "tag":
            tags_of(words)
    except ValueError as error:
        cockpit.prompt = prompt.failed(str(error))
        return
    cockpit.prompt = None
    cockpit.let_write([prompt.purpose, "--", str(prompt.about), *words])
