"""Only the owner, finance and administrators see the name of an anonymous donor."""

import csv
import io
import json
import zipfile
from dataclasses import dataclass, replace
from datetime import date, datetime

import pytest
from sqlalchemy import func, insert, select, text, update
from sqlalchemy.orm import Session

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
from app.db.models import Activity, Donor, DonorAddress, DonorPhone, DonorRelation
from app.donors import DonorFields, DonorFilter
from app.donors.anonymity import ANONYMOUS, sees_name
from app.donors.read_model import PAGE_SIZE
from app.gifts import GiftFilter
from app.insights import Change, DashboardFilter
from app.kit.dates.days import Span
from tests import factories as make
from tests.values import present

NAME, MAIL, PHONE = "Quilla Rosewater", "quilla@rosewater.example", "+1 555-0177"
IDENTIFYING = ("Quilla", "Rosewater", "rosewater", "555-0177", "9 Elm Road")
SEES_NAMES = ("ruth", "finance", "admin")
SEES_ANONYMOUS = ("grace", "coach", "read_only")
YEAR = Span(date(2026, 1, 1), date(2027, 1, 1))


@dataclass
class Scenario:
    people: dict[str, Actor]
    donor: int
    gift: int


@pytest.fixture
def scenario(db: Session, today: date) -> Scenario:
    """An anonymous donor owned by Ruth, with a supervisor and a coach responsible for Ruth."""
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
        at=present(db.scalar(select(func.now()))),
    )
    # after the contact, which would hide it
    promise = make.pledge(db, donor, "20", start=date(2026, 1, 1))
    make.alert(db, donor, pledge_id=promise)
    return Scenario(people, donor, gift)


def donor_views(db: Session, actor: Actor, scenario: Scenario, today: date) -> dict[str, object]:
    """Return the result of every function that lists donors, by its name."""
    everything = DashboardFilter()
    kinds = tuple(Change)
    results: dict[str, object] = {
        "donors.page": donors.page(db, actor, filter=DonorFilter(), today=today).lines,
        "donors.sorted": donors.page(
            db, actor, filter=DonorFilter(), sort="name", today=today, page_size=1
        ),
        "donors.get": donors.get(db, actor, scenario.donor, today=today),
        "donors.timeline": donors.timeline(db, actor, scenario.donor),
        "tasks.for_donor": tasks.for_donor(db, actor, donor_id=scenario.donor),
    }
    results |= {
        "pledges.standings": pledges.pledge_statuses(db, actor, today=today),
        "pledges.late": pledges.late(db, actor, today=today),
        "alerts.open_for": alerts.open_for(db, actor, today=today),
        "alerts.changes": alerts.changes(db, actor, span=YEAR),
    }
    if not actor.sees_amounts:
        return results
    drilldown = insights.drilldown_donors(db, actor, filter=everything, kinds=kinds, today=today)
    return results | {
        "gifts.page": gifts.page(db, actor, filter=GiftFilter()).lines,
        "gifts.recent": gifts.recent(db, actor, limit=5),
        "gifts.get": gifts.get(db, actor, scenario.gift),
        "gifts.thank_queue": gifts.thank_queue(db, actor, today=today),
        "insights.changes": insights.changes(db, actor, filter=everything, today=today),
        "insights.drilldown_donors": drilldown,
        "insights.drilldown_gifts": insights.drilldown_gifts(
            db, actor, filter=everything, span=YEAR
        ),
        "insights.recent": insights.load_work_lists(
            db, actor, filter=everything, today=today
        ).recent,
        "insights.thanks": insights.load_work_lists(
            db, actor, filter=everything, today=today
        ).thanks,
        "insights.load_today_summary": insights.load_today_summary(db, actor, today=today).recent,
    }


@pytest.mark.parametrize("owner_key", ["ruth", "other", None])
@pytest.mark.parametrize(
    "role", ["fundraiser", "supervisor", "coach", "read_only", "finance", "admin", "system"]
)
def test_sees_name_by_role_and_owner(role: str, owner_key: str | None) -> None:
    actor = Actor(1, accounts.Role(role))
    owner = {"ruth": 1, "other": 2, None: None}[owner_key]
    expected = owner_key == "ruth" or role in {"finance", "admin", "system"}
    assert sees_name(actor, owner_id=owner, anonymous=True) == expected
    assert sees_name(actor, owner_id=owner, anonymous=False)


@pytest.mark.parametrize("role", [*SEES_NAMES, *SEES_ANONYMOUS])
def test_every_list_hides_the_name(
    db: Session, scenario: Scenario, today: date, role: str
) -> None:
    for source, result in donor_views(db, scenario.people[role], scenario, today).items():
        text_of_result = repr(result)
        if role in SEES_ANONYMOUS:
            assert not [part for part in IDENTIFYING if part in text_of_result], source
            assert ANONYMOUS in text_of_result or source == "donors.timeline", source
        elif source != "donors.sorted":
            assert NAME in text_of_result or source == "donors.timeline", source


@pytest.mark.parametrize("role", [*SEES_NAMES, *SEES_ANONYMOUS])
def test_queries_agree_with_sees_name(
    db: Session, scenario: Scenario, today: date, role: str
) -> None:
    actor = scenario.people[role]
    for anonymous in (True, False):
        db.execute(update(Donor).where(Donor.id == scenario.donor).values(anonymous=anonymous))
        named = donors.get(db, actor, scenario.donor, today=today).name == NAME
        owner = scenario.people["ruth"].user_id
        assert named == sees_name(actor, owner_id=owner, anonymous=anonymous)
        lines = donors.page(db, actor, filter=DonorFilter(), today=today).lines
        line = next(row for row in lines if row.donor_id == scenario.donor)
        assert (line.name == NAME) == named
        assert line.anonymous == (anonymous and named)


@pytest.mark.parametrize("typed", ["Quilla", "rosewater", MAIL, "5550177", "Quila Rosewatr"])
def test_search_by_name_finds_only_for_roles_that_see_it(
    db: Session, scenario: Scenario, today: date, typed: str
) -> None:
    for role, actor in scenario.people.items():
        donor_filter = DonorFilter(query=typed)
        found_ids = [
            *(row.donor_id for row in donors.search(db, actor, query=typed)),
            *(
                row.donor_id
                for row in donors.page(db, actor, filter=donor_filter, today=today).lines
            ),
            *donors.filtered_ids(db, actor, filter=donor_filter, today=today),
        ]
        assert (scenario.donor in found_ids) == (role in SEES_NAMES), role
        if actor.sees_amounts and typed in {"Quilla", MAIL}:
            page = gifts.page(db, actor, filter=GiftFilter(query=typed))
            assert bool(page.lines) == (role in SEES_NAMES), role
            assert bool(page.gifts) == (role in SEES_NAMES), role


def test_the_list_is_sorted_by_the_shown_name(
    db: Session, scenario: Scenario, today: date
) -> None:
    def names(
        role: str, *, page_size: int = PAGE_SIZE, after: donors.Cursor | None = None
    ) -> tuple[list[str], donors.Cursor | None]:
        page = donors.page(
            db,
            scenario.people[role],
            filter=DonorFilter(),
            today=today,
            page_size=page_size,
            after=after,
        )
        return [line.name for line in page.lines], page.next

    assert names("admin")[0] == ["Plain Jane", NAME]
    assert names("grace")[0] == [ANONYMOUS, "Plain Jane"]
    first, following = names("grace", page_size=1)
    assert (first, present(following).value) == ([ANONYMOUS], ANONYMOUS.lower())
    assert names("grace", page_size=1, after=following)[0] == ["Plain Jane"]


def test_filtering_by_owner_does_not_reveal_the_name(
    db: Session, scenario: Scenario, today: date
) -> None:
    """A supervisor who filters by Ruth keeps the supervisor's permissions."""
    dashboard_filter = DashboardFilter(owner_id=scenario.people["ruth"].user_id)
    for role in ("grace", "read_only", "admin"):
        dashboard = insights.dashboard(
            db, scenario.people[role], filter=dashboard_filter, today=today
        )
        work_lists = insights.load_work_lists(
            db, scenario.people[role], filter=dashboard_filter, today=today
        )
        drilldown = insights.drilldown_gifts(
            db, scenario.people[role], filter=dashboard_filter, span=YEAR
        )
        for result in (
            dashboard.changes.top,
            dashboard.changes.moved,
            work_lists.recent,
            work_lists.thanks,
            drilldown.rows,
        ):
            assert (NAME in repr(result)) == (role == "admin")
            assert (ANONYMOUS in repr(result)) == (role != "admin")
        numbers = insights.figures(db, scenario.people[role], today=today)
        assert (NAME in repr(numbers)) == (role == "admin")


def test_roles_that_see_the_name_see_the_anonymous_mark(
    db: Session, scenario: Scenario, today: date
) -> None:
    for role in ("ruth", "finance", "admin"):
        actor = scenario.people[role]
        assert donors.get(db, actor, scenario.donor, today=today).fields.anonymous
        assert gifts.get(db, actor, scenario.gift).anonymous
        assert [row.anonymous for row in gifts.thank_queue(db, actor, today=today)] == [True]
        top = insights.changes(db, actor, filter=DashboardFilter(), today=today).top
        assert [row.anonymous for row in top] == [True]


def export_text(db: Session, actor: Actor, kind: str, today: date) -> str:
    file = io.BytesIO()
    exports.write(db, actor, kind=kind, out=file, today=today)
    return file.getvalue().decode()


@pytest.mark.parametrize(
    "kind",
    [
        "donors",
        "gifts",
        "pledges",
        "pledge-versions",
        "pledge-pauses",
        "refused-links",
        "soft-credits",
        "households",
        "relations",
        "emails",
        "phones",
        "addresses",
        "tags",
        "consents",
        "contacts",
        "tasks",
    ],
)
def test_exports_hide_the_name(db: Session, scenario: Scenario, today: date, kind: str) -> None:
    pledge = make.pledge(db, scenario.donor, "20")
    make.refusal(db, scenario.gift, pledge)
    make.pause(db, pledge, date(2026, 1, 1), reason=f"{NAME} is away")
    make.soft_credit(db, scenario.gift, scenario.donor)
    make.consent(db, scenario.donor, source=f"Card of {NAME}")
    make.contact(db, scenario.donor, text=f"Spoke to {NAME}")
    make.tag(db, scenario.donor, "choir")
    other = make.donor(db, scenario.people["ruth"], "Tim", email="tim@x.example")
    for pair in ((scenario.donor, other), (other, scenario.donor)):
        db.execute(
            insert(DonorRelation).values(donor_id=pair[0], other_id=pair[1], type="referrer")
        )
    db.execute(insert(DonorPhone).values(donor_id=scenario.donor, phone="555-0123"))
    db.execute(insert(DonorAddress).values(donor_id=scenario.donor, city="Rosewater"))
    household = make.donor(
        db, scenario.people["ruth"], "Rosewater family", kind="household", anonymous=True
    )
    db.execute(update(Donor).where(Donor.id == scenario.donor).values(household_id=household))
    for role in ("grace", "read_only"):
        exported = export_text(db, scenario.people[role], kind, today)
        assert not [part for part in IDENTIFYING if part in exported]
        assert ANONYMOUS in exported
    admin_export = export_text(db, scenario.people["admin"], kind, today)
    assert NAME in admin_export
    assert ANONYMOUS not in admin_export
    owner_export = export_text(db, scenario.people["ruth"], kind, today)
    assert NAME in owner_export


def test_the_anonymous_column_can_be_imported_again(
    db: Session, scenario: Scenario, today: date, now: datetime
) -> None:
    ada = scenario.people["admin"]
    exported = export_text(db, ada, "donors", today)
    rows = {row["name"]: row for row in csv.DictReader(io.StringIO(exported))}
    assert (rows[NAME]["anonymous"], rows["Plain Jane"]["anonymous"]) == ("yes", "")
    db.execute(update(Donor).values(anonymous=False))
    preview = imports.import_file(
        db, ada, imports.ImportRequest("f.csv", exported.encode()), today=today, now=now
    )
    assert (preview.plan.main.update, preview.plan.main.skip) == (1, 1)
    anonymous_by_name = {
        row.name: row.anonymous for row in db.execute(select(Donor.name, Donor.anonymous))
    }
    assert anonymous_by_name == {NAME: True, "Plain Jane": False}
    assert imports.undo(db, ada, run_id=preview.run_id, now=now).kept == ()
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
def test_import_policies_of_the_anonymous_column(
    db: Session, scenario: Scenario, today: date, now: datetime, cell: str, way: str, after: bool
) -> None:
    ada = scenario.people["admin"]
    data = f"name,email,anonymous\nPlain Jane,jane@example.org,{cell}\nNew One,new@x.example,yes\n"
    imports.import_file(
        db,
        ada,
        imports.ImportRequest("f.csv", data.encode(), policies={"anonymous": way}),
        today=today,
        now=now,
    )
    anonymous_by_name = {
        row.name: row.anonymous for row in db.execute(select(Donor.name, Donor.anonymous))
    }
    assert (anonymous_by_name["Plain Jane"], anonymous_by_name["New One"]) == (after, True)


def test_the_wish_is_set_and_audited(db: Session, scenario: Scenario, today: date) -> None:
    ruth, ada = scenario.people["ruth"], scenario.people["admin"]
    view = donors.get(db, ruth, scenario.donor, today=today)
    donors.update(
        db,
        ruth,
        donor_id=scenario.donor,
        version=view.version,
        fields=replace(view.fields, anonymous=False),
        today=today,
    )
    line = db.scalars(select(Activity).order_by(Activity.id.desc())).first()
    assert present(line).sentence == "Changed the wish to stay anonymous."
    assert (present(line).before, present(line).after) == (
        {"anonymous": True},
        {"anonymous": False},
    )
    assert donors.get(db, scenario.people["grace"], scenario.donor, today=today).name == NAME
    created_id = donors.create(db, ada, fields=DonorFields(name="Sol Ito", anonymous=True))
    donor_filter = DonorFilter(anonymous=True)
    lines = donors.page(db, ada, filter=donor_filter, today=today).lines
    assert [line.donor_id for line in lines] == [created_id]
    assert donors.filtered_ids(db, ada, filter=DonorFilter(anonymous=False), today=today)


def test_the_subject_access_export_contains_the_flag(db: Session, scenario: Scenario) -> None:
    archive = io.BytesIO()
    exports.write_subject(db, scenario.people["admin"], donor_id=scenario.donor, out=archive)
    with zipfile.ZipFile(archive) as file:
        content = json.loads(file.read("everything.json"))
    assert content["donor"][0]["anonymous"] is True


def test_donors_are_not_anonymous_by_default(db: Session, scenario: Scenario) -> None:
    assert db.scalar(text("select anonymous from donor where name = 'Plain Jane'")) is False


def test_at_risk_list_and_weekly_mail_hide_the_name(
    db: Session, scenario: Scenario, today: date
) -> None:
    at_risk_donor = make.donor(
        db,
        scenario.people["ruth"],
        NAME,
        email="q2@rosewater.example",
        phone=PHONE,
        anonymous=True,
    )
    make.gift(db, at_risk_donor, "30", date(2026, 8, 1))
    make.rhythm(db, at_risk_donor)
    for role in ("ruth", "grace", "coach", "read_only", "finance", "admin"):
        actor = scenario.people[role]
        at_risk = donors.at_risk(db, actor, today=today)
        assert [row.donor_name for row in at_risk] == [NAME if role in SEES_NAMES else ANONYMOUS]
        assert [row.phone for row in at_risk] == [PHONE if role in SEES_NAMES else None]
        mail = repr(summaries.build(db, actor, today=today))
        assert bool([part for part in IDENTIFYING if part in mail]) == (role in SEES_NAMES), role
