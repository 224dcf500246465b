"""The organisation's own settings, as a value."""

from dataclasses import dataclass

from app.accounts.authorization import Actor, Role, require
from app.accounts.queries import users as queries
from app.accounts.users import preferences
from app.db import Session
from app.kit import text
from app.kit.errors import InvalidError, NotFoundError


@dataclass(frozen=True, slots=True)
class OrganisationFacts:
    """What rooms need to know: money, time and the fiscal year (start month 1..12)."""

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
    is_demo: bool = False,
) -> None:
    """Save the organisation's settings (fiscal start month 1..12). Administrators only.

    Raises:
        InvalidError: another currency, although gifts or pledges are kept in sums of the old one;
            or a value cannot be right.
    """
    require(actor, Role.ADMIN, Role.SYSTEM)
    saved = organisation(db)
    # a name from before there was a limit stays until it is changed
    name = name if name == saved.name else text.name(name, "The organisation's name")
    preferences.check_organisation(name, currency, time_zone, fiscal_start_month)
    old = saved.currency
    if currency != old and queries.any_money_for_system(db):
        msg = (
            f"The organisation's currency stays {old}: gifts or pledges are recorded already, and "
            f"their sums are in {old}. A new organisation may begin in {currency}."
        )
        raise InvalidError(msg)
    queries.set_organisation(
        db,
        name=name,
        currency=currency,
        time_zone=time_zone,
        fiscal_start_month=fiscal_start_month,
        is_demo=is_demo,
    )


def nobody_yet(db: Session) -> bool:
    """Whether no account has been made, as on the very first start."""
    return not queries.any_user(db)


def actor_by_id(db: Session, user_id: int) -> Actor:
    """Return the active person as an actor.

    Raises:
        NotFoundError: nobody active has this id.
    """
    found = queries.actor(db, user_id=user_id)
    if found is None:
        msg = "This account does not exist or is not active."
        raise NotFoundError(msg)
    return found


def actor_by_email(db: Session, email: str) -> Actor:
    """Return the active person with this e-mail, in any case.

    Raises:
        NotFoundError: nobody active has this e-mail.
    """
    found = queries.actor(db, email=email)
    if found is None:
        msg = f"No active account has the e-mail {email}."
        raise NotFoundError(msg)
    return found
