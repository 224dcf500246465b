"""Amounts, dates and choices of files: parsed, or refused with a reason, never misread."""

import time
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from babel.dates import format_date
from hypothesis import given
from hypothesis import strategies as st

from app.imports.planning.refunds import Original, Refund, pair
from app.imports.values import amounts, choices, currencies, dates
from app.imports.values.currencies import CURRENCIES
from tests.values import present


@pytest.mark.parametrize(
    ("text", "mark", "milli", "symbol"),
    [
        ("$1,234.50", ".", 1_234_500, "$"),
        ("1234.5", ".", 1_234_500, None),
        ("1.234,56", ",", 1_234_560, None),
        ("1 234,50 €", ",", 1_234_500, "EUR"),
        ("1\u00a0234,50\u00a0€", ",", 1_234_500, "EUR"),
        ("1'234.50", ".", 1_234_500, None),
        ("1,00,000.00", ".", 100_000_000, None),
        ("(50.00)", ".", -50_000, None),
        ("50-", ".", -50_000, None),
        ("-50", ".", -50_000, None),
        ("\u221250", ".", -50_000, None),
        ("-$5.00", ".", -5_000, "$"),
        ("$-5.00", ".", -5_000, "$"),
        ("1.5E+3", ".", 1_500_000, None),
        ("USD 50", ".", 50_000, "USD"),
        ("50 EUR", ".", 50_000, "EUR"),
        ("5.", ".", 5_000, None),
        (".50", ".", 500, None),
        ("50,-", ",", 50_000, None),
        ("50.-", ".", 50_000, None),
        ("50,--", ",", 50_000, None),
        ("50:-", ",", 50_000, None),
        ("EUR 50,-", ",", 50_000, "EUR"),
        ("CHF 1'250.\u2013", ".", 1_250_000, "CHF"),
        ("1.250,-", ",", 1_250_000, None),
        ("-50,-", ",", -50_000, None),
        ("(50,-)", ",", -50_000, None),
        ("50,00 kr.", ",", 50_000, "kr"),
        ("kr. 50,00", ",", 50_000, "kr"),
        ("Rs. 500", ".", 500_000, "INR"),
        ("Rs.500", ".", 500_000, "INR"),
        ("Fr. 50,00", ",", 50_000, "CHF"),
        ("SFr. 50.00", ".", 50_000, "CHF"),
        ("$ 50 CAD", ".", 50_000, "CAD"),
        ("R$ 1.234,56", ",", 1_234_560, "BRL"),
        ("1 234,50 Kč", ",", 1_234_500, "CZK"),
        ("\u200b50.00\u200e", ".", 50_000, None),
        ("\ufeff50", ".", 50_000, None),
    ],
)
def test_amounts_are_parsed(text: str, mark: str, milli: int, symbol: str | None) -> None:
    assert amounts.read_amount(text, mark) == amounts.AmountCell(milli, symbol)


@pytest.mark.parametrize(
    ("text", "mark", "sentence"),
    [
        ("1.234,56", ".", "decimal mark"),
        ("1,234.56", ",", "decimal mark"),
        ("12,34", ".", "decimal mark"),
        ("1,23.4", ".", "decimal mark"),
        ("12..3", ".", "decimal mark"),
        ("5E3.", ".", "decimal mark"),
        ("0.0001", ".", "finer than a cent"),
        ("abc", ".", "not an amount"),
        ("(50", ".", "not an amount"),
        ("50 $$ x9", ".", "not an amount"),
        ("50 apples", ".", "not an amount"),
        ("50 EUR USD", ".", "not an amount"),
        ("EUR 50 USD", ".", "not an amount"),
        ("12-34", ".", "not an amount"),
        ("", ".", "not an amount"),
        ("99999999999999999", ".", "larger"),
    ],
)
def test_amounts_refused_with_a_reason(text: str, mark: str, sentence: str) -> None:
    assert sentence in present(amounts.read_amount(text, mark).problem).sentence


@pytest.mark.parametrize(
    ("texts", "mark"),
    [
        (["12.50", "7"], "."),
        (["12,50", "7"], ","),
        (["1,234.50"], "."),
        (["1.234,50"], ","),
        (["1.234.567"], ","),
        (["1,234,567"], "."),
        (["1,234"], "."),
        (["1.234"], None),
        (["1.234", "2.50"], "."),
        (["1.234,56", "1,234.56"], None),
        (["7", ""], "."),
        (["50,-", "7"], ","),
        (["1.250,-"], ","),
        (["50.-", "1'250.50"], "."),
        (["50:-"], "."),
    ],
)
def test_decimal_mark_is_decided_from_all_rows(texts: list[str], mark: str | None) -> None:
    assert amounts.decimal_mark(texts) == mark


@pytest.mark.parametrize(
    ("counts", "order"),
    [
        ([("2024-01-05", 9)], "ymd"),
        ([("03/04/2024", 1), ("13/04/2024", 1)], "dmy"),
        ([("03/04/2024", 1), ("04/13/2024", 1)], "mdy"),
        ([("03/04/2024", 1)], None),
        ([("03/03/2024", 1)], "ymd"),
        ([("13/04/2024", 1), ("04/13/2024", 1)], None),
        ([("13/04/2024", 30), ("04/13/2024", 1)], "dmy"),
        ([("39.09.2010", 1), ("03.04.2010", 1)], "dmy"),
        # a year of two digits may come first
        ([("24-01-05", 1), ("24-02-17", 1), ("24-03-29", 1)], None),
        ([("15/03/24", 9)], None),
        ([("03/03/24", 1)], None),
        ([("03/15/24", 1), ("03/04/24", 5)], "mdy"),
        ([("31/12/99", 1), ("03/04/98", 5)], "dmy"),
    ],
)
def test_date_order_is_decided_from_all_rows_or_asked(
    counts: list[tuple[str, int]], order: str | None
) -> None:
    assert dates.date_order(counts).order == order


@pytest.mark.parametrize(
    ("text", "order", "day"),
    [
        ("2024-01-05", "ymd", date(2024, 1, 5)),
        ("2024-01-05", "dmy", date(2024, 1, 5)),
        ("03/04/24", "dmy", date(2024, 4, 3)),
        ("03/04/24", "mdy", date(2024, 3, 4)),
        ("24/03/04", "ymd", date(2024, 3, 4)),
        ("03.04.2024", "dmy", date(2024, 4, 3)),
        ("3/3/2024", "ymd", date(2024, 3, 3)),
        ("22 Nov 2025", "ymd", date(2025, 11, 22)),
        ("Nov 22, 2025", "ymd", date(2025, 11, 22)),
        ("Sat, 22 Nov 2025", "ymd", date(2025, 11, 22)),
        ("5-Jan-24", "ymd", date(2024, 1, 5)),
        ("3. März 2024", "ymd", date(2024, 3, 3)),
        ("2024-01-05T10:00:00Z", "ymd", date(2024, 1, 5)),
        ("1/5/2024 10:30 AM", "mdy", date(2024, 1, 5)),
        ("20240105", "ymd", date(2024, 1, 5)),
        ("1/5/98", "mdy", date(1998, 1, 5)),
        ("January 5, 2024 at 3:04 PM", "ymd", date(2024, 1, 5)),
        ("2024-Jan-05", "ymd", date(2024, 1, 5)),
        ("5 mei 2024", "ymd", date(2024, 5, 5)),
        ("5 de mayo de 2024", "ymd", date(2024, 5, 5)),
        ("5th of March 2024", "ymd", date(2024, 3, 5)),
        ("1er mars 2024", "ymd", date(2024, 3, 1)),
        ("2024. március 5.", "ymd", date(2024, 3, 5)),
        ("2024年3月5日", "ymd", date(2024, 3, 5)),
        ("Fri Jan 05 2024 10:00:00 GMT+0100 (CET)", "ymd", date(2024, 1, 5)),
        ("Fri, 05 Jan 2024 10:00:00 +0100", "ymd", date(2024, 1, 5)),
        ("Fri Jan  5 10:00:00 CET 2024", "ymd", date(2024, 1, 5)),
        ("1. Januar 2024 um 10:00", "ymd", date(2024, 1, 1)),
        ("\u200e5 Sept. 2024", "ymd", date(2024, 9, 5)),
    ],
)
def test_dates_are_parsed(text: str, order: str, day: date) -> None:
    assert dates.read_day(text, order, this_year=2026).day == day


@pytest.mark.parametrize(
    ("text", "order", "sentence"),
    [
        ("39.09.2010", "dmy", "calendar"),
        ("2023-02-29", "ymd", "calendar"),
        ("0026-01-05", "ymd", "in the year 0026"),
        ("1/5/0026", "mdy", "in the year 0026"),
        ("03/04/2024", "ymd", "year, month, day"),
        ("45123", "ymd", "day number"),
        ("soon", "ymd", "not a date"),
        ("May 2024", "ymd", "not a date"),
        ("Total 5 Jan 2024", "ymd", "not a date"),
        ("5 Foo 2024", "ymd", "not a date"),
    ],
)
def test_dates_refused_with_a_reason(text: str, order: str, sentence: str) -> None:
    assert sentence in present(dates.read_day(text, order, this_year=2026).problem).sentence


@pytest.mark.parametrize(
    ("vocabulary", "word", "value"),
    [
        ("frequency", "Fornightly", "biweekly"),
        ("frequency", "Semi-Annual", "semiannual"),
        ("frequency", "hourly", None),
        ("method", "Cheque", "check"),
        ("donor_kind", "Organization", "organisation"),
        ("pledge_status", "Canceled", "cancelled"),
        ("flag", "TRUE", "yes"),
        ("frequency", "semi_annual", "semiannual"),
        ("frequency", "bi weekly", "biweekly"),
        ("frequency", "Every-Month", "monthly"),
        ("frequency", "per annum", "annual"),
        ("frequency", "Halbjährlich", "semiannual"),
        ("frequency", "4x per year", "quarterly"),
        ("frequency", "12 times per year", "monthly"),
        ("frequency", "2x a month", "semimonthly"),
        ("frequency", "alle 3 Monate", "quarterly"),
        ("frequency", "pro Jahr", "annual"),
        ("frequency", "3x per year", None),
        ("frequency", "4 weekly", None),
        ("frequency", "Every Four Months", None),
        ("method", "Direct-Debit", "direct debit"),
        ("method", "Credit Card (Visa)", "card"),
        ("method", "Check #1234", "check"),
        ("method", "EFT/ACH", "direct debit"),
        ("method", "Cash / coins", "cash"),
        ("method", "Cash/Check", None),
        ("method", "Cash/Crypto", None),
        ("method", "Banküberweisung", "bank transfer"),
        ("gift_status", "requires_payment_method", "pending"),
        ("gift_status", "Partially Refunded", "partly refunded"),
        ("gift_status", "Geannuleerd", "cancelled"),
        ("gift_kind", "CK", None),
    ],
)
def test_choices_are_translated(vocabulary: str, word: str, value: str | None) -> None:
    assert choices.choose(vocabulary, word) == value


@given(
    st.sampled_from(sorted(choices.CHOICES)).flatmap(
        lambda name: st.tuples(st.just(name), st.sampled_from(sorted(choices.CHOICES[name])))
    ),
    st.sampled_from([str.upper, str.title, str]),
    st.sampled_from([" ", "-", "_", "  "]),
    st.sampled_from(["", ".", "\u200b", " "]),
)
def test_a_spelling_is_one_whatever_its_case_hyphens_and_marks(
    word: tuple[str, str], case: Callable[[str], str], gap: str, mark: str
) -> None:
    vocabulary, spelling = word
    written = case(spelling).replace(" ", gap) + mark
    # some letters have no capital of their own
    if choices.folded(written) == spelling:
        assert choices.choose(vocabulary, written) == choices.CHOICES[vocabulary][spelling]


@given(
    st.dates(date(1901, 1, 1), date(2099, 12, 31)),
    st.sampled_from("en de fr es pt nl it hu pl cs sv da fi ro".split()),  # noqa: SIM905
    st.sampled_from(
        ["d MMMM y", "d. MMM y", "dd-MMM-yyyy", "MMMM d, y", "y-MMM-dd", "y. MMMM d."]
    ),
)
def test_a_month_is_read_in_any_of_these_languages(day: date, language: str, pattern: str) -> None:
    cell = format_date(day, pattern, locale=language)
    assert dates.read_day(cell, "ymd", this_year=2026).day == day, cell


@given(
    st.integers(0, 10**9),
    st.sampled_from(
        ["{}", "{} €", "€ {}", "EUR {}", "{} EUR", "{} Euro", "\u200b{}", "\xa0{}\xa0"]
    ),
    st.sampled_from([",", "."]),
    st.booleans(),
)
def test_an_amount_is_read_in_every_notation(
    cents: int, around: str, mark: str, grouped: bool
) -> None:
    whole, part = divmod(cents, 100)
    written = f"{whole:,}" if grouped else str(whole)
    digits = written.replace(",", "." if mark == "," else ",")
    for tail in [f"{mark}{part:02}", *([f"{mark}-", f"{mark}--"] if not part else [])]:
        read = amounts.read_amount(around.format(digits + tail), mark)
        assert (read.milli, read.problem) == (cents * 10, None)
        assert read.symbol in {None, "EUR"}


@pytest.mark.parametrize(
    ("header", "currency"),
    [
        ("Amount (EUR)", "EUR"),
        ("Betrag (€)", "EUR"),
        ("Betrag in CHF", "CHF"),
        ("amount_usd", "USD"),
        ("Gift Amount ($)", "$"),
        ("Amount [GBP]", "GBP"),
        ("Amount", None),
        ("Amount (net)", None),
        ("Amount all", None),
        ("EUR", None),
        ("Date of birth", None),
    ],
)
def test_a_header_may_name_the_currency(header: str, currency: str | None) -> None:
    assert currencies.of_header(header)[1] == currency


DAY = date(2026, 3, 1)


def gift(
    number: int,
    minor: int = 5000,
    on: date = DAY,
    ext: str | None = None,
    left: int | None = None,
    who: str = "d1",
    currency: str = "USD",
) -> Original:
    return Original(
        number, None, who, minor, currency, on, ext, left if left is not None else minor
    )


@pytest.mark.parametrize(
    ("gifts", "expected"),
    [
        pytest.param([gift(1)], 1, id="the same amount"),
        pytest.param([gift(1), gift(2, on=date(2026, 3, 5))], 2, id="the latest one"),
        pytest.param([gift(1, on=date(2026, 5, 1))], None, id="not a later one"),
        pytest.param([gift(1, minor=6000)], None, id="not another amount"),
        pytest.param([gift(1, left=0)], None, id="not one already reversed"),
        pytest.param([gift(1, who="d2")], None, id="not another donor's"),
        pytest.param([gift(1, currency="EUR")], None, id="not another currency"),
    ],
)
def test_refund_finds_its_gift(gifts: list[Original], expected: int | None) -> None:
    pairs, lost = pair([Refund(9, "d1", 5000, "USD", date(2026, 4, 1))], gifts)
    assert [match.gift_id for match in pairs] == ([expected] if expected else [])
    assert lost == ([] if expected else [9])


def test_a_refund_that_names_its_gift_may_be_partial() -> None:
    pairs, lost = pair(
        [Refund(9, "d1", 2000, "USD", DAY, original_ext_id="T1")],
        [gift(1, ext="T1"), gift(2, minor=2000)],
    )
    assert [match.gift_id for match in pairs] == [1]
    assert not lost


def test_two_refunds_never_reverse_one_gift() -> None:
    refunds = [Refund(row, "d1", 5000, "USD", date(2026, 4, row)) for row in (1, 2)]
    pairs, lost = pair(refunds, [gift(1)])
    assert len(pairs) == 1
    assert lost == [2]


def test_a_refund_that_names_our_own_id_takes_no_other_gift_without_an_external_id() -> None:
    refund = Refund(9, "d1", 5000, "USD", date(2026, 6, 1), original_id=1)
    pairs, lost = pair([refund], [gift(1), gift(2, on=date(2026, 5, 1))])
    assert ([match.gift_id for match in pairs], lost) == ([1], [])


@pytest.mark.parametrize("donors", [1, 20_000])
@pytest.mark.parametrize("named", [True, False])
def test_reversing_twenty_thousand_gifts_takes_seconds(donors: int, named: bool) -> None:
    numbers = range(20_000)
    gifts = [
        gift(n, who=f"d{n % donors}", ext=f"T{n}", on=DAY + timedelta(days=n // 1000))
        for n in numbers
    ]
    refunds = [
        Refund(
            n,
            f"d{n % donors}",
            5000,
            "USD",
            DAY + timedelta(days=40),
            original_ext_id=f"T{n}" if named else None,
        )
        for n in numbers
    ]
    start = time.process_time()
    pairs, lost = pair(refunds, gifts)
    assert time.process_time() - start < 5
    assert len({match.gift_id for match in pairs}) == 20_000
    assert not lost


def test_currencies_are_those_of_today_and_those_replaced_since_2020() -> None:
    assert {"USD", "EUR", "SLE", "XCG", "ANG", "HRK"} <= CURRENCIES
    assert CURRENCIES.isdisjoint({"DEM", "ITL", "XAU", "XXX"})
