"""Erase a donor: gifts and pledges keep their amounts, all personal data is removed."""

import re
from dataclasses import dataclass
from datetime import datetime

from app import audit, donors, households, imports
from app.accounts import Actor, Role, require, require_confirmed
from app.db import Session
from app.kit.errors import ConflictError, InvalidError
from app.privacy import text_redaction
from app.privacy.queries import erasure as queries

ERASED = "Erased donor"
REPLACEMENT = "(erased)"


@dataclass(frozen=True, slots=True)
class Erased:
    """The number of texts and files changed by an erasure, besides the donor's own rows."""

    texts: int
    files: int


def erase(db: Session, actor: Actor, *, donor_id: int, name: str, now: datetime) -> Erased:
    """Erase a person from rows, mails, imports, stored API responses and the audit log.

    Gifts and pledges stay with their amounts, days and numbers, under a donor without a name;
    active and paused pledges are cancelled. `name` is the donor's name, typed again to confirm:
    an erasure cannot be undone. Call it in a system transaction, because it changes rows that
    users may not access.

    Raises:
        NotAllowedError: the actor is not an administrator. NotFoundError: there is no such donor.
        InvalidError: the typed name differs. ConflictError: the donor was erased before.
        ConfirmFirstError: the actor must confirm the password first.
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
    identity = queries.identity(db, donor_id)
    files = queries.files(db, donor_id)
    identifying = text_redaction.identifying_words(identity.values, full_name=identity.full_name)
    households.forget_member(db, donor_id=donor_id)
    queries.delete_personal_data(db, donor_id, erased=ERASED, now=now)
    texts = _redact_texts(db, identifying)
    audit.erase(db, actor_id=actor.user_id, donor_id=donor_id)
    return Erased(texts, imports.delete_files(db, files))


def _redact_texts(db: Session, identifying: tuple[str, ...]) -> int:
    """Redact the words in mails, import runs and stored API responses; return how many rows."""
    pattern = text_redaction.redaction_pattern(identifying)
    # one broad SQL pattern per table; the exact pattern is then applied to its matches
    sql_pattern = "|".join(re.escape(max(word.split(), key=len)) for word in identifying)
    changed_rows = 0
    for table, key, columns in queries.SHARED_TEXTS:
        for row in queries.matching_rows(db, table, key, columns, sql_pattern):
            redacted = {
                name: text_redaction.redacted(row[name], pattern, REPLACEMENT) for name in columns
            }
            changed = {name: value for name, value in redacted.items() if value != row[name]}
            if changed:
                queries.update_row(db, table, key, row["key"], changed)
                changed_rows += 1
    return changed_rows
