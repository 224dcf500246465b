"""Demo activity of the team: thanks, contacts and tasks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from app.demo.donors.drafts import GiftDraft
from app.demo.rng import RandomChoices
from app.demo.vocabulary import CONTACTS, TASKS

# gifts less than this many days old are often not thanked yet
FRESH = 6
# the thank-you queue covers this many days
QUEUE_DAYS = 60
# open tasks per fundraiser, as days from today; then the number of tasks done
DUE = (-9, -3, 0, 0, 0, 2, 4, 7, 8)
DONE = 6
THANK_METHODS = (("e-mail", "letter", "call"), (6, 3, 1))


def thanks(chance: RandomChoices, gift: GiftDraft, today: date) -> tuple[datetime, str] | None:
    """Return when and how a gift was thanked for, or None if it was not."""
    age = (today - gift.on).days
    if age == 0 or chance.happens(0.6 if age < FRESH else 0.03 if age < QUEUE_DAYS else 0):
        return None
    day = min(gift.on + timedelta(days=chance.between(1, 5)), today - timedelta(days=1))
    return utc_time(day, chance.between(13, 21)), chance.pick(*THANK_METHODS)


def utc_time(day: date, hour: int = 15, minute: int = 0) -> datetime:
    """Return a day at an hour and minute in UTC."""
    return datetime.combine(day, time(hour, minute), UTC)


@dataclass(frozen=True, slots=True)
class Contact:
    """An entry of the contact log."""

    kind: str
    on: date
    text: str

    @property
    def moment(self) -> datetime:
        """Return the time of the contact, between 12:00 and 21:00 UTC."""
        return utc_time(self.on, 12 + self.on.day % 9, self.on.day)


def contacts(chance: RandomChoices, today: date) -> list[Contact]:
    """Return invented contacts with one donor during the last two years, oldest first."""
    log = []
    for _ in range(chance.between(0, 5)):
        kind = chance.pick(list(CONTACTS), (8, 3, 4, 2, 6, 2))
        day = today - timedelta(days=chance.between(1, 700))
        log.append(Contact(kind, day, chance.pick(CONTACTS[kind])))
    return sorted(log, key=lambda contact: contact.on)


def tasks(
    chance: RandomChoices, donors: Sequence[tuple[int, str]], assignee: int, today: date
) -> list[dict[str, Any]]:
    """Return rows of tasks for a fundraiser: overdue, due today, next week, and done.

    `donors` are pairs of id and name.
    """
    rows = []
    picked = chance.sample(donors, len(DUE) + DONE)
    for index, (donor_id, name) in enumerate(picked):
        kind, title = TASKS[(index + assignee) % len(TASKS)]
        done = index >= len(DUE)
        due = today + timedelta(days=-4 * (index - 6) if done else DUE[index])
        rows.append(
            {
                "type": kind,
                "title": title.format(name=name),
                "priority": chance.pick((1, 2, 3), (2, 6, 2)),
                "due_on": due,
                "donor_id": donor_id,
                "assignee_id": assignee,
                "created_by": assignee,
                "created_at": utc_time(min(due, today) - timedelta(days=10)),
                "done_at": utc_time(due - timedelta(days=1)) if done else None,
                "done_by": assignee if done else None,
            }
        )
    return rows
