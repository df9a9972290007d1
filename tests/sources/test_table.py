"""Tables as text: any delimiter, encoding and quoting; every record keeps its line and its own bytes."""

from __future__ import annotations

import codecs
import io

import pytest

from northstar_tui.errors import FileError
from northstar_tui.sources import table
from northstar_tui.sources.table import Record, look, records

PLAIN = "name,amount\nRangers – Celtic,1\n"


def rows(data: bytes | str) -> list[Record]:
    file = io.BytesIO(data.encode() if isinstance(data, str) else data)
    return list(records(file, look(file)))


def cells(data: bytes | str) -> list[list[str]]:
    found = rows(data)
    assert all(record.fault is None for record in found), found
    return [record.cells for record in found]


@pytest.mark.parametrize(
    "data",
    [
        PLAIN.encode(),
        codecs.BOM_UTF8 + PLAIN.encode(),
        PLAIN.replace("\n", "\r\n").encode(),
        PLAIN.replace("\n", "\r").encode(),
        PLAIN.encode("utf-16"),
        PLAIN.encode("utf-16-le"),
        PLAIN.encode("utf-16-be"),
        PLAIN.encode("cp1252"),
        PLAIN.replace(",", ";").encode(),
        PLAIN.replace(",", "\t").encode(),
        PLAIN.replace(",", "|").encode(),
        PLAIN.rstrip("\n").encode(),
        ("\n\n" + PLAIN).encode(),
        ("sep=;\n" + PLAIN.replace(",", ";")).encode(),
        ("My bets of 2026\n\n" + PLAIN).encode(),
        b'name , "amount"   \n"Rangers \xe2\x80\x93 Celtic"  ,  "1"\n',
    ],
    ids=[
        "plain",
        "bom",
        "crlf",
        "cr",
        "utf16",
        "utf16le",
        "utf16be",
        "cp1252",
        ";",
        "tab",
        "|",
        "no-newline",
        "blank",
        "sep",
        "title",
        "padded",
    ],
)
def test_one_table_in_many_writings(data: bytes) -> None:
    assert [[cell.strip() for cell in row] for row in cells(data)] == [["Rangers – Celtic", "1"]]


def test_a_quoted_cell_spans_lines_and_the_record_keeps_its_text() -> None:
    found = rows('a,b\n1,"two\r\nlines, ""quoted"""\n3,4\n')
    assert [(r.line, r.cells, r.raw) for r in found] == [
        (2, ["1", 'two\r\nlines, "quoted"'], '1,"two\r\nlines, ""quoted"""'),
        (4, ["3", "4"], "3,4"),
    ]


@pytest.mark.parametrize(
    ("data", "good", "bad"),
    [
        ('a,b\n1,"open\n2,3\n4,5\n', [3, 4], [2]),
        ('a,b\n1,2\n3,"open', [2], [3]),
        ('a,b\n1,"open\n2,3\n4,"x"\n5,6\n', [3, 4, 5], [2]),
        ("a,b,c\n1,2,3\n4,5", [2], [3]),
        ("a,b\n1,2,3\n4,5\n6\n7,8\n", [3, 5], [2, 4]),
        ("a,b\n1,\0\n2,3\n", [3], [2]),
        (b"a,b\n1,\xc3\xa9\n2,\xff\n3,\xc3\xa9\n", [2, 4], [3]),
        ("a,b\n1,2,,\n,,\n  ,\n3,4\n", [2, 5], []),
    ],
    ids=["stray", "cut-in-quotes", "stray-pairs", "cut", "ragged", "nul", "undecodable", "blank"],
)
def test_what_is_no_record_is_at_fault_alone(data: bytes | str, good: list[int], bad: list[int]) -> None:
    found = rows(data)
    assert [r.line for r in found if r.fault is None] == good
    assert [r.line for r in found if r.fault is not None] == bad
    for record in found:
        if record.fault is not None:
            record.reject().raw.encode()


def test_a_quote_that_nobody_closes_costs_one_record_however_long_the_file() -> None:
    lines = ["a,b", '1,"open', *(f"{n},x" for n in range(5_000))]
    found = rows("\n".join(lines) + "\n")
    assert [r.line for r in found if r.fault is not None] == [2]
    assert len(found) == 5_001


def test_a_record_longer_than_the_limit_is_rejected_and_the_rest_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table, "RECORD_MAX", 1_000)
    found = rows("a,b\n1," + "x" * 5_000 + "\n2,3\n")
    assert [(r.line, r.fault is None) for r in found] == [(2, False), (3, True)]
    assert len(found[0].raw) <= 1_000


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "empty"),
        (b"\n \n", "empty"),
        (codecs.BOM_UTF8, "empty"),
        (b"PK\x03\x04....", "workbook"),
        (b"%PDF-1.7", "PDF"),
        (b"SQLite format 3\x00...", "SQLite"),
        (b"\x1f\x8b\x08", "gzip"),
        (bytes(range(256)) * 40, "no text"),
    ],
    ids=["empty", "blank", "bom", "xlsx", "pdf", "sqlite", "gzip", "binary"],
)
def test_what_is_no_text_is_refused_by_name(data: bytes, why: str) -> None:
    with pytest.raises(FileError, match=why):
        look(io.BytesIO(data))


def test_the_file_stays_open_for_a_second_pass() -> None:
    file = io.BytesIO(PLAIN.encode())
    head = look(file)
    assert list(records(file, head)) == list(records(file, head))
    next(records(file, head))
    assert not file.closed
