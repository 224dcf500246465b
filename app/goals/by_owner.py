"""Progress and monthly support of many owners, with as many statements as for one."""

from collections.abc import Collection, Mapping
from datetime import date, timedelta

from app import pledges
from app.accounts import Actor, organisation
from app.accounts.users.monthly_goals import goal_by_user
from app.db import Session
from app.goals import queries, rules
from app.goals.income import Incomes, incomes_by_owner, span_so_far
from app.goals.rules import YEAR
from app.goals.service import Progress, progress_of
from app.kit.dates.days import Span, months_back, trailing_year
from app.kit.money import Money


def progress_by_owner(
    db: Session,
    actor: Actor,
    *,
    owner_ids: Collection[int],
    today: date,
    known: Mapping[int, Incomes] | None = None,
) -> dict[int, Progress]:
    """Return the result of `progress` of each owner, by user id.

    `known` is the income of each owner with that of the trailing year among it, if it is known.
    """
    currency, span = organisation(db).currency, trailing_year(today)
    nothing = Money(0, currency)
    if known is None:
        known = incomes_by_owner(db, actor, owner_ids=owner_ids, spans=[span])
    goals = goal_by_user(db, actor, today=today)
    promised = pledges.monthly_support_by_owner(db, actor, today=today)
    of_deceased = queries.one_time_of_deceased_by_owner(db, actor, span=span)
    progress = {}
    for owner_id in owner_ids:
        deceased_sum = sum(of_deceased.get(owner_id, {}).values())
        year = known[owner_id][span].one_time - Money(deceased_sum, currency)
        progress[owner_id] = progress_of(
            promised.get(owner_id, pledges.Converted(nothing)), year, goals.get(owner_id, nothing)
        )
    return progress


def support_by_month_by_owner(
    db: Session, actor: Actor, *, owner_ids: Collection[int], today: date, number: int
) -> dict[int, list[tuple[date, Money]]]:
    """Return the result of `support_by_month` of each owner, by user id."""
    currency = organisation(db).currency
    firsts = months_back(today, number + YEAR)
    spans = [span_so_far(month, today) for month in firsts[:-1]]
    incomes = incomes_by_owner(db, actor, owner_ids=owner_ids, spans=spans)
    deceased = queries.one_time_of_deceased_by_owner(db, actor, span=Span(firsts[0], firsts[-1]))
    supports: dict[int, list[tuple[date, Money]]] = {owner_id: [] for owner_id in owner_ids}
    for index, first in enumerate(firsts[YEAR:]):
        end = first - timedelta(days=1)
        pledged = pledges.monthly_equivalent_by_owner(db, actor, today=end)
        for owner_id, history in supports.items():
            year = sum(
                incomes[owner_id][span].one_time.minor
                - deceased.get(owner_id, {}).get(span.start, 0)
                for span in spans[index : index + YEAR]
            )
            one_time = Money(rules.monthly_average(year), currency)
            history.append((end, pledged.get(owner_id, Money(0, currency)) + one_time))
    return supports
