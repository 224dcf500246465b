"""The contact log of a donor: log, correct, delete and restore a contact."""

from datetime import date, datetime

from app import audit
from app.accounts import Actor, organisation, require_own
from app.db import Session
from app.db.models import ContactLog
from app.donors import read_model, rules
from app.donors.history import queries
from app.donors.history.results import Contact
from app.donors.queries import write as write_queries
from app.donors.service import lock
from app.kit.dates import days
from app.kit.errors import ConflictError, InvalidError, NotFoundError
from app.kit.hooks import Hook
from app.kit.text import note

# sent with the acting user, donor id, contact id, day and moment; not sent for notes
contact_logged: Hook[Session, Actor, int, int, date, datetime] = Hook()
LONGEST_NOTE = 4_000
# contacts of this kind do not count as the last contact
NOTE = "note"
UNKNOWN = "This contact does not exist, or is not yours to see."
# what is needed to restore a deleted contact
_KEPT = ("by_id", "import_source", "external_id", "import_run_id")


def log_contact(
    db: Session, actor: Actor, *, donor_id: int, kind: str, text: str | None, at: datetime
) -> int:
    """Add a call, meeting, letter, text, e-mail or note to the contact log; return its id.

    Raises:
        NotFoundError, NotAllowedError: the actor may not change this donor.
        InvalidError: an unknown kind, or a text that is too long.
    """
    lock(db, actor, donor_id)
    cleaned_text = _checked_text(kind, text)
    contact_id = queries.add_contact(
        db, donor_id=donor_id, kind=kind, text=cleaned_text, at=at, by_id=actor.user_id or None
    )
    day = read_model.local_day(db, at)
    if kind != NOTE:
        write_queries.update_last_contact(db, donor_id, day)
    sentence = f"Logged a {kind}." if kind != "e-mail" else "Logged an e-mail."
    _record_event(db, actor, "donor.contacted", donor_id, contact_id, sentence)
    if kind != NOTE:
        contact_logged.send(db, actor, donor_id, contact_id, day, at)
    return contact_id


def contact(db: Session, actor: Actor, *, contact_id: int) -> Contact:
    """Return a logged contact to change, with its text as it was written.

    Raises:
        NotFoundError: there is no such contact, or the donor is not visible to the actor.
        NotAllowedError: the actor may not change this donor.
    """
    return _contact(_locked(db, actor, contact_id))


def change_contact(
    db: Session,
    actor: Actor,
    *,
    contact_id: int,
    version: str,
    kind: str,
    text: str | None,
    at: datetime,
) -> None:
    """Correct a logged contact, and recompute the day of the last contact.

    Whoever may log a contact of the donor may correct one, as its owner may have changed since.

    Raises:
        ConflictError: somebody else changed it since `version`.
        NotFoundError, NotAllowedError: there is none, or the actor may not change the donor.
        InvalidError: an unknown kind, a text that is too long, or an impossible day.
    """
    row = _locked(db, actor, contact_id, version)
    new = {"kind": kind, "text": _checked_text(kind, text), "at": at}
    days.check_day(at.date())
    old = {name: getattr(row, name) for name in new}
    differing = [name for name in new if old[name] != new[name]]
    if not differing:
        return
    donor_id = row.donor_id
    queries.change_contact(db, contact_id, **new)
    write_queries.recompute_last_contact(db, donor_id, zone=organisation(db).time_zone)
    before, after = ({name: _json_value(side[name]) for name in differing} for side in (old, new))
    sentence, action = "Corrected a logged contact.", "donor.contact_changed"
    _record_event(db, actor, action, donor_id, contact_id, sentence, before=before, after=after)
    if kind != NOTE and (old["kind"] == NOTE or at > old["at"]):
        day = read_model.local_day(db, at)
        contact_logged.send(db, actor, donor_id, contact_id, day, at)


def remove_contact(
    db: Session, actor: Actor, *, contact_id: int, version: str | None = None
) -> None:
    """Delete a logged contact, and recompute the day of the last contact.

    Whoever may log a contact of the donor may delete one, as its owner may have changed since.

    Raises:
        ConflictError: somebody else changed it since `version`, if one is given.
        NotFoundError: there is no such contact, or the donor is not visible to the actor.
        NotAllowedError: the actor may not change this donor.
    """
    row = _locked(db, actor, contact_id, version)
    donor_id = row.donor_id
    names = ("kind", "text", "at", *_KEPT)
    before = {name: _json_value(getattr(row, name)) for name in names}
    queries.remove_contact(db, contact_id)
    write_queries.recompute_last_contact(db, donor_id, zone=organisation(db).time_zone)
    sentence = "Took back a logged contact."
    _record_event(db, actor, queries.REMOVED, donor_id, contact_id, sentence, before=before)


def restore_contact(db: Session, actor: Actor, *, contact_id: int) -> None:
    """Undo the deletion of a contact: add it again as it was, and who logged it.

    Raises:
        ConflictError: it is there again already.
        NotFoundError: it was not deleted, or the audit log does not have its values (any more).
        NotAllowedError: the actor may not change this donor.
    """
    require_own(actor)
    removed = queries.removed_contact(db, actor, contact_id)
    if removed is None:
        raise NotFoundError(UNKNOWN)
    donor_id, values = removed
    lock(db, actor, donor_id)
    # read again: an erasure may have deleted the values before the donor was locked
    _, values = queries.removed_contact(db, actor, contact_id) or (donor_id, None)
    if not values:
        msg = "What this contact said is no longer known, so it cannot come back."
        raise NotFoundError(msg)
    if queries.is_contact(db, contact_id, values["import_source"], values["external_id"]):
        msg = "This contact is there again already."
        raise ConflictError(msg)
    if not queries.is_user(db, values["by_id"]):
        values = values | {"by_id": None}
    at = datetime.fromisoformat(values["at"])
    queries.add_contact(db, **(values | {"id": contact_id, "donor_id": donor_id, "at": at}))
    write_queries.recompute_last_contact(db, donor_id, zone=organisation(db).time_zone)
    sentence = "Restored a logged contact."
    _record_event(db, actor, "donor.contact_restored", donor_id, contact_id, sentence)


def _locked(db: Session, actor: Actor, contact_id: int, version: str | None = None) -> ContactLog:
    """Lock the donor and then the contact, which has to be as it was at `version`."""
    require_own(actor)
    donor_id = queries.donor_of_contact(db, actor, contact_id)
    if donor_id is None:
        raise NotFoundError(UNKNOWN)
    lock(db, actor, donor_id)
    row = queries.locked_contact(db, contact_id)
    if row is None:
        raise NotFoundError(UNKNOWN)
    if version is not None and _contact(row).version != version:
        msg = (
            "Somebody else changed this contact in the meantime. Nothing of yours was saved: look "
            "at what is there now, then save again."
        )
        raise ConflictError(msg)
    return row


def _contact(row: ContactLog) -> Contact:
    return Contact(row.id, row.donor_id, row.kind, row.text, row.at)


def _checked_text(kind: str, text: str | None) -> str | None:
    if kind not in rules.CONTACT_KINDS:
        msg = f"“{kind}” is not a kind of contact."
        raise InvalidError(msg)
    return note(text, longest=LONGEST_NOTE)


def _json_value(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value


def _record_event(
    db: Session,
    actor: Actor,
    action: str,
    donor_id: int,
    contact_id: int,
    sentence: str,
    *,
    before: dict[str, object] | None = None,
    after: dict[str, object] | None = None,
) -> None:
    audit.record(
        db,
        actor_id=actor.user_id,
        action=action,
        entity="contact",
        entity_id=contact_id,
        donor_id=donor_id,
        sentence=sentence,
        before=before,
        after=after,
    )
