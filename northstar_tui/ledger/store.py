"""The store: one SQLite file, opened, migrated and guarded here."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from northstar_tui import debug
from northstar_tui.calendar import Calendar
from northstar_tui.errors import NorthStarError
from northstar_tui.ledger.declarations import ROLLUPS
from northstar_tui.ledger.rollups import Engine
from northstar_tui.ledger.rules import Rules
from northstar_tui.ledger.schema import DERIVED_ANEW, MIGRATIONS

if TYPE_CHECKING:
    from northstar_tui.events import Batch, Counts
    from northstar_tui.ledger.project import Projector
    from northstar_tui.ledger.sieve import Sieve

_APPLICATION_ID = 0x4E535452
"""``NSTR`` in the file's header: a database of another program is refused, not migrated."""


_PATIENCE = 30.0
"""Seconds to wait for another process's transaction."""
_SMALLEST = 512
"""Bytes of the smallest database that SQLite makes."""
_OTHER_FILE = "restore a backup, or name another file with --store"

_OPERATORS = (sqlite3.OperationalError, sqlite3.DatabaseError)
"""What SQLite raises for a locked, full or damaged file; its subclasses for our own mistakes stay what they are."""


class StoreError(NorthStarError):
    """The store cannot be used; the message names the file and the remedy."""


def now() -> int:
    """Return the present instant, microseconds UTC."""
    return time.time_ns() // 1000


class Store:
    """One connection to one store. Use it in one thread; open another for another thread.

    It works under the rules it was derived under; `verify.rebuild` changes them.
    """

    def __init__(self, connection: sqlite3.Connection, path: Path, rules: Rules) -> None:
        self.connection = connection
        self.path = path
        self._sieve: Sieve | None = None
        self.calendar: Calendar = Calendar(rules.zone)
        self.adopt(rules)

    def adopt(self, rules: Rules) -> None:
        """Work under `rules` from now on; what is stored must have been derived under them."""
        self.rules = rules
        self._rules_text = rules.text()
        self._projector: Projector | None = None
        if self._sieve is not None:
            self._sieve.forget()
        self.calendar = Calendar(rules.zone, self.calendar.epochs)
        self.engine = Engine(self.connection, self.calendar, ROLLUPS)

    def _follow(self) -> None:
        """Adopt the rules that another process derived the store under meanwhile."""
        text = self.connection.execute("SELECT value FROM meta WHERE name = 'rules'").fetchone()[0]
        if text != self._rules_text:
            self.adopt(Rules.read(text))
            self._rules_text = text

    # -- opening -------------------------------------------------------------------------------------------------

    @staticmethod
    def create(path: Path, rules: Rules, *, kind: str = "real") -> Store:
        """Open the store at `path` for writing; make it first where there is none. Raises StoreError.

        `kind` is ``real`` or ``demo``: a store never changes from one to the other.
        """
        if str(path) != ":memory:":
            _make_folder(path)
            _refuse_other_files(path)
        connection = _connect(path)
        try:
            _refuse(connection, path)
            _use_wal(connection)
            connection.execute("PRAGMA cache_size = -65536")
            with _immediate(connection):
                _migrate(connection, path, rules, kind)
        except sqlite3.Error as error:
            connection.close()
            raise _explain(path, error) from error
        except NorthStarError:
            connection.close()
            raise
        return Store._opened(connection, path, kind)

    @staticmethod
    def open(path: Path, *, write: bool = False, kind: str | None = None) -> Store:
        """Open the existing store at `path`, to read unless `write`. Raises StoreError, also where there is none.

        `kind` refuses a store of another kind: what brings real money in names ``real``.
        """
        if not path.is_file() or path.stat().st_size == 0:
            what = "is a folder" if path.is_dir() else "is empty" if path.exists() else ""
            raise StoreError(
                f"{path} {what}, not a store" if what else f"there is no store at {path}",
                "import a file first (northstar import FILE), or try northstar demo",
            )
        _refuse_other_files(path)
        connection = _connect(path)
        try:
            version = _refuse(connection, path)
            if version == 0:
                raise StoreError(f"{path} is empty, not a store", "import a file first (northstar import FILE)")
            if version < len(MIGRATIONS):
                if not write:
                    raise StoreError(
                        f"{path} was written by an older NorthStar", "run northstar verify once to bring it up"
                    )
                with _immediate(connection):
                    _migrate(connection, path, Rules(), "real")
            if not write:
                connection.execute("PRAGMA query_only = ON")
        except sqlite3.Error as error:
            connection.close()
            raise _explain(path, error) from error
        except NorthStarError:
            connection.close()
            raise
        return Store._opened(connection, path, kind)

    @staticmethod
    def scratch(rules: Rules) -> Store:
        """Return an empty store that lives until it is closed, in SQLite's own temporary file."""
        connection = sqlite3.connect("", isolation_level=None)
        path = Path("scratch")
        with _immediate(connection):
            _migrate(connection, path, rules, "real")
        return Store(connection, path, rules)

    @staticmethod
    def _opened(connection: sqlite3.Connection, path: Path, kind: str | None) -> Store:
        try:
            meta = dict(connection.execute("SELECT name, value FROM meta").fetchall())
        except sqlite3.Error as error:
            connection.close()
            raise _explain(path, error) from error
        if kind is not None and meta["kind"] != kind:
            connection.close()
            raise StoreError(
                f"{path} is a {meta['kind']} store", "use another --store; real and simulated money never mix"
            )
        return Store(connection, path, Rules.read(meta["rules"]))

    def close(self) -> None:
        """Close the connection."""
        self.connection.close()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # -- facts about it ------------------------------------------------------------------------------------------

    @property
    def kind(self) -> str:
        """``real`` or ``demo``."""
        return str(self.connection.execute("SELECT value FROM meta WHERE name = 'kind'").fetchone()[0])

    def data_version(self) -> int:
        """Return a number that changes when another connection commits."""
        return int(self.connection.execute("PRAGMA data_version").fetchone()[0])

    # -- writing -------------------------------------------------------------------------------------------------

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Run a block in one write transaction: all of it is stored, or none. Raises StoreError when it is locked."""
        before = self.rules
        try:
            with _immediate(self.connection):
                self._follow()
                yield
        except BaseException as error:
            if self.rules is before:
                self.engine.forget()
                self._projector = None  # it may know names by ids that were never stored
            else:
                self.adopt(before)
            if isinstance(error, sqlite3.Error) and type(error) in _OPERATORS:
                raise _explain(self.path, error) from error
            raise

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Run a block in one read transaction: everything it reads is of the same moment. Raises StoreError."""
        try:
            self.connection.execute("BEGIN")
            try:
                self._follow()
                yield
            finally:
                if self.connection.in_transaction:
                    self.connection.execute("COMMIT")
        except sqlite3.DatabaseError as error:
            if type(error) in _OPERATORS:
                raise _explain(self.path, error) from error
            raise

    def append(self, batch: Batch) -> Counts:
        """Log, project, fold and advance the cursor for `batch` in one transaction; return what was new.

        After a crash either all of it is there or none. A batch said before changes nothing. Raises StoreError.
        """
        with self.transaction():
            return self.append_within(batch)

    def projector(self) -> Projector:
        """Return the projector of the store's rules, which knows the names it met before; for a transaction's use."""
        if self._projector is None:
            from northstar_tui.ledger.intern import Interner
            from northstar_tui.ledger.project import Projector

            self._projector = Projector(self.rules, Interner(self.connection))
        return self._projector

    @property
    def sieve(self) -> Sieve:
        """What filters that only an entry can answer were found to keep."""
        if self._sieve is None:
            from northstar_tui.ledger.sieve import Sieve

            self._sieve = Sieve(self)
        return self._sieve

    def append_within(self, batch: Batch) -> Counts:
        """As `append`, within the caller's `transaction`."""
        from northstar_tui.ledger.append import Appender

        began = time.perf_counter()
        counts = Appender(self, batch).run()
        debug.note(
            "batch", source=batch.source, new=counts.new, unchanged=counts.unchanged, revised=counts.revised,
            quarantined=counts.quarantined, cursor=batch.cursor is not None, ms=(time.perf_counter() - began) * 1e3,
        )  # fmt: skip
        return counts


def _connect(path: Path) -> sqlite3.Connection:
    try:
        connection = sqlite3.connect(path, timeout=_PATIENCE, isolation_level=None)
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA recursive_triggers = ON")  # the log's triggers see a REPLACE, too
        connection.execute("PRAGMA temp_store = FILE")  # here, once: changing it later drops temporary tables
    except sqlite3.Error as error:
        raise _explain(path, error) from error
    return connection


def _make_folder(path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(
            f"the folder of {path} cannot be made: {error.strerror}", "name another file with --store"
        ) from error


def _refuse_other_files(path: Path) -> None:
    """Raise StoreError for a file too short for a database: SQLite would take it for empty and write over it.

    A longer one SQLite tells from a database itself. It must not be opened here to look: closing it would drop the
    locks of this process's other connections (POSIX), and the next process to leave would delete their log.
    """
    try:
        size = path.stat().st_size if path.is_file() else 0
    except OSError as error:
        raise StoreError(
            f"{path} cannot be opened: {error.strerror}", "check the folder and its permissions"
        ) from error
    if 0 < size < _SMALLEST:
        raise StoreError(f"{path} is not a store", _OTHER_FILE)


def _refuse(connection: sqlite3.Connection, path: Path) -> int:
    """Return the schema's version, 0 for an empty database; raise StoreError for one that is not ours, or newer."""
    version, program = (
        int(connection.execute(f"PRAGMA {p}").fetchone()[0]) for p in ("user_version", "application_id")
    )
    tables = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
    if program != _APPLICATION_ID:
        if tables or program or version:
            raise StoreError(f"{path} is a database of another program", "name another file with --store")
        return 0
    if version > len(MIGRATIONS):
        raise StoreError(f"{path} was written by a newer NorthStar (schema {version})", "upgrade northstar")
    return version


def _use_wal(connection: sqlite3.Connection) -> None:
    """Switch to write-ahead logging. SQLite does not wait for other processes here, so this does."""
    until = time.monotonic() + _PATIENCE
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > until:
                raise
        time.sleep(0.01)


@contextmanager
def _immediate(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def _migrate(connection: sqlite3.Connection, path: Path, rules: Rules, kind: str) -> None:
    """Bring the schema to the newest version, within the caller's transaction."""
    version = _refuse(connection, path)
    for number in range(version, len(MIGRATIONS)):
        for statement in _statements(MIGRATIONS[number]):
            connection.execute(statement)
    if 0 < version < DERIVED_ANEW:
        _derive_anew(connection, path)
    if version == 0:
        Engine(connection, Calendar(rules.zone), ROLLUPS).create_tables()
        connection.executemany(
            "INSERT INTO meta VALUES (?, ?)", [("rules", rules.text()), ("kind", kind), ("created_at", str(now()))]
        )
        connection.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")


def _derive_anew(connection: sqlite3.Connection, path: Path) -> None:
    """Make the rollups' tables as they are declared now, and derive every entry and rollup from the log."""
    from northstar_tui.ledger.verify import rebuild_within

    rules = connection.execute("SELECT value FROM meta WHERE name = 'rules'").fetchone()[0]
    store = Store(connection, path, Rules.read(rules))
    for (table,) in connection.execute("SELECT name FROM sqlite_schema WHERE name GLOB 'rollup_*'").fetchall():
        connection.execute(f"DROP TABLE {table}")
    store.engine.create_tables()
    rebuild_within(store)


def _statements(script: str) -> Iterator[str]:
    """Yield the script's statements; sqlite3's own `executescript` would commit the caller's transaction."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement.strip()
            statement = ""


def _explain(path: Path, error: sqlite3.Error) -> StoreError:
    text = str(error)
    if "not a database" in text:
        return StoreError(f"{path} is not a store", _OTHER_FILE)
    if "malformed" in text:
        return StoreError(f"{path} is not a readable store: {text}", _OTHER_FILE)
    if "locked" in text:
        return StoreError(f"{path} is locked by another process", "wait for its import or sync to end, then try again")
    if "unable to open" in text or "readonly" in text:
        return StoreError(f"{path} cannot be opened: {text}", "check the folder and its permissions")
    return StoreError(f"{path}: {text}", "run northstar verify")
