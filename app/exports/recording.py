"""Audit log, access log and notices of exports.

A command's file is recorded in the transaction that reads its rows. For a screen or a program the
rows are read in a transaction that writes nothing, as on the read replica: the export is recorded
after it on the primary, when the file is complete, and a workbook's start before it is made. The
file is handed over after that, so that neither a failure nor a killed process leaves a file
without an entry, or donors marked as exported without a file.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from app import audit, donors
from app.accounts import Actor
from app.accounts.users import admin_notices
from app.db import Session, transaction_for_system
from app.exports.workbook import Later


@dataclass(frozen=True, slots=True)
class Export:
    """One export: `what` names the rows read ("12 donors"), `donor_ids` the donors in them.

    `everything` describes a file that administrators are mailed about ("Every donor (12) was").
    """

    actor: Actor
    what: str
    donor_ids: Sequence[int] = ()
    everything: str = ""


def record_export(db: Session, export: Export, *, later: Later | None) -> None:
    """Record an export; with `later`, when the callable that is put there is called.

    It calls what was in `later` before, which completes the file, and records how it ended.
    """
    if later is None:
        _complete(db, export)
    else:
        later[:] = [partial(_finish, tuple(later), export, audit.current_client_address())]


def _complete(db: Session, export: Export) -> None:
    donors.log_export(db, export.actor, donor_ids=export.donor_ids)
    _record_event(db, export, "written", f"Exported {export.what}.")
    if export.everything:
        admin_notices.exported(db, export.actor, description=export.everything)


def _finish(finishes: Sequence[Callable[[], None]], export: Export, address: str | None) -> None:
    """Complete the file; refuse it to an actor who was signed out or demoted meanwhile."""
    kind = "workbook" if finishes else "file"
    try:
        if finishes:
            with audit.client_address(address), transaction_for_system(export.actor) as db:
                _record_event(db, export, "started", f"Started a workbook of {export.what}.")
        for finish in finishes:
            finish()
        with audit.client_address(address), transaction_for_system(export.actor) as db:
            _complete(db, export)
    except BaseException:
        # recorded by the system, so that it works also after the user has been signed out
        with audit.client_address(address), transaction_for_system() as db:
            sentence = f"The {kind} of {export.what} could not be made; no file was handed over."
            _record_event(db, export, "failed", sentence)
        raise


def _record_event(db: Session, export: Export, verb: str, sentence: str) -> None:
    audit.record(
        db,
        actor_id=export.actor.user_id,
        action=f"export.{verb}",
        entity="export",
        sentence=sentence,
    )
