"""The team section of the weekly summary: one line per member, for supervisors and coaches."""

from collections import Counter
from collections.abc import Sequence
from datetime import date

from app import accounts, donors, gifts, goals, pledges
from app.accounts import Actor, Role
from app.db import Session
from app.kit import formatting
from app.kit.dates.days import Span
from app.mail import Line
from app.settings import settings

LEADS = frozenset({Role.SUPERVISOR, Role.COACH})
MOST_MEMBERS = 40


def lines(
    db: Session,
    actor: Actor,
    *,
    span: Span,
    today: date,
    late: Sequence[pledges.LatePledge],
    at_risk: Sequence[donors.AtRisk],
) -> list[Line]:
    """Return one line per member of the actor's team, those with most alerts first.

    `late` and `at_risk` are those of all donors visible to the actor.
    """
    if actor.role not in LEADS:
        return []
    late_counts = Counter(pledge.owner_id for pledge in late)
    at_risk_counts = Counter(donor.owner_id for donor in at_risk)
    team = [member for member in accounts.owners(db, actor) if member.user_id != actor.user_id]
    team.sort(
        key=lambda member: (
            -late_counts[member.user_id] - at_risk_counts[member.user_id],
            member.name.lower(),
        )
    )
    member_lines = []
    for member in team[:MOST_MEMBERS]:
        late_count, at_risk_count = late_counts[member.user_id], at_risk_counts[member.user_id]
        parts = [
            f"{formatting.count(late_count, 'pledge')} late" if late_count else "",
            f"{formatting.count(at_risk_count, 'donor')} at risk" if at_risk_count else "",
        ]
        notes: tuple[str, ...] = ()
        if actor.sees_amounts:
            money, notes = _money(db, actor, member.user_id, span, today)
            parts = [*money, *parts]
        reason = ", ".join(part for part in parts if part) or "nothing late, nobody at risk"
        sentences = " ".join((f"{reason[0].upper()}{reason[1:]}.", *notes))
        member_lines.append(Line(member.name, sentences, settings().public_url))
    return member_lines


def _money(
    db: Session, actor: Actor, owner_id: int, span: Span, today: date
) -> tuple[list[str], tuple[str, ...]]:
    """Return texts on income and goal progress, and notes on pledges left out."""
    received = gifts.page(
        db, actor, filter=gifts.GiftFilter(span=span, owner_id=owner_id), page_size=1
    )
    progress = goals.progress(db, actor, today=today, owner_id=owner_id)
    income = "no gifts"
    if received.gifts:
        income = f"{formatting.count(received.gifts, 'gift')}, {formatting.money(received.total)}"
    goal_share = (
        f"{formatting.percent(progress.share)} of the goal" if progress.share is not None else ""
    )
    return [income, goal_share], progress.notes
