"""A gift of a household member for another member's pledge settles and reopens its alert."""

from datetime import date, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import alerts, gifts, imports, summaries
from app.accounts import Actor
from app.db.models import Alert, Gift, Task
from app.kit.money import Money
from tests import factories as make
from tests.values import Clock, present

HUNDRED = Money.of("100", "USD")


@pytest.fixture
def when(today: date, now: datetime) -> Clock:
    return Clock(today=today, now=now)


@pytest.fixture
def pledge(db: Session, ruth: Actor, when: Clock) -> int:
    """Tom's monthly pledge of 50, of which two instalments are late; the alert is raised."""
    donor = make.donor(db, ruth, "Tom Reed", phone="555 0100")
    found = make.pledge(db, donor, "50", start=date(2026, 10, 5))
    alerts.raise_late_pledges(db, **when)
    assert state(db) == ("open", 1)
    return found


@pytest.fixture
def ada(db: Session, ruth: Actor, pledge: int) -> int:
    ada = make.donor(db, ruth, "Ada Reed", external=("crm", "ada"))
    make.household(db, present(db.scalar(select(Alert.donor_id))), ada)
    return ada


def state(db: Session) -> tuple[str | None, int]:
    """The state of the alert, and how many tasks are open."""
    db.expire_all()
    return db.scalar(select(Alert.state)), len(
        db.scalars(select(Task.id).where(Task.done_at.is_(None))).all()
    )


def test_the_gift_of_a_spouse_settles_the_alert_and_its_reversal_reopens_it(
    db: Session, ruth: Actor, pledge: int, ada: int, when: Clock, today: date
) -> None:
    given = gifts.record(
        db, ruth, donor_id=ada, amount=HUNDRED, on=today, pledge_id=pledge, **when
    )
    assert (given.settled, state(db)) == (1, ("resolved", 0))
    assert db.scalar(select(Alert.resolved_gift_id)) == given.gift_id
    assert "Gave again: Tom Reed." in summaries.build(db, ruth, today=today).changed
    gifts.reverse(db, ruth, gift_id=given.gift_id, on=today, **when)
    assert state(db) == ("open", 1)


def test_linking_and_unlinking_a_spouses_gift_settles_and_reopens_it(
    db: Session, ruth: Actor, pledge: int, ada: int, when: Clock, today: date
) -> None:
    gift = make.gift(db, ada, "100", today)
    gifts.link(db, ruth, gift_id=gift, pledge_id=pledge, **when)
    assert state(db) == ("resolved", 0)
    gifts.unlink(db, ruth, gift_id=gift, **when)
    assert state(db) == ("open", 1)


def test_a_link_removed_on_the_form_of_a_spouses_gift_reopens_it(
    db: Session, ruth: Actor, pledge: int, ada: int, when: Clock, today: date
) -> None:
    gift = make.gift(db, ada, "100", today)
    gifts.link(db, ruth, gift_id=gift, pledge_id=pledge, **when)
    gifts.correct(
        db,
        ruth,
        gift_id=gift,
        version=2,
        amount=HUNDRED,
        on=today,
        method=None,
        fund_id=None,
        campaign_id=None,
        pledge_id=None,
        note=None,
        **when,
    )
    assert state(db) == ("open", 1)


REFUND = "id,donor_id,amount,date,reverses\nR1,ada,-100.00,2026-11-23,G1\n"
MAPPING = {
    "id": "external_id",
    "donor_id": "donor_external_id",
    "amount": "amount",
    "date": "gift_date",
    "reverses": "reverses_external_id",
}


def test_a_file_that_reverses_a_spouses_gift_reopens_it(
    db: Session, ruth: Actor, pledge: int, ada: int, when: Clock, today: date
) -> None:
    gift = make.gift(db, ada, "100", today, source="crm", external_id="G1")
    gifts.link(db, ruth, gift_id=gift, pledge_id=pledge, **when)
    assert state(db) == ("resolved", 0)
    seen = imports.import_file(
        db,
        ruth,
        imports.ImportRequest(
            file_name="refunds.csv",
            data=REFUND.encode(),
            kind="gifts",
            source="crm",
            mapping=MAPPING,
        ),
        **when,
    )
    assert seen.plan.main.create == 1
    assert db.scalar(select(Gift.returned_minor).where(Gift.id == gift)) == 10000
    assert state(db) == ("open", 1)


def test_a_file_that_corrects_the_amount_of_a_linked_gift_settles_the_alert(
    db: Session, ruth: Actor, pledge: int, ada: int, when: Clock, today: date
) -> None:
    make.gift(db, ada, "10", date(2026, 9, 5), source="crm", external_id="G2", pledge_id=pledge)
    data = "id,donor_id,amount,date\nG2,ada,100.00,2026-11-20\n"
    mapping = {name: field for name, field in MAPPING.items() if name != "reverses"}
    seen = imports.import_file(
        db,
        ruth,
        imports.ImportRequest(
            file_name="gifts.csv", data=data.encode(), kind="gifts", source="crm", mapping=mapping
        ),
        **when,
    )
    assert seen.plan.main.update == 1
    assert state(db) == ("resolved", 0)
