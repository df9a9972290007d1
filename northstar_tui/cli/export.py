"""`northstar export`."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

import click

from northstar_tui.cli.session import Question, Session, filter_argument, note, where_option
from northstar_tui.errors import FileError, shown
from northstar_tui.ledger.store import Store
from northstar_tui.sync.export import write_jsonl


@click.command(
    "export",
    cls=Question,
    epilog="\b\nExamples:\n  northstar export log.jsonl\n  northstar export | zstd > log.jsonl.zst\n"
    '  northstar export weather.jsonl --where "category:weather 2026"\n\n'
    "Import the file into an empty store, and that store says the same.",
)
@click.argument("file", required=False, type=click.Path(path_type=Path))
@where_option
@click.pass_obj
def export_command(
    session: Session,
    file: Path | None,
    where: tuple[str, ...],
) -> None:
    """Write every event of the log to FILE, or to stdout: one JSON object a line, oldest first.

    With --where it is what was ever said about the entries that fit, notes and tags too; a period keeps those that
    closed in it.
    """
    place = session.settings.store_path()
    with Store.open(place) as store, store.reading():
        kept, span = filter_argument(store, where)

        def write(out: BinaryIO) -> int:
            return write_jsonl(store, out, kept, span)

        if file is None or str(file) == "-":
            write(sys.stdout.buffer)
            return
        if file.exists() and file.samefile(place):
            raise FileError(f"{shown(str(file))} is the store itself", "name another file")
        count = _whole(write, file)
    note(f"wrote {count:,} events to {shown(str(file), 200)}")


def _whole(write: Callable[[BinaryIO], int], file: Path) -> int:
    """Write the file beside its place and put it there when it is whole: a failed export leaves what was there."""
    try:
        if file.exists() and not file.is_file():
            with file.open("wb") as pipe:
                return write(pipe)
        descriptor, name = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)
        part = Path(name)
        try:
            with os.fdopen(descriptor, "wb") as out:
                count = write(out)
                _make_durable(out)
            part.chmod(0o666 & ~_umask())
            part.replace(file)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise FileError(f"{shown(str(file))} cannot be written: {error.strerror}", "check the folder") from error
    return count


def _make_durable(out: BinaryIO) -> None:
    out.flush()
    os.fsync(out.fileno())


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
