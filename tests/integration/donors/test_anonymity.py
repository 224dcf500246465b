"""Who gives anonymously is read by name by the owner, finance and administrators alone."""

import csv
import io
import json
import zipfile
from dataclasses import dataclass, replace
from datetime import date

import pytest
from sqlalchemy import func, select, text, update

from app import (
    accounts,
    alerts,
    donors,
    exports,
    gifts,
    imports,
    insights,
    pledges,
    summaries,
    tasks,
)
from app.accounts import Actor
from app.db.models import Activity, Donor
from app.donors import DonorFields, DonorFilter
from app.donors.anonymity import ANONYMOUS, sees_name
from app.gifts import GiftFilter
from app.insights import Change, DashboardFilter
from app.kit.days import Span
from tests import factories as make

NAME, MAIL, PHONE = "Quilla Rosewater", "quilla@rosewater.example", "+1 555-0177"
TELLING = ("Quilla", "Rosewater", "rosewater", "555-0177", "9 Elm Road")
SEES = ("ruth", "finance", "admin")
COVERED = ("grace", "coach", "read_only")
YEAR = Span(date(2026, 1, 1), date(2027, 1, 1))


@dataclass
class House:
    people: dict[str, Actor]
    donor: int
    gift: int


@pytest.fixture
def house(db, today):
    """Ruth's donor gives anonymously; a supervisor and a coach look after Ruth."""
    make.organisation(db)
    people = {
        "ruth": make.person(db, name="Ruth"),
        "grace": make.person(db, "supervisor", name="Grace"),
        "coach": make.person(db, "coach"),
        "finance": make.person(db, "finance"),
        "read_only": make.person(db, "read_only"),
        "admin": make.person(db, "admin", name="Ada"),
    }
    make.looks_after(db, people["grace"], people["ruth"])
    make.looks_after(db, people["coach"], people["ruth"], kind="coach")
    donor = make.donor(
        db,
        people["ruth"],
        NAME,
        email=MAIL,
        phone=PHONE,
        address={"street": "9 Elm Road"},
        first_name="Quilla",
        last_name="Rosewater",
        notes="Rosewater, the pianist",
        external=("crm", "rosewater-1"),
        anonymous=True,
        status="donor",
    )
    make.donor(db, people["ruth"], "Plain Jane", email="jane@example.org")
    gift = make.gift(db, donor, "500", date(2026, 11, 20))
    make.gift(db, donor, "100", date(2025, 6, 1))
    make.task(db, people["ruth"], f"Call {NAME}", donor_id=donor, note=f"{NAME} likes tea")
    donors.log_contact(
        db,
        people["ruth"],
        donor_id=donor,
        kind="call",
        text=f"{NAME} was in",
        at=db.scalar(select(func.now())),
    )
    # after the contact, which would hide it
    promise = make.pledge(db, donor, "20", start=date(2026, 1, 1))
    make.alert(db, donor, pledge_id=promise)
    return House(people, donor, gift)


def readings(db, who: Actor, house: House, today: date) -> dict[str, object]:
    """Everything in which a donor is listed for somebody."""
    everything = DashboardFilter()
    kinds = tuple(Change)
    found: dict[str, object] = {
        "donors.page": donors.page(db, who, filter=DonorFilter(), today=today).lines,
        "donors.sorted": donors.page(
            db, who, filter=DonorFilter(), sort="name", today=today, page_size=1
        ),
        "donors.get": donors.get(db, who, house.donor, today=today),
        "donors.timeline": donors.timeline(db, who, house.donor),
        "tasks.for_donor": tasks.for_donor(db, who, donor_id=house.donor),
    }
    found |= {
        "pledges.standings": pledges.standings(db, who, today=today),
        "pledges.late": pledges.late(db, who, today=today),
        "alerts.open_for": alerts.open_for(db, who, today=today),
        "alerts.changes": alerts.changes(db, who, span=YEAR),
    }
    if not who.sees_amounts:
        return found
    behind = insights.donors_behind(db, who, filter=everything, kinds=kinds, today=today)
    return found | {
        "gifts.page": gifts.page(db, who, filter=GiftFilter()).lines,
        "gifts.recent": gifts.recent(db, who, limit=5),
        "gifts.get": gifts.get(db, who, house.gift),
        "gifts.thank_queue": gifts.thank_queue(db, who, today=today),
        "insights.changes": insights.changes(db, who, filter=everything, today=today),
        "insights.donors_behind": behind,
        "insights.gifts_behind": insights.gifts_behind(db, who, filter=everything, span=YEAR),
        "insights.recent": insights.waiting(db, who, filter=everything, today=today).recent,
        "insights.thanks": insights.waiting(db, who, filter=everything, today=today).thanks,
        "insights.glance": insights.glance(db, who, today=today).recent,
    }


@pytest.mark.parametrize("whose", ["ruth", "other", None])
@pytest.mark.parametrize(
    "role", ["fundraiser", "supervisor", "coach", "read_only", "finance", "admin", "system"]
)
def test_the_rule(role, whose):
    actor = Actor(1, accounts.Role(role))
    owner = {"ruth": 1, "other": 2, None: None}[whose]
    seen = whose == "ruth" or role in {"finance", "admin", "system"}
    assert sees_name(actor, owner_id=owner, anonymous=True) == seen
    assert sees_name(actor, owner_id=owner, anonymous=False)


@pytest.mark.parametrize("who", [*SEES, *COVERED])
def test_in_every_list(db, house, today, who):
    for where, found in readings(db, house.people[who], house, today).items():
        told = repr(found)
        if who in COVERED:
            assert not [word for word in TELLING if word in told], where
            assert ANONYMOUS in told or where == "donors.timeline", where
        elif where != "donors.sorted":
            assert NAME in told or where == "donors.timeline", where


@pytest.mark.parametrize("who", [*SEES, *COVERED])
def test_the_rule_and_the_queries_agree(db, house, today, who):
    actor = house.people[who]
    for anonymous in (True, False):
        db.execute(update(Donor).where(Donor.id == house.donor).values(anonymous=anonymous))
        named = donors.get(db, actor, house.donor, today=today).name == NAME
        owner = house.people["ruth"].user_id
        assert named == sees_name(actor, owner_id=owner, anonymous=anonymous)
        lines = donors.page(db, actor, filter=DonorFilter(), today=today).lines
        line = next(one for one in lines if one.donor_id == house.donor)
        assert (line.name == NAME) == named
        assert line.anonymous == (anonymous and named)


@pytest.mark.parametrize("typed", ["Quilla", "rosewater", MAIL, "5550177", "Quila Rosewatr"])
def test_typing_the_name_finds_only_for_who_may_read_it(db, house, today, typed):
    for who, actor in house.people.items():
        chosen = DonorFilter(query=typed)
        found = [
            *(one.donor_id for one in donors.search(db, actor, query=typed)),
            *(one.donor_id for one in donors.page(db, actor, filter=chosen, today=today).lines),
            *donors.chosen(db, actor, filter=chosen),
        ]
        assert (house.donor in found) == (who in SEES), who
        if actor.sees_amounts and typed in {"Quilla", MAIL}:
            page = gifts.page(db, actor, filter=GiftFilter(query=typed))
            assert bool(page.lines) == (who in SEES), who
            assert bool(page.gifts) == (who in SEES), who


def test_the_list_is_in_the_order_of_what_is_read(db, house, today):
    def names(who, **more):
        page = donors.page(db, house.people[who], filter=DonorFilter(), today=today, **more)
        return [one.name for one in page.lines], page.next

    assert names("admin")[0] == ["Plain Jane", NAME]
    assert names("grace")[0] == [ANONYMOUS, "Plain Jane"]
    first, following = names("grace", page_size=1)
    assert (first, following.value) == ([ANONYMOUS], ANONYMOUS.lower())
    assert names("grace", page_size=1, after=following)[0] == ["Plain Jane"]


def test_a_sight_narrowed_to_the_owner_does_not_show_the_name(db, house, today):
    """A supervisor who chooses Ruth's donors reads them as a supervisor, not as Ruth."""
    chosen = DashboardFilter(owner_id=house.people["ruth"].user_id)
    for who in ("grace", "read_only", "admin"):
        board = insights.dashboard(db, house.people[who], filter=chosen, today=today)
        waiting = insights.waiting(db, house.people[who], filter=chosen, today=today)
        behind = insights.gifts_behind(db, house.people[who], filter=chosen, span=YEAR)
        for found in (
            board.changes.top,
            board.changes.moved,
            waiting.recent,
            waiting.thanks,
            behind.rows,
        ):
            assert (NAME in repr(found)) == (who == "admin")
            assert (ANONYMOUS in repr(found)) == (who != "admin")
        numbers = insights.figures(db, house.people[who], today=today)
        assert (NAME in repr(numbers)) == (who == "admin")


def test_who_sees_the_name_sees_the_sign(db, house, today):
    for who in ("ruth", "finance", "admin"):
        actor = house.people[who]
        assert donors.get(db, actor, house.donor, today=today).fields.anonymous
        assert gifts.get(db, actor, house.gift).anonymous
        assert [one.anonymous for one in gifts.thank_queue(db, actor, today=today)] == [True]
        top = insights.changes(db, actor, filter=DashboardFilter(), today=today).top
        assert [one.anonymous for one in top] == [True]


def written(db, actor, kind, today):
    out = io.BytesIO()
    exports.write(db, actor, kind=kind, out=out, today=today)
    return out.getvalue().decode()


@pytest.mark.parametrize(
    "kind",
    ["donors", "gifts", "pledges", "pledge-versions", "refused-links", "tasks", "households"],
)
def test_in_files(db, house, today, kind):
    make.refusal(db, house.gift, make.pledge(db, house.donor, "20"))
    household = make.donor(db, house.people["ruth"], "Rosewater family", anonymous=True)
    db.execute(update(Donor).where(Donor.id == house.donor).values(household_id=household))
    for who in ("grace", "read_only"):
        told = written(db, house.people[who], kind, today)
        assert not [word for word in TELLING if word in told]
        assert ANONYMOUS in told
    whole = written(db, house.people["admin"], kind, today)
    assert NAME in whole
    assert ANONYMOUS not in whole
    mine = written(db, house.people["ruth"], kind, today)
    assert NAME in mine


def test_the_column_of_the_file_comes_back(db, house, today, now):
    ada = house.people["admin"]
    whole = written(db, ada, "donors", today)
    rows = {one["name"]: one for one in csv.DictReader(io.StringIO(whole))}
    assert (rows[NAME]["anonymous"], rows["Plain Jane"]["anonymous"]) == ("yes", "")
    db.execute(update(Donor).values(anonymous=False))
    seen = imports.bring_in(db, ada, file_name="f.csv", data=whole.encode(), today=today, now=now)
    assert (seen.plan.main.update, seen.plan.main.skip) == (1, 1)
    found = dict(tuple(row) for row in db.execute(select(Donor.name, Donor.anonymous)))
    assert found == {NAME: True, "Plain Jane": False}
    assert imports.undo(db, ada, run_id=seen.run_id, now=now).kept == ()
    assert not any(db.scalars(select(Donor.anonymous)))


@pytest.mark.parametrize(
    ("cell", "way", "after"),
    [
        ("yes", "fill", True),
        ("yes", "overwrite", True),
        ("yes", "keep", False),
        ("no", "overwrite", False),
        ("", "overwrite", False),
    ],
)
def test_a_file_says_who_gives_anonymously(db, house, today, now, cell, way, after):
    ada = house.people["admin"]
    data = f"name,email,anonymous\nPlain Jane,jane@example.org,{cell}\nNew One,new@x.example,yes\n"
    imports.bring_in(
        db,
        ada,
        file_name="f.csv",
        data=data.encode(),
        today=today,
        now=now,
        policies={"anonymous": way},
    )
    found = dict(tuple(row) for row in db.execute(select(Donor.name, Donor.anonymous)))
    assert (found["Plain Jane"], found["New One"]) == (after, True)


def test_the_wish_is_set_and_audited(db, house, today):
    ruth, ada = house.people["ruth"], house.people["admin"]
    view = donors.get(db, ruth, house.donor, today=today)
    donors.update(
        db,
        ruth,
        donor_id=house.donor,
        version=view.version,
        fields=replace(view.fields, anonymous=False),
        today=today,
    )
    line = db.scalars(select(Activity).order_by(Activity.id.desc())).first()
    assert line.sentence == "Changed the wish to stay anonymous."
    assert (line.before, line.after) == ({"anonymous": True}, {"anonymous": False})
    assert donors.get(db, house.people["grace"], house.donor, today=today).name == NAME
    made = donors.create(db, ada, fields=DonorFields(name="Sol Ito", anonymous=True))
    chosen = DonorFilter(anonymous=True)
    lines = donors.page(db, ada, filter=chosen, today=today).lines
    assert [one.donor_id for one in lines] == [made]
    assert donors.chosen(db, ada, filter=DonorFilter(anonymous=False))


def test_what_is_held_about_one_donor_says_so(db, house):
    out = io.BytesIO()
    exports.write_subject(db, house.people["admin"], donor_id=house.donor, out=out)
    with zipfile.ZipFile(out) as file:
        whole = json.loads(file.read("everything.json"))
    assert whole["donor"][0]["anonymous"] is True


def test_the_database_begins_with_nobody_anonymous(db, house):
    assert db.scalar(text("select anonymous from donor where name = 'Plain Jane'")) is False


def test_donors_at_risk_and_the_weekly_mail(db, house, today):
    risky = make.donor(
        db, house.people["ruth"], NAME, email="q2@rosewater.example", phone=PHONE, anonymous=True
    )
    make.gift(db, risky, "30", date(2026, 8, 1))
    make.rhythm(db, risky)
    for who in ("ruth", "grace", "coach", "read_only", "finance", "admin"):
        actor = house.people[who]
        found = donors.at_risk(db, actor, today=today)
        assert [one.donor_name for one in found] == [NAME if who in SEES else ANONYMOUS]
        assert [one.phone for one in found] == [PHONE if who in SEES else None]
        mail = repr(summaries.build(db, actor, today=today))
        assert bool([word for word in TELLING if word in mail]) == (who in SEES), who
