"""Rows from anywhere: a CSV or JSONL file, an HTTP JSON API, a SQLite database. What they mean is the caller's to say.

A file is read again only when its bytes changed; every reader gives each row with its verbatim text, so that what
cannot be read goes to quarantine as it stood.
"""

from __future__ import annotations

import hashlib
import io
import sqlite3
from collections.abc import AsyncIterator, Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from northstar_tui.errors import ConfigError, FileError, shown
from northstar_tui.events import Origin, Reject
from northstar_tui.sources.source import Nonsense, Outside, SourceError
from northstar_tui.sources.table import RECORD_MAX, look, records
from northstar_tui.sources.text import storable

PAGES_MOST = 10_000
"""Pages of one answer that are followed; more means that the pages go round in a circle."""
_SECRET = ("env:", "file:", "keyring:")
_json = msgspec.json.Decoder(float_hook=Decimal)


class Row(NamedTuple):
    """One row: its line or number (1-based), verbatim text, facts by name, and what is wrong with its shape."""

    line: int
    raw: str
    facts: Mapping[str, Any]
    fault: str | None = None

    def reject(self, field: str, reason: str) -> Reject:
        """Return the reject of this row."""
        return Reject(self.line, field, reason, self.raw)


def opened(path: Path) -> io.BufferedReader:
    """Return the file at `path`, to read. Raises SourceError naming it."""
    try:
        return path.open("rb")
    except OSError as error:
        raise SourceError(f"{shown(str(path))} cannot be read: {error.strerror}", "check the path and rights") from None


def origin_of(path: Path) -> Origin:
    """Return the file's name, digest and size. Raises SourceError."""
    with opened(path) as file:
        return Origin(path.name, hashlib.file_digest(file, "sha256").hexdigest(), path.stat().st_size)


def csv_rows(path: Path) -> Iterator[Row]:
    """Yield the rows of a CSV file; facts are texts by the header's names in normal form. Raises SourceError."""
    with opened(path) as file:
        try:
            head = look(file)
        except FileError as error:
            raise SourceError(f"{shown(str(path))}: {error.message}", error.remedy) from None
        for record in records(file, head):
            facts = {} if record.fault else dict(zip(head.names, map(str.strip, record.cells), strict=True))
            yield Row(record.line, storable(record.raw), facts, record.fault)


def jsonl_rows(path: Path) -> Iterator[Row]:
    """Yield the objects of a JSONL file; numbers with a fraction are Decimals. Raises SourceError."""
    with opened(path) as file:
        number = 0
        while line := file.readline(RECORD_MAX):
            number += 1
            if line.strip():
                yield _object(number, line)


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


def sqlite_rows(path: Path, query: str, since: Any) -> Iterator[Row]:
    """Yield the rows of a query on another program's SQLite database, opened read-only. Raises SourceError."""
    if not path.is_file():
        raise SourceError(f"there is no database at {shown(str(path))}", "check the path")
    try:
        connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=10.0)
    except sqlite3.Error as error:
        raise SourceError(f"{shown(str(path))} cannot be opened: {error}", "check the path and rights") from None
    try:
        cursor = connection.execute(query, {"since": since} if ":since" in query else {})
        names = [column[0] for column in cursor.description or ()]
        for number, values in enumerate(cursor, 1):
            # A REAL is a float in the file itself; its shortest text is what its writer meant.
            facts = {n: Decimal(repr(v)) if isinstance(v, float) else v for n, v in zip(names, values, strict=True)}
            yield Row(number, msgspec.json.encode(facts).decode(), facts)
    except (sqlite3.Error, sqlite3.Warning) as error:
        raise SourceError(f"{shown(str(path))}: {shown(str(error))}", "check the query") from None
    finally:
        connection.close()


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
