"""Rules of the weekly e-mail: its subject, its opening sentence, and when it is due. Pure."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from app.kit import formatting
from app.kit.dates.days import Span
from app.kit.money import Money

MOST_LINES = 8
CATCH_UP = timedelta(days=3)
FULL_PERCENT = 100


@dataclass(frozen=True, slots=True)
class Week:
    """The counts from which the subject and the opening sentence are built."""

    gifts: int
    received: Money
    late: int
    at_risk: int
    thanks: int
    tasks: int
    # of the recipient
    locale: str
    sees_amounts: bool = True
    # gifts of the week that `received` leaves out for lack of an exchange rate
    awaiting_rate: int = 0

    @property
    def quiet(self) -> bool:
        """Return whether nothing was received and nothing is to be done."""
        return not (self.gifts or self.needs)

    @property
    def needs(self) -> int:
        """Return how many things the user has to act on."""
        return self.late + self.at_risk + self.thanks + self.tasks

    def count(self, number: int, singular: str) -> str:
        """Return a count with its noun for the recipient: "1 gift", "1,204 gifts"."""
        return formatting.count(number, singular, locale=self.locale)


def subject(week: Week) -> str:
    """Return the subject: "3 gifts, $450; 2 pledges late, 1 donor at risk"."""
    if week.quiet:
        return "A quiet week: nothing needs you"
    income = f"{week.count(week.gifts, 'gift')}, "
    income += formatting.money(week.received, locale=week.locale)
    if week.awaiting_rate:
        income += f" ({formatting.number(week.awaiting_rate, locale=week.locale)} without a rate)"
    income = income if week.gifts else "No gifts this week"
    todo = [
        f"{week.count(week.late, 'pledge')} late" if week.late else "",
        f"{week.count(week.at_risk, 'donor')} at risk" if week.at_risk else "",
        f"{week.count(week.thanks, 'thank-you')} waiting" if week.thanks else "",
    ]
    if not any(todo):
        todo = [f"{week.count(week.tasks, 'task')} due" if week.tasks else ""]
    rest = ", ".join(part for part in todo if part)
    if not week.sees_amounts:
        return rest
    return f"{income}; {rest}" if rest else f"{income} this week"


def opening(week: Week) -> str:
    """Return the opening of the mail, one or two sentences."""
    if week.quiet and not week.sees_amounts:
        return "Every promise is up to date, and nobody waits for you."
    if week.quiet:
        return "No gifts came in last week, every promise is up to date, and nobody waits for you."
    if not week.needs:
        return "Every promise is up to date and everyone has been thanked. Enjoy your week."
    parts = [
        f"{week.count(week.late, 'pledge')} late" if week.late else "",
        f"{week.count(week.at_risk, 'donor')} who may be stopping" if week.at_risk else "",
        f"{week.count(week.thanks, 'gift')} to thank for" if week.thanks else "",
        f"{week.count(week.tasks, 'task')} due" if week.tasks else "",
    ]
    return f"This week: {_joined([part for part in parts if part])}."


def days_of(span: Span, *, locale: str) -> str:
    """Return the days of a week: "16 to 22 Nov", "16.11.2026 to 22.11.2026"."""
    first, last = span.start, span.last
    start = formatting.day(first, today=first, locale=locale)
    if first.month == last.month and formatting.is_english(locale):
        start = f"{first.day}"
    return f"{start} to {formatting.day(last, today=last, locale=locale)}"


def _joined(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def percent(share: float | None) -> int | None:
    """Return the filled part of the progress bar, 0 to 100; None without a goal."""
    return None if share is None else max(0, min(FULL_PERCENT, round(share * FULL_PERCENT)))


def due_slot(local_now: datetime, weekday: int, hour: int) -> datetime | None:
    """Return the summary's scheduled local time if it is due, else None.

    `local_now` is in the user's time zone and compared as wall-clock time: an hour skipped by
    daylight saving is due right after the change, a repeated hour counts once. A summary missed by
    three days is skipped; weekday 0 is Monday.
    """
    local = local_now.replace(tzinfo=None)
    days_back = (local.weekday() - weekday) % 7
    slot = datetime(local.year, local.month, local.day, hour) - timedelta(days=days_back)  # noqa: DTZ001
    if slot > local:
        slot -= timedelta(days=7)
    return slot if local - slot < CATCH_UP else None


def day_of(key: str, weekday: int) -> date:
    """Return the day of a summary's key, given its weekday (0 is Monday)."""
    year, _, week = key.rpartition(":")[2].partition("-W")
    return date.fromisocalendar(int(year), int(week), weekday + 1)


def week_key(user_id: int, slot: date) -> str:
    """Return the key of a user's summary for one ISO week of the user's own calendar."""
    year, week, _ = slot.isocalendar()
    return f"weekly:{user_id}:{year}-W{week:02}"
