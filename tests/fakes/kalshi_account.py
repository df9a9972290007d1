"""One account of the fake Kalshi: its key, and what it did."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

DAY = 86_400
START = 1_790_000_000
"""Seconds since 1970 at which the small world begins to trade: 21 September 2026."""
Row = dict[str, Any]
_PSS = PSS(mgf=MGF1(hashes.SHA256()), salt_length=PSS.DIGEST_LENGTH)


def iso(at: float) -> str:
    """Return `at` seconds since 1970 as Kalshi writes times."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def usd(amount: Decimal | str | int) -> str:
    """Return dollars as Kalshi writes them, six places."""
    return f"{Decimal(amount):.6f}"


@dataclass(slots=True)
class Account:
    """One account: what it did, by key. Times are seconds since 1970."""

    key: RSAPrivateKey | Ed25519PrivateKey
    scopes: list[str] = field(default_factory=lambda: ["read"])
    tied: int | None = None
    """The one subaccount that the key may read."""
    fills: list[Row] = field(default_factory=list)
    orders: list[Row] = field(default_factory=list)
    settlements: list[Row] = field(default_factory=list)
    """Each with the private keys ``_at`` and ``_sub``, as all rows have."""
    deposits: list[Row] = field(default_factory=list)
    withdrawals: list[Row] = field(default_factory=list)
    cash: dict[int, Decimal] = field(default_factory=lambda: {0: Decimal(0)})

    def pem(self) -> str:
        """Return the private key as Kalshi gives it out."""
        return self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()

    def signed(self, message: bytes, signature: bytes) -> bool:
        """Return whether `signature` is this account's over `message`."""
        try:
            if isinstance(self.key, RSAPrivateKey):
                self.key.public_key().verify(signature, message, _PSS, hashes.SHA256())
            else:
                self.key.public_key().verify(signature, message)
        except InvalidSignature:
            return False
        return True

    def counts(self, ticker: str, sub: int) -> tuple[Decimal, Decimal, Decimal, Decimal, Decimal]:
        """Return YES contracts and their cost, NO contracts and theirs, and fees, of one market."""
        found = [Decimal(0)] * 5
        for fill in self.fills:
            if fill["ticker"] == ticker and fill["_sub"] == sub:
                count, price, at = Decimal(fill["count_fp"]), Decimal(fill["yes_price_dollars"]), 0
                if fill["book_side"] == "ask":
                    price, at = 1 - price, 2
                found[at] += count
                found[at + 1] += count * price
                found[4] += Decimal(fill["fee_cost"])
        return found[0], found[1], found[2], found[3], found[4]
