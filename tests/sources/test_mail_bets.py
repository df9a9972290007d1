"""Bets and results in every layout that the template names, and what becomes of what is none."""

from __future__ import annotations

from decimal import Decimal

import pytest
from mail_making import AT, DAY, bets, mail, rejected, said, table

from northstar_tui.events import Event, Reject
from northstar_tui.sources.mail.memory import Memory

HEAD = ("Market", "Pick", "Odds", "Stake", "Edge", "Confidence", "Thesis")
LAKERS = ("Lakers @ Celtics", "Lakers ML", "-110", "$110", "4.2%", "0.56", "Rested; they <b>travel</b> well")
HEAT = ("Heat @ Knicks", "Under 220.5", "2.05", "$50", "0.03", "52%", "Pace | and injuries")
NEXT = "Thu, 26 Feb 2026 10:00:00 -0500"


def facts(event: Event) -> tuple[object, ...]:
    body = event.body
    return tuple(body.get(name) for name in ("instrument", "side", "odds", "stake", "edge", "confidence", "thesis"))


EXPECTED = [
    ("Lakers @ Celtics", "Lakers ML", "1.9090909091", 110_000_000, "0.042", "0.56", "Rested; they travel well"),
    ("Heat @ Knicks", "Under 220.5", "2.05", 50_000_000, "0.03", "0.52", "Pace | and injuries"),
]


def plain(row: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(cell.replace("<b>", "").replace("</b>", "") for cell in row)


LAYOUTS = {
    "html": mail(html=table(HEAD, LAKERS, HEAT)),
    "html with a text twin": mail("Lakers -110 $110 see HTML", html=table(HEAD, LAKERS, HEAT)),
    "csv": mail(
        "See attachment.",
        csv=",".join(HEAD) + "\n" + "\n".join(",".join(f'"{cell}"' for cell in plain(row)) for row in (LAKERS, HEAT)),
    ),
    "lines": mail("Good morning,\n\n" + "\n".join(" | ".join(plain(row)) for row in (LAKERS, HEAT)) + "\n\nTy"),
    "markdown": mail(
        "| " + " | ".join(HEAD) + " |\n|" + "---|" * 7 + "\n"
        + "\n".join("| " + " | ".join(c.replace(" | ", " & ") for c in plain(row)) + " |" for row in (LAKERS, HEAT))
    ),
    "blocks": mail(
        "\n\n".join("\n".join(f"{n}: {c}" for n, c in zip(HEAD, plain(row), strict=True)) for row in (LAKERS, HEAT))
    ),
    "layout table": mail(
        html=f"<table><tr><td>{table(HEAD, LAKERS, HEAT)}</td></tr></table><table><tr><td>Footer</td></tr></table>"
    ),
}  # fmt: skip


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_says_the_same(layout: str) -> None:
    found = bets(LAYOUTS[layout])
    told = [facts(event) for event in found]
    assert [tuple(str(f).replace(" & ", " | ") if i == 6 else f for i, f in enumerate(t)) for t in told] == EXPECTED
    assert {event.kind for event in found} == {"bet.placed"}
    assert {event.occurred_at for event in found} == {AT}
    assert [event.key for event in found] == [event.key for event in bets(LAYOUTS["html"])], "a key is its content"


def test_the_raw_record_finds_its_mail_again() -> None:
    raw = bets(LAYOUTS["html"])[0].raw
    assert "<1@mail.example.com>" in raw
    assert "Today's bets" in raw
    assert raw.endswith("Lakers @ Celtics | Lakers ML | -110 | $110 | 4.2% | 0.56 | Rested; they travel well")


@pytest.mark.parametrize(
    ("result", "net"),
    [
        (("Lakers @ Celtics", "Lakers ML", "WON", ""), 100_000_000),
        (("lakers  @ celtics", "LAKERS ML", "won", "+$99.50"), 99_500_000),
        (("Lakers @ Celtics", "Lakers ML", "lost", ""), -110_000_000),
        (("Lakers @ Celtics", "Lakers ML", "Push", ""), 0),
        (("Lakers @ Celtics", "Lakers ML", "", "-110"), -110_000_000),
    ],
)
def test_a_result_mail_settles_the_bet_it_names(result: tuple[str, ...], net: int) -> None:
    results = table(("Market", "Pick", "Result", "Profit"), result)
    placed, _, settled = bets(LAYOUTS["lines"], mail(html=results, date=NEXT, nth=2))
    assert (settled.kind, settled.key, settled.occurred_at) == ("bet.settled", placed.key, AT + DAY)
    assert (settled.body["net"], settled.body["gross"], settled.body["fees"]) == (net, net, 0)
    assert settled.body["opened_at"] == AT


def test_results_as_lines_and_in_the_same_mail() -> None:
    line = "Lakers @ Celtics | Lakers ML | -110 | $110\nLakers @ Celtics | Lakers ML | WON | +100\n"
    placed, settled = bets(mail(line))
    assert (placed.key, settled.body["net"], settled.body["result"]) == (settled.key, 100_000_000, "win")


def test_a_bet_id_joins_whatever_else_is_written() -> None:
    placed = mail(html=table(("Bet ID", *HEAD), ("T-17", *LAKERS)))
    result = mail("Bet ID | Result | Profit\nt-17 | won | 95", date=NEXT, nth=2)
    first, second = bets(placed, result)
    assert (first.key, second.key, second.body["net"]) == ("id:t-17", "id:t-17", 95_000_000)


def test_the_same_bet_on_two_days_is_two_bets_and_its_result_needs_a_date() -> None:
    first, second = mail(html=table(HEAD, LAKERS)), mail(html=table(HEAD, LAKERS), date=NEXT, nth=2)
    undated = mail("Market | Pick | Result\nLakers @ Celtics | Lakers ML | won", date=NEXT, nth=3)
    found = said(first, second, undated)
    assert len({e.key for e in found if isinstance(e, Event)}) == 2
    (reject,) = [each for each in found if isinstance(each, Reject)]
    assert "several open bets" in reject.reason
    dated = mail("Date | Market | Pick | Result\n2026-02-25 | Lakers @ Celtics | Lakers ML | won", date=NEXT, nth=3)
    one, two, settled = bets(first, second, dated)
    assert settled.key == one.key != two.key


def test_a_result_without_a_date_is_of_the_bet_that_is_open() -> None:
    first, second = mail(html=table(HEAD, LAKERS)), mail(html=table(HEAD, LAKERS), date=NEXT, nth=2)
    line = "Lakers @ Celtics | Lakers ML | won"
    one, won, two, again = bets(first, mail(line, date=NEXT, nth=3), second, mail(line, date=NEXT, nth=4))
    assert (won.key, again.key) == (one.key, two.key)
    assert one.key != two.key
    late = mail(line, date="Tue, 24 Feb 2026 10:00:00 -0500", nth=5)
    assert len([each for each in said(first, late) if isinstance(each, Reject)]) == 1, "announced later than its result"


def test_a_result_of_a_bet_that_nobody_announced_is_not_guessed() -> None:
    (reject,) = rejected(mail("Market | Pick | Result\nLakers @ Celtics | Lakers ML | won"))
    assert (reject.line, reject.field) == (2, "Market")
    assert "no open bet" in reject.reason
    assert "<1@mail.example.com>" in reject.raw
    # With a date it says everything by itself.
    (event,) = bets(mail("Date | Pick | Odds | Stake | Result\n2026-02-20 | Lakers ML | 2.0 | 50 | won"))
    assert (event.kind, event.body["net"], event.body["stake"]) == ("bet.settled", 50_000_000, 50_000_000)


def test_twins_are_two_bets_and_two_parts_of_a_mail_say_one() -> None:
    twins = bets(mail(html=table(HEAD, LAKERS, LAKERS)))
    assert len({event.key for event in twins}) == 2
    head = "Market,Pick,Odds,Stake"
    both = mail(html=table(HEAD, LAKERS), csv=f"{head}\nLakers @ Celtics,Lakers ML,-110,110\n")
    assert len(bets(both)) == 1
    other = said(mail(html=table(HEAD, LAKERS), csv=f"{head}\nLakers @ Celtics,Lakers ML,-110,120\n"))
    assert [type(each) for each in other] == [Event, Reject]
    result = "Market | Pick | Result\n" + "Lakers @ Celtics | Lakers ML | won\n" * 2
    found = bets(mail(html=table(HEAD, LAKERS, LAKERS)), mail(result, date=NEXT, nth=2))
    assert {event.key for event in found[:2]} == {event.key for event in found[2:]}


def test_a_result_said_again_changes_nothing_and_a_corrected_one_keeps_its_day() -> None:
    memory = Memory()
    placed = mail(html=table(HEAD, LAKERS))
    results = [
        mail(f"Date | Market | Pick | Result\n2026-02-25 | Lakers @ Celtics | Lakers ML | {result}", date=date, nth=nth)
        for nth, (result, date) in enumerate(
            [("won", NEXT), ("won", "Fri, 27 Feb 2026 10:00:00 -0500"), ("lost", "Sat, 28 Feb 2026 10:00:00 -0500")], 2
        )
    ]
    _, first, again, corrected = bets(placed, *results, memory=memory)
    assert (first.key, first.body, first.occurred_at) == (again.key, again.body, again.occurred_at)
    assert (corrected.occurred_at, corrected.body["net"]) == (first.occurred_at, -110_000_000)
    for data, before in zip((placed, *results), (None, first, again, corrected), strict=True):
        (event,) = bets(data, memory=memory)
        assert before is None or (event.key, event.body) == (before.key, before.body) or before is first


@pytest.mark.parametrize(
    ("row", "instrument", "side", "odds", "stake"),
    [
        ("KXHIGHNY-26FEB25-B45.5 | YES | 52¢ | $52", "KXHIGHNY-26FEB25-B45.5", "yes", "1.9230769231", 52_000_000),
        ("NYC high KXHIGHNY-26FEB25-B45.5 | No | $0.40 | 40", "KXHIGHNY-26FEB25-B45.5", "no", "2.5", 40_000_000),
        ("BTC above | Yes on KXBTCD-26FEB2517-T99999.99 | 50c | 10", "KXBTCD-26FEB2517-T99999.99",
         "Yes on KXBTCD-26FEB2517-T99999.99", "2", 10_000_000),
    ],
)  # fmt: skip
def test_a_kalshi_ticker_is_the_instrument_and_says_whose_money_it_is(
    row: str, instrument: str, side: str, odds: str, stake: int
) -> None:
    (event,) = bets(mail(row))
    body = event.body
    assert (body["instrument"], body["side"], body["odds"], body["stake"]) == (instrument, side, odds, stake)
    assert body["same"] == f"kalshi:{instrument}"
    assert "category" not in body, "the config's rules know Kalshi's series"


def test_contracts_at_a_price_are_the_stake() -> None:
    text = "Ticker | Side | Contracts | Price | Pick\nKXHIGHNY-26FEB25-B45.5 | x | 100 | 52¢ | Yes"
    (event,) = bets(mail(text))
    assert (event.body["stake"], event.body["quantity"]) == (52_000_000, "100")


@pytest.mark.parametrize(
    ("row", "field", "why"),
    [
        (("Lakers", "ML", "-110", "", "", "", ""), "Stake", "empty"),
        (("Lakers", "ML", "", "$5", "", "", ""), "Odds", "empty"),
        (("Lakers", "ML", "abc", "$5", "", "", ""), "Odds", "not odds"),
        (("Lakers", "ML", "-110", "five", "", "", ""), "Stake", "not a number"),
        (("Lakers", "ML", "-110", "-5", "", "", ""), "Stake", "below zero"),
        (("Lakers", "ML", "-110", "2u", "", "", ""), "Stake", "unit ="),
        (("Lakers", "ML", "-110", "$5", "", "62", ""), "Confidence", "62%"),
        (("Lakers", "ML", "-110", "$5", "4,2,1", "", ""), "Edge", "not a number"),
        (("KXA-26FEB25-B1", "yes", "52", "$5", "", "", ""), "Odds", "cents or odds"),
        (("", "", "-110", "$5", "", "", ""), "Market", "neither"),
        (("x" * 600, "ML", "-110", "$5", "", "", ""), "market", "longer"),
    ],
)
def test_a_row_that_cannot_be_read_is_quarantined_and_the_rest_is_read(
    row: tuple[str, ...], field: str, why: str
) -> None:
    found = said(mail(html=table(HEAD, LAKERS, row)))
    assert [type(each) for each in found] == [Event, Reject]
    reject = found[1]
    assert isinstance(reject, Reject)
    assert reject.field.lower() == field.lower()
    assert why in reject.reason
    assert reject.raw.endswith(" | ".join(row))


def test_confidence_in_words_is_kept_as_said_and_units_have_a_price() -> None:
    row = ("Lakers", "ML", "-110", "2u", "", "High", "")
    (event,) = bets(mail(html=table(HEAD, row)), unit=Decimal(25))
    assert (event.body["stake"], event.body["confidence_said"]) == (50_000_000, "High")
    assert "confidence" not in event.body


def test_other_currencies_keep_their_code() -> None:
    (event,) = bets(mail(html=table(HEAD, ("Leeds", "Win", "5/2", "£20", "", "", ""))))
    assert (event.body["currency"], event.body["stake"], event.body["odds"]) == ("GBP", 20_000_000, "3.5")


@pytest.mark.parametrize(
    "text",
    [
        "Good morning,\n\nno plays today. Back tomorrow.\n\nTy",
        "We are up +250 on $5,000 this month.",
        "> Lakers @ Celtics | Lakers ML | -110 | $110\n\nThanks, agreed!",
        "ok\n\n-----Original Message-----\nLakers @ Celtics | Lakers ML | -110 | $110",
        "Call me at 555-1234 | office | Monday",
        "",
    ],
)
def test_a_mail_without_bets_says_nothing(text: str) -> None:
    assert said(mail(text)) == []
    page = text.replace(">", "&gt;").replace("\n", "<br>\n")
    assert said(mail(html=f"<p>{page}</p><table><tr><td>Ty</td><td>Sales</td></tr></table>")) == []


@pytest.mark.parametrize("line", ["Lakers ML -110 $50", "Lakers at 52c, 100 contracts", "a | b | c | $5 | -110x"])
def test_a_line_that_looks_like_a_bet_is_quarantined(line: str) -> None:
    (reject,) = rejected(mail(f"Morning\n{line}\nTy"))
    assert reject.line == 2
    assert "docs/mail-template.md" in reject.reason
    assert reject.raw.endswith(line)


def test_a_table_of_bets_that_lacks_a_column_says_which() -> None:
    (reject,) = rejected(mail(html=table(("Market", "Pick", "Odds", "Result?"), ("a", "b", "-110", ""))))
    assert "lacks a stake" in reject.reason


def test_a_stated_time_is_the_time_and_a_mail_without_a_date_needs_one() -> None:
    text = "Placed | Pick | Odds | Stake\n2026-02-25 09:15 | Lakers | -110 | 5"
    (event,) = bets(mail(text))
    assert event.occurred_at == AT - 45 * 60_000_000
    (event,) = bets(mail(text, date=""))
    assert event.occurred_at == AT - 45 * 60_000_000
    (reject,) = rejected(mail("Lakers | ML | -110 | $5", date=""))
    assert "date" in reject.reason
    (event,) = bets(mail(text.replace(" 09:15", "")))
    assert event.occurred_at == AT, "the day of the mail is its instant"


def test_the_sum_of_a_table_is_no_bet() -> None:
    (event,) = bets(mail(html=table(HEAD, LAKERS, ("Total", "", "", "$110", "", "", ""))))
    assert event.body["stake"] == 110_000_000


def test_cells_that_span_rows_and_columns_stay_under_their_header() -> None:
    page = (
        "<table><tr><td colspan=4>Bets for Wednesday</td></tr><tr><th>Market<th>Pick<th>Odds<th>Stake</tr>"
        "<tr><td rowspan=2>Lakers @ Celtics<td>Lakers ML<td>-110<td>110</tr>"
        "<tr><td>Over 220<td>-105<td>105</tr></table>"
    )
    found = bets(mail(html=page))
    assert [(e.body["instrument"], e.body["side"]) for e in found] == [
        ("Lakers @ Celtics", "Lakers ML"), ("Lakers @ Celtics", "Over 220"),
    ]  # fmt: skip


def test_quoted_tables_scripts_and_styles_are_not_read() -> None:
    quoted = table(HEAD, LAKERS)
    page = f"<style>td|x|-110|$5</style><script>document.write('{quoted}')</script><blockquote>{quoted}</blockquote>"
    assert said(mail(html=page + "<p>ok</p><!-- a | b | -110 | $5 -->")) == []


def test_patterns_read_a_layout_of_their_own() -> None:
    patterns = (
        r"(?P<pick>.+?) @ (?P<odds>\S+) for (?P<stake>\S+)(?: \((?P<thesis>.+)\))?",
        r"(?P<pick>.+): (?P<result>won|lost)",
    )
    found = bets(
        mail("Lakers ML @ 1.91 for $50 (rested)\nNothing else.\n"),
        mail("lakers ml: WON", date=NEXT, nth=2),
        patterns=patterns,
    )
    assert [(e.kind, e.body.get("net")) for e in found] == [("bet.placed", None), ("bet.settled", 45_500_000)]
    assert found[0].body["thesis"] == "rested"


def test_a_pattern_that_takes_for_ever_is_stopped_and_named() -> None:
    line = "a" * 60 + "!"
    found = said(
        mail(f"{line}\nLakers @ Celtics | Lakers ML | -110 | $110"), patterns=(r"(?P<pick>(?:a+)+)(?P<stake>\d+)",)
    )
    assert [type(each) for each in found] == [Event, Reject]
    reject = found[1]
    assert isinstance(reject, Reject)
    assert (reject.line, reject.field) == (1, "patterns")


def test_the_date_of_the_mail_is_its_senders() -> None:
    late = mail("Lakers | ML | -110 | $5", date="Wed, 25 Feb 2026 23:30:00 -0800")
    dated = mail("Date | Market | Pick | Result\n2026-02-25 | Lakers | ML | won", date=NEXT, nth=2)
    placed, settled = bets(late, dated)
    assert placed.key == settled.key
