"""The work list: actions apply in every view and can be undone."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app import alerts, donors, gifts, insights, pledges, summaries, tasks
from app.accounts import Actor
from app.db.models import Alert, ContactLog, PledgeSkip, Task
from app.donors import DonorFields, DonorFilter
from app.insights import DashboardFilter
from app.kit.errors import ConflictError
from app.kit.money import Money
from tests import factories as make
from tests.values import present


@pytest.fixture
def donor(db: Session, ruth: Actor) -> int:
    return make.donor(db, ruth, "Tom Reed", phone="555 0100")


@pytest.fixture
def late_alert(db: Session, donor: int, today: date, now: datetime) -> int:
    """A late pledge whose alert the daily check has raised."""
    make.pledge(db, donor, "50", start=date(2026, 9, 5))
    alerts.raise_late_pledges(db, today=today, now=now)
    answer: int = present(db.scalar(select(Alert.id)))
    return answer


@pytest.fixture
def at_risk_donor(db: Session, ruth: Actor, today: date) -> int:
    """A donor at risk whose alert has not been raised yet."""
    other = make.donor(db, ruth, "Ana Sol")
    for month in range(1, 9):
        make.gift(db, other, "50", date(2026, month, 3))
    make.rhythm(db, other, last_gift=date(2026, 8, 3))
    return other


def all_views(db: Session, actor: Actor, day: date) -> tuple[list[str], ...]:
    """Return the names of late and at-risk donors, after checking that all views agree."""
    work_lists = insights.load_work_lists(db, actor, filter=DashboardFilter(), today=day)
    mail = summaries.build(db, actor, today=day)
    sections = {row.title: [line.name for line in row.lines] for row in mail.sections}
    figures = insights.figures(db, actor, filter=DashboardFilter(), today=day)
    listed = alerts.open_for(db, actor, today=day)
    views = {
        "dashboard": (
            [row.donor_name for row in work_lists.late.first],
            [row.donor_name for row in work_lists.risky.first],
        ),
        "mail": (sections.get("Late pledges", []), sections.get("At risk", [])),
        "list": tuple(
            [row.donor_name for row in listed if row.kind == kind] for kind in alerts.KINDS
        ),
    }
    assert len(set(map(str, views.values()))) == 1, views
    assert figures["late_pledges"] == len(views["list"][0])
    return views["list"]


def test_all_views_agree(
    db: Session, ruth: Actor, late_alert: int, at_risk_donor: int, today: date
) -> None:
    assert all_views(db, ruth, today) == (["Tom Reed"], ["Ana Sol"])


def test_a_snoozed_alert_is_hidden_until_its_day(
    db: Session, ruth: Actor, late_alert: int, today: date, now: datetime
) -> None:
    alerts.snooze(db, ruth, alert_id=late_alert, until=date(2026, 12, 23), today=today, now=now)
    assert tasks.due(db, ruth, today=today) == []
    for day in (date(2026, 11, 30), date(2026, 12, 7), date(2026, 12, 14)):
        alerts.raise_late_pledges(db, today=day, now=now)
        assert all_views(db, ruth, day) == ([], [])
    alerts.raise_late_pledges(db, today=date(2026, 12, 23), now=now)
    assert all_views(db, ruth, date(2026, 12, 23)) == (["Tom Reed"], [])
    assert [task.type for task in tasks.due(db, ruth, today=date(2026, 12, 23))] == ["call"]


@pytest.mark.parametrize("action", ["dismissed", "resolved"])
def test_resolved_and_dismissed_alerts_stay_closed(
    db: Session, ruth: Actor, late_alert: int, today: date, now: datetime, action: str
) -> None:
    if action == "dismissed":
        alerts.dismiss(db, ruth, alert_id=late_alert, reason="Pays in cash", today=today, now=now)
    else:
        alerts.resolve(db, ruth, alert_id=late_alert, now=now)
    for day in (today, date(2026, 11, 30)):
        alerts.raise_late_pledges(db, today=day, now=now)
        assert all_views(db, ruth, day) == ([], [])
    assert tasks.due(db, ruth, today=today) == []


def test_a_donor_with_a_late_pledge_is_never_listed_as_at_risk(
    db: Session, ruth: Actor, donor: int, late_alert: int, today: date, now: datetime
) -> None:
    for month in range(1, 9):
        make.gift(db, donor, "10", date(2026, month, 3))
    make.rhythm(db, donor, last_gift=date(2026, 8, 3))
    alerts.resolve(db, ruth, alert_id=late_alert, now=now)
    alerts.raise_at_risk(db, today=today, now=now)
    assert all_views(db, ruth, today) == ([], [])


def test_newly_late_means_since_the_last_summary(
    db: Session, ruth: Actor, late_alert: int, today: date, now: datetime
) -> None:
    assert summaries.build(db, ruth, today=today).changed == ("Newly late: Tom Reed.",)
    db.execute(
        text(
            "insert into outbox (key, name, to_email, user_id, subject, text_body, message_id)"
            " values (:key, 'weekly_summary', 'r@example.org', :user, 's', 't', 'm')"
        ),
        {"key": f"weekly:{ruth.user_id}:2026-W48", "user": ruth.user_id},
    )
    # the mail of 23 November contained it; the next one does not
    assert summaries.build(db, ruth, today=today + timedelta(days=7)).changed == ()


@pytest.mark.parametrize("contact", ["called", "with a note", "letter on the donor's page"])
def test_a_contact_hides_the_alert_for_two_weeks_and_closes_its_task(
    db: Session, ruth: Actor, donor: int, late_alert: int, today: date, now: datetime, contact: str
) -> None:
    if contact == "called":
        alerts.log_call(db, ruth, alert_id=late_alert, today=today, now=now)
    else:
        kind, note_text = ("call", "Will pay on Friday") if "note" in contact else ("letter", None)
        donors.log_contact(db, ruth, donor_id=donor, kind=kind, text=note_text, at=now)
    assert all_views(db, ruth, today) == ([], [])
    assert tasks.due(db, ruth, today=today) == []
    after_two_weeks = today + timedelta(days=14)
    alerts.raise_late_pledges(db, today=after_two_weeks, now=now)
    assert all_views(db, ruth, after_two_weeks) == (["Tom Reed"], [])


def test_notes_and_earlier_contacts_do_not_hide_the_alert(
    db: Session, ruth: Actor, donor: int, late_alert: int, today: date, now: datetime
) -> None:
    donors.log_contact(db, ruth, donor_id=donor, kind="note", text="Nice", at=now)
    donors.log_contact(
        db, ruth, donor_id=donor, kind="call", text=None, at=now - timedelta(days=3)
    )
    assert all_views(db, ruth, today) == (["Tom Reed"], [])


ACTIONS = {
    "called": lambda db, actor, alert_id, today, now: alerts.log_call(
        db, actor, alert_id=alert_id, today=today, now=now
    ),
    "snoozed": lambda db, actor, alert_id, today, now: alerts.snooze(
        db, actor, alert_id=alert_id, until=today + timedelta(days=30), today=today, now=now
    ),
    "not late": lambda db, actor, alert_id, today, now: alerts.dismiss(
        db, actor, alert_id=alert_id, reason="They told me", today=today, now=now
    ),
    "dealt with": lambda db, actor, alert_id, today, now: alerts.resolve(
        db, actor, alert_id=alert_id, now=now
    ),
}


@pytest.mark.parametrize("action", ACTIONS)
def test_each_action_can_be_undone(
    db: Session, ruth: Actor, donor: int, late_alert: int, today: date, now: datetime, action: str
) -> None:
    def state() -> tuple[Sequence[str], Sequence[int], Sequence[date], date | None, list[str]]:
        db.expire_all()
        return (
            db.scalars(select(Task.title).where(Task.done_at.is_(None))).all(),
            db.scalars(select(ContactLog.id)).all(),
            db.scalars(select(PledgeSkip.due_on)).all(),
            donors.get(db, ruth, donor, today=today).last_contacted_on,
            [pledge_row.sentence for pledge_row in pledges.late(db, ruth, today=today)],
        )

    before = state()
    ACTIONS[action](db, ruth, late_alert, today, now)
    assert all_views(db, ruth, today) == ([], [])
    alerts.undo(db, ruth, alert_id=late_alert, today=today)
    assert all_views(db, ruth, today) == (["Tom Reed"], [])
    assert state() == before
    with pytest.raises(ConflictError, match="nothing to undo"):
        alerts.undo(db, ruth, alert_id=late_alert, today=today)


def test_a_line_can_be_acted_on_before_its_alert_is_raised(
    db: Session, ruth: Actor, donor: int, at_risk_donor: int, today: date, now: datetime
) -> None:
    make.pledge(db, donor, "50", start=date(2026, 9, 5))
    for line in alerts.open_for(db, ruth, today=today):
        assert line.alert_id is None
        alert_id = alerts.ensure(db, ruth, line, today=today)
        alerts.snooze(
            db, ruth, alert_id=alert_id, until=today + timedelta(days=30), today=today, now=now
        )
    assert all_views(db, ruth, today) == ([], [])


def test_pausing_a_pledge_resolves_its_alert_and_task(
    db: Session, ruth: Actor, donor: int, late_alert: int, today: date
) -> None:
    pledge = db.scalar(select(Alert.pledge_id))
    pledges.pause(db, ruth, pledge_id=present(pledge), start=date(2026, 9, 1), today=today)
    assert all_views(db, ruth, today) == ([], [])
    assert tasks.due(db, ruth, today=today) == []
    assert db.scalar(select(Alert.resolved_gift_id)) is None


def test_ending_a_pledge_resolves_its_alert(
    db: Session, ruth: Actor, late_alert: int, today: date
) -> None:
    pledges.end(
        db, ruth, pledge_id=present(db.scalar(select(Alert.pledge_id))), on=today, today=today
    )
    assert db.scalar(select(Alert.state)) == "resolved"
    assert tasks.due(db, ruth, today=today) == []


def set_flags(db: Session, ruth: Actor, donor: int, today: date, **flags: bool) -> None:
    view = donors.get(db, ruth, donor, today=today)
    fields = DonorFields(
        **{
            name: flags.get(name, getattr(view.fields, name))
            for name in DonorFields.__dataclass_fields__
        }
    )
    donors.update(db, ruth, donor_id=donor, version=view.version, fields=fields, today=today)


def test_marking_a_donor_deceased_closes_alerts_tasks_and_thanks(
    db: Session, ruth: Actor, donor: int, late_alert: int, today: date, now: datetime
) -> None:
    tasks.create(db, ruth, title="Thank Tom", donor_id=donor, due_on=today)
    make.gift(db, donor, "20", today)
    set_flags(db, ruth, donor, today, deceased=True)
    assert all_views(db, ruth, today) == ([], [])
    assert tasks.due(db, ruth, today=today) == []
    assert gifts.thank_queue(db, ruth, today=today) == []
    assert pledges.monthly_equivalent(db, ruth, today=today) == Money(0, "USD")
    alerts.raise_late_pledges(db, today=today, now=now)
    assert db.scalars(select(Alert.state)).all() == ["resolved"]


def test_no_task_for_a_donor_who_refuses_every_channel(
    db: Session, ruth: Actor, donor: int, today: date, now: datetime
) -> None:
    set_flags(db, ruth, donor, today, no_phone=True, no_email=True, no_mail=True)
    make.pledge(db, donor, "50", start=date(2026, 9, 5))
    alerts.raise_late_pledges(db, today=today, now=now)
    assert all_views(db, ruth, today) == (["Tom Reed"], [])
    assert tasks.due(db, ruth, today=today) == []


def test_refusing_calls_closes_the_open_call(
    db: Session, ruth: Actor, donor: int, late_alert: int, today: date
) -> None:
    assert [task.type for task in tasks.due(db, ruth, today=today)] == ["call"]
    set_flags(db, ruth, donor, today, no_phone=True)
    assert tasks.due(db, ruth, today=today) == []


def test_what_ended_an_alert_and_is_undone_reopens_it(
    db: Session, ruth: Actor, donor: int, late_alert: int, today: date
) -> None:
    """A pause, an excused instalment, a death and a refusal, entered by mistake."""
    (line,) = pledges.pledge_statuses(db, ruth, today=today, donor_id=donor)
    pledge = line.pledge_id
    before = all_views(db, ruth, today), states(db), open_titles(db)

    pledges.pause(db, ruth, pledge_id=pledge, start=today, today=today)
    assert states(db) == ["resolved"]
    pledges.resume(db, ruth, pledge_id=pledge, on=today)
    assert (all_views(db, ruth, today), states(db), open_titles(db)) == before

    late = pledges.late(db, ruth, today=today, donor_ids=[donor])
    days = []
    while late:
        days.append(late[0].oldest_due)
        pledges.skip(db, ruth, pledge_id=pledge, due=days[-1], today=today)
        late = pledges.late(db, ruth, today=today, donor_ids=[donor])
    assert states(db) == ["resolved"] * len(states(db))
    for day in days:
        pledges.unskip(db, ruth, pledge_id=pledge, due=day, today=today)
    assert (all_views(db, ruth, today), open_titles(db)) == (before[0], before[2])

    set_flags(db, ruth, donor, today, deceased=True)
    assert "open" not in states(db)
    set_flags(db, ruth, donor, today, deceased=False)
    assert (all_views(db, ruth, today), open_titles(db)) == (before[0], before[2])


def states(db: Session) -> Sequence[str]:
    return db.scalars(select(Alert.state).order_by(Alert.id)).all()


def open_titles(db: Session) -> Sequence[str]:
    return db.scalars(select(Task.title).where(Task.done_at.is_(None))).all()


def test_a_donor_at_risk_whose_refusal_is_taken_back_is_on_the_list_again(
    db: Session, ruth: Actor, at_risk_donor: int, today: date, now: datetime
) -> None:
    alerts.raise_at_risk(db, today=today, now=now)
    alert = db.execute(select(Alert).where(Alert.donor_id == at_risk_donor)).scalar_one()
    flags = ("no_email", "no_phone", "no_mail")
    set_flags(db, ruth, at_risk_donor, today, **dict.fromkeys(flags, True))
    db.refresh(alert)
    assert alert.state == "resolved"
    set_flags(db, ruth, at_risk_donor, today, **dict.fromkeys(flags, False))
    db.refresh(alert)
    assert alert.state == "open"


def test_a_paused_donor_is_not_listed_as_at_risk(
    db: Session, ruth: Actor, at_risk_donor: int, today: date
) -> None:
    page = donors.page(db, ruth, filter=DonorFilter(giving=("at risk",)), today=today)
    assert [line.name for line in page.lines] == ["Ana Sol"]
    pledge = make.pledge(db, at_risk_donor, "50", start=date(2026, 1, 1))
    pledges.pause(db, ruth, pledge_id=pledge, start=date(2026, 11, 1), today=today)
    assert all_views(db, ruth, today) == ([], [])
    page = donors.page(db, ruth, filter=DonorFilter(giving=("at risk",)), today=today)
    assert page.lines == []
    page = donors.page(db, ruth, filter=DonorFilter(giving=("paused",)), today=today)
    assert [(line.name, line.giving) for line in page.lines] == [("Ana Sol", "paused")]


def test_a_gift_dated_tomorrow_does_not_reopen_the_alert(
    db: Session, ruth: Actor, donor: int, late_alert: int, today: date, now: datetime
) -> None:
    tomorrow = today + timedelta(days=1)
    gifts.record(
        db,
        ruth,
        donor_id=donor,
        amount=Money.of("150", "USD"),
        on=tomorrow,
        today=tomorrow,
        now=now,
    )
    assert db.scalar(select(Alert.state)) == "resolved"
    alerts.raise_late_pledges(db, today=today, now=now)
    assert db.scalars(select(Alert.state)).all() == ["resolved"]


def test_resuming_keeps_a_later_planned_pause(
    db: Session, ruth: Actor, donor: int, today: date
) -> None:
    pledge = make.pledge(db, donor, "50", start=date(2026, 1, 5))
    make.pause(db, pledge, date(2026, 10, 1))
    make.pause(db, pledge, date(2027, 6, 1), date(2027, 8, 31))
    pledges.resume(db, ruth, pledge_id=pledge, on=today)
    pauses = pledges.get(db, ruth, pledge, today=today).pauses
    assert pauses == (
        (date(2026, 10, 1), today - timedelta(days=1)),
        (date(2027, 6, 1), date(2027, 8, 31)),
    )


def test_a_backdated_increase_counts_as_an_upgrade(
    db: Session, ruth: Actor, donor: int, today: date
) -> None:
    pledge = make.pledge(db, donor, "50", start=date(2026, 1, 5))
    make.pledge_amount(db, pledge, "60", date(2026, 10, 1))
    pledges.change_amount(
        db,
        ruth,
        pledge_id=pledge,
        amount=Money.of("55", "USD"),
        since=date(2026, 6, 1),
        today=today,
    )
    reasons = db.execute(
        text("select amount_minor, reason from pledge_amount order by effective_from")
    ).all()
    assert tuple(reasons[0]) == (5500, "upgrade")
