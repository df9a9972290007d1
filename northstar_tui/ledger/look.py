"""When the operator last looked at the cockpit: the instant, how far the log went, and what the total was."""

from __future__ import annotations

import json
from typing import NamedTuple

from northstar_tui.ledger.store import Store

_NAME = "looked"


class Look(NamedTuple):
    """What the operator saw last."""

    at: int
    """Microseconds UTC."""
    event: int
    """Id of the newest event then."""
    net: int
    """Net P&L of all time as shown then, micro-dollars."""


def last_look(store: Store) -> Look | None:
    """Return when the operator last looked; None where nobody has yet."""
    row = store.connection.execute("SELECT value FROM meta WHERE name = ?", (_NAME,)).fetchone()
    return Look(**json.loads(row[0])) if row else None


def remember(store: Store, look: Look) -> None:
    """Remember `look` as the last one, unless a later one is remembered already. `store` is open to write."""
    with store.transaction():
        last = last_look(store)
        if last is None or last.at < look.at:
            store.connection.execute(
                "INSERT INTO meta VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value",
                (_NAME, json.dumps(look._asdict())),
            )
