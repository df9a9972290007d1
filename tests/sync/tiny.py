"""A tiny API, a package with a source for it (registered as any third party's is), and an office to run it in."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from northstar_tui.ledger.store import Store
from tests.fakes import Fake, Layout, Request, Response

ROOT = Path(__file__).parents[2]


class TinyFake(Fake):
    """``GET /items?after=ID`` gives `size` items after it, and where to go on."""

    name = "tiny"

    def __init__(self, count: int = 25, size: int = 10) -> None:
        super().__init__()
        self.items = [
            {"id": n, "at": 1_760_000_000_000_000 + n * 3_600_000_000, "amount": n * 1000} for n in range(1, count + 1)
        ]
        self.size = size

    def answer(self, request: Request) -> Response:
        after = int(request.param("after", "0"))
        left = [item for item in self.items if item["id"] > after]
        page = left[: self.size]
        return Response.json({"items": page, "next": str(page[-1]["id"]) if len(left) > self.size else None})

    def layout(self, request: Request) -> Layout | None:
        return Layout(("items",), ("amount",), lambda item: item.update(amount=7), ("next",), "after")


def install(folder: Path) -> Path:
    """Write the package with its entry point into `folder`, as an installer would; return the folder."""
    info = folder / "tiny_source-1.0.dist-info"
    info.mkdir(parents=True)
    shutil.copy(Path(__file__).with_name("tiny_source.py"), folder)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: tiny-source\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        "[northstar.sources]\ntiny = tiny_source:make\ngone = tiny_not_there:make\nbroken = tiny_broken:make\n"
    )
    (folder / "tiny_broken.py").write_text("raise SystemExit(4)\n")
    return folder


@dataclass
class Office:
    """A config, a store and an environment to run NorthStar's own program in."""

    folder: Path
    packages: Path
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def path(self) -> Path:
        return self.folder / "s.db"

    def config(self, *tables: str) -> None:
        """Write the config."""
        (self.folder / "config.toml").write_text(
            "\n".join(['timezone = "America/New_York"', 'store = "s.db"', *tables]) + "\n"
        )

    def env(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("NORTHSTAR")}
        paths = os.pathsep.join([str(self.packages), str(ROOT)])
        return kept | {
            "PYTHONPATH": paths, "NORTHSTAR_CONFIG": str(self.folder / "config.toml"), "PYTHONDONTWRITEBYTECODE": "1",
            **self.environment,
        }  # fmt: skip

    def start(self, *arguments: str, code: str = "", **options: Any) -> subprocess.Popen[str]:
        """Start the program; `code` runs in its interpreter first."""
        program = f"{code}\nfrom northstar_tui.__main__ import main\nmain()\n"
        options = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "stdin": subprocess.DEVNULL, **options}
        return subprocess.Popen(
            [sys.executable, "-c", program, *arguments], env=self.env(), text=True, cwd=self.folder, **options
        )

    def run(self, *arguments: str, code: str = "") -> subprocess.CompletedProcess[str]:
        """Run the program to its end."""
        child = self.start(*arguments, code=code)
        try:
            out, told = child.communicate(timeout=60)
        finally:
            child.kill()
            child.wait()
        return subprocess.CompletedProcess(child.args, child.returncode, out, told)

    def json(self, *arguments: str, code: str = "") -> Any:
        """Run the program, and return what it printed as JSON."""
        done = self.run(*arguments, "--json", code=code)
        assert done.stdout, done.stderr
        return json.loads(done.stdout)

    @contextmanager
    def store(self) -> Iterator[Store]:
        with Store.open(self.path, write=True) as store:
            yield store


def table(fake: Fake | str, name: str = "tiny", **own: Any) -> str:
    """Return the config's table of a tiny source that reads from `fake`."""
    url = fake if isinstance(fake, str) else fake.url
    values: Mapping[str, Any] = {"kind": "tiny", "url": url, **own}
    return f"[sources.{name}]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in values.items())


def dump(store: Store) -> list[Any]:
    """Return what a store holds of the outside: the log and what is derived, without ids and times of its own."""
    log = (
        "SELECT d.name, s.key, e.revision, k.name, e.occurred_at, e.body, e.raw FROM event e "
        "JOIN subject s ON s.id = e.subject_id JOIN dimension d ON d.id = s.source_id "
        "JOIN dimension k ON k.id = e.kind_id ORDER BY 1, 2, 3"
    )
    entries = (
        "SELECT d.name, s.key, e.opened_at, e.closed_at, e.gross, e.fees, e.net FROM entry e "
        "JOIN subject s ON s.id = e.id JOIN dimension d ON d.id = s.source_id ORDER BY 1, 2"
    )
    return [store.connection.execute(query).fetchall() for query in (log, entries)]
