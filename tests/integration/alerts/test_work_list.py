"""One list of who needs somebody: what is done holds everywhere, and can be undone."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select, text

from app import alerts, donors, gifts, insights, pledges, summaries, tasks
from app.db.models import Alert, ContactLog, PledgeSkip, Task
from app.donors import DonorFields, DonorFilter
from app.insights import DashboardFilter
from app.kit.errors import ConflictError
from app.kit.money import Money
from tests import factories as make


@pytest.fixture
def ruth(db):
    make.organisation(db)
    return make.person(db)


@pytest.fixture
def donor(db, ruth):
    return make.donor(db, ruth, "Tom Reed", phone="555 0100")


@pytest.fixture
def late(db, donor, today, now):
    """A late pledge whose alert the morning's check has raised."""
    make.pledge(db, donor, "50", start=date(2026, 9, 5))
    alerts.raise_late_pledges(db, today=today, now=now)
    return db.scalar(select(Alert.id))


@pytest.fixture
def risky(db, ruth, today):
    """A donor at risk, whose alert nobody has raised yet."""
    other = make.donor(db, ruth, "Ana Sol")
    for month in range(1, 9):
        make.gift(db, other, "50", date(2026, month, 3))
    make.rhythm(db, other, last_gift=date(2026, 8, 3))
    return other


def everywhere(db, actor, day):
    """Who is late and who is at risk, as each reader of the list says it."""
    waiting = insights.waiting(db, actor, filter=DashboardFilter(), today=day)
    mail = summaries.build(db, actor, today=day)
    sections = {one.title: [line.name for line in one.lines] for one in mail.sections}
    figures = insights.figures(db, actor, filter=DashboardFilter(), today=day)
    listed = alerts.open_for(db, actor, today=day)
    found = {
        "dashboard": (
            [one.donor_name for one in waiting.late.first],
            [one.donor_name for one in waiting.risky.first],
        ),
        "mail": (sections.get("Late pledges", []), sections.get("At risk", [])),
        "list": tuple(
            [one.donor_name for one in listed if one.kind == kind] for kind in alerts.KINDS
        ),
    }
    assert len(set(map(str, found.values()))) == 1, found
    assert figures["late_pledges"] == len(found["list"][0])
    return found["list"]


def test_every_reader_says_the_same(db, ruth, late, risky, today):
    assert everywhere(db, ruth, today) == (["Tom Reed"], ["Ana Sol"])


def test_snoozed_means_silent_until_then(db, ruth, late, today, now):
    alerts.snooze(db, ruth, alert_id=late, until=date(2026, 12, 23), today=today, now=now)
    assert tasks.due(db, ruth, today=today) == []
    for day in (date(2026, 11, 30), date(2026, 12, 7), date(2026, 12, 14)):
        alerts.raise_late_pledges(db, today=day, now=now)
        assert everywhere(db, ruth, day) == ([], [])
    alerts.raise_late_pledges(db, today=date(2026, 12, 23), now=now)
    assert everywhere(db, ruth, date(2026, 12, 23)) == (["Tom Reed"], [])
    assert [one.type for one in tasks.due(db, ruth, today=date(2026, 12, 23))] == ["call"]


@pytest.mark.parametrize("act", ["dismissed", "resolved"])
def test_dealt_with_and_dismissed_stay_so(db, ruth, late, today, now, act):
    if act == "dismissed":
        alerts.dismiss(db, ruth, alert_id=late, reason="Pays in cash", today=today, now=now)
    else:
        alerts.resolve(db, ruth, alert_id=late, now=now)
    for day in (today, date(2026, 11, 30)):
        alerts.raise_late_pledges(db, today=day, now=now)
        assert everywhere(db, ruth, day) == ([], [])
    assert tasks.due(db, ruth, today=today) == []


def test_a_donor_late_with_a_pledge_is_not_at_risk_too_whatever_was_done(
    db, ruth, donor, late, today, now
):
    for month in range(1, 9):
        make.gift(db, donor, "10", date(2026, month, 3))
    make.rhythm(db, donor, last_gift=date(2026, 8, 3))
    alerts.resolve(db, ruth, alert_id=late, now=now)
    alerts.raise_at_risk(db, today=today, now=now)
    assert everywhere(db, ruth, today) == ([], [])


def test_newly_late_is_new_since_the_last_mail(db, ruth, late, today, now):
    assert summaries.build(db, ruth, today=today).changed == ("Newly late: Tom Reed.",)
    db.execute(
        text(
            "insert into outbox (key, name, to_email, user_id, subject, text_body, message_id)"
            " values (:key, 'weekly_summary', 'r@example.org', :user, 's', 't', 'm')"
        ),
        {"key": f"weekly:{ruth.user_id}:2026-W48", "user": ruth.user_id},
    )
    # the mail of 23 November told of it; the next one does not
    assert summaries.build(db, ruth, today=today + timedelta(days=7)).changed == ()


@pytest.mark.parametrize("way", ["called", "with a note", "letter on the donor's page"])
def test_a_contact_clears_the_line_and_its_task(db, ruth, donor, late, today, now, way):
    if way == "called":
        alerts.called(db, ruth, alert_id=late, today=today, now=now)
    else:
        kind, said = ("call", "Will pay on Friday") if "note" in way else ("letter", None)
        donors.log_contact(db, ruth, donor_id=donor, kind=kind, text=said, at=now)
    assert everywhere(db, ruth, today) == ([], [])
    assert tasks.due(db, ruth, today=today) == []
    in_two_weeks = today + timedelta(days=14)
    alerts.raise_late_pledges(db, today=in_two_weeks, now=now)
    assert everywhere(db, ruth, in_two_weeks) == (["Tom Reed"], [])


def test_a_note_and_a_contact_from_before_clear_nothing(db, ruth, donor, late, today, now):
    donors.log_contact(db, ruth, donor_id=donor, kind="note", text="Nice", at=now)
    donors.log_contact(
        db, ruth, donor_id=donor, kind="call", text=None, at=now - timedelta(days=3)
    )
    assert everywhere(db, ruth, today) == (["Tom Reed"], [])


ACTS = {
    "called": lambda db, who, one, today, now: alerts.called(
        db, who, alert_id=one, today=today, now=now
    ),
    "snoozed": lambda db, who, one, today, now: alerts.snooze(
        db, who, alert_id=one, until=today + timedelta(days=30), today=today, now=now
    ),
    "not late": lambda db, who, one, today, now: alerts.dismiss(
        db, who, alert_id=one, reason="They told me", today=today, now=now
    ),
    "dealt with": lambda db, who, one, today, now: alerts.resolve(db, who, alert_id=one, now=now),
}


@pytest.mark.parametrize("act", ACTS)
def test_each_act_can_be_undone(db, ruth, donor, late, today, now, act):
    def state():
        db.expire_all()
        return (
            db.scalars(select(Task.title).where(Task.done_at.is_(None))).all(),
            db.scalars(select(ContactLog.id)).all(),
            db.scalars(select(PledgeSkip.due_on)).all(),
            donors.get(db, ruth, donor, today=today).last_contacted_on,
            [one.sentence for one in pledges.late(db, ruth, today=today)],
        )

    before = state()
    ACTS[act](db, ruth, late, today, now)
    assert everywhere(db, ruth, today) == ([], [])
    alerts.undo(db, ruth, alert_id=late, today=today)
    assert everywhere(db, ruth, today) == (["Tom Reed"], [])
    assert state() == before
    with pytest.raises(ConflictError, match="nothing to undo"):
        alerts.undo(db, ruth, alert_id=late, today=today)


def test_a_line_can_be_acted_on_before_its_alert_is_raised(db, ruth, donor, risky, today, now):
    make.pledge(db, donor, "50", start=date(2026, 9, 5))
    for line in alerts.open_for(db, ruth, today=today):
        assert line.alert_id is None
        one = alerts.ensure(db, ruth, line, today=today)
        alerts.snooze(
            db, ruth, alert_id=one, until=today + timedelta(days=30), today=today, now=now
        )
    assert everywhere(db, ruth, today) == ([], [])


def test_pausing_and_ending_settle_the_alert_and_its_task_at_once(db, ruth, donor, late, today):
    pledge = db.scalar(select(Alert.pledge_id))
    pledges.pause(db, ruth, pledge_id=pledge, start=date(2026, 9, 1), today=today)
    assert everywhere(db, ruth, today) == ([], [])
    assert tasks.due(db, ruth, today=today) == []
    assert db.scalar(select(Alert.resolved_gift_id)) is None


def test_ending_a_pledge_settles_its_alert(db, ruth, late, today):
    pledges.end(db, ruth, pledge_id=db.scalar(select(Alert.pledge_id)), on=today)
    assert db.scalar(select(Alert.state)) == "resolved"
    assert tasks.due(db, ruth, today=today) == []


def marked(db, ruth, donor, today, **flags):
    view = donors.get(db, ruth, donor, today=today)
    fields = DonorFields(
        **{
            name: flags.get(name, getattr(view.fields, name))
            for name in DonorFields.__dataclass_fields__
        }
    )
    donors.update(db, ruth, donor_id=donor, version=view.version, fields=fields, today=today)


def test_a_death_settles_everything_at_once(db, ruth, donor, late, today, now):
    tasks.create(db, ruth, title="Thank Tom", donor_id=donor, due_on=today)
    make.gift(db, donor, "20", today)
    marked(db, ruth, donor, today, deceased=True)
    assert everywhere(db, ruth, today) == ([], [])
    assert tasks.due(db, ruth, today=today) == []
    assert gifts.thank_queue(db, ruth, today=today) == []
    assert pledges.monthly_equivalent(db, ruth, today=today) == Money(0, "USD")
    alerts.raise_late_pledges(db, today=today, now=now)
    assert db.scalars(select(Alert.state)).all() == ["resolved"]


def test_nobody_is_asked_to_write_to_who_may_not_be_written_to(db, ruth, donor, today, now):
    marked(db, ruth, donor, today, no_phone=True, no_email=True, no_mail=True)
    make.pledge(db, donor, "50", start=date(2026, 9, 5))
    alerts.raise_late_pledges(db, today=today, now=now)
    assert everywhere(db, ruth, today) == (["Tom Reed"], [])
    assert tasks.due(db, ruth, today=today) == []


def test_a_call_nobody_wants_any_more_is_closed(db, ruth, donor, late, today):
    assert [one.type for one in tasks.due(db, ruth, today=today)] == ["call"]
    marked(db, ruth, donor, today, no_phone=True)
    assert tasks.due(db, ruth, today=today) == []


def test_who_has_paused_is_not_at_risk_on_the_donors_screen_either(db, ruth, risky, today):
    page = donors.page(db, ruth, filter=DonorFilter(giving=("at risk",)), today=today)
    assert [one.name for one in page.lines] == ["Ana Sol"]
    pledge = make.pledge(db, risky, "50", start=date(2026, 1, 1))
    pledges.pause(db, ruth, pledge_id=pledge, start=date(2026, 11, 1), today=today)
    assert everywhere(db, ruth, today) == ([], [])
    page = donors.page(db, ruth, filter=DonorFilter(giving=("at risk",)), today=today)
    assert page.lines == []
    page = donors.page(db, ruth, filter=DonorFilter(giving=("paused",)), today=today)
    assert [(one.name, one.giving) for one in page.lines] == [("Ana Sol", "paused")]


def test_a_gift_of_tomorrow_in_auckland_does_not_open_the_alert_again(
    db, ruth, donor, late, today, now
):
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


def test_a_pause_planned_for_later_survives_resuming(db, ruth, donor, today):
    pledge = make.pledge(db, donor, "50", start=date(2026, 1, 5))
    make.pause(db, pledge, date(2026, 10, 1))
    make.pause(db, pledge, date(2027, 6, 1), date(2027, 8, 31))
    pledges.resume(db, ruth, pledge_id=pledge, on=today)
    found = pledges.get(db, ruth, pledge, today=today).pauses
    assert found == (
        (date(2026, 10, 1), today - timedelta(days=1)),
        (date(2027, 6, 1), date(2027, 8, 31)),
    )


def test_a_raise_may_be_backdated_and_is_an_upgrade(db, ruth, donor, today):
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
