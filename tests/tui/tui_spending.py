"""What the company spends: bills by model and key, recurring charges, jobs at every stage, budgets in every state."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from tui_company import HOSTILE, NOW

from northstar_tui.calendar import instant
from northstar_tui.events import Batch, Event
from northstar_tui.ledger.store import Store

DAY = 86_400_000_000
SPENDING = """
timezone = "America/New_York"

[[budgets]]
name = "API"
amount = "120"
where = { category = "api" }

[[budgets]]
name = "router \\u001b[31m"
amount = "10"
where = { source = "openrouter" }

[[budgets]]
name = "Office"
amount = "900"
period = "year"
where = { category = "infrastructure" }

[[budgets]]
name = "Scalper"
amount = "40"
direction = "target"
where = { book = "scalper" }

[[budgets]]
name = "This week"
amount = "5000"
period = "week"
direction = "target"

[sources.office]
kind = "costs"
book = "operations"
every = "1d"

[[sources.office.recurring]]
name = "Hetzner"
amount = "24.50"
from = 2025-11-05

[[sources.office.recurring]]
name = "Domain"
amount = "36.50"
every = "year"
from = 2025-03-25
spread = true

[[sources.office.recurring]]
name = "GitHub"
amount = "12.00"
currency = "EUR"
from = 2025-12-20

[[sources.office.recurring]]
name = "Backup"
amount = "4.00"
from = 2026-01-15
"""
"""A ceiling at risk, one passed, one that holds; a target met and one behind. Backup's March is not booked yet."""
_MODELS = (
    ("anthropic", "claude-opus-5", "workspace_id", "wrkspc_01JwQvzr7rXLA5AGx3HKfFUJ", 2_900_000),
    ("anthropic", "claude-haiku-5", "workspace_id", "wrkspc_mail", 400_000),
    ("openrouter", "google/gemini-flash", "api_key_name", "scanner", 700_000),
    ("openrouter", HOSTILE, "api_key_name", f"key {HOSTILE}", 90_000),
    ("openrouter", "deepseek/deepseek-chat", "", "", 250_000),
)


def spend(path: Path) -> None:
    """Write what was spent into a filled store."""
    with Store.open(path, write=True) as store:
        for source in ("anthropic", "openrouter", "costs:office", "jobs"):
            found = [event for event in (*_bills(), *_uses(), *_charges(), *_jobs()) if event.source == source]
            store.append(Batch(source, found))


def _bills() -> list[Event]:
    bills = []
    for back in range(1, 75):
        day = datetime.fromtimestamp(NOW // 1_000_000, UTC) - timedelta(days=back)
        for place, (source, model, column, key, usual) in enumerate(_MODELS):
            if (back + place) % 7 == 0:
                continue  # a day without
            amount = usual * (60 + (back * 37 + place * 11) % 90) // 100
            body = {"amount": amount, "instrument": model, "title": f"{model} tokens", "category": "api"}
            body |= {column: key} if column else {}
            if source == "openrouter" and model != HOSTILE:
                body |= {"prompt_tokens": amount * 9, "completion_tokens": amount // 7}
            at = instant(day.replace(hour=16, minute=0, second=0))
            raw = f'{{"amount":"{amount / 10_000:.4f}"}}'
            bills.append(
                Event(source, f"cost/{day:%Y-%m-%d}/{place}", "cost.incurred", at, body, raw, None, "operations")
            )
    return bills


def _uses() -> list[Event]:
    """What Anthropic's usage report and OpenRouter's keys say; the newest statement of a day counts."""
    said = (("2026-02-28", "h1", "9"), ("2026-03-01", "h1", "0.5"), ("2026-03-01", "h1", "0.75"),
            ("2026-03-02", "h1", "2"), ("2026-03-02", "h2", "1.25"), ("2026-03-03", "h3", "0"))  # fmt: skip
    used = (("2026-02-20", 9_000_000), ("2026-03-01", 2_000_000), ("2026-03-01", 2_345_678), ("2026-03-02", 1_000))
    reports = [
        Event("anthropic", f"usage/{day}/h", "usage.reported", instant(datetime.fromisoformat(f"{day}T12:00Z")),
              {"instrument": "claude-opus-5", "day": day, "input_tokens": count, "output_tokens": count // 100})
        for day, count in used
    ]  # fmt: skip
    return reports + [
        Event("openrouter", f"keys/{day}/{key}", "usage.reported", NOW - DAY,
              {"name": f"scanner {key}", "label": "sk-or-v1-abc", "usage_daily": used, "day": day})
        for day, key, used in said
    ]  # fmt: skip


def _charges() -> list[Event]:
    """What the source of the config booked up to two days before NOW, but for Backup's March."""
    booked = [("Hetzner", f"2026-{m:02d}-05", 24_500_000, "USD") for m in (1, 2, 3)]
    booked += [("Hetzner", f"2025-{m:02d}-05", 24_500_000, "USD") for m in (11, 12)]
    booked += [("Backup", f"2026-{m:02d}-15", 4_000_000, "USD") for m in (1, 2)]
    booked += [("GitHub", f"2026-{m:02d}-20", 12_000_000, "EUR") for m in (1, 2)]
    booked += [
        ("Domain", f"{datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=n):%Y-%m-%d}", 100_000, "USD")
        for n in range(77)
    ]
    found = []
    for name, day, amount, currency in booked:
        at = instant(datetime.fromisoformat(f"{day}T05:00:00+00:00"))
        body = {"amount": amount, "instrument": name, "category": "infrastructure"}
        body |= {"currency": currency} if currency != "USD" else {}
        key = f"recurring:{name}:{day}"
        found.append(Event("costs:office", key, "cost.incurred", at, body, "", None, "operations"))
    return found


def _jobs() -> list[Event]:
    steps = ("quoted", "started", "completed", "invoiced", "paid")
    jobs = (
        ("J-1", "lead", 0, 1), ("J-2", "quoted", 180, 4), ("J-3", "started", 900, 9), ("J-4", "completed", 250, 3),
        ("J-5", "invoiced", 310, 12), ("J-6", "invoiced", 75, 47), ("J-7", "paid", 60, 20), ("J-8", "cancelled", 99, 5),
    )  # fmt: skip
    found = []
    for key, stage, amount, back in jobs:
        at = NOW - back * DAY
        facts = {"instrument": f"Client {key}" if key != "J-4" else HOSTILE, "title": f"Fence {key}", "opened_at": at}
        quote = {"status": stage} | ({"expected": amount * 1_000_000} if amount else {})
        found.append(Event("jobs", key, "job.quoted", at - DAY, facts | quote, "", None, "john"))
        last = steps.index(stage) if stage in steps else 0
        for number in range(1, last + 1):
            money = {"amount": amount * 1_000_000, "closed_at": at - DAY} if number >= 2 else {}
            when = at - (last - number) * DAY
            found.append(Event("jobs", key, f"job.{steps[number]}", when, facts | money, "", None, "john"))
    return found
