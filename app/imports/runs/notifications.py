"""E-mail to the user who started a big import: that it was imported, or why not."""

from datetime import datetime

from app import mail
from app.accounts import Actor, organisation
from app.db import Session
from app.imports.planning.plan import Plan
from app.kit.formatting import count
from app.settings import settings

_ONE = {"donors": "donor", "gifts": "gift", "pledges": "pledge", "funds": "fund"}


def tell_done(
    db: Session, actor: Actor, *, run_id: int, file_name: str, plan: Plan, now: datetime
) -> None:
    """Queue the mail that an import succeeded, in its transaction: sent once or not at all."""
    said = []
    for part in reversed(plan.parts):
        noun = _ONE[part.kind]
        changes = f"{count(part.create, f'new {noun}')}, {part.update:,} changed"
        said.append(f"{changes}, {part.skip:,} here already.")
    stayed = sum(part.conflict + part.error for part in plan.parts)
    if stayed:
        said.append(
            f"{count(stayed, 'row')} stayed out. The import's page has them as a file: mend it, "
            "upload it, and the rest comes in."
        )
    _queue(
        db,
        actor,
        run_id=run_id,
        now=now,
        subject=f"Your import of {file_name} has finished",
        lines=tuple(said),
        after="To take it back, choose Undo beside the file on that page.",
    )


def tell_failed(
    db: Session, actor: Actor, *, run_id: int, file_name: str, why: str, now: datetime
) -> None:
    """Queue the mail that an import failed, with the reason."""
    _queue(
        db,
        actor,
        run_id=run_id,
        now=now,
        subject=f"Your import of {file_name} did not go in",
        lines=(why, "Nothing was changed."),
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
    letter = mail.ImportMail(
        subject=subject,
        name=actor.name.split()[0] if actor.name else "",
        organisation=organisation(db).name,
        lines=lines,
        after=after,
        link=f"{settings().public_url}/import",
    )
    mail.import_finished(
        db, key=f"import:{run_id}", to=actor.email, user_id=actor.user_id, mail=letter, now=now
    )
