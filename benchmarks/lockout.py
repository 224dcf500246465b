"""A simulated week of attacks: can strangers lock an owner out, and how often may they guess?

Attackers at 1, 50 and 5,000 addresses try passwords of one account all week, most often just
before its owner signs in, and request reset links. The owner signs in three times a day with a
known device, sometimes with a mistyped password, and once a day with a new device from a new
address: at the first try, or else by the link in the mail. The clock is simulated, and passwords
are compared without hashing. Run: python -m benchmarks.lockout [--json]
"""

import argparse
import ipaddress
import json
import random
import secrets
import sys
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from unittest.mock import patch

from app import accounts
from app.accounts import SYSTEM, Actor
from app.accounts.authentication import passwords
from app.db import Session, transaction_for_system
from benchmarks.support.private_server import private_server

SEED, ATTACKERS = 20261208, (1, 50, 5_000)
BEGIN = datetime(2026, 11, 23, tzinfo=UTC)
LEAST_KNOWN, MOST_GUESSES = 0.99, 20
GOOD, HOME = "violet ladder seven oceans", "9.9.9.9"
FIRST = ipaddress.ip_address("11.0.0.0")
HOUR = timedelta(hours=1)
# hours of the day at which the owner signs in
VISITS, NEW_DEVICE, BURST, TYPOS = (8, 13, 18), 10, 5, 0.3

Opened = Callable[[], AbstractContextManager[Session]]


@dataclass
class Figures:
    """The results of a week; `by_mail` counts new devices that needed the link."""

    attackers: int
    tries: int = 0
    known: list[bool] = field(default_factory=list)
    new: list[bool] = field(default_factory=list)
    by_mail: list[bool] = field(default_factory=list)
    guesses: list[datetime] = field(default_factory=list)

    @property
    def guesses_an_hour(self) -> int:
        """Return the most guesses that were checked within any hour."""
        most, window = 0, deque[datetime]()
        for moment in self.guesses:
            window.append(moment)
            while moment - window[0] >= HOUR:
                window.popleft()
            most = max(most, len(window))
        return most

    @property
    def within(self) -> bool:
        """Return whether the limits were met."""
        return share(self.known) >= LEAST_KNOWN and self.guesses_an_hour <= MOST_GUESSES


@dataclass
class Week:
    """One simulation: the account, its owner's devices and mailbox, and the attackers."""

    opened: Opened
    figures: Figures
    chance: random.Random
    email: str = ""
    device: str = ""
    mailbox: list[str] = field(default_factory=list)

    def begin(self) -> None:
        """Create the account and sign in once, before the attack."""
        self.email = f"owner{secrets.token_hex(4)}@example.org"
        with self.opened() as db:
            user_id = accounts.create_user(
                db, SYSTEM, email=self.email, name="Owner", role="fundraiser", password=GOOD
            )
            session_id, _ = accounts.open_session(db, user_id=user_id, now=BEGIN)
            device = accounts.remember_device(db, session_id=session_id, cookie="", now=BEGIN)
            self.device = device or ""

    def signs_in(self, now: datetime, *, password: str, caller: str, device: str = "") -> bool:
        """Try a password; return whether it signed in."""
        with self.opened() as db:
            account = accounts.sign_in(
                db, email=self.email, password=password, now=now, caller=caller, device=device
            )
        return isinstance(account, Actor)

    def attack(self, now: datetime) -> None:
        """Try a wrong password from the next address."""
        number = self.figures.tries
        caller = str(FIRST + number % self.figures.attackers)
        self.figures.tries += 1
        self.signs_in(now, password=f"guess {number}", caller=caller)

    def ask_for_link(self, now: datetime) -> None:
        """Request a reset link, as anyone may; it arrives in the owner's mailbox."""
        with self.opened() as db:
            reset = accounts.request_password_reset(db, email=self.email, now=now)
        self.mailbox += [reset[3]] if reset else []

    def with_known_device(self, now: datetime) -> None:
        """Sign in with the known device, sometimes after one mistyped password."""
        if self.chance.random() < TYPOS:
            self.signs_in(now, password=f"{GOOD}!", caller=HOME, device=self.device)
        come = self.signs_in(now, password=GOOD, caller=HOME, device=self.device)
        self.figures.known.append(come)

    def with_new_device(self, now: datetime) -> None:
        """Sign in from a new device; if refused, with the newest link in the mailbox."""
        caller = str(ipaddress.ip_address("12.0.0.0") + len(self.figures.new))
        come = self.signs_in(now, password=GOOD, caller=caller)
        self.figures.new.append(come)
        if come:
            return
        self.ask_for_link(now)
        with self.opened() as db:
            code = accounts.reset_password(db, code=self.mailbox[-1], new=GOOD, now=now)
            device = accounts.redeem_device_code(db, code=code, cookie="", now=now) or ""
        self.device = device
        come = self.signs_in(now, password=GOOD, caller=caller, device=device)
        self.figures.by_mail.append(come)


def share(came: list[bool]) -> float:
    """Return the share of successful tries; 1.0 without tries."""
    return sum(came) / len(came) if came else 1.0


def simulate(
    opened: Opened, attackers: int, *, days: int = 7, every: timedelta = timedelta(seconds=30)
) -> Figures:
    """Attack for some days with one try per `every`; return the results."""
    week = Week(opened, Figures(attackers), random.Random(SEED))
    week.begin()
    now, end = BEGIN, BEGIN + timedelta(days=days)
    with _noted(week.figures, lambda: now):
        while now < end:
            week.attack(now)
            if now.minute % 10 == 0:
                week.ask_for_link(now)
            if now.minute == now.second == 0 and now.hour in (*VISITS, NEW_DEVICE):
                for _ in range(BURST):
                    week.attack(now)
                if now.hour == NEW_DEVICE:
                    week.with_new_device(now)
                else:
                    week.with_known_device(now)
            now += every
    return week.figures


@contextmanager
def _noted(figures: Figures, clock: Callable[[], datetime]) -> Iterator[None]:
    """Compare passwords without hashing, and record each guess that is checked."""

    def matches(typed: str, kept: str | None) -> bool:
        if typed.startswith("guess"):
            figures.guesses.append(clock())
        return kept is not None and typed == GOOD

    with patch.object(passwords, "verify_password", matches):
        yield


def main() -> int:
    """Print the result for each number of addresses; return 1 when a limit is exceeded."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--days", type=int, default=7)
    chosen = parser.parse_args()
    with private_server():
        return _measured(chosen.days, as_json=chosen.json)


def _measured(days: int, *, as_json: bool) -> int:
    within = True
    for attackers in ATTACKERS:
        figures = simulate(transaction_for_system, attackers, days=days)
        within = within and figures.within
        facts = {
            "addresses": figures.attackers,
            "tries": figures.tries,
            "known_device": share(figures.known),
            "new_device": share(figures.new),
            "by_mail": share(figures.by_mail),
            "guesses_an_hour": figures.guesses_an_hour,
        }
        print(json.dumps(facts) if as_json else _line(figures), flush=True)
    return 0 if within else 1


def _line(figures: Figures) -> str:
    return (
        f"{figures.attackers:>5,} addresses, {figures.tries:,} tries: known device "
        f"{share(figures.known):.0%}, new device {share(figures.new):.0%} at the first try and "
        f"{share(figures.by_mail):.0%} of the others by the link in the mail, at most "
        f"{figures.guesses_an_hour} guesses an hour, {'within' if figures.within else 'OVER'} the "
        f"limits of {LEAST_KNOWN:.0%} and {MOST_GUESSES}"
    )


if __name__ == "__main__":
    sys.exit(main())
