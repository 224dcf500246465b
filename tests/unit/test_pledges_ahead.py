"""Promises that fall due alike are counted together, and nothing changes by it."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from app.kit.cadence import Frequency
from app.kit.days import Span
from app.pledges.ahead import asked, due_in, nearer
from app.pledges.schedule import Pledge, instalments

DAYS = st.dates(date(2023, 1, 1), date(2027, 12, 31))
ANCHORS = st.none() | st.integers(1, 31)
ROWS = st.tuples(
    st.sampled_from(["USD", "EUR"]),
    st.sampled_from([str(one) for one in Frequency]),
    ANCHORS,
    DAYS,
    st.none() | st.dates(date(2026, 1, 1), date(2028, 6, 1)),
    st.integers(1, 10_000),
)


@given(st.sampled_from(list(Frequency)), DAYS, ANCHORS, DAYS)
def test_a_nearer_start_falls_due_alike(frequency, start, anchor, by):
    until = by + timedelta(days=800)
    near, day = nearer(frequency, start, anchor, by)

    def dues(begin, on):
        found = instalments(Pledge(1, frequency, begin, anchor=on), until)
        return [one.due for one in found if one.due >= by]

    assert dues(near, day) == dues(start, anchor)


@given(st.lists(ROWS, max_size=12), DAYS, st.integers(1, 400))
def test_the_sum_is_that_of_each_promise(rows, start, length):
    span = Span(start, start + timedelta(days=length))
    wanted = {"USD": 0, "EUR": 0}
    for currency, frequency, anchor, begin, end, minor in rows:
        if end is not None and end < begin:
            continue
        promise = Pledge(minor, frequency, begin, anchor=anchor, end=end)
        wanted[currency] += due_in(promise, span)
    kept = [row for row in rows if row[4] is None or row[4] >= row[3]]
    found = asked(kept, span)
    assert {unit: found[unit] for unit in wanted} == wanted
