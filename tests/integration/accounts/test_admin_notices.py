"""Administrators are told of acts that open everything to somebody: each once, in that act."""

import io
import sys
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, text

from app import accounts, audit, backups, exports
from app.accounts import SYSTEM, Scope
from app.accounts.users import admin_notices
from app.cli import main
from app.db import session, transaction
from app.db.models import Activity, OutboxMessage, User
from tests import factories as make
from tests.conftest import TODAY

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
GOOD = "violet ladder seven oceans"
IVO = "ivo@example.org"
DONOR = "Zwetsloot-Quirina"


class House:
    """Two administrators who have come, some who are not told, and who acts."""

    def __init__(self, db):
        make.organisation(db)
        self.ada = make.person(db, "admin", name="Ada Reyes", email="ada@example.org")
        self.ben = make.person(
            db, "admin", name="Ben Ito", email="ben@example.org", time_zone="America/Denver"
        )
        self.never = make.person(db, "admin", name="Nia Invited", last_sign_in_at=None)
        self.ended = make.person(db, "admin", name="Eve Ended", active=False)
        self.finance = make.person(db, "finance", name="Fay Books", email="fay@example.org")
        self.ruth = make.person(db, name="Ruth Adler", email="ruth@example.org")
        donor = make.donor(db, self.ruth, DONOR)
        make.gift(db, donor, "40", TODAY)

    def invited(self, db, role="admin"):
        return accounts.invite(db, self.ada, email=IVO, name="Ivo Lind", role=role, now=NOW)


@pytest.fixture
def house(db):
    return House(db)


def mails(db):
    query = select(OutboxMessage).where(OutboxMessage.name == "admin_notice")
    return db.scalars(query.order_by(OutboxMessage.id)).all()


def told(db):
    return sorted(one.to_email for one in mails(db))


def created(db, house):
    accounts.create_user(db, house.ada, email=IVO, name="Ivo Lind", role="admin", password=GOOD)
    return "Ivo Lind (ivo@example.org) was given an account as an administrator."


def created_by_command(db, _house):
    accounts.create_user(db, SYSTEM, email=IVO, name="Ivo Lind", role="admin", password=GOOD)
    return "Ivo Lind (ivo@example.org) was given an account as an administrator."


def promoted(db, house):
    accounts.change_role(db, house.ada, user_id=house.finance.user_id, role="admin", now=NOW)
    return "Fay Books (fay@example.org) is now an administrator; the role before was finance."


def brought_back(db, house):
    accounts.reactivate(db, house.ada, user_id=house.ended.user_id)
    return "is an administrator whose ended account was reactivated."


def token(db, house):
    accounts.create_api_token(
        db, house.ruth, name="My sheet", scopes=frozenset({Scope.READ, Scope.EXPORT}), now=NOW
    )
    return "Ruth Adler made the API token “My sheet”. It may be used to: export, read."


def program(db, house):
    accounts.issue_tokens(db, user_id=house.ruth.user_id, now=NOW)
    return "A program signed in with the password of Ruth Adler and was given API tokens."


def exported(db, house):
    exports.write(db, house.finance, kind="gifts", out=io.BytesIO(), today=TODAY)
    return "Every gift (1) was exported."


def exported_with_a_wide_filter(db, house):
    asked = exports.decode_query("gifts", [("since", "1990-01-01"), ("before", "2030-01-01")])
    exports.write(db, house.ada, kind="gifts", out=io.BytesIO(), today=TODAY, query=asked)
    return "Every gift (1) was exported."


def restored(db, _house):
    admin_notices.restored(db, SYSTEM, made_at="2026-11-22T03:30:00+00:00", rows=12)
    return "A backup made at 2026-11-22T03:30:00+00:00 was restored: 12 rows."


BOTH = ["ada@example.org", "ben@example.org"]
ACTS = (
    created,
    created_by_command,
    promoted,
    token,
    program,
    exported,
    exported_with_a_wide_filter,
    restored,
)


@pytest.mark.parametrize("act", ACTS, ids=lambda one: one.__name__)
def test_each_administrator_who_has_come_gets_one_mail(db, house, act):
    what = act(db, house)
    # who has just become one has come before
    expected = sorted([*BOTH, "fay@example.org"]) if act is promoted else BOTH
    assert told(db) == expected
    for one in mails(db):
        assert what in one.text_body
        assert "cannot be turned off" in one.text_body
        assert "List-Unsubscribe" not in one.headers
        for part in (one.subject, one.text_body, one.html_body):
            assert DONOR not in part
            assert "$40" not in part


@pytest.mark.parametrize("act", ACTS, ids=lambda one: one.__name__)
def test_none_is_left_when_the_act_is_undone(db, house, act):
    with db.begin_nested() as point:
        act(db, house)
        assert mails(db)
        point.rollback()
    assert not mails(db)


def test_an_ended_administrator_who_is_brought_back_is_told_of_too(db, house):
    what = brought_back(db, house)
    assert told(db) == sorted([*BOTH, db.get(User, house.ended.user_id).email])
    assert all(what in one.text_body for one in mails(db))


# invited: told of when they come, whichever way they come


def by_the_link(db, invitation):
    accounts.accept_invitation(db, code=invitation.code, new=GOOD, now=NOW)


def by_a_reset(db, _invitation):
    code = accounts.request_password_reset(db, email=IVO, now=NOW)[3]
    accounts.reset_password(db, code=code, new=GOOD, now=NOW)


def by_a_provider(db, _invitation):
    accounts.sign_in_with_provider(db, email=IVO, verified=True, now=NOW)


@pytest.mark.parametrize("way", [by_the_link, by_a_reset, by_a_provider])
@pytest.mark.parametrize("role", ["admin", "finance"])
def test_an_invited_administrator_is_told_of_on_arrival_and_once(db, house, way, role):
    invitation = house.invited(db, role)
    assert told(db) == []
    way(db, invitation)
    assert told(db) == (sorted([*BOTH, IVO]) if role == "admin" else [])
    accounts.sign_in_with_provider(db, email=IVO, verified=True, now=NOW + timedelta(days=1))
    assert len(mails(db)) == (3 if role == "admin" else 0)


# what is no news


def same_role(db, house):
    accounts.change_role(db, house.ada, user_id=house.ben.user_id, role="admin", now=NOW)


def another_role(db, house):
    accounts.change_role(db, house.ada, user_id=house.ben.user_id, role="finance", now=NOW)


def a_fundraiser(db, house):
    accounts.create_user(db, house.ada, email=IVO, name="Ivo", role="fundraiser", password=GOOD)


def own_donors(db, house):
    exports.write(db, house.ruth, kind="donors", out=io.BytesIO(), today=TODAY)


def some_gifts(db, house):
    make.gift(db, make.donor(db, house.ruth), "5", TODAY - timedelta(days=40))
    asked = exports.decode_query("gifts", [("since", TODAY.isoformat()), ("before", "2027-01-01")])
    exports.write(db, house.ada, kind="gifts", out=io.BytesIO(), today=TODAY, query=asked)


def funds(db, house):
    make.fund(db)
    exports.write(db, house.ada, kind="funds", out=io.BytesIO(), today=TODAY)


@pytest.mark.parametrize(
    "act", [same_role, another_role, a_fundraiser, own_donors, some_gifts, funds]
)
def test_lesser_acts_are_no_news(db, house, act):
    act(db, house)
    assert told(db) == []


def test_a_program_that_signs_in_again_is_no_news(db, house):
    program(db, house)
    program(db, house)
    assert told(db) == BOTH


# who, when, from where


def test_the_mail_says_who_when_and_from_where(db, house):
    with audit.client_address("192.0.2.7"):
        created(db, house)
    moment = db.execute(text("select now()")).scalar_one()
    ada, ben = mails(db)
    assert ada.subject == "New administrator: Ivo Lind"
    assert "Who: Ada Reyes (ada@example.org)\n" in ada.text_body
    assert "From: 192.0.2.7\n" in ada.text_body
    assert f"at {moment.astimezone(UTC):%H:%M}\n" in ada.text_body
    assert f"at {moment.astimezone(ZoneInfo('America/Denver')):%H:%M}\n" in ben.text_body
    assert "/people\n" in ada.text_body


def test_names_are_no_markup(db, house):
    accounts.create_user(
        db, house.ada, email=IVO, name="<b>Ivo</b>\r\nBcc: x", role="admin", password=GOOD
    )
    for one in mails(db):
        assert "<b>Ivo" not in one.html_body
        assert "\n" not in one.subject


@pytest.mark.parametrize("act", [token, exported], ids=lambda one: one.__name__)
def test_who_may_not_read_the_mails_still_sends_them(database, act):
    """In the person's own transaction, behind row-level security, as from a screen."""
    with transaction() as db:
        house = House(db)
    actor = house.ruth if act is token else house.finance
    with transaction(actor) as db:
        act(db, house)
        assert mails(db) == []
    with transaction() as db:
        assert told(db) == BOTH


def test_other_mails_are_not_written_for_somebody_else(database):
    with transaction() as db:
        house = House(db)
    row = "insert into outbox (key, name, to_email, user_id, subject, text_body, message_id)"
    values = "values ('k', :name, 'x@example.org', :who, 's', 't', '<m>')"
    with pytest.raises(Exception, match="row-level security"), transaction(house.ruth) as db:
        db.execute(text(f"{row} {values}"), {"name": "weekly_summary", "who": house.ada.user_id})


# the command line


@pytest.fixture
def command(monkeypatch, capsys):
    def command(*words, stdin=""):
        monkeypatch.setattr(sys, "argv", ["app", *words])
        monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
        with pytest.raises(SystemExit) as ended:
            main()
        assert not ended.value.code, capsys.readouterr().err

    return command


def test_the_command_line_is_named_with_its_user(database, command, tmp_path):
    with transaction() as db:
        House(db)
    command(
        "user",
        "create",
        IVO,
        "--name",
        "Ivo Lind",
        "--role",
        "admin",
        "--password-stdin",
        stdin=f"{GOOD}\n",
    )
    command("export", "--all", str(tmp_path / "all"))
    command("export", "gifts", "--as", "fay@example.org", "--out", str(tmp_path / "gifts.csv"))
    with transaction() as db:
        assert told(db) == sorted(BOTH * 3)
        by_command, whole, one_kind = mails(db)[::2]
        for mail in (by_command, whole):
            assert "on the command line of the server" in mail.text_body
        assert "The whole organisation (" in whole.text_body
        assert "Who: Fay Books (fay@example.org)" in one_kind.text_body


def test_a_restored_backup_is_told_of_and_recorded(database, command, tmp_path):
    with transaction() as db:
        House(db)
    file = tmp_path / "backup.zip"
    backups.make(file, now=NOW)
    session.dispose()
    name = database.database
    command("restore", str(file), "--replace", name)
    with transaction() as db:
        assert told(db) == BOTH
        assert {one.state for one in mails(db)} == {"queued"}
        actions = db.scalars(select(Activity.action).where(Activity.entity == "backup")).all()
        assert actions == ["backup.restored"]


def test_every_act_is_in_the_audit_log(db, house):
    before = set(db.scalars(select(Activity.id)))
    for act in ACTS:
        if act not in {created_by_command, program}:
            act(db, house)
    actions = set(db.scalars(select(Activity.action).where(Activity.id.not_in(before))))
    assert actions == {
        "user.created",
        "user.changed",
        "token.opened",
        "export.written",
        "backup.restored",
    }
