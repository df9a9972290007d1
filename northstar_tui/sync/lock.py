"""One sync at a time per store, and one keeper of its schedule: advisory file locks that die with their holder."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def held(store: Path, name: str) -> Iterator[bool]:
    """Hold the lock `name` of the store at `store`; give False where another process has it. Freed also on kill -9."""
    path = store.with_name(f"{store.name}.{name}.lock")
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True
    finally:
        os.close(handle)
