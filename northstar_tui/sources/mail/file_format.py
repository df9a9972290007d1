"""Mails as files to import: a .eml or an mbox, recognised by its headers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

from northstar_tui.errors import FileError
from northstar_tui.sources.base import Item, Reading, source_name
from northstar_tui.sources.mail.bets import Own
from northstar_tui.sources.mail.disk import split
from northstar_tui.sources.mail.memory import Memory
from northstar_tui.sources.mail.reader import MailReader
from northstar_tui.sources.table import Head

NAME = "mail"
_HEADER = re.compile(r"([A-Za-z][A-Za-z0-9-]{1,60}):(?:[ \t].*)?")
_MAILS = frozenset(("from", "received", "return-path", "delivered-to", "message-id", "mime-version", "x-original-to"))
_LINES_MAX = 200


class MailFile:
    """The trader's mail, saved."""

    name = NAME
    title = "mails (.eml, mbox)"
    passes = 1

    def claims(self, head: Head) -> Head | None:
        """Claim a beginning of mail headers: two of those that only mails have, one of them where Date is another."""
        names: set[str] = set()
        for nth, line in enumerate(head.text.splitlines()[:_LINES_MAX]):
            if nth == 0 and line.startswith("From "):
                continue
            if not line.strip():
                break
            if line[0] in " \t" and names:
                continue
            match = _HEADER.fullmatch(line)
            if match is None:
                return None
            names.add(match[1].lower())
        return head if len(names & _MAILS) + ("date" in names) + ("subject" in names) >= 2 and names & _MAILS else None

    def check(self, head: Head, reading: Reading) -> None:  # noqa: ARG002 - the formats' signature
        """Raise FileError where the file does not begin as a mail."""
        if self.claims(head) is None:
            raise FileError("this does not begin as a mail does", "save the mail as .eml, or the folder as mbox")

    def read(self, file: BinaryIO, head: Head, reading: Reading) -> Iterator[Item]:
        """Yield the bets and results of every mail, whoever sent it: the operator chose the file."""
        self.check(head, reading)
        own = Own(source_name(NAME, reading.owner), reading.zone, book=reading.owner)
        with MailReader(own, Memory()) as reader:
            for data in split(file):
                said = reader.read_bytes(data)
                yield from said.events
                yield from said.rejects
