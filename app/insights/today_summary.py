"""The numbers of the Today screen, in one result cached by data version like the dashboard."""

from datetime import date

from app import gifts, goals
from app.accounts import Actor, owners
from app.cache import cached
from app.db import Session
from app.db.data_version import current_version
from app.insights import service
from app.insights.awaiting_rate import awaiting_rates
from app.insights.drilldown import donor_months
from app.insights.income import MONTHS, fiscal_year_so_far, incomes_shown, months
from app.insights.results import DashboardFilter, TodaySummary, Unthanked
from app.kit.dates.days import year_earlier

HALF_A_YEAR, FOUR_YEARS = 6, 4
RECENT, THANKS = 7, 100


def load_today_summary(db: Session, actor: Actor, *, today: date) -> TodaySummary:
    """Return goal, year, months and changes of everything the actor sees.

    Includes the newest gifts. The result is cached by data version.
    """

    def make() -> TodaySummary:
        with service.cache_settings(db):
            return _today_summary(db, actor, today)

    return cached(TodaySummary, (actor, today), lambda: current_version(db), make)


def load_unthanked(db: Session, actor: Actor, *, today: date) -> Unthanked:
    """Return the newest gifts of the donors the actor sees that are not thanked for.

    A supervisor's day is the team's: these are the gifts that the dashboard counts. The owner of
    a donor thanks, so the others' names are beside them. The result is cached by data version.
    """

    def make() -> Unthanked:
        waiting = tuple(gifts.thank_queue(db, actor, today=today, limit=THANKS))
        others = {gift.owner_id for gift in waiting} - {actor.user_id}
        names = owners(db, actor) if others else ()
        return Unthanked(
            waiting,
            {owner.user_id: owner.name for owner in names if owner.user_id in others},
        )

    return cached(Unthanked, (actor, today), lambda: current_version(db), make)


def _today_summary(db: Session, actor: Actor, today: date) -> TodaySummary:
    no_filter = DashboardFilter()
    a_year_ago = year_earlier(today)
    owner_id = None if actor.sees_everyone else actor.user_id
    recent = gifts.recent(db, actor, limit=RECENT)
    givers = {gift.donor_id for gift in recent}
    rhythm = donor_months(db, actor, donor_ids=givers, today=today)
    known = incomes_shown(db, actor, today=today)
    return TodaySummary(
        progress=goals.progress(db, actor, today=today, known=known),
        history=tuple(goals.support_by_month(db, actor, today=today, number=HALF_A_YEAR)),
        year=fiscal_year_so_far(db, actor, today=today, known=known),
        months=months(db, actor, today=today, known=known),
        changes=service.changes(db, actor, filter=no_filter, today=today),
        kept_a_year_ago=service.changes(db, actor, filter=no_filter, today=a_year_ago).retention,
        kept_by_year=tuple(service.retention_by_year(db, actor, today=today, number=FOUR_YEARS)),
        recent=tuple(recent),
        rhythm={donor_id: tuple(months) for donor_id, months in rhythm.items()},
        awaiting_rate=awaiting_rates(db, actor, filter=no_filter, today=today, months=MONTHS),
        links=len(gifts.suggestions(db, actor, today=today, owner_id=owner_id)),
    )
