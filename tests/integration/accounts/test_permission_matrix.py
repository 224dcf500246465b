"""Permissions: every function × every role × own, team's, others' and missing records."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from io import BytesIO

import pytest
from sqlalchemy import URL, Connection, Engine, update
from sqlalchemy.orm import Session

from app import (
    alerts,
    care_requests,
    donors,
    exports,
    gifts,
    households,
    imports,
    insights,
    pledges,
    privacy,
    tasks,
)
from app.accounts import SYSTEM, Actor
from app.db.models import Alert, ContactLog, Donor, DonorEmail, DonorRelation, Gift
from app.kit.errors import NotAllowedError, NotFoundError
from app.kit.money import Money
from tests import database as run
from tests import factories as make
from tests import permissions
from tests.integration.accounts.test_impersonation import READS, WRITES
from tests.permissions import FILES, ROLES, VERBS, WHOSE
from tests.values import Clock

TODAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
MISSING = 2_000_000_000


@dataclass(frozen=True)
class Records:
    """Ids of one donor's records, or ids of records that do not exist."""

    donor: int = MISSING
    gift: int = MISSING
    pledge: int = MISSING
    alert: int = MISSING
    task: int = MISSING
    mapping: int = MISSING
    fund: int = MISSING
    other_fund: int = MISSING - 1
    campaign: int = MISSING
    other_campaign: int = MISSING - 1
    tag: int = MISSING
    other_tag: int = MISSING - 1
    custom_field: int = MISSING
    care_request: int = MISSING
    segment: int = MISSING


@dataclass(frozen=True, slots=True)
class Holdings:
    """An actor, and the records that are own, of the team, of others, or missing."""

    actor: Actor
    records: dict[str, Records]


# by role
World = dict[str, Holdings]
USD10 = Money(1000, "USD")
DAYS = Clock(today=TODAY, now=NOW)
GIVERS = '[[["gifts","at least","1"]]]'
CALLS: dict[str, Callable[[Session, Actor, Records], object]] = {
    "donors.get": lambda db, actor, records: donors.get(db, actor, records.donor, today=TODAY),
    "donors.timeline": lambda db, actor, records: donors.timeline(db, actor, records.donor),
    "donors.months": lambda db, actor, records: donors.months(
        db, actor, records.donor, since=TODAY
    ),
    "donors.require_visible": lambda db, actor, records: donors.require_visible(
        db, actor, records.donor
    ),
    "donors.accesses": lambda db, actor, records: require_rows(
        donors.accesses(db, actor, records.donor)
    ),
    "donors.consents": lambda db, actor, records: donors.consents(db, actor, records.donor),
    "donors.record_consent": lambda db, actor, records: donors.record_consent(
        db,
        actor,
        donor_id=records.donor,
        channel="email",
        purpose="news",
        granted=True,
        source="A card",
        given_on=TODAY,
        today=TODAY,
    ),
    "donors.create": lambda db, actor, records: donors.create(
        db, actor, fields=donors.DonorFields(name="New", owner_id=actor.user_id)
    ),
    "donors.update": lambda db, actor, records: donors.update(
        db,
        actor,
        donor_id=records.donor,
        version=1,
        today=TODAY,
        fields=donors.DonorFields(name="Changed", owner_id=owner_of(db, records)),
    ),
    "donors.add_contact_detail": lambda db, actor, records: donors.add_contact_detail(
        db,
        actor,
        donor_id=records.donor,
        version=1,
        detail=donors.EmailDetail("new@example.org"),
        today=TODAY,
    ),
    "donors.change_contact_detail": lambda db, actor, records: donors.change_contact_detail(
        db,
        actor,
        donor_id=records.donor,
        version=1,
        detail=donors.EmailDetail("new@example.org", id=email_of(db, records)),
        today=TODAY,
    ),
    "donors.make_primary_contact_detail": (
        lambda db, actor, records: donors.make_primary_contact_detail(
            db,
            actor,
            donor_id=records.donor,
            version=1,
            kind=donors.EmailDetail,
            detail_id=email_of(db, records),
            today=TODAY,
        )
    ),
    "donors.remove_contact_detail": lambda db, actor, records: donors.remove_contact_detail(
        db,
        actor,
        donor_id=records.donor,
        version=1,
        kind=donors.EmailDetail,
        detail_id=email_of(db, records),
        today=TODAY,
    ),
    "donors.log_contact": lambda db, actor, records: donors.log_contact(
        db, actor, donor_id=records.donor, kind="call", text=None, at=NOW
    ),
    "donors.remove_contact": lambda db, actor, records: donors.remove_contact(
        db, actor, contact_id=contact_of(db, records)
    ),
    "donors.contact": lambda db, actor, records: donors.contact(
        db, actor, contact_id=contact_of(db, records)
    ),
    "donors.change_contact": lambda db, actor, records: donors.change_contact(
        db,
        actor,
        contact_id=contact_of(db, records),
        version=contact_version(db, records),
        kind="call",
        text="Another text",
        at=NOW,
    ),
    "donors.restore_contact": lambda db, actor, records: donors.restore_contact(
        db, actor, contact_id=removed_contact_of(db, records)
    ),
    "gifts.link": lambda db, actor, records: gifts.link(
        db, actor, gift_id=records.gift, pledge_id=records.pledge, **DAYS
    ),
    "gifts.unlink": lambda db, actor, records: gifts.unlink(
        db, actor, gift_id=linked(db, records), **DAYS
    ),
    "gifts.refuse": lambda db, actor, records: gifts.refuse(
        db, actor, gift_id=records.gift, pledge_ids=(records.pledge,)
    ),
    "gifts.get": lambda db, actor, records: gifts.get(db, actor, records.gift),
    "gifts.record": lambda db, actor, records: gifts.record(
        db, actor, donor_id=records.donor, amount=USD10, on=TODAY, **DAYS
    ),
    "gifts.correct": lambda db, actor, records: gifts.correct(
        db,
        actor,
        gift_id=records.gift,
        version=1,
        amount=USD10,
        on=TODAY,
        method=None,
        fund_id=None,
        campaign_id=None,
        pledge_id=None,
        note=None,
        **DAYS,
    ),
    "gifts.reverse": lambda db, actor, records: gifts.reverse(
        db, actor, gift_id=records.gift, reason="Typed twice", on=TODAY, **DAYS
    ),
    "donors.tag_list": lambda db, actor, records: donors.tag_list(db, actor),
    "donors.create_tag": lambda db, actor, records: donors.create_tag(db, actor, name="Choir"),
    "donors.rename_tag": lambda db, actor, records: donors.rename_tag(
        db, actor, tag_id=records.tag, version=1, name="Choir"
    ),
    "donors.merge_tags": lambda db, actor, records: donors.merge_tags(
        db, actor, tag_id=records.tag, into_id=records.other_tag, version=1
    ),
    "donors.delete_tag": lambda db, actor, records: donors.delete_tag(
        db, actor, tag_id=records.tag, version=1
    ),
    "donors.change_tags": lambda db, actor, records: donors.change_tags(
        db, actor, donor_id=records.donor, remove=(records.tag,)
    ),
    "households.household": lambda db, actor, records: households.household(
        db, actor, records.donor, today=TODAY
    ),
    "households.make": lambda db, actor, records: households.make(
        db, actor, head_id=records.donor, member_ids=[partner(db, records)]
    ),
    "households.join": lambda db, actor, records: households.join(
        db, actor, household_id=a_household(db, records, 2), donor_id=records.donor
    ),
    "households.leave": lambda db, actor, records: households.leave(
        db, actor, donor_id=a_household(db, records, 2, own=True) and records.donor
    ),
    "households.set_head": lambda db, actor, records: households.set_head(
        db,
        actor,
        household_id=a_household(db, records, 1, own=True),
        donor_id=records.donor,
    ),
    "households.dissolve": lambda db, actor, records: households.dissolve(
        db, actor, household_id=a_household(db, records, 1, own=True)
    ),
    "households.relations": lambda db, actor, records: households.relations(
        db, actor, records.donor
    ),
    "households.add_relation": lambda db, actor, records: households.add_relation(
        db, actor, donor_id=records.donor, other_id=partner(db, records), type="spouse"
    ),
    "households.remove_relation": lambda db, actor, records: households.remove_relation(
        db, actor, relation_id=a_relation(db, records)
    ),
    "households.suggested_credits": lambda db, actor, records: households.suggested_credits(
        db, actor, records.donor, today=TODAY
    ),
    "gifts.preview_many": lambda db, actor, records: gifts.preview_many(
        db, actor, gift_ids=(records.gift,), deed=gifts.Thanks()
    ),
    "gifts.change_many": lambda db, actor, records: gifts.change_many(
        db, actor, gift_ids=(records.gift,), deed=gifts.FundChange(None), now=NOW
    ),
    "gifts.undo_many": lambda db, actor, records: gifts.undo_many(
        db, actor, outcome=gifts.Outcome(gifts.Thanks(), (records.gift,), {}, NOW)
    ),
    "gifts.gift_soft_credits": lambda db, actor, records: gifts.gift_soft_credits(
        db, actor, gift_id=records.gift
    ),
    "gifts.donor_soft_credits": lambda db, actor, records: gifts.donor_soft_credits(
        db, actor, donor_id=records.donor, today=TODAY
    ),
    "gifts.add_soft_credit": lambda db, actor, records: gifts.add_soft_credit(
        db, actor, gift_id=records.gift, donor_id=partner(db, records), type="spouse"
    ),
    "gifts.remove_soft_credit": lambda db, actor, records: gifts.remove_soft_credit(
        db, actor, credit_id=a_credit(db, records)
    ),
    "donors.tag_donors": lambda db, actor, records: donors.tag_donors(
        db, actor, tag_id=records.tag, donor_ids=(records.donor,), remove=True
    ),
    "donors.save_segment": lambda db, actor, records: donors.save_segment(
        db, actor, name="Givers", where=GIVERS
    ),
    "donors.change_segment": lambda db, actor, records: donors.change_segment(
        db,
        actor,
        segment_id=records.segment,
        version=1,
        name="Givers",
        where=GIVERS,
        shared_with="team",
    ),
    "donors.delete_segment": lambda db, actor, records: donors.delete_segment(
        db, actor, segment_id=records.segment, version=1
    ),
    "donors.custom_field_list": lambda db, actor, records: donors.custom_field_list(db, actor),
    "donors.create_custom_field": lambda db, actor, records: donors.create_custom_field(
        db, actor, name="Church", field_type="text"
    ),
    "donors.change_custom_field": lambda db, actor, records: donors.change_custom_field(
        db, actor, field_id=records.custom_field, version=1, name="Church", field_type="text"
    ),
    "donors.reorder_custom_fields": lambda db, actor, records: donors.reorder_custom_fields(
        db, actor, field_ids=[field.field_id for field in donors.custom_fields(db)]
    ),
    "gifts.fund_list": lambda db, actor, records: gifts.fund_list(db, actor),
    "gifts.create_fund": lambda db, actor, records: gifts.create_fund(db, actor, name="Roof"),
    "gifts.change_fund": lambda db, actor, records: gifts.change_fund(
        db, actor, fund_id=records.fund, version=1, name="Roof", gl_code=None, is_open=False
    ),
    "gifts.fund_merge_effect": lambda db, actor, records: gifts.fund_merge_effect(
        db, actor, fund_id=records.fund, into_id=records.other_fund
    ),
    "gifts.merge_funds": lambda db, actor, records: gifts.merge_funds(
        db, actor, fund_id=records.fund, into_id=records.other_fund, version=1
    ),
    "gifts.campaign_list": lambda db, actor, records: gifts.campaign_list(db, actor),
    "gifts.create_campaign": lambda db, actor, records: gifts.create_campaign(
        db, actor, name="Easter"
    ),
    "gifts.change_campaign": lambda db, actor, records: gifts.change_campaign(
        db,
        actor,
        campaign_id=records.campaign,
        version=1,
        name="Easter",
        fund_id=None,
        starts_on=None,
        ends_on=None,
        goal=None,
        is_open=False,
    ),
    "gifts.campaign_merge_effect": lambda db, actor, records: gifts.campaign_merge_effect(
        db, actor, campaign_id=records.campaign, into_id=records.other_campaign
    ),
    "gifts.merge_campaigns": lambda db, actor, records: gifts.merge_campaigns(
        db, actor, campaign_id=records.campaign, into_id=records.other_campaign, version=1
    ),
    "gifts.thank": lambda db, actor, records: gifts.thank(
        db, actor, gift_id=records.gift, how=None, now=NOW
    ),
    "gifts.unthank": lambda db, actor, records: gifts.unthank(db, actor, gift_id=records.gift),
    "pledges.get": lambda db, actor, records: pledges.get(db, actor, records.pledge, today=TODAY),
    "pledges.create": lambda db, actor, records: pledges.create(
        db, actor, donor_id=records.donor, amount=USD10, frequency="monthly", start=TODAY
    ),
    "pledges.change_amount": lambda db, actor, records: pledges.change_amount(
        db, actor, pledge_id=records.pledge, amount=USD10, since=TODAY, today=TODAY
    ),
    "pledges.pause": lambda db, actor, records: pledges.pause(
        db, actor, pledge_id=records.pledge, start=TODAY, today=TODAY
    ),
    "pledges.resume": lambda db, actor, records: pledges.resume(
        db, actor, pledge_id=records.pledge, on=TODAY
    ),
    "pledges.skip": lambda db, actor, records: pledges.skip(
        db, actor, pledge_id=records.pledge, due=date(2026, 11, 1), reason="away", today=TODAY
    ),
    "pledges.unskip": lambda db, actor, records: pledges.unskip(
        db, actor, pledge_id=records.pledge, due=date(2026, 11, 1), today=TODAY
    ),
    "pledges.change_terms": lambda db, actor, records: pledges.change_terms(
        db, actor, pledge_id=records.pledge, frequency="weekly", since=TODAY, today=TODAY
    ),
    "pledges.change_details": lambda db, actor, records: pledges.change_details(
        db,
        actor,
        pledge_id=records.pledge,
        end=None,
        instalments=12,
        total=None,
        method="check",
        note=None,
        today=TODAY,
    ),
    "pledges.end": lambda db, actor, records: pledges.end(
        db, actor, pledge_id=records.pledge, on=TODAY, today=TODAY
    ),
    "tasks.for_donor": lambda db, actor, records: require_rows(
        tasks.for_donor(db, actor, donor_id=records.donor)
    ),
    "tasks.get": lambda db, actor, records: tasks.get(db, actor, task_id=records.task),
    "tasks.create": lambda db, actor, records: tasks.create(db, actor, title="Call"),
    "tasks.create_for_donors": lambda db, actor, records: tasks.create_for_donors(
        db, actor, donor_ids=[records.donor], title="Call"
    ),
    "tasks.remove_created": lambda db, actor, records: tasks.remove_created(
        db,
        actor,
        task_ids=tasks.create_for_donors(db, actor, donor_ids=[records.donor], title="Call"),
    ),
    "tasks.change": lambda db, actor, records: tasks.change(
        db,
        actor,
        task_id=records.task,
        version=1,
        title="Call again",
        type="call",
        due_on=TODAY,
        due_at=None,
        priority=2,
        note=None,
        repeats=None,
    ),
    "tasks.remove": lambda db, actor, records: tasks.remove(
        db, actor, task_id=records.task, version=1
    ),
    "tasks.restore": lambda db, actor, records: tasks.restore(
        db, actor, removed=tasks.remove(db, actor, task_id=records.task, version=1)
    ),
    "tasks.move": lambda db, actor, records: tasks.move(
        db, actor, task_ids=[records.task], to=TODAY, today=TODAY
    ),
    "tasks.move_back": lambda db, actor, records: tasks.move_back(
        db,
        actor,
        moved=tasks.move(db, actor, task_ids=[records.task], to=TODAY, today=TODAY),
    ),
    "tasks.finish_many": lambda db, actor, records: tasks.finish_many(
        db, actor, task_ids=[records.task], now=NOW
    ),
    "tasks.reopen_many": lambda db, actor, records: tasks.reopen_many(
        db, actor, task_ids=[records.task]
    ),
    "tasks.finish": lambda db, actor, records: tasks.finish(
        db, actor, task_id=records.task, now=NOW
    ),
    "tasks.reopen": lambda db, actor, records: tasks.reopen(db, actor, task_id=records.task),
    "care_requests.for_donor": lambda db, actor, records: require_rows(
        care_requests.for_donor(db, actor, donor_id=records.donor)
    ),
    "care_requests.add": lambda db, actor, records: care_requests.add(
        db, actor, donor_id=records.donor, text="Rest", asked_on=TODAY, today=TODAY
    ),
    "care_requests.change": lambda db, actor, records: care_requests.change(
        db,
        actor,
        request_id=records.care_request,
        version=1,
        text="Rest",
        asked_on=TODAY,
        today=TODAY,
    ),
    "care_requests.answer": lambda db, actor, records: care_requests.answer(
        db,
        actor,
        request_id=records.care_request,
        version=1,
        answered_on=TODAY,
        today=TODAY,
    ),
    "care_requests.reopen": lambda db, actor, records: care_requests.reopen(
        db, actor, request_id=records.care_request, version=1
    ),
    "care_requests.remove": lambda db, actor, records: care_requests.remove(
        db, actor, request_id=records.care_request, version=1
    ),
    "alerts.snooze": lambda db, actor, records: alerts.snooze(
        db, actor, alert_id=records.alert, until=date(2026, 12, 1), today=TODAY
    ),
    "alerts.dismiss": lambda db, actor, records: alerts.dismiss(
        db, actor, alert_id=records.alert, reason="away", today=TODAY, now=NOW
    ),
    "alerts.resolve": lambda db, actor, records: alerts.resolve(
        db, actor, alert_id=records.alert, now=NOW
    ),
    "alerts.log_call": lambda db, actor, records: alerts.log_call(
        db, actor, alert_id=records.alert, today=TODAY, now=NOW
    ),
    "alerts.undo": lambda db, actor, records: alerts.undo(
        db, actor, alert_id=resolved_alert(db, records), today=TODAY
    ),
    "alerts.contact": lambda db, actor, records: alerts.contact(
        db, actor, records.donor, today=TODAY
    ),
    "privacy.erase": lambda db, actor, records: privacy.erase(
        db, actor, donor_id=records.donor, name=name_of(db, records), now=NOW
    ),
    "imports.rename_mapping": lambda db, actor, records: imports.rename_mapping(
        db, actor, mapping_id=records.mapping, name="Other"
    ),
    "imports.share_mapping": lambda db, actor, records: imports.share_mapping(
        db, actor, mapping_id=records.mapping, shared=True
    ),
    "imports.edit_mapping": lambda db, actor, records: imports.edit_mapping(
        db, actor, mapping_id=records.mapping, version=1, mapping={"Who": "last_name"}
    ),
    "imports.delete_mapping": lambda db, actor, records: imports.delete_mapping(
        db, actor, mapping_id=records.mapping
    ),
}


# of no record: who may is the same for every one of them
WITHOUT_RECORD = {
    "donors.save_segment",
    "donors.create",
    "tasks.create",
    "donors.tag_list",
    "donors.create_tag",
    "donors.custom_field_list",
    "donors.create_custom_field",
    "donors.reorder_custom_fields",
    "gifts.fund_list",
    "gifts.create_fund",
    "gifts.campaign_list",
    "gifts.create_campaign",
}


def require_rows(rows: Sequence[object]) -> None:
    """Raise for an empty list: a missing or forbidden donor has no rows."""
    if not rows:
        msg = "nothing"
        raise NotFoundError(msg)


def owner_of(db: Session, records: Records) -> int | None:
    answer: int | None = db.query(Donor.owner_id).filter(Donor.id == records.donor).scalar()
    return answer


def partner(db: Session, records: Records) -> int:
    """A second donor of the owner of the records; a missing one for missing records."""
    if records.donor == MISSING:
        return MISSING - 1
    owner_id = owner_of(db, records)
    donor = make.donor(db)
    db.query(Donor).filter(Donor.id == donor).update({"owner_id": owner_id})
    return donor


def a_household(db: Session, records: Records, others: int, *, own: bool = False) -> int:
    """A household of others, and with `own` of the donor of the records."""
    if records.donor == MISSING:
        return MISSING
    members = [partner(db, records) for _ in range(others)]
    return make.household(db, *members, *([records.donor] if own else []))


def a_relation(db: Session, records: Records) -> int:
    if records.donor == MISSING:
        return MISSING
    other = partner(db, records)
    relation = DonorRelation(donor_id=records.donor, other_id=other, type="spouse")
    db.add(relation)
    db.flush()
    return relation.id


def a_credit(db: Session, records: Records) -> int:
    if records.donor == MISSING:
        return MISSING
    return make.soft_credit(db, make.gift(db, partner(db, records)), records.donor, 5)


def contact_of(db: Session, records: Records) -> int:
    contact_id = db.query(ContactLog.id).filter(ContactLog.donor_id == records.donor).scalar()
    return contact_id or 0


def contact_version(db: Session, records: Records) -> str:
    """Return the version of the donor's contact, "" without one."""
    row = db.get(ContactLog, contact_of(db, records))
    if row is None:
        return ""
    return donors.Contact(row.id, row.donor_id, row.kind, row.text, row.at).version


def removed_contact_of(db: Session, records: Records) -> int:
    """Delete the donor's contact as the system, and return its id; 0 without one."""
    contact_id = contact_of(db, records)
    if contact_id:
        donors.remove_contact(db, SYSTEM, contact_id=contact_id)
    return contact_id


def email_of(db: Session, records: Records) -> int:
    """Add an e-mail to the donor, and return its id; 0 without a donor."""
    if not db.query(Donor.id).filter(Donor.id == records.donor).scalar():
        return 0
    added = DonorEmail(donor_id=records.donor, email="one@example.org")
    db.add(added)
    db.flush()
    return added.id


def linked(db: Session, records: Records) -> int:
    """Link the gift to the pledge, and return it."""
    db.query(Gift).filter(Gift.id == records.gift).update({"pledge_id": records.pledge})
    return records.gift


def resolved_alert(db: Session, records: Records) -> int:
    """Snooze the alert, and return it."""
    later = {"state": "snoozed", "snoozed_until": date(2026, 12, 1)}
    db.execute(update(Alert).where(Alert.id == records.alert).values(**later))
    return records.alert


def name_of(db: Session, records: Records) -> str:
    return db.query(Donor.name).filter(Donor.id == records.donor).scalar() or ""


@pytest.fixture(scope="module")
def standing_connection(
    _worker_database: URL, _worker_engine: Engine
) -> Iterator[tuple[Connection, World]]:
    """Return a connection with the test data, created once for all cells; none changes it."""
    run.use(_worker_database)
    with _worker_engine.connect() as connection:
        outer = connection.begin()
        with on(connection) as session:
            world = make_world(session)
            session.commit()
        yield connection, world
        outer.rollback()
    run.use(run.NOWHERE)


def on(connection: Connection) -> Session:
    return Session(connection, expire_on_commit=False, join_transaction_mode="create_savepoint")


@pytest.fixture
def db(standing_connection: tuple[Connection, World]) -> Iterator[Session]:
    """Return a session on that data that is rolled back."""
    with on(standing_connection[0]) as session:
        yield session
        session.rollback()


@pytest.fixture
def world(
    standing_connection: tuple[Connection, World],
) -> World:
    return standing_connection[1]


def make_world(db: Session) -> World:
    """Return for every role the actor, and records of their own, their team's and others'."""
    make.organisation(db, modules=["requests"])
    stranger = make.person(db, name="Stranger")
    world: World = {}
    for role in ROLES:
        actor, member = make.person(db, role), make.person(db, name=f"Member of {role}")
        make.looks_after(db, actor, member, kind="coach" if role == "coach" else "supervisor")
        owners = {"own": actor, "team": member, "other": stranger}
        records = {whose: make_records(db, owner) for whose, owner in owners.items()}
        world[role] = Holdings(actor, {"missing": Records(), **records})
    return world


def make_records(db: Session, owner: Actor) -> Records:
    donor = make.donor(db, owner, phone="555 0100")
    pledge = make.pledge(db, donor, "20", "monthly", date(2026, 1, 1))
    make.pause(db, pledge, date(2026, 11, 1))
    donors.log_view(db, owner, donor_id=donor)
    make.contact(db, donor, by_id=owner.user_id)
    return Records(
        donor,
        make.gift(db, donor, "10", TODAY),
        pledge,
        make.alert(db, donor),
        make.task(db, owner, "Call", donor_id=donor),
        make.saved_mapping(db, owner),
        make.fund(db),
        make.fund(db),
        make.campaign(db),
        make.campaign(db),
        make.add_tag(db, donor, f"newsletter {donor}"),
        make.add_tag(db, donor, f"choir {donor}"),
        make.custom_field(db, f"Shirt {donor}"),
        make.care_request(db, donor, answered_on=TODAY),
        make.segment(db, owner),
    )


def outcome(db: Session, verb: str, actor: Actor, records: Records) -> str:
    """Return "yes" or the refusal; roll back."""
    with db.begin_nested() as savepoint:
        try:
            CALLS[verb](db, actor, records)
            result = "yes"
        except (NotAllowedError, NotFoundError) as error:
            result = f"{type(error).__name__}: {error}"
        savepoint.rollback()
    return result


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("verb", CALLS)
def test_every_cell(db: Session, world: World, verb: str, role: str) -> None:
    data = world[role]
    results = {whose: outcome(db, verb, data.actor, data.records[whose]) for whose in WHOSE}
    if verb in WITHOUT_RECORD:
        assert (results["own"] == "yes") == VERBS[verb].allows(role, "own"), results
        return
    assert {whose: result == "yes" for whose, result in results.items()} == {
        whose: VERBS[verb].allows(role, whose) for whose in WHOSE
    }, results
    for whose in ("team", "other"):
        if not permissions.VERBS["donors.get"].allows(role, whose):
            assert results[whose] == results["missing"], "forbidden and missing sound alike"


def test_every_function_on_records_is_in_the_matrix() -> None:
    """A new function that takes the id of a record needs a row in the matrix."""
    packages = {package.__name__.removeprefix("app."): package for package in (*WRITES, insights)}
    functions = {
        f"{name}.{function}"
        for name, package in packages.items()
        for function in {*WRITES.get(package, ()), *READS[package]}
        if name
        in {
            "donors",
            "households",
            "gifts",
            "pledges",
            "tasks",
            "care_requests",
            "alerts",
            "privacy",
        }
        or function.endswith("_mapping")
    }
    lists = {
        "donors.search",
        "donors.page",
        "donors.filtered_ids",
        "donors.cursor_at",
        "donors.opened_lately",
        "donors.owners",
        "donors.condition_fields",
        "donors.segments",
        "donors.where_sentence",
        "donors.at_risk",
        "donors.log_view",
        "donors.named_in_export",
        "donors.log_export",
        "gifts.awaiting_rate",
        "gifts.awaiting_rate_by",
        "gifts.awaiting_rates",
        "gifts.may_add_rate",
        "gifts.lines",
        "gifts.parts",
        "gifts.page",
        "gifts.filtered_ids",
        "gifts.ids_to_change",
        "gifts.recent",
        "gifts.thank_queue",
        "gifts.cursor_at",
        "gifts.unthanked_by_owner",
        "pledges.monthly_equivalent_by_owner",
        "pledges.monthly_support_by_owner",
        "tasks.overdue_by_assignee",
        "gifts.received",
        "gifts.freshness",
        "gifts.suggestions",
        "gifts.link_all",
        "alerts.late",
        "alerts.at_risk",
        "alerts.ensure",
        "pledges.page",
        "pledges.pledge_statuses",
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
        "tasks.page",
        "care_requests.page",
        "alerts.open_for",
        "alerts.changes",
    }
    assert functions - lists == set(VERBS) == set(CALLS)


@pytest.mark.parametrize("role", ROLES)
def test_every_kind_of_export(db: Session, world: World, role: str, today: date) -> None:
    assert tuple(FILES) == exports.KINDS
    actor = make.person(db, role=role)
    for kind, may in FILES.items():
        try:
            exports.write(db, actor, kind=kind, out=BytesIO(), today=today)
        except NotAllowedError:
            assert role not in may, kind
        else:
            assert role in may, kind


def test_the_document_matches_the_tests() -> None:
    assert permissions.DOCUMENT.read_text(encoding="utf-8") == permissions.document()
