"""Queries on the two-factor policy and on users' second factors."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import DateTime, case, cast, exists, func, insert, select, update

from app.db import Session as Db
from app.db.models import Organisation, Passkey, SecondFactor, Session, User

_SINCE = cast(Organisation.mfa_required_since[User.role].astext, DateTime(timezone=True))
# When a user has to have a second factor; null if the role needs none. For statements that select
# from `app_user` and outer-join the organisation.
MFA_DUE = case(
    (
        _SINCE.is_not(None),
        func.greatest(_SINCE, User.created_at)
        + func.make_interval(0, 0, 0, Organisation.mfa_grace_days),
    ),
)
_CODES = exists(
    select(SecondFactor.user_id).where(
        SecondFactor.user_id == User.id, SecondFactor.confirmed_at.is_not(None)
    )
)
_PASSKEYS = (
    select(func.count()).where(Passkey.user_id == User.id).correlate(User).scalar_subquery()
)


@dataclass(frozen=True, slots=True)
class Factors:
    """A user's second factors; `due` is when the role requires one, None if it does not."""

    codes: bool = False
    passkeys: int = 0
    due: datetime | None = None

    @property
    def exist(self) -> bool:
        """Return whether the user has a second factor."""
        return self.codes or self.passkeys > 0


def factors(db: Db, user_ids: Collection[int] | None = None) -> dict[int, Factors]:
    """Return the second factors of some or all users, by user id."""
    statement = (
        select(User.id, _CODES.label("codes"), _PASSKEYS.label("passkeys"), MFA_DUE.label("due"))
        .select_from(User)
        .outerjoin(Organisation, Organisation.id == 1)
    )
    if user_ids is not None:
        statement = statement.where(User.id.in_(user_ids))
    return {
        row.id: Factors(codes=row.codes, passkeys=row.passkeys, due=row.due)
        for row in db.execute(statement)
    }


def lock_user(db: Db, user_id: int) -> None:
    """Lock a user's row until the transaction ends, so that changes of factors are serialised."""
    db.execute(select(User.id).where(User.id == user_id).with_for_update())


def mark_sessions(db: Db, *, user_id: int, two_factor: bool, only: str | None = None) -> None:
    """Store whether a user's sessions, or `only` one, were opened with two factors."""
    statement = update(Session).where(Session.user_id == user_id)
    if only is not None:
        statement = statement.where(Session.id == only)
    db.execute(statement.values(two_factor=two_factor))


def policy_row(db: Db, *, lock: bool = False) -> tuple[dict[str, str], int]:
    """Return the policy: a dict from role to its start (ISO 8601), and the grace days."""
    statement = select(Organisation.mfa_required_since, Organisation.mfa_grace_days).where(
        Organisation.id == 1
    )
    row = db.execute(statement.with_for_update() if lock else statement).one_or_none()
    return ({}, 7) if row is None else (dict(row.mfa_required_since), row.mfa_grace_days)


def save_policy(db: Db, *, name: str, required_since: dict[str, str], grace_days: int) -> None:
    """Save the policy; `name` is the organisation's name in case there is no row yet."""
    values = {"mfa_required_since": required_since, "mfa_grace_days": grace_days}
    updated = db.execute(
        update(Organisation)
        .where(Organisation.id == 1)
        .values(**values, version=Organisation.version + 1, updated_at=func.now())
        .returning(Organisation.id)
    )
    if updated.one_or_none() is None:
        db.execute(insert(Organisation).values(id=1, name=name, **values))
