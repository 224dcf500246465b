"""The two-factor secrets when SECRET_KEY is replaced: which key opens them, and re-sealing."""

from app.accounts.authentication.mfa import PURPOSE
from app.accounts.queries import mfa as queries
from app.db import Session
from app.kit.encryption import KeyUse, key_of, seal, unseal, use_of
from app.settings import settings

BATCH = 200


def second_factor_key_use_for_system(db: Session) -> KeyUse:
    """Count the two-factor secrets by the key that opens them."""
    keys, use, after = settings().signing_keys, KeyUse(), 0
    while rows := queries.after_for_system(db, after, limit=BATCH):
        use = sum((use_of(key_of(keys, PURPOSE, one.secret), keys) for one in rows), use)
        after = rows[-1].user_id
    return use


def reseal_second_factors_for_system(db: Session, *, after: int) -> tuple[int, int | None]:
    """Seal the next batch of two-factor secrets that an older key opens with SECRET_KEY.

    Takes the rows after a person's id; returns how many were sealed anew and where the next batch
    begins, None when there is none. Secrets that no key opens stay as they are.
    """
    keys = settings().signing_keys
    rows = queries.after_for_system(db, after, limit=BATCH, lock=True)
    done = 0
    for row in rows:
        if key_of(keys, PURPOSE, row.secret) in {None, keys[0]}:
            continue
        secret = unseal(keys, PURPOSE, row.secret)
        if secret is not None:
            queries.reseal_for_system(db, row.user_id, seal(keys[0], PURPOSE, secret))
            done += 1
    return done, rows[-1].user_id if rows else None
