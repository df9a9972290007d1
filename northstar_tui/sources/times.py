"""Times as people and programs write them, to microseconds UTC.

A time that states no zone is local time of the zone the caller gives. `03/04/2026` is decided for its column as a
whole, never cell by cell: one day above 12 settles the order; without any, nothing is guessed.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo

from northstar_tui.calendar import MAX_TIME, MIN_TIME, instant
from northstar_tui.errors import shown

_ISO = re.compile(
    r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})"
    r"(?:[T ]+(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?)?"
    r"\s*(Z|UTC|GMT|[+-]\d{2}:?\d{2})?",
    re.ASCII | re.IGNORECASE,
)
_CLOCK = r"(?:[,T]?\s*(?:at\s+)?(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s*([AaPp])?\.?(?:[Mm]\.?)?)?"
_ZONE = r"\s*\(?(Z|[A-Za-z]{2,4}|[+-]\d{2}:?\d{2})?\)?"
_SLASHED = re.compile(rf"(\d{{1,2}})([/.-])(\d{{1,2}})\2(\d{{4}}|\d{{2}}){_CLOCK}{_ZONE}", re.ASCII)
_WEEKDAY = r"(?:[A-Za-z]{3,9},?\s+)?"
_DAY = r"(\d{1,2})(?:st|nd|rd|th)?"
_DAY_FIRST = re.compile(
    rf"{_WEEKDAY}{_DAY}[\s-]+([A-Za-z]{{3,9}})\.?,?[\s-]+(\d{{4}}|\d{{2}}){_CLOCK}{_ZONE}", re.ASCII
)
_MONTH_FIRST = re.compile(rf"{_WEEKDAY}([A-Za-z]{{3,9}})\.?\s+{_DAY},?\s+(\d{{4}}){_CLOCK}{_ZONE}", re.ASCII)
_EPOCH = re.compile(r"1\d{9}(?:\d{3}|\d{6})?(?:\.0+)?", re.ASCII)
_NO_YEAR = re.compile(r"\d{1,2}[\s/.-]+(?:[A-Za-z]{3,9}|\d{1,2})|[A-Za-z]{3,9}\.?[\s-]+\d{1,2}", re.ASCII)
_SERIAL = re.compile(r"[1-9]\d{4}(?:\.\d+)?", re.ASCII)
_MONTHS = {name: number for number, name in enumerate(
    ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1)}  # fmt: skip
_FULL_MONTHS = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
                "november", "december", "sept")  # fmt: skip
_HOURS = {"Z": 0, "UTC": 0, "GMT": 0, "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8,
          "PDT": -7, "AKST": -9, "AKDT": -8, "HST": -10}  # fmt: skip
"""Zone abbreviations that mean one thing on the exports we read; IST, BST and the like mean several and are refused."""


class TimeError(ValueError):
    """A text that states no instant; its message says why and how to mend it."""


class OrderEvidence:
    """Decides how a column writes ``a/b/year``, over all its cells.

    The rule: a first number above 12 is a day, so is a second one; two equal numbers are the same date either way. Dots
    (``24.02.2026``) are day first wherever they are used.
    """

    def __init__(self) -> None:
        self._day_first = self._month_first = False

    def add(self, text: str) -> None:
        """Take one cell into account."""
        match = _SLASHED.match(text)
        if match and match[2] != ".":
            self._day_first = self._day_first or int(match[1]) > 12
            self._month_first = self._month_first or int(match[3]) > 12

    @property
    def order(self) -> str | None:
        """``dmy``, ``mdy``, None where no cell shows it, ``mixed`` where both are shown."""
        if self._day_first and self._month_first:
            return "mixed"
        return "dmy" if self._day_first else "mdy" if self._month_first else None


def parse(text: str, zone: tzinfo, order: str | None = None) -> int:
    """Return the instant that `text` states, in microseconds UTC.

    Takes ISO 8601, ``30-Apr-24 16:10``, ``May 9, 2026 at 3:20:50 PM EDT``, ``12/27/2025 22:55:44 GMT`` (read as `order`
    says), ``24.02.2026``, and seconds, milli- or microseconds since 1970. Raises TimeError.
    """
    text = text.strip()
    if len(text) >= 16 and text[4] == "-" and text[10] in "T ":
        # What programs write, fast; anything it does not take is looked at closely below.
        try:
            moment = datetime.fromisoformat(text)
            return _within(text, instant(moment if moment.tzinfo else moment.replace(tzinfo=zone)))
        except (ValueError, OverflowError):
            pass
    match = _ISO.fullmatch(text)
    if match:
        year, month, day, hour, minute, second, fraction, offset = match.groups()
        return _instant(text, (year, month, day), (hour, minute, second, fraction), None, offset, zone)
    match = _SLASHED.fullmatch(text)
    if match:
        a, sign, b, year, hour, minute, second, fraction, half, offset = match.groups()
        day, month = _ordered(text, a, b, sign, order)
        return _instant(text, (year, month, day), (hour, minute, second, fraction), half, offset, zone)
    match = _DAY_FIRST.fullmatch(text) or _MONTH_FIRST.fullmatch(text)
    if match:
        a, b, year, hour, minute, second, fraction, half, offset = match.groups()
        day, word = (a, b) if a.isdigit() else (b, a)
        return _instant(text, (year, _month(text, word), day), (hour, minute, second, fraction), half, offset, zone)
    if _EPOCH.fullmatch(text):
        digits = text.partition(".")[0]
        return int(digits.ljust(16, "0"))
    raise TimeError(_why(text))


def _why(text: str) -> str:
    if not text:
        return "the time is empty"
    if _NO_YEAR.fullmatch(text):
        return f"{shown(text)!r} states no year; write the year in the file"
    if _SERIAL.fullmatch(text):
        return f"{shown(text)!r} is a spreadsheet's day number; format the column as a date and export again"
    return f"{shown(text)!r} is not a time; write it like 2026-02-25 19:30"


def _ordered(text: str, a: str, b: str, sign: str, order: str | None) -> tuple[str, str]:
    """Return (day, month) of ``a/b/year``."""
    if sign == "." or int(a) > 12:
        return a, b
    if int(b) > 12:
        return b, a
    if order == "dmy" or a.zfill(2) == b.zfill(2):
        return a, b
    if order == "mdy":
        return b, a
    why = "the column holds both orders" if order == "mixed" else "no date of the column shows which"
    raise TimeError(
        f"{shown(text)!r} can be day/month or month/day ({why}); "
        'set dates = "dmy" or "mdy" under [formats.NAME] in the config and import with --as NAME'
    )


def _month(text: str, word: str) -> str:
    number = _MONTHS.get(word[:3].lower())
    if number is None or (len(word) > 3 and word.lower() not in _FULL_MONTHS):
        raise TimeError(f"{shown(text)!r} is not a time: no month is called {shown(word)!r}")
    return str(number)


def _instant(
    text: str,
    date: tuple[str, str, str],
    clock: tuple[str | None, str | None, str | None, str | None],
    half: str | None,
    offset: str | None,
    zone: tzinfo,
) -> int:
    year, month, day = (int(part) for part in date)
    if len(date[0]) == 2:
        year += 2000 if year < 70 else 1900
    hour, minute, second = (int(part or 0) for part in clock[:3])
    if half:
        if not 1 <= hour <= 12:
            raise TimeError(f"{shown(text)!r} is not a time: {hour} o'clock has no AM or PM")
        hour = hour % 12 + (12 if half in "pP" else 0)
    # Beyond microseconds is cut, not rounded: a time never moves into the next second, day or year.
    micros = int((clock[3] or "0").ljust(6, "0")[:6])
    try:
        local = datetime(year, month, day, hour, minute, second, micros, tzinfo=_zone(text, offset) or zone)
        value = instant(local.astimezone(UTC))
    except (ValueError, OverflowError) as error:
        raise TimeError(f"{shown(text)!r} is not a time: {error}") from None
    return _within(text, value)


def _within(text: str, value: int) -> int:
    if not MIN_TIME <= value < MAX_TIME:
        raise TimeError(f"{shown(text)!r} is outside the years that can be reckoned with")
    return value


def _zone(text: str, offset: str | None) -> tzinfo | None:
    if not offset:
        return None
    if offset[0] in "+-":
        hours, minutes = int(offset[1:3]), int(offset[-2:])
        if hours > 14 or minutes > 59:
            raise TimeError(f"{shown(text)!r} is not a time: no zone is {offset} from UTC")
        delta = timedelta(hours=hours, minutes=minutes)
        return timezone(-delta if offset[0] == "-" else delta)
    found = _HOURS.get(offset.upper())
    if found is None:
        raise TimeError(f"{shown(text)!r}: the zone {shown(offset)!r} can mean several; write an offset like +01:00")
    return timezone(timedelta(hours=found))


_CLOCK_ONLY = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?\s*(?:([AaPp])\.?[Mm]\.?)?", re.ASCII)


def is_clock(text: str) -> bool:
    """Return whether `text` is a time of day alone: ``14:25``, ``2:25 PM``."""
    return _CLOCK_ONLY.fullmatch(text.strip()) is not None


def exact(text: str) -> int:
    """Return the instant of an ISO 8601 time that states its zone, in microseconds UTC, fast. Raises TimeError.

    A time without a zone, or of a day without a clock, is refused: on an export that always states them it is a cut
    one.
    """
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None or not (text[-1] in "Zz" or (text[-6] in "+-" and text[-3] == ":")):
            raise TimeError(f"{shown(text)!r} states no zone; the record may be cut, download the export again")
        value = instant(moment)
    except TimeError:
        raise
    except (ValueError, OverflowError):
        raise TimeError(f"{shown(text)!r} is not an ISO time" if text else "the time is empty") from None
    return _within(text, value)
