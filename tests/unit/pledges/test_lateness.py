"""Lateness: named examples, invariants, and comparison with a slow assessment."""

import random
from dataclasses import replace
from datetime import date, timedelta
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from app.kit.dates.cadence import Frequency
from app.pledges.rules.lateness import Pledge, allocate, assess, instalments, schedule

JAN = date(2025, 1, 1)
JAN_31 = date(2025, 1, 31)


def day(text: str) -> date:
    return date.fromisoformat(text)


monthly = partial(Pledge, 100, "monthly", JAN)


def gifts(*rows: str) -> list[tuple[date, int]]:
    return [(day(row.split()[0]), int(row.split()[1])) for row in rows]


@pytest.mark.parametrize(
    ("frequency", "start", "anchor", "expected"),
    [
        ("monthly", JAN_31, None, ["2025-01-31", "2025-02-28", "2025-03-31", "2025-04-30"]),
        ("monthly", date(2025, 1, 20), 5, ["2025-02-05", "2025-03-05"]),
        ("monthly", date(2025, 2, 28), 31, ["2025-02-28", "2025-03-31"]),
        ("weekly", JAN, None, ["2025-01-01", "2025-01-08", "2025-01-15"]),
        ("biweekly", JAN, None, ["2025-01-01", "2025-01-15", "2025-01-29"]),
        ("semimonthly", date(2025, 1, 2), None, ["2025-01-15", "2025-02-01", "2025-02-15"]),
        ("semimonthly", JAN, 31, ["2025-01-15", "2025-01-31", "2025-02-15", "2025-02-28"]),
        ("bimonthly", JAN_31, None, ["2025-01-31", "2025-03-31"]),
        ("quarterly", date(2024, 11, 30), None, ["2024-11-30", "2025-02-28", "2025-05-30"]),
        ("semiannual", JAN, None, ["2025-01-01", "2025-07-01"]),
        (
            "annual",
            date(2024, 2, 29),
            None,
            ["2024-02-29", "2025-02-28", "2026-02-28", "2027-02-28", "2028-02-29"],
        ),
        ("once", JAN, None, ["2025-01-01"]),
    ],
)
def test_due_dates_step_from_the_anchor(
    frequency: str, start: date, anchor: int | None, expected: list[str]
) -> None:
    due = instalments(Pledge(100, frequency, start, anchor=anchor), day(expected[-1]))
    assert [instalment.due.isoformat() for instalment in due] == expected


@pytest.mark.parametrize(
    ("pledge", "amounts"),
    [
        pytest.param(monthly(total=250), [100, 100, 50], id="the last takes the remainder"),
        pytest.param(monthly(instalments=2), [100, 100], id="so many instalments"),
        pytest.param(monthly(total=250, instalments=2), [100, 150], id="a total in two parts"),
        pytest.param(monthly(end=date(2025, 2, 1)), [100, 100], id="the end is included"),
        pytest.param(
            monthly(end=date(2025, 3, 31), changes=((date(2025, 2, 1), 150),)),
            [100, 150, 150],
            id="the amount in force on the due date",
        ),
        pytest.param(
            monthly(end=date(2025, 3, 31), skips=frozenset({date(2025, 2, 1)})),
            [100, 0, 100],
            id="a skip asks for nothing",
        ),
        pytest.param(
            monthly(end=date(2025, 4, 30), pauses=((date(2025, 2, 1), date(2025, 3, 1)),)),
            [100, 0, 0, 100],
            id="both ends of a pause are inside",
        ),
        pytest.param(
            monthly(total=300, skips=frozenset({date(2025, 2, 1)})),
            [100, 0, 200],
            id="a skip shifts nothing, and the total stays owed",
        ),
        pytest.param(
            monthly(total=301, instalments=3, skips=frozenset({date(2025, 1, 1)})),
            [0, 100, 201],
            id="the last takes what a skipped one did not ask for",
        ),
        pytest.param(
            monthly(total=301, instalments=3, pauses=((date(2025, 2, 1), date(2025, 2, 28)),)),
            [100, 0, 201],
            id="and what was paused",
        ),
        pytest.param(
            monthly(total=200, instalments=3, skips=frozenset({date(2025, 2, 1)})),
            [100, 0, 100],
            id="a total that comes to less",
        ),
        pytest.param(
            monthly(instalments=3, skips=frozenset({date(2025, 2, 1)})),
            [100, 0, 100],
            id="without a total a skipped one is forgiven",
        ),
    ],
)
def test_what_is_expected(pledge: Pledge, amounts: list[int]) -> None:
    assert [instalment.amount for instalment in instalments(pledge, date(2025, 12, 31))] == amounts


@pytest.mark.parametrize(
    ("pledge", "paid", "today", "state", "days_late", "missed"),
    [
        pytest.param(monthly(), [], "2025-01-11", "due", 0, 0, id="last day of grace"),
        pytest.param(monthly(), [], "2025-01-12", "late", 11, 1, id="grace over"),
        pytest.param(monthly(), ["2024-12-20 100"], "2025-01-12", "on track", 0, 0, id="early"),
        pytest.param(monthly(), ["2025-01-01 300"], "2025-02-12", "paid ahead", 0, 0, id="ahead"),
        pytest.param(
            monthly(),
            ["2025-01-01 50", "2025-01-09 50"],
            "2025-01-12",
            "on track",
            0,
            0,
            id="two halves",
        ),
        pytest.param(
            monthly(),
            ["2025-01-02 40"],
            "2025-01-20",
            "part-paid",
            0,
            0,
            id="a smaller gift is not late",
        ),
        pytest.param(
            monthly(),
            ["2025-01-01 100", "2025-03-01 100"],
            "2025-03-15",
            "behind, still giving",
            0,
            0,
            id="given past the hole",
        ),
        pytest.param(
            monthly(),
            ["2025-01-01 100"],
            "2025-04-20",
            "late",
            78,
            3,
            id="stopped in February",
        ),
        pytest.param(
            monthly(),
            ["2025-01-01 150"],
            "2025-02-20",
            "part-paid, late",
            19,
            1,
            id="the surplus is used up first",
        ),
        pytest.param(
            monthly(total=300),
            ["2025-01-01 100", "2025-03-01 100"],
            "2025-03-15",
            "late",
            14,
            1,
            id="a fixed pledge forgives no hole",
        ),
        pytest.param(
            monthly(total=300),
            ["2025-01-01 150"],
            "2025-02-15",
            "part-paid, late",
            14,
            1,
            id="fixed and part-paid",
        ),
        pytest.param(
            monthly(total=300),
            ["2025-01-01 300"],
            "2025-06-15",
            "fulfilled",
            0,
            0,
            id="fulfilled",
        ),
        pytest.param(
            monthly(status="paused"), [], "2025-06-15", "paused", 0, 0, id="paused by hand"
        ),
        pytest.param(
            monthly(pauses=((date(2025, 2, 1), None),)),
            [],
            "2025-06-15",
            "paused",
            0,
            0,
            id="today inside a pause",
        ),
        pytest.param(
            monthly(status="cancelled"), [], "2025-06-15", "cancelled", 0, 0, id="cancelled"
        ),
        pytest.param(
            monthly(status="completed"), [], "2025-06-15", "completed", 0, 0, id="completed"
        ),
        pytest.param(
            monthly(),
            ["2025-01-01 100", "2025-01-09 -100"],
            "2025-01-12",
            "behind, still giving",
            0,
            0,
            id="a refund takes the money back",
        ),
        pytest.param(
            monthly(),
            ["2025-12-01 100"],
            "2025-01-12",
            "late",
            11,
            1,
            id="the future is not yet",
        ),
        pytest.param(
            monthly(grace=0),
            [],
            "2025-01-02",
            "late",
            1,
            1,
            id="a grace of its own",
        ),
        pytest.param(
            Pledge(60000, "annual", date(2024, 12, 1)),
            ["2024-12-03 60000"],
            "2025-02-01",
            "on track",
            0,
            0,
            id="a yearly giver after two months",
        ),
        pytest.param(
            Pledge(500, "once", JAN),
            [],
            "2025-01-16",
            "late",
            15,
            1,
            id="one promised gift",
        ),
    ],
)
def test_status(
    pledge: Pledge, paid: list[str], today: str, state: str, days_late: int, missed: int
) -> None:
    status = assess(pledge, gifts(*paid), day(today))
    assert (status.state, status.days_late, status.missed) == (state, days_late, missed)
    assert status.late == (days_late > 0)
    assert (status.oldest_due is None) == (days_late == 0)


@pytest.mark.parametrize(
    ("pledge", "paid", "expected"),
    [
        pytest.param(monthly(), [], "2025-01-01", id="nothing came"),
        pytest.param(monthly(), ["2025-01-01 250"], "2025-03-01", id="after the money ends"),
        pytest.param(monthly(instalments=2), ["2025-01-01 200"], None, id="all paid"),
        pytest.param(monthly(status="completed"), [], None, id="completed"),
        pytest.param(monthly(pauses=((JAN, None),)), [], None, id="paused for good"),
        pytest.param(Pledge(1, "annual", JAN), ["2025-01-01 100"], None, id="paid for a life"),
        pytest.param(Pledge(100, "once", date(2035, 1, 1)), [], "2035-01-01", id="far ahead"),
    ],
)
def test_next_due(pledge: Pledge, paid: list[str], expected: str | None) -> None:
    due = assess(pledge, gifts(*paid), date(2025, 1, 5)).next_due
    assert (due.isoformat() if due else None) == expected


def test_a_pledge_that_has_not_begun_is_on_track() -> None:
    status = assess(Pledge(100, "monthly", date(2030, 1, 1)), [], date(2025, 1, 5))
    assert (status.state, status.next_due) == ("on track", date(2030, 1, 1))


def test_allocation_is_oldest_first() -> None:
    pledge = monthly(skips=frozenset({date(2025, 2, 1)}))
    shares = allocate(pledge, gifts("2025-03-05 250"), date(2025, 5, 1))
    assert [(share.paid, share.state) for share in shares] == [
        (100, "paid"),
        (0, "waived"),
        (100, "paid"),
        (50, "part-paid"),
        (0, "open"),
    ]


def test_open_support_that_ends_has_a_last_instalment() -> None:
    pledge = monthly(end=date(2025, 3, 31))
    assert list(schedule(pledge, skip=1)) == instalments(pledge, date(2030, 1, 1))[1:]


FREQUENCIES = st.sampled_from(list(Frequency))
DAYS = st.dates(date(2023, 1, 1), date(2026, 12, 31))


@st.composite
def pledges(draw: DrawFn) -> Pledge:
    start = draw(DAYS)
    pause = draw(st.none() | st.tuples(DAYS, st.none() | DAYS))
    return Pledge(
        draw(st.integers(1, 500)),
        draw(FREQUENCIES).value,
        start,
        anchor=draw(st.none() | st.integers(1, 31)),
        end=draw(st.none() | st.just(start + timedelta(days=400))),
        instalments=draw(st.none() | st.integers(1, 30)),
        total=draw(st.none() | st.integers(1, 5000)),
        grace=draw(st.none() | st.integers(0, 40)),
        status=draw(st.sampled_from(["active", "active", "active", "paused", "cancelled"])),
        pauses=(pause,) if pause else (),
        skips=frozenset(draw(st.lists(st.just(start), max_size=1))),
        changes=tuple(draw(st.lists(st.tuples(DAYS, st.integers(1, 500)), max_size=2))),
    )


GIFTS = st.lists(st.tuples(DAYS, st.integers(-200, 600).filter(bool)), max_size=12)


@given(pledges(), GIFTS, DAYS)
def test_money_adds_up(pledge: Pledge, paid: list[tuple[date, int]], today: date) -> None:
    status = assess(pledge, paid, today)
    assert status.expected - status.received == status.behind - status.credit
    assert status.behind * status.credit == 0
    assert status == assess(pledge, paid, today)
    if status.late:
        assert status.behind > 0
        assert status.days_late > pledge.grace_days
        assert status.missed >= 1


@given(pledges(), GIFTS, DAYS, st.randoms())
def test_the_order_of_gifts_does_not_matter(
    pledge: Pledge, paid: list[tuple[date, int]], today: date, rng: random.Random
) -> None:
    mixed = list(paid)
    rng.shuffle(mixed)
    assert assess(pledge, mixed, today) == assess(pledge, paid, today)


@given(pledges(), GIFTS, DAYS, st.tuples(DAYS, st.integers(1, 600)))
def test_a_gift_never_makes_a_pledge_later(
    pledge: Pledge, paid: list[tuple[date, int]], today: date, extra: tuple[date, int]
) -> None:
    before, after = assess(pledge, paid, today), assess(pledge, [*paid, extra], today)
    assert after.days_late <= before.days_late
    assert after.missed <= before.missed


def slow_assess(
    pledge: Pledge, paid: list[tuple[date, int]], today: date
) -> tuple[date, int] | None:
    """Assess lateness a second time, directly from the written rule; slow."""
    counted = [(on, amount) for on, amount in paid if on <= today]
    received = sum(amount for _, amount in counted)
    plan = instalments(pledge, today + timedelta(days=800))
    overdue = [
        instalment
        for instalment in plan
        if instalment.due + timedelta(days=pledge.grace_days) < today
    ]
    resting = pledge.status != "active" or any(
        start <= today <= (end or date.max) for start, end in pledge.pauses
    )
    if resting or sum(instalment.amount for instalment in overdue) - received <= 0:
        return None
    k = -1
    positive = [on for on, amount in counted if amount > 0]
    if not pledge.fixed and positive and plan:
        latest = max(positive)
        k = min(range(len(plan)), key=lambda n: (abs(plan[n].due - latest), plan[n].due))
    cover = received - sum(instalment.amount for instalment in plan[: k + 1])
    missed: list[date] = []
    for instalment in plan[k + 1 :]:
        if instalment not in overdue or not instalment.amount:
            continue
        if not missed and cover >= instalment.amount:
            cover -= instalment.amount
        else:
            missed.append(instalment.due)
    return (missed[0], len(missed)) if missed else None


def test_twenty_thousand_random_pledges_agree_with_a_slow_assessment() -> None:
    rng = random.Random(20261123)
    late = 0
    for _ in range(20_000):
        start = date(2023, 1, 1) + timedelta(days=rng.randrange(900))
        pledge = Pledge(
            rng.choice([50, 100, 250]),
            rng.choice(list(Frequency)).value,
            start,
            total=rng.choice([None, None, None, 1000]),
            skips=frozenset({start}) if rng.random() < 0.1 else frozenset(),
            pauses=((start, start + timedelta(days=90)),) if rng.random() < 0.1 else (),
        )
        due = instalments(pledge, date(2026, 6, 1))
        stop = rng.randrange(len(due) + 1)
        paid = [
            (instalment.due + timedelta(days=rng.randrange(-5, 20)), rng.choice([50, 100, 250]))
            for instalment in due[:stop]
            if rng.random() < 0.9
        ]
        today = date(2026, 1, 1) + timedelta(days=rng.randrange(300))
        status = assess(pledge, paid, today)
        slow_result = slow_assess(pledge, paid, today)
        assert (status.oldest_due, status.missed) == (slow_result or (None, 0)), (
            pledge,
            paid,
            today,
        )
        late += status.late
    assert 2_000 < late < 18_000


def test_a_paused_pledge_is_not_late_but_a_resumed_one_can_be() -> None:
    paused = monthly(pauses=((date(2025, 2, 1), date(2025, 6, 30)),))
    paid = gifts("2025-01-01 100")
    assert assess(paused, paid, date(2025, 6, 30)).state == "paused"
    assert assess(paused, paid, date(2025, 7, 5)).state == "due"
    assert assess(paused, paid, date(2025, 7, 20)).oldest_due == date(2025, 7, 1)
    assert not assess(replace(paused, status="completed"), paid, date(2025, 7, 20)).late
