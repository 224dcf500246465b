"""View as: whose eyes, who may borrow them, and that borrowed eyes have no hands."""

import io
from dataclasses import replace
from datetime import UTC, date, datetime
from inspect import isfunction, signature

import pytest
from sqlalchemy import select

from app import (
    accounts,
    alerts,
    donors,
    exports,
    gifts,
    goals,
    imports,
    insights,
    pledges,
    privacy,
    tasks,
)
from app.accounts import Actor
from app.audit import ActivityFilter
from app.db.models import Activity, Gift, TeamMember
from app.kit.errors import DonorCrmError, NotAllowedError, NotFoundError
from app.kit.money import Money
from tests import factories as make

TODAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)


@pytest.fixture
def people(db) -> dict[str, Actor]:
    make.organisation(db)
    found = {role: make.person(db, role) for role in sorted(accounts.Role) if role != "system"}
    found |= {"ada": make.person(db, "admin"), "sam": make.person(db, name="Sam")}
    for member in ("fundraiser", "admin", "finance", "coach"):
        make.looks_after(db, found["supervisor"], found[member])
    return found


def session_of(db, who: Actor) -> str:
    return accounts.open_session(db, user_id=who.user_id, now=NOW)[0]


def seen(db, session_id: str) -> Actor | None:
    return accounts.session_actor(db, session_id=session_id, now=NOW)


def audited(db) -> list[tuple[int, str, int]]:
    rows = db.execute(
        select(Activity.actor_id, Activity.action, Activity.entity_id)
        .where(Activity.entity == "user")
        .order_by(Activity.id)
    )
    return [tuple(row) for row in rows]


def test_a_supervisor_sees_what_the_fundraiser_sees_and_comes_back(db, people):
    lead, ruth = people["supervisor"], people["fundraiser"]
    make.donor(db, lead, "Own")
    make.donor(db, ruth, "Theirs")
    session_id = session_of(db, lead)
    accounts.view_as(db, lead, session_id=session_id, user_id=ruth.user_id)
    eyes = seen(db, session_id)
    assert eyes == replace(ruth, viewer_id=lead.user_id, viewer_name=lead.name)
    page = donors.page(db, eyes, filter=donors.DonorFilter(), today=TODAY)
    assert [one.name for one in page.lines] == ["Theirs"]
    accounts.end_view(db, eyes, session_id=session_id)
    assert seen(db, session_id) == lead
    assert audited(db) == [
        (lead.user_id, "view.started", ruth.user_id),
        (lead.user_id, "view.ended", ruth.user_id),
    ]


ALLOWED = {
    "admin": {"supervisor", "coach", "finance", "read_only", "fundraiser", "sam"},
    # an administrator, finance or a coach in the team sees more than the supervisor does
    "supervisor": {"fundraiser"},
}


@pytest.mark.parametrize("who", ["admin", "supervisor", "coach", "finance", "read_only", "sam"])
def test_nobody_borrows_eyes_that_see_more(db, people, who):
    actor, session_id = people[who], session_of(db, people[who])
    allowed = ALLOWED.get(who, set())
    assert set(accounts.viewable(db, actor)) == {people[name].user_id for name in allowed}
    for name, person in people.items():
        if name not in allowed:
            with pytest.raises(NotAllowedError):
                accounts.view_as(db, actor, session_id=session_id, user_id=person.user_id)
    with pytest.raises(NotAllowedError):
        accounts.view_as(db, actor, session_id=session_id, user_id=10**9)
    assert seen(db, session_id) == actor
    assert audited(db) == []


def test_there_is_no_view_inside_a_view(db, people):
    ada, lead = people["ada"], people["supervisor"]
    session_id = session_of(db, ada)
    accounts.view_as(db, ada, session_id=session_id, user_id=lead.user_id)
    eyes = seen(db, session_id)
    assert accounts.viewable(db, eyes) == {}
    for actor in (eyes, ada, lead):
        with pytest.raises(NotAllowedError):
            accounts.view_as(
                db, actor, session_id=session_id, user_id=people["fundraiser"].user_id
            )


def test_another_ones_session_is_out_of_reach(db, people):
    theirs = session_of(db, people["admin"])
    with pytest.raises(NotAllowedError):
        accounts.view_as(db, people["ada"], session_id=theirs, user_id=people["sam"].user_id)
    with pytest.raises(NotAllowedError):
        accounts.end_view(db, people["ada"], session_id=theirs)


def leave_team(db, people):
    db.query(TeamMember).delete()


def become_admin(db, people):
    accounts.change_role(
        db, people["ada"], user_id=people["fundraiser"].user_id, role="admin", now=NOW
    )


def be_deactivated(db, people):
    accounts.deactivate(db, people["ada"], user_id=people["fundraiser"].user_id, now=NOW)


@pytest.mark.parametrize("change", [leave_team, become_admin, be_deactivated])
def test_it_ends_when_the_reason_for_it_does(db, people, change):
    lead, ruth = people["supervisor"], people["fundraiser"]
    session_id = session_of(db, lead)
    accounts.view_as(db, lead, session_id=session_id, user_id=ruth.user_id)
    change(db, people)
    assert seen(db, session_id) == lead
    assert audited(db)[-1] == (lead.user_id, "view.ended", ruth.user_id)


def test_it_ends_with_the_session(db, people):
    lead, ruth = people["supervisor"], people["fundraiser"]
    session_id = session_of(db, lead)
    accounts.view_as(db, lead, session_id=session_id, user_id=ruth.user_id)
    accounts.end_session(db, session_id=session_id, now=NOW)
    assert seen(db, session_id) is None
    assert audited(db)[-1] == (lead.user_id, "view.ended", ruth.user_id)
    assert seen(db, session_of(db, lead)) == lead


def test_the_viewers_own_end_ends_it(db, people):
    lead, ruth = people["supervisor"], people["fundraiser"]
    session_id = session_of(db, lead)
    accounts.view_as(db, lead, session_id=session_id, user_id=ruth.user_id)
    accounts.deactivate(db, people["ada"], user_id=lead.user_id, now=NOW)
    assert seen(db, session_id) is None


LINE = alerts.OpenAlert(None, "late_pledge", 1, "Ivy", 1, 1, 1, "Late.", TODAY, TODAY)
WRITES = {
    donors: {
        "create": {"fields": donors.DonorFields(name="New")},
        "update": {
            "donor_id": "donor",
            "version": 1,
            "fields": donors.DonorFields(name="New"),
            "today": TODAY,
        },
        "remove_contact": {"contact_id": 1},
        "log_contact": {"donor_id": "donor", "kind": "call", "text": None, "at": NOW},
        "record_consent": {
            "donor_id": "donor",
            "channel": "email",
            "purpose": "news",
            "granted": True,
            "source": "A card",
            "given_on": TODAY,
            "today": TODAY,
        },
    },
    gifts: {
        "record": {
            "donor_id": "donor",
            "amount": Money(100, "USD"),
            "on": TODAY,
            "today": TODAY,
            "now": NOW,
        },
        "correct": {
            "gift_id": "gift",
            "version": 1,
            "amount": Money(5, "USD"),
            "on": TODAY,
            "method": None,
            "fund_id": None,
            "pledge_id": None,
            "note": None,
            "today": TODAY,
            "now": NOW,
        },
        "reverse": {
            "gift_id": "gift",
            "reason": "Typed twice",
            "on": TODAY,
            "today": TODAY,
            "now": NOW,
        },
        "thank": {"gift_id": "gift", "how": None, "now": NOW},
        "unthank": {"gift_id": "gift"},
        "link": {"gift_id": "gift", "pledge_id": "pledge", "today": TODAY, "now": NOW},
        "unlink": {"gift_id": "gift", "today": TODAY, "now": NOW},
        "refuse": {"gift_id": "gift", "pledge_ids": (1,)},
        "link_all": {"today": TODAY, "now": NOW},
    },
    pledges: {
        "create": {
            "donor_id": "donor",
            "amount": Money(100, "USD"),
            "frequency": "monthly",
            "start": TODAY,
        },
        "change_amount": {
            "pledge_id": "pledge",
            "amount": Money(7, "USD"),
            "since": TODAY,
            "today": TODAY,
        },
        "pause": {"pledge_id": "pledge", "start": TODAY, "today": TODAY},
        "resume": {"pledge_id": "pledge", "on": TODAY},
        "skip": {"pledge_id": "pledge", "due": TODAY, "reason": "away", "today": TODAY},
        "end": {"pledge_id": "pledge", "on": TODAY},
        "unskip": {"pledge_id": "pledge", "due": TODAY, "today": TODAY},
        "change_terms": {
            "pledge_id": "pledge",
            "frequency": "weekly",
            "since": TODAY,
            "today": TODAY,
        },
    },
    tasks: {
        "create": {"title": "Call"},
        "finish": {"task_id": "task", "now": NOW},
        "reopen": {"task_id": "task"},
    },
    alerts: {
        "snooze": {"alert_id": "alert", "until": date(2026, 12, 1), "today": TODAY},
        "dismiss": {"alert_id": "alert", "reason": "away", "today": TODAY, "now": NOW},
        "resolve": {"alert_id": "alert", "now": NOW},
        "called": {"alert_id": "alert", "today": TODAY, "now": NOW},
        "undo": {"alert_id": "alert", "today": TODAY},
        "ensure": {"line": LINE, "today": TODAY, "now": NOW},
    },
    imports: {
        "look": {"data": b"name\nIvy"},
        "preview": {"today": TODAY, "data": b"name\nIvy", "file_name": "a.csv"},
        "commit": {"run_id": 1, "plan_hash": "", "today": TODAY, "now": NOW},
        "bring_in": {"today": TODAY, "now": NOW, "data": b"name\nIvy", "file_name": "a.csv"},
        "undo": {"run_id": 1, "now": NOW},
        "undo_later": {"run_id": 1, "now": NOW},
        "cancel": {"run_id": 1, "now": NOW},
        "preview_again": {"run_id": 1, "today": TODAY},
        # taking the file is written down, and so no look
        "kept_file": {"run_id": 1},
        "discard": {"run_id": 1},
        "hand_over": {"run_id": 1, "plan_hash": ""},
    },
    exports: {
        "write": {"kind": "gifts", "out": io.BytesIO(), "today": TODAY},
        "write_activity": {"filter": ActivityFilter(), "out": io.BytesIO()},
        "write_subject": {"donor_id": "donor", "out": io.BytesIO()},
        "ask_regularly": {
            "kind": "gifts",
            "form": "csv",
            "asked": exports.Asked(),
            "rhythm": "weekly",
            "only_new": False,
            "today": TODAY,
        },
        "stop": {"regular_id": 1},
    },
    privacy: {
        "erase": {"donor_id": "donor", "name": "Ivy", "now": NOW},
    },
    accounts: {
        "update_me": {
            "name": "Me",
            "time_zone": None,
            "monthly_goal_minor": 1,
            "summary_on": False,
            "summary_weekday": 0,
            "summary_hour": 1,
            "alert_channels": {},
        },
        "change_password": {"old": "a", "new": "b", "keep_session": None, "now": NOW},
        "end_others": {"keep": None, "now": NOW},
        "devices": {"now": NOW},
        "open_personal": {"name": "A", "scopes": frozenset(accounts.Scope), "now": NOW},
        "personal_tokens": {"now": NOW},
        "end_personal": {"token_id": 1, "now": NOW},
        "guard": {},
        "begin_second_factor": {"now": NOW},
        "confirm_second_factor": {"code": "123456", "now": NOW},
        "renew_recovery": {"now": NOW},
        "end_second_factor": {"now": NOW},
        "confirm": {"secret": "a", "now": NOW},
        "require_confirmed": {"now": NOW},
        "is_confirmed": {"now": NOW},
        "lift_second_factor": {"user_id": 1},
        "factors_of_people": {},
        "own_factors": {},
        "save_mfa_policy": {"roles": ["admin"], "grace_days": 1, "now": NOW},
        "own_passkeys": {},
        "begin_passkey": {"now": NOW},
        "add_passkey": {"response": {}, "name": "A", "now": NOW},
        "rename_passkey": {"passkey_id": 1, "name": "A"},
        "remove_passkey": {"passkey_id": 1, "now": NOW},
        "create": {"email": "a@example.org", "name": "A", "role": "admin", "password": None},
        "deactivate": {"user_id": 1, "now": NOW},
        "hand_over": {"user_id": 1, "to_id": 2},
        "invite": {"email": "a@example.org", "name": "A", "role": "fundraiser", "now": NOW},
        "invite_again": {"user_id": 1, "now": NOW},
        "withdraw": {"user_id": 1},
        "waiting": {},
        "belongings": {},
        "reactivate": {"user_id": 1},
        "change_role": {"user_id": 1, "role": "admin", "now": NOW},
        "set_team": {"lead_id": 1, "member_ids": []},
        "save_organisation": {
            "name": "X",
            "currency": "USD",
            "time_zone": "UTC",
            "fiscal_start_month": 1,
        },
        "people": {},
    },
}
READS = {
    donors: {
        "search",
        "page",
        "get",
        "timeline",
        "months",
        "owners",
        "at_risk",
        "require_visible",
        "looks",
        "consents",
        "chosen",
        # who looked is noted also inside a View as, in the viewer's name
        "note_look",
        "named_in_export",
        "note_export",
    },
    gifts: {
        "chosen",
        "page",
        "get",
        "lines",
        "recent",
        "thank_queue",
        "received",
        "freshness",
        "suggestions",
    },
    pledges: {
        "standings",
        "page",
        "get",
        "late",
        "expected",
        "monthly_equivalent",
        "monthly_support",
        "promised_by_month",
        "still_expected",
        "behind",
        "not_in_promised",
        "notes",
    },
    tasks: {"due", "for_donor"},
    alerts: {"open_for", "changes", "contact", "late", "at_risk"},
    # reading a file needs no database; `look` and `preview`, which follow, refuse
    imports: {"history", "get", "problems", "error_file", "owners", "answers", "read_file"},
    exports: {"exportable", "counts", "regular"},
    privacy: set(),
    accounts: {
        "me",
        "owners",
        "require",
        "require_own",
        "require_set_up",
        "visible_donors",
        "visible_owners",
        "visible_amounts",
        "editable_donors",
        "giftable_donors",
        "viewable",
        "view_as",
        "end_view",
    },
    insights: {
        "dashboard",
        "months",
        "income",
        "fiscal_year_so_far",
        "changes",
        "kept_by_year",
        "donor_months",
        "donors_behind",
        "gifts_behind",
        "figures",
        "glance",
        "waiting",
    },
    goals: {"progress", "support_by_month", "income", "income_by_month", "sight"},
}
CASES = [(room, name) for room, writes in WRITES.items() for name in writes]


def test_every_door_is_sorted_into_reading_and_writing():
    """A new function for an actor belongs into one of the two lists above."""
    for room in (*WRITES, insights, goals):
        doors = {name: getattr(room, name) for name in room.__all__}
        asked = {name for name, one in doors.items() if isfunction(one) and takes_actor(one)}
        assert not asked - set(WRITES.get(room, ())) - READS[room], room.__name__


def takes_actor(function) -> bool:
    return "actor" in signature(function).parameters


@pytest.mark.parametrize("role", ["fundraiser", "finance", "supervisor"])
@pytest.mark.parametrize(("room", "name"), CASES, ids=lambda one: getattr(one, "__name__", one))
def test_borrowed_eyes_have_no_hands(db, people, role, room, name):
    owner = people[role]
    ids = {"donor": make.donor(db, owner, "Ivy")}
    ids["gift"] = make.gift(db, ids["donor"], "10", TODAY)
    ids["pledge"] = make.pledge(db, ids["donor"], "20", "monthly", date(2026, 1, 1))
    ids["alert"] = make.alert(db, ids["donor"])
    ids["task"] = tasks.create(db, owner, title="Call", donor_id=ids["donor"])
    before = counted(db)
    arguments = {
        key: ids.get(value, value) if isinstance(value, str) and key.endswith("_id") else value
        for key, value in WRITES[room][name].items()
    }
    eyes = replace(owner, viewer_id=people["ada"].user_id, viewer_name="Ada")
    with pytest.raises((NotAllowedError, NotFoundError)) as refused:
        getattr(room, name)(db, eyes, **arguments)
    assert isinstance(refused.value, DonorCrmError)
    assert counted(db) == before


def counted(db) -> tuple[int, int]:
    db.flush()
    return db.query(Activity).count(), db.query(Gift).count()


def test_a_look_through_borrowed_eyes_is_noted_in_the_viewers_name(db, people):
    ada, ruth = people["ada"], people["fundraiser"]
    donor = make.donor(db, ruth, "Ivy")
    eyes = replace(ruth, viewer_id=ada.user_id, viewer_name=ada.name)
    donors.note_look(db, eyes, donor_id=donor)
    assert [one.who for one in donors.looks(db, ada, donor)] == [ada.name]
