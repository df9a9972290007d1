"""How far a mail source has been read, as the text that the ledger stores with the rows it covers."""

from __future__ import annotations

import msgspec

from northstar_tui.sources.mail.memory import Bet

SEEN_MAX = 20_000
"""Mails with bets that are remembered by identity. An older one that turns up again says nothing new by its keys."""


class Folder(msgspec.Struct, omit_defaults=True):
    """How far one folder of the server has been read, in UIDs."""

    validity: int
    """UIDVALIDITY: UIDs mean nothing under another one."""
    last: int = 0
    rules: str = ""
    """Under which settings."""
    again: int = 0
    """Up to here the mails were read before, under other settings, and are read again."""


class Tally(msgspec.Struct, omit_defaults=True):
    """What was met so far, in mails: from the allow-list, of those with bets or results, and from others."""

    read: int = 0
    with_bets: int = 0
    ignored: int = 0


class File(msgspec.Struct, array_like=True):
    """A file that was read to its end: a digest of its size and time, and what was met in it."""

    mark: str
    tally: Tally


class State(msgspec.Struct, omit_defaults=True):
    """All of it."""

    account: str = ""
    folders: dict[str, Folder] = {}
    files: dict[str, File] = {}
    """Of files read to their end, by a digest of their name."""
    rules: str = ""
    """Under which settings the files were read."""
    again: bool = False
    """Whether the files are being read again, under other settings."""
    seen: list[str] = []
    bets: list[Bet] = []
    tally: Tally = msgspec.field(default_factory=Tally)
    """Of the server's folders; a file has its own."""


def decode(text: str | None, account: str) -> State:
    """Return the state that `text` holds; a new one where it holds none, or another account's folders."""
    if text is None:
        return State(account)
    try:
        state = msgspec.json.decode(text, type=State)
    except msgspec.DecodeError:
        # Written by another version: everything is read again, and nothing counts twice.
        return State(account)
    if state.account != account:
        state.account, state.folders = account, {}
    return state


def encode(state: State) -> str:
    """Return `state` as the cursor's text."""
    del state.seen[:-SEEN_MAX]
    return msgspec.json.encode(state).decode()
