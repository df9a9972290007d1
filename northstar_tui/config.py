"""Settings: config.toml to typed values. An error names the file, the line and the key, and what is accepted."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from northstar_tui.calendar import Calendar, CalendarError, Epoch
from northstar_tui.epochs import EpochError, epochs_of
from northstar_tui.errors import ConfigError
from northstar_tui.ledger.rules import Rate, Rules
from northstar_tui.money import micros
from northstar_tui.toml_checks import SOURCE_KEYS, Checked
from northstar_tui.zone import system_zone

if TYPE_CHECKING:
    from northstar_tui.figures.budgets import Budget

_APP = "northstar"
THEMES = (
    "dark", "light", "contrast", "contrast-light", "colorblind", "colorblind-light", "ansi", "ansi-light", "mono",
)  # fmt: skip
"""The cockpit's looks: the house's own, high contrast, blue and orange, the terminal's own sixteen colours, none."""


@dataclass(frozen=True)
class ScreenSettings:
    """``[screen]``: how the cockpit looks and moves."""

    theme: str | None = None
    """One of THEMES; None takes what the terminal says of itself."""
    ascii: bool | None = None
    """Whether it draws in ASCII alone; None takes what encoding and terminal say."""
    reduced_motion: bool = False
    """Whether what arrives is shown in calm steps, not at once."""
    export_dir: Path | None = None
    """Where views are exported to; None is the current folder."""
    mouse: bool = True
    """Whether the cockpit takes the mouse; False leaves it to the terminal."""
    columns: tuple[str, ...] = ()
    """Columns of the lists of entries, of `ledger.sorts.SORTS`; none for the usual ones."""


@dataclass(frozen=True)
class SourceSettings:
    """One ``[sources.NAME]``: what every source has, and the rest as its own module understands it."""

    name: str
    """Source of its events: its kind, with the table's name behind a colon where that is another."""
    kind: str
    """Registered name in the entry-point group ``northstar.sources``; the table's name where the config states none."""
    enabled: bool = True
    book: str | None = None
    every: str | None = None
    """Interval between runs while the cockpit is open: ``15m``, ``6h``, ``1d``."""
    at: tuple[str, ...] = ()
    """Local times of day, or five-field cron expressions, at which it runs while the cockpit is open."""
    own: Mapping[str, Any] = field(default_factory=dict)
    """The source's own keys."""

    @property
    def interval(self) -> int | None:
        """`every` in microseconds."""
        return int(self.every[:-1]) * _UNITS[self.every[-1]] * 1_000_000 if self.every else None


@dataclass(frozen=True)
class KeyChoice:
    """One line of ``[keys]``: the keys the operator wants for an action; `tui.keymap` knows what both may be."""

    action: str
    keys: tuple[str, ...]
    place: str
    """File and line, for errors."""


@dataclass(frozen=True)
class Settings:
    """What the operator decided. Absent things have the defaults that config.example.toml states."""

    path: Path | None = None
    """The file they came from; None where there is none."""
    timezone: str | None = None
    """IANA name; None keeps the store's, or the system's for a new store."""
    store: Path | None = None
    book: str = "main"
    books: Mapping[str, str] = field(default_factory=dict)
    categories: Mapping[str, str] = field(default_factory=dict)
    rates: tuple[tuple[str, date, Decimal], ...] = ()
    formats: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """``[formats.NAME]`` as read; `sources` gives them their types."""
    sources: tuple[SourceSettings, ...] = ()
    """``[sources.NAME]``, in the config's order."""
    screen: ScreenSettings = ScreenSettings()
    budgets: tuple[Budget, ...] = ()
    """``[[budgets]]``, in the config's order."""
    epochs: tuple[Epoch, ...] = ()
    """``[[epochs]]``, by their beginning."""
    keys: tuple[KeyChoice, ...] = ()
    """``[keys]`` as read."""

    def rules(self, stored: Rules | None = None) -> Rules:
        """Return the projection rules of these settings for a store derived under `stored`, or for a new one."""
        zone = self.timezone or (stored.zone if stored else system_zone())
        if self.path is None and stored is not None:
            return stored
        from northstar_tui.categories import default_categories

        calendar = Calendar(zone)
        rates = tuple(Rate(currency, calendar.day_start(day), usd) for currency, day, usd in self.rates)
        books = dict(self.books) | {source.name: source.book for source in self.sources if source.book}
        return Rules(zone, self.book, books, {**default_categories(), **self.categories}, rates)

    def store_path(self) -> Path:
        """Return where the store is: ``--store``, the config's, or the user's data folder."""
        if self.store is not None:
            return self.store
        from platformdirs import user_data_path

        return user_data_path(_APP) / "northstar.db"


def config_path() -> Path:
    """Return where the config is looked for by default."""
    from platformdirs import user_config_path

    return user_config_path(_APP) / "config.toml"


def load(config: Path | None, store: Path | None = None, environment: Mapping[str, str] = os.environ) -> Settings:
    """Return the settings of `config` (else ``NORTHSTAR_CONFIG``, else the default place, which may be absent).

    `store` (else ``NORTHSTAR_STORE``) overrides the config's. Raises ConfigError.
    """
    named = config or (Path(environment["NORTHSTAR_CONFIG"]) if environment.get("NORTHSTAR_CONFIG") else None)
    path = named or config_path()
    settings = Settings()
    if path.is_file():
        settings = read(path)
    elif named is not None:
        raise ConfigError(f"there is no config at {path}", "write one with northstar init, or leave out --config")
    if store is None and environment.get("NORTHSTAR_STORE"):
        store = Path(environment["NORTHSTAR_STORE"])
    return replace(settings, store=store) if store is not None else settings


def read(path: Path) -> Settings:
    """Return the settings in the TOML file `path`. Raises ConfigError."""
    import tomllib

    try:
        text = path.read_text("utf-8-sig")
        return _Reader(path, text).settings(tomllib.loads(text))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} cannot be read: {error}", "check the file and its permissions") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path} is not TOML: {error}", "config.example.toml shows every key") from error


class _Reader(Checked):
    """What each key of a config means."""

    def settings(self, data: dict[str, Any]) -> Settings:
        if "theme" in data:
            raise self.error(("theme",), "has moved", "write it under [screen]")
        self.known(data, (), _KEYS, "the config")
        zone = self.text(data, ("timezone",))
        if zone is not None:
            try:
                Calendar(zone)
            except CalendarError as error:
                raise self.error(("timezone",), str(error)) from None
        store = self.text(data, ("store",))
        return Settings(
            path=self._path,
            timezone=zone,
            store=self.place(store, ("store",)) if store else None,
            book=self.text(data, ("book",)) or "main",
            books=self.texts(data, "books"),
            categories=self.texts(data, "categories"),
            rates=self._rates(data),
            formats=self.tables(data, "formats"),
            sources=tuple(self._source(name, table) for name, table in self.tables(data, "sources").items()),
            screen=self._screen(data),
            budgets=self._budgets(data),
            epochs=self._epochs(data),
            keys=self._keys(data),
        )

    def _keys(self, data: Mapping[str, Any]) -> tuple[KeyChoice, ...]:
        found = data.get("keys", {})
        if not isinstance(found, dict):
            raise self.error(("keys",), "must be a table", "write [keys] and ACTION = KEY under it")
        choices = []
        for action, value in found.items():
            keys = [value] if isinstance(value, str) else value
            if not isinstance(keys, list) or not all(isinstance(key, str) and key for key in keys):
                raise self.error(("keys", action), f"must be a key or a list of keys, not {value!r}", 'write "x"')
            choices.append(KeyChoice(action, tuple(keys), self.at(("keys", action))))
        return tuple(choices)

    def _screen(self, data: Mapping[str, Any]) -> ScreenSettings:
        table = data.get("screen", {})
        if not isinstance(table, dict):
            raise self.error(("screen",), "must be a table", "write [screen] and the keys under it")
        self.known(table, ("screen",), _SCREEN, "the screen")
        theme = self.text(table, ("screen", "theme"))
        if theme is not None and theme not in THEMES:
            raise self.error(("screen", "theme"), f"{theme!r} is not a look", f"write one of {', '.join(THEMES)}")
        folder = self.text(table, ("screen", "export_dir"))
        return ScreenSettings(
            theme=theme,
            ascii=self.flag(table, ("screen", "ascii")),
            reduced_motion=bool(self.flag(table, ("screen", "reduced_motion"))),
            export_dir=self.place(folder, ("screen", "export_dir")) if folder else None,
            mouse=self.flag(table, ("screen", "mouse")) is not False,
            columns=self._columns(table),
        )

    def _columns(self, table: Mapping[str, Any]) -> tuple[str, ...]:
        from northstar_tui.ledger.sorts import SORTS

        names, where = table.get("columns", []), ("screen", "columns")
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise self.error(where, "must be a list of texts", 'write columns = ["time", "what", "net"]')
        for name in names:
            if name not in SORTS:
                raise self.error(where, f"{name!r} is no column", f"use some of {', '.join(SORTS)}")
        return tuple(dict.fromkeys(names))

    def _text(self, data: Mapping[str, Any], where: tuple[str, ...], nth: int = 0) -> str | None:
        value = data.get(where[-1])
        if value is None:
            return None
        if not isinstance(value, str) or not value.strip():
            raise self.error(where, f"must be a text, not {value!r}", nth=nth)
        return value

    def _texts(self, data: Mapping[str, Any], table: str) -> dict[str, str]:
        found = data.get(table, {})
        if not isinstance(found, dict):
            raise self.error((table,), "must be a table", f"write [{table}] and the keys under it")
        return {key: self.text(found, (table, key)) or "" for key in found}

    def _source(self, name: str, table: Mapping[str, Any]) -> SourceSettings:
        where = f"sources.{name}"
        kind = self.text(table, (where, "kind")) or name
        enabled, at = self.flag(table, (where, "enabled")), table.get("at", [])
        at = [at] if isinstance(at, str) else at
        if not isinstance(at, list) or not all(isinstance(each, str) for each in at):
            raise self.error((where, "at"), f"must be a list of texts, not {at!r}", 'write at = ["10:05"]')
        every = self.text(table, (where, "every"))
        if every is not None and not _EVERY.fullmatch(every):
            raise self.error((where, "every"), f"{every!r} is not an interval", "write 90s, 15m, 6h or 1d")
        for each in at:
            if not _AT.fullmatch(each.strip()):
                raise self.error(
                    (where, "at"),
                    f"{each!r} is not a time",
                    'write "10:05", or five cron fields such as "0 16 * * 1-5"',
                )
        return SourceSettings(
            name=kind if kind == name else f"{kind}:{name}",
            kind=kind,
            enabled=enabled is not False,
            book=self.text(table, (where, "book")),
            every=every,
            at=tuple(each.strip() for each in at),
            own={key: value for key, value in table.items() if key not in SOURCE_KEYS},
        )

    def _tables(self, data: Mapping[str, Any], table: str) -> dict[str, dict[str, Any]]:
        found = data.get(table, {})
        if not isinstance(found, dict) or not all(isinstance(row, dict) for row in found.values()):
            raise self.error((table,), "must hold tables", f"write [{table}.NAME]")
        return found

    def _rates(self, data: Mapping[str, Any]) -> tuple[tuple[str, date, Decimal], ...]:
        found: dict[tuple[str, date], Decimal] = {}
        for nth, row in enumerate(self.rows(data, "rates")):
            currency, start, usd = self._rate(row, nth)
            if (currency, start) in found:
                raise self.error(("rates", "from"), f"{start} has two rates of {currency}", "keep one", nth)
            found[currency, start] = usd
        return tuple((currency, start, usd) for (currency, start), usd in found.items())

    def _rate(self, row: Mapping[str, Any], nth: int) -> tuple[str, date, Decimal]:
        self.known(row, ("rates",), _RATE, "a rate", nth)
        currency, usd = (self.text(row, ("rates", key), nth) for key in ("currency", "usd"))
        start = row.get("from", date(1970, 1, 1))
        if currency is None or not re.fullmatch("[A-Z]{3}", currency):
            raise self.error(("rates", "currency"), "must be a three-letter code", 'currency = "GBP"', nth)
        if usd is None or not re.fullmatch(r"\d{1,9}(?:\.\d{1,18})?", usd, re.ASCII):
            raise self.error(
                ("rates", "usd"), f"{usd!r} is not a number", 'write it plainly, as a text: usd = "1.27"', nth
            )
        if not Decimal(usd):
            raise self.error(("rates", "usd"), f"{usd!r} is not a rate", "a rate is above zero", nth)
        if isinstance(start, datetime) or not isinstance(start, date) or not 1900 <= start.year < 3000:
            raise self.error(("rates", "from"), "must be a date", "write it bare: from = 2026-01-31", nth)
        return currency, start, Decimal(usd)

    def _budgets(self, data: Mapping[str, Any]) -> tuple[Budget, ...]:
        found: dict[str, Budget] = {}
        for nth, row in enumerate(self.rows(data, "budgets")):
            budget = self._budget(row, nth)
            if budget.name in found:
                raise self.error(("budgets", "name"), f"{budget.name!r} stands twice", "give each its own", nth)
            found[budget.name] = budget
        return tuple(found.values())

    def _budget(self, row: Mapping[str, Any], nth: int) -> Budget:
        from northstar_tui.figures.budgets import DIRECTIONS, PERIODS, Budget

        self.known(row, ("budgets",), _BUDGET, "a budget", nth)
        name, amount = (self.text(row, ("budgets", key), nth) for key in ("name", "amount"))
        if name is None:
            raise self.error(("budgets", "name"), "is missing", 'write name = "api"', nth)
        if amount is None or not re.fullmatch(r"\d{1,9}(?:\.\d{1,6})?", amount, re.ASCII) or not Decimal(amount):
            remedy = 'write dollars plainly, as a text: amount = "300.00"'
            raise self.error(("budgets", "amount"), f"{amount!r} is not an amount above zero", remedy, nth)
        period, direction = (
            self.choice(row, ("budgets", key), of, nth) for key, of in (("period", PERIODS), ("direction", DIRECTIONS))
        )
        return Budget(name, micros(amount), period, direction, self._budget_where(row, nth))

    def _epochs(self, data: Mapping[str, Any]) -> tuple[Epoch, ...]:
        try:
            return epochs_of(self.rows(data, "epochs"))
        except EpochError as error:
            raise self.error(("epochs", error.key), str(error), error.remedy, error.nth) from None

    def _budget_where(self, row: Mapping[str, Any], nth: int) -> tuple[tuple[str, tuple[str, ...]], ...]:
        from northstar_tui.ledger.terms import DIMENSIONS

        table, where = row.get("where", {}), ("budgets", "where")
        remedy = 'write where = { category = "api" }, or { book = ["scalper", "john"] }'
        if not isinstance(table, dict):
            raise self.error(where, "must be a table", remedy, nth)
        found = []
        for dimension, names in table.items():
            if dimension not in DIMENSIONS:
                known = f"use one of {', '.join(DIMENSIONS)}"
                raise self.error(where, f"{dimension!r} is not a dimension", known, nth)
            names = [names] if isinstance(names, str) else names
            if not isinstance(names, list) or not names or not all(isinstance(n, str) and n for n in names):
                raise self.error(where, f"{dimension} must name a {dimension}, or a list of them", remedy, nth)
            found.append((dimension, tuple(names)))
        return tuple(found)

    def _error(self, where: tuple[str, ...], what: str, remedy: str = "", nth: int = 0) -> ConfigError:
        return ConfigError(f"{self.at(where, nth)}: {'.'.join(where)} {what}", remedy)


_KEYS = (
    "book", "books", "budgets", "categories", "epochs", "formats", "keys", "rates", "screen", "sources", "store",
    "timezone",
)  # fmt: skip
_SCREEN = ("theme", "ascii", "reduced_motion", "export_dir", "mouse", "columns")
_RATE = ("currency", "from", "usd")
_BUDGET = ("name", "amount", "period", "direction", "where")
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_EVERY = re.compile(r"[1-9]\d{0,4}[smhd]", re.ASCII)
_AT = re.compile(r"(?:[01]?\d|2[0-3]):[0-5]\d|[\w*/,-]+(?: +[\w*/,-]+){4}", re.ASCII)
