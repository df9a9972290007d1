"""What a newcomer looks for: sections, needs, a way out of a filter, looks by name, exports that the page has."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from test_tui_every_key import on, stores
from tui_company import NOW
from tui_still import still

from northstar_tui.ledger.store import Store
from northstar_tui.tui import actions
from northstar_tui.tui.actions import HELP, MESSAGE
from northstar_tui.tui.screens.needing import NeedsPage
from northstar_tui.tui.screens.overview import MORE, OverviewPage
from northstar_tui.tui.theme import NAMES
from northstar_tui.views.needs import needs_view

__all__ = ["stores"]


@pytest.fixture
def rebound() -> Iterator[None]:
    """Other keys than the program's own."""
    actions.bind({"back": ("f2",), "clear": ("f3",), "filter": ("f4",), "previous": ("f6",), "next": ("f7",)})
    yield
    actions.bind({})


@pytest.mark.parametrize("size", [(200, 50), (120, 40), (80, 24), (60, 20)])
def test_tab_goes_through_the_sections_of_the_overview(fed: Path, size: tuple[int, int]) -> None:
    with still(fed, size) as screen:
        page, kinds = screen.cockpit.page, []
        assert isinstance(page, OverviewPage)
        for _ in range(12):
            kinds.append(page.kind_of(page.target))  # type: ignore[arg-type]
            screen.press("tab")
            page = screen.cockpit.page
            assert isinstance(page, OverviewPage)
            if page.target is page.view.tiles[0]:
                break
        first = ["Need", "SinceView", "Panel"] if size[0] < 120 else ["SinceView", "Panel", "Need"]
        assert kinds[:5] == ["Tile", *first, "category"] and kinds[-1] == "LoggedEvent"
        assert len(set(kinds)) == len(kinds)


def test_what_needs_the_operator_is_all_reached_and_said_in_the_same_words(fed: Path) -> None:
    with still(fed, (60, 20)) as screen:
        page = screen.cockpit.page
        assert isinstance(page, OverviewPage) and len(page.view.needs) > 3
        shown = f"and {len(page.view.needs) - 2:,} more"
        assert shown in screen.text
        while page.target != MORE:
            screen.press("down")
        text = screen.press("enter")
        assert "Operations › what needs you" in text
        found = screen.cockpit.page
        assert isinstance(found, NeedsPage) and found.view.needs == page.view.needs
        with Store.open(fed) as store:
            assert needs_view(store, NOW, screen.cockpit.syncing.plans).needs == found.view.needs
        for need in found.view.needs:
            assert found.target is need and need.text[:20] in screen.text.replace("\n", " ")
            where = found.opening()
            assert where is not None and where.places
            screen.press("down")
        assert screen.press("7", "home").count("Needs you (") == 1
        assert "what needs you" in screen.press("enter")


def test_nothing_scheduled_is_not_nothing_there(company: Path) -> None:
    with still(company, (120, 40)) as screen:
        assert "These sources were imported; none is scheduled: nothing arrives by itself." in screen.press("7")
        assert "No source is configured" not in screen.text


def test_escape_clears_a_filter_before_it_goes_back(company: Path) -> None:
    with still(company, (80, 24)) as screen:
        text = screen.press("2", "enter", "slash", *"category:sports", "enter")
        assert "/category:sports" in text and "Esc clears" in text.splitlines()[1]
        kept = screen.press("left").splitlines()[1]
        assert "/category:sports" in kept and "All time › 2026" not in kept, "going back keeps it"
        text = screen.press("enter", "escape").splitlines()[1]
        assert "All time › 2026" in text and "/" not in text and "clears" not in text
        assert "All time › 2026" not in screen.press("escape").splitlines()[1]


def test_the_ledger_by_its_key_is_all_of_it(company: Path) -> None:
    with still(company, (80, 24)) as screen:
        while "▸ scalper" not in screen.text:
            screen.press("down")
        assert "/book:scalper" in screen.press("enter").splitlines()[1]
        assert "book" not in screen.press("1", "2").splitlines()[1] and "-$61.94" in screen.text.splitlines()[4]
        assert screen.cockpit.nav.filter == ""


def test_looks_are_found_by_their_names(company: Path) -> None:
    with still(company, (80, 24)) as screen:
        text = screen.press("colon", *"theme")
        assert all(f"Theme {name} " in text for name in NAMES)
        screen.press(*" contrast-light", "enter")
        assert screen.cockpit.look.name == "contrast-light" and "Look: contrast-light" in screen.text
        assert "Theme mono" not in screen.press("colon")


@pytest.mark.parametrize("name", ["costs", "ledger", "entry"])
def test_only_what_a_page_has_is_offered_to_export(name: str, stores: dict[str, Path]) -> None:
    with on(name, stores) as (screen, _):
        text = screen.press("x")
        assert "Export SVG" in text and ("Export CSV" in text) == (name != "costs")


@pytest.mark.parametrize("name", [HELP, MESSAGE])
def test_where_nothing_is_exported_the_key_says_so(name: str, stores: dict[str, Path]) -> None:
    with on(name, stores) as (screen, _):
        assert "x does nothing here: Export works on other screens" in screen.press("x").splitlines()[-1]


def test_what_was_copied_is_said_before_where_else(company: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TMUX", "STY"):
        monkeypatch.delenv(name, raising=False)
    with still(company, (60, 20)) as screen:
        foot = screen.press("Y").splitlines()[-1]
        assert foot.startswith(" Copied to terminal (OSC 52): northstar --store")


@pytest.mark.parametrize("columns", [60, 80, 120])
def test_both_ways_of_a_pair_are_offered_or_none(company: Path, columns: int) -> None:
    with still(company, (columns, 24)) as screen:
        for way in (("2",), ("enter",), ("g",), ("3",)):
            foot = screen.press(*way).splitlines()[-1]
            assert ("[ ] " in foot) == ("[" in foot)
        foot = screen.press("2").splitlines()[-1]
        assert "[ ] Period" in foot
        at = foot.index("]")
        screen.press("enter")
        screen.cockpit.hands.click(at - 2, 23)
        assert "2025" in screen.text.splitlines()[1], "a click on [ goes back in time"
        screen.settle()
        screen.cockpit.hands.click(at, 23)
        assert "2026" in screen.text.splitlines()[1]


@pytest.mark.usefixtures("rebound")
def test_sentences_name_the_keys_that_are_bound(company: Path) -> None:
    with still(company, (120, 40)) as screen:
        text = screen.press("2", "f4", *"category:nothing", "enter")
        assert "f6 f7 other periods   f2 back   f4 change the filter, f3 clear it" in text
        assert "f3 clears" in text.splitlines()[1]
        screen.cockpit.go(screen.cockpit.left().enter("event", 999_999))
        assert "press f2 to go back" in screen.text
