"""Writing notes and tags: what the operator says goes into the log as everything else does, by `append`."""

from __future__ import annotations

from collections.abc import Collection

from northstar_tui.errors import NorthStarError
from northstar_tui.events import Batch, Event
from northstar_tui.ledger import queries
from northstar_tui.ledger.queries import Entry
from northstar_tui.ledger.store import Store, now
from northstar_tui.notes import NOTED, OPERATOR, TAGGED, UNTAGGED, about, note_of


class NoEntryError(NorthStarError):
    """There is no entry of that id to say anything about."""


def add_note(store: Store, entry_id: int, text: str) -> Entry:
    """Note `text` about an entry; return the entry as it is then. Raises NoEntryError, ValueError, StoreError."""
    note = note_of(text)
    entry = _entry(store, entry_id)
    event = Event(OPERATOR, about(entry.source, entry.key), NOTED, now(), {"text": note}, text)
    store.append(Batch(OPERATOR, [event]))
    return _entry(store, entry_id)


def change_tags(store: Store, entry_id: int, add: Collection[str], remove: Collection[str]) -> Entry:
    """Add and remove tags, as `tag_of` gives them; return the entry as it is then. What is so already says nothing.

    Raises NoEntryError, StoreError.
    """
    with store.transaction():
        entry = _entry(store, entry_id)
        key, at = about(entry.source, entry.key), now()
        said = [(TAGGED, "+", tag) for tag in sorted(set(add)) if tag not in entry.tags]
        said += [(UNTAGGED, "-", tag) for tag in sorted(set(remove) - set(add)) if tag in entry.tags]
        events = [Event(OPERATOR, key, kind, at, {"tag": tag}, sign + tag) for kind, sign, tag in said]
        if events:
            store.append_within(Batch(OPERATOR, events))
        return _entry(store, entry_id)


def _entry(store: Store, entry_id: int) -> Entry:
    found = queries.entry(store, entry_id)
    if found is None:
        raise NoEntryError(f"there is no entry {entry_id}", "northstar trades --json lists their ids")
    return found
