"""`northstar import` and `export` as an operator runs them: exit codes, data on stdout, the rest on stderr."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

CENTS = (
    "type,quantity,market_ticker,side,entry_price_cents,exit_price_cents,open_fees_cents,close_fees_cents,"
    "realized_pnl_without_fees_cents,realized_pnl_with_fees_cents,close_timestamp,open_timestamp\n"
)
ROW = "trade,1,KXA-{n},yes,36,0,2,0,-36,-38,2026-05-{n:02d}T07:33:01-04:00,2026-04-03T11:15:59-04:00\n"
REAL = Path(__file__).parents[3] / "shared" / "data" / "kalshi" / "icon-weather__Kalshi-Transactions-2026.csv"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of one's own with a config in it, and nothing of the machine's."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config.toml").write_text('timezone = "America/New_York"\nstore = "s.db"\n')
    monkeypatch.setenv("NORTHSTAR_CONFIG", str(tmp_path / "config.toml"))
    monkeypatch.delenv("NORTHSTAR_STORE", raising=False)
    return tmp_path


def northstar(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "northstar_tui", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def export(folder: Path, *numbers: int, name: str = "export.csv") -> str:
    path = folder / name
    path.write_text(CENTS + "".join(ROW.format(n=n) for n in numbers))
    return str(path)


def totals() -> dict[str, object]:
    found: dict[str, object] = json.loads(northstar("report", "all", "--json").stdout)["totals"]
    return found


def test_import_again_and_overlapping(here: Path) -> None:
    first = northstar("import", export(here, 1, 2, 3))
    assert (first.returncode, first.stderr) == (0, "")
    assert first.stdout.splitlines()[1].split() == ["export.csv", "kalshi-csv", "3", "3", "0", "0", "0"]
    again = northstar("import", "--json", export(here, 2, 3, 4))
    assert json.loads(again.stdout) == {
        "dry_run": False,
        "files": [
            {
                "path": str(here / "export.csv"),
                "format": "kalshi-csv",
                "source": "kalshi-csv",
                "read": 3,
                "new": 1,
                "unchanged": 2,
                "revised": 0,
                "quarantined": 0,
                "mended": 0,
                "rejects": [],
            }
        ],
    }
    assert (totals()["trades"], totals()["net"]) == (4, "-1.52")
    assert northstar("verify").returncode == 0


def test_a_bad_row_and_a_wrong_file_are_named_and_the_rest_is_loaded(here: Path) -> None:
    good, bad, wrong = export(here, 1), export(here, 2, 3, name="bad\x1b[2J.csv"), here / "wrong.csv"
    Path(bad).write_text(Path(bad).read_text().replace("KXA-3,yes", "KXA-3,\x1b[31mmaybe"))
    wrong.write_text("a,b\n1,2\n")
    done = northstar("import", str(wrong), good, bad, str(here / "absent.csv"))
    assert done.returncode == 1
    assert "wrong.csv: this is no file that NorthStar knows" in done.stderr
    assert "line 3, side: " in done.stderr
    assert "absent.csv" in done.stderr
    assert "\x1b" not in done.stderr + done.stdout
    assert "Traceback" not in done.stderr
    assert done.stdout.splitlines()[-1].split() == ["3", "2", "0", "0", "1"]
    assert totals()["trades"] == 2


def test_a_refused_file_makes_no_store(here: Path) -> None:
    (here / "activity.csv").write_text(
        "type,Status,Amount_In_Dollars,Original_Date,Traded_Time,Profit_In_Dollars\nOrder,Filled,,2026-05-04,,\n"
    )
    done = northstar("import", "activity.csv")
    assert done.returncode == 1
    assert "kalshi.com/account/taxes" in done.stderr
    assert not (here / "s.db").exists()


def test_a_dry_run_says_what_would_be_done(here: Path) -> None:
    file = export(here, 1, 2)
    dry = northstar("import", "--dry-run", file)
    assert dry.returncode == 0
    assert "nothing was written" in dry.stderr
    assert not (here / "s.db").exists()
    assert northstar("import", file).stdout == dry.stdout
    before = (here / "s.db").read_bytes()
    assert northstar("import", "--dry-run", export(here, 3)).stdout.split()[-5:] == ["1", "1", "0", "0", "0"]
    assert (here / "s.db").read_bytes() == before


def test_a_mapping_of_the_config(here: Path) -> None:
    with (here / "config.toml").open("a") as config:
        config.write(
            '[formats.tips]\nkind = "bets"\nunit = 25\nbook = "anna"\ndates = "dmy"\n'
            '[formats.tips.columns]\ntime = "posted"\nprofit = "won units"\n'
        )
    (here / "log.csv").write_text("posted,pick,odds,won units\n03/04/2026,Reds,1.8,0.8\n04/04/2026,Blues,2,-1\n")
    assert northstar("import", "log.csv").returncode == 1
    assert northstar("import", "--as", "tips", "log.csv").returncode == 0
    assert (totals()["trades"], totals()["net"]) == (2, "-5.00")
    assert "anna" in northstar("report", "all", "--by", "book").stdout
    (here / "config.toml").write_text('store = "s.db"\n[formats.tips]\nodds = "roman"\n')
    wrong = northstar("import", "--as", "tips", "log.csv")
    assert wrong.returncode == 1
    assert "formats.tips" in wrong.stderr


def test_usage(here: Path) -> None:
    assert northstar("import").returncode == 2
    for book in (" ", "a\x1b[2J", os.fsdecode(b"\xff")):
        assert northstar("import", "--book", book, "x.csv").returncode == 2
    assert northstar("export", "--format", "xml").returncode == 2
    assert "Examples" in northstar("import", "--help").stdout


def test_a_file_whose_name_is_no_text(here: Path) -> None:
    strange = os.fsdecode(b"\xff.csv")
    done = northstar("import", "--json", export(here, 1, name=strange))
    assert (done.returncode, json.loads(done.stdout)["files"][0]["new"]) == (0, 1)
    assert "\\xff.csv" in northstar("trades", "all", "--json").stdout
    assert northstar("import", "--json", os.fsdecode(b"\xfe.csv")).returncode == 1


def test_export_and_import_into_an_empty_store(here: Path) -> None:
    northstar("import", export(here, 1, 2, 3), "--book", "john")
    written = northstar("export", "log.jsonl")
    assert (written.returncode, written.stdout) == (0, "")
    assert "3 events" in written.stderr
    log = (here / "log.jsonl").read_bytes()
    assert northstar("export").stdout.encode() == log
    other = ["--store", "other.db"]
    assert northstar(*other, "import", "log.jsonl").returncode == 0
    assert northstar(*other, "export").stdout.encode() == log
    assert northstar(*other, "report", "all", "--json").stdout == northstar("report", "all", "--json").stdout
    assert northstar("export", "s.db").returncode == 1
    assert northstar("export", "absent/log.jsonl").returncode == 1
    assert northstar("--store", "none.db", "export").returncode == 1
    assert not (here / "none.db").exists()
    assert sorted(path.name for path in here.glob(".*")) == []


def test_a_bar_is_drawn_on_a_terminal_only_and_wiped(here: Path) -> None:
    (here / "big.csv").write_text(
        CENTS + "".join(ROW.format(n=1 + n % 28).replace("-38,", f"-{n},") for n in range(20_000))
    )
    leader, follower = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "northstar_tui", "import", "big.csv"], stdout=subprocess.PIPE, stderr=follower
    )
    os.close(follower)
    drawn = b""
    while True:
        try:
            drawn += os.read(leader, 4096)
        except OSError:
            break
    assert process.stdout is not None
    told = process.stdout.read()
    process.stdout.close()
    os.close(leader)
    assert process.wait() == 0
    assert b"%" in drawn
    assert drawn.endswith(b"\r\x1b[K")
    assert b"\x1b" not in told


@pytest.mark.skipif(not REAL.is_file(), reason=f"the real export is not at {REAL}")
def test_a_real_export_to_the_micro_dollar(here: Path) -> None:
    assert northstar("import", str(REAL)).returncode == 0
    assert {name: totals()[name] for name in ("trades", "wins", "losses", "scratches", "net")} == {
        "trades": 82,
        "wins": 71,
        "losses": 6,
        "scratches": 5,
        "net": "8.06",
    }
    assert northstar("import", str(REAL)).stdout.splitlines()[1].split()[2:] == ["82", "0", "82", "0", "0"]
    assert northstar("verify").returncode == 0


def test_a_file_that_cannot_be_taken_is_named_once(here: Path) -> None:
    (here / "x.csv").write_text("a,b\n")
    for name in ("nofile.csv", "x.csv", "."):
        done = northstar("import", name)
        assert done.returncode == 1
        assert done.stderr.count(f"{name} ") + done.stderr.count(f"{name}:") == 1, done.stderr
