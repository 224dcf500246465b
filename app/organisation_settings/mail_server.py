"""The mail server set in the browser: administrators only."""

from dataclasses import replace
from datetime import datetime
from email.utils import make_msgid, parseaddr

from app import audit, mail
from app.accounts import Actor, require, require_confirmed, require_own, valid_email
from app.db import Session
from app.kit import text
from app.kit.errors import InvalidError
from app.kit.roles import Role
from app.mail import MailRoute, MailServer

PORTS = range(1, 65_536)
LONGEST_PASSWORD = 1_000


def mail_route(db: Session, actor: Actor) -> MailRoute:
    """Return how mail is sent now, without the password. Administrators only."""
    require(actor, Role.ADMIN, Role.SYSTEM)
    route = mail.current_route(db)
    server = route.server and replace(route.server, password="")
    return replace(route, server=server)


def save_mail_server(db: Session, actor: Actor, server: MailServer, *, now: datetime) -> None:
    """Save the server for outgoing mail; an empty password keeps the saved one.

    Raises:
        InvalidError: a value is invalid, or the environment chooses how mail is sent.
        ConfirmFirstError: the actor must confirm the password first.
    """
    require_own(actor)
    require(actor, Role.ADMIN, Role.SYSTEM)
    require_confirmed(db, actor, now=now)
    before = mail.saved_server(db)
    mail.save_server(db, checked_server(db, actor, server))
    audit.record(
        db,
        actor_id=actor.user_id,
        action="mail_server.changed",
        entity="mail_server",
        sentence="Changed the server for outgoing mail",
        before=None if before is None else {"host": before.host, "port": before.port},
        after={"host": server.host, "port": server.port},
    )


def remove_mail_server(db: Session, actor: Actor, *, now: datetime) -> None:
    """Remove the server: mails are printed to the log again.

    Raises:
        ConfirmFirstError: the actor must confirm the password first.
    """
    require_own(actor)
    require(actor, Role.ADMIN, Role.SYSTEM)
    require_confirmed(db, actor, now=now)
    mail.remove_server(db)
    audit.record(
        db,
        actor_id=actor.user_id,
        action="mail_server.removed",
        entity="mail_server",
        sentence="Removed the server for outgoing mail",
    )


def checked_server(db: Session, actor: Actor, server: MailServer) -> MailServer:
    """Return the server with its values checked, and with the saved password if it has none.

    A saved password is only for the saved server and user, and never sent without the encryption
    it was saved with. Administrators only.

    Raises:
        InvalidError: a value is invalid, or the environment chooses how mail is sent.
    """
    require_own(actor)
    require(actor, Role.ADMIN, Role.SYSTEM)
    if mail.is_set_by_environment():
        msg = "EMAIL_BACKEND on the server chooses how mail is sent. Change it there."
        raise InvalidError(msg)
    host = text.line(server.host, "The server")
    if not host or " " in host:
        msg = "Name the mail server, such as smtp.example.org."
        raise InvalidError(msg)
    if server.port not in PORTS:
        msg = "A port is a number from 1 to 65535; 587 and 465 are usual."
        raise InvalidError(msg)
    valid_email(parseaddr(server.sender)[1])
    saved = mail.saved_server(db)
    password = server.password or (_password_to_keep(saved, replace(server, host=host)))
    return replace(
        server,
        host=host,
        username=text.line(server.username, "The user name"),
        password=_checked_password(password),
        sender=text.line(server.sender, "The sender"),
    )


def _password_to_keep(saved: MailServer | None, server: MailServer) -> str:
    """Return the saved password for the same server and user, if as well encrypted; else ""."""
    if saved is None or (saved.host, saved.username) != (server.host, server.username):
        return ""
    return saved.password if server.use_tls or not saved.use_tls else ""


def _checked_password(password: str) -> str:
    if len(text.storable(password, "The password")) > LONGEST_PASSWORD:
        msg = f"The password may have {LONGEST_PASSWORD:,} characters at most."
        raise InvalidError(msg)
    return password


def send_test_message(server: MailServer, *, to: str, now: datetime) -> None:
    """Send a message through a server that `checked_server` returned, at once.

    It needs no transaction: a server may take 20 seconds to answer.

    Raises:
        InvalidError: the server refused it; the message is the server's.
    """
    message = mail.build(
        sender=server.sender,
        to=to,
        subject="DonorCRM can send mail",
        text="This is the test message you asked for. Mail from DonorCRM reaches you.\n",
        html=None,
        message_id=make_msgid(domain=parseaddr(server.sender)[1].rpartition("@")[2]),
        at=now,
        headers={},
    )
    try:
        with mail.backend(MailRoute("smtp", server, server.sender)) as opened:
            opened.send(message)
    except (mail.RefusedError, mail.TryLaterError) as error:
        raise InvalidError(str(error)) from error
