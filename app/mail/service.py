"""Queue each kind of mail, one function per kind, in the transaction of its cause."""

from datetime import datetime

from app.db import Session
from app.mail import outbox
from app.mail.template_context import (
    AtRiskMail,
    CopiedSignInMail,
    DrillMail,
    ExportMail,
    ImportMail,
    InvitationMail,
    LateMail,
    NewSignInMail,
    NoticeMail,
    PasskeyMail,
    PasswordMail,
    WeeklyMail,
)


def weekly_summary(
    db: Session, *, key: str, to: str, user_id: int, mail: WeeklyMail, now: datetime
) -> bool:
    """Queue the weekly summary once per `key`; return whether it is new."""
    return outbox.queue(
        db, key=key, name="weekly_summary", to=to, user_id=user_id, mail=mail, now=now
    )


def late_pledge_alert(
    db: Session,
    *,
    key: str,
    to: str,
    user_id: int,
    mail: LateMail,
    now: datetime,
    after: datetime | None = None,
) -> bool:
    """Queue the mail about one late pledge once per `key`; return whether it is new.

    It is sent no earlier than `after`.
    """
    return outbox.queue(
        db,
        key=key,
        name="late_pledge_alert",
        to=to,
        user_id=user_id,
        mail=mail,
        now=now,
        after=after,
    )


def at_risk_donors_alert(
    db: Session,
    *,
    key: str,
    to: str,
    user_id: int,
    mail: AtRiskMail,
    now: datetime,
    after: datetime | None = None,
) -> bool:
    """Queue the mail about all donors newly at risk once per `key`; return whether it is new.

    It is sent no earlier than `after`.
    """
    return outbox.queue(
        db,
        key=key,
        name="at_risk_donors_alert",
        to=to,
        user_id=user_id,
        mail=mail,
        now=now,
        after=after,
    )


def password_reset(
    db: Session, *, user_id: int, name: str, to: str, link: str, now: datetime
) -> bool:
    """Queue the mail with the password reset link."""
    mail = PasswordMail(
        subject="Your new DonorCRM password", name=name, organisation="DonorCRM", link=link
    )
    key = f"reset:{user_id}:{now.isoformat()}"
    return outbox.queue(
        db, key=key, name="password_reset", to=to, user_id=user_id, mail=mail, now=now
    )


def import_finished(
    db: Session, *, key: str, to: str, user_id: int, mail: ImportMail, now: datetime
) -> bool:
    """Queue the mail that a big import has ended, once per `key`; return whether it is new."""
    return outbox.queue(
        db, key=key, name="import_finished", to=to, user_id=user_id, mail=mail, now=now
    )


def export_ready(
    db: Session, *, key: str, to: str, user_id: int, mail: ExportMail, now: datetime
) -> bool:
    """Queue the mail with a scheduled export's link once per `key`; return whether it is new."""
    return outbox.queue(
        db, key=key, name="export_ready", to=to, user_id=user_id, mail=mail, now=now
    )


def new_sign_in(
    db: Session, *, key: str, to: str, user_id: int, mail: NewSignInMail, now: datetime
) -> bool:
    """Queue the mail that a new device has signed in, once per `key`; return whether it is new."""
    return outbox.queue(
        db, key=key, name="new_sign_in", to=to, user_id=user_id, mail=mail, now=now
    )


def copied_sign_in(
    db: Session, *, key: str, to: str, user_id: int, mail: CopiedSignInMail, now: datetime
) -> bool:
    """Queue the mail that a copied session was ended, once per `key`; return whether it is new."""
    return outbox.queue(
        db, key=key, name="copied_sign_in", to=to, user_id=user_id, mail=mail, now=now
    )


def backup_drill_failed(
    db: Session, *, key: str, to: str, user_id: int, mail: DrillMail, now: datetime
) -> bool:
    """Queue the mail that a restore drill has failed, once per `key`; return whether it is new."""
    return outbox.queue(
        db, key=key, name="backup_drill_failed", to=to, user_id=user_id, mail=mail, now=now
    )


def passkey_changed(
    db: Session, *, key: str, to: str, user_id: int, mail: PasskeyMail, now: datetime
) -> bool:
    """Queue the mail about a new or removed passkey once per `key`; return whether it is new."""
    return outbox.queue(
        db, key=key, name="passkey_changed", to=to, user_id=user_id, mail=mail, now=now
    )


def admin_notice(
    db: Session, *, key: str, to: str, user_id: int, mail: NoticeMail, now: datetime
) -> None:
    """Queue a notice to an administrator, whatever the actor's role; the key must be new."""
    outbox.queue_unreadable(
        db, key=key, name="admin_notice", to=to, user_id=user_id, mail=mail, now=now
    )


def invitation(
    db: Session,
    *,
    user_id: int,
    by_id: int,
    name: str,
    to: str,
    inviter: str,
    organisation: str,
    link: str,
    now: datetime,
) -> bool:
    """Queue the invitation mail; its row in the outbox belongs to the inviter (`by_id`)."""
    mail = InvitationMail(
        subject=f"{inviter} invites you to DonorCRM",
        name=name,
        inviter=inviter,
        organisation=organisation,
        link=link,
    )
    key = f"invitation:{user_id}:{now.isoformat()}"
    return outbox.queue(db, key=key, name="invitation", to=to, user_id=by_id, mail=mail, now=now)
