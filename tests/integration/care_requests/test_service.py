"""Prayer and care requests: noted, answered, reopened, deleted; who sees and changes which."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app import accounts, care_requests, donors, privacy
from app.accounts import Actor
from app.care_requests import CareRequestLine
from app.kit.errors import ConflictError, InvalidError, NotAllowedError, NotFoundError
from tests import factories as make

TODAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
ASKED = date(2026, 11, 3)


@pytest.fixture
def ruth(db: Session) -> Actor:
    make.organisation(db, modules=["requests"])
    return make.person(db, name="Ruth")


def note(db: Session, actor: Actor, donor_id: int, words: str = "Rest", on: date = ASKED) -> int:
    return care_requests.add(db, actor, donor_id=donor_id, text=words, asked_on=on, today=TODAY)


def only(db: Session, actor: Actor, donor_id: int) -> CareRequestLine:
    [line] = care_requests.for_donor(db, actor, donor_id=donor_id)
    return line


def test_a_request_is_noted_changed_answered_opened_and_deleted(db: Session, ruth: Actor) -> None:
    mara = make.donor(db, ruth, "Mara")
    request_id = note(db, ruth, mara, "  Her mother's\r\noperation ")
    noted = only(db, ruth, mara)
    assert (noted.text, noted.asked_on, noted.answered_on, noted.version, noted.editable) == (
        "Her mother's\noperation",
        ASKED,
        None,
        1,
        True,
    )

    care_requests.change(
        db, ruth, request_id=request_id, version=1, text="Rest", asked_on=TODAY, today=TODAY
    )
    care_requests.answer(
        db,
        ruth,
        request_id=request_id,
        version=2,
        answer="She rests.",
        answered_on=TODAY,
        today=TODAY,
    )
    answered = only(db, ruth, mara)
    assert (answered.text, answered.answered_on, answered.answer) == ("Rest", TODAY, "She rests.")

    care_requests.reopen(db, ruth, request_id=request_id, version=3)
    opened = only(db, ruth, mara)
    assert (opened.answered_on, opened.answer, opened.version) == (None, None, 4)

    care_requests.remove(db, ruth, request_id=request_id, version=4)
    assert care_requests.for_donor(db, ruth, donor_id=mara) == []
    actions = db.scalars(
        text("select action from activity where donor_id = :id order by id"), {"id": mara}
    )
    assert [action for action in actions if action.startswith("request.")] == [
        f"request.{verb}" for verb in ("noted", "changed", "answered", "reopened", "removed")
    ]


def test_the_audit_log_never_holds_what_is_asked(db: Session, ruth: Actor) -> None:
    """It outlives the request, and an erasure."""
    mara = make.donor(db, ruth, "Mara")
    request_id = note(db, ruth, mara, "Secretword")
    care_requests.answer(
        db,
        ruth,
        request_id=request_id,
        version=1,
        answer="Secretanswer",
        answered_on=TODAY,
        today=TODAY,
    )
    log = str(list(db.scalars(text("select to_jsonb(a) from activity a"))))
    assert "Secret" not in log


@pytest.mark.parametrize("words", ["", "  ", "\u200b\ufeff"])
def test_a_request_needs_words(db: Session, ruth: Actor, words: str) -> None:
    with pytest.raises(InvalidError, match="needs a few words"):
        note(db, ruth, make.donor(db, ruth), words)


def test_days_are_in_order_and_not_in_the_future(db: Session, ruth: Actor) -> None:
    mara, tomorrow = make.donor(db, ruth), TODAY + timedelta(days=1)
    with pytest.raises(InvalidError, match="in the future"):
        note(db, ruth, mara, on=tomorrow)
    request_id = note(db, ruth, mara)

    def answer(day: date, version: int = 1) -> None:
        care_requests.answer(
            db, ruth, request_id=request_id, version=version, answered_on=day, today=TODAY
        )

    with pytest.raises(InvalidError, match="in the future"):
        answer(tomorrow)
    with pytest.raises(InvalidError, match="before it was asked"):
        answer(ASKED - timedelta(days=1))
    answer(ASKED)
    with pytest.raises(InvalidError, match="after it was answered"):
        care_requests.change(
            db, ruth, request_id=request_id, version=2, text="Rest", asked_on=TODAY, today=TODAY
        )
    assert only(db, ruth, mara).version == 2


def test_a_change_by_somebody_else_is_not_overwritten(db: Session, ruth: Actor) -> None:
    mara = make.donor(db, ruth)
    request_id = note(db, ruth, mara)
    care_requests.change(
        db, ruth, request_id=request_id, version=1, text="Work", asked_on=ASKED, today=TODAY
    )
    with pytest.raises(ConflictError, match="Somebody else"):
        care_requests.remove(db, ruth, request_id=request_id, version=1)
    with pytest.raises(ConflictError, match="Somebody else"):
        care_requests.change(
            db, ruth, request_id=request_id, version=1, text="Rest", asked_on=ASKED, today=TODAY
        )
    assert only(db, ruth, mara).text == "Work"


def test_pages_hold_every_request_once_in_order(db: Session, ruth: Actor) -> None:
    mara, sam = make.donor(db, ruth, "Mara"), make.donor(db, make.person(db), "Sam")
    make.care_request(db, sam, "Not hers")
    days = [ASKED + timedelta(days=day) for day in (3, 0, 3, 1, 2)]
    wanted = [make.care_request(db, mara, str(n), asked_on=day) for n, day in enumerate(days)]
    closed = [
        make.care_request(db, mara, f"closed {n}", asked_on=ASKED, answered_on=day)
        for n, day in enumerate(days)
    ]

    def walk(*, answered: bool) -> list[int]:
        found: list[int] = []
        after = None
        while True:
            page = care_requests.page(db, ruth, answered=answered, limit=2, after=after)
            assert (page.open, page.answered) == (5, 5)
            found += [line.request_id for line in page.lines]
            if page.next is None:
                return found
            after = page.next

    in_order = sorted(range(5), key=lambda n: (days[n], wanted[n]))
    assert walk(answered=False) == [wanted[n] for n in in_order]
    latest = sorted(range(5), key=lambda n: (days[n], closed[n]), reverse=True)
    assert walk(answered=True) == [closed[n] for n in latest]


def test_a_coach_sees_no_amounts_and_a_supervisor_no_words_of_the_anonymous(
    db: Session, ruth: Actor
) -> None:
    lead, coach = make.person(db, "supervisor"), make.person(db, "coach")
    make.looks_after(db, lead, ruth)
    make.looks_after(db, coach, ruth, "coach")
    mara = make.donor(db, ruth, "Mara")
    hidden = make.donor(db, ruth, "Hidden Hanna", anonymous=True)
    make.care_request(db, mara, "She lost $450.", answered_on=TODAY, answer="It was USD 450.")
    make.care_request(db, hidden, "Hanna is ill", answered_on=TODAY, answer="Hanna is well")

    masked = only(db, coach, mara)
    assert "450" not in f"{masked.text}{masked.answer}"
    assert only(db, lead, mara).text == "She lost $450."
    unseen = only(db, lead, hidden)
    assert (unseen.donor_name, unseen.text, unseen.answer) == ("Anonymous", "", None)
    assert only(db, ruth, hidden).text == "Hanna is ill"
    listed = care_requests.page(db, lead, answered=True).lines
    assert all("Hanna" not in f"{line.donor_name}{line.text}{line.answer}" for line in listed)


def test_who_sees_a_donor_but_may_not_change_it_changes_no_request(
    db: Session, ruth: Actor
) -> None:
    lead, stranger = make.person(db, "supervisor"), make.person(db)
    make.looks_after(db, lead, ruth)
    mara = make.donor(db, ruth)
    request_id = note(db, ruth, mara)
    assert not only(db, lead, mara).editable
    with pytest.raises(NotAllowedError):
        care_requests.remove(db, lead, request_id=request_id, version=1)
    with pytest.raises(NotFoundError, match="not yours to see"):
        care_requests.remove(db, stranger, request_id=request_id, version=1)
    assert care_requests.for_donor(db, stranger, donor_id=mara) == []


def test_the_timeline_has_a_request_once_while_the_module_is_on(db: Session, ruth: Actor) -> None:
    ada = make.person(db, "admin")
    mara = make.donor(db, ruth)
    request_id = note(db, ruth, mara, "Rest")
    care_requests.answer(
        db,
        ruth,
        request_id=request_id,
        version=1,
        answer="Yes",
        answered_on=TODAY,
        today=TODAY,
    )

    def lines() -> list[tuple[str, str | None]]:
        events = donors.timeline(db, ruth, mara).lines
        return [(event.sentence, event.detail) for event in events if "equest" in event.sentence]

    assert lines() == [("Request answered", "Rest · Yes")]
    accounts.save_organisation(db, ada, modules=[])
    assert lines() == []


def test_without_the_module_nothing_is_read_or_written_and_all_is_kept(
    db: Session, ruth: Actor
) -> None:
    ada = make.person(db, "admin")
    mara = make.donor(db, ruth)
    request_id = note(db, ruth, mara)
    accounts.save_organisation(db, ada, modules=[])
    for refused in (
        lambda: note(db, ruth, mara),
        lambda: care_requests.for_donor(db, ruth, donor_id=mara),
        lambda: care_requests.page(db, ruth),
        lambda: care_requests.reopen(db, ruth, request_id=request_id, version=1),
        lambda: care_requests.remove(db, ruth, request_id=request_id, version=1),
    ):
        with pytest.raises(NotFoundError, match="“Requests” is switched off"):
            refused()
    accounts.save_organisation(db, ada, modules=["requests"])
    assert only(db, ruth, mara).request_id == request_id


def test_an_erasure_deletes_the_requests(db: Session, ruth: Actor) -> None:
    ada = make.person(db, "admin")
    mara, sam = make.donor(db, ruth, "Mara"), make.donor(db, ruth, "Sam")
    note(db, ruth, mara)
    kept = note(db, ruth, sam)
    privacy.erase(db, ada, donor_id=mara, name="Mara", now=NOW)
    assert list(db.scalars(text("select id from care_request"))) == [kept]
