"""API routes for pledges: list, read, add, change the schedule, stop."""

from typing import Annotated

from fastapi import APIRouter, Query

from app import pledges
from app.api.rest import cursors
from app.api.rest.dependencies import CurrentActor, read_only, today, work
from app.api.rest.idempotency import OnlyOnce
from app.api.rest.schemas.common import Done, InPath, Made
from app.api.rest.schemas.pledges import (
    ChangedPledge,
    NewPledge,
    Pledge,
    PledgeList,
    Pledges,
    Stop,
    Terms,
    to_pledge,
)
from app.kit.money import Money
from app.pledges import PledgeFilter

router = APIRouter(prefix="/pledges", tags=["pledges"])


@router.get("", summary="List pledges", operation_id="list_pledges")
def listed(actor: CurrentActor, query: Annotated[Pledges, Query()]) -> PledgeList:
    """Return a page of the pledges you may see, with their status."""
    after = cursors.decode_cursor("pledges", query.after, tuple[int])[0] if query.after else 0
    chosen = PledgeFilter(
        query.donor_id,
        query.owner_id,
        query.fund_id,
        query.campaign_id,
        tuple(query.status),
        import_id=query.import_id,
        import_rows=query.import_rows,
    )
    lines, next_key = read_only(
        actor,
        lambda db: pledges.page(
            db, actor, filter=chosen, today=today(actor), after=after, page_size=query.limit
        ),
    )
    return PledgeList(
        items=[to_pledge(actor, line) for line in lines],
        next=None if next_key is None else cursors.encode_cursor("pledges", next_key),
    )


@router.get("/{id}", summary="Read a pledge", operation_id="read_pledge")
def read(actor: CurrentActor, id: InPath) -> Pledge:  # noqa: A002
    """Return one pledge with its status."""
    return read_only(
        actor, lambda db: to_pledge(actor, pledges.get(db, actor, id, today=today(actor)).line)
    )


@router.post("", status_code=201, summary="Add a pledge", operation_id="add_pledge")
def add(actor: CurrentActor, body: NewPledge, once: OnlyOnce) -> Made:
    """Add a pledge."""
    each = Money.of(body.amount, body.currency)
    total = None if body.total is None else Money.of(body.total, body.currency)

    def make() -> Made:
        pledge_id = pledges.create(
            db,
            actor,
            donor_id=body.donor_id,
            amount=each,
            frequency=body.frequency,
            start=body.start,
            anchor=body.day_of_month,
            end=body.end,
            instalments=body.instalments,
            total=total,
            fund_id=body.fund_id,
            campaign_id=body.campaign_id,
            method=body.method,
            note=body.note,
            grace=body.grace_days,
        )
        return Made(id=pledge_id)

    with work(actor) as db:
        created = once(db, actor, body, Made, make)
    once.set_location(f"pledges/{created.id}")
    return created


@router.patch("/{id}", summary="Change a pledge", operation_id="change_pledge")
def change(actor: CurrentActor, id: InPath, body: ChangedPledge) -> Pledge:  # noqa: A002
    """Change the end, the method or the note; 409 if the pledge was changed meanwhile."""
    with work(actor) as db:
        line, sent = pledges.get(db, actor, id, today=today(actor)).line, body.model_fields_set
        total = None if body.total is None else Money.of(body.total, line.amount.currency)
        pledges.change_details(
            db,
            actor,
            pledge_id=id,
            version=body.version,
            end=body.end if "end" in sent else line.end,
            instalments=body.instalments if "instalments" in sent else line.instalments,
            total=total if "total" in sent else line.total,
            method=body.method if "method" in sent else line.method,
            note=body.note if "note" in sent else line.note,
            today=today(actor),
        )
        return to_pledge(actor, pledges.get(db, actor, id, today=today(actor)).line)


@router.post("/{id}/terms", summary="Change a pledge's schedule", operation_id="change_terms")
def change_terms(actor: CurrentActor, id: InPath, body: Terms, once: OnlyOnce) -> Done:  # noqa: A002
    """Change the schedule from a day on; earlier instalments stay unchanged."""

    def make() -> Done:
        old = pledges.get(db, actor, id, today=today(actor))
        terms = {
            "frequency": old.line.frequency,
            "day_of_month": old.anchor,
            "grace_days": old.grace,
            "fund_id": old.fund_id,
            "campaign_id": old.campaign_id,
        } | body.model_dump(exclude_unset=True, exclude={"version", "since"})
        pledges.change_terms(
            db,
            actor,
            pledge_id=id,
            version=body.version,
            since=body.since,
            frequency=terms["frequency"] or old.line.frequency,
            anchor=terms["day_of_month"],
            grace=terms["grace_days"],
            fund_id=terms["fund_id"],
            campaign_id=terms["campaign_id"],
            today=today(actor),
        )
        return Done()

    with work(actor) as db:
        return once(db, actor, body, Done, make)


@router.post("/{id}/stop", summary="Stop a pledge", operation_id="stop_pledge")
def stop(actor: CurrentActor, id: InPath, body: Stop) -> Done:  # noqa: A002
    """End a pledge: no instalments are expected after the day."""
    with work(actor) as db:
        pledges.end(
            db,
            actor,
            pledge_id=id,
            on=body.date,
            completed=body.completed,
            reason=body.reason,
            today=today(actor),
        )
    return Done()
