"""Operations on prayer and care requests: list, note, change, answer, reopen, remove."""

from dataclasses import dataclass
from datetime import date

from app import audit
from app.accounts import Actor, require_own
from app.care_requests import queries
from app.db import Session
from app.db.models import CareRequest
from app.donors.service import lock as lock_donor
from app.kit import text
from app.kit.amount_masking import without_amounts
from app.kit.dates import days
from app.kit.errors import ConflictError, InvalidError, NotFoundError
from app.organisation_settings import require_module

MODULE = "requests"
UNKNOWN = "This request does not exist, or is not yours to see."


@dataclass(frozen=True, slots=True)
class CareRequestLine:
    """A request as it is listed; it is open while `answered_on` is None.

    `text` and `answer` are empty where the actor may not see the donor's name, which they may
    contain. `editable` says whether the actor may change the request.
    """

    request_id: int
    donor_id: int
    donor_name: str
    text: str
    asked_on: date
    answered_on: date | None
    answer: str | None
    editable: bool
    version: int


@dataclass(frozen=True, slots=True)
class Page:
    """A page of requests, and the numbers of all open and of all answered ones.

    `next` is the (day, id) to ask the next page with, None at the end.
    """

    lines: list[CareRequestLine]
    open: int
    answered: int
    next: tuple[date, int] | None


def for_donor(db: Session, actor: Actor, *, donor_id: int) -> list[CareRequestLine]:
    """Return a donor's requests: open ones first, then the latest answers.

    Raises:
        NotFoundError: the module is switched off.
    """
    require_module(db, MODULE)
    return [_line(actor, row) for row in queries.of_donor(db, actor, donor_id=donor_id)]


def page(
    db: Session,
    actor: Actor,
    *,
    answered: bool = False,
    limit: int = 50,
    after: tuple[date, int] | None = None,
) -> Page:
    """Return a page of the open requests, the oldest first, or of the answered, the latest first.

    `after` is `Page.next` of the previous page.

    Raises:
        NotFoundError: the module is switched off.
    """
    require_module(db, MODULE)
    rows = queries.page(db, actor, answered=answered, limit=limit + 1, after=after)
    lines = [_line(actor, row) for row in rows[:limit]]
    last = lines[-1] if len(rows) > limit else None
    key = None if last is None else (last.answered_on or last.asked_on, last.request_id)
    return Page(lines, *queries.count(db, actor), next=key)


def add(
    db: Session, actor: Actor, *, donor_id: int, text: str, asked_on: date, today: date
) -> int:
    """Note a request of a donor and return its id.

    Raises:
        InvalidError: no text, or a day that is in the future or impossible.
        NotFoundError, NotAllowedError: the actor may not change this donor, or the module is off.
    """
    require_module(db, MODULE)
    values = {"text": _checked_text(text), "asked_on": _past(asked_on, today)}
    lock_donor(db, actor, donor_id)
    request_id = queries.add(db, donor_id=donor_id, created_by=actor.user_id or None, **values)
    _record_event(db, actor, "noted", request_id, donor_id)
    return request_id


def change(
    db: Session,
    actor: Actor,
    *,
    request_id: int,
    version: int,
    text: str,
    asked_on: date,
    today: date,
) -> None:
    """Change the text and the day of a request.

    Raises:
        InvalidError: no text, or a day in the future, impossible, or after the answer.
        ConflictError: somebody else changed it since `version`.
        NotFoundError, NotAllowedError: the actor may not change it, or the module is off.
    """
    request = _locked(db, actor, request_id, version)
    cleaned, day = _checked_text(text), _past(asked_on, today)
    if request.answered_on is not None and day > request.answered_on:
        msg = "A request cannot be asked after it was answered."
        raise InvalidError(msg)
    queries.set_values(db, request_id, text=cleaned, asked_on=day)
    _record_event(db, actor, "changed", request_id, request.donor_id)


def answer(
    db: Session,
    actor: Actor,
    *,
    request_id: int,
    version: int,
    answered_on: date,
    today: date,
    answer: str | None = None,
) -> None:
    """Mark a request as answered on a day, with a note on how; also corrects an answer.

    Raises:
        InvalidError: a day in the future, or before the request was asked.
        ConflictError: somebody else changed it since `version`.
        NotFoundError, NotAllowedError: the actor may not change it, or the module is off.
    """
    request = _locked(db, actor, request_id, version)
    day = _past(answered_on, today)
    if day < request.asked_on:
        msg = "A request cannot be answered before it was asked."
        raise InvalidError(msg)
    cleaned = text.note(answer, "The answer")
    queries.set_values(db, request_id, answered_on=day, answer=cleaned)
    _record_event(db, actor, "answered", request_id, request.donor_id)


def reopen(db: Session, actor: Actor, *, request_id: int, version: int) -> None:
    """Mark a request as open again; the note on its answer is deleted.

    Raises:
        ConflictError: somebody else changed it since `version`.
        NotFoundError, NotAllowedError: the actor may not change it, or the module is off.
    """
    request = _locked(db, actor, request_id, version)
    queries.set_values(db, request_id, answered_on=None, answer=None)
    _record_event(db, actor, "reopened", request_id, request.donor_id)


def remove(db: Session, actor: Actor, *, request_id: int, version: int) -> None:
    """Delete a request.

    Raises:
        ConflictError: somebody else changed it since `version`.
        NotFoundError, NotAllowedError: the actor may not change it, or the module is off.
    """
    request = _locked(db, actor, request_id, version)
    queries.remove(db, request_id)
    _record_event(db, actor, "removed", request_id, request.donor_id)


def _locked(db: Session, actor: Actor, request_id: int, version: int) -> CareRequest:
    require_own(actor)
    require_module(db, MODULE)
    donor_id = queries.donor_of(db, actor, request_id)
    if donor_id is None:
        raise NotFoundError(UNKNOWN)
    # the donor first, as an erasure does, so that the two never wait for each other
    lock_donor(db, actor, donor_id)
    request = queries.locked(db, request_id)
    if request is None:
        raise NotFoundError(UNKNOWN)
    if request.version != version:
        msg = (
            "Somebody else changed this request in the meantime. Nothing of yours was saved: look "
            "at what is there now, then save again."
        )
        raise ConflictError(msg)
    return request


def _checked_text(words: str) -> str:
    cleaned = text.note(words, "The request")
    if not cleaned or not text.visible(cleaned).strip():
        msg = "A request needs a few words that say what is asked."
        raise InvalidError(msg)
    return cleaned


def _past(day: date, today: date) -> date:
    days.check_day(day)
    if day > today:
        msg = "This day is in the future. Choose today or an earlier day."
        raise InvalidError(msg)
    return day


def _record_event(db: Session, actor: Actor, verb: str, request_id: int, donor_id: int) -> None:
    # without the text, which is often about health or faith: the log outlives the request
    audit.record(
        db,
        actor_id=actor.user_id,
        action=f"request.{verb}",
        entity="care_request",
        entity_id=request_id,
        donor_id=donor_id,
        sentence=f"{verb.capitalize()} a request.",
    )


def _line(actor: Actor, row: queries.RequestRow) -> CareRequestLine:
    request, donor_name, name_hidden, editable = row
    mask = str if actor.sees_amounts else without_amounts
    words = "" if name_hidden else mask(request.text)
    note = None if name_hidden or request.answer is None else mask(request.answer)
    return CareRequestLine(
        request_id=request.id,
        donor_id=request.donor_id,
        donor_name=donor_name,
        text=words,
        asked_on=request.asked_on,
        answered_on=request.answered_on,
        answer=note,
        editable=editable,
        version=request.version,
    )
