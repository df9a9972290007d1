"""`northstar sync`, `runs` and `doctor` as cron and an operator run them: real processes, signals, kills."""

from __future__ import annotations

import json
import os
import pty
import random
import re
import signal
import stat
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tiny import Office, TinyFake, dump, table

from northstar_tui.ledger.health import last_runs
from northstar_tui.ledger.store import Store, StoreError
from northstar_tui.ledger.verify import verify
from tests.fakes import Request, Response

KILLS = 8
ONCE = "from northstar_tui.sources import http; http.ATTEMPTS = 1"
"""Runs in the program's interpreter first: no retries, so that tests do not wait for them."""


@pytest.fixture
def other() -> Iterator[TinyFake]:
    with TinyFake(count=40) as served:
        yield served


def until(holds: object, seconds: float = 60.0) -> None:
    """Wait until `holds()` is true; `seconds` only ends what would never end."""
    end = time.monotonic() + seconds
    while not holds():  # type: ignore[operator]
        assert time.monotonic() < end, "it never came true"
        time.sleep(0.02)


def test_one_line_when_all_is_well_and_the_same_one_again(office: Office, fake: TinyFake, other: TinyFake) -> None:
    office.config(table(fake), table(other, "b"))
    first = office.run("sync")
    assert (first.returncode, first.stdout, first.stderr) == (0, "synced 2 sources: 65 new\n", "")
    with office.store() as store:
        once = dump(store)
    for _ in range(2):
        again = office.run("sync")
        assert (again.returncode, again.stdout, again.stderr) == (0, "synced 2 sources: nothing new\n", "")
    quiet = office.run("sync", "--quiet")
    assert (quiet.returncode, quiet.stdout, quiet.stderr) == (0, "", "")
    with office.store() as store:
        assert dump(store) == once
        assert verify(store).ok


def test_a_failure_is_named_with_its_remedy_and_the_rest_is_there(
    office: Office, fake: TinyFake, other: TinyFake
) -> None:
    office.config(table(fake), table(other, "b"))
    fake.misbehave("renamed")
    done = office.run("sync", "--quiet")
    assert done.returncode == 1
    assert done.stdout == "synced 1 of 2 sources: 40 new\n"
    assert re.fullmatch(r"northstar: tiny: /items is not as documented: .*`amount`.*: nothing of this.*\n", done.stderr)
    assert office.run("sync").stderr == done.stderr, "the same again, to the letter"
    fake.misbehave(None)
    mended = office.run("sync")
    assert (mended.returncode, mended.stdout) == (0, "synced 2 sources: 25 new\n")


def test_json_tells_every_source(office: Office, fake: TinyFake, other: TinyFake) -> None:
    office.config(table(fake), table(other, "b"))
    fake.misbehave("401")
    told = office.json("sync")
    bad, good = told["sources"]
    assert told["dry_run"] is False
    assert (bad["source"], bad["state"]) == ("tiny", "failed")
    assert "key not accepted" in bad["error"]
    assert bad["remedy"]
    assert good == {
        "source": "tiny:b", "state": "done", "read": 40, "new": 40, "unchanged": 0, "revised": 0, "quarantined": 0,
        "mended": 0, "pages": 4, "bytes": good["bytes"], "error": None, "remedy": None,
    }  # fmt: skip


def test_wrong_usage_is_2_and_touches_nothing(office: Office, fake: TinyFake) -> None:
    office.config(table(fake))
    for arguments in (
        ["sync", "nobody"],
        ["sync", "--since", "yesterdya"],
        ["sync", "--since", "0001-01-01"],
        ["sync", "-x"],
    ):
        done = office.run(*arguments)
        assert done.returncode == 2, done.stderr
        assert "Traceback" not in done.stderr
    assert not office.path.exists()
    assert not fake.requests


def test_without_a_source_it_says_how_to_get_one(office: Office, fake: TinyFake) -> None:
    office.config()
    done = office.run("sync")
    assert (done.returncode, done.stdout) == (1, "")
    assert "[sources.NAME]" in done.stderr
    office.config(table(fake, enabled=False))
    assert office.run("sync").returncode == 1
    assert office.run("sync", "tiny").returncode == 0, "by name it runs all the same"


def test_since_reads_again_and_counts_nothing_twice(office: Office, fake: TinyFake) -> None:
    office.config(table(fake))
    office.run("sync")
    done = office.run("sync", "--since", "2025-01-01")
    assert (done.returncode, done.stdout) == (0, "synced 1 source: nothing new\n")


def test_a_dry_run_tells_the_real_counts_and_writes_nothing(office: Office, fake: TinyFake) -> None:
    office.config(table(fake))
    scratch = office.folder / "scratch"
    scratch.mkdir()
    office.environment["TMPDIR"] = str(scratch)
    line = "synced 1 source: 25 new (dry run: nothing was written)\n"
    assert office.run("sync", "--dry-run").stdout == line
    assert not office.path.exists()
    fake.items, rest = fake.items[:15], fake.items[15:]
    office.run("sync")
    with office.store() as store:
        before = dump(store), store.connection.execute("SELECT count(*) FROM run").fetchone()
    fake.items = fake.items + rest
    dry = office.run("sync", "--dry-run")
    assert dry.stdout == "synced 1 source: 10 new (dry run: nothing was written)\n"
    assert office.json("sync", "--dry-run")["dry_run"] is True
    with office.store() as store:
        assert (dump(store), store.connection.execute("SELECT count(*) FROM run").fetchone()) == before
    assert not list(scratch.iterdir()), "nor does anything stay elsewhere"


def test_the_lock_is_per_source_and_dies_with_its_holder(office: Office, fake: TinyFake, other: TinyFake) -> None:
    office.config(table(fake, "a", mode="hang"), table(other, "b"))
    holder = office.start("sync", "a", "--quiet")
    try:
        until(lambda: fake.requests)
        busy = office.run("sync", "a")
        assert (busy.returncode, busy.stdout) == (75, "")
        assert busy.stderr == "northstar: tiny:a: another sync is fetching it: wait for its end\n"
        assert office.run("sync", "b").returncode == 0, "a source that hangs there keeps none waiting here"
        both = office.run("sync")
        assert (both.returncode, both.stdout) == (75, "synced 1 of 2 sources: nothing new\n")
        assert [each["state"] for each in office.json("sync")["sources"]] == ["busy", "done"]
    finally:
        holder.send_signal(signal.SIGKILL)
        holder.communicate()
    office.config(table(fake, "a"), table(other, "b"))
    assert office.run("sync", "a").stdout == "synced 1 source: 15 new\n"
    with office.store() as store:
        outcomes = [row[0] for row in store.connection.execute("SELECT outcome FROM run ORDER BY id")]
        assert "stopped" in outcomes, "the killed run is known as such"
        assert "running" not in outcomes


def known(path: Path) -> int:
    """Return how many things the store knows; none where there is no store yet."""
    try:
        with Store.open(path) as store:
            return int(store.connection.execute("SELECT count(*) FROM subject").fetchone()[0])
    except StoreError:
        return 0


def last(path: Path, name: str) -> str:
    """Return how the last run of a source ended; empty where there was none."""
    try:
        with Store.open(path) as store:
            runs = last_runs(store)
            return runs[name].outcome if name in runs else ""
    except StoreError:
        return ""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_it_cleanly(office: Office, fake: TinyFake, other: TinyFake, number: signal.Signals) -> None:
    office.config(table(fake, mode="hang"), table(other, "b"))
    child = office.start("sync")
    until(lambda: last(office.path, "tiny:b") == "done" and known(office.path) == 50)
    child.send_signal(number)
    out, told = child.communicate(timeout=60)
    assert (child.returncode, out) == (1, "synced 1 of 2 sources: 50 new\n")
    assert told == "northstar: tiny: stopped before its end: it goes on at the next sync\n"
    with office.store() as store:
        assert last_runs(store)["tiny"].outcome == "stopped"
        assert verify(store).ok
    office.config(table(fake), table(other, "b"))
    assert office.run("sync").stdout == "synced 2 sources: 15 new\n"


def test_a_source_that_does_not_stop_keeps_no_process(office: Office, fake: TinyFake) -> None:
    office.config(table(fake, mode="stubborn"))
    child = office.start("sync", code="from northstar_tui.sync import runner; runner.GRACE_SECONDS = 0.3")
    until(lambda: any(request.path == "/stuck" for request in fake.requests))
    child.terminate()
    _, told = child.communicate(timeout=60)
    assert child.returncode == 1
    assert "does not stop" in told


class Patient(TinyFake):
    """Answers no more than `most` requests until it is let go: whoever asks is there when the kill comes."""

    most = 0
    gate = threading.Event()

    def answer(self, request: Request) -> Response:
        if len(self.requests) > self.most:
            self.gate.wait(60)
        return super().answer(request)


def killed(office: Office, fake: Patient, pages: int, after: float) -> int:
    """Run a sync and kill it so many seconds after it asked for `pages` pages; return its exit code."""
    asked = len(fake.requests)
    fake.most = asked + pages + 10
    fake.gate.clear()
    child = office.start("sync", "--quiet")
    until(lambda: len(fake.requests) >= asked + pages or child.poll() is not None)
    time.sleep(after)
    child.kill()
    child.communicate()
    fake.gate.set()
    return child.returncode


def test_killed_at_any_moment_and_run_again_it_is_the_same_store(office: Office, tmp_path: Path) -> None:
    dice = random.Random()
    with Patient(count=2_000, size=10) as fake:
        office.config(table(fake))
        codes = [killed(office, fake, dice.randint(1, 8), dice.uniform(0, 0.01)) for _ in range(KILLS)]
        fake.most = 10_000
        assert office.run("sync", "--quiet").returncode == 0
        calm = Office(tmp_path / "calm", office.packages)
        calm.folder.mkdir()
        calm.config(table(fake))
        assert calm.run("sync").stdout == "synced 1 source: 2,000 new\n"
    assert codes == [-signal.SIGKILL] * KILLS
    with office.store() as store, calm.store() as undisturbed:
        assert verify(store).ok
        assert dump(store) == dump(undisturbed)


def test_no_secret_is_told_anywhere(office: Office, fake: TinyFake) -> None:
    secret = "sk-very-s3cr3t-0123456789"
    path = office.folder / "key"
    path.write_text(secret + "\n")
    path.chmod(0o600)

    def echoing(request: object) -> object:
        return Response.json({"error": f"the key {secret} is not accepted"}, 401)

    office.environment["TINY_KEY"] = secret
    office.config(
        table(fake, "a", key="file:key"),
        table(fake, "b", key="env:TINY_KEY", mode="raise"),
        table(fake, "c", key="env:TINY_KEY", mode="unmade"),
        table("http://127.0.0.1:1", "d", key="env:TINY_KEY"),
        table(fake, "e", key=secret),
    )
    told = [office.run("sync", code=ONCE), office.run("doctor", code=ONCE), office.run("runs")]
    fake.answer = echoing  # type: ignore[assignment,method-assign]
    told += [office.run("sync", "--json", code=ONCE), office.run("doctor", "--json", code=ONCE)]
    told.append(office.run("runs", "--json"))
    assert "•••" in told[3].stdout
    for each in told:
        assert secret not in each.stdout + each.stderr
        assert "Traceback" not in each.stderr
    for file in office.folder.glob("s.db*"):
        assert secret.encode() not in file.read_bytes()


def test_progress_is_for_a_terminal_alone(office: Office, fake: TinyFake) -> None:
    office.config(table(fake))
    master, slave = pty.openpty()
    child = office.start("sync", stderr=slave)
    os.close(slave)
    out, _ = child.communicate(timeout=60)
    shown = b""
    while True:
        try:
            part = os.read(master, 4096)
        except OSError:
            break
        if not part:
            break
        shown += part
    os.close(master)
    assert b"tiny 10" in shown
    assert shown.endswith(b"\r\x1b[K"), "nothing stays"
    assert out == "synced 1 source: 25 new\n"


def test_a_demo_store_takes_no_real_money(office: Office, fake: TinyFake) -> None:
    from northstar_tui.ledger.rules import Rules
    from northstar_tui.ledger.store import Store

    Store.create(office.path, Rules("America/New_York"), kind="demo").close()
    office.config(table(fake))
    done = office.run("sync")
    assert done.returncode == 1
    assert "demo store" in done.stderr
    assert not fake.requests


def test_runs_lists_what_ran(office: Office, fake: TinyFake, other: TinyFake) -> None:
    office.config(table(fake), table(other, "b"))
    office.run("sync")
    fake.misbehave("401")
    office.run("sync", "tiny")
    found = office.json("runs")
    assert sorted((run["source"], run["outcome"], run["new"]) for run in found) == sorted(
        [("tiny", "failed", 0), ("tiny:b", "done", 40), ("tiny", "done", 25)]
    )
    failed = next(run for run in found if run["outcome"] == "failed")
    assert "refused us (401)" in failed["error"]
    assert failed["started_at"].endswith("+00:00")
    assert len(office.json("runs", "--limit", "1")) == 1
    text = office.run("runs").stdout
    assert re.search(r"^tiny +failing", text, re.MULTILINE)
    assert re.search(r"^tiny:b +fresh", text, re.MULTILINE)
    assert "✗ tiny: /items refused us (401)" in text
    assert "store: " in text


# -- doctor ----------------------------------------------------------------------------------------------------------


def lines(done: subprocess.CompletedProcess[str], area: str) -> list[str]:
    return [line for line in done.stdout.splitlines() if line[2:].startswith(f"{area}: ")]


def test_doctor_says_of_each_thing_how_it_is_and_how_to_mend_it(office: Office, fake: TinyFake) -> None:
    loose = office.folder / "loose"
    loose.write_text("sk-loose-0123456789")
    loose.chmod(0o644)
    office.config(
        table(fake, "good"),
        table("http://127.0.0.1:1", "gone"),
        table(fake, "loose", key="file:loose"),
        table(fake, "unset", key="env:NOT_SET_AT_ALL"),
        table(fake, "bad", mode="raise"),
        '[sources.strange]\nkind = "strange"',
        table(fake, "cron", at="99 * * * *"),
    )
    done = office.run("doctor", code=ONCE)
    assert done.returncode == 1
    assert done.stderr == ""
    assert lines(done, "config") == [f"✓ config: {office.folder}/config.toml, 7 of 7 sources enabled"]
    assert lines(done, "tiny:good")[0].startswith("✓")
    assert any("no connection" in line for line in lines(done, "tiny:gone"))
    assert any("chmod 600" in line for line in lines(done, "tiny:loose"))
    assert any("export NOT_SET_AT_ALL" in line for line in lines(done, "tiny:unset"))
    assert any(line.startswith("✗") and "its check failed" in line for line in lines(done, "tiny:bad"))
    assert any("nothing registers" in line for line in lines(done, "strange:strange") + lines(done, "strange"))
    assert any("99 * * * *" in line for line in lines(done, "tiny:cron"))
    assert lines(done, "store")[0].startswith("! store: there is none yet")
    assert "sk-loose" not in done.stdout
    assert stat.S_IMODE(loose.stat().st_mode) == 0o644, "it mends nothing itself"
    assert not office.path.exists()


def test_doctor_with_nothing_wrong_is_0(office: Office, fake: TinyFake) -> None:
    office.environment["TINY_KEY"] = "sk-0123456789"
    office.config(table(fake, key="env:TINY_KEY", every="15m", at=["10:05", "0 16 * * 1-5"]))
    office.run("sync")
    done = office.run("doctor", "--json")
    assert done.returncode == 0, done.stdout
    told = json.loads(done.stdout)
    assert told["ok"] is True
    assert {check["state"] for check in told["checks"]} == {"ok"}
    assert [check["area"] for check in told["checks"]].count("store") == 3


def test_doctor_finds_a_clock_that_is_off(office: Office, fake: TinyFake) -> None:
    office.config(table(fake))
    fake.misbehave("clock")
    done = office.run("doctor")
    assert done.returncode == 0, "a warning fails nothing"
    assert any(line.startswith("! ") and "clock is 7 min behind" in line for line in lines(done, "tiny"))


def test_doctor_knows_a_breaker_that_is_open(office: Office, fake: TinyFake) -> None:
    office.config(table(fake))
    fake.misbehave("401")
    for _ in range(3):
        office.run("sync")
    skipped = office.run("sync")
    assert skipped.returncode == 1
    assert "left alone until" in skipped.stderr
    fake.misbehave(None)
    assert any("left alone until" in line for line in lines(office.run("doctor"), "tiny"))
    assert office.run("sync", "tiny").returncode == 0


def test_doctor_on_a_broken_config_and_a_broken_store(office: Office, fake: TinyFake) -> None:
    office.config('[sources.tiny]\nevery = "often"')
    done = office.run("doctor")
    assert done.returncode == 1
    assert re.fullmatch(r"✗ config: .*config.toml:4: sources.tiny.every 'often' is not an interval: .*\n", done.stdout)
    office.config(table(fake))
    office.run("sync")
    with office.path.open("r+b") as file:
        file.seek(8192)
        file.write(os.urandom(40_000))
    done = office.run("doctor")
    assert done.returncode == 1
    assert any(line.startswith("✗") for line in lines(done, "store"))
    assert "Traceback" not in done.stderr


def test_a_network_that_is_away_is_told_once(office: Office, fake: TinyFake) -> None:
    gone = "http://127.0.0.1:1"
    office.config(table(gone, "a"), table(gone, "b"), table(fake, "c"))
    away = "no connection for tiny:a, tiny:b: is this machine online? Each is tried again at its next run"
    done = office.run("sync", code=ONCE)
    assert (done.returncode, done.stderr) == (1, f"northstar: {away}\n")
    assert done.stdout == "synced 1 of 3 sources: 25 new\n"
    told = office.run("doctor", code=ONCE)
    assert told.returncode == 1 and told.stdout.count("no connection") == 1
    assert f"✗ network: {away}\n" in told.stdout
    checks = office.json("doctor", code=ONCE)["checks"]
    assert sum("no connection" in check["what"] for check in checks) == 2, "for machines each source is told of"
    office.config(table(gone, "a"), table(fake, "c"))
    assert "tiny:a: /items: no connection" in office.run("sync", code=ONCE).stderr
