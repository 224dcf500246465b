"""The timeline of a donor: every kind of event once, filters, search, pages and masking."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app import donors, gifts, households
from app.accounts import Actor
from app.donors import EVENT_KINDS, DonorFields, TimelineFilter
from app.donors.history import timeline as module
from app.kit.errors import InvalidError, NotFoundError
from tests import factories as make

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
TODAY = NOW.date()


@pytest.fixture
def ruth(db: Session) -> Actor:
    make.organisation(db, modules=["requests"])
    return make.person(db, name="Ruth")


@pytest.fixture
def tom(db: Session, ruth: Actor) -> int:
    """A donor with an event of every kind, and a reversal."""
    tom = donors.create(db, ruth, fields=DonorFields(name="Tom"))
    other = make.donor(db, ruth, "Zoë")
    make.pledge(db, tom, start=date(2026, 1, 1))
    gift = make.gift(db, tom, on=date(2026, 2, 1), method="check", note="For the well")
    make.reversal(db, gift, on=date(2026, 2, 9))
    make.gift(db, tom, on=date(2026, 3, 1), thanked_at=NOW, thanked_how="letter")
    make.contact(db, tom, text="Saw the café", by_id=ruth.user_id)
    make.task(db, ruth, "Call Tom", donor_id=tom, due_on=date(2026, 4, 1))
    make.care_request(db, tom, "Rest")
    donors.record_consent(
        db,
        ruth,
        donor_id=tom,
        channel="email",
        purpose="news",
        granted=True,
        source="A card",
        given_on=TODAY,
        today=TODAY,
    )
    households.add_relation(db, ruth, donor_id=tom, other_id=other, type="spouse")
    make.soft_credit(db, make.gift(db, other, on=date(2026, 5, 1)), tom, 5)
    return tom


def kinds(page: donors.TimelinePage) -> list[str]:
    return [line.kind for line in page.lines]


def sentences(db: Session, actor: Actor, donor_id: int, find: str) -> list[str]:
    found = donors.timeline(db, actor, donor_id, filter=TimelineFilter(find=find))
    return [line.sentence for line in found.lines]


def test_every_kind_of_event_is_there_once(db: Session, ruth: Actor, tom: int) -> None:
    page = donors.timeline(db, ruth, tom)
    assert sorted(kinds(page)) == sorted([*EVENT_KINDS, "gift", "reversal"])
    assert page.next is None
    days = [line.on for line in page.lines]
    assert days == sorted(days, reverse=True)


@pytest.mark.parametrize("kind", EVENT_KINDS)
def test_each_kind_can_be_shown_alone(db: Session, ruth: Actor, tom: int, kind: str) -> None:
    alone = kinds(donors.timeline(db, ruth, tom, filter=TimelineFilter((kind,))))
    assert set(alone) == ({"gift", "reversal"} if kind == "gift" else {kind})


def test_an_unknown_kind_is_refused(db: Session, ruth: Actor, tom: int) -> None:
    with pytest.raises(InvalidError, match="“dream” is not a kind"):
        donors.timeline(db, ruth, tom, filter=TimelineFilter(("dream",)))


@pytest.mark.parametrize(
    ("find", "expected"),
    [
        pytest.param("cafe", ["Call"], id="free text, without accents"),
        pytest.param("RUTH saw", ["Call"], id="every word, in any case and place"),
        pytest.param("check", ["Gift by check"], id="sentence"),
        pytest.param("a card", ["Allowed news of the work by e-mail"], id="source of a consent"),
        pytest.param("a month", ["Pledge, a month"], id="frequency in words"),
        pytest.param("ca%f", [], id="a wildcard is escaped"),
        pytest.param("well cafe", [], id="words of two events"),
    ],
)
def test_search(db: Session, ruth: Actor, tom: int, find: str, expected: list[str]) -> None:
    assert sentences(db, ruth, tom, find) == expected


def test_pages_leave_nothing_out_and_repeat_nothing(db: Session, ruth: Actor) -> None:
    donor = make.donor(db, ruth)
    for number in range(230):
        # many of the same day and moment
        make.contact(
            db, donor, text=f"No {number}", at=datetime(2026, 1, 1 + number % 9, tzinfo=UTC)
        )
        if number % 10 == 0:
            make.gift(db, donor, on=date(2026, 1, 5))
    whole = donors.timeline(db, ruth, donor, limit=1000)
    assert len(whole.lines) == 253
    assert whole.next is None
    lines, after = [], None
    for _ in range(6):
        page = donors.timeline(db, ruth, donor, after=after, limit=50)
        lines += page.lines
        after = page.next
    assert lines == whole.lines
    assert after is None


def test_a_thank_you_of_a_gift_is_there_once(db: Session, ruth: Actor) -> None:
    donor = make.donor(db, ruth)
    gift = make.gift(db, donor)
    gifts.thank(db, ruth, gift_id=gift, how="letter", now=NOW)
    found = donors.timeline(db, ruth, donor, filter=TimelineFilter(("thanks",)))
    assert [line.sentence for line in found.lines] == ["Thanked for a gift by letter."]


def test_a_relation_of_a_file_is_there(db: Session, ruth: Actor) -> None:
    donor, other = make.donor(db, ruth), make.donor(db, ruth)
    run = make.import_run(db, ruth)
    db.execute(
        text(
            "insert into donor_relation (donor_id, other_id, type, import_run_id)"
            " values (:donor, :other, 'employer', :run)"
        ),
        {"donor": donor, "other": other, "run": run},
    )
    found = donors.timeline(db, ruth, donor, filter=TimelineFilter(("relation",)))
    assert [line.sentence for line in found.lines] == ["A file added a relation: employer."]


def test_a_search_finds_only_what_the_actor_sees(
    db: Session, ruth: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    # so that a page needs several batches
    monkeypatch.setattr(module, "BATCH", 2)
    coach = make.person(db, "coach")
    make.looks_after(db, coach, ruth, kind="coach")
    donor = make.donor(db, ruth)
    for number in range(7):
        make.contact(db, donor, text=f"No {number}: pays $7,391.57 a year")
    assert len(sentences(db, ruth, donor, "7,391")) == 7
    assert sentences(db, coach, donor, "7,391") == []
    assert len(sentences(db, coach, donor, "pays year")) == 7
    page = donors.timeline(db, coach, donor, filter=TimelineFilter(find="pays"), limit=3)
    rest = donors.timeline(db, coach, donor, filter=TimelineFilter(find="pays"), after=page.next)
    assert [len(page.lines), len(rest.lines), rest.next] == [3, 4, None]
    assert "7,391" not in str([page, rest])


def test_a_search_does_not_find_the_text_about_a_hidden_name(db: Session, ruth: Actor) -> None:
    grace = make.person(db, "supervisor")
    make.looks_after(db, grace, ruth)
    donor = make.donor(db, ruth, "Quilla Rosewater", anonymous=True)
    make.contact(db, donor, text="Quilla was in")
    make.task(db, ruth, "Call Quilla", donor_id=donor)
    assert len(sentences(db, ruth, donor, "quilla")) == 2
    assert sentences(db, grace, donor, "quilla") == []
    assert sentences(db, grace, donor, "task") == ["A task"]


def test_a_coach_sees_no_amount_and_no_soft_credit(db: Session, ruth: Actor, tom: int) -> None:
    coach = make.person(db, "coach")
    make.looks_after(db, coach, ruth, kind="coach")
    page = donors.timeline(db, coach, tom)
    assert [line.amount for line in page.lines if line.amount] == []
    assert "soft credit" not in kinds(page)


def test_a_stranger_sees_nothing(db: Session, tom: int) -> None:
    with pytest.raises(NotFoundError):
        donors.timeline(db, make.person(db), tom)
