"""Links of gifts to pledges: automatic, suggested, and made or removed by a user."""

from datetime import date, datetime

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app import gifts, goals, imports, pledges
from app.accounts import Actor
from app.db.models import Gift
from app.kit.errors import InvalidError, NotAllowedError, NotFoundError
from tests import factories as make
from tests.values import Clock, usd


@pytest.fixture
def when(today: date, now: datetime) -> Clock:
    return Clock(today=today, now=now)


def pledge_of(db: Session, gift: int) -> int | None:
    return db.scalar(select(Gift.pledge_id).where(Gift.id == gift))


def test_a_completed_pledge_takes_no_gifts_of_the_active_one(
    db: Session, ruth: Actor, donor: int, when: Clock, today: date
) -> None:
    make.pledge(db, donor, "50", start=date(2024, 1, 5), end_date=date(2025, 12, 31), total="1200")
    running = make.pledge(db, donor, "80", start=date(2026, 1, 5))
    for month in range(1, 12):
        gifts.record(db, ruth, donor_id=donor, amount=usd("80"), on=date(2026, month, 5), **when)
    line = next(
        line
        for line in pledges.pledge_statuses(db, ruth, today=today)
        if line.pledge_id == running
    )
    assert (line.late, line.received) == (False, usd("880"))
    assert goals.progress(db, ruth, today=today).support == usd("80")


def test_a_gift_within_the_term_of_a_completed_pledge_is_linked_to_it(
    db: Session, ruth: Actor, donor: int, when: Clock
) -> None:
    old = make.pledge(
        db, donor, "50", start=date(2024, 1, 5), end_date=date(2024, 12, 31), status="completed"
    )
    make.pledge(db, donor, "50", start=date(2026, 1, 5))
    recorded = gifts.record(
        db, ruth, donor_id=donor, amount=usd("50"), on=date(2024, 6, 5), **when
    )
    assert recorded.pledge_id == old


@pytest.mark.parametrize("amounts", [("60",), ("51.75",), ("25", "25"), ("150",)])
def test_gifts_near_the_instalment_are_linked_to_the_only_pledge(
    db: Session, ruth: Actor, donor: int, when: Clock, amounts: tuple[str, ...]
) -> None:
    pledge = make.pledge(db, donor, "50", start=date(2026, 11, 5))
    for amount in amounts:
        recorded = gifts.record(
            db, ruth, donor_id=donor, amount=usd(amount), on=date(2026, 11, 6), **when
        )
        assert recorded.pledge_id == pledge


def test_a_gift_far_from_the_instalment_is_suggested_then_linked_or_refused(
    db: Session, ruth: Actor, donor: int, when: Clock, today: date
) -> None:
    pledge = make.pledge(db, donor, "50", start=date(2026, 10, 5))
    far = gifts.record(db, ruth, donor_id=donor, amount=usd("500"), on=today, **when)
    assert far.pledge_id is None
    offered = gifts.suggestions(db, ruth, today=today)
    assert [
        (suggestion.gift_id, suggestion.pledge_ids, suggestion.amount) for suggestion in offered
    ] == [(far.gift_id, (pledge,), usd("500"))]
    assert gifts.suggestions(db, ruth, today=today, pledge_id=pledge) == offered
    assert gifts.suggestions(db, ruth, today=today, donor_id=donor) == offered
    assert gifts.suggestions(db, make.person(db), today=today) == []
    gifts.refuse(db, ruth, gift_id=far.gift_id, pledge_ids=(pledge,))
    assert gifts.suggestions(db, ruth, today=today) == []
    gifts.link(db, ruth, gift_id=far.gift_id, pledge_id=pledge, **when)
    line = gifts.get(db, ruth, far.gift_id)
    assert (line.pledge_id, line.pledge_reason) == (pledge, "by hand")


def test_link_all_links_every_unambiguous_gift(
    db: Session, ruth: Actor, donor: int, when: Clock, today: date
) -> None:
    pledge = make.pledge(db, donor, "50", start=date(2026, 1, 5))
    gift_ids = [
        make.gift(db, donor, "400", date(2026, 9, 9)),
        make.gift(db, donor, "2", date(2026, 10, 9)),
    ]
    assert gifts.link_all(db, ruth, **when) == 2
    assert {pledge_of(db, gift_id) for gift_id in gift_ids} == {pledge}


def test_an_unlinked_gift_is_not_linked_again(
    db: Session, ruth: Actor, donor: int, when: Clock, today: date
) -> None:
    pledge = make.pledge(db, donor, "50", start=date(2026, 11, 5))
    recorded = gifts.record(db, ruth, donor_id=donor, amount=usd("50"), on=today, **when)
    line = gifts.get(db, ruth, recorded.gift_id)
    assert (line.pledge_id, line.pledge_reason) == (pledge, "instalment")
    gifts.unlink(db, ruth, gift_id=recorded.gift_id, **when)
    assert pledges.match(db, gift_ids=[recorded.gift_id], today=today) == 0
    assert pledge_of(db, recorded.gift_id) is None
    with pytest.raises(InvalidError, match="not linked"):
        gifts.unlink(db, ruth, gift_id=recorded.gift_id, **when)


def test_a_link_removed_in_the_form_is_not_made_again(
    db: Session, ruth: Actor, donor: int, when: Clock, today: date
) -> None:
    make.pledge(db, donor, "50", start=date(2026, 11, 5))
    recorded = gifts.record(db, ruth, donor_id=donor, amount=usd("50"), on=today, **when)
    gifts.correct(
        db,
        ruth,
        gift_id=recorded.gift_id,
        version=1,
        amount=usd("50"),
        on=today,
        method=None,
        fund_id=None,
        campaign_id=None,
        pledge_id=None,
        note=None,
        **when,
    )
    assert pledges.match(db, gift_ids=[recorded.gift_id], today=today) == 0


def test_a_spouse_may_pay_the_others_pledge_when_chosen(
    db: Session, ruth: Actor, donor: int, when: Clock, today: date
) -> None:
    spouse = make.donor(db, ruth, "Ada Reed")
    make.household(db, donor, spouse)
    stranger = make.donor(db, ruth)
    pledge = make.pledge(db, donor, "50", start=date(2026, 11, 5))
    recorded = gifts.record(
        db, ruth, donor_id=spouse, amount=usd("50"), on=today, pledge_id=pledge, **when
    )
    assert recorded.pledge_id == pledge
    assert pledges.pledge_statuses(db, ruth, today=today, donor_id=donor)[0].received == usd("50")
    with pytest.raises(InvalidError, match="nor of the household"):
        gifts.record(
            db, ruth, donor_id=stranger, amount=usd("50"), on=today, pledge_id=pledge, **when
        )


def test_only_users_with_edit_rights_link_gifts(
    db: Session, ruth: Actor, donor: int, when: Clock, today: date
) -> None:
    pledge = make.pledge(db, donor, "50", start=date(2026, 10, 5))
    gift = make.gift(db, donor, "500", today)
    boss = make.person(db, "supervisor")
    make.looks_after(db, boss, ruth)
    for actor, refusal in ((boss, NotAllowedError), (make.person(db), NotFoundError)):
        with pytest.raises(refusal):
            gifts.link(db, actor, gift_id=gift, pledge_id=pledge, **when)
        with pytest.raises(refusal):
            gifts.refuse(db, actor, gift_id=gift, pledge_ids=(pledge,))


def test_a_reversal_is_linked_with_its_gift(
    db: Session, ruth: Actor, donor: int, when: Clock, today: date
) -> None:
    pledge = make.pledge(db, donor, "50", start=date(2026, 11, 5))
    gift = make.gift(db, donor, "80", today)
    make.reversal(db, gift, "30", on=today)
    assert pledges.match(db, gift_ids=[gift], today=today) == 1
    assert db.scalars(text("select pledge_id from gift")).all() == [pledge, pledge]
    assert pledges.pledge_statuses(db, ruth, today=today)[0].received == usd("50")


def test_gifts_an_import_did_not_link_are_suggested(
    db: Session, ruth: Actor, when: Clock, today: date
) -> None:
    donor = make.donor(db, ruth, "Tom Reed", email="tom@reed.example")
    make.pledge(db, donor, "50", start=date(2026, 1, 5))
    data = "Email,Date,Amount\ntom@reed.example,2026-06-05,50\ntom@reed.example,2026-07-05,500\n"
    imported = imports.import_file(
        db, ruth, imports.ImportRequest("gifts.csv", data.encode(), kind="gifts"), **when
    )
    offered = gifts.suggestions(db, ruth, today=today, import_run_id=imported.run_id)
    assert [suggestion.amount for suggestion in offered] == [usd("500")]
