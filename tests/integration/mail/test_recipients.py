"""Recipients of mail about donors: active users who have signed in at least once."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from app import accounts, alerts, exports, mail, summaries, tasks
from app.accounts import SYSTEM
from app.db import transaction_for_system
from app.db.models import OutboxMessage, Task, User
from app.demo.service import add_users
from app.mail.queries import ACCOUNT_ENDED, NEVER_SIGNED_IN
from tests import factories as make
from tests.integration.mail.test_outbox import NOW, rows, server
from tests.smtp_sink import Sink
from tests.values import present

__all__ = ["server"]
TODAY = NOW.date()
GOOD = "violet ladder seven oceans"
EMAIL = "ivo@example.org"
WEEK = timedelta(days=7)


def invited(db: Session, ada: accounts.Actor, now: datetime = NOW) -> accounts.Invitation:
    return accounts.invite(db, ada, email=EMAIL, name="Ivo Lind", role="admin", now=now)


def expired(db: Session, ada: accounts.Actor) -> None:
    invited(db, ada, NOW - WEEK - timedelta(minutes=1))


def withdrawn(db: Session, ada: accounts.Actor) -> None:
    accounts.withdraw_invitation(db, ada, user_id=invited(db, ada).user_id, now=NOW)


def withdrawn_then_reactivated(db: Session, ada: accounts.Actor) -> None:
    user_id = invited(db, ada).user_id
    accounts.withdraw_invitation(db, ada, user_id=user_id, now=NOW)
    accounts.reactivate(db, ada, user_id=user_id)


def given_a_password(db: Session, ada: accounts.Actor) -> int:
    return accounts.create_user(
        db, SYSTEM, email=EMAIL, name="Ivo Lind", role="admin", password=GOOD
    )


def accepted(db: Session, ada: accounts.Actor) -> None:
    accounts.accept_invitation(db, code=invited(db, ada).code, new=GOOD, now=NOW)


def chose_by_reset(db: Session, ada: accounts.Actor) -> None:
    invited(db, ada)
    code = present(accounts.request_password_reset(db, email=EMAIL, now=NOW))[3]
    accounts.reset_password(db, code=code, new=GOOD, now=NOW)


def signed_in(db: Session, ada: accounts.Actor) -> int:
    user_id = given_a_password(db, ada)
    assert accounts.sign_in(db, email=EMAIL, password=GOOD, now=NOW)
    return user_id


def deactivated(db: Session, ada: accounts.Actor) -> int:
    user_id = signed_in(db, ada)
    accounts.deactivate(db, ada, user_id=user_id, now=NOW)
    return user_id


def reactivated(db: Session, ada: accounts.Actor) -> None:
    accounts.reactivate(db, ada, user_id=deactivated(db, ada))


NOT_MAILED = (
    invited,
    expired,
    withdrawn,
    withdrawn_then_reactivated,
    given_a_password,
    deactivated,
)
MAILED = (accepted, chose_by_reset, signed_in, reactivated)


def weekly(db: Session, ivo: accounts.Actor) -> None:
    db.execute(update(User).where(User.id != ivo.user_id).values(summary_on=False))
    summaries.queue_due(db, now=NOW)


def late_alert(db: Session, ivo: accounts.Actor) -> None:
    donor = make.donor(db, ivo, "Mara Vogel")
    make.pledge(db, donor, "50", start=date(2026, 1, 1))
    alerts.raise_late_pledges(db, today=TODAY, now=NOW)


def at_risk_alert(db: Session, ivo: accounts.Actor) -> None:
    donor = make.donor(db, ivo, "Tom Reed")
    make.gift(db, donor, "40", date(2026, 1, 10))
    make.rhythm(db, donor, "at risk")
    alerts.raise_at_risk(db, today=TODAY, now=NOW)


def scheduled_export(db: Session, ivo: accounts.Actor) -> None:
    exports.schedule_export(
        db,
        ivo,
        kind="gifts",
        form="csv",
        query=exports.ExportQuery(),
        rhythm="weekly",
        only_new=False,
        today=TODAY - timedelta(days=3),
    )
    for due_export in exports.run_due(db, now=NOW):
        exports.notify(db, due_export, now=NOW)


def user_in_state(db: Session, state: Callable[..., object]) -> accounts.Actor:
    """Create the user Ivo in an account state, with immediate mails enabled; return the actor."""
    make.organisation(db)
    ada = make.person(db, "admin", name="Ada")
    state(db, ada)
    channels = {"late_pledge": "at once", "at_risk": "at once"}
    db.execute(update(User).where(User.email == EMAIL).values(alert_channels=channels))
    user_id = db.scalar(select(User.id).where(User.email == EMAIL))
    return accounts.Actor(present(user_id), accounts.Role.ADMIN, "Ivo Lind", EMAIL)


def mails_to_user(db: Session) -> Sequence[str]:
    """Return the names of the mails to Ivo, except notices to administrators."""
    to_ivo = (OutboxMessage.to_email == EMAIL) & (OutboxMessage.name != "admin_notice")
    return db.scalars(select(OutboxMessage.name).where(to_ivo)).all()


KINDS = {
    "weekly_summary": weekly,
    "late_pledge_alert": late_alert,
    "at_risk_donors_alert": at_risk_alert,
    "export_ready": scheduled_export,
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("state", NOT_MAILED, ids=lambda state_function: state_function.__name__)
def test_users_who_never_signed_in_or_left_get_no_mail(
    db: Session, state: Callable[..., object], kind: str
) -> None:
    KINDS[kind](db, user_in_state(db, state))
    assert mails_to_user(db) == []


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("state", MAILED, ids=lambda state_function: state_function.__name__)
def test_participating_users_get_mail(
    db: Session, state: Callable[..., object], kind: str
) -> None:
    KINDS[kind](db, user_in_state(db, state))
    assert mails_to_user(db) == [kind]


@pytest.mark.parametrize(
    "state", [*NOT_MAILED, *MAILED], ids=lambda state_function: state_function.__name__
)
def test_late_pledge_tasks_only_for_participating_users(
    db: Session, state: Callable[..., object]
) -> None:
    late_alert(db, user_in_state(db, state))
    assert len(db.scalars(select(Task)).all()) == (state in MAILED)


@pytest.mark.parametrize(("state", "letters"), [(expired, 0), (signed_in, 1)])
def test_no_follow_up_letter_for_users_who_never_signed_in(
    db: Session, state: Callable[..., object], letters: int
) -> None:
    ivo = user_in_state(db, state)
    ada = accounts.actor_by_id(db, present(db.scalar(select(User.id).where(User.name == "Ada"))))
    donor = make.donor(db, ivo, "Mara Vogel")
    call = make.task(
        db, ivo, type="call", donor_id=donor, alert_id=make.alert(db, donor), due_on=TODAY
    )
    tasks.finish(db, ada, task_id=call, now=NOW)
    assert len(db.scalars(select(Task).where(Task.type == "write")).all()) == letters


@pytest.mark.parametrize(
    "state", [*NOT_MAILED, *MAILED], ids=lambda state_function: state_function.__name__
)
def test_participates_in_python_and_sql_agree(db: Session, state: Callable[..., object]) -> None:
    ivo = user_in_state(db, state)
    row = db.get(User, ivo.user_id, populate_existing=True)
    by_query = db.scalar(select(User.participates).where(User.id == ivo.user_id))
    assert present(row).participates == by_query == (state in MAILED)


def test_demo_users_participate(db: Session) -> None:
    people = add_users(db, today=TODAY)
    assert set(db.scalars(select(User.id).where(User.participates))) == set(people.values())


def send_earlier_mail(
    state: Callable[..., object], name: str = "weekly_summary"
) -> list[tuple[str, str | None]]:
    """Insert a mail to Ivo as an earlier version did, and send the queue."""
    with transaction_for_system() as db:
        ivo = user_in_state(db, state)
        db.execute(text("delete from outbox"))
        db.add(
            OutboxMessage(
                key="before",
                name=name,
                to_email=EMAIL,
                user_id=ivo.user_id,
                subject="3 gifts, $450",
                text_body="Mara Vogel",
                headers={},
                message_id="<1@harbour.example>",
                next_try_at=NOW,
            )
        )
    mail.send_waiting(now=NOW)
    return [(row.state, row.error) for row in rows()]


MAIL_NAMES = (*KINDS, "import_finished", "new_sign_in", "anything else")


@pytest.mark.parametrize("name", MAIL_NAMES)
def test_queued_mail_to_users_who_never_signed_in_is_suppressed(server: Sink, name: str) -> None:
    assert send_earlier_mail(expired, name) == [("suppressed", NEVER_SIGNED_IN)]
    assert server.messages == []


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (invited, ("suppressed", NEVER_SIGNED_IN)),
        (given_a_password, ("suppressed", NEVER_SIGNED_IN)),
        (deactivated, ("suppressed", ACCOUNT_ENDED)),
        (withdrawn, ("suppressed", ACCOUNT_ENDED)),
        (signed_in, ("sent", None)),
        (accepted, ("sent", None)),
        (reactivated, ("sent", None)),
    ],
)
def test_queued_mail_by_account_state(
    server: Sink, state: Callable[..., object], expected: tuple[str, str | None]
) -> None:
    assert send_earlier_mail(state) == [expected]
    assert len(server.messages) == (expected[0] == "sent")


@pytest.mark.parametrize("name", ["invitation", "password_reset"])
def test_sign_in_mails_are_sent(server: Sink, name: str) -> None:
    assert send_earlier_mail(invited, name) == [("sent", None)]
