"""First set-up of an installation: the organisation and its first administrator."""

import base64
import hmac
from dataclasses import dataclass, field
from datetime import datetime

from app import accounts, audit, mail, secret_key
from app.accounts import SYSTEM
from app.db import Session
from app.kit.errors import ConflictError, InvalidError
from app.kit.roles import Role
from app.mail import MailServer
from app.organisation_settings.mail_server import checked_server
from app.organisation_settings.queries import setup as queries
from app.settings import settings

# characters of the code, in groups for reading it aloud
CODE_LENGTH, GROUP = 12, 4


@dataclass(frozen=True, slots=True)
class SetUp:
    """The answers of the first run.

    `fiscal_start_month` is 1..12, `country` an ISO 3166 code or None.
    """

    name: str
    currency: str
    time_zone: str
    locale: str
    fiscal_start_month: int
    administrator: str
    email: str
    password: str = field(repr=False)
    country: str | None = None
    # for outgoing mail; without one mails are printed to the log
    mail_server: MailServer | None = None


def setup_code() -> str:
    """Return the code that is printed on the console and asked for before the first set-up.

    It is derived from SECRET_KEY, so that each process prints the same one until it is used.
    """
    key = base64.urlsafe_b64decode(secret_key.derive(settings().own_key, "set-up code"))
    code = base64.b32encode(key).decode()[:CODE_LENGTH]
    return "-".join(code[first : first + GROUP] for first in range(0, CODE_LENGTH, GROUP))


def is_set_up(db: Session) -> bool:
    """Return whether the first set-up is done, after which its code is of no use any more."""
    return not accounts.has_no_users(db)


def require_setup_code(code: str) -> None:
    """Require the code from the console; case, spaces and dashes do not matter.

    Raises:
        InvalidError: it is another code.
    """
    entered = "".join(filter(str.isalnum, code)).upper()
    expected = setup_code().replace("-", "")
    if not hmac.compare_digest(entered.encode(), expected.encode()):
        msg = (
            "This is not the set-up code. It is printed where DonorCRM was started, and by "
            "python -m app setup --show-code on the server."
        )
        raise InvalidError(msg)


def set_up(
    db: Session, answers: SetUp, *, code: str, now: datetime, signs_in: bool = False
) -> int:
    """Save the organisation, create its first administrator, and return the administrator's id.

    `signs_in` says that the administrator gets a session with it, as in the browser.

    Raises:
        InvalidError: the code or an answer is wrong; nothing was saved.
        ConflictError: this installation has accounts already, made by somebody else meanwhile.
    """
    require_setup_code(code)
    queries.lock(db)
    _require_not_set_up(db)
    _save(db, answers)
    if answers.mail_server is not None:
        mail.save_server(db, checked_server(db, SYSTEM, answers.mail_server))
    user_id = accounts.create_user(
        db,
        SYSTEM,
        email=answers.email,
        name=answers.administrator,
        role=Role.ADMIN,
        password=answers.password,
        now=now,
        signs_in=signs_in,
    )
    audit.record(
        db,
        actor_id=user_id,
        action="organisation.set_up",
        entity="organisation",
        sentence="Set up this installation",
        after={"name": answers.name, "currency": answers.currency},
    )
    return user_id


def server_to_try(db: Session, server: MailServer, *, code: str) -> MailServer:
    """Return the checked mail server for a test message before the set-up.

    Raises:
        InvalidError: the code or a value is wrong.
        ConflictError: this installation is set up already.
    """
    require_setup_code(code)
    _require_not_set_up(db)
    return checked_server(db, SYSTEM, server)


def _require_not_set_up(db: Session) -> None:
    if is_set_up(db):
        msg = "This installation was set up in the meantime. Sign in, or ask who set it up."
        raise ConflictError(msg)


def _save(db: Session, answers: SetUp) -> None:
    accounts.save_organisation(
        db,
        SYSTEM,
        name=answers.name,
        currency=answers.currency,
        time_zone=answers.time_zone,
        fiscal_start_month=answers.fiscal_start_month,
        locale=answers.locale,
        country=answers.country,
        is_demo=False,
    )
