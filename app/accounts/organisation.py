"""The organisation's settings, and look-up of active users as actors."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, TypedDict, Unpack

from app import audit
from app.accounts.authorization import Actor, require
from app.accounts.queries import exchange_rates as exchange_rate_queries
from app.accounts.queries import users as queries
from app.accounts.users import preferences
from app.db import Session
from app.db.models import Organisation
from app.kit import text
from app.kit.errors import ConflictError, InvalidError, NotFoundError
from app.kit.roles import Role

# settings of one line, with their names in messages
TEXTS = {"tax_id": "The tax id", "sender_name": "The sender's name"}
# the optional modules by name, with their titles
MODULES = {"requests": "Requests"}


@dataclass(frozen=True, slots=True)
class OrganisationFacts:
    """The organisation's settings.

    `fiscal_start_month` is 1..12, `country` an ISO 3166 code or None; address, tax id and sender
    name are "" where they are not given. `alert_channel` holds for accounts made from now on.
    `modules` are the optional modules that are switched on, by their names in `MODULES`.
    """

    name: str = "My organisation"
    currency: str = "USD"
    time_zone: str = "UTC"
    locale: str = "en_US"
    fiscal_start_month: int = 1
    is_demo: bool = False
    country: str | None = None
    address: str = ""
    tax_id: str = ""
    sender_name: str = ""
    thank_within_hours: int = 48
    file_retention_days: int = 90
    alert_channel: str = "summary"
    modules: tuple[str, ...] = ()
    # raised by each change of these settings
    version: int = 1


class OrganisationChanges(TypedDict, total=False):
    """The settings to change, as in `OrganisationFacts`; None leaves one as it is."""

    name: str | None
    currency: str | None
    time_zone: str | None
    locale: str | None
    fiscal_start_month: int | None
    is_demo: bool | None
    country: str | None
    address: str | None
    tax_id: str | None
    sender_name: str | None
    thank_within_hours: int | None
    file_retention_days: int | None
    alert_channel: str | None
    modules: Sequence[str] | None


def organisation(db: Session) -> OrganisationFacts:
    """Return the organisation's settings, or the defaults before they are saved."""
    return _facts(queries.organisation_row(db))


def _facts(row: Organisation | None) -> OrganisationFacts:
    if row is None:
        return OrganisationFacts()
    values = {setting.name: getattr(row, setting.name) for setting in fields(OrganisationFacts)}
    return OrganisationFacts(**values | {"modules": tuple(row.modules)})


def save_organisation(
    db: Session,
    actor: Actor,
    *,
    version: int | None = None,
    **changes: Unpack[OrganisationChanges],
) -> OrganisationFacts:
    """Change the organisation's settings and return them. Administrators only.

    A `locale` names a language and a country (de_CH). With `version`, the settings must not have
    changed since that version was read.

    Raises:
        InvalidError: the currency would change although gifts or pledges are recorded in the old
            one, or a value is invalid.
        ConflictError: somebody else changed the settings since `version`; nothing is saved.
    """
    require(actor, Role.ADMIN, Role.SYSTEM)
    saved = _facts(queries.organisation_row(db, lock=True))
    if version is not None and version != saved.version:
        msg = (
            "Somebody else changed the organisation's settings in the meantime. Nothing of yours "
            "was saved: look at what is there now, then save again."
        )
        raise ConflictError(msg)
    new = replace(saved, **_checked(saved, changes))
    preferences.check_organisation(new.name, new.currency, new.time_zone, new.fiscal_start_month)
    preferences.check_deadlines(
        thank_within_hours=new.thank_within_hours, file_retention_days=new.file_retention_days
    )
    preferences.check_channels({"late_pledge": new.alert_channel})
    if new.currency != saved.currency:
        _require_no_amounts(db, saved.currency, new.currency)
    values = asdict(new)
    del values["version"]
    if new != saved:
        # the driver writes a list as an array
        queries.set_organisation(db, **values | {"modules": list(new.modules)})
    _record_changes(db, actor, asdict(saved), values)
    return organisation(db)


def _checked(saved: OrganisationFacts, changes: OrganisationChanges) -> dict[str, Any]:
    """Return the changes with texts and codes checked and normalised."""
    checked: dict[str, Any] = {
        setting: value for setting, value in changes.items() if value is not None
    }
    # an unchanged name is not checked: it may be older than the length limit
    if checked.get("name", saved.name) != saved.name:
        checked["name"] = text.name(checked["name"], "The organisation's name")
    for setting, label in TEXTS.items():
        if setting in checked:
            checked[setting] = text.name(checked[setting], label)
    if "address" in checked:
        checked["address"] = text.note(checked["address"], "The address") or ""
    if "locale" in checked:
        checked["locale"] = preferences.checked_locale(checked["locale"])
    if "country" in checked:
        # the empty text of a command takes the country away
        country = checked["country"].strip()
        checked["country"] = preferences.checked_country(country) if country else None
    if "modules" in checked:
        checked["modules"] = _checked_modules(checked["modules"])
    return checked


def _checked_modules(names: Sequence[str]) -> tuple[str, ...]:
    """Return the names in the order of MODULES, each once."""
    wanted = {name.strip().lower() for name in names}
    if unknown := sorted(wanted - MODULES.keys()):
        msg = f"There is no module called {unknown[0]}. There are: {', '.join(MODULES)}."
        raise InvalidError(msg)
    return tuple(name for name in MODULES if name in wanted)


def currency_is_fixed(db: Session) -> bool:
    """Return whether gifts or pledges are recorded, so that the currency stays."""
    return queries.has_gifts_for_system(db)


def _require_no_amounts(db: Session, old: str, new: str) -> None:
    if currency_is_fixed(db):
        msg = (
            f"The organisation's currency stays {old}: gifts or pledges are recorded already, and "
            f"their sums are in {old}. A new organisation may begin in {new}."
        )
        raise InvalidError(msg)
    if exchange_rate_queries.currencies(db):
        msg = (
            f"Exchange rates are recorded, which say what other currencies are worth in {old}. "
            f"Delete them before the currency becomes {new}."
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
