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
from app.db.entering import set_system_identity
from app.kit import formatting
from app.kit.errors import ConflictError, NotFoundError
from app.settings import settings
from app.summaries import queries

KEPT = timedelta(days=60)
SNOOZE = timedelta(days=7)
GONE = "This link is no longer good. Open DonorCRM to see what needs you."
DONE = "This was done already. Nothing was changed again."
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
    work: Callable[[Session, Actor, int, date, datetime], str]
    # the kind of action that undoes it
    undo: str = ""


def preview_action(db: Session, token: str, *, now: datetime) -> EmailAction:
    """Return the question of a link without changing anything.

    Raises:
        NotFoundError: the link is not valid, has expired, or ended with a change of the user's
            password, role or account.
        ConflictError: it was used, or its object is settled.
    """
    claims, actor, today = _known(db, token, now)
    if queries.is_done(db, claims.token_id):
        raise ConflictError(DONE)
    kind = DEEDS[claims.deed]
    return EmailAction(kind.ask(db, actor, claims.about, today), kind.button)


def perform_action(db: Session, token: str, *, now: datetime) -> ActionResult:
    """Perform the action of a link, once, as its user.

    Raises:
        NotFoundError, ConflictError: as for `look`.
        NotAllowedError: the user may not perform it any more.
    """
    claims, actor, today = _known(db, token, now)
    if not queries.note_done(db, claims.token_id, user_id=claims.user_id, at=now):
        raise ConflictError(DONE)
    kind = DEEDS[claims.deed]
    sentence = kind.work(db, actor, claims.about, today, now)
    back = kind.undo and mail.action_link(
        claims.user_id, kind.undo, claims.about, access_version=claims.access_version, now=now
    )
    return ActionResult(sentence, back.removeprefix(settings().public_url))


def purge_actions(db: Session, *, now: datetime) -> int:
    """Delete the records of used links 60 days after use; return how many."""
    return queries.forget_done(db, before=now - KEPT)


def _known(db: Session, token: str, now: datetime) -> tuple[mail.ActionClaims, Actor, date]:
    claims = mail.read_action_token(token, now=now)
    if claims is None:
        raise NotFoundError(GONE)
    try:
        actor = actor_by_id(db, claims.user_id)
    except NotFoundError as error:
        raise NotFoundError(GONE) from error
    if access_version(db, claims.user_id) != claims.access_version:
        raise NotFoundError(GONE)
    set_system_identity(db, actor)
    return claims, actor, now.astimezone(ZoneInfo(actor.time_zone)).date()


def _gift(db: Session, actor: Actor, gift_id: int, today: date) -> str:
    gift = gifts.get(db, actor, gift_id)
    given = formatting.day(gift.on, today=today)
    return f"Have you thanked {gift.donor_name} for the gift of {given}?"


def _thank(db: Session, actor: Actor, gift_id: int, today: date, now: datetime) -> str:
    del today
    name = gifts.get(db, actor, gift_id).donor_name
    if not gifts.thank(db, actor, gift_id=gift_id, how=None, now=now):
        raise ConflictError(SETTLED)
    return f"{name} is marked as thanked."


def _alert(db: Session, actor: Actor, alert_id: int, today: date) -> alerts.OpenAlert:
    for one in alerts.open_for(db, actor, today=today):
        if one.alert_id == alert_id:
            return one
    raise ConflictError(SETTLED)


def _asking(words_: str) -> Callable[[Session, Actor, int, date], str]:
    def ask(db: Session, actor: Actor, alert_id: int, today: date) -> str:
        return words_.format(name=_alert(db, actor, alert_id, today).donor_name)

    return ask


def _called(db: Session, actor: Actor, alert_id: int, today: date, now: datetime) -> str:
    one = _alert(db, actor, alert_id, today)
    alerts.called(db, actor, alert_id=alert_id, today=today, now=now)
    return f"Logged a call with {one.donor_name}. The line returns in two weeks if need be."


def _later(db: Session, actor: Actor, alert_id: int, today: date, now: datetime) -> str:
    one = _alert(db, actor, alert_id, today)
    alerts.snooze(db, actor, alert_id=alert_id, until=today + SNOOZE, today=today, now=now)
    return f"You will be reminded of {one.donor_name} in a week."


def _not_late(db: Session, actor: Actor, alert_id: int, today: date, now: datetime) -> str:
    one = _alert(db, actor, alert_id, today)
    alerts.dismiss(
        db, actor, alert_id=alert_id, reason="Not late, they told me", today=today, now=now
    )
    return f"{one.donor_name} is not late. The missed instalments are excused."


def _ask_unthank(db: Session, actor: Actor, gift_id: int, today: date) -> str:
    del today
    return f"Put {gifts.get(db, actor, gift_id).donor_name} back among those to thank?"


def _unthank(db: Session, actor: Actor, gift_id: int, today: date, now: datetime) -> str:
    del today, now
    name = gifts.get(db, actor, gift_id).donor_name
    if not gifts.unthank(db, actor, gift_id=gift_id):
        raise ConflictError(SETTLED)
    return f"{name} is to be thanked again."


def _ask_undo(db: Session, actor: Actor, alert_id: int, today: date) -> str:
    del db, actor, alert_id, today
    return "Take back what was done, and put the line back on your list?"


def _undo(db: Session, actor: Actor, alert_id: int, today: date, now: datetime) -> str:
    del now
    alerts.undo(db, actor, alert_id=alert_id, today=today)
    return f"{_alert(db, actor, alert_id, today).donor_name} is on your list again."


DEEDS: Mapping[str, _Kind] = {
    "thanked": _Kind(_gift, "Yes, thanked", _thank, "unthank"),
    "called": _Kind(_asking("Have you called {name}?"), "Yes, I called", _called, "undo"),
    "snooze": _Kind(
        _asking("Be reminded of {name} in a week?"), "Remind me in a week", _later, "undo"
    ),
    "not_late": _Kind(
        _asking("Has {name} told you that nothing is late?"),
        "Not late, they told me",
        _not_late,
        "undo",
    ),
    # offered after one of the above was performed
    "unthank": _Kind(_ask_unthank, "Not thanked yet", _unthank),
    "undo": _Kind(_ask_undo, "Undo", _undo),
}
