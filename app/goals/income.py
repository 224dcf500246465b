"""Income within ranges of days, from the sums by month and the gifts of single days."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from app.accounts import Actor, organisation
from app.db import Session
from app.goals import queries
from app.kit.dates.days import Span, month_of
from app.kit.dates.period_rollup import PeriodRollup, by_months
from app.kit.money import Money


@dataclass(frozen=True, slots=True)
class Income:
    """Income net of reversals: with a pledge (recurring), and without one."""

    recurring: Money
    one_time: Money
    gifts: int

    @property
    def total(self) -> Money:
        """Return the sum of recurring and one-time income."""
        return self.recurring + self.one_time


# income by range of days, all of one actor's donors
Incomes = Mapping[Span, Income]
NONE_KNOWN: Incomes = {}
# recurring and one-time minor units, and the number of gifts
Sums = tuple[int, int, int]
NOTHING: Sums = (0, 0, 0)


def incomes(db: Session, actor: Actor, *, spans: Iterable[Span]) -> Incomes:
    """Return the income within each of the spans, with two statements for all of them."""
    covers = {span: by_months(span) for span in spans}
    months: dict[date, Sums] = {}
    blocks = _blocks(covers)
    if blocks is not None:
        months = {
            row[0]: (int(row[1]), int(row[2]), int(row[3]))
            for row in queries.months(db, actor, first=blocks.start, end=blocks.end)
        }
    edges = queries.sums_within(db, actor, spans=_edges(covers))
    return _incomes(covers, months, edges, organisation(db).currency)


def incomes_by_owner(
    db: Session, actor: Actor, *, owner_ids: Iterable[int], spans: Iterable[Span]
) -> dict[int, Incomes]:
    """Return the income of each owner within each of the spans, with the same two statements."""
    covers = {span: by_months(span) for span in spans}
    months: dict[int, dict[date, Sums]] = {}
    blocks = _blocks(covers)
    if blocks is not None:
        months = queries.months_by_owner(db, actor, first=blocks.start, end=blocks.end)
    edges = queries.sums_within_by_owner(db, actor, spans=_edges(covers))
    currency = organisation(db).currency
    return {
        owner_id: _incomes(covers, months.get(owner_id, {}), edges.get(owner_id, {}), currency)
        for owner_id in owner_ids
    }


def _blocks(covers: Mapping[Span, PeriodRollup]) -> Span | None:
    """Return a span from the first to the last whole period of any cover."""
    blocks = [block for cover in covers.values() for block in cover.blocks]
    if not blocks:
        return None
    return Span(min(block.start for block in blocks), max(block.end for block in blocks))


def _edges(covers: Mapping[Span, PeriodRollup]) -> list[Span]:
    edges = {edge for cover in covers.values() for edge, _ in cover.edges}
    return sorted(edges, key=lambda edge: edge.start)


def _incomes(
    covers: Mapping[Span, PeriodRollup],
    months: Mapping[date, Sums],
    edges: Mapping[Span, Sums],
    currency: str,
) -> Incomes:
    return {
        span: _income(
            [
                *((1, months.get(block.start, NOTHING)) for block in cover.blocks),
                *((sign, edges.get(edge, NOTHING)) for edge, sign in cover.edges),
            ],
            currency,
        )
        for span, cover in covers.items()
    }


def income(db: Session, actor: Actor, *, span: Span, known: Incomes = NONE_KNOWN) -> Income:
    """Return the income within the span; `known` is of the same actor."""
    return known[span] if span in known else incomes(db, actor, spans=[span])[span]


def income_by_month(
    db: Session,
    actor: Actor,
    *,
    months: Sequence[date],
    today: date,
    known: Incomes = NONE_KNOWN,
) -> dict[date, Income]:
    """Return the income of each of the consecutive months, by first day, today included.

    The last month is the one `today` is in, or an earlier one. `known` is of the same actor.
    """
    spans = {month: span_so_far(month, today) for month in months}
    found = known
    if not known.keys() >= set(spans.values()):
        found = incomes(db, actor, spans=spans.values())
    return {month: found[span] for month, span in spans.items()}


def span_so_far(month: date, today: date) -> Span:
    """Return the days of a month until today: gifts dated later are not counted yet."""
    days = month_of(month)
    return Span(days.start, min(days.end, today + timedelta(days=1)))


def _income(sums: Iterable[tuple[int, Sums]], currency: str) -> Income:
    recurring = one_time = gifts = 0
    for sign, part in sums:
        recurring += sign * part[0]
        one_time += sign * part[1]
        gifts += sign * part[2]
    return Income(Money(recurring, currency), Money(one_time, currency), gifts)
