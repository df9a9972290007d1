"""Which rows of a mail are bets, and which column plays which role: for HTML tables, CSV attachments, tables of text.

A table is one of bets where its header says so by a column that only bets have. Every row under such a header comes
out, as a `Row` or as a `Problem`; nothing of it is dropped.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from northstar_tui.errors import FileError, shown
from northstar_tui.sources import bets_columns, odds, times
from northstar_tui.sources.mail.html import ROWS_MAX
from northstar_tui.sources.mail.message import SEND, Part, Problem
from northstar_tui.sources.numbers import DecimalEvidence
from northstar_tui.sources.table import look, normal, records
from northstar_tui.sources.text import storable

OWN: dict[str, tuple[str, ...]] = {
    "ticker": ("ticker", "market ticker", "kalshi ticker", "contract", "symbol"),
    "quantity": ("contracts", "quantity", "qty", "shares", "number of contracts"),
    "edge": ("edge", "ev", "expected value", "value", "expected edge", "our edge"),
    "confidence": (
        "confidence", "conf", "probability", "prob", "model probability", "win probability", "true probability",
        "fair probability", "p(win)",
    ),
    "thesis": (
        "thesis", "reason", "reasoning", "rationale", "why", "notes", "note", "comment", "comments", "analysis",
    ),
}  # fmt: skip
"""Roles that mails have beside those of `bets_columns`."""
ROLES = (*OWN, *bets_columns.ROLES)
ROW_MAX = 20_000
"""Longest row, characters."""
HEADER_ROWS = 5
"""The header is looked for in this many rows: tables begin with a title."""
_NUMBERS = ("stake", "payout", "profit", "fees", "odds", "quantity")
_TIMES = ("time", "settled", "start")


@dataclass(slots=True)
class Hints:
    """What a table's columns decide together: odds style, decimal signs, date orders, currency, percent and units."""

    style: str | None = None
    signs: dict[str, str] = field(default_factory=dict)
    orders: dict[str, str | None] = field(default_factory=dict)
    currency: str | None = None
    percent: frozenset[str] = frozenset()
    units: bool = False
    """Whether the header says that stakes are in units, and not in money."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row that states a bet or a result: its cells by role."""

    line: int | None
    part: str
    raw: str
    cells: Mapping[str, str]
    hints: Hints
    names: Mapping[str, str] = field(default_factory=dict)
    """Role to the column's own name, for messages."""

    def cell(self, role: str) -> str:
        """Return the cell that plays `role`, on one line, empty where there is none."""
        return " ".join(self.cells.get(role, "").split())


Found = Row | Problem


def placed(names: Sequence[str]) -> dict[str, int] | None:
    """Return where each role's column stands in a header of bets; None where `names` is no such header.

    Raises FileError where it looks like one, but a column stands there twice.
    """
    plain = [bets_columns.bare(name).replace("%", "").replace(":", "").strip() for name in names]
    where: dict[str, int] = {}
    for role, synonyms in OWN.items():
        found = [plain.index(each) for each in synonyms if each in plain]
        if found:
            where[role] = found[0]
    rest = ["" if at in where.values() else plain[at] for at in range(len(names))]
    sure = "ticker" in where or any(name in _SURE or "odds" in name for name in rest)
    if not sure:
        return None
    where |= bets_columns.find(rest, {})
    named = any(role in where for role in ("market", "event", "selection", "ticker", "id"))
    told = sum(role in where for role in ("stake", "quantity", "odds", "result", "profit", "payout"))
    return where if told + named >= 2 else None


_SURE = frozenset(
    (*bets_columns.ROLES["selection"], "stake", "bet id", "betid", "slip id", "wager id", "result", "bet result", "w/l")
)
"""Column names that bets have, and other tables of a trader's mail have not."""


def lacking(where: Mapping[str, int]) -> str | None:
    """Return what a header of bets lacks, None where it lacks nothing."""
    if not any(role in where for role in ("market", "event", "selection", "ticker", "id")):
        return "a market or a pick"
    if any(role in where for role in ("result", "profit", "payout")):
        return None
    if "stake" not in where and not {"quantity", "odds"} <= set(where):
        return "a stake"
    return None if "odds" in where else "odds"


def sheet(part: str, rows: Iterable[tuple[int, Sequence[str], str]], *, ragged: bool = False) -> list[Found] | None:
    """Return the rows of a table of (line, cells, raw); None where no header of bets stands in its first rows.

    `ragged` takes rows of text, whose last cell may hold the separator.
    """
    rows = list(rows)
    if len(rows) > ROWS_MAX:
        line, _, raw = rows[ROWS_MAX]
        found = sheet(part, rows[:ROWS_MAX], ragged=ragged)
        reason = f"the table has more than {ROWS_MAX:,} rows; what follows is not read"
        return None if found is None else [*found, Problem(line, "row", reason, raw[:1000])]
    for at, (line, cells, raw) in enumerate(rows[:HEADER_ROWS]):
        try:
            where = placed(cells)
        except FileError as error:
            return [Problem(line, "header", f"{error.message}; {error.remedy}", raw)]
        if where is None:
            continue
        lack = lacking(where)
        if lack is not None:
            return [Problem(line, "header", f"as a table of bets it lacks {lack}; name the column in the header", raw)]
        return _under(part, list(cells), where, rows[at + 1 :], ragged)
    return None


def _under(
    part: str,
    names: list[str],
    where: dict[str, int],
    rows: Sequence[tuple[int, Sequence[str], str]],
    ragged: bool,
) -> list[Found]:
    hints = _hints(names, where, [cells for _, cells, _ in rows])
    called = {role: names[at].strip() for role, at in where.items()}
    header = [normal(name) for name in names]
    found: list[Found] = []
    for line, given, raw in rows:
        cells = list(given)
        if not any(cell.strip() for cell in cells) or [normal(cell) for cell in cells] == header:
            continue
        wrong = _wrong(cells, len(names), ragged, raw)
        if wrong:
            found.append(Problem(line, "row", wrong, raw[:ROW_MAX]))
            continue
        cells += [""] * (len(names) - len(cells))
        if _total(cells, where):
            continue
        found.append(Row(line, part, raw, {role: cells[at].strip() for role, at in where.items()}, hints, called))
    return found


def _total(cells: list[str], where: Mapping[str, int]) -> bool:
    """Return whether a row is the table's sum, which states no bet: its first cell says so and it names no pick."""
    first = next((cell for cell in cells if cell.strip()), "")
    named = any(role in where and cells[where[role]].strip() and cells[where[role]] is not first
                for role in ("selection", "ticker", "id", "odds"))  # fmt: skip
    return not named and re.fullmatch(r"\W*(?:sub|grand )?\s*totals?\W*", first.strip(), re.I) is not None


def _wrong(cells: list[str], width: int, ragged: bool, raw: str) -> str | None:
    if len(raw) > ROW_MAX:
        return f"the row is longer than {ROW_MAX:,} characters"
    if len(cells) > width and any(cell.strip() for cell in cells[width:]):
        return f"it has {len(cells)} cells where the header names {width}"
    if ragged and len(cells) < width - 3:
        return f"it has {len(cells)} cells where the header names {width}"
    return None


def hints(rows: Sequence[Mapping[str, str]]) -> Hints:
    """Return what rows without a header decide together; `rows` are their cells by role."""
    roles = sorted({role for row in rows for role in row})
    where = {role: at for at, role in enumerate(roles)}
    return _hints(roles, where, [[row.get(role, "") for role in roles] for row in rows])


def _hints(names: list[str], where: Mapping[str, int], rows: Sequence[Sequence[str]]) -> Hints:
    def column(role: str) -> list[str]:
        at = where[role]
        return [row[at].strip() for row in rows if at < len(row)]

    signs = {role: DecimalEvidence(",") for role in _NUMBERS if role in where}
    orders = {role: times.OrderEvidence() for role in _TIMES if role in where}
    style = odds.StyleEvidence()
    for evidence in (signs, orders):
        for role, each in evidence.items():
            for text in column(role):
                each.add(text)
    for text in column("odds") if "odds" in where else ():
        style.add(text)
    said = {role: names[at].lower() for role, at in where.items()}
    stake = bets_columns.bare(said.get("stake", ""))
    marked = {bets_columns.currency_of(said[role]) for role in ("stake", "payout", "profit") if role in said} - {None}
    return Hints(
        style=_style(said.get("odds", "")) or style.style,
        signs={role: each.sign for role, each in signs.items()},
        orders={role: each.order for role, each in orders.items()},
        currency=marked.pop() if len(marked) == 1 else None,
        percent=frozenset(role for role, name in said.items() if "%" in name),
        units="unit" in stake or "(u)" in said.get("stake", "") or "units" in said.get("stake", ""),
    )


def _style(name: str) -> str | None:
    """Return the odds style that a column's own name states."""
    name = name.replace("¢", " cents")
    return next((style for style in ("american", "decimal", "fractional", "cents") if style in name), None)


def attachment(part: Part) -> list[Found]:
    """Return the rows of a CSV attachment. One that is no table of bets is a Problem: it was sent to be read."""
    file = io.BytesIO(part.data)
    try:
        head = look(file)
        read = [(record.line, record) for record in records(file, head)]
    except FileError as error:
        return [Problem(None, part.name, f"{error}; {SEND}", part.name)]
    first = [(line, list(cells), head.delimiter.join(cells)) for line, cells in head.rows[:HEADER_ROWS]]
    for line, cells, raw in first:
        if _header(cells):
            rows = [(line, cells, raw)]
            for number, record in read:
                if number > line:
                    rows.append((number, record.cells, storable(record.raw)))
            faults: list[Found] = [
                Problem(number, "row", record.fault, storable(record.raw)[:ROW_MAX])
                for number, record in read
                if record.fault and number > line
            ]
            wrong = {number for number, record in read if record.fault}
            found = sheet(part.name, [row for row in rows if row[0] not in wrong]) or []
            return found + faults
    columns = ", ".join(shown(cell.strip(), 40) for cell in head.cells[:12])
    return [Problem(None, part.name, f"its columns ({columns}) are not those of bets; {SEND}", part.name)]


def _header(cells: Sequence[str]) -> bool:
    try:
        return placed(cells) is not None
    except FileError:
        return True


Splitter = Callable[[str], list[str]]
"""Cuts a line of text into cells."""
