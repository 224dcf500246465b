"""Demo gifts without a pledge: regular with jitter, at year-end, irregular and single."""

from datetime import date, timedelta

from app.demo.donors.drafts import DonorDraft, GiftDraft
from app.demo.donors.promises import AMOUNTS, YEARS
from app.demo.rng import RandomChoices
from app.kit.dates.days import months_after

STEP = {"monthly": 1, "quarterly": 3, "annual": 12}
JITTER = {"monthly": 4, "quarterly": 12, "annual": 25}
YEAR_END = (50, 100, 150, 200, 250, 500, 1000, 2500), (5, 14, 6, 8, 9, 9, 5, 1)
SPONTANEOUS = (20, 25, 40, 50, 75, 100, 150, 250, 500), (6, 8, 7, 14, 6, 12, 4, 4, 2)
CHRISTMAS = 12


def add_gifts(chance: RandomChoices, draft: DonorDraft, today: date) -> None:
    """Add the gifts of the donor's profile according to its rhythm."""
    rhythm = draft.profile.rhythm
    if rhythm in STEP:
        _add_regular(chance, draft, today)
    elif rhythm == "year-end":
        _add_year_ends(chance, draft, today)
    elif rhythm == "irregular":
        _add_irregular(chance, draft, today)
    elif rhythm == "once":
        day = today - timedelta(days=chance.between(0, 800))
        draft.gifts.append(GiftDraft(day, _spontaneous_amount(chance, draft)))


def add_year_end_gifts(chance: RandomChoices, draft: DonorDraft, today: date) -> None:
    """Add year-end gifts for some donors who pay their pledge on time."""
    if draft.profile.standing != "kept" or not chance.happens(0.22):
        return
    for year in range(today.year - 3, today.year):
        if date(year, CHRISTMAS, 1) > draft.gifts[0].on and chance.happens(0.6):
            day = date(year, CHRISTMAS, chance.between(3, 30))
            draft.gifts.append(GiftDraft(day, _spontaneous_amount(chance, draft)))


def link_to_appeal(chance: RandomChoices, draft: DonorDraft, today: date) -> None:
    """Link most of the recent gifts without a pledge to the appeal."""
    for gift in draft.gifts:
        if not gift.promised and today - gift.on < timedelta(days=45) and chance.happens(0.7):
            gift.campaign = True


def _add_regular(chance: RandomChoices, draft: DonorDraft, today: date) -> None:
    rhythm = draft.profile.rhythm
    step, jitter = STEP[rhythm], JITTER[rhythm]
    since = chance.between(1, 28 * step)
    if draft.profile.standing == "stopped":
        # one to two cycles beyond the usual gap; yearly donors are at risk earlier
        low, high = (16, 24) if step == CHRISTMAS else (20, 34)
        since = round(30.4 * step * chance.between(low, high) / 10)
    last = today - timedelta(days=since)
    amount = _amount(chance, draft)
    count = chance.between(6, YEARS * 12 // step) if step < CHRISTMAS else chance.between(3, YEARS)
    for steps_back in reversed(range(count)):
        if steps_back and chance.happens(0.04):
            continue
        day = months_after(last, -steps_back * step) + timedelta(
            days=chance.between(-jitter, jitter) if steps_back else 0
        )
        draft.gifts.append(GiftDraft(day, amount if chance.happens(0.85) else amount * 3 // 2))


def _add_year_ends(chance: RandomChoices, draft: DonorDraft, today: date) -> None:
    amount = 100 * draft.profile.size * chance.pick(*YEAR_END)
    stopped = chance.between(1, 2) if draft.profile.standing == "stopped" else 0
    for year in range(today.year - chance.between(3, YEARS), today.year + 1 - stopped):
        first = date(year, 11, 18) + timedelta(days=chance.between(0, 43))
        if first <= today:
            draft.gifts.append(GiftDraft(first, amount))
            if chance.happens(0.12):
                second = date(year, 12, chance.between(20, 31))
                draft.gifts += [GiftDraft(second, amount // 2)] if second <= today else []
        if chance.happens(0.3):
            amount = round(amount * chance.pick((0.8, 1.2, 1.5)) / 500) * 500


def _add_irregular(chance: RandomChoices, draft: DonorDraft, today: date) -> None:
    for _ in range(chance.between(3, 14)):
        day = today - timedelta(days=chance.between(0, YEARS * 365))
        draft.gifts.append(GiftDraft(day, _spontaneous_amount(chance, draft)))


def _amount(chance: RandomChoices, draft: DonorDraft) -> int:
    return 100 * draft.profile.size * chance.pick(*AMOUNTS[draft.profile.rhythm])


def _spontaneous_amount(chance: RandomChoices, draft: DonorDraft) -> int:
    return 100 * draft.profile.size * chance.pick(*SPONTANEOUS)
