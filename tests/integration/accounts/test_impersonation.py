"""Impersonation ("View as"): who may impersonate whom, and that nothing can be changed."""

import io
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from inspect import isfunction, signature
from types import FunctionType, ModuleType
from typing import Any

import pytest
from sqlalchemy import Connection, select
from sqlalchemy.orm import Session

from app import (
    accounts,
    alerts,
    care_requests,
    donors,
    exports,
    gifts,
    goals,
    households,
    imports,
    insights,
    organisation_settings,
    pledges,
    privacy,
    tasks,
)
from app.accounts import Actor
from app.audit import ActivityFilter
from app.db.models import Activity, Gift, TeamMember
from app.kit.errors import DonorCrmError, NotAllowedError, NotFoundError
from app.kit.money import Money
from app.mail import MailServer
from tests import database as run
from tests import factories as make
from tests.values import present

TODAY = date(2026, 11, 23)
GIVERS = '[[["gifts","at least","1"]]]'
NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
REMOVED_TASK = tasks.RemovedTask(
    type="call",
    title="Call",
    note=None,
    priority=2,
    due_on=TODAY,
    due_at=None,
    donor_id=None,
    created_by=None,
    done_at=None,
    done_by=None,
    import_source=None,
    external_id=None,
    import_run_id=None,
    repeats=None,
    repeats_from=None,
    alert_id=None,
    follows_id=None,
)


@pytest.fixture(scope="module")
def people(standing: Connection) -> dict[str, Actor]:
    with run.kept(standing) as session:
        return make_people(session)


@pytest.fixture
def db(standing: Connection, people: dict[str, Actor]) -> Iterator[Session]:
    with run.undone(standing) as session:
        yield session


def make_people(db: Session) -> dict[str, Actor]:
    make.organisation(db, modules=["requests"])
    users: dict[str, Actor] = {
        role: make.person(db, role) for role in sorted(accounts.Role) if role != "system"
    }
    users |= {"ada": make.person(db, "admin"), "sam": make.person(db, name="Sam")}
    for member in ("fundraiser", "admin", "finance", "coach"):
        make.looks_after(db, users["supervisor"], users[member])
    return users


def session_of(db: Session, actor: Actor) -> str:
    return accounts.open_session(db, user_id=actor.user_id, now=NOW)[0]


def session_actor(db: Session, session_id: str) -> Actor | None:
    return accounts.session_actor(db, session_id=session_id, now=NOW)


def view_entries(db: Session) -> list[tuple[int | None, str, int | None]]:
    rows = db.execute(
        select(Activity.actor_id, Activity.action, Activity.entity_id)
        .where(Activity.entity == "user")
        .order_by(Activity.id)
    )
    return [(row.actor_id, row.action, row.entity_id) for row in rows]


def test_a_supervisor_sees_what_the_fundraiser_sees_until_the_view_ends(
    db: Session, people: dict[str, Actor]
) -> None:
    lead, ruth = people["supervisor"], people["fundraiser"]
    make.donor(db, lead, "Own")
    make.donor(db, ruth, "Theirs")
    session_id = session_of(db, lead)
    accounts.impersonate(db, lead, session_id=session_id, user_id=ruth.user_id)
    viewed = session_actor(db, session_id)
    assert viewed == replace(ruth, viewer_id=lead.user_id, viewer_name=lead.name)
    page = donors.page(db, viewed, filter=donors.DonorFilter(), today=TODAY)
    assert [line.name for line in page.lines] == ["Theirs"]
    accounts.end_impersonation(db, viewed, session_id=session_id)
    assert session_actor(db, session_id) == lead
    assert view_entries(db) == [
        (lead.user_id, "view.started", ruth.user_id),
        (lead.user_id, "view.ended", ruth.user_id),
    ]
    sentences = select(Activity.sentence).where(Activity.action.like("view.%"))
    assert db.scalars(sentences.order_by(Activity.id)).all() == [
        f"Began to view as {ruth.name}.",
        f"Stopped viewing as {ruth.name}.",
    ]


ALLOWED = {
    "admin": {"supervisor", "coach", "finance", "read_only", "fundraiser", "sam"},
    # an administrator, finance or a coach in the team sees more than the supervisor does
    "supervisor": {"fundraiser"},
}


@pytest.mark.parametrize("viewer", ["admin", "supervisor", "coach", "finance", "read_only", "sam"])
def test_no_user_impersonates_one_who_sees_more(
    db: Session, people: dict[str, Actor], viewer: str
) -> None:
    actor, session_id = people[viewer], session_of(db, people[viewer])
    allowed = ALLOWED.get(viewer, set())
    assert set(accounts.impersonation_choices(db, actor)) == {
        people[name].user_id for name in allowed
    }
    for name, person in people.items():
        if name not in allowed:
            with pytest.raises(NotAllowedError):
                accounts.impersonate(db, actor, session_id=session_id, user_id=person.user_id)
    with pytest.raises(NotAllowedError):
        accounts.impersonate(db, actor, session_id=session_id, user_id=10**9)
    assert session_actor(db, session_id) == actor
    assert view_entries(db) == []


def test_impersonation_cannot_be_nested(db: Session, people: dict[str, Actor]) -> None:
    ada, lead = people["ada"], people["supervisor"]
    session_id = session_of(db, ada)
    accounts.impersonate(db, ada, session_id=session_id, user_id=lead.user_id)
    viewed = session_actor(db, session_id)
    assert accounts.impersonation_choices(db, present(viewed)) == {}
    for actor in (viewed, ada, lead):
        with pytest.raises(NotAllowedError):
            accounts.impersonate(
                db, present(actor), session_id=session_id, user_id=people["fundraiser"].user_id
            )


def test_another_users_session_cannot_be_changed(db: Session, people: dict[str, Actor]) -> None:
    theirs = session_of(db, people["admin"])
    with pytest.raises(NotAllowedError):
        accounts.impersonate(db, people["ada"], session_id=theirs, user_id=people["sam"].user_id)
    with pytest.raises(NotAllowedError):
        accounts.end_impersonation(db, people["ada"], session_id=theirs)


def leave_team(db: Session, people: dict[str, Actor]) -> None:
    db.query(TeamMember).delete()


def become_admin(db: Session, people: dict[str, Actor]) -> None:
    accounts.change_role(
        db, people["ada"], user_id=people["fundraiser"].user_id, role="admin", now=NOW
    )


def be_deactivated(db: Session, people: dict[str, Actor]) -> None:
    accounts.deactivate(db, people["ada"], user_id=people["fundraiser"].user_id, now=NOW)


@pytest.mark.parametrize("change", [leave_team, become_admin, be_deactivated])
def test_it_ends_when_it_is_no_longer_allowed(
    db: Session, people: dict[str, Actor], change: Callable[..., object]
) -> None:
    lead, ruth = people["supervisor"], people["fundraiser"]
    session_id = session_of(db, lead)
    accounts.impersonate(db, lead, session_id=session_id, user_id=ruth.user_id)
    change(db, people)
    assert session_actor(db, session_id) == lead
    assert view_entries(db)[-1] == (lead.user_id, "view.ended", ruth.user_id)


def test_it_ends_with_the_session(db: Session, people: dict[str, Actor]) -> None:
    lead, ruth = people["supervisor"], people["fundraiser"]
    session_id = session_of(db, lead)
    accounts.impersonate(db, lead, session_id=session_id, user_id=ruth.user_id)
    accounts.end_session(db, session_id=session_id, now=NOW)
    assert session_actor(db, session_id) is None
    assert view_entries(db)[-1] == (lead.user_id, "view.ended", ruth.user_id)
    assert session_actor(db, session_of(db, lead)) == lead


def test_deactivating_the_viewer_ends_it(db: Session, people: dict[str, Actor]) -> None:
    lead, ruth = people["supervisor"], people["fundraiser"]
    session_id = session_of(db, lead)
    accounts.impersonate(db, lead, session_id=session_id, user_id=ruth.user_id)
    accounts.deactivate(db, people["ada"], user_id=lead.user_id, now=NOW)
    assert session_actor(db, session_id) is None


REQUEST = imports.ImportRequest("a.csv", b"name\nIvy")
LINE = alerts.OpenAlert(None, "late_pledge", 1, "Ivy", 1, 1, 1, "Late.", TODAY, TODAY)
SERVER = MailServer("smtp.example.org", 587, True, "", "", "office@example.org")
# the id of an address of the donor
DETAIL_NUMBER = 777
DETAIL = {
    "donor_id": "donor",
    "version": 1,
    "detail": donors.AddressDetail(
        donors.Address(city="Bern"), "seasonal", "11-01", "03-31", id=DETAIL_NUMBER
    ),
    "today": TODAY,
}
DETAIL_ID = {
    "donor_id": "donor",
    "version": 1,
    "kind": donors.EmailDetail,
    "detail_id": 1,
    "today": TODAY,
}
WRITES: dict[ModuleType, dict[str, dict[str, Any]]] = {
    donors: {
        "create": {"fields": donors.DonorFields(name="New")},
        "update": {
            "donor_id": "donor",
            "version": 1,
            "fields": donors.DonorFields(name="New"),
            "today": TODAY,
        },
        "contact": {"contact_id": 1},
        "change_contact": {
            "contact_id": 1,
            "version": "x",
            "kind": "call",
            "text": None,
            "at": NOW,
        },
        "remove_contact": {"contact_id": 1},
        "restore_contact": {"contact_id": 1},
        "create_tag": {"name": "choir"},
        "rename_tag": {"tag_id": "tag", "version": 1, "name": "choir"},
        "merge_tags": {"tag_id": "tag", "into_id": 1, "version": 1},
        "delete_tag": {"tag_id": "tag", "version": 1},
        "change_tags": {"donor_id": "donor"},
        "save_segment": {"name": "Givers", "where": GIVERS},
        "change_segment": {
            "segment_id": 1,
            "version": 1,
            "name": "Givers",
            "where": GIVERS,
            "shared_with": "team",
        },
        "delete_segment": {"segment_id": 1, "version": 1},
        "tag_donors": {"tag_id": "tag", "donor_ids": [1]},
        "create_custom_field": {"name": "Shirt", "field_type": "text"},
        "change_custom_field": {
            "field_id": 1,
            "version": 1,
            "name": "Shirt",
            "field_type": "text",
        },
        "reorder_custom_fields": {"field_ids": []},
        "add_contact_detail": DETAIL,
        "change_contact_detail": DETAIL,
        "make_primary_contact_detail": DETAIL_ID,
        "remove_contact_detail": DETAIL_ID,
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
    households: {
        "make": {"head_id": "donor", "member_ids": [1], "name": "The Reeds"},
        "join": {"household_id": "household", "donor_id": "donor"},
        "leave": {"donor_id": "donor"},
        "set_head": {"household_id": "household", "donor_id": "donor"},
        "dissolve": {"household_id": "household"},
        "add_relation": {"donor_id": "donor", "other_id": "other", "type": "spouse"},
        "remove_relation": {"relation_id": 1},
    },
    gifts: {
        "add_soft_credit": {"gift_id": "gift", "donor_id": "other", "type": "spouse"},
        "remove_soft_credit": {"credit_id": 1},
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
            "campaign_id": None,
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
        "change_many": {"gift_ids": (1,), "deed": gifts.Thanks(), "now": NOW},
        "undo_many": {"outcome": gifts.Outcome(gifts.Thanks(), (1,), {}, NOW)},
        "link": {"gift_id": "gift", "pledge_id": "pledge", "today": TODAY, "now": NOW},
        "unlink": {"gift_id": "gift", "today": TODAY, "now": NOW},
        "refuse": {"gift_id": "gift", "pledge_ids": (1,)},
        "link_all": {"today": TODAY, "now": NOW},
        "create_fund": {"name": "Wells", "gl_code": "4010"},
        "change_fund": {
            "fund_id": "fund",
            "version": 1,
            "name": "Wells",
            "gl_code": None,
            "is_open": True,
        },
        "merge_funds": {"fund_id": "fund", "into_id": "other_fund", "version": 1},
        "create_campaign": {"name": "Easter"},
        "change_campaign": {
            "campaign_id": "campaign",
            "version": 1,
            "name": "Easter",
            "fund_id": None,
            "starts_on": None,
            "ends_on": None,
            "goal": None,
            "is_open": True,
        },
        "merge_campaigns": {
            "campaign_id": "campaign",
            "into_id": "other_campaign",
            "version": 1,
        },
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
        "end": {"pledge_id": "pledge", "on": TODAY, "today": TODAY},
        "unskip": {"pledge_id": "pledge", "due": TODAY, "today": TODAY},
        "change_terms": {
            "pledge_id": "pledge",
            "frequency": "weekly",
            "since": TODAY,
            "today": TODAY,
        },
        "change_details": {
            "pledge_id": "pledge",
            "end": None,
            "instalments": 12,
            "total": None,
            "method": "check",
            "note": "By letter",
            "today": TODAY,
        },
    },
    tasks: {
        "create": {"title": "Call"},
        "create_for_donors": {"donor_ids": [1], "title": "Call"},
        "remove_created": {"task_ids": [1]},
        "finish": {"task_id": "task", "now": NOW},
        "reopen": {"task_id": "task"},
        "finish_many": {"task_ids": [1], "now": NOW},
        "reopen_many": {"task_ids": [1]},
        "change": {
            "task_id": "task",
            "version": 1,
            "title": "Call",
            "type": "call",
            "due_on": TODAY,
            "due_at": None,
            "priority": 2,
            "note": None,
            "repeats": None,
        },
        "remove": {"task_id": "task", "version": 1},
        "restore": {"removed": REMOVED_TASK},
        "move": {"task_ids": [1], "to": TODAY, "today": TODAY},
        "move_back": {"moved": [tasks.MovedTask(1, None, 1)]},
    },
    care_requests: {
        "add": {"donor_id": "donor", "text": "Rest", "asked_on": TODAY, "today": TODAY},
        "change": {
            "request_id": "request",
            "version": 1,
            "text": "Rest",
            "asked_on": TODAY,
            "today": TODAY,
        },
        "answer": {
            "request_id": "request",
            "version": 1,
            "answer": "She rests.",
            "answered_on": TODAY,
            "today": TODAY,
        },
        "reopen": {"request_id": "request", "version": 1},
        "remove": {"request_id": "request", "version": 1},
    },
    alerts: {
        "snooze": {"alert_id": "alert", "until": date(2026, 12, 1), "today": TODAY},
        "dismiss": {"alert_id": "alert", "reason": "away", "today": TODAY, "now": NOW},
        "resolve": {"alert_id": "alert", "now": NOW},
        "log_call": {"alert_id": "alert", "today": TODAY, "now": NOW},
        "undo": {"alert_id": "alert", "today": TODAY},
        "ensure": {"line": LINE, "today": TODAY},
    },
    imports: {
        "inspect_file": {"data": b"name\nIvy"},
        "preview": {"request": REQUEST, "today": TODAY},
        "commit": {"run_id": 1, "plan_hash": "", "today": TODAY, "now": NOW},
        "import_file": {"request": REQUEST, "today": TODAY, "now": NOW},
        "undo": {"run_id": 1, "now": NOW},
        "queue_undo": {"run_id": 1, "now": NOW},
        "cancel": {"run_id": 1, "now": NOW},
        "preview_again": {"run_id": 1, "today": TODAY},
        # a download of the file is recorded in the audit log
        "stored_file": {"run_id": 1},
        "discard": {"run_id": 1},
        "queue_import": {"run_id": 1, "plan_hash": ""},
        "rename_mapping": {"mapping_id": 1, "name": "A"},
        "share_mapping": {"mapping_id": 1, "shared": True},
        "edit_mapping": {"mapping_id": 1, "version": 1, "mapping": {}},
        "delete_mapping": {"mapping_id": 1},
        "preview_together": {"requests": (REQUEST, REQUEST), "today": TODAY, "now": NOW},
        "import_together": {"requests": (REQUEST, REQUEST), "today": TODAY, "now": NOW},
        "commit_together": {"batch_id": 1, "plan_hashes": (), "today": TODAY, "now": NOW},
        "queue_together": {"batch_id": 1, "plan_hashes": ()},
        "undo_together": {"batch_id": 1, "now": NOW},
        "queue_undo_together": {"batch_id": 1, "now": NOW},
    },
    exports: {
        "write": {"kind": "gifts", "out": io.BytesIO(), "today": TODAY},
        "copy_emails": {"donor_ids": [1]},
        "write_activity": {"filter": ActivityFilter(), "out": io.BytesIO()},
        "write_team": {"out": io.BytesIO(), "today": TODAY},
        "write_subject": {"donor_id": "donor", "out": io.BytesIO()},
        "schedule_export": {
            "kind": "gifts",
            "form": "csv",
            "query": exports.ExportQuery(),
            "rhythm": "weekly",
            "only_new": False,
            "today": TODAY,
        },
        "stop_scheduled_export": {"export_id": 1},
        "start_archive": {"now": NOW},
        "write_archive": {"out": io.BytesIO(), "now": NOW},
    },
    privacy: {
        "erase": {"donor_id": "donor", "name": "Ivy", "now": NOW},
    },
    accounts: {
        "update_profile": {
            "name": "Me",
            "time_zone": None,
            "summary_on": False,
            "summary_weekday": 0,
            "summary_hour": 1,
            "alert_channels": {},
        },
        "change_password": {"old": "a", "new": "b", "keep_session": None, "now": NOW},
        "end_other_sessions": {"keep": None, "now": NOW},
        "devices": {"now": NOW},
        "create_api_token": {"name": "A", "scopes": frozenset(accounts.Scope), "now": NOW},
        "api_tokens": {"now": NOW},
        "revoke_api_token": {"token_id": 1, "now": NOW},
        "mfa_status": {},
        "begin_mfa_enrolment": {"now": NOW},
        "confirm_mfa_enrolment": {"code": "123456", "now": NOW},
        "renew_recovery_codes": {"now": NOW},
        "disable_mfa": {"now": NOW},
        "confirm": {"secret": "a", "now": NOW},
        "require_confirmed": {"now": NOW},
        "is_confirmed": {"now": NOW},
        "reset_mfa": {"user_id": 1},
        "factors_by_user": {},
        "own_factors": {},
        "save_mfa_policy": {"roles": ["admin"], "grace_days": 1, "now": NOW},
        "own_passkeys": {},
        "begin_passkey": {"now": NOW},
        "add_passkey": {"response": {}, "name": "A", "now": NOW},
        "rename_passkey": {"passkey_id": 1, "name": "A"},
        "remove_passkey": {"passkey_id": 1, "now": NOW},
        "create_user": {"email": "a@example.org", "name": "A", "role": "admin", "password": None},
        "deactivate": {"user_id": 1, "now": NOW},
        "hand_over": {"user_id": 1, "to_id": 2, "now": NOW},
        "invite": {"email": "a@example.org", "name": "A", "role": "fundraiser", "now": NOW},
        "invite_again": {"user_id": 1, "now": NOW},
        "withdraw_invitation": {"user_id": 1, "now": NOW},
        "pending_invitation": {},
        "owned_records": {},
        "reactivate": {"user_id": 1},
        "change_role": {"user_id": 1, "role": "admin", "now": NOW},
        "set_team": {"lead_id": 1, "member_ids": []},
        "save_organisation": {
            "name": "X",
            "currency": "USD",
            "time_zone": "UTC",
            "fiscal_start_month": 1,
        },
        "set_exchange_rate": {
            "currency": "EUR",
            "day": NOW.date(),
            "rate": "1.1",
            "today": NOW.date(),
        },
        "delete_exchange_rate": {"currency": "EUR", "day": NOW.date()},
        "import_exchange_rates": {"data": b"", "today": NOW.date()},
        "exchange_rates": {},
        "exchange_rate_currencies": {},
        "list_users": {},
        "teams": {},
    },
    goals: {
        "set_goal": {"user_id": 1, "month": TODAY, "minor": 1, "today": TODAY},
    },
    organisation_settings: {
        "save_logo": {"content": b""},
        "remove_logo": {},
        "save_mail_server": {"server": SERVER, "now": NOW},
        "checked_server": {"server": SERVER},
        "remove_mail_server": {"now": NOW},
        "hide_first_steps": {},
    },
}
READS = {
    donors: {
        "search",
        "cursor_at",
        "page",
        "get",
        "timeline",
        "months",
        "owners",
        "at_risk",
        "require_visible",
        "accesses",
        "consents",
        "filtered_ids",
        # views are logged during impersonation too, in the viewer's name
        "opened_lately",
        "condition_fields",
        "segments",
        "where_sentence",
        "log_view",
        "named_in_export",
        "log_export",
        "tag_list",
        "custom_field_list",
    },
    households: {"household", "relations", "suggested_credits"},
    gifts: {
        "cursor_at",
        "gift_soft_credits",
        "donor_soft_credits",
        "filtered_ids",
        "ids_to_change",
        "preview_many",
        "page",
        "parts",
        "get",
        "lines",
        "recent",
        "awaiting_rate",
        "awaiting_rate_by",
        "awaiting_rates",
        "may_add_rate",
        "thank_queue",
        "unthanked_by_owner",
        "received",
        "freshness",
        "suggestions",
        "fund_list",
        "fund_merge_effect",
        "campaign_list",
        "campaign_merge_effect",
    },
    pledges: {
        "pledge_statuses",
        "page",
        "get",
        "late",
        "expected",
        "monthly_equivalent",
        "monthly_equivalent_by_owner",
        "monthly_support",
        "monthly_support_by_owner",
        "promised_by_month",
        "still_expected",
        "behind",
        "not_in_promised",
        "notes",
    },
    organisation_settings: {"first_steps", "mail_route"},
    tasks: {"due", "for_donor", "get", "overdue_by_assignee", "page"},
    care_requests: {"for_donor", "page"},
    alerts: {"open_for", "changes", "contact", "late", "at_risk"},
    # reading a file needs no database; `inspect_file` and `preview`, which follow, refuse
    imports: {
        "history",
        "get",
        "batch",
        "problems",
        "notes",
        "funds",
        "error_file",
        "owners",
        "earlier_answers",
        "id_sources",
        "read_file",
        "template",
        "list_mappings",
    },
    exports: {"exportable", "counts", "own_scheduled_exports", "newest_archive"},
    privacy: set(),
    accounts: {
        "profile",
        "owners",
        "require",
        "require_own",
        "require_set_up",
        "visible_donors",
        "visible_owners",
        "visible_amounts",
        "visible_imports",
        "rows_of_import",
        "editable_donors",
        "giftable_donors",
        "impersonation_choices",
        "impersonate",
        "end_impersonation",
    },
    insights: {
        "dashboard",
        "months",
        "income",
        "fiscal_year_so_far",
        "changes",
        "retention_by_year",
        "donor_months",
        "drilldown_donors",
        "drilldown_gifts",
        "figures",
        "load_today_summary",
        "load_unthanked",
        "load_work_lists",
        "team",
    },
    goals: {
        "progress",
        "progress_by_owner",
        "support_by_month",
        "support_by_month_by_owner",
        "income",
        "incomes",
        "incomes_by_owner",
        "income_by_month",
        "restricted_actor",
        "goal_by_month",
        "goal_by_user",
        "goal_history",
        "own_goal",
    },
}
CASES = [(package, name) for package, functions in WRITES.items() for name in functions]


def test_every_public_function_is_listed_as_reading_or_writing() -> None:
    """A new function that takes an actor has to be added to one of the two lists above."""
    for package in (*WRITES, insights):
        public = {name: getattr(package, name) for name in package.__all__}
        with_actor = {
            name
            for name, function in public.items()
            if isfunction(function) and takes_actor(function)
        }
        assert not with_actor - set(WRITES.get(package, ())) - READS[package], package.__name__


def takes_actor(function: FunctionType) -> bool:
    return "actor" in signature(function).parameters


@pytest.mark.parametrize("role", ["fundraiser", "finance", "supervisor"])
@pytest.mark.parametrize(
    ("package", "name"), CASES, ids=lambda value: getattr(value, "__name__", value)
)
def test_an_impersonated_user_changes_nothing(
    db: Session, people: dict[str, Actor], role: str, package: ModuleType, name: str
) -> None:
    owner = people[role]
    ids = {"donor": make.donor(db, owner, "Ivy")}
    ids["other"] = make.donor(db, owner, "Ben")
    ids["household"] = make.household(db, make.donor(db, owner), make.donor(db, owner))
    ids["gift"] = make.gift(db, ids["donor"], "10", TODAY)
    ids["pledge"] = make.pledge(db, ids["donor"], "20", "monthly", date(2026, 1, 1))
    ids["alert"] = make.alert(db, ids["donor"])
    ids["request"] = make.care_request(db, ids["donor"])
    ids["task"] = tasks.create(db, owner, title="Call", donor_id=ids["donor"])
    before = row_counts(db)
    arguments = {
        key: ids.get(value, value) if isinstance(value, str) and key.endswith("_id") else value
        for key, value in WRITES[package][name].items()
    }
    viewed = replace(owner, viewer_id=people["ada"].user_id, viewer_name="Ada")
    with pytest.raises((NotAllowedError, NotFoundError)) as refused:
        getattr(package, name)(db, viewed, **arguments)
    assert isinstance(refused.value, DonorCrmError)
    assert row_counts(db) == before


def row_counts(db: Session) -> tuple[int, int]:
    db.flush()
    return db.query(Activity).count(), db.query(Gift).count()


def test_viewing_a_donor_is_logged_in_the_viewers_name(
    db: Session, people: dict[str, Actor]
) -> None:
    ada, ruth = people["ada"], people["fundraiser"]
    donor = make.donor(db, ruth, "Ivy")
    viewed = replace(ruth, viewer_id=ada.user_id, viewer_name=ada.name)
    donors.log_view(db, viewed, donor_id=donor)
    assert [access.user_name for access in donors.accesses(db, ada, donor)] == [ada.name]
