"""States that are not simply data, each designed and looked at: nothing there, not read yet, old, cut off, broken."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from test_tui_screens import SIZES, check
from textual.strip import Strip
from tui_company import CONFIG, NOW
from tui_still import Still, still

from northstar_tui.tui import theme
from northstar_tui.tui.bridge import Bridge
from northstar_tui.tui.cockpit import Cockpit
from northstar_tui.tui.reader import StoreReader
from northstar_tui.tui.waiting import READING

DAY = 86_400_000_000
sizes = pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
Size = tuple[int, int]


@sizes
@pytest.mark.parametrize("configured", [False, True], ids=["bare", "configured"])
def test_the_first_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: Size, configured: bool) -> None:
    monkeypatch.chdir(tmp_path)
    if configured:
        Path("config.toml").write_text(CONFIG)
    with still(Path("northstar.db"), size) as screen:
        check("state-first-run" + ("-configured" if configured else ""), screen)


@sizes
def test_before_the_first_answer(size: Size) -> None:
    """While the store is being opened: the frame stands, and says what is going on."""
    release = threading.Event()

    def opened() -> StoreReader:
        release.wait(30)
        raise OSError("never")

    bridge = Bridge(opened)
    try:
        cockpit = Cockpit(bridge, Path("northstar.db"), theme.look("dark"), lambda: NOW)
        early = "\n".join(strip.text.rstrip() for strip in cockpit.paint(*size))
        assert "Reading the store" in early and READING not in early
        cockpit.waiting._late(1, READING)
        assert READING in cockpit.paint(*size)[-1].text
        check("state-loading", Held(cockpit, size))
    finally:
        release.set()
        bridge.close()


class Held(Still):
    """A cockpit that still waits for its answer: what is painted is painted without it."""

    def settle(self) -> list[Strip]:
        return self.cockpit.paint(*self.size)


@sizes
def test_a_store_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: Size) -> None:
    monkeypatch.chdir(tmp_path)
    Path("northstar.db").write_bytes(b"SQLite format 3\x00 and then nothing of the kind" * 40)
    with still(Path("northstar.db"), size) as screen:
        check("state-failed", screen)


@sizes
def test_a_place_that_is_gone(company: Path, size: Size) -> None:
    with still(company, size) as screen:
        screen.press("2")
        screen.cockpit.go(screen.cockpit.nav.enter("entry", 999_999))
        check("state-gone", screen)


@sizes
def test_a_period_with_nothing_in_it(company: Path, size: Size) -> None:
    with still(company, size) as screen:
        check("state-nothing", screen, "2", "end", "enter", "right_square_bracket")


@sizes
def test_a_filter_that_nothing_matches(company: Path, size: Size) -> None:
    with still(company, size) as screen:
        check("state-no-match", screen, "2", "slash", *"category=nothing", "enter")


@sizes
def test_a_command_that_is_none(company: Path, size: Size) -> None:
    with still(company, size) as screen:
        check("state-no-command", screen, "colon", *"xyzzy")


@sizes
@pytest.mark.parametrize(("name", "keys"), [("overview", ()), ("operations", ("7",))])
def test_old_news(fed: Path, size: Size, name: str, keys: tuple[str, ...]) -> None:
    """Nothing has come for four days: the sources say how late they are, and what is to be done."""
    with still(fed, size, now=NOW + 4 * DAY) as screen:
        check(f"state-stale-{name}", screen, *keys)


@sizes
@pytest.mark.parametrize(("name", "keys"), [("overview", ()), ("operations", ("7",))])
def test_no_network(offline: Path, size: Size, name: str, keys: tuple[str, ...]) -> None:
    with still(offline, size) as screen:
        check(f"state-offline-{name}", screen, *keys)
        assert screen.text.partition(" Runs ─")[0].count("no connection") <= 1, "once for all; a run says its own"


@sizes
def test_paused(company: Path, size: Size) -> None:
    with still(company, size) as screen:
        screen.press("p")
        screen.cockpit.reading.behind = 3
        check("state-paused", screen)


@sizes
def test_a_store_that_went(own: Path, size: Size) -> None:
    """What was read stays in sight, and nobody can take it for what is."""
    with still(own, size) as screen:
        screen.cockpit.reading.lost(OSError("own.db is not there any more"))
        check("state-lost", screen)


@pytest.mark.parametrize("size", [(39, 24), (120, 9), (20, 5), (1, 1)], ids=lambda size: f"{size[0]}x{size[1]}")
def test_too_small(company: Path, size: Size) -> None:
    with still(company, size) as screen:
        check("state-too-small", screen)
