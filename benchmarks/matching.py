"""Bounds for linking gifts to pledges with the fewest errors: simulated donors, known truth.

Each donor has one open-ended pledge and pays it as people do: exactly, with the card's fee added,
rounded up, in two halves, some instalments at once, or a little short; and some also give to an
appeal. For each pair of bounds, counts the gifts that belong to the pledge and stay unlinked, and
those that do not and are linked. Run: python -m benchmarks.matching
"""

import random
from datetime import date, timedelta

from app.kit.dates.cadence import Frequency, due_dates
from app.pledges.rules import matching
from app.pledges.rules.matching import Candidate, MatchablePledge
from app.pledges.rules.schedule import Pledge

SEED, DONORS = 20261128, 1_000
START, END = date(2024, 1, 1), date(2026, 11, 23)
AMOUNTS = (2000, 2500, 3000, 5000, 7500, 10000, 15000, 25000)
FREQUENCIES = ("monthly",) * 7 + ("quarterly", "quarterly", "annual")
LOWER, UPPER = (0.2, 0.3, 0.4, 0.5, 0.7, 0.9), (1.1, 1.5, 2.0, 2.5, 3.0, 4.0)
APPEALS = (1000, 2500, 5000, 10000, 20000, 25000, 50000, 100000)


def paid(rng: random.Random, amount: int) -> list[int]:
    """Return the payments of a donor for one instalment: usually its exact amount."""
    way = rng.random()
    if way < 0.86:
        return [amount]
    if way < 0.90:
        return [round(amount * 1.029) + 30]
    if way < 0.93:
        return [-(-amount * 11 // 10 // 500) * 500]
    if way < 0.95:
        return [amount // 2, amount - amount // 2]
    if way < 0.98:
        return [amount * rng.choice((2, 3))]
    return [round(amount * rng.uniform(0.6, 0.9))]


def donor(rng: random.Random) -> tuple[Pledge, list[Candidate], set[int]]:
    """Return a pledge, the donor's gifts, and the ids of those that do not belong to it."""
    amount, frequency = rng.choice(AMOUNTS), rng.choice(FREQUENCIES)
    start = START + timedelta(days=rng.randrange(500))
    gifts: list[Candidate] = []
    for due in due_dates(Frequency(frequency), start):
        if due > END:
            break
        day = due + timedelta(days=rng.randrange(6))
        for each in paid(rng, amount):
            gifts.append(Candidate(len(gifts), day, each))
    beside = set()
    for _ in range(rng.choice((0, 0, 1, 2, 3))):
        day = start + timedelta(days=rng.randrange((END - start).days))
        beside.add(len(gifts))
        gifts.append(Candidate(len(gifts), day, rng.choice(APPEALS)))
    return Pledge(amount, frequency, start), gifts, beside


def mistakes(least: float, most: float) -> tuple[int, int, int]:
    """Return (gifts, wrongly linked, wrongly left) with these bounds."""
    rng = random.Random(SEED)
    before = matching.MIN_FACTOR, matching.MAX_FACTOR
    matching.MIN_FACTOR, matching.MAX_FACTOR = least, most
    number = linked = left = 0
    try:
        for _ in range(DONORS):
            pledge, gifts, beside = donor(rng)
            links = matching.find_links([MatchablePledge(1, pledge)], gifts)
            linked_ids = {link.gift_id for link in links}
            number += len(gifts)
            linked += len(linked_ids & beside)
            left += len(gifts) - len(beside) - len(linked_ids - beside)
    finally:
        matching.MIN_FACTOR, matching.MAX_FACTOR = before
    return number, linked, left


def main() -> None:
    print("bounds        gifts   wrongly linked   wrongly left   together")
    best = []
    for least in LOWER:
        for most in UPPER:
            number, linked, left = mistakes(least, most)
            best.append((linked + left, least, most))
            print(
                f"{least:.1f} to {most:.1f}  {number:>8,} {linked:>14,} {left:>14,}"
                f"   {(linked + left) / number:>8.2%}"
            )
    wrong, least, most = min(best)
    in_use = matching.MIN_FACTOR, matching.MAX_FACTOR
    wrong_in_use = next(wrong for wrong, *bounds in best if tuple(bounds) == in_use)
    print(
        f"fewest: {least} to {most} ({wrong:,}); in use: {in_use[0]} to {in_use[1]}"
        f" ({wrong_in_use:,})"
    )


if __name__ == "__main__":
    main()
