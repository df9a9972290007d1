"""What the operator says about an entry: notes and tags, as the events that the log keeps. Pure.

An entry is named by its source and key, so what is said about it survives rebuilds, corrections, and the way through a
file into another store. Nothing said here bears money.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

OPERATOR = "operator"
"""The source of what the operator says."""
NOTED, TAGGED, UNTAGGED = "note.added", "tag.added", "tag.removed"
NOTE_MAX = 2_000
"""Characters of a note."""
_TAG = re.compile(r"[^\W_][\w.:/-]{0,39}")


def about(source: str, key: str) -> str:
    """Return the operator's own key for what is said about the entry `key` of `source`."""
    return json.dumps([source, key], ensure_ascii=False, separators=(",", ":"))


def tag_of(text: str) -> str:
    """Return the tag that `text` names: lower case, without its ``#``. Raises ValueError for what is none."""
    name = text.removeprefix("#").lower()
    if not _TAG.fullmatch(name):
        raise ValueError(
            f"{text!r} is no tag: write a letter or digit, then letters, digits and . _ : / -, at most 40 in all"
        )
    return name


def tags_of(words: Iterable[str]) -> tuple[list[str], list[str]]:
    """Return the tags that words such as ``+late``, ``chased`` and ``-early`` add, and those that they remove.

    Raises ValueError for what is no tag, for one that is both, and for no word at all.
    """
    add: list[str] = []
    remove: list[str] = []
    for word in words:
        if word.startswith("-"):
            remove.append(tag_of(word[1:]))
        else:
            add.append(tag_of(word.removeprefix("+")))
    both = sorted({*add} & {*remove})
    if both:
        raise ValueError(f"{both[0]} is to be added and removed: keep one")
    if not add and not remove:
        raise ValueError("write +TAG to add one, -TAG to remove it")
    return add, remove


def note_of(text: str) -> str:
    """Return the note that `text` is, without blanks around it. Raises ValueError for what is none."""
    note = text.strip()
    if not note:
        raise ValueError("the note is empty")
    if len(note) > NOTE_MAX:
        raise ValueError(f"the note is longer than {NOTE_MAX:,} characters")
    if "\0" in note or any("\ud800" <= char <= "\udfff" for char in note):
        raise ValueError("the note has characters that are no text")
    return note


def check_said(key: str, kind: str, body: Mapping[str, Any]) -> None:
    """Raise ValueError, naming the field, where what the operator says is no note and no tag about an entry."""
    if kind not in (NOTED, TAGGED, UNTAGGED):
        raise ValueError(f"{kind} is nothing that the operator says: {NOTED}, {TAGGED} or {UNTAGGED}")
    try:
        named = json.loads(key)
    except ValueError:
        named = None
    if not (
        isinstance(named, list) and len(named) == 2
        and all(isinstance(part, str) and part for part in named) and about(*named) == key
    ):  # fmt: skip
        raise ValueError("its key must be an entry's source and key as a JSON list without blanks")
    name = "text" if kind == NOTED else "tag"
    said = body.get(name)
    if not isinstance(said, str):
        raise ValueError(f"{kind} must state its {name}, as a text")
    if (note_of(said) if kind == NOTED else tag_of(said)) != said:
        raise ValueError(f"its {name} is not as it is stored: blanks around it, a # or capitals")
