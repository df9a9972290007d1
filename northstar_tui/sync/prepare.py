"""From the config to sources that can run: each made by the package that registered its kind, with its own way out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx

from northstar_tui import debug
from northstar_tui.config import Settings, SourceSettings
from northstar_tui.errors import ConfigError, NorthStarError, shown
from northstar_tui.ledger.store import now
from northstar_tui.sources.http import Http
from northstar_tui.sources.secrets import Veil, secret
from northstar_tui.sources.source import GROUP, Make, Outside
from northstar_tui.sync.runner import Enabled


def kinds() -> Mapping[str, EntryPoint]:
    """Return the registered kinds of sources by name."""
    return {each.name: each for each in entry_points(group=GROUP)}


def chosen(settings: Settings, names: Sequence[str]) -> list[SourceSettings]:
    """Return the sources to run: those named, else all enabled ones. Raises ConfigError.

    A name is a source's own (``kalshi:john``), or failing that its table's (``john``) or its kind's (all of that kind).
    """
    if not names:
        return [each for each in settings.sources if each.enabled]
    found = []
    for name in names:
        matching = [each for each in settings.sources if name == each.name] or [
            each for each in settings.sources if name in (each.kind, each.name.partition(":")[2])
        ]
        if not matching:
            known = ", ".join(each.name for each in settings.sources) or "none"
            raise ConfigError(f"the config has no source {shown(name)!r}", f"its sources are: {known}")
        found += [each for each in matching if each not in found]
    return found


def prepare(
    source: SourceSettings,
    client: httpx.AsyncClient,
    *,
    zone: str,
    folder: Path,
    since: int | None = None,
    forced: bool = False,
) -> Enabled:
    """Return `source` ready to run. Raises ConfigError naming its key, or a kind that nothing registered."""
    registered = kinds()
    if source.kind not in registered:
        known = ", ".join(sorted(registered))
        raise ConfigError(f"sources.{source.name}: nothing registers the kind {shown(source.kind)!r}", f"use {known}")
    http = Http(source.name, client)
    veil = Veil()
    outside = Outside(
        name=source.name,
        http=http,
        secret=veil.over(partial(secret, folder=folder)),
        zone=ZoneInfo(zone),
        now=now,
        folder=folder,
        since=since,
    )
    debug.note("source", source=source.name, kind=source.kind)
    try:
        make: Make = registered[source.kind].load()
        made = make(source.own, outside)
    except NorthStarError as error:
        raise ConfigError(veil.clean(error.message), veil.clean(error.remedy)) from None
    except (Exception, SystemExit) as error:  # a package that cannot be loaded harms nobody but its own source
        raise ConfigError(
            f"sources.{source.name} cannot be made: {type(error).__name__}: {veil.clean(shown(str(error)))}",
            f"check the package that registers {shown(source.kind)!r}",
        ) from None
    return Enabled(source.name, made, http.meter, forced, veil.clean)
