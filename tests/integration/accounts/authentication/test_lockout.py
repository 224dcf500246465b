"""A small version of `benchmarks/lockout.py`: a day of attack on one account."""

from contextlib import nullcontext
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from app.accounts.authentication import login_throttle
from benchmarks import lockout


@pytest.mark.parametrize(("attackers", "new_device"), [(1, 1.0), (20, 1.0), (500, 0.0)])
def test_a_day_of_attack_locks_no_owner_out(
    db: Session, attackers: int, new_device: float
) -> None:
    every = timedelta(minutes=2)
    result = lockout.simulate(lambda: nullcontext(db), attackers, days=1, every=every)
    assert lockout.share(result.known) == 1
    assert lockout.share(result.new) == new_device
    assert lockout.share(result.by_mail) == 1
    assert 0 < result.guesses_an_hour <= 20
    assert result.within


def test_the_simulation_detects_a_locked_out_owner(
    db: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.accounts.authentication.sign_in.known_device", lambda *_, **__: "")
    every = timedelta(minutes=2)
    result = lockout.simulate(lambda: nullcontext(db), 500, days=1, every=every)
    assert lockout.share(result.known) < 1
    assert not result.within


def test_the_simulation_detects_too_many_guesses(
    db: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits = {**login_throttle.LIMITS, "new": login_throttle.Backoff(1_000)}
    monkeypatch.setattr(login_throttle, "LIMITS", limits)
    every = timedelta(minutes=2)
    result = lockout.simulate(lambda: nullcontext(db), 500, days=1, every=every)
    assert result.guesses_an_hour > 20
    assert not result.within
