"""Timing of sign-ins for known and unknown addresses, which must not reveal who has an account."""

import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from statistics import median
from time import perf_counter

from app import accounts
from app.accounts import SYSTEM
from app.db import transaction_for_system
from benchmarks.support.private_server import private_server

ROUNDS = 200
LIMIT = 0.05
WRONG = "not the one, whatever it is"


def main() -> None:
    """Time wrong sign-ins and link requests, known and unknown alternately; print the ratios."""
    with transaction_for_system() as db:
        user_ids = [
            accounts.create_user(
                db,
                SYSTEM,
                email=f"known{number}.{secrets.token_hex(4)}@example.org",
                name="Known",
                role="fundraiser",
                password=secrets.token_urlsafe(16),
            )
            for number in range(4)
        ]
        addresses = [accounts.actor_by_id(db, user_id).email for user_id in user_ids]
    for name, work in (("sign-in", sign_in), ("forgotten password", forgotten)):
        there, nowhere = compare(work, addresses)
        apart = abs(there - nowhere) / nowhere
        verdict = "within" if apart <= LIMIT else "OVER"
        print(
            f"{name}: known {there * 1000:.2f} ms, unknown {nowhere * 1000:.2f} ms, "
            f"{apart:.1%} apart, {verdict} the limit of {LIMIT:.0%}"
        )


def compare(work: Callable[[str, int], float], addresses: list[str]) -> tuple[float, float]:
    """Return the medians in seconds for known and unknown addresses, taken alternately."""
    there: list[float] = []
    nowhere: list[float] = []
    for number in range(ROUNDS):
        pair = [
            (there, addresses[number % len(addresses)]),
            (nowhere, f"nobody{number % len(addresses)}@x.org"),
        ]
        # each is first as often as second
        for times, email in pair if number % 2 else reversed(pair):
            times.append(work(email, number))
    return median(there), median(nowhere)


def sign_in(email: str, number: int) -> float:
    """Try a wrong password; each try is long enough after the last to be allowed."""
    now = datetime.now(UTC) + timedelta(hours=number)
    began = perf_counter()
    with transaction_for_system() as db:
        accounts.sign_in(db, email=email, password=WRONG, now=now)
    return perf_counter() - began


def forgotten(email: str, number: int) -> float:
    """Request a link to a new password, as the sign-in screen does."""
    now = datetime.now(UTC) + timedelta(hours=number)
    began = perf_counter()
    with transaction_for_system() as db:
        accounts.request_reset(db, email=email, caller="8.8.8.8", now=now)
    return perf_counter() - began


if __name__ == "__main__":
    with private_server():
        main()
