"""The matrix: every door × every role × own, of the team, somebody else's and missing records."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from io import BytesIO
from typing import Any

import pytest
from sqlalchemy.orm import Session

from app import alerts, donors, exports, gifts, goals, insights, pledges, privacy, tasks
from app.accounts import Actor
from app.db.models import Alert, ContactLog, Donor, Gift
from app.kit.errors import NotAllowedError, NotFoundError
from app.kit.money import Money
from tests import database as run
from tests import factories as make
from tests import permissions
from tests.integration.accounts.test_impersonation import READS, WRITES
from tests.permissions import FILES, ROLES, VERBS, WHOSE

TODAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
MISSING = 2_000_000_000


@dataclass(frozen=True)
class It:
    """One donor's records, or ids that nothing has."""

    donor: int = MISSING
    gift: int = MISSING
    pledge: int = MISSING
    alert: int = MISSING
    task: int = MISSING


USD10 = Money(1000, "USD")
DAYS = {"today": TODAY, "now": NOW}
CALLS: dict[str, Any] = {
    "donors.get": lambda db, me, it: donors.get(db, me, it.donor, today=TODAY),
    "donors.timeline": lambda db, me, it: donors.timeline(db, me, it.donor),
    "donors.months": lambda db, me, it: donors.months(db, me, it.donor, since=TODAY),
    "donors.require_visible": lambda db, me, it: donors.require_visible(db, me, it.donor),
    "donors.looks": lambda db, me, it: some(donors.looks(db, me, it.donor)),
    "donors.consents": lambda db, me, it: donors.consents(db, me, it.donor),
    "donors.record_consent": lambda db, me, it: donors.record_consent(
        db,
        me,
        donor_id=it.donor,
        channel="email",
        purpose="news",
        granted=True,
        source="A card",
        given_on=TODAY,
        today=TODAY,
    ),
    "donors.create": lambda db, me, it: donors.create(
        db, me, fields=donors.DonorFields(name="New", owner_id=me.user_id)
    ),
    "donors.update": lambda db, me, it: donors.update(
        db,
        me,
        donor_id=it.donor,
        version=1,
        today=TODAY,
        fields=donors.DonorFields(name="Changed", owner_id=owner_of(db, it)),
    ),
    "donors.log_contact": lambda db, me, it: donors.log_contact(
        db, me, donor_id=it.donor, kind="call", text=None, at=NOW
    ),
    "donors.remove_contact": lambda db, me, it: donors.remove_contact(
        db, me, contact_id=contact_of(db, it)
    ),
    "gifts.link": lambda db, me, it: gifts.link(
        db, me, gift_id=it.gift, pledge_id=it.pledge, **DAYS
    ),
    "gifts.unlink": lambda db, me, it: gifts.unlink(db, me, gift_id=linked(db, it), **DAYS),
    "gifts.refuse": lambda db, me, it: gifts.refuse(
        db, me, gift_id=it.gift, pledge_ids=(it.pledge,)
    ),
    "gifts.get": lambda db, me, it: gifts.get(db, me, it.gift),
    "gifts.record": lambda db, me, it: gifts.record(
        db, me, donor_id=it.donor, amount=USD10, on=TODAY, **DAYS
    ),
    "gifts.correct": lambda db, me, it: gifts.correct(
        db,
        me,
        gift_id=it.gift,
        version=1,
        amount=USD10,
        on=TODAY,
        method=None,
        fund_id=None,
        pledge_id=None,
        note=None,
        **DAYS,
    ),
    "gifts.reverse": lambda db, me, it: gifts.reverse(
        db, me, gift_id=it.gift, reason="Typed twice", on=TODAY, **DAYS
    ),
    "gifts.thank": lambda db, me, it: gifts.thank(db, me, gift_id=it.gift, how=None, now=NOW),
    "gifts.unthank": lambda db, me, it: gifts.unthank(db, me, gift_id=it.gift),
    "pledges.get": lambda db, me, it: pledges.get(db, me, it.pledge, today=TODAY),
    "pledges.create": lambda db, me, it: pledges.create(
        db, me, donor_id=it.donor, amount=USD10, frequency="monthly", start=TODAY
    ),
    "pledges.change_amount": lambda db, me, it: pledges.change_amount(
        db, me, pledge_id=it.pledge, amount=USD10, since=TODAY, today=TODAY
    ),
    "pledges.pause": lambda db, me, it: pledges.pause(
        db, me, pledge_id=it.pledge, start=TODAY, today=TODAY
    ),
    "pledges.resume": lambda db, me, it: pledges.resume(db, me, pledge_id=it.pledge, on=TODAY),
    "pledges.skip": lambda db, me, it: pledges.skip(
        db, me, pledge_id=it.pledge, due=date(2026, 11, 1), reason="away", today=TODAY
    ),
    "pledges.unskip": lambda db, me, it: pledges.unskip(
        db, me, pledge_id=it.pledge, due=date(2026, 11, 1), today=TODAY
    ),
    "pledges.change_terms": lambda db, me, it: pledges.change_terms(
        db, me, pledge_id=it.pledge, frequency="weekly", since=TODAY, today=TODAY
    ),
    "pledges.end": lambda db, me, it: pledges.end(db, me, pledge_id=it.pledge, on=TODAY),
    "tasks.for_donor": lambda db, me, it: some(tasks.for_donor(db, me, donor_id=it.donor)),
    "tasks.create": lambda db, me, it: tasks.create(db, me, title="Call"),
    "tasks.finish": lambda db, me, it: tasks.finish(db, me, task_id=it.task, now=NOW),
    "tasks.reopen": lambda db, me, it: tasks.reopen(db, me, task_id=it.task),
    "alerts.snooze": lambda db, me, it: alerts.snooze(
        db, me, alert_id=it.alert, until=date(2026, 12, 1), today=TODAY
    ),
    "alerts.dismiss": lambda db, me, it: alerts.dismiss(
        db, me, alert_id=it.alert, reason="away", today=TODAY, now=NOW
    ),
    "alerts.resolve": lambda db, me, it: alerts.resolve(db, me, alert_id=it.alert, now=NOW),
    "alerts.called": lambda db, me, it: alerts.called(
        db, me, alert_id=it.alert, today=TODAY, now=NOW
    ),
    "alerts.undo": lambda db, me, it: alerts.undo(
        db, me, alert_id=dealt_with(db, it), today=TODAY
    ),
    "alerts.contact": lambda db, me, it: alerts.contact(db, me, it.donor, today=TODAY),
    "privacy.erase": lambda db, me, it: privacy.erase(
        db, me, donor_id=it.donor, name=name_of(db, it), now=NOW
    ),
}


def some(found: list[Any]) -> None:
    """A list of what is not there, or not to be seen, is empty."""
    if not found:
        msg = "nothing"
        raise NotFoundError(msg)


def owner_of(db, it: It) -> int | None:
    return db.query(Donor.owner_id).filter(Donor.id == it.donor).scalar()


def contact_of(db, it: It) -> int:
    found = db.query(ContactLog.id).filter(ContactLog.donor_id == it.donor).scalar()
    return found or 0


def linked(db, it: It) -> int:
    """The gift, towards the pledge."""
    db.query(Gift).filter(Gift.id == it.gift).update({"pledge_id": it.pledge})
    return it.gift


def dealt_with(db, it: It) -> int:
    """The alert, which somebody has put off."""
    later = {"state": "snoozed", "snoozed_until": date(2026, 12, 1)}
    db.query(Alert).filter(Alert.id == it.alert).update(later)
    return it.alert


def name_of(db, it: It) -> str:
    return db.query(Donor.name).filter(Donor.id == it.donor).scalar() or ""


@pytest.fixture(scope="module")
def standing(_worker_database, _worker_engine):
    """A connection on which the world stands, once for all cells: none of them changes it."""
    run.use(_worker_database)
    with _worker_engine.connect() as connection:
        outer = connection.begin()
        with on(connection) as session:
            world = everybody(session)
            session.commit()
        yield connection, world
        outer.rollback()
    run.use(run.NOWHERE)


def on(connection) -> Session:
    return Session(connection, expire_on_commit=False, join_transaction_mode="create_savepoint")


@pytest.fixture
def db(standing):
    """A session in that world, whose work is taken back."""
    with on(standing[0]) as session:
        yield session
        session.rollback()


@pytest.fixture
def world(standing) -> dict[str, dict[str, Any]]:
    return standing[1]


def everybody(db) -> dict[str, dict[str, Any]]:
    """For every role: the actor, and a donor of theirs, of their team's and of a stranger's."""
    make.organisation(db)
    stranger = make.person(db, name="Stranger")
    found: dict[str, dict[str, Any]] = {}
    for role in ROLES:
        me, member = make.person(db, role), make.person(db, name=f"Member of {role}")
        make.looks_after(db, me, member, kind="coach" if role == "coach" else "supervisor")
        owners = {"own": me, "team": member, "other": stranger}
        found[role] = {"me": me, "missing": It()}
        found[role] |= {whose: records(db, owner) for whose, owner in owners.items()}
    return found


def records(db, owner: Actor) -> It:
    donor = make.donor(db, owner, phone="555 0100")
    pledge = make.pledge(db, donor, "20", "monthly", date(2026, 1, 1))
    make.pause(db, pledge, date(2026, 11, 1))
    donors.note_look(db, owner, donor_id=donor)
    make.contact(db, donor, by_id=owner.user_id)
    return It(
        donor,
        make.gift(db, donor, "10", TODAY),
        pledge,
        make.alert(db, donor),
        make.task(db, owner, "Call", donor_id=donor),
    )


def outcome(db, verb: str, me: Actor, it: It) -> str:
    """Say "yes", or how it was refused, and leave nothing behind."""
    with db.begin_nested() as inside:
        try:
            CALLS[verb](db, me, it)
            said = "yes"
        except (NotAllowedError, NotFoundError) as error:
            said = f"{type(error).__name__}: {error}"
        inside.rollback()
    return said


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("verb", CALLS)
def test_every_cell(db, world, verb, role):
    mine = world[role]
    said = {whose: outcome(db, verb, mine["me"], mine[whose]) for whose in WHOSE}
    if verb.endswith(".create") and verb != "pledges.create":
        assert (said["own"] == "yes") == VERBS[verb].allows(role, "own"), said
        return
    assert {whose: word == "yes" for whose, word in said.items()} == {
        whose: VERBS[verb].allows(role, whose) for whose in WHOSE
    }, said
    for whose in ("team", "other"):
        if not permissions.VERBS["donors.get"].allows(role, whose):
            assert said[whose] == said["missing"], "forbidden and missing sound alike"


def test_no_door_on_somebodys_records_is_left_out():
    """A new function that takes the id of a record needs a row in the table."""
    rooms = {room.__name__.removeprefix("app."): room for room in (*WRITES, insights, goals)}
    asked = {
        f"{name}.{door}"
        for name, room in rooms.items()
        for door in {*WRITES.get(room, ()), *READS[room]}
        if name in {"donors", "gifts", "pledges", "tasks", "alerts", "privacy"}
    }
    lists = {
        "donors.search",
        "donors.page",
        "donors.chosen",
        "donors.owners",
        "donors.at_risk",
        "donors.note_look",
        "donors.named_in_export",
        "donors.note_export",
        "gifts.lines",
        "gifts.page",
        "gifts.chosen",
        "gifts.recent",
        "gifts.thank_queue",
        "gifts.received",
        "gifts.freshness",
        "gifts.suggestions",
        "gifts.link_all",
        "alerts.late",
        "alerts.at_risk",
        "alerts.ensure",
        "pledges.page",
        "pledges.standings",
        "pledges.late",
        "pledges.expected",
        "pledges.monthly_equivalent",
        "pledges.monthly_support",
        "pledges.promised_by_month",
        "pledges.still_expected",
        "pledges.behind",
        "pledges.not_in_promised",
        "pledges.notes",
        "tasks.due",
        "alerts.open_for",
        "alerts.changes",
    }
    assert asked - lists == set(VERBS) == set(CALLS)


@pytest.mark.parametrize("role", ROLES)
def test_every_kind_of_file(db, world, role, today):
    assert tuple(FILES) == exports.KINDS
    me = make.person(db, role=role)
    for kind, may in FILES.items():
        try:
            exports.write(db, me, kind=kind, out=BytesIO(), today=today)
        except NotAllowedError:
            assert role not in may, kind
        else:
            assert role in may, kind


def test_the_document_says_what_the_tests_say():
    assert permissions.DOCUMENT.read_text(encoding="utf-8") == permissions.document()
