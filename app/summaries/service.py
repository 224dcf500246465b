"""Collection of the data of a user's weekly summary, and queueing each summary once."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from app import alerts, audit, donors, gifts, goals, mail, pledges, tasks
from app.accounts import Actor, Role, actor_by_id, organisation, profile, require_own
from app.db import Session
from app.kit import formatting
from app.kit.dates.days import Span, fiscal_to_date, week_before
from app.kit.errors import NotFoundError
from app.kit.money import Money
from app.mail import Figure, Line, Section, WeeklyMail
from app.settings import settings
from app.summaries import queries, rules, team
from app.summaries.awaiting_rate import NotCounted, not_counted
from app.summaries.email_action_links import ActionLinks


@dataclass(frozen=True, slots=True)
class _SummaryData:
    span: Span
    week_gifts: gifts.GiftPage
    # without the gifts of donors who have died, which count in the sums
    week_lines: list[gifts.GiftLine]
    late: list[pledges.LatePledge]
    at_risk: list[donors.AtRisk]
    thanks: list[gifts.ThankYou]
    to_do: list[tasks.TaskLine]
    progress: goals.Progress
    year: Money
    alert_changes: alerts.Changes
    not_counted: NotCounted


@dataclass(frozen=True, slots=True)
class Due:
    """A user whose summary is due, the day it is written for, and its idempotency key."""

    user_id: int
    key: str
    today: date


def due(db: Session, *, now: datetime) -> list[Due]:
    """Return the users whose weekday and hour have come in local time, not yet queued."""
    due_summaries = []
    for row in queries.subscribers(db):
        actor = actor_by_id(db, row.id)
        local = now.astimezone(ZoneInfo(actor.time_zone))
        slot = rules.due_slot(local, row.summary_weekday, row.summary_hour)
        if slot is None:
            continue
        key = rules.week_key(row.id, slot)
        if not mail.was_queued(db, key=key):
            due_summaries.append(Due(row.id, key, slot.date()))
    return due_summaries


def queue(db: Session, summary: Due, *, now: datetime) -> bool:
    """Build and queue a user's summary unless it was queued; return whether it is new."""
    actor = actor_by_id(db, summary.user_id)
    mail_context = build(db, actor, today=summary.today, now=now)
    return mail.weekly_summary(
        db, key=summary.key, to=actor.email, user_id=summary.user_id, mail=mail_context, now=now
    )


def queue_due(db: Session, *, now: datetime) -> int:
    """Queue every summary that is due; return how many are new."""
    return sum(queue(db, summary, now=now) for summary in due(db, now=now))


def build(db: Session, actor: Actor, *, today: date, now: datetime | None = None) -> WeeklyMail:
    """Build the summary of the seven days before `today`, with what the user has to act on.

    Its action links are valid from `now` on; without `now` there are none.
    """
    data = _collect(db, actor, today)
    week = rules.Week(
        gifts=data.week_gifts.gifts,
        received=data.week_gifts.total,
        late=len(data.late),
        at_risk=len(data.at_risk),
        thanks=len(data.thanks),
        tasks=len(data.to_do),
        locale=actor.locale,
        sees_amounts=actor.sees_amounts,
        awaiting_rate=data.not_counted.of_week,
    )
    return WeeklyMail(
        subject=rules.subject(week),
        name=actor.name.split()[0] if actor.name else "",
        organisation=organisation(db).name,
        week=rules.days_of(data.span, locale=actor.locale),
        opening=rules.opening(week),
        figures=_figures(data, week) if actor.sees_amounts else (),
        percent=rules.percent(data.progress.share),
        goal=_goal(data.progress, actor.locale) if actor.sees_amounts else "",
        not_counted=data.not_counted.sentence,
        rates_link=data.not_counted.link,
        changed=_changed(data.alert_changes, actor.locale),
        sections=tuple(
            section for section in _sections(db, actor, data, today, now) if section.lines
        ),
        link=settings().public_url,
        settings_link=f"{settings().public_url}/settings",
        audit_head=audit.head(db) if actor.role == Role.ADMIN else "",
    )


@dataclass(frozen=True, slots=True)
class Preview:
    """A summary as it would be sent."""

    subject: str
    text: str
    html: str


def preview(db: Session, actor: Actor, *, user_id: int, today: date) -> Preview:
    """Return a user's summary as of a day without sending it.

    Raises:
        NotFoundError: it is not the actor's own and the actor is no administrator, or there is no
            such user.
    """
    if user_id != actor.user_id and actor.role != Role.ADMIN:
        msg = "There is no such person, or it is not yours to see."
        raise NotFoundError(msg)
    recipient = actor if user_id == actor.user_id else actor_by_id(db, user_id)
    mail_context = build(db, recipient, today=today)
    return Preview(mail_context.subject, *mail.rendered("weekly_summary", mail_context))


def send_now(db: Session, actor: Actor, *, today: date, now: datetime) -> bool:
    """Queue the actor's own summary at once; False if one was requested in the same minute."""
    require_own(actor)
    mail_context = build(db, actor, today=today, now=now)
    key = f"weekly-now:{actor.user_id}:{now:%Y-%m-%dT%H:%M}"
    return mail.weekly_summary(
        db, key=key, to=actor.email, user_id=actor.user_id, mail=mail_context, now=now
    )


def _collect(db: Session, actor: Actor, today: date) -> _SummaryData:
    span = week_before(today)
    start_month = organisation(db).fiscal_start_month
    channels = profile(db, actor).alert_channels
    muted = {
        kind
        for kind in alerts.KINDS
        if alerts.channel(channels, kind) in {alerts.APP, alerts.NONE}
    }
    return _SummaryData(
        span=span,
        week_gifts=gifts.page(db, actor, filter=gifts.GiftFilter(span=span), page_size=1),
        week_lines=gifts.lines(
            db,
            actor,
            filter=gifts.GiftFilter(span=span, living=True),
            page_size=rules.MOST_LINES,
        )[0],
        late=[] if "late_pledge" in muted else alerts.late(db, actor, today=today),
        at_risk=[] if "at_risk" in muted else alerts.at_risk(db, actor, today=today),
        thanks=gifts.thank_queue(db, actor, today=today),
        # calls for an alert are left out, because the late pledge itself is listed
        to_do=[task for task in tasks.due(db, actor, today=today) if task.alert_id is None],
        progress=goals.progress(db, actor, today=today),
        year=gifts.received(db, actor, span=fiscal_to_date(today, start_month)),
        not_counted=not_counted(db, actor, week=span, today=today),
        alert_changes=alerts.changes(
            db,
            actor,
            span=_since_last(db, actor, today),
            kinds=tuple(kind for kind in alerts.KINDS if kind not in muted),
        ),
    )


def _since_last(db: Session, actor: Actor, today: date) -> Span:
    """Return the days since the user's last summary, including today's checks."""
    tomorrow, key = today + timedelta(days=1), rules.week_key(actor.user_id, today)
    last = mail.key_before(db, key=key, prefix=f"weekly:{actor.user_id}:")
    if last is None:
        return week_before(tomorrow)
    return Span(rules.day_of(last, today.weekday()) + timedelta(days=1), tomorrow)


def _figures(data: _SummaryData, week: rules.Week) -> tuple[Figure, ...]:
    progress, money = data.progress, partial(formatting.money, locale=week.locale)
    note = "no goal set" if progress.share is None else f"of {money(progress.goal)}"
    return (
        Figure("Received", money(week.received), week.count(week.gifts, "gift")),
        Figure("Monthly support", money(progress.support), note),
        Figure("This fiscal year", money(data.year), "given so far"),
    )


def _goal(progress: goals.Progress, locale: str) -> str:
    """Return how far the goal is, and which pledges that leaves out."""
    text = "Set a monthly goal under My settings to see how far it is."
    if progress.share is not None:
        gap = f"; {formatting.money(progress.gap, locale=locale)} a month to go."
        text = f"{formatting.percent(progress.share, locale=locale)} of the monthly goal"
        text += gap if progress.gap.minor else ": reached."
    return " ".join((text, *progress.notes))


def _changed(changes: alerts.Changes, locale: str) -> tuple[str, ...]:
    lines = []
    if changes.newly_late:
        lines.append(f"Newly late: {_names(changes.newly_late, locale)}.")
    if changes.newly_at_risk:
        lines.append(f"Newly at risk: {_names(changes.newly_at_risk, locale)}.")
    if changes.answered:
        lines.append(f"Gave again: {_names(changes.answered, locale)}.")
    return tuple(lines)


def _names(names: tuple[str, ...], locale: str) -> str:
    return formatting.join_names(names[:5], len(names), locale=locale)


def _sections(
    db: Session, actor: Actor, data: _SummaryData, today: date, now: datetime | None
) -> list[Section]:
    most, locale = rules.MOST_LINES, actor.locale
    action_links = ActionLinks(db, actor, today, now)

    def line(row: pledges.LatePledge | donors.AtRisk) -> Line:
        contact = alerts.contact(db, actor, row.donor_id, today=today)
        link = alerts.donor_link(row.donor_id)
        return Line(row.donor_name, row.sentence, link, contact, action_links.about(row))

    lines = team.lines(
        db, actor, span=data.span, today=today, late=data.late, at_risk=data.at_risk
    )
    due_tasks = [_task(task, today, locale) for task in data.to_do[:most]]
    return [
        _section("Your team", "", lines, len(lines)),
        _section(
            "Late pledges", "/pledges", [line(row) for row in data.late[:most]], len(data.late)
        ),
        _section(
            "At risk", "/dashboard", [line(row) for row in data.at_risk[:most]], len(data.at_risk)
        ),
        _section(
            "To thank",
            "",
            [_thank(gift, today, action_links, locale) for gift in data.thanks[:most]],
            len(data.thanks),
        ),
        _section("Tasks", "", due_tasks, len(data.to_do)),
        _section(
            "Gifts of the week",
            "/gifts",
            [_gift(gift, today, locale) for gift in data.week_lines],
            data.week_gifts.gifts,
        ),
    ]


def _section(title: str, path: str, lines: list[Line], total: int) -> Section:
    not_listed = max(0, total - len(lines))
    return Section(title, tuple(lines), not_listed, f"{settings().public_url}{path}")


def _thank(gift: gifts.ThankYou, today: date, action_links: ActionLinks, locale: str) -> Line:
    when = formatting.day(gift.on, today=today, locale=locale)
    note = f" {gift.why}." if gift.why else ""
    reason = f"{formatting.money(gift.amount, locale=locale)} on {when}.{note}"
    link = alerts.donor_link(gift.donor_id)
    return Line(gift.donor_name, reason, link, actions=action_links.thanks(gift))


def _task(task: tasks.TaskLine, today: date, locale: str) -> Line:
    due = formatting.day(task.due_on, today=today, locale=locale) if task.due_on else ""
    due = f"Due {formatting.at_time(due, task.due_at)}." if due else ""
    link = alerts.donor_link(task.donor_id) if task.donor_id else settings().public_url
    name = task.donor_name or "Task"
    return Line(name, f"{task.title}. {due}".strip(), link)


def _gift(gift: gifts.GiftLine, today: date, locale: str) -> Line:
    fund = f" for {gift.fund}" if gift.fund else ""
    reversed_note = " (taken back)" if gift.kind == "reversal" else ""
    when = formatting.day(gift.on, today=today, locale=locale)
    reason = f"{formatting.money(gift.amount, locale=locale)}{reversed_note} on {when}{fund}."
    return Line(gift.donor_name, reason, alerts.donor_link(gift.donor_id))
