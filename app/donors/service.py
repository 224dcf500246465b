"""Operations that change donors: details and status."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import date

from app import audit
from app.accounts import Actor, Role, require_own, tasks_follow
from app.db import Session
from app.donors import read_model, rules
from app.donors.custom_fields import definitions
from app.donors.queries import write as write_queries
from app.donors.results import CustomField, DonorFields, DonorView, StaleDonorError
from app.kit import custom_fields
from app.kit.errors import InvalidError, NotAllowedError
from app.kit.hooks import Hook

# sent with the donor ids and the day after their details changed, in the same transaction
changed: Hook[Session, Sequence[int], date] = Hook()
MAY_CREATE = frozenset(
    {Role.FUNDRAISER, Role.SUPERVISOR, Role.COACH, Role.FINANCE, Role.ADMIN, Role.SYSTEM}
)


def create(db: Session, actor: Actor, *, fields: DonorFields) -> int:
    """Create a donor and return its id; without an explicit owner, the actor owns it.

    Raises:
        NotAllowedError: the role may not add donors, or not for another owner.
        InvalidError: a field is invalid.
    """
    require_own(actor)
    if actor.role not in MAY_CREATE:
        msg = "Your role can read donors but not add them. Ask an administrator."
        raise NotAllowedError(msg)
    new = _checked(definitions.held_custom_fields(db), fields)
    owner = new.owner_id or actor.user_id or None
    _check_owner(db, actor, owner)
    donor_id = write_queries.add(db, **(_columns(new) | {"owner_id": owner}))
    _put_children(db, donor_id, DonorFields(), new)
    differing = rules.differences(DonorFields(), new)
    audit.record(
        db,
        actor_id=actor.user_id,
        action="donor.created",
        entity="donor",
        entity_id=donor_id,
        donor_id=donor_id,
        sentence="Added as a donor.",
        after={name: value for name, (_, value) in differing.items()},
    )
    return donor_id


def update(
    db: Session, actor: Actor, *, donor_id: int, version: int, fields: DonorFields, today: date
) -> DonorView:
    """Save the changes of a form that was opened at `version`.

    Raises:
        NotFoundError, NotAllowedError: the actor may not see or change the donor.
        StaleDonorError: someone saved since; it carries both values of each field.
        InvalidError: a field is invalid.
    """
    defined = definitions.held_custom_fields(db)
    lock(db, actor, donor_id)
    old = read_model.get(db, actor, donor_id, today=today)
    new = _checked(defined, fields, old.fields)
    differing = rules.differences(old.fields, new)
    if old.version != version and differing:
        msg = f"Someone else changed {old.name} while you were typing. Nothing was saved yet."
        raise StaleDonorError(msg, differing)
    if not differing:
        return old
    _check_changes(db, actor, donor_id, old, new)
    write_queries.change(db, donor_id, **_columns(new))
    _put_children(db, donor_id, old.fields, new)
    audit.record(
        db,
        actor_id=actor.user_id,
        action="donor.changed",
        entity="donor",
        entity_id=donor_id,
        donor_id=donor_id,
        sentence=rules.sentence(differing),
        before={name: value for name, (value, _) in differing.items()},
        after={name: value for name, (_, value) in differing.items()},
    )
    changed.send(db, [donor_id], today)
    if "owner_id" in differing:
        old_id, new_id = differing["owner_id"]
        tasks_follow(db, donor_id=donor_id, old_id=old_id, new_id=new_id, by_id=actor.user_id)
    return read_model.get(db, actor, donor_id, today=today)


def mark_as_donor(db: Session, *, donor_id: int) -> None:
    """Set a donor's status to "donor" after a gift, whatever it was.

    For the gifts package, which has checked that the actor may record the gift.
    """
    write_queries.set_status(db, donor_id, "donor", unless=("donor",))


def reset_status_without_gifts(db: Session, *, donor_id: int) -> None:
    """Set a donor whose only gift was reversed back to "prospect".

    For the gifts package, which has checked that the actor may reverse the gift.
    """
    write_queries.reset_to_prospect(db, [donor_id])


def lock(db: Session, actor: Actor, donor_id: int) -> None:
    """Lock a donor row for a change.

    Raises:
        NotFoundError: the donor does not exist or is not visible to the actor.
        NotAllowedError: the actor may not change it, or the person was erased.
    """
    if write_queries.locked(db, actor, donor_id) is None:
        read_model.require_visible(db, actor, donor_id)
        msg = "You can see this donor but not change it. Ask its owner or an administrator."
        if write_queries.is_erased(db, donor_id):
            msg = "This person asked to be erased. Nothing can be written about them any more."
        raise NotAllowedError(msg)


def _checked(
    defined: list[CustomField], fields: DonorFields, saved: DonorFields | None = None
) -> DonorFields:
    new = rules.validated(fields, saved)
    more = definitions.checked_values(defined, new.more, saved.more if saved else None)
    return replace(new, more=more)


def _check_changes(
    db: Session, actor: Actor, donor_id: int, old: DonorView, new: DonorFields
) -> None:
    if new.kind != old.fields.kind:
        rules.check_kind(
            is_member=old.household_id is not None,
            has_members=write_queries.has_members(db, donor_id),
        )
    if new.owner_id != old.fields.owner_id:
        _check_owner(db, actor, new.owner_id)


def _check_owner(db: Session, actor: Actor, owner_id: int | None) -> None:
    if actor.role not in {Role.ADMIN, Role.SYSTEM} and owner_id != actor.user_id:
        msg = "Only an administrator can give a donor to someone else."
        raise NotAllowedError(msg)
    if owner_id is not None and not write_queries.is_active_user(db, owner_id):
        msg = "This owner does not exist or is no longer active."
        raise InvalidError(msg)


def _columns(new: DonorFields) -> dict[str, object]:
    values = asdict(new)
    for child in ("email", "phone", "address"):
        del values[child]
    values["custom"] = custom_fields.from_lines(values.pop("more"))
    return values


def _put_children(db: Session, donor_id: int, old: DonorFields, new: DonorFields) -> None:
    if new.email != old.email:
        write_queries.put_email(db, donor_id, new.email)
    if new.phone != old.phone:
        write_queries.put_phone(db, donor_id, new.phone)
    if new.address != old.address:
        write_queries.put_address(db, donor_id, asdict(new.address))
