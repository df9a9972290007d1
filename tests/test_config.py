"""Settings: every key, and every error with file, line and key."""

from __future__ import annotations

import re
import tomllib
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from northstar_tui import config
from northstar_tui.calendar import Calendar
from northstar_tui.config import ConfigError, ScreenSettings, Settings, load, read
from northstar_tui.figures.budgets import Budget
from northstar_tui.ledger.rules import Rules

EXAMPLE = Path(__file__).parent.parent / "config.example.toml"


def write(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    path = folder / "config.toml"
    path.write_bytes(text.encode(encoding))
    return path


FULL = """
timezone = "Asia/Kathmandu"
store = "money/north.db"
book = "house"

[screen]
theme = "light"
ascii = true
reduced_motion = true
export_dir = "~/views"

[books]
kalshi-csv = "scalper"
"bets-csv:john" = "john"

[categories]
KXHIGH = "rain"

[[rates]]
currency = "GBP"
from = 2026-01-31
usd = "1.27"

[[rates]]
currency = "JPY"
usd = "0.0064"

[formats.tipster]
kind = "bets"
columns = { time = "event_time" }

[[budgets]]
name = "api"
amount = "300.50"
where = { category = "api" }

[[budgets]]
name = "trading"
amount = "9000"
period = "quarter"
direction = "target"
where = { book = ["scalper", "john"], kind = "trade" }
"""


def test_every_key(tmp_path: Path) -> None:
    settings = read(write(tmp_path, FULL))
    assert settings == Settings(
        path=tmp_path / "config.toml",
        timezone="Asia/Kathmandu",
        store=tmp_path / "money" / "north.db",
        book="house",
        books={"kalshi-csv": "scalper", "bets-csv:john": "john"},
        categories={"KXHIGH": "rain"},
        rates=(("GBP", date(2026, 1, 31), Decimal("1.27")), ("JPY", date(1970, 1, 1), Decimal("0.0064"))),
        formats={"tipster": {"kind": "bets", "columns": {"time": "event_time"}}},
        screen=ScreenSettings("light", True, True, Path.home() / "views"),
        budgets=(
            Budget("api", 300_500_000, "month", "ceiling", (("category", ("api",)),)),
            Budget(
                "trading", 9_000_000_000, "quarter", "target",
                (("book", ("scalper", "john")), ("kind", ("trade",))),
            ),
        ),
    )  # fmt: skip


def test_the_looks_are_those_that_the_screen_has(tmp_path: Path) -> None:
    from northstar_tui.tui.theme import NAMES

    assert config.THEMES == NAMES
    for name in NAMES:
        assert read(write(tmp_path, f'[screen]\ntheme = "{name}"')).screen.theme == name
    with pytest.raises(ConfigError, match=r"config\.toml:2: screen\.theme 'sepia' is not a look") as caught:
        read(write(tmp_path, '[screen]\ntheme = "sepia"'))
    assert caught.value.remedy == f"write one of {', '.join(NAMES)}"


def test_the_rules_it_makes(tmp_path: Path) -> None:
    rules = read(write(tmp_path, FULL)).rules()
    assert (rules.zone, rules.book) == ("Asia/Kathmandu", "house")
    assert rules.book_of("kalshi-csv:x") == "scalper"
    assert rules.book_of("bets-csv:john") == "john"
    assert rules.book_of("bets-csv") == "house"
    assert rules.categories["KXHIGH"] == "rain", "the config overrides the built-in table"
    assert rules.categories["KXNBA"] == "sports", "and adds to it"
    midnight = Calendar("Asia/Kathmandu").day_start(date(2026, 1, 31))
    assert rules.rate("GBP", midnight) == Decimal("1.27")
    assert rules.rate("GBP", midnight - 1) is None
    assert rules.rate("JPY", midnight) == Decimal("0.0064")
    assert Rules.read(rules.text()) == rules


def test_rules_read_back_and_equal_rules_give_equal_texts() -> None:
    one = Rules("UTC", "b", {"a": "1", "b": "2"}, {"x": "y", "p": "q"})
    other = Rules("UTC", "b", {"b": "2", "a": "1"}, {"p": "q", "x": "y"})
    assert one.text() == other.text()
    assert Rules.read(one.text()) == one


def test_without_a_config_the_store_keeps_its_rules(tmp_path: Path) -> None:
    stored = Rules("Asia/Kolkata", "them", {"a": "b"}, {"X": "y"})
    assert Settings().rules(stored) == stored
    assert read(write(tmp_path, 'book = "us"')).rules(stored).zone == "Asia/Kolkata", "no zone named: the store's stays"
    assert read(write(tmp_path, 'timezone = "UTC"')).rules(stored).zone == "UTC"


@pytest.mark.parametrize(
    ("text", "line", "key", "says"),
    [
        ('zone = "UTC"', 1, "zone", "known keys are"),
        ('\n\ntimezone = "Mars/Phobos"', 3, "timezone", "America/New_York"),
        ("timezone = 5", 1, "timezone", "a text"),
        ('book = ""', 1, "book", "a text"),
        ('book = "  "', 1, "book", "a text"),
        ("\nstore = false", 2, "store", "a text"),
        ('store = "~nobody-at-all/x.db"', 1, "store", "whole path"),
        ('books = "x"', 1, "books", "[books]"),
        ("books = { a = 5 }", 1, "books.a", "a text"),
        ("# a comment\nbooks.a = 5", 2, "books.a", "a text"),
        ('[books]\nb = "x"\na = 5', 3, "books.a", "a text"),
        ('[books]\n"a" = 5', 2, "books.a", "a text"),
        ("[books]\n'a' = [1]", 2, "books.a", "a text"),
        ('[categories]\nKXHIGH = "weather"\nKX = ["a"]', 3, "categories.KX", "a text"),
        ('rates = "GBP"', 1, "rates", "[[rates]]"),
        ('[rates]\ncurrency = "GBP"', 1, "rates", "[[rates]]"),
        ('\n[[rates]]\nusd = "1"', 2, "rates.currency", "GBP"),
        ('[[rates]]\ncurrency = "gbp"\nusd = "1"', 2, "rates.currency", "three-letter"),
        ('[[rates]]\ncurrency = "GBP"', 1, "rates.usd", "1.27"),
        ('[[rates]]\ncurrency = "GBP"\nusd = 1.27', 3, "rates.usd", "a text"),
        ('[[rates]]\ncurrency = "GBP"\nusd = "a lot"', 3, "rates.usd", "not a number"),
        ('[[rates]]\ncurrency = "GBP"\nusd = "NaN"', 3, "rates.usd", "not a number"),
        ('[[rates]]\ncurrency = "GBP"\nusd = "-1"', 3, "rates.usd", "not a number"),
        ('[[rates]]\ncurrency = "GBP"\nusd = "1_0"', 3, "rates.usd", "not a number"),
        ('[[rates]]\ncurrency = "GBP"\nusd = "1e300"', 3, "rates.usd", "not a number"),
        ('[[rates]]\ncurrency = "GBP"\nusd = "0.0"', 3, "rates.usd", "above zero"),
        ('[[rates]]\ncurrency = "GBP"\nusd = "1"\nfrom = "2026-01-31"', 4, "rates.from", "bare"),
        ('[[rates]]\ncurrency = "GBP"\nusd = "1"\nfrom = 2026-01-31T00:00:00', 4, "rates.from", "bare"),
        ('[[rates]]\ncurrency = "GBP"\nusd = "1"\nfrom = 0001-01-01', 4, "rates.from", "bare"),
        ('[[rates]]\ncurrency = "GBP"\nusd = "1"\nsince = 2026-01-31', 4, "rates.since", "known keys are"),
        ('[[rates]]\ncurrency = "GBP"\nusd = "1"\n\n[[rates]]\ncurrency = "EUR"\nusd = "x"', 7, "rates.usd", "number"),
        (
            '[[rates]]\ncurrency = "GBP"\nusd = "1"\n\n[[rates]]\ncurrency = "GBP"\nusd = "2"',
            5,
            "rates.from",
            "two rates of GBP",
        ),
        ('book = "a"\ntheme = "dark"', 2, "theme", "write it under [screen]"),
        ("screen = 5", 1, "screen", "[screen]"),
        ('[screen]\n\nlook = "dark"', 3, "screen.look", "known keys are theme, ascii, reduced_motion, export_dir"),
        ('[screen]\nascii = "yes"', 2, "screen.ascii", "true or false"),
        ("[screen]\nreduced_motion = 1", 2, "screen.reduced_motion", "true or false"),
        ('[screen]\nexport_dir = "~nobody-at-all/x"', 2, "screen.export_dir", "whole path"),
        ("formats = 5", 1, "formats", "[formats.NAME]"),
        ("[formats]\ntipster = 5", 1, "formats", "[formats.NAME]"),
    ],
)
def test_every_error_names_file_line_and_key(tmp_path: Path, text: str, line: int, key: str, says: str) -> None:
    path = write(tmp_path, text)
    with pytest.raises(ConfigError) as caught:
        read(path)
    message = str(caught.value)
    assert message.startswith(f"{path}:{line}: {key} ")
    assert says in message
    assert "\n" not in message


def test_what_is_no_toml_says_where(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"config\.toml is not TOML.*line 2"):
        read(write(tmp_path, 'book = "x"\nbooks = [}'))
    with pytest.raises(ConfigError, match="cannot be read"):
        read(write(tmp_path, 'book = "caf\u00e9"', "latin-1"))
    with pytest.raises(ConfigError, match="cannot be read"):
        read(tmp_path)


def test_a_byte_order_mark_and_crlf_are_fine(tmp_path: Path) -> None:
    settings = read(write(tmp_path, '\ufeffbook = "x"\r\n[books]\r\na = "y"\r\n'))
    assert (settings.book, settings.books) == ("x", {"a": "y"})


# -- where they are looked for -----------------------------------------------------------------------------------------


def test_option_then_environment_then_default_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("option", "environment", "default"):
        (tmp_path / name).mkdir()
        write(tmp_path / name, f'book = "{name}"')
    monkeypatch.setattr(config, "config_path", lambda: tmp_path / "default" / "config.toml")
    named = {"NORTHSTAR_CONFIG": str(tmp_path / "environment" / "config.toml")}
    assert load(tmp_path / "option" / "config.toml", environment=named).book == "option"
    assert load(None, environment=named).book == "environment"
    assert load(None, environment={}).book == "default"
    monkeypatch.setattr(config, "config_path", lambda: tmp_path / "none.toml")
    assert load(None, environment={}) == Settings()
    with pytest.raises(ConfigError, match=r"no config at .*gone\.toml"):
        load(tmp_path / "gone.toml", environment={})
    with pytest.raises(ConfigError, match=r"no config at .*gone\.toml"):
        load(None, environment={"NORTHSTAR_CONFIG": str(tmp_path / "gone.toml")})


def test_the_store_of_option_then_environment_then_config(tmp_path: Path) -> None:
    path = write(tmp_path, 'store = "in-config.db"')
    named = {"NORTHSTAR_STORE": "/elsewhere/s.db"}
    assert load(path, Path("o.db"), named).store_path() == Path("o.db")
    assert load(path, None, named).store_path() == Path("/elsewhere/s.db")
    assert load(path, None, {}).store_path() == tmp_path / "in-config.db"
    assert load(write(tmp_path, 'store = "/abs/s.db"'), None, {}).store_path() == Path("/abs/s.db")
    assert Settings().store_path().name == "northstar.db"


GOOD = 'name = "a"\namount = "5"\n'


@pytest.mark.parametrize(
    ("row", "line", "what", "remedy"),
    [
        ('amount = "5"', 2, "budgets.name is missing", 'write name = "api"'),
        ('name = ""\namount = "5"', 3, "budgets.name must be a text", ""),
        ('name = "a"', 2, "budgets.amount None is not an amount above zero", 'amount = "300.00"'),
        ('name = "a"\namount = 300', 4, "budgets.amount must be a text, not 300", ""),
        ('name = "a"\namount = "-3"', 4, "'-3' is not an amount above zero", "plainly"),
        ('name = "a"\namount = "0.00"', 4, "'0.00' is not an amount above zero", "plainly"),
        ('name = "a"\namount = "$5"', 4, "'$5' is not an amount", "plainly"),
        (GOOD + 'period = "hour"', 5, "budgets.period 'hour' is not known", "month, quarter, year, week, day"),
        (GOOD + 'direction = "floor"', 5, "budgets.direction 'floor' is not known", "ceiling, target"),
        (GOOD + 'where = "category=api"', 5, "budgets.where must be a table", "category"),
        (GOOD + "where = { colour = 'red' }", 5, "budgets.where 'colour' is not a dimension", "book, category"),
        (GOOD + "where = { book = 5 }", 5, "book must name a book, or a list of them", "scalper"),
        (GOOD + "where = { book = [] }", 5, "book must name a book", "scalper"),
        (GOOD + 'limit = "5"', 5, "budgets.limit is not a key of a budget", "name, amount, period"),
        (GOOD + '[[budgets]]\nname = "a"\namount = "7"', 6, "'a' stands twice", "its own"),
    ],
)
def test_a_wrong_budget_names_its_line(tmp_path: Path, row: str, line: int, what: str, remedy: str) -> None:
    text = "# first\n[[budgets]]\n" + row
    with pytest.raises(ConfigError) as caught:
        read(write(tmp_path, text))
    assert what in caught.value.message and remedy in caught.value.remedy
    assert f"config.toml:{line}: " in caught.value.message, caught.value.message


# -- the example -------------------------------------------------------------------------------------------------------


def test_the_example_parses_to_the_defaults() -> None:
    settings = read(EXAMPLE)
    assert settings == Settings(path=EXAMPLE)


def test_every_key_of_the_example_is_known_and_every_key_is_in_the_example(tmp_path: Path) -> None:
    text = EXAMPLE.read_text()
    enabled = re.sub(r"(?m)^# (?=[\w-]+ = |\[)", "", text)
    assert enabled != text
    settings = read(write(tmp_path, enabled))
    assert settings.timezone and settings.store and settings.books and settings.categories
    assert settings.rates and settings.formats and settings.budgets
    top = set(tomllib.loads(enabled))
    with pytest.raises(ConfigError) as caught:
        read(write(tmp_path, "nonsense = 1"))
    known = re.search(r"known keys are (.*)$", caught.value.remedy)
    assert known is not None
    assert set(known[1].split(", ")) == top


def test_every_example_format_is_one_that_sources_take(tmp_path: Path) -> None:
    from northstar_tui.sources.base import settings_of

    enabled = re.sub(r"(?m)^# (?=[\w-]+ = |\[)", "", EXAMPLE.read_text())
    for name, table in read(write(tmp_path, enabled)).formats.items():
        assert settings_of(name, table).kind == "bets"
