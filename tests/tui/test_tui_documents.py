"""What the guide says of keys is what the registry says."""

from __future__ import annotations

from pathlib import Path

from northstar_tui.tui.actions import ACTIONS, key_text

GUIDE = (Path(__file__).parents[2] / "docs" / "guide.md").read_text(encoding="utf-8")


def test_the_guide_lists_every_key_as_the_registry_has_it() -> None:
    told = {line for line in GUIDE.splitlines() if line.startswith("| `")}
    for action in ACTIONS:
        if action.keys:
            keys = " ".join(f"`{key_text(key)}`" for key in action.keys)
            assert f"| {keys} | `{action.id}` | {action.help} |" in told
