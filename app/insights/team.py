"""The team of a supervisor or coach, or everybody's: one line of figures for each member.

Each figure is the one that the member sees on Today, on the dashboard and in the lists, computed
by the same functions for all members at once.
"""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from app import alerts, gifts, goals, tasks
from app.accounts import Actor, Role, organisation, owners
from app.cache import cached
from app.db import Session
from app.db.data_version import current_version
from app.goals import Incomes
from app.insights.queries import team as queries
from app.insights.results import Team, TeamGiving, TeamLine
from app.insights.service import cache_settings
from app.insights.today_summary import HALF_A_YEAR
from app.kit.dates.days import Span, trailing_year
from app.kit.errors import NotAllowedError

READERS = frozenset({Role.SUPERVISOR, Role.COACH, Role.ADMIN})
WEEK = timedelta(days=7)


def team(db: Session, actor: Actor, *, today: date) -> Team:
    """Return a line for each fundraiser, and each owner of donors, whom the actor looks after.

    The actor's own donors have a line as well; administrators look after everybody. Without a
    right to amounts, `giving` is None. The number of SQL statements does not depend on the number
    of lines. All but contacts and tasks is cached by data version.

    Raises:
        NotAllowedError: the role looks after nobody.
    """
    if actor.role not in READERS:
        msg = "Only supervisors, coaches and administrators look after a team."
        raise NotAllowedError(msg)

    def make() -> Team:
        with cache_settings(db):
            return _team(db, actor, today)

    figures = cached(Team, (actor, today), lambda: current_version(db), make)
    overdue = tasks.overdue_by_assignee(db, actor, today=today)
    contacts = _contacts(db, actor, figures.week)
    return replace(
        figures,
        lines=tuple(
            replace(
                line,
                overdue=overdue.get(line.user_id, 0),
                contacts=contacts.get(line.user_id, 0),
            )
            for line in figures.lines
        ),
    )


def _team(db: Session, actor: Actor, today: date) -> Team:
    statuses = queries.donors_by_status(db, actor)
    members = [
        user
        for user in owners(db, actor)
        if user.role == Role.FUNDRAISER or user.user_id in statuses
    ]
    week = Span(today - WEEK + timedelta(days=1), today + timedelta(days=1))
    late = Counter(pledge.owner_id for pledge in alerts.late(db, actor, today=today))
    at_risk = Counter(donor.owner_id for donor in alerts.at_risk(db, actor, today=today))
    ids = [user.user_id for user in members]
    giving = _giving(db, actor, ids, week, today) if actor.sees_amounts else {}
    lines = (
        TeamLine(
            user_id=user.user_id,
            name=user.name,
            role=user.role,
            late=late[user.user_id],
            at_risk=at_risk[user.user_id],
            statuses=statuses.get(user.user_id, {}),
            giving=giving.get(user.user_id),
        )
        for user in members
    )
    return Team(tuple(lines), week)


def _giving(
    db: Session, actor: Actor, owner_ids: Collection[int], week: Span, today: date
) -> dict[int, TeamGiving]:
    year = trailing_year(today)
    known: Mapping[int, Incomes] = goals.incomes_by_owner(
        db, actor, owner_ids=owner_ids, spans=(year, week)
    )
    progress = goals.progress_by_owner(db, actor, owner_ids=owner_ids, today=today, known=known)
    history = goals.support_by_month_by_owner(
        db, actor, owner_ids=owner_ids, today=today, number=HALF_A_YEAR
    )
    thanks = gifts.unthanked_by_owner(db, actor, today=today)
    # the gifts that monthly support leaves out; it counts pledges instead of what pays them
    scope = gifts.SumScope((year,), recurring=False, living=True)
    awaiting = gifts.awaiting_rate_by(db, actor, gifts.GroupBy.OWNER, scope=scope)
    return {
        owner_id: TeamGiving(
            progress=progress[owner_id],
            history=tuple(history[owner_id]),
            gifts=known[owner_id][week].gifts,
            thanks=thanks.get(owner_id, 0),
            awaiting_rate=awaiting.get(owner_id, ()),
        )
        for owner_id in owner_ids
    }


def _contacts(db: Session, actor: Actor, week: Span) -> dict[int, int]:
    zone = ZoneInfo(organisation(db).time_zone)
    since, until = (datetime.combine(day, time(), zone) for day in (week.start, week.end))
    return queries.contacts_by_owner(db, actor, since=since, until=until)
