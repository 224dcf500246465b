"""Any sequence of rates, gifts and reversals leaves what a fresh conversion would give."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from threading import Event

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import URL, text
from sqlalchemy.orm import Session

from app import accounts, gifts
from app.db import aggregate_check, exchange_rates, transaction_for_system
from app.db.models import Gift
from app.gifts import Part, rules
from app.kit.errors import ConflictError, InvalidError, NotFoundError
from app.kit.money import Money, exponent
from tests import factories as make

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
TODAY = NOW.date()
FIRST = date(2026, 1, 1)
CURRENCIES = ("CHF", "JPY", "KWD")


def days() -> st.SearchStrategy[date]:
    return st.integers(0, 9).map(lambda days: FIRST + timedelta(days=days))


CURRENCY = st.sampled_from(CURRENCIES)
RATES = st.decimals("0.00000001", "200", places=8) | st.sampled_from(
    [Decimal("0.5"), Decimal("1.5"), Decimal("0.005"), Decimal("0.125")]
)
ACTIONS = st.one_of(
    st.tuples(st.just("set"), CURRENCY, days(), RATES),
    st.tuples(st.just("delete"), CURRENCY, days(), st.none()),
    st.tuples(
        st.just("gift"),
        CURRENCY | st.just("USD"),
        days(),
        st.lists(st.integers(1, 10**6), min_size=1, max_size=3),
    ),
    st.tuples(st.just("reverse"), st.integers(0, 20), days(), st.integers(1, 100)),
    st.tuples(st.just("correct"), st.integers(0, 20), days(), st.integers(1, 10**6)),
)


def converted(minor: int, currency: str, day: date, rates: dict[tuple[str, date], Decimal]) -> int:
    """Convert as the documentation says; a gift without a rate is worth zero."""
    if currency == "USD":
        return minor
    known = [on for code, on in rates if code == currency and on <= day]
    if not known:
        return 0
    worth = Decimal(minor).scaleb(-exponent(currency)) * rates[currency, max(known)] * 100
    return int(worth.to_integral_value(ROUND_HALF_EVEN))


def assert_fresh(db: Session, rates: dict[tuple[str, date], Decimal]) -> None:
    """Compare every gift, reversal and split with a conversion in Python."""
    db.expire_all()
    stored = db.query(Gift).order_by(Gift.id).all()
    for gift in (gift for gift in stored if gift.kind == "gift"):
        base = converted(gift.amount_minor, gift.currency, gift.gift_date, rates)
        waits = gift.currency != "USD" and not any(
            code == gift.currency and on <= gift.gift_date for code, on in rates
        )
        assert (gift.base_minor, gift.awaiting_rate) == (base, waits)
        upto = 0
        for reversal in (each for each in stored if each.reverses_id == gift.id):
            before, upto = upto, upto - reversal.amount_minor
            share = base * upto // gift.amount_minor - base * before // gift.amount_minor
            assert (-reversal.base_minor, reversal.awaiting_rate) == (share, waits)
            assert split(db, reversal.id) == expected_split(db, reversal)
        assert split(db, gift.id) == expected_split(db, gift)
        assert gift.returned_base_minor == base * upto // gift.amount_minor
        if upto == gift.amount_minor:
            assert gift.returned_base_minor == gift.base_minor
    assert aggregate_check.differences(db) == {}


def split(db: Session, gift_id: int) -> list[int]:
    rows = db.execute(
        text("select base_minor from gift_line where gift_id = :id order by id"), {"id": gift_id}
    )
    return list(rows.scalars())


def expected_split(db: Session, gift: Gift) -> list[int]:
    amounts = db.execute(
        text("select amount_minor from gift_line where gift_id = :id order by id"),
        {"id": gift.id},
    )
    weights = [abs(minor) for minor in amounts.scalars()]
    sign = 1 if gift.kind == "gift" else -1
    shares = rules.share_out(abs(gift.base_minor), weights) if weights else []
    return [sign * share for share in shares]


class World:
    """The actions of a sequence on one database."""

    def __init__(self, db: Session) -> None:
        make.organisation(db)
        self.db, self.ada = db, make.person(db, "admin")
        self.donor = make.donor(db, self.ada)
        self.funds = [make.fund(db) for _ in range(3)]
        self.rates: dict[tuple[str, date], Decimal] = {}
        self.gifts: list[int] = []

    def set(self, currency: str, day: date, rate: Decimal) -> None:
        accounts.set_exchange_rate(
            self.db, self.ada, currency=currency, day=day, rate=rate, today=TODAY
        )
        self.rates[currency, day] = rate

    def delete(self, currency: str, day: date, _none: None) -> None:
        if (currency, day) in self.rates:
            accounts.delete_exchange_rate(self.db, self.ada, currency=currency, day=day)
            del self.rates[currency, day]

    def gift(self, currency: str, day: date, parts: list[int]) -> None:
        splits = [
            Part(Money(minor, currency), fund_id=fund)
            for minor, fund in zip(parts, self.funds, strict=False)
        ]
        recorded = gifts.record(
            self.db,
            self.ada,
            donor_id=self.donor,
            amount=Money(sum(parts), currency),
            on=day,
            splits=splits if len(splits) > 1 else (),
            today=TODAY,
            now=NOW,
        )
        self.gifts.append(recorded.gift_id)

    def reverse(self, number: int, day: date, percent: int) -> None:
        gift = self._gift(number)
        if gift is None:
            return
        left = gift.left_minor
        minor = max(1, left * percent // 100)
        if left and day >= gift.gift_date:
            gifts.reverse(
                self.db,
                self.ada,
                gift_id=gift.id,
                amount=Money(minor, gift.currency),
                on=day,
                today=TODAY,
                now=NOW,
            )

    def correct(self, number: int, day: date, minor: int) -> None:
        gift = self._gift(number)
        if gift is None or gift.returned_minor or split(self.db, gift.id):
            return
        gifts.correct(
            self.db,
            self.ada,
            gift_id=gift.id,
            version=gift.version,
            amount=Money(minor, gift.currency),
            on=day,
            method=None,
            fund_id=None,
            campaign_id=None,
            pledge_id=None,
            note=None,
            today=TODAY,
            now=NOW,
        )

    def _gift(self, number: int) -> Gift | None:
        self.db.expire_all()
        return self.db.get(Gift, self.gifts[number % len(self.gifts)]) if self.gifts else None


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(actions=st.lists(ACTIONS, min_size=4, max_size=16))
def test_any_sequence_equals_a_fresh_conversion(
    db: Session, actions: list[tuple[str, object, object, object]]
) -> None:
    with db.begin_nested() as savepoint:
        world = World(db)
        for name, *arguments in actions:
            getattr(world, name)(*arguments)
        assert_fresh(db, world.rates)
        savepoint.rollback()
    db.expire_all()


@pytest.fixture
def world(db: Session) -> World:
    return World(db)


def total(db: Session) -> int:
    return int(db.scalar(text("select coalesce(sum(total_minor), 0) from donor_year")) or 0)


def test_a_gift_waits_until_its_rate_arrives(db: Session, world: World) -> None:
    world.gift("CHF", date(2026, 1, 5), [10_000, 5_000])
    world.gift("CHF", date(2026, 1, 9), [2_000])
    [waiting] = gifts.awaiting_rate(db, world.ada)
    assert (waiting.currency, waiting.gifts, str(waiting.amount)) == ("CHF", 2, "170.00")
    assert (waiting.first, waiting.last) == (date(2026, 1, 5), date(2026, 1, 9))
    assert gifts.awaiting_note([waiting], locale="en_US") == (
        "2 gifts (CHF170) wait for a rate and are not counted."
    )
    page = gifts.page(db, world.ada, filter=gifts.GiftFilter(awaiting_rate=True))
    assert [line.awaiting_rate for line in page.lines] == [True, True]
    assert (page.total, total(db)) == (Money(0, "USD"), 0)
    # a rate from the 6th on concerns the later gift alone
    changes = accounts.set_exchange_rate(
        db, world.ada, currency="CHF", day=date(2026, 1, 6), rate="1.1", today=TODAY
    )
    assert changes.gift_sentences == ("1 gift in CHF: from $0 to $22; 1 waited for a rate.",)
    assert total(db) == 2_200
    changes = accounts.set_exchange_rate(
        db, world.ada, currency="CHF", day=FIRST, rate="1.2", today=TODAY
    )
    assert changes.gift_sentences == ("1 gift in CHF: from $0 to $180; 1 waited for a rate.",)
    assert total(db) == 20_200
    assert gifts.awaiting_rate(db, world.ada) == ()


def test_a_correction_concerns_the_days_until_the_next_rate(db: Session, world: World) -> None:
    for day in (5, 10, 20):
        world.set("CHF", date(2026, 1, day), Decimal(1))
    for day in (5, 9, 10, 20):
        world.gift("CHF", date(2026, 1, day), [10_000])
    changes = accounts.set_exchange_rate(
        db, world.ada, currency="CHF", day=date(2026, 1, 5), rate="2", today=TODAY
    )
    assert changes.gift_sentences == ("2 gifts in CHF: from $200 to $400.",)
    entry = db.execute(
        text(
            "select sentence, before, after from activity"
            " where action = 'exchange_rate.set' order by id desc limit 1"
        )
    ).one()
    assert entry.sentence == (
        "Set the exchange rate of 2026-01-05: 1 CHF = 2 USD; 2 gifts in CHF: from $200 to $400"
    )
    assert entry.before == {"rate": "1"}
    assert entry.after["converted"] == [
        {"currency": "CHF", "gifts": 2, "from": "200.00", "to": "400.00"}
    ]


def test_a_deleted_rate_leaves_its_gifts_to_the_one_before_or_waiting(
    db: Session, world: World
) -> None:
    world.set("CHF", date(2026, 1, 5), Decimal(2))
    world.set("CHF", date(2026, 1, 10), Decimal(3))
    world.gift("CHF", date(2026, 1, 12), [10_000])
    changes = accounts.delete_exchange_rate(db, world.ada, currency="CHF", day=date(2026, 1, 10))
    assert changes.gift_sentences == ("1 gift in CHF: from $300 to $200.",)
    changes = accounts.delete_exchange_rate(db, world.ada, currency="CHF", day=date(2026, 1, 5))
    assert changes.gift_sentences == (
        "1 gift in CHF: from $200 to $0; 1 without a rate and in no sum.",
    )
    assert [waiting.gifts for waiting in gifts.awaiting_rate(db, world.ada)] == [1]
    with pytest.raises(NotFoundError):
        accounts.delete_exchange_rate(db, world.ada, currency="CHF", day=date(2026, 1, 5))
    actions = text(
        "select action from activity where entity = 'exchange_rate' order by id desc limit 2"
    )
    assert db.scalars(actions).all() == ["exchange_rate.deleted"] * 2


def test_a_dry_run_changes_nothing(db: Session, world: World) -> None:
    world.set("CHF", FIRST, Decimal(2))
    world.gift("CHF", date(2026, 1, 5), [10_000])
    entries = db.scalar(text("select count(*) from activity"))
    changed = accounts.set_exchange_rate(
        db, world.ada, currency="CHF", day=FIRST, rate="3", today=TODAY, dry_run=True
    )
    deleted = accounts.delete_exchange_rate(db, world.ada, currency="CHF", day=FIRST, dry_run=True)
    imported = accounts.import_exchange_rates(
        db,
        world.ada,
        data=b"currency,day,rate\nCHF,2026-01-01,4\n",
        today=TODAY,
        dry_run=True,
    )
    assert [each.gift_sentences for each in (changed, deleted, imported)] == [
        ("1 gift in CHF: from $200 to $300.",),
        ("1 gift in CHF: from $200 to $0; 1 without a rate and in no sum.",),
        ("1 gift in CHF: from $200 to $400.",),
    ]
    assert_fresh(db, world.rates)
    assert db.scalar(text("select count(*) from activity")) == entries


def test_a_rate_that_makes_a_gift_too_large_is_refused(db: Session, world: World) -> None:
    world.gift("CHF", FIRST, [10**14])
    for rate in ("9999999999", "100"):
        with pytest.raises(InvalidError, match="larger than any amount"), db.begin_nested():
            accounts.set_exchange_rate(
                db, world.ada, currency="CHF", day=FIRST, rate=rate, today=TODAY
            )
    assert accounts.exchange_rates(db, world.ada) == []
    world.set("KWD", FIRST, Decimal(9_999_999_999))
    with pytest.raises(InvalidError, match="larger than any amount"), db.begin_nested():
        world.gift("KWD", FIRST, [10**14])
    assert_fresh(db, world.rates)


def test_a_currency_that_waits_is_shown_to_those_who_see_the_gift(
    db: Session, world: World
) -> None:
    ruth, sam, coach = make.person(db), make.person(db), make.person(db, "coach")
    make.looks_after(db, coach, ruth, "coach")
    gifts.record(
        db,
        ruth,
        donor_id=make.donor(db, ruth),
        amount=Money.of(50, "CHF"),
        on=FIRST,
        today=TODAY,
        now=NOW,
    )
    assert [line.gifts for line in gifts.awaiting_rate(db, ruth)] == [1]
    assert gifts.awaiting_rate(db, sam) == ()
    assert gifts.awaiting_rate(db, coach) == ()


def test_the_example_on_the_screen_equals_the_conversion_of_a_gift(
    db: Session, world: World
) -> None:
    for number, (currency, rate) in enumerate(
        [("CHF", "1.085"), ("JPY", "0.00655"), ("KWD", "3.2512345"), ("CHF", "0.00005")]
    ):
        day = FIRST + timedelta(days=number)
        world.set(currency, day, Decimal(rate))
        world.gift(currency, day, [Money.of(100, currency).minor])
        stored = db.get_one(Gift, world.gifts[-1]).base_minor
        worth = accounts.worth_at_rate(Money.of(100, currency), rate, "USD")
        assert worth == Money(stored, "USD")


def test_a_rate_waits_for_gifts_that_are_being_written(
    database: URL, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A gift that is not committed yet would not be converted by a rate that arrives meanwhile."""
    monkeypatch.setattr(exchange_rates, "_TRIES", 2)
    with transaction_for_system() as other:
        make.organisation(other)
        ada = make.person(other, "admin")
        donor = make.donor(other, ada)

    def set_rate() -> None:
        with transaction_for_system() as db:
            accounts.set_exchange_rate(db, ada, currency="CHF", day=FIRST, rate="1.1", today=TODAY)

    with transaction_for_system() as writing:
        recorded = gifts.record(
            writing,
            ada,
            donor_id=donor,
            amount=Money.of(50, "CHF"),
            on=FIRST,
            today=TODAY,
            now=NOW,
        )
        with pytest.raises(ConflictError, match="are being written"):
            set_rate()
    set_rate()
    with transaction_for_system() as db:
        gift = db.get_one(Gift, recorded.gift_id)
        assert (gift.base_minor, gift.awaiting_rate) == (5500, False)


def test_a_gift_waits_for_a_rate_that_is_being_changed(database: URL) -> None:
    with transaction_for_system() as db:
        make.organisation(db)
        ada = make.person(db, "admin")
        donor = make.donor(db, ada)
    started = Event()

    def record() -> tuple[int, bool]:
        with transaction_for_system() as db:
            started.set()
            recorded = gifts.record(
                db,
                ada,
                donor_id=donor,
                amount=Money.of(50, "CHF"),
                on=FIRST,
                today=TODAY,
                now=NOW,
            )
            gift = db.get_one(Gift, recorded.gift_id)
            return gift.base_minor, gift.awaiting_rate

    with ThreadPoolExecutor(1) as pool:
        with transaction_for_system() as db:
            accounts.set_exchange_rate(db, ada, currency="CHF", day=FIRST, rate="1.1", today=TODAY)
            gift = pool.submit(record)
            started.wait(10)
            with pytest.raises(TimeoutError):
                gift.result(timeout=1)
        assert gift.result(timeout=30) == (5500, False)
