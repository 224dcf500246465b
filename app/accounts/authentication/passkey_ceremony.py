"""WebAuthn ceremonies: options for the browser, and verification of its responses.

The relying party is the host of PUBLIC_URL, and only that origin is accepted. This module does not
access the database.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from fido2 import cbor
from fido2.cose import CoseKey
from fido2.server import Fido2Server
from fido2.utils import websafe_encode
from fido2.webauthn import (
    Aaguid,
    AttestedCredentialData,
    AuthenticationResponse,
    AuthenticatorTransport,
    CollectedClientData,
    PublicKeyCredentialDescriptor,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialType,
    PublicKeyCredentialUserEntity,
    RegistrationResponse,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from app.settings import settings

log = logging.getLogger(__name__)

DEFAULT_PORTS = {"http": 80, "https": 443}
REQUIRED = UserVerificationRequirement.REQUIRED
TIMEOUT_MS = 120_000
# the label of a COSE key's algorithm (RFC 9052)
COSE_ALGORITHM = 3


@dataclass(frozen=True, slots=True)
class Registration:
    """A new credential of a device, verified."""

    credential_id: bytes
    public_key: bytes
    sign_count: int
    transports: list[str]
    backed_up: bool


@dataclass(frozen=True, slots=True)
class Assertion:
    """A device's response at a sign-in, not verified yet."""

    credential_id: bytes
    challenge: str
    sign_count: int
    backed_up: bool
    user_handle: bytes | None
    response: AuthenticationResponse


def origin() -> str:
    """Return the only origin from which responses are accepted, as browsers write it."""
    url = urlsplit(settings().public_url.lower())
    port = "" if url.port in {None, DEFAULT_PORTS.get(url.scheme)} else f":{url.port}"
    return f"{url.scheme}://{url.hostname}{port}"


def available() -> bool:
    """Return whether browsers offer passkeys at PUBLIC_URL: https and a name, or localhost."""
    url = urlsplit(settings().public_url.lower())
    host = url.hostname or ""
    try:
        ip_address(host)
    except ValueError:
        is_localhost = host == "localhost" or host.endswith(".localhost")
        return bool(host) and (url.scheme == "https" or is_localhost)
    return False


def user_handle(user_id: int) -> bytes:
    """Return the user handle that devices store: the account's id without personal data."""
    return user_id.to_bytes(8, "big")


def base64url(challenge: bytes) -> str:
    """Encode a challenge as browsers send it back: base64url without padding."""
    return str(websafe_encode(challenge))


def creation_options(
    *, user_id: int, email: str, name: str, challenge: bytes, existing: Sequence[bytes]
) -> dict[str, Any]:
    """Return the options of `navigator.credentials.create` without `existing` credentials."""
    options, _ = _server().register_begin(
        PublicKeyCredentialUserEntity(id=user_handle(user_id), name=email, display_name=name),
        credentials=[
            PublicKeyCredentialDescriptor(
                type=PublicKeyCredentialType.PUBLIC_KEY, id=credential_id
            )
            for credential_id in existing
        ],
        resident_key_requirement=ResidentKeyRequirement.REQUIRED,
        user_verification=REQUIRED,
        challenge=challenge,
    )
    return dict(options.public_key) | {"timeout": TIMEOUT_MS}


def request_options(challenge: bytes) -> dict[str, Any]:
    """Return the options of `navigator.credentials.get`: any passkey for this host."""
    options, _ = _server().authenticate_begin(user_verification=REQUIRED, challenge=challenge)
    return dict(options.public_key) | {"timeout": TIMEOUT_MS}


def challenge_of(response: object) -> str | None:
    """Return the challenge that a new credential signs, or None when it cannot be parsed."""
    try:
        registration = RegistrationResponse.from_dict(_require_mapping(response))
        return base64url(registration.response.client_data.challenge)
    except Exception as error:  # noqa: BLE001 - whatever the parser makes of foreign bytes
        _log_refusal(error)
        return None


def parse_registration(response: object, *, challenge: str) -> Registration | None:
    """Verify a new credential and return it, or None when anything about it is invalid."""
    try:
        fields = _require_mapping(response)
        registration = RegistrationResponse.from_dict(fields)
        _require_same_origin(registration.response.client_data)
        data = _server().register_complete(_state(challenge), registration)
        credential = data.credential_data
        if credential is None or credential.credential_id != registration.raw_id:
            return None
        if credential.public_key.get(COSE_ALGORITHM) not in CoseKey.supported_algorithms():
            return None
        return Registration(
            credential.credential_id,
            cbor.encode(credential.public_key),
            data.counter,
            _transports(fields),
            data.is_backed_up(),
        )
    except Exception as error:  # noqa: BLE001 - as above
        _log_refusal(error)
        return None


def parse_assertion(response: object) -> Assertion | None:
    """Parse the response of a sign-in without verifying it, or return None if that fails."""
    try:
        authentication = AuthenticationResponse.from_dict(_require_mapping(response))
        assertion = authentication.response
        return Assertion(
            authentication.raw_id,
            base64url(assertion.client_data.challenge),
            assertion.authenticator_data.counter,
            assertion.authenticator_data.is_backed_up(),
            assertion.user_handle,
            authentication,
        )
    except Exception as error:  # noqa: BLE001 - as above
        _log_refusal(error)
        return None


def verify_assertion(assertion: Assertion, *, user_id: int, public_key: bytes) -> bool:
    """Return whether the device signed the challenge for this origin and verified its user."""
    try:
        _require_same_origin(assertion.response.response.client_data)
        key = CoseKey.parse(_require_mapping(cbor.decode(public_key)))
        credential = AttestedCredentialData.create(Aaguid.NONE, assertion.credential_id, key)
        _server().authenticate_complete(
            _state(assertion.challenge), [credential], assertion.response
        )
    except Exception as error:  # noqa: BLE001 - as above
        _log_refusal(error)
        return False
    return assertion.user_handle == user_handle(user_id)


def _server() -> Fido2Server:
    party = PublicKeyCredentialRpEntity(name="DonorCRM", id=urlsplit(origin()).hostname)
    own_origin = origin()
    return Fido2Server(party, verify_origin=lambda response_origin: response_origin == own_origin)


def _state(challenge: str) -> dict[str, Any]:
    return {"challenge": challenge, "user_verification": REQUIRED}


def _require_mapping(value: object) -> Mapping[Any, Any]:
    if not isinstance(value, Mapping):
        msg = "not a mapping"
        raise TypeError(msg)
    return value


def _require_same_origin(data: CollectedClientData) -> None:
    if data.cross_origin:
        msg = "asked for inside another site's page"
        raise ValueError(msg)


def _transports(fields: Mapping[str, Any]) -> list[str]:
    transports = fields["response"].get("transports")
    known_transports = [str(transport) for transport in AuthenticatorTransport]
    return [
        transport
        for transport in known_transports
        if isinstance(transports, list) and transport in transports
    ]


def _log_refusal(error: Exception) -> None:
    log.info("passkey answer refused: %s", type(error).__name__)
