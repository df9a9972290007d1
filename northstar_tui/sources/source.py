"""What a source is: one account of one outside system, which turns what that says into batches of events.

A source knows the outside world and nothing of the store. It never writes; it keeps no state but its cursor, a text
that only it understands and that the ledger stores in the transaction of the rows it covers. A Python package adds one
by an entry point in the group ``northstar.sources`` that names a `Make`:

    [project.entry-points."northstar.sources"]
    acme = "acme_northstar:make"
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeVar
from zoneinfo import ZoneInfo

from northstar_tui.errors import ConfigError, NorthStarError, guess, shown
from northstar_tui.events import Batch
from northstar_tui.toml_checks import SOURCE_KEYS

if TYPE_CHECKING:
    from northstar_tui.sources.http import Http

GROUP = "northstar.sources"
"""Entry-point group of sources."""
T = TypeVar("T")


class SourceError(NorthStarError):
    """A source could not be read; what was stored before stays, the cursor does not move."""


class Unreachable(SourceError):  # noqa: N818 - said of the source, not of the program
    """The outside did not answer, or answered that it cannot now: it may pass by itself."""

    def __init__(self, message: str, remedy: str = "", *, wait: float | None = None) -> None:
        """`wait` is how long it asked to be left alone, seconds."""
        super().__init__(message, remedy)
        self.wait = wait


class Refused(SourceError):  # noqa: N818 - named for what it says of the source
    """The outside does not let us in: a key, a right, an address. It does not pass by itself."""


class Nonsense(SourceError):  # noqa: N818 - named for what it says of the source
    """The outside said something else than it documents: names the record and the field. Nothing of it was stored."""


@dataclass(frozen=True, slots=True)
class Check:
    """One line of `doctor` about a source."""

    state: Literal["ok", "warning", "failed"]
    what: str
    """What was looked at, and what was found. Never a secret."""
    remedy: str = ""


@dataclass(frozen=True)
class Outside:
    """What a source is given: its name, the way out, its secrets, the clock and the reporting zone."""

    name: str
    """Source of its events: ``kalshi``, or ``kalshi:john`` where the config has several."""
    http: Http
    secret: Callable[[str], str]
    """Gives the secret that a reference like ``env:NAME`` means. Raises ConfigError, which never holds the secret."""
    zone: ZoneInfo
    now: Callable[[], int]
    """Microseconds UTC."""
    folder: Path
    """Relative paths in the source's settings count from here: the config's folder."""
    since: int | None = None
    """Back-fill from this instant (microseconds UTC), whatever the cursor says; what is known already is no news."""


class Source(Protocol):
    """One account of one outside system."""

    def fetch(self, cursor: str | None) -> AsyncIterator[Batch]:
        """Yield what is new since `cursor` (None: everything), each batch with the cursor that covers it.

        Raises SourceError; what it yielded before stays stored. Cancelling it between two batches loses nothing.
        """

    def check(self) -> AsyncIterator[Check]:
        """Yield what `doctor` says about its settings, reachability and rights. Raises nothing: a failure is a line."""


class Make(Protocol):
    """Makes a source from its table of the config. Raises ConfigError naming the key."""

    def __call__(self, settings: Mapping[str, Any], outside: Outside) -> Source: ...


def decoded(settings: Mapping[str, Any], shape: type[T], name: str) -> T:
    """Return a source's table of the config as `shape`, a msgspec Struct. Raises ConfigError naming the key."""
    import msgspec

    try:
        return msgspec.convert(dict(settings), shape)
    except msgspec.ValidationError as error:
        stray = _STRAY.fullmatch(str(error))
        if stray is None:
            raise ConfigError(f"sources.{name}: {error}", "docs/sources.md lists its keys") from None
        key, at = stray[1], stray[2] or ""
        known = _keys(shape, at)
        others = () if at else SOURCE_KEYS
        what = f"sources.{name}{shown(at)}: {shown(key)} is not a key of it"
        listed = f"known keys are {', '.join(known)}" if known else "docs/sources.md lists its keys"
        raise ConfigError(what, guess(key, (*known, *others)) + listed) from None


_STRAY = re.compile(r"Object contains unknown field `(.*?)`(?: - at `\$(.*)`)?", re.DOTALL)
"""How msgspec tells a key that a struct has not, and where."""


def _keys(shape: type, at: str) -> tuple[str, ...]:
    """Return the keys of `shape`, or of the table at ``.name`` or ``.name[0]`` within it."""
    import msgspec

    found: Any = msgspec.inspect.type_info(shape)
    for name in re.findall(r"\.(\w+)", at):
        found = next(field.type for field in found.fields if field.encode_name == name)
        found = getattr(found, "item_type", getattr(found, "value_type", found))
    return tuple(field.encode_name for field in getattr(found, "fields", ()))
