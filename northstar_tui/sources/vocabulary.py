"""What an event that comes from outside as an event must hold, so that the ledger can take it."""

from __future__ import annotations

from northstar_tui.calendar import MAX_TIME, MIN_TIME
from northstar_tui.errors import shown
from northstar_tui.events import Event
from northstar_tui.money import MAX_MICROS
from northstar_tui.notes import OPERATOR, check_said

_AMOUNTS = ("stake", "gross", "fees", "net", "amount", "refunded")
_TIMES = ("opened_at", "closed_at")
_TEXTS = ("instrument", "title", "side", "category", "currency", "quantity", "price", "exit_price", "odds", "result")
_NEEDS = {
    "trade.closed": ("gross", "net", "closed_at"),
    "bet.settled": ("gross", "net"),
    "credit.received": ("net",),
    "cost.incurred": ("amount",),
    "job.refunded": ("refunded",),
}
"""Facts without which a kind bears no money."""


def unfit(event: Event) -> tuple[str, str] | None:
    """Return (field, why) where `event` breaks the vocabulary of `events`, None where it keeps it."""
    for name in ("source", "key", "kind"):
        text = getattr(event, name)
        if not text or "\0" in text:
            return name, "it must be a text without NUL characters"
    for name, value in (("occurred_at", event.occurred_at), ("recorded_at", event.recorded_at)):
        if value is not None and not MIN_TIME <= value < MAX_TIME:
            return name, f"{value} is no instant in microseconds since 1970"
    body = event.body
    for name in _AMOUNTS:
        if name in body and not (type(body[name]) is int and abs(body[name]) <= 2 * MAX_MICROS):
            return f"body.{name}", f"{shown(repr(body[name]))} is no whole number of micro-units"
    for name in _TIMES:
        if name in body and not (type(body[name]) is int and MIN_TIME <= body[name] < MAX_TIME):
            return f"body.{name}", f"{shown(repr(body[name]))} is no instant in microseconds since 1970"
    for name in _TEXTS:
        if name in body and not isinstance(body[name], str):
            return f"body.{name}", f"{shown(repr(body[name]))} is no text"
    if event.source == OPERATOR:
        try:
            check_said(event.key, event.kind, body)
        except ValueError as error:
            return "event", str(error)
    missing = [name for name in _NEEDS.get(event.kind, ()) if name not in body]
    return (f"body.{missing[0]}", f"a {event.kind} must state it") if missing else None
