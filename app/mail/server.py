"""The SMTP server for outgoing mail: from the environment, or set in the browser."""

from dataclasses import dataclass, field
from email.utils import formataddr, parseaddr

from app.db import Session
from app.kit.security.encryption import KeyUse, key_of, seal, unseal, use_of
from app.mail import queries
from app.settings import settings

PURPOSE = "mail server"


@dataclass(frozen=True, slots=True)
class MailServer:
    """An SMTP server; `sender` is the From address, with a name or without."""

    host: str
    port: int
    use_tls: bool
    username: str
    password: str = field(repr=False)
    sender: str


@dataclass(frozen=True, slots=True)
class MailRoute:
    """How mail is sent: the kind of backend, its server (SMTP only), and the From header."""

    backend: str
    server: MailServer | None
    sender: str


def is_set_by_environment() -> bool:
    """Return whether EMAIL_BACKEND chooses the backend, which the browser then cannot change."""
    return settings().email_backend != "console"


def current_route(db: Session) -> MailRoute:
    """Return how mail is sent now.

    The environment goes first; then the server set in the browser; without one mail is printed.
    The demonstration sends nothing: its server may be set by whoever looks around.
    """
    config = settings()
    saved = None if is_set_by_environment() or config.demonstration else saved_server(db)
    backend = "smtp" if saved else config.email_backend
    if config.email_backend == "smtp":
        saved = MailServer(
            host=config.email_host,
            port=config.email_port,
            use_tls=config.email_use_tls,
            username=config.email_host_user,
            password=config.email_host_password,
            sender=config.email_from,
        )
    address = saved.sender if saved else config.email_from
    return MailRoute(backend, saved, _with_name(address, queries.sender_name(db)))


def sender_domain(db: Session) -> str:
    """Return the domain of the From address, for the ids of messages; "localhost" without one."""
    by_settings = is_set_by_environment() or settings().demonstration
    row = None if by_settings else queries.mail_server(db)
    address = settings().email_from if row is None else row.sender
    return parseaddr(address)[1].rpartition("@")[2] or "localhost"


def saved_server(db: Session) -> MailServer | None:
    """Return the server that was set in the browser, or None."""
    row = queries.mail_server(db)
    if row is None:
        return None
    password = unseal(settings().signing_keys, PURPOSE, row.password) if row.password else b""
    return MailServer(
        host=row.host,
        port=row.port,
        use_tls=row.use_tls,
        username=row.username,
        password=(password or b"").decode(),
        sender=row.sender,
    )


def save_server(db: Session, server: MailServer) -> None:
    """Save the server, its password encrypted."""
    sealed = (
        seal(settings().signing_key, PURPOSE, server.password.encode())
        if server.password
        else None
    )
    queries.set_mail_server(
        db,
        host=server.host,
        port=server.port,
        use_tls=server.use_tls,
        username=server.username,
        password=sealed,
        sender=server.sender,
    )


def key_use_for_system(db: Session) -> KeyUse:
    """Count the password of the saved server by the key that decrypts it."""
    row = queries.mail_server(db)
    if row is None or row.password is None:
        return KeyUse()
    keys = settings().signing_keys
    return use_of(key_of(keys, PURPOSE, row.password), keys)


def reencrypt_for_system(db: Session) -> int:
    """Re-encrypt the password of the saved server with SECRET_KEY; return whether it was (0, 1).

    One that no key decrypts stays unchanged.
    """
    if not key_use_for_system(db).older:
        return 0
    server = saved_server(db)
    if server is not None:
        save_server(db, server)
    return 1


def remove_server(db: Session) -> None:
    """Remove the server: mail is printed to the log again."""
    queries.remove_mail_server(db)


def _with_name(sender: str, name: str) -> str:
    """Return the From header with the organisation's sender name, if it has one."""
    return formataddr((name, parseaddr(sender)[1])) if name else sender
