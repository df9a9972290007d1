"""Whatever the bytes, a mail becomes events and rejects: no exception, no minutes, nothing unfit for the store."""

from __future__ import annotations

import csv
import io
import json
import time
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from mail_making import mail, rejected, said, table
from source_reading import read as read_file

from northstar_tui.errors import FileError
from northstar_tui.events import Event, Reject
from northstar_tui.ledger.project import check
from northstar_tui.sources.mail import disk, html
from northstar_tui.sources.mail.message import MailError, read, sender_of
from northstar_tui.sources.vocabulary import unfit
from northstar_tui.text import safe

SHARED = Path(__file__).parents[3] / "shared" / "data" / "mail"
HEAD = ("Market", "Pick", "Odds", "Stake", "Edge", "Confidence", "Thesis", "Date", "Result", "Profit", "Bet ID")
SHAPES = (
    mail("Market | Pick | Odds | Stake\nLakers | ML | -110 | $50\nLakers | ML | WON | 45\n", html="<p>x</p>"),
    mail(html=table(HEAD, ("L", "ML", "-110", "5", "1%", "0.5", "t", "2026-02-25", "won", "", "7"))),
    mail("see", csv="Pick,Odds,Stake,Date\nLakers,2.5,10,03/04/2026\nHeat,,5,\n"),
)


def checked(found: list[Event | Reject]) -> list[Event | Reject]:
    for each in found:
        each.raw.encode()
        json.dumps(dict(each.body) if isinstance(each, Event) else each.reason, ensure_ascii=False).encode()
        if isinstance(each, Reject):
            assert each.reason
            assert safe(each.reason) == each.reason
        else:
            check(each)
            assert unfit(each) is None
            if each.kind == "bet.settled":
                assert each.body["gross"] - each.body["fees"] == each.body["net"]
    return found


@given(st.binary(max_size=600))
@example(b"Content-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: multipart/mixed; boundary=x\n\n--x\n")
@example(b"From: a@b\nContent-Type: text/plain; charset=zlib\n\nx | y | -110 | $5")
@example(b"Content-Transfer-Encoding: base64\n\n\xff\xfe====")
@example(b"Content-Type: text/csv; name*0*=x''%ff\n\n\0")
def test_any_bytes(data: bytes) -> None:
    checked(said(data))


@example(SHAPES[2], [(1868, b"\0")])
@given(st.sampled_from(SHAPES), st.lists(st.tuples(st.integers(0, 3000), st.binary(max_size=12)), max_size=6))
def test_mails_of_a_real_shape_with_bytes_changed(shape: bytes, changes: list[tuple[int, bytes]]) -> None:
    data = bytearray(shape)
    for at, new in changes:
        at %= len(data)
        data[at : at + len(new)] = new
    checked(said(bytes(data)))


CELLS = st.sampled_from(
    ["", "won", "lost", "pending", "-110", "2.5", "5/2", "52¢", "$5", "£5", "1e400", "nan", "2u", "62%", "8/10",
     "2026-02-25", "03/04/2026", "KXA-26FEB25-B1", "\x1b[31m", "\u202e", "x|y", "=cmd()", "[bold]", "'; DROP TABLE"]
) | st.text(max_size=8)  # fmt: skip


@given(st.lists(st.lists(CELLS, min_size=len(HEAD), max_size=len(HEAD)), max_size=5))
def test_every_row_of_a_table_of_bets_comes_out(rows: list[list[str]]) -> None:
    out = io.StringIO()
    rows = [
        [cell.encode("utf-8", "replace").decode().replace("\r", "").replace("\0", "") for cell in row] for row in rows
    ]
    csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_ALL).writerows([HEAD, *rows])
    found = checked(said(mail("see", csv=out.getvalue())))
    told = [row for row in rows if any(cell.strip() for cell in row)]
    assert len(found) <= len(told)
    if len({tuple(row) for row in told}) == len(told) and not any(row[-1].strip() for row in told):
        assert len(found) == len(told), "without ids no two rows are one bet, and none is dropped"


@given(st.text(max_size=300))
@example("<table><tr><td><table></td></tr><td>x")
@example("<![CDATA[<!-- </td> -->")
@example("<a b='<td>'>&#xFFFFFFFF;&#0;")
def test_any_html(text: str) -> None:
    html.blocks(text)


@pytest.mark.parametrize(
    "unit",
    [
        "<a ",
        '<a b="',
        "<!--",
        "<![",
        "<?",
        "</",
        "&",
        "<",
        "<a b='>",
        "<td>",
        "<table>",
        "<tr>",
        "<script>",
        "&#",
        "<td rowspan=50 colspan=50>",
    ],
)
def test_hostile_html_takes_no_time(unit: str) -> None:
    began = time.thread_time()
    html.blocks(unit * (300_000 // len(unit)))
    assert time.thread_time() - began < 15


@pytest.mark.parametrize(
    "data",
    [
        b"Content-Type: multipart/mixed;" + b";" * 5_000_000,
        b"Content-Type: multipart/mixed;" + b"\n a=b;" * 1_000_000,
        b"Subject: " + b"=?utf-8?q?a?= " * 300_000,
        b"From: " + b'"' + b"\\a" * 2_000_000,
        b"Date: " + b"Mon, " * 500_000,
        b"From: a@b\n" + b" c\n" * 1_000_000,
        b"From: a@b\n\n" + (b" " * 400 + b"x\n") * 5_000,
        b"From: a@b\n\n" + b"Pick: a\n" * 400_000,
        b"Content-Type: text/csv\n\nPick,Odds,Stake\n" + b"a,-110,5\n" * 60_000,
    ],
    ids=["semicolons", "parameters", "words", "quotes", "dates", "folded", "spaces", "keys", "rows"],
)
def test_hostile_mails_take_no_time(data: bytes) -> None:
    began = time.thread_time()
    checked(said(data))
    assert time.thread_time() - began < 25


def test_large_deep_and_strange_mails_survive() -> None:
    began = time.thread_time()
    assert said(mail("word " * 2_100_000)) == [], "a body of 10 MB without a bet"
    (reject,) = rejected(mail("a | b | -110 | $5 | 1% | 0.5 | " + "x" * 30_000))
    assert "longer than" in reject.reason
    assert len(reject.raw) < 2_000
    deep = b"From: a@b\n" + b"".join(
        b'Content-Type: multipart/mixed; boundary="%d"\n\n--%d\n' % (n, n) for n in range(600)
    )
    (reject,) = rejected(deep)
    assert "nested" in reject.reason or "parts" in reject.reason
    many = b"Content-Type: multipart/mixed; boundary=x\n\n" + b"--x\nContent-Type: text/plain\n\nhi\n" * 5_000
    assert "parts" in rejected(many)[0].reason
    (reject,) = rejected(mail(html="<p>" + "x" * html.HTML_MAX))
    assert "longer" in reject.reason
    assert "letters" in rejected(mail("a | bX | -110 | $5").replace(b"bX", b"b\0"))[0].reason
    (reject,) = rejected(b"x" * (33 << 20))
    assert "larger" in reject.reason
    assert time.thread_time() - began < 60


@pytest.mark.parametrize("name", ["bets.xlsx", "bets.zip", "bets.pdf", "bets.xls"])
def test_what_is_attached_and_cannot_be_read_says_what_to_send_instead(name: str) -> None:
    data = mail("see attachment", csv="PK\3\4").replace(b"text/csv", b"application/octet-stream")
    (reject,) = rejected(data.replace(b"bets.csv", name.encode()))
    assert reject.field == name
    assert "CSV attachment" in reject.reason


def test_a_csv_that_is_none_and_one_of_other_things_are_named() -> None:
    assert "ZIP" in rejected(mail("see", csv="PK\3\4"))[0].reason
    (reject,) = rejected(mail("see", csv="name,phone\nAnn,1\n"))
    assert "name, phone" in reject.reason
    (reject,) = rejected(mail("see", csv="Pick,Odds,Stake\nLakers,-110\n"))
    assert (reject.line, "cells" in reject.reason) == (2, True)


@pytest.mark.parametrize("charset", ["x-nonsense", "zlib", "punycode", "unicode_escape", "idna", '"', "utf-7"])
def test_an_unknown_charset_is_noted(charset: str) -> None:
    data = mail("Lakers | ML | -110 | $5").replace(b'charset="utf-8"', f'charset="{charset}"'.encode())
    (event,) = [each for each in said(data) if isinstance(each, Event)]
    assert "charset" in event.body.get("note", "") or charset == '"'


def test_letters_that_are_no_text_are_quarantined() -> None:
    data = mail("Lakers | ML | -110 | $5").replace(b"Lakers", b"L\xff\xfekers")
    assert "cannot be read" in rejected(data)[0].reason
    thesis = mail("Lakers | ML | -110 | $5 | | | well rested").replace(b"well", b"w\xff\xfell")
    (event,) = [each for each in said(thesis) if isinstance(each, Event)]
    assert event.body["thesis"] == "w\ufffd\ufffdll rested"
    assert event.body["note"] == "some letters are not in the charset utf-8"


@pytest.mark.parametrize(
    ("values", "sender"),
    [
        (["trader@example.com"], "trader@example.com"),
        (["Ty <Trader@Example.com>"], "trader@example.com"),
        (['"Doe, Ty" <trader@example.com>'], "trader@example.com"),
        (["=?utf-8?q?Ty?= <trader@example.com>"], "trader@example.com"),
        (["trader@example.com (Ty)"], "trader@example.com"),
        (["trader@example.com <evil@example.net>"], "evil@example.net"),
        (['"trader@example.com" <evil@example.net>'], "evil@example.net"),
        (["trader@example.com, evil@example.net"], None),
        (["evil@example.net, trader@example.com"], None),
        (["trader@example.com", "evil@example.net"], None),
        (["<trader@example.com> <evil@example.net>"], None),
        (["trader@example.com@evil.example.net"], None),
        (["trader@example.com\0.evil.example.net"], None),
        (["=?utf-8?q?trader=40example.com?="], None),
        (["trader\u0430@example.com"], "trader\u0430@example.com"),
        ([""], None),
        (["a" * 5_000 + "@b"], None),
        ([], None),
    ],
)
def test_the_sender_is_the_one_address_of_the_one_from_header(values: list[str], sender: str | None) -> None:
    assert sender_of(values) == sender


@given(st.binary(max_size=400))
@example(b"From x\n\nFrom y\n>From z\n\n\nFrom w")
def test_an_mbox_of_any_bytes_is_split(data: bytes) -> None:
    parts = list(disk.split(io.BytesIO(data)))
    assert sum(map(len, parts)) <= len(data)
    for part in parts:
        checked(said(part))


def test_an_mbox_unfolds_to_the_mails_it_was_made_of() -> None:
    one, two = (
        mail(f"From the desk\n\nFrom me\nLakers | ML | -110 | ${n}", nth=n).replace(b"\r\n", b"\n") for n in (1, 2)
    )
    box = b"".join(
        b"From ty Wed Feb 25 10:00:00 2026\n" + each.replace(b"\nFrom ", b"\n>From ") + b"\n" for each in (one, two)
    )
    mails = list(disk.split(io.BytesIO(box)))
    assert [read(each).identity for each in mails] == [read(each).identity for each in (one, two)]
    file = [item for item in read_file(box) if isinstance(item, Event)]
    assert [event.body["stake"] for event in file] == [1_000_000, 2_000_000]


def test_mails_are_recognised_as_files() -> None:
    (event,) = read_file(mail("Lakers | ML | -110 | $5"), book="john")
    assert isinstance(event, Event)
    assert (event.source, event.book) == ("mail:john", "john")
    assert read_file(mail("nothing today")) == []
    for other in (b"Date,From,Subject\n1,2,3\n", b"Date: 2026\nTotal: 5\n\n", b'From: "x"\nno header\n'):
        with pytest.raises(FileError):
            read_file(other)


@pytest.mark.skipif(not SHARED.is_dir(), reason=f"the real mails are not at {SHARED}")
def test_every_real_mail_is_read_without_a_crash() -> None:
    files = [path for path in sorted(SHARED.rglob("*")) if path.is_file() and "LICENSES" not in path.parts]
    assert len(files) > 190
    readable = 0
    for path in files:
        data = path.read_bytes()
        for each in disk.split(io.BytesIO(data)):
            checked(said(each))
            try:
                message = read(each)
            except MailError:
                continue
            readable += bool(message.parts)
            assert safe(message.subject) == message.subject
        try:
            read_file(data)
        except FileError as refusal:
            assert safe(str(refusal)) == str(refusal)
    assert readable > 150, "most of them have a text"
