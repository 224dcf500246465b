"""Authorization: every query of donors, gifts and pledges, for every role."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import Connection
from sqlalchemy.orm import Session

from app import donors, gifts, pledges
from app.accounts import SYSTEM, Actor
from app.donors import DonorFields, DonorFilter
from app.gifts import GiftFilter
from app.kit.dates.days import Span
from app.kit.errors import DonorCrmError, NotAllowedError, NotFoundError
from app.kit.money import Money
from tests import database as run
from tests import factories as make

TODAY = date(2026, 11, 23)
YEAR = Span(date(2026, 1, 1), date(2027, 1, 1))


@dataclass
class File:
    """Three fundraisers with one late, at-risk donor each, and one donor without an owner."""

    people: dict[str, Actor]
    donors: dict[str, int]
    pledges: dict[str, int]
    gifts: dict[str, int]


@pytest.fixture(scope="module")
def file(standing: Connection) -> File:
    with run.kept(standing) as session:
        return make_file(session)


@pytest.fixture
def db(standing: Connection, file: File) -> Iterator[Session]:
    with run.undone(standing) as session:
        yield session


def make_file(db: Session) -> File:
    make.organisation(db)
    people = {name: make.person(db, name=name) for name in ("ruth", "sam", "mei")}
    for role in ("supervisor", "coach", "finance", "read_only", "admin"):
        people[role] = make.person(db, role)
    make.looks_after(db, people["supervisor"], people["ruth"])
    make.looks_after(db, people["coach"], people["sam"], kind="coach")
    people["system"] = SYSTEM
    file_data = File(people, {}, {}, {})
    owners = {name: people[name] for name in ("ruth", "sam", "mei", "supervisor", "coach")}
    for name, owner in (owners | {"nobody": None}).items():
        donor = make.donor(db, owner, f"Quill of {name}", email=f"{name}@quill.example")
        for back in range(10):
            gift = make.gift(db, donor, "10", TODAY - timedelta(days=58 + 30 * back))
        file_data.donors[name], file_data.gifts[name] = donor, gift
        file_data.pledges[name] = make.pledge(db, donor, "20", "quarterly", date(2026, 3, 1))
    donors.score(db, today=TODAY)
    return file_data


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
# a coach sees people and statuses, but no amounts
MONEY = SEES | {"coach": set()}
LISTS: dict[str, Callable[[Session, Actor], list[str]]] = {
    "donors.search": lambda db, actor: [
        line.name for line in donors.search(db, actor, query="quill", limit=50)
    ],
    "donors.search misspelled": lambda db, actor: [
        line.name for line in donors.search(db, actor, query="quilt", limit=50)
    ],
    "donors.page": lambda db, actor: [
        line.name for line in donors.page(db, actor, filter=DonorFilter(), today=TODAY).lines
    ],
    "donors.at_risk": lambda db, actor: [
        line.donor_name for line in donors.at_risk(db, actor, today=TODAY)
    ],
    "gifts.page": lambda db, actor: [
        line.donor_name for line in gifts.page(db, actor, filter=GiftFilter(), page_size=500).lines
    ],
    "gifts.recent": lambda db, actor: [
        line.donor_name for line in gifts.recent(db, actor, limit=500)
    ],
    "gifts.thank_queue": lambda db, actor: [
        line.donor_name for line in gifts.thank_queue(db, actor, today=TODAY)
    ],
    "pledges.standings": lambda db, actor: [
        line.donor_name for line in pledges.pledge_statuses(db, actor, today=TODAY)
    ],
    "pledges.late": lambda db, actor: [
        line.donor_name for line in pledges.late(db, actor, today=TODAY)
    ],
}
SUMS: dict[str, tuple[Callable[[Session, Actor], Money], str]] = {
    "gifts.received": (lambda db, actor: gifts.received(db, actor, span=YEAR), "90"),
    "gifts.page": (lambda db, actor: gifts.page(db, actor, filter=GiftFilter()).total, "100"),
    "pledges.expected": (lambda db, actor: pledges.expected(db, actor, span=YEAR), "80"),
    "pledges.monthly_support": (
        lambda db, actor: pledges.monthly_support(db, actor, today=TODAY).amount * 3,
        "20",
    ),
    "pledges.monthly_equivalent": (
        lambda db, actor: pledges.monthly_equivalent(db, actor, today=TODAY) * 3,
        "20",
    ),
}


@pytest.mark.parametrize("role", SEES)
@pytest.mark.parametrize("reading", LISTS)
def test_lists(db: Session, file: File, role: str, reading: str) -> None:
    names = {name.removeprefix("Quill of ") for name in LISTS[reading](db, file.people[role])}
    assert names == (MONEY if reading.startswith("gifts.") else SEES)[role]


@pytest.mark.parametrize("role", SEES)
@pytest.mark.parametrize("reading", SUMS)
def test_sums(db: Session, file: File, role: str, reading: str) -> None:
    answer, totals = SUMS[reading]
    total = Money.of(totals, "USD") * len(MONEY[role])
    assert abs(answer(db, file.people[role]).minor - total.minor) <= 2


@pytest.mark.parametrize("role", SEES)
def test_counts_and_owners(db: Session, file: File, role: str) -> None:
    page = donors.page(db, file.people[role], filter=DonorFilter(), today=TODAY)
    assert page.total == len(SEES[role])
    owners = set(donors.owners(db, file.people[role]).values())
    named = {file.people[name].name for name in SEES[role] - {"nobody"}}
    assert owners == named


@pytest.mark.parametrize("role", SEES)
def test_data_freshness(db: Session, file: File, role: str) -> None:
    assert gifts.freshness(db, file.people[role]).last_gift_date == date(2026, 9, 26)


ONE: dict[str, Callable[[Session, Actor, File, str], object]] = {
    "donors.get": lambda db, actor, file, name: donors.get(
        db, actor, file.donors.get(name, 0), today=TODAY
    ),
    "donors.timeline": lambda db, actor, file, name: donors.timeline(
        db, actor, file.donors.get(name, 0)
    ),
    "donors.months": lambda db, actor, file, name: donors.months(
        db, actor, file.donors.get(name, 0), since=TODAY
    ),
    "gifts.get": lambda db, actor, file, name: gifts.get(db, actor, file.gifts.get(name, 0)),
    "pledges.get": lambda db, actor, file, name: pledges.get(
        db, actor, file.pledges.get(name, 0), today=TODAY
    ),
}


@pytest.mark.parametrize("role", SEES)
@pytest.mark.parametrize("reading", ONE)
def test_forbidden_and_missing_records_give_the_same_error(
    db: Session, file: File, role: str, reading: str
) -> None:
    actor, sentences = file.people[role], set()
    sees = (MONEY if reading.startswith("gifts.") else SEES)[role]
    for name in [*file.donors, "missing"]:
        if name in sees:
            ONE[reading](db, actor, file, name)
            continue
        with pytest.raises(NotFoundError) as refused:
            ONE[reading](db, actor, file, name)
        sentences.add(str(refused.value))
    assert len(sentences) == 1


def edit(db: Session, actor: Actor, file: File, name: str, now: datetime) -> None:
    fields = DonorFields(name="New", owner_id=actor.user_id)
    donors.update(db, actor, donor_id=file.donors[name], version=1, fields=fields, today=TODAY)


def log(db: Session, actor: Actor, file: File, name: str, now: datetime) -> None:
    donors.log_contact(db, actor, donor_id=file.donors[name], kind="call", text=None, at=now)


def give(db: Session, actor: Actor, file: File, name: str, now: datetime) -> None:
    gifts.record(
        db,
        actor,
        donor_id=file.donors[name],
        amount=Money(100, "USD"),
        on=TODAY,
        today=TODAY,
        now=now,
    )


def thank(db: Session, actor: Actor, file: File, name: str, now: datetime) -> None:
    gifts.thank(db, actor, gift_id=file.gifts[name], how=None, now=now)


def promise(db: Session, actor: Actor, file: File, name: str, now: datetime) -> None:
    pledges.create(
        db,
        actor,
        donor_id=file.donors[name],
        amount=Money(100, "USD"),
        frequency="once",
        start=TODAY,
    )


def end(db: Session, actor: Actor, file: File, name: str, now: datetime) -> None:
    pledges.end(db, actor, pledge_id=file.pledges[name], on=TODAY, today=TODAY)


OWN = {role: {role} & EVERYBODY for role in SEES} | {"admin": EVERYBODY, "system": EVERYBODY}
GIFTS = OWN | {"finance": EVERYBODY, "coach": set()}
WRITES: dict[Callable[..., object], dict[str, set[str]]] = {
    log: OWN,
    give: GIFTS,
    thank: GIFTS,
    promise: OWN,
    end: OWN,
}


@pytest.mark.parametrize("role", SEES)
@pytest.mark.parametrize("write", WRITES, ids=lambda write: write.__name__)
def test_writes(
    db: Session, file: File, role: str, write: Callable[..., object], now: datetime
) -> None:
    for name in file.donors:
        if name in WRITES[write][role]:
            write(db, file.people[role], file, name, now)
            continue
        sees = (MONEY if write is thank else SEES)[role]
        expected = NotAllowedError if name in sees else NotFoundError
        with pytest.raises(expected):
            write(db, file.people[role], file, name, now)


def test_visible_donors_are_not_always_editable(db: Session, file: File, now: datetime) -> None:
    for role in ("finance", "read_only", "supervisor"):
        with pytest.raises(NotAllowedError):
            edit(db, file.people[role], file, "ruth", now)
    with pytest.raises(DonorCrmError):
        edit(db, file.people["sam"], file, "ruth", now)
