"""API routes for tasks: list, add, complete, reopen."""

from datetime import date, datetime, time
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import Field

from app import tasks
from app.accounts import Actor
from app.api.rest import cursors
from app.api.rest.dependencies import CurrentActor, now, read_only, today, work
from app.api.rest.idempotency import OnlyOnce
from app.api.rest.schemas.common import (
    Answer,
    Body,
    Day,
    Done,
    Id,
    InPath,
    Line,
    Made,
    Note,
    Paged,
    QueryId,
    TimeOfDay,
)
from app.api.rest.schemas.common import Whole as WholeNumber
from app.tasks import TaskLine

router = APIRouter(prefix="/tasks", tags=["tasks"])

Type = Literal["call", "thank", "write", "meet", "e-mail", "other"]


class Tasks(Paged):
    """Filter and page of a list of tasks."""

    due_by: Day | None = Field(
        None, description="Your open tasks due by this day; today by default."
    )
    donor_id: QueryId | None = Field(
        None, description="All tasks about this donor instead, completed ones last."
    )


class NewTask(Body):
    """A task to add for yourself."""

    title: Line = Field(description="Title of the task.", examples=["Call Mara about the fair"])
    due_on: Day = Field(description="Due date.", examples=["2026-11-30"])
    due_at: TimeOfDay | None = Field(
        None, description="Time of that day, in your time zone.", examples=["14:30"]
    )
    type: Type = Field("call", description="Type of task.")
    donor_id: Id | None = Field(None, description="The donor that the task is about.")
    priority: WholeNumber = Field(2, description="1 is high, 3 is low.", ge=1, le=3)
    note: Note | None = Field(None, description="Note.")


class Task(Answer):
    """A task."""

    id: int
    type: str
    title: str
    note: str | None
    priority: int = Field(description="1 is high, 3 is low.")
    due_on: date | None
    due_at: time | None = Field(description="Time of that day, in the assignee's time zone.")
    donor_id: int | None
    donor_name: str | None
    assignee_id: int
    done_at: datetime | None
    alert_id: int | None = Field(description="The alert that opened it.")


class TaskList(Answer):
    """A page of tasks, the most urgent first."""

    items: list[Task]
    next: str | None = Field(
        description="Send it as `after` for the next page; null at the end and with `donor_id`."
    )


@router.get("", summary="List tasks", operation_id="list_tasks")
def listed(actor: CurrentActor, query: Annotated[Tasks, Query()]) -> TaskList:
    """Return a page of your open tasks due by a day, or all tasks about a donor."""
    if query.donor_id is not None:
        return _of_donor(actor, query, query.donor_id)
    after = (
        cursors.decode_cursor("tasks", query.after, tuple[int, date, int]) if query.after else None
    )
    day = query.due_by or today(actor)
    due = read_only(
        actor, lambda db: tasks.due(db, actor, today=day, limit=query.limit + 1, after=after)
    )
    page = due[: query.limit]
    next_key = _sort_key(page[-1]) if len(due) > query.limit else None
    return TaskList(items=[_to_task(line) for line in page], next=next_key)


def _sort_key(line: TaskLine) -> str:
    return cursors.encode_cursor("tasks", line.priority, str(line.due_on), line.task_id)


def _of_donor(actor: Actor, query: Tasks, donor_id: int) -> TaskList:
    lines = read_only(actor, lambda db: tasks.for_donor(db, actor, donor_id=donor_id))
    shown = [
        line
        for line in lines
        if query.due_by is None or (line.due_on is not None and line.due_on <= query.due_by)
    ]
    return TaskList(items=[_to_task(line) for line in shown[: query.limit]], next=None)


@router.post("", status_code=201, summary="Add a task", operation_id="add_task")
def add(actor: CurrentActor, body: NewTask, once: OnlyOnce) -> Made:
    """Add a task for yourself."""

    def make() -> Made:
        task_id = tasks.create(
            db,
            actor,
            title=body.title,
            type=body.type,
            due_on=body.due_on,
            due_at=body.due_at,
            donor_id=body.donor_id,
            priority=body.priority,
            note=body.note,
        )
        return Made(id=task_id)

    with work(actor) as db:
        return once(db, actor, body, Made, make)


@router.post("/{id}/done", summary="Mark a task as done", operation_id="finish_task")
def done(actor: CurrentActor, id: InPath) -> Done:  # noqa: A002
    """Mark a task as done; repeating the request has no effect."""
    with work(actor) as db:
        tasks.finish(db, actor, task_id=id, now=now())
    return Done()


@router.post("/{id}/reopen", summary="Reopen a task", operation_id="reopen_task")
def reopen(actor: CurrentActor, id: InPath) -> Done:  # noqa: A002
    """Reopen a task that was done."""
    with work(actor) as db:
        tasks.reopen(db, actor, task_id=id)
    return Done()


def _to_task(line: TaskLine) -> Task:
    return Task(
        id=line.task_id,
        type=line.type,
        title=line.title,
        note=line.note,
        priority=line.priority,
        due_on=line.due_on,
        due_at=line.due_at,
        donor_id=line.donor_id,
        donor_name=line.donor_name,
        assignee_id=line.assignee_id,
        done_at=line.done_at,
        alert_id=line.alert_id,
    )
