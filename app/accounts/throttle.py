"""Wrong tries make the next one wait, ever longer: for each address typed, and for each caller.

What is counted is what was typed, whether or not anybody has it: known and unknown addresses
take the same statements, so nobody can tell them apart by the clock.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address

from app.accounts import queries_throttle as queries
from app.accounts.sessions import digest
from app.db import Session

# tries that cost nothing; behind one caller's address there may be a whole office
FREE = {"email": 5, "caller": 50}
FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Try:
    """What is known of one key: its wrong tries, and until when it waits."""

    key: str
    failed: int
    blocked_until: datetime | None


def begin(db: Session, *, email: str, caller: str, now: datetime) -> list[Try]:
    """Note a try and hold its keys until the transaction ends; others of the same keys wait."""
    keys = [f"email:{digest(email.strip().lower())}"]
    if _is_somebody(caller):
        keys.append(f"caller:{caller}")
    return [Try(*row) for row in queries.hold(db, sorted(keys), now)]


def waits(tries: Sequence[Try], now: datetime) -> bool:
    """Whether it is too soon for another try."""
    return any(one.blocked_until is not None and one.blocked_until > now for one in tries)


def failed(db: Session, tries: Sequence[Try], now: datetime) -> None:
    """Count a wrong try; past the free ones each wait doubles, up to a quarter of an hour."""
    for one in tries:
        over = one.failed + 1 - FREE[one.key.partition(":")[0]]
        wait = min(FIRST_WAIT * 2 ** min(over, 10), LONGEST_WAIT) if over >= 0 else None
        queries.keep(db, one.key, failed=one.failed + 1, blocked_until=wait and now + wait)


def succeeded(db: Session, tries: Sequence[Try]) -> None:
    """Forget the wrong tries for the address that has just come in, not those of its caller."""
    for one in tries:
        if one.key.startswith("email:"):
            queries.keep(db, one.key, failed=0, blocked_until=None)


def forget(db: Session, *, email: str) -> None:
    """Let somebody with a new password try at once."""
    queries.keep(db, f"email:{digest(email.strip().lower())}", failed=0, blocked_until=None)


def _is_somebody(caller: str) -> bool:
    # behind a proxy of one's own everybody has its address
    try:
        return ip_address(caller).is_global
    except ValueError:
        return False
