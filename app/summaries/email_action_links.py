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
        found = alerts.open_for(db, actor, today=today) if now else []
        self._late = {one.pledge_id: one for one in found if one.pledge_id is not None}
        self._at_risk = {one.donor_id: one for one in found if one.kind == "at_risk"}

    def about(self, one: pledges.LatePledge | donors.AtRisk) -> tuple[Action, ...]:
        """Return the action links for a late pledge or a donor at risk."""
        if isinstance(one, pledges.LatePledge):
            alert, offered = self._late.get(one.pledge_id), mail.ABOUT_LATE
        else:
            alert, offered = self._at_risk.get(one.donor_id), mail.ABOUT_AT_RISK
        return self._links(one.owner_id, offered, alert.alert_id if alert else None)

    def thanks(self, one: gifts.ThankYou) -> tuple[Action, ...]:
        """Return the link that marks a gift as thanked."""
        return self._links(one.owner_id, ("thanked",), one.gift_id)

    def _links(
        self, owner_id: int | None, offered: tuple[str, ...], about: int | None
    ) -> tuple[Action, ...]:
        actor, now = self._actor, self._now
        mine = actor.role == Role.ADMIN or owner_id == actor.user_id
        version = self._version
        if now is None or version is None or about is None:
            return ()
        if not mine or actor.role not in DOERS:
            return ()
        return mail.link_actions(actor.user_id, offered, about, access_version=version, now=now)
