"""Every key of the registry, on every screen it is for, does something that is seen; every other key says that not."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from textual.keys import _character_to_key
from tui_still import Still, StillHost, still

from northstar_tui.tui.actions import ACTIONS, COMMANDS, HELD, HELP, MESSAGE, SCREENS, by_key, keys_of
from northstar_tui.tui.feed import LateSchedule
from northstar_tui.tui.months import SCREENS as SCREENS_OF_COSTS

WAYS = {
    "overview": (), "ledger": ("2",), "entries": ("2", "o"), "entry": ("2", "w", "enter"),
    "event": ("2", "w", "enter", "enter"), "why": ("2", "w"), "calendar": ("2", "enter", "g"),
    "since": ("colon", *"since", "enter"), "operations": ("7",), "needs": ("7", "enter"),
    "source": ("7", "down", "enter"),
    "run": ("7", "tab", "tab", "enter"), "record": ("7", "tab", "enter"),
    "quarantine": ("colon", *"quarantine", "enter"), "positions": ("3",), "position": ("3", "down", "down", "enter"),
    "unrealised": ("3", "down", "down", "w"), "costs": ("9",), "spending": ("9", "tab", "tab", "tab", "tab", "enter"),
    "reckoning": ("9", "tab", "tab", "w"), HELP: ("question_mark",), COMMANDS: ("colon",), MESSAGE: (),
}  # fmt: skip


class Listening(StillHost):
    """Hears what a program would be asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def redraw(self) -> None:
        """Paint all of it."""
        self.asked.append("redraw")

    def suspend_program(self) -> None:
        """Stop."""
        self.asked.append("suspend")

    def leave(self) -> None:
        """End."""
        self.asked.append("quit")


@contextmanager
def on(screen: str, stores: dict[str, Path]) -> Iterator[tuple[Still, Listening]]:
    """Open a cockpit and go to `screen`."""
    store = stores[
        "none" if screen == MESSAGE else "held" if screen in HELD else "spent" if screen in SCREENS_OF_COSTS else "fed"
    ]
    with still(store, (120, 40)) as opened:
        opened.cockpit.host = host = Listening()
        opened.press(*WAYS[screen])
        assert opened.cockpit.scope == screen
        yield opened, host


@pytest.fixture
def stores(fed: Path, held: Path, spent: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Path]:
    """Stores in which every screen has something on it; children are named and not started."""
    for method in ("run_now", "import_now"):
        monkeypatch.setattr(LateSchedule, method, lambda *_: True)
    monkeypatch.setattr(LateSchedule, "running", lambda _: ["bills"])
    monkeypatch.setattr("northstar_tui.tui.exporting.RowsChild.start", lambda *_: "the rows are being written")
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.delenv("TMUX", raising=False)
    return {"fed": fed, "held": held, "spent": spent, "none": tmp_path / "none.db"}


def test_every_screen_has_a_way_to_it() -> None:
    assert set(WAYS) == SCREENS | {HELP, COMMANDS, MESSAGE}


@pytest.mark.parametrize("screen", WAYS)
def test_every_action_of_a_screen_does_something_there(screen: str, stores: dict[str, Path]) -> None:
    with on(screen, stores) as (opened, host):
        cockpit = opened.cockpit
        nav, look, overlay = cockpit.left(), cockpit.look, cockpit.overlay
        for action in (action for action in ACTIONS if screen in action.where and keys_of(action)):
            key = keys_of(action)[0]
            assert screen == COMMANDS or by_key(key, screen) is action
            before = opened.text
            if cockpit.prompt is None:
                cockpit.key(key)
            elif cockpit.prompt.key(key) is None and key not in ("up", "pageup"):
                cockpit.hands.press(key, None)
            else:
                continue  # it edits what is typed, or the first line is chosen already
            opened.settle()
            assert opened.text != before or host.asked, f"{action.id}, {key}"
            assert not host.asked or host.asked == [action.id]
            host.asked.clear()
            if cockpit.reading.paused:
                cockpit.hold(hold=False)
            cockpit.nav, cockpit.look, cockpit.message, cockpit.prompt = nav, look, "", None
            cockpit.overlay = None
            cockpit.ask()
            opened.settle()
            if overlay is not None:
                opened.press(*WAYS[screen][-1:])
            assert cockpit.scope == screen


@pytest.mark.parametrize("screen", WAYS)
def test_a_key_that_means_nothing_says_so(screen: str, stores: dict[str, Path]) -> None:
    used = {key for action in ACTIONS for key in action.keys if screen in action.where}
    with on(screen, stores) as (opened, host):
        for name in (*map(_character_to_key, "zZ0459@"), "f5", "ctrl+g", "insert", "tab", "g", "slash"):
            if name in used or (screen == COMMANDS and name not in ("f5", "ctrl+g", "insert", "tab")):
                continue
            opened.cockpit.message = ""
            if opened.cockpit.prompt is not None:
                opened.cockpit.hands.press(name, None)
                assert "does nothing while you type" in opened.text, name
            else:
                opened.cockpit.key(name)
                assert "does nothing here" in opened.text and "lists every key" in opened.text, name
        assert not host.asked


@pytest.mark.parametrize(
    ("screen", "keys", "says"),
    [
        ("overview", ("1",), "This is the overview"), ("overview", ("up",), "This is the first row"),
        ("ledger", ("end", "down"), "This is the last row"), ("ledger", ("[",), "Nothing comes before this"),
        ("ledger", ("2",), "This is all time"), ("overview", ("<",), "There is nowhere further back"),
        ("overview", (">",), "There is nothing to go forward to"), ("overview", ("h",), "q quits"),
        ("run", ("down",), "This is the last row"), (MESSAGE, ("j",), "This is the last row"),
        ("operations", ("7",), "This is the operations screen"), ("positions", ("]",), "there is nothing later"),
        ("overview", ("end", "w"), "There is no number here to explain"),
    ],
)  # fmt: skip
def test_what_leads_nowhere_says_so(screen: str, keys: tuple[str, ...], says: str, stores: dict[str, Path]) -> None:
    with on(screen, stores) as (opened, _):
        assert says in opened.press(*keys).splitlines()[-1]


def test_actions_of_other_screens_are_offered_and_say_where(stores: dict[str, Path]) -> None:
    with on("overview", stores) as (opened, _):
        text = opened.press("colon", *"basis")
        assert "on calendar, entries, ledger, why" in " ".join(text.split())
        assert "Basis means nothing here; it does on calendar, entries, ledger, why" in opened.press("enter")
