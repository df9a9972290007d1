"""Rows from anywhere: a CSV or JSONL file, an HTTP JSON API, a SQLite database. What they mean is the caller's to say.

A file is read again only when its bytes changed; every reader gives each row with its verbatim text, so that what
cannot be read goes to quarantine as it stood.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import msgspec

from northstar_tui.errors import ConfigError, FileError, shown
from northstar_tui.events import Origin, Reject
from northstar_tui.sources.opened import Opened
from northstar_tui.sources.source import Nonsense, Outside, SourceError, Unreachable
from northstar_tui.sources.table import RECORD_MAX, look, normal, records
from northstar_tui.sources.text import storable, undecodable

PAGES_MOST = 10_000
"""Pages of one answer that are followed; more means that the pages go round in a circle."""
LOCKED_SECONDS = 10.0
"""How long another program's lock on its database is waited for."""
_SECRET = ("env:", "file:", "keyring:")
_json = msgspec.json.Decoder(float_hook=Decimal)


class Row(NamedTuple):
    """One row: its line or number (1-based), verbatim text, facts by name, and what is wrong with its shape."""

    line: int
    raw: str
    facts: Mapping[str, Any]
    fault: str | None = None

    def reject(self, field: str, reason: str, *, lines: bool, key: str | None = None) -> Reject:
        """Return the reject of this row. `lines` is False where its number says where it stood in one answer alone."""
        return Reject(self.line if lines else None, field, reason, self.raw, key)


class Held(Opened):
    """A source's file while it is read: what it was when it was opened, and whether it still is. Raises SourceError."""

    def __init__(self, path: Path) -> None:
        try:
            super().__init__(path)
        except FileError as error:
            raise SourceError(error.message, error.remedy) from None
        self.origin = Origin(path.name, self.sha256(), self.size, self.written_at)

    def check(self) -> None:
        """Raise SourceError where it is no longer what was opened: what was read may be half old and half new.

        What was only added at its end does no harm: it is read now or the next time.
        """
        if self.same():
            return
        digest, at = hashlib.sha256(), 0
        while part := os.pread(self.bytes.fileno(), min(self.size - at, 1 << 20), at):
            digest.update(part)
            at += len(part)
        if digest.hexdigest() != self.origin.sha256:
            raise SourceError(
                f"{shown(str(self.path))} was written while it was read", "it is read again at the next sync"
            )


def csv_rows(held: Held, fit: Callable[[Sequence[str]], object]) -> Iterator[Row]:
    """Yield the rows of a CSV file; facts are texts by the header's names in normal form.

    `fit` raises FileError where it lacks a name. Raises SourceError, naming the file.
    """
    try:
        _no_page(held.bytes)
        head = look(held.bytes)
        if not head.names:
            raise FileError("it has no header of columns", "it must be a CSV file")
        fit(head.names)
    except FileError as error:
        raise SourceError(f"{shown(str(held.path))}: {error.message}", error.remedy) from None
    for record in records(held.bytes, head):
        facts = {} if record.fault else dict(zip(head.names, map(str.strip, record.cells), strict=True))
        yield Row(record.line, storable(record.raw), facts, record.fault)


def jsonl_rows(held: Held) -> Iterator[Row]:
    """Yield the objects of a JSONL file; numbers with a fraction are Decimals. Raises SourceError, naming the file."""
    try:
        _no_page(held.bytes)
    except FileError as error:
        raise SourceError(f"{shown(str(held.path))}: {error.message}", error.remedy) from None
    number = 0
    while line := held.bytes.readline(RECORD_MAX):
        number += 1
        if line.strip():
            yield _object(number, line)


def _no_page(file: BinaryIO) -> None:
    """Raise FileError where `file` is a web page, as a download that was not logged in is."""
    file.seek(0)
    start = file.read(1024).lstrip()[:9].lower()
    file.seek(0)
    if start.startswith((b"<!doctype", b"<html", b"<head", b"<?xml")):
        raise FileError("it is a web page", "download it again, logged in")


def _object(number: int, line: bytes) -> Row:
    text = storable(line.decode("utf-8", "northstar.escape").rstrip("\r\n"))
    try:
        found = _json.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return Row(number, text, {}, f"this is no JSON object: {shown(str(error))}")
    if not isinstance(found, dict):
        return Row(number, text, {}, "this is no JSON object")
    return Row(number, text, found)


class Api(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """Where an HTTP JSON API's rows are. `items` and `next` are dotted paths into an answer."""

    url: str = ""
    items: str = ""
    """Path of the list of rows; empty where the answer is the list."""
    next: str = ""
    """Path of what leads to the next page: an address, or a token for `next_param`."""
    next_param: str = ""
    since_param: str = ""
    """Query parameter that takes the instant since when rows are wanted, ISO 8601."""
    params: dict[str, str] = {}
    headers: dict[str, str] = {}
    """A value that begins with env:, file: or keyring: is a secret's place; ``Bearer env:NAME`` works too."""


async def api_rows(api: Api, outside: Outside, since: str | None) -> AsyncIterator[list[Row]]:
    """Yield the rows of an API, a list a page. Raises SourceError; Nonsense where an answer has another shape."""
    headers = {name: _with_secret(value, outside) for name, value in api.headers.items()}
    base = list(api.params.items())
    if since and api.since_param:
        base.append((api.since_param, since))
    url, params = api.url, base
    seen: set[str] = set()
    number = 0
    for _ in range(PAGES_MOST):
        answer = _answer(await outside.http.get(url, params=params, headers=lambda: headers), outside.name)
        rows = []
        for item in _listed(answer, api, outside.name):
            number += 1
            rows.append(_item(number, item))
        yield rows
        token = reached(answer, api.next) if api.next else None
        if token in (None, "", False):
            return
        if str(token) in seen:
            raise Nonsense(f"{outside.name}: its pages go round: {shown(str(token))} came twice")
        seen.add(str(token))
        if api.next_param:
            params = [*base, (api.next_param, str(token))]
        else:
            url, params = _same_host(api.url, str(token), outside.name), []
    raise Nonsense(f"{outside.name}: more than {PAGES_MOST} pages")


def _answer(content: bytes, name: str) -> Any:
    try:
        return _json.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        begin = shown(content[:80].decode("utf-8", "replace"))
        raise Nonsense(f"{name}: it answered no JSON but {begin!r}", "is the address right?") from None


def _same_host(first: str, following: str, name: str) -> str:
    """Return the next page's address; another host would get our headers, and with them the secret."""
    import httpx

    url = httpx.URL(first).join(following)
    if (url.scheme, url.host, url.port) != (httpx.URL(first).scheme, httpx.URL(first).host, httpx.URL(first).port):
        raise Nonsense(f"{name}: the next page is on another host, {shown(url.host)}", "set next_param, or report it")
    return str(url)


def _with_secret(value: str, outside: Outside) -> str:
    before, _, reference = value.rpartition(" ")
    return f"{before} {outside.secret(reference)}".lstrip() if reference.startswith(_SECRET) else value


def _listed(answer: Any, api: Api, name: str) -> list[Any]:
    found = reached(answer, api.items) if api.items else answer
    if not isinstance(found, list):
        raise Nonsense(
            f"{name}: the answer has no list at {shown(api.items or 'its top')!r}", "set items to the list's path"
        )
    return found


def _item(number: int, item: Any) -> Row:
    raw = msgspec.json.encode(item).decode()
    if not isinstance(item, dict):
        return Row(number, raw, {}, "this is no JSON object")
    return Row(number, raw, item)


def sqlite_rows(path: Path, query: str, since: Any, fit: Callable[[Sequence[str]], object]) -> Iterator[Row]:
    """Yield the rows of a query on another program's SQLite database, opened read-only.

    `fit` raises FileError where the query gives no column of a name. Raises SourceError, naming the file; Unreachable
    while another program keeps it locked.
    """
    if not path.is_file():
        raise SourceError(f"there is no database at {shown(str(path))}", "check the path")
    where = shown(str(path))
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=LOCKED_SECONDS)) as other:
            other.text_factory = _text
            cursor = other.execute(query, {"since": since} if ":since" in query else {})
            names = [column[0] for column in cursor.description or ()]
            fit(names)
            for number, values in enumerate(cursor, 1):
                yield _record(number, dict(zip(names, values, strict=True)))
    except (sqlite3.Error, sqlite3.Warning) as error:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise Unreachable(f"{where} is locked by another program", "it is tried again at the next sync") from None
        raise SourceError(f"{where}: {shown(str(error))}", "check the path, the rights and the query") from None
    except FileError as error:
        raise SourceError(f"{where}: {error.message}", error.remedy) from None


def _text(stored: bytes) -> str:
    return stored.decode("utf-8", "northstar.escape")


def _record(number: int, stated: Mapping[str, Any]) -> Row:
    """Return a row of a database; facts are by the columns' names in normal form.

    A REAL is a float in the file itself; its shortest text is what its writer meant.
    """
    fault = None
    facts: dict[str, Any] = {}
    for name, value in stated.items():
        if isinstance(value, str) and undecodable(value):
            fault = f"{shown(name)} holds bytes that are not text"
            value = storable(value)
        facts[name] = Decimal(repr(value)) if isinstance(value, float) else value
    raw = msgspec.json.encode(facts).decode()
    return Row(number, raw, {normal(name): value for name, value in facts.items()}, fault)


def reached(value: Any, path: str) -> Any:
    """Return what stands at a dotted `path` in decoded JSON; a number steps into a list. None where nothing does."""
    for step in path.split("."):
        if isinstance(value, dict):
            value = value.get(step)
        elif isinstance(value, list) and step.lstrip("-").isdigit() and -len(value) <= int(step) < len(value):
            value = value[int(step)]
        else:
            return None
    return value


def need(value: str | None, key: str, name: str) -> str:
    """Return a setting that must be there. Raises ConfigError."""
    if not value:
        raise ConfigError(f"sources.{name}: {key} is missing", "docs/sources.md lists its keys")
    return value
