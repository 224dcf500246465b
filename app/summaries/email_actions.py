"""Action links of a weekly e-mail: thanked, called, remind me later, not late; each works once.

A link is signed for one user, one action and one object; opening it changes nothing. It expires
after two weeks, or earlier when the user's password, role or account changes. Its action runs as
that user, through the same functions as on the screens.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from app import alerts, gifts, mail
from app.accounts import Actor, access_version, actor_by_id
from app.db import Session
from app.db.security.entering import set_system_identity
from app.kit import formatting
from app.kit.errors import ConflictError, NotFoundError
from app.settings import settings
from app.summaries import queries

RETENTION = timedelta(days=60)
SNOOZE = timedelta(days=7)
INVALID_LINK = "This link is no longer good. Open DonorCRM to see what needs you."
ALREADY_USED = "This was done already. Nothing was changed again."
SETTLED = "This is settled already. Nothing needs to be done."


@dataclass(frozen=True, slots=True)
class EmailAction:
    """An opened link: the question it asks, and the label of its button."""

    question: str
    button: str


@dataclass(frozen=True, slots=True)
class ActionResult:
    """The result of an action, and the path of a link that undoes it ("" if none does)."""

    sentence: str
    undo: str


@dataclass(frozen=True, slots=True)
class _Kind:
    """One kind of action: its question, its button, and the function that performs it."""

    ask: Callable[[Session, Actor, int, date], str]
    button: str
    perform: Callable[[Session, Actor, int, date, datetime], str]
    # the kind of action that undoes it
    undo: str = ""


def preview_action(db: Session, token: str, *, now: datetime) -> EmailAction:
    """Return the question of a link without changing anything.

    Raises:
        NotFoundError: the link is not valid, has expired, or ended with a change of the user's
            password, role or account.
        ConflictError: it was used, or its object is settled.
    """
    claims, actor, today = _verify_link(db, token, now)
    if queries.is_used(db, claims.token_id):
        raise ConflictError(ALREADY_USED)
    kind = ACTIONS[claims.action]
    return EmailAction(kind.ask(db, actor, claims.about, today), kind.button)


def perform_action(db: Session, token: str, *, now: datetime) -> ActionResult:
    """Perform the action of a link, once, as its user.

    Raises:
        NotFoundError, ConflictError: as for `preview_action`.
        NotAllowedError: the user may not perform it any more.
    """
    claims, actor, today = _verify_link(db, token, now)
    if not queries.mark_used(db, claims.token_id, user_id=claims.user_id, used_at=now):
        raise ConflictError(ALREADY_USED)
    kind = ACTIONS[claims.action]
    sentence = kind.perform(db, actor, claims.about, today, now)
    undo_link = kind.undo and mail.action_link(
        claims.user_id, kind.undo, claims.about, access_version=claims.access_version, now=now
    )
    return ActionResult(sentence, undo_link.removeprefix(settings().public_url))


def purge_actions(db: Session, *, now: datetime) -> int:
    """Delete the records of used links 60 days after use; return how many."""
    return queries.purge_used(db, before=now - RETENTION)


def _verify_link(db: Session, token: str, now: datetime) -> tuple[mail.ActionClaims, Actor, date]:
    claims = mail.read_action_token(token, now=now)
    if claims is None:
        raise NotFoundError(INVALID_LINK)
    try:
        actor = actor_by_id(db, claims.user_id)
    except NotFoundError as error:
        raise NotFoundError(INVALID_LINK) from error
    if access_version(db, claims.user_id) != claims.access_version:
        raise NotFoundError(INVALID_LINK)
    set_system_identity(db, actor)
    return claims, actor, now.astimezone(ZoneInfo(actor.time_zone)).date()


def _ask_thanked(db: Session, actor: Actor, gift_id: int, today: date) -> str:
    gift = gifts.get(db, actor, gift_id)
    gift_day = formatting.day(gift.on, today=today, locale=actor.locale)
    return f"Have you thanked {gift.donor_name} for the gift of {gift_day}?"


def _do_thank(db: Session, actor: Actor, gift_id: int, today: date, now: datetime) -> str:
    del today
    name = gifts.get(db, actor, gift_id).donor_name
    if not gifts.thank(db, actor, gift_id=gift_id, how=None, now=now):
        raise ConflictError(SETTLED)
    return f"{name} is marked as thanked."


def _open_alert(db: Session, actor: Actor, alert_id: int, today: date) -> alerts.OpenAlert:
    for alert in alerts.open_for(db, actor, today=today):
        if alert.alert_id == alert_id:
            return alert
    raise ConflictError(SETTLED)


def _ask_about_donor(question: str) -> Callable[[Session, Actor, int, date], str]:
    def ask(db: Session, actor: Actor, alert_id: int, today: date) -> str:
        return question.format(name=_open_alert(db, actor, alert_id, today).donor_name)

    return ask


def _do_log_call(db: Session, actor: Actor, alert_id: int, today: date, now: datetime) -> str:
    alert = _open_alert(db, actor, alert_id, today)
    alerts.log_call(db, actor, alert_id=alert_id, today=today, now=now)
    return alerts.call_logged_message(alert.donor_name)


def _do_snooze(db: Session, actor: Actor, alert_id: int, today: date, now: datetime) -> str:
    alert = _open_alert(db, actor, alert_id, today)
    alerts.snooze(db, actor, alert_id=alert_id, until=today + SNOOZE, today=today, now=now)
    return f"You will be reminded of {alert.donor_name} in a week."


def _do_dismiss(db: Session, actor: Actor, alert_id: int, today: date, now: datetime) -> str:
    alert = _open_alert(db, actor, alert_id, today)
    alerts.dismiss(
        db, actor, alert_id=alert_id, reason="Not late, they told me", today=today, now=now
    )
    return f"{alert.donor_name} is not late. The missed instalments are excused."


def _ask_unthank(db: Session, actor: Actor, gift_id: int, today: date) -> str:
    del today
    return f"Put {gifts.get(db, actor, gift_id).donor_name} back among those to thank?"


def _do_unthank(db: Session, actor: Actor, gift_id: int, today: date, now: datetime) -> str:
    del today, now
    name = gifts.get(db, actor, gift_id).donor_name
    if not gifts.unthank(db, actor, gift_id=gift_id):
        raise ConflictError(SETTLED)
    return f"{name} is to be thanked again."


def _ask_undo(db: Session, actor: Actor, alert_id: int, today: date) -> str:
    del db, actor, alert_id, today
    return "Take back what was done, and put the line back on your list?"


def _do_undo(db: Session, actor: Actor, alert_id: int, today: date, now: datetime) -> str:
    del now
    alerts.undo(db, actor, alert_id=alert_id, today=today)
    return f"{_open_alert(db, actor, alert_id, today).donor_name} is on your list again."


ACTIONS: Mapping[str, _Kind] = {
    "thanked": _Kind(_ask_thanked, "Yes, thanked", _do_thank, "unthank"),
    "called": _Kind(
        _ask_about_donor("Have you called {name}?"), "Yes, I called", _do_log_call, "undo"
    ),
    "snooze": _Kind(
        _ask_about_donor("Be reminded of {name} in a week?"),
        "Remind me in a week",
        _do_snooze,
        "undo",
    ),
    "not_late": _Kind(
        _ask_about_donor("Has {name} told you that nothing is late?"),
        "Not late, they told me",
        _do_dismiss,
        "undo",
    ),
    # offered after one of the above was performed
    "unthank": _Kind(_ask_unthank, "Not thanked yet", _do_unthank),
    "undo": _Kind(_ask_undo, "Undo", _do_undo),
}
