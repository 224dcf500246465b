"""Mails about suspicious sign-ins: a new device, a copied session cookie."""

from datetime import datetime
from zoneinfo import ZoneInfo

from app import mail
from app.accounts.authorization import Actor
from app.accounts.organisation import actor_by_id, organisation
from app.accounts.queries import sessions as queries
from app.accounts.queries import users as queries_people
from app.db import Session
from app.kit import formatting
from app.kit.user_agents import describe_device
from app.settings import settings


def alert_new_device(
    db: Session, *, user_id: int, session_id: str, address: str, user_agent: str, now: datetime
) -> bool:
    """Store the device of a new session; queue a mail unless it is known or the account's first.

    A device is the browser and system of the user agent ("Firefox on Windows"): a new version of
    the same browser is not a new device. Return whether a mail was queued.
    """
    device = describe_device(user_agent)
    known_devices = queries.devices_of_user(db, user_id)
    queries.record_device(db, user_id, device, now=now)
    if not known_devices or device in known_devices:
        return False
    actor = actor_by_id(db, user_id)
    new_sign_in_mail = mail.NewSignInMail(
        subject=f"{device} signed in to your account",
        device=device,
        address=address,
        when=_local_time_text(actor, now),
        **_common_fields(db, actor),
    )
    return mail.new_sign_in(
        db,
        key=f"device:{session_id}",
        to=actor.email,
        user_id=user_id,
        mail=new_sign_in_mail,
        now=now,
    )


def alert_copied_cookie(db: Session, *, user_id: int, session_id: str, now: datetime) -> bool:
    """Queue a mail to the user whose session was ended because a copy of its cookie was used.

    Return whether it is new; False without an active user or session.
    """
    actor = queries_people.actor(db, user_id=user_id)
    row = queries.session_row(db, session_id)
    if actor is None or row is None:
        return False
    copied_sign_in_mail = mail.CopiedSignInMail(
        subject="A copy of your sign-in was used, and was ended",
        device=describe_device(row.user_agent or ""),
        since=_local_time_text(actor, row.created_at),
        when=_local_time_text(actor, now),
        **_common_fields(db, actor),
    )
    return mail.copied_sign_in(
        db,
        key=f"copied:{session_id}",
        to=actor.email,
        user_id=user_id,
        mail=copied_sign_in_mail,
        now=now,
    )


def _common_fields(db: Session, actor: Actor) -> dict[str, str]:
    return {
        "name": actor.name.split()[0] if actor.name else "",
        "organisation": organisation(db).name,
        "link": f"{settings().public_url}/settings",
    }


def _local_time_text(actor: Actor, moment: datetime) -> str:
    local = moment.astimezone(ZoneInfo(actor.time_zone))
    return f"on {formatting.moment(local, today=local.date(), locale=actor.locale)}"
