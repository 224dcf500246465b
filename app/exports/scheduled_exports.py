"""Scheduled exports, weekly or monthly: a mail contains a link to the file, never the file."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Literal, cast
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from app import audit, mail
from app.accounts import Actor, actor_by_id, organisation, require_own
from app.db import Session
from app.db.models import ScheduledExport as ScheduledExportRow
from app.donors import Credit, Unit
from app.exports.export_query import (
    COUNTED,
    ExportQuery,
    counting_query,
    counting_words,
    decode_query,
    encode_query,
)
from app.exports.formats import require_form
from app.exports.queries import scheduled_exports as queries
from app.exports.service import exportable
from app.gifts import GiftFilter
from app.kit.dates.days import Span, month_of, months_after
from app.kit.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError
from app.settings import settings

Rhythm = Literal["weekly", "monthly"]
RHYTHMS: dict[Rhythm, str] = {
    "weekly": "Every Monday",
    "monthly": "On the first of each month",
}
MAX_PER_USER = 20
# earliest hour for the mail, in the user's time zone
FROM_HOUR = 6


@dataclass(frozen=True, slots=True)
class ScheduledExport:
    """A scheduled export as its owner sees it; `address` is the file's current address."""

    id: int
    kind: str
    form: str
    rhythm: Rhythm
    only_new: bool
    filtered: bool
    # how it counts donors: "by household, with soft credits", or ""
    counted: str
    next_on: date
    address: str


def schedule_export(
    db: Session,
    actor: Actor,
    *,
    kind: str,
    form: str,
    query: ExportQuery,
    rhythm: Rhythm,
    only_new: bool,
    today: date,
) -> int:
    """Create a scheduled export for the actor and return its id.

    `only_new` limits the file to gifts of the week or month that ended last.

    Raises:
        NotAllowedError: the role may not export this kind.
        InvalidError: the kind, format or interval is unknown.
        ConflictError: the actor has too many scheduled exports.
    """
    require_own(actor)
    require_form(form)
    # the round trip validates the filter: known values only, and texts of limited length
    query = decode_query(kind, encode_query(query))
    if kind not in exportable(actor):
        raise NotAllowedError
    _check_rhythm(rhythm, kind, only_new=only_new)
    _check_number(db, actor)
    number = queries.add(
        db,
        user_id=actor.user_id,
        kind=kind,
        form=form,
        parts=encode_query(query),
        rhythm=rhythm,
        only_new=only_new,
        next_on=next_date(today, rhythm),
    )
    _log(db, actor, number, "regular", f"Asked for {_title(kind)} {_interval_text(rhythm)}.")
    return number


def _check_rhythm(rhythm: Rhythm, kind: str, *, only_new: bool) -> None:
    if rhythm not in RHYTHMS or (only_new and kind != "gifts"):
        msg = "Choose how often the file should come."
        raise InvalidError(msg)


def _check_number(db: Session, actor: Actor) -> None:
    if queries.count_own(db, actor) >= MAX_PER_USER:
        msg = f"{MAX_PER_USER} regular files are enough. Stop one that is not read any more."
        raise ConflictError(msg)


def stop_scheduled_export(db: Session, actor: Actor, *, export_id: int) -> None:
    """Delete one of the actor's scheduled exports.

    Raises:
        NotFoundError: the actor has no scheduled export with this id.
    """
    require_own(actor)
    kind = queries.remove(db, actor, export_id)
    if kind is None:
        msg = "This file does not come regularly any more."
        raise NotFoundError(msg)
    _log(db, actor, export_id, "stopped", f"Stopped the regular file of {_title(kind)}.")


def own_scheduled_exports(db: Session, actor: Actor, *, today: date) -> list[ScheduledExport]:
    """Return the actor's scheduled exports that the role still allows, with their addresses."""
    return [
        ScheduledExport(
            row.id,
            row.kind,
            row.form,
            cast("Rhythm", row.rhythm),
            row.only_new,
            bool(row.parts),
            ", ".join(_counting_words(row)),
            row.next_on,
            address(row, today=today),
        )
        for row in queries.own_exports(db, actor)
        if row.kind in exportable(actor)
    ]


def run_due(db: Session, *, now: datetime) -> list[int]:
    """Return the ids of the scheduled exports that may be due in their users' time zones."""
    # in time zones east of UTC it can already be the next day
    rows = queries.due(db, until=now.date() + timedelta(days=1))
    return [row.id for row in rows]


def notify(db: Session, export_id: int, *, now: datetime) -> bool:
    """Queue the mail with the link to the file if it is due; return whether it was queued."""
    row = queries.locked(db, export_id)
    if row is None:
        return False
    actor = actor_by_id(db, row.user_id)
    local = now.astimezone(ZoneInfo(actor.time_zone))
    if local.date() < row.next_on or local.hour < FROM_HOUR:
        return False
    # all missed dates are made up for with one mail
    queries.set_next_date(db, row.id, next_on=next_date(local.date(), cast("Rhythm", row.rhythm)))
    if row.kind not in exportable(actor):
        return False
    title = _title(row.kind)
    export_mail = mail.ExportMail(
        subject=f"Your {row.rhythm} file of {title} is ready",
        name=actor.name.split()[0] if actor.name else "",
        organisation=organisation(db).name,
        line=_mail_line(row, local.date()),
        link=f"{settings().public_url}/export",
    )
    return mail.export_ready(
        db,
        key=f"export:{row.id}:{row.next_on.isoformat()}",
        to=actor.email,
        user_id=actor.user_id,
        mail=export_mail,
        now=now,
    )


def address(row: ScheduledExportRow, *, today: date) -> str:
    """Return the file's address relative to the download path: "gifts.csv?since=…"."""
    parts = [(str(name), str(value)) for name, value in row.parts]
    if row.only_new:
        query = decode_query(row.kind, parts)
        gift_filter = query.filter or GiftFilter()
        span = last_period(today, cast("Rhythm", row.rhythm))
        parts = encode_query(
            replace(query, filter=replace(cast("GiftFilter", gift_filter), span=span))
        )
    query_string = urlencode(parts)
    return f"{row.kind}.{row.form}" + (f"?{query_string}" if query_string else "")


def next_date(today: date, rhythm: Rhythm) -> date:
    """Return the next Monday or first of a month after a date."""
    if rhythm == "weekly":
        return today + timedelta(days=7 - today.weekday())
    return month_of(today).end


def last_period(today: date, rhythm: Rhythm) -> Span:
    """Return the last complete calendar week (from Monday) or month."""
    if rhythm == "weekly":
        monday = today - timedelta(days=today.weekday())
        return Span(monday - timedelta(days=7), monday)
    first = today.replace(day=1)
    return Span(months_after(first, -1), first)


def _title(kind: str) -> str:
    return kind.replace("-", " ")


def _interval_text(rhythm: Rhythm) -> str:
    return RHYTHMS[rhythm][0].lower() + RHYTHMS[rhythm][1:]


def _counting_words(row: ScheduledExportRow) -> list[str]:
    chosen = {str(name): str(value) for name, value in row.parts}
    if row.kind not in COUNTED:
        return []
    unit = Unit(chosen.get("unit", Unit.PERSON))
    return counting_words(
        counting_query(row.kind, unit, Credit(chosen.get("credit", Credit.HARD)))
    )


def _mail_line(row: ScheduledExportRow, today: date) -> str:
    rows = "the rows you chose" if row.parts else "every row you may see"
    if row.only_new:
        span = last_period(today, cast("Rhythm", row.rhythm))
        rows = f"gifts from {span.start:%-d %B} to {span.last:%-d %B %Y}"
    rows = ", ".join((rows, *_counting_words(row)))
    form = {"csv": "a CSV file", "xlsx": "an Excel workbook"}[row.form]
    return f"It holds {rows}, as {form}, and is made when you open it."


def _log(db: Session, actor: Actor, number: int, deed: str, sentence: str) -> None:
    audit.record(
        db,
        actor_id=actor.user_id,
        action=f"export.{deed}",
        entity="export",
        entity_id=number,
        sentence=sentence,
    )
