"""Kalshi's keys and what `doctor` says: both kinds sign as the venue verifies, none is ever shown."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from kalshi_venue import Venue

from northstar_tui.errors import ConfigError
from northstar_tui.ledger.store import now
from northstar_tui.sources.http import Http, client
from northstar_tui.sources.kalshi import api, make
from northstar_tui.sources.secrets import secret
from northstar_tui.sources.source import Check, Outside
from tests.fakes.kalshi import KalshiFake


@pytest.fixture(autouse=True)
def fast(quick: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask a local server as often as it can answer."""
    monkeypatch.setattr(api, "RATE", 2000)


@pytest.fixture
def fake() -> Iterator[KalshiFake]:
    with KalshiFake() as served:
        yield served


@pytest.fixture
def venue(tmp_path: Path, fake: KalshiFake) -> Venue:
    return Venue(tmp_path, fake)


@pytest.mark.parametrize("kind", [PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL])
@pytest.mark.parametrize("key_id", ["ed-key", "rsa-key"])
def test_both_kinds_of_key_sign_what_the_venue_verifies(tmp_path: Path, key_id: str, kind: PrivateFormat) -> None:
    if key_id == "ed-key" and kind is PrivateFormat.TraditionalOpenSSL:
        pytest.skip("Ed25519 keys have no such form")
    with KalshiFake(empty=True) as fake:
        fake.key_id = key_id
        fake.trade("KXA-1", "bid", "1.00", "0.5000", 1_790_000_000)
        venue = Venue(tmp_path, fake)
        pem = fake.account.key.private_bytes(Encoding.PEM, kind, NoEncryption()).decode()
        own = venue.own()
        venue.key.write_text(pem)
        outcome = venue.office.sync("kalshi", own)
        assert outcome.state == "done", outcome.error
        assert "fill:fill-1" in venue.said()


def test_the_key_of_another_is_refused_and_shown_nowhere(venue: Venue) -> None:
    other = venue.fake.accounts["rsa-key"].pem()
    own = venue.own()
    venue.key.write_text(other)
    outcome = venue.office.sync("kalshi", own)
    assert outcome.state == "failed"
    assert "INCORRECT_API_KEY_SIGNATURE" in outcome.error
    assert not any(line and line in outcome.error for line in other.splitlines())


def pems() -> dict[str, tuple[str, str]]:
    curve = ec.generate_private_key(ec.SECP256R1())
    ed = KalshiFake(empty=True).accounts["ed-key"].key
    public = ed.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    lock = BestAvailableEncryption(b"hunter2")
    return {
        "garbage": ("AKIA-not-a-key-but-a-secret", "no private key in PEM form"),
        "curve": (curve.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode(), "RSA and Ed25519"),
        "locked": (ed.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, lock).decode(), "locked with a password"),
        "public": (public, "no private key in PEM form"),
    }


@pytest.mark.parametrize("kind", ["garbage", "curve", "locked", "public"])
def test_what_is_no_usable_key_says_so_without_showing_it(venue: Venue, kind: str) -> None:
    text, why = pems()[kind]
    own = venue.own()
    venue.key.write_text(text)
    outcome = venue.office.sync("kalshi", own)
    assert outcome.state == "failed"
    assert "sources.kalshi.private_key" in outcome.error
    assert why in outcome.error
    assert not any(line in outcome.error + outcome.remedy for line in text.splitlines() if "-----" not in line)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"environment": "prod"}, "environment and base_url"),
        ({"environment": "test", "base_url": ""}, "environment"),
        ({"base_url": "http://api.kalshi.com/trade-api/v2"}, "not an https address"),
        ({"base_url": "https://api.kalshi.com/trade-api/v2?x=1"}, "more than a path"),
        ({"private_key": ""}, "private_key"),
        ({"keyid": "env:X"}, "keyid"),
    ],
)
def test_settings_that_cannot_be_meant_name_their_key(venue: Venue, changes: dict[str, str], why: str) -> None:
    with pytest.raises(ConfigError, match=why):
        venue.sync(**changes)


def test_the_environment_says_the_host(venue: Venue) -> None:
    for environment, host in (("prod", "external-api.kalshi.com"), ("demo", "external-api.demo.kalshi.co")):
        source = make(venue.own(base_url="", environment=environment), outside(venue, None))
        assert source._base == f"https://{host}/trade-api/v2"


# -- doctor --------------------------------------------------------------------------------------------------------


def outside(venue: Venue, shared: Any) -> Outside:
    folder = venue.office.folder
    return Outside("kalshi", Http("kalshi", shared), lambda text: secret(text, folder), ZoneInfo("UTC"), now, folder)


def checks(venue: Venue, **changes: str) -> list[Check]:
    async def run() -> list[Check]:
        async with client() as shared:
            return [line async for line in make(venue.own(**changes), outside(venue, shared)).check()]

    return asyncio.run(run())


def states(lines: list[Check]) -> list[str]:
    return [line.state for line in lines]


def test_doctor_finds_all_well(venue: Venue) -> None:
    lines = checks(venue)
    assert states(lines) == ["ok"] * 5
    assert [line.what for line in lines][0::4] == ["private key: Ed25519", "rights: read"]


def test_doctor_names_a_clock_that_is_off(venue: Venue) -> None:
    venue.fake.misbehave("clock")
    lines = checks(venue)
    assert states(lines) == ["ok", "ok", "failed", "failed"]
    assert "s behind Kalshi's" in lines[2].what
    assert "timedatectl" in lines[2].remedy


def test_doctor_warns_of_rights_that_nobody_needs(venue: Venue) -> None:
    venue.fake.account.scopes[:] = ["read", "write::trade"]
    assert (states(checks(venue))[-1], "write::trade" in checks(venue)[-1].what) == ("warning", True)
    venue.fake.account.scopes[:] = ["read::portfolio_balance"]
    assert "missing scope read" in checks(venue)[-1].what


def test_doctor_of_a_tied_key_of_no_key_and_of_no_venue(venue: Venue) -> None:
    venue.fake.account.tied = 2
    assert "tied to one subaccount" in checks(venue)[-1].what
    lines = checks(venue, private_key="file:nowhere.pem")
    assert states(lines) == ["failed", "ok", "ok"]
    assert "nowhere.pem" in lines[0].what
    venue.fake.misbehave("down")
    assert states(checks(venue)) == ["ok", "failed"]
