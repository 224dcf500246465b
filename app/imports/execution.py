"""Execute a staged plan: write its rows, match gifts to pledges, end the run."""

from dataclasses import dataclass
from datetime import date, datetime

from app import alerts, audit, pledges
from app.accounts import Actor
from app.db import Session
from app.imports import planner
from app.imports.mapping.mapped_file import MappedFile
from app.imports.parsing.options import Options
from app.imports.planning import plan as plans
from app.imports.planning.plan import Plan
from app.imports.queries import staging as staging_queries
from app.imports.queries.donors import search_text
from app.imports.queries.runs import before_images as before_image_queries
from app.imports.queries.runs import runs as queries
from app.kit.errors import ConflictError
from app.kit.formatting import count


@dataclass(frozen=True, slots=True)
class StagedImport:
    """A plan with its rows staged in the transaction, and the file and options it came from."""

    plan: Plan
    source: MappedFile
    options: Options


def write(db: Session, staged: StagedImport, *, run_id: int, analyse: bool) -> None:
    """Write the staged rows with before-images; `analyse` refreshes table statistics.

    The search text of the donors waits until `finish`.
    """
    search_text.defer(db)
    if staged.source.kind == "gifts":
        before_image_queries.store_alerts(db, run_id=run_id)
    planner.write(db, staged.plan, staged.source, staged.options, run_id=run_id)
    if analyse:
        staging_queries.analyse(db)


def match_gifts(db: Session, *, run_id: int, today: date, now: datetime) -> None:
    """Match the run's gifts to pledges, and resolve or raise the alerts of their donors."""
    before_image_queries.update_statuses(db, run_id=run_id)
    pledges.match(db, import_run_id=run_id, today=today)
    alerts.settle(db, donor_ids=None, import_run_id=run_id, today=today, now=now)
    donor_ids = queries.donors_to_review(db, run_id)
    raised = alerts.review(db, donor_ids=donor_ids, today=today, now=now)
    before_image_queries.store_raised_alerts(db, raised, run_id=run_id)


def follow_pledges(db: Session, *, run_id: int, today: date) -> None:
    """Resolve and reopen the alerts of pledges that the run paused, resumed, ended or changed."""
    donor_ids = before_image_queries.donors_of_changed_pledges(db, run_id=run_id)
    alerts.follow_pledges(db, donor_ids=donor_ids, today=today)


def seal(db: Session, *, run_id: int) -> None:
    """Store the new state of the rows that the run changed, for its undo."""
    before_image_queries.store_new_states(db, run_id=run_id)


def finish(db: Session, actor: Actor, plan: Plan, *, run_id: int, now: datetime) -> None:
    """Refresh the search text, mark the run as done and record it in the audit log.

    Raises:
        ConflictError: the run was cancelled meanwhile.
    """
    search_text.refresh(db)
    counts = plans.counts_json(plan)
    ended = queries.end(
        db,
        run_id,
        state="done",
        committed_at=now,
        progress=100,
        doing=None,
        error=None,
        problems=plans.stored_problems(plan),
        counts=counts,
        plan_hash=plan.plan_hash,
    )
    if not ended:
        # commit and cancellation update the same row: the first one wins
        msg = "This import was cancelled. Nothing was changed."
        raise ConflictError(msg)
    audit.record(
        db,
        actor_id=actor.user_id,
        action="import.committed",
        entity="import",
        entity_id=run_id,
        sentence=f"Imported {count(counts['create'], 'new row')} and "
        f"{count(counts['update'], 'change')} from the file.",
        after={name: counts[name] for name in ("create", "update", "skip", "conflict", "error")},
    )
