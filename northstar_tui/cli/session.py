"""What the verbs share: settings, opening the store under their rules, periods, and how things are printed."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import click

from northstar_tui.calendar import MAX_TIME, MIN_TIME, Calendar, CalendarError, Period, instant
from northstar_tui.config import Settings, load
from northstar_tui.ledger.store import Store, now
from northstar_tui.ledger.terms import Where
from northstar_tui.views.aloud import voiced


class Number(click.IntRange):
    """A whole number that a store can hold: an id, or how many."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """As click's, but a number beyond SQLite's integers is a usage error, too."""
        found = super().convert(value, param, ctx)
        if abs(found) >= 2**63:
            self.fail(f"{found} is larger than any number of a store", param, ctx)
        return found


class Session:
    """One invocation: its settings, read when first needed, and its store."""

    def __init__(self, config: Path | None, store: Path | None, *, mouse: bool = True, plain: bool = False) -> None:
        """`plain` is what is to be read aloud or by touch."""
        self.plain = plain
        self._config = config
        self._store = store
        self._mouse = mouse

    @cached_property
    def settings(self) -> Settings:
        """The settings of this invocation. Raises ConfigError."""
        settings = load(self._config, self._store)
        return settings if self._mouse else replace(settings, screen=replace(settings.screen, mouse=False))

    @contextmanager
    def read(self) -> Iterator[Store]:
        """Open the store to read, derived under the settings' rules. Raises StoreError.

        A simulated company keeps the rules it was made under: the config is about real money.
        """
        path = self.settings.store_path()
        with Store.open(path) as store:
            store.calendar.epochs = self.settings.epochs
            if store.kind == "demo" or self.settings.rules(store.rules).text() == store.rules.text():
                yield store
                return
        with self.write() as store:
            yield store

    @contextmanager
    def write(self) -> Iterator[Store]:
        """Open the store to bring real money in, making it where there is none, derived under the settings' rules."""
        path = self.settings.store_path()
        opened = (
            Store.open(path, write=True, kind="real") if path.exists() else Store.create(path, self.settings.rules())
        )
        with opened as store:
            store.calendar.epochs = self.settings.epochs
            rules = self.settings.rules(store.rules)
            if rules.text() != store.rules.text():
                from northstar_tui.ledger.verify import rebuild

                count = rebuild(store, rules)
                note(f"the config's zone, books, categories or rates changed: derived {count:,} entries again")
            yield store

    @contextmanager
    def known_at(self, store: Store, text: str | None) -> Iterator[Store]:
        """Give `store`, or what it knew at the moment `text` names."""
        if text is None:
            yield store
            return
        from northstar_tui.ledger.verify import as_of

        with as_of(store, moment_argument(store.calendar, text)) as past:
            yield past


def known_when(store: Store, text: str | None) -> int:
    """Return the last moment that `known_at` with `text` knows of: nothing after it has been."""
    return now() if text is None else min(now(), moment_argument(store.calendar, text))


_TIME_OF_DAY = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d.*", re.ASCII | re.IGNORECASE)


def moment_argument(calendar: Calendar, text: str, *, begins: bool = False) -> int:
    """Return the instant that `text` names: a time of day, or of a PERIOD where it `begins`, else where it ends.

    A period that goes on ends now. The one parser of moments; raises click.BadParameter.
    """
    try:
        if _TIME_OF_DAY.fullmatch(text):
            when = datetime.fromisoformat(text)
            at = instant(when if when.tzinfo else when.replace(tzinfo=calendar.local(0).tzinfo))
            if MIN_TIME <= at < MAX_TIME:
                return at
            raise CalendarError("beyond the years that there are periods of")
        present = now()
        period = calendar.parse(text, present)
    except ValueError:  # a CalendarError is one
        words = "write a time such as 2026-02-25T14:30, or a PERIOD: 2026-02-25, yesterday, 2026-02"
        raise click.BadParameter(f"{text!r} is not a moment; {words}") from None
    if begins:
        return period.start
    return present if present in period else period.end - 1


def period_argument(store: Store, text: str) -> Period:
    """Return the period that `text` names now. Raises click.BadParameter."""
    try:
        return store.calendar.parse(text, now())
    except CalendarError as error:
        raise click.BadParameter(str(error), param_hint="PERIOD") from None


def filter_argument(store: Store, where: tuple[str, ...], asked: Period | None = None) -> tuple[Where, Period | None]:
    """Return what the ``--where`` options keep, and the part of `asked` that they name. Raises click.BadParameter."""
    if not where:
        return (), asked
    from northstar_tui.views.filter import FilterError, parse

    try:
        found = parse(*where)
        span = found.period(store.calendar, now(), asked)
    except FilterError as error:
        raise click.BadParameter(str(error), param_hint="--where") from None
    note_unknown(store, found.where)
    return found.where, span


def note_unknown(store: Store, where: Where) -> None:
    """Say which names of a filter the store does not know: what they find is nothing, and no mistake of the figures."""
    from northstar_tui.views.unknown import unknown

    said = unknown(store, where)
    if said:
        note(said)


def question_arguments(
    store: Store, period: str | None, where: tuple[str, ...], basis: str, default: str = "mtd"
) -> tuple[Period, Where]:
    """Return the period and the filter that a PERIOD and the ``--where`` options ask for together.

    Without a PERIOD it is the filter's own, or the `default`. Raises click.BadParameter.
    """
    kept, span = filter_argument(store, where, period_argument(store, period) if period is not None else None)
    if kept and basis == "closed":
        from northstar_tui.views.filter import needs_opened

        if needs_opened(kept):
            note("what is open counts by the opened basis: add --basis opened")
    return span or period_argument(store, default), kept


class Question(click.Command):
    """A command that takes ``--where``: its help ends with the filter language."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples, then what a filter can say."""
        from northstar_tui.views.filter import RULES, forms

        super().format_epilog(ctx, formatter)
        with formatter.section("FILTER"):
            formatter.write_dl(forms())
            formatter.write_paragraph()
            for rule in RULES:
                formatter.write_text(rule)


where_option = click.option(
    "--where",
    multiple=True,
    metavar="FILTER",
    help="Only what fits, such as category:weather net:<-5; may be repeated.",
)


Command = TypeVar("Command", bound=Callable[..., Any])


def rows_options(about: str) -> Callable[[Command], Command]:
    """Return a decorator with the options of a verb that prints rows: ``--json`` (`about` it) and ``--csv``."""

    def either(ctx: click.Context, _: click.Parameter, chosen: bool) -> bool:
        if chosen and ctx.params.get("as_json"):
            raise click.UsageError("--json and --csv exclude each other: choose one")
        return chosen

    def decorate(command: Command) -> Command:
        command = click.option("--csv", "as_csv", is_flag=True, callback=either, help="The rows as CSV.")(command)
        return click.option("--json", "as_json", is_flag=True, is_eager=True, help=about)(command)

    return decorate


def note(text: str) -> None:
    """Tell a person something that is not data: on stderr."""
    click.echo(voiced(text), err=True)


def tell(text: str) -> None:
    """Print an answer for people, every verb's: with ``--plain`` as it is read aloud."""
    click.echo(voiced(text))


def print_json(data: Any) -> None:
    """Print data for machines."""
    json.dump(data, sys.stdout, ensure_ascii=False, indent=2 if sys.stdout.isatty() else None)
    sys.stdout.write("\n")


def heading(*parts: str) -> None:
    """Print a heading, for people only: a pipe gets nothing but data."""
    if sys.stdout.isatty():
        tell(" · ".join(part for part in parts if part) + "\n")
