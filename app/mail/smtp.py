"""SMTP connection. No other module may import smtplib."""

import smtplib
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
            raise _error_for(code, text) from error
        except smtplib.SMTPResponseException as error:
            raise _error_for(error.smtp_code, error.smtp_error) from error
        except smtplib.SMTPNotSupportedError as error:
            msg = f"This server cannot carry such an address: {error}"
            raise RefusedError(msg) from error
        except (smtplib.SMTPException, OSError) as error:
            msg = f"The connection broke: {type(error).__name__}."
            raise TryLaterError(msg) from error


def _error_for(code: int, text: bytes | str) -> Exception:
    reply = text.decode(errors="replace") if isinstance(text, bytes) else text
    sentence = f"{code} {reply}"
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
        msg = f"The mail server cannot be used: {error}"
        raise TryLaterError(msg) from error
    try:
        yield SmtpBackend(server)
    finally:
        try:
            server.quit()
        except (smtplib.SMTPException, OSError):
            server.close()


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
