"""Rollup of a range of days: whole months or years, plus and minus the days at its edges.

Sums are stored by month and by year: reading those and correcting the edges gives the sum of any
range without reading every gift in it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from app.kit.dates.days import Span, fiscal_span, fiscal_year, month_of, months_after


@dataclass(frozen=True, slots=True)
class PeriodRollup:
    """Whole blocks, and ranges of days to add (+1) or subtract (-1)."""

    blocks: tuple[Span, ...]
    edges: tuple[tuple[Span, int], ...]


def by_months(span: Span) -> PeriodRollup:
    """Return the cover of a range by calendar months."""
    return _cover(span, _months(span))


def by_years(span: Span, start_month: int) -> PeriodRollup:
    """Return the cover of a range by fiscal years that begin in `start_month` (1..12)."""
    first = fiscal_year(span.start, start_month)
    last = fiscal_year(span.last, start_month)
    return _cover(span, (fiscal_span(year, start_month) for year in range(first, last + 1)))


def _months(span: Span) -> Iterator[Span]:
    month = month_of(span.start)
    while month.start < span.end:
        yield month
        month = Span(month.end, months_after(month.start, 2))


def _cover(span: Span, blocks: Iterable[Span]) -> PeriodRollup:
    """Use each block whole and subtract the days outside, or add only the days inside.

    A block is used whole when at least half of its days are inside the range.
    """
    whole_blocks: list[Span] = []
    edges: list[tuple[Span, int]] = []
    for block in blocks:
        inside = Span(max(span.start, block.start), min(span.end, block.end))
        if 2 * inside.days < block.days:
            edges.append((inside, 1))
            continue
        whole_blocks.append(block)
        outside = (Span(block.start, inside.start), Span(inside.end, block.end))
        edges += [(edge, -1) for edge in outside if edge.days > 0]
    return PeriodRollup(tuple(whole_blocks), tuple(edges))
