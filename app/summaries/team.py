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
from app.summaries.awaiting_rate import notes_by_owner

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
    not_counted = notes_by_owner(db, actor, week=span) if actor.sees_amounts else {}
    member_lines = []
    for member in team[:MOST_MEMBERS]:
        parts = _alerts(
            late_counts[member.user_id], at_risk_counts[member.user_id], locale=actor.locale
        )
        notes: tuple[str, ...] = ()
        if actor.sees_amounts:
            money, notes = _money(db, actor, member.user_id, span, today)
            parts = [*money, *parts]
        reason = ", ".join(part for part in parts if part) or "nothing late, nobody at risk"
        notes = (*notes, not_counted.get(member.user_id, ""))
        sentences = " ".join(filter(None, (f"{reason[0].upper()}{reason[1:]}.", *notes)))
        member_lines.append(Line(member.name, sentences, settings().public_url))
    return member_lines


def _alerts(late: int, at_risk: int, *, locale: str) -> list[str]:
    return [
        f"{formatting.count(late, 'pledge', locale=locale)} late" if late else "",
        f"{formatting.count(at_risk, 'donor', locale=locale)} at risk" if at_risk else "",
    ]


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
        income = formatting.count(received.gifts, "gift", locale=actor.locale)
        income += f", {formatting.money(received.total, locale=actor.locale)}"
    goal_share = ""
    if progress.share is not None:
        goal_share = f"{formatting.percent(progress.share, locale=actor.locale)} of the goal"
    return [income, goal_share], progress.notes
