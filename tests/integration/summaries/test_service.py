"""The weekly summary: its content, preview and schedule."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app import alerts, audit, donors, gifts, mail, summaries
from app.accounts import Actor
from app.db.models import OutboxMessage, User
from app.kit.errors import NotAllowedError, NotFoundError
from app.kit.money import Money
from app.mail import render
from tests import factories as make
from tests.values import Clock, present

TODAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)


@pytest.fixture
def ruth(db: Session) -> Actor:
    make.organisation(db)
    return make.person(db, name="Ruth Adler", email="ruth@example.org", goal="1000")


@pytest.fixture
def donor_ids(db: Session, ruth: Actor) -> dict[str, int]:
    """One donor for each section of the summary: name → id."""
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


def section(summary: mail.WeeklyMail, title: str) -> mail.Section | None:
    return next((candidate for candidate in summary.sections if candidate.title == title), None)


def section_names(summary: mail.WeeklyMail, title: str) -> list[str]:
    matching = section(summary, title)
    return [line.name for line in matching.lines] if matching else []


def test_each_section_lists_its_donors(
    db: Session, ruth: Actor, donor_ids: dict[str, int]
) -> None:
    summary = summaries.build(db, ruth, today=TODAY)

    assert summary.subject == (
        "1 gift, $75.50; 1 pledge late, 1 donor at risk, 1 thank-you waiting"
    )
    assert section_names(summary, "Late pledges") == ["Mara Vogel"]
    assert section_names(summary, "At risk") == ["Tom Reed"]
    assert section_names(summary, "To thank") == ["Ana Sol"]
    assert section_names(summary, "Gifts of the week") == ["Ana Sol"]
    # the call about Mara's pledge is left out, because her late pledge is listed
    assert section_names(summary, "Tasks") == ["Ana Sol"]
    assert summary.changed == ("Newly late: Mara Vogel.", "Newly at risk: Tom Reed.")
    assert summary.week == "16 to 22 Nov"
    line = present(section(summary, "Late pledges")).lines[0]
    assert "83 days late" in line.reason
    assert line.contact == "555 0101 · mara@example.org"
    assert line.link.endswith(f"/donor?id={donor_ids['mara']}")
    assert summary.percent == 9
    assert "of the monthly goal" in summary.goal


def test_donors_who_died_count_in_the_sums_and_are_named_nowhere(
    db: Session, ruth: Actor, donor_ids: dict[str, int]
) -> None:
    clock = Clock(today=TODAY, now=NOW)
    for name in ("mara", "tom"):
        donor = donor_ids[name]
        gifts.record(db, ruth, donor_id=donor, amount=Money.of("150", "USD"), on=TODAY, **clock)
    tomorrow = TODAY + timedelta(days=1)
    before = summaries.build(db, ruth, today=tomorrow)
    assert before.changed == ("Gave again: Mara Vogel and Tom Reed.",)
    for donor in donor_ids.values():
        view = donors.get(db, ruth, donor, today=TODAY)
        fields = replace(view.fields, deceased=True)
        donors.update(db, ruth, donor_id=donor, version=view.version, fields=fields, today=TODAY)
    after = summaries.build(db, ruth, today=tomorrow)
    assert (after.sections, after.changed) == ((), ())
    assert after.figures[0] == before.figures[0]
    assert after.figures[0].value == "$375.50"
    text = render.text("weekly_summary", after)
    assert not {name for name in ("Mara", "Tom", "Ana") if name in text}


def test_text_and_html_contain_every_name_amount_reason_and_link(
    db: Session, ruth: Actor, donor_ids: dict[str, int]
) -> None:
    summary = summaries.build(db, ruth, today=TODAY)
    parts = [render.text("weekly_summary", summary), render.html("weekly_summary", summary)]

    for part in parts:
        for mail_section in summary.sections:
            for line in mail_section.lines:
                assert line.name in present(part)
                assert line.link in present(part)
        for expected in (
            "$75.50",
            "$150 behind",
            "Water and wells",
            "555 0101",
            "Coffee with Ana",
        ):
            assert expected in present(part), expected
    assert "style=" in present(parts[1])
    assert "width: 9%" in present(parts[1])


def test_a_week_without_news_is_a_short_mail(db: Session, ruth: Actor) -> None:
    summary = summaries.build(db, ruth, today=TODAY)
    text = render.text("weekly_summary", summary)

    assert summary.subject == "A quiet week: nothing needs you"
    assert summary.sections == ()
    assert summary.changed == ()
    assert "nobody waits for you" in text
    assert len(text.splitlines()) < 16


def test_without_a_goal_the_mail_explains_where_to_set_one(db: Session) -> None:
    make.organisation(db)
    sam = make.person(db, name="Sam")

    summary = summaries.build(db, sam, today=TODAY)

    assert summary.percent is None
    assert "Set a monthly goal" in summary.goal
    assert 'class="fill"' not in present(render.html("weekly_summary", summary))


def test_the_goal_bar_is_capped_at_100_percent(db: Session, ruth: Actor) -> None:
    donor = make.donor(db, ruth)
    make.pledge(db, donor, "5000", start=date(2026, 11, 20))

    summary = summaries.build(db, ruth, today=TODAY)

    assert summary.percent == 100
    assert "reached" in summary.goal


def test_long_lists_are_truncated_with_a_count(db: Session, ruth: Actor) -> None:
    for number in range(11):
        donor = make.donor(db, ruth, f"Donor {number:02}")
        make.gift(db, donor, "10", date(2026, 11, 17))

    summary = summaries.build(db, ruth, today=TODAY)

    assert len(present(section(summary, "Gifts of the week")).lines) == 8
    assert present(section(summary, "Gifts of the week")).more == 3
    assert "and 3 more" in render.text("weekly_summary", summary)


def test_a_summary_contains_only_visible_donors(
    db: Session, ruth: Actor, donor_ids: dict[str, int]
) -> None:
    sam = make.person(db, name="Sam")

    assert summaries.build(db, sam, today=TODAY).sections == ()


def test_markup_in_a_name_is_escaped(db: Session, ruth: Actor) -> None:
    donor = make.donor(db, ruth, "<b>Mara</b> & Söhne")
    make.gift(db, donor, "10", date(2026, 11, 17))

    html = render.html("weekly_summary", summaries.build(db, ruth, today=TODAY))

    assert "<b>Mara</b>" not in present(html)
    assert "&lt;b&gt;Mara&lt;/b&gt; &amp; Söhne" in present(html)


def keys(db: Session) -> list[str]:
    return list(db.scalars(select(OutboxMessage.key).order_by(OutboxMessage.key)))


def test_due_once_a_week_at_each_users_local_hour(db: Session) -> None:
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
    assert sorted(keys(db)) == sorted(
        f"weekly:{user.user_id}:2026-W48" for user in (chicago, tokyo)
    )


def test_changing_the_weekday_within_a_week_sends_no_second_summary(
    db: Session, ruth: Actor
) -> None:
    assert summaries.queue_due(db, now=NOW) == 1
    db.execute(update(User).values(summary_weekday=3))

    assert summaries.queue_due(db, now=NOW + timedelta(days=3)) == 0


def test_a_late_summary_is_built_for_its_scheduled_day(
    db: Session, ruth: Actor, donor_ids: dict[str, int]
) -> None:
    (due,) = summaries.due(db, now=NOW + timedelta(days=1))

    assert due.today == TODAY


def test_a_supervisor_sees_the_team_section(
    db: Session, ruth: Actor, donor_ids: dict[str, int]
) -> None:
    with_goal = make.person(db, name="Sam Ode", goal="200")
    ana = make.donor(db, with_goal, "Ana Ode")
    pledge = make.pledge(db, ana, "50", start=date(2026, 11, 1))
    make.gift(db, ana, "50", date(2026, 11, 18), pledge_id=pledge, thanked_at=NOW)
    supervisor = make.person(db, "supervisor", name="Lea")
    for member in (ruth, with_goal):
        make.looks_after(db, supervisor, member)
    team = section(summaries.build(db, supervisor, today=TODAY), "Your team")
    assert [(line.name, line.reason) for line in present(team).lines] == [
        ("Ruth Adler", "1 gift, $75.50, 8.6 % of the goal, 1 pledge late, 1 donor at risk."),
        ("Sam Ode", "1 gift, $50, 25 % of the goal."),
    ]
    assert section(summaries.build(db, ruth, today=TODAY), "Your team") is None


def test_a_coach_sees_the_team_section_without_amounts(
    db: Session, ruth: Actor, donor_ids: dict[str, int]
) -> None:
    coach = make.person(db, "coach")
    quiet = make.person(db, name="Sam Ode")
    for member in (ruth, quiet):
        make.looks_after(db, coach, member, "coach")
    team = section(summaries.build(db, coach, today=TODAY), "Your team")
    assert [(line.name, line.reason) for line in present(team).lines] == [
        ("Ruth Adler", "1 pledge late, 1 donor at risk."),
        ("Sam Ode", "Nothing late, nobody at risk."),
    ]


def test_preview_sends_nothing(db: Session, ruth: Actor, donor_ids: dict[str, int]) -> None:
    preview = summaries.preview(db, ruth, user_id=ruth.user_id, today=TODAY)
    assert preview.subject.startswith("1 gift, $75.50")
    assert "Mara Vogel" in preview.html
    assert "Mara Vogel" in preview.text
    assert "/mail/do/" not in preview.html
    assert not db.scalars(select(OutboxMessage)).all()
    ada, sam = make.person(db, "admin"), make.person(db, "supervisor")
    admin_preview = summaries.preview(db, ada, user_id=ruth.user_id, today=TODAY)
    assert admin_preview.subject == preview.subject
    earlier = summaries.preview(db, ada, user_id=ruth.user_id, today=date(2026, 11, 12))
    assert "No gifts this week" in earlier.subject
    for viewer, user_id in ((sam, ruth.user_id), (ruth, ada.user_id), (ada, 10**9)):
        with pytest.raises(NotFoundError):
            summaries.preview(db, viewer, user_id=user_id, today=TODAY)


def test_send_now_at_most_once_a_minute(
    db: Session, ruth: Actor, donor_ids: dict[str, int]
) -> None:
    assert summaries.send_now(db, ruth, today=TODAY, now=NOW)
    assert not summaries.send_now(db, ruth, today=TODAY, now=NOW + timedelta(seconds=20))
    assert summaries.send_now(db, ruth, today=TODAY, now=NOW + timedelta(minutes=1))
    assert summaries.queue_due(db, now=NOW) == 1
    recipients = db.scalars(select(OutboxMessage.to_email)).all()
    assert recipients == ["ruth@example.org"] * 3
    impersonated = replace(ruth, viewer_id=10**6, viewer_name="Ada")
    with pytest.raises(NotAllowedError):
        summaries.send_now(db, impersonated, today=TODAY, now=NOW + timedelta(minutes=5))


def test_only_administrators_get_the_audit_head(
    db: Session, ruth: Actor, donor_ids: dict[str, int]
) -> None:
    ada = make.person(db, "admin", name="Ada")
    audit.record(db, actor_id=None, action="a.b", entity="a", sentence="x")
    audit.seal(db)
    head = audit.head(db)
    admin_summary = summaries.build(db, ada, today=TODAY)
    assert admin_summary.audit_head == head
    text, html = mail.rendered("weekly_summary", admin_summary)
    assert f"python -m app audit verify --head {head}" in text
    assert f"audit verify --head {head}" in html
    own_summary = summaries.build(db, ruth, today=TODAY)
    assert own_summary.audit_head == ""
    assert not [
        part for part in mail.rendered("weekly_summary", own_summary) if "audit" in part.lower()
    ]
