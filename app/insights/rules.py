"""Rules of the comparison of periods: spans, kinds of change and retention. Pure functions."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from app.kit.dates.days import (
    Span,
    fiscal_span,
    fiscal_to_date,
    fiscal_year,
    trailing_year,
    year_earlier,
)


class Period(StrEnum):
    """The period of a dashboard; each is compared with an equally long one before."""

    TWELVE_MONTHS = "12 months"
    FISCAL_YEAR = "this year"
    LAST_FISCAL_YEAR = "last year"


class Change(StrEnum):
    """The kind of a donor's change from one period to the next."""

    NEW = "new"
    BACK = "back"
    UP = "up"
    SAME = "same"
    DOWN = "down"
    LAPSED_NEW = "lapsed new"
    LAPSED = "lapsed"
    # only refunds of earlier gifts
    CORRECTED = "corrected"
    # money that soft credits count for several donors: subtracted, as each gift counts once
    SHARED = "shared"


GAINS = (Change.NEW, Change.BACK, Change.UP)
LOSSES = (Change.DOWN, Change.LAPSED_NEW, Change.LAPSED)
KEPT = (Change.UP, Change.SAME, Change.DOWN)
GAVE_BEFORE = (*KEPT, Change.LAPSED_NEW, Change.LAPSED)
GIVE_NOW = (*KEPT, Change.NEW, Change.BACK)


@dataclass(frozen=True, slots=True)
class Sums:
    """Donors with one kind of change and what they gave before (g1) and now (g2), minor units.

    `first_time` counts donors whose first gift was in P1 or later.
    """

    donors: int = 0
    before: int = 0
    now: int = 0
    first_time: int = 0


def donors(sums: Mapping[Change, Sums], kinds: Iterable[Change]) -> int:
    """Return the number of donors with these kinds of change."""
    return sum(sums[kind].donors for kind in kinds if kind in sums)


def spans(period: Period, today: date, start_month: int) -> tuple[Span, Span]:
    """Return the period before (P1) and the period now (P2), equally long."""
    if period == Period.FISCAL_YEAR:
        now = fiscal_to_date(today, start_month)
        return now.year_before(), now
    if period == Period.LAST_FISCAL_YEAR:
        year = fiscal_year(today, start_month) - 1
        return fiscal_span(year - 1, start_month), fiscal_span(year, start_month)
    return trailing_year(year_earlier(today)), trailing_year(today)


def retention(sums: Mapping[Change, Sums]) -> float | None:
    """Return |D1 and D2| / |D1|: the share of the donors of P1 who gave again in P2."""
    return _share(donors(sums, KEPT), donors(sums, GAVE_BEFORE))


def gift_retention(sums: Mapping[Change, Sums]) -> float | None:
    """Return Σg2 of those who gave in both periods / Σg1 of all who gave before."""
    gave = sum(sums[kind].before for kind in GAVE_BEFORE if kind in sums)
    return _share(sum(sums[kind].now for kind in KEPT if kind in sums), gave)


def new_retention(sums: Mapping[Change, Sums]) -> float | None:
    """Return the share of donors with their first gift in P1 who gave again."""
    first_time = {kind: sums[kind].first_time for kind in GAVE_BEFORE if kind in sums}
    return _share(sum(first_time.get(kind, 0) for kind in KEPT), sum(first_time.values()))


def repeat_retention(sums: Mapping[Change, Sums]) -> float | None:
    """Return the share of donors who gave in P1 and earlier who gave again."""
    repeat = {
        kind: sums[kind].donors - sums[kind].first_time for kind in GAVE_BEFORE if kind in sums
    }
    return _share(sum(repeat.get(kind, 0) for kind in KEPT), sum(repeat.values()))


def gains_and_losses(sums: Mapping[Change, Sums]) -> tuple[int, int]:
    """Return gains and losses in minor units, neither of them negative.

    Corrections and shared money count by their sign, so that Σg2 - Σg1 = gains - losses always
    holds.
    """
    differences = {
        kind: change_sums.now - change_sums.before for kind, change_sums in sums.items()
    }
    signed = [differences.get(kind, 0) for kind in (Change.CORRECTED, Change.SHARED)]
    gains = sum(differences.get(kind, 0) for kind in GAINS)
    losses = -sum(differences.get(kind, 0) for kind in LOSSES)
    return (
        gains + sum(max(0, amount) for amount in signed),
        losses + sum(max(0, -amount) for amount in signed),
    )


def shared(sums: Mapping[Change, Sums], before: int, now: int) -> Sums:
    """Return what brings the donors' sums to these ones, which count each gift once."""
    return Sums(
        before=before - sum(change_sums.before for change_sums in sums.values()),
        now=now - sum(change_sums.now for change_sums in sums.values()),
    )


def average(sums: Mapping[Change, Sums]) -> int | None:
    """Return what a donor who gives now gives on average, in minor units, halves up."""
    number = donors(sums, GIVE_NOW)
    given = sum(sums[kind].now for kind in GIVE_NOW if kind in sums)
    return (2 * given + number) // (2 * number) if number else None


def _share(part: int, total: int) -> float | None:
    return part / total if total else None


def growth(now: int, before: int) -> float | None:
    """Return the growth (0.08 = 8 %) over before, or None when nothing was received before."""
    return (now - before) / before if before > 0 else None
