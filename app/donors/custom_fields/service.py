"""Administration of custom fields: create, change, close, reorder."""

from collections.abc import Sequence
from dataclasses import replace

from app import audit
from app.accounts import AUDITORS, Actor, Role, require, require_set_up
from app.db import Session, purpose_lock
from app.donors.custom_fields import rules
from app.donors.custom_fields.definitions import custom_fields
from app.donors.queries import custom_fields as queries
from app.donors.results import CustomField, CustomFieldLine
from app.kit.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError
from app.kit.formatting import count

GONE = "This field does not exist any more."


def custom_field_list(db: Session, actor: Actor) -> list[CustomFieldLine]:
    """Return every defined field with the number of donors that have a value, in their order.

    Raises:
        NotAllowedError: the actor is neither an administrator nor in finance.
    """
    require_set_up(actor)
    if actor.role not in {*AUDITORS, Role.SYSTEM}:
        msg = "Your role does not allow this. Ask an administrator."
        raise NotAllowedError(msg)
    donors = queries.count_donors(db, actor)
    return [CustomFieldLine(field, donors.get(field.name, 0)) for field in custom_fields(db)]


def create_custom_field(
    db: Session,
    actor: Actor,
    *,
    name: str,
    field_type: str,
    choices: Sequence[str] = (),
) -> int:
    """Define a field and return its id; donors' free fields of this name become its values.

    Administrators only.

    Raises:
        InvalidError: the name or a choice is not valid or taken, or a donor's value does not fit.
    """
    require(actor, Role.ADMIN, Role.SYSTEM)
    purpose_lock.lock_custom_fields(db)
    if len(custom_fields(db)) >= rules.MOST_FIELDS:
        msg = f"There may be {rules.MOST_FIELDS} custom fields at most."
        raise InvalidError(msg)
    checked = _free_name(db, name)
    field = CustomField(0, 1, checked, field_type, rules.checked_choices(field_type, choices))
    donors = _rewrite(db, actor, [checked], field)
    field_id = queries.add(db, name=checked, field_type=field_type, choices=field.choices)
    if field_id is None:
        raise _taken(checked)
    taken_over = f" {count(donors, 'donor')} changed." if donors else ""
    sentence = f"Created the custom field {checked} ({field_type}).{taken_over}"
    _log_change(db, actor, field_id, "created", sentence, after=field)
    return field_id


def change_custom_field(
    db: Session,
    actor: Actor,
    *,
    field_id: int,
    version: int,
    name: str,
    field_type: str,
    choices: Sequence[str] = (),
    is_open: bool = True,
) -> int:
    """Change, close or reopen a field; return how many donors were changed with it.

    A new name renames the field of each donor. Administrators only.

    Raises:
        NotFoundError, ConflictError: it does not exist any more, or someone saved since.
        InvalidError: the name or a choice is not valid or taken, or a donor's value does not fit.
    """
    require(actor, Role.ADMIN, Role.SYSTEM)
    purpose_lock.lock_custom_fields(db)
    old = _lock(db, field_id, version)
    checked = _free_name(db, name, but=field_id)
    choices = rules.checked_choices(field_type, choices)
    new = replace(old, name=checked, type=field_type, choices=choices, open=is_open)
    if new == old:
        return 0
    donors = 0
    if (new.name, new.type, new.choices) != (old.name, old.type, old.choices):
        donors = _rewrite(db, actor, [old.name, checked], new)
    status = "active" if is_open else "closed"
    changes = {"name": checked, "type": field_type, "choices": list(choices), "status": status}
    if not queries.change(db, field_id, **changes):
        raise _taken(checked)
    _log_change(db, actor, field_id, "changed", _sentence(old, new, donors), before=old, after=new)
    return donors


def reorder_custom_fields(db: Session, actor: Actor, *, field_ids: Sequence[int]) -> None:
    """Give the fields the order in which forms and lists show them. Administrators only.

    Raises:
        ConflictError: these are not all fields, each once.
    """
    require(actor, Role.ADMIN, Role.SYSTEM)
    purpose_lock.lock_custom_fields(db)
    before = custom_fields(db)
    if sorted(field.field_id for field in before) != sorted(field_ids):
        msg = "The fields have changed meanwhile. Nothing was saved. Load the page again."
        raise ConflictError(msg)
    if [field.field_id for field in before] == list(field_ids):
        return
    queries.reorder(db, field_ids)
    names = ", ".join(field.name for field in custom_fields(db))
    audit.record(
        db,
        actor_id=actor.user_id,
        action="custom_field.reordered",
        entity="custom_field",
        sentence="Changed the order of the custom fields.",
        before={"order": ", ".join(field.name for field in before)},
        after={"order": names},
    )


def _rewrite(db: Session, actor: Actor, names: Sequence[str], field: CustomField) -> int:
    """Store donors' values under the field's name and in its form; return how many changed."""
    doubled = queries.count_doubled(db, actor, names)
    if doubled:
        have = "donor has" if doubled == 1 else "donors have"
        msg = (
            f"{doubled:,} {have} two fields that would both be named {field.name}. Empty one of "
            "them first, or choose another name."
        )
        raise InvalidError(msg)
    stored = rules.refitted(field, queries.values(db, actor, names))
    return len(queries.rewrite(db, names, field.name, stored)) if stored else 0


def _lock(db: Session, field_id: int, version: int) -> CustomField:
    queries.locked(db, field_id)
    field = next((each for each in custom_fields(db) if each.field_id == field_id), None)
    if field is None:
        raise NotFoundError(GONE)
    if field.version != version:
        msg = "Someone else changed this field while you were typing. Nothing was saved."
        raise ConflictError(msg)
    return field


def _free_name(db: Session, name: str, *, but: int | None = None) -> str:
    checked = rules.checked_name(name)
    other = queries.same_name(db, checked, but=but)
    if other is not None:
        raise _taken(other)
    return checked


def _taken(name: str) -> InvalidError:
    return InvalidError(f"There is a field named “{name}” already. Choose another name.")


def _sentence(old: CustomField, new: CustomField, donors: int) -> str:
    parts = []
    if new.name != old.name:
        parts.append(f"renamed to {new.name}")
    if new.type != old.type:
        parts.append(f"type changed from {old.type} to {new.type}")
    elif new.choices != old.choices:
        parts.append("choices changed")
    if new.open != old.open:
        parts.append("reopened" if new.open else "closed")
    changed = f" {count(donors, 'donor')} changed." if donors else ""
    return f"Custom field {old.name}: {', '.join(parts)}.{changed}"


def _log_change(
    db: Session,
    actor: Actor,
    field_id: int,
    verb: str,
    sentence: str,
    *,
    before: CustomField | None = None,
    after: CustomField,
) -> None:
    audit.record(
        db,
        actor_id=actor.user_id,
        action=f"custom_field.{verb}",
        entity="custom_field",
        entity_id=field_id,
        sentence=sentence,
        before=None if before is None else _as_json(before),
        after=_as_json(after),
    )


def _as_json(field: CustomField) -> dict[str, object]:
    return {
        "name": field.name,
        "type": field.type,
        "choices": ", ".join(field.choices),
        "status": "active" if field.open else "closed",
    }
