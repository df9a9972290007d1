"""Secrets: found where the config says, refused where others can read them, and never told."""

from __future__ import annotations

import sys
import types
from pathlib import Path

import pytest

from northstar_tui.errors import ConfigError
from northstar_tui.sources.secrets import STRUCK, Veil, secret


def test_a_secret_comes_from_the_environment(tmp_path: Path) -> None:
    assert secret("env:KEY", tmp_path, {"KEY": " sk-1 \n"}) == "sk-1"


@pytest.mark.parametrize("environment", [{}, {"KEY": ""}])
def test_an_unset_one_says_what_to_export(tmp_path: Path, environment: dict[str, str]) -> None:
    with pytest.raises(ConfigError, match="export KEY"):
        secret("env:KEY", tmp_path, environment)


def test_a_file_must_be_its_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_text("sk-in-a-file\n")
    for mode in (0o600, 0o400):
        path.chmod(mode)
        assert secret("file:key", tmp_path, {}) == "sk-in-a-file"
        assert secret(f"file:{path}", Path("/"), {}) == "sk-in-a-file"
    for mode in (0o640, 0o604, 0o620, 0o644, 0o660):
        path.chmod(mode)
        with pytest.raises(ConfigError, match="chmod 600") as told:
            secret("file:key", tmp_path, {})
        assert "sk-in" not in str(told.value)


@pytest.mark.parametrize("content", [None, b"", b"  \n", b"\xff\xfe\x00"])
def test_a_file_without_one_is_named(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "key").write_bytes(content)
        (tmp_path / "key").chmod(0o600)
    with pytest.raises(ConfigError, match="key"):
        secret("file:key", tmp_path, {})


@pytest.mark.parametrize("reference", ["sk-ant-123456", "env:", "file:", "keyring:only", "", "ENV:KEY"])
def test_a_secret_in_the_config_is_refused_and_not_repeated(tmp_path: Path, reference: str) -> None:
    with pytest.raises(ConfigError, match="must not stand in the config") as told:
        secret(reference, tmp_path, {"": "x"})
    assert "123456" not in str(told.value)


def test_a_keyring_that_is_not_there_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)
    with pytest.raises(ConfigError, match="pip install keyring"):
        secret("keyring:northstar/kalshi", tmp_path, {})


def test_a_keyring_is_asked_by_service_and_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ring = types.ModuleType("keyring")
    ring.errors = types.SimpleNamespace(KeyringError=RuntimeError)  # type: ignore[attr-defined]
    held = {("northstar", "kalshi/main"): "sk-2"}
    ring.get_password = lambda service, user: held.get((service, user))  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "keyring", ring)
    assert secret("keyring:northstar/kalshi/main", tmp_path, {}) == "sk-2"
    with pytest.raises(ConfigError, match="nothing for northstar/other"):
        secret("keyring:northstar/other", tmp_path, {})


PEM = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIAtk\nA7z+93dsyhW3eRV8xX/yGbUQ\n-----END PRIVATE KEY-----"


@pytest.mark.parametrize(
    ("given", "told", "expected"),
    [
        ("sk-12345", "the key sk-12345 is bad, sk-12345!", f"the key {STRUCK} is bad, {STRUCK}!"),
        ("sk/12 345", "GET /x?key=sk%2F12%20345", f"GET /x?key={STRUCK}"),
        (PEM, "cannot read MC4CAQAwBQYDK2VwBCIEIAtk here", f"cannot read {STRUCK} here"),
        (PEM, "-----BEGIN PRIVATE KEY----- is no key", "-----BEGIN PRIVATE KEY----- is no key"),
        ("abc", "abc is too short to be one", "abc is too short to be one"),
    ],
)
def test_the_veil_strikes_out_what_was_given_out(given: str, told: str, expected: str) -> None:
    veil = Veil()
    assert veil.clean(told) == told
    assert veil.over(lambda _: given)("env:KEY") == given
    assert veil.clean(told) == expected
