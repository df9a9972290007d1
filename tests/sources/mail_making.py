"""What the mail tests share: mails as a trader writes them, and what NorthStar makes of them."""

from __future__ import annotations

from collections.abc import Sequence
from email.message import EmailMessage
from email.policy import SMTP
from typing import Any
from zoneinfo import ZoneInfo

from northstar_tui.events import Event, Reject
from northstar_tui.sources.mail.bets import Own
from northstar_tui.sources.mail.memory import Memory
from northstar_tui.sources.mail.reader import MailReader

TRADER = "Ty the Trader <trader@example.com>"
DATE = "Wed, 25 Feb 2026 10:00:00 -0500"
AT = 1_772_031_600_000_000
"""`DATE` in microseconds UTC."""
DAY = 86_400_000_000


def mail(
    text: str | None = None,
    *,
    html: str | None = None,
    csv: str | None = None,
    date: str = DATE,
    nth: int = 1,
    sender: str = TRADER,
    subject: str = "Today's bets",
) -> bytes:
    """Return a mail; `nth` makes its Message-ID."""
    made = EmailMessage(policy=SMTP)
    made["From"], made["To"], made["Subject"] = sender, "operator@example.com", subject
    if date:
        made["Date"] = date
    made["Message-ID"] = f"<{nth}@mail.example.com>"
    if text is not None:
        made.set_content(text)
    if html is not None and text is not None:
        made.add_alternative(html, subtype="html")
    elif html is not None:
        made.set_content(html, subtype="html")
    if csv is not None:
        made.add_attachment(csv.encode(), maintype="text", subtype="csv", filename="bets.csv")
    return made.as_bytes()


def table(*rows: Sequence[str]) -> str:
    """Return rows as an HTML page with a table; the first is the header."""
    head = "".join(f"<th>{cell}</th>" for cell in rows[0])
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows[1:])
    return f"<html><body><h2>Bets</h2><table><tr>{head}</tr>{body}</table></body></html>"


def said(*mails: bytes, memory: Memory | None = None, patterns: Sequence[str] = (), **own: Any) -> list[Event | Reject]:
    """Return what these mails say, in their order."""
    settings = Own("mail", ZoneInfo("America/New_York"), **own)
    found: list[Event | Reject] = []
    with MailReader(settings, memory or Memory(), patterns) as reader:
        for data in mails:
            each = reader.read_bytes(data)
            found += [*each.events, *each.rejects]
    return found


def bets(*mails: bytes, **more: Any) -> list[Event]:
    """Return the events, having checked that nothing was rejected."""
    found = said(*mails, **more)
    wrong = [each for each in found if isinstance(each, Reject)]
    assert not wrong, wrong
    return [each for each in found if isinstance(each, Event)]


def rejected(*mails: bytes, **more: Any) -> list[Reject]:
    """Return the rejects, having checked that there is nothing else."""
    found = said(*mails, **more)
    assert not [each for each in found if isinstance(each, Event)], found
    return [each for each in found if isinstance(each, Reject)]
