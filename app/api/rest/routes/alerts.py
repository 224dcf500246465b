"""API routes for alerts: list, store, log a call, resolve, dismiss, undo, snooze."""

from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import Field

from app import alerts
from app.alerts import OpenAlert
from app.api.rest import cursors
from app.api.rest.dependencies import CurrentActor, now, read_only, today, work
from app.api.rest.idempotency import OnlyOnce
from app.api.rest.schemas.common import (
    Answer,
    Body,
    Day,
    Done,
    InPath,
    Line,
    Made,
    Note,
    Paged,
    QueryId,
)
from app.kit.errors import NotFoundError

router = APIRouter(prefix="/alerts", tags=["alerts"])

Kind = Literal["late_pledge", "at_risk"]


class Alerts(Paged):
    """Filter and page of a list of alerts."""

    kind: list[Kind] = Field(
        default=[], description="Kinds of alerts; all by default.", max_length=2
    )
    owner_id: QueryId | None = Field(None, description="Only alerts about donors of this owner.")


class Reason(Body):
    """The reason for dismissing an alert."""

    reason: Line = Field(
        description="Reason for dismissing the alert.", examples=["Pays in cash at Christmas"]
    )


class Call(Body):
    """A call about an alert."""

    text: Note | None = Field(
        None,
        description="Note about the call; stored with the contact.",
        examples=["Gives in May"],
    )


class Later(Body):
    """The day to show an alert again."""

    until: Day = Field(description="A future date.", examples=["2026-12-01"])


class Cause(Body):
    """What an entry of the list without an id is about."""

    kind: Kind = Field(description="Kind of the alert.", examples=["late_pledge"])
    donor_id: QueryId = Field(description="The donor of the entry.")
    pledge_id: QueryId | None = Field(
        None, description="The pledge of a late pledge; null for a donor at risk."
    )


class Alert(Answer):
    """An alert to act on."""

    id: int | None = Field(
        description="Null until the daily job has stored the alert; `raise_alert` stores it at"
        " once and returns its ID."
    )
    kind: str = Field(examples=["late_pledge"])
    donor_id: int
    donor_name: str
    owner_id: int | None
    pledge_id: int | None
    severity: int = Field(description="1 to 3; 3 is the most severe.")
    reason: str = Field(description="Reason for the alert, as a sentence.")
    since: date = Field(description="Date of the oldest open instalment, or of the last gift.")
    raised_on: date


class AlertList(Answer):
    """A page of alerts, the most severe first, then the oldest."""

    items: list[Alert]
    next: str | None = Field(description="Send it as `after` for the next page; null at the end.")


@router.get("", summary="List alerts", operation_id="list_alerts")
def listed(actor: CurrentActor, query: Annotated[Alerts, Query()]) -> AlertList:
    """Return a page of the open alerts, the most severe first, then the oldest."""
    after = (
        cursors.decode_cursor("alerts", query.after, tuple[int, date, int])
        if query.after
        else None
    )
    kinds = tuple(query.kind) or alerts.KINDS
    open_alerts = read_only(
        actor,
        lambda db: alerts.open_for(
            db, actor, today=today(actor), kinds=kinds, owner_id=query.owner_id
        ),
    )
    open_alerts = sorted(open_alerts, key=_sort_key)
    rest = [alert for alert in open_alerts if after is None or _sort_key(alert) > after]
    shown = rest[: query.limit]
    last = _sort_key(shown[-1]) if len(rest) > query.limit else None
    return AlertList(
        items=[_to_alert(alert) for alert in shown],
        next=last and cursors.encode_cursor("alerts", last[0], last[1].isoformat(), last[2]),
    )


@router.post("", summary="Store an alert", operation_id="raise_alert", status_code=201)
def raised(actor: CurrentActor, body: Cause) -> Made:
    """Store an alert that is listed without an ID, so that it can be acted on.

    Returns the same ID if the alert is stored already; 404 if no such alert is listed.
    """
    with work(actor) as db:
        line = next(
            (
                alert
                for alert in alerts.open_for(db, actor, today=today(actor), kinds=(body.kind,))
                if (alert.donor_id, alert.pledge_id) == (body.donor_id, body.pledge_id)
            ),
            None,
        )
        if line is None:
            msg = "This alert does not exist, or is not yours."
            raise NotFoundError(msg)
        return Made(id=alerts.ensure(db, actor, line, today=today(actor)))


@router.post("/{id}/called", summary="Log a call about an alert", operation_id="call_about_alert")
def called(actor: CurrentActor, id: InPath, body: Call, once: OnlyOnce) -> Done:  # noqa: A002
    """Log a call: hide the alert for two weeks and complete the task it opened."""

    def make() -> Done:
        alerts.log_call(db, actor, alert_id=id, text=body.text, today=today(actor), now=now())
        return Done()

    with work(actor) as db:
        return once(db, actor, body, Done, make)


@router.post("/{id}/resolve", summary="Close an alert", operation_id="resolve_alert")
def resolve(actor: CurrentActor, id: InPath) -> Done:  # noqa: A002
    """Resolve an alert and complete the task it opened."""
    with work(actor) as db:
        alerts.resolve(db, actor, alert_id=id, now=now())
    return Done()


@router.post("/{id}/dismiss", summary="Dismiss an alert", operation_id="dismiss_alert")
def dismiss(actor: CurrentActor, id: InPath, body: Reason) -> Done:  # noqa: A002
    """Dismiss an alert with a reason; the open instalments of a late pledge are excused."""
    with work(actor) as db:
        alerts.dismiss(db, actor, alert_id=id, reason=body.reason, today=today(actor), now=now())
    return Done()


@router.post("/{id}/undo", summary="Reopen an alert", operation_id="undo_alert")
def undo(actor: CurrentActor, id: InPath) -> Done:  # noqa: A002
    """Reopen an alert that was called about, snoozed, dismissed or resolved."""
    with work(actor) as db:
        alerts.undo(db, actor, alert_id=id, today=today(actor))
    return Done()


@router.post("/{id}/snooze", summary="Snooze an alert", operation_id="snooze_alert")
def snooze(actor: CurrentActor, id: InPath, body: Later) -> Done:  # noqa: A002
    """Hide an alert until a later day."""
    with work(actor) as db:
        day = today(actor)
        alerts.snooze(db, actor, alert_id=id, until=body.until, today=day, now=now())
    return Done()


def _sort_key(alert: OpenAlert) -> tuple[int, date, int]:
    # a row without an alert id is identified by its pledge or donor
    return -alert.severity, alert.since, alert.alert_id or -(alert.pledge_id or alert.donor_id)


def _to_alert(alert: OpenAlert) -> Alert:
    return Alert(
        id=alert.alert_id,
        kind=alert.kind,
        donor_id=alert.donor_id,
        donor_name=alert.donor_name,
        owner_id=alert.owner_id,
        pledge_id=alert.pledge_id,
        severity=alert.severity,
        reason=alert.reason,
        since=alert.since,
        raised_on=alert.raised_on,
    )
