"""API routes for households, and for relations between donors."""

from typing import Literal

from fastapi import APIRouter
from pydantic import Field

from app import gifts, households
from app.accounts import Actor
from app.api.rest.dependencies import CurrentActor, read_only, today, work
from app.api.rest.idempotency import OnlyOnce
from app.api.rest.schemas.common import (
    WAITING,
    Answer,
    Body,
    Done,
    Id,
    InPath,
    Line,
    Made,
    Sum,
    WaitingForRate,
    total,
    waiting_for_rate,
)
from app.db import Session

router = APIRouter(tags=["donors"])


class Member(Answer):
    """A member of a household."""

    donor_id: int
    name: str = Field(description="“Anonymous” if you may not see the name.")
    head: bool = Field(description="Named first in letters.")
    deceased: bool
    gifts: int
    lifetime: Sum | None = Field(description="Own gifts of this member; null for a coach.")


class Household(Answer):
    """A household with what its members give together."""

    donor_id: int = Field(description="The donor that stands for the household.")
    name: str
    salutation: str
    envelope_name: str
    members: list[Member]
    gifts: int
    lifetime: Sum | None = Field(description="Gifts of all members; null for a coach.")
    this_year: Sum | None
    waiting_for_rate: WaitingForRate = Field(description=WAITING)


class HouseholdOfDonor(Answer):
    """The household of a donor."""

    household: Household | None = Field(description="Null for a donor without a household.")


class NewHousehold(Body):
    """A household to make of existing donors."""

    head_id: Id = Field(description="The member who is named first.")
    member_ids: list[Id] = Field(description="The other members.", min_length=1, max_length=19)
    name: Line | None = Field(None, description="Null: built from the members' names.")


class NewMember(Body):
    """A donor who joins a household."""

    donor_id: Id = Field(description="A person who is in no household.")


class NewHead(Body):
    """The member who becomes the head."""

    donor_id: Id = Field(description="A member of the household.")


class Relation(Answer):
    """A relation of a donor to another donor."""

    id: int
    label: str = Field(description="What the other donor is.", examples=["employer"])
    donor_id: int
    name: str


class RelationList(Answer):
    """The relations of a donor."""

    items: list[Relation]


class NewRelation(Body):
    """A relation to state."""

    other_id: Id = Field(description="The other donor.")
    type: Literal["employer", "spouse", "parent", "referrer"] = Field(
        description="What the other donor is to this one."
    )


@router.get(
    "/donors/{id}/household", summary="Read a donor's household", operation_id="read_household"
)
def read(actor: CurrentActor, id: InPath) -> HouseholdOfDonor:  # noqa: A002
    """Return the household of a member, or the household itself, with its sums."""
    return read_only(actor, lambda db: _household_of(db, actor, id))


def _household_of(db: Session, actor: Actor, donor_id: int) -> HouseholdOfDonor:
    household = households.household(db, actor, donor_id, today=today(actor))
    if household is None:
        return HouseholdOfDonor(household=None)
    waiting = gifts.awaiting_rate_by(db, actor, gifts.GroupBy.HOUSEHOLD, ids=[household.donor_id])
    return HouseholdOfDonor(
        household=Household(
            donor_id=household.donor_id,
            name=household.name,
            salutation=household.salutation,
            envelope_name=household.envelope_name,
            members=[
                Member(
                    donor_id=member.donor_id,
                    name=member.name,
                    head=member.head,
                    deceased=member.deceased,
                    gifts=member.gifts,
                    lifetime=total(actor, member.lifetime),
                )
                for member in household.members
            ],
            gifts=household.gifts,
            lifetime=total(actor, household.lifetime),
            this_year=total(actor, household.this_year),
            waiting_for_rate=waiting_for_rate(waiting.get(household.donor_id, ())),
        )
    )


@router.post("/households", status_code=201, summary="Make a household", operation_id="make")
def make(actor: CurrentActor, body: NewHousehold, once: OnlyOnce) -> Made:
    """Make a household of donors who are in none; all have the same owner."""

    def work_once() -> Made:
        household_id = households.make(
            db, actor, head_id=body.head_id, member_ids=body.member_ids, name=body.name
        )
        return Made(id=household_id)

    with work(actor) as db:
        created = once(db, actor, body, Made, work_once)
    once.set_location(f"donors/{created.id}")
    return created


@router.post("/households/{id}/members", summary="Add a member", operation_id="join_household")
def join(actor: CurrentActor, id: InPath, body: NewMember) -> Done:  # noqa: A002
    """Add a donor to a household; 422 for a donor who is in a household already."""
    with work(actor) as db:
        households.join(db, actor, household_id=id, donor_id=body.donor_id)
    return Done()


@router.post("/households/{id}/head", summary="Set the head", operation_id="set_head")
def head(actor: CurrentActor, id: InPath, body: NewHead) -> Done:  # noqa: A002
    """Make another member the head; repeating the request has no effect."""
    with work(actor) as db:
        households.set_head(db, actor, household_id=id, donor_id=body.donor_id)
    return Done()


@router.delete("/households/{id}", summary="Dissolve a household", operation_id="dissolve")
def dissolve(actor: CurrentActor, id: InPath) -> Done:  # noqa: A002
    """Take every member out; the donor that stood for the household stays with its gifts."""
    with work(actor) as db:
        households.dissolve(db, actor, household_id=id)
    return Done()


@router.delete(
    "/donors/{id}/household", summary="Leave a household", operation_id="leave_household"
)
def leave(actor: CurrentActor, id: InPath) -> Done:  # noqa: A002
    """Take a donor out of the household; 422 if only one member would be left."""
    with work(actor) as db:
        households.leave(db, actor, donor_id=id)
    return Done()


@router.get("/donors/{id}/relations", summary="List relations", operation_id="list_relations")
def relations(actor: CurrentActor, id: InPath) -> RelationList:  # noqa: A002
    """Return the relations of a donor to donors whom you may see."""
    lines = read_only(actor, lambda db: households.relations(db, actor, id))
    return RelationList(
        items=[
            Relation(id=line.relation_id, label=line.label, donor_id=line.donor_id, name=line.name)
            for line in lines
        ]
    )


@router.post(
    "/donors/{id}/relations",
    status_code=201,
    summary="Add a relation",
    operation_id="add_relation",
)
def relate(actor: CurrentActor, id: InPath, body: NewRelation, once: OnlyOnce) -> Made:  # noqa: A002
    """State what another donor is to this one."""

    def work_once() -> Made:
        relation_id = households.add_relation(
            db, actor, donor_id=id, other_id=body.other_id, type=body.type
        )
        return Made(id=relation_id)

    with work(actor) as db:
        created = once(db, actor, body, Made, work_once)
    once.set_location(f"donors/{id}/relations")
    return created


@router.delete("/relations/{id}", summary="Remove a relation", operation_id="remove_relation")
def unrelate(actor: CurrentActor, id: InPath) -> Done:  # noqa: A002
    """Remove a relation."""
    with work(actor) as db:
        households.remove_relation(db, actor, relation_id=id)
    return Done()
