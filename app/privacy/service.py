"""Erasing a donor: the ledger keeps its sums, the person is gone from everything we hold."""

import re
from dataclasses import dataclass
from datetime import datetime

from app import audit, donors, imports
from app.accounts import Actor, Role, require, require_confirmed
from app.db import Session
from app.kit.errors import ConflictError, InvalidError
from app.privacy import text_redaction
from app.privacy.queries import erasure as queries

ERASED = "Erased donor"
INSTEAD = "(erased)"


@dataclass(frozen=True, slots=True)
class Erased:
    """What an erasure reached besides the donor's own rows."""

    texts: int
    files: int


def erase(db: Session, actor: Actor, *, donor_id: int, name: str, now: datetime) -> Erased:
    """Take a person out of everything held: rows, mails, imports, kept answers, the record.

    Gifts and pledges stay with their amounts, days and numbers, under a donor without a name;
    active pledges are cancelled. `name` is the donor's, typed once more: there is no way back.
    To be asked in a transaction of the system, since it reaches into what others may not see.

    Raises:
        NotAllowedError: the actor is not an administrator. NotFoundError: there is no such donor.
        InvalidError: the name typed is another. ConflictError: erased before.
        ConfirmFirstError: the password is asked for first.
    """
    require(actor, Role.ADMIN)
    donors.require_visible(db, actor, donor_id)
    row = queries.lock(db, donor_id)
    if row is None or row.erased_at is not None:
        msg = "This donor was erased already."
        raise ConflictError(msg)
    if " ".join(name.split()).casefold() != " ".join(row.name.split()).casefold():
        msg = f"To erase this donor, type the name as it stands: {row.name}."
        raise InvalidError(msg)
    require_confirmed(db, actor, now=now)
    known = queries.identity(db, donor_id)
    files = queries.files(db, donor_id)
    words = text_redaction.telling(known.words, whole=known.whole)
    queries.take_away(db, donor_id, erased=ERASED, now=now)
    texts = _scrub_texts(db, words)
    audit.erase(db, actor_id=actor.user_id, donor_id=donor_id)
    return Erased(texts, imports.forget_files(files))


def _scrub_texts(db: Session, words: tuple[str, ...]) -> int:
    """Take the words out of mails, problems of imports and kept answers; return how many texts."""
    found = text_redaction.pattern(words)
    # a wide net, once for each table: what it catches is looked at here
    sign = "|".join(re.escape(max(word.split(), key=len)) for word in words)
    done = 0
    for table, key, columns in queries.TEXTS:
        for row in queries.telling(db, table, key, columns, sign):
            clean = {name: text_redaction.scrubbed(row[name], found, INSTEAD) for name in columns}
            changed = {name: value for name, value in clean.items() if value != row[name]}
            if changed:
                queries.put(db, table, key, row["key"], changed)
                done += 1
    return done
