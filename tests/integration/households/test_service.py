"""Households: make, join, leave, head, dissolve; what is refused, and what is shown to whom."""

from datetime import date

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app import donors, households
from app.accounts import Actor
from app.db.models import Activity, Donor
from app.households import Household
from app.kit.errors import InvalidError, NotAllowedError, NotFoundError
from tests import factories as make
from tests.values import present

TODAY = date(2026, 11, 23)


@pytest.fixture
def ruth(db: Session) -> Actor:
    make.organisation(db)
    return make.person(db)


@pytest.fixture
def couple(db: Session, ruth: Actor) -> tuple[int, int]:
    return (
        make.donor(db, ruth, "Tom Reed", first_name="Tom", last_name="Reed"),
        make.donor(db, ruth, "Ana Reed", first_name="Ana", last_name="Reed"),
    )


def shown(db: Session, actor: Actor, donor_id: int) -> Household:
    return present(households.household(db, actor, donor_id, today=TODAY))


def test_a_household_is_made_and_adds_up_what_its_members_give(
    db: Session, ruth: Actor, couple: tuple[int, int]
) -> None:
    tom, ana = couple
    made = households.make(db, ruth, head_id=tom, member_ids=[ana, tom])
    make.gift(db, tom, 100, date(2026, 3, 1))
    make.gift(db, ana, 20, date(2025, 3, 1))
    make.gift(db, made, 5, date(2026, 4, 1))
    for donor_id in (tom, ana, made):
        household = shown(db, ruth, donor_id)
        assert household.donor_id == made
        assert household.name == household.envelope_name == "Tom and Ana Reed"
        assert household.salutation == "Tom and Ana"
        assert [(member.donor_id, member.head) for member in household.members] == [
            (tom, True),
            (ana, False),
        ]
        assert household.gifts == 3
        assert (household.lifetime.minor, household.this_year.minor) == (12_500, 10_500)
        assert household.editable
    assert donors.get(db, ruth, made, today=TODAY).fields.kind == "household"
    sentences = db.scalars(select(Activity.sentence).where(Activity.donor_id.in_([tom, made])))
    assert set(sentences) == {"Made this household.", "Joined a household."}


def test_join_leave_another_head_and_dissolve(
    db: Session, ruth: Actor, couple: tuple[int, int]
) -> None:
    tom, ana = couple
    kim = make.donor(db, ruth, "Kim Reed", first_name="Kim", last_name="Reed")
    made = households.make(db, ruth, head_id=tom, member_ids=[ana], name="  The  Reeds ")
    households.join(db, ruth, household_id=made, donor_id=kim)
    households.set_head(db, ruth, household_id=made, donor_id=kim)
    households.set_head(db, ruth, household_id=made, donor_id=kim)
    assert [member.donor_id for member in shown(db, ruth, made).members] == [kim, tom, ana]
    households.leave(db, ruth, donor_id=kim)
    household = shown(db, ruth, tom)
    assert household.name == "The Reeds"
    assert household.members[0].donor_id == tom
    assert household.members[0].head
    assert households.household(db, ruth, kim, today=TODAY) is None
    households.dissolve(db, ruth, household_id=made)
    assert shown(db, ruth, made).members == ()
    assert households.household(db, ruth, tom, today=TODAY) is None
    # a household without members can have new ones: the first is the head
    households.join(db, ruth, household_id=made, donor_id=ana)
    assert shown(db, ruth, made).members[0].head


def test_the_dead_are_not_addressed(db: Session, ruth: Actor, couple: tuple[int, int]) -> None:
    tom, ana = couple
    made = households.make(db, ruth, head_id=tom, member_ids=[ana])
    db.execute(text("update donor set deceased = true where id = :id"), {"id": tom})
    household = shown(db, ruth, made)
    assert (household.salutation, household.envelope_name) == ("Ana", "Ana Reed")
    assert [member.deceased for member in household.members] == [True, False]


def test_salutation_and_envelope_name_can_be_set(
    db: Session, ruth: Actor, couple: tuple[int, int]
) -> None:
    tom, ana = couple
    made = households.make(db, ruth, head_id=tom, member_ids=[ana])
    db.execute(
        text("update donor set salutation = 'Reeds', envelope_name = 'The Reeds' where id = :id"),
        {"id": made},
    )
    household = shown(db, ruth, made)
    assert (household.salutation, household.envelope_name) == ("Reeds", "The Reeds")


def test_what_cannot_be_a_household(db: Session, ruth: Actor, couple: tuple[int, int]) -> None:
    tom, ana = couple
    church = make.donor(db, ruth, "Harbour Church", kind="organisation")
    made = households.make(db, ruth, head_id=tom, member_ids=[ana])
    ben, eva = make.donor(db, ruth, "Ben"), make.donor(db, ruth, "Eva")
    for head, members, sentence in (
        (ben, [], "two members at least"),
        (ben, [ben], "two members at least"),
        (ben, [church], "Harbour Church is not a person"),
        (made, [ben], "is not a person"),
        (ben, [ana], "Ana Reed is in a household already"),
    ):
        with pytest.raises(InvalidError, match=sentence):
            households.make(db, ruth, head_id=head, member_ids=members)
    with pytest.raises(InvalidError, match="two members at least"):
        households.leave(db, ruth, donor_id=tom)
    with pytest.raises(InvalidError, match="not in a household"):
        households.leave(db, ruth, donor_id=ben)
    with pytest.raises(InvalidError, match="not in the household"):
        households.set_head(db, ruth, household_id=made, donor_id=eva)
    with pytest.raises(NotFoundError, match="no such household"):
        households.join(db, ruth, household_id=ben, donor_id=eva)
    households.dissolve(db, ruth, household_id=made)
    with pytest.raises(InvalidError, match="has no members"):
        households.dissolve(db, ruth, household_id=made)
    many = [make.donor(db, ruth) for _ in range(20)]
    with pytest.raises(InvalidError, match="20 members at most"):
        households.make(db, ruth, head_id=tom, member_ids=many)
    assert db.scalar(select(Donor.household_id).where(Donor.id == ben)) is None


def test_only_who_may_change_all_of_them(
    db: Session, ruth: Actor, couple: tuple[int, int]
) -> None:
    tom, ana = couple
    ada, sam = make.person(db, "admin"), make.person(db)
    other = make.donor(db, sam, "Max")
    with pytest.raises(NotFoundError):
        households.make(db, ruth, head_id=tom, member_ids=[other])
    with pytest.raises(InvalidError, match="Max belongs to another fundraiser"):
        households.make(db, ada, head_id=tom, member_ids=[other])
    with pytest.raises(NotAllowedError):
        households.make(db, make.person(db, "read_only"), head_id=tom, member_ids=[ana])
    made = households.make(db, ada, head_id=tom, member_ids=[ana])
    with pytest.raises(NotFoundError):
        households.join(db, sam, household_id=made, donor_id=other)
    with pytest.raises(NotFoundError):
        households.dissolve(db, sam, household_id=made)
    with pytest.raises(NotFoundError):
        households.leave(db, sam, donor_id=tom)
    with pytest.raises(NotFoundError):
        households.household(db, sam, tom, today=TODAY)


def test_a_coach_sees_the_household_without_amounts(
    db: Session, ruth: Actor, couple: tuple[int, int]
) -> None:
    tom, ana = couple
    households.make(db, ruth, head_id=tom, member_ids=[ana])
    make.gift(db, tom, 100)
    coach = make.person(db, "coach")
    make.looks_after(db, coach, ruth, "coach")
    household = shown(db, coach, tom)
    assert (household.lifetime.minor, household.members[0].lifetime.minor) == (0, 0)
    assert not household.editable


def test_the_household_of_an_anonymous_donor_is_anonymous(
    db: Session, ruth: Actor, couple: tuple[int, int]
) -> None:
    tom, ana = couple
    made = households.make(db, ruth, head_id=tom, member_ids=[ana])
    lead = make.person(db, "supervisor")
    make.looks_after(db, lead, ruth)
    assert shown(db, lead, made).name == "Tom and Ana Reed"
    db.execute(text("update donor set anonymous = true where id = :id"), {"id": ana})
    household = shown(db, lead, made)
    assert household.name == "Anonymous"
    assert [member.name for member in household.members] == ["Tom Reed", "Anonymous"]
    assert "Ana" not in f"{household.salutation}{household.envelope_name}"
    assert shown(db, ruth, made).name == "Tom and Ana Reed"


def test_an_erased_member_leaves_and_the_household_is_named_anew(
    db: Session, ruth: Actor, couple: tuple[int, int]
) -> None:
    tom, ana = couple
    made = households.make(db, ruth, head_id=tom, member_ids=[ana])
    households.forget_member(db, donor_id=tom)
    household = shown(db, ruth, made)
    assert household.name == "Ana Reed"
    assert [(member.donor_id, member.head) for member in household.members] == [(ana, True)]
    households.forget_member(db, donor_id=ana)
    assert shown(db, ruth, made).name == "A household"
    households.join(db, ruth, household_id=made, donor_id=ana)
    households.forget_member(db, donor_id=made)
    assert households.household(db, ruth, ana, today=TODAY) is None
