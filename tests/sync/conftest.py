"""An office of one's own for each test."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tiny import Office, TinyFake, install


@pytest.fixture(scope="session")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder with the tiny package, importable here, too."""
    folder = install(tmp_path_factory.mktemp("packages") / "site")
    sys.path.insert(0, str(folder))
    yield folder
    sys.path.remove(str(folder))


@pytest.fixture
def office(tmp_path: Path, packages: Path) -> Office:
    return Office(tmp_path, packages)


@pytest.fixture
def fake() -> Iterator[TinyFake]:
    with TinyFake() as served:
        yield served
