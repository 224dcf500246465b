"""SQL of custom fields: their definitions, and the values that donors have in them."""

from collections.abc import Mapping, Sequence

from sqlalchemy import (
    ColumnElement,
    TableValuedAlias,
    and_,
    exists,
    func,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.exc import IntegrityError

from app.accounts import Actor, visible_donors
from app.db import Session
from app.db.models import CustomField, Donor
from app.donors.anonymity import hidden
from app.donors.results import DonorFilter


def fields(db: Session) -> Sequence[CustomField]:
    """Return every field in the order of forms."""
    statement = select(CustomField).order_by(CustomField.position, CustomField.id)
    return db.scalars(statement.execution_options(populate_existing=True)).all()


def locked(db: Session, field_id: int) -> CustomField | None:
    """Lock a field and return it."""
    statement = select(CustomField).where(CustomField.id == field_id).with_for_update()
    return db.scalar(statement.execution_options(populate_existing=True))


def same_name(db: Session, name: str, *, but: int | None) -> str | None:
    """Return the name of the field that has this one in any case, other than `but`."""
    statement = select(CustomField.name).where(func.lower(CustomField.name) == func.lower(name))
    return db.scalar(statement if but is None else statement.where(CustomField.id != but))


def add(db: Session, *, name: str, field_type: str, choices: Sequence[str]) -> int | None:
    """Insert a field after the others and return its id; None if the name was taken meanwhile."""
    position = select(func.coalesce(func.max(CustomField.position), 0) + 1).scalar_subquery()
    values = {"name": name, "type": field_type, "choices": list(choices), "position": position}
    statement = upsert(CustomField).values(values).on_conflict_do_nothing()
    return db.scalar(statement.returning(CustomField.id))


def change(db: Session, field_id: int, **values: object) -> bool:
    """Update a field; return False if its name was taken meanwhile."""
    row = update(CustomField).where(CustomField.id == field_id)
    try:
        with db.begin_nested():
            db.execute(row.values(version=CustomField.version + 1, **values))
    except IntegrityError:
        return False
    return True


def reorder(db: Session, field_ids: Sequence[int]) -> None:
    """Give the fields the order of these ids."""
    for position, field_id in enumerate(field_ids, 1):
        row = update(CustomField).where(CustomField.id == field_id)
        db.execute(row.values(position=position))


def count_donors(db: Session, actor: Actor) -> dict[str, int]:
    """Return how many of the actor's donors have a value, by the name of the field."""
    pair = _pairs()
    statement = (
        select(pair.c.key, func.count())
        .select_from(Donor)
        .join(pair, text("true"))
        .where(visible_donors(actor))
        .group_by(pair.c.key)
    )
    return {str(name): int(donors) for name, donors in db.execute(statement)}


def values(db: Session, actor: Actor, names: Sequence[str]) -> dict[str, int]:
    """Return value → number of the actor's donors that have it in one of these fields.

    Names are compared in any case.
    """
    pair = _pairs()
    statement = (
        select(pair.c.value, func.count())
        .select_from(Donor)
        .join(pair, text("true"))
        .where(visible_donors(actor), func.lower(pair.c.key).in_(_lower(names)))
        .group_by(pair.c.value)
    )
    return {str(value): int(donors) for value, donors in db.execute(statement)}


def count_doubled(db: Session, actor: Actor, names: Sequence[str]) -> int:
    """Count the actor's donors that have a value in more than one of these fields."""
    pair = _pairs()
    several = (
        select(func.count() > 1)
        .select_from(pair)
        .where(func.lower(pair.c.key).in_(_lower(names)))
        .scalar_subquery()
    )
    statement = select(func.count()).select_from(Donor).where(visible_donors(actor), several)
    return db.scalar(statement) or 0


def rewrite(
    db: Session, names: Sequence[str], name: str, stored: Mapping[str, str]
) -> Sequence[int]:
    """Move the values of fields to the field `name`, each as stored; return the changed donors.

    For an administrator, who has been checked.
    """
    parameters = {
        "names": _lower(names),
        "name": name,
        "old": list(stored),
        "new": list(stored.values()),
    }
    return list(db.scalars(text(_REWRITE), parameters))


def has_custom_value(actor: Actor, donor_filter: DonorFilter) -> ColumnElement[bool]:
    """Return the condition that a visible donor has the filter's value in its custom field.

    What the actor may not read does not select a donor either: values of donors whose name is
    hidden, and for actors who may not see amounts, values that may hold one.
    """
    name, value = donor_filter.custom_field or "", (donor_filter.custom_value or "").strip()
    readable = and_(visible_donors(actor), ~hidden(actor))
    if not value:
        return and_(readable, func.jsonb_exists(Donor.custom, name))
    stored = func.lower(Donor.custom[name].astext)
    same, part = stored == value.lower(), stored.contains(value.lower(), autoescape=True)
    if not actor.sees_amounts:
        return and_(readable, same, _is_defined(name, "date", "choice", "yes-no"))
    return and_(readable, or_(same, and_(_is_defined(name, "text"), part)))


def _is_defined(name: str, *types: str) -> ColumnElement[bool]:
    return exists().where(CustomField.name == name, CustomField.type.in_(types))


def _pairs() -> TableValuedAlias:
    """Return the fields of a donor as a table of keys and values."""
    return func.jsonb_each_text(Donor.custom).table_valued("key", "value").render_derived()


def _lower(names: Sequence[str]) -> list[str]:
    return [name.lower() for name in names]


_REWRITE = """
update donor d set custom = n.custom, version = d.version + 1, updated_at = now()
from (
    select o.id, jsonb_object_agg(
        case when lower(f.key) = any(:names) then :name else f.key end,
        case when lower(f.key) = any(:names) then to_jsonb(m.new) else f.value end) as custom
    from donor o
    cross join jsonb_each(o.custom) f
    left join unnest(cast(:old as text[]), cast(:new as text[])) m(old, new)
        on m.old = f.value #>> '{}'
    where exists (select from jsonb_object_keys(o.custom) k where lower(k) = any(:names))
    group by o.id) n
where d.id = n.id and d.custom <> n.custom
returning d.id
"""
