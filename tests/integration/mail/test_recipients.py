"""Who is mailed about donors: people with an active account who have come; nobody else."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select, text, update

from app import accounts, alerts, exports, mail, summaries, tasks
from app.accounts import SYSTEM
from app.db import transaction
from app.db.models import OutboxMessage, Task, User
from app.demo.service import add_users
from app.mail.queries import ENDED, NEVER_CAME
from tests import factories as make
from tests.integration.mail.test_outbox import NOW, rows, server

__all__ = ["server"]
TODAY = NOW.date()
GOOD = "violet ladder seven oceans"
EMAIL = "ivo@example.org"
WEEK = timedelta(days=7)


def invited(db, ada, at=NOW):
    return accounts.invite(db, ada, email=EMAIL, name="Ivo Lind", role="admin", now=at)


def expired(db, ada):
    invited(db, ada, NOW - WEEK - timedelta(minutes=1))


def withdrawn(db, ada):
    accounts.withdraw_invitation(db, ada, user_id=invited(db, ada).user_id)


def withdrawn_then_reactivated(db, ada):
    user_id = invited(db, ada).user_id
    accounts.withdraw_invitation(db, ada, user_id=user_id)
    accounts.reactivate(db, ada, user_id=user_id)


def given_a_password(db, ada):
    return accounts.create_user(
        db, SYSTEM, email=EMAIL, name="Ivo Lind", role="admin", password=GOOD
    )


def accepted(db, ada):
    accounts.accept_invitation(db, code=invited(db, ada).code, new=GOOD, now=NOW)


def chose_by_reset(db, ada):
    invited(db, ada)
    code = accounts.request_password_reset(db, email=EMAIL, now=NOW)[3]
    accounts.reset_password(db, code=code, new=GOOD, now=NOW)


def signed_in(db, ada):
    user_id = given_a_password(db, ada)
    assert accounts.sign_in(db, email=EMAIL, password=GOOD, now=NOW)
    return user_id


def deactivated(db, ada):
    user_id = signed_in(db, ada)
    accounts.deactivate(db, ada, user_id=user_id, now=NOW)
    return user_id


def reactivated(db, ada):
    accounts.reactivate(db, ada, user_id=deactivated(db, ada))


NOBODY = (
    invited,
    expired,
    withdrawn,
    withdrawn_then_reactivated,
    given_a_password,
    deactivated,
)
SOMEBODY = (accepted, chose_by_reset, signed_in, reactivated)


def weekly(db, ivo):
    db.execute(update(User).where(User.id != ivo.user_id).values(summary_on=False))
    summaries.queue_due(db, now=NOW)


def late_alert(db, ivo):
    donor = make.donor(db, ivo, "Mara Vogel")
    make.pledge(db, donor, "50", start=date(2026, 1, 1))
    alerts.raise_late_pledges(db, today=TODAY, now=NOW)


def at_risk_alert(db, ivo):
    donor = make.donor(db, ivo, "Tom Reed")
    make.gift(db, donor, "40", date(2026, 1, 10))
    make.rhythm(db, donor, "at risk")
    alerts.raise_at_risk(db, today=TODAY, now=NOW)


def scheduled_export(db, ivo):
    exports.schedule_export(
        db,
        ivo,
        kind="gifts",
        form="csv",
        asked=exports.ExportQuery(),
        rhythm="weekly",
        only_new=False,
        today=TODAY - timedelta(days=3),
    )
    for one in exports.run_due(db, now=NOW):
        exports.notify(db, one, now=NOW)


def settled(db, state):
    """Bring Ivo into a state, with every mail wished for at once; return him."""
    make.organisation(db)
    ada = make.person(db, "admin", name="Ada")
    state(db, ada)
    both = {"late_pledge": "at once", "at_risk": "at once"}
    db.execute(update(User).where(User.email == EMAIL).values(alert_channels=both))
    user_id = db.scalar(select(User.id).where(User.email == EMAIL))
    return accounts.Actor(user_id, accounts.Role.ADMIN, "Ivo Lind", EMAIL)


def mailed(db):
    """What Ivo is mailed, but for notices: he is an administrator."""
    to_ivo = (OutboxMessage.to_email == EMAIL) & (OutboxMessage.name != "admin_notice")
    return db.scalars(select(OutboxMessage.name).where(to_ivo)).all()


KINDS = {
    "weekly_summary": weekly,
    "late_pledge_alert": late_alert,
    "at_risk_donors_alert": at_risk_alert,
    "export_ready": scheduled_export,
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("state", NOBODY, ids=lambda one: one.__name__)
def test_who_never_came_or_left_is_mailed_nothing(db, state, kind):
    KINDS[kind](db, settled(db, state))
    assert mailed(db) == []


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("state", SOMEBODY, ids=lambda one: one.__name__)
def test_who_came_is_mailed(db, state, kind):
    KINDS[kind](db, settled(db, state))
    assert mailed(db) == [kind]


@pytest.mark.parametrize("state", [*NOBODY, *SOMEBODY], ids=lambda one: one.__name__)
def test_the_call_about_a_late_pledge_is_asked_of_those_who_came(db, state):
    late_alert(db, settled(db, state))
    assert len(db.scalars(select(Task)).all()) == (state in SOMEBODY)


@pytest.mark.parametrize(("state", "letters"), [(expired, 0), (signed_in, 1)])
def test_no_letter_after_a_call_is_asked_of_somebody_who_never_came(db, state, letters):
    ivo = settled(db, state)
    ada = accounts.actor_by_id(db, db.scalar(select(User.id).where(User.name == "Ada")))
    donor = make.donor(db, ivo, "Mara Vogel")
    call = make.task(
        db, ivo, type="call", donor_id=donor, alert_id=make.alert(db, donor), due_on=TODAY
    )
    tasks.finish(db, ada, task_id=call, now=NOW)
    assert len(db.scalars(select(Task).where(Task.type == "write")).all()) == letters


@pytest.mark.parametrize("state", [*NOBODY, *SOMEBODY], ids=lambda one: one.__name__)
def test_the_row_and_the_query_say_the_same(db, state):
    ivo = settled(db, state)
    row = db.get(User, ivo.user_id, populate_existing=True)
    found = db.scalar(select(User.participates).where(User.id == ivo.user_id))
    assert row.participates == found == (state in SOMEBODY)


def test_the_people_of_the_demonstration_are_mailed(db):
    people = add_users(db, today=TODAY)
    assert set(db.scalars(select(User.id).where(User.participates))) == set(people.values())


def queued(state, name="weekly_summary"):
    """Write a mail to Ivo as an earlier version did, and send what waits."""
    with transaction() as db:
        ivo = settled(db, state)
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
    return [(one.state, one.error) for one in rows()]


KNOWN = (*KINDS, "import_finished", "new_sign_in", "anything else")


@pytest.mark.parametrize("name", KNOWN)
def test_what_waits_for_somebody_who_never_came_is_held_back(server, name):
    assert queued(expired, name) == [("suppressed", NEVER_CAME)]
    assert server.messages == []


@pytest.mark.parametrize(
    ("state", "then"),
    [
        (invited, ("suppressed", NEVER_CAME)),
        (given_a_password, ("suppressed", NEVER_CAME)),
        (deactivated, ("suppressed", ENDED)),
        (withdrawn, ("suppressed", ENDED)),
        (signed_in, ("sent", None)),
        (accepted, ("sent", None)),
        (reactivated, ("sent", None)),
    ],
)
def test_what_waits_leaves_for_those_who_came(server, state, then):
    assert queued(state) == [then]
    assert len(server.messages) == (then[0] == "sent")


@pytest.mark.parametrize("name", ["invitation", "password_reset"])
def test_the_ways_in_are_sent(server, name):
    assert queued(invited, name) == [("sent", None)]
