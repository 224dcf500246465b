"""API routes for donors: find, read, add, change."""

from dataclasses import replace
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import Field

from app import donors, gifts
from app.accounts import Actor
from app.api.rest import cursors
from app.api.rest.dependencies import CurrentActor, read_only, today, work
from app.api.rest.idempotency import OnlyOnce
from app.api.rest.problems import without_personal_data
from app.api.rest.schemas import donors as donor_schemas
from app.api.rest.schemas.common import (
    Answer,
    Conditions,
    InPath,
    Line,
    Made,
    PagedImported,
    QueryId,
)
from app.api.rest.schemas.donors import Donor, DonorBody, ListedDonor, Status, Version
from app.db import Session
from app.donors import (
    Address,
    Credit,
    DonorFields,
    DonorFilter,
    DonorPage,
    DonorView,
    StaleDonorError,
    Unit,
)
from app.kit import custom_fields

router = APIRouter(prefix="/donors", tags=["donors"])

Giving = Literal[
    "on rhythm",
    "pledge paid",
    "slipping",
    "at risk",
    "paused",
    "pledge late",
    "lapsed",
    "second gift",
    "never gave",
]


class Donors(PagedImported):
    """Filter and page of a list of donors."""

    query: Line = Field("", description="Search text: name, e-mail, phone or donor number.")
    status: list[Status] = Field(
        default=[], description="Statuses; the parameter may be repeated.", max_length=5
    )
    giving: list[Giving] = Field(
        default=[],
        description="Giving statuses; the parameter may be repeated. “at risk” also finds a donor"
        " who is late on a pledge and has stopped giving.",
        max_length=9,
    )
    owner_id: QueryId | None = Field(None, description="Only donors of this owner.")
    tag: Line | None = Field(None, description="Only donors with this tag.")
    anonymous: bool | None = Field(None, description="Only anonymous donors, or only the others.")
    unit: Unit = Field(
        Unit.PERSON,
        description="One item per donor, or per household, which adds up its members' giving.",
    )
    credit: Credit = Field(
        Credit.HARD,
        description="What the sums count: own gifts, soft credits for gifts of others, or both.",
    )
    custom_field: Line | None = Field(
        None, description="Only donors with a value in the custom field of this name."
    )
    custom_value: Line | None = Field(
        None,
        description="Only donors with this value in `custom_field`, as stored: “12.5”,"
        " “2026-11-23”, “true”. Of a field of type text, a part of it in any case.",
    )
    where: Conditions = ""
    segment_id: QueryId | None = Field(None, description="Only donors of this saved segment.")
    fund_id: QueryId | None = Field(
        None, description="Only donors who gave or pledged to this fund."
    )


class NewDonor(DonorBody):
    """A donor to add."""


class ChangedDonor(DonorBody):
    """The fields to change; fields that are left out stay unchanged."""

    version: Version


class DonorList(Answer):
    """A page of donors, sorted by name."""

    items: list[ListedDonor]
    next: str | None = Field(description="Send it as `after` for the next page; null at the end.")


@router.get("", summary="Find donors", operation_id="list_donors")
def list_donors(actor: CurrentActor, query: Annotated[Donors, Query()]) -> DonorList:
    """Return a page of the donors you may access, sorted by name."""
    after = query.after and cursors.decode_cursor("donors", query.after, tuple[str, int])

    def find(db: Session) -> tuple[list[ListedDonor], donors.Cursor | None]:
        page = donors.page(
            db,
            actor,
            filter=_filter(query),
            today=today(actor),
            page_size=query.limit,
            after=donors.Cursor(*after) if after else None,
        )
        waiting = _waiting(db, actor, page, query)
        lines = [
            donor_schemas.listed(actor, line, waiting.get(line.donor_id, ()))
            for line in page.lines
        ]
        return lines, page.next

    items, next_key = read_only(actor, find)
    return DonorList(
        items=items,
        next=cursors.encode_cursor("donors", next_key.value, next_key.donor_id)
        if next_key
        else None,
    )


def _filter(query: Donors) -> DonorFilter:
    return DonorFilter(
        query.query,
        tuple(query.status),
        giving=tuple(query.giving),
        owner_id=query.owner_id,
        tag=query.tag,
        anonymous=query.anonymous,
        import_id=query.import_id,
        import_rows=query.import_rows,
        unit=query.unit,
        credit=query.credit,
        custom_field=query.custom_field,
        custom_value=query.custom_value,
        where=query.where,
        segment_id=query.segment_id,
        fund_id=query.fund_id,
    )


@router.get("/{id}", summary="Read a donor", operation_id="read_donor")
def read(actor: CurrentActor, id: InPath) -> Donor:  # noqa: A002
    """Return the data in the header of the donor's page. The access is logged."""
    with work(actor) as db:
        return _read(db, actor, donors.get(db, actor, id, today=today(actor)))


@router.post("", status_code=201, summary="Add a donor", operation_id="add_donor")
def add(actor: CurrentActor, body: NewDonor, once: OnlyOnce) -> Made:
    """Add a donor; without `owner_id` you become the owner."""
    with work(actor) as db:
        created = once(
            db,
            actor,
            body,
            Made,
            lambda: Made(id=donors.create(db, actor, fields=_fields(DonorFields(), body))),
        )
    once.set_location(f"donors/{created.id}")
    return created


@router.patch("/{id}", summary="Change a donor", operation_id="change_donor")
def change(actor: CurrentActor, id: InPath, body: ChangedDonor) -> Donor:  # noqa: A002
    """Save changes to `version`; 409 with both values if the donor was changed meanwhile."""
    day = today(actor)
    try:
        with work(actor) as db:
            old = donors.get(db, actor, id, today=day)
            view = donors.update(
                db,
                actor,
                donor_id=id,
                version=body.version,
                fields=_fields(old.fields, body),
                today=day,
            )
            return _read(db, actor, view)
    except StaleDonorError as error:
        if actor.sees_amounts:
            raise
        raise without_personal_data(error) from None


def _fields(old: DonorFields, body: DonorBody) -> DonorFields:
    changes = body.model_dump(exclude_unset=True, exclude={"version", "custom_fields"})
    if body.custom_fields:
        changes["more"] = custom_fields.changed_lines(old.more, body.custom_fields)
    if "address" in changes:
        changes["address"] = Address(**(changes["address"] or {}))
    return replace(old, **changes)


def _read(db: Session, actor: Actor, view: DonorView) -> Donor:
    donors.log_view(db, actor, donor_id=view.donor_id, how="api")
    gift_filter = gifts.GiftFilter(donor_id=view.donor_id)
    waiting = gifts.awaiting_rate(db, actor, filter=gift_filter)
    return donor_schemas.donor(actor, view, waiting)


def _waiting(
    db: Session, actor: Actor, page: DonorPage, query: Donors
) -> dict[int, tuple[gifts.AwaitingRate, ...]]:
    """Return the own gifts without a rate of the donors or households of a page, by id."""
    if query.credit == Credit.SOFT:
        return {}
    by = gifts.GroupBy.HOUSEHOLD if query.unit == Unit.HOUSEHOLD else gifts.GroupBy.DONOR
    return gifts.awaiting_rate_by(db, actor, by, ids=[line.donor_id for line in page.lines])
