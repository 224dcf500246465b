"""The work list between two daily checks: what is true now, and what was done, for everybody."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import alerts, donors, pledges, summaries, tasks
from app.accounts import Actor
from app.db.models import Alert, ContactLog, OutboxMessage, PledgeSkip, Task, User
from app.kit.errors import ConflictError, NotFoundError
from tests import factories as make
from tests.integration.alerts.test_work_list import (
    ACTIONS,
    all_views,
    at_risk_donor,
    donor,
    late_alert,
    set_flags,
)
from tests.values import present

__all__ = ["at_risk_donor", "donor", "late_alert"]
TOMORROW = date(2026, 11, 24)


def log_call(
    db: Session, ruth: Actor, donor: int, at: datetime, text: str = "Will pay on Friday"
) -> None:
    donors.log_contact(db, ruth, donor_id=donor, kind="call", text=text, at=at)


@pytest.fixture
def unraised(db: Session, ruth: Actor, donor: int) -> int:
    """A late pledge and a wish for mail at once; the morning's check has not been yet."""
    user = db.get(User, ruth.user_id)
    present(user).alert_channels = {"late_pledge": "at once", "at_risk": "at once"}
    return make.pledge(db, donor, "50", start=date(2026, 9, 5))


def test_a_call_with_a_note_clears_a_line_that_no_check_has_raised(
    db: Session, ruth: Actor, donor: int, unraised: int, today: date, now: datetime
) -> None:
    assert all_views(db, ruth, today) == (["Tom Reed"], [])
    log_call(db, ruth, donor, now)
    assert all_views(db, ruth, today) == ([], [])
    assert tasks.due(db, ruth, today=today) == []
    alerts.raise_late_pledges(db, today=TOMORROW, now=now)
    assert all_views(db, ruth, TOMORROW) == ([], [])
    # no mail is sent about what was just dealt with
    assert db.scalars(select(OutboxMessage.id)).all() == []
    in_two_weeks = today + timedelta(days=14)
    alerts.raise_late_pledges(db, today=in_two_weeks, now=now)
    assert all_views(db, ruth, in_two_weeks) == (["Tom Reed"], [])


def test_a_call_clears_a_donor_at_risk_that_no_check_has_raised(
    db: Session, ruth: Actor, at_risk_donor: int, today: date, now: datetime
) -> None:
    log_call(db, ruth, at_risk_donor, now)
    assert all_views(db, ruth, today) == ([], [])
    alerts.raise_at_risk(db, today=TOMORROW, now=now)
    assert all_views(db, ruth, TOMORROW) == ([], [])


def test_a_call_clears_a_line_whose_snooze_is_over(
    db: Session, ruth: Actor, donor: int, late_alert: int, today: date, now: datetime
) -> None:
    alerts.snooze(db, ruth, alert_id=late_alert, until=TOMORROW, today=today, now=now)
    assert all_views(db, ruth, TOMORROW) == (["Tom Reed"], [])
    log_call(db, ruth, donor, now + timedelta(days=1))
    assert all_views(db, ruth, TOMORROW) == ([], [])


def test_a_pause_planned_for_later_clears_every_list_on_its_first_day(
    db: Session, ruth: Actor, late_alert: int, today: date, now: datetime
) -> None:
    pledge, first = db.scalar(select(Alert.pledge_id)), date(2026, 12, 1)
    pledges.pause(db, ruth, pledge_id=present(pledge), start=first, today=today)
    assert all_views(db, ruth, date(2026, 11, 30)) == (["Tom Reed"], [])
    assert all_views(db, ruth, first) == ([], [])


def test_a_donor_at_risk_whose_pledge_becomes_late_is_one_line_at_once(
    db: Session, ruth: Actor, at_risk_donor: int, today: date, now: datetime
) -> None:
    alerts.raise_at_risk(db, today=today, now=now)
    make.pledge(db, at_risk_donor, "50", start=date(2026, 9, 5))
    assert all_views(db, ruth, today) == (["Ana Sol"], [])


def test_who_lapses_stays_on_every_list_until_it_is_dealt_with(
    db: Session, ruth: Actor, at_risk_donor: int, today: date, now: datetime
) -> None:
    alerts.raise_at_risk(db, today=today, now=now)
    make.rhythm(db, at_risk_donor, "lapsed", last_gift=date(2026, 8, 3))
    alerts.raise_at_risk(db, today=TOMORROW, now=now)
    assert all_views(db, ruth, TOMORROW) == ([], ["Ana Sol"])
    (line,) = alerts.open_for(db, ruth, today=TOMORROW)
    assert line.severity == 3
    alerts.resolve(db, ruth, alert_id=present(line.alert_id), now=now)
    alerts.raise_at_risk(db, today=TOMORROW, now=now)
    assert all_views(db, ruth, TOMORROW) == ([], [])


def test_who_had_lapsed_before_any_alert_is_on_none(
    db: Session, ruth: Actor, at_risk_donor: int, today: date, now: datetime
) -> None:
    make.rhythm(db, at_risk_donor, "lapsed", last_gift=date(2026, 8, 3))
    alerts.raise_at_risk(db, today=today, now=now)
    assert all_views(db, ruth, today) == ([], [])


def test_an_alert_that_is_true_again_can_be_acted_on_before_the_check(
    db: Session, ruth: Actor, at_risk_donor: int, today: date, now: datetime
) -> None:
    alerts.raise_at_risk(db, today=today, now=now)
    pledge = make.pledge(db, at_risk_donor, "50", start=date(2026, 9, 5))
    alerts.raise_at_risk(db, today=today, now=now)
    assert db.scalar(select(Alert.state)) == "resolved"
    pledges.end(db, ruth, pledge_id=pledge, on=today, today=today)
    (line,) = alerts.open_for(db, ruth, today=today)
    one = alerts.ensure(db, ruth, line, today=today)
    alerts.log_call(db, ruth, alert_id=one, today=today, now=now)
    assert all_views(db, ruth, today) == ([], [])


@pytest.mark.parametrize("act", ACTIONS)
def test_each_act_can_be_undone_after_the_next_mornings_check(
    db: Session, ruth: Actor, donor: int, late_alert: int, today: date, now: datetime, act: str
) -> None:
    ACTIONS[act](db, ruth, late_alert, today, now)
    alerts.raise_late_pledges(db, today=TOMORROW, now=now + timedelta(days=1))
    assert all_views(db, ruth, TOMORROW) == ([], [])
    alerts.undo(db, ruth, alert_id=late_alert, today=TOMORROW)
    db.expire_all()
    assert all_views(db, ruth, TOMORROW) == (["Tom Reed"], [])
    assert db.scalars(select(ContactLog.id)).all() == []
    assert db.scalars(select(PledgeSkip.due_on)).all() == []
    assert db.scalars(select(Task.title).where(Task.done_at.is_(None))).all() == [
        "Call Tom Reed about the pledge"
    ]


@pytest.mark.parametrize("end", ["pause", "death"])
def test_what_ended_by_itself_is_not_brought_back_by_undo(
    db: Session, ruth: Actor, donor: int, late_alert: int, today: date, now: datetime, end: str
) -> None:
    alerts.snooze(db, ruth, alert_id=late_alert, until=date(2026, 12, 23), today=today, now=now)
    if end == "pause":
        pledge = db.scalar(select(Alert.pledge_id))
        pledges.pause(db, ruth, pledge_id=present(pledge), start=date(2026, 9, 1), today=today)
    else:
        set_flags(db, ruth, donor, today, deceased=True)
    with pytest.raises(ConflictError, match="nothing to undo"):
        alerts.undo(db, ruth, alert_id=late_alert, today=today)
    assert tasks.due(db, ruth, today=today) == []


@pytest.mark.parametrize("role", ["supervisor", "coach", "admin", "finance", "read_only"])
def test_snoozed_until_23_december_is_silent_for_all_users(
    db: Session,
    ruth: Actor,
    donor: int,
    late_alert: int,
    at_risk_donor: int,
    today: date,
    now: datetime,
    role: str,
) -> None:
    other = make.person(db, role)
    if role in {"supervisor", "coach"}:
        make.looks_after(db, other, ruth, role)
    assert all_views(db, other, today) == (["Tom Reed"], ["Ana Sol"])
    until = date(2026, 12, 23)
    alerts.snooze(db, ruth, alert_id=late_alert, until=until, today=today, now=now)
    for day in (date(2026, 11, 30), date(2026, 12, 7), date(2026, 12, 14)):
        alerts.raise_late_pledges(db, today=day, now=now)
        assert all_views(db, other, day) == ([], ["Ana Sol"])
        mail = str(summaries.build(db, other, today=day))
        assert "Tom Reed" not in mail
        assert "1 pledge late" not in mail
    assert all_views(db, other, until) == (["Tom Reed"], ["Ana Sol"])


def test_paused_is_not_at_risk_on_the_donors_own_page(
    db: Session, ruth: Actor, at_risk_donor: int, today: date
) -> None:
    assert present(donors.get(db, ruth, at_risk_donor, today=today).rhythm).status == "at risk"
    pledge = make.pledge(db, at_risk_donor, "50", start=date(2026, 1, 1))
    pledges.pause(db, ruth, pledge_id=pledge, start=date(2026, 11, 1), today=today)
    assert present(donors.get(db, ruth, at_risk_donor, today=today).rhythm).status == "paused"


def given_to(db: Session, donor: int, owner: Actor, today: date) -> None:
    ada = make.person(db, "admin")
    view = donors.get(db, ada, donor, today=today)
    fields = replace(view.fields, owner_id=owner.user_id)
    donors.update(db, ada, donor_id=donor, version=view.version, fields=fields, today=today)


def titles(db: Session, who: Actor, day: date) -> list[str]:
    return [one.title for one in tasks.due(db, who, today=day)]


def test_an_open_alert_and_its_call_go_with_the_donor(
    db: Session, ruth: Actor, donor: int, late_alert: int, today: date
) -> None:
    mei = make.person(db, name="Mei")
    given_to(db, donor, mei, today)
    assert (all_views(db, mei, today), all_views(db, ruth, today)) == (
        (["Tom Reed"], []),
        ([], []),
    )
    assert titles(db, mei, today) == ["Call Tom Reed about the pledge"]
    assert titles(db, ruth, today) == []


@pytest.mark.parametrize("who", ["new owner", "admin"])
def test_a_call_can_be_undone_by_whoever_may_log_one(
    db: Session, ruth: Actor, donor: int, late_alert: int, today: date, now: datetime, who: str
) -> None:
    alerts.log_call(db, ruth, alert_id=late_alert, text="No answer", today=today, now=now)
    sam = make.person(db, name="Sam")
    if who == "new owner":
        given_to(db, donor, sam, today)
        actor, other = sam, ruth
    else:
        actor, other = make.person(db, "admin"), sam
    with pytest.raises(NotFoundError):
        alerts.undo(db, other, alert_id=late_alert, today=today)
    alerts.undo(db, actor, alert_id=late_alert, today=today)
    assert db.scalars(select(ContactLog.id)).all() == []
    owner = sam if who == "new owner" else ruth
    assert titles(db, owner, today) == ["Call Tom Reed about the pledge"]
    assert all_views(db, actor, today) == (["Tom Reed"], [])


def test_a_snoozed_alert_wakes_with_the_new_owner(
    db: Session, ruth: Actor, donor: int, late_alert: int, today: date, now: datetime
) -> None:
    until, mei = date(2026, 12, 23), make.person(db, name="Mei")
    alerts.snooze(db, ruth, alert_id=late_alert, until=until, today=today, now=now)
    given_to(db, donor, mei, today)
    assert all_views(db, mei, today) == ([], [])
    alerts.raise_late_pledges(db, today=until, now=now)
    assert all_views(db, mei, until) == (["Tom Reed"], [])
    assert titles(db, mei, until) == ["Call Tom Reed about the pledge"]
    assert titles(db, ruth, until) == []


def test_a_longer_grace_settles_the_alert_and_its_call_at_once(
    db: Session, ruth: Actor, donor: int, today: date, now: datetime
) -> None:
    first = date(2026, 11, 5)
    pledge = make.pledge(db, donor, "50", start=first)
    alerts.raise_late_pledges(db, today=today, now=now)
    assert all_views(db, ruth, today) == (["Tom Reed"], [])
    pledges.change_terms(
        db, ruth, pledge_id=pledge, frequency="monthly", grace=30, since=first, today=today
    )
    assert all_views(db, ruth, today) == ([], [])
    assert titles(db, ruth, today) == []
