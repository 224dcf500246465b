"""Mails to administrators about actions that give access: one each, in the same transaction."""

import io
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import URL, select, text
from sqlalchemy.orm import Session

from app import accounts, audit, backups, exports
from app.accounts import SYSTEM, Scope
from app.accounts.users import admin_notices
from app.cli import main
from app.db import session, transaction, transaction_for_system
from app.db.models import Activity, OutboxMessage, User
from tests import factories as make
from tests.conftest import TODAY
from tests.values import present

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
GOOD = "violet ladder seven oceans"
IVO = "ivo@example.org"
DONOR = "Zwetsloot-Quirina"


class Users:
    """Two active administrators, users who get no mail, and the users who act."""

    def __init__(self, db: Session) -> None:
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

    def invited(self, db: Session, role: str = "admin") -> accounts.Invitation:
        return accounts.invite(db, self.ada, email=IVO, name="Ivo Lind", role=role, now=NOW)


@pytest.fixture
def users(db: Session) -> Users:
    return Users(db)


def mails(db: Session) -> Sequence[OutboxMessage]:
    query = select(OutboxMessage).where(OutboxMessage.name == "admin_notice")
    return db.scalars(query.order_by(OutboxMessage.id)).all()


def recipients(db: Session) -> list[str]:
    return sorted(mail.to_email for mail in mails(db))


def created(db: Session, users: Users) -> str:
    accounts.create_user(db, users.ada, email=IVO, name="Ivo Lind", role="admin", password=GOOD)
    return "Ivo Lind (ivo@example.org) was given an account as an administrator."


def created_by_command(db: Session, _users: Users) -> str:
    accounts.create_user(db, SYSTEM, email=IVO, name="Ivo Lind", role="admin", password=GOOD)
    return "Ivo Lind (ivo@example.org) was given an account as an administrator."


def promoted(db: Session, users: Users) -> str:
    accounts.change_role(db, users.ada, user_id=users.finance.user_id, role="admin", now=NOW)
    return "Fay Books (fay@example.org) is now an administrator; the role before was finance."


def reactivated(db: Session, users: Users) -> str:
    accounts.reactivate(db, users.ada, user_id=users.ended.user_id)
    return "is an administrator whose ended account was reactivated."


def token(db: Session, users: Users) -> str:
    accounts.create_api_token(
        db, users.ruth, name="My sheet", scopes=frozenset({Scope.READ, Scope.EXPORT}), now=NOW
    )
    return "Ruth Adler made the API token “My sheet”. It may be used to: export, read."


def program(db: Session, users: Users) -> str:
    accounts.issue_tokens(db, user_id=users.ruth.user_id, now=NOW)
    return "A program signed in with the password of Ruth Adler and was given API tokens."


def exported(db: Session, users: Users) -> str:
    exports.write(db, users.finance, kind="gifts", out=io.BytesIO(), today=TODAY)
    return "Every gift (1) was exported."


def exported_with_a_wide_filter(db: Session, users: Users) -> str:
    query = exports.decode_query("gifts", [("since", "1990-01-01"), ("before", "2030-01-01")])
    exports.write(db, users.ada, kind="gifts", out=io.BytesIO(), today=TODAY, query=query)
    return "Every gift (1) was exported."


def restored(db: Session, _users: Users) -> str:
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


@pytest.mark.parametrize("act", ACTS, ids=lambda mail: mail.__name__)
def test_every_active_administrator_gets_one_mail(
    db: Session, users: Users, act: Callable[..., str]
) -> None:
    sentence = act(db, users)
    # the new administrator has signed in before
    expected = sorted([*BOTH, "fay@example.org"]) if act is promoted else BOTH
    assert recipients(db) == expected
    for mail in mails(db):
        assert sentence in mail.text_body
        assert "cannot be turned off" in mail.text_body
        assert "List-Unsubscribe" not in mail.headers
        for part in (mail.subject, mail.text_body, mail.html_body):
            assert DONOR not in present(part)
            assert "$40" not in present(part)


@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.__name__)
def test_a_rollback_removes_the_mails(
    db: Session, users: Users, act: Callable[..., object]
) -> None:
    with db.begin_nested() as point:
        act(db, users)
        assert mails(db)
        point.rollback()
    assert not mails(db)


def test_a_reactivated_administrator_causes_a_mail(db: Session, users: Users) -> None:
    sentence = reactivated(db, users)
    assert recipients(db) == sorted([*BOTH, present(db.get(User, users.ended.user_id)).email])
    assert all(sentence in mail.text_body for mail in mails(db))


# invited administrators: the mail is sent at the first sign-in, by any method


def by_the_link(db: Session, invitation: accounts.Invitation) -> None:
    accounts.accept_invitation(db, code=invitation.code, new=GOOD, now=NOW)


def by_a_reset(db: Session, _invitation: object) -> None:
    code = present(accounts.request_password_reset(db, email=IVO, now=NOW))[3]
    accounts.reset_password(db, code=code, new=GOOD, now=NOW)


def by_a_provider(db: Session, _invitation: object) -> None:
    accounts.sign_in_with_provider(db, email=IVO, verified=True, now=NOW)


@pytest.mark.parametrize("way", [by_the_link, by_a_reset, by_a_provider])
@pytest.mark.parametrize("role", ["admin", "finance"])
def test_an_invited_administrator_causes_a_mail_at_the_first_sign_in_only(
    db: Session, users: Users, way: Callable[..., object], role: str
) -> None:
    invitation = users.invited(db, role)
    assert recipients(db) == []
    way(db, invitation)
    assert recipients(db) == (sorted([*BOTH, IVO]) if role == "admin" else [])
    accounts.sign_in_with_provider(db, email=IVO, verified=True, now=NOW + timedelta(days=1))
    assert len(mails(db)) == (3 if role == "admin" else 0)


# actions that cause no mail


def same_role(db: Session, users: Users) -> None:
    accounts.change_role(db, users.ada, user_id=users.ben.user_id, role="admin", now=NOW)


def another_role(db: Session, users: Users) -> None:
    accounts.change_role(db, users.ada, user_id=users.ben.user_id, role="finance", now=NOW)


def a_fundraiser(db: Session, users: Users) -> None:
    accounts.create_user(db, users.ada, email=IVO, name="Ivo", role="fundraiser", password=GOOD)


def own_donors(db: Session, users: Users) -> None:
    exports.write(db, users.ruth, kind="donors", out=io.BytesIO(), today=TODAY)


def some_gifts(db: Session, users: Users) -> None:
    make.gift(db, make.donor(db, users.ruth), "5", TODAY - timedelta(days=40))
    query = exports.decode_query("gifts", [("since", TODAY.isoformat()), ("before", "2027-01-01")])
    exports.write(db, users.ada, kind="gifts", out=io.BytesIO(), today=TODAY, query=query)


def funds(db: Session, users: Users) -> None:
    make.fund(db)
    exports.write(db, users.ada, kind="funds", out=io.BytesIO(), today=TODAY)


@pytest.mark.parametrize(
    "act", [same_role, another_role, a_fundraiser, own_donors, some_gifts, funds]
)
def test_other_actions_cause_no_mail(
    db: Session, users: Users, act: Callable[..., object]
) -> None:
    act(db, users)
    assert recipients(db) == []


def test_a_second_sign_in_of_a_program_causes_no_mail(db: Session, users: Users) -> None:
    program(db, users)
    program(db, users)
    assert recipients(db) == BOTH


# content: actor, time, address


def test_the_mail_contains_actor_time_and_address(db: Session, users: Users) -> None:
    with audit.client_address("192.0.2.7"):
        created(db, users)
    moment = db.execute(text("select now()")).scalar_one()
    ada, ben = mails(db)
    assert ada.subject == "New administrator: Ivo Lind"
    assert "Who: Ada Reyes (ada@example.org)\n" in ada.text_body
    assert "From: 192.0.2.7\n" in ada.text_body
    assert f"at {moment.astimezone(UTC):%H:%M}\n" in ada.text_body
    assert f"at {moment.astimezone(ZoneInfo('America/Denver')):%H:%M}\n" in ben.text_body
    assert "/people\n" in ada.text_body


def test_names_are_escaped(db: Session, users: Users) -> None:
    accounts.create_user(
        db, users.ada, email=IVO, name="<b>Ivo</b>\r\nBcc: x", role="admin", password=GOOD
    )
    for mail in mails(db):
        assert "<b>Ivo" not in present(mail.html_body)
        assert "\n" not in mail.subject


@pytest.mark.parametrize("act", [token, exported], ids=lambda act: act.__name__)
def test_an_actor_who_may_not_read_the_mails_still_queues_them(
    database: URL, act: Callable[..., object]
) -> None:
    """In the user's own transaction with row-level security, as from a screen."""
    with transaction_for_system() as db:
        users = Users(db)
    actor = users.ruth if act is token else users.finance
    with transaction(actor) as db:
        act(db, users)
        assert mails(db) == []
    with transaction_for_system() as db:
        assert recipients(db) == BOTH


def test_other_mails_cannot_be_queued_for_another_user(database: URL) -> None:
    with transaction_for_system() as db:
        users = Users(db)
    row = "insert into outbox (key, name, to_email, user_id, subject, text_body, message_id)"
    values = "values ('k', :name, 'x@example.org', :who, 's', 't', '<m>')"
    with pytest.raises(Exception, match="row-level security"), transaction(users.ruth) as db:
        db.execute(text(f"{row} {values}"), {"name": "weekly_summary", "who": users.ada.user_id})


# the command line


@pytest.fixture
def command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., None]:
    def command(*arguments: str | None, stdin: str = "") -> None:
        monkeypatch.setattr(sys, "argv", ["app", *arguments])
        monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
        with pytest.raises(SystemExit) as exit_error:
            main()
        assert not exit_error.value.code, capsys.readouterr().err

    return command


def test_the_mail_names_the_command_line_and_its_user(
    database: URL, command: Callable[..., None], tmp_path: Path
) -> None:
    with transaction_for_system() as db:
        Users(db)
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
    with transaction_for_system() as db:
        assert recipients(db) == sorted(BOTH * 3)
        by_command, full_export, one_kind = mails(db)[::2]
        for mail in (by_command, full_export):
            assert "on the command line of the server" in mail.text_body
        assert "The whole organisation (" in full_export.text_body
        assert "Who: Fay Books (fay@example.org)" in one_kind.text_body


def test_a_restored_backup_is_mailed_and_audited(
    database: URL, command: Callable[..., None], tmp_path: Path
) -> None:
    with transaction_for_system() as db:
        Users(db)
    file = tmp_path / "backup.zip"
    backups.make(file, now=NOW)
    session.dispose()
    name = database.database
    command("restore", str(file), "--replace", name)
    with transaction_for_system() as db:
        assert recipients(db) == BOTH
        assert {mail.state for mail in mails(db)} == {"queued"}
        actions = db.scalars(select(Activity.action).where(Activity.entity == "backup")).all()
        assert actions == ["backup.restored"]


def test_every_action_is_in_the_audit_log(db: Session, users: Users) -> None:
    before = set(db.scalars(select(Activity.id)))
    for act in ACTS:
        if act not in {created_by_command, program}:
            act(db, users)
    actions = set(db.scalars(select(Activity.action).where(Activity.id.not_in(before))))
    assert actions == {
        "user.created",
        "user.changed",
        "token.opened",
        "export.written",
        "backup.restored",
    }
