"""A software authenticator: makes passkeys (ES256) and signs in with them, or does it wrong."""

import hashlib
import json
import os
import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from typing import Any, TypedDict, Unpack

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2 import cbor
from fido2.cose import ES256

PRESENT, VERIFIED, SYNCHRONISED, ATTESTED = 0x01, 0x04, 0x18, 0x40


def spelled(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def read(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


# the options of a ceremony, as the browser gets them in JSON
Options = dict[str, Any]
# its methods have no types
COSE: Any = ES256


class Forgery(TypedDict, total=False):
    """What a device says instead of the truth."""

    public_key: dict[int, int]
    flags: int
    rp_id: str
    count: int
    type: str
    challenge: str
    origin: str
    cross_origin: bool
    flip: bool
    handle: bytes | None


@dataclass
class Authenticator:
    """One device with one credential; `wrong` arguments change what it says."""

    origin: str
    rp_id: str
    counts: bool = True
    count: int = 0
    credential_id: bytes = field(default_factory=lambda: os.urandom(32))
    handle: bytes = b""
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )

    def create(self, options: Options, **wrong: Unpack[Forgery]) -> dict[str, object]:
        """Answer `navigator.credentials.create` as a browser spells it."""
        self.handle = read(options["user"]["id"])
        public = cbor.encode(
            wrong.get("public_key", COSE.from_cryptography_key(self.key.public_key()))
        )
        attested = bytes(16) + struct.pack(">H", len(self.credential_id)) + self.credential_id
        data = self._data(ATTESTED, attested + public, **wrong)
        attestation = cbor.encode({"fmt": "none", "attStmt": {}, "authData": data})
        return self._credential(
            clientDataJSON=self._client("webauthn.create", options, **wrong),
            attestationObject=attestation,
            transports=["internal", "hybrid", "x"],
        )

    def get(self, options: Options, **wrong: Unpack[Forgery]) -> dict[str, object]:
        """Answer `navigator.credentials.get` as a browser spells it."""
        if self.counts:
            self.count += 1
        data = self._data(0, b"", **wrong)
        client = self._client("webauthn.get", options, **wrong)
        signed = data + hashlib.sha256(client).digest()
        signature = self.key.sign(signed, ec.ECDSA(hashes.SHA256()))
        if wrong.get("flip"):
            signature = signature[:-1] + bytes([signature[-1] ^ 1])
        return self._credential(
            clientDataJSON=client,
            authenticatorData=data,
            signature=signature,
            userHandle=wrong.get("handle", self.handle),
        )

    def _data(self, more: int, rest: bytes, **wrong: Unpack[Forgery]) -> bytes:
        flags = more | wrong.get("flags", PRESENT | VERIFIED | SYNCHRONISED)
        rp_id = hashlib.sha256(wrong.get("rp_id", self.rp_id).encode()).digest()
        return rp_id + struct.pack(">BI", flags, wrong.get("count", self.count)) + rest

    def _client(self, kind: str, options: Options, **wrong: Unpack[Forgery]) -> bytes:
        said = {
            "type": wrong.get("type", kind),
            "challenge": wrong.get("challenge", options["challenge"]),
            "origin": wrong.get("origin", self.origin),
            "crossOrigin": wrong.get("cross_origin", False),
        }
        return json.dumps(said).encode()

    def _credential(self, **response: object) -> dict[str, object]:
        written = {
            name: spelled(value) if isinstance(value, bytes) else value
            for name, value in response.items()
        }
        own = spelled(self.credential_id)
        return {
            "id": own,
            "rawId": own,
            "type": "public-key",
            "response": written,
            "clientExtensionResults": {},
        }
