"""The stored file of an import: download it, or import it again."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from app import audit
from app.accounts import Actor, Role, require
from app.db import Session
from app.imports import upload_store
from app.imports.inspection import IMPORTERS
from app.imports.pipeline import known_run
from app.imports.queries.runs import runs as queries
from app.imports.queries.runs.runs import StoredRun
from app.imports.request import stored_request
from app.imports.results import Preview
from app.imports.service import preview
from app.kit.errors import InvalidError


def preview_again(
    db: Session,
    actor: Actor,
    *,
    run_id: int,
    today: date,
    words: Mapping[str, Mapping[str, str]] | None = None,
    people: Mapping[str, str] | None = None,
) -> Preview:
    """Plan an import's stored file again, with the same choices; nothing else is changed.

    `words` and `people` are answers to questions, replacing the earlier ones.

    Raises:
        NotFoundError: there is no run that the actor may see, or its file is no longer stored.
        InvalidError: the chosen owner of new donors has no active account any more.
    """
    require(actor, *IMPORTERS)
    run = known_run(db, actor, run_id)
    data = upload_store.load(db, user_id=run.user_id, name=run.file_sha256)
    request = stored_request(run.file_name, data, run.options)
    request = replace(
        request,
        owner=_owner(db, actor, run),
        words=request.words if words is None else words,
        people=request.people if people is None else people,
    )
    return preview(db, actor, request, today=today)


def earlier_answers(
    db: Session, actor: Actor, *, run_id: int
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the earlier answers: on values (field → value → meaning), and on donors.

    Raises:
        NotFoundError: there is no run that the actor may see.
    """
    options = known_run(db, actor, run_id).options
    return dict(options.get("words") or {}), dict(options.get("people") or {})


def stored_file(db: Session, actor: Actor, *, run_id: int) -> tuple[str, bytes]:
    """Return the name and the bytes of an import's file, as it was uploaded.

    For the user who uploaded it and for administrators; the download is written to the audit log.

    Raises:
        NotFoundError: there is no run that the actor may see, or its file is no longer stored.
    """
    require(actor, *IMPORTERS)
    run = known_run(db, actor, run_id)
    data = upload_store.load(db, user_id=run.user_id, name=run.file_sha256)
    audit.record(
        db,
        actor_id=actor.user_id,
        action="import.file_taken",
        entity="import",
        entity_id=run_id,
        sentence=f"Downloaded the file {run.file_name}.",
    )
    return run.file_name, data


def _owner(db: Session, actor: Actor, run: StoredRun) -> str | None:
    """Return the e-mail of the chosen owner of new donors, where the actor may choose one."""
    owner_id = run.options.get("owner_id")
    if owner_id is None or actor.role != Role.ADMIN:
        return None
    email = queries.owner_email(db, owner_id)
    if email is None:
        msg = (
            "The person who got this file's new donors has no active account any more. Upload "
            "the file again, and choose somebody else."
        )
        raise InvalidError(msg)
    return email
