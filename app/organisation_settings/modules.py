"""The optional modules that an organisation switches on or off."""

from app import accounts
from app.accounts.organisation import MODULES as MODULES  # noqa: PLC0414 - offered again
from app.db import Session
from app.kit.errors import NotFoundError


def require_module(db: Session, name: str) -> None:
    """Raise unless an optional module is switched on.

    What was recorded while it was on stays, and is there again when it is switched on again.

    Args:
        db: the session.
        name: a name in `MODULES`.

    Raises:
        NotFoundError: it is switched off; the message says where to switch it on.
    """
    if name not in accounts.organisation(db).modules:
        msg = (
            f"The module “{MODULES[name]}” is switched off. An administrator switches it on "
            "on the page Organisation."
        )
        raise NotFoundError(msg)
