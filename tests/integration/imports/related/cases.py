"""Rows of tags, households, soft credits and others that planning refuses or notes."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from app.imports.values.problems import GENERAL_HINT
from tests.values import ImportChoices


@dataclass(frozen=True)
class Case:
    """A file, what is stored before, and the problem that the file has."""

    data: str | bytes
    sentence: str
    hint: str = GENERAL_HINT
    before: Sequence[str | bytes] = ()
    sql: str = ""
    options: ImportChoices = field(default_factory=ImportChoices)
    # (name, e-mail, postal code) of donors
    donors: Sequence[tuple[str, str | None, str | None]] = ()
    by_another: bool = False
    by_administrator: bool = False
    # the row is imported
    noted: bool = False


ANN, BO, CY = (
    ("Ann Lee", "a@x.example", None),
    ("Bo Fir", "b@x.example", None),
    ("Cy Elm", "c@x.example", None),
)
PEOPLE = (ANN, BO, CY)
GIFT = "Name,E-mail,Gift id,Amount,Date\nAnn Lee,a@x.example,G1,5,2026-01-05\n"
PLEDGE = (
    "Name,E-mail,Pledge id,Amount,Frequency,Start\nAnn Lee,a@x.example,P1,5,monthly,2026-01-05\n"
)
CREDIT = "gift_id,email,credit_type,amount,currency\n"
HOUSE = "household_name,email,head\n"
PAUSE = "pledge_id,pause_starts,pause_ends\n"
VERSION = "pledge_id,since,amount,frequency\n"
RELATION = "email,relation,other_email\n"
EMAILS = "donor_email,email,primary\n"
WRITE_ONE = "Write yes in one of the two rows."
IN_HOUSE = """
    insert into donor (name, kind, owner_id) select 'The Lees', 'household', owner_id
        from donor limit 1;
    update donor set household_id = (select id from donor where kind = 'household')
        where name in ('Ann Lee', 'Bo Fir')
"""


def kind(name: str) -> ImportChoices:
    """Return the choice of what the rows are."""
    return {"kind": name}


CASES = {
    "only_administrators": Case(
        "Name,Goal\nEaster,500\n",
        "Only an administrator adds or changes this.",
        options=kind("campaigns"),
    ),
    "campaign_name_taken": Case(
        "id,name,status,goal,fund\n{instance}-{F2},Easter,active,,\n",
        "Another campaign has this name.",
        before=("fund_id,name,status\nF1,Wells,active\nF2,Camp,closed\n",),
        sql="insert into campaign (name) values ('Easter'); insert into campaign (id, name)"
        " overriding system value select id + 1000, 'Autumn' from fund where external_id = 'F2';"
        "update fund set id = id + 1000 where external_id = 'F2'",
    ),
    "record_repeated": Case(
        "email,tag\na@x.example,Choir\na@x.example,choir\n",
        "Row 2 is about the same.",
        "Delete one of the two rows.",
        options=kind("tags"),
        donors=PEOPLE,
    ),
    "primary_twice": Case(
        EMAILS + "a@x.example,d@x.example,yes\na@x.example,e@x.example,yes\n",
        "Row 2 is the primary one of this donor already.",
        WRITE_ONE,
        options=kind("emails") | {"policies": {"records": "overwrite"}},
        donors=PEOPLE,
    ),
    "primary_kept": Case(
        EMAILS + "a@x.example,d@x.example,yes\n",
        "The donor has another primary one here, which stays the primary one.",
        "Choose to replace the current values if this one is.",
        options=kind("emails"),
        donors=PEOPLE,
        noted=True,
    ),
    "relation_to_self": Case(
        RELATION + "a@x.example,spouse,a@x.example\n",
        "A donor cannot be related to itself.",
        "Name the other donor.",
        options=kind("relations"),
        donors=PEOPLE,
    ),
    "household_name_missing": Case(
        "household_id,email\nH1,a@x.example\nH1,b@x.example\n",
        "The household is new here and has no name.",
        "Write its name in one of its rows.",
        options=kind("households"),
        donors=PEOPLE,
    ),
    "household_ambiguous": Case(
        HOUSE + "The Lees,a@x.example,yes\nThe Lees,b@x.example,\n",
        "Several households have the name The Lees.",
        "Add the id of the household.",
        options=kind("households"),
        donors=PEOPLE,
        sql="insert into donor (name, kind, owner_id) select 'The Lees', 'household', owner_id"
        " from donor limit 2",
    ),
    "household_unknown": Case(
        "household_id,household_name,donor_id,donor_name,donor_email,head\n"
        "{instance}-999999,The Lees,,Ann Lee,a@x.example,yes\n",
        "The Lees is no household of yours.",
        donors=PEOPLE,
        before=("fund_id,name,status\nF2,Camp,closed\n",),
    ),
    "household_of_one": Case(
        HOUSE + "The Lees,a@x.example,yes\n",
        "A household has two members at least.",
        "Add the row of another member.",
        options=kind("households"),
        donors=PEOPLE,
    ),
    "household_too_large": Case(
        HOUSE + "".join(f"The Lees,p{number}@x.example,\n" for number in range(21)),
        "A household has 20 members at most.",
        options=kind("households"),
        donors=[(f"P{number}", f"p{number}@x.example", None) for number in range(21)],
    ),
    "household_two_heads": Case(
        HOUSE + "L,a@x.example,yes\nL,b@x.example,yes\nL,c@x.example,\n",
        "Row 2 names another head of this household.",
        WRITE_ONE,
        options=kind("households"),
        donors=PEOPLE,
    ),
    "household_head_assumed": Case(
        HOUSE + "L,a@x.example,\nL,b@x.example,\n",
        "No row names the head of this household: it is the donor of this row.",
        "Write yes in the row of the head.",
        options=kind("households"),
        donors=PEOPLE,
        noted=True,
    ),
    "member_of_other_household": Case(
        HOUSE + "New,a@x.example,yes\nNew,c@x.example,\nNew,b@x.example,\n",
        "This donor is in another household here.",
        "Take the donor out of it first.",
        options=kind("households"),
        donors=PEOPLE,
        sql=IN_HOUSE,
    ),
    "member_is_no_person": Case(
        HOUSE + "New,a@x.example,yes\nNew,c@x.example,\nNew,b@x.example,\n",
        "Only persons are members of a household.",
        options=kind("households"),
        donors=PEOPLE,
        sql="update donor set kind = 'organisation' where name = 'Bo Fir'",
    ),
    "member_of_other_owner": Case(
        HOUSE + "New,a@x.example,yes\nNew,c@x.example,\nNew,b@x.example,\n",
        "The members of a household have the same fundraiser.",
        "Hand the donor over first.",
        options=kind("households"),
        donors=PEOPLE,
        sql="update donor set owner_id = null where name = 'Bo Fir'",
        by_administrator=True,
    ),
    "gift_unknown": Case(
        CREDIT + "G9,b@x.example,spouse,,\n",
        "No gift of your donors is known as G9. Import the gifts first.",
        "Import the gift first, then this row.",
        options=kind("soft-credits"),
        donors=PEOPLE,
    ),
    "credit_of_reversal": Case(
        CREDIT + "G2,b@x.example,spouse,,\n",
        "A reversal cannot be credited.",
        "Name the gift itself.",
        options=kind("soft-credits"),
        donors=PEOPLE,
        before=(GIFT + "Ann Lee,a@x.example,G2,-5,2026-01-06\n",),
    ),
    "credit_of_giver": Case(
        CREDIT + "G1,a@x.example,spouse,,\n",
        "The giver has the gift already.",
        "Name another donor.",
        options=kind("soft-credits"),
        donors=PEOPLE,
        before=(GIFT,),
    ),
    "credit_too_large": Case(
        CREDIT + "G1,b@x.example,spouse,5.01,\n",
        "A soft credit is more than zero and at most the gift's amount.",
        "Correct the amount, or leave the cell empty for the whole gift.",
        options=kind("soft-credits"),
        donors=PEOPLE,
        before=(GIFT,),
    ),
    "credit_in_other_currency": Case(
        CREDIT + "G1,b@x.example,spouse,5,EUR\n",
        "The gift is in USD.",
        "Write the amount in the currency of the gift.",
        options=kind("soft-credits"),
        donors=PEOPLE,
        before=(GIFT,),
    ),
    "credited_already": Case(
        CREDIT + "G1,b@x.example,tribute,5,\n",
        "This donor has a soft credit for this gift already.",
        "Remove it first.",
        options=kind("soft-credits"),
        donors=PEOPLE,
        before=(GIFT,),
        sql="insert into soft_credit (gift_id, donor_id, type, amount_minor)"
        " select g.id, d.id, 'spouse', 1 from gift g, donor d where d.name = 'Bo Fir'",
    ),
    "pledge_not_found": Case(
        PAUSE + "P9,2026-02-01,\n",
        "No pledge of your donors is known as P9. Import the pledges first.",
        "Import the pledge first, then this row.",
        options=kind("pledge-pauses"),
    ),
    "version_before_start": Case(
        VERSION + "P1,2025-12-31,5,monthly\n",
        "The version starts before the pledge, which starts on 2026-01-05.",
        "Correct the day, or the start of the pledge.",
        options=kind("pledge-versions"),
        donors=PEOPLE,
        before=(PLEDGE,),
    ),
    "versions_incomplete": Case(
        VERSION + "P1,2026-02-05,5,monthly\n",
        "The versions of a pledge begin with its start on 2026-01-05, and all of them are needed.",
        "Add the missing rows of the pledge.",
        options=kind("pledge-versions"),
        donors=PEOPLE,
        before=(PLEDGE,),
    ),
    "version_not_current": Case(
        VERSION + "P1,2026-01-05,5,monthly\nP1,2026-02-05,6,monthly\n",
        "The last version is not how the pledge stands here.",
        "Correct the row, or change the pledge first.",
        options=kind("pledge-versions"),
        donors=PEOPLE,
        before=(PLEDGE,),
    ),
    "versions_differ": Case(
        VERSION + "P1,2026-01-05,4,monthly\nP1,2026-02-05,5,monthly\n",
        "The pledge has other versions here, which stay.",
        options=kind("pledge-versions"),
        donors=PEOPLE,
        before=(PLEDGE,),
        sql="insert into pledge_amount (pledge_id, effective_from, donor_id, amount_minor, reason)"
        " select id, '2026-03-05', donor_id, 500, 'upgrade' from pledge",
    ),
    "pause_overlaps": Case(
        PAUSE + "P1,2026-02-01,2026-03-31\nP1,2026-03-31,2026-04-30\n",
        "The pledge is paused already in a part of this time.",
        "Correct the days, or delete the row.",
        options=kind("pledge-pauses"),
        donors=PEOPLE,
        before=(PLEDGE,),
    ),
}
