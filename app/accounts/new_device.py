"""A mail to whoever signs in with a device that was not seen before, in case it was not them."""

from datetime import datetime
from zoneinfo import ZoneInfo

from app import mail
from app.accounts import queries_sessions as queries
from app.accounts.organisation import actor_by_id, organisation
from app.db import Session
from app.kit import words
from app.kit.devices import spelled
from app.settings import settings


def note_device(
    db: Session, *, user_id: int, session_id: str, address: str, user_agent: str, now: datetime
) -> bool:
    """Remember the device of a new session; queue a mail unless it is known, or the first ever.

    A device is what its browser says of itself ("Firefox on Windows"): a new version of the same
    browser is no new device.
    """
    device = spelled(user_agent)
    known = queries.devices_of(db, user_id)
    queries.see_device(db, user_id, device, at=now)
    if not known or device in known:
        return False
    actor = actor_by_id(db, user_id)
    local = now.astimezone(ZoneInfo(actor.time_zone))
    letter = mail.NewSignInMail(
        subject=f"{device} signed in to your account",
        name=actor.name.split()[0] if actor.name else "",
        organisation=organisation(db).name,
        device=device,
        address=address,
        when=f"on {words.day(local.date(), today=local.date())} at {local:%H:%M}",
        link=f"{settings().public_url}/settings",
    )
    return mail.new_sign_in(
        db, key=f"device:{session_id}", to=actor.email, user_id=user_id, mail=letter, now=now
    )
