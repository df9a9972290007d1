"""Everything but trading: the contractor's jobs, API and hosting bills, the venue's incentives."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from random import Random
from typing import Any

from northstar_tui.calendar import SECOND
from northstar_tui.demo.markets import SOURCE as VENUE
from northstar_tui.demo.markets import stamp
from northstar_tui.demo.world import CENT, DAY, DOLLAR, HOUR, MINUTE, Day, poisson, said
from northstar_tui.events import Event

JOBS, ANTHROPIC, OPENROUTER, HOSTING = "jobs", "anthropic", "openrouter", "costs:hosting"
_CLIENTS = ("Harbor Dental", "Kline & Sons", "Northgate Foods", "Pier 9 Studio", "Rowan Legal", "Sato Imports")
_WORK = (
    "Inventory sync",
    "Booking page",
    "Invoice export",
    "Data clean-up",
    "Price monitor",
    "Reporting sheet",
    "Migration",
)
KEYS = {
    "claude-opus-4": ("wrkspc_research",), "claude-sonnet-4": ("wrkspc_pricing", "wrkspc_research"),
    "claude-haiku-4": ("wrkspc_mail",), "deepseek/deepseek-chat": ("scanner",),
    "google/gemini-flash": ("scanner", "drafts"),
}  # fmt: skip
"""Model to the workspaces or keys that use it; the first one the most."""
_MODELS = (
    (ANTHROPIC, "claude-opus-4", 2.9),
    (ANTHROPIC, "claude-sonnet-4", 1.8),
    (ANTHROPIC, "claude-haiku-4", 0.35),
    (OPENROUTER, "deepseek/deepseek-chat", 0.22),
    (OPENROUTER, "google/gemini-flash", 0.4),
)
"""(source, model, dollars on a usual day)"""
BILLS = (
    ("Hetzner CPX41", "EUR", 41_650_000, 3),
    ("Cloudflare Workers", "USD", 5_000_000, 7),
    ("GitHub Team", "USD", 12_000_000, 12),
    ("Grafana Cloud", "USD", 19_000_000, 18),
)
"""(vendor, currency, micro-units a month, day of the month)"""


def _raw(**facts: object) -> str:
    return json.dumps(facts, separators=(",", ":"))


def jobs(random: Random, days: Sequence[Day]) -> Iterator[Event]:
    """Yield the contractor's jobs: quoted, mostly completed and paid, now and then refunded in part."""
    number = 1000
    for day in days:
        if day.date.weekday() > 4 or random.random() > 0.11:
            continue
        number += 1
        key, client, work = f"J-{number}", random.choice(_CLIENTS), random.choice(_WORK)
        amount = round(random.lognormvariate(5.9, 0.6) / 10) * 10 * DOLLAR
        quoted = day.start + random.randrange(9 * 3600, 17 * 3600) * SECOND
        facts = _facts(client, work, quoted)
        yield _job(key, "quoted", quoted, facts | {"expected": amount}, random)
        if random.random() < 0.2:
            said_no = facts | {"expected": amount, "status": "cancelled"}
            yield _job(key, "quoted", quoted, said_no, None, after=(4 + number % 17) * DAY)
            continue
        done = quoted + random.randrange(3 * 24, 24 * 24) * HOUR
        if random.random() < 0.25:
            amount += round(amount * random.uniform(-0.15, 0.3) / DOLLAR) * DOLLAR
        billed = facts | {"amount": amount, "closed_at": done}
        yield _job(key, "started", quoted + (done - quoted) // 3 // HOUR * HOUR, facts, None)
        yield _job(key, "completed", done, billed, random)
        paid = done + random.randrange(4 * 24, 35 * 24) * HOUR
        yield _job(key, "invoiced", done + 2 * DAY, billed, None)
        yield _job(key, "paid", paid, billed, random)
        if random.random() < 0.09:
            back = round(amount * random.uniform(0.1, 0.6) / DOLLAR) * DOLLAR
            yield _job(key, "refunded", paid + random.randrange(48, 500) * HOUR, {"refunded": back}, random)


_NOW = (
    (2101, 0, "Booking page", "lead", 2, 0),
    (2102, 1, "Price monitor", "quoted", 3, 640),
    (2103, 5, "Inventory sync", "quoted", 11, 1_280),
    (2104, 2, "Migration", "started", 9, 950),
    (2105, 3, "Invoice export", "completed", 6, 420),
    (2106, 4, "Reporting sheet", "invoiced", 16, 380),
    (2107, 1, "Data clean-up", "invoiced", 44, 560),
)
"""Where jobs stand as the story ends: (number, client, work, stage, days ago, dollars)."""


def pipeline(random: Random, days: Sequence[Day]) -> Iterator[Event]:
    """Yield the jobs that are not over when the story ends: one at least at every stage."""
    steps = ("quoted", "started", "completed", "invoiced")
    for number, client, work, stage, back, dollars in _NOW:
        came = days[-1 - back].start + random.randrange(9, 16) * HOUR
        last = steps.index(stage) if stage in steps else 0
        at = [came - (last - step) * (5 * DAY + number % 7 * HOUR) for step in range(last + 1)]
        facts = _facts(_CLIENTS[client], work, at[0])
        quote = {"status": "lead"} if stage == "lead" else {"expected": dollars * DOLLAR}
        yield _job(f"J-{number}", "quoted", at[0], facts | quote, None)
        for step in range(1, last + 1):
            billed = {"amount": dollars * DOLLAR, "closed_at": at[2]} if step >= 2 else {}
            yield _job(f"J-{number}", steps[step], at[step], facts | billed, None)


def _facts(client: str, work: str, opened: int) -> dict[str, Any]:
    return {"instrument": client, "title": f"{work} for {client}", "opened_at": opened, "category": "contracting"}


def _job(key: str, step: str, at: int, facts: dict[str, Any], random: Random | None, *, after: int = 0) -> Event:
    """Return a step of a job, which the contractor enters `after` it; within hours of that where `random` is given."""
    told = {k: v for k, v in facts.items() if k in ("title", "expected", "amount", "refunded")}
    raw = _raw(job=key, status=facts.get("status", step), at=stamp(at), **told)
    late = after + (random.randrange(1, 600) * MINUTE if random is not None else 0)
    return said(JOBS, key, f"job.{step}", at, late, facts, raw)


def api(random: Random, days: Sequence[Day]) -> Iterator[Event]:
    """Yield one cost a day and model; a bill first read before its day was complete is stated again, higher."""
    for day in days:
        busy = (0.45 if day.date.weekday() > 4 else 1.0) * (0.5 + 1.1 * day.progress)
        for source, model, usual in _MODELS:
            if day.progress < 0.15 and model.startswith("google/"):
                continue
            amount = round(usual * busy * random.lognormvariate(0.0, 0.5) * DOLLAR)
            at = day.start + 23 * HOUR - random.randrange(0, 3600) * SECOND
            key = f"{day.date}:{model}"
            if random.random() < 0.06:
                yield from _usage(source, key, model, amount * 7 // 10, at, HOUR)
            yield from _usage(source, key, model, amount, at, 9 * HOUR)


def _usage(source: str, key: str, model: str, amount: int, at: int, delay: int) -> Iterator[Event]:
    """Yield what a model cost on a day, for each of the keys that use it; the first one's share changes by the day."""
    first, *others = KEYS[model]
    share = amount * (55 + at // DAY * 37 % 40) // 100 if others else amount
    for name, part in zip((first, *others), (share, amount - share), strict=False):
        yield usage(source, f"{key}:{name}", model, name, part, at, delay)
        if source == ANTHROPIC:
            yield _report(key, model, name, part, at, delay)


def _report(key: str, model: str, name: str, amount: int, at: int, delay: int) -> Event:
    """Return the line of the usage report on what `amount` was paid for."""
    told = {"input_tokens": amount * 3 // 25, "output_tokens": amount // 40}
    facts = {"instrument": model, "workspace_id": name, "category": "api", "day": key[:10], **told}
    raw = _raw(model=model, workspace_id=name, starting_at=key[:10], **told)
    return said(ANTHROPIC, f"usage/{key[:10]}/{model}:{name}", "usage.reported", at, delay, facts, raw)


def usage(source: str, key: str, model: str, name: str, amount: int, at: int, delay: int) -> Event:
    """Return what the workspace or key `name` spent on `model`."""
    column = "workspace_id" if source == ANTHROPIC else "api_key_name"
    stated = {"amount": f"{amount / CENT:.4f}", "currency": "USD", "cost_type": "tokens", "model": model, column: name}
    told = {} if source == ANTHROPIC else {"prompt_tokens": amount * 3 // 10, "completion_tokens": amount // 25}
    facts = {"instrument": model, "title": f"{model} tokens", "amount": amount, column: name, **told}
    return cost(source, key, at, delay, facts, "api", _raw(**stated, **told, starting_at=key[:10]))


def cost(source: str, key: str, at: int, delay: int, facts: dict[str, Any], category: str, raw: str) -> Event:
    """Return one cost of `facts["amount"]` micro-units."""
    return said(source, key, "cost.incurred", at, delay, {**facts, "category": category}, raw)


def hosting(random: Random, days: Sequence[Day]) -> Iterator[Event]:
    """Yield the recurring charges, as the config that `settings` gives books them, and what a server used on top."""
    for day in days:
        for vendor, currency, monthly, due in BILLS:
            if day.date.day != due:
                continue
            facts = {"instrument": vendor, "amount": monthly, "currency": currency}
            yield cost(HOSTING, f"recurring:{vendor}:{day.date}", day.start, 5 * HOUR, facts, "infrastructure", "")
            if currency == "EUR":
                key, amount = f"hetzner-traffic-{day.date:%Y-%m}", random.randrange(0, 900) * CENT
                facts = {"instrument": "Hetzner traffic", "amount": amount, "currency": currency}
                raw = _raw(invoice=key, total=f"{amount / DOLLAR:.2f}", currency=currency)
                yield cost(HOSTING, f"expense:{key}", day.start + 6 * HOUR, 5 * HOUR, facts, "infrastructure", raw)


def incentives(random: Random, days: Sequence[Day]) -> Iterator[Event]:
    """Yield the venue's weekly credits for resting orders, in weeks that earned one."""
    for day in days:
        if day.date.weekday() != 2 or poisson(random, 1.4) == 0:
            continue
        net = random.randrange(180, 2400) * CENT
        at = day.start + 15 * HOUR
        body = {
            "net": net, "category": "incentive", "title": "Liquidity incentive", "opened_at": at, "closed_at": at,
        }  # fmt: skip
        raw = f"credit,0,,,0.0000,0.0000,0.0000,0.0000,{net / DOLLAR:.4f},{net / DOLLAR:.4f},{stamp(at)},{stamp(at)}"
        yield said(VENUE, f"incentive-{day.date:%Y%m%d}", "credit.received", at, 2 * HOUR, body, raw)
