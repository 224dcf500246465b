"""What the administration of funds and that of campaigns share: rights, names, locks, audit."""

from collections.abc import Mapping
from typing import Any, TypeVar

from app import audit
from app.accounts import AUDITORS, Actor, Role, require, require_set_up
from app.db import Session
from app.db.models import Campaign, Fund
from app.gifts.queries import purposes as queries
from app.kit import text
from app.kit.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError

P = TypeVar("P", Fund, Campaign)
NOUNS: Mapping[type[Fund] | type[Campaign], str] = {Fund: "fund", Campaign: "campaign"}


def require_reader(actor: Actor) -> None:
    """Raise unless the actor may read the sums of funds and campaigns.

    Raises:
        NotAllowedError: the actor is neither an administrator nor in finance.
    """
    require_set_up(actor)
    if actor.role not in {*AUDITORS, Role.SYSTEM}:
        msg = "Your role does not allow this. Ask an administrator."
        raise NotAllowedError(msg)


def require_editor(actor: Actor) -> None:
    """Raise unless the actor may change funds and campaigns.

    Raises:
        NotAllowedError: the actor is no administrator.
    """
    require(actor, Role.ADMIN, Role.SYSTEM)


def checked_name(db: Session, model: type[P], name: str, *, but: int | None = None) -> str:
    """Return a name that no other fund or campaign has.

    Raises:
        InvalidError: it is empty, too long, or taken, also in another case.
    """
    noun = NOUNS[model]
    checked = text.name(name, f"The name of the {noun}")
    if not checked:
        msg = f"Please give the {noun} a name."
        raise InvalidError(msg)
    other = queries.same_name(db, model, checked, but=but)
    if other is None:
        return checked
    if other.merged_into_id is not None:
        target = queries.find(db, model, other.merged_into_id)
        msg = (
            f"“{other.name}” was merged into “{target.name if target else ''}”, and files that "
            "name it are imported for that one. Choose another name."
        )
        raise InvalidError(msg)
    raise _taken(model, other.name)


def add(db: Session, model: type[P], **values: object) -> int:
    """Insert a fund or campaign and return its id.

    Raises:
        InvalidError: the name was taken since it was checked.
    """
    purpose_id = queries.add(db, model, **values)
    if purpose_id is None:
        raise _taken(model, str(values["name"]))
    return purpose_id


def change(db: Session, model: type[P], purpose_id: int, **values: object) -> None:
    """Update columns of a fund or campaign.

    Raises:
        InvalidError: the name was taken since it was checked.
    """
    if not queries.change(db, model, purpose_id, **values):
        raise _taken(model, str(values["name"]))


def _taken(model: type[P], name: str) -> InvalidError:
    msg = f"There is a {NOUNS[model]} named “{name}” already. Choose another name, or merge them."
    return InvalidError(msg)


def lock(db: Session, model: type[P], purpose_id: int, version: int) -> P:
    """Lock a fund or campaign for a change and return it.

    Raises:
        NotFoundError: it does not exist, or is merged into another.
        ConflictError: someone saved since `version`.
    """
    purpose = queries.locked(db, model, [purpose_id]).get(purpose_id)
    if purpose is None:
        raise _not_found(model)
    _check_version(model, purpose, version)
    return purpose


def lock_both(
    db: Session, model: type[P], purpose_id: int, into_id: int, version: int
) -> tuple[P, P]:
    """Lock two funds or campaigns for a merge and return them.

    Raises:
        InvalidError: they are the same.
        NotFoundError: one does not exist, or is merged into another.
        ConflictError: someone saved the first since `version`.
    """
    rows = queries.locked(db, model, [purpose_id, into_id])
    purpose, target = rows.get(purpose_id), rows.get(into_id)
    check_pair(model, purpose_id, into_id)
    if purpose is None or target is None:
        raise _not_found(model)
    _check_version(model, purpose, version)
    return purpose, target


def pair(db: Session, model: type[P], purpose_id: int, into_id: int) -> tuple[P, P]:
    """Return two different funds or campaigns.

    Raises:
        InvalidError: they are the same.
        NotFoundError: one does not exist, or is merged into another.
    """
    check_pair(model, purpose_id, into_id)
    purpose, target = (queries.find(db, model, key) for key in (purpose_id, into_id))
    if purpose is None or target is None:
        raise _not_found(model)
    return purpose, target


def check_pair(model: type[P], purpose_id: int, into_id: int) -> None:
    """Raise an error for a merge of a fund or campaign into itself.

    Raises:
        InvalidError: the ids are the same.
    """
    if purpose_id == into_id:
        msg = f"A {NOUNS[model]} cannot be merged into itself. Choose another one."
        raise InvalidError(msg)


def _check_version(model: type[P], purpose: P, version: int) -> None:
    if purpose.version != version:
        msg = f"Someone else changed this {NOUNS[model]} while you were typing. Nothing was saved."
        raise ConflictError(msg)


def _not_found(model: type[P]) -> NotFoundError:
    return NotFoundError(f"This {NOUNS[model]} does not exist any more.")


def log_change(
    db: Session,
    actor: Actor,
    model: type[P],
    purpose_id: int,
    verb: str,
    sentence: str,
    *,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    """Write a change of a fund or campaign to the audit log; equal values are left out."""
    old, new = before or {}, after or {}
    if before is not None:
        new = {name: value for name, value in new.items() if old.get(name) != value}
        old = {name: value for name, value in old.items() if name in new}
    audit.record(
        db,
        actor_id=actor.user_id,
        action=f"{NOUNS[model]}.{verb}",
        entity=NOUNS[model],
        entity_id=purpose_id,
        sentence=sentence,
        before=old,
        after=new,
    )
