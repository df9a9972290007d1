"""Secrets: where they are, never what they are.

The config holds references: ``env:NAME``, ``file:PATH`` (readable by its owner alone), ``keyring:SERVICE/USER``. A
secret written into the config itself is refused. Nothing here logs, stores or shows one.
"""

from __future__ import annotations

import importlib
import os
import stat
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from northstar_tui.errors import ConfigError, shown

STRUCK = "•••"
"""What stands for a secret."""
_SHORT = 6
"""Characters under which a piece is no secret: striking it out would only spoil the words around it."""


class Veil:
    """Remembers the secrets that were given out, and strikes them out of what is told.

    An outside may repeat in its error what it was sent, and an error may quote an address with a key in it.
    """

    def __init__(self) -> None:
        self._pieces: set[str] = set()

    def over(self, give: Callable[[str], str]) -> Callable[[str], str]:
        """Return `give`, with everything it gives remembered."""

        def giving(reference: str) -> str:
            found = give(reference)
            for piece in (found, *found.splitlines()):
                if len(piece) >= _SHORT and not piece.startswith("-----"):
                    self._pieces |= {piece, quote(piece, safe="")}
            return found

        return giving

    def clean(self, text: str) -> str:
        """Return `text` without any secret given out so far."""
        for piece in sorted(self._pieces, key=len, reverse=True):
            text = text.replace(piece, STRUCK)
        return text


def secret(reference: str, folder: Path, environment: Mapping[str, str] = os.environ) -> str:
    """Return the secret that `reference` means; relative files count from `folder`. Raises ConfigError without it."""
    kind, _, rest = reference.partition(":")
    if kind == "env" and rest:
        value = environment.get(rest)
        if not value:
            raise ConfigError(f"the environment has no {shown(rest)}", f"export {shown(rest)} before northstar starts")
        return value.strip()
    if kind == "file" and rest:
        return _file(folder / Path(rest).expanduser())
    if kind == "keyring" and "/" in rest:
        return _keyring(*rest.split("/", 1))
    raise ConfigError(
        "a secret must not stand in the config", "write where it is: env:NAME, file:PATH or keyring:SERVICE/USER"
    )


def _file(path: Path) -> str:
    try:
        mode = path.stat().st_mode
        if mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise ConfigError(f"{shown(str(path))} can be read by others", f"chmod 600 {shown(str(path))}")
        text = path.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not text"
        raise ConfigError(f"{shown(str(path))} cannot be read: {why}", "check the file and its owner") from None
    if not text:
        raise ConfigError(f"{shown(str(path))} is empty", "put the secret in it")
    return text


def _keyring(service: str, user: str) -> str:
    try:
        keyring: Any = importlib.import_module("keyring")
    except ImportError:
        raise ConfigError("the keyring package is not installed", "pip install keyring, or use env: or file:") from None
    try:
        value = keyring.get_password(service, user)
    except keyring.errors.KeyringError as error:
        raise ConfigError(
            f"the keyring cannot be read: {type(error).__name__}", "unlock it, or use env: or file:"
        ) from None
    if not isinstance(value, str) or not value:
        raise ConfigError(f"the keyring has nothing for {shown(service)}/{shown(user)}", "keyring set SERVICE USER")
    return value
