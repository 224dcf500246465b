"""Job every few seconds: send the waiting messages.

This job needs no slot and no queue: a message is claimed in the outbox itself, so any number of
senders share the work. A run every five seconds would also hide all other runs in the list; one
run per hour is stored with the number of messages sent.
"""

from datetime import datetime
from time import monotonic

from app import mail
from app.db import job_runs, transaction_for_system
from app.kit.formatting import count

NAME = "send_mail"
EVERY_SECONDS = 5


NOTHING = mail.Sent()


def run(now: datetime) -> str:
    """Send until no message is due, and return the counts as a sentence."""
    sent, later, refused = 0, 0, 0
    while (done := mail.send_waiting(now=now)) != NOTHING:
        sent, later, refused = sent + done.sent, later + done.later, refused + done.refused
    return sentence(sent, later, refused)


def run_and_note(now: datetime) -> None:
    """Send the waiting messages; if there were any, update the stored run of this hour."""
    begun = monotonic()
    if run(now) == sentence(0, 0, 0):
        return
    seconds = monotonic() - begun
    hour = now.replace(minute=0, second=0, microsecond=0)
    with transaction_for_system() as db:
        # counted in the outbox, so that the numbers cover all senders
        result = sentence(*mail.counts(db, since=hour))
        job_runs.note(db, job=NAME, slot=hour, result=result, seconds=seconds)


def sentence(sent: int, later: int, refused: int) -> str:
    """Return the counts of sent, delayed and refused messages as a sentence."""
    text = f"{count(sent, 'message')} sent"
    if later:
        text += f", {later:,} waiting for another try"
    if refused:
        text += f", {refused:,} refused"
    return f"{text}."
