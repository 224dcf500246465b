"""Who sees whose donors: every reading of donors, gifts and pledges, for every role."""

from dataclasses import dataclass
from datetime import date, timedelta

import pytest

from app import donors, gifts, pledges
from app.accounts import SYSTEM, Actor
from app.donors import DonorFields, DonorFilter
from app.gifts import GiftFilter
from app.kit.days import Span
from app.kit.errors import DonorCrmError, NotAllowedError, NotFoundError
from app.kit.money import Money
from tests import factories as make

TODAY = date(2026, 11, 23)
YEAR = Span(date(2026, 1, 1), date(2027, 1, 1))


@dataclass
class File:
    """Three fundraisers with one late, at-risk donor each, and one donor of nobody."""

    people: dict[str, Actor]
    donors: dict[str, int]
    pledges: dict[str, int]
    gifts: dict[str, int]


@pytest.fixture
def file(db) -> File:
    make.organisation(db)
    people = {name: make.person(db, name=name) for name in ("ruth", "sam", "mei")}
    for role in ("supervisor", "coach", "finance", "read_only", "admin"):
        people[role] = make.person(db, role)
    make.looks_after(db, people["supervisor"], people["ruth"])
    make.looks_after(db, people["coach"], people["sam"], kind="coach")
    people["system"] = SYSTEM
    found = File(people, {}, {}, {})
    owners = {name: people[name] for name in ("ruth", "sam", "mei", "supervisor", "coach")}
    for name, owner in (owners | {"nobody": None}).items():
        donor = make.donor(db, owner, f"Quill of {name}", email=f"{name}@quill.example")
        for back in range(10):
            gift = make.gift(db, donor, "10", TODAY - timedelta(days=58 + 30 * back))
        found.donors[name], found.gifts[name] = donor, gift
        found.pledges[name] = make.pledge(db, donor, "20", "quarterly", date(2026, 3, 1))
    donors.score(db, today=TODAY)
    return found


EVERYBODY = {"ruth", "sam", "mei", "supervisor", "coach", "nobody"}
SEES = {
    "ruth": {"ruth"},
    "sam": {"sam"},
    "supervisor": {"supervisor", "ruth"},
    "coach": {"coach", "sam"},
    "finance": EVERYBODY,
    "read_only": EVERYBODY,
    "admin": EVERYBODY,
    "system": EVERYBODY,
}
# a coach sees people and standings, and of money nothing
MONEY = SEES | {"coach": set()}
LISTS = {
    "donors.search": lambda db, who: [
        one.name for one in donors.search(db, who, query="quill", limit=50)
    ],
    "donors.search misspelled": lambda db, who: [
        one.name for one in donors.search(db, who, query="quilt", limit=50)
    ],
    "donors.page": lambda db, who: [
        one.name for one in donors.page(db, who, filter=DonorFilter(), today=TODAY).lines
    ],
    "donors.at_risk": lambda db, who: [
        one.donor_name for one in donors.at_risk(db, who, today=TODAY)
    ],
    "gifts.page": lambda db, who: [
        one.donor_name for one in gifts.page(db, who, filter=GiftFilter(), page_size=500).lines
    ],
    "gifts.recent": lambda db, who: [one.donor_name for one in gifts.recent(db, who, limit=500)],
    "gifts.thank_queue": lambda db, who: [
        one.donor_name for one in gifts.thank_queue(db, who, today=TODAY)
    ],
    "pledges.standings": lambda db, who: [
        one.donor_name for one in pledges.pledge_statuses(db, who, today=TODAY)
    ],
    "pledges.late": lambda db, who: [one.donor_name for one in pledges.late(db, who, today=TODAY)],
}
SUMS = {
    "gifts.received": (lambda db, who: gifts.received(db, who, span=YEAR), "90"),
    "gifts.page": (lambda db, who: gifts.page(db, who, filter=GiftFilter()).total, "100"),
    "pledges.expected": (lambda db, who: pledges.expected(db, who, span=YEAR), "80"),
    "pledges.monthly_support": (
        lambda db, who: pledges.monthly_support(db, who, today=TODAY).amount * 3,
        "20",
    ),
    "pledges.monthly_equivalent": (
        lambda db, who: pledges.monthly_equivalent(db, who, today=TODAY) * 3,
        "20",
    ),
}


@pytest.mark.parametrize("role", SEES)
@pytest.mark.parametrize("reading", LISTS)
def test_lists(db, file, role, reading):
    seen = {name.removeprefix("Quill of ") for name in LISTS[reading](db, file.people[role])}
    assert seen == (MONEY if reading.startswith("gifts.") else SEES)[role]


@pytest.mark.parametrize("role", SEES)
@pytest.mark.parametrize("reading", SUMS)
def test_sums(db, file, role, reading):
    answer, each = SUMS[reading]
    whole = Money.of(each, "USD") * len(MONEY[role])
    assert abs(answer(db, file.people[role]).minor - whole.minor) <= 2


@pytest.mark.parametrize("role", SEES)
def test_counts_and_owners(db, file, role):
    page = donors.page(db, file.people[role], filter=DonorFilter(), today=TODAY)
    assert page.total == len(SEES[role])
    owners = set(donors.owners(db, file.people[role]).values())
    named = {file.people[name].name for name in SEES[role] - {"nobody"}}
    assert owners == named


@pytest.mark.parametrize("role", SEES)
def test_freshness(db, file, role):
    assert gifts.freshness(db, file.people[role]).last_gift_date == date(2026, 9, 26)


ONE = {
    "donors.get": lambda db, who, file, name: donors.get(
        db, who, file.donors.get(name, 0), today=TODAY
    ),
    "donors.timeline": lambda db, who, file, name: donors.timeline(
        db, who, file.donors.get(name, 0)
    ),
    "donors.months": lambda db, who, file, name: donors.months(
        db, who, file.donors.get(name, 0), since=TODAY
    ),
    "gifts.get": lambda db, who, file, name: gifts.get(db, who, file.gifts.get(name, 0)),
    "pledges.get": lambda db, who, file, name: pledges.get(
        db, who, file.pledges.get(name, 0), today=TODAY
    ),
}


@pytest.mark.parametrize("role", SEES)
@pytest.mark.parametrize("reading", ONE)
def test_forbidden_and_missing_sound_alike(db, file, role, reading):
    who, sentences = file.people[role], set()
    sees = (MONEY if reading.startswith("gifts.") else SEES)[role]
    for name in [*file.donors, "missing"]:
        if name in sees:
            ONE[reading](db, who, file, name)
            continue
        with pytest.raises(NotFoundError) as refused:
            ONE[reading](db, who, file, name)
        sentences.add(str(refused.value))
    assert len(sentences) == 1


def edit(db, who, file, name, now):
    fields = DonorFields(name="New", owner_id=who.user_id)
    donors.update(db, who, donor_id=file.donors[name], version=1, fields=fields, today=TODAY)


def log(db, who, file, name, now):
    donors.log_contact(db, who, donor_id=file.donors[name], kind="call", text=None, at=now)


def give(db, who, file, name, now):
    gifts.record(
        db,
        who,
        donor_id=file.donors[name],
        amount=Money(100, "USD"),
        on=TODAY,
        today=TODAY,
        now=now,
    )


def thank(db, who, file, name, now):
    gifts.thank(db, who, gift_id=file.gifts[name], how=None, now=now)


def promise(db, who, file, name, now):
    pledges.create(
        db,
        who,
        donor_id=file.donors[name],
        amount=Money(100, "USD"),
        frequency="once",
        start=TODAY,
    )


def end(db, who, file, name, now):
    pledges.end(db, who, pledge_id=file.pledges[name], on=TODAY)


OWN = {role: {role} & EVERYBODY for role in SEES} | {"admin": EVERYBODY, "system": EVERYBODY}
GIFTS = OWN | {"finance": EVERYBODY, "coach": set()}
WRITES = {log: OWN, give: GIFTS, thank: GIFTS, promise: OWN, end: OWN}


@pytest.mark.parametrize("role", SEES)
@pytest.mark.parametrize("write", WRITES, ids=lambda write: write.__name__)
def test_writes(db, file, role, write, now):
    for name in file.donors:
        if name in WRITES[write][role]:
            write(db, file.people[role], file, name, now)
            continue
        sees = (MONEY if write is thank else SEES)[role]
        expected = NotAllowedError if name in sees else NotFoundError
        with pytest.raises(expected):
            write(db, file.people[role], file, name, now)


def test_editing_needs_more_than_sight(db, file, now):
    for role in ("finance", "read_only", "supervisor"):
        with pytest.raises(NotAllowedError):
            edit(db, file.people[role], file, "ruth", now)
    with pytest.raises(DonorCrmError):
        edit(db, file.people["sam"], file, "ruth", now)
