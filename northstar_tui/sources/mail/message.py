"""MIME: the bytes of one mail to who sent it, when, and the texts, tables and attachments that can hold bets.

Nothing in a mail is executed, followed or loaded. Whatever the bytes, a `Message` comes out or a `MailError` with the
reason; what cannot be read of it is a `Problem`.
"""

from __future__ import annotations

import email
import email.errors
import email.header
import email.message
import email.policy
import email.utils
import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from hashlib import blake2b
from typing import Literal

from northstar_tui.calendar import MAX_TIME, MIN_TIME, instant
from northstar_tui.errors import shown
from northstar_tui.sources.text import storable

MAIL_MAX = 32 << 20
"""Largest mail that is read, bytes."""
ATTACHMENT_MAX = 10_000_000
"""Largest attachment that is read, bytes."""
PARTS_MAX = 200
"""Most parts of one mail."""
_HEADER_MAX = 2_000
_CONTENT = re.compile(rb"^content-[a-z-]{1,40}[ \t]*:[^\r\n]*(?:(?:\r\n|\r|\n)[ \t][^\r\n]*)*", re.I | re.M)
_CONTENT_MAX = 8_000
"""Longest header that describes a part: the standard library takes the square of its length."""
_ADDRESS = r"[^\s<>@,;:\"()\[\]\\]{1,200}@[A-Za-z0-9.-]{1,200}"
_NAMED = re.compile(rf"(?:\"(?:[^\"\\]|\\.)*\"|[^<>\",;()]*)\s*<\s*({_ADDRESS})\s*>", re.ASCII)
_BARE = re.compile(rf"({_ADDRESS})\s*(?:\([^()<>]*\))?", re.ASCII)
_UNSAFE_CODECS = frozenset({"punycode", "idna", "undefined", "unicode_escape", "raw_unicode_escape", "utf-7", "utf_7"})
"""Codecs of the standard library that are no charset of mails, or take time without end."""
_CSV_TYPES = ("text/csv", "application/csv", "text/x-csv", "text/tab-separated-values")
_CLOSED = {
    ".xlsx": "an Excel workbook", ".xls": "an Excel workbook", ".xlsm": "an Excel workbook", ".ods": "a workbook",
    ".numbers": "a workbook", ".zip": "a ZIP archive", ".gz": "an archive", ".7z": "an archive", ".rar": "an archive",
    ".tar": "an archive", ".pdf": "a PDF", ".doc": "a Word document", ".docx": "a Word document",
}  # fmt: skip
_CLOSED_TYPES = {
    "application/zip": "a ZIP archive", "application/x-zip-compressed": "a ZIP archive",
    "application/gzip": "an archive", "application/pdf": "a PDF",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "an Excel workbook",
    "application/pgp-encrypted": "an encrypted mail", "application/pkcs7-mime": "an encrypted or sealed mail",
}  # fmt: skip
SEND = "send the bets as an HTML table, as lines of text or as a CSV attachment (docs/mail-template.md)"


class MailError(ValueError):
    """A mail that cannot be read at all; its message says why."""


@dataclass(frozen=True, slots=True)
class Part:
    """One text of a mail. `name` is what a person calls it: ``text``, ``html``, or the attachment's file name."""

    kind: Literal["text", "html", "csv"]
    name: str
    text: str = ""
    data: bytes = b""
    """An attachment's own bytes."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something of a mail that cannot be read: where, why, and its text."""

    line: int | None
    field: str
    reason: str
    raw: str


@dataclass(slots=True)
class Message:
    """One mail, read. Headers are decoded; `sender` is None where the From header does not name just one address."""

    identity: str
    """Digest of its Message-ID and content: the same mail in two folders, or twice in one, has the same."""
    message_id: str
    subject: str
    sender: str | None
    at: int | None
    """Its Date header, microseconds UTC; None where there is none that can be read."""
    day: date | None
    """The date that its sender's calendar showed."""
    parts: list[Part] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def raw(self, part: str, text: str) -> str:
        """Return `text` of a part, verbatim, under the headers that find its mail again; fit to be stored."""
        return storable(f"Message-ID: {self.message_id}\nSubject: {self.subject}\nPart: {part}\n\n{text}")


def sender_of(values: list[str]) -> str | None:
    """Return the address of the From headers `values` in lower case; None unless one header names one address.

    Display names are not addresses: ``trader@example.com <other@example.net>`` is other@example.net.
    """
    if len(values) != 1 or len(values[0]) > _HEADER_MAX:
        return None
    value = " ".join(values[0].split())
    match = _NAMED.fullmatch(value) or _BARE.fullmatch(value)
    return match[1].lower() if match else None


def headers_of(data: bytes) -> email.message.Message:
    """Return the headers of a mail, or of its beginning. Raises MailError."""
    end = min((at for at in (data.find(b"\n\n"), data.find(b"\r\n\r\n")) if at >= 0), default=len(data))
    return _parsed(data[: min(end, 1 << 20)] + b"\r\n\r\n")


def sender_in(data: bytes) -> str | None:
    """Return the sender that a mail's headers name, as `sender_of`."""
    try:
        return sender_of(_all(headers_of(data), "from"))
    except MailError:
        return None


def read(data: bytes) -> Message:
    """Return the mail that `data` is. Raises MailError where it is too large or too deep to be read."""
    if len(data) > MAIL_MAX:
        raise MailError(f"the mail is larger than {MAIL_MAX >> 20} MiB; {SEND}")
    if data.count(b"oundary") > PARTS_MAX * 4:
        raise MailError(f"the mail has more than {PARTS_MAX} parts; {SEND}")
    if any(match.end() - match.start() > _CONTENT_MAX for match in _CONTENT.finditer(data)):
        raise MailError(f"the mail has a header longer than {_CONTENT_MAX:,} bytes; ask for it again")
    parsed = _parsed(data)
    at, day = _date(_all(parsed, "date"))
    message = Message(
        identity=_identity(parsed, data),
        message_id=_header(parsed, "message-id")[:300],
        subject=_header(parsed, "subject")[:300],
        sender=sender_of(_all(parsed, "from")),
        at=at,
        day=day,
    )
    try:
        leaves = list(_leaves(parsed))
    except RecursionError:
        raise MailError(f"the mail's parts are nested too deeply; {SEND}") from None
    if len(leaves) > PARTS_MAX:
        raise MailError(f"the mail has more than {PARTS_MAX} parts; {SEND}")
    for leaf in leaves:
        _take(leaf, message)
    return message


def _parsed(data: bytes) -> email.message.Message:
    try:
        return email.message_from_bytes(data, policy=email.policy.compat32)
    except RecursionError:
        raise MailError(f"the mail's parts are nested too deeply; {SEND}") from None
    except (ValueError, LookupError, TypeError, IndexError, AttributeError, AssertionError) as error:
        # The parser of the standard library has been seen to fail with each of these on broken mails.
        raise MailError(f"the mail is broken: {type(error).__name__}; ask for it again") from None


def _all(parsed: email.message.Message, name: str) -> list[str]:
    return [str(value) for value in parsed.get_all(name, [])]


def _header(parsed: email.message.Message, name: str) -> str:
    """Return the first header `name`, decoded, on one line and fit to be stored."""
    value = next(iter(_all(parsed, name)), "")[:_HEADER_MAX]
    try:
        pieces = email.header.decode_header(value)
        value = "".join(_decoded(p, c)[0] if isinstance(p, bytes) else p for p, c in pieces)
    except (ValueError, LookupError, TypeError, email.errors.HeaderParseError):
        pass  # an undecodable header is shown as it stands
    return shown(" ".join(storable(value).split()), _HEADER_MAX)


def _date(values: list[str]) -> tuple[int | None, date | None]:
    if not values or len(values[0]) > _HEADER_MAX:
        return None, None
    try:
        moment = email.utils.parsedate_to_datetime(values[0])
        at = instant(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
    except (ValueError, TypeError, IndexError, OverflowError, AttributeError):
        return None, None
    return (at, datetime.date(moment)) if MIN_TIME <= at < MAX_TIME else (None, None)


def _identity(parsed: email.message.Message, data: bytes) -> str:
    """Digest what travels unchanged with a mail; not the Message-ID alone, which another mail can imitate."""
    lines = data.replace(b"\r\n", b"\n")
    body = lines.partition(b"\n\n")[2].rstrip(b"\n")
    digest = blake2b(digest_size=9)
    for name in ("message-id", "date", "from", "subject"):
        digest.update("\x1f".join(_all(parsed, name)).encode("utf-8", "surrogatepass") + b"\0")
    digest.update(body)
    return digest.hexdigest()


def _leaves(parsed: email.message.Message, depth: int = 0) -> list[email.message.Message]:
    """Return the parts that hold content. A mail attached to the mail is another's: it is not looked into."""
    if depth > 60:
        raise RecursionError
    payload = parsed.get_payload()
    if parsed.get_content_maintype() != "multipart" or not isinstance(payload, list):
        return [parsed]
    found: list[email.message.Message] = []
    for part in payload:
        if isinstance(part, email.message.Message):
            found += _leaves(part, depth + 1)
    return found


def _take(leaf: email.message.Message, message: Message) -> None:
    """Add to `message` what one leaf holds."""
    kind, name = leaf.get_content_type(), _file_name(leaf)
    suffix = name[name.rfind(".") :].lower() if "." in name else ""
    closed = _CLOSED.get(suffix) or ("" if suffix in (".csv", ".tsv") else _CLOSED_TYPES.get(kind, ""))
    label = shown(name, 80) or kind
    if closed:
        message.problems.append(Problem(None, label, f"{closed} is not read; {SEND}", label))
        return
    table = suffix in (".csv", ".tsv") or kind in _CSV_TYPES
    attached = bool(name) or _disposition(leaf) == "attachment"
    if not table and (attached or kind not in ("text/plain", "text/html")):
        return
    data = _content(leaf)
    if table:
        if len(data) > ATTACHMENT_MAX:
            reason = f"the attachment is larger than {ATTACHMENT_MAX // 1_000_000} MB; send the new bets alone"
            message.problems.append(Problem(None, label, reason, label))
        else:
            message.parts.append(Part("csv", label, data=data))
        return
    text, note = _decoded(data, _charset(leaf))
    if note and note not in message.notes:
        message.notes.append(note)
    html = kind == "text/html"
    message.parts.append(
        Part("html" if html else "text", "html" if html else "text", storable(text).replace("\0", "\ufffd"))
    )


def _file_name(leaf: email.message.Message) -> str:
    try:
        name = leaf.get_filename() or ""
        pieces = email.header.decode_header(name) if "=?" in name else [(name, None)]
        name = "".join(_decoded(p, c)[0] if isinstance(p, bytes) else p for p, c in pieces)
    except (ValueError, LookupError, TypeError, IndexError, AttributeError, email.errors.HeaderParseError):
        name = "an attachment"
    return storable(name).strip()


def _disposition(leaf: email.message.Message) -> str:
    try:
        return (leaf.get_content_disposition() or "").strip()
    except (ValueError, TypeError, IndexError, AttributeError):
        return ""


def _charset(leaf: email.message.Message) -> str | None:
    try:
        return leaf.get_content_charset()
    except (ValueError, LookupError, TypeError, IndexError, AttributeError):
        return None


def _content(leaf: email.message.Message) -> bytes:
    try:
        data = leaf.get_payload(decode=True)
        return data if isinstance(data, bytes) else b""
    except (ValueError, LookupError, TypeError, IndexError, AttributeError, AssertionError):
        payload = leaf.get_payload()
        return payload.encode("utf-8", "replace") if isinstance(payload, str) else b""


def _decoded(data: bytes, charset: str | None) -> tuple[str, str]:
    """Return the text that `data` is in `charset`, and a note where not all of it could be decoded."""
    name = (charset or "").strip("\"' ").lower()
    if name in ("", "us-ascii", "ascii", "unknown-8bit", "default", "7bit", "8bit"):
        try:
            return data.decode("utf-8"), ""
        except UnicodeDecodeError:
            return data.decode("cp1252", "replace"), "" if name else "the mail states no charset; read as Windows-1252"
    try:
        if name.replace("-", "_") in _UNSAFE_CODECS or name in _UNSAFE_CODECS:
            raise LookupError
        text = data.decode(name, "replace")
    except (LookupError, ValueError, TypeError):
        return data.decode("utf-8", "replace"), f"the charset {shown(name, 40)!r} is unknown; read as UTF-8"
    return text, f"some letters are not in the charset {shown(name, 40)}" if "\ufffd" in text else ""
