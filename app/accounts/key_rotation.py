"""Rotation of SECRET_KEY: re-encrypt the two-factor secrets with the new key."""

from app.accounts.authentication.mfa import PURPOSE
from app.accounts.queries import mfa as queries
from app.db import Session
from app.kit.security.encryption import KeyUse, key_of, seal, unseal, use_of
from app.settings import settings

BATCH = 200


def mfa_key_use_for_system(db: Session) -> KeyUse:
    """Count the two-factor secrets by the key that decrypts them."""
    keys, use, after = settings().signing_keys, KeyUse(), 0
    while rows := queries.secrets_after_for_system(db, after, limit=BATCH):
        use = sum((use_of(key_of(keys, PURPOSE, row.secret), keys) for row in rows), use)
        after = rows[-1].user_id
    return use


def reencrypt_mfa_secrets_for_system(db: Session, *, after: int) -> tuple[int, int | None]:
    """Re-encrypt with SECRET_KEY the next batch of two-factor secrets that use an older key.

    Takes the rows with a user id above `after`; returns how many were re-encrypted and the `after`
    of the next batch, None when there is none. Secrets that no key decrypts stay unchanged.
    """
    keys = settings().signing_keys
    rows = queries.secrets_after_for_system(db, after, limit=BATCH, lock=True)
    reencrypted = 0
    for row in rows:
        if key_of(keys, PURPOSE, row.secret) in {None, keys[0]}:
            continue
        secret = unseal(keys, PURPOSE, row.secret)
        if secret is not None:
            queries.reencrypt_for_system(db, row.user_id, seal(keys[0], PURPOSE, secret))
            reencrypted += 1
    return reencrypted, rows[-1].user_id if rows else None
