"""The mailbox on a server: read-only, over TLS, one command at a time in a thread, every wait with an end.

Folders are opened with EXAMINE and bodies fetched with BODY.PEEK, so that nothing on the server changes, not even
what is unread. Certificates are always verified; imaplib by itself verifies none.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import imaplib
import re
import socket
import ssl
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from imap_tools import AND, BaseMailBox, ImapToolsError, MailboxFolderSelectError, MailboxLoginError

from northstar_tui import debug
from northstar_tui.errors import NO_CONNECTION, shown
from northstar_tui.sources.mail.settings import Settings
from northstar_tui.sources.source import Nonsense, Refused, SourceError, Unreachable

SILENCE = 20.0
"""Seconds without a byte before a connection is given up."""
COMMAND = 90.0
"""Longest that one command may take, seconds: a server that drips does not hold a run for ever."""
_UID = re.compile(rb"\bUID (\d+)")
_SIZE = re.compile(rb"\bRFC822\.SIZE (\d+)")
_PASSING = re.compile(r"\[(?:UNAVAILABLE|INUSE|LIMIT|SERVERBUG|OVERQUOTA)\]|too many|try again", re.I)
_AWAY = {errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN}
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Opened:
    """What EXAMINE said of a folder."""

    validity: int
    next: int
    """UID that the next mail will have; 0 where the server does not say."""
    exists: int


@dataclass(frozen=True, slots=True)
class Header:
    """What is known of a mail before it is fetched."""

    uid: int
    size: int
    head: bytes


class _Client(imaplib.IMAP4):
    """imaplib's client with a socket that can be cut from outside, and certificates verified."""

    def __init__(self, settings: Settings, hold: Callable[[socket.socket], None]) -> None:
        self._context = ssl.create_default_context() if settings.table.security != "none" else None
        self._from_start = settings.table.security == "tls"
        self._hold = hold
        super().__init__(settings.table.host, settings.port, SILENCE)
        if settings.table.security == "starttls":
            self.starttls(self._context)
            hold(self.sock)

    def _create_socket(self, timeout: float | None) -> socket.socket:
        plain: socket.socket = super()._create_socket(timeout)  # type: ignore[misc]
        self._hold(plain)
        if not self._from_start or self._context is None:
            return plain
        sealed = self._context.wrap_socket(plain, server_hostname=self.host, do_handshake_on_connect=False)
        self._hold(sealed)
        try:
            sealed.do_handshake()
        except BaseException:
            sealed.close()
            raise
        return sealed


class _Box(BaseMailBox):
    """imap_tools' mailbox over our client."""

    client: imaplib.IMAP4

    def __init__(self, settings: Settings, hold: Callable[[socket.socket], None]) -> None:
        self._settings, self._hold = settings, hold
        super().__init__()

    def _get_mailbox_client(self) -> imaplib.IMAP4:
        return _Client(self._settings, self._hold)


class Mailbox:
    """One connection. Use within ``async with``; every method raises SourceError."""

    def __init__(self, settings: Settings, password: str) -> None:
        self._settings = settings
        self._password = password
        self._socket: socket.socket | None = None
        self._box: _Box | None = None
        self.tls = ""
        """Version of TLS in use, empty without."""

    async def __aenter__(self) -> Mailbox:
        try:
            await self._do(self._connect)
            await self._do(self._login)
        except BaseException:
            self._close()
            raise
        return self

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            if kind is None:  # who has just failed us is not waited for
                with contextlib.suppress(SourceError):
                    await self._do(self._leave)
        finally:
            self._close()

    async def examine(self, folder: str) -> Opened:
        """Open `folder` read-only."""
        return await self._do(self._examine, folder)

    async def uids(self, after: int, since: date | None) -> list[int]:
        """Return the UIDs of the open folder that are above `after`, ascending; of mails received since a day."""
        criteria = f"UID {after + 1}:*"
        if since is not None:
            criteria = f"{criteria} {str(AND(date_gte=since)).strip('()')}"
        # "n:*" names at least the last mail, whatever its UID is.
        return [uid for uid in await self._do(self._search, criteria) if uid > after]

    async def headers(self, uids: Sequence[int]) -> list[Header]:
        """Return size and From header of the mails with these UIDs; one that has gone is left out."""
        found = await self._do(self._fetch, uids, "(UID RFC822.SIZE BODY.PEEK[HEADER.FIELDS (FROM)])")
        return sorted((Header(uid, size, data) for uid, size, data in found), key=lambda each: each.uid)

    async def mails(self, uids: Sequence[int]) -> dict[int, bytes]:
        """Return the bytes of the mails with these UIDs."""
        return {uid: data for uid, _, data in await self._do(self._fetch, uids, "(UID RFC822.SIZE BODY.PEEK[])")}

    async def folders(self) -> list[str]:
        """Return the names of the account's folders."""
        return await self._do(lambda box: [each.name for each in box.folder.list()])

    # -- in the thread -------------------------------------------------------------------------------------------

    def _connect(self, _: object = None) -> None:
        self._box = _Box(self._settings, self._held)
        sealed = self._box.client.sock
        self.tls = sealed.version() or "" if isinstance(sealed, ssl.SSLSocket) else ""

    def _held(self, connection: socket.socket) -> None:
        self._socket = connection

    def _login(self, box: _Box) -> None:
        user, password = self._settings.table.user, self._password
        if re.search(r"[\0\r\n]", password):
            raise Refused(f"{self._settings.name}: the password holds a line break", "check where it is kept")
        try:
            if (user + password).isascii():
                box.login(user, password, initial_folder=None)
            else:
                box.login_utf8(user, password, initial_folder=None)
        except imaplib.IMAP4.abort:
            raise
        except (MailboxLoginError, imaplib.IMAP4.error) as error:
            raise self._not_let_in(self._hidden(str(error))) from None

    def _examine(self, box: _Box, folder: str) -> Opened:
        box.folder.set(folder, readonly=True)

        def told(name: str) -> int:
            data = box.client.response(name)[1]
            last = data[-1] if data else None
            return int(last) if isinstance(last, bytes) and last.isdigit() else 0

        validity = told("UIDVALIDITY")
        if not validity:
            raise Nonsense(f"{self._settings.name}: {shown(folder)} has no UIDVALIDITY", "the server is no IMAP4rev1")
        return Opened(validity, told("UIDNEXT"), told("EXISTS"))

    def _search(self, box: _Box, criteria: str) -> list[int]:
        return sorted({int(uid) for uid in box.uids(criteria, charset=None) if uid.isdigit()})

    def _fetch(self, box: _Box, uids: Sequence[int], what: str) -> list[tuple[int, int, bytes]]:
        state, data = box.client.uid("FETCH", ",".join(map(str, uids)), what)
        if state != "OK":
            raise Unreachable(f"{self._settings.name}: the server did not give its mails: {shown(str(data))}")
        wanted, found = set(uids), []
        for at, item in enumerate(data):
            if not isinstance(item, tuple):
                continue
            after = data[at + 1] if at + 1 < len(data) and isinstance(data[at + 1], bytes) else b""
            around = item[0] + b" " + after
            uid, size = _UID.search(around), _SIZE.search(around)
            if uid and int(uid[1]) in wanted:
                found.append((int(uid[1]), int(size[1]) if size else len(item[1]), item[1]))
        return found

    def _leave(self, box: _Box) -> None:
        box.logout()

    # -- the wait ------------------------------------------------------------------------------------------------

    async def _do(self, work: Callable[..., T], *arguments: object) -> T:
        """Do `work` in a thread. When it takes too long, or we are cancelled, its socket is cut and the thread ends."""
        future = asyncio.get_running_loop().run_in_executor(None, lambda: work(self._box, *arguments))
        with self._noted(work):
            return await self._waited(future)

    @contextlib.contextmanager
    def _noted(self, work: Callable[..., object]) -> Iterator[None]:
        """Note one command, and how it ended."""
        began, told = time.monotonic(), {}
        try:
            yield
        except BaseException as error:
            told = {"failed": error}
            raise
        finally:
            settings = self._settings
            debug.note(
                "imap", source=settings.name, host=settings.table.host, port=settings.port,
                command=work.__name__.strip("_<>"), ms=(time.monotonic() - began) * 1e3, **told,
            )  # fmt: skip

    async def _waited(self, future: asyncio.Future[T]) -> T:
        try:
            async with asyncio.timeout(COMMAND):
                return await asyncio.shield(future)
        except TimeoutError as error:
            await self._end(future)
            raise self._unreachable(f"no answer within {COMMAND:.0f} s") from error
        except asyncio.CancelledError:
            await self._end(future)
            raise
        except (OSError, imaplib.IMAP4.error, ImapToolsError) as error:
            raise self._worded(error) from None

    async def _end(self, future: asyncio.Future[T]) -> None:
        self._cut()
        await asyncio.wait([future], timeout=SILENCE)
        if future.done() and not future.cancelled():
            future.exception()

    def _cut(self) -> None:
        """Break the connection: whoever waits for it, in whatever thread, waits no longer."""
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)

    def _close(self) -> None:
        self._cut()
        if self._box is not None:
            with contextlib.suppress(OSError, AttributeError):
                self._box.client.shutdown()
        if self._socket is not None:
            self._socket.close()

    def _worded(self, error: Exception) -> SourceError:
        """Return what an error of the connection means for the operator."""
        table, name = self._settings.table, self._settings.name
        said = self._hidden(str(error))
        if isinstance(error, ssl.SSLCertVerificationError):
            why = self._hidden(error.verify_message)
            return Refused(
                f"{name}: the certificate of {table.host} is not valid: {why}", "check the host name and the clock"
            )
        if isinstance(error, ssl.SSLError) and not isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError):
            return Refused(
                f"{name}: {table.host}:{self._settings.port} does not speak TLS as asked: {said}",
                'check port and security ("tls" is 993, "starttls" is 143)',
            )
        if isinstance(error, MailboxFolderSelectError) and not _PASSING.search(said):
            return Refused(
                f"{name}: {table.host} has no folder that can be opened as asked: {said}",
                "northstar doctor lists the account's folders",
            )
        if isinstance(error, socket.gaierror | ConnectionRefusedError) or getattr(error, "errno", None) in _AWAY:
            return self._unreachable(f"{NO_CONNECTION} ({said})")
        return self._unreachable(said or type(error).__name__)

    def _not_let_in(self, said: str) -> SourceError:
        if _PASSING.search(said):
            return self._unreachable(said)
        table = self._settings.table
        return Refused(
            f"{self._settings.name}: {table.host} does not let {shown(table.user)} in: {said}",
            "check user and password; many providers want an app password",
        )

    def _unreachable(self, why: str) -> Unreachable:
        place = f"{self._settings.table.host}:{self._settings.port}"
        return Unreachable(
            f"{self._settings.name}: {place} does not answer: {why}", "it is tried again at the next sync"
        )

    def _hidden(self, text: str) -> str:
        for secret in (self._password, repr(self._password)[1:-1]):
            text = text.replace(secret, "…") if secret else text
        return shown(text, 200)
