"""What all tests share: hypothesis profiles. ``HYPOTHESIS_PROFILE=thorough`` looks much longer."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

_QUIET = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture)
settings.register_profile("default", max_examples=80, deadline=None, suppress_health_check=_QUIET)
settings.register_profile("thorough", max_examples=1000, deadline=None, suppress_health_check=_QUIET)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let sources wait for hundredths of seconds where they would wait for seconds."""
    from northstar_tui.sources import http

    monkeypatch.setattr(http, "WAIT_FIRST", 0.01)
    monkeypatch.setattr(http, "WAIT_MOST", 2.0)
    monkeypatch.setattr(http, "ANSWER_SECONDS", 20.0)


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Return the waits that are asked of the event loop, seconds: they are waited, and a busy machine adds to none."""
    asked: list[float] = []
    sleep = asyncio.sleep

    async def noted(delay: float, result: Any = None) -> Any:
        if delay > 0:
            asked.append(delay)
        return await sleep(delay, result)

    monkeypatch.setattr(asyncio, "sleep", noted)
    return asked


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> Callable[[str | None], None]:
    """Return what shortens the time an answer may take where a server drips, and only there.

    A busy machine is as slow as that: where a count of requests is exact, nothing else may run into the limit.
    """
    from northstar_tui.sources import http

    return lambda fault: monkeypatch.setattr(http, "ANSWER_SECONDS", 1.0 if fault == "drip" else 20.0)
