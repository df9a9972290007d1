"""Every screen has a plain twin with the same figures, and nothing in it that is drawn or cannot be read aloud."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from test_tui_screens import FED, SPENT, WAYS
from tui_company import HOSTILE, NOW
from tui_still import Still, still

from northstar_tui.calendar import Calendar, Period
from northstar_tui.cli.costs import known
from northstar_tui.cli.screens import Asked, screens
from northstar_tui.cli.session import Session
from northstar_tui.config import Settings, read
from northstar_tui.ledger.store import Store
from northstar_tui.sync.plan import plans
from northstar_tui.tui.screens import registry
from northstar_tui.views.aloud import aloud, is_aloud, sentences, spoken, voiced

MONEY = re.compile(r"[+-]?\$\d[\d,]*\.\d\d(?!\d)|\d+\.\d %")
NO_SCREEN = ("help", "commands", "filter")
TWINNED = [name for name in (*WAYS, *FED, *SPENT) if not any(part in name for part in NO_SCREEN)]


def words(place: tuple[str, object], calendar: Calendar) -> list[str]:
    """Return what stands behind a screen's name on the command line for the place where a cockpit is."""
    screen, subject = place
    if isinstance(subject, Period):
        return [calendar.argument(subject)]
    if screen == "entries":
        return [calendar.argument(subject[0]), subject[1]]  # type: ignore[index]
    if screen == "why":
        return [subject[0], calendar.argument(subject[1])]  # type: ignore[index]
    if screen == "spending":
        return [subject[0], subject[1][0], calendar.argument(subject[2])]  # type: ignore[index]
    if screen in ("costs", "reckoning") and subject is not None:
        what, at = subject if screen == "reckoning" else (None, subject)  # type: ignore[misc]
        return [*([what] if what else []), calendar.argument(calendar.period("month", at))]
    return [] if subject is None else [str(subject)]


def figures(text: str) -> set[str]:
    return {found.lstrip("+") for found in MONEY.findall(text)}


def twin(screen: Still, store: Path) -> str:
    """Return the plain twin of what `screen` shows."""
    place = screen.cockpit.nav.here.place
    config = store.with_name("config.toml")
    with Store.open(store) as opened, opened.reading():
        settings = read(config) if config.exists() else Settings()
        told, sort = words(place, opened.calendar), screen.cockpit.nav.sort
        name, told = ("entries", [*told, sort]) if place[0] == "ledger" and sort != "time" else (place[0], told)
        return screens()[name].text(Asked(opened, told, NOW, plans(settings), known(settings)))


_DRAWN = re.compile("[\u2500-\u259f\u25a0-\u25ff\u2800-\u28ff✓✗–—·…]")


def test_no_screen_is_without_a_twin() -> None:
    assert set(screens()) == set(registry._SCREENS)


@pytest.mark.parametrize("name", TWINNED)
def test_the_twin_has_every_figure_of_the_screen(company: Path, fed: Path, spent: Path, name: str) -> None:
    store, ways = next((s, w) for s, w in ((company, WAYS), (fed, FED), (spent, SPENT)) if name in w)
    with still(store, (200, 50)) as screen:
        screen.press(*ways[name])
        body = "\n".join(line for line in screen.text.splitlines()[2:-1] if "▓━ from" not in line)  # a legend
        told = twin(screen, store)
        with aloud():
            read_out = spoken(twin(screen, store))
    known = figures(told)
    if name.startswith("overview"):  # an event of a cost states what it costs, its twin what that does to the net
        known |= {figure.lstrip("-") for figure in known}
    assert figures(body) <= known, "a figure that only the screen has"
    assert figures(told) == figures(read_out)
    assert "Traceback" not in told and HOSTILE[0] not in told
    assert not _DRAWN.search(read_out), read_out
    if name not in ("event", "operations-runs", "ledger-columns"):
        assert figures(body) or "operations" in name or name in ("needs", "source", "run", "record", "record-of-a-file")


def test_sentences_name_what_each_value_is() -> None:
    assert sentences(("DAY", "NET", "W–L", ""), [("today", "+$1.00", "2–1", "note"), ("—", "—", "", "")]) == (
        "today: net +$1.00, won-lost 2–1, note\n—"
    )
    assert spoken("A · B\n──  ──\n▲ +$1.00   ✓ ok ⣿█\n\nx – y") == "A, B\n+$1.00   yes: ok\n\nx - y"
    assert spoken("unrealised —; locked $1.00") == "unrealised none; locked $1.00"
    with aloud():
        assert is_aloud() and voiced("A · B") == "A, B"
    assert voiced("A · B") == "A · B"
    assert not is_aloud()


# -- the command line --------------------------------------------------------------------------------------------------


def run(store: Path, *arguments: str, code: int = 0) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "northstar_tui", "--store", str(store), *arguments]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=60, check=False, stdin=subprocess.DEVNULL,
        env={"PATH": "/usr/bin:/bin", "HOME": str(store.parent), "PYTHONPATH": ":".join(sys.path)},
    )  # fmt: skip
    assert done.returncode == code, (done.stdout, done.stderr)
    assert "Traceback" not in done.stderr
    return done


def test_plain_names_any_screen(company: Path) -> None:
    overview = run(company, "--plain").stdout
    assert overview == run(company, "--plain", "overview").stdout and "all: net -$61.94" in overview
    ledger = run(company, "--plain", "ledger", "2026-03").stdout
    assert ledger.startswith("Mar 2026, closed basis") and "W11 9-15 Mar: net" in ledger
    assert "entries read one by one: net $31.2" in run(company, "show", "why", "net", "2026-03").stdout
    assert "category other" in run(company, "--plain", "trades", "2026-03-11").stdout, "verbs are read aloud too"
    for words in (["report", "all", "--level", "month"], ["positions"], ["epochs"], ["runs"], ["doctor"], ["verify"],
                  ["since"], ["why", "net", "2026-03"], ["why", "max-drawdown", "2026-03"], ["events"], ["costs"],
                  ["quarantine"], ["positions", "--at", "2026-03-12"]):  # fmt: skip
        done = run(company, "--plain", *words)
        assert not _DRAWN.search(done.stdout + done.stderr), (words, done.stdout)
    for wrong, says in (
        (["--plain", "plaid"], "there are overview"), (["show", "ledger", "2026", "x"], "takes [PERIOD]"),
        (["show", "overview", "x"], "takes nothing more"), (["show", "entry"], "takes ID"),
        (["show", "entry", "one"], "no id"), (["show", "ledger", "soon"], "PERIOD"),
        (["show", "--out", "a.svg", "--size", "12"], "write 120x40"),
    ):  # fmt: skip
        assert says in run(company, *wrong, code=2).stderr
    for wrong, says in (
        (["show", "entry", "999999"], "trades --json"), (["show", "event", "999999"], "events --json"),
        (["show", "source", "nobody"], "show operations"), (["show", "run", "999999"], "runs --json"),
        (["show", "record", "999999"], "quarantine --all"), (["show", "--out", "a.gif"], ".svg"),
        (["show", "--out", "/nonexistent/a.svg"], "cannot be written"),
    ):  # fmt: skip
        assert says in run(company, *wrong, code=1).stderr


@pytest.mark.parametrize("screen", [["overview"], ["ledger", "2026-03"], ["why", "net", "2026"], ["operations"]])
def test_a_picture_is_the_screen(company: Path, tmp_path: Path, screen: list[str]) -> None:
    run(company, "show", *screen, "--out", str(tmp_path / "a.txt"), "--size", "100x30")
    lines = (tmp_path / "a.txt").read_text().splitlines()
    assert len(lines) == 30 and "NorthStar" in lines[0] and "q Quit" in lines[-1] and "Reading" not in lines[-1]
    run(company, "show", *screen, "--out", str(tmp_path / "a.svg"), "--theme", "light")
    root = ElementTree.fromstring((tmp_path / "a.svg").read_text())
    assert root.get("aria-label") == f"NorthStar, {' '.join(screen)}"
    run(company, "show", *screen, "--out", str(tmp_path / "a.png"))
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")


def test_text_loads_no_screen(company: Path) -> None:
    code = (
        "import sys; from northstar_tui.cli import cli; sys.argv[1:] = ['--store', sys.argv[1], 'show', 'ledger']\n"
        "try: cli.main(prog_name='northstar')\n"
        "finally: print(sorted({'textual', 'rich', 'apscheduler'} & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(company)], capture_output=True, text=True, check=False)
    assert done.returncode == 0 and done.stderr.splitlines()[-1] == "[]", done.stderr
    assert Session(None, company).plain is False
