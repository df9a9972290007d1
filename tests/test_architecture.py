"""The house's directions: who may import whom, and what starting costs (DESIGN section 2)."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

import northstar_tui

PACKAGE = Path(northstar_tui.__file__).parent
FACES = {"tui", "cli"}
FORBIDDEN = {
    "money": {"*"},
    "calendar": {"*"},
    "text": {"*"},
    "toml_lines": {"*"},
    "toml_checks": {"*", "-toml_lines", "-errors"},
    "figures": {"*"},
    "categories": {"*"},
    "errors": {"*", "-text"},
    "events": {"*"},
    "notes": {"*"},
    "debug": {"*", "-errors"},
    "epochs": {"*", "-calendar"},
    "zone": {"*", "-calendar"},
    "sources": {"ledger", "views", "sync", "demo", "config", "figures", *FACES},
    "ledger": {"sources", "views", "sync", "demo", "config", *FACES},
    "config": {"sources", "views", "sync", "demo", *FACES},
    "views": {"sources", "sync", "demo", "config", *FACES},
    "sync": {"views", "figures", *FACES},
    "demo": {"views", "figures", "sources", *FACES},
    "tui": {"cli", "sources"},
}
"""Room to the rooms it must not know; ``*`` is all of ours, ``-x`` but x."""


def room(module: str) -> str:
    """Return the room of ``northstar_tui.ledger.append``: ``ledger``."""
    return module.split(".")[1] if "." in module else ""


@cache
def imports() -> dict[str, set[str]]:
    """Return {module: everything that it imports, within functions too}; imports for types alone are free."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = ["northstar_tui", *path.relative_to(PACKAGE).with_suffix("").parts]
        module = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        names: set[str] = set()
        tree = ast.parse(path.read_text("utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                names |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0, f"{module} imports relatively"
                assert node.module
                names |= {f"{node.module}.{alias.name}" for alias in node.names}
        found[module] = names
    return found


@pytest.mark.parametrize("where", sorted(FORBIDDEN))
def test_imports_go_one_way(where: str) -> None:
    rules = FORBIDDEN[where]
    allowed = {rule[1:] for rule in rules if rule.startswith("-")} | {where}
    wrong = []
    for module, names in imports().items():
        if room(module) != where:
            continue
        for name in names:
            if name.startswith("northstar_tui.") and (
                room(name) in rules or ("*" in rules and room(name) not in allowed)
            ):
                wrong.append(f"{module} imports {name}")
    assert not wrong


def test_every_room_is_under_a_rule() -> None:
    rooms = {room(module) for module in imports()} - {"", "__main__", "cli"}
    assert rooms <= set(FORBIDDEN) | {"ops"}


@pytest.mark.parametrize("library", ["textual", "rich"])
def test_only_the_screen_knows_textual(library: str) -> None:
    users = {module for module, names in imports().items() if any(n.split(".")[0] == library for n in names)}
    assert {room(user) for user in users} <= {"tui"}


@pytest.mark.parametrize(
    "where", ["money", "calendar", "text", "errors", "events", "notes", "figures", "ledger", "views"]
)
def test_the_inner_rooms_need_the_standard_library_alone(where: str) -> None:
    known = set(sys.stdlib_module_names) | {"northstar_tui"}
    known |= {"msgspec"} if where == "ledger" else set()
    for module, names in imports().items():
        if room(module) == where:
            assert {name.split(".")[0] for name in names} <= known, module


def test_figures_take_no_clock_and_no_handle() -> None:
    for module, names in imports().items():
        if room(module) == "figures":
            assert not {name.split(".")[0] for name in names} & {
                "sqlite3",
                "time",
                "datetime",
                "random",
                "os",
                "pathlib",
            }


HEAVY = ("textual", "rich", "msgspec", "asyncio", "tomllib", "httpx", "apscheduler", "cryptography", "unittest")


def loaded(*arguments: str) -> set[str]:
    """Return the modules that a run of the program has loaded at its end."""
    script = (
        "import sys, atexit, json\n"
        "atexit.register(lambda: print(json.dumps(sorted(sys.modules)), file=sys.stderr))\n"
        "from northstar_tui.__main__ import main\n"
        "sys.argv = ['northstar', *sys.argv[1:]]\n"
        "main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stderr.splitlines()[-1]))


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> str:
    from northstar_tui.events import Batch, Event
    from northstar_tui.ledger.rules import Rules
    from northstar_tui.ledger.store import Store

    path = tmp_path_factory.mktemp("store") / "s.db"
    with Store.create(path, Rules("America/New_York")) as made:
        made.append(Batch("a", [Event("a", "k", "cost.incurred", 10**15, {"amount": 5})]))
    return str(path)


@pytest.mark.parametrize(
    "arguments",
    [
        ["report", "all", "--json"],
        ["report", "2001-09", "--level", "day", "--by", "category", "--json"],
        ["trades", "all", "--json"],
        ["why", "net", "--json"],
        ["schema"],
        ["costs", "all", "--json"],
        ["costs", "all", "--by", "model", "--by", "key"],
    ],
    ids=" ".join,
)
def test_headless_verbs_load_nothing_they_do_not_use(
    store: str, arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.delenv("NORTHSTAR_CONFIG", raising=False)
    modules = {name.split(".")[0] for name in loaded("--store", store, *arguments)}
    assert not modules & set(HEAVY)


def test_importing_a_file_loads_no_screen(store: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.delenv("NORTHSTAR_CONFIG", raising=False)
    modules = {name.split(".")[0] for name in loaded("--store", store, "verify")}
    assert not modules & {"textual", "rich"}
