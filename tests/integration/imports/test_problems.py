"""Problems of rows: each code of matching has a file that produces it, with its words."""

from collections.abc import Callable
from datetime import date

import pytest
from sqlalchemy import text

from app import imports
from app.accounts import Actor, Role
from app.db import Session
from app.db.instance_id import current_instance_id
from app.imports.queries import staging
from app.imports.queries.records import staged_records
from app.imports.values.problems import Problem
from tests import factories
from tests.integration.imports.related import cases as related
from tests.integration.imports.related.cases import Case
from tests.integration.imports.test_presets import file as preset_file
from tests.integration.imports.test_service import (
    ENTITIES,
    FUNDS,
    GIFTS,
    PLEDGES,
    ImportedPlan,
    bring,
    ruth,
)

__all__ = ["bring", "ruth"]
CONTACTS = "first_name,last_name,email,phone,street_address,city,state,postal_code,country,notes\n"
GIFT = "transaction_id,entity_id,fund_id,amount,posted_date\n"
PLEDGE = PLEDGES.splitlines()[0] + "\n"
FUND = FUNDS.splitlines()[0] + "\n"
WHO = "Check who this is, then correct the name or the e-mail."
WHICH_DONOR = "Add the donor's id, or merge the duplicates first."
ENDED = "and the file says it runs. Add a new pledge if it does."
CONTACTED = "id,donor_id,donor_email,contact_kind,contacted_at,contact_text\n"
AGREED = "id,donor_id,donor_email,channel,purpose,granted,given_on\n"
TO_DO = "id,donor_id,type,title,due_on,done_on,assignee_email\n"
ASKED = "id,donor_id,donor_email,request_text,asked_on\n"
END = """
    insert into activity (entity, entity_id, action, sentence)
        select 'pledge', id, 'pledge.cancelled', 'Ended.' from pledge;
    update pledge set status = 'cancelled'
"""


CASES = related.CASES | {
    "record_of_other_donor": Case(
        CONTACTED + "C1,,b@x.example,call,2026-01-05,Hello\n",
        "This is kept for another donor here.",
        donors=[("Ann Lee", "a@x.example", None), ("Bo Fir", "b@x.example", None)],
        before=(CONTACTED + "C1,,a@x.example,call,2026-01-05,Hello\n",),
    ),
    "consent_unlike_stored": Case(
        AGREED + "C1,,a@x.example,email,news,no,2026-01-05\n",
        "This consent is kept with other values here, and a file does not change a consent.",
        "Record a new consent on the donor's page.",
        donors=[("Ann Lee", "a@x.example", None)],
        before=(AGREED + "C1,,a@x.example,email,news,yes,2026-01-05\n",),
    ),
    "requests_switched_off": Case(
        ASKED + "R1,,a@x.example,Rest,2026-01-05\n",
        "The module “Requests” is switched off.",
        "An administrator switches it on on the page Organisation.",
        donors=[("Ann Lee", "a@x.example", None)],
    ),
    "assignee_unknown": Case(
        TO_DO + "T1,,call,Call,2026-12-01,,nobody@x.example\n",
        "No active account has the e-mail nobody@x.example.",
        "Invite the person first, or leave the cell empty: the task is then yours.",
    ),
    "assignee_is_other": Case(
        TO_DO + "T1,,call,Call,2026-12-01,,sam@x.example\n",
        "Only an administrator gives tasks to somebody else.",
        "Leave the cell empty: the task is then yours.",
        sql="insert into app_user (name, email, role) values ('Sam', 'sam@x.example', 'finance')",
    ),
    "id_not_allowed": Case(
        ENTITIES,
        "This id cannot be used in your import. Ask an administrator.",
        before=(ENTITIES,),
        by_another=True,
    ),
    "same_donor": Case(
        CONTACTS + "Ann,Lee,a@x.example,,,,,,,\nAnn,Lee,b@x.example,,,,,,,\n",
        "The same donor as row 2.",
        donors=[("Ann Lee", "a@x.example", None)],
        sql="insert into donor_email (donor_id, email) select id, 'b@x.example' from donor",
    ),
    "donor_under_other_id": Case(
        "entity_id,name,email\nE1,Ann Lee,a@x.example\nE2,Ann Lee,a@x.example\n",
        "Row 2 means the same donor under another id.",
        donors=[("Ann Lee", "a@x.example", None)],
    ),
    "same_person": Case(
        CONTACTS + "New,One,n@x.example,,,,,,,\nNew,One,n@x.example,,,,,,,x\n",
        "The same person as row 2.",
    ),
    "same_person_adds": Case(
        CONTACTS + "New,One,n@x.example,,,,,,,\nNew,One,n@x.example,555-0100,,,,,,x\n",
        "The same person as row 2. Added from this row: notes, phone.",
        noted=True,
    ),
    "same_person_differs": Case(
        CONTACTS + "New,One,n@x.example,,,,,,,y\nNew,One,n@x.example,,,,,,,x\n",
        "The same person as row 2, which has other values. Left out of this row: notes.",
        "Put the right values into the first of the two rows.",
        noted=True,
    ),
    "donor_without_record": Case(
        "Name,Amount,Date\nAnn Lee,-10,2026-01-05\n",
        "Not added: no other row of this person is imported.",
        "Correct this person's gifts or pledges.",
    ),
    "id_of_other_source": Case(
        "External Identifier,First Name,Last Name,Email\nE1,Ann,Lee,\n",
        "Taken as the donor who has the same name and the id E1 from another file.",
        "If it is another person, give the row another name or e-mail, and import it again.",
        before=(b"entity_id,name\nE1,Ann Lee\n",),
        noted=True,
    ),
    "name_for_email": Case(
        CONTACTS + "Ann,Lee,a@x.example,,,,,,,\n",
        "The donor was known by the e-mail alone, as “a@x.example”, and takes the name of this"
        " row.",
        donors=[("a@x.example", "a@x.example", None)],
        noted=True,
    ),
    "kind_in_household": Case(
        "Name,Email,Kind\nAnn Lee Ltd,a@x.example,organisation\n",
        "The donor stays a person: it belongs to a household.",
        "Dissolve the household first if the kind is to change.",
        donors=[("a@x.example", "a@x.example", None)],
        sql="insert into donor (name, kind) values ('The Lees', 'household');"
        " update donor set household_id = (select id from donor where kind = 'household')"
        " where kind = 'person'",
        noted=True,
    ),
    "email_repeated": Case(
        CONTACTS + "New,One,n@x.example,,,,,,,\nNot,She,n@x.example,,,,,,,\n",
        "Row 2 has the same e-mail with another name.",
        WHO,
        noted=True,
    ),
    "email_of_several_donors": Case(
        CONTACTS + "Ann,Lee,a@x.example,,,,,,,\n",
        "2 donors have this e-mail.",
        WHICH_DONOR,
        donors=[("Ann Lee", "a@x.example", None), ("Ann Lee", "A@x.example", None)],
    ),
    "email_of_other_name": Case(
        CONTACTS + "Max,Oak,b@x.example,,,,,,,\n",
        "The e-mail belongs to a donor with another name.",
        WHO,
        donors=[("Bo Fir", "b@x.example", None)],
    ),
    "name_of_several_donors": Case(
        CONTACTS + "Cy,Elm,,,,,,60201,,\n",
        "2 donors have this name and the same postcode or phone.",
        WHICH_DONOR,
        donors=[("Cy Elm", None, "602 01"), ("Cy Elm", None, "60201")],
    ),
    "left_out_by_user": Case(
        CONTACTS + "Max,Oak,b@x.example,,,,,,,\n",
        "Left out, as you said.",
        donors=[("Bo Fir", "b@x.example", None)],
        options={"people": {"*email_name": "skip"}},
    ),
    "donor_unknown": Case(
        GIFT + "T1,E9,,5,2026-01-05\n",
        "No donor of yours is known as E9. Import the donors first.",
        "Import the donor first, then this row.",
    ),
    "donor_ambiguous": Case(
        "Email,Amount,Date\na@x.example,5,2026-01-05\n",
        "Several donors have the e-mail a@x.example.",
        WHICH_DONOR,
        donors=[("Ann Lee", "a@x.example", None), ("Bo Fir", "A@x.example", None)],
        options={"kind": "gifts"},
    ),
    "donor_not_imported": Case(
        "Donor Name,E-mail,Gift Amount,Gift Date\nMax Oak,b@x.example,5,2026-01-05\n",
        "The donor in this row cannot be used.",
        donors=[("Bo Fir", "b@x.example", None)],
    ),
    "fund_unknown": Case(
        GIFT + "T1,E1,F9,5,2026-01-05\n",
        "The fund F9 is unknown. Import the funds first.",
        "Import the fund first, then this row.",
        before=(ENTITIES,),
    ),
    "fund_under_other_id": Case(
        FUND + "F9,General,active\n",
        "A fund of this name is already known under another id.",
        before=(FUNDS,),
    ),
    "fund_closed": Case(
        GIFT + "T1,E1,F2,5,2026-01-05\n",
        "The fund Camp is closed. The row is imported for it all the same.",
        before=(ENTITIES, FUNDS),
        noted=True,
    ),
    "campaign_closed": Case(
        "Name,E-mail,Amount,Date,Fund,Campaign\nAnn,a@x.example,5,2026-01-05,Wells,Easter\n",
        "The campaign Easter is closed. The row is imported for it all the same.",
        sql="insert into campaign (name, status) values ('Easter', 'closed')",
        noted=True,
    ),
    "exchange_rate_awaited": Case(
        "transaction_id,entity_id,amount,posted_date,currency\nT1,E1,5,2026-01-05,CHF\n",
        "No exchange rate for CHF is known on 2026-01-05: the gift is imported and counts in sums "
        "once there is one.",
        "Ask an administrator to add the rate.",
        before=(ENTITIES,),
        noted=True,
    ),
    "fund_repeated": Case(
        FUND + "F1,General,active\nF2,General,active\n", "Row 2 names the same fund."
    ),
    "fund_name_taken": Case(
        "id,name,status\n{instance}-{F2},General,active\n",
        "Another fund already has this name.",
        before=(FUNDS,),
    ),
    "pledge_unknown": Case(
        "transaction_id,entity_id,pledge_id,amount,posted_date\nT1,E1,P9,5,2026-01-05\n",
        "This donor has no pledge P9.",
        before=(ENTITIES,),
    ),
    "gift_of_other_donor": Case(
        GIFT + "T2,007,F1,50.00,2026-02-05\n",
        "This gift is kept for another donor here.",
        before=(FUNDS, ENTITIES, GIFTS),
    ),
    "gift_changed": Case(
        GIFT + "T2,E1,F1,51.00,2026-02-05\n",
        "Somebody changed this gift here since; it is kept as it is.",
        before=(FUNDS, ENTITIES, GIFTS),
        sql="update gift set version = version + 1",
    ),
    "gift_split_or_refunded": Case(
        GIFT + "T3,007,F2,26,2026-03-05\n",
        "The gift is split or refunded here, so its amount and campaign are kept.",
        "Fill in the amount, or delete the row.",
        before=(FUNDS, ENTITIES, GIFTS),
    ),
    "gift_split_differs": Case(
        preset_file("raisers_edge_gifts").replace(
            b'"$1,500.00",ANNUAL,$500', b'"$1,400.00",ANNUAL,$600'
        ),
        "The gift is split in another way here; it stays as it is.",
        before=(preset_file("raisers_edge_gifts"),),
    ),
    "refund_without_gift": Case(
        GIFT + "T9,E1,,-99,2026-01-05\n",
        "No gift was found that this refund takes back: the donor needs an earlier gift of the "
        "same amount.",
        "Name the gift it takes back, or record the refund on the gift itself.",
        before=(ENTITIES,),
    ),
    "refunded_before_import": Case(
        "Transaction ID,Name,Amount,Date,Status\nT9,Ann Lee,99,2026-01-05,Refunded\n",
        "Refunded before it came here: it counts neither as a gift nor as a refund.",
        "Nothing: no money stayed.",
    ),
    "pledge_of_other_donor": Case(
        PLEDGE + "P1,007,F1,50,Monthly,active,2026-01-05\n",
        "This pledge is kept for another donor here.",
        before=(FUNDS, ENTITIES, PLEDGES),
    ),
    "pledge_in_other_currency": Case(
        PLEDGE + "P1,E1,F1,€50,Monthly,active,2026-01-05\n",
        "This pledge is kept in another currency here.",
        "Write the currency as three letters, such as USD or EUR.",
        before=(FUNDS, ENTITIES, PLEDGES),
    ),
    "pledge_ended": Case(
        PLEDGES,
        f"This pledge was ended here on 2026-10-05, {ENDED}",
        before=(FUNDS, ENTITIES, PLEDGES),
        sql=f"{END}, end_date = '2026-10-05'",
    ),
    "pledge_ended_earlier": Case(
        PLEDGES,
        f"This pledge was ended here on an earlier day, {ENDED}",
        before=(FUNDS, ENTITIES, PLEDGES),
        sql=END,
    ),
}


@pytest.fixture
def preview(
    db: Session, bring: Callable[..., ImportedPlan], ruth: Actor, today: date
) -> Callable[[Case], imports.Preview]:
    def preview(case: Case) -> imports.Preview:
        for name, email, code in case.donors:
            address = {"postal_code": code} if code else None
            factories.donor(db, ruth, name, email=email, address=address)
        for data in case.before:
            bring(data)
        if case.sql:
            db.execute(text(case.sql))
        data = case.data if isinstance(case.data, bytes) else own_ids(db, case.data).encode()
        actor = factories.person(db) if case.by_another else ruth
        actor = factories.person(db, role=Role.ADMIN) if case.by_administrator else actor
        request = imports.ImportRequest("f.csv", data, **case.options)
        return imports.preview(db, actor, request, today=today)

    return preview


def own_ids(db: Session, data: str) -> str:
    if "{instance}" not in data:
        return data
    fund = db.scalar(text("select id from fund where external_id = 'F2'"))
    return data.replace("{instance}", current_instance_id(db)).replace("{F2}", str(fund))


def staged(db: Session) -> dict[str, Problem]:
    """The problems of the staged rows by code."""
    tables = db.scalars(
        text("select relname from pg_class where relpersistence = 't' and relkind = 'r'")
    ).all()
    found = {}
    if "import_notes" in tables:
        for note in db.scalars(text("select note from import_notes")):
            found[note["code"]] = Problem(note["code"], note["parameters"])
    for kind, table in (("pledges", "import_pledges"), ("gifts", "planned_gifts")):
        if table in tables:
            notes = staging.notes(db, kind, limit=100)
            found |= {note.problem.code: note.problem for note in notes}
    planned = {"import_donors", "import_funds", "import_pledges", "planned_gifts"}
    planned |= {staging.table(kind) for kind in staged_records.SHAPES}
    for table in planned & {*tables}:
        for reason in db.scalars(text(f"select reason from {table} where reason is not null")):
            found[reason["code"]] = Problem(reason["code"], reason["parameters"])
        for kind in staged_records.RELATED:
            if table == staging.table(kind):
                notes = staging.notes(db, kind, limit=100)
                found |= {note.problem.code: note.problem for note in notes}
    return found


@pytest.mark.parametrize("code", CASES)
def test_a_row_is_not_imported_with_code_sentence_and_hint(
    db: Session, preview: Callable[[Case], imports.Preview], code: str
) -> None:
    case = CASES[code]
    seen = preview(case)
    problem = staged(db)[code]
    assert (problem.sentence, problem.hint) == (case.sentence, case.hint)
    noted = {note["reason"] for note in imports.as_json(seen.plan)["notes"]}
    assert case.sentence in (noted if case.noted else {row.reason for row in seen.rows})


def test_a_stored_problem_has_a_code_and_is_shown_as_a_sentence(
    db: Session, bring: Callable[..., ImportedPlan], ruth: Actor
) -> None:
    bring(ENTITIES)
    shown = bring(GIFT + "T1,E9,,5,2026-01-05\nT2,E1,,x,2026-01-05\n")
    assert db.scalar(text("select problems from import_run order by id desc limit 1")) == [
        {
            "row": 2,
            "field": "entity_id",
            "action": "error",
            "code": "donor_unknown",
            "parameters": {"donor": "E9"},
            "cell": "E9",
        },
        {
            "row": 3,
            "field": "amount",
            "action": "error",
            "code": "not_an_amount",
            "parameters": {"text": "x"},
            "cell": "x",
        },
    ]
    assert imports.problems(db, ruth, run_id=shown["run_id"]) == shown["problems"]
    lines = imports.error_file(db, ruth, run_id=shown["run_id"]).decode("utf-8-sig").splitlines()
    assert lines[2] == (
        "T2,E1,,x,2026-01-05,amount: “x” is not an amount.,Write the amount as 1234.50."
    )


def test_problems_stored_before_there_were_codes_are_shown(
    db: Session, bring: Callable[..., ImportedPlan], ruth: Actor
) -> None:
    run = bring(GIFT + "T1,E9,,5,2026-01-05\n")["run_id"]
    old = '[{"row": 2, "field": "entity_id", "reason": "Nobody is E9.", "action": "error"}]'
    db.execute(text("update import_run set problems = cast(:old as jsonb)"), {"old": old})
    assert [each["reason"] for each in imports.problems(db, ruth, run_id=run)] == ["Nobody is E9."]
    lines = imports.error_file(db, ruth, run_id=run).decode("utf-8-sig").splitlines()
    assert lines[1] == "T1,E9,,5,2026-01-05,entity_id: Nobody is E9.,Correct the cell."


def test_the_counts_of_a_run_hold_no_problem(
    db: Session, preview: Callable[[Case], imports.Preview]
) -> None:
    shown = imports.as_json(preview(CASES["donor_not_imported"]).plan)
    assert [len(part["problems"]) for part in shown["parts"]] == [1, 1]
    stored = db.scalar(text("select counts from import_run"))
    assert [part["kind"] for part in stored["parts"]] == ["donors", "gifts"]
    assert "b@x.example" not in str(stored)
    assert "problems" not in str(stored)
