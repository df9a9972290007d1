"""A source that is really fetched: a local server of a few bills, and the config that reads it."""

from __future__ import annotations

from pathlib import Path

from tests.fakes import Fake, Request, Response

UNSTARVED = """
from northstar_tui.sync import schedule
schedule.NICE = 0
from northstar_tui.__main__ import main
main()
"""
"""The program, whose children give way to nobody: on a busy machine they would never have a processor."""


class BillsFake(Fake):
    """``GET /bills`` gives all bills; each costs a dollar."""

    name = "bills"

    def __init__(self, count: int = 3) -> None:
        super().__init__()
        self.count = count

    def answer(self, request: Request) -> Response:
        days = [f"2026-03-{n % 27 + 1:02d}" for n in range(self.count)]
        return Response.json({"items": [{"id": f"b{n}", "day": day, "usd": "1.00"} for n, day in enumerate(days)]})

    def config(self) -> str:
        """Return the source's table."""
        return (
            f'[sources.bills]\nkind = "http_json"\nurl = "{self.url}/bills"\nitems = "items"\n'
            'event = "cost.incurred"\nfields = { key = "id", time = "day", amount = "usd" }\n'
            'constants = { instrument = "server" }\n'
        )


def office(folder: Path, *tables: str) -> Path:
    """Write a config of `tables` into `folder`; return where its store will be."""
    (folder / "config.toml").write_text("\n".join(['timezone = "America/New_York"', 'store = "s.db"', *tables]) + "\n")
    return folder / "s.db"
