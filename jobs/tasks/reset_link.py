"""Task that mails a password reset link requested on the sign-in screen."""

from app import accounts
from app.db import transaction_for_system
from jobs import clock

NAME = accounts.RESET_TASK


def send(email: str) -> None:
    """Mail a password reset link if an account has this address."""
    with transaction_for_system() as db:
        accounts.send_reset_link(db, email=email, now=clock.now())
