"""Values of one TOML file, checked: an error names file, line and key, and what is accepted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from northstar_tui.errors import ConfigError, guess
from northstar_tui.toml_lines import line_of

SOURCE_KEYS = ("kind", "enabled", "book", "every", "at")
"""Keys that every source has; the rest are its own."""


class Checked:
    """Reads values of the kinds that a config has. `where` is the way to a key, `nth` which of several tables it is in.

    What is not of its kind raises ConfigError.
    """

    def __init__(self, path: Path, text: str) -> None:
        """`path` names the file that holds `text`."""
        self._path = path
        self._lines = text.splitlines()

    def flag(self, data: Mapping[str, Any], where: tuple[str, ...]) -> bool | None:
        """Return a truth value; None where there is none."""
        value = data.get(where[-1])
        if value is not None and not isinstance(value, bool):
            raise self.error(where, f"must be true or false, not {value!r}")
        return value

    def text(self, data: Mapping[str, Any], where: tuple[str, ...], nth: int = 0) -> str | None:
        """Return a text that is not blank; None where there is none."""
        value = data.get(where[-1])
        if value is None:
            return None
        if not isinstance(value, str) or not value.strip():
            raise self.error(where, f"must be a text, not {value!r}", nth=nth)
        return value

    def place(self, path: str, where: tuple[str, ...]) -> Path:
        """Return a path as the config's folder sees it."""
        try:
            return self._path.parent / Path(path).expanduser()
        except RuntimeError as error:
            raise self.error(where, f"{path!r} cannot be found: {error}", "write the whole path") from None

    def texts(self, data: Mapping[str, Any], table: str) -> dict[str, str]:
        """Return a table of texts."""
        found = data.get(table, {})
        if not isinstance(found, dict):
            raise self.error((table,), "must be a table", f"write [{table}] and the keys under it")
        return {key: self.text(found, (table, key)) or "" for key in found}

    def rows(self, data: Mapping[str, Any], table: str) -> list[dict[str, Any]]:
        """Return a list of tables."""
        rows = data.get(table, [])
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise self.error((table,), "must be a list of tables", f"write [[{table}]] before each")
        return rows

    def tables(self, data: Mapping[str, Any], table: str) -> dict[str, dict[str, Any]]:
        """Return a table of tables."""
        found = data.get(table, {})
        if not isinstance(found, dict) or not all(isinstance(row, dict) for row in found.values()):
            raise self.error((table,), "must hold tables", f"write [{table}.NAME]")
        return found

    def choice(self, row: Mapping[str, Any], where: tuple[str, ...], of: Sequence[str], nth: int) -> str:
        """Return one of `of`, the first where the row names none."""
        value = self.text(row, where, nth) or of[0]
        if value not in of:
            raise self.error(where, f"{value!r} is not known", f"write one of {', '.join(of)}", nth)
        return value

    def known(
        self, table: Mapping[str, Any], where: tuple[str, ...], known: Sequence[str], of: str, nth: int = 0
    ) -> None:
        """Refuse a key of `table` that is none of the `known` ones."""
        for key in table:
            if key not in known:
                remedy = f"{guess(key, known)}known keys are {', '.join(known)}"
                raise self.error((*where, key), f"is not a key of {of}", remedy, nth)

    def error(self, where: tuple[str, ...], what: str, remedy: str = "", nth: int = 0) -> ConfigError:
        """Return what is wrong with a key, with its file and line."""
        return ConfigError(f"{self.at(where, nth)}: {'.'.join(where)} {what}", remedy)

    def at(self, where: tuple[str, ...], nth: int = 0) -> str:
        """Return the file, and the line of a key where it is found."""
        line = line_of(self._lines, where, nth)
        return f"{self._path}:{line}" if line else str(self._path)
