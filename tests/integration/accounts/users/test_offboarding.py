"""Offboarding: one transaction deactivates the account and hands over donors and tasks."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, datetime
from threading import Event

import pytest
from sqlalchemy import URL, select, text
from sqlalchemy.orm import Session

from app import accounts, alerts, donors, goals, imports, tasks
from app.accounts import Actor, OwnedRecords, Role
from app.db import transaction, transaction_for_system
from app.db.models import Activity, Donor, Task
from app.kit.errors import InvalidError, NotAllowedError
from app.kit.money import Money
from tests import factories as make
from tests.values import present


@pytest.fixture
def ada(db: Session) -> accounts.Actor:
    make.organisation(db)
    return make.person(db, "admin", name="Ada")


@pytest.fixture
def ruth(db: Session, ada: accounts.Actor) -> accounts.Actor:
    """A fundraiser with two donors, gifts, an open task and a done one."""
    ruth = make.person(db, name="Ruth")
    for number in range(2):
        donor = make.donor(db, ruth, f"Donor {number}")
        make.gift(db, donor, "50", date(2026, 10, 1))
    make.task(db, ruth, "Call", donor_id=donor)
    make.task(db, ruth, "Called", donor_id=donor, done_at=text("now()"))
    return ruth


def owners(db: Session) -> set[int | None]:
    return set(db.scalars(select(Donor.owner_id)))


def sums(db: Session, view: str) -> list[tuple[object, ...]]:
    return [
        tuple(row)
        for row in db.execute(
            text(
                f"select owner_id, month, recurring_minor, one_time_minor, gifts from {view}"
                " where gifts <> 0 order by 1, 2"
            )
        )
    ]


def test_donors_and_open_tasks_go_to_a_colleague(
    db: Session, ada: accounts.Actor, ruth: accounts.Actor, now: datetime
) -> None:
    mei = make.person(db, name="Mei")
    assert accounts.owned_records(db, ada) == {ruth.user_id: OwnedRecords(2, 1)}
    moved = accounts.deactivate(db, ada, user_id=ruth.user_id, now=now, hand_to=mei.user_id)
    assert str(moved) == "2 donors and 1 open task"
    assert owners(db) == {mei.user_id}
    tasks = assignees(db)
    assert tasks == {"Call": mei.user_id, "Called": ruth.user_id}
    assert accounts.owned_records(db, ada) == {mei.user_id: OwnedRecords(2, 1)}
    sentence = db.scalars(select(Activity.sentence).order_by(Activity.id)).all()
    assert sentence[-2:] == [
        "Handed 2 donors and 1 open task of Ruth to Mei.",
        "Deactivated Ruth.",
    ]


def test_the_sums_of_both_users_are_updated_at_once(
    db: Session, ada: accounts.Actor, ruth: accounts.Actor, now: datetime
) -> None:
    mei = make.person(db, name="Mei")
    make.gift(db, make.donor(db, mei), "70", date(2026, 10, 9))
    accounts.deactivate(db, ada, user_id=ruth.user_id, now=now, hand_to=mei.user_id)
    assert sums(db, "owner_month") == sums(db, "owner_month_fresh")
    assert sums(db, "owner_month") == [(mei.user_id, date(2026, 10, 1), 0, 17_000, 3)]
    counts = db.execute(text("select owner_id, count(*) from donor_summary group by 1")).all()
    assert [tuple(row) for row in counts] == [(mei.user_id, 3)]


def test_donors_may_be_handed_over_after_the_deactivation(
    db: Session, ada: accounts.Actor, ruth: accounts.Actor, now: datetime
) -> None:
    assert accounts.deactivate(db, ada, user_id=ruth.user_id, now=now) == OwnedRecords()
    assert owners(db) == {ruth.user_id}
    mei = make.person(db, name="Mei")
    accounts.hand_over(db, ada, user_id=ruth.user_id, to_id=mei.user_id, now=now)
    assert owners(db) == {mei.user_id}
    accounts.reactivate(db, ada, user_id=ruth.user_id)
    assert owners(db) == {mei.user_id}


def test_deactivation_revokes_sessions_tokens_and_codes(
    db: Session, ada: accounts.Actor, ruth: accounts.Actor, now: datetime
) -> None:
    session, _ = accounts.open_session(db, user_id=ruth.user_id, now=now)
    tokens = accounts.issue_tokens(db, user_id=ruth.user_id, now=now)
    code = present(accounts.request_password_reset(db, email=ruth.email, now=now))[3]
    accounts.deactivate(db, ada, user_id=ruth.user_id, now=now)
    assert accounts.session_actor(db, session_id=session, now=now) is None
    assert accounts.token_actor(db, access=tokens.access, now=now) is None
    with pytest.raises(InvalidError):
        accounts.reset_password(db, code=code, new="violet ladder seven oceans", now=now)


def test_only_an_active_colleague_who_edits_takes_over(
    db: Session, ada: accounts.Actor, ruth: accounts.Actor, now: datetime
) -> None:
    inactive, reader = make.person(db, active=False), make.person(db, "read_only")
    for colleague in (inactive, reader, ruth):
        with pytest.raises(InvalidError), db.begin_nested():
            accounts.deactivate(db, ada, user_id=ruth.user_id, now=now, hand_to=colleague.user_id)
    assert accounts.profile(db, ruth).active
    assert owners(db) == {ruth.user_id}


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.SYSTEM, Role.ADMIN}))
def test_other_roles_hand_nothing_over(
    db: Session, ada: accounts.Actor, ruth: accounts.Actor, now: datetime, role: Role
) -> None:
    actor = make.person(db, role)
    for work in (
        lambda: accounts.owned_records(db, actor),
        lambda: accounts.hand_over(db, actor, user_id=ruth.user_id, to_id=actor.user_id, now=now),
        lambda: accounts.deactivate(db, actor, user_id=ruth.user_id, now=now),
    ):
        with pytest.raises(NotAllowedError):
            work()


@pytest.mark.parametrize("action", ["deactivate", "demote"])
def test_two_administrators_deactivate_each_other(
    database: URL, now: datetime, action: str
) -> None:
    with transaction_for_system() as db:
        make.organisation(db)
        ada, bea = make.person(db, "admin"), make.person(db, "admin")

    def end(pair: tuple[Actor, Actor]) -> bool:
        actor, other = pair
        try:
            with transaction_for_system() as db:
                if action == "deactivate":
                    accounts.deactivate(db, actor, user_id=other.user_id, now=now)
                else:
                    accounts.change_role(db, actor, user_id=other.user_id, role="finance", now=now)
        except NotAllowedError:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(end, [(ada, bea), (bea, ada)])) == [False, True]
    with transaction_for_system() as db:
        left = db.execute(
            text("select count(*) from app_user where role = 'admin' and active")
        ).scalar()
    assert left == 1


ONLY = "the only administrator who can sign in"


def test_the_only_administrator_is_neither_deactivated_nor_demoted(
    db: Session, ada: accounts.Actor, now: datetime
) -> None:
    make.person(db, "admin", last_sign_in_at=None, invited_by=ada.user_id)
    make.person(db, "admin", active=False)
    for actor, who in ((ada, "You are"), (accounts.SYSTEM, "This person is")):
        with pytest.raises(InvalidError, match=f"{who} {ONLY}"):
            accounts.deactivate(db, actor, user_id=ada.user_id, now=now)
        with pytest.raises(InvalidError, match=f"{who} {ONLY}"):
            accounts.change_role(db, actor, user_id=ada.user_id, role="finance", now=now)
    accounts.change_role(db, ada, user_id=ada.user_id, role="admin", now=now)
    bea = make.person(db, "admin")
    with pytest.raises(InvalidError, match="cannot deactivate yourself"):
        accounts.deactivate(db, ada, user_id=ada.user_id, now=now)
    accounts.deactivate(db, bea, user_id=ada.user_id, now=now)
    with pytest.raises(InvalidError, match=ONLY):
        accounts.change_role(db, bea, user_id=bea.user_id, role="finance", now=now)


@pytest.mark.parametrize("action", ["deactivate", "demote"])
def test_a_command_and_an_administrator_cannot_take_the_last_two_away(
    database: URL, now: datetime, action: str
) -> None:
    with transaction_for_system() as db:
        make.organisation(db)
        ada, bea = make.person(db, "admin"), make.person(db, "admin")
    waiting = Event()

    def command() -> str:
        """The command line ends Ada's account, while Ada ends Bea's."""
        waiting.wait(10)
        try:
            with transaction_for_system() as db:
                accounts.deactivate(db, accounts.SYSTEM, user_id=ada.user_id, now=now)
        except InvalidError as error:
            return str(error)
        return ""

    with ThreadPoolExecutor(1) as pool:
        with transaction(ada) as db:
            if action == "deactivate":
                accounts.deactivate(db, ada, user_id=bea.user_id, now=now)
            else:
                accounts.change_role(db, ada, user_id=bea.user_id, role="finance", now=now)
            refused = pool.submit(command)
            waiting.set()
            # the command waits for the lock that this transaction holds
            with pytest.raises(TimeoutError):
                refused.result(timeout=0.5)
        assert ONLY in refused.result(timeout=60)
    with transaction_for_system() as db:
        left = db.execute(text("select id from app_user where role = 'admin' and active"))
        assert left.scalars().all() == [ada.user_id]


def test_running_pledges_are_counted_with_the_donors(
    db: Session, ada: accounts.Actor, ruth: accounts.Actor
) -> None:
    donor = make.donor(db, ruth, "Ivy")
    make.pledge(db, donor)
    make.pledge(db, donor, status="cancelled", end_date=date(2026, 10, 1))
    owned = accounts.owned_records(db, ada)[ruth.user_id]
    assert (owned.donors, owned.tasks, owned.pledges) == (3, 1, 1)


def assignees(db: Session) -> dict[str, int | None]:
    rows = db.execute(select(Task.title, Task.assignee_id))
    return {row.title: row.assignee_id for row in rows}


def assign_donor(
    db: Session, ada: accounts.Actor, donor: int, owner_id: int | None, today: date
) -> None:
    view = donors.get(db, ada, donor, today=today)
    fields = replace(view.fields, owner_id=owner_id)
    donors.update(db, ada, donor_id=donor, version=view.version, fields=fields, today=today)


@pytest.fixture
def two_donors(
    db: Session, ada: accounts.Actor, ruth: accounts.Actor, today: date
) -> tuple[int, int]:
    """Ruth's donor with her tasks, one of them an alert's, a colleague's, and another donor's."""
    donor, other = make.donor(db, ruth, "Ivy"), make.donor(db, ruth, "Oak")
    otto = make.person(db, name="Otto")
    alert = make.alert(db, donor, pledge_id=make.pledge(db, donor))
    make.task(db, ruth, "Ring", donor_id=donor)
    make.task(db, ruth, "Alert", donor_id=donor, alert_id=alert)
    make.task(db, ruth, "Rang", donor_id=donor, done_at=text("now()"))
    make.task(db, otto, "Receipt", donor_id=donor)
    make.task(db, ruth, "Other", donor_id=other)
    make.task(db, ruth, "Nobody's")
    return donor, otto.user_id


def test_open_tasks_go_with_one_donor(
    db: Session,
    ada: accounts.Actor,
    ruth: accounts.Actor,
    today: date,
    two_donors: tuple[int, int],
) -> None:
    mei = make.person(db, name="Mei")
    donor, otto = two_donors
    before = assignees(db)
    assign_donor(db, ada, donor, mei.user_id, today)
    assert assignees(db) == before | {"Ring": mei.user_id, "Alert": mei.user_id}
    assert before["Receipt"] == otto
    sentence = db.execute(
        select(Activity.action, Activity.sentence, Activity.donor_id).order_by(Activity.id)
    ).all()
    assert [tuple(row) for row in sentence[-2:]] == [
        ("donor.changed", "Changed the owner.", donor),
        ("task.handed_over", "Handed 2 open tasks to Mei.", donor),
    ]
    # the alert itself is the donor's, so the new owner sees it
    assert [alert.donor_id for alert in alerts.open_for(db, mei, today=today)] == [donor]


def test_without_an_owner_only_tasks_of_deactivated_users_move(
    db: Session,
    ada: accounts.Actor,
    ruth: accounts.Actor,
    today: date,
    now: datetime,
    two_donors: tuple[int, int],
) -> None:
    donor, otto = two_donors
    before = assignees(db)
    assign_donor(db, ada, donor, None, today)
    assert assignees(db) == before
    accounts.deactivate(db, ada, user_id=otto, now=now)
    assign_donor(db, ada, donor, ruth.user_id, today)
    assert assignees(db) == before | {"Receipt": ruth.user_id}
    accounts.deactivate(db, ada, user_id=ruth.user_id, now=now)
    assign_donor(db, ada, donor, None, today)
    moved = dict.fromkeys(("Ring", "Alert", "Receipt"), ada.user_id)
    assert assignees(db) == before | moved


def test_open_tasks_follow_an_imported_owner_and_return_on_undo(
    db: Session, ada: accounts.Actor, ruth: accounts.Actor, today: date, now: datetime
) -> None:
    mei = make.person(db, name="Mei")
    donor = make.donor(db, ruth, "Ivy", email="ivy@example.org")
    unchanged = make.donor(db, ruth, "Oak", email="oak@example.org")
    make.task(db, ruth, "Ring", donor_id=donor)
    make.task(db, ruth, "Rang", donor_id=donor, done_at=text("now()"))
    make.task(db, ruth, "Other", donor_id=unchanged)
    data = f"name,email,owner_email\nIvy,ivy@example.org,{mei.email}\nOak,oak@example.org,\n"
    before = assignees(db)
    result = imports.import_file(
        db,
        ada,
        imports.ImportRequest("f.csv", data.encode(), policies={"owner_email": "overwrite"}),
        today=today,
        now=now,
    )
    assert assignees(db) == before | {"Ring": mei.user_id}
    assert imports.undo(db, ada, run_id=result.run_id, now=now).kept == ()
    assert assignees(db) == before
    assert set(db.scalars(select(Donor.owner_id).where(Donor.id == donor))) == {ruth.user_id}


def test_tasks_done_since_stay_done_when_the_import_is_undone(
    db: Session, ada: accounts.Actor, ruth: accounts.Actor, today: date, now: datetime
) -> None:
    mei = make.person(db, name="Mei")
    donor = make.donor(db, ruth, "Ivy", email="ivy@example.org")
    task = make.task(db, ruth, "Ring", donor_id=donor)
    data = f"name,email,owner_email\nIvy,ivy@example.org,{mei.email}\n"
    result = imports.import_file(
        db,
        ada,
        imports.ImportRequest("f.csv", data.encode(), policies={"owner_email": "overwrite"}),
        today=today,
        now=now,
    )
    tasks.finish(db, mei, task_id=task, now=now)
    assert len(imports.undo(db, ada, run_id=result.run_id, now=now).kept) == 1
    assert assignees(db)["Ring"] == mei.user_id


def test_the_goal_of_a_deactivated_user_ends_or_is_handed_over(
    db: Session, ada: accounts.Actor, today: date, now: datetime
) -> None:
    ruth, otto = make.person(db, goal="500"), make.person(db, goal="40")
    mei = make.person(db, name="Mei", goal="100")

    def goal() -> str:
        return str(goals.progress(db, ada, today=today).goal)

    assert goal() == "640.00"
    ended = accounts.deactivate(db, ada, user_id=otto.user_id, now=now, hand_to=mei.user_id)
    assert (ended.goal_ended, ended.goal_handed) == (4_000, 0)
    assert goal() == "600.00"
    sentence = db.scalars(select(Activity.sentence).order_by(Activity.id.desc())).first()
    assert present(sentence).endswith("The monthly goal no longer counts.")
    moved = accounts.deactivate(
        db, ada, user_id=ruth.user_id, now=now, hand_to=mei.user_id, with_goal=True
    )
    assert (moved.goal_ended, moved.goal_handed) == (0, 50_000)
    assert goal() == "600.00"
    of_users = goals.goal_by_user(db, ada, today=today)
    assert of_users == {mei.user_id: Money(60_000, "USD")}
    accounts.reactivate(db, ada, user_id=ruth.user_id)
    assert goal() == "600.00"
    # the month before keeps what it had
    before = date(2026, 10, 1)
    assert goals.goal_by_month(db, ada, [before]) == {before: Money(64_000, "USD")}
