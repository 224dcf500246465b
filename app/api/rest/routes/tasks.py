"""API routes for tasks: list, add, change, delete, complete, reopen, and move to a day."""

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
    LARGEST_ID,
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

# tasks of one request
MOST = 1_000
Type = Literal["call", "thank", "write", "meet", "e-mail", "other"]


Repeats = Literal[
    "weekly",
    "biweekly",
    "semimonthly",
    "monthly",
    "bimonthly",
    "quarterly",
    "semiannual",
    "annual",
]


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
    repeats: Repeats | None = Field(
        None, description="How often it repeats, counted from its due date."
    )


class ChangedTask(Body):
    """New values of a task; fields that are not sent stay as they are."""

    version: WholeNumber = Field(description="`version` of the task as it was read.", ge=1)
    title: Line | None = Field(None, description="Title of the task.")
    due_on: Day | None = Field(None, description="Due date; null for none.")
    due_at: TimeOfDay | None = Field(
        None, description="Time of that day, in your time zone; null for none."
    )
    type: Type | None = Field(None, description="Type of task.")
    priority: WholeNumber | None = Field(None, description="1 is high, 3 is low.", ge=1, le=3)
    note: Note | None = Field(None, description="Note; null for none.")
    repeats: Repeats | None = Field(
        None, description="How often it repeats, counted from its due date; null for once."
    )


class DeletedTask(Body):
    """The task to delete as it was read."""

    version: int = Field(description="`version` of the task as it was read.", ge=1, le=LARGEST_ID)


class ChosenTasks(Body):
    """Tasks to mark as done or open."""

    ids: list[Id] = Field(description="IDs of the tasks.", min_length=1, max_length=MOST)


class MovedTasks(ChosenTasks):
    """Tasks to move to a day."""

    due_on: Day = Field(description="Their new due date, today or later.")


class ChangedTasks(Answer):
    """The tasks that were changed: the others were so already, or are not yours."""

    ids: list[int]


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
    version: int = Field(description="Send it back with a change.")
    repeats: str | None = Field(description="How often it repeats; null for once.")


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
            repeats=body.repeats,
        )
        return Made(id=task_id)

    with work(actor) as db:
        return once(db, actor, body, Made, make)


@router.post("/done", summary="Mark several tasks as done", operation_id="finish_tasks")
def done_many(actor: CurrentActor, body: ChosenTasks) -> ChangedTasks:
    """Mark tasks as done; those that are done stay done."""
    with work(actor) as db:
        return ChangedTasks(ids=list(tasks.finish_many(db, actor, task_ids=body.ids, now=now())))


@router.post("/reopen", summary="Reopen several tasks", operation_id="reopen_tasks")
def reopen_many(actor: CurrentActor, body: ChosenTasks) -> ChangedTasks:
    """Reopen tasks that were done."""
    with work(actor) as db:
        return ChangedTasks(ids=list(tasks.reopen_many(db, actor, task_ids=body.ids)))


@router.post("/move", summary="Move tasks to a day", operation_id="move_tasks")
def move(actor: CurrentActor, body: MovedTasks) -> ChangedTasks:
    """Move your own open tasks to a day; a time of the day stays."""
    with work(actor) as db:
        moved = tasks.move(db, actor, task_ids=body.ids, to=body.due_on, today=today(actor))
        return ChangedTasks(ids=[task.task_id for task in moved])


@router.get("/{id}", summary="Get a task", operation_id="get_task")
def get(actor: CurrentActor, id: InPath) -> Task:  # noqa: A002
    """Return one of your own tasks."""
    return _to_task(read_only(actor, lambda db: tasks.get(db, actor, task_id=id)))


@router.patch("/{id}", summary="Change a task", operation_id="change_task")
def change(actor: CurrentActor, id: InPath, body: ChangedTask) -> Task:  # noqa: A002
    """Change one of your own tasks; 409 if it was changed meanwhile."""
    with work(actor) as db:
        line, sent = tasks.get(db, actor, task_id=id), body.model_fields_set
        tasks.change(
            db,
            actor,
            task_id=id,
            version=body.version,
            title=line.title if body.title is None else body.title,
            type=body.type or line.type,
            due_on=body.due_on if "due_on" in sent else line.due_on,
            due_at=body.due_at if "due_at" in sent else line.due_at,
            priority=body.priority or line.priority,
            note=body.note if "note" in sent else line.note,
            repeats=body.repeats if "repeats" in sent else line.repeats,
        )
        return _to_task(tasks.get(db, actor, task_id=id))


@router.delete("/{id}", summary="Delete a task", operation_id="delete_task")
def delete(
    actor: CurrentActor,
    id: InPath,  # noqa: A002
    query: Annotated[DeletedTask, Query()],
) -> Done:
    """Delete one of your own tasks for good; 409 if it was changed meanwhile."""
    with work(actor) as db:
        tasks.remove(db, actor, task_id=id, version=query.version)
    return Done()


@router.post("/{id}/done", summary="Mark a task as done", operation_id="finish_task")
def done(actor: CurrentActor, id: InPath) -> Done:  # noqa: A002
    """Mark a task as done; repeating the request has no effect.

    A task that repeats is followed by the next one.
    """
    with work(actor) as db:
        tasks.finish(db, actor, task_id=id, now=now())
    return Done()


@router.post("/{id}/reopen", summary="Reopen a task", operation_id="reopen_task")
def reopen(actor: CurrentActor, id: InPath) -> Done:  # noqa: A002
    """Reopen a task that was done; the next one, if nobody changed it, is deleted."""
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
        version=line.version,
        repeats=line.repeats,
    )
