"""Small rows for tests: each function inserts one and returns its id (a person: the actor).

Amounts are plain decimals in major units ("50", "12.50"); days default to the tests' own year.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from itertools import count, zip_longest

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from app.accounts import Actor, Role
from app.db.models import (
    Alert,
    Base,
    Campaign,
    CareRequest,
    ContactLog,
    CustomField,
    Donor,
    DonorAddress,
    DonorConsent,
    DonorEmail,
    DonorExternalId,
    DonorPhone,
    DonorRhythm,
    DonorSegment,
    DonorSummary,
    DonorTag,
    Fund,
    Gift,
    GiftLine,
    ImportRun,
    MonthlyGoal,
    Organisation,
    Pledge,
    PledgeAmount,
    PledgePause,
    PledgeRefusal,
    PledgeSkip,
    PledgeTerms,
    SavedMapping,
    SavedMappingVersion,
    SoftCredit,
    Tag,
    Task,
    TeamMember,
    User,
)
from app.kit.money import Money
from tests.log_leak_guard import TOLD

_number = count(1)


def _add(db: Session, model: type[Base], **values: object) -> int:
    statement = insert(model).values(**values).returning(model.__table__.c.id)
    row_id: int = db.execute(statement).scalar_one()
    return row_id


def _minor(amount: str | int, currency: str = "USD") -> int:
    return Money.of(str(amount), currency).minor


def organisation(db: Session, **values: object) -> None:
    """The one organisation: dollars and calendar years unless said otherwise."""
    db.execute(insert(Organisation).values(**{"id": 1, "name": "Harbour Friends"} | values))


def person(
    db: Session,
    role: str = "fundraiser",
    *,
    name: str | None = None,
    email: str | None = None,
    goal: str | int = 0,
    time_zone: str | None = None,
    locale: str | None = None,
    **values: object,
) -> Actor:
    """Somebody who has signed in before, as an actor; `goal="4000"` is the monthly goal."""
    number = next(_number)
    name = f"Person {number}" if name is None else name
    email = f"person{number}@example.org" if email is None else email
    values.setdefault("last_sign_in_at", datetime(2026, 11, 20, 8, tzinfo=UTC))
    TOLD.about(name, email)
    row = _add(
        db,
        User,
        role=role,
        name=name,
        email=email,
        time_zone=time_zone,
        locale=locale,
        **values,
    )
    if _minor(goal):
        monthly_goal(db, row, goal)
    return Actor(row, Role(role), name, email, time_zone or "UTC", locale or "en_US")


def monthly_goal(
    db: Session, user_id: int, goal: str | int, month: date = date(2000, 1, 1)
) -> None:
    """A user's monthly goal from a month on."""
    db.execute(insert(MonthlyGoal).values(user_id=user_id, month=month, minor=_minor(goal)))


def looks_after(db: Session, lead: Actor, member: Actor, kind: str = "supervisor") -> None:
    """Put a fundraiser in a supervisor's or coach's team."""
    db.execute(
        insert(TeamMember).values(lead_id=lead.user_id, member_id=member.user_id, kind=kind)
    )


def donor(
    db: Session,
    owner: Actor | None = None,
    name: str | None = None,
    *,
    email: str | None = None,
    phone: str | None = None,
    address: Mapping[str, str] | None = None,
    external: tuple[str, str] | None = None,
    tag: str | None = None,
    **values: object,
) -> int:
    """A donor of `owner`; email, phone, address={…}, external=(source, id), tag add children."""
    TOLD.about(name, email, phone)
    row = _add(
        db,
        Donor,
        name=name or f"Donor {next(_number)}",
        owner_id=owner.user_id if owner else None,
        **values,
    )
    if email:
        _add(db, DonorEmail, donor_id=row, email=email, is_primary=True)
    if phone:
        _add(db, DonorPhone, donor_id=row, phone=phone, is_primary=True)
    if address:
        _add(db, DonorAddress, donor_id=row, is_primary=True, **address)
    if external:
        db.execute(
            insert(DonorExternalId).values(
                source=external[0], external_id=external[1], donor_id=row
            )
        )
    if tag:
        add_tag(db, row, tag)
    return row


def custom_field(
    db: Session, name: str, field_type: str = "text", *choices: str, is_open: bool = True
) -> int:
    """A defined custom field, after the others."""
    position = db.scalar(select(func.count()).select_from(CustomField)) or 0
    return _add(
        db,
        CustomField,
        name=name,
        type=field_type,
        choices=list(choices),
        position=position + 1,
        status="active" if is_open else "closed",
    )


def add_tag(db: Session, donor_id: int, name: str) -> int:
    """A word on a donor."""
    tag_id = db.scalar(select(Tag.id).where(Tag.name == name)) or _add(db, Tag, name=name)
    db.execute(insert(DonorTag).values(donor_id=donor_id, tag_id=tag_id))
    return tag_id


def fund(db: Session, name: str | None = None, **values: object) -> int:
    """What gifts are for."""
    return _add(db, Fund, name=name or f"Fund {next(_number)}", **values)


def campaign(
    db: Session, name: str | None = None, *, goal: str | int | None = None, **values: object
) -> int:
    """An appeal; `goal="5000"` is its goal in the currency of the organisation."""
    values |= {} if goal is None else {"goal_minor": _minor(goal)}
    return _add(db, Campaign, name=name or f"Campaign {next(_number)}", **values)


def household(db: Session, *members: int, name: str = "A household") -> int:
    """A household of donors, the first of them its head, with the owner of the head."""
    owner = db.scalar(select(Donor.owner_id).where(Donor.id == members[0]))
    TOLD.about(name)
    row = _add(db, Donor, name=name, kind="household", owner_id=owner)
    db.execute(update(Donor).where(Donor.id.in_(members)).values(household_id=row))
    db.execute(update(Donor).where(Donor.id == members[0]).values(household_head=True))
    return row


def gift(
    db: Session,
    donor_id: int,
    amount: str | int = "50",
    on: date = date(2026, 11, 2),
    *,
    currency: str = "USD",
    parts: tuple[tuple[int | None, str], ...] = (),
    campaigns: tuple[int | None, ...] = (),
    base: str | int | None = None,
    **values: object,
) -> int:
    """Money received; `base="45"` is its worth at home, `parts` are (fund id, amount).

    `campaigns` are the campaigns of the first parts.
    """
    minor = _minor(amount, currency)
    TOLD.about(str(amount))
    # a gift that waits for an exchange rate counts nothing, and no part of it does
    waits = bool(values.get("awaiting_rate"))
    base = 0 if waits else base
    row = _add(
        db,
        Gift,
        donor_id=donor_id,
        amount_minor=minor,
        currency=currency,
        base_minor=minor if base is None else _minor(base),
        gift_date=on,
        **values,
    )
    for (fund_id, part), campaign_id in zip_longest(parts, campaigns):
        share = _minor(part, currency)
        _add(
            db,
            GiftLine,
            gift_id=row,
            donor_id=donor_id,
            amount_minor=share,
            base_minor=0 if waits else share,
            fund_id=fund_id,
            campaign_id=campaign_id,
        )
    return row


def reversal(
    db: Session, gift_id: int, amount: str | int | None = None, on: date | None = None
) -> int:
    """Take a gift back, wholly or in part."""
    old = db.execute(select(Gift).where(Gift.id == gift_id)).scalar_one()
    minor = old.amount_minor if amount is None else _minor(amount, old.currency)
    return _add(
        db,
        Gift,
        donor_id=old.donor_id,
        kind="reversal",
        amount_minor=-minor,
        currency=old.currency,
        base_minor=-(old.base_minor * minor // old.amount_minor),
        gift_date=on or old.gift_date,
        pledge_id=old.pledge_id,
        fund_id=old.fund_id,
        campaign_id=old.campaign_id,
        reverses_id=gift_id,
        awaiting_rate=old.awaiting_rate,
    )


def pledge(
    db: Session,
    donor_id: int,
    amount: str | int = "50",
    frequency: str = "monthly",
    start: date = date(2026, 1, 1),
    *,
    currency: str = "USD",
    total: str | int | None = None,
    **values: object,
) -> int:
    """A promise; `total="600"` makes it one for a certain sum."""
    return _add(
        db,
        Pledge,
        donor_id=donor_id,
        amount_minor=_minor(amount, currency),
        currency=currency,
        frequency=frequency,
        start_date=start,
        total_minor=None if total is None else _minor(total, currency),
        **values,
    )


def pledge_amount(db: Session, pledge_id: int, amount: str, since: date, **values: object) -> None:
    """A later amount of a promise."""
    values = {"reason": "upgrade"} | values
    db.execute(
        insert(PledgeAmount).values(
            pledge_id=pledge_id,
            donor_id=_donor_of(db, pledge_id),
            amount_minor=_minor(amount),
            effective_from=since,
            **values,
        )
    )


def pledge_terms(
    db: Session, pledge_id: int, until: date, frequency: str = "monthly", **values: object
) -> None:
    """Terms of a promise that held until the day before."""
    db.execute(
        insert(PledgeTerms).values(
            pledge_id=pledge_id,
            donor_id=_donor_of(db, pledge_id),
            until_date=until,
            frequency=frequency,
            **values,
        )
    )


def refusal(db: Session, gift_id: int, pledge_id: int, by: Actor | None = None) -> None:
    """A gift of which somebody said that it is not for the pledge."""
    db.execute(
        insert(PledgeRefusal).values(
            gift_id=gift_id,
            pledge_id=pledge_id,
            donor_id=db.scalar(select(Gift.donor_id).where(Gift.id == gift_id)),
            refused_by=by.user_id if by else None,
        )
    )


def pause(
    db: Session, pledge_id: int, start: date, end: date | None = None, **values: object
) -> int:
    """A time in which nothing is expected."""
    return _add(
        db,
        PledgePause,
        pledge_id=pledge_id,
        donor_id=_donor_of(db, pledge_id),
        starts_on=start,
        ends_on=end,
        **values,
    )


def skip(db: Session, pledge_id: int, due: date) -> None:
    """One excused instalment."""
    db.execute(
        insert(PledgeSkip).values(
            pledge_id=pledge_id, donor_id=_donor_of(db, pledge_id), due_on=due
        )
    )


def tag(db: Session, donor_id: int, name: str) -> int:
    """A tag on a donor."""
    tag_id = _add(db, Tag, name=name)
    db.execute(insert(DonorTag).values(donor_id=donor_id, tag_id=tag_id))
    return tag_id


def consent(db: Session, donor_id: int, **values: object) -> int:
    """A consent to a channel and purpose."""
    values = {
        "channel": "email",
        "purpose": "news",
        "granted": True,
        "source": "Form",
        "given_on": date(2026, 1, 5),
    } | values
    return _add(db, DonorConsent, donor_id=donor_id, **values)


def soft_credit(db: Session, gift_id: int, donor_id: int, amount: str | int = "50") -> int:
    """A credit for a gift of somebody else."""
    minor = _minor(amount)
    return _add(
        db, SoftCredit, gift_id=gift_id, donor_id=donor_id, type="spouse", amount_minor=minor
    )


def contact(db: Session, donor_id: int, kind: str = "call", **values: object) -> int:
    """One line of the contact log."""
    values = {"at": datetime(2026, 11, 1, 12, tzinfo=UTC)} | values
    return _add(db, ContactLog, donor_id=donor_id, kind=kind, **values)


def care_request(db: Session, donor_id: int, text: str = "Health", **values: object) -> int:
    """A request, open unless said otherwise; the module is switched on with the organisation."""
    values = {"asked_on": date(2026, 11, 1)} | values
    return _add(db, CareRequest, donor_id=donor_id, text=text, **values)


def task(db: Session, assignee: Actor, title: str = "Call", **values: object) -> int:
    """Something to do."""
    return _add(db, Task, assignee_id=assignee.user_id, title=title, **values)


def alert(db: Session, donor_id: int, kind: str = "late_pledge", **values: object) -> int:
    """Something to act on."""
    values = {
        "key": f"{kind}:{donor_id}:{next(_number)}",
        "reason": "Nothing came in.",
        "since": date(2026, 10, 1),
        "raised_on": date(2026, 11, 1),
    } | values
    return _add(db, Alert, donor_id=donor_id, kind=kind, **values)


def rhythm(db: Session, donor_id: int, status: str = "at risk", **values: object) -> None:
    """A donor's score as the nightly check leaves it, whatever the rule would say today."""
    summary = db.execute(
        select(DonorSummary).where(DonorSummary.donor_id == donor_id)
    ).scalar_one()
    values = {
        "as_of": date(2026, 11, 23),
        "gifts": summary.gifts,
        "last_gift": summary.last_gift_date,
        "rhythm_days": 30.5,
        "overdue_ratio": 2.4,
        "regular": True,
        "risk": 0.7,
        "status": status,
        "expected_by": date(2026, 10, 12),
        "peers": 57,
        "peers_returned": 9,
    } | values
    db.execute(delete(DonorRhythm).where(DonorRhythm.donor_id == donor_id))
    db.execute(insert(DonorRhythm).values(donor_id=donor_id, **values))


def import_run(db: Session, user: Actor, **values: object) -> int:
    """One file brought in."""
    values = {
        "file_name": "gifts.csv",
        "file_sha256": f"{next(_number):064x}",
        "preset": "plain",
        "kind": "gifts",
        "state": "done",
    } | values
    return _add(db, ImportRun, user_id=user.user_id, **values)


def saved_mapping(
    db: Session, user: Actor, mapping: dict[str, str] | None = None, **values: object
) -> int:
    """A saved mapping with one version, by default for a file of names, private to the user."""
    fields = mapping or {"Who": "name"}
    values = {"name": "who.csv", "kind": "donors"} | values
    mapping_id = _add(db, SavedMapping, user_id=user.user_id, **values)
    _add(
        db,
        SavedMappingVersion,
        mapping_id=mapping_id,
        version=1,
        header_key="",
        headers=list(fields),
        mapping=fields,
        made_by=user.user_id,
    )
    return mapping_id


def segment(db: Session, owner: Actor, **values: object) -> int:
    """A saved segment of everybody who ever gave, private to its owner."""
    values = {"name": f"Givers {next(_number)}", "rule": '[[["gifts","at least","1"]]]'} | values
    return _add(db, DonorSegment, user_id=owner.user_id, **values)


def _donor_of(db: Session, pledge_id: int) -> int:
    return db.execute(select(Pledge.donor_id).where(Pledge.id == pledge_id)).scalar_one()
