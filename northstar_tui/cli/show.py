"""`northstar show`, and ``--plain``: any screen as text, to be read aloud, or as a picture in a file."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import click

from northstar_tui.cli.costs import known, note_without_config
from northstar_tui.cli.screens import Asked, Screen, filter_text, screens
from northstar_tui.cli.session import Question, Session, tell, where_option
from northstar_tui.config import THEMES
from northstar_tui.errors import guess
from northstar_tui.ledger.store import Store, now

_EXAMPLES = """\b
Examples:
  northstar show ledger 2026-Q1                     the screen of a quarter, as text
  northstar --plain ledger 2026-Q1                  the same to be read aloud: sentences, nothing drawn
  northstar show ledger 2026 --out ledger.svg       as a picture: .svg, .png or .txt
  northstar show why net 2026-05 --where category:weather

\b
SCREEN: overview, since [MOMENT], ledger [PERIOD], entries [PERIOD] [ORDER], calendar [PERIOD], entry ID, event ID,
        positions [MOMENT], position INSTRUMENT [MOMENT], unrealised INSTRUMENT [MOMENT], costs [PERIOD],
        spending model|key|charge NAME [PERIOD], reckoning burn|end|"budget NAME" [PERIOD],
        why FIGURE [PERIOD], operations, needs, source NAME, run ID, quarantine, record ID"""


@click.command("show", cls=Question, epilog=_EXAMPLES)
@click.argument("screen", default="overview")
@click.argument("subject", nargs=-1)
@where_option
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE", help="Draw it into FILE.svg, .png or .txt.")
@click.option("--size", metavar="COLSxROWS", help="The picture's size in cells.  [default: 120x40]")
@click.option("--theme", type=click.Choice(THEMES), help="The picture's look; the config's by default.")
@click.pass_obj
def show_command(
    session: Session,
    screen: str,
    subject: tuple[str, ...],
    where: tuple[str, ...],
    out: Path | None,
    size: str | None,
    theme: str | None,
) -> None:
    """Print a SCREEN of the cockpit as text, or draw it into a file."""
    found = screens().get(screen)
    if found is None:
        remedy = f"{guess(screen, screens())}there are {', '.join(screens())}"
        raise click.BadParameter(f"{screen!r} is none: {remedy}", param_hint="SCREEN")
    if where and not found.filtered:
        which = ", ".join(name for name, each in screens().items() if each.filtered)
        raise click.UsageError(f"this screen takes no filter: {which} do")
    if out is None and (size or theme):
        raise click.UsageError(f"{'--size' if size else '--theme'} is a picture's: add --out FILE.svg, .png or .txt")
    if out is None:
        tell(_text(session, found, subject, where))
        return
    cells = re.fullmatch(r"([1-9]\d{0,2})x([1-9]\d{0,2})", size or "120x40")
    if cells is None:
        raise click.BadParameter(f"{size!r} is no size; write 120x40", param_hint="--size")
    from northstar_tui.cli.pictures import write_picture

    with session.read() as store:
        asked = _asked(session, store, subject, where, found.subject)
        places, kept = found.places(asked), filter_text(asked)
    size_cells, title = (int(cells[1]), int(cells[2])), f"NorthStar, {' '.join([screen, *subject, *where])}"
    write_picture(session.settings, places, title, out, size_cells, theme, kept)


def print_plain(session: Session) -> None:
    """Print the overview, where there is no terminal to show it on."""
    tell(_text(session, screens()["overview"], (), ()))


def _text(session: Session, screen: Screen, words: Sequence[str], where: tuple[str, ...]) -> str:
    if not session.settings.store_path().exists():
        from northstar_tui.views.plain import EMPTY

        return EMPTY
    with session.read() as store, store.reading():
        text = screen.text(_asked(session, store, words, where, screen.subject))
    if screen.configured:
        note_without_config(session.settings)
    return text


def _asked(session: Session, store: Store, words: Sequence[str], where: tuple[str, ...], subject: str) -> Asked:
    from northstar_tui.sync.plan import plans

    wanted = subject.split()
    least = sum(not word.startswith("[") for word in wanted)
    if not least <= len(words) <= len(wanted):
        takes = f"takes {subject}" if subject else "takes nothing more"
        raise click.UsageError(f"this screen {takes}")
    fetched = session.settings.sources and store.kind != "demo"  # a simulated company's sources are never read
    planned = plans(session.settings) if fetched else ()
    return Asked(store, words, now(), planned, known(session.settings), where)
