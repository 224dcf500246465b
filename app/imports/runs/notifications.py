"""E-mail to the user who started a big import: that it was imported, or why not."""

from collections.abc import Sequence
from datetime import datetime

from app import mail
from app.accounts import Actor, organisation
from app.db import Session
from app.imports.planning.plan import Plan
from app.imports.values.fields import KINDS
from app.kit.formatting import count
from app.settings import settings

_NOUNS = {kind: kind.removesuffix("s") for kind in KINDS}


def mail_done(
    db: Session,
    actor: Actor,
    *,
    run_id: int,
    file_name: str,
    plans: Sequence[Plan],
    now: datetime,
) -> None:
    """Queue the mail that an import succeeded, in its transaction: sent once or not at all."""
    lines = []
    parts = [part for plan in reversed(plans) for part in reversed(plan.parts)]
    for part in parts:
        noun = _NOUNS[part.kind]
        changes = f"{count(part.create, f'new {noun}')}, {part.update:,} changed"
        lines.append(f"{changes}, {part.skip:,} here already.")
    not_imported = sum(part.conflict + part.error for part in parts)
    if not_imported:
        lines.append(
            f"{count(not_imported, 'row')} stayed out. The import's page has them as a file: "
            "mend it, upload it, and the rest comes in."
        )
    _queue(
        db,
        actor,
        run_id=run_id,
        now=now,
        subject=f"Your import of {file_name} has finished",
        lines=tuple(lines),
        after="To take it back, choose Undo beside the file on that page.",
    )


def mail_failed(
    db: Session, actor: Actor, *, run_id: int, file_name: str, reason: str, now: datetime
) -> None:
    """Queue the mail that an import failed, with the reason."""
    _queue(
        db,
        actor,
        run_id=run_id,
        now=now,
        subject=f"Your import of {file_name} did not go in",
        lines=(reason, "Nothing was changed."),
        after="Upload the file again when it is mended.",
    )


def _queue(
    db: Session,
    actor: Actor,
    *,
    run_id: int,
    subject: str,
    lines: tuple[str, ...],
    after: str,
    now: datetime,
) -> None:
    message = mail.ImportMail(
        subject=subject,
        name=actor.name.split()[0] if actor.name else "",
        organisation=organisation(db).name,
        lines=lines,
        after=after,
        link=f"{settings().public_url}/import",
    )
    mail.import_finished(
        db, key=f"import:{run_id}", to=actor.email, user_id=actor.user_id, mail=message, now=now
    )
