"""The system's own time zone."""

from __future__ import annotations

import os
from pathlib import Path

from northstar_tui.calendar import Calendar, CalendarError


def system_zone() -> str:
    """Return the system's IANA zone name, or ``UTC`` where it cannot be told."""
    name = os.environ.get("TZ", "").lstrip(":")
    if not name:
        link = Path("/etc/localtime")
        name = str(link.resolve()).partition("zoneinfo/")[2] if link.exists() else ""
    try:
        return Calendar(name).zone if name else "UTC"
    except CalendarError:
        return "UTC"
