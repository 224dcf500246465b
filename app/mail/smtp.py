"""SMTP connection. No other module may import smtplib."""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage

from app.mail.errors import RefusedError, TryLaterError
from app.settings import settings

TIMEOUT_SECONDS = 20
TLS_FROM_THE_START = 465
FINAL = 500


class SmtpBackend:
    """An open SMTP connection that sends messages."""

    def __init__(self, server: smtplib.SMTP) -> None:
        self.server = server

    def send(self, message: EmailMessage, comes_back_to: str | None = None) -> None:
        """Send one message; bounces go to `comes_back_to`, or to the From address without it.

        Raises:
            RefusedError: a permanent failure. TryLaterError: a temporary failure.
        """
        try:
            self.server.send_message(message, from_addr=comes_back_to)
        except smtplib.SMTPRecipientsRefused as error:
            code, text = next(iter(error.recipients.values()))
            raise _outcome(code, text) from error
        except smtplib.SMTPResponseException as error:
            raise _outcome(error.smtp_code, error.smtp_error) from error
        except smtplib.SMTPNotSupportedError as error:
            msg = f"This server cannot carry such an address: {error}"
            raise RefusedError(msg) from error
        except (smtplib.SMTPException, OSError) as error:
            msg = f"The connection broke: {type(error).__name__}."
            raise TryLaterError(msg) from error


def _outcome(code: int, text: bytes | str) -> Exception:
    words = text.decode(errors="replace") if isinstance(text, bytes) else text
    sentence = f"{code} {words}"
    return RefusedError(sentence) if code >= FINAL else TryLaterError(sentence)


@contextmanager
def connection() -> Iterator[SmtpBackend]:
    """Open a connection to the configured server, authenticated if a user is configured.

    Raises:
        TryLaterError: the server cannot be reached or rejects the login.
    """
    try:
        server = _open()
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


def _open() -> smtplib.SMTP:
    chosen = settings()
    host, port = chosen.email_host, chosen.email_port
    from_the_start = port == TLS_FROM_THE_START
    server: smtplib.SMTP = (
        smtplib.SMTP_SSL(host, port, timeout=TIMEOUT_SECONDS, context=ssl.create_default_context())
        if from_the_start
        else smtplib.SMTP(host, port, timeout=TIMEOUT_SECONDS)
    )
    try:
        if chosen.email_use_tls and not from_the_start:
            server.starttls(context=ssl.create_default_context())
        if chosen.email_host_user:
            server.login(chosen.email_host_user, chosen.email_host_password)
    except (smtplib.SMTPException, OSError):
        server.close()
        raise
    return server
