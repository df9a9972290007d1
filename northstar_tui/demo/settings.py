"""The simulated company's config: its budgets, its strategy's versions, and the charges that come again."""

from __future__ import annotations

from datetime import timedelta

from northstar_tui.calendar import Calendar
from northstar_tui.demo.office import BILLS, HOSTING
from northstar_tui.demo.world import DOLLAR, ZONE

_BUDGETS = """
[[budgets]]
name = "API"
amount = "265"
where = { category = "api" }

[[budgets]]
name = "Anthropic"
amount = "235"
where = { source = "anthropic" }

[[budgets]]
name = "Hosting"
amount = "1100"
period = "year"
where = { category = "infrastructure" }

[[budgets]]
name = "Trading"
amount = "900"
direction = "target"
where = { book = "scalper" }

[[budgets]]
name = "Contracting"
amount = "3000"
period = "quarter"
direction = "target"
where = { kind = "revenue" }
"""


def config_text(end: int, days: int) -> str:
    """Return the config of a company whose story of `days` days ends at instant `end`, as TOML."""
    first = Calendar(ZONE).date_of(end) - timedelta(days=days)
    begun = first.replace(day=1)
    lines = [
        "# The simulated company's config: its budgets, epochs and recurring charges, as yours could be.",
        f'timezone = "{ZONE}"', _BUDGETS, f"[sources.{HOSTING.rpartition(':')[2]}]", 'kind = "costs"',
        'book = "operations"',
    ]  # fmt: skip
    for name, after in (("v1", 0), ("v2", days * 9 // 20), ("v3", days * 4 // 5)):
        lines += ["", "[[epochs]]", f'name = "{name}"', f"from = {first + timedelta(days=after)}"]
    for vendor, currency, monthly, due in BILLS:
        lines += [
            "", f"[[sources.{HOSTING.rpartition(':')[2]}.recurring]]", f'name = "{vendor}"',
            f'amount = "{monthly / DOLLAR:.2f}"', f'currency = "{currency}"', f"from = {begun.replace(day=due)}",
        ]  # fmt: skip
    return "\n".join(lines) + "\n"
