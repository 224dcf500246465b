"""Tags: their administration, and the tags of a donor."""

from collections.abc import Collection

from app import audit
from app.accounts import AUDITORS, Actor, Role, require, require_own, require_set_up
from app.db import Session
from app.db.models import Tag
from app.donors import service
from app.donors.queries import tags as queries
from app.donors.results import TagLine, TagName
from app.kit import text
from app.kit.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError
from app.kit.formatting import count

GONE = "This tag does not exist any more."


def tags(db: Session) -> list[str]:
    """Return the name of every tag, sorted."""
    return [tag.name for tag in tag_names(db)]


def tag_names(db: Session) -> list[TagName]:
    """Return every tag, by name."""
    return [TagName(*row) for row in queries.names(db)]


def tag_list(db: Session, actor: Actor) -> list[TagLine]:
    """Return every tag with the number of donors that have it, by name.

    Raises:
        NotAllowedError: the actor is neither an administrator nor in finance.
    """
    require_set_up(actor)
    if actor.role not in {*AUDITORS, Role.SYSTEM}:
        msg = "Your role does not allow this. Ask an administrator."
        raise NotAllowedError(msg)
    return [TagLine(*row) for row in queries.with_counts(db)]


def create_tag(db: Session, actor: Actor, *, name: str) -> int:
    """Create a tag and return its id. Administrators only.

    Raises:
        InvalidError: the name is empty, too long or taken.
    """
    require(actor, Role.ADMIN, Role.SYSTEM)
    checked = _checked_name(db, name)
    tag_id = queries.add(db, checked)
    if tag_id is None:
        raise _taken(checked)
    _log_change(db, actor, tag_id, "created", f"Created the tag {checked}.", after=checked)
    return tag_id


def rename_tag(db: Session, actor: Actor, *, tag_id: int, version: int, name: str) -> None:
    """Rename a tag. Administrators only.

    Raises:
        NotFoundError, ConflictError: it does not exist any more, or someone saved since.
        InvalidError: the name is empty, too long or taken.
    """
    require(actor, Role.ADMIN, Role.SYSTEM)
    old = _lock(db, tag_id, version).name
    new = _checked_name(db, name, but=tag_id)
    if new == old:
        return
    if not queries.rename(db, tag_id, new):
        raise _taken(new)
    sentence = f"Renamed the tag {old} to {new}."
    _log_change(db, actor, tag_id, "renamed", sentence, before=old, after=new)


def delete_tag(db: Session, actor: Actor, *, tag_id: int, version: int) -> int:
    """Delete a tag and return how many donors have lost it. Administrators only.

    Raises:
        NotFoundError, ConflictError: it does not exist any more, or someone saved since.
    """
    require(actor, Role.ADMIN, Role.SYSTEM)
    name, donors = _lock(db, tag_id, version).name, queries.count_donors(db, tag_id)
    queries.remove(db, tag_id)
    sentence = f"Deleted the tag {name}: {count(donors, 'donor')} had it."
    _log_change(db, actor, tag_id, "deleted", sentence, before=name)
    return donors


def merge_tags(db: Session, actor: Actor, *, tag_id: int, into_id: int, version: int) -> int:
    """Give every donor of a tag another one instead; return how many. Administrators only.

    The merged tag is no longer listed; a later file that names it gives the other one.

    Raises:
        NotFoundError, ConflictError: one does not exist any more, or someone saved since.
        InvalidError: both are the same tag.
    """
    require(actor, Role.ADMIN, Role.SYSTEM)
    if tag_id == into_id:
        msg = "A tag cannot be merged into itself. Choose another one."
        raise InvalidError(msg)
    rows = queries.locked(db, (tag_id, into_id))
    if len(rows) < 2:  # noqa: PLR2004
        raise NotFoundError(GONE)
    _check_version(rows[tag_id], version)
    name, into, donors = rows[tag_id].name, rows[into_id].name, queries.count_donors(db, tag_id)
    queries.move(db, tag_id, into_id)
    sentence = f"Merged the tag {name} into {into}: {count(donors, 'donor')}."
    _log_change(db, actor, tag_id, "merged", sentence, before=name, after=into)
    return donors


def change_tags(
    db: Session,
    actor: Actor,
    *,
    donor_id: int,
    add: Collection[int] = (),
    remove: Collection[int] = (),
) -> None:
    """Give a donor tags and take others away; those that are already so are passed over.

    Raises:
        NotFoundError, NotAllowedError: the actor may not see or change the donor.
        InvalidError: a tag to add does not exist any more.
    """
    service.lock(db, actor, donor_id)
    before = queries.of_donor(db, donor_id)
    if len(queries.existing(db, add)) < len(set(add)):
        msg = f"{GONE} Choose again."
        raise InvalidError(msg)
    new, gone = set(add) - set(before), (set(remove) - set(add)) & set(before)
    if not new and not gone:
        return
    queries.untag(db, donor_id, gone)
    queries.tag(db, donor_id, new)
    audit.record(
        db,
        actor_id=actor.user_id,
        action="donor.tagged",
        entity="donor",
        entity_id=donor_id,
        donor_id=donor_id,
        sentence="Changed the tags.",
        before={"tags": ", ".join(before.values())},
        after={"tags": ", ".join(queries.of_donor(db, donor_id).values())},
    )


def tag_donors(
    db: Session, actor: Actor, *, tag_id: int, donor_ids: Collection[int], remove: bool = False
) -> tuple[int, ...]:
    """Give a tag to donors, or take it away; return the donors that were changed.

    Passed over are donors that the actor may not change, and those that are already so. The
    reverse for the returned donors undoes it.

    Raises:
        NotAllowedError: the actor may change none of the donors.
        NotFoundError: the tag does not exist any more.
    """
    require_own(actor)
    if donor_ids and not queries.count_editable(db, actor, donor_ids):
        msg = "You may change none of these donors. Ask their owner or an administrator."
        raise NotAllowedError(msg)
    name = queries.existing(db, (tag_id,)).get(tag_id)
    if name is None:
        raise NotFoundError(GONE)
    change_many = queries.untag_many if remove else queries.tag_many
    changed = change_many(db, actor, tag_id, donor_ids)
    if changed:
        did, to = ("Took", "from") if remove else ("Gave", "to")
        audit.record(
            db,
            actor_id=actor.user_id,
            action="tag.taken" if remove else "tag.given",
            entity="tag",
            entity_id=tag_id,
            sentence=f"{did} the tag {name} {to} {count(len(changed), 'donor')}.",
            after={"donor_ids": sorted(changed)},
        )
    return changed


def _lock(db: Session, tag_id: int, version: int) -> Tag:
    tag = queries.locked(db, (tag_id,)).get(tag_id)
    if tag is None:
        raise NotFoundError(GONE)
    _check_version(tag, version)
    return tag


def _check_version(tag: Tag, version: int) -> None:
    if tag.version != version:
        msg = "Someone else changed this tag while you were typing. Nothing was saved."
        raise ConflictError(msg)


def _checked_name(db: Session, name: str, *, but: int | None = None) -> str:
    checked = text.name(name, "The name of the tag")
    if not checked:
        msg = "Please give the tag a name."
        raise InvalidError(msg)
    other = queries.same_name(db, checked, but=but)
    if other is None:
        return checked
    if other.merged_into_id is not None:
        target = queries.find(db, other.merged_into_id)
        msg = (
            f"“{other.name}” was merged into “{target.name if target else ''}”, and files that "
            "name it give that tag. Choose another name."
        )
        raise InvalidError(msg)
    raise _taken(other.name)


def _taken(name: str) -> InvalidError:
    return InvalidError(f"There is a tag named “{name}” already. Choose another name.")


def _log_change(
    db: Session,
    actor: Actor,
    tag_id: int,
    verb: str,
    sentence: str,
    *,
    before: str | None = None,
    after: str | None = None,
) -> None:
    audit.record(
        db,
        actor_id=actor.user_id,
        action=f"tag.{verb}",
        entity="tag",
        entity_id=tag_id,
        sentence=sentence,
        before=None if before is None else {"name": before},
        after=None if after is None else {"name": after},
    )
