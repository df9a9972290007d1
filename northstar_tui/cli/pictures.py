"""A screen of the cockpit drawn into a file: what `northstar show --out` does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from northstar_tui.cli.session import note
from northstar_tui.config import Settings
from northstar_tui.errors import FileError, shown
from northstar_tui.ledger.store import now


def write_picture(
    settings: Settings,
    places: Sequence[tuple[str, Any]],
    title: str,
    out: Path,
    size: tuple[int, int],
    theme: str | None,
    kept: str = "",
) -> None:
    """Draw the screen at the end of the path `places` into `out`, `size` columns by lines; its suffix says how.

    It is shown under the filter `kept`.

    Raises FileError, and PictureError for a PNG that cannot be made here.
    """
    from northstar_tui.tui import picture
    from northstar_tui.tui.drawing import draw
    from northstar_tui.tui.theme import look

    chosen = look(theme or settings.screen.theme or "dark", ascii_only=bool(settings.screen.ascii))
    kinds: dict[str, Callable[[], bytes]] = {
        ".txt": lambda: picture.text(lines).encode(),
        ".svg": lambda: picture.svg(lines, chosen, title).encode(),
        ".png": lambda: picture.png(lines, chosen, title),
    }
    if out.suffix.lower() not in kinds:
        raise FileError(f"{shown(str(out))} is no picture's name", f"name a file that ends in {', '.join(kinds)}")
    lines = draw(settings.store_path(), settings, places, size, chosen, now, kept)
    try:
        out.write_bytes(kinds[out.suffix.lower()]())
    except OSError as error:
        raise FileError(f"{shown(str(out))} cannot be written: {error.strerror}", "name another file") from error
    note(f"wrote {shown(str(out), 200)}")
