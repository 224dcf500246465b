"""Read access to pledges; their status is computed by the lateness rule and never stored."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from app.accounts import SYSTEM, Actor
from app.db import Session
from app.kit import cadence, formatting
from app.kit.days import months_after
from app.kit.errors import NotFoundError
from app.kit.money import Money
from app.pledges import masking
from app.pledges.queries import pledges as queries
from app.pledges.results import Instalment, LatePledge, PledgeFilter, PledgeLine, PledgeView
from app.pledges.rules import lateness, projection

NOT_FOUND = "There is no such pledge, or it is not yours to see."
AHEAD_MONTHS = 6


def promise(row: Any) -> lateness.Pledge:
    """Return the rule's pledge for a row of `queries.facts`."""
    return lateness.Pledge(
        row.amount_minor,
        row.frequency,
        row.start_date,
        anchor=row.anchor_day,
        end=_end_by_death(row) if row.deceased else row.end_date,
        instalments=row.instalments,
        total=row.total_minor,
        grace=row.grace_days,
        # a pledge ends with the donor's death, whatever its stored status
        status="cancelled" if row.deceased else row.status,
        pauses=tuple(zip(row.paused_on, row.paused_to, strict=True)),
        skips=frozenset(row.skips),
        changes=tuple(zip(row.changed_on, row.changed_to, strict=True)),
        past=tuple(
            map(
                lateness.Terms, row.past_until, row.past_frequency, row.past_anchor, row.past_grace
            )
        ),
    )


def _end_by_death(row: Any) -> date:
    """Return the day from which nothing is expected of a deceased donor: the last gift's."""
    last: date = row.latest or row.start_date - timedelta(days=1)
    return last if row.end_date is None else min(last, row.end_date)


def gifts_in_short(received: int, latest: date | None, today: date) -> list[tuple[date, int]]:
    """Return the shortest equivalent list of gifts: the rule only reads sum and last day."""
    if latest is None:
        return [(today, received)] if received else []
    first, day = max(received, 1), min(latest, today)
    return [(day, first), (day, received - first)]


def _standing(row: Any, today: date) -> lateness.Standing:
    return lateness.assess(promise(row), gifts_in_short(row.received, row.latest, today), today)


def standings(
    db: Session,
    actor: Actor,
    *,
    today: date,
    donor_id: int | None = None,
    filter: PledgeFilter | None = None,  # noqa: A002
    pledge_ids: tuple[int, ...] = (),
) -> list[PledgeLine]:
    """Return the pledges of a filter, or some of them, with their status, by donor's name."""
    chosen, only = filter or PledgeFilter(donor_id=donor_id), queries.Only(pledge_ids=pledge_ids)
    lines = [
        masking.line_for(actor, _line(row, today))
        for row in queries.facts(db, actor, chosen, today=today, only=only)
    ]
    return [line for line in lines if not chosen.states or line.state in chosen.states]


def _line(row: Any, today: date) -> PledgeLine:
    standing, currency = _standing(row, today), row.currency
    return PledgeLine(
        pledge_id=row.id,
        version=row.version,
        donor_id=row.donor_id,
        donor_name=row.donor_name,
        owner_id=row.owner_id,
        owner_name=row.owner_name,
        amount=Money(_amount_now(row, today), currency),
        frequency=row.frequency,
        start=row.start_date,
        end=row.end_date,
        instalments=row.instalments,
        total=None if row.total_minor is None else Money(row.total_minor, currency),
        status=row.status,
        fund=row.fund,
        method=row.method,
        note=row.note,
        state=standing.state,
        late=standing.late,
        days_late=standing.days_late,
        oldest_due=standing.oldest_due,
        missed=standing.missed,
        behind=Money(standing.behind, currency),
        credit=Money(standing.credit, currency),
        next_due=standing.next_due,
        received=Money(standing.received, currency),
        expected=Money(standing.expected, currency),
        last_gift_date=row.latest,
    )


def _amount_now(row: Any, today: date) -> int:
    amount: int = row.amount_minor
    for since, changed in zip(row.changed_on, row.changed_to, strict=True):
        if since <= today:
            amount = changed
    return amount


def late(
    db: Session,
    actor: Actor,
    *,
    today: date,
    owner_id: int | None = None,
    donor_ids: Sequence[int] = (),
) -> list[LatePledge]:
    """Return the late pledges, longest overdue first; only of `donor_ids` if given."""
    rows = queries.facts(
        db,
        actor,
        PledgeFilter(owner_id=owner_id),
        today=today,
        only=queries.Only(donor_ids=tuple(donor_ids), maybe_late=True),
    )
    judged = ((row, _standing(row, today)) for row in rows)
    found = [
        masking.late_for(actor, _late(row, standing, standing.oldest_due, today, actor))
        for row, standing in judged
        if standing.oldest_due is not None
    ]
    return sorted(found, key=lambda one: (-one.days_late, one.donor_name.lower(), one.pledge_id))


def _late(
    row: Any, standing: lateness.Standing, oldest: date, today: date, actor: Actor
) -> LatePledge:
    amount, behind = Money(_amount_now(row, today), row.currency), standing.behind
    owed = Money(behind, row.currency)
    promised, locale = masking.said(actor, amount), actor.locale
    missed = formatting.count(standing.missed, "instalment")
    since = formatting.day(oldest, today=today, locale=locale)
    last = (
        f"Last gift {formatting.day(row.latest, today=today, locale=locale)}."
        if row.latest
        else "Nothing has come in yet."
    )
    how = cadence.WORDS[cadence.Frequency(row.frequency)]
    return LatePledge(
        pledge_id=row.id,
        donor_id=row.donor_id,
        donor_name=row.donor_name,
        owner_id=row.owner_id,
        amount=amount,
        frequency=row.frequency,
        days_late=standing.days_late,
        oldest_due=oldest,
        missed=standing.missed,
        behind=owed,
        state=standing.state,
        last_gift_date=row.latest,
        sentence=(
            f"Promised {promised} {how}; {formatting.count(standing.days_late, 'day')} late, "
            f"{missed} open since {since}, {masking.said(actor, owed)} behind. {last}"
        ),
    )


def paid_up(db: Session, *, today: date) -> set[int]:
    """Return the donors who have paid all that a running pledge has asked for so far."""
    rows = queries.facts(db, SYSTEM, PledgeFilter(statuses=("active",)), today=today)
    return {
        row.donor_id
        for row in rows
        if row.received > 0 and projection.paid_up(promise(row), _standing(row, today), today)
    }


def get(db: Session, actor: Actor, pledge_id: int, *, today: date) -> PledgeView:
    """Return one pledge with its history and its instalments up to six months ahead.

    Raises:
        NotFoundError: missing or not visible to the actor; both give the same message.
    """
    rows = queries.facts(
        db, actor, PledgeFilter(), today=today, only=queries.Only(pledge_ids=(pledge_id,))
    )
    if not rows:
        raise NotFoundError(NOT_FOUND)
    row, currency = rows[0], rows[0].currency
    if not actor.sees_amounts:
        rests, excused = tuple(zip(row.paused_on, row.paused_to, strict=True)), tuple(row.skips)
        return PledgeView(
            masking.line_for(actor, _line(row, today)), (), rests, excused, (), editable=False
        )
    gifts = [
        one for one in queries.gifts_of(db, [pledge_id]).get(pledge_id, []) if one[0] <= today
    ]
    shares = lateness.allocate(promise(row), gifts, months_after(today, AHEAD_MONTHS))
    return PledgeView(
        line=_line(row, today),
        amounts=tuple(
            (since, Money(minor, currency))
            for since, minor in zip(row.changed_on, row.changed_to, strict=True)
        ),
        pauses=tuple(zip(row.paused_on, row.paused_to, strict=True)),
        skips=tuple(row.skips),
        calendar=tuple(
            Instalment(one.due, Money(one.amount, currency), Money(one.paid, currency), one.state)
            for one in shares
        ),
        editable=row.editable,
        anchor=row.anchor_day,
        grace=row.grace_days,
        fund_id=row.fund_id,
        terms=tuple(zip(row.past_until, row.past_frequency, strict=True)),
    )


def first_open(db: Session, actor: Actor, pledge_id: int, *, today: date) -> date | None:
    """Return the first due date by a day that is not covered by what was received."""
    only = queries.Only(pledge_ids=(pledge_id,))
    for row in queries.facts(db, actor, PledgeFilter(), today=today, only=only):
        gifts = [(today, row.received)]
        for share in lateness.allocate(promise(row), gifts, today):
            if share.state in {"open", "part-paid"}:
                return share.due
    return None


def calendar_days(row: Any, *, until: date) -> Sequence[date]:
    """Return every due date of a pledge up to and including a day."""
    return [one.due for one in lateness.instalments(promise(row), until)]
