"""Soft credits: adding, removing, what they count, and who sees which names."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import gifts
from app.accounts import Actor
from app.db.models import Activity
from app.kit.errors import InvalidError, NotAllowedError, NotFoundError
from app.kit.money import Money
from tests import factories as make

TODAY, NOW = date(2026, 11, 23), datetime(2026, 11, 23, 9, tzinfo=UTC)


@pytest.fixture
def ruth(db: Session) -> Actor:
    make.organisation(db)
    return make.person(db)


def credited(db: Session, actor: Actor, donor_id: int) -> tuple[int, int]:
    _, sums = gifts.donor_soft_credits(db, actor, donor_id=donor_id, today=TODAY)
    return sums.credits, sums.lifetime.minor


def test_a_credit_follows_its_gift(db: Session, ruth: Actor) -> None:
    bakery = make.donor(db, ruth, "Bakery", kind="organisation")
    tom, ana = make.donor(db, ruth, "Tom"), make.donor(db, ruth, "Ana")
    gift = make.gift(db, bakery, 100, date(2025, 11, 2))
    half = Money(5_000, "USD")
    gifts.add_soft_credit(db, ruth, gift_id=gift, donor_id=tom, type="employer match", amount=half)
    whole = gifts.add_soft_credit(db, ruth, gift_id=gift, donor_id=ana, type="solicitor")
    assert (credited(db, ruth, tom), credited(db, ruth, ana)) == ((1, 5_000), (1, 10_000))
    assert credited(db, ruth, bakery) == (0, 0)
    lines, sums = gifts.donor_soft_credits(db, ruth, donor_id=tom, today=TODAY)
    assert (lines[0].giver_name, lines[0].type, lines[0].on) == (
        "Bakery",
        "employer match",
        date(2025, 11, 2),
    )
    assert sums.this_year.minor == 0
    of_gift = gifts.gift_soft_credits(db, ruth, gift_id=gift)
    assert [(line.donor_name, line.amount) for line in of_gift] == [
        ("Tom", half),
        ("Ana", Money(10_000, "USD")),
    ]
    gifts.reverse(
        db,
        ruth,
        gift_id=gift,
        amount=Money(4_000, "USD"),
        on=TODAY,
        reason="Returned",
        today=TODAY,
        now=NOW,
    )
    assert (credited(db, ruth, tom), credited(db, ruth, ana)) == ((1, 3_000), (1, 6_000))
    gifts.remove_soft_credit(db, ruth, credit_id=whole)
    assert credited(db, ruth, ana) == (0, 0)
    with pytest.raises(NotFoundError, match="does not exist any more"):
        gifts.remove_soft_credit(db, ruth, credit_id=whole)
    actions = db.scalars(select(Activity.action).where(Activity.donor_id == ana))
    assert list(actions) == ["gift.credited", "gift.uncredited"]


def test_what_is_refused(db: Session, ruth: Actor) -> None:
    tom, ana = make.donor(db, ruth, "Tom"), make.donor(db, ruth, "Ana")
    gift = make.gift(db, tom, 100)
    bounced = make.gift(db, tom, 30)
    reversal = gifts.reverse(
        db, ruth, gift_id=bounced, amount=None, on=TODAY, reason="", today=TODAY, now=NOW
    )
    foreign, much, nothing = Money(100, "EUR"), Money(10_001, "USD"), Money(0, "USD")
    for gift_id, donor_id, type_, amount, sentence in (
        (gift, ana, "friend", None, "not a kind of soft credit"),
        (gift, tom, "spouse", None, "The giver has the gift already"),
        (gift, ana, "spouse", foreign, "at most the gift's amount"),
        (gift, ana, "spouse", much, "at most the gift's amount"),
        (gift, ana, "spouse", nothing, "more than zero"),
        (reversal, ana, "spouse", None, "A reversal cannot be credited"),
    ):
        with pytest.raises(InvalidError, match=sentence):
            gifts.add_soft_credit(
                db, ruth, gift_id=gift_id, donor_id=donor_id, type=type_, amount=amount
            )
    gifts.add_soft_credit(db, ruth, gift_id=gift, donor_id=ana, type="spouse")
    with pytest.raises(InvalidError, match="already"):
        gifts.add_soft_credit(db, ruth, gift_id=gift, donor_id=ana, type="solicitor")


def test_who_may_and_who_sees_what(db: Session, ruth: Actor) -> None:
    tom = make.donor(db, ruth, "Tom")
    sam, ada, finance = make.person(db), make.person(db, "admin"), make.person(db, "finance")
    max_ = make.donor(db, sam, "Max")
    gift = make.gift(db, max_, 100)
    with pytest.raises(NotFoundError):
        gifts.add_soft_credit(db, ruth, gift_id=gift, donor_id=tom, type="solicitor")
    with pytest.raises(NotFoundError):
        gifts.add_soft_credit(db, sam, gift_id=gift, donor_id=tom, type="solicitor")
    reader = make.person(db, "read_only")
    with pytest.raises(NotAllowedError):
        gifts.add_soft_credit(db, reader, gift_id=gift, donor_id=tom, type="solicitor")
    credit = gifts.add_soft_credit(db, finance, gift_id=gift, donor_id=tom, type="solicitor")
    # the owner of the credited donor sees the credit, not who gave
    lines, sums = gifts.donor_soft_credits(db, ruth, donor_id=tom, today=TODAY)
    assert (lines[0].giver_name, sums.lifetime.minor) == (None, 10_000)
    lines, _ = gifts.donor_soft_credits(db, ada, donor_id=tom, today=TODAY)
    assert lines[0].giver_name == "Max"
    assert gifts.gift_soft_credits(db, sam, gift_id=gift) == []
    with pytest.raises(NotFoundError):
        gifts.gift_soft_credits(db, ruth, gift_id=gift)
    coach = make.person(db, "coach")
    make.looks_after(db, coach, ruth, "coach")
    assert gifts.donor_soft_credits(db, coach, donor_id=tom, today=TODAY)[0] == []
    with pytest.raises(NotFoundError):
        gifts.remove_soft_credit(db, sam, credit_id=credit)
