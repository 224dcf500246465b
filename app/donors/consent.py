"""Consent: what a donor allowed or refused per channel and purpose, with day and source."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from app import audit
from app.accounts import Actor
from app.db import Session
from app.donors import read_model
from app.donors.queries import consent as consent_queries
from app.donors.queries import write as write_queries
from app.donors.rules import CHANNELS
from app.donors.service import changed, lock
from app.kit.amount_masking import without_amounts
from app.kit.errors import InvalidError
from app.kit.text import LONGEST_LINE, line

PURPOSES = {
    "everything": "anything at all",
    "news": "news of the work",
    "appeals": "asking for a gift",
    "thanks": "thanks and receipts",
}
# consent for every purpose on these channels also sets the donor's "not wished" flag
FLAGS = {"email": "no_email", "phone": "no_phone", "mail": "no_mail"}
EARLIEST = date(1900, 1, 1)


@dataclass(frozen=True, slots=True)
class Consent:
    """One answer of a donor; `source` says how it is known, `by` who recorded it."""

    channel: str
    purpose: str
    granted: bool
    source: str
    given_on: date
    by: str | None


def consents(db: Session, actor: Actor, donor_id: int) -> list[Consent]:
    """Return every answer a donor ever gave, newest first.

    Raises:
        NotFoundError: the donor does not exist or is not visible to the actor.
    """
    read_model.require_visible(db, actor, donor_id)
    mask = str if actor.sees_amounts else without_amounts
    return [
        Consent(row.channel, row.purpose, row.granted, mask(row.source), row.given_on, row.by)
        for row in consent_queries.of_donor(db, actor, donor_id)
    ]


def in_force(answers: Sequence[Consent]) -> list[Consent]:
    """Return the answers now in force: the newest of each channel and purpose.

    A newer answer for everything on a channel overrides older ones for a single purpose.
    `answers` must be sorted newest first.
    """
    newest: dict[tuple[str, str], Consent] = {}
    for answer in answers:
        if (answer.channel, "everything") not in newest:
            newest.setdefault((answer.channel, answer.purpose), answer)
    order = (*CHANNELS,), (*PURPOSES,)
    return sorted(
        newest.values(),
        key=lambda answer: (order[0].index(answer.channel), order[1].index(answer.purpose)),
    )


def record_consent(
    db: Session,
    actor: Actor,
    *,
    donor_id: int,
    channel: str,
    purpose: str,
    granted: bool,
    source: str,
    given_on: date,
    today: date,
) -> None:
    """Record a donor's answer; an answer for everything also sets the "not wished" flag.

    Raises:
        NotFoundError, NotAllowedError: the actor may not change this donor.
        InvalidError: an unknown channel or purpose, no source, or an impossible day.
    """
    lock(db, actor, donor_id)
    origin = line(source, "How you know")
    _refuse(channel, purpose, origin, given_on, today=today)
    consent_queries.add(
        db,
        donor_id=donor_id,
        channel=channel,
        purpose=purpose,
        granted=granted,
        source=origin,
        given_on=given_on,
        recorded_by=actor.user_id or None,
    )
    answers = in_force(consents(db, actor, donor_id))
    _set_flag(db, donor_id, channel, answers, today)
    _record_event(
        db, actor, donor_id, channel=channel, purpose=purpose, granted=granted, source=origin
    )


def _refuse(channel: str, purpose: str, source: str, given_on: date, *, today: date) -> None:
    if channel not in CHANNELS or purpose not in PURPOSES:
        msg = "Choose the channel and the purpose from the lists."
        raise InvalidError(msg)
    if not source:
        msg = f"Say how you know, in at most {LONGEST_LINE} characters: a card, a call, a form."
        raise InvalidError(msg)
    if not EARLIEST <= given_on <= today:
        msg = "The day of the answer cannot lie ahead, nor before 1900."
        raise InvalidError(msg)


def _set_flag(
    db: Session, donor_id: int, channel: str, answers: Sequence[Consent], today: date
) -> None:
    for_everything = [
        answer for answer in answers if (answer.channel, answer.purpose) == (channel, "everything")
    ]
    if for_everything and channel in FLAGS:
        write_queries.change(db, donor_id, **{FLAGS[channel]: not for_everything[0].granted})
        changed.send(db, [donor_id], today)


def _record_event(
    db: Session,
    actor: Actor,
    donor_id: int,
    *,
    channel: str,
    purpose: str,
    granted: bool,
    source: str,
) -> None:
    verb = "Allowed" if granted else "Refused"
    audit.record(
        db,
        actor_id=actor.user_id,
        action="donor.consented",
        entity="donor",
        entity_id=donor_id,
        donor_id=donor_id,
        sentence=f"{verb} {PURPOSES[purpose]} by {CHANNELS[channel]} ({source}).",
        after={"channel": channel, "purpose": purpose, "granted": granted},
    )
