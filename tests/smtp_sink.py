"""A real SMTP server for tests, and what it can be told to answer."""

import asyncio
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from ipaddress import ip_address
from typing import TypedDict, Unpack

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests.values import present


@dataclass
class Sink:
    """Keeps what it took; `answers` are given, one a message, before "250 OK"."""

    messages: list[EmailMessage] = field(default_factory=list)
    # the envelopes' senders of what was kept
    senders: list[str] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    refuses: dict[str, str] = field(default_factory=dict)
    port: int = 0
    # called with each message before it is answered
    on_message: Callable[[EmailMessage], None] = lambda _message: None

    async def handle_RCPT(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: object
    ) -> str:
        if address in self.refuses:
            return self.refuses[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, _session: object, envelope: Envelope) -> str:  # noqa: N802
        content = envelope.content
        assert isinstance(content, bytes)
        message = message_from_bytes(content, policy=policy.default)
        answer = self.answers.pop(0) if self.answers else "250 OK"
        if answer == "hang up":
            assert isinstance(server.transport, asyncio.Transport)
            server.transport.abort()
            return "421 gone"
        if answer == "hang":
            await asyncio.sleep(3)
            return "250 too late"
        self.on_message(message)
        if answer.startswith("250"):
            self.messages.append(message)
            self.senders.append(present(envelope.mail_from))
        return answer

    @property
    def keys(self) -> list[str]:
        """The Message-IDs, in the order they came."""
        return [message["Message-ID"] for message in self.messages]


class Door:
    """Lets one name and password in."""

    def __call__(
        self,
        _server: object,
        _session: object,
        _envelope: object,
        _mechanism: object,
        data: object,
    ) -> AuthResult:
        good = data == LoginPassword(b"post", b"quiet harbour")
        return AuthResult(success=good, handled=good)


class ServerOptions(TypedDict, total=False):
    """How the server encrypts and whom it lets in."""

    ssl_context: ssl.SSLContext
    tls_context: ssl.SSLContext
    require_starttls: bool
    authenticator: Door
    auth_required: bool
    auth_require_tls: bool


@contextmanager
def sink(
    monkeypatch: pytest.MonkeyPatch | None = None, **options: Unpack[ServerOptions]
) -> Iterator[Sink]:
    """Start a server on a free port; with `monkeypatch` the application sends to it."""
    kept = Sink(port=free_port())
    controller = Controller(kept, hostname="127.0.0.1", port=kept.port, **options)
    controller.start()
    if monkeypatch is not None:
        for name, value in {
            "EMAIL_BACKEND": "smtp",
            "EMAIL_HOST": "127.0.0.1",
            "EMAIL_PORT": str(kept.port),
            "EMAIL_USE_TLS": "false",
            "EMAIL_FROM": "Harbour Friends <post@harbour.example>",
        }.items():
            monkeypatch.setenv(name, value)
    try:
        yield kept
    finally:
        controller.stop()


def free_port() -> int:
    """Find a port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def own_certificate(address: str) -> bytes:
    """Make a key and a certificate for an IP address, signed by itself (PEM)."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, address)])
    now = datetime.now(UTC)
    names = x509.SubjectAlternativeName([x509.IPAddress(ip_address(address))])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(names, critical=False)
        .sign(key, hashes.SHA256())
    )
    return made.public_bytes(Encoding.PEM) + key.private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )
