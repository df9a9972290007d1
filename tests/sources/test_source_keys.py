"""A key that a source has not is named, with what may be meant: as the config's other keys are."""

from __future__ import annotations

from typing import Any

import pytest

from northstar_tui.errors import ConfigError, FileError
from northstar_tui.sources import costs
from northstar_tui.sources.base import settings_of
from northstar_tui.sources.kalshi.source import Settings
from northstar_tui.sources.mail.settings import Table
from northstar_tui.sources.source import decoded


@pytest.mark.parametrize(
    ("shape", "table", "what", "meant", "known"),
    [
        (Settings, {"enviroment": "demo"}, "sources.k: enviroment", "environment", "key_id, private_key"),
        (Settings, {"evry": "1d"}, "sources.k: evry", "every", "key_id, private_key"),
        (Table, {"form": "a@b"}, "sources.k: form", "from", "from, host"),
        (costs.Own, {"recurring": [{"name": "a"}, {}]}, "", "", ""),
        (costs.Own, {"recurring": [{"amuont": "1"}]}, "sources.k.recurring[0]: amuont", "amount", "name, amount, from"),
        (Settings, {"`\x1b[31m": 1}, "sources.k: `␛[31m", "", "key_id"),
    ],
)
def test_what_may_be_meant_is_said(shape: type, table: dict[str, Any], what: str, meant: str, known: str) -> None:
    with pytest.raises(ConfigError) as caught:
        decoded(table, shape, "k")
    if not what:
        assert caught.value.remedy == "docs/sources.md lists its keys", "what is wrong with a key is msgspec's to say"
        return
    assert caught.value.message == f"{what} is not a key of it"
    guess = f"did you mean {meant}? " if meant else ""
    assert caught.value.remedy.startswith(f"{guess}known keys are {known}")


def test_so_it_is_for_a_format() -> None:
    with pytest.raises(FileError, match=r"unti is not a key of a format: did you mean unit\?"):
        settings_of("mine", {"unti": "1"})
