"""The weekly mail, from rows to words: names, amounts, reasons, links; once a week each."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select, update

from app import alerts, audit, mail, summaries
from app.db.models import OutboxMessage, User
from app.kit.errors import NotAllowedError, NotFoundError
from app.mail import render
from tests import factories as make

TODAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)


@pytest.fixture
def ruth(db):
    make.organisation(db)
    return make.person(db, name="Ruth Adler", email="ruth@example.org", goal="1000")


@pytest.fixture
def book(db, ruth):
    """One donor of each kind that needs a line."""
    fund = make.fund(db, "Water and wells")
    mara = make.donor(db, ruth, "Mara Vogel", email="mara@example.org", phone="555 0101")
    pledge = make.pledge(db, mara, "50", start=date(2026, 1, 1))
    for month in range(1, 9):
        make.gift(db, mara, "50", date(2026, month, 1), pledge_id=pledge, thanked_at=NOW)
    tom = make.donor(db, ruth, "Tom Reed", email="tom@example.org")
    for month in range(1, 10):
        make.gift(db, tom, "40", date(2026, month, 10), thanked_at=NOW)
    ana = make.donor(db, ruth, "Ana Sol")
    make.gift(db, ana, "75.50", date(2026, 11, 18), fund_id=fund)
    make.task(db, ruth, "Coffee with Ana", donor_id=ana, due_on=TODAY)
    alerts.raise_late_pledges(db, today=TODAY, now=NOW)
    make.rhythm(db, tom, "at risk")
    alerts.raise_at_risk(db, today=TODAY, now=NOW)
    return {"mara": mara, "tom": tom, "ana": ana}


def section(built, title):
    return next((one for one in built.sections if one.title == title), None)


def people(built, title):
    found = section(built, title)
    return [line.name for line in found.lines] if found else []


def test_every_kind_of_news_has_its_line(db, ruth, book):
    built = summaries.build(db, ruth, today=TODAY)

    assert built.subject == ("1 gift, $75.50; 1 pledge late, 1 donor at risk, 1 thank-you waiting")
    assert people(built, "Late pledges") == ["Mara Vogel"]
    assert people(built, "At risk") == ["Tom Reed"]
    assert people(built, "To thank") == ["Ana Sol"]
    assert people(built, "Gifts of the week") == ["Ana Sol"]
    # the call about Mara's pledge is said by her line among the late ones
    assert people(built, "Tasks") == ["Ana Sol"]
    assert built.changed == ("Newly late: Mara Vogel.", "Newly at risk: Tom Reed.")
    assert built.week == "16 to 22 Nov"
    line = section(built, "Late pledges").lines[0]
    assert "83 days late" in line.reason
    assert line.contact == "555 0101 · mara@example.org"
    assert line.link.endswith(f"/donor?id={book['mara']}")
    assert built.percent == 9
    assert "of the monthly goal" in built.goal


def test_both_parts_carry_every_name_amount_reason_and_link(db, ruth, book):
    built = summaries.build(db, ruth, today=TODAY)
    parts = [render.text("weekly_summary", built), render.html("weekly_summary", built)]

    for part in parts:
        for one in built.sections:
            for line in one.lines:
                assert line.name in part
                assert line.link in part
        for words in ("$75.50", "$150 behind", "Water and wells", "555 0101", "Coffee with Ana"):
            assert words in part, words
    assert "style=" in parts[1]
    assert "width: 9%" in parts[1]


def test_nothing_to_do_is_a_short_honest_mail(db, ruth):
    built = summaries.build(db, ruth, today=TODAY)
    text = render.text("weekly_summary", built)

    assert built.subject == "A quiet week: nothing needs you"
    assert built.sections == ()
    assert built.changed == ()
    assert "nobody waits for you" in text
    assert len(text.splitlines()) < 16


def test_without_a_goal_the_mail_says_where_to_set_one(db):
    make.organisation(db)
    sam = make.person(db, name="Sam")

    built = summaries.build(db, sam, today=TODAY)

    assert built.percent is None
    assert "Set a monthly goal" in built.goal
    assert 'class="fill"' not in render.html("weekly_summary", built)


def test_a_goal_passed_fills_the_bar_and_no_more(db, ruth):
    donor = make.donor(db, ruth)
    make.pledge(db, donor, "5000", start=date(2026, 11, 20))

    built = summaries.build(db, ruth, today=TODAY)

    assert built.percent == 100
    assert "reached" in built.goal


def test_a_long_list_is_cut_and_says_how_many_more(db, ruth):
    for number in range(11):
        donor = make.donor(db, ruth, f"Donor {number:02}")
        make.gift(db, donor, "10", date(2026, 11, 17))

    built = summaries.build(db, ruth, today=TODAY)

    assert len(section(built, "Gifts of the week").lines) == 8
    assert section(built, "Gifts of the week").more == 3
    assert "and 3 more" in render.text("weekly_summary", built)


def test_nobody_reads_about_somebody_elses_donors(db, ruth, book):
    sam = make.person(db, name="Sam")

    assert summaries.build(db, sam, today=TODAY).sections == ()


def test_markup_in_a_name_stays_text(db, ruth):
    donor = make.donor(db, ruth, "<b>Mara</b> & Söhne")
    make.gift(db, donor, "10", date(2026, 11, 17))

    html = render.html("weekly_summary", summaries.build(db, ruth, today=TODAY))

    assert "<b>Mara</b>" not in html
    assert "&lt;b&gt;Mara&lt;/b&gt; &amp; Söhne" in html


def keys(db):
    return list(db.scalars(select(OutboxMessage.key).order_by(OutboxMessage.key)))


def test_due_at_each_persons_own_hour_once_a_week(db):
    make.organisation(db)
    chicago = make.person(db, time_zone="America/Chicago")
    tokyo = make.person(db, time_zone="Asia/Tokyo", summary_weekday=1, summary_hour=7)
    make.person(db, summary_on=False)
    make.person(db, active=False)

    # Monday 07:30 in Chicago, Monday 22:30 in Tokyo
    assert summaries.queue_due(db, now=datetime(2026, 11, 23, 13, 30, tzinfo=UTC)) == 0
    # Monday 08:00 and 23:00
    assert summaries.queue_due(db, now=datetime(2026, 11, 23, 14, 0, tzinfo=UTC)) == 1
    assert summaries.queue_due(db, now=datetime(2026, 11, 23, 15, 0, tzinfo=UTC)) == 0
    # Tuesday 07:00 in Tokyo
    assert summaries.queue_due(db, now=datetime(2026, 11, 23, 22, 0, tzinfo=UTC)) == 1
    assert sorted(keys(db)) == sorted(f"weekly:{one.user_id}:2026-W48" for one in (chicago, tokyo))


def test_moving_the_weekday_within_a_week_sends_no_second_one(db, ruth):
    assert summaries.queue_due(db, now=NOW) == 1
    db.execute(update(User).values(summary_weekday=3))

    assert summaries.queue_due(db, now=NOW + timedelta(days=3)) == 0


def test_a_summary_caught_up_later_is_written_for_its_own_day(db, ruth, book):
    (due,) = summaries.due(db, now=NOW + timedelta(days=1))

    assert due.today == TODAY


def test_who_leads_reads_how_everybody_is_doing(db, ruth, book):
    with_goal = make.person(db, name="Sam Ode", goal="200")
    ana = make.donor(db, with_goal, "Ana Ode")
    pledge = make.pledge(db, ana, "50", start=date(2026, 11, 1))
    make.gift(db, ana, "50", date(2026, 11, 18), pledge_id=pledge, thanked_at=NOW)
    lead = make.person(db, "supervisor", name="Lea")
    for one in (ruth, with_goal):
        make.looks_after(db, lead, one)
    found = section(summaries.build(db, lead, today=TODAY), "Your team")
    assert [(line.name, line.reason) for line in found.lines] == [
        ("Ruth Adler", "1 gift, $75.50, 8.6 % of the goal, 1 pledge late, 1 donor at risk."),
        ("Sam Ode", "1 gift, $50, 25 % of the goal."),
    ]
    assert section(summaries.build(db, ruth, today=TODAY), "Your team") is None


def test_a_coach_reads_of_people_and_of_no_amount(db, ruth, book):
    coach = make.person(db, "coach")
    quiet = make.person(db, name="Sam Ode")
    for one in (ruth, quiet):
        make.looks_after(db, coach, one, "coach")
    found = section(summaries.build(db, coach, today=TODAY), "Your team")
    assert [(line.name, line.reason) for line in found.lines] == [
        ("Ruth Adler", "1 pledge late, 1 donor at risk."),
        ("Sam Ode", "Nothing late, nobody at risk."),
    ]


def test_a_summary_is_looked_at_beforehand_without_sending(db, ruth, book):
    seen = summaries.preview(db, ruth, user_id=ruth.user_id, today=TODAY)
    assert seen.subject.startswith("1 gift, $75.50")
    assert "Mara Vogel" in seen.html
    assert "Mara Vogel" in seen.text
    assert "/mail/do/" not in seen.html
    assert not db.scalars(select(OutboxMessage)).all()
    ada, sam = make.person(db, "admin"), make.person(db, "supervisor")
    theirs = summaries.preview(db, ada, user_id=ruth.user_id, today=TODAY)
    assert theirs.subject == seen.subject
    earlier = summaries.preview(db, ada, user_id=ruth.user_id, today=date(2026, 11, 12))
    assert "No gifts this week" in earlier.subject
    for who, whose in ((sam, ruth.user_id), (ruth, ada.user_id), (ada, 10**9)):
        with pytest.raises(NotFoundError):
            summaries.preview(db, who, user_id=whose, today=TODAY)


def test_one_now_is_sent_once_a_minute_beside_the_weekly_one(db, ruth, book):
    assert summaries.send_now(db, ruth, today=TODAY, now=NOW)
    assert not summaries.send_now(db, ruth, today=TODAY, now=NOW + timedelta(seconds=20))
    assert summaries.send_now(db, ruth, today=TODAY, now=NOW + timedelta(minutes=1))
    assert summaries.queue_due(db, now=NOW) == 1
    kept = db.scalars(select(OutboxMessage.to_email)).all()
    assert kept == ["ruth@example.org"] * 3
    looking = replace(ruth, viewer_id=10**6, viewer_name="Ada")
    with pytest.raises(NotAllowedError):
        summaries.send_now(db, looking, today=TODAY, now=NOW + timedelta(minutes=5))


def test_administrators_read_the_head_of_the_audit_log_and_nobody_else(db, ruth, book):
    ada = make.person(db, "admin", name="Ada")
    audit.record(db, actor_id=None, action="a.b", entity="a", sentence="x")
    audit.seal(db)
    head = audit.head(db)
    written = summaries.build(db, ada, today=TODAY)
    assert written.audit_head == head
    text, html = mail.rendered("weekly_summary", written)
    assert f"python -m app audit verify --head {head}" in text
    assert f"audit verify --head {head}" in html
    theirs = summaries.build(db, ruth, today=TODAY)
    assert theirs.audit_head == ""
    assert not [
        part for part in mail.rendered("weekly_summary", theirs) if "audit" in part.lower()
    ]
