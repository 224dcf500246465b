"""Matching of gifts to pledges: in force on the gift's day, best match, no choice in a tie."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kit.dates.cadence import Frequency
from app.pledges.rules import matching
from app.pledges.rules.matching import Candidate, MatchablePledge
from app.pledges.rules.schedule import Pledge

MONTHLY = Pledge(5000, "monthly", date(2025, 1, 1))


def reasons(
    pledges: list[MatchablePledge], *gifts: tuple[int, str | date]
) -> list[tuple[int, str] | None]:
    """Return (pledge, reason) for each gift (amount, day), None for unlinked ones."""
    candidates = [
        Candidate(number, day if isinstance(day, date) else date.fromisoformat(day), amount)
        for number, (amount, day) in enumerate(gifts)
    ]
    links = {
        link.gift_id: (link.pledge_id, link.reason)
        for link in matching.find_links(pledges, candidates)
    }
    return [links.get(number) for number in range(len(gifts))]


def test_nothing_to_match() -> None:
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
def test_the_only_pledge_takes_gifts_near_its_instalment(amount: int, reason: str | None) -> None:
    paid = [(date(2025, month, 1), 5000) for month in (1, 2)]
    links = reasons([MatchablePledge(1, MONTHLY, received=paid)], (amount, "2025-03-01"))
    assert links == [(1, reason) if reason else None]


def test_a_gift_of_the_open_sum_is_linked() -> None:
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
def test_in_force_on_the_day_of_the_gift(pledge: Pledge, day: str, runs: bool) -> None:
    assert (reasons([MatchablePledge(1, pledge)], (5000, day)) != [None]) is runs


@pytest.mark.parametrize(
    "pledge",
    [
        Pledge(5000, "monthly", date(2025, 1, 1), total=15000),
        Pledge(5000, "monthly", date(2025, 1, 1), instalments=3),
        Pledge(15000, "once", date(2025, 1, 1)),
    ],
)
def test_a_fully_paid_pledge_takes_no_more_gifts(pledge: Pledge) -> None:
    paid = [(date(2025, month, 1), 5000) for month in (1, 2, 3)]
    assert reasons([MatchablePledge(1, pledge, received=paid)], (5000, "2025-04-01")) == [None]
    # also if the gifts that pay it are linked in the same call
    assert (
        reasons(
            [MatchablePledge(1, pledge)], *((5000, on) for on, _ in paid), (5000, "2025-04-01")
        )[3]
        is None
    )


def test_gifts_are_linked_to_the_pledge_of_their_day() -> None:
    old = Pledge(10000, "monthly", date(2024, 1, 1), end=date(2024, 12, 31), status="completed")
    new = Pledge(8000, "monthly", date(2025, 1, 1))
    pledges = [MatchablePledge(1, old), MatchablePledge(2, new)]
    assert reasons(pledges, (8000, "2025-03-01"), (10000, "2024-06-01")) == [
        (2, "instalment"),
        (1, "instalment"),
    ]


def test_a_tie_between_pledges_links_nothing() -> None:
    twice = [MatchablePledge(1, MONTHLY), MatchablePledge(2, MONTHLY)]
    assert reasons(twice, (5000, "2025-02-01"), (6000, "2025-02-01")) == [None, None]


def test_the_better_match_wins() -> None:
    pledges = [
        MatchablePledge(1, MONTHLY),
        MatchablePledge(2, Pledge(10000, "monthly", date(2025, 1, 1))),
    ]
    # one instalment of the second, two of the first
    assert reasons(pledges, (10000, "2025-04-01")) == [(2, "instalment")]


def test_the_same_fund_breaks_a_tie() -> None:
    pledges = [MatchablePledge(1, MONTHLY, fund_id=7), MatchablePledge(2, MONTHLY)]
    same_fund = [*matching.find_links(pledges, [Candidate(1, date(2025, 2, 1), 5000, fund_id=7)])]
    assert [link.pledge_id for link in same_fund] == [1]
    other_fund = [*matching.find_links(pledges, [Candidate(1, date(2025, 2, 1), 5000, fund_id=8)])]
    assert [link.pledge_id for link in other_fund] == [2]


def test_a_refused_pledge_is_not_a_candidate() -> None:
    gift = Candidate(1, date(2025, 2, 1), 5000, refused=frozenset({1}))
    assert list(matching.find_links([MatchablePledge(1, MONTHLY)], [gift])) == []
    assert matching.possible_pledges([MatchablePledge(1, MONTHLY)], gift) == []


@given(
    frequencies=st.lists(st.sampled_from(list(Frequency)), min_size=1, max_size=3),
    days=st.lists(st.integers(-40, 500), max_size=8),
    amounts=st.lists(st.sampled_from([25, 50, 60, 100, 150]), min_size=8, max_size=8),
)
def test_linking_many_gifts_equals_linking_one_by_one(
    frequencies: list[Frequency], days: list[int], amounts: list[int]
) -> None:
    start = date(2025, 1, 31)
    given_on = sorted(
        (start + timedelta(days=day), number, amount)
        for number, (day, amount) in enumerate(zip(days, amounts, strict=False))
    )
    gifts = [Candidate(number, day, amount) for day, number, amount in given_on]

    def new_pledges() -> list[MatchablePledge]:
        return [
            MatchablePledge(number, Pledge(50 * (number + 1), frequency, start))
            for number, frequency in enumerate(frequencies)
        ]

    one_by_one, pledges = [], new_pledges()
    for gift in gifts:
        links = list(matching.find_links(pledges, [gift]))
        one_by_one += links
    assert list(matching.find_links(new_pledges(), gifts)) == one_by_one
