"""Storage of the demo donors, pledges, gifts, contacts and tasks."""

from datetime import date, timedelta
from itertools import accumulate
from typing import Any

from app.db import Session
from app.db.models import (
    ContactLog,
    Donor,
    DonorAddress,
    DonorEmail,
    DonorPhone,
    DonorSegment,
    DonorTag,
    Gift,
    Pledge,
    PledgeAmount,
    PledgePause,
    PledgeSkip,
    Tag,
    Task,
)
from app.demo import custom_fields, queries, team_activity
from app.demo.campaigns import write_campaigns
from app.demo.donors import further_contacts, rhythms, roster
from app.demo.donors.care_requests import write_requests
from app.demo.donors.drafts import DonorDraft, GiftDraft, PledgeDraft
from app.demo.donors.promises import YEARS, add_pledge
from app.demo.donors.roster import FUNDS
from app.demo.edge_cases import add_edge_cases
from app.demo.households import write_households
from app.demo.people import CURRENCY, FUNDRAISERS
from app.demo.rng import RandomChoices
from app.demo.vocabulary import GIFT_NOTES, SEGMENTS, TAGS

# indexes of the donors who are marked as anonymous
ANONYMOUS = (3, 150)


def write_donors(
    db: Session, chance: RandomChoices, people: dict[str, int], *, today: date
) -> None:
    """Write every donor with pledges, gifts, contacts and tasks up to `today`."""
    drafts = roster.donor_drafts(chance)
    for draft in drafts:
        _add_gifts(chance, draft, today)
    team = [people[fundraiser.email] for fundraiser in FUNDRAISERS]
    ids = _write_donors(db, chance, drafts, team, today)
    funds = queries.funds(db, FUNDS[0])
    pledges = _write_pledges(db, drafts, ids, funds)
    campaign = write_campaigns(db, funds, today)
    gifts = []
    for draft, donor_id, pledge_id in zip(drafts, ids, pledges, strict=True):
        for gift in draft.gifts:
            row = _gift_row(chance, draft, gift, today)
            row |= {"donor_id": donor_id, "fund_id": funds[draft.fund]}
            row["pledge_id"] = pledge_id if gift.promised else None
            row["campaign_id"] = campaign if gift.campaign else None
            row["thanked_by"] = team[draft.owner] if row["thanked_at"] else None
            gifts.append(row)
    # in order of date, so that a later gift has a higher id
    gifts.sort(key=lambda row: row["gift_date"])
    keys = queries.add_returning(db, Gift, gifts)
    add_edge_cases(db, chance, list(zip(keys, gifts, strict=True)), funds=funds, today=today)
    _write_tasks(db, chance, drafts, ids, team, today)
    write_households(db, drafts, ids)
    write_requests(db, drafts, ids, team, today)


def _add_gifts(chance: RandomChoices, draft: DonorDraft, today: date) -> None:
    if draft.profile.promised:
        add_pledge(chance, draft, today)
        rhythms.add_year_end_gifts(chance, draft, today)
    else:
        rhythms.add_gifts(chance, draft, today)
    begin = today - timedelta(days=YEARS * 366)
    draft.gifts = [
        gift for gift in draft.gifts if gift.on <= today and (gift.promised or gift.on > begin)
    ]
    draft.gifts.sort(key=lambda gift: gift.on)
    rhythms.link_to_appeal(chance, draft, today)


def _write_donors(
    db: Session, chance: RandomChoices, drafts: list[DonorDraft], team: list[int], today: date
) -> list[int]:
    logs = [team_activity.contacts(chance, today) for _ in drafts]
    rows = [
        _donor_row(draft, log, team, today, anonymous=index in ANONYMOUS)
        | {"custom": custom_fields.values(index)}
        | further_contacts.preferences(index)
        for index, (draft, log) in enumerate(zip(drafts, logs, strict=True))
    ]
    custom_fields.write_fields(db)
    ids = queries.add_returning(db, Donor, rows)
    pairs = list(zip(drafts, ids, strict=True))
    _write_contact_details(db, pairs)
    _write_tags(db, pairs)
    _write_contact_log(db, pairs, logs, team)
    queries.add(db, DonorSegment, [row | {"user_id": team[0]} for row in SEGMENTS])
    return ids


def _donor_row(
    draft: DonorDraft,
    log: list[team_activity.Contact],
    team: list[int],
    today: date,
    *,
    anonymous: bool,
) -> dict[str, Any]:
    first = draft.gifts[0].on if draft.gifts else today - timedelta(days=40)
    status = "donor" if draft.gifts else draft.profile.standing
    return (
        {
            "kind": "person",
            "spouse_first_name": None,
            "spouse_last_name": None,
            "first_name": None,
            "last_name": None,
        }
        | draft.row
        | {
            "owner_id": team[draft.owner],
            "status": status,
            "anonymous": anonymous,
            "created_at": team_activity.utc_time(first - timedelta(days=12)),
            "last_contacted_on": log[-1].on if log else None,
        }
    )


def _write_contact_details(db: Session, pairs: list[tuple[DonorDraft, int]]) -> None:
    for model, column in ((DonorEmail, "email"), (DonorPhone, "phone")):
        queries.add(
            db,
            model,
            [
                {"donor_id": key, column: getattr(draft, column), "is_primary": True}
                for draft, key in pairs
                if getattr(draft, column)
            ],
        )
    queries.add(
        db,
        DonorAddress,
        [
            draft.address | {"donor_id": key, "is_primary": True, "type": "home"}
            for draft, key in pairs
            if draft.address
        ],
    )
    queries.add(db, DonorEmail, further_contacts.emails(pairs))
    queries.add(db, DonorPhone, further_contacts.phones(pairs))
    queries.add(db, DonorAddress, further_contacts.addresses(pairs))


def _write_tags(db: Session, pairs: list[tuple[DonorDraft, int]]) -> None:
    tags = dict(
        zip(TAGS, queries.add_returning(db, Tag, [{"name": tag} for tag in TAGS]), strict=True)
    )
    queries.add(
        db,
        DonorTag,
        [{"donor_id": key, "tag_id": tags[tag]} for draft, key in pairs for tag in draft.tags],
    )


def _write_contact_log(
    db: Session,
    pairs: list[tuple[DonorDraft, int]],
    logs: list[list[team_activity.Contact]],
    team: list[int],
) -> None:
    queries.add(
        db,
        ContactLog,
        [
            {
                "donor_id": key,
                "kind": contact.kind,
                "at": contact.moment,
                "by_id": team[draft.owner],
                "text": contact.text,
            }
            for (draft, key), log in zip(pairs, logs, strict=True)
            for contact in log
        ],
    )


def _write_pledges(
    db: Session, drafts: list[DonorDraft], ids: list[int], funds: dict[str, int]
) -> list[int | None]:
    """Write the pledges; return the pledge id of each donor, or None."""
    blank = dict.fromkeys(("total_minor", "end_date"))
    pledges_of_donors = [
        (draft.promise, donor_id, funds[draft.fund])
        for draft, donor_id in zip(drafts, ids, strict=True)
        if draft.promise
    ]
    keys = queries.add_returning(
        db,
        Pledge,
        [
            blank
            | pledge.row
            | {
                "donor_id": donor_id,
                "fund_id": fund_id,
                "currency": CURRENCY,
                "created_at": team_activity.utc_time(pledge.row["start_date"]),
            }
            for pledge, donor_id, fund_id in pledges_of_donors
        ],
    )
    pledge_keys = [
        (pledge, {"pledge_id": key, "donor_id": donor_id})
        for key, (pledge, donor_id, _) in zip(keys, pledges_of_donors, strict=True)
    ]
    _write_pledge_changes(db, pledge_keys)
    numbers = accumulate(draft.promise is not None for draft in drafts)
    return [
        keys[count - 1] if draft.promise else None
        for draft, count in zip(drafts, numbers, strict=True)
    ]


def _write_pledge_changes(
    db: Session, pledge_keys: list[tuple[PledgeDraft, dict[str, Any]]]
) -> None:
    queries.add(
        db,
        PledgeAmount,
        [
            base | {"effective_from": since, "amount_minor": minor, "reason": reason}
            for pledge, base in pledge_keys
            for since, minor, reason in pledge.changes
        ],
    )
    queries.add(
        db,
        PledgePause,
        [
            base | {"starts_on": since, "ends_on": until, "reason": reason}
            for pledge, base in pledge_keys
            for since, until, reason in pledge.pauses
        ],
    )
    queries.add(
        db,
        PledgeSkip,
        [
            base | {"due_on": due, "reason": "Asked to leave this one out"}
            for pledge, base in pledge_keys
            for due in pledge.skips
        ],
    )


def _gift_row(
    chance: RandomChoices, draft: DonorDraft, gift: GiftDraft, today: date
) -> dict[str, Any]:
    thanked = team_activity.thanks(chance, gift, today)
    note = None if gift.promised or not chance.happens(0.06) else chance.pick(GIFT_NOTES)
    return {
        "amount_minor": gift.minor,
        "base_minor": gift.minor,
        "currency": CURRENCY,
        "gift_date": gift.on,
        "method": draft.method,
        "note": note,
        "created_at": team_activity.utc_time(gift.on, 5),
        "thanked_at": thanked[0] if thanked else None,
        "thanked_how": thanked[1] if thanked else None,
    }


def _write_tasks(
    db: Session,
    chance: RandomChoices,
    drafts: list[DonorDraft],
    ids: list[int],
    team: list[int],
    today: date,
) -> None:
    for index, user_id in enumerate(team):
        own_donors = [
            (donor_id, draft.row["name"])
            for draft, donor_id in zip(drafts, ids, strict=True)
            if draft.owner == index and draft.gifts
        ]
        queries.add(db, Task, team_activity.tasks(chance, own_donors, user_id, today))
