"""Plain text to be read aloud or by touch: tables as sentences, marks as words, nothing drawn.

A screen reader reads a table cell by cell without its headings, and ``▲`` as "up-pointing triangle". So within `aloud`
every row says what each of its values is, and `spoken` leaves signs where marks repeat them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar

_ALOUD: ContextVar[bool] = ContextVar("aloud", default=False)
_NAMES = {"w–l": "won-lost", "n": "entries", "rev": "revision", "qty": "quantity"}
"""Headings that are no words."""
_UNSTATED = frozenset({"", "—"})
_DRAWN = re.compile("[\u2500-\u259f\u2800-\u28ff]")
_MARK = re.compile(r"[▲▼·] +(?=[+-]?\$)")
_WORDS = str.maketrans({
    "–": "-", "−": "-", "×": "x", "÷": " divided by ", "·": ",", "…": "...", "→": "to", "›": ">", "▸": "", "✓": "yes:",
    "✗": "no:", "●": "", "◐": "", "○": "", "⏎": "Enter", "∞": "infinite", "—": "none", "Σ": "sum of ", "≥": "at least ",
    "≤": "at most ",
})  # fmt: skip


@contextmanager
def aloud() -> Iterator[None]:
    """Let every table made within be sentences."""
    token = _ALOUD.set(True)
    try:
        yield
    finally:
        _ALOUD.reset(token)


def is_aloud() -> bool:
    """Whether what is made now is to be read aloud."""
    return _ALOUD.get()


def sentences(headers: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return each row as a line, ``Q1 2025: net +$3,338.82, won-lost 533-350``; what is not stated is left out."""
    names = [_NAMES.get(header.lower(), header.lower()) for header in headers]
    lines = []
    for row in rows:
        first, *rest = ((name, value.strip()) for name, value in zip(names, row, strict=True))
        told = [f"{name} {value}".strip() for name, value in rest if value not in _UNSTATED]
        lines.append(f"{first[1] or first[0]}: {', '.join(told)}" if told else first[1])
    return "\n".join(lines)


def spoken(text: str) -> str:
    """Return `text` without anything that is drawn, its marks in words; a line of rules goes, a sign stays."""
    lines = []
    for line in text.splitlines():
        shown = _DRAWN.sub("", _MARK.sub("", line).replace(" · ", ", ")).translate(_WORDS)
        if shown.strip() or not line.strip():
            lines.append(shown.rstrip())
    return "\n".join(lines)


def voiced(text: str) -> str:
    """Return `text` as it is to be printed for people: `spoken` within `aloud`, else as it stands."""
    return spoken(text) if is_aloud() else text
