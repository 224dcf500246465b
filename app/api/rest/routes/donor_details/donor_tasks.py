"""API route that adds the same task for many donors."""

from fastapi import APIRouter
from pydantic import Field

from app import tasks
from app.api.rest.dependencies import CurrentActor, work
from app.api.rest.idempotency import OnlyOnce
from app.api.rest.routes.tasks import ChangedTasks, Type
from app.api.rest.schemas.common import Body, Day, Id, Line, Note
from app.api.rest.schemas.common import Whole as WholeNumber

router = APIRouter(prefix="/tasks", tags=["tasks"])


class DonorTasks(Body):
    """A task to add about each of several donors."""

    donor_ids: list[Id] = Field(description="IDs of donors.", min_length=1, max_length=1_000)
    title: Line = Field(description="Title of each task.", examples=["Call about the fair"])
    due_on: Day = Field(description="Due date.", examples=["2026-11-30"])
    type: Type = Field("call", description="Type of task.")
    priority: WholeNumber = Field(2, description="1 is high, 3 is low.", ge=1, le=3)
    note: Note | None = Field(None, description="Note.")


@router.post("/for-donors", summary="Add a task for donors", operation_id="add_donor_tasks")
def add(actor: CurrentActor, body: DonorTasks, once: OnlyOnce) -> ChangedTasks:
    """Add a task for yourself about each donor; donors that you may not change get none."""

    def make() -> ChangedTasks:
        created = tasks.create_for_donors(
            db,
            actor,
            donor_ids=body.donor_ids,
            title=body.title,
            type=body.type,
            due_on=body.due_on,
            priority=body.priority,
            note=body.note,
        )
        return ChangedTasks(ids=list(created))

    with work(actor) as db:
        return once(db, actor, body, ChangedTasks, make)
