"""The mail source: what is new on the server or on disk, mail by mail, to batches with the cursor that covers them."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from northstar_tui.errors import NorthStarError, shown
from northstar_tui.events import Batch, Event, Reject
from northstar_tui.sources.mail import disk
from northstar_tui.sources.mail.cursor import File, Folder, State, Tally, decode, encode
from northstar_tui.sources.mail.imap import Header, Mailbox, Opened
from northstar_tui.sources.mail.memory import Memory
from northstar_tui.sources.mail.message import MAIL_MAX, MailError, read, sender_in
from northstar_tui.sources.mail.reader import MailReader, broken
from northstar_tui.sources.mail.settings import Settings
from northstar_tui.sources.source import Check, Outside, Refused, SourceError, Unreachable

HEADERS = 200
"""Mails whose headers are asked for at once."""
MAILS = 25
"""Mails fetched, and stored, at once."""
BYTES = 8 << 20
"""Bytes of mails fetched at once, where one alone is not more."""
WAITS = (0.5, 2.0)
"""Seconds before the second and third attempt in a row that got nowhere."""
LOOKED_AT = 200
"""Newest mails that `check` looks at."""


def make(settings: Mapping[str, Any], outside: Outside) -> MailSource:
    """Return the source that a table of the config describes. Raises ConfigError."""
    return MailSource(Settings(settings, outside), outside)


class MailSource:
    """One mailbox, or one place on disk."""

    def __init__(self, settings: Settings, outside: Outside) -> None:
        self._settings = settings
        self._outside = outside

    async def fetch(self, cursor: str | None) -> AsyncIterator[Batch]:
        """Yield what is new since `cursor`. Raises SourceError."""
        run = _Run(self._settings, self._outside, decode(cursor, self._settings.account))
        try:
            batches = run.from_disk() if self._settings.path else run.from_server()
            async for batch in batches:
                yield batch
        finally:
            run.close()

    async def check(self) -> AsyncIterator[Check]:
        """Yield what `doctor` says."""
        settings = self._settings
        yield Check("ok", f"bets are taken from {', '.join(sorted(settings.senders))} alone, by the From header")
        try:
            async for line in self._check_disk() if settings.path else self._check_server():
                yield line
        except NorthStarError as error:
            yield Check("failed", error.message, error.remedy)

    async def _check_disk(self) -> AsyncIterator[Check]:
        assert self._settings.path is not None
        found = await asyncio.to_thread(disk.files, self._settings.path)
        where = shown(str(self._settings.path))
        if not found:
            yield Check("warning", f"{where} holds no mails", "it takes .eml, mbox and Maildir")
            return
        total = matching = 0
        for each in found[-LOOKED_AT:]:
            senders = await asyncio.to_thread(_senders, each.path)
            total += len(senders)
            matching += sum(sender in self._settings.senders for sender in senders)
        yield self._matching(where, matching, total)

    async def _check_server(self) -> AsyncIterator[Check]:
        settings, table = self._settings, self._settings.table
        async with Mailbox(settings, self._outside.secret(table.password)) as box:
            sealed = f"over {box.tls}" if box.tls else "without TLS, on this machine"
            yield Check("ok", f"{table.host}:{settings.port} answers {sealed}")
            yield Check("ok", f"{shown(table.user)} is let in")
            for folder in table.folders:
                try:
                    opened = await box.examine(folder)
                except Unreachable:
                    raise
                except SourceError:
                    names = ", ".join(shown(name, 40) for name in (await box.folders())[:20])
                    yield Check("failed", f"there is no folder {shown(folder)!r}", f"the account has {names}")
                    continue
                uids = (await box.uids(0, table.since))[-LOOKED_AT:]
                heads = await box.headers(uids) if uids else []
                matching = sum(sender_in(each.head) in settings.senders for each in heads)
                yield Check("ok", f"{shown(folder)} is open read-only, with {opened.exists:,} mails")
                yield self._matching(shown(folder), matching, len(heads))

    def _matching(self, where: str, matching: int, total: int) -> Check:
        what = f"{where}: {matching} of the newest {total} mails are from the allow-list"
        if matching:
            return Check("ok", what)
        return Check("warning", what, "check from; the address must be the one in the From header")


class _Run:
    """One reading of everything that is new."""

    def __init__(self, settings: Settings, outside: Outside, state: State) -> None:
        self._settings = settings
        self._outside = outside
        self._state = state
        self._seen = set(state.seen)
        self._memory = Memory(state.bets)
        self._reader = MailReader(settings.own, self._memory, settings.patterns)
        self._events: list[Event] = []
        self._rejects: list[Reject] = []
        self._tally = state.tally
        self._held = 0
        """Mails with bets that no batch holds yet."""

    def close(self) -> None:
        """Free what the run holds."""
        self._reader.close()

    # -- one mail ------------------------------------------------------------------------------------------------

    async def _take(self, data: bytes, again: bool) -> None:
        """Take one mail; `again` reads it also where it was read before."""
        await asyncio.to_thread(self._taken, data, again)

    def _taken(self, data: bytes, again: bool) -> None:
        tally = self._tally
        try:
            if len(data) > MAIL_MAX and sender_in(data) not in self._settings.senders:
                tally.ignored += 1
                return
            message = read(data)
        except MailError as error:
            if sender_in(data) in self._settings.senders:
                self._rejects.append(broken(data, error))
            else:
                tally.ignored += 1
            return
        if message.sender not in self._settings.senders:
            tally.ignored += 1
            return
        known = message.identity in self._seen
        counted = not known or self._settings.path is not None
        tally.read += counted
        if known and not again:
            tally.with_bets += counted
            return
        said = self._reader.read(message)
        if said.events or said.rejects:
            tally.with_bets += counted
            self._held += 1
            self._events += said.events
            self._rejects += said.rejects
            if not known:
                self._seen.add(message.identity)
                self._state.seen.append(message.identity)

    def _batch(self, again: bool = False) -> Batch:
        events, rejects = self._events, self._rejects
        self._events, self._rejects, self._held = [], [], 0
        self._state.bets = self._memory.bets()
        return Batch(self._settings.name, events, rejects, cursor=encode(self._state), replay=again)

    # -- from disk -----------------------------------------------------------------------------------------------

    async def from_disk(self) -> AsyncIterator[Batch]:
        """Yield the mails of files that are new or changed, a batch a few of them."""
        assert self._settings.path is not None
        state, path, before = self._state, self._settings.path, encode(self._state)
        if state.rules != self._settings.rules:
            state.files, state.again, state.rules = {}, bool(state.rules), self._settings.rules
        again = state.again or self._outside.since is not None
        found = await asyncio.to_thread(disk.files, path)
        present = {each.name for each in found}
        state.files = {name: file for name, file in state.files.items() if name in present}
        for each in found:
            known = state.files.get(each.name)
            if known is not None and known.mark == each.mark and self._outside.since is None:
                continue
            self._tally = Tally()
            mails = disk.mails(each.path)
            while (data := await asyncio.to_thread(next, mails, None)) is not None:
                await self._take(data, again)
                if self._held == MAILS:
                    yield self._batch(again)
            state.files[each.name] = File(each.mark, self._tally)
        state.again = False
        last = self._batch(again)
        if last.events or last.rejects or last.cursor != before:
            yield last

    # -- from the server -----------------------------------------------------------------------------------------

    async def from_server(self) -> AsyncIterator[Batch]:
        """Yield the new mails of every folder; a connection that breaks is made anew, and goes on where it was."""
        waits = list(WAITS)
        done: set[str] = set()
        refused: Refused | None = None
        password = self._outside.secret(self._settings.table.password)
        while True:
            try:
                async with Mailbox(self._settings, password) as box:
                    for folder in self._settings.table.folders:
                        if folder in done:
                            continue
                        try:
                            opened = await box.examine(folder)
                        except Refused as error:  # this folder's, the others are read
                            refused = refused or error
                        else:
                            async for batch in self._folder(box, folder, opened):
                                waits = list(WAITS)
                                yield batch
                        done.add(folder)
                if refused is not None:
                    raise refused
                return
            except Unreachable:
                if not waits:
                    raise
                self._events, self._rejects = [], []
            await asyncio.sleep(waits.pop(0) * random.uniform(0.8, 1.2))  # noqa: S311 - jitter

    async def _folder(self, box: Mailbox, name: str, opened: Opened) -> AsyncIterator[Batch]:
        folder = self._place(name, opened.validity)
        uids = await box.uids(folder.last, self._since() if folder.last == 0 else None)
        earlier = [uid for uid in await box.uids(0, self._backfill()) if uid <= folder.last] if self._backfill() else []
        again = earlier + [uid for uid in uids if uid <= folder.again]
        fresh = [uid for uid in uids if uid > folder.again]
        for group, repeated in ((again, True), (fresh, False)):
            for at in range(0, len(group), HEADERS):
                async for batch in self._chunk(box, folder, group[at : at + HEADERS], repeated):
                    yield batch
        last, before = max(folder.last, opened.next - 1), (folder.last, folder.again)
        folder.last, folder.again = last, 0
        if before != (last, 0):
            yield self._batch()

    def _place(self, name: str, validity: int) -> Folder:
        """Return how far a folder has been read, from the beginning where its UIDs or our settings are others now."""
        rules = self._settings.rules
        folder = self._state.folders.get(name)
        if folder is None or folder.validity != validity:
            again = 2**32 if folder is not None and folder.rules != rules else 0
            folder = self._state.folders[name] = Folder(validity, rules=rules, again=again)
        elif folder.rules != rules:
            folder.rules, folder.again, folder.last = rules, max(folder.last, folder.again), 0
        return folder

    async def _chunk(self, box: Mailbox, folder: Folder, uids: Sequence[int], again: bool) -> AsyncIterator[Batch]:
        """Yield the bets in mails with these UIDs, and advance `folder` over them."""
        others, wanted = [], []
        for header in await box.headers(uids):
            if sender_in(header.head) not in self._settings.senders:
                others.append(header.uid)
            elif header.size > MAIL_MAX:
                error = MailError(f"the mail is larger than {MAIL_MAX >> 20} MiB")
                self._rejects.append(broken(b"UID %d\r\n" % header.uid + header.head, error))
            else:
                wanted.append(header)
        for group in _groups(wanted):
            mails = await box.mails([each.uid for each in group])
            self._outside.http.meter.pages += 1
            for _, data in sorted(mails.items()):
                self._outside.http.meter.bytes += len(data)
                await self._take(data, again)
            self._advance(folder, group[-1].uid, others)
            yield self._batch(again)
        self._advance(folder, uids[-1], others)
        if self._events or self._rejects:
            yield self._batch(again)

    def _advance(self, folder: Folder, uid: int, others: list[int]) -> None:
        """Take note that a folder was read up to `uid`, and of the mails of others up to there."""
        passed = [each for each in others if each <= uid]
        others[:] = others[len(passed) :]
        self._state.tally.ignored += len(passed)
        folder.last = max(folder.last, uid)

    def _since(self) -> date | None:
        return self._settings.table.since

    def _backfill(self) -> date | None:
        if self._outside.since is None:
            return None
        return datetime.fromtimestamp(self._outside.since // 1_000_000, self._outside.zone).date()


def _senders(path: Path) -> list[str | None]:
    return [sender_in(mail) for mail in disk.mails(path)]


def _groups(headers: Sequence[Header]) -> list[list[Header]]:
    """Return `headers` in groups that are fetched at once."""
    groups: list[list[Header]] = []
    size = 0
    for header in headers:
        if not groups or len(groups[-1]) == MAILS or size + header.size > BYTES:
            groups.append([])
            size = 0
        groups[-1].append(header)
        size += header.size
    return groups
