"""Saved mappings: list, rename, share, edit and delete them, and save that of an imported file."""

from collections.abc import Mapping

from app import audit
from app.accounts import Actor, require
from app.db import Session
from app.imports.inspection import IMPORTERS
from app.imports.mapping import columns as maps
from app.imports.mapping.mapped_file import MappedFile
from app.imports.mapping.saved_mappings import MappingVersion, SavedMapping, fitting
from app.imports.queries import saved_mappings as queries
from app.imports.queries.runs.runs import StoredRun
from app.imports.values.fields import FIELDS
from app.kit import text
from app.kit.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError

LONGEST_NAME = 200
_GONE = (
    "This saved mapping is not here any more. It may have been deleted, or its owner keeps it to "
    "themselves now."
)
_SHARED = {
    True: "Shared the mapping “{}” with everybody.",
    False: "Made the mapping “{}” private.",
}


def list_mappings(db: Session, actor: Actor) -> list[SavedMapping]:
    """Return the saved mappings that the actor may use, those used last first.

    These are the actor's own and the shared ones; administrators see all. There are none for a
    role that does not import.
    """
    return queries.saved_mappings(db, actor) if actor.role in IMPORTERS else []


def rename_mapping(db: Session, actor: Actor, *, mapping_id: int, name: str) -> None:
    """Give a saved mapping another name.

    Raises:
        InvalidError: the name is blank or too long.
        NotFoundError: it was deleted, or is another user's and private.
        NotAllowedError: it is another user's.
    """
    saved = _changeable(db, actor, mapping_id)
    name = text.line(name, "The name", longest=LONGEST_NAME)
    if not name:
        msg = "Give the mapping a name."
        raise InvalidError(msg)
    if name == saved.name:
        return
    queries.change(db, mapping_id, name=name)
    sentence = f"Renamed the mapping “{saved.name}” to “{name}”."
    _record(db, actor, saved, "renamed", sentence, {"name": saved.name}, {"name": name})


def share_mapping(db: Session, actor: Actor, *, mapping_id: int, shared: bool) -> None:
    """Share a saved mapping with everybody who imports, or make it private again.

    Raises:
        NotFoundError, NotAllowedError: as `rename_mapping`.
    """
    saved = _changeable(db, actor, mapping_id)
    if shared == saved.shared:
        return
    queries.change(db, mapping_id, shared=shared)
    verb = "shared" if shared else "made_private"
    sentence = _SHARED[shared].format(saved.name)
    _record(db, actor, saved, verb, sentence, {"shared": saved.shared}, {"shared": shared})


def edit_mapping(
    db: Session, actor: Actor, *, mapping_id: int, version: int, mapping: Mapping[str, str]
) -> None:
    """Save other fields for the headers of a saved mapping as its next version.

    `version` is the number of the version that was edited; `mapping` is header → field, without
    the headers that are left out.

    Raises:
        InvalidError: a header or field is unknown, or a required field has no header.
        ConflictError: there is a newer version meanwhile.
        NotFoundError, NotAllowedError: as `rename_mapping`.
    """
    saved = _changeable(db, actor, mapping_id)
    latest = saved.latest
    if latest.version != version:
        msg = "Somebody has changed this mapping meanwhile. Look at it again, then edit it."
        raise ConflictError(msg)
    _check(saved, mapping)
    if dict(mapping) == dict(latest.mapping):
        return
    key = maps.header_key(latest.headers)
    queries.add_version(
        db,
        actor,
        mapping_id,
        key=key,
        headers=latest.headers,
        mapping=mapping,
        words=latest.words,
    )
    queries.remove_draft(db, actor, key=key, kind=saved.kind)
    sentence = f"Edited the mapping “{saved.name}”: version {version + 1}."
    before, after = _changes(latest, mapping)
    _record(db, actor, saved, "edited", sentence, before, after)


def _changes(
    latest: MappingVersion, mapping: Mapping[str, str]
) -> tuple[dict[str, object], dict[str, object]]:
    """Return the changed headers with the field of before, and with the field of now."""
    changed = [
        header for header in latest.headers if mapping.get(header) != latest.mapping.get(header)
    ]
    before: dict[str, object] = {header: latest.mapping.get(header) for header in changed}
    return before, {header: mapping.get(header) for header in changed}


def delete_mapping(db: Session, actor: Actor, *, mapping_id: int) -> None:
    """Delete a saved mapping with all its versions; imports that used it stay as they are.

    Raises:
        NotFoundError, NotAllowedError: as `rename_mapping`.
    """
    saved = _changeable(db, actor, mapping_id)
    queries.remove(db, mapping_id)
    for key in {maps.header_key(version.headers) for version in saved.versions}:
        queries.remove_draft(db, actor, key=key, kind=saved.kind)
    before = {"name": saved.name, "kind": saved.kind, "shared": saved.shared}
    _record(db, actor, saved, "deleted", f"Deleted the mapping “{saved.name}”.", before)


def remember(db: Session, actor: Actor, mapped: MappedFile, run: StoredRun) -> None:
    """Save the column mapping of an imported file, and forget the user's draft of it.

    The mapping that the user chose, else the most similar one of their own, gets a version if
    anything differs. Another user's mapping never changes: what differs from it is saved as a new,
    private mapping, named after the file.
    """
    mapping = run.options.get("mapping")
    if not mapping:
        return
    key = maps.header_key(mapped.headers)
    saved = queries.saved_mappings(db, actor, kind=mapped.kind)
    base = _base(saved, mapped, mapping, run.options.get("saved_mapping"))
    if base is not None and _is_same(base, mapped, mapping):
        mapping_id = base.mapping_id
    else:
        # deleted meanwhile, it is saved as a new one
        is_added_to = base is not None and base.own and queries.lock(db, actor, base.mapping_id)
        if base is not None and is_added_to:
            mapping_id = base.mapping_id
        else:
            mapping_id = queries.add(db, actor, name=run.file_name, kind=mapped.kind)
        queries.add_version(
            db,
            actor,
            mapping_id,
            key=key,
            headers=mapped.headers,
            mapping=mapping,
            words=mapped.words,
        )
    queries.mark_used(db, mapping_id)
    queries.remove_draft(db, actor, key=key, kind=mapped.kind)


def _base(
    saved: list[SavedMapping], mapped: MappedFile, mapping: Mapping[str, str], chosen: int | None
) -> SavedMapping | None:
    """Return the mapping that a file was mapped with: the chosen, else an equal, else similar."""
    similar = [fit.saved for fit in fitting(saved, mapped.headers) if fit.alike]
    named = (each for each in similar if each.mapping_id == chosen)
    same = (each for each in similar if _is_same(each, mapped, mapping))
    own = (each for each in similar if each.own)
    return next(named, None) or next(same, None) or next(own, None)


def _is_same(saved: SavedMapping, mapped: MappedFile, mapping: Mapping[str, str]) -> bool:
    """Return whether a file was mapped as the newest version, or as any of another user's.

    For the next file's changed columns the owner's newest version also has the same headers.
    """
    content = (dict(mapping), dict(mapped.words))
    if not saved.own:
        return any(content == (dict(each.mapping), each.words) for each in saved.versions)
    latest = saved.latest
    return latest.headers == mapped.headers and content == (dict(latest.mapping), latest.words)


def _changeable(db: Session, actor: Actor, mapping_id: int) -> SavedMapping:
    """Return a mapping that the actor may change, and keep it from being changed meanwhile."""
    require(actor, *IMPORTERS)
    locked = queries.lock(db, actor, mapping_id)
    mappings = queries.saved_mappings(db, actor, mapping_id=mapping_id)
    if not mappings:
        raise NotFoundError(_GONE)
    if not locked:
        owner = mappings[0].person or "a former user"
        msg = f"This mapping is shared by {owner}. Only they and administrators may change it."
        raise NotAllowedError(msg)
    return mappings[0]


def _check(saved: SavedMapping, mapping: Mapping[str, str]) -> None:
    """Check that a mapping has only headers and fields that exist, and every required field.

    Raises:
        InvalidError: it does not.
    """
    known = {field.name: field.label for field in FIELDS[saved.kind]}
    for header, name in mapping.items():
        if header not in saved.latest.headers:
            msg = f"This mapping has no column “{header}”."
            raise InvalidError(msg)
        if name not in known:
            msg = f"“{name}” is not a field of {saved.kind}."
            raise InvalidError(msg)
    maps.require_fields(saved.kind, set(mapping.values()), saved.latest.headers)


def _record(
    db: Session,
    actor: Actor,
    saved: SavedMapping,
    verb: str,
    sentence: str,
    before: dict[str, object],
    after: dict[str, object] | None = None,
) -> None:
    audit.record(
        db,
        actor_id=actor.user_id,
        action=f"import_mapping.{verb}",
        entity="import_mapping",
        entity_id=saved.mapping_id,
        sentence=sentence,
        before=before,
        after=after,
    )
