"""The organisation's settings, and look-up of active users as actors."""

from dataclasses import asdict, dataclass
from typing import Any

from app import audit
from app.accounts.authorization import Actor, require
from app.accounts.queries import users as queries
from app.accounts.users import preferences
from app.db import Session
from app.kit import text
from app.kit.errors import InvalidError, NotFoundError
from app.kit.roles import Role


@dataclass(frozen=True, slots=True)
class OrganisationFacts:
    """The organisation's settings: currency, time zone and fiscal year (start month 1..12)."""

    name: str = "My organisation"
    currency: str = "USD"
    time_zone: str = "UTC"
    locale: str = "en_US"
    fiscal_start_month: int = 1
    is_demo: bool = False


def organisation(db: Session) -> OrganisationFacts:
    """Return the organisation's settings, or the defaults before they are saved."""
    row = queries.organisation_row(db)
    if row is None:
        return OrganisationFacts()
    return OrganisationFacts(
        name=row.name,
        currency=row.currency,
        time_zone=row.time_zone,
        locale=row.locale,
        fiscal_start_month=row.fiscal_start_month,
        is_demo=row.is_demo,
    )


def save_organisation(
    db: Session,
    actor: Actor,
    *,
    name: str,
    currency: str,
    time_zone: str,
    fiscal_start_month: int,
    locale: str | None = None,
    is_demo: bool | None = None,
) -> None:
    """Save the organisation's settings (fiscal start month 1..12). Administrators only.

    `locale` names a language and a country (de_CH); it and `is_demo` stay as they are when None.

    Raises:
        InvalidError: the currency would change although gifts or pledges are recorded in the old
            one, or a value is invalid.
    """
    require(actor, Role.ADMIN, Role.SYSTEM)
    saved = organisation(db)
    # an unchanged name is not checked: it may be older than the length limit
    name = name if name == saved.name else text.name(name, "The organisation's name")
    new = OrganisationFacts(
        name=name,
        currency=currency,
        time_zone=time_zone,
        fiscal_start_month=fiscal_start_month,
        locale=saved.locale if locale is None else preferences.checked_locale(locale),
        is_demo=saved.is_demo if is_demo is None else is_demo,
    )
    preferences.check_organisation(name, currency, time_zone, fiscal_start_month)
    if currency != saved.currency:
        _require_no_amounts(db, saved.currency, currency)
    queries.set_organisation(db, **asdict(new))
    _record_changes(db, actor, asdict(saved), asdict(new))


def _require_no_amounts(db: Session, old: str, new: str) -> None:
    if queries.has_gifts_for_system(db):
        msg = (
            f"The organisation's currency stays {old}: gifts or pledges are recorded already, and "
            f"their sums are in {old}. A new organisation may begin in {new}."
        )
        raise InvalidError(msg)


def _record_changes(
    db: Session, actor: Actor, before: dict[str, Any], after: dict[str, Any]
) -> None:
    changed = [name for name, value in after.items() if before[name] != value]
    if changed:
        audit.record(
            db,
            actor_id=actor.user_id,
            action="organisation.changed",
            entity="organisation",
            sentence="Changed the organisation's settings",
            before={name: before[name] for name in changed},
            after={name: after[name] for name in changed},
        )


def has_no_users(db: Session) -> bool:
    """Return whether there is no account, as on the very first start."""
    return not queries.any_user(db)


def actor_by_id(db: Session, user_id: int) -> Actor:
    """Return an active user as an actor.

    Raises:
        NotFoundError: there is no active account with this id.
    """
    actor = queries.actor(db, user_id=user_id)
    if actor is None:
        msg = "This account does not exist or is not active."
        raise NotFoundError(msg)
    return actor


def actor_by_email(db: Session, email: str) -> Actor:
    """Return the active user with this e-mail as an actor; case is ignored.

    Raises:
        NotFoundError: there is no active account with this e-mail.
    """
    actor = queries.actor(db, email=email)
    if actor is None:
        msg = f"No active account has the e-mail {email}."
        raise NotFoundError(msg)
    return actor
