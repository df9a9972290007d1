"""What is done about records in quarantine: read their source again once they are mended, settle them, open them again.

What needs words takes them in the prompt line. A child writes.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from northstar_tui.tui.actions import key_of
from northstar_tui.tui.prompt import Prompt

if TYPE_CHECKING:
    from northstar_tui.tui.cockpit import Cockpit
    from northstar_tui.views.feeding import Again

SETTLE, PATH = "settle", "path"
"""Purposes of the prompt: the words that settle a record, and the path of a file that is not where it was."""
_NAMED = 24
"""Longest name of a record's place before the words, in characters."""


def settle(cockpit: Cockpit) -> None:
    """Ask for the words that settle the selected record; open one again that is settled."""
    from northstar_tui.tui.screens.feeding import place_of

    record = cockpit.page.record()
    if record is None:
        cockpit.say(f"Select a record in quarantine first; {key_of('section')} goes there")
    elif record.settled_at is None:
        cockpit.prompt = Prompt.on(SETTLE, about=record.id, label=f"settle {_short(place_of(record))} because")
    else:
        cockpit.let_write(["quarantine", "--reopen", str(record.id)])


def _short(name: str) -> str:
    return name if len(name) <= _NAMED else "…" + name[1 - _NAMED :]


def read_again(cockpit: Cockpit, again: Again) -> None:
    """Read a source again: fetch it, or import the file; where the file is not found, ask for its path."""
    syncing = cockpit.syncing
    config = syncing.feed.config if syncing.feed is not None else None
    folders = [Path.cwd(), cockpit.store.resolve().parent, *([config.resolve().parent] if config else [])]
    message = syncing.retry(again, folders)
    if message is not None:
        cockpit.message = message
        cockpit.watch()
    else:
        cockpit.prompt = Prompt.on(PATH, again.path or "", about=again, label=f"path of {again.file or ''}")


def submit(cockpit: Cockpit, prompt: Prompt) -> None:
    """Take what was typed: the words, or the path."""
    text = prompt.text.strip()
    if prompt.purpose == SETTLE:
        if not text:
            cockpit.prompt = prompt.failed("say why: it stays with the record")
            return
        cockpit.prompt = None
        cockpit.let_write(["quarantine", "--settle", f"--because={text}", str(prompt.about)])
        return
    path = Path(text).expanduser()
    if not text or not path.is_file():
        cockpit.prompt = prompt.failed("there is no such file" if text else "type the path of the mended file")
        return
    cockpit.prompt = None
    cockpit.message = cockpit.syncing.import_again(prompt.about, path.absolute())
    cockpit.watch()
