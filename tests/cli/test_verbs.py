"""Every reading verb, run as an operator or a script would: exact figures, clean pipes, clear refusals, exit codes."""

from __future__ import annotations

import json
import os
import shlex
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from northstar_tui.calendar import Calendar, instant
from northstar_tui.cli import cli
from northstar_tui.events import Batch, Event, Origin, Reject
from northstar_tui.ledger.rules import Rules
from northstar_tui.ledger.store import Store

ZONE = "America/New_York"
CALENDAR = Calendar(ZONE)


def at(text: str) -> int:
    """Return a local time in the store's zone as an instant."""
    return CALENDAR.parse(text, 0).start if "T" not in text else instant(CALENDAR.local(0).fromisoformat(text))


def trade(key: str, closed: int, gross: int, fees: int, instrument: str = "KXHIGHNY-26MAY04-B70.5") -> Event:
    body = {
        "instrument": instrument, "side": "no", "quantity": "1", "stake": 680_000, "gross": gross, "fees": fees,
        "net": gross - fees, "opened_at": closed - 3_600_000_000, "closed_at": closed,
    }  # fmt: skip
    return Event("kalshi-csv", key, "trade.closed", closed, body, raw=f"raw,{key}", line=int(key) + 1)


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """A store of four trades, a cost, a credit, a pound without a rate and a record in quarantine."""
    path = tmp_path / "s.db"
    may, june = at("2026-05-05"), at("2026-06-01")
    events = [
        trade("1", may + 1, 320_000, 20_000),
        trade("2", may + 2, -360_000, 20_000, "KXBTC-26MAY05-T1"),
        trade("3", june, 20_000, 20_000),
        trade("4", june + 5, 1, 0),
        Event(
            "bills", "a", "cost.incurred", june,
            {"amount": 5_500_000, "instrument": "hosting", "category": "infrastructure"},
        ),
        Event("kalshi-csv", "5", "credit.received", june, {"net": 100_000, "category": "incentive", "closed_at": june}),
        Event(
            "betfair-csv", "6", "bet.settled", june,
            {"instrument": "Brighton", "gross": 78_600_000, "net": 78_600_000, "currency": "GBP", "closed_at": june},
        ),
    ]  # fmt: skip
    rules = Rules(zone=ZONE, categories={"KXHIGH": "weather", "KXBTC": "crypto"})
    with Store.create(path, rules) as opened:
        opened.append(
            Batch(
                "kalshi-csv", events, [Reject(9, "side", "neither yes nor no", "bad\x1b[31mrow")],
                origin=Origin("may\x1b[2J.csv", "0" * 64, 10),
            )
        )  # fmt: skip
    return path


def run(store: Path | None, *arguments: str, code: int = 0, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run northstar with its output in pipes, and with no config of this machine."""
    env = {
        **os.environ,
        "XDG_CONFIG_HOME": "/nonexistent",
        "XDG_DATA_HOME": "/nonexistent",
        "TERM": "xterm",
        **environment,
    }
    for name in ("NORTHSTAR_CONFIG", "NORTHSTAR_STORE"):
        if name not in environment:
            env.pop(name, None)
    given = ["--store", str(store)] if store else []
    done = subprocess.run(
        [sys.executable, "-m", "northstar_tui", *given, *arguments],
        capture_output=True, text=True, env=env, stdin=subprocess.DEVNULL, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == code, (done.stdout, done.stderr)
    assert "Traceback" not in done.stderr
    return done


def data(store: Path, *arguments: str, code: int = 0) -> Any:
    return json.loads(run(store, *arguments, "--json", code=code).stdout)


def test_report_follows_the_contract(store: Path) -> None:
    found = data(store, "report", "all", "--level", "month", "--by", "category")
    assert list(found) == [
        "period", "basis", "filter", "totals", "rows", "incomplete", "unreconciled", "overlaps", "drawdown"
    ]  # fmt: skip
    assert found["period"] == {"from": "2026-05-05", "to": "2026-06-02", "zone": ZONE}
    assert found["totals"] == {
        "entries": 7, "trades": 5, "wins": 3, "losses": 1, "scratches": 1, "open": 0,
        "stake": "2.72", "gross": "-5.419999", "fees": "0.06", "net": "-5.479999",
    }  # fmt: skip
    assert [(row["bucket"], row["level"], row["dimensions"]["category"], row["net"]) for row in found["rows"]] == [
        ("2026-05-01", "month", "crypto", "-0.38"),
        ("2026-05-01", "month", "weather", "0.30"),
        ("2026-06-01", "month", "incentive", "0.10"),
        ("2026-06-01", "month", "infrastructure", "-5.50"),
        ("2026-06-01", "month", "other", "0.00"),
        ("2026-06-01", "month", "weather", "0.000001"),
    ]
    assert found["incomplete"] == [{"currency": "GBP", "entries": 1, "net": "78.60"}]
    assert found["unreconciled"] == "0.00"
    assert sum(Decimal(row["net"]) for row in found["rows"]) == Decimal(found["totals"]["net"])


def test_report_rows_of_hours_carry_their_offset(store: Path) -> None:
    found = data(store, "report", "2026-05-05", "--level", "hour")
    assert [row["bucket"] for row in found["rows"]] == ["2026-05-05T00:00-04:00"]


def test_report_by_opened_books_money_where_it_was_risked(store: Path) -> None:
    assert data(store, "report", "2026-05-04", "--basis", "opened")["totals"]["net"] == "-0.08"
    assert data(store, "report", "2026-05-04")["totals"]["entries"] == 0


def test_where_keeps_members_and_names_what_is_wrong(store: Path) -> None:
    assert data(store, "report", "all", "--where", "category=weather,crypto")["totals"]["trades"] == 4
    assert data(store, "report", "all", "--where", "category=nothing")["totals"]["entries"] == 0
    assert "use one of book, category, source, kind" in run(store, "report", "all", "--where", "x=1", code=2).stderr
    assert (
        data(store, "report", "all", "--where", "category=weather", "--where", "category=crypto")["totals"]["trades"]
        == 4
    )


def test_every_verb_takes_the_whole_filter_language_and_says_it_back(store: Path) -> None:
    losses = ("--where", "net:<0 -kind=cost")
    found = data(store, "report", "all", "--level", "month", "--by", "book", *losses)
    assert found["filter"] == "net:<0 -kind:cost"
    assert [(row["bucket"], row["net"], row["losses"]) for row in found["rows"]] == [("2026-05-01", "-0.38", 1)]
    assert found["totals"]["net"] == "-0.38"
    assert [entry["instrument"] for entry in data(store, "trades", "all", *losses)] == ["KXBTC-26MAY05-T1"]
    why = data(store, "why", "net", "all", *losses)
    assert (why["filter"], why["proved"], why["n"]) == ("net:<0 -kind:cost", True, 1)
    assert data(store, "report", "all", "--where", "highny outcome:win side:no")["totals"]["net"] == "0.300001"
    assert data(store, "report", "all", "--as-of", "2026-05-01", *losses)["totals"]["entries"] == 0


def test_a_period_in_a_filter_is_the_period_or_narrows_it(store: Path) -> None:
    def period(*arguments: str) -> tuple[str, str]:
        said = data(store, "report", *arguments)["period"]
        return said["from"], said["to"]

    assert period("--where", "2026-05") == ("2026-05-01", "2026-06-01")
    assert period("2026-05", "--where", "2026-05-04..2026-07") == ("2026-05-04", "2026-06-01")
    assert period("all", "--where", "category:weather 2026-06") == ("2026-06-01", "2026-07-01")
    apart = run(store, "report", "2026-05", "--where", "2026-06", code=2).stderr
    assert "2026-06 and 2026-05 have no time in common" in apart
    assert "2026-13' is not a period" in run(store, "trades", "--where", "2026-13", code=2).stderr


def test_trades_come_in_any_order(store: Path) -> None:
    def nets(*arguments: str) -> list[str]:
        return [entry["net"] for entry in data(store, "trades", "all", *arguments)]

    assert nets("--sort", "net", "--limit", "2") == ["-5.50", "-0.38"]
    assert nets("--sort", "-net", "--limit", "2", "--where", "kind:trade") == ["0.30", "0.000001"]
    assert nets("--sort=-time") == nets()[::-1]
    assert "sort by time, what, instrument" in run(store, "trades", "--sort", "colour", code=2).stderr


def test_what_is_open_is_said_to_need_the_other_basis(store: Path) -> None:
    assert "--basis opened" in run(store, "trades", "all", "--where", "outcome:open").stderr
    assert "--basis" not in run(store, "trades", "all", "--where", "outcome:open", "--basis", "opened").stderr


@pytest.mark.parametrize("verb", ["report", "trades", "why"])
def test_the_help_of_a_verb_ends_with_the_filter_language(verb: str) -> None:
    from northstar_tui.views.filter import forms

    said = " ".join(run(None, verb, "--help").stdout.split())
    assert "FILTER" in said
    assert all(form in said and about in said for form, about in forms())


def test_people_get_a_table_and_pipes_nothing_but_data(store: Path) -> None:
    lines = run(store, "report", "all", "--level", "month").stdout.splitlines()
    assert lines[0].split() == ["PERIOD", "ENTRIES", "TRADES", "W–L", "WIN", "STAKE", "GROSS", "FEES", "NET"]
    assert lines[1].startswith("May 2026") and lines[1].endswith("▼ -$0.08")
    assert lines[4].startswith("TOTAL")


def test_trades_lists_the_entries_with_the_line_behind_each(store: Path) -> None:
    rows = data(store, "trades", "2026-05")
    assert [(row["key"], row["net"], row["outcome"], row["line"]) for row in rows] == [
        ("1", "0.30", "win", 2),
        ("2", "-0.38", "loss", 3),
    ]
    limited = run(store, "trades", "all", "--limit", "2")
    assert "… and 5 more" in limited.stderr and "more" not in limited.stdout


def test_text_from_outside_is_shown_and_not_obeyed(store: Path) -> None:
    for arguments in (
        ("trades", "all"),
        ("events",),
        ("quarantine",),
        ("quarantine", "1"),
        ("why", "net", "all"),
        ("--plain",),
    ):
        assert "\x1b" not in run(store, *arguments).stdout
    assert "bad␛[31mrow" in run(store, "quarantine", "1").stdout


def test_why_shows_rows_their_sum_and_a_proof(store: Path) -> None:
    found = data(store, "why", "net", "2026-05")
    assert found["proved"] is True and found["value"] == "-$0.08" and found["n"] == 2
    assert found["figure_from_rollups"] == found["sum_of_entries"]
    for figure, said in (
        ("net", "2 entries read one by one: net -$0.08, the same to the micro-dollar"),
        ("stake", "2 entries read one by one: stake $1.36, the same to the micro-dollar"),
        ("win_rate", "2 entries read one by one: win rate 50.0%, the same"),
        ("losses", "2 entries read one by one: losses 1, the same"),
    ):
        assert f"  ✓ {said}\n" in run(store, "why", figure, "2026-05").stdout


def test_why_says_so_where_the_proof_fails(store: Path) -> None:
    with sqlite3.connect(store) as connection:
        connection.execute("UPDATE rollup_booked SET stake = stake + 10000")
    told = "2 entries read one by one: stake $1.36, but the rollup says $1.38: run northstar verify"
    assert f"✗ {told}" in run(store, "why", "stake", "2026-05", code=1).stdout
    assert "sums under it differ from the rollup's: run" in run(store, "why", "net", "2026-05", code=1).stdout


def test_why_without_a_figure_lists_them_with_an_example(store: Path) -> None:
    said = run(store, "why", code=2).stderr
    assert "  net, gross, fees, stake, entries, " in said and "\t" not in said
    assert said.rstrip().endswith("For example: northstar why net 2026-05-09")
    assert max(map(len, said.splitlines())) <= 80


def test_what_is_a_pictures_alone_is_refused_without_one(store: Path) -> None:
    for option in (["--size", "60x20"], ["--theme", "mono"]):
        assert f"{option[0]} is a picture's: add --out" in run(store, "show", "overview", *option, code=2).stderr


def test_doctor_and_verify_say_how_many_of_the_entries_are_open(store: Path) -> None:
    bet = {"instrument": "Ohtani", "stake": 5_000_000, "opened_at": at("2026-06-02")}
    with Store.open(store, write=True) as opened:
        opened.append(Batch("bets-csv", [Event("bets-csv", "o", "bet.placed", at("2026-06-02"), bet)]))
    placed = data(store, "report", "all", "--basis", "opened")["totals"]
    words = f"{placed['entries']} entries, 1 of them open"
    assert words in run(store, "verify").stdout and words in run(store, "doctor").stdout
    assert placed["open"] == 1 and words in run(store, "show", "operations").stdout


def test_verify_names_the_damage_and_rebuild_mends_it(store: Path) -> None:
    assert run(store, "verify").stdout.startswith("✓ 7 events")
    with sqlite3.connect(store) as connection:
        connection.execute("UPDATE entry SET gross = gross + 5, net = net + 5 WHERE id = 1")
    found = data(store, "verify", code=1)
    assert found["ok"] is False and {d["where"] for d in found["differences"]} == {"entry"}
    run(store, "rebuild")
    assert data(store, "verify")["ok"] is True


def test_events_of_one_entry_and_the_quarantine(store: Path) -> None:
    entry = data(store, "trades", "2026-05")[0]
    (event,) = data(store, "events", "--entry", str(entry["id"]))
    assert event["raw"] == "raw,1" and event["kind"] == "trade.closed" and event["body"]["net"] == 300_000
    assert "there is no entry 99" in run(store, "events", "--entry", "99", code=1).stderr
    (reject,) = data(store, "quarantine")
    assert reject["line"] == 9 and reject["reason"] == "neither yes nor no"


def test_schema_describes_every_table_and_column(store: Path) -> None:
    tables = {table["table"]: table for table in data(store, "schema")}
    assert {"event", "entry", "rollup_booked", "rollup_placed", "quarantine", "run"} <= set(tables)
    assert all(table["about"] and table["columns"] for table in tables.values())
    assert next(c for c in tables["entry"]["columns"] if c["name"] == "net")["about"].startswith("micro-dollars")


def test_as_of_shows_what_was_known(store: Path) -> None:
    before = CALENDAR.local(
        Store.open(store).connection.execute("SELECT min(recorded_at) FROM event").fetchone()[0] - 1
    )
    assert data(store, "report", "all", "--as-of", before.isoformat())["totals"]["entries"] == 0
    assert data(store, "report", "all", "--as-of", "2199-01-01")["totals"]["entries"] == 7
    assert "is not a moment" in run(store, "report", "all", "--as-of", "soon", code=2).stderr


def test_a_config_that_changes_the_rules_derives_again_and_says_so(store: Path, tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text(
        'timezone = "UTC"\n[categories]\nKXHIGH = "temperature"\n[[rates]]\ncurrency = "GBP"\nusd = "1.25"\n'
    )
    first = run(store, "report", "all", "--json", NORTHSTAR_CONFIG=str(config))
    assert "derived 7 entries again" in first.stderr
    found = json.loads(first.stdout)
    assert found["period"]["zone"] == "UTC" and found["incomplete"] == []
    assert Decimal(found["totals"]["net"]) == Decimal("-5.479999") + Decimal("78.60") * Decimal("1.25")
    assert run(store, "report", "all", NORTHSTAR_CONFIG=str(config)).stderr == ""
    assert data(store, "report", "all")["period"]["zone"] == "UTC", "without a config the stored rules hold"


@pytest.mark.parametrize("terminal", ["xterm", "dumb"])
def test_without_a_terminal_the_overview_is_printed(store: Path, terminal: str) -> None:
    shown = run(store, TERM=terminal).stdout
    assert shown.startswith("NorthStar · net ▼ -$5.48 all time · America/New_York")
    assert "◐ 1 record in quarantine" in shown and "◐ 1 entry in a currency without a rate" in shown


def test_an_empty_place_offers_what_to_do(tmp_path: Path) -> None:
    assert "northstar demo" in run(tmp_path / "none.db").stdout
    assert "import a file first" in run(tmp_path / "none.db", "report", code=1).stderr
    assert not (tmp_path / "none.db").exists()


def test_refusals_name_what_is_wrong_and_what_to_do(store: Path, tmp_path: Path) -> None:
    assert "is not a period; use all, 2026" in run(store, "report", "2026-13-01x", code=2).stderr
    assert "No such command" in run(store, "nonsense", code=2).stderr
    other = tmp_path / "other.db"
    with sqlite3.connect(other) as connection:
        connection.execute("CREATE TABLE t (x)")
    assert "database of another program" in run(other, "report", code=1).stderr
    other.write_text("this is no database, but it is long enough to be looked at as one" * 20)
    assert "is not a store" in run(other, "report", code=1).stderr
    assert "there is no config" in run(store, "--config", str(tmp_path / "x.toml"), "report", code=1).stderr


def test_init_writes_a_config_once(tmp_path: Path) -> None:
    target = tmp_path / "deep" / "config.toml"
    assert run(None, "init", str(target)).stdout.strip() == str(target)
    assert target.read_text() == (Path(__file__).parents[2] / "config.example.toml").read_text()
    assert "is there already" in run(None, "init", str(target), code=1).stderr


def test_every_verb_has_help_with_what_it_does() -> None:
    listed = run(None, "--help").stdout
    for verb in ("report", "trades", "why", "verify", "rebuild", "events", "schema", "init"):
        assert verb in listed
        assert "Usage: northstar" in run(None, verb, "--help").stdout


def test_a_reader_that_leaves_is_no_error(store: Path) -> None:
    done = subprocess.run(
        f"{sys.executable} -m northstar_tui --store {store} schema | head -1",
        shell=True,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.startswith("meta:") and "Traceback" not in done.stderr


def test_real_money_never_enters_a_simulated_company(tmp_path: Path) -> None:
    path = tmp_path / "demo.db"
    Store.create(path, Rules(ZONE), kind="demo").close()
    (tmp_path / "bets.csv").write_text("date,selection,stake,odds,result\n2026-05-05 12:00,A,10,2.0,win\n")
    refused = run(path, "import", str(tmp_path / "bets.csv"), code=1).stderr
    assert "is a demo store" in refused and "never mix" in refused
    config = tmp_path / "config.toml"
    config.write_text('timezone = "Asia/Kolkata"\n')
    shown = run(path, "report", "all", "--json", NORTHSTAR_CONFIG=str(config))
    assert json.loads(shown.stdout)["period"]["zone"] == ZONE and shown.stderr == ""


def test_export_takes_a_filter(store: Path, tmp_path: Path) -> None:
    whole = run(store, "export").stdout.splitlines()
    part = run(store, "export", "--where", "net:<0 -kind:cost").stdout.splitlines()
    assert len(whole) == 7 and len(part) == 1 and part[0] in whole
    file = tmp_path / "june.jsonl"
    assert "wrote 5 events" in run(store, "export", str(file), "--where", "2026-06").stderr
    assert "'net' " not in run(store, "export", "--where", "net:x", code=2).stdout
    assert "FILTER" in run(None, "export", "--help").stdout


def test_a_name_that_the_store_does_not_know_is_said_and_is_no_failure(store: Path) -> None:
    told = "the store knows no category wether: did you mean category:weather?\n"
    for verb in (["report", "all"], ["trades", "all"], ["why", "net", "all"], ["export"], ["positions"]):
        done = run(store, *verb, "--where", "category:wether")
        assert done.stderr.startswith(told), verb
    done = run(store, "trades", "all", "--where", "category:wether", "--json")
    assert json.loads(done.stdout) == [] and done.stderr == told
    assert run(store, "trades", "all", "--where", "category:weather,crypto").stderr == ""


def test_a_word_that_is_almost_one_is_told_what_it_may_be(store: Path, tmp_path: Path) -> None:
    assert "'reprot': did you mean report?" in run(store, "reprot", code=2).stderr
    assert "'ledger': did you mean show ledger?" in run(store, "ledger", code=2).stderr
    assert "'legder' is none: did you mean ledger? there are overview, " in run(store, "show", "legder", code=2).stderr
    refused = run(store, "report", "--where", "boook:x", code=2).stderr
    assert "did you mean book? use one of" in " ".join(refused.split())
    config = tmp_path / "config.toml"
    config.write_text('[[budgets]]\nname = "a"\namuont = "5"\n')
    assert "budgets.amuont is not a key of a budget: did you mean amount? known keys are" in run(
        store, "--config", str(config), "report", code=1
    ).stderr  # fmt: skip


def test_every_verb_takes_the_same_words_for_a_moment(store: Path) -> None:
    today = CALENDAR.period("day", instant(datetime.now(UTC)))
    yesterday = CALENDAR.period("day", today.start - 1)
    for word, start in (("today", today.start), ("yesterday", yesterday.start), ("2026-05-05", at("2026-05-05"))):
        assert data(store, "since", word)["since"] == CALENDAR.local(start).isoformat(), "it counts from its beginning"
    assert data(store, "since", "2026-05-05T14:30")["since"] == "2026-05-05T14:30:00-04:00"
    assert data(store, "positions", "--at", "yesterday")["at"] == CALENDAR.local(yesterday.end - 1).isoformat()
    assert data(store, "positions", "--at", "2026-05")["at"] == CALENDAR.local(at("2026-06-01") - 1).isoformat()
    assert data(store, "positions", "--at", "today")["at"] < CALENDAR.local(today.end).isoformat(), "no later than now"
    assert data(store, "report", "all", "--as-of", "yesterday")["totals"]["entries"] == 0
    assert data(store, "report", "all", "--as-of", "today")["totals"]["entries"] == 7
    assert run(store, "since", "all").stdout.startswith("Since before the first event\n")
    for arguments in (["since", "tomorrow"], ["positions", "--at", "2026-02-30"], ["report", "--as-of", "noon"]):
        assert "is not a moment; write a time" in run(store, *arguments, code=2).stderr


def test_without_a_config_what_depends_on_it_is_said_and_where_one_is_looked_for(store: Path, tmp_path: Path) -> None:
    told = "no config at /nonexistent/northstar/config.toml and none by --config: no budgets and no recurring charges"
    for verb in (["costs"], ["show", "costs"]):
        assert run(store, *verb).stderr.startswith(told)
    assert run(store, "costs", "--json").stderr == ""
    assert run(store, "report").stderr == ""
    config = tmp_path / "config.toml"
    config.write_text("")
    assert "no budgets" not in run(store, "--config", str(config), "costs").stderr
    assert "there is none at /nonexistent/northstar/config.toml" in run(None, "doctor").stdout


def test_costs_by_day_are_told_and_where_they_are_listed(store: Path) -> None:
    told = run(store, "costs", "2026-06").stdout
    assert "\nBy day, up to $5.50: northstar costs 2026-06 --by day lists them\n" in told
    assert "$5.50" in run(store, "costs", "2026-06", "--by", "day").stdout
    assert "By day" not in run(store, "costs", "2026-05").stdout, "no heading over nothing"


def test_hints_are_whole_commands(store: Path) -> None:
    assert "… and 6 earlier: northstar events --limit 10 shows more" in run(store, "events", "--limit", "1").stderr
    told = run(store, "quarantine", "1").stdout
    assert "; northstar import --as kalshi-csv" in told or "; northstar import" in told
    assert "r does" not in told and "then imports it again" in told


def test_doctor_checks_the_keys_in_the_words_of_the_start(store: Path, tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    for text, code, mark, told in (
        ('snyc = "s"', 1, "✗", "keys.snyc is no action: did you mean sync?"),
        ('quit = "w"', 1, "✗", "keys.quit: w is why already"),
        ('theme = "ctrl+s"', 0, "!", "theme: ctrl+s may not arrive (stops the output of many terminals)"),
        ('sync = "s"', 0, "✓", "[keys] binds 1 action"),
    ):
        config.write_text(f"[keys]\n{text}\n")
        done = run(store, "--config", str(config), "doctor", code=code)
        assert any(line.startswith(f"{mark} config: ") and told in line for line in done.stdout.splitlines()), text
        if code:
            line = next(line for line in done.stdout.splitlines() if line.startswith("✗"))
            assert line.removeprefix("✗ config: ") in run(store, "--config", str(config), "keys", code=1).stderr


def test_show_takes_the_filter_that_the_screen_takes(store: Path, tmp_path: Path) -> None:
    told = run(store, "show", "ledger", "2026-05", "--where", "category:weather").stdout
    assert told.startswith("May 2026 · closed basis · category:weather") and "Net ▲ +$0.30" in " ".join(told.split())
    assert run(store, "show", "ledger", "--where", "category:weather 2026-05").stdout == told, "a period in it is one"
    days = run(store, "show", "calendar", "2026-05", "--where", "net:<0").stdout
    assert "Net ▼ -$0.38" in " ".join(days.split())
    assert "  $0.30\n" in run(store, "show", "why", "net", "2026-05", "--where", "net:>0").stdout
    assert "KXBTC" not in run(store, "show", "entries", "2026-05", "--where", "category:weather").stdout
    assert "Entries 0" in " ".join(run(store, "show", "ledger", "--where", "category:x").stdout.split())
    done = run(store, "show", "ledger", "--where", "category:wether")
    assert done.stderr == "the store knows no category wether: did you mean category:weather?\n"
    assert "no filter" in run(store, "show", "costs", "--where", "category:api", code=2).stderr
    assert "not told apart by net" in run(store, "show", "positions", "--where", "net:<0", code=2).stderr
    for screen in (["ledger", "2026-05"], ["why", "net", "2026-05"], ["calendar", "2026-05"]):
        picture = tmp_path / "p.txt"
        run(store, "show", *screen, "--where", "category:weather", "--out", str(picture))
        assert "/category:weather" in picture.read_text() and "$0.30" in picture.read_text(), screen


_HUGE = "9" * 21
"""More than SQLite's integers hold."""


@pytest.mark.parametrize(
    "words",
    [
        ("show", "entry", _HUGE), ("show", "event", _HUGE), ("show", "run", _HUGE), ("show", "record", _HUGE),
        ("quarantine", _HUGE), ("note", _HUGE, "late"), ("tag", _HUGE, "+late"), ("events", "--entry", _HUGE),
        ("events", "--limit", _HUGE), ("runs", "--limit", _HUGE), ("trades", "all", "--limit", _HUGE),
        ("since", "9999-12-31T23:00"), ("positions", "--at", "0001-01-01T00:00"),
    ],
)  # fmt: skip
def test_a_number_or_a_moment_that_no_store_can_hold_is_an_operators_mistake(
    words: tuple[str, ...], store: Path
) -> None:
    done = CliRunner().invoke(cli, ["--store", str(store), *words])
    assert isinstance(done.exception, SystemExit), done.exception
    assert done.exit_code == 2
    assert "Error: Invalid value" in done.output


def test_what_why_leaves_out_is_listed_by_the_command_that_it_names(store: Path) -> None:
    few = run(store, "why", "win_rate", "2026", "--where", "net:>-100", "--basis", "opened", "--limit", "1").stdout
    (hint,) = [line for line in few.splitlines() if line.startswith("…")]
    again = shlex.split(hint.partition(": ")[2].removesuffix(" shows more"))
    assert again[:3] == ["northstar", "why", "win_rate"] and "opened" in again
    all_of_them = run(store, *again[1:]).stdout
    assert "…" not in all_of_them
    assert all_of_them.splitlines()[:3] == few.splitlines()[:3], "the same figure"
