"""Stored scores: a donor scored without the others, or a day later without gifts, is the same."""

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.donors.at_risk.assessment import COLUMNS, assess, counted_gifts, ordinal
from app.donors.at_risk.giving_history import file_of, positions
from app.donors.at_risk.replay_model import Model, Past, learn, no_past
from app.donors.at_risk.score_rows import (
    DAYS_AHEAD,
    model_as_json,
    model_of_json,
    score_rows,
    stored_past,
    stored_positions,
)

TODAY = date(2026, 11, 23)
DONOR = st.tuples(
    st.sampled_from([1, 7, 30, 61, 91, 365]), st.integers(1, 16), st.integers(0, 900)
) | st.lists(st.integers(0, 2000), min_size=1, max_size=9)
FILES = st.lists(DONOR, min_size=1, max_size=40)
# verdicts that a passed day changes only on the day that the score names
VERDICT = ["status", "peers", "peers_returned", "gifts", "rhythm_days", "regular", "expected_by"]


def table(donors: list[tuple[int, int, int] | list[int]]) -> pd.DataFrame:
    rows = []
    for number, donor in enumerate(donors, start=1):
        days = (
            [donor[2] + donor[0] * gift for gift in range(donor[1])]
            if isinstance(donor, tuple)
            else donor
        )
        rows += [(number, TODAY - timedelta(days=day), 50) for day in days]
    return pd.DataFrame(rows, columns=["donor_id", "gift_date", "amount"])


def learnt(gifts: pd.DataFrame) -> tuple[np.ndarray, Model, Past]:
    file = file_of(*counted_gifts(gifts, ordinal(TODAY)))
    model, past = learn(file, positions(file, ordinal(TODAY)), ordinal(TODAY))
    return file.ids, model_of_json(model_as_json(model)), past


def scored(gifts: pd.DataFrame, model: Model, past: Past, today: date) -> pd.DataFrame:
    file = file_of(*counted_gifts(gifts, ordinal(today)))
    now = positions(file, ordinal(today))
    return score_rows(file.ids, now, model, past, joint=False, today=today)


@given(donors=FILES)
def test_the_rows_of_a_file_are_its_assessment(
    donors: list[tuple[int, int, int] | list[int]],
) -> None:
    gifts = table(donors)
    _, model, past = learnt(gifts)
    rows = scored(gifts, model, past, TODAY)
    pd.testing.assert_frame_equal(rows[COLUMNS], assess(gifts, TODAY), check_exact=True)


@given(donors=FILES, chosen=st.sets(st.integers(1, 40)), passed=st.integers(0, DAYS_AHEAD))
def test_some_donors_are_scored_as_among_all(
    donors: list[tuple[int, int, int] | list[int]], chosen: set[int], passed: int
) -> None:
    gifts, today = table(donors), TODAY + timedelta(days=passed)
    ids, model, past = learnt(gifts)
    among_all = scored(gifts, model, past, today)
    some = gifts[gifts["donor_id"].isin(chosen)]
    kept = np.isin(ids, list(chosen))
    alone = scored(some, model, Past(past.observed[kept], past.returned[kept]), today)
    wanted = among_all[kept].reset_index(drop=True)
    pd.testing.assert_frame_equal(alone, wanted, check_exact=True, check_dtype=False)


@given(donors=FILES, passed=st.integers(1, DAYS_AHEAD))
def test_a_stored_score_holds_until_its_day_and_knows_the_risk(
    donors: list[tuple[int, int, int] | list[int]], passed: int
) -> None:
    gifts, today = table(donors), TODAY + timedelta(days=passed)
    _, model, past = learnt(gifts)
    stored, now = scored(gifts, model, past, TODAY), scored(gifts, model, past, today)
    holds = stored["next_change_on"] > pd.Timestamp(today)
    pd.testing.assert_frame_equal(stored[holds][VERDICT], now[holds][VERDICT])
    ahead = [
        [float(risk) for risk in text.strip("{}").split(",")] for text in stored["risk_ahead"]
    ]
    assert [row[passed - 1] for row in ahead] == now["risk"].tolist()


@given(donors=FILES, passed=st.integers(0, DAYS_AHEAD))
def test_a_passed_day_needs_no_gifts(
    donors: list[tuple[int, int, int] | list[int]], passed: int
) -> None:
    gifts, today = table(donors), TODAY + timedelta(days=passed)
    _, model, past = learnt(gifts)
    rows = scored(gifts, model, past, TODAY)
    rows["last_day"] = [ordinal(day) for day in rows["last_gift"]]
    ids = rows["donor_id"].to_numpy()
    again = score_rows(
        ids,
        stored_positions(rows, today),
        model,
        stored_past(ids, rows),
        joint=False,
        today=today,
    )
    pd.testing.assert_frame_equal(again, scored(gifts, model, past, today), check_exact=True)


def test_a_verdict_changes_on_the_day_that_is_stored() -> None:
    """A monthly donor is overdue on the 34th day; nothing else happens in this week."""
    gifts = table([(30, 14, 31), *[(30, 14, 5 + n) for n in range(20)]])
    _, model, past = learnt(gifts)
    row = scored(gifts, model, past, TODAY).iloc[0]
    changes = [
        scored(gifts, model, past, TODAY + timedelta(days=day)).iloc[0][VERDICT].tolist()
        for day in range(DAYS_AHEAD + 1)
    ]
    first = next(day for day in range(1, DAYS_AHEAD + 1) if changes[day] != changes[0])
    assert row["next_change_on"] == pd.Timestamp(TODAY + timedelta(days=first))


def test_a_donor_whom_the_model_does_not_count_has_only_others_as_peers() -> None:
    gifts = table([(30, 14, 5 + n) for n in range(20)])
    _, model, past = learnt(gifts)
    counted = scored(gifts, model, past, TODAY)["peers"]
    uncounted = scored(gifts, model, no_past(20), TODAY)["peers"]
    assert (uncounted - counted).tolist() == [1] * 20


def test_a_file_without_gifts_teaches_what_ships_with_the_program() -> None:
    ids, model, past = learnt(table([]))
    assert (len(ids), past.observed.shape) == (0, (0, 128))
    assert (model.rhythm_days, model.observed.sum()) == (365, 0)
    assert len(scored(table([]), model, past, TODAY)) == 0
    later = scored(table([(30, 14, 74)]), model, no_past(1), TODAY)
    assert later["status"].tolist() == ["at risk"]
    assert later["peers"].tolist() == [0]
    assert later["risk"].iloc[0] == pytest.approx(0.9, abs=0.2)
