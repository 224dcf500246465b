"""A forgotten password asked for on the sign-in screen: the mail, if somebody has the address."""

from app import accounts
from app.db import transaction_for_system
from jobs import clock

NAME = accounts.RESET_TASK


def send(email: str) -> None:
    """Mail a link to a new password, if the address is somebody's."""
    with transaction_for_system() as db:
        accounts.send_link(db, email=email, now=clock.now())
