"""Rate limits for wrong passwords and codes, stored in the database for all processes.

A browser that signed in to the account before (`known_devices`) has its own count, so tries from
elsewhere never delay its owner. All other tries are counted by account and caller, by caller, and
by account: together they make at most 20 guesses an hour at one account, from any number of
addresses. Half of these are reserved for callers with fewer than NEW_CALLER tries at this account.

Tries are counted by the typed address, whether or not there is such an account: known and unknown
addresses run the same statements, so that their response times do not differ.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network

from app.accounts.authentication.sessions import digest
from app.accounts.queries import login_throttle as queries
from app.db import Session

FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(minutes=15)
# a caller with fewer tries at an account may use the share of new callers
NEW_CALLER = 2


@dataclass(frozen=True, slots=True)
class AttemptCounter:
    """The count of one key; `until` is the end of its wait, or when its `Rate` is unused again."""

    key: str
    failed: int
    until: datetime | None

    @property
    def kind(self) -> str:
        """Return the name of the limit (a key of `LIMITS`) that applies to the key."""
        return self.key.partition(":")[0]


@dataclass(frozen=True, slots=True)
class Backoff:
    """Exponential backoff: `free` tries without a wait, then waits doubling up to 15 minutes."""

    free: int

    def waits(self, counter: AttemptCounter, now: datetime) -> bool:
        """Return whether it is too soon for another try."""
        return counter.until is not None and counter.until > now

    def charged(self, counter: AttemptCounter, now: datetime) -> AttemptCounter:
        """Return the count with one try more."""
        over = counter.failed + 1 - self.free
        wait = min(FIRST_WAIT * 2 ** min(over, 10), LONGEST_WAIT) if over >= 0 else None
        return replace(counter, failed=counter.failed + 1, until=now + wait if wait else None)


@dataclass(frozen=True, slots=True)
class Rate:
    """Token bucket: `burst` tries at once, and one more each time that `every` has passed.

    In any hour it allows at most `burst` tries plus one for each `every` in an hour.
    """

    burst: int
    every: timedelta

    def waits(self, counter: AttemptCounter, now: datetime) -> bool:
        """Return whether it is too soon for another try."""
        return counter.until is not None and counter.until - now > (self.burst - 1) * self.every

    def charged(self, counter: AttemptCounter, now: datetime) -> AttemptCounter:
        """Return the count with one try more."""
        begin = max(counter.until or now, now)
        return replace(counter, failed=counter.failed + 1, until=begin + self.every)


LIMITS: Mapping[str, Backoff | Rate] = {
    "device": Backoff(10),
    "pair": Backoff(5),
    # a whole office may share one address
    "caller": Backoff(50),
    # 10 guesses an hour each
    "new": Rate(5, timedelta(minutes=12)),
    "again": Rate(5, timedelta(minutes=12)),
    "session": Backoff(5),
    "confirming": Rate(10, timedelta(minutes=6)),
    # requests for password resets, for any accounts
    "asking": Rate(20, timedelta(minutes=3)),
}
# the counts that a right password or code clears; the others are only restored
CLEARED_KINDS = frozenset({"device", "pair", "session"})


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try: whether it is allowed, and the charged counts as they were before."""

    allowed: bool
    charged: tuple[AttemptCounter, ...]


def begin_attempt(
    db: Session, *, email: str, caller: str, now: datetime, device: str = ""
) -> Attempt:
    """Count a try to sign in; concurrent tries of the same keys wait for this transaction's end.

    It counts as wrong unless `attempt_succeeded` or `withdraw_attempt` follows. `device` is the
    hash of a device known to this account. The result of a try that is not allowed must not depend
    on the password.
    """
    account, network = _account_key(email), caller_network(caller)
    if device:
        return _charge(db, [f"device:{account}:{device}"], now)
    keys = [f"new:{account}", f"again:{account}", f"pair:{account}:{network}"]
    if _is_public(network):
        keys.append(f"caller:{network}")
    return _charge(db, keys, now)


def begin_attempt_in_session(
    db: Session, *, session_id: str, user_id: int, now: datetime
) -> Attempt:
    """Count a password or code entered inside a session, for the session and the account."""
    return _charge(db, [f"session:{digest(session_id)}", f"confirming:{user_id}"], now)


def may_request_reset(db: Session, *, caller: str, now: datetime) -> bool:
    """Count a caller's request for a password reset; return whether it is allowed."""
    network = caller_network(caller)
    return not _is_public(network) or _charge(db, [f"asking:{network}"], now).allowed


def attempt_succeeded(db: Session, attempt: Attempt) -> None:
    """Clear the counts of `CLEARED_KINDS`, and restore the others to their earlier values."""
    own_counters = (
        replace(counter, failed=0, until=None)
        for counter in attempt.charged
        if counter.kind in CLEARED_KINDS
    )
    _save(db, own_counters)
    _save(db, (counter for counter in attempt.charged if counter.kind not in CLEARED_KINDS))


def withdraw_attempt(db: Session, attempt: Attempt) -> None:
    """Restore the counts of a try: the password was right, and a code is still needed."""
    _save(db, attempt.charged)


def clear_account(db: Session, *, email: str) -> None:
    """Delete the counts of an account, so that a new password can be used at once."""
    account = _account_key(email)
    queries.remove(db, [f"{kind}:{account}" for kind in ("device", "pair", "new", "again")])


def caller_network(caller: str) -> str:
    """Return the key of a caller: an IPv4 address, the /64 of an IPv6 address, or empty."""
    try:
        address = ip_address(caller.strip().partition("%")[0])
    except ValueError:
        return ""
    if not isinstance(address, IPv6Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ip_network((address, 64), strict=False))


def _account_key(email: str) -> str:
    # normalised as in the look-up of the account, so that other spellings share its count
    return digest(email.replace("\0", "").strip().lower())


def _is_public(network: str) -> bool:
    # behind a local proxy all callers have the proxy's address
    return bool(network) and ip_network(network).is_global


def _charge(db: Session, keys: Sequence[str], now: datetime) -> Attempt:
    counters = [AttemptCounter(*row) for row in queries.lock(db, sorted(keys), now)]
    allowed, charged = _decide({counter.kind: counter for counter in counters}, now)
    _save(db, (LIMITS[counter.kind].charged(counter, now) for counter in charged))
    return Attempt(allowed, tuple(charged) if allowed else ())


def _decide(
    counters: Mapping[str, AttemptCounter], now: datetime
) -> tuple[bool, list[AttemptCounter]]:
    """Return whether a try is allowed, and the counts it adds to."""
    waiting = {kind for kind, counter in counters.items() if LIMITS[kind].waits(counter, now)}
    if "pair" not in counters:
        return not waiting, [] if waiting else list(counters.values())
    if waiting & {"pair", "caller"}:
        return False, []
    shares = ("new", "again") if counters["pair"].failed < NEW_CALLER else ("again",)
    share = next((kind for kind in shares if kind not in waiting), None)
    if share is None:
        # a refused try counts for the pair as well, so that the caller does not stay new
        return False, [counters["pair"]]
    return True, [counters[kind] for kind in ("pair", "caller", share) if kind in counters]


def _save(db: Session, tries: Iterable[AttemptCounter]) -> None:
    for counter in tries:
        queries.save(db, counter.key, failed=counter.failed, blocked_until=counter.until)
