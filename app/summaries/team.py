"""The team section of the weekly summary: one line per member, for supervisors and coaches."""

from collections import Counter
from collections.abc import Sequence
from datetime import date

from app import accounts, donors, gifts, goals, pledges
from app.accounts import Actor, Role
from app.db import Session
from app.kit import formatting
from app.kit.days import Span
from app.mail import Line
from app.settings import settings

LEADS = frozenset({Role.SUPERVISOR, Role.COACH})
MOST = 40


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
    waiting = Counter(one.owner_id for one in late)
    risky = Counter(one.owner_id for one in at_risk)
    team = [one for one in accounts.owners(db, actor) if one.user_id != actor.user_id]
    team.sort(key=lambda one: (-waiting[one.user_id] - risky[one.user_id], one.name.lower()))
    found = []
    for one in team[:MOST]:
        said = [
            f"{formatting.count(waiting[one.user_id], 'pledge')} late"
            if waiting[one.user_id]
            else "",
            f"{formatting.count(risky[one.user_id], 'donor')} at risk"
            if risky[one.user_id]
            else "",
        ]
        notes: tuple[str, ...] = ()
        if actor.sees_amounts:
            money, notes = _money(db, actor, one.user_id, span, today)
            said = [*money, *said]
        reason = ", ".join(part for part in said if part) or "nothing late, nobody at risk"
        sentences = " ".join((f"{reason[0].upper()}{reason[1:]}.", *notes))
        found.append(Line(one.name, sentences, settings().public_url))
    return found


def _money(
    db: Session, actor: Actor, owner_id: int, span: Span, today: date
) -> tuple[list[str], tuple[str, ...]]:
    """Return texts on income and goal progress, and notes on pledges left out."""
    came = gifts.page(
        db, actor, filter=gifts.GiftFilter(span=span, owner_id=owner_id), page_size=1
    )
    progress = goals.progress(db, actor, today=today, owner_id=owner_id)
    said = "no gifts"
    if came.gifts:
        said = f"{formatting.count(came.gifts, 'gift')}, {formatting.money(came.total)}"
    goal = (
        f"{formatting.percent(progress.share)} of the goal" if progress.share is not None else ""
    )
    return [said, goal], progress.notes
