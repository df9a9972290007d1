"""Signing requests to Kalshi: RSA-PSS or Ed25519, told apart by parsing the key, never by its header line."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from northstar_tui.errors import ConfigError

_REMEDY = "private_key must mean the PEM text that Kalshi gave out when the key was made"
_PSS = PSS(mgf=MGF1(hashes.SHA256()), salt_length=PSS.DIGEST_LENGTH)


class Key:
    """A private key and the id that Kalshi knows it by. Neither is ever shown."""

    __slots__ = ("_id", "_key", "kind")

    def __init__(self, key_id: str, pem: str, where: str) -> None:
        """Parse `pem`; `where` names the setting in errors. Raises ConfigError, which holds nothing of the key."""
        if not key_id.isascii() or not key_id.isprintable():
            raise ConfigError(f"{where}.key_id: what it refers to is not the id of a key", "copy it from Kalshi again")
        self._id = key_id
        self._key = _parsed(pem, where)
        bits = f" {self._key.key_size}" if isinstance(self._key, RSAPrivateKey) else ""
        self.kind = f"RSA{bits}" if bits else "Ed25519"
        """``Ed25519``, or ``RSA 2048``."""

    def __repr__(self) -> str:
        return f"Key({self.kind})"

    def is_named(self, key_id: str) -> bool:
        """Return whether `key_id` is this key's id."""
        return key_id == self._id

    def headers(self, method: str, path: str, clock: Callable[[], int]) -> Callable[[], Mapping[str, str]]:
        """Return what makes the headers of one attempt: a signature over time, method and path without query.

        `clock` gives microseconds UTC; it is read for each attempt, for a signature is good for seconds only.
        """

        def made() -> Mapping[str, str]:
            stamp = str(clock() // 1000)
            return {
                "KALSHI-ACCESS-KEY": self._id,
                "KALSHI-ACCESS-TIMESTAMP": stamp,
                "KALSHI-ACCESS-SIGNATURE": base64.b64encode(self._sign(f"{stamp}{method}{path}".encode())).decode(),
            }

        return made

    def _sign(self, message: bytes) -> bytes:
        if isinstance(self._key, RSAPrivateKey):
            return self._key.sign(message, _PSS, hashes.SHA256())
        return self._key.sign(message)


def _parsed(pem: str, where: str) -> RSAPrivateKey | Ed25519PrivateKey:
    try:
        key = load_pem_private_key(pem.encode(), password=None)
    except TypeError:
        raise ConfigError(
            f"{where}.private_key: the key is locked with a password",
            "write it out without one: openssl pkey -in KEY -out kalshi.pem, then chmod 600 kalshi.pem",
        ) from None
    except (ValueError, UnsupportedAlgorithm):
        raise ConfigError(f"{where}.private_key: what it refers to is no private key in PEM form", _REMEDY) from None
    if isinstance(key, RSAPrivateKey | Ed25519PrivateKey):
        return key
    raise ConfigError(f"{where}.private_key: Kalshi takes RSA and Ed25519 keys, this is {type(key).__name__}", _REMEDY)
