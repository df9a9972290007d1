"""What `doctor` says about a Kalshi account: key, reach, clock, rights. One line each, never a secret."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import aclosing

from northstar_tui.errors import NorthStarError, shown
from northstar_tui.sources.http import Meter
from northstar_tui.sources.kalshi.api import CLOCK_REMEDY, SKEW, Api, skewed
from northstar_tui.sources.kalshi.auth import Key
from northstar_tui.sources.source import Check, Refused


async def checks(api: Api, meter: Meter, key: Callable[[], Key], host: str) -> AsyncIterator[Check]:
    """Yield the lines. Raises nothing."""
    parsed: Key | None = None
    try:
        parsed = key()
        yield Check("ok", f"private key: {parsed.kind}")
    except NorthStarError as error:
        yield _failed(error)
    try:
        await api.cutoff()
        yield Check("ok", f"{shown(host)} answers")
    except NorthStarError as error:
        yield _failed(error)
        return
    off = meter.skew
    if off is None:
        yield Check("warning", f"{shown(host)} does not say its time", "compare this machine's clock yourself")
    elif abs(off) > SKEW:
        yield Check("failed", skewed(off), CLOCK_REMEDY)
    else:
        yield Check("ok", "clock agrees with Kalshi's")
    if parsed is None:
        return
    try:
        await api.balance([])
        async with aclosing(api.fills([])) as pages:  # type: ignore[type-var]
            await anext(pages)
        yield Check("ok", "the key reads balance and fills")
    except NorthStarError as error:
        yield _failed(error)
        return
    yield await _rights(api, parsed)


async def _rights(api: Api, key: Key) -> Check:
    try:
        found = next((each for each in await api.keys() if key.is_named(each.api_key_id)), None)
    except Refused:
        return Check("ok", "the key may not list rights: it is tied to one subaccount, and only that one is read")
    except NorthStarError as error:
        return _failed(error)
    if found is None:
        return Check("warning", "Kalshi does not list this key's rights", "look at kalshi.com/account/api-keys")
    scopes = ", ".join(shown(scope, 40) for scope in found.scopes)
    if any(scope.partition("::")[0] != "read" for scope in found.scopes):
        return Check(
            "warning",
            f"the key may do more than read: {scopes}",
            "make one with the scope read alone: NorthStar never trades",
        )
    return Check("ok", f"rights: {scopes}")


def _failed(error: NorthStarError) -> Check:
    return Check("failed", error.message, error.remedy)
