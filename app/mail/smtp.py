"""SMTP connection. No other module may import smtplib."""

import smtplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage

from app.mail.errors import RefusedError, TryLaterError
from app.mail.server import MailServer

TIMEOUT_SECONDS = 20
IMPLICIT_TLS_PORT = 465
PERMANENT_FAILURE = 500


class SmtpBackend:
    """An open SMTP connection that sends messages."""

    def __init__(self, server: smtplib.SMTP) -> None:
        self.server = server

    def send(self, message: EmailMessage, envelope_sender: str | None = None) -> None:
        """Send one message; bounces go to `comes_back_to`, or to the From address without it.

        Raises:
            RefusedError: a permanent failure. TryLaterError: a temporary failure.
        """
        try:
            self.server.send_message(message, from_addr=envelope_sender)
        except smtplib.SMTPRecipientsRefused as error:
            code, text = next(iter(error.recipients.values()))
            raise _error_for(smtplib.SMTPResponseException(code, text)) from error
        except smtplib.SMTPResponseException as error:
            raise _error_for(error) from error
        except smtplib.SMTPNotSupportedError as error:
            msg = f"This server cannot carry such an address: {error}"
            raise RefusedError(msg) from error
        except (smtplib.SMTPException, OSError) as error:
            msg = f"The connection broke: {type(error).__name__}."
            raise TryLaterError(msg) from error


def _error_for(error: smtplib.SMTPResponseException) -> Exception:
    sentence = _reply(error)
    code = error.smtp_code
    return RefusedError(sentence) if code >= PERMANENT_FAILURE else TryLaterError(sentence)


@contextmanager
def connection(target: MailServer) -> Iterator[SmtpBackend]:
    """Open a connection to a server, authenticated if it has a user.

    Raises:
        TryLaterError: the server cannot be reached or rejects the login.
    """
    try:
        server = _open(target)
    except (smtplib.SMTPException, OSError) as error:
        msg = f"The mail server cannot be used: {_reason(error, target)}"
        raise TryLaterError(msg) from error
    try:
        yield SmtpBackend(server)
    finally:
        try:
            server.quit()
        except (smtplib.SMTPException, OSError):
            server.close()


def _reason(error: smtplib.SMTPException | OSError, target: MailServer) -> str:
    """Return why no connection was made, with the server's own answer if it gave one."""
    place = f"{target.host}, port {target.port}"
    match error:
        case smtplib.SMTPAuthenticationError():
            return f"it refused the user name or the password. Its answer: {_reply(error)}"
        case smtplib.SMTPResponseException():
            return f"it refused the connection. Its answer: {_reply(error)}"
        case smtplib.SMTPNotSupportedError():
            return f"{error} Check the port and the encryption; ports 587 and 465 are usual."
        case socket.gaierror():
            return f"no server is called {target.host}. Check its name."
        case ConnectionRefusedError() | TimeoutError():
            return f"nothing answers at {place}. Check both."
        case _:
            return str(error)


def _reply(error: smtplib.SMTPResponseException) -> str:
    text = error.smtp_error
    return (
        f"{error.smtp_code} {text.decode(errors='replace') if isinstance(text, bytes) else text}"
    )


def _open(target: MailServer) -> smtplib.SMTP:
    host, port = target.host, target.port
    implicit_tls = port == IMPLICIT_TLS_PORT
    server: smtplib.SMTP = (
        smtplib.SMTP_SSL(host, port, timeout=TIMEOUT_SECONDS, context=ssl.create_default_context())
        if implicit_tls
        else smtplib.SMTP(host, port, timeout=TIMEOUT_SECONDS)
    )
    try:
        if target.use_tls and not implicit_tls:
            server.starttls(context=ssl.create_default_context())
        if target.username:
            server.login(target.username, target.password)
    except (smtplib.SMTPException, OSError):
        server.close()
        raise
    return server
