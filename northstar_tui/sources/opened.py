"""A file on disk, opened once: its bytes, their SHA-256, and how far they have been read."""

from __future__ import annotations

import hashlib
import io
import os
import stat
import tempfile
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from northstar_tui.errors import FileError, shown

_CHUNK = 1 << 20


class _Counting(io.FileIO):
    """Raw bytes that count themselves as they are read."""

    read_bytes = 0
    tick: Callable[[int], None] | None = None

    def readinto(self, buffer: memoryview | bytearray, /) -> int | None:  # type: ignore[override]
        count = super().readinto(buffer)
        if count:
            self.read_bytes += count
            if self.tick is not None:
                self.tick(self.read_bytes)
        return count


class Opened:
    """One file opened to be read. `bytes` is seekable; `tick` is told the number of bytes read so far, over all passes.

    What is no plain file (a pipe) is copied to a temporary one first, for it is read more than once.
    """

    def __init__(self, path: Path, tick: Callable[[int], None] | None = None) -> None:
        """Open `path`. Raises FileError naming it."""
        self.path = path
        self._spool: io.BufferedRandom | None = None
        try:
            self._raw = _Counting(path, "rb")
            if not stat.S_ISREG(os.fstat(self._raw.fileno()).st_mode):
                self._raw = self._spooled(self._raw)
        except IsADirectoryError:
            raise FileError(f"{shown(str(path))} is a folder", "name the files in it") from None
        except OSError as error:
            raise FileError(
                f"{shown(str(path))} cannot be read: {error.strerror}", "check its name and rights"
            ) from error
        self._raw.tick = tick
        self.bytes = io.BufferedReader(self._raw, 1 << 18)
        self._state = self._now()

    def _spooled(self, pipe: _Counting) -> _Counting:
        self._spool = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as this object
        with pipe:
            while chunk := pipe.read(_CHUNK):
                self._spool.write(chunk)
        self._spool.flush()
        self._spool.seek(0)
        return _Counting(self._spool.fileno(), "rb", closefd=False)

    def _now(self) -> tuple[int, int]:
        status = os.fstat(self._raw.fileno())
        return status.st_size, status.st_mtime_ns

    @property
    def size(self) -> int:
        """Size in bytes when it was opened."""
        return self._state[0]

    @property
    def written_at(self) -> int | None:
        """When the file was last written to, microseconds UTC; None for what is no plain file."""
        return self._state[1] // 1000 if self._spool is None else None

    def sha256(self) -> str:
        """Return the SHA-256 of all its bytes, in hex; the position is left at the start."""
        digest = hashlib.sha256()
        self.bytes.seek(0)
        while chunk := self.bytes.read(_CHUNK):
            digest.update(chunk)
        self.bytes.seek(0)
        return digest.hexdigest()

    def same(self) -> bool:
        """Return whether the file was not written to since it was opened."""
        return self._now() == self._state

    def check(self) -> None:
        """Raise FileError where the file was written to since it was opened."""
        if not self.same():
            raise FileError(
                "the file changed while it was read",
                "import it again; what was read is stored and is not counted twice",
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.bytes.close()
        if self._spool is not None:
            self._spool.close()
