"""What is worth a line in the weekly e-mail, and when it is due. Pure."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from app.kit import formatting
from app.kit.money import Money

MOST_LINES = 8
CATCH_UP = timedelta(days=3)
FULL = 100


@dataclass(frozen=True, slots=True)
class Week:
    """The counts that the subject and the opening sentence are made of."""

    gifts: int
    received: Money
    late: int
    at_risk: int
    thanks: int
    tasks: int
    sees_amounts: bool = True

    @property
    def quiet(self) -> bool:
        """Whether nothing came and nothing waits."""
        return not (self.gifts or self.needs)

    @property
    def needs(self) -> int:
        """How many things wait for the person."""
        return self.late + self.at_risk + self.thanks + self.tasks


def subject(week: Week) -> str:
    """Say the week in one line: "3 gifts, $450; 2 pledges late, 1 donor at risk"."""
    if week.quiet:
        return "A quiet week: nothing needs you"
    came = f"{formatting.count(week.gifts, 'gift')}, {formatting.money(week.received)}"
    came = came if week.gifts else "No gifts this week"
    waits = [
        f"{formatting.count(week.late, 'pledge')} late" if week.late else "",
        f"{formatting.count(week.at_risk, 'donor')} at risk" if week.at_risk else "",
        f"{formatting.count(week.thanks, 'thank-you')} waiting" if week.thanks else "",
    ]
    if not any(waits):
        waits = [f"{formatting.count(week.tasks, 'task')} due" if week.tasks else ""]
    rest = ", ".join(part for part in waits if part)
    if not week.sees_amounts:
        return rest
    return f"{came}; {rest}" if rest else f"{came} this week"


def opening(week: Week) -> str:
    """Say in a sentence or two what the mail is about."""
    if week.quiet and not week.sees_amounts:
        return "Every promise is up to date, and nobody waits for you."
    if week.quiet:
        return "No gifts came in last week, every promise is up to date, and nobody waits for you."
    if not week.needs:
        return "Every promise is up to date and everyone has been thanked. Enjoy your week."
    parts = [
        f"{formatting.count(week.late, 'pledge')} late" if week.late else "",
        f"{formatting.count(week.at_risk, 'donor')} who may be stopping" if week.at_risk else "",
        f"{formatting.count(week.thanks, 'gift')} to thank for" if week.thanks else "",
        f"{formatting.count(week.tasks, 'task')} due" if week.tasks else "",
    ]
    return f"This week: {_joined([part for part in parts if part])}."


def _joined(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def percent(share: float | None) -> int | None:
    """Return how much of the bar is filled, 0 to 100; None without a goal."""
    return None if share is None else max(0, min(FULL, round(share * FULL)))


def due_slot(local_now: datetime, weekday: int, hour: int) -> datetime | None:
    """Return the summary's moment on the person's own clock when it is due, else None.

    `local_now` carries the person's zone and is compared by what the clock on the wall shows: a
    skipped hour is due when the clock has jumped past it, a repeated one is the same moment
    twice. A moment missed by three days is let go; weekday 0 is Monday.
    """
    wall = local_now.replace(tzinfo=None)
    days_back = (wall.weekday() - weekday) % 7
    slot = datetime(wall.year, wall.month, wall.day, hour) - timedelta(days=days_back)  # noqa: DTZ001
    if slot > wall:
        slot -= timedelta(days=7)
    return slot if wall - slot < CATCH_UP else None


def day_of(key: str, weekday: int) -> date:
    """Return the day a summary's key stands for, given its weekday (0 is Monday)."""
    year, _, week = key.rpartition(":")[2].partition("-W")
    return date.fromisocalendar(int(year), int(week), weekday + 1)


def week_key(user_id: int, slot: date) -> str:
    """Name the summary of one person and one ISO week of their own calendar."""
    year, week, _ = slot.isocalendar()
    return f"weekly:{user_id}:{year}-W{week:02}"
