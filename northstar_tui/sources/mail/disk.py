"""Mails on disk: a .eml, an mbox, a Maildir, or a folder of .eml and mbox files."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import blake2b
from pathlib import Path
from typing import BinaryIO, NamedTuple

from northstar_tui.errors import shown
from northstar_tui.sources.mail.message import MAIL_MAX
from northstar_tui.sources.source import SourceError

_SUFFIXES = (".eml", ".mbox", ".mbx", ".msg.txt")
_FROM = b"From "


class Found(NamedTuple):
    """A file of mails: `name` digests where it is, `mark` digests its size and time, which change when it does."""

    path: Path
    name: str
    mark: str


def files(path: Path) -> list[Found]:
    """Return the files of mails at `path`, in the order of their names. Raises SourceError."""
    try:
        if path.is_dir():
            if (path / "cur").is_dir() and (path / "new").is_dir():
                listed = [each for folder in ("cur", "new") for each in (path / folder).iterdir()]
                listed.sort(key=lambda each: each.name)
            else:
                listed = sorted(each for each in path.iterdir() if each.name.lower().endswith(_SUFFIXES))
            return [_found(each) for each in listed if each.is_file() and not each.name.startswith(".")]
        if path.exists() and not path.is_file():
            raise SourceError(f"{shown(str(path))} is no file of mails", "it takes .eml, mbox and Maildir")
        return [_found(path)]
    except OSError as error:
        raise _unreadable(path, error) from None


def _found(path: Path) -> Found:
    status = path.stat()
    # A Maildir's file is renamed when it is read or flagged; what stands before the colon stays.
    name = path.name.partition(":2,")[0]
    return Found(path, _digest(name), _digest(f"{status.st_size} {status.st_mtime_ns}"))


def _digest(text: str) -> str:
    return blake2b(text.encode("utf-8", "surrogateescape"), digest_size=6).hexdigest()


def mails(path: Path) -> Iterator[bytes]:
    """Yield the mails of one file, an mbox where it begins like one. Raises SourceError."""
    try:
        with path.open("rb") as file:
            yield from split(file)
    except OSError as error:
        raise _unreadable(path, error) from None


def split(file: BinaryIO) -> Iterator[bytes]:
    """Yield the mails of an open file from its start. One that is too large comes out cut, one byte above the limit."""
    file.seek(0)
    start = file.read(3)
    skipped = 3 if start == b"\xef\xbb\xbf" else 0
    file.seek(skipped)
    if file.read(len(_FROM)) != _FROM:
        file.seek(skipped)
        data = file.read(MAIL_MAX + 1)
        if data.strip():
            yield data
        return
    file.seek(skipped)
    held: list[bytes] = []
    size, blank = 0, True
    while line := file.readline(MAIL_MAX):
        if blank and line.startswith(_FROM):
            if held:
                yield b"".join(held)
            held, size = [], 0
        elif size <= MAIL_MAX:
            # mboxrd: ">From " in the text was "From ".
            plain = line[1:] if line.startswith(b">") and line.lstrip(b">").startswith(_FROM) else line
            held.append(plain)
            size += len(plain)
        blank = line in (b"\n", b"\r\n")
    if held:
        yield b"".join(held)


def _unreadable(path: Path, error: OSError) -> SourceError:
    return SourceError(f"{shown(str(path))} cannot be read: {error.strerror}", "check the path and its rights")
