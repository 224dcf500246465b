"""Queries on users, teams and the organisation."""

from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, exists, func, insert, or_, select, update
from sqlalchemy.dialects.postgresql import insert as pg_insert

from app.accounts.authorization import Actor, users_to_impersonate, visible_owners
from app.db import Session
from app.db.models import Gift, OneTimeCode, Organisation, Pledge, TeamMember, User
from app.kit.roles import Role

# the kinds of alerts whose channel a user chooses
ALERTS = ("at_risk", "late_pledge")
# the columns of an actor: an active user, outer-joined with the organisation
ACTOR = (
    User.id.label("user_id"),
    User.role,
    User.name,
    User.email,
    func.coalesce(func.nullif(User.time_zone, ""), Organisation.time_zone, "UTC").label(
        "time_zone"
    ),
    func.coalesce(func.nullif(User.locale, ""), Organisation.locale, "en_US").label("locale"),
    Organisation.modules,
)


def organisation_row(db: Session, *, lock: bool = False) -> Organisation | None:
    """Return the organisation's row, or None before its settings are saved.

    With `lock` it is read anew and kept from being changed until the transaction ends.
    """
    return db.get(Organisation, 1, populate_existing=lock, with_for_update=lock or None)


def actor(db: Session, *, user_id: int | None = None, email: str | None = None) -> Actor | None:
    """Return the active user as an actor, by id or by e-mail in any case."""
    condition = User.id == user_id if email is None else func.lower(User.email) == email.lower()
    statement = select(*ACTOR).outerjoin(Organisation, Organisation.id == 1)
    row = db.execute(statement.where(condition, User.active)).one_or_none()
    return None if row is None else as_actor(row)


def as_actor(row: Row[Any]) -> Actor:
    """Build an actor from a row with the columns ACTOR."""
    return Actor(
        user_id=row.user_id,
        role=Role(row.role),
        name=row.name,
        email=row.email,
        time_zone=row.time_zone,
        locale=row.locale,
        modules=frozenset(row.modules or ()),
    )


def administrators(db: Session) -> list[Actor]:
    """Return the active administrators who have signed in before."""
    statement = select(*ACTOR).outerjoin(Organisation, Organisation.id == 1)
    statement = statement.where(User.role == Role.ADMIN, User.participates).order_by(User.id)
    return [as_actor(row) for row in db.execute(statement)]


def database_time(db: Session) -> datetime:
    """Return when this transaction began by the database's clock, as in the audit log."""
    return db.execute(select(func.now())).scalar_one()


def user(db: Session, user_id: int) -> User | None:
    """Return an account, active or not."""
    return db.get(User, user_id, populate_existing=True)


def access_version(db: Session, user_id: int) -> int | None:
    """Return the access version of a user, or None for an unknown user."""
    return db.scalar(select(User.access_version).where(User.id == user_id))


def raise_access_version(db: Session, user_id: int) -> None:
    """Invalidate the links in a user's mails."""
    db.execute(
        update(User).where(User.id == user_id).values(access_version=User.access_version + 1)
    )


def user_by_email(db: Session, email: str, *, lock: bool = False) -> User | None:
    """Return an account by its e-mail, ignoring case."""
    # no address contains a NUL, and PostgreSQL rejects one in a parameter
    statement = select(User).where(func.lower(User.email) == email.replace("\0", "").lower())
    statement = statement.execution_options(populate_existing=True)
    return db.scalar(statement.with_for_update() if lock else statement)


def users(db: Session) -> list[User]:
    """Return every account, active ones first."""
    return list(db.scalars(select(User).order_by(User.active.desc(), func.lower(User.name))))


def visible_users(db: Session, actor: Actor) -> list[User]:
    """Return the active users whose donors this actor may see."""
    return list(
        db.scalars(
            select(User)
            .where(User.active, visible_owners(actor, User.id))
            .order_by(func.lower(User.name), User.id)
        )
    )


def impersonatable_users(db: Session, actor: Actor, *, user_id: int | None = None) -> list[User]:
    """Return the users whom this actor may impersonate, by name: all, or `user_id` if allowed."""
    statement = select(User).where(users_to_impersonate(actor))
    if user_id is not None:
        statement = statement.where(User.id == user_id)
    return list(db.scalars(statement.order_by(func.lower(User.name), User.id)))


def add_user(db: Session, **values: object) -> int:
    """Insert an account with the organisation's alert channel and return its id."""
    row = organisation_row(db)
    # without an entry alerts are in the weekly summary
    channel = "summary" if row is None else row.alert_channel
    channels = {} if channel == "summary" else dict.fromkeys(ALERTS, channel)
    statement = insert(User).values(alert_channels=channels, **values)
    return db.execute(statement.returning(User.id)).scalar_one()


def set_user(db: Session, user_id: int, **values: object) -> None:
    """Change an account's fields."""
    db.execute(
        update(User)
        .where(User.id == user_id)
        .values(**values, version=User.version + 1, updated_at=func.now())
    )


def set_organisation(db: Session, **values: object) -> None:
    """Insert or update the organisation's settings, as a new version."""
    statement = pg_insert(Organisation).values(id=1, **values)
    changes = values | {"version": Organisation.version + 1, "updated_at": func.now()}
    db.execute(statement.on_conflict_do_update(index_elements=["id"], set_=changes))


def has_gifts_for_system(db: Session) -> bool:
    """Return whether any gift or pledge is recorded for any donor."""
    return bool(db.scalar(select(or_(exists(select(Gift.id)), exists(select(Pledge.id))))))


def replace_team(db: Session, *, lead_id: int, kind: str, member_ids: list[int]) -> None:
    """Replace the lead's team by exactly these users."""
    db.execute(delete(TeamMember).where(TeamMember.lead_id == lead_id))
    if member_ids:
        rows = [
            {"lead_id": lead_id, "member_id": member_id, "kind": kind} for member_id in member_ids
        ]
        db.execute(insert(TeamMember), rows)


def join_team(db: Session, *, lead_id: int, member_id: int) -> None:
    """Add a user to a supervisor's team."""
    row = {"lead_id": lead_id, "member_id": member_id, "kind": "supervisor"}
    db.execute(pg_insert(TeamMember).values(**row).on_conflict_do_nothing())


def pending_invitations(db: Session, actor: Actor) -> list[tuple[User, datetime | None]]:
    """Return the invited users who have not signed in, with the expiry of the newest link."""
    link = (
        select(func.max(OneTimeCode.expires_at))
        .where(
            OneTimeCode.user_id == User.id,
            OneTimeCode.purpose == "invitation",
            OneTimeCode.used_at.is_(None),
        )
        .scalar_subquery()
    )
    statement = select(User, link).where(User.active, ~User.accepted, User.invited_by.is_not(None))
    if actor.role != Role.ADMIN:
        statement = statement.where(User.invited_by == actor.user_id)
    rows = db.execute(statement.order_by(func.lower(User.name), User.id))
    return [(row[0], row[1]) for row in rows]


def teams(db: Session, actor: Actor) -> dict[int, list[int]]:
    """Return lead id → ids of the members: all teams for administrators, else the own one."""
    statement = select(TeamMember.lead_id, TeamMember.member_id)
    if actor.role not in {Role.ADMIN, Role.SYSTEM}:
        statement = statement.where(TeamMember.lead_id == actor.user_id)
    members: dict[int, list[int]] = {}
    for lead_id, member_id in db.execute(statement.order_by(TeamMember.member_id)):
        members.setdefault(lead_id, []).append(member_id)
    return members


def any_user(db: Session) -> bool:
    """Return whether there is any account."""
    return db.scalar(select(User.id).limit(1)) is not None
