"""The chain over the record: seal what is new, check all of it, forget the old, erase a person."""

from dataclasses import dataclass
from datetime import datetime

from app.audit import queries_chain
from app.audit.service import record
from app.db import Session
from app.kit.words import count

BATCH = 100_000


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check of the chain found: `head` is the last hash, `first` the first broken line.

    `broken` is a sentence about that line, None when the chain is whole; `lines` is how many
    lines are broken.
    """

    sealed: int
    waiting: int
    head: str
    broken: str | None
    first: int | None = None
    lines: int = 0


def seal(db: Session) -> int:
    """Link every line that waits, in batches, and return how many."""
    queries_chain.lock(db)
    moment = queries_chain.safe_moment(db)
    sealed = 0
    while batch := queries_chain.seal(db, most=BATCH):
        sealed += batch
    queries_chain.advance(db, moment)
    return sealed


def verify(db: Session, *, snapshot: bool = False) -> Verdict:
    """Check every line against its link.

    In a `snapshot` (a transaction that reads as of one moment) nobody has to wait for it.
    """
    if not snapshot:
        queries_chain.lock(db)
    found = queries_chain.broken(db)
    state = queries_chain.state(db)
    head = state.head or ""
    if not found:
        return Verdict(state.sealed, state.waiting, head, None)
    first, lines = found[0], sum(row.lines for row in found)
    why = f"Line {first.activity_id} of the audit log is not as it was: {first.why}."
    if lines > 1:
        why += f" {count(lines, 'line')} in all."
    return Verdict(state.sealed, state.waiting, head, why, first.activity_id, lines)


def forget_old(db: Session, *, before: datetime) -> int:
    """Delete the sealed lines older than a moment and return how many.

    The last of their links stays, and a line says that the chain now begins there.
    """
    queries_chain.lock(db)
    last = queries_chain.oldest_to_keep(db, before=before)
    if last is None:
        return 0
    queries_chain.allow(db, "purge")
    lines = queries_chain.forget_until(db, last.place)
    queries_chain.allow(db, "")
    if lines:
        record(
            db,
            actor_id=None,
            action="activity.purged",
            entity="activity",
            sentence=f"Forgot {count(lines, 'line')} of the record for their age.",
            after={"place": last.place, "hash": last.hash},
        )
    return lines


def erase(db: Session, *, actor_id: int, donor_id: int) -> None:
    """Empty every line about a donor, and write down that this was done and to which links."""
    queries_chain.lock(db)
    queries_chain.allow(db, "erase")
    links = queries_chain.erase(db, donor_id=donor_id)
    by = record(
        db,
        actor_id=actor_id,
        action="donor.erased",
        entity="donor",
        entity_id=donor_id,
        donor_id=donor_id,
        sentence="Erased at the person's request.",
        after={"links": {str(one.place): one.content for one in links}},
    )
    queries_chain.mark_erased(db, donor_id=donor_id, by=by)
    queries_chain.allow(db, "")
