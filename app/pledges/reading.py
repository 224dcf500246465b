"""Where pledges stand. The rule decides; nothing is stored and reading changes nothing."""

from collections.abc import Iterable, Sequence
from datetime import date
from fractions import Fraction
from typing import Any

from app.accounts import Actor, organisation
from app.db import Session
from app.kit import cadence, words
from app.kit.days import Span, months_after
from app.kit.errors import NotFoundError
from app.kit.money import Money, exponent
from app.pledges import ahead, hidden, queries, queries_ahead, rules
from app.pledges.answers import Instalment, LatePledge, PledgeFilter, PledgeLine, PledgeView

NOT_FOUND = "There is no such pledge, or it is not yours to see."
AHEAD_MONTHS = 6


def promise(row: Any) -> rules.Pledge:
    """Build the rule's pledge from a row of `queries.facts`."""
    return rules.Pledge(
        row.amount_minor,
        row.frequency,
        row.start_date,
        anchor=row.anchor_day,
        end=row.end_date,
        instalments=row.instalments,
        total=row.total_minor,
        grace=row.grace_days,
        status=row.status,
        pauses=tuple(zip(row.paused_on, row.paused_to, strict=True)),
        skips=frozenset(row.skips),
        changes=tuple(zip(row.changed_on, row.changed_to, strict=True)),
    )


def gifts_in_short(received: int, latest: date | None, today: date) -> list[tuple[date, int]]:
    """Return the shortest list of gifts the rule judges alike: it reads a sum and a last day."""
    if latest is None:
        return [(today, received)] if received else []
    first = max(received, 1)
    return [(latest, first), (latest, received - first)]


def _standing(row: Any, today: date) -> rules.Standing:
    return rules.assess(promise(row), gifts_in_short(row.received, row.latest, today), today)


def standings(
    db: Session,
    actor: Actor,
    *,
    today: date,
    donor_id: int | None = None,
    filter: PledgeFilter | None = None,  # noqa: A002
    pledge_ids: tuple[int, ...] = (),
) -> list[PledgeLine]:
    """Return the pledges of a filter, or some of them, with their standing, by donor's name."""
    chosen, only = filter or PledgeFilter(donor_id=donor_id), queries.Only(pledge_ids=pledge_ids)
    lines = [
        hidden.line_for(actor, _line(row, today))
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
    """Return the late pledges, the longest wait first; of some donors when these are named."""
    rows = queries.facts(
        db,
        actor,
        PledgeFilter(owner_id=owner_id),
        today=today,
        only=queries.Only(donor_ids=tuple(donor_ids), maybe_late=True),
    )
    judged = ((row, _standing(row, today)) for row in rows)
    found = [
        hidden.late_for(actor, _late(row, standing, standing.oldest_due, today, actor))
        for row, standing in judged
        if standing.oldest_due is not None
    ]
    return sorted(found, key=lambda one: (-one.days_late, one.donor_name.lower(), one.pledge_id))


def _late(
    row: Any, standing: rules.Standing, oldest: date, today: date, actor: Actor
) -> LatePledge:
    amount, behind = Money(_amount_now(row, today), row.currency), standing.behind
    owed = Money(behind, row.currency)
    promised, locale = hidden.said(actor, amount), actor.locale
    missed = words.count(standing.missed, "instalment")
    since = words.day(oldest, today=today, locale=locale)
    last = (
        f"Last gift {words.day(row.latest, today=today, locale=locale)}."
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
            f"Promised {promised} {how}; {words.count(standing.days_late, 'day')} late, "
            f"{missed} open since {since}, {hidden.said(actor, owed)} behind. {last}"
        ),
    )


def get(db: Session, actor: Actor, pledge_id: int, *, today: date) -> PledgeView:
    """Return one pledge with its history and its calendar up to six months ahead.

    Raises:
        NotFoundError: missing or not in the actor's sight, which sound alike.
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
            hidden.line_for(actor, _line(row, today)), (), rests, excused, (), editable=False
        )
    gifts = [
        one for one in queries.gifts_of(db, [pledge_id]).get(pledge_id, []) if one[0] <= today
    ]
    shares = rules.allocate(promise(row), gifts, months_after(today, AHEAD_MONTHS))
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
    )


def expected(
    db: Session,
    actor: Actor,
    *,
    span: Span,
    owner_id: int | None = None,
    fund_id: int | None = None,
) -> Money:
    """Return what active pledges ask for in these days, in the organisation's currency.

    It comes from the schedule: waived instalments ask for nothing, whatever has been paid.
    """
    chosen = PledgeFilter(owner_id=owner_id, fund_id=fund_id, statuses=("active",))
    sums = ahead.asked(queries_ahead.groups(db, actor, chosen, until=span.last), span)
    odd = queries_ahead.exceptions(db, actor, chosen)
    if odd:
        only = queries.Only(pledge_ids=odd)
        for row in queries.facts(db, actor, chosen, today=span.last, only=only):
            sums[row.currency] += ahead.due_in(promise(row), span)
    whole = ((currency, Fraction(minor)) for currency, minor in sums.items())
    return _in_base(db, whole, span.last)[0]


def monthly_equivalent(
    db: Session,
    actor: Actor,
    *,
    today: date,
    owner_id: int | None = None,
    fund_id: int | None = None,
) -> Money:
    """Return what the pledges in force on a day mean a month, in the organisation's currency.

    In force: active, begun, not ended, not paused that day; a fixed promise until it is paid.
    """
    return in_base(db, actor, today=today, owner_id=owner_id, fund_id=fund_id)[0]


def in_base(
    db: Session,
    actor: Actor,
    *,
    today: date,
    owner_id: int | None = None,
    fund_id: int | None = None,
) -> tuple[Money, tuple[str, ...]]:
    """Return what `monthly_equivalent` does, and the currencies whose pledges are left out."""
    chosen = PledgeFilter(owner_id=owner_id, fund_id=fund_id)
    sums = (
        (currency, cadence.monthly_equivalent(minor, frequency))
        for currency, frequency, minor in queries.in_force(db, actor, chosen, today=today)
    )
    return _in_base(db, sums, today)


def _in_base(
    db: Session, sums: Iterable[tuple[str, Fraction]], on: date
) -> tuple[Money, tuple[str, ...]]:
    """Add up minor units of several currencies; return those left out for want of a rate, too."""
    base = organisation(db).currency
    totals: dict[str, Fraction] = {}
    for currency, minor in sums:
        totals[currency] = totals.get(currency, Fraction(0)) + minor
    rates = queries.rates(db, on) if set(totals) - {base} else {}
    whole = Fraction(0)
    for currency, minor in totals.items():
        rate = Fraction(1) if currency == base else Fraction(str(rates.get(currency, 0)))
        whole += minor * rate * Fraction(10) ** (exponent(base) - exponent(currency))
    return Money(round(whole), base), tuple(sorted(set(totals) - {base} - set(rates)))


def promised_by_month(
    db: Session, actor: Actor, *, donor_id: int, since: date, today: date
) -> dict[date, Money]:
    """Return what a donor's pledges asked for each month, by its first day; none: not named.

    In the organisation's currency; a pledge asks for nothing after it has ended.
    """
    months: dict[date, list[tuple[str, Fraction]]] = {}
    if not actor.sees_amounts:
        return {}
    for row in queries.facts(db, actor, PledgeFilter(donor_id=donor_id), today=today):
        for one in rules.instalments(promise(row), today):
            if one.due >= since and one.amount:
                first = one.due.replace(day=1)
                months.setdefault(first, []).append((row.currency, Fraction(one.amount)))
    return {month: _in_base(db, sums, today)[0] for month, sums in months.items()}


def calendar_days(row: Any, *, until: date) -> Sequence[date]:
    """Return every due date of a pledge up to a day."""
    return [one.due for one in rules.instalments(promise(row), until)]
