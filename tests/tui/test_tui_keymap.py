"""Keys by the config: what is refused, what may not arrive, and that every face shows the new ones."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from tui_driver import Open

from northstar_tui.config import read
from northstar_tui.errors import ConfigError
from northstar_tui.tui import actions
from northstar_tui.tui.actions import ACTIONS, key_text
from northstar_tui.tui.keymap import bound, spelled, warnings


@pytest.fixture(autouse=True)
def own_keys() -> Iterator[None]:
    """Every test begins and ends with the actions' own keys."""
    actions.bind({})
    yield
    actions.bind({})


def keys(tmp_path: Path, text: str) -> dict[str, tuple[str, ...]]:
    path = tmp_path / "config.toml"
    path.write_text(text)
    return bound(read(path).keys)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ('"s"', ("s",)), ('"S"', ("S",)), ('"?"', ("question_mark",)), ('"+"', ("plus",)), ('"ctrl+x"', ("ctrl+x",)),
        ('["F5", "ctrl+R"]', ("f5", "ctrl+r")), ('"shift+F3"', ("shift+f3",)), ('" "', ("space",)),
        ('"ctrl++"', ("ctrl+plus",)), ('"alt+x"', ("alt+x",)), ('"colon"', ("colon",)), ("[]", ()), ('"ö"', ("ö",)),
    ],
)  # fmt: skip
def test_keys_are_read_as_people_write_them(tmp_path: Path, written: str, meant: tuple[str, ...]) -> None:
    free = "settle = 'f7'\nhelp = 'f2'\ncommands = 'f4'\nfilter = 'f6'\npage_down = []"
    assert keys(tmp_path, f"[keys]\nredraw = {written}\n{free}")["redraw"] == meant


@pytest.mark.parametrize(
    ("line", "says", "remedy"),
    [
        ('snyc = "s"', "keys.snyc is no action", "did you mean sync?"),
        ('sync = "hyper+s"', "'hyper+s' is no key", "ctrl+, alt+, shift+"),
        ('sync = "pause"', "'pause' is no key", "write a sign"),
        ('sync = "shift+s"', "'shift+s' is no key", "write the capital"),
        ('sync = "ctrl+i"', "cannot tell ctrl+i from tab", "write tab"),
        ('sync = "ctrl+u"', "edits the text", "another key"),
        ('sync = "ctrl+c"', "always leaves", "another key"),
        ('sync = "enter"', "needed where text is typed", "only movements"),
        ('sync = "y"', "y is copy already", "give copy another one"),
        ('quit = []', "no key left", "at least one"),
        ('sync = 5', "must be a key or a list of keys", 'write "x"'),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_with_its_line(tmp_path: Path, line: str, says: str, remedy: str) -> None:
    with pytest.raises(ConfigError) as caught:
        keys(tmp_path, f'book = "x"\n\n[keys]\n{line}\n')
    assert f"config.toml:4: keys.{line.split()[0]}" in caught.value.message and says in caught.value.message
    assert remedy in caught.value.remedy


def test_the_examples_give_a_key_that_means_nothing_else_anywhere() -> None:
    root = Path(__file__).parents[2]
    for place in ("config.example.toml", "docs/guide.md", "northstar_tui/cli/keys.py"):
        found = re.findall(r"\bsync = \"([^\"]+)\"", (root / place).read_text())
        assert found, place
        for key in found:
            assert not [a.id for a in actions.ACTIONS if key in a.keys] and not warnings({"sync": (key,)}), place


def test_two_actions_may_trade_their_keys(tmp_path: Path) -> None:
    changes = keys(tmp_path, '[keys]\nwhy = "y"\ncopy = "w"')
    assert changes == {"why": ("y",), "copy": ("w",)}


def test_one_key_may_mean_two_things_on_two_screens(tmp_path: Path) -> None:
    assert keys(tmp_path, '[keys]\ncurve = "tab"') == {"curve": ("tab",)}, "sections are elsewhere"


def test_our_own_keys_all_arrive() -> None:
    assert warnings({}) == []


@pytest.mark.parametrize(
    "key", ["ctrl+b", "ctrl+a", "ctrl+s", "ctrl+q", "ctrl+z", "alt+x", "f1", "f11", "ctrl+1", "escape"]
)
def test_keys_that_terminals_take_are_named_unless_there_is_another(key: str) -> None:
    assert [doubt.key for doubt in warnings({"sync": (key,)})] == [key]
    assert "sync: " in warnings({"sync": (key,)})[0].text and "[keys]" in warnings({"sync": (key,)})[0].text
    assert warnings({"sync": (key, "s")}) == []


def test_names_and_spellings_lead_back() -> None:
    for action in ACTIONS:
        for key in action.keys:
            assert key_text(key) and spelled(key)
            if key not in ("ctrl+z",):
                assert spelled(key).isprintable()


async def test_every_face_shows_the_keys_that_were_bound(cockpit: Open) -> None:
    actions.bind({"why": ("e",), "commands": ("f4",), "quit": ("Q",), "theme": ("f6",), "redraw": ()})
    async with cockpit() as driver:
        text = await driver.press("2")
        assert "e Why" in text and "w Why" not in text and "Q Quit" in text
        help_text = await driver.press("question_mark")
        assert " e  Why this number" in " ".join(help_text.split()).replace(" e ", " e  ")
        assert "f6" in help_text and "Paint the whole screen" not in help_text, "what has no key is not in the help"
        await driver.press("question_mark")
        text = await driver.press("w")
        assert "w does nothing here; ? lists every key" in text
        text = await driver.press("f4", *"why")
        assert text.splitlines()[3].startswith(" ▸ Why ") and text.splitlines()[3].endswith(" e")
        await driver.press("escape", "e")
        assert "why Net P&L" in driver.crumb
        await driver.press("f6")
        assert driver.cockpit.look.name == "light"
        text = await driver.press("1", "h", "h", "h", "h")
        assert "Q quits" in text
