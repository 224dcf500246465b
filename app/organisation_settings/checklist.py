"""The first steps of a new organisation: what is done already, read from its data."""

from dataclasses import dataclass

from app import audit, mail
from app.accounts import Actor, require, require_own
from app.db import Session
from app.kit.roles import Role
from app.organisation_settings.queries import checklist as queries
from app.settings import settings


@dataclass(frozen=True, slots=True)
class ChecklistStep:
    """A step: its name, what it is good for, and whether it is done."""

    name: str
    sentence: str
    done: bool


def first_steps(db: Session, actor: Actor) -> list[ChecklistStep]:
    """Return the first steps in their order; none once all are done, or hidden, or in the demo.

    For administrators; others get none.
    """
    if actor.role != Role.ADMIN or actor.looking or settings().demonstration:
        return []
    state = queries.state_for_system(db)
    if state is None or state.hidden:
        return []
    steps = [
        ChecklistStep("donors", "Bring in your donors", state.donors),
        ChecklistStep("gifts", "Bring in their gifts", state.gifts),
        ChecklistStep("pledges", "Bring in or enter their pledges", state.pledges),
        ChecklistStep("mail", "Choose how mail is sent", mail.current_route(db).backend == "smtp"),
        ChecklistStep("people", "Invite the people you work with", state.people),
        ChecklistStep("goals", "Set a monthly goal", state.goals),
        ChecklistStep("summary", "Get the first weekly summary", state.summaries),
        ChecklistStep("backups", "Set up backups", bool(settings().backup_to)),
    ]
    return [] if all(step.done for step in steps) else steps


def hide_first_steps(db: Session, actor: Actor) -> None:
    """Hide the first steps for all administrators."""
    require_own(actor)
    require(actor, Role.ADMIN)
    queries.hide(db)
    audit.record(
        db,
        actor_id=actor.user_id,
        action="organisation.changed",
        entity="organisation",
        sentence="Hid the first steps on Today",
        after={"checklist_hidden": True},
    )
