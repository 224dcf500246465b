"""Somebody goes: one transaction ends the account and hands over what was theirs."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from sqlalchemy import select, text

from app import accounts
from app.accounts import Belongings, Role
from app.db import transaction
from app.db.models import Activity, Donor, Task
from app.kit.errors import InvalidError, NotAllowedError
from tests import factories as make


@pytest.fixture
def ada(db):
    make.organisation(db)
    return make.person(db, "admin", name="Ada")


@pytest.fixture
def ruth(db, ada):
    """A fundraiser with two donors, gifts, an open task and a done one."""
    ruth = make.person(db, name="Ruth")
    for number in range(2):
        donor = make.donor(db, ruth, f"Donor {number}")
        make.gift(db, donor, "50", date(2026, 10, 1))
    make.task(db, ruth, "Call", donor_id=donor)
    make.task(db, ruth, "Called", donor_id=donor, done_at=text("now()"))
    return ruth


def owners(db):
    return set(db.scalars(select(Donor.owner_id)))


def sums(db, view):
    return [
        tuple(row)
        for row in db.execute(
            text(f"select owner_id, month, recurring_minor, one_time_minor, gifts from {view}"
                 " where gifts <> 0 order by 1, 2")
        )
    ]  # fmt: skip


def test_donors_and_open_tasks_go_to_a_colleague(db, ada, ruth, now):
    mei = make.person(db, name="Mei")
    assert accounts.belongings(db, ada) == {ruth.user_id: Belongings(2, 1)}
    moved = accounts.deactivate(db, ada, user_id=ruth.user_id, now=now, hand_to=mei.user_id)
    assert str(moved) == "2 donors and 1 open task"
    assert owners(db) == {mei.user_id}
    tasks = dict(tuple(row) for row in db.execute(select(Task.title, Task.assignee_id)))
    assert tasks == {"Call": mei.user_id, "Called": ruth.user_id}
    assert accounts.belongings(db, ada) == {mei.user_id: Belongings(2, 1)}
    said = db.scalars(select(Activity.sentence).order_by(Activity.id)).all()
    assert said[-2:] == [
        "Handed 2 donors and 1 open task of Ruth to Mei.", "Deactivated Ruth.",
    ]  # fmt: skip


def test_the_sums_of_both_are_right_at_once(db, ada, ruth, now):
    mei = make.person(db, name="Mei")
    make.gift(db, make.donor(db, mei), "70", date(2026, 10, 9))
    accounts.deactivate(db, ada, user_id=ruth.user_id, now=now, hand_to=mei.user_id)
    assert sums(db, "owner_month") == sums(db, "owner_month_fresh")
    assert sums(db, "owner_month") == [(mei.user_id, date(2026, 10, 1), 0, 17_000, 3)]
    kept = db.execute(text("select owner_id, count(*) from donor_summary group by 1")).all()
    assert [tuple(row) for row in kept] == [(mei.user_id, 3)]


def test_left_in_place_they_may_be_handed_over_later(db, ada, ruth, now):
    assert accounts.deactivate(db, ada, user_id=ruth.user_id, now=now) == Belongings()
    assert owners(db) == {ruth.user_id}
    mei = make.person(db, name="Mei")
    accounts.hand_over(db, ada, user_id=ruth.user_id, to_id=mei.user_id)
    assert owners(db) == {mei.user_id}
    accounts.reactivate(db, ada, user_id=ruth.user_id)
    assert owners(db) == {mei.user_id}


def test_everything_they_could_come_in_with_ends(db, ada, ruth, now):
    session, _ = accounts.open_session(db, user_id=ruth.user_id, now=now)
    tokens = accounts.open_tokens(db, user_id=ruth.user_id, now=now)
    code = accounts.ask_reset(db, email=ruth.email, now=now)[3]
    accounts.deactivate(db, ada, user_id=ruth.user_id, now=now)
    assert accounts.session_actor(db, session_id=session, now=now) is None
    assert accounts.token_actor(db, access=tokens.access, now=now) is None
    with pytest.raises(InvalidError):
        accounts.reset_password(db, code=code, new="violet ladder seven oceans", now=now)


def test_only_an_active_colleague_who_edits_takes_over(db, ada, ruth, now):
    gone, reader = make.person(db, active=False), make.person(db, "read_only")
    for to in (gone, reader, ruth):
        with pytest.raises(InvalidError), db.begin_nested():
            accounts.deactivate(db, ada, user_id=ruth.user_id, now=now, hand_to=to.user_id)
    assert accounts.me(db, ruth).active
    assert owners(db) == {ruth.user_id}


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.SYSTEM, Role.ADMIN}))
def test_others_hand_nothing_over(db, ada, ruth, now, role):
    who = make.person(db, role)
    for work in (
        lambda: accounts.belongings(db, who),
        lambda: accounts.hand_over(db, who, user_id=ruth.user_id, to_id=who.user_id),
        lambda: accounts.deactivate(db, who, user_id=ruth.user_id, now=now),
    ):
        with pytest.raises(NotAllowedError):
            work()


@pytest.mark.parametrize("how", ["deactivate", "demote"])
def test_two_administrators_who_end_each_other(database, now, how):
    with transaction() as db:
        make.organisation(db)
        ada, bea = make.person(db, "admin"), make.person(db, "admin")

    def end(pair) -> bool:
        who, other = pair
        try:
            with transaction() as db:
                if how == "deactivate":
                    accounts.deactivate(db, who, user_id=other.user_id, now=now)
                else:
                    accounts.change_role(db, who, user_id=other.user_id, role="finance", now=now)
        except NotAllowedError:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(end, [(ada, bea), (bea, ada)])) == [False, True]
    with transaction() as db:
        left = db.execute(
            text("select count(*) from app_user where role = 'admin' and active")
        ).scalar()
    assert left == 1
