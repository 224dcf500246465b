"""Exchange rates: set by an administrator, they hold until the day of a later one."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app import accounts
from app.db.exchange_rates import to_base
from app.kit.errors import InvalidError, NotAllowedError
from app.kit.money import Money
from tests import factories

DAY = date(2026, 3, 1)
TODAY = date(2026, 11, 23)


@pytest.fixture
def ada(db: Session) -> accounts.Actor:
    factories.organisation(db)
    return factories.person(db, "admin")


def test_a_rate_holds_until_the_day_of_a_later_one(db: Session, ada: accounts.Actor) -> None:
    accounts.set_exchange_rate(db, ada, currency="EUR", day=DAY, rate="1.085", today=TODAY)
    accounts.set_exchange_rate(
        db, ada, currency="EUR", day=date(2026, 4, 1), rate=Decimal("1.1"), today=TODAY
    )
    euros = Money.of(100, "EUR")
    assert to_base(db, euros, DAY) == Money.of("108.50", "USD")
    assert to_base(db, euros, date(2026, 3, 31)) == Money.of("108.50", "USD")
    assert to_base(db, euros, date(2026, 4, 1)) == Money.of(110, "USD")
    assert to_base(db, euros, date(2026, 2, 28)) is None


def test_a_rate_of_the_same_day_is_replaced_and_audited(db: Session, ada: accounts.Actor) -> None:
    for rate in ("1.085", "1.0850", "0.00000001"):
        accounts.set_exchange_rate(db, ada, currency="EUR", day=DAY, rate=rate, today=TODAY)
    [line] = accounts.exchange_rates(db, ada)
    assert (line.currency, line.day, f"{line.rate:f}") == ("EUR", DAY, "0.00000001")
    entries = db.execute(
        text(
            "select sentence, before, after->>'rate' from activity "
            "where action = 'exchange_rate.set' order by id desc limit 1"
        )
    ).all()
    sentence = "Set the exchange rate of 2026-03-01: 1 EUR = 0.00000001 USD"
    assert [tuple(entry) for entry in entries] == [(sentence, {"rate": "1.085"}, "0.00000001")]


@pytest.mark.parametrize(
    "wrong",
    [
        {"rate": "0"},
        {"rate": "-1.1"},
        {"rate": "1,1"},
        {"rate": "NaN"},
        {"rate": "Infinity"},
        {"rate": "1e30"},
        {"rate": "0.000000001"},
        {"rate": ""},
        {"currency": "USD"},
        {"currency": "XXY"},
        {"currency": "eur"},
        {"day": date(1, 1, 1)},
        {"day": date(9999, 12, 31)},
        {"day": date(2027, 11, 25)},
        {"rate": "1.123456789"},
        {"rate": Decimal("1.123456789")},
        {"rate": Decimal("NaN")},
        {"rate": Decimal(-1)},
        {"rate": "1_000"},
        {"rate": "abc"},
    ],
)
def test_an_impossible_rate_is_refused(
    db: Session, ada: accounts.Actor, wrong: dict[str, object]
) -> None:
    values: dict[str, object] = {
        "currency": "EUR",
        "day": DAY,
        "rate": "1.1",
        "today": TODAY,
    }
    with pytest.raises(InvalidError):
        accounts.set_exchange_rate(db, ada, **values | wrong)  # type: ignore[arg-type]
    assert accounts.exchange_rates(db, ada) == []


@pytest.mark.parametrize("role", ["fundraiser", "supervisor", "coach", "finance", "read_only"])
def test_only_an_administrator_sets_rates(db: Session, role: str) -> None:
    factories.organisation(db)
    somebody = factories.person(db, role)
    with pytest.raises(NotAllowedError):
        accounts.set_exchange_rate(db, somebody, currency="EUR", day=DAY, rate="1.1", today=TODAY)
    with pytest.raises(NotAllowedError):
        accounts.exchange_rates(db, somebody)
