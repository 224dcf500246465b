"""iCalendar feed of a user's open tasks, at a secret URL for calendar programs."""

from datetime import UTC, date, datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Path, Response
from icalendar import Calendar, Event

from app import accounts, tasks
from app.accounts import Scope
from app.api.rest.dependencies import now, read_only, today
from app.db import transaction
from app.kit.amount_masking import without_amounts
from app.kit.errors import NotFoundError
from app.settings import settings
from app.tasks import TaskLine

router = APIRouter(prefix="/calendar", tags=["tasks"])

AHEAD = timedelta(days=366)
MOST = 500
MEDIA_TYPE = "text/calendar"
EVERY = timedelta(hours=1)
MEETING = timedelta(minutes=30)
Address = Annotated[str, Path(max_length=200, description="The secret part of the URL.")]


@router.get(
    "/{token}.ics",
    summary="Calendar of your tasks",
    operation_id="calendar",
    response_class=Response,
    responses={200: {"content": {MEDIA_TYPE: {}}, "description": "An iCalendar file."}},
)
def calendar(token: Address) -> Response:
    """Return your open tasks as events of half an hour, or all-day ones without a time.

    Overdue tasks are shown today, all day.

    The URL is created, and revoked, under My settings. Amounts in titles are masked, because
    calendars are often stored elsewhere and shared.
    """
    with transaction() as db:
        program = accounts.api_token_actor(db, token=token, now=now())
        if program is None or program.scopes is None or Scope.CALENDAR not in program.scopes:
            msg = "There is no calendar at this address, or it was ended."
            raise NotFoundError(msg)
    actor = program.actor
    today_local = today(actor)
    lines = read_only(
        actor, lambda db: tasks.due(db, actor, today=today_local + AHEAD, limit=MOST)
    )
    content = _calendar([_event(task, today_local, actor.time_zone) for task in lines])
    return Response(content, media_type=f"{MEDIA_TYPE}; charset=utf-8")


def _calendar(events: list[Event]) -> bytes:
    document = Calendar()
    document.add("prodid", "-//DonorCRM//Tasks//EN")
    document.add("version", "2.0")
    document.add("x-wr-calname", "DonorCRM tasks")
    document.add("refresh-interval", EVERY, parameters={"value": "DURATION"})
    document.add("x-published-ttl", EVERY)
    for event in events:
        document.add_component(event)
    return bytes(document.to_ical())


def _event(task: TaskLine, day_today: date, time_zone: str) -> Event:
    due = task.due_on or day_today
    event = Event()
    event.add("uid", f"task-{task.task_id}@donorcrm")
    # depends only on the due day, so that a repeated request shows no change
    event.add("dtstamp", datetime.combine(due, datetime.min.time(), UTC))
    start, lasts = max(due, day_today), timedelta(days=1)
    if task.due_at is not None and due >= day_today:
        local = datetime.combine(due, task.due_at, ZoneInfo(time_zone))
        start, lasts = local.astimezone(UTC), MEETING
    event.add("dtstart", start)
    event.add("dtend", start + lasts)
    late = "Overdue: " if due < day_today else ""
    event.add("summary", late + without_amounts(task.title))
    event.add("transp", "TRANSPARENT")
    where = f"donor?id={task.donor_id}" if task.donor_id is not None else ""
    event.add("url", f"{settings().public_url}/{where}")
    return event
