"""Pictures of what was painted: on the grid, whole, and with nothing in them that anything would obey."""

from __future__ import annotations

import functools
import re
import struct
import sys
import tomllib
import zlib
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.style import Style
from tui_company import HOSTILE
from tui_still import still

from northstar_tui.tui import picture, theme
from northstar_tui.tui.paint import Line
from northstar_tui.tui.shapes import DRAWN, HIGH, WIDE, dots, rects

LOOK = theme.look("dark")
SVG = "{http://www.w3.org/2000/svg}"


def drawn(text: str, style: Style = LOOK.text, cells: int = 40, look: theme.Look = LOOK) -> ElementTree.Element:
    return ElementTree.fromstring(picture.svg([Line().put(text, style).strip(cells, look.text)], look, "a title"))


def words(root: ElementTree.Element) -> list[str]:
    return [element.text or "" for element in root.iter(f"{SVG}text")]


def test_words_stand_on_the_grid() -> None:
    root = drawn(f"net  +$1.00 日本  {HOSTILE}", cells=120)
    assert words(root) == ["net", "+$1.00 日本", "␛[31mred␛[0m [bold]not markup[/] <U+202E>gnp.exe"]
    for element, (cell, size) in zip(root.iter(f"{SVG}text"), ((0, 3), (5, 11), (18, 48)), strict=True):
        assert float(element.get("x", "")) == pytest.approx(14 + cell * WIDE, abs=0.01)
        assert float(element.get("textLength", "")) == pytest.approx(size * WIDE, abs=0.01)


@given(st.text(max_size=60), st.text(max_size=20))
def test_any_text_is_escaped_and_shown(text: str, title: str) -> None:
    line = Line().put(text, LOOK.text).strip(200, LOOK.text)
    shown = picture.svg([line], LOOK, title)
    root = ElementTree.fromstring(shown)
    assert {element.tag.removeprefix(SVG) for element in root.iter()} <= {"svg", "title", "style", "rect", "path",
                                                                          "text"}  # fmt: skip
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", shown.replace("\n", ""))
    assert not any(name.startswith("on") or "href" in name for element in root.iter() for name in element.keys())  # noqa: SIM118


def test_what_is_drawn_needs_no_font() -> None:
    for char in DRAWN:
        assert rects(char, 0, 0) or dots(char, 0, 0), char
    root = drawn("".join(sorted(DRAWN)), LOOK.gain, 400)
    assert words(root) == []
    assert rects("█", 0, 0) == f"M0 0h{WIDE}v{HIGH:g}h-{WIDE}z" and rects("██", 0, 0).startswith("M0 0h16.8")
    assert rects("▄", 0, 0) == f"M0 9h{WIDE}v9h-{WIDE}z" and rects("▌", 0, 0) == "M0 0h4.2v18h-4.2z"
    assert dots("⠁", 0, 0) == "M2.1 2.25h.01" and dots("⣿", 0, 0).count("M") == 8 and not rects("⣿", 0, 0)


def test_grounds_weights_and_reverse() -> None:
    root = drawn("x", LOOK.on_cursor(LOOK.gain))
    ground = [element for element in root.iter(f"{SVG}rect") if element.get("y")]
    assert [each.get("fill") for each in ground] == ["#2b3548"]
    (word,) = root.iter(f"{SVG}text")
    assert word.get("class") == "b" and word.get("fill") == "#7fd992"
    (word,) = drawn("x", Style(color="#111111", bgcolor="#eeeeee", reverse=True, dim=True)).iter(f"{SVG}text")
    assert word.get("fill") == "#eeeeee" and word.get("class") == "f"


@pytest.mark.parametrize("name", theme.NAMES)
def test_every_look_has_a_picture_and_light_ones_are_light(company: Path, name: str) -> None:
    with still(company, (80, 24), name) as screen:
        root = ElementTree.fromstring(picture.svg(screen.lines, screen.cockpit.look, "Overview"))
        page = root.find(f"{SVG}rect")
        assert page is not None
        light = int((page.get("fill") or "")[1:3], 16) > 128
        assert light is not screen.cockpit.look.dark
        assert (root.get("width"), root.get("height")) == ("700", "460")
        assert "Overview" in words(root) and picture.text(screen.lines) == screen.text


def test_a_png_is_the_svg_at_twice_its_size(company: Path) -> None:
    with still(company, (80, 24)) as screen:
        data = picture.png(screen.lines, screen.cockpit.look, "Overview")
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    assert struct.unpack(">II", data[16:24]) == (1400, 920)
    pixels = zlib.decompress(b"".join(_chunks(data)))
    assert len({pixels[i : i + 4] for i in range(1, len(pixels) - 4, 4)}) > 20, "there is something on it"


def _chunks(data: bytes) -> list[bytes]:
    found, at = [], 8
    while at < len(data):
        (size,) = struct.unpack(">I", data[at : at + 4])
        if data[at + 4 : at + 8] == b"IDAT":
            found.append(data[at + 8 : at + 8 + size])
        at += 12 + size
    return found


def test_a_png_without_its_library_or_a_font_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    import resvg_py

    lines = [Line().put("x", LOOK.text).strip(4, LOOK.text)]
    with monkeypatch.context() as patch:
        bare = functools.partial(resvg_py.svg_to_bytes, skip_system_fonts=True)
        patch.setattr(resvg_py, "svg_to_bytes", bare)
        with pytest.raises(picture.PictureError, match="needs a font"):
            picture.png(lines, LOOK, "t")
    monkeypatch.setitem(sys.modules, "resvg_py", None)
    with pytest.raises(picture.PictureError, match="resvg-py") as caught:
        picture.png(lines, LOOK, "t")
    extra = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["project"][
        "optional-dependencies"
    ]
    assert [name.partition(">")[0] for name in extra["png"]] == ["resvg-py"]
    assert caught.value.remedy.startswith(f"{sys.executable} -m pip install resvg-py, or "), "it works from a checkout"
