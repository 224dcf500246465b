"""Hash chain over the audit log: seal new entries, verify all, purge old ones, erase a donor."""

from dataclasses import dataclass
from datetime import datetime

from app.audit.queries import hash_chain as hash_chain_queries
from app.audit.service import record
from app.db import Session
from app.kit.formatting import count

BATCH = 100_000


@dataclass(frozen=True, slots=True)
class Verdict:
    """The result of a check of the chain: `head` is the last hash, `first` the first broken entry.

    `broken` is a sentence about that entry, None when the chain is intact; `lines` is the number
    of broken entries.
    """

    sealed: int
    waiting: int
    head: str
    broken: str | None
    first: int | None = None
    lines: int = 0


def seal(db: Session) -> int:
    """Add every unsealed entry to the chain, in batches, and return how many."""
    hash_chain_queries.lock(db)
    moment = hash_chain_queries.safe_moment(db)
    sealed = 0
    while batch := hash_chain_queries.seal(db, most=BATCH):
        sealed += batch
    hash_chain_queries.advance(db, moment)
    return sealed


def verify(db: Session, *, snapshot: bool = False) -> Verdict:
    """Check every entry against its link in the chain.

    With `snapshot` (a transaction that reads as of one moment) no lock is taken, so that other
    transactions do not wait.
    """
    if not snapshot:
        hash_chain_queries.lock(db)
    broken_rows = hash_chain_queries.broken(db)
    state = hash_chain_queries.state(db)
    head = state.head or ""
    if not broken_rows:
        return Verdict(state.sealed, state.waiting, head, None)
    first, lines = broken_rows[0], sum(row.lines for row in broken_rows)
    message = f"Line {first.activity_id} of the audit log is not as it was: {first.reason}."
    if lines > 1:
        message += f" {count(lines, 'line')} in all."
    return Verdict(state.sealed, state.waiting, head, message, first.activity_id, lines)


def purge_old(db: Session, *, before: datetime) -> int:
    """Delete the sealed entries older than a moment and return how many.

    The last of their links stays, and a new entry states that the chain now begins there.
    """
    hash_chain_queries.lock(db)
    last = hash_chain_queries.last_link_before(db, before=before)
    if last is None:
        return 0
    hash_chain_queries.allow(db, "purge")
    lines = hash_chain_queries.purge_until(db, last.place)
    hash_chain_queries.allow(db, "")
    if lines:
        record(
            db,
            actor_id=None,
            action="activity.purged",
            entity="activity",
            sentence=f"Forgot {count(lines, 'line')} of the audit log for their age.",
            after={"place": last.place, "hash": last.hash},
        )
    return lines


def erase(db: Session, *, actor_id: int, donor_id: int) -> None:
    """Empty every entry about a donor, and record the erasure and the links it changed."""
    hash_chain_queries.lock(db)
    hash_chain_queries.allow(db, "erase")
    links = hash_chain_queries.erase(db, donor_id=donor_id)
    erasure_id = record(
        db,
        actor_id=actor_id,
        action="donor.erased",
        entity="donor",
        entity_id=donor_id,
        donor_id=donor_id,
        sentence="Erased at the person's request.",
        after={"links": {str(link.place): link.hash for link in links}},
    )
    hash_chain_queries.mark_erased(db, donor_id=donor_id, erasure_id=erasure_id)
    hash_chain_queries.allow(db, "")
