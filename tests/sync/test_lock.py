"""Locks: one holder each, by source, and a folder where none can be made."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from northstar_tui.ledger.store import StoreError
from northstar_tui.sync.lock import held, sources_held


def elsewhere(store: Path, *names: str) -> str:
    """Return what another process gets of the locks `names`."""
    script = (
        "import sys\nfrom pathlib import Path\nfrom northstar_tui.sync.lock import *\n"
        "with sources_held(Path(sys.argv[1]), sys.argv[2:]) as mine, held(Path(sys.argv[1]), 'schedule') as kept:\n"
        "    print(*mine, kept)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(store), *names], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def test_each_source_has_one_fetcher(tmp_path: Path) -> None:
    store = tmp_path / "new" / "s.db"
    with sources_held(store, ["kalshi", "mail"]) as mine:
        assert mine == ["kalshi", "mail"]
        assert elsewhere(store, "kalshi", "anthropic", "mail") == "anthropic True"
    assert elsewhere(store, "kalshi", "mail") == "kalshi mail True"


def test_the_schedule_has_one_keeper(tmp_path: Path) -> None:
    store = tmp_path / "s.db"
    with held(store, "schedule") as mine:
        assert mine
        assert elsewhere(store, "kalshi") == "kalshi False"
    assert elsewhere(store) == "True"
    assert (tmp_path / "s.db.schedule.lock").stat().st_mode & 0o077 == 0


def test_where_no_lock_can_be_made_it_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for take in (
        lambda: held(tmp_path / "file" / "s.db", "schedule"),
        lambda: sources_held(tmp_path / "file" / "s.db", []),
    ):
        with pytest.raises(StoreError, match="cannot be made"), take():
            pass


@pytest.mark.skipif(os.getuid() == 0, reason="root may write anywhere")
def test_a_folder_that_is_not_ours_is_named(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(StoreError, match="permissions"), held(tmp_path / "s.db", "schedule"):
        pass
