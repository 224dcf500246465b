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
    DonorTag,
    Gift,
    Pledge,
    PledgeAmount,
    PledgePause,
    PledgeSkip,
    Tag,
    Task,
)
from app.demo import queries, rhythms, roster, team_activity
from app.demo.drafts import Donation, Friend, Promise
from app.demo.edge_cases import unusual
from app.demo.people import CURRENCY, FUNDRAISERS
from app.demo.promises import YEARS, promise
from app.demo.rng import Chance
from app.demo.roster import FUNDS
from app.demo.vocabulary import GIFT_NOTES, TAGS

# indexes of the donors who are marked as anonymous
ANONYMOUS = (3, 150)
APPEAL = "A roof before winter"
SPAN = timedelta(days=45)


def fill(db: Session, chance: Chance, people: dict[str, int], *, today: date) -> None:
    """Write every donor with pledges, gifts, contacts and tasks up to `today`."""
    friends = roster.friends(chance)
    for friend in friends:
        _give(chance, friend, today)
    team = [people[one.email] for one in FUNDRAISERS]
    ids = _donors(db, chance, friends, team, today)
    funds = queries.funds(db, FUNDS[0])
    pledges = _pledges(db, friends, ids, funds)
    campaign = queries.add_campaign(
        db,
        name=APPEAL,
        fund_id=funds["General"],
        starts_on=today - SPAN,
        ends_on=today + SPAN,
        goal_minor=2_500_000,
    )
    gifts = []
    for friend, donor_id, pledge_id in zip(friends, ids, pledges, strict=True):
        for gift in friend.gifts:
            row = _gift(chance, friend, gift, today)
            row |= {"donor_id": donor_id, "fund_id": funds[friend.fund]}
            row["pledge_id"] = pledge_id if gift.promised else None
            row["campaign_id"] = campaign if gift.campaign else None
            row["thanked_by"] = team[friend.owner] if row["thanked_at"] else None
            gifts.append(row)
    # in order of date, so that a later gift has a higher id
    gifts.sort(key=lambda row: row["gift_date"])
    keys = queries.add_returning(db, Gift, gifts)
    unusual(db, chance, list(zip(keys, gifts, strict=True)), funds=funds, today=today)
    _tasks(db, chance, friends, ids, team, today)


def _give(chance: Chance, friend: Friend, today: date) -> None:
    if friend.story.promised:
        promise(chance, friend, today)
        rhythms.extras(chance, friend, today)
    else:
        rhythms.habit(chance, friend, today)
    begin = today - timedelta(days=YEARS * 366)
    friend.gifts = [
        gift for gift in friend.gifts if gift.on <= today and (gift.promised or gift.on > begin)
    ]
    friend.gifts.sort(key=lambda gift: gift.on)
    rhythms.appeal(chance, friend, today)


def _donors(
    db: Session, chance: Chance, friends: list[Friend], team: list[int], today: date
) -> list[int]:
    logs = [team_activity.contacts(chance, today) for _ in friends]
    rows = [
        _donor(friend, log, team, today, anonymous=place in ANONYMOUS)
        for place, (friend, log) in enumerate(zip(friends, logs, strict=True))
    ]
    ids = queries.add_returning(db, Donor, rows)
    pairs = list(zip(friends, ids, strict=True))
    _contact_details(db, pairs)
    _tags(db, pairs)
    _contacts(db, pairs, logs, team)
    return ids


def _donor(
    friend: Friend,
    log: list[team_activity.Contact],
    team: list[int],
    today: date,
    *,
    anonymous: bool,
) -> dict[str, Any]:
    first = friend.gifts[0].on if friend.gifts else today - timedelta(days=40)
    status = "donor" if friend.gifts else friend.story.standing
    return (
        {
            "kind": "person",
            "spouse_first_name": None,
            "spouse_last_name": None,
            "first_name": None,
            "last_name": None,
        }
        | friend.row
        | {
            "owner_id": team[friend.owner],
            "status": status,
            "anonymous": anonymous,
            "created_at": team_activity.at(first - timedelta(days=12)),
            "last_contacted_on": log[-1].on if log else None,
        }
    )


def _contact_details(db: Session, pairs: list[tuple[Friend, int]]) -> None:
    for model, column in ((DonorEmail, "email"), (DonorPhone, "phone")):
        queries.add(
            db,
            model,
            [
                {"donor_id": key, column: getattr(friend, column), "is_primary": True}
                for friend, key in pairs
                if getattr(friend, column)
            ],
        )
    queries.add(
        db,
        DonorAddress,
        [
            friend.address | {"donor_id": key, "is_primary": True}
            for friend, key in pairs
            if friend.address
        ],
    )


def _tags(db: Session, pairs: list[tuple[Friend, int]]) -> None:
    tags = dict(
        zip(TAGS, queries.add_returning(db, Tag, [{"name": tag} for tag in TAGS]), strict=True)
    )
    queries.add(
        db,
        DonorTag,
        [{"donor_id": key, "tag_id": tags[tag]} for friend, key in pairs for tag in friend.tags],
    )


def _contacts(
    db: Session,
    pairs: list[tuple[Friend, int]],
    logs: list[list[team_activity.Contact]],
    team: list[int],
) -> None:
    queries.add(
        db,
        ContactLog,
        [
            {
                "donor_id": key,
                "kind": one.kind,
                "at": one.moment,
                "by_id": team[friend.owner],
                "text": one.text,
            }
            for (friend, key), log in zip(pairs, logs, strict=True)
            for one in log
        ],
    )


def _pledges(
    db: Session, friends: list[Friend], ids: list[int], funds: dict[str, int]
) -> list[int | None]:
    """Write the pledges; return the pledge id of each donor, or None."""
    blank = dict.fromkeys(("total_minor", "end_date"))
    made = [
        (friend.promise, donor_id, funds[friend.fund])
        for friend, donor_id in zip(friends, ids, strict=True)
        if friend.promise
    ]
    keys = queries.add_returning(
        db,
        Pledge,
        [
            blank
            | one.row
            | {
                "donor_id": donor_id,
                "fund_id": fund_id,
                "currency": CURRENCY,
                "created_at": team_activity.at(one.row["start_date"]),
            }
            for one, donor_id, fund_id in made
        ],
    )
    parts = [
        (one, {"pledge_id": key, "donor_id": donor_id})
        for key, (one, donor_id, _) in zip(keys, made, strict=True)
    ]
    _histories(db, parts)
    place = accumulate(friend.promise is not None for friend in friends)
    return [
        keys[count - 1] if friend.promise else None
        for friend, count in zip(friends, place, strict=True)
    ]


def _histories(db: Session, parts: list[tuple[Promise, dict[str, Any]]]) -> None:
    queries.add(
        db,
        PledgeAmount,
        [
            base | {"effective_from": since, "amount_minor": minor, "reason": why}
            for one, base in parts
            for since, minor, why in one.changes
        ],
    )
    queries.add(
        db,
        PledgePause,
        [
            base | {"starts_on": since, "ends_on": until, "reason": why}
            for one, base in parts
            for since, until, why in one.pauses
        ],
    )
    queries.add(
        db,
        PledgeSkip,
        [
            base | {"due_on": due, "reason": "Asked to leave this one out"}
            for one, base in parts
            for due in one.skips
        ],
    )


def _gift(chance: Chance, friend: Friend, gift: Donation, today: date) -> dict[str, Any]:
    thanked = team_activity.thanks(chance, gift, today)
    note = None if gift.promised or not chance.happens(0.06) else chance.pick(GIFT_NOTES)
    return {
        "amount_minor": gift.minor,
        "base_minor": gift.minor,
        "currency": CURRENCY,
        "gift_date": gift.on,
        "method": friend.method,
        "note": note,
        "created_at": team_activity.at(gift.on, 5),
        "thanked_at": thanked[0] if thanked else None,
        "thanked_how": thanked[1] if thanked else None,
    }


def _tasks(
    db: Session,
    chance: Chance,
    friends: list[Friend],
    ids: list[int],
    team: list[int],
    today: date,
) -> None:
    for place, user_id in enumerate(team):
        theirs = [
            (donor_id, friend.row["name"])
            for friend, donor_id in zip(friends, ids, strict=True)
            if friend.owner == place and friend.gifts
        ]
        queries.add(db, Task, team_activity.tasks(chance, theirs, user_id, today))
