"""Which pledge a gift pays: in force on its day, the best reading, never a guess between two."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kit.cadence import Frequency
from app.pledges.rules import matching
from app.pledges.rules.matching import Candidate, MatchablePledge
from app.pledges.rules.schedule import Pledge

MONTHLY = Pledge(5000, "monthly", date(2025, 1, 1))


def reasons(pledges, *gifts):
    """(pledge, reason) of each gift (amount, day), None where it stays unlinked."""
    candidates = [
        Candidate(number, day if isinstance(day, date) else date.fromisoformat(day), amount)
        for number, (amount, day) in enumerate(gifts)
    ]
    links = {
        link.gift_id: (link.pledge_id, link.reason)
        for link in matching.find_links(pledges, candidates)
    }
    return [links.get(number) for number in range(len(gifts))]


def test_nothing_to_match():
    assert list(matching.find_links([MatchablePledge(1, MONTHLY)], [])) == []
    assert reasons([], (5000, "2025-02-01")) == [None]


@pytest.mark.parametrize(
    ("amount", "reason"),
    [
        pytest.param(5000, "instalment", id="the instalment"),
        pytest.param(6000, "near", id="a little more"),
        pytest.param(5175, "near", id="the card's fee covered"),
        pytest.param(2500, "near", id="half of it"),
        pytest.param(15000, "several", id="three at once"),
        pytest.param(60000, "several", id="a whole year"),
        pytest.param(50000, None, id="ten times as much is not guessed"),
        pytest.param(500, None, id="a tenth is not guessed"),
    ],
)
def test_the_only_pledge_takes_what_is_near_its_instalment(amount, reason):
    paid = [(date(2025, month, 1), 5000) for month in (1, 2)]
    found = reasons([MatchablePledge(1, MONTHLY, received=paid)], (amount, "2025-03-01"))
    assert found == [(1, reason) if reason else None]


def test_all_that_is_open_pays_it():
    assert reasons([MatchablePledge(1, MONTHLY)], (40000, "2025-08-03")) == [(1, "open sum")]


@pytest.mark.parametrize(
    ("pledge", "day", "runs"),
    [
        pytest.param(MONTHLY, "2024-12-28", False, id="not begun"),
        pytest.param(MONTHLY, "2025-01-01", True, id="its first day"),
        pytest.param(
            Pledge(5000, "monthly", date(2025, 1, 1), end=date(2025, 6, 30)),
            "2025-06-30",
            True,
            id="its last day",
        ),
        pytest.param(
            Pledge(5000, "monthly", date(2025, 1, 1), end=date(2025, 6, 30)),
            "2025-07-01",
            False,
            id="past its end",
        ),
        pytest.param(
            Pledge(5000, "monthly", date(2025, 1, 1), end=date(2025, 6, 30), status="completed"),
            "2025-05-02",
            True,
            id="inside one that is completed since",
        ),
        pytest.param(
            Pledge(5000, "monthly", date(2025, 1, 1), status="cancelled"),
            "2025-05-02",
            False,
            id="cancelled, nobody knows when",
        ),
        pytest.param(
            Pledge(5000, "monthly", date(2025, 1, 1), total=20000, status="completed"),
            "2025-05-02",
            True,
            id="completed, and its sum still open",
        ),
        pytest.param(
            Pledge(5000, "monthly", date(2025, 1, 1), status="paused"),
            "2025-05-02",
            True,
            id="paused: who gives all the same pays it",
        ),
    ],
)
def test_in_force_on_the_day_of_the_gift(pledge, day, runs):
    assert (reasons([MatchablePledge(1, pledge)], (5000, day)) != [None]) is runs


@pytest.mark.parametrize(
    "pledge",
    [
        Pledge(5000, "monthly", date(2025, 1, 1), total=15000),
        Pledge(5000, "monthly", date(2025, 1, 1), instalments=3),
        Pledge(15000, "once", date(2025, 1, 1)),
    ],
)
def test_paid_in_full_takes_no_more(pledge):
    paid = [(date(2025, month, 1), 5000) for month in (1, 2, 3)]
    assert reasons([MatchablePledge(1, pledge, received=paid)], (5000, "2025-04-01")) == [None]
    # the gifts that pay it are in the same file
    assert (
        reasons(
            [MatchablePledge(1, pledge)], *((5000, on) for on, _ in paid), (5000, "2025-04-01")
        )[3]
        is None
    )


def test_a_finished_pledge_beside_a_running_one_takes_nothing():
    old = Pledge(10000, "monthly", date(2024, 1, 1), end=date(2024, 12, 31), status="completed")
    new = Pledge(8000, "monthly", date(2025, 1, 1))
    both = [MatchablePledge(1, old), MatchablePledge(2, new)]
    assert reasons(both, (8000, "2025-03-01"), (10000, "2024-06-01")) == [
        (2, "instalment"),
        (1, "instalment"),
    ]


def test_two_pledges_are_never_chosen_between():
    twice = [MatchablePledge(1, MONTHLY), MatchablePledge(2, MONTHLY)]
    assert reasons(twice, (5000, "2025-02-01"), (6000, "2025-02-01")) == [None, None]


def test_the_better_reading_wins():
    both = [
        MatchablePledge(1, MONTHLY),
        MatchablePledge(2, Pledge(10000, "monthly", date(2025, 1, 1))),
    ]
    # one instalment of the second, two of the first
    assert reasons(both, (10000, "2025-04-01")) == [(2, "instalment")]


def test_the_very_same_fund_decides():
    both = [MatchablePledge(1, MONTHLY, fund_id=7), MatchablePledge(2, MONTHLY)]
    one = [*matching.find_links(both, [Candidate(1, date(2025, 2, 1), 5000, fund_id=7)])]
    assert [link.pledge_id for link in one] == [1]
    other = [*matching.find_links(both, [Candidate(1, date(2025, 2, 1), 5000, fund_id=8)])]
    assert [link.pledge_id for link in other] == [2]


def test_what_a_person_refused_stays_apart():
    gift = Candidate(1, date(2025, 2, 1), 5000, refused=frozenset({1}))
    assert list(matching.find_links([MatchablePledge(1, MONTHLY)], [gift])) == []
    assert matching.possible_pledges([MatchablePledge(1, MONTHLY)], gift) == []


@given(
    frequencies=st.lists(st.sampled_from(list(Frequency)), min_size=1, max_size=3),
    days=st.lists(st.integers(-40, 500), max_size=8),
    amounts=st.lists(st.sampled_from([25, 50, 60, 100, 150]), min_size=8, max_size=8),
)
def test_many_at_once_are_linked_as_one_after_another(frequencies, days, amounts):
    begun = date(2025, 1, 31)
    gifts = sorted(
        (begun + timedelta(days=day), number, amount)
        for number, (day, amount) in enumerate(zip(days, amounts, strict=False))
    )
    gifts = [Candidate(number, day, amount) for day, number, amount in gifts]

    def fresh():
        return [
            MatchablePledge(number, Pledge(50 * (number + 1), one, begun))
            for number, one in enumerate(frequencies)
        ]

    slowly, kept = [], fresh()
    for gift in gifts:
        found = list(matching.find_links(kept, [gift]))
        slowly += found
    assert list(matching.find_links(fresh(), gifts)) == slowly
