"""Add, change and remove a donor's e-mails, phones and postal addresses."""

from dataclasses import fields, replace
from datetime import date
from typing import TypeVar

from app import audit
from app.accounts import Actor
from app.db import Session
from app.donors import service
from app.donors.contacts import rules
from app.donors.contacts.details import (
    OTHER,
    Address,
    AddressDetail,
    ContactDetail,
    ContactDetails,
    EmailDetail,
    PhoneDetail,
)
from app.donors.queries import contact_details as queries
from app.donors.queries import write as write_queries
from app.kit.errors import ConflictError, InvalidError, NotFoundError

MOST_DETAILS = 20
NOUNS: dict[type[object], str] = {
    EmailDetail: "e-mail",
    PhoneDetail: "phone number",
    AddressDetail: "address",
}

_Detail = TypeVar("_Detail", bound=ContactDetail)


def add_contact_detail(
    db: Session,
    actor: Actor,
    *,
    donor_id: int,
    version: int,
    detail: ContactDetail,
    today: date,
) -> int:
    """Add an e-mail, phone or address and return its id; the first of its kind is primary.

    Raises:
        NotFoundError, NotAllowedError: the actor may not change this donor.
        ConflictError: the donor was changed since `version`.
        InvalidError: a value is invalid, or the donor has this one already.
    """
    stored = _lock(db, actor, donor_id, version)
    new = replace(rules.validated_detail(detail), id=None)
    others = _of_kind(stored, new)
    _refuse_duplicate(new, others)
    if len(others) >= MOST_DETAILS:
        msg = f"A donor can have {MOST_DETAILS} of these. Remove one first."
        raise InvalidError(msg)
    if not any(other.is_primary for other in others):
        new = replace(new, is_primary=True)
    detail_id = queries.add(db, donor_id, new)
    _finish(db, actor, donor_id, today, after=new)
    return detail_id


def change_contact_detail(
    db: Session,
    actor: Actor,
    *,
    donor_id: int,
    version: int,
    detail: ContactDetail,
    today: date,
) -> None:
    """Save a changed e-mail, phone or address; `detail.id` says which one.

    With `is_primary` it becomes the primary one; the primary one stays it until another is.

    Raises:
        NotFoundError: there is no such donor or detail. NotAllowedError: the actor may not change
        this donor. ConflictError: the donor was changed since `version`.
        InvalidError: a value is invalid, or the donor has this one already.
    """
    stored = _lock(db, actor, donor_id, version)
    old = _stored(stored, detail)
    new = rules.validated_detail(detail)
    if old.is_primary:
        new = replace(new, is_primary=True)
    _refuse_duplicate(new, tuple(other for other in _of_kind(stored, new) if other.id != old.id))
    if new == old:
        return
    queries.change(db, donor_id, new)
    _finish(db, actor, donor_id, today, before=old, after=new)


def make_primary_contact_detail(
    db: Session,
    actor: Actor,
    *,
    donor_id: int,
    version: int,
    kind: type[ContactDetail],
    detail_id: int,
    today: date,
) -> None:
    """Make an e-mail, phone or address the donor's primary one of its kind.

    Raises:
        NotFoundError: there is no such donor or detail. NotAllowedError: the actor may not change
        this donor. ConflictError: the donor was changed since `version`.
    """
    old = _stored(_lock(db, actor, donor_id, version), kind(id=detail_id))
    if old.is_primary:
        return
    new = replace(old, is_primary=True)
    queries.change(db, donor_id, new)
    _finish(db, actor, donor_id, today, before=old, after=new)


def remove_contact_detail(
    db: Session,
    actor: Actor,
    *,
    donor_id: int,
    version: int,
    kind: type[ContactDetail],
    detail_id: int,
    today: date,
) -> ContactDetail:
    """Remove an e-mail, phone or address and return it; the next one becomes primary.

    `add_contact_detail` with the returned detail undoes it.

    Raises:
        NotFoundError: there is no such donor or detail. NotAllowedError: the actor may not change
        this donor. ConflictError: the donor was changed since `version`.
    """
    stored = _lock(db, actor, donor_id, version)
    old = _stored(stored, kind(id=detail_id))
    queries.remove(db, donor_id, old)
    rest = [other for other in _of_kind(stored, old) if other.id != old.id]
    if old.is_primary and rest:
        queries.change(db, donor_id, replace(rest[0], is_primary=True))
    _finish(db, actor, donor_id, today, before=old)
    return old


def _lock(db: Session, actor: Actor, donor_id: int, version: int) -> ContactDetails:
    """Lock the donor for a change and return the stored contact details."""
    service.lock(db, actor, donor_id)
    if queries.version(db, donor_id) != version:
        msg = "Someone else changed this donor meanwhile. Nothing was saved; please look again."
        raise ConflictError(msg)
    return queries.details(db, donor_id)


def _of_kind(stored: ContactDetails, detail: _Detail) -> tuple[_Detail, ...]:
    every: tuple[ContactDetail, ...] = (*stored.emails, *stored.phones, *stored.addresses)
    return tuple(other for other in every if isinstance(other, type(detail)))


def _stored(stored: ContactDetails, detail: _Detail) -> _Detail:
    for other in _of_kind(stored, detail):
        if other.id == detail.id:
            return other
    msg = f"This {NOUNS[type(detail)]} is no longer there. Please look again."
    raise NotFoundError(msg)


def _refuse_duplicate(new: _Detail, others: tuple[_Detail, ...]) -> None:
    if str(new).casefold() in {str(other).casefold() for other in others}:
        msg = f"This donor has this {NOUNS[type(new)]} already."
        raise InvalidError(msg)


def _finish(
    db: Session,
    actor: Actor,
    donor_id: int,
    today: date,
    *,
    before: ContactDetail | None = None,
    after: ContactDetail | None = None,
) -> None:
    """Increment the donor's version, record the change and send the hook."""
    write_queries.change(db, donor_id)
    old, new = _json_values(before), _json_values(after)
    verb = "removed" if after is None else "changed" if before is not None else "added"
    audit.record(
        db,
        actor_id=actor.user_id,
        action=f"donor.contact_detail_{verb}",
        entity="donor",
        entity_id=donor_id,
        donor_id=donor_id,
        sentence=_sentence(verb, before, after),
        before={name: value for name, value in old.items() if new.get(name) != value},
        after={name: value for name, value in new.items() if old.get(name) != value},
    )
    service.changed.send(db, [donor_id], today)


def _sentence(verb: str, before: ContactDetail | None, after: ContactDetail | None) -> str:
    """Return a sentence on the change without its values: "Added a work e-mail."."""
    nouns = [_noun(detail) for detail in (after, before) if detail is not None]
    if before is not None and after == replace(before, is_primary=True):
        return f"Made {nouns[0]} the primary one."
    return f"{verb.capitalize()} {nouns[0]}."


def _noun(detail: ContactDetail) -> str:
    """Return what it is, with its article: "a work e-mail", "an address"."""
    noun = NOUNS[type(detail)]
    words = noun if detail.type == OTHER else f"{detail.type} {noun}"
    return f"{'an' if words[0] in 'aeiou' else 'a'} {words}"


def _json_values(detail: ContactDetail | None) -> dict[str, object]:
    """Return the values of a detail for the audit log."""
    if detail is None:
        return {}
    values = {field.name: getattr(detail, field.name) for field in fields(detail)}
    del values["id"]
    return {
        name: str(value) if isinstance(value, date | Address) else value
        for name, value in values.items()
        if value not in (None, False, OTHER)
    }
