"""Mail backends: print messages, write them to files, or send them by SMTP."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from pathlib import Path
from typing import Protocol

from app.mail import smtp
from app.mail.errors import TryLaterError
from app.mail.server import MailRoute
from app.settings import settings


class Backend(Protocol):
    """The interface of a mail backend."""

    def send(self, message: EmailMessage, envelope_sender: str | None = None) -> None:
        """Send one message, or raise RefusedError or TryLaterError."""


class ConsoleBackend:
    """A backend that prints the text of each message."""

    def send(self, message: EmailMessage, _envelope_sender: str | None = None) -> None:
        """Print the recipient, the subject and the text."""
        body = message.get_body(("plain",))
        text = body.get_content() if body is not None else ""
        sys.stdout.write(f"\n--- e-mail to {message['To']}: {message['Subject']}\n{text}---\n")
        sys.stdout.flush()


class FileBackend:
    """A backend that writes one .eml file per message."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def send(self, message: EmailMessage, _envelope_sender: str | None = None) -> None:
        """Write the message as it would be sent; the same message twice is one file.

        Raises:
            TryLaterError: the file cannot be written, as when the disk is full.
        """
        name = "".join(c if c.isalnum() else "-" for c in message["Message-ID"]).strip("-")
        partial_file = self.folder / f".{name}.part"
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            # created anew: a file left by a killed sender may have wider permissions
            partial_file.unlink(missing_ok=True)
            partial_file.touch(mode=0o600)
            partial_file.write_bytes(message.as_bytes())
            partial_file.replace(self.folder / f"{name}.eml")
        except OSError as error:
            msg = f"The message could not be written to {self.folder}: {error.strerror}."
            raise TryLaterError(msg) from error


@contextmanager
def backend(route: MailRoute) -> Iterator[Backend]:
    """Open the backend of a route."""
    if route.server is not None:
        with smtp.connection(route.server) as connection:
            yield connection
    elif route.backend == "file":
        yield FileBackend(settings().data_dir / "mail")
    else:
        yield ConsoleBackend()


def delivery_problem(route: MailRoute) -> str | None:
    """Open the backend without sending; return the error message, or None."""
    try:
        with backend(route):
            return None
    except TryLaterError as error:
        return str(error)
