"""What the documents tell the trader and the operator to write is read as they say."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from zoneinfo import ZoneInfo

from mail_making import bets, mail

from northstar_tui.ledger.store import now
from northstar_tui.sources.http import Http, client
from northstar_tui.sources.mail.settings import Settings
from northstar_tui.sources.source import Outside

DOCS = Path(__file__).parents[2] / "docs"
NEXT = "Thu, 26 Feb 2026 10:00:00 -0500"


def blocks(name: str) -> list[str]:
    """Return the indented blocks of a document."""
    text = (DOCS / name).read_text("utf-8")
    return [
        re.sub(r"^    ", "", block, flags=re.M).strip("\n")
        for block in re.findall(r"(?:^    .*\n|^\n(?=    ))+", text, re.M)
    ]


def test_every_example_of_the_template_is_read() -> None:
    named, lines, keyed, results = blocks("mail-template.md")
    head, _, line = lines.partition("\n")
    assert head.startswith("market | pick | odds")
    assert len(bets(mail(named))) == 2
    (contract,) = bets(mail(line))
    assert (contract.body["same"], contract.body["edge"]) == ("kalshi:KXHIGHNY-26FEB25-B45.5", "0.06")
    (placed,) = bets(mail(keyed))
    table, _, rest = results.partition("\n\n")
    for said in (table, rest.splitlines()[1]):
        (first, settled) = bets(mail(keyed), mail(said, date=NEXT, nth=2))
        assert first.key == placed.key == settled.key
        assert settled.body["net"] == 100_000_000


async def test_the_config_in_the_documents_is_one(tmp_path: Path) -> None:
    (section,) = re.findall(r"^## mail\n(.*?)^## ", (DOCS / "sources.md").read_text("utf-8"), re.M | re.S)
    text = "\n".join(line[4:] for line in section.splitlines() if line.startswith("    "))
    server, disk = re.split(r"^\[sources\.mail\] .*$", text, flags=re.M)
    async with client() as shared:
        outside = Outside("mail", Http("mail", shared), str, ZoneInfo("UTC"), now, tmp_path)
        own = tomllib.loads(server)["sources"]["mail"]
        assert own.pop("at") == ["10:05"]
        assert Settings(own, outside).port == 993
        own = tomllib.loads("[sources.mail]\n" + disk)["sources"]["mail"]
        (pattern,) = Settings(own, outside).patterns
    (event,) = bets(mail("Lakers ML @ 1.91 for $50 (rested)"), patterns=[pattern])
    assert event.body["thesis"] == "rested"
