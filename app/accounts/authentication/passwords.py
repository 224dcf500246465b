"""Password hashing (argon2id) and password strength."""

from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from app.kit import text
from app.kit.errors import InvalidError

MIN_LENGTH, MAX_LENGTH = 12, 128
MIN_SCORE = 3
# 19 MiB, two passes, one lane; at most two hashes at once, so that many sign-ins at the same time
# cannot exhaust the memory.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_HASH_SLOTS = BoundedSemaphore(2)


def hash_password(password: str) -> str:
    """Return the argon2id hash of a password."""
    with _HASH_SLOTS:
        return _HASHER.hash(password.strip())


# Verified for unknown users, so that their response time does not differ: the hash of a public
# text with the parameters above. To compute it would take a tenth of a second at each start.
DUMMY_HASH = (
    "$argon2id$v=19$m=19456,t=2,p=1$"
    "ZG9ub3Jjcm06IG5vIG9uZQ$/II99r2PiKKdMQWr8m0f4PzPCFTflSDa9CacoanqTB8"
)


def verify_password(password: str, stored_hash: str | None) -> bool:
    """Return whether the password matches the hash; without a hash it takes as long."""
    try:
        with _HASH_SLOTS:
            encoded = password.strip().encode(errors="surrogatepass")
            matches = _HASHER.verify(stored_hash or DUMMY_HASH, encoded)
    except (Argon2Error, InvalidHashError):
        return False
    return matches and stored_hash is not None


def needs_rehash(stored_hash: str) -> bool:
    """Return whether the hash was made with other parameters than the current ones."""
    return _HASHER.check_needs_rehash(stored_hash)


def require_strong_password(password: str, *, name: str = "", email: str = "") -> None:
    """Raise if a password is too short, too long or too easy to guess.

    Raises:
        InvalidError: the password is too weak; the message says why, and what would help.
    """
    from zxcvbn import zxcvbn  # noqa: PLC0415 - slow to import: it reads lists of passwords

    password = text.storable(password.strip(), "The password")
    if not MIN_LENGTH <= len(password) <= MAX_LENGTH:
        msg = (
            f"A password has {MIN_LENGTH} to {MAX_LENGTH} characters. A short sentence works well."
        )
        raise InvalidError(msg)
    personal_words = [
        word for word in (*name.split(), email, email.partition("@")[0], "donorcrm") if word
    ]
    if (
        password.isdigit()
        or zxcvbn(password[:72], user_inputs=personal_words)["score"] < MIN_SCORE
    ):
        msg = "This password is easy to guess. Use four or more unrelated words."
        raise InvalidError(msg)
