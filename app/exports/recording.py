"""Audit log entries of exports, also for a workbook that fails after its transaction."""

from collections.abc import Callable
from functools import partial

from app import audit
from app.accounts import Actor
from app.accounts.users import admin_notices
from app.db import Session, transaction_for_system
from app.exports.workbook import Later


def record_export(db: Session, actor: Actor, *, rows: str, later: Later | None) -> None:
    """Record an export in the audit log; `rows` names the rows read ("12 donors").

    Each callable in `later` is wrapped: if it fails, the failure is recorded and re-raised.
    """
    audit.record(
        db,
        actor_id=actor.user_id,
        action="export.written",
        entity="export",
        sentence=f"Exported {rows}.",
    )
    if later:
        address = audit.current_client_address()
        later[:] = [
            partial(_finish_or_record_failure, finish, actor, rows, address) for finish in later
        ]


def notify_administrators(db: Session, actor: Actor, *, subject: str, later: Later | None) -> None:
    """Notify every administrator of a large export by mail, once the file is complete."""
    if later:
        later.append(
            partial(_notify_administrators, actor, subject, audit.current_client_address())
        )
    else:
        admin_notices.exported(db, actor, description=subject)


def _notify_administrators(actor: Actor, subject: str, address: str | None) -> None:
    with audit.client_address(address), transaction_for_system() as db:
        admin_notices.exported(db, actor, description=subject)


def _finish_or_record_failure(
    finish: Callable[[], None], actor: Actor, rows: str, address: str | None
) -> None:
    try:
        finish()
    except BaseException:
        # recorded by the system, so that it works also after the user has been signed out
        with audit.client_address(address), transaction_for_system() as db:
            audit.record(
                db,
                actor_id=actor.user_id,
                action="export.failed",
                entity="export",
                sentence=f"The workbook of {rows} could not be made; no file was handed over.",
            )
        raise
