from collections import Counter
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from sqlalchemy import URL, func, select, text
from sqlalchemy.orm import Session
from typer.testing import CliRunner

from app import accounts, demo
from app.accounts.authentication import passwords
from app.cli import build
from app.db import transaction_for_system
from app.db.models import (
    Alert,
    ContactLog,
    Donor,
    DonorEmail,
    DonorRhythm,
    Fund,
    Gift,
    GiftLine,
    MonthlyGoal,
    Pledge,
    PledgeAmount,
    PledgePause,
    PledgeSkip,
    SoftCredit,
    Task,
    User,
)
from app.demo import queries
from app.demo.columns import generate_giving
from app.demo.people import GOAL_SHARES
from app.kit.errors import InvalidError
from app.pledges.rules import lateness
from tests import factories as make
from tests.values import present

NIGHT = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
SUMMARIES = ("donor_summary", "donor_year", "owner_month")


def _stands(db: Session, pledge: Pledge, today: date) -> str:
    gifts = db.execute(
        select(Gift.gift_date, Gift.amount_minor).where(Gift.pledge_id == pledge.id)
    ).all()
    changes = select(PledgeAmount.effective_from, PledgeAmount.amount_minor)
    pauses = select(PledgePause.starts_on, PledgePause.ends_on)
    skips = select(PledgeSkip.due_on).where(PledgeSkip.pledge_id == pledge.id)
    promise = lateness.Pledge(
        pledge.amount_minor,
        pledge.frequency,
        pledge.start_date,
        anchor=pledge.anchor_day,
        end=pledge.end_date,
        total=pledge.total_minor,
        status=pledge.status,
        changes=db.execute(changes.where(PledgeAmount.pledge_id == pledge.id)).all(),
        pauses=db.execute(pauses.where(PledgePause.pledge_id == pledge.id)).all(),
        skips=frozenset(db.scalars(skips)),
    )
    return lateness.assess(promise, gifts, today).state


def _drift(db: Session) -> dict[str, int]:
    return {
        table: db.scalar(
            text(
                f"select count(*) from ((table {table} except table {table}_fresh)"
                f" union all (table {table}_fresh except table {table})) x"
            )
        )
        for table in SUMMARIES
    }


@pytest.mark.parametrize(
    "now",
    [
        pytest.param(NIGHT, id="a November day"),
        pytest.param(datetime(2028, 2, 29, 14, 0, tzinfo=UTC), id="a leap day"),
        pytest.param(datetime(2027, 1, 1, 14, 0, tzinfo=UTC), id="New Year"),
        pytest.param(datetime(2027, 7, 31, 14, 0, tzinfo=UTC), id="the end of July"),
    ],
)
def test_the_organisation_is_plausible_on_any_day(db: Session, now: datetime) -> None:
    demo.load(db, now=now)
    today = now.date()

    kinds = Counter(db.scalars(select(Donor.kind)))
    assert kinds.total() == 402
    assert min(kinds[kind] for kind in ("person", "household", "organisation")) > 20
    states = Counter(_stands(db, pledge, today) for pledge in db.scalars(select(Pledge)))
    assert states["on track"] > 100
    assert 8 <= states["late"] <= 30
    for state in ("due", "part-paid", "paused", "fulfilled", "paid ahead", "cancelled"):
        assert states[state], state
    first, last = db.execute(select(func.min(Gift.gift_date), func.max(Gift.gift_date))).one()
    assert 5 * 365 < (today - first).days < 7 * 366 + 30
    assert today - timedelta(days=3) <= last <= today
    assert present(db.scalar(select(func.max(DonorRhythm.risk)))) > 0.5
    assert _drift(db) == dict.fromkeys(SUMMARIES, 0)


def test_every_screen_has_content_after_loading(db: Session) -> None:
    demo.load(db, now=NIGHT)
    today = NIGHT.date()
    team = queries.fundraisers(db)
    assert len(team) == 4
    for user_id in team:
        mine = select(func.count()).select_from(Task).where(Task.assignee_id == user_id)
        waiting = mine.where(Task.done_at.is_(None))
        assert db.scalar(waiting.where(Task.due_on < today))
        assert db.scalar(waiting.where(Task.due_on == today))
        assert db.scalar(waiting.where(Task.due_on > today))
        unthanked = select(func.count()).select_from(Gift).join(Donor, Donor.id == Gift.donor_id)
        unthanked = unthanked.where(Donor.owner_id == user_id, Gift.thanked_at.is_(None))
        assert (
            1
            <= present(db.scalar(unthanked.where(Gift.gift_date > today - timedelta(days=60))))
            <= 25
        )
    open_now = dict(
        db.execute(
            select(Alert.kind, func.count()).where(Alert.state == "open").group_by(Alert.kind)
        ).all()
    )
    assert open_now["late_pledge"] >= 8
    assert 8 <= open_now["at_risk"] <= 60
    raised = set(db.scalars(select(Alert.raised_on)))
    assert max(raised) <= today
    assert len(raised) > 5, "alerts of one day would all be new in the weekly mail"
    support = queries.monthly_support_for_system(db, today=today)
    for user_id, reached in zip(team, GOAL_SHARES, strict=True):
        versions = select(MonthlyGoal.minor).where(MonthlyGoal.user_id == user_id)
        goal = db.scalar(versions.order_by(MonthlyGoal.month.desc()).limit(1))
        assert support[user_id] / present(goal) == pytest.approx(reached, abs=0.03)
    for model in (ContactLog, GiftLine, SoftCredit):
        assert db.scalar(select(func.count()).select_from(model))
    assert db.scalar(select(func.count()).where(Gift.kind == "reversal")) == 5
    assert "General" in set(db.scalars(select(Fund.name)))
    contacted = select(
        func.max(func.timezone("UTC", ContactLog.at)).cast(Donor.last_contacted_on.type)
    )
    wrong = select(func.count()).where(
        Donor.last_contacted_on
        != contacted.where(ContactLog.donor_id == Donor.id).scalar_subquery()
    )
    assert db.scalar(wrong) == 0


def test_names_and_addresses_are_invented_and_distinct(db: Session) -> None:
    demo.load(db, now=NIGHT)
    names = list(db.scalars(select(Donor.name)))
    assert len(set(names)) == len(names)
    assert sum(not name.isascii() for name in names) > 40
    assert any("　" not in name and not name[0].isascii() for name in names)
    emails = [email.lower() for email in db.scalars(select(DonorEmail.email))]
    assert all(email.endswith((".example", "@example.org")) for email in emails)
    assert all(email.isascii() and ".." not in email for email in emails)


def test_some_donors_have_further_contact_details(db: Session) -> None:
    demo.load(db, now=NIGHT)
    counts = db.execute(
        text(
            "select (select count(*) from donor_address where type = 'seasonal'),"
            " (select count(*) from donor_phone where not is_primary),"
            " (select count(*) from donor_email where do_not_use),"
            " (select count(*) from donor where preferred_language is not null)"
        )
    ).one()
    assert min(counts) >= 3


def test_the_same_seed_gives_the_same_data(db: Session) -> None:
    facts = select(Donor.name, Gift.gift_date, Gift.amount_minor).join(
        Gift, Gift.donor_id == Donor.id
    )
    digests = []
    for seed in (3, 3, 4):
        with db.begin_nested() as once:
            demo.load(db, now=NIGHT, seed=seed)
            digests.append(sorted(db.execute(facts).all()))
            once.rollback()
        db.expire_all()
    assert digests[0] == digests[1] != digests[2]


def test_all_users_can_sign_in_and_the_supervisor_has_a_team(db: Session) -> None:
    demo.load(db, now=NIGHT)
    for sign_in in demo.SIGN_INS:
        actor = accounts.actor_by_email(db, sign_in.email)
        assert (actor.role, actor.name) == (sign_in.role, sign_in.name)
    hashes = set(db.scalars(select(User.password_hash)))
    assert all(passwords.verify_password(demo.SIGN_INS[0].password, hash_) for hash_ in hashes)
    grace = accounts.actor_by_email(db, "grace@demo.example")
    team = {owner.name for owner in accounts.owners(db, grace)}
    assert {"Ruth Adeyemi", "Sam Whitlock"} <= team
    assert "Mei Tanabe" not in team


def test_loading_happens_once(database: URL) -> None:
    assert not demo.is_loaded()
    assert demo.load_if_empty(now=NIGHT)
    assert not demo.load_if_empty(now=NIGHT)
    assert demo.is_loaded()
    with transaction_for_system() as db:
        assert db.scalar(select(func.count()).select_from(Donor)) == 402


def test_nothing_is_loaded_into_a_database_with_users(database: URL) -> None:
    with transaction_for_system() as db:
        make.person(db, role="admin")
    assert not demo.load_if_empty(now=NIGHT)
    assert not demo.is_loaded()


@pytest.mark.parametrize(
    ("donors", "gifts"),
    [(300, 5_000), (50, 0), (40, 10), (3, 900)],
    ids=["as usual", "no gifts", "fewer gifts than donors", "very generous donors"],
)
def test_any_size_is_exact_and_adds_up(db: Session, today: date, donors: int, gifts: int) -> None:
    generated = demo.generate(db, donors=donors, gifts=gifts, seed=5, today=today)
    count = select(func.count())
    assert (generated.donors, generated.gifts) == (donors, gifts)
    assert db.scalar(count.select_from(Donor)) == donors
    assert db.scalar(count.select_from(Gift)) == gifts
    assert db.scalar(count.select_from(Pledge)) == generated.pledges
    assert db.scalar(count.where(Gift.gift_date > today)) == 0
    silent = count.where(Donor.status == "prospect", Donor.id.in_(select(Gift.donor_id)))
    assert db.scalar(silent) == 0
    assert _drift(db) == dict.fromkeys(SUMMARIES, 0)


def test_more_data_is_assigned_to_the_existing_fundraisers(db: Session, today: date) -> None:
    make.organisation(db)
    ruth = make.person(db)
    make.donor(db, ruth)
    demo.generate(db, donors=20, gifts=100, seed=1, today=today)
    demo.generate(db, donors=20, gifts=100, seed=2, today=today)
    assert set(db.scalars(select(Donor.owner_id))) == {ruth.user_id}
    assert db.scalar(select(func.count()).select_from(Donor)) == 41
    assert not queries.is_demo(db)


def test_most_generated_pledges_are_paid(db: Session, today: date) -> None:
    demo.generate(db, donors=400, gifts=8_000, seed=5, today=today)
    states = Counter(_stands(db, pledge, today) for pledge in db.scalars(select(Pledge)))
    assert states["on track"] + states["paid ahead"] > 0.7 * states.total()
    assert states["late"] < 0.15 * states.total()


def test_the_columns_are_the_same_for_the_same_seed(today: date) -> None:
    first, second, different = (
        generate_giving(np.random.default_rng(seed), donors=200, gifts=3_000, today=today)
        for seed in (1, 1, 2)
    )
    assert (first.on == second.on).all()
    assert (first.minor == second.minor).all()
    assert not (first.on == different.on).all()


@pytest.mark.parametrize(("donors", "gifts"), [(0, 1), (-5, 1), (5, -1), (10**9, 1)])
def test_impossible_sizes_are_refused(db: Session, donors: int, gifts: int) -> None:
    with pytest.raises(InvalidError, match="Choose 1 to"):
        demo.generate(db, donors=donors, gifts=gifts, seed=1, today=date(2026, 11, 23))


def test_the_command_prints_how_much_it_added(database: URL) -> None:
    process = CliRunner().invoke(build(), ["demo-data", "--donors", "30", "--gifts", "400"])
    assert process.exit_code == 0, process.output
    assert "Added 30 donors" in process.output
    assert "400 gifts in " in process.output
    with transaction_for_system() as db:
        assert db.scalar(select(func.count()).select_from(Gift)) == 400
        assert db.execute(select(func.count()).select_from(DonorRhythm)).scalar_one() > 10
