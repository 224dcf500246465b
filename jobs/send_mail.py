"""Every few seconds: the messages that wait are sent.

This line needs no slot and no queue: a message is claimed in the outbox itself, so any number of
senders share the work. A slot every five seconds would also bury every other run; one line an
hour says how many left.
"""

from datetime import datetime

from app import mail
from app.db import job_runs, transaction_for_system
from app.kit.formatting import count

NAME = "send_mail"
EVERY_SECONDS = 5


NOTHING = mail.Sent()


def run(now: datetime) -> str:
    """Send until nothing is due any more, and say how it went."""
    sent, later, refused = 0, 0, 0
    while (done := mail.send_waiting(now=now)) != NOTHING:
        sent, later, refused = sent + done.sent, later + done.later, refused + done.refused
    return sentence(sent, later, refused)


def run_and_note(now: datetime) -> None:
    """Send what waits; when anything did, renew this hour's line in the record of runs."""
    if run(now) == sentence(0, 0, 0):
        return
    hour = now.replace(minute=0, second=0, microsecond=0)
    with transaction_for_system() as db:
        # counted in the outbox, so that it holds for all senders together
        job_runs.note(db, job=NAME, slot=hour, result=sentence(*mail.counts(db, since=hour)))


def sentence(sent: int, later: int, refused: int) -> str:
    """Say what became of messages."""
    words = f"{count(sent, 'message')} sent"
    if later:
        words += f", {later:,} waiting for another try"
    if refused:
        words += f", {refused:,} refused"
    return f"{words}."
