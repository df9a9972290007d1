"""Words that the screen and its plain-text twin share, apart from both: the screen starts without loading the twin."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from northstar_tui.ledger.log import LoggedEvent
from northstar_tui.ledger.pipeline import OWED, Job, Stage, pipeline
from northstar_tui.ledger.queries import Entry, Listed, Measures
from northstar_tui.money import decimal_text, dollars
from northstar_tui.notes import OPERATOR
from northstar_tui.text import safe

NONE = "—"
"""What is undefined or not stated."""
SEVERE = frozenset({"failing", "unreconciled", "differs", "broken", "unreadable", "over", "missed"})
"""What is wrong now: a source, a number, a budget that is passed. Everything else waits, or draws near."""


def is_severe(kind: str) -> bool:
    """Return whether what needs the operator is severe: each face has one mark for that, and one for the rest."""
    return kind in SEVERE


def file_words(name: str) -> str:
    """Return a file's name; for entries that no file stated, that it is so."""
    return "no file" if name == NONE else safe(name)


def record(measures: Measures) -> str:
    """Return wins–losses, and scratches where there are any: ``71–6 (5)``."""
    if not measures.trades:
        return NONE
    return f"{measures.wins:,}–{measures.losses:,}" + (f" ({measures.scratches:,})" if measures.scratches else "")


def marks_words(entry: Entry | Listed) -> str:
    """Return what the operator marked an entry with: ``#late #chased, 2 notes``; a dash for nothing."""
    parts = [" ".join(f"#{tag}" for tag in entry.tags)] if entry.tags else []
    if entry.notes:
        parts.append(counted(len(entry.notes), "note", "notes"))
    return ", ".join(parts) or NONE


def subject_words(event: LoggedEvent, body: Mapping[str, Any]) -> str:
    """Return what an event of the log is about, by its `body`: a title, an instrument, what the operator said."""
    if event.source == OPERATOR:
        return str(body["text"]) if "text" in body else f"#{body.get('tag', '')}"
    return next((text for text in map(body.get, ("title", "instrument")) if isinstance(text, str) and text), event.key)


_ENRICHING = ("edge", "confidence", "thesis")
"""What a mirror may know of a money that the door bearing it does not."""


def also_said(linked: Iterable[Entry]) -> list[tuple[str, str]]:
    """Return what other doors say of an entry's money, a pair of texts each, not made safe yet."""
    found = []
    for each in linked:
        closed = "open" if each.closed_at is None else f"net {dollars(each.net)}"
        told = [f"{name} {each.body[name]}" for name in _ENRICHING if each.body.get(name) is not None]
        told += [*(f"#{tag}" for tag in each.tags), *(f"noted: {said.text}" for said in each.notes)]
        text = ", ".join([f"{each.source} {each.key}: {closed}", *told])
        found.append(("also said by" if each.mirror else "borne by", text))
    return found


STAGES = {
    "lead": ("lead", "leads"), "quoted": ("quoted", "quoted"), "started": ("in progress", "in progress"),
    "completed": ("to invoice", "to invoice"), "invoiced": ("invoiced", "invoiced"),
}  # fmt: skip
"""Where a job can stand that is not over, in words for one and for several."""


def pipeline_words(stages: Iterable[Stage]) -> str:
    """Return the pipeline in words, ``2 quoted $301.50, 1 lead``; empty where there is none. Never part of P&L."""
    found = []
    for stage in sorted(stages, key=lambda stage: stage.status == "lead"):
        words = [counted(stage.jobs, *STAGES[stage.status])]
        if stage.jobs > stage.unstated:
            stated = decimal_text(stage.expected)
            words.append(dollars(stage.expected) if stage.currency == "USD" else f"{stated} {safe(stage.currency)}")
            if stage.unstated:
                words.append(f"({stage.unstated:,} without an amount)")
        found.append(" ".join(words))
    return ", ".join(found)


def job_words(jobs: Sequence[Job]) -> list[str]:
    """Return what the jobs that are not over come to, a line each: those that are in no P&L, and what is owed."""
    ahead = pipeline_words(pipeline(jobs))
    owed = sum(job.amount or 0 for job in jobs if job.stage in OWED and job.currency == "USD")
    return [
        *([f"{ahead}: not in P&L"] if ahead else []), *([f"{dollars(owed)} done and not paid yet"] if owed else []),
    ]  # fmt: skip


def percent(share: float) -> str:
    """Return a share of one as every face writes it: ``50.0%``."""
    return f"{100 * share:.1f}%"


def counted(n: int, one: str, many: str) -> str:
    """Return a number with its noun."""
    return f"{n:,} {one if n == 1 else many}"


BRIDGE = {
    "closes": "closes", "settlements": "settlements", "marks": "marks", "fees": "fees", "costs": "costs",
    "revenue": "revenue", "credits": "credits", "restatements": "restatements", "rules": "rules of the config",
}  # fmt: skip
"""What the parts of the bridge since the last look are called."""


def ago(now: int, then: int) -> str:
    """Return how long ago `then` was, in its largest unit: ``5 min``."""
    seconds = max(0, (now - then) // 1_000_000)
    for unit, size in (("d", 86_400), ("h", 3600), ("min", 60)):
        if seconds >= size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


def quantity_words(quantity: str) -> str:
    """Return a decimal quantity with its thousands apart, exact: ``8,552.3``."""
    whole, point, fraction = quantity.partition(".")
    return f"{int(whole):,}{point}{fraction}" if whole.lstrip("-").isdigit() else safe(quantity)


def price_words(price: str | None) -> str:
    """Return a decimal price for people: at least two places, four below a thousand, more only for what is tiny."""
    if price is None:
        return NONE
    value = Decimal(price)
    places = 2 if abs(value) >= 1000 else 4 if abs(value) >= Decimal("0.01") or not value else 8
    whole, _, fraction = f"{value:,.{places}f}".partition(".")
    return f"{whole}.{fraction.rstrip('0').ljust(2, '0')}"
