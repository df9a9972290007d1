"""Rows as CSV, safe to open in a spreadsheet: what a source sent is text there, never a formula.

RFC 4180, but lines end in LF. Money and counts are the same texts as in the JSON, nested values are JSON. A cell that a
spreadsheet would take for a formula (one of ``= + - @`` begins it, and it is no number) has an apostrophe in front, as
OWASP's page on CSV injection says.
"""

from __future__ import annotations

import csv
import json
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TextIO

from northstar_tui.text import safe

_FORMULA = re.compile(r"\s*[=+\-@＝＋－＠]")
_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?", re.ASCII)


def cell(value: Any) -> str:
    """Return one value as its cell's text; nothing for None."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping | list | tuple):
        value = json.dumps(value, ensure_ascii=False)
    text = safe(str(value))
    return f"'{text}" if _FORMULA.match(text) and not _NUMBER.fullmatch(text) else text


def write_csv(rows: Iterable[Mapping[str, Any]], columns: Sequence[str], out: TextIO) -> None:
    """Write a heading and then each row's `columns` to `out`."""
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([cell(row.get(column)) for column in columns] for row in rows)


def print_csv(rows: Iterable[Mapping[str, Any]], columns: Sequence[str]) -> None:
    """Print rows on stdout."""
    write_csv(rows, columns, sys.stdout)
