"""The action links of a weekly e-mail, by recipient."""

from datetime import date, datetime

from app import alerts, donors, gifts, mail, pledges
from app.accounts import DOERS, Actor, Role, access_version
from app.db import Session
from app.mail import Action


class ActionLinks:
    """Creates the action links of a line, for recipients who may act on it."""

    def __init__(self, db: Session, actor: Actor, today: date, now: datetime | None) -> None:
        self._actor, self._now = actor, now
        self._version = access_version(db, actor.user_id) if now else None
        open_alerts = alerts.open_for(db, actor, today=today) if now else []
        self._late = {
            alert.pledge_id: alert for alert in open_alerts if alert.pledge_id is not None
        }
        self._at_risk = {alert.donor_id: alert for alert in open_alerts if alert.kind == "at_risk"}

    def about(self, line: pledges.LatePledge | donors.AtRisk) -> tuple[Action, ...]:
        """Return the action links for a late pledge or a donor at risk."""
        if isinstance(line, pledges.LatePledge):
            alert, actions = self._late.get(line.pledge_id), mail.ABOUT_LATE
        else:
            alert, actions = self._at_risk.get(line.donor_id), mail.ABOUT_AT_RISK
        return self._links(line.owner_id, actions, alert.alert_id if alert else None)

    def thanks(self, gift: gifts.ThankYou) -> tuple[Action, ...]:
        """Return the link that marks a gift as thanked."""
        return self._links(gift.owner_id, ("thanked",), gift.gift_id)

    def _links(
        self, owner_id: int | None, actions: tuple[str, ...], subject_id: int | None
    ) -> tuple[Action, ...]:
        actor, now = self._actor, self._now
        is_own = actor.role == Role.ADMIN or owner_id == actor.user_id
        version = self._version
        if now is None or version is None or subject_id is None:
            return ()
        if not is_own or actor.role not in DOERS:
            return ()
        return mail.link_actions(
            actor.user_id, actions, subject_id, access_version=version, now=now
        )
