"""API routes for changes of a pledge: another amount, pauses, excused instalments."""

from fastapi import APIRouter
from pydantic import Field

from app import pledges
from app.api.rest.dependencies import CurrentActor, today, work
from app.api.rest.idempotency import OnlyOnce
from app.api.rest.schemas.common import Body, Day, Decimal, Done, InPath, Note, Yes
from app.api.rest.schemas.donors import Version
from app.kit.money import Money

router = APIRouter(prefix="/pledges/{id}", tags=["pledges"])


class NewAmount(Body):
    """Another amount of each instalment, in the currency of the pledge."""

    version: Version
    amount: Decimal
    since: Day = Field(description="First day on which it holds.", examples=["2026-12-01"])
    correction: Yes = Field(
        default=False, description="The old amount was a mistake: no upgrade or downgrade."
    )


class Pause(Body):
    """The days on which a pledge is paused, both included."""

    version: Version
    start: Day = Field(description="First day of the pause.", examples=["2026-12-01"])
    end: Day | None = Field(None, description="Last day; null: until it is resumed.")
    reason: Note | None = Field(None, description="Reason for the pause.")


class Resumption(Body):
    """The day from which instalments are expected again."""

    version: Version
    date: Day = Field(description="First day after the pause.", examples=["2026-12-01"])


class Excuse(Body):
    """An instalment that is not expected."""

    version: Version
    due: Day = Field(description="Day on which the instalment is due.", examples=["2026-12-01"])
    reason: Note | None = Field(None, description="Why it is excused.")


class ExpectedAgain(Body):
    """An excused instalment that is expected again."""

    due: Day = Field(description="Day on which the instalment is due.", examples=["2026-12-01"])


@router.post("/amount", summary="Change a pledge's amount", operation_id="change_pledge_amount")
def change_amount(actor: CurrentActor, id: InPath, body: NewAmount, once: OnlyOnce) -> Done:  # noqa: A002
    """Change the amount from a day on; earlier amounts stay in the history."""

    def make() -> Done:
        line = pledges.get(db, actor, id, today=today(actor)).line
        pledges.change_amount(
            db,
            actor,
            pledge_id=id,
            version=body.version,
            amount=Money.of(body.amount, line.amount.currency),
            since=body.since,
            correction=body.correction,
            today=today(actor),
        )
        return Done()

    with work(actor) as db:
        return once(db, actor, body, Done, make)


@router.post("/pause", summary="Pause a pledge", operation_id="pause_pledge")
def pause(actor: CurrentActor, id: InPath, body: Pause, once: OnlyOnce) -> Done:  # noqa: A002
    """Pause a pledge: no instalments are expected on these days."""

    def make() -> Done:
        pledges.pause(
            db,
            actor,
            pledge_id=id,
            version=body.version,
            start=body.start,
            end=body.end,
            reason=body.reason,
            today=today(actor),
        )
        return Done()

    with work(actor) as db:
        return once(db, actor, body, Done, make)


@router.post("/resume", summary="Resume a pledge", operation_id="resume_pledge")
def resume(actor: CurrentActor, id: InPath, body: Resumption, once: OnlyOnce) -> Done:  # noqa: A002
    """Resume a paused pledge; the pause ends the day before."""

    def make() -> Done:
        pledges.resume(db, actor, pledge_id=id, version=body.version, on=body.date)
        return Done()

    with work(actor) as db:
        return once(db, actor, body, Done, make)


@router.post("/skip", summary="Excuse an instalment", operation_id="skip_instalment")
def skip(actor: CurrentActor, id: InPath, body: Excuse, once: OnlyOnce) -> Done:  # noqa: A002
    """Excuse one instalment: it is not expected any more."""

    def make() -> Done:
        pledges.skip(
            db,
            actor,
            pledge_id=id,
            version=body.version,
            due=body.due,
            reason=body.reason,
            today=today(actor),
        )
        return Done()

    with work(actor) as db:
        return once(db, actor, body, Done, make)


@router.post("/unskip", summary="Expect an excused instalment", operation_id="unskip_instalment")
def unskip(actor: CurrentActor, id: InPath, body: ExpectedAgain) -> Done:  # noqa: A002
    """Expect an instalment again that was excused; repeating the request has no effect."""
    with work(actor) as db:
        pledges.unskip(db, actor, pledge_id=id, due=body.due, today=today(actor))
    return Done()
