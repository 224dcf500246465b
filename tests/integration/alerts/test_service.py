"""Alerts: raised once per cause, resolved by gifts, notifications and tasks."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from app import alerts, donors, gifts, summaries, tasks
from app.accounts import Actor
from app.db.models import Alert, Donor, OutboxMessage, Task, User
from app.kit.dates.days import Span
from app.kit.errors import InvalidError, NotFoundError
from app.kit.money import Money
from app.mail import queries as mail_queries
from app.ui.dashboard import action_items
from tests import factories as make
from tests.values import present

TODAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
FIRST_OPEN = date(2026, 9, 1)


@pytest.fixture
def ruth(db: Session) -> Actor:
    make.organisation(db)
    return make.person(db, name="Ruth Adler", email="ruth@example.org")


@pytest.fixture
def late_pledge(db: Session, ruth: Actor) -> tuple[int, int]:
    """A donor whose monthly pledge is unpaid since September: (donor, pledge)."""
    donor = make.donor(db, ruth, "Mara Vogel", email="mara@example.org", phone="555 0101")
    pledge = make.pledge(db, donor, "50", start=date(2026, 1, 1))
    for month in range(1, 9):
        make.gift(db, donor, "50", date(2026, month, 1), pledge_id=pledge)
    return donor, pledge


def check_late(db: Session, today: date = TODAY) -> alerts.Raised:
    return alerts.raise_late_pledges(db, today=today, now=NOW)


def alert_rows(db: Session) -> Sequence[Alert]:
    db.expire_all()
    return db.scalars(select(Alert).order_by(Alert.id)).all()


def only_alert(db: Session) -> Alert:
    (alert,) = alert_rows(db)
    return alert


def open_tasks(db: Session) -> Sequence[Task]:
    return db.scalars(select(Task).where(Task.done_at.is_(None))).all()


def set_alert_channels(db: Session, actor: Actor, **channels: str) -> None:
    db.execute(update(User).where(User.id == actor.user_id).values(alert_channels=channels))


def give(
    db: Session,
    actor: Actor,
    donor: int,
    amount: str = "50",
    *,
    pledge_id: int | None = None,
    fund_id: int | None = None,
) -> gifts.RecordedGift:
    return gifts.record(
        db,
        actor,
        donor_id=donor,
        amount=Money.of(amount, "USD"),
        on=TODAY,
        today=TODAY,
        now=NOW,
        pledge_id=pledge_id,
        fund_id=fund_id,
    )


def test_a_late_pledge_raises_one_alert_and_one_call_for_its_owner(
    db: Session, ruth: Actor, late_pledge: tuple[int, int]
) -> None:
    donor, pledge = late_pledge

    assert check_late(db) == alerts.Raised(raised=1, resolved=0, mailed=0)
    assert check_late(db) == alerts.Raised(raised=0, resolved=0, mailed=0)

    (alert,) = alerts.open_for(db, ruth, today=TODAY)
    assert (alert.kind, alert.donor_id, alert.pledge_id) == ("late_pledge", donor, pledge)
    assert alert.since == FIRST_OPEN
    assert only_alert(db).key == f"late_pledge:{pledge}:{FIRST_OPEN}"
    assert "83 days late" in alert.reason
    (call,) = tasks.due(db, ruth, today=TODAY)
    assert call.title == "Call Mara Vogel about the pledge"


def test_severity_rises_with_missed_instalments_and_never_decreases(
    db: Session, late_pledge: tuple[int, int]
) -> None:
    check_late(db, today=date(2026, 9, 15))
    first = only_alert(db).severity
    check_late(db, today=date(2026, 10, 15))
    second = only_alert(db).severity
    check_late(db)
    third = only_alert(db).severity
    check_late(db, today=date(2026, 9, 15))

    assert (first, second, third, only_alert(db).severity) == (1, 2, 3, 3)


def test_recording_the_gift_resolves_the_alert_and_closes_the_call(
    db: Session, ruth: Actor, late_pledge: tuple[int, int]
) -> None:
    donor, pledge = late_pledge
    check_late(db)

    recorded = give(db, ruth, donor, "150", pledge_id=pledge)

    alert = only_alert(db)
    assert recorded.settled == 1
    assert alert.state == "resolved"
    assert alert.resolved_gift_id == recorded.gift_id
    assert open_tasks(db) == []
    assert alerts.open_for(db, ruth, today=TODAY) == []


def test_an_unrelated_gift_does_not_resolve_the_alert(
    db: Session, ruth: Actor, late_pledge: tuple[int, int]
) -> None:
    donor, _ = late_pledge
    other = make.fund(db)
    check_late(db)

    give(db, ruth, donor, "1", fund_id=other)

    assert only_alert(db).state == "open"
    assert len(open_tasks(db)) == 1


def test_deleting_the_gift_reopens_the_alert_and_the_call(
    db: Session, ruth: Actor, late_pledge: tuple[int, int]
) -> None:
    donor, pledge = late_pledge
    check_late(db)
    recorded = give(db, ruth, donor, "150", pledge_id=pledge)

    db.execute(text("delete from gift where id = :id"), {"id": recorded.gift_id})
    result = check_late(db)

    assert only_alert(db).state == "open"
    assert only_alert(db).resolved_gift_id is None
    assert len(open_tasks(db)) == 1
    assert result.raised == 0


def test_the_next_check_resolves_alerts_that_no_longer_hold(
    db: Session, late_pledge: tuple[int, int]
) -> None:
    check_late(db)
    db.execute(text("update pledge set status = 'paused'"))

    assert check_late(db).resolved == 1
    assert only_alert(db).state == "resolved"
    assert open_tasks(db) == []


def test_a_finished_call_is_not_created_again(
    db: Session, ruth: Actor, late_pledge: tuple[int, int]
) -> None:
    check_late(db)
    (call,) = tasks.due(db, ruth, today=TODAY)
    tasks.finish(db, ruth, task_id=call.task_id, now=NOW)

    check_late(db, today=date(2026, 11, 24))

    assert [task.type for task in open_tasks(db)] == ["write"]


@pytest.mark.parametrize(
    ("column", "raised", "kind"), [("deceased", 0, None), ("no_phone", 1, "write")]
)
def test_contact_preferences_decide_the_task(
    db: Session, late_pledge: tuple[int, int], column: str, raised: int, kind: str | None
) -> None:
    db.execute(update(Donor).values({column: True}))

    assert check_late(db).raised == raised
    assert [task.type for task in open_tasks(db)] == ([kind] if kind else [])


def test_dismissing_an_alert_excuses_the_instalments(
    db: Session, ruth: Actor, late_pledge: tuple[int, int]
) -> None:
    check_late(db)
    (alert,) = alerts.open_for(db, ruth, today=TODAY)

    alerts.dismiss(
        db, ruth, alert_id=present(alert.alert_id), reason="They told me", today=TODAY, now=NOW
    )

    skipped = db.scalars(text("select due_on from pledge_skip order by 1")).all()
    assert skipped == [date(2026, 9, 1), date(2026, 10, 1), date(2026, 11, 1)]
    assert only_alert(db).state == "dismissed"
    assert check_late(db) == alerts.Raised(0, 0, 0)
    assert only_alert(db).state == "dismissed"
    assert open_tasks(db) == []


def test_a_snoozed_alert_returns_on_its_day(
    db: Session, ruth: Actor, late_pledge: tuple[int, int]
) -> None:
    check_late(db)
    (alert,) = alerts.open_for(db, ruth, today=TODAY)
    until = date(2026, 12, 23)

    alerts.snooze(db, ruth, alert_id=present(alert.alert_id), until=until, today=TODAY)

    assert alerts.open_for(db, ruth, today=TODAY) == []
    assert len(alerts.open_for(db, ruth, today=until)) == 1
    check_late(db)
    assert only_alert(db).state == "snoozed"
    check_late(db, today=until)
    assert "open" in {row.state for row in alert_rows(db)}


def test_the_check_does_not_reopen_an_alert_resolved_by_a_user(
    db: Session, ruth: Actor, late_pledge: tuple[int, int]
) -> None:
    check_late(db)
    (alert,) = alerts.open_for(db, ruth, today=TODAY)

    alerts.resolve(db, ruth, alert_id=present(alert.alert_id), now=NOW)
    check_late(db)

    assert only_alert(db).state == "resolved"


def test_rejected_actions(db: Session, ruth: Actor, late_pledge: tuple[int, int]) -> None:
    check_late(db)
    (alert,) = alerts.open_for(db, ruth, today=TODAY)
    stranger = make.person(db)

    with pytest.raises(InvalidError, match="after today"):
        alerts.snooze(db, ruth, alert_id=present(alert.alert_id), until=TODAY, today=TODAY)
    with pytest.raises(InvalidError, match="few words"):
        alerts.dismiss(
            db, ruth, alert_id=present(alert.alert_id), reason="  ", today=TODAY, now=NOW
        )
    with pytest.raises(NotFoundError):
        alerts.resolve(db, stranger, alert_id=present(alert.alert_id), now=NOW)
    assert alerts.open_for(db, stranger, today=TODAY) == []


def donor_with_rhythm(db: Session, owner: Actor, name: str, last: date, status: str) -> int:
    donor = make.donor(db, owner, name, email=f"{name.split(maxsplit=1)[0].lower()}@example.org")
    make.gift(db, donor, "40", date(2026, 8, 10))
    make.gift(db, donor, "40", last)
    make.rhythm(db, donor, status)
    return donor


def check_at_risk(db: Session, today: date = TODAY) -> alerts.Raised:
    return alerts.raise_at_risk(db, today=today, now=NOW)


@pytest.fixture
def at_risk_donor(db: Session, ruth: Actor) -> int:
    """A monthly donor without a gift for over two months, and one who still gives."""
    donor_with_rhythm(db, ruth, "Noor Haddad", date(2026, 11, 5), "on rhythm")
    return donor_with_rhythm(db, ruth, "Tom Reed", date(2026, 9, 10), "at risk")


def test_at_risk_is_raised_once_per_last_gift(
    db: Session, ruth: Actor, at_risk_donor: int
) -> None:
    assert check_at_risk(db).raised == 1
    assert check_at_risk(db).raised == 0

    alert = only_alert(db)
    assert alert.key == f"at_risk:{at_risk_donor}:2026-09-10"
    assert "Gives about every" in alert.reason


def test_any_gift_resolves_an_at_risk_alert(db: Session, ruth: Actor, at_risk_donor: int) -> None:
    check_at_risk(db)

    assert give(db, ruth, at_risk_donor, "5").settled == 1
    assert only_alert(db).state == "resolved"


def test_a_donor_who_lapses_keeps_the_alert_at_the_highest_severity(
    db: Session, at_risk_donor: int
) -> None:
    check_at_risk(db)
    make.rhythm(db, at_risk_donor, "lapsed")
    check_at_risk(db, today=date(2027, 9, 1))

    alert = next(row for row in alert_rows(db) if row.donor_id == at_risk_donor)
    assert (alert.state, alert.severity) == ("open", 3)


def test_a_late_pledge_suppresses_at_risk_of_the_same_donor(
    db: Session, ruth: Actor, at_risk_donor: int
) -> None:
    check_at_risk(db)
    pledge = make.pledge(db, at_risk_donor, "40", start=date(2026, 10, 1))

    check_late(db)
    check_at_risk(db)

    states = {row.kind: row.state for row in alert_rows(db)}
    assert states == {"at_risk": "resolved", "late_pledge": "open"}
    assert pledge


def test_an_immediate_mail_is_queued_once(
    db: Session, ruth: Actor, late_pledge: tuple[int, int]
) -> None:
    set_alert_channels(db, ruth, late_pledge="at once")

    assert check_late(db).mailed == 1
    assert check_late(db).mailed == 0

    (mail,) = db.scalars(select(OutboxMessage)).all()
    assert mail.to_email == "ruth@example.org"
    assert mail.subject == "Mara Vogel is 83 days late"
    for expected in (
        "$50 a month",
        "555 0101",
        "mara@example.org",
        "/donor?id=",
        "Last gift: 1 Aug",
    ):
        assert expected in mail.text_body, expected


def test_one_mail_lists_all_donors_newly_at_risk(
    db: Session, ruth: Actor, at_risk_donor: int
) -> None:
    donor_with_rhythm(db, ruth, "Ana Sol", date(2026, 9, 3), "slipping")
    set_alert_channels(db, ruth, at_risk="at once")

    assert check_at_risk(db).mailed == 1
    assert check_at_risk(db).mailed == 0

    (mail,) = db.scalars(select(OutboxMessage)).all()
    assert mail.subject == "2 donors may be stopping"
    assert "Tom Reed" in mail.text_body
    assert "Ana Sol" in mail.text_body
    assert "Noor Haddad" not in mail.text_body


@pytest.mark.parametrize("channel", ["summary", "app", "none", None])
def test_other_channels_queue_no_immediate_mail(
    db: Session, ruth: Actor, late_pledge: tuple[int, int], channel: str | None
) -> None:
    set_alert_channels(db, ruth, **({"late_pledge": channel} if channel else {}))

    assert check_late(db).mailed == 0


def test_no_mail_when_the_owner_is_inactive(
    db: Session, ruth: Actor, late_pledge: tuple[int, int]
) -> None:
    set_alert_channels(db, ruth, late_pledge="at once")
    db.execute(update(User).where(User.id == ruth.user_id).values(active=False))

    assert check_late(db) == alerts.Raised(raised=1, resolved=0, mailed=0)
    assert open_tasks(db) == []


def test_contact_details_exclude_refused_channels(
    db: Session, ruth: Actor, late_pledge: tuple[int, int]
) -> None:
    donor, _ = late_pledge
    db.execute(update(Donor).values(no_phone=True))

    assert alerts.contact(db, ruth, donor, today=TODAY) == "mara@example.org"


def test_what_changed_in_a_week(
    db: Session, ruth: Actor, late_pledge: tuple[int, int], at_risk_donor: int
) -> None:
    donor, pledge = late_pledge
    check_late(db)
    check_at_risk(db)
    week = Span(date(2026, 11, 17), date(2026, 11, 24))

    assert alerts.changes(db, ruth, span=week) == alerts.Changes(
        ("Mara Vogel",), ("Tom Reed",), ()
    )
    give(db, ruth, donor, "150", pledge_id=pledge)
    assert alerts.changes(db, ruth, span=week).answered == ("Mara Vogel",)


def test_an_import_resolves_the_alerts_of_donors_with_imported_gifts(
    db: Session, ruth: Actor, late_pledge: tuple[int, int], at_risk_donor: int
) -> None:
    donor, pledge = late_pledge
    check_late(db)
    check_at_risk(db)
    run = make.import_run(db, ruth)
    make.gift(db, donor, "150", TODAY, pledge_id=pledge, import_run_id=run)

    assert alerts.settle(db, import_run_id=run, today=TODAY, now=NOW) == 1
    states = {row.donor_id: row.state for row in alert_rows(db)}
    assert states == {donor: "resolved", at_risk_donor: "open"}


@pytest.mark.parametrize(
    ("channel", "mailed", "called"),
    [("at once", 1, 1), ("summary", 0, 1), ("app", 0, 1), ("none", 0, 0), ("unheard of", 0, 1)],
)
def test_alert_channels(
    db: Session, ruth: Actor, late_pledge: tuple[int, int], channel: str, mailed: int, called: int
) -> None:
    set_alert_channels(db, ruth, late_pledge=channel)
    assert check_late(db) == alerts.Raised(raised=1, resolved=0, mailed=mailed)
    assert len(open_tasks(db)) == called
    entries = action_items.collect(db, ruth, day=TODAY)
    assert [entry.kind for entry in entries if entry.kind == "late_pledge"] == [
        "late_pledge"
    ] * called
    summary = summaries.build(db, ruth, today=TODAY)
    titles = [entry.title for entry in summary.sections]
    assert ("Late pledges" in titles) == (channel not in {"app", "none"})
    assert bool(summary.changed) == (channel not in {"app", "none"})
    # the work list still contains it
    assert alerts.open_for(db, ruth, today=TODAY)


def test_an_immediate_mail_contains_action_links(
    db: Session, ruth: Actor, late_pledge: tuple[int, int]
) -> None:
    set_alert_channels(db, ruth, late_pledge="at once")
    check_late(db)
    (row,) = db.scalars(select(OutboxMessage)).all()
    links = re.findall(r"/api/v1/mail/do/(\S+?)\"", present(row.html_body))
    buttons = [summaries.preview_action(db, token, now=NOW).button for token in links]
    assert buttons == ["Yes, I called", "Remind me in a week", "Not late, they told me"]
    assert row.text_body.count("/api/v1/mail/do/") == 3
    db.execute(text("reset role"))
    summaries.perform_action(db, links[2], now=NOW)
    assert only_alert(db).state == "dismissed"


@pytest.mark.parametrize(("role", "links"), [("read_only", 0), ("finance", 0), ("supervisor", 2)])
def test_action_links_by_role(db: Session, role: str, links: int) -> None:
    make.organisation(db)
    owner = make.person(db, role)
    set_alert_channels(db, owner, at_risk="at once")
    donor = make.donor(db, owner, "Tom Reed")
    for month in range(1, 10):
        make.gift(db, donor, "40", date(2026, month, 10))
    make.rhythm(db, donor, "at risk")
    alerts.raise_at_risk(db, today=TODAY, now=NOW)
    (row,) = db.scalars(select(OutboxMessage)).all()
    assert present(row.html_body).count("/api/v1/mail/do/") == links


def test_the_at_risk_mail_lists_at_most_twenty_donors(db: Session, ruth: Actor) -> None:
    set_alert_channels(db, ruth, at_risk="at once")
    for number in range(25):
        donor = make.donor(db, ruth, f"Donor {number:02}")
        make.gift(db, donor, "40", date(2026, 1, 10))
        make.rhythm(db, donor, "at risk")
    assert alerts.raise_at_risk(db, today=TODAY, now=NOW).mailed == 1
    (row,) = db.scalars(select(OutboxMessage)).all()
    assert row.subject == "25 donors may be stopping"
    assert row.text_body.count("/donor?id=") == 20
    assert "The first 20 are listed here, all on Today." in row.text_body


def test_mails_wait_until_quiet_hours_end(
    db: Session, ruth: Actor, late_pledge: tuple[int, int]
) -> None:
    set_alert_channels(db, ruth, late_pledge="at once")
    db.execute(
        update(User)
        .where(User.id == ruth.user_id)
        .values(quiet_from=20, quiet_until=7, time_zone="America/Los_Angeles")
    )
    # 01:30 in Los Angeles
    check_late(db)
    (row,) = db.scalars(select(OutboxMessage)).all()
    assert row.next_try_at == datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
    assert alerts.raise_late_pledges(db, today=TODAY, now=NOW).mailed == 0


@pytest.mark.parametrize("ending", ["death", "gift", "call", "none"])
def test_a_mail_that_waits_is_not_sent_when_its_cause_has_ended(
    db: Session, ruth: Actor, late_pledge: tuple[int, int], at_risk_donor: int, ending: str
) -> None:
    set_alert_channels(db, ruth, late_pledge="at once", at_risk="at once")
    check_late(db)
    check_at_risk(db)
    late, _ = late_pledge
    if ending == "gift":
        give(db, ruth, late, "150")
    elif ending == "call":
        donors.log_contact(db, ruth, donor_id=late, kind="call", text=None, at=NOW)
    elif ending == "death":
        for donor in (late, at_risk_donor):
            view = donors.get(db, ruth, donor, today=TODAY)
            fields = replace(view.fields, deceased=True)
            donors.update(
                db, ruth, donor_id=donor, version=view.version, fields=fields, today=TODAY
            )
    mail_queries.suppress_queued(db)
    db.expire_all()
    states = dict(db.execute(select(OutboxMessage.name, OutboxMessage.state)).all())
    assert states == {
        "late_pledge_alert": "queued" if ending == "none" else "suppressed",
        "at_risk_donors_alert": "suppressed" if ending == "death" else "queued",
    }


def test_a_letter_follows_a_call_and_a_gift_closes_it(
    db: Session, ruth: Actor, late_pledge: tuple[int, int]
) -> None:
    donor, _ = late_pledge
    check_late(db)
    (call,) = open_tasks(db)
    tasks.finish(db, ruth, task_id=call.id, now=NOW)
    (follow_up,) = open_tasks(db)
    assert (follow_up.type, follow_up.title) == ("write", "Write to Mara Vogel about the pledge")
    assert (follow_up.due_on, follow_up.alert_id) == (date(2026, 12, 7), call.alert_id)
    # finishing, reopening and finishing again creates one letter only
    tasks.reopen(db, ruth, task_id=call.id)
    tasks.finish(db, ruth, task_id=call.id, now=NOW)
    assert len(open_tasks(db)) == 1
    assert check_late(db) == alerts.Raised(raised=0, resolved=0, mailed=0)
    give(db, ruth, donor, "150")
    assert open_tasks(db) == []


@pytest.mark.parametrize("reason", ["answered", "no letters", "a letter itself"])
def test_no_letter_follows_when_not_applicable(
    db: Session, ruth: Actor, late_pledge: tuple[int, int], reason: str
) -> None:
    donor, _ = late_pledge
    if reason != "answered":
        values = (
            {"no_mail": True, "no_email": True} if reason == "no letters" else {"no_phone": True}
        )
        db.execute(update(Donor).where(Donor.id == donor).values(**values))
    check_late(db)
    (first,) = open_tasks(db)
    if reason == "answered":
        db.execute(update(Alert).values(state="resolved"))
    tasks.finish(db, ruth, task_id=first.id, now=NOW)
    assert open_tasks(db) == []
