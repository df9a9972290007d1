"""Who may fetch, and who keeps the schedule: advisory file locks that die with their holder, also on kill -9.

A sync holds each source that it fetches, and no other: a source that hangs in one process keeps no other source waiting
in the next. All of them lie as byte ranges in one file beside the store.
"""

from __future__ import annotations

import fcntl
import os
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from northstar_tui.ledger.store import StoreError

BUSY = 75
"""Exit code of a process that found its lock taken."""


@contextmanager
def held(store: Path, name: str) -> Iterator[bool]:
    """Hold the lock `name` of the store at `store`; give False where another process has it. Raises StoreError."""
    handle = _opened(store, name)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True
    finally:
        os.close(handle)


@contextmanager
def sources_held(store: Path, names: Sequence[str]) -> Iterator[list[str]]:
    """Hold those of the sources `names` that no other process fetches; give them. Raises StoreError."""
    handle = _opened(store, "sync")
    try:
        yield [name for name in names if _taken(handle, zlib.crc32(name.encode()))]
    finally:
        os.close(handle)


def _taken(handle: int, at: int) -> bool:
    try:
        fcntl.lockf(handle, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, at)
    except (BlockingIOError, PermissionError):  # POSIX allows either for a lock that another holds
        return False
    return True


def _opened(store: Path, name: str) -> int:
    path = store.with_name(f"{store.name}.{name}.lock")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise StoreError(f"{path} cannot be made: {error.strerror}", "check the folder and its permissions") from error
