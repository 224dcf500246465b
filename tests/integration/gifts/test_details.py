"""Fee, receipt, cheque, tribute and parts of a gift: recorded, corrected, audited, converted."""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from functools import partial

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.orm import Session

from app import gifts
from app.accounts import Actor
from app.db.models import Activity, ExchangeRate
from app.gifts import GiftDetails, GiftFilter, Part
from app.gifts.queries import details as details_queries
from app.kit.dates.days import month_of
from app.kit.errors import InvalidError
from app.kit.money import Money
from tests import factories as make
from tests.values import usd

DAY = date(2026, 11, 2)
ALL = GiftDetails(
    fee=usd("1.45"),
    receipt=False,
    check_number="1042",
    tribute="in memory of",
    tribute_name="Edna Reed",
    notify_name="Tom Reed",
    notify_address="1 Quay\nHull",
)


@pytest.fixture
def record(
    db: Session, ruth: Actor, donor: int, today: date, now: datetime
) -> Callable[..., gifts.RecordedGift]:
    return partial(gifts.record, db, ruth, donor_id=donor, on=DAY, today=today, now=now)


@pytest.fixture
def correct(db: Session, ruth: Actor, today: date, now: datetime) -> Callable[..., None]:
    return partial(
        gifts.correct,
        db,
        ruth,
        on=DAY,
        method=None,
        fund_id=None,
        campaign_id=None,
        pledge_id=None,
        note=None,
        today=today,
        now=now,
    )


def checked(db: Session) -> None:
    """Let the database add up the parts, as it does at the end of a transaction."""
    db.execute(text("set constraints all immediate"))
    db.execute(text("set constraints all deferred"))


def test_the_details_are_recorded_and_the_fee_reduces_no_sum(
    db: Session, ruth: Actor, record: Callable[..., gifts.RecordedGift]
) -> None:
    plain = record(amount=usd("20")).gift_id
    gift = record(amount=usd("50"), details=ALL).gift_id
    line = gifts.get(db, ruth, gift)
    assert (line.details, line.net) == (ALL, usd("48.55"))
    assert (gifts.get(db, ruth, plain).details, gifts.get(db, ruth, plain).net) == (
        GiftDetails(),
        usd("20"),
    )
    assert gifts.page(db, ruth, filter=GiftFilter()).total == usd("70")


@pytest.mark.parametrize(
    ("details", "sentence"),
    [
        (GiftDetails(fee=usd("50.01")), r"The fee of 50\.01 is more than the gift of 50\.00"),
        (GiftDetails(fee=Money(1, "EUR")), "its fee is in USD"),
        (GiftDetails(tribute="in honour of"), "in honour of whom the gift is"),
        (GiftDetails(tribute_name="Edna"), "in honour or in memory"),
        (GiftDetails(check_number="1" * 51), "The number of the cheque"),
    ],
)
def test_details_that_cannot_be_right_are_refused_and_nothing_is_recorded(
    db: Session,
    record: Callable[..., gifts.RecordedGift],
    details: GiftDetails,
    sentence: str,
) -> None:
    with pytest.raises(InvalidError, match=sentence):
        record(amount=usd("50"), details=details)
    assert db.scalar(text("select count(*) from gift")) == 0


def test_a_correction_changes_the_details_or_leaves_them(
    db: Session,
    ruth: Actor,
    record: Callable[..., gifts.RecordedGift],
    correct: Callable[..., None],
) -> None:
    gift = record(amount=usd("50"), details=ALL).gift_id
    correct(gift_id=gift, version=1, amount=usd("51"))
    assert gifts.get(db, ruth, gift).details == ALL
    correct(gift_id=gift, version=2, amount=usd("51"), details=GiftDetails(check_number="7"))
    assert gifts.get(db, ruth, gift).details == GiftDetails(check_number="7")
    statement = select(Activity.before, Activity.after).where(Activity.action == "gift.corrected")
    before, after = db.execute(statement.order_by(Activity.id.desc()).limit(1)).one()
    assert (before["fee"], before["check_number"], before["receipt_wanted"]) == (
        "1.45",
        "1042",
        False,
    )
    assert ("fee" in after, after["check_number"], after["receipt_wanted"]) == (False, "7", True)
    # an erasure could not find names in the audit log
    assert "Edna" not in str((before, after))


def test_a_gift_is_split_and_made_whole_again(
    db: Session,
    ruth: Actor,
    record: Callable[..., gifts.RecordedGift],
    correct: Callable[..., None],
) -> None:
    wells, roof, easter = make.fund(db, "Wells"), make.fund(db, "Roof"), make.campaign(db)
    gift = record(amount=usd("100"), fund_id=wells).gift_id
    parts = (Part(usd("70"), wells, easter), Part(usd("40"), roof))
    with pytest.raises(InvalidError, match=r"come to 110\.00, the gift to 100\.00: 10\.00 is too"):
        correct(gift_id=gift, version=1, amount=usd("100"), splits=parts)
    correct(gift_id=gift, version=1, amount=usd("110"), splits=parts)
    checked(db)
    line = gifts.get(db, ruth, gift)
    assert (line.fund, line.fund_id, line.amount) == ("Wells, Roof", None, usd("110"))
    assert gifts.parts(db, ruth, [gift]) == {gift: parts}
    assert gifts.received(db, ruth, span=month_of(DAY), fund_id=roof) == usd("40")
    # a correction that says nothing about the parts keeps them
    correct(gift_id=gift, version=2, amount=usd("110"), method="cash")
    assert gifts.parts(db, ruth, [gift]) == {gift: parts}
    correct(gift_id=gift, version=3, amount=usd("110"), fund_id=roof, splits=())
    checked(db)
    assert (gifts.parts(db, ruth, [gift]), gifts.get(db, ruth, gift).fund) == ({}, "Roof")


def test_the_parts_of_a_gift_that_was_taken_back_stay(
    db: Session,
    ruth: Actor,
    record: Callable[..., gifts.RecordedGift],
    correct: Callable[..., None],
    today: date,
    now: datetime,
) -> None:
    parts = (Part(usd("70"), make.fund(db)), Part(usd("30")))
    gift = record(amount=usd("100"), splits=parts).gift_id
    gifts.reverse(db, ruth, gift_id=gift, on=today, amount=usd("10"), today=today, now=now)
    with pytest.raises(InvalidError, match="keeps its amount"):
        correct(gift_id=gift, version=1, amount=usd("100"), splits=())
    correct(gift_id=gift, version=1, amount=usd("100"), splits=parts, note="Bounced in part")
    checked(db)
    assert gifts.parts(db, ruth, [gift]) == {gift: parts}


def test_a_closed_fund_stays_in_a_split_and_enters_no_other(
    db: Session, record: Callable[..., gifts.RecordedGift], correct: Callable[..., None]
) -> None:
    wells, roof = make.fund(db, "Wells"), make.fund(db, "Roof")
    gift = record(amount=usd("100"), splits=(Part(usd("70"), wells), Part(usd("30")))).gift_id
    db.execute(text("update fund set status = 'closed'"))
    parts = (Part(usd("60"), wells), Part(usd("40")))
    correct(gift_id=gift, version=1, amount=usd("100"), splits=parts)
    with pytest.raises(InvalidError, match="closed"):
        correct(
            gift_id=gift,
            version=2,
            amount=usd("100"),
            splits=(Part(usd("60"), roof), Part(usd("40"))),
        )


def test_another_day_converts_the_parts_anew(
    db: Session,
    ruth: Actor,
    record: Callable[..., gifts.RecordedGift],
    correct: Callable[..., None],
) -> None:
    for day, rate in ((date(2026, 1, 1), 2), (date(2026, 10, 1), 3)):
        db.execute(insert(ExchangeRate).values(currency="EUR", on_date=day, rate=rate))
    euros = Money.of("100", "EUR")
    parts = (Part(Money.of("70", "EUR"), make.fund(db)), Part(Money.of("30", "EUR")))
    gift = record(amount=euros, splits=parts).gift_id
    shares = select(text("base_minor from gift_line order by id"))
    assert db.scalars(shares).all() == [21_000, 9_000]
    correct(gift_id=gift, version=1, amount=euros, on=date(2026, 9, 1))
    assert db.scalars(shares).all() == [14_000, 6_000]
    assert gifts.parts(db, ruth, [gift]) == {gift: parts}


def test_the_parts_of_donors_out_of_reach_are_not_read(
    db: Session, ruth: Actor, record: Callable[..., gifts.RecordedGift]
) -> None:
    gift = record(amount=usd("5"), splits=(Part(usd("2")), Part(usd("3")))).gift_id
    other = make.person(db, name="Other")
    assert gifts.parts(db, other, [gift]) == {}
    assert details_queries.parts(db, other, [gift]) == []
    assert len(gifts.parts(db, ruth, [gift])[gift]) == 2


def test_what_an_amount_is_worth_on_a_day(db: Session) -> None:
    make.organisation(db)
    db.execute(insert(ExchangeRate).values(currency="EUR", on_date=date(2026, 1, 1), rate="1.25"))
    euros = Money.of("10.01", "EUR")
    assert gifts.conversion(db, euros, date(2025, 12, 31)) is None
    assert gifts.conversion(db, euros, DAY) == gifts.Conversion(
        usd("12.51"), Decimal("1.25"), date(2026, 1, 1)
    )
    assert gifts.conversion(db, usd("3"), DAY) == gifts.Conversion(usd("3"), Decimal(1), DAY)
