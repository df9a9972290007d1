"""Everything but trading: the contractor's jobs, API and hosting bills, the venue's incentives."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from random import Random
from typing import Any

from northstar_tui.calendar import SECOND
from northstar_tui.demo.markets import SOURCE as VENUE
from northstar_tui.demo.markets import stamp
from northstar_tui.demo.world import CENT, DOLLAR, HOUR, MINUTE, Day, poisson, said
from northstar_tui.events import Event

JOBS, ANTHROPIC, OPENROUTER, HOSTING = "jobs", "anthropic", "openrouter", "hosting"
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
_MODELS = (
    (ANTHROPIC, "claude-opus-4", 2.9),
    (ANTHROPIC, "claude-sonnet-4", 1.8),
    (ANTHROPIC, "claude-haiku-4", 0.35),
    (OPENROUTER, "deepseek/deepseek-chat", 0.22),
    (OPENROUTER, "google/gemini-flash", 0.4),
)
"""(source, model, dollars on a usual day)"""
_BILLS = (
    ("Hetzner", "CPX41 + volume", "EUR", 41_650_000, 3),
    ("Cloudflare", "Workers paid", "USD", 5_000_000, 7),
    ("GitHub", "Team, 3 seats", "USD", 12_000_000, 12),
    ("Grafana Cloud", "Pro", "USD", 19_000_000, 18),
)
"""(vendor, what, currency, micro-units a month, day of the month)"""


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
        facts: dict[str, Any] = {
            "instrument": client, "title": f"{work} for {client}", "amount": amount, "opened_at": quoted,
            "category": "contracting",
        }  # fmt: skip
        yield _job(key, "quoted", quoted, facts, random)
        if random.random() < 0.2:
            continue  # the client said no
        done = quoted + random.randrange(3 * 24, 24 * 24) * HOUR
        if random.random() < 0.25:
            facts = {**facts, "amount": amount + round(amount * random.uniform(-0.15, 0.3) / DOLLAR) * DOLLAR}
        facts = {**facts, "closed_at": done}
        yield _job(key, "completed", done, facts, random)
        paid = done + random.randrange(4 * 24, 35 * 24) * HOUR
        yield _job(key, "paid", paid, facts, random)
        if random.random() < 0.09:
            back = round(int(facts["amount"]) * random.uniform(0.1, 0.6) / DOLLAR) * DOLLAR
            yield _job(key, "refunded", paid + random.randrange(48, 500) * HOUR, {"refunded": back}, random)


def _job(key: str, step: str, at: int, facts: dict[str, Any], random: Random) -> Event:
    raw = _raw(
        job=key, status=step, at=stamp(at), **{k: v for k, v in facts.items() if k in ("title", "amount", "refunded")}
    )
    return said(JOBS, key, f"job.{step}", at, random.randrange(1, 600) * MINUTE, facts, raw)


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
                yield _usage(source, key, model, amount * 7 // 10, at, HOUR)
            yield _usage(source, key, model, amount, at, 9 * HOUR)


def _usage(source: str, key: str, model: str, amount: int, at: int, delay: int) -> Event:
    raw = _raw(amount=f"{amount / CENT:.4f}", currency="USD", cost_type="tokens", model=model, starting_at=key[:10])
    return cost(source, key, at, delay, {"instrument": model, "title": f"{model} tokens", "amount": amount}, "api", raw)


def cost(source: str, key: str, at: int, delay: int, facts: dict[str, Any], category: str, raw: str) -> Event:
    """Return one cost of `facts["amount"]` micro-units."""
    return said(source, key, "cost.incurred", at, delay, {**facts, "category": category}, raw)


def hosting(random: Random, days: Sequence[Day]) -> Iterator[Event]:
    """Yield the monthly bills; one of them is in euros."""
    for day in days:
        for vendor, what, currency, monthly, due in _BILLS:
            if day.date.day != due:
                continue
            amount = monthly + (random.randrange(0, 900) * CENT if vendor == "Hetzner" else 0)
            facts = {"instrument": vendor, "title": what, "amount": amount, "currency": currency}
            key = f"{vendor.lower().replace(' ', '-')}-{day.date:%Y-%m}"
            raw = _raw(invoice=key, vendor=vendor, total=f"{amount / DOLLAR:.2f}", currency=currency)
            yield cost(HOSTING, key, day.start + 6 * HOUR, 5 * HOUR, facts, "infrastructure", raw)


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
