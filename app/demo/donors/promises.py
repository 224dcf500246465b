"""Demo pledges and the gifts towards them, for every due date up to today."""

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import takewhile

from app.demo.donors.drafts import DonorDraft, GiftDraft, PledgeDraft
from app.demo.rng import RandomChoices
from app.kit.dates.cadence import GRACE_DAYS, PERIOD_DAYS, Frequency, due_dates
from app.kit.dates.days import months_after

YEARS = 6
AMOUNTS: dict[str, tuple[Sequence[int], Sequence[int]]] = {
    "weekly": ((10, 15, 20, 25), (3, 2, 3, 2)),
    "biweekly": ((20, 25, 40, 50), (3, 3, 2, 2)),
    "semimonthly": ((25, 40, 50, 75), (3, 3, 3, 1)),
    "monthly": (
        (20, 25, 30, 40, 50, 60, 75, 100, 125, 150, 200, 300),
        (5, 9, 10, 8, 22, 6, 10, 17, 3, 5, 4, 1),
    ),
    "bimonthly": ((50, 80, 100), (1, 1, 1)),
    "quarterly": ((60, 75, 100, 150, 200, 250, 300, 500), (3, 6, 14, 8, 6, 4, 4, 2)),
    "semiannual": ((150, 250, 300, 500), (2, 3, 3, 1)),
    "annual": ((100, 200, 250, 300, 500, 600, 1000, 1200), (5, 5, 6, 4, 8, 3, 5, 2)),
}
# weights of the days of the month on which standing orders are paid
DAY_WEIGHTS = {1: 12, 5: 4, 10: 4, 15: 9, 20: 3, 25: 4, 28: 2}
STEP = {"bimonthly": 2, "quarterly": 3, "semiannual": 6, "annual": 12}
FIXED_MONTHS = 12


def add_pledge(chance: RandomChoices, draft: DonorDraft, today: date) -> None:
    """Give the donor a pledge whose state today matches the profile, and its gifts."""
    rhythm, standing = draft.profile.rhythm, draft.profile.standing
    last = _latest_due(chance, rhythm, standing, today)
    start = _start(chance, rhythm, standing, last)
    amount = 100 * draft.profile.size * chance.pick(*AMOUNTS[rhythm])
    pledge = PledgeDraft(
        {
            "amount_minor": amount,
            "frequency": rhythm,
            "anchor_day": None if "week" in rhythm else last.day,
            "start_date": start,
            "method": draft.method,
            "status": "active",
        }
    )
    if rhythm == "semimonthly":
        pledge.row["anchor_day"] = 1
    draft.promise = pledge
    dues = list(
        takewhile(
            lambda day: day <= today,
            due_dates(Frequency(rhythm), start, pledge.row["anchor_day"]),
        )
    )
    paid = _CHANGES.get(standing, _pay_all)(chance, pledge, dues, today)
    for due in paid:
        paid_on = min(today, due + timedelta(days=chance.pick((0, 0, 0, 0, 1, 1, 2))))
        draft.gifts.append(GiftDraft(paid_on, pledge.amount_on(due), promised=True))
    if standing == "ahead":
        draft.gifts.append(
            GiftDraft(today - timedelta(days=5), 2 * draft.gifts[-1].minor, promised=True)
        )
    if standing == "part-paid":
        draft.gifts[-1].minor = draft.gifts[-1].minor * 2 // 5


def _latest_due(chance: RandomChoices, rhythm: str, standing: str, today: date) -> date:
    grace, period = GRACE_DAYS[Frequency(rhythm)], PERIOD_DAYS[Frequency(rhythm)]
    low, high = {
        "in grace": (2, grace - 1),
        "late": (grace + 2, min(period - 2, grace + 60)),
        "part-paid": (grace + 2, period - 2),
        "ended": (150, 800),
    }.get(standing, (4, max(5, period - 1)))
    days = [today - timedelta(days=days_back) for days_back in range(low, high + 1)]
    return chance.pick(days, [DAY_WEIGHTS.get(day.day, 0.4) for day in days])


def _start(chance: RandomChoices, rhythm: str, standing: str, last: date) -> date:
    if standing in {"fixed", "fulfilled"}:
        months_back = FIXED_MONTHS + 3 if standing == "fulfilled" else chance.between(3, 9)
        return months_after(last, -months_back)
    # recent pledges are more frequent than old ones
    months = chance.pick((9, 14, 20, 27, 36, 48, 60, 12 * YEARS), (6, 8, 8, 8, 8, 6, 6, 9))
    months += chance.between(0, 5) if months < 12 * YEARS else 0
    months = min(months, 40) if standing == "ended" else months
    if rhythm in {"weekly", "biweekly"}:
        step = PERIOD_DAYS[Frequency(rhythm)]
        return last - timedelta(days=step * (months * 30 // step))
    if rhythm == "semimonthly":
        return months_after(last, -months).replace(day=1)
    step = STEP.get(rhythm, 1)
    return months_after(last, -max(step, months // step * step))


def _pay_all(
    _chance: RandomChoices, _pledge: PledgeDraft, dues: list[date], _today: date
) -> list[date]:
    return dues


def _raise(
    chance: RandomChoices, pledge: PledgeDraft, dues: list[date], _today: date
) -> list[date]:
    """Raise the amount of the pledge once or twice."""
    amount = pledge.row["amount_minor"]
    for due in sorted(chance.sample(dues[3:-1], chance.between(1, 2))):
        amount += chance.pick((1000, 1500, 2500, 5000))
        pledge.changes.append((due, amount, "upgrade"))
    return dues


def _lower(
    chance: RandomChoices, pledge: PledgeDraft, dues: list[date], _today: date
) -> list[date]:
    pledge.changes.append((chance.pick(dues[3:]), pledge.row["amount_minor"] // 2, "downgrade"))
    return dues


def _miss_last(
    _chance: RandomChoices, _pledge: PledgeDraft, dues: list[date], _today: date
) -> list[date]:
    return dues[:-1]


def _miss_some(
    chance: RandomChoices, pledge: PledgeDraft, dues: list[date], _today: date
) -> list[date]:
    missed = chance.pick((1, 2, 3), (5, 3, 2)) if pledge.row["frequency"] == "monthly" else 1
    return dues[:-missed]


def _pause(
    chance: RandomChoices, pledge: PledgeDraft, dues: list[date], today: date
) -> list[date]:
    since = today - timedelta(days=chance.between(35, 110))
    until = today + timedelta(days=chance.between(30, 90)) if chance.happens(0.5) else None
    reason = chance.pick(("Between jobs", "On sabbatical", "New roof on the house"))
    pledge.pauses.append((since, until, reason))
    return [due for due in dues if due < since]


def _miss_one(
    _chance: RandomChoices, _pledge: PledgeDraft, dues: list[date], _today: date
) -> list[date]:
    return dues[:-4] + dues[-3:]


def _skip(
    _chance: RandomChoices, pledge: PledgeDraft, dues: list[date], _today: date
) -> list[date]:
    pledge.skips.append(dues[-1])
    return dues[:-1]


def _end(_chance: RandomChoices, pledge: PledgeDraft, dues: list[date], today: date) -> list[date]:
    end_day = pledge.row["start_date"] + (today - pledge.row["start_date"]) * 2 // 3
    paid = [due for due in dues if due < end_day]
    pledge.row |= {"status": "cancelled", "end_date": end_day}
    return paid


def _fixed(
    _chance: RandomChoices, pledge: PledgeDraft, dues: list[date], _today: date
) -> list[date]:
    pledge.row |= {"total_minor": FIXED_MONTHS * pledge.row["amount_minor"]}
    return dues[:FIXED_MONTHS]


_CHANGES = {
    "raised": _raise,
    "lowered": _lower,
    "in grace": _miss_last,
    "late": _miss_some,
    "paused": _pause,
    "hole": _miss_one,
    "skipped": _skip,
    "ended": _end,
    "fixed": _fixed,
    "fulfilled": _fixed,
}
