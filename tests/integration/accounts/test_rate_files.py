"""Files of rates: both tables of the European Central Bank, a plain one, and what is refused."""

from contextlib import suppress
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.orm import Session

from app import accounts
from app.accounts import rate_files
from app.accounts.rate_files import read_rates
from app.kit.errors import InvalidError, NotAllowedError
from app.kit.money import Money
from tests import factories as make

TODAY = date(2026, 11, 30)
DAY = date(2026, 11, 27)
ONE_DAY = b"Date, USD, JPY, CHF, RUB, \n27 November 2026, 1.1600, 181.25, 0.9280, N/A, \n"
HISTORY = (
    b"Date,USD,JPY,CHF,\n2026-11-27,1.1600,181.25,0.9280,\n2026-11-26,1.1550,N/A,0.9300,\n"
    b"1999-01-04,N/A,133.73,1.6168,\n"
)


def worth(data: bytes, base: str) -> dict[tuple[str, str], str]:
    file = read_rates(data, base=base, today=TODAY)
    return {
        (currency, day.isoformat()): f"{rate:f}" for (currency, day), rate in file.rates.items()
    }


def test_the_table_of_a_day_is_turned_around_for_euros() -> None:
    assert worth(ONE_DAY, "EUR") == {
        ("USD", "2026-11-27"): "0.86206897",
        ("JPY", "2026-11-27"): "0.00551724",
        ("CHF", "2026-11-27"): "1.07758621",
    }


def test_other_currencies_get_cross_rates() -> None:
    file = read_rates(HISTORY, base="USD", today=TODAY)
    assert {key: str(rate) for key, rate in file.rates.items()} == {
        ("EUR", DAY): "1.16",
        ("JPY", DAY): "0.0064",
        ("CHF", DAY): "1.25",
        ("EUR", date(2026, 11, 26)): "1.155",
        ("CHF", date(2026, 11, 26)): "1.24193548",
    }
    assert file.left_out == ("1 day without a rate of USD, your currency.",)


@given(st.decimals("0.0001", "100000", places=4), st.decimals("0.0001", "100000", places=4))
def test_a_cross_rate_is_the_exact_quotient_rounded_once(base: Decimal, other: Decimal) -> None:
    data = f"Date,CHF,SEK\n2026-11-27,{base:f},{other:f}\n".encode()
    exact = base / other
    if exact >= Decimal("0.000000005"):
        rate = read_rates(data, base="CHF", today=TODAY).rates["SEK", DAY]
        assert abs(rate - exact) <= Decimal("0.0000000051")


def test_a_plain_table_in_any_order_with_any_delimiter() -> None:
    expected = {("CHF", "2026-11-27"): "1.25", ("SEK", "2026-11-01"): "0.1"}
    for data in (
        b"currency,day,rate\nCHF,2026-11-27,1.25\nsek,2026-11-01,0.10\n",
        b"\xef\xbb\xbfRate;Date;Currency;Note\n1.25;2026-11-27;CHF;x\n0.1;2026-11-01;SEK;\n",
        b"currency\tday\trate\r\nCHF\t27 November 2026\t1.25\r\n\r\nSEK\t2026-11-01\t0.1\r\n",
        # the same rate twice is one
        b"currency,day,rate\nCHF,2026-11-27,1.25\nCHF,2026-11-27,1.250\nSEK,2026-11-01,0.1\n",
    ):
        assert worth(data, "USD") == expected


CODES = """
    AUD BGN BRL CAD CHF CNY CYP CZK DKK EEK GBP HKD HRK HUF IDR ILS INR ISK JPY KRW LTL LVL MTL
    MXN MYR NOK NZD PHP PLN ROL RON RUB SEK SGD SIT SKK THB TRL TRY ZAR
"""
PLAIN = b"currency,day,rate\n"


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "The file is empty."),
        (b"\n \n", "The file is empty."),
        (PLAIN, "The file has no rate."),
        (b"Date,USD,CHF\n", "The file has no rate."),
        (b"Date,USD,CHF\n2026-11-27,N/A,1.1\n", "1 day without a rate of USD"),
        (b"Date,JPY,CHF\n2026-11-27,180,1.1\n", "no rates of USD, your currency"),
        (b"name,email\nRuth,ruth@example.org\n", "not a table of exchange rates"),
        (b"\x89PNG\r\n\x1a\n\0\0\0", "not a table of exchange rates"),
        (b"currency,day,rate\0\n", "not a table of exchange rates"),
        ("währung,tag,kurs\n".encode("latin-1"), "not a table of exchange rates"),
        (b"PK\x03\x04 zip", "zip file"),
        (b"x" * (rate_files.MAX_BYTES + 1), "larger than 10 MB"),
        (PLAIN + b'"' + b"x" * 200_000, "not a table of exchange rates"),
        (PLAIN + b"CHF,2026-11-27,0\n", "Row 2: The rate must be a number above 0"),
        (PLAIN + b"CHF,2026-11-27,-1\n", "Row 2: The rate must be a number above 0"),
        (PLAIN + b"CHF,2026-11-27,abc\n", "Row 2: The rate must be a number above 0"),
        (PLAIN + b"CHF,2026-11-27,NaN\n", "Row 2: The rate must be a number above 0"),
        (PLAIN + b'CHF,2026-11-27,"1,1"\n', "Row 2: The rate must be a number above 0"),
        (PLAIN + b"CHF,2026-11-27\n", "Row 2: The rate must be a number above 0"),
        (PLAIN + b"CHF,2026-11-27,1.123456789\n", "more than 8 decimals"),
        (PLAIN + b"CHF,2030-01-01,1.1\n", "2030-01-01 is more than a year ahead"),
        (PLAIN + b"CHF,0026-11-27,1.1\n", "The year 0026 cannot be right"),
        (PLAIN + b"CHF,27.11.2026,1.1\n", "“27.11.2026” is no day"),
        (PLAIN + b"USD,2026-11-27,1.1\n", "the organisation's own currency"),
        (PLAIN + b"XXY,2026-11-27,1.1\n", "XXY is not a currency we know"),
        (
            PLAIN + b"CHF,2026-11-27,1.1\nCHF,2026-11-27,1.2\n",
            "Row 3: CHF has another rate for 2026-11-27",
        ),
        (b"Date,USD,CHF\n2026-11-27,1.1,zero\n", "Row 2: “zero” is not a rate above 0."),
        (b"Date,USD,CHF\n2026-11-27,1.1,0\n", "Row 2: “0” is not a rate above 0."),
        (b"Date,USD,CHF\nyesterday,1.1,1\n", "Row 2: “yesterday” is no day"),
        (b"Date,USD,CHF\n2030-01-01,1.1,1\n", "more than a year ahead"),
    ],
)
def test_a_file_that_cannot_be_used_says_why(data: bytes, sentence: str) -> None:
    with pytest.raises(InvalidError) as refused:
        read_rates(data, base="USD", today=TODAY)
    assert sentence in str(refused.value)
    assert len(str(refused.value)) < 4_000


def test_the_unusable_rows_are_counted_and_the_first_are_named() -> None:
    rows = b"".join(b"CHF,2026-11-27,abc\n" for _ in range(30))
    with pytest.raises(InvalidError) as refused:
        read_rates(PLAIN + b"SEK,2026-11-27,0.1\n" + rows, base="USD", today=TODAY)
    lines = str(refused.value).splitlines()
    assert lines[0] == "Nothing was saved: 30 rows of the file cannot be used."
    assert lines[1].startswith("Row 3: ")
    assert (len(lines), lines[-1]) == (22, "and 10 more.")


def test_an_unknown_column_is_left_out_and_said() -> None:
    file = read_rates(b"Date,USD,XXY\n2026-11-27,1.1,3\n", base="USD", today=TODAY)
    assert set(file.rates) == {("EUR", DAY)}
    assert file.left_out == ("A column: XXY is not a currency we know.",)


@given(st.binary(max_size=200))
def test_any_bytes_are_rates_or_a_sentence(data: bytes) -> None:
    for content in (data, PLAIN + data, b"Date,USD,CHF\n" + data):
        with suppress(InvalidError):
            assert read_rates(content, base="USD", today=TODAY).rates


@pytest.fixture
def ada(db: Session) -> accounts.Actor:
    make.organisation(db)
    return make.person(db, "admin")


def test_the_same_file_again_changes_nothing(db: Session, ada: accounts.Actor) -> None:
    first = accounts.import_exchange_rates(db, ada, data=HISTORY, today=TODAY)
    assert first.sentence == "5 rates: 5 new."
    assert first.currencies == ("CHF", "EUR", "JPY")
    entries = text("select sentence from activity where action = 'exchange_rate.imported'")
    assert db.scalars(entries).all() == ["Imported exchange rates. 5 rates: 5 new"]
    again = accounts.import_exchange_rates(db, ada, data=HISTORY, today=TODAY)
    assert again.sentence == "Nothing changed: 5 rates already here."
    assert len(db.scalars(entries).all()) == 1
    other = HISTORY.replace(b"1.1550", b"1.1650") + b"2026-11-25,1.15,,,\n"
    changed = accounts.import_exchange_rates(db, ada, data=other, today=TODAY)
    assert changed.sentence == "6 rates: 1 new, 2 corrected, 3 here already."


def test_a_file_with_one_bad_row_saves_nothing(db: Session, ada: accounts.Actor) -> None:
    bad = PLAIN + b"CHF,2026-11-27,1.1\nCHF,2026-11-28,abc\n"
    with pytest.raises(InvalidError, match="Nothing was saved: 1 row"):
        accounts.import_exchange_rates(db, ada, data=bad, today=TODAY)
    assert accounts.exchange_rates(db, ada) == []


@pytest.mark.parametrize("role", ["fundraiser", "supervisor", "coach", "finance", "read_only"])
def test_only_an_administrator_imports_and_deletes(db: Session, role: str) -> None:
    make.organisation(db)
    user = make.person(db, role)
    with pytest.raises(NotAllowedError):
        accounts.import_exchange_rates(db, user, data=HISTORY, today=TODAY)
    with pytest.raises(NotAllowedError):
        accounts.delete_exchange_rate(db, user, currency="CHF", day=DAY)
    with pytest.raises(NotAllowedError):
        accounts.exchange_rate_currencies(db, user)


def test_rates_are_listed_by_currency_page_by_page(db: Session, ada: accounts.Actor) -> None:
    accounts.import_exchange_rates(db, ada, data=HISTORY, today=TODAY)
    newest = accounts.exchange_rate_currencies(db, ada)
    assert [(line.currency, line.day, str(line.rate), line.rates) for line in newest] == [
        ("CHF", DAY, "1.25", 2),
        ("EUR", DAY, "1.16", 2),
        ("JPY", DAY, "0.0064", 1),
    ]
    first = accounts.exchange_rates(db, ada, limit=3)
    assert [(line.currency, line.day.day, line.until and line.until.day) for line in first] == [
        ("CHF", 27, None),
        ("CHF", 26, 26),
        ("EUR", 27, None),
    ]
    rest = accounts.exchange_rates(db, ada, before=(first[-1].currency, first[-1].day))
    assert [(line.currency, line.day.day) for line in rest] == [("EUR", 26), ("JPY", 27)]


def test_the_whole_history_is_read_and_saved_in_seconds(
    db: Session, ada: accounts.Actor, tmp_path: Path
) -> None:
    """As long as the bank's file: every working day since 1999 in forty currencies."""
    codes = CODES.split()[:39]
    header = ",".join(["Date", "USD", *codes])
    days = (date.fromordinal(TODAY.toordinal() - number) for number in range(7_000))
    rows = [f"{day},1.1," + ",".join(["1.2345"] * len(codes)) for day in days]
    data = "\n".join([header, *rows]).encode()
    donor = make.donor(db, ada)
    make.gift(db, donor, "100", DAY, currency="CHF")
    changes = accounts.import_exchange_rates(db, ada, data=data, today=TODAY)
    assert changes.added == 7_000 * 40
    [gifts] = changes.gifts
    assert (gifts.currency, gifts.gifts, Money(gifts.after, "USD")) == (
        "CHF",
        1,
        Money.of("89.10", "USD"),
    )
