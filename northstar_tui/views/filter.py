"""The filter language: ``category:weather net:<-5 2026-02``. One parser and one printer for every face.

    filter  = { term }                              all of them, separated by spaces
    term    = [ "-" | "not:" ] [ kind ( ":" | "=" ) ] value { "," value }
    value   = NAME [ "*" ] | AMOUNT | WORD | TEXT   as the kind takes; anything may stand in quotes, \\ before a quote

A word without a kind is a period where it has the form of one, and else text to look for. The kinds are those of
`ledger.terms.KINDS`. Two terms of a kind of which an entry has but one are alternatives, as after a comma.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from northstar_tui.calendar import Calendar, CalendarError, Period, names_period
from northstar_tui.errors import guess, shown
from northstar_tui.ledger.store import Store
from northstar_tui.ledger.terms import (
    AMOUNTS,
    CHOICES,
    KINDS,
    NAMES,
    TEXT,
    TEXTS,
    Amount,
    Kind,
    Name,
    Term,
    Where,
    members,
)
from northstar_tui.money import MoneyError, decimal_text, micros
from northstar_tui.views.base import ViewError

MOST = 200
"""Terms of a filter, and values of a term: SQLite nests no deeper than a few times that."""
LONGEST = 400
"""Characters of one value."""
_KIND = re.compile(r'([^\s=:<>",]+)(?=[:=<>])')
_BARE = re.compile(r'[^\s,"]*')
_QUOTED = re.compile(r'"((?:\\.|[^"\\])*)"', re.DOTALL)
_WORD = re.compile(r"\S*")
_NUMBER = r"[+-]?\$?\d+(?:\.\d*)?"
_COMPARED = re.compile(rf"(<=|>=|<|>|=|)({_NUMBER})", re.ASCII)
_BETWEEN = re.compile(rf"({_NUMBER})\.\.({_NUMBER})", re.ASCII)


class FilterError(ViewError):
    """A filter that says nothing; `at` is where in its text, up to `end`, the wrong word stands."""

    def __init__(self, message: str, remedy: str, at: int, end: int) -> None:
        super().__init__(message, remedy)
        self.at, self.end = at, end


@dataclass(frozen=True, slots=True)
class Filter:
    """A filter that was read: what an entry must meet, and the periods it must lie in."""

    where: Where = ()
    periods: tuple[str, ...] = ()
    """As written, since what ``mtd`` means depends on the day."""
    places: tuple[int, ...] = field(default=(), compare=False)
    """Where each of them stands in its text."""

    @property
    def text(self) -> str:
        """The filter in the words that `parse` reads."""
        return " ".join([*map(_term_text, self.where), *self.periods])

    def period(self, calendar: Calendar, now: int, asked: Period | None = None) -> Period | None:
        """Return the part of `asked` that lies in all of the filter's periods; None where nothing names one.

        Raises FilterError for a word that is no period, and where no time lies in all of them.
        """
        for word, at in zip(self.periods, self.places, strict=True):
            try:
                found = calendar.parse(word, now)
            except CalendarError as error:
                raise FilterError(str(error), f'quote it to look for the text: "{word}"', at, at + len(word)) from None
            both = found if asked is None else _within(found, asked)
            if both is None:
                assert asked is not None
                said = f"{word} and {calendar.argument(asked)} have no time in common"
                raise FilterError(said, "name one period", at, at + len(word))
            asked = both
        return asked


def _within(a: Period, b: Period) -> Period | None:
    start, end = max(a.start, b.start), min(a.end, b.end)
    if start >= end:
        return None
    return next((p for p in (a, b) if (p.start, p.end) == (start, end)), Period(start, end, "range"))


# -- reading -----------------------------------------------------------------------------------------------------------


class _Raw(NamedTuple):
    """A value as written."""

    text: str
    quoted: bool
    starred: bool
    """Whether a star follows the closing quote."""
    at: int
    end: int


def parse(*texts: str) -> Filter:
    """Return the filter that `texts` state together. Raises FilterError."""
    terms: list[Term] = []
    periods: list[tuple[str, int]] = []
    for text in texts:
        _check(text)
        at = 0
        while (at := _after(re.compile(r"\s*"), text, at)) < len(text):
            at = _read(text, at, terms, periods)
    joined = _joined(terms)
    if len(joined) > MOST or any(len(term.values) > MOST for term in joined):
        raise FilterError(f"more than {MOST} terms, or values of one term", "ask for less at once", 0, len(texts[0]))
    return Filter(joined, tuple(word for word, _ in periods), tuple(at for _, at in periods))


def _check(text: str) -> None:
    for at, char in enumerate(text):
        if char == "\0" or "\ud800" <= char <= "\udfff":
            raise FilterError("the filter is no text", "leave out what is not printable", at, at + 1)


def _read(text: str, begin: int, terms: list[Term], periods: list[tuple[str, int]]) -> int:
    """Read the term at `begin`; return where the next one may begin."""
    at, negated = begin, False
    if text[at] == "-":
        at, negated = at + 1, True
    elif text[at : at + 4].lower() == "not:":
        at, negated = at + 4, True
    word = text[at : _after(_WORD, text, at)]
    if negated and (not word or word[0] == "-" or word[:4].lower() == "not:"):
        what = text[begin : at + len(word)]
        raise _wrong(what, "is no term", "write - once, right before what to leave out: -category:weather", begin)
    if '"' not in word and names_period(word):
        if negated:
            raise _wrong(word, "is a period, and cannot be left out", "name the span before it or after it", at)
        periods.append((word, at))
        return at + len(word)
    kind, at = _kind(text, at, word)
    raws, end = _values(text, at, kind)
    terms.append(Term(kind.name, tuple(_READ[kind.takes](kind, raw) for raw in raws), negated))
    return end


def _kind(text: str, at: int, word: str) -> tuple[Kind, int]:
    """Return the kind named at `at`, and where its values begin."""
    named = _KIND.match(text, at)
    if named is None:
        if word[:1] in ":=<>" and word:
            raise _wrong(word, "compares nothing", "write what to compare: net:<-5", at)
        return KINDS[TEXT], at
    kind = KINDS.get(named[1].lower())
    if kind is None or kind.name == TEXT:
        known = ", ".join(name for name in KINDS if name != TEXT)
        remedy = f'{guess(named[1], KINDS)}use one of {known}; to look for the text, quote it: "{shown(word, 30)}"'
        raise FilterError(f"{shown(named[1], 40)!r} is nothing to filter by", remedy, at, named.end())
    after = named.end()
    return kind, after + 1 if text[after] in ":=" else after


def _values(text: str, at: int, kind: Kind) -> tuple[list[_Raw], int]:
    """Return the values that begin at `at`, and where they end."""
    found: list[_Raw] = []
    while True:
        raw = _value(text, at)
        if not raw.text and not raw.quoted:
            if found and (raw.end == len(text) or text[raw.end].isspace()):
                return found, raw.end  # a comma too many harms nobody
            raise FilterError(f"{kind.name}: says nothing", _possible(kind), at, max(at + 1, raw.end))
        found.append(raw)
        at = raw.end
        if at == len(text) or text[at].isspace():
            return found, at
        if text[at] != ",":
            end = _after(_WORD, text, at)
            remedy = 'write a space after a value, or quote all of it: "a b"'
            raise FilterError(f"{shown(text[raw.at : end], 40)} holds a quote", remedy, raw.at, end)
        at += 1


def _value(text: str, at: int) -> _Raw:
    if text[at : at + 1] != '"':
        end = _after(_BARE, text, at)
        return _Raw(text[at:end], False, False, at, end)
    quoted = _QUOTED.match(text, at)
    if quoted is None:
        raise FilterError(f"the quote of {shown(text[at:], 40)} is not closed", 'write " at its end', at, len(text))
    starred = text[quoted.end() : quoted.end() + 1] == "*"
    inner = re.sub(r"\\(.)", r"\1", quoted[1], flags=re.DOTALL)
    return _Raw(inner, True, starred, at, quoted.end() + starred)


def _after(pattern: re.Pattern[str], text: str, at: int) -> int:
    match = pattern.match(text, at)
    assert match is not None, "every one of them matches nothing, too"
    return match.end()


def _wrong(word: str, what: str, remedy: str, at: int) -> FilterError:
    return FilterError(f"{shown(word, 40)!r} {what}", remedy, at, at + len(word))


def _name(_: Kind, raw: _Raw) -> Name:
    _short(raw)
    if raw.quoted:
        return Name(raw.text, raw.starred)
    return Name(raw.text.removesuffix("*"), raw.text.endswith("*"))


def _choice(kind: Kind, raw: _Raw) -> str:
    if raw.text.lower() not in kind.choices:
        raise _wrong(raw.text, f"is no {kind.name}", _possible(kind), raw.at)
    return raw.text.lower()


def _amount(kind: Kind, raw: _Raw) -> Amount:
    try:
        if match := _BETWEEN.fullmatch(raw.text):
            low, high = (_micros(part) for part in match.groups())
            if low > high:
                raise _wrong(raw.text, "ends before it begins", "write the lower amount first: -5..5", raw.at)
            return Amount("..", low, high)
        if match := _COMPARED.fullmatch(raw.text):
            return Amount(match[1] or "=", _micros(match[2]))
    except MoneyError as error:
        raise _wrong(raw.text, f"is no amount: {error}", _possible(kind), raw.at) from None
    raise _wrong(raw.text, "is no amount", _possible(kind), raw.at)


def _micros(text: str) -> int:
    places = text.partition(".")[2]
    if len(places.rstrip("0")) > 6:
        raise MoneyError("more than six places")
    return micros(text.replace("$", "").removesuffix("."))


def _text(_: Kind, raw: _Raw) -> str:
    _short(raw)
    if not raw.text:
        raise _wrong('""', "is no text", "write what to look for", raw.at)
    if raw.starred or (not raw.quoted and raw.text.endswith("*")):
        remedy = "leave out the star, or quote it: text is found wherever it stands"
        raise FilterError(f"{shown(raw.text, 40)!r} needs no star", remedy, raw.at, raw.end)
    if not raw.quoted and names_period(raw.text):
        remedy = f'write one span (A..B), or quote the text: "{raw.text}"'
        raise _wrong(raw.text, "is one of several periods", remedy, raw.at)
    return raw.text


def _short(raw: _Raw) -> None:
    if len(raw.text) > LONGEST:
        raise _wrong(raw.text, f"has more than {LONGEST} characters", "write its beginning", raw.at)


_READ: dict[str, Callable[[Kind, _Raw], Any]] = {
    NAMES: _name, CHOICES: _choice, AMOUNTS: _amount, TEXTS: _text,
}  # fmt: skip


def _possible(kind: Kind) -> str:
    """Return what can be written after the kind's name."""
    if kind.takes == CHOICES:
        return f"write one of {', '.join(kind.choices)}"
    if kind.takes == AMOUNTS:
        return f"write dollars: {kind.name}:<-5, {kind.name}:>=10 or {kind.name}:-5..5"
    if kind.takes == NAMES:
        return f'write a name: {kind.name}:NAME, {kind.name}:"A NAME" or {kind.name}:BEGINNING*'
    return f'write what to look for: {kind.name}:TEXT or {kind.name}:"A TEXT"'


def _joined(terms: Iterable[Term]) -> Where:
    """Return the terms, those of one kind of which an entry has but one as alternatives; each value once."""
    found: dict[object, Term] = {}
    for number, term in enumerate(terms):
        one = KINDS[term.kind].single and not term.negated
        key = term.kind if one else number
        before = found[key].values if key in found else ()
        found[key] = term._replace(values=tuple(dict.fromkeys((*before, *term.values))))
    return tuple(dict.fromkeys(found.values()))


# -- printing ----------------------------------------------------------------------------------------------------------


def _term_text(term: Term) -> str:
    name = "" if term.kind == TEXT else f"{term.kind}:"
    return f"{'-' * term.negated}{name}{','.join(map(_value_text, term.values))}"


def _value_text(value: Name | Amount | str) -> str:
    if isinstance(value, Amount):
        if value.how == "..":
            return f"{_dollars(value.value)}..{_dollars(value.high)}"
        return f"{value.how.replace('=', '') if value.how == '=' else value.how}{_dollars(value.value)}"
    if isinstance(value, Name):
        plain = (value.text or value.prefix) and not re.search(r'[\s,"]|\*$', value.text)
        return f"{value.text if plain else quoted(value.text)}{'*' * value.prefix}"
    bare = not re.search(r'[\s,"=:<>]|\*$|^-|^$', value) and not names_period(value)
    return value if bare else quoted(value)


def quoted(text: str) -> str:
    """Return `text` in quotes."""
    return '"' + re.sub(r'(["\\])', r"\\\1", text) + '"'


def _dollars(amount: int) -> str:
    return decimal_text(amount).removesuffix(".00")


def needs_opened(where: Where) -> bool:
    """Return whether a filter asks for what is open, which the closed basis does not count."""
    return any(term.kind == "outcome" and "open" in term.values and not term.negated for term in where)


# -- completing --------------------------------------------------------------------------------------------------------


class Begun(NamedTuple):
    """A word that is being typed: where it begins, what stands there, and the kind whose value it is."""

    at: int
    text: str
    kind: Kind | None


def begun(text: str, caret: int) -> Begun:
    """Return the word that ends at `caret`."""
    at, open_ = 0, False
    for place, char in enumerate(text[:caret]):
        open_ ^= char == '"'
        at = place + 1 if char.isspace() and not open_ else at
    word = text[at:caret]
    lead = len(word) - len(re.sub(r"^(-|not:)", "", word, flags=re.IGNORECASE))
    named = _KIND.match(word, lead)
    kind = KINDS.get(named[1].lower()) if named is not None else None
    if named is None or kind is None:
        return Begun(at + lead, word[lead:], None)
    last = max(named.end() + 1, word.rfind(",") + 1)
    return Begun(at + last, word[last:], kind)


def completions(store: Store, word: Begun, limit: int = 20) -> list[str]:
    """Return what `word` can be completed to, best first."""
    typed = word.text.lstrip('"').lower()
    if word.kind is None:
        epochs = (f"epoch:{epoch.name}" for epoch in store.calendar.epochs)
        kinds = [f"{name}:" for name in KINDS if name != TEXT and name.startswith(typed)]
        return [*kinds, *(epoch for epoch in epochs if epoch.lower().startswith(typed))]
    if word.kind.takes == CHOICES:
        return [choice for choice in word.kind.choices if choice.startswith(typed)]
    if word.kind.takes == NAMES:
        return [_value_text(Name(name)) for name in members(store, word.kind.axis, typed, limit) if name]
    return []


# -- describing --------------------------------------------------------------------------------------------------------


def forms() -> list[tuple[str, str]]:
    """Return (what to write, what it keeps) of every kind of term: the table of the guide and of the help."""
    takes = {NAMES: "NAME", AMOUNTS: "AMOUNT", CHOICES: "", TEXTS: "TEXT"}
    named = [
        (f"{kind.name}:{takes[kind.takes] or '|'.join(kind.choices)}", kind.about)
        for kind in KINDS.values()
        if kind.name != TEXT
    ]
    return [
        *named,
        ("TEXT", KINDS[TEXT].about),
        ("PERIOD", "2026-02, 2026-W08, mtd, A..B, A.., epoch:NAME …: only that time"),
    ]


RULES = (
    "All terms must fit; a comma means or; - or not: before a term leaves out what fits it.",
    "NAME* is every name that begins so. AMOUNT is in dollars: <-5, <=, >, >=, 5, -5..5.",
    'Quote what holds a space, a comma or a colon: book:"John Smith" "at Bills".',
)
"""The rest of the grammar, in sentences."""
