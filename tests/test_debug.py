"""The debug log: what gets in, what cannot, who can read it, and that nobody pays for it who did not ask."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from northstar_tui import debug
from northstar_tui.debug import log
from northstar_tui.errors import FileError, NorthStarError
from northstar_tui.ledger.rules import Rules
from northstar_tui.ledger.store import Store

SECRETS = [
    "sk-ant-admin01-AbCdEf", "Bearer xyz", "ed25519:Zm9v", "a horse, a battery", "operator@example.com", "hunter2",
    "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQ\n-----END PRIVATE KEY-----", "6f1c4c1e-7d1b-4c39-9a53-0a4be5a4f001",
    "/home/ann/keys/kalshi.pem", "?token=abc", "xoxb-2401-9f", "QUJDREVGRw==", "https://ann:pw@example.com/x",
]  # fmt: skip
NAMES = {"source", "version", "python", "sqlite", "system", "host"}
"""Fields whose text is a name: ours, or one that the operator gave where the secret does not stand."""


@pytest.fixture
def path(tmp_path: Path) -> Iterator[Path]:
    """A log that notes go to, open while a test runs."""
    made = log.begin(str(tmp_path / "log"), "sync")
    yield tmp_path / "log"
    made.end()


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def last(path: Path) -> dict[str, Any]:
    return lines(path)[-1]


def test_it_says_what_runs_where(path: Path) -> None:
    (began,) = lines(path)
    assert (began["event"], began["verb"], began["pid"]) == ("began", "sync", os.getpid())
    assert began["python"].startswith("3.")


def test_an_http_request_is_its_fields_and_nothing_of_its_query(path: Path) -> None:
    debug.note(
        "http", source="kalshi", method="GET", host="api.example.com", status=429, ms=12.345, bytes=7, attempt=2,
        path="/trade-api/v2/markets/KXHIGHNY-26FEB25-B44/cost_report", retry_after=1.0,
    )  # fmt: skip
    found = last(path)
    assert found["path"] == "/trade-api/v2/markets/•/cost_report"
    assert (found["status"], found["ms"], found["attempt"]) == (429, 12.3, 2)


@pytest.mark.parametrize("secret", SECRETS)
def test_no_field_takes_a_text(path: Path, secret: str) -> None:
    for name in (*log.FIELDS, "headers", "query", "body", "url", "message"):
        if name not in NAMES:
            debug.note("http", **{name: secret}), debug.note(secret, **{name: f"/{secret}"})
    for name in NAMES:
        debug.note("http", **{name: f"{secret} "})
    assert secret not in path.read_text("utf-8")
    assert secret.splitlines()[-1] not in path.read_text("utf-8")


@given(st.dictionaries(st.sampled_from([*log.FIELDS, "x"]), st.one_of(st.text(), st.binary(), st.floats(), st.none())))
def test_a_note_never_fails_and_is_always_a_line(tmp_path_factory: Any, fields: dict[str, Any]) -> None:
    target = tmp_path_factory.mktemp("log") / "log"
    made = log.begin(str(target), "sync")
    try:
        debug.note("http", until=2**70, due=-(2**70), **{k: v for k, v in fields.items() if k not in ("until", "due")})
    finally:
        made.end()
    assert {*last(target)} == {"at", "pid", "event", "until", "due", *fields}


def failing() -> BaseException:
    try:
        try:
            try:
                msgspec.json.decode(b'{"key_id": "s3cret-Key-1"}', type=dict[str, int])
            except msgspec.ValidationError as error:
                raise OSError(13, "no way to s3cret-Key-1") from error
        except OSError:
            raise NorthStarError("the key s3cret-Key-1 is bad", "s3cret-Key-1") from None
    except NorthStarError as error:
        return error


def test_an_error_is_its_classes_codes_and_lines_of_code(path: Path) -> None:
    debug.note("failed", failed=failing(), error=failing())
    found = last(path)
    assert found["failed"] == "NorthStarError"
    assert [each["class"] for each in found["error"]] == [
        "northstar_tui.errors.NorthStarError", "builtins.PermissionError", "msgspec.ValidationError"
    ]  # fmt: skip
    assert found["error"][1]["errno"] == "EACCES"
    assert found["error"][2]["place"] == "$[...]"
    assert found["error"][0]["frames"][0].startswith("test_debug.py:") or "tests/test_debug.py:" in str(found["error"])
    text = path.read_text("utf-8")
    assert "s3cret" not in text
    assert str(Path.home()) not in text.replace(f"{sys.prefix}", "")


def test_causes_that_go_round_end(path: Path) -> None:
    one, other = ValueError("a"), ValueError("b")
    one.__context__, other.__context__ = other, one
    debug.note("failed", error=one)
    assert len(last(path)["error"]) == log.CAUSES


def test_a_thread_that_fails_is_noted(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = log.Log(str(path))
    monkeypatch.setattr(made, "_hook", lambda _: None)
    thread = threading.Thread(target=lambda: 1 / 0)
    thread.start()
    thread.join()
    made.end()
    assert debug.target is None
    assert last(path)["error"][0]["class"] == "builtins.ZeroDivisionError"


def test_its_owner_alone_can_read_it(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        log.Log(str(tmp_path / "new")).end()
    finally:
        os.umask(before)
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o600
    (tmp_path / "open").write_text("")
    (tmp_path / "open").chmod(0o644)
    with pytest.raises(FileError, match="read by others: chmod 600"):
        log.Log(str(tmp_path / "open"))
    with pytest.raises(FileError, match="cannot be written"):
        log.Log(str(tmp_path))
    os.mkfifo(tmp_path / "pipe", 0o600)
    for no_file in (tmp_path / "pipe", Path("/dev/null")):
        with pytest.raises(FileError, match=r"is no file|cannot be written"):
            log.Log(str(no_file))


def run(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    env = {key: value for key, value in os.environ.items() if not key.startswith("NORTHSTAR")}
    return subprocess.run(
        [sys.executable, "-m", "northstar_tui", *arguments], cwd=folder, env=env, capture_output=True, text=True,
        timeout=60, check=False,
    )  # fmt: skip


def test_a_verb_appends_to_its_file_and_says_nothing_more(tmp_path: Path) -> None:
    plain = run("--store", "s.db", "report", folder=tmp_path)
    for times in (1, 2):
        noted = run("--store", "s.db", "--debug", "log", "report", folder=tmp_path)
        assert (noted.stdout, noted.stderr, noted.returncode) == (plain.stdout, plain.stderr, plain.returncode)
        found = lines(tmp_path / "log")
        assert [line["event"] for line in found] == ["began", "failed"] * times
    assert found[-1]["error"][0]["class"] == "northstar_tui.ledger.store.StoreError"
    Store.create(tmp_path / "s.db", Rules()).close()
    beside = run("--store", "s.db", "--debug", "-", "schema", folder=tmp_path)
    assert [json.loads(line)["event"] for line in beside.stderr.splitlines()] == ["began", "ended"]
    assert json.loads(beside.stderr.splitlines()[-1])["code"] == 0


def test_a_file_that_cannot_be_is_named_before_anything_is_done(tmp_path: Path) -> None:
    done = run("--store", "s.db", "--debug", "no/such/log", "sync", folder=tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith("northstar: the debug log no/such/log cannot be written: ")
    assert not (tmp_path / "s.db").exists()


def test_a_full_disk_ends_the_log_and_not_the_program(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = log.Log(str(path))
    real, full = made._file, os.open("/dev/full", os.O_WRONLY)
    made._file = full
    made.take("http", {})
    made.take("http", {})
    made._file = real
    assert made.problem == "No space left on device"
    told: list[str] = []
    monkeypatch.setattr(sys, "stderr", type("Err", (), {"write": staticmethod(told.append)}))
    made._told()
    made.end()
    os.close(full)
    assert told == ["northstar: the debug log broke off: No space left on device\n"]


def test_nobody_pays_who_did_not_ask(tmp_path: Path) -> None:
    script = (
        "import sys\nfrom northstar_tui.__main__ import main\nsys.argv = ['northstar', *sys.argv[1:]]\n"
        "try:\n    main()\nexcept SystemExit:\n    print('northstar_tui.debug.log' in sys.modules)\n"
    )
    Store.create(tmp_path / "s.db", Rules()).close()
    schema = ["--store", "s.db", "schema"]
    for arguments, expected in ((schema, "False"), (["--debug", "log", *schema], "True")):
        done = subprocess.run(
            [sys.executable, "-c", script, *arguments], cwd=tmp_path, capture_output=True, text=True, check=True
        )
        assert done.stdout.splitlines()[-1] == expected
