"""Read access to pledges; their status is computed by the lateness rule and never stored."""

from collections.abc import Sequence
from datetime import date, timedelta

from app.accounts import SYSTEM, Actor
from app.db import Session
from app.kit import formatting
from app.kit.dates import cadence
from app.kit.dates.days import months_after
from app.kit.errors import NotFoundError
from app.kit.money import Money
from app.pledges import masking
from app.pledges.queries import pledges as queries
from app.pledges.queries.columns import PledgeRow
from app.pledges.results import Instalment, LatePledge, PledgeFilter, PledgeLine, PledgeView
from app.pledges.rules import lateness, projection

NOT_FOUND = "There is no such pledge, or it is not yours to see."
AHEAD_MONTHS = 6


def rule_pledge(row: PledgeRow) -> lateness.Pledge:
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


def _end_by_death(row: PledgeRow) -> date:
    """Return the day from which nothing is expected of a deceased donor: the last gift's."""
    last: date = row.latest or row.start_date - timedelta(days=1)
    return last if row.end_date is None else min(last, row.end_date)


def equivalent_gifts(received: int, latest: date | None, today: date) -> list[tuple[date, int]]:
    """Return the shortest equivalent list of gifts: the rule only reads sum and last day."""
    if latest is None:
        return [(today, received)] if received else []
    first, day = max(received, 1), min(latest, today)
    return [(day, first), (day, received - first)]


def _assess_row(row: PledgeRow, today: date) -> lateness.PledgeStatus:
    return lateness.assess(
        rule_pledge(row), equivalent_gifts(row.received, row.latest, today), today
    )


def pledge_statuses(
    db: Session,
    actor: Actor,
    *,
    today: date,
    donor_id: int | None = None,
    filter: PledgeFilter | None = None,  # noqa: A002
    pledge_ids: tuple[int, ...] = (),
) -> list[PledgeLine]:
    """Return the pledges of a filter, or some of them, with their status, by donor's name."""
    pledge_filter = filter or PledgeFilter(donor_id=donor_id)
    subset = queries.PledgeSubset(pledge_ids=pledge_ids)
    lines = [
        masking.line_for(actor, _line(row, today))
        for row in queries.facts(db, actor, pledge_filter, today=today, subset=subset)
    ]
    return [
        line for line in lines if not pledge_filter.states or line.state in pledge_filter.states
    ]


def _line(row: PledgeRow, today: date) -> PledgeLine:
    status, currency = _assess_row(row, today), row.currency
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
        campaign=row.campaign,
        method=row.method,
        note=row.note,
        state=status.state,
        late=status.late,
        days_late=status.days_late,
        oldest_due=status.oldest_due,
        missed=status.missed,
        behind=Money(status.behind, currency),
        credit=Money(status.credit, currency),
        next_due=status.next_due,
        received=Money(status.received, currency),
        expected=Money(status.expected, currency),
        last_gift_date=row.latest,
        anchor=row.anchor_day,
        grace=row.grace_days,
        fund_id=row.fund_id,
        campaign_id=row.campaign_id,
    )


def _amount_now(row: PledgeRow, today: date) -> int:
    amount = row.amount_minor
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
        subset=queries.PledgeSubset(donor_ids=tuple(donor_ids), maybe_late=True),
    )
    assessed = ((row, _assess_row(row, today)) for row in rows)
    late_pledges = [
        masking.late_for(actor, _late(row, status, status.oldest_due, today, actor))
        for row, status in assessed
        if status.oldest_due is not None
    ]
    return sorted(
        late_pledges,
        key=lambda pledge: (-pledge.days_late, pledge.donor_name.lower(), pledge.pledge_id),
    )


def _late(
    row: PledgeRow, status: lateness.PledgeStatus, oldest: date, today: date, actor: Actor
) -> LatePledge:
    amount, behind = Money(_amount_now(row, today), row.currency), status.behind
    behind_amount = Money(behind, row.currency)
    promised, locale = masking.amount_text(actor, amount), actor.locale
    missed = formatting.count(status.missed, "instalment", locale=locale)
    days_late = formatting.count(status.days_late, "day", locale=locale)
    since = formatting.day(oldest, today=today, locale=locale)
    last_gift = (
        f"Last gift {formatting.day(row.latest, today=today, locale=locale)}."
        if row.latest
        else "Nothing has come in yet."
    )
    interval = cadence.INTERVALS[cadence.Frequency(row.frequency)]
    return LatePledge(
        pledge_id=row.id,
        donor_id=row.donor_id,
        donor_name=row.donor_name,
        owner_id=row.owner_id,
        amount=amount,
        frequency=row.frequency,
        days_late=status.days_late,
        oldest_due=oldest,
        missed=status.missed,
        behind=behind_amount,
        state=status.state,
        last_gift_date=row.latest,
        sentence=(
            f"Promised {promised} {interval}; {days_late} late, "
            f"{missed} open since {since}, {masking.amount_text(actor, behind_amount)} behind. "
            f"{last_gift}"
        ),
    )


def paid_up(db: Session, *, today: date, donor_ids: Sequence[int] | None = None) -> set[int]:
    """Return the donors who have paid all that a running pledge has asked for so far.

    Only those among `donor_ids` if given.
    """
    if donor_ids is not None and not donor_ids:
        return set()
    subset = queries.PledgeSubset(donor_ids=tuple(donor_ids or ()))
    active = PledgeFilter(statuses=("active",))
    rows = queries.facts(db, SYSTEM, active, today=today, subset=subset)
    return {
        row.donor_id
        for row in rows
        if row.received > 0
        and projection.paid_up(rule_pledge(row), _assess_row(row, today), today)
    }


def get(db: Session, actor: Actor, pledge_id: int, *, today: date) -> PledgeView:
    """Return one pledge with its history and its instalments up to six months ahead.

    Raises:
        NotFoundError: missing or not visible to the actor; both give the same message.
    """
    subset = queries.PledgeSubset(pledge_ids=(pledge_id,))
    rows = queries.facts(db, actor, PledgeFilter(), today=today, subset=subset)
    if not rows:
        raise NotFoundError(NOT_FOUND)
    row, currency = rows[0], rows[0].currency
    if not actor.sees_amounts:
        pauses, skips = tuple(zip(row.paused_on, row.paused_to, strict=True)), tuple(row.skips)
        return PledgeView(
            masking.line_for(actor, _line(row, today)), (), pauses, skips, (), editable=False
        )
    gifts = [
        gift for gift in queries.gifts_of(db, [pledge_id]).get(pledge_id, []) if gift[0] <= today
    ]
    shares = lateness.allocate(rule_pledge(row), gifts, months_after(today, AHEAD_MONTHS))
    return PledgeView(
        line=_line(row, today),
        amounts=tuple(
            (since, Money(minor, currency))
            for since, minor in zip(row.changed_on, row.changed_to, strict=True)
        ),
        pauses=tuple(zip(row.paused_on, row.paused_to, strict=True)),
        skips=tuple(row.skips),
        calendar=tuple(_instalment(share, currency) for share in shares),
        editable=row.editable,
        anchor=row.anchor_day,
        grace=row.grace_days,
        fund_id=row.fund_id,
        campaign_id=row.campaign_id,
        terms=tuple(zip(row.past_until, row.past_frequency, strict=True)),
    )


def _instalment(share: lateness.Share, currency: str) -> Instalment:
    amount, paid = Money(share.amount, currency), Money(share.paid, currency)
    return Instalment(share.due, amount, paid, share.state)


def first_open(db: Session, actor: Actor, pledge_id: int, *, today: date) -> date | None:
    """Return the first due date by a day that is not covered by what was received."""
    subset = queries.PledgeSubset(pledge_ids=(pledge_id,))
    for row in queries.facts(db, actor, PledgeFilter(), today=today, subset=subset):
        gifts = [(today, row.received)]
        for share in lateness.allocate(rule_pledge(row), gifts, today):
            if share.state in {"open", "part-paid"}:
                return share.due
    return None


def calendar_days(row: PledgeRow, *, until: date) -> Sequence[date]:
    """Return every due date of a pledge up to and including a day."""
    return [instalment.due for instalment in lateness.instalments(rule_pledge(row), until)]
