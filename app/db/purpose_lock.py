"""Locks between whoever saves a record and whoever changes what its values refer to.

Without them, a gift that is saved during a merge could keep the fund that is just merged away, and
a donor could be saved with a custom field under its old name or of its old type.
"""

from sqlalchemy import text
from sqlalchemy.orm import Session

_KEY = "hashtext('donorcrm:purposes')"
_CUSTOM_FIELDS = "hashtext('donorcrm:custom_fields')"


def hold_purposes(db: Session) -> None:
    """Let no fund or campaign be merged before this transaction ends."""
    db.execute(text(f"select pg_advisory_xact_lock_shared({_KEY})"))


def lock_purposes(db: Session) -> None:
    """Wait for transactions that choose a fund or campaign, and hold up later ones."""
    db.execute(text(f"select pg_advisory_xact_lock({_KEY})"))


def hold_custom_fields(db: Session) -> None:
    """Let no custom field be changed before this transaction ends; call it before locking rows."""
    db.execute(text(f"select pg_advisory_xact_lock_shared({_CUSTOM_FIELDS})"))


def lock_custom_fields(db: Session) -> None:
    """Wait for transactions that save custom fields of donors, and hold up later ones."""
    db.execute(text(f"select pg_advisory_xact_lock({_CUSTOM_FIELDS})"))
