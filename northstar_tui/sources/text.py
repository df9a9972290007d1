"""Bytes to text: which encoding a file is in, decided over all of it, and which files are no text at all."""

from __future__ import annotations

import codecs
import io
import re
from typing import BinaryIO

from northstar_tui.errors import FileError

_CHUNK = 1 << 20
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_MAGIC = (
    (b"PK\x03\x04", "a ZIP archive or an Excel workbook", "unpack it, or save the sheet as CSV"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook", "save the sheet as CSV"),
    (b"\x1f\x8b", "a gzip archive", "unpack it first (gunzip)"),
    (b"BZh", "a bzip2 archive", "unpack it first (bunzip2)"),
    (b"\xfd7zXZ\x00", "an xz archive", "unpack it first (unxz)"),
    (b"%PDF", "a PDF", "download the CSV export instead"),
    (b"SQLite format 3\x00", "an SQLite database", "if it is a NorthStar store, name it with --store"),
    (b"\x89PNG", "a picture", "download the CSV export instead"),
)


def encoding_of(file: BinaryIO) -> str:
    """Return the encoding of `file`, reading all of it in constant memory; the position is left at the start.

    A byte order mark decides; else UTF-16 shows itself by its zero bytes; else it is UTF-8 where the lines with letters
    beyond ASCII mostly are, and Windows-1252 otherwise. Raises FileError for archives, workbooks and other binary
    files.
    """
    file.seek(0)
    start = file.read(4096)
    for magic, what, remedy in _MAGIC:
        if start.startswith(magic):
            raise FileError(f"this is {what}", remedy)
    for bom, name in _BOMS:
        if start.startswith(bom):
            file.seek(0)
            return name
    wide = _utf16_without_mark(start)
    if wide:
        file.seek(0)
        return wide
    good = bad = 0
    file.seek(0)
    while chunk := file.read(_CHUNK):
        chunk += file.readline(_CHUNK)
        if chunk.isascii():
            continue
        for line in chunk.splitlines():
            if not line.isascii():
                if _is_utf8(line):
                    good += 1
                else:
                    bad += 1
    file.seek(0)
    return "utf-8" if good >= bad else "cp1252"


def _utf16_without_mark(start: bytes) -> str | None:
    """Text of Western letters in UTF-16 has a zero in every second byte; no text in another encoding has."""
    sample = start[: len(start) & ~1]
    if len(sample) < 16:
        return None
    low, high = sample[1::2].count(0), sample[0::2].count(0)
    half = len(sample) // 2
    if low > half * 0.7 and high < half * 0.1:
        return "utf-16-le"
    if high > half * 0.7 and low < half * 0.1:
        return "utf-16-be"
    return None


def _is_utf8(line: bytes) -> bool:
    try:
        # A file cut in the middle of a letter is still UTF-8: what is left over at the end is not judged.
        codecs.getincrementaldecoder("utf-8")().decode(line)
    except UnicodeDecodeError:
        return False
    return True


def _escape(error: UnicodeError) -> tuple[str, int]:
    """Turn each byte that cannot be decoded into a lone surrogate, whatever the encoding."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return "".join(chr(0xDC00 + byte) for byte in error.object[error.start : error.end]), error.end


codecs.register_error("northstar.escape", _escape)


def decoded(file: BinaryIO, encoding: str) -> io.TextIOWrapper:
    """Return `file` from its start as text with its line ends untouched.

    A byte that the encoding does not know becomes a lone surrogate, which `undecodable` finds: the record is rejected,
    the rest of the file is read. The caller detaches the wrapper to keep `file` open.
    """
    file.seek(0)
    return io.TextIOWrapper(file, encoding, errors="northstar.escape", newline="")


_LONE = re.compile("[\ud800-\udfff]")


def undecodable(text: str) -> bool:
    """Return whether `text` holds bytes that its file's encoding could not decode."""
    return not text.isascii() and _LONE.search(text) is not None


def storable(text: str) -> str:
    """Return `text` with bytes that could not be decoded written as ``\\xNN``, so that it can be stored."""
    return _LONE.sub(lambda lone: f"\\x{ord(lone[0]) & 0xFF:02x}", text) if undecodable(text) else text
