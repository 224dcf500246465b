"""API routes for the contact log of donors and for their consents."""

from datetime import date, datetime
from typing import Literal

from fastapi import APIRouter
from pydantic import Field

from app import donors
from app.api.rest.dependencies import CurrentActor, now, read_only, today, work
from app.api.rest.idempotency import OnlyOnce
from app.api.rest.schemas.common import (
    Answer,
    Body,
    Day,
    Done,
    InPath,
    Line,
    Made,
    Moment,
    Note,
    Yes,
)
from app.kit.dates import days
from app.kit.errors import InvalidError

router = APIRouter(tags=["donors"])

ContactKind = Literal["call", "meeting", "letter", "text", "e-mail", "note"]
Channel = Literal["email", "phone", "mail", "text"]
Purpose = Literal["everything", "news", "appeals", "thanks"]


class NewContact(Body):
    """A contact to log."""

    kind: ContactKind = Field(description="How; a note counts as no contact.")
    text: Note | None = Field(None, description="What was said.")
    at: Moment | None = Field(
        None,
        description="When, with its offset; now by default.",
        examples=["2026-11-23T09:30:00Z"],
    )


class ChangedContact(Body):
    """Another kind, text and moment of a logged contact."""

    version: Line = Field(description="The version that was read.")
    kind: ContactKind = Field(description="How; a note counts as no contact.")
    text: Note | None = Field(description="What was said.")
    at: Moment = Field(description="When, with its offset.", examples=["2026-11-23T09:30:00Z"])


class LoggedContact(Answer):
    """A logged contact to change; send its `version` with the change."""

    id: int
    version: str = Field(description="Differs once any of the values differs.")
    donor_id: int
    kind: str
    text: str | None
    at: datetime


class Consent(Answer):
    """A donor's answer to whether it may be contacted."""

    channel: str
    purpose: str
    granted: bool
    source: str = Field(description="How it is known.")
    given_on: date
    by: str | None = Field(description="Name of the user who recorded it.")


class ConsentList(Answer):
    """Every answer that a donor ever gave, newest first."""

    items: list[Consent]


class NewConsent(Body):
    """A donor's answer to record."""

    channel: Channel = Field(description="How the donor may be contacted or not.")
    purpose: Purpose = Field("everything", description="What for.")
    granted: Yes = Field(description="Whether the donor agreed.")
    source: Line = Field(description="How it is known.", examples=["A card"])
    given_on: Day | None = Field(None, description="Day of the answer; today by default.")


@router.post(
    "/donors/{id}/contacts", status_code=201, summary="Log a contact", operation_id="log_contact"
)
def log_contact(actor: CurrentActor, id: InPath, body: NewContact, once: OnlyOnce) -> Made:  # noqa: A002
    """Log a call, meeting, letter, text, e-mail or note about a donor."""

    def make() -> Made:
        at = body.at or now()
        days.check_day(at.date())
        _check_past(at)
        return Made(
            id=donors.log_contact(db, actor, donor_id=id, kind=body.kind, text=body.text, at=at)
        )

    with work(actor) as db:
        return once(db, actor, body, Made, make)


@router.get("/contacts/{id}", summary="Read a contact", operation_id="read_contact")
def contact(actor: CurrentActor, id: InPath) -> LoggedContact:  # noqa: A002
    """Return a logged contact to those who may change it."""
    with work(actor) as db:
        found = donors.contact(db, actor, contact_id=id)
    return LoggedContact(
        id=found.contact_id,
        version=found.version,
        donor_id=found.donor_id,
        kind=found.kind,
        text=found.text,
        at=found.at,
    )


@router.patch("/contacts/{id}", summary="Change a contact", operation_id="change_contact")
def change_contact(actor: CurrentActor, id: InPath, body: ChangedContact) -> Done:  # noqa: A002
    """Correct a logged contact; the day of the donor's last contact is computed again.

    409 if somebody else changed it since `version`.
    """
    days.check_day(body.at.date())
    _check_past(body.at)
    with work(actor) as db:
        donors.change_contact(
            db,
            actor,
            contact_id=id,
            version=body.version,
            kind=body.kind,
            text=body.text,
            at=body.at,
        )
    return Done()


@router.post("/contacts/{id}/restore", summary="Restore a contact", operation_id="restore_contact")
def restore_contact(actor: CurrentActor, id: InPath) -> Done:  # noqa: A002
    """Undo the deletion of a contact; it is again as it was."""
    with work(actor) as db:
        donors.restore_contact(db, actor, contact_id=id)
    return Done()


def _check_past(at: datetime) -> None:
    if at > now():
        msg = "This moment is in the future. Add a task instead."
        raise InvalidError(msg)


@router.delete("/contacts/{id}", summary="Delete a contact", operation_id="delete_contact")
def delete_contact(actor: CurrentActor, id: InPath) -> Done:  # noqa: A002
    """Delete a logged contact; the day of the donor's last contact is computed again."""
    with work(actor) as db:
        donors.remove_contact(db, actor, contact_id=id)
    return Done()


@router.get("/donors/{id}/consents", summary="List consents", operation_id="list_consents")
def consents(actor: CurrentActor, id: InPath) -> ConsentList:  # noqa: A002
    """Return every answer of a donor, newest first."""
    answers = read_only(actor, lambda db: donors.consents(db, actor, id))
    return ConsentList(items=[Consent.model_validate(answer) for answer in answers])


@router.post(
    "/donors/{id}/consents",
    status_code=201,
    summary="Record a consent",
    operation_id="record_consent",
)
def record_consent(actor: CurrentActor, id: InPath, body: NewConsent, once: OnlyOnce) -> Done:  # noqa: A002
    """Record an answer; one for everything also changes the donor's "not wished" flags."""

    def make() -> Done:
        day = today(actor)
        donors.record_consent(
            db,
            actor,
            donor_id=id,
            channel=body.channel,
            purpose=body.purpose,
            granted=body.granted,
            source=body.source,
            given_on=body.given_on or day,
            today=day,
        )
        return Done()

    with work(actor) as db:
        return once(db, actor, body, Done, make)
