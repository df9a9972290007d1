"""What a filter asks for that the store has never heard of: a misspelt name finds nothing, and must say why."""

from __future__ import annotations

from northstar_tui.errors import nearest, shown
from northstar_tui.ledger.store import Store
from northstar_tui.ledger.terms import DIMENSIONS, KINDS, NAMES, Kind, Name, Where, knows, members, named
from northstar_tui.views.base import where_text

_COMPARED = 1_000
"""Names of one kind that are compared with a misspelt one: a store can hold a million instruments."""
_TOLD = 6
"""Names of a kind up to which they are told one by one."""


def unknown(store: Store, where: Where) -> str:
    """Return which names of a filter the store does not know, and what may be meant; empty where it knows all.

    It costs a look into an index for each name, and no entry is read.
    """
    said = [
        _said(store, KINDS[term.kind], name)
        for term in where
        if KINDS[term.kind].takes == NAMES
        for name in term.values
        if not knows(store, KINDS[term.kind].axis, name)
    ]
    return "; ".join(said)


def _said(store: Store, kind: Kind, name: Name) -> str:
    if not name.text:
        return f"nothing in the store has a {kind.name}"
    what = f"that begins with {shown(name.text, 40)}" if name.prefix else shown(name.text, 40)
    meant = _meant(store, kind, name.text)
    return f"the store knows no {kind.name} {what}" + (f": {meant}" if meant else "")


def _meant(store: Store, kind: Kind, text: str) -> str:
    """Return what may be meant by `text`: a name like it, of that kind or of another; else those that there are."""
    mine = members(store, kind.axis, text[:3] if kind.name not in DIMENSIONS else "", _COMPARED)
    for axis in (kind.name, *DIMENSIONS):
        near = nearest(text, mine if axis == kind.name else members(store, axis, "", _COMPARED))
        if near:
            return f"did you mean {shown(where_text((named(axis, near),)), 60)}?"
    if not mine or len(mine) > _TOLD or kind.name not in DIMENSIONS:
        return ""
    return f"it has {', '.join(shown(each, 40) for each in mine)}"
