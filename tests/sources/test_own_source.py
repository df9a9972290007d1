"""A source from somebody else's package, found through its entry point: the very text that docs/sources.md shows."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs" / "sources.md"
RUN = """
import asyncio, sys
from pathlib import Path
sys.path.insert(0, {tests!r})
from live import Office
office = Office(Path({folder!r}))
for _ in range(2):
    print(office.sync("acme", {{"vendor": "Acme"}}).counts.new)
print([entry[3:] for entry in office.entries()])
"""


def test_the_documented_package_is_a_source(tmp_path: Path) -> None:
    text = DOCS.read_text("utf-8")
    shown = re.search(r"    # acme_northstar\.py\n((?:    .*\n|\n)+)", text)
    entry = re.search(r'"northstar\.sources"\]\n    (acme = ".*")', text)
    assert shown is not None and entry is not None
    (tmp_path / "acme_northstar.py").write_text(textwrap.dedent(shown[1]))
    info = tmp_path / "acme_northstar-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-northstar\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[northstar.sources]\n{entry[1].replace(chr(34), '')}\n")
    done = subprocess.run(
        [sys.executable, "-c", RUN.format(tests=str(Path(__file__).parent), folder=str(tmp_path))],
        capture_output=True, text=True, timeout=60, check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), *filter(None, sys.path)])},
    )  # fmt: skip
    assert done.stdout.split("\n")[:3] == ["1", "1", "[('Acme', '-1.25'), ('Acme', '-1.25')]"], done.stderr
