"""The keys of a mail source, and what they may be."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from hashlib import blake2b
from pathlib import Path
from typing import Any, Literal

import msgspec

from northstar_tui.errors import ConfigError, shown
from northstar_tui.sources.mail.bets import Own
from northstar_tui.sources.mail.message import sender_of
from northstar_tui.sources.mail.patterns import checked
from northstar_tui.sources.source import Outside, decoded

_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_PORTS = {"tls": 993, "starttls": 143, "none": 143}


class Pattern(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """One ``[[sources.NAME.patterns]]``."""

    line: str
    """A regular expression with named groups that matches the whole of a line."""


class Table(msgspec.Struct, forbid_unknown_fields=True, frozen=True, rename={"senders": "from"}, kw_only=True):
    """A mail source's keys, beside those that every source has."""

    senders: list[str] | str
    host: str = ""
    port: int = 0
    user: str = ""
    password: str = ""
    """Where the password is: ``env:NAME``, ``file:PATH`` or ``keyring:SERVICE/USER``."""
    folders: tuple[str, ...] = ("INBOX",)
    security: Literal["tls", "starttls", "none"] = "tls"
    since: date | None = None
    """Mails before this day are not read (IMAP's own date, the day the server received them)."""
    path: str = ""
    """A .eml, an mbox, a Maildir, or a folder of .eml, in place of a server."""
    unit: str = ""
    category: str = "sports"
    patterns: tuple[Pattern, ...] = ()


class Settings:
    """One mail source's settings, checked. `table` is what the config says."""

    def __init__(self, given: Mapping[str, Any], outside: Outside) -> None:
        """Take the config's table. Raises ConfigError naming the key."""
        self.name = outside.name
        self.table = table = decoded(given, Table, outside.name)
        self.senders = frozenset(self._senders(table.senders))
        self.patterns = checked([each.line for each in table.patterns], outside.name)
        if bool(table.host) == bool(table.path):
            raise self._error("host", "or path must be given, and not both", 'write host = "imap.example.com"')
        self.path = outside.folder / Path(table.path).expanduser() if table.path else None
        if not self.path:
            self._server()
        self.port = table.port or _PORTS[table.security]
        self.own = Own(outside.name, outside.zone, self._unit(), table.category)
        rules = repr((sorted(self.senders), self.patterns, table.unit, table.category, table.since, table.folders))
        self.rules = blake2b(rules.encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()
        """Digest of all that decides what a mail says: where it changes, the mails are read again."""
        self.account = f"{table.user}@{table.host}:{self.port}" if table.host else ""

    def _server(self) -> None:
        table = self.table
        if not re.fullmatch(r"[A-Za-z0-9.:-]{1,253}", table.host, re.ASCII):
            raise self._error("host", f"{shown(table.host)!r} is no host name", 'write host = "imap.example.com"')
        if table.security == "none" and table.host not in _LOOPBACK:
            raise self._error(
                "security", "none sends the password in the clear", 'only to this machine; use "tls" or "starttls"'
            )
        if not 0 <= table.port <= 65_535:
            raise self._error("port", f"{table.port} is no port", "993 for tls, 143 for starttls")
        for key, text in (("user", table.user), ("password", table.password)):
            if not text:
                raise self._error(key, "is missing", 'write user = "me@example.com" and password = "env:MAIL_PASSWORD"')
        if not table.folders or any(not name or re.search(r"[\0\r\n]", name) for name in table.folders):
            raise self._error("folders", "must name folders", 'write folders = ["INBOX"]')
        if re.search(r"[\0\r\n]", table.user):
            raise self._error("user", "is no user name", 'write user = "me@example.com"')

    def _senders(self, given: list[str] | str) -> list[str]:
        found = [given] if isinstance(given, str) else given
        for each in found:
            if sender_of([each]) != each.strip().lower():
                raise self._error("from", f"{shown(each)!r} is no address", 'write from = ["trader@example.com"]')
        if not found:
            raise self._error("from", "must name who may send bets", 'write from = ["trader@example.com"]')
        return [each.strip().lower() for each in found]

    def _unit(self) -> Decimal | None:
        text = self.table.unit
        if not text:
            return None
        if not re.fullmatch(r"\d{1,9}(?:\.\d{1,6})?", text, re.ASCII) or not Decimal(text):
            raise self._error("unit", f"{shown(text)!r} is no amount", 'write dollars as a text: unit = "25"')
        return Decimal(text)

    def _error(self, key: str, what: str, remedy: str) -> ConfigError:
        return ConfigError(f"sources.{self.name}: {key} {what}", remedy)
