"""Labels and icons of donor and pledge states, shared by all screens."""

from datetime import date

from app.accounts import Actor
from app.donors import (
    BY_AMOUNT,
    CHANNELS,
    SORTS,
    DonorLine,
    DonorView,
    language_name,
)
from app.pledges import PledgeLine
from app.ui.base.formats import ago, count, day

GIVING = {
    "on rhythm": ("favorite", "On rhythm"),
    "pledge paid": ("task_alt", "Pledge paid"),
    "slipping": ("trending_flat", "Slipping"),
    "at risk": ("trending_down", "At risk"),
    "paused": ("pause_circle", "Paused"),
    "pledge late": ("schedule", "Pledge late"),
    "lapsed": ("heart_broken", "Lapsed"),
    "second gift": ("looks_one", "One gift"),
    "never gave": ("hourglass_empty", "Never gave"),
    "not scored yet": ("pending", "New"),
}
# longer intervals are given in months
A_LONG_TIME, DAYS_PER_MONTH = 65, 365.2425 / 12
# the usual days between two gifts that have a word
RHYTHMS = {
    "weekly": range(6, 9),
    "every two weeks": range(13, 16),
    "monthly": range(28, 34),
    "every two months": range(58, 65),
    "quarterly": range(80, 103),
    "twice a year": range(165, 201),
    "yearly": range(335, 401),
}
PLEDGE_STATES = {
    "late": ("schedule", "Late"),
    "part-paid, late": ("schedule", "Part-paid, late"),
    "behind, still giving": ("trending_down", "Behind, still giving"),
    "due": ("hourglass_top", "In grace"),
    "part-paid": ("contrast", "Part-paid"),
    "on track": ("check_circle", "On track"),
    "paid ahead": ("fast_forward", "Paid ahead"),
    "paused": ("pause_circle", "Paused"),
    "fulfilled": ("task_alt", "Fulfilled"),
    "completed": ("task_alt", "Completed"),
    "cancelled": ("cancel", "Ended"),
}
FREQUENCIES = {
    "weekly": "Weekly",
    "biweekly": "Every two weeks",
    "semimonthly": "Twice a month",
    "monthly": "Monthly",
    "bimonthly": "Every two months",
    "quarterly": "Quarterly",
    "semiannual": "Every half year",
    "annual": "Yearly",
    "once": "Once",
}
# tables cannot show the icon font, so they use a Unicode sign beside the label
SIGNS = {
    "late": "◔",
    "part-paid, late": "◔",
    "behind, still giving": "↘",
    "due": "○",
    "part-paid": "◐",
    "on track": "●",
    "paid ahead": "»",
    "paused": "‖",
    "fulfilled": "✓",
    "completed": "✓",
    "cancelled": "×",
    "on rhythm": "●",
    "pledge paid": "✓",
    "slipping": "→",
    "at risk": "↘",
    "pledge late": "◔",
    "lapsed": "×",
    "second gift": "◇",
    "never gave": "○",
    "not scored yet": "○",
}


def sorts(actor: Actor) -> list[str]:
    """Return the sort orders of donors; by amount only if the actor may see amounts."""
    return [sort for sort in SORTS if actor.sees_amounts or sort not in BY_AMOUNT]


def pledge_state(line: PledgeLine) -> str:
    """Return the state of a pledge for a table: sign and label."""
    return f"{SIGNS[line.state]} {PLEDGE_STATES[line.state][1]}"


def giving(line: DonorLine) -> str:
    """Return the giving state of a donor for a table: sign and label."""
    return f"{SIGNS[line.giving]} {GIVING[line.giving][1]}"


def rhythm(line: DonorLine) -> str:
    """Return how often a donor gives: "monthly", "every 45 days"."""
    if line.gifts < 2 or not line.rhythm_days:  # noqa: PLR2004
        return ""
    days = round(line.rhythm_days)
    named = next((name for name, usual in RHYTHMS.items() if days in usual), None)
    if named is not None:
        return named
    return f"every {count(days, 'day') if days < A_LONG_TIME else months(days)}"


def months(days: int) -> str:
    """Return a number of days as whole months: "20 months"."""
    return count(round(days / DAYS_PER_MONTH), "month")


def late(line: PledgeLine) -> str:
    """Return how late a pledge is: "23 days", or ""."""
    return count(line.days_late, "day") if line.late else ""


def summary(view: DonorView, *, today: date) -> str:
    """Return a line about a donor: kind, status, owner, last contact."""
    parts = [view.fields.kind.capitalize(), view.fields.status]
    if view.fields.deceased:
        parts.append("deceased")
    if view.owner_name:
        parts.append(f"with {view.owner_name}")
    contact = view.last_contacted_on
    parts.append(f"last contact {ago(contact, today=today)}" if contact else "no contact yet")
    return " · ".join(parts)


def preferences(view: DonorView, *, today: date) -> str:
    """Return the day of death and the preferred language and channel, "" without any."""
    fields, parts = view.fields, []
    if fields.deceased and fields.deceased_on:
        parts.append(f"Died on {day(fields.deceased_on, today=today)}")
    if fields.preferred_language:
        parts.append(f"Prefers {language_name(fields.preferred_language)}")
    if fields.preferred_channel:
        parts.append(f"Best reached by {CHANNELS[fields.preferred_channel]}")
    return " · ".join(parts)
