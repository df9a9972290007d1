"""`northstar demo`: a simulated company in a throw-away store of its own."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import click

from northstar_tui.calendar import Calendar
from northstar_tui.cli.session import Session, moment_argument, note, print_json, tell
from northstar_tui.config import read
from northstar_tui.ledger.store import Store, now
from northstar_tui.tui.terminal import why_plain

_EXAMPLES = """\b
Examples:
  northstar demo                            look around; the store is removed when you leave
  northstar demo --headless                 the overview as text; the store stays, its path is on stderr
  northstar demo --seed 42                  another company
  northstar demo --headless --until 2026-05-01 --json    the same figures every time"""


@click.command("demo", epilog=_EXAMPLES)
@click.option("--headless", is_flag=True, help="Build it and print the overview instead of opening the cockpit.")
@click.option("--seed", type=int, default=None, help="Another seed, another company.")
@click.option("--until", metavar="TIME", help="End the story here and not now: 2026-05-01 or 2026-05-01T14:30.")
@click.option("--json", "as_json", is_flag=True, help="The overview for machines; implies --headless.")
@click.pass_obj
def demo_command(session: Session, headless: bool, seed: int | None, until: str | None, as_json: bool) -> None:
    """Look around in a simulated company: two years of a trader, a contractor and their bills.

    It lives in a throw-away store, whatever --store says; while the cockpit is open, new events keep arriving.
    """
    from northstar_tui.demo.settings import config_text
    from northstar_tui.demo.simulate import DAYS, SEED, build
    from northstar_tui.demo.world import ZONE

    seed = SEED if seed is None else seed
    end = now() if until is None else moment_argument(Calendar(ZONE), until, begins=True)
    headless = headless or as_json or why_plain() is not None
    with _store(keep=headless) as path:
        note(f"simulating a company in {path}")
        build(path, seed, end)
        config = path.with_name("config.toml")
        config.write_text(config_text(end, DAYS), encoding="utf-8")
        if headless:
            _print(path, end, as_json)
            note(f"look into it: northstar --config {config} --store {path} report all --level month --by book")
            return
        from northstar_tui.demo.live import feeding
        from northstar_tui.tui import run

        with feeding(path, seed):
            mine = session.settings  # its rules are about real money; looks and keys are the operator's everywhere
            code = run(path, replace(read(config), store=path, screen=mine.screen, keys=mine.keys), fetches=False)
    sys.exit(code)


@contextmanager
def _store(*, keep: bool) -> Iterator[Path]:
    """Give the path of a new store in a temporary folder, removed afterwards unless `keep`."""
    folder = Path(tempfile.mkdtemp(prefix="northstar-demo-"))
    try:
        yield folder / "demo.db"
    except BaseException:
        keep = False
        raise
    finally:
        if not keep:
            shutil.rmtree(folder, ignore_errors=True)


def _print(path: Path, end: int, as_json: bool) -> None:
    from northstar_tui.views.overview import overview

    with Store.open(path) as store, store.reading():
        view = overview(store, end)
        if not as_json:
            from northstar_tui.views.plain import overview_text

            tell(overview_text(view, store.calendar))
            return
        from northstar_tui.views.report import measures_json

        print_json(
            {
                "store": str(path),
                "zone": view.head.zone,
                "periods": {tile.name: measures_json(tile.measures) for tile in view.tiles},
                "books": {panel.book: measures_json(panel.total) for panel in view.panels},
            }
        )
