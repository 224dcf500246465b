"""Who may do what: the table that the tests walk cell by cell and that docs/permissions.md shows.

Write the document anew with `python -m tests.permissions`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from app.accounts import Role
from app.ui.base.screens import SCREENS

ROLES = ("fundraiser", "supervisor", "coach", "finance", "read_only", "admin")
WHOSE = ("own", "team", "other", "missing")
DOCUMENT = Path(__file__).parents[1] / "docs" / "permissions.md"

EVERYBODY = frozenset(ROLES)
ADMIN = frozenset({"admin"})
NOBODY: frozenset[str] = frozenset()
LEADS = frozenset({"supervisor", "coach"})
WIDE = frozenset({"finance", "read_only", "admin"})
HANDS = EVERYBODY - {"read_only"}
CASHIERS = HANDS - {"coach"}
IMPORTERS = frozenset({"fundraiser", "supervisor", "finance", "admin"})
EXPORTERS = EVERYBODY - {"coach"}


@dataclass(frozen=True)
class Cells:
    """The roles allowed, by whose record it is; `own` alone counts where nothing is owned."""

    own: frozenset[str]
    team: frozenset[str] = NOBODY
    other: frozenset[str] = NOBODY

    def allows(self, role: str, whose: str) -> bool:
        """Whether this role may, on a record of this person."""
        return whose != "missing" and role in getattr(self, whose)


SEE = Cells(EVERYBODY, LEADS | WIDE, WIDE)
SEE_MONEY = Cells(EVERYBODY - {"coach"}, (LEADS | WIDE) - {"coach"}, WIDE)
CHANGE = Cells(HANDS, ADMIN, ADMIN)
MONEY_IN = Cells(CASHIERS, frozenset({"finance", "admin"}), frozenset({"finance", "admin"}))
OF_ADMINS = Cells(ADMIN, ADMIN, ADMIN)
MINE = Cells(EVERYBODY)
BOOKKEEPERS = frozenset({"finance", "admin"})
OF_BOOKKEEPERS = Cells(BOOKKEEPERS, BOOKKEEPERS, BOOKKEEPERS)
# a saved mapping, private or shared
OF_IMPORTERS = Cells(IMPORTERS, ADMIN, ADMIN)
OWN_TASKS = Cells(HANDS | {"read_only"})
MY_TASKS = Cells(HANDS | {"read_only"}, ADMIN, ADMIN)

# room.function → who; the first part of the name is the room's
VERBS: dict[str, Cells] = {
    "donors.get": SEE,
    "donors.timeline": SEE,
    "donors.months": SEE,
    "donors.require_visible": SEE,
    "donors.accesses": OF_ADMINS,
    "donors.consents": SEE,
    "donors.record_consent": CHANGE,
    "donors.create": Cells(HANDS),
    "donors.update": CHANGE,
    "donors.log_contact": CHANGE,
    "donors.contact": CHANGE,
    "donors.change_contact": CHANGE,
    "donors.remove_contact": CHANGE,
    "donors.restore_contact": CHANGE,
    "donors.tag_list": OF_BOOKKEEPERS,
    "donors.create_tag": OF_ADMINS,
    "donors.rename_tag": OF_ADMINS,
    "donors.merge_tags": OF_ADMINS,
    "donors.delete_tag": OF_ADMINS,
    "donors.change_tags": CHANGE,
    "households.household": SEE,
    "households.make": CHANGE,
    "households.join": CHANGE,
    "households.leave": CHANGE,
    "households.set_head": CHANGE,
    "households.dissolve": CHANGE,
    "households.relations": SEE,
    "households.add_relation": CHANGE,
    "households.remove_relation": CHANGE,
    "households.suggested_credits": SEE,
    "donors.tag_donors": CHANGE,
    # a segment that is not shared
    "donors.save_segment": MINE,
    "donors.change_segment": MINE,
    "donors.delete_segment": MINE,
    "donors.custom_field_list": OF_BOOKKEEPERS,
    "donors.create_custom_field": OF_ADMINS,
    "donors.change_custom_field": OF_ADMINS,
    "donors.reorder_custom_fields": OF_ADMINS,
    "donors.add_contact_detail": CHANGE,
    "donors.change_contact_detail": CHANGE,
    "donors.make_primary_contact_detail": CHANGE,
    "donors.remove_contact_detail": CHANGE,
    "gifts.get": SEE_MONEY,
    "gifts.record": MONEY_IN,
    "gifts.correct": MONEY_IN,
    "gifts.reverse": MONEY_IN,
    "gifts.thank": MONEY_IN,
    "gifts.unthank": MONEY_IN,
    "gifts.preview_many": MONEY_IN,
    "gifts.change_many": MONEY_IN,
    "gifts.undo_many": MONEY_IN,
    "gifts.link": MONEY_IN,
    "gifts.unlink": MONEY_IN,
    "gifts.refuse": MONEY_IN,
    "gifts.gift_soft_credits": SEE_MONEY,
    "gifts.donor_soft_credits": SEE,
    "gifts.add_soft_credit": MONEY_IN,
    "gifts.remove_soft_credit": MONEY_IN,
    "gifts.fund_list": OF_BOOKKEEPERS,
    "gifts.create_fund": OF_ADMINS,
    "gifts.change_fund": OF_ADMINS,
    "gifts.fund_merge_effect": OF_BOOKKEEPERS,
    "gifts.merge_funds": OF_ADMINS,
    "gifts.campaign_list": OF_BOOKKEEPERS,
    "gifts.create_campaign": OF_ADMINS,
    "gifts.change_campaign": OF_ADMINS,
    "gifts.campaign_merge_effect": OF_BOOKKEEPERS,
    "gifts.merge_campaigns": OF_ADMINS,
    "pledges.get": SEE,
    "pledges.create": CHANGE,
    "pledges.change_amount": CHANGE,
    "pledges.pause": CHANGE,
    "pledges.resume": CHANGE,
    "pledges.skip": CHANGE,
    "pledges.end": CHANGE,
    "pledges.unskip": CHANGE,
    "pledges.change_terms": CHANGE,
    "pledges.change_details": CHANGE,
    "tasks.for_donor": SEE,
    "tasks.get": OWN_TASKS,
    "tasks.create": MINE,
    "tasks.create_for_donors": CHANGE,
    "tasks.remove_created": CHANGE,
    "tasks.change": OWN_TASKS,
    "tasks.remove": OWN_TASKS,
    "tasks.restore": OWN_TASKS,
    "tasks.move": OWN_TASKS,
    "tasks.move_back": OWN_TASKS,
    "tasks.finish": MY_TASKS,
    "tasks.reopen": MY_TASKS,
    "tasks.finish_many": MY_TASKS,
    "tasks.reopen_many": MY_TASKS,
    "care_requests.for_donor": SEE,
    "care_requests.add": CHANGE,
    "care_requests.change": CHANGE,
    "care_requests.answer": CHANGE,
    "care_requests.reopen": CHANGE,
    "care_requests.remove": CHANGE,
    "alerts.snooze": CHANGE,
    "alerts.dismiss": CHANGE,
    "alerts.resolve": CHANGE,
    "alerts.log_call": CHANGE,
    "alerts.undo": CHANGE,
    "alerts.contact": SEE,
    "privacy.erase": OF_ADMINS,
    "imports.rename_mapping": OF_IMPORTERS,
    "imports.share_mapping": OF_IMPORTERS,
    "imports.edit_mapping": OF_IMPORTERS,
    "imports.delete_mapping": OF_IMPORTERS,
}


# kind of file → who may take it away, each with the rows in their sight
FILES: dict[str, frozenset[str]] = {
    "donors": EXPORTERS - {"finance"},
    "gifts": EXPORTERS,
    "pledges": EXPORTERS - {"finance"},
    "pledge-versions": EXPORTERS - {"finance"},
    "pledge-pauses": EXPORTERS - {"finance"},
    "refused-links": EXPORTERS,
    "soft-credits": EXPORTERS,
    "funds": EXPORTERS,
    "campaigns": EXPORTERS,
    "households": EXPORTERS - {"finance"},
    "relations": EXPORTERS - {"finance"},
    "emails": EXPORTERS - {"finance"},
    "phones": EXPORTERS - {"finance"},
    "addresses": EXPORTERS - {"finance"},
    "tags": EXPORTERS - {"finance"},
    "consents": EXPORTERS - {"finance"},
    "contacts": EXPORTERS - {"finance"},
    "tasks": EXPORTERS - {"finance"},
    "requests": EXPORTERS - {"finance"},
    "goals": EXPORTERS,
    "figures": EXPORTERS,
}


def screens() -> dict[str, frozenset[str]]:
    """Return every screen's title with the roles it is open to."""
    return {one.title: frozenset(map(str, one.roles - {Role.SYSTEM})) for one in SCREENS}


def document() -> str:
    """Return docs/permissions.md."""
    return "\n".join(
        [
            "# Who may do what",
            "",
            "Written by `python -m tests.permissions`; the tests walk every cell of it on a real",
            "database. A record that may not be seen and one that does not exist answer alike.",
            "",
            "## Screens",
            "",
            *_table(
                "screen",
                {
                    title: [("yes" if role in may else "–") for role in ROLES]
                    for title, may in screens().items()
                },
            ),
            "",
            "## Deeds and readings",
            "",
            "own: one's own donors · team: those of people one looks after · all: everybody's",
            "",
            *_table(
                "", {name: [reach(cells, role) for role in ROLES] for name, cells in VERBS.items()}
            ),
            "",
            "## Files",
            "",
            "Each holds the rows its reader may see.",
            "",
            *_table(
                "file",
                {
                    kind: [("yes" if role in may else "–") for role in ROLES]
                    for kind, may in FILES.items()
                },
            ),
            "",
            "## The JSON API",
            "",
            "What each answers about a record of a fundraiser who is in the team of the",
            "supervisor and of the coach: to the owner, to the other roles, to another",
            "fundraiser. Anonymous and forged requests get 401 everywhere.",
            "",
            *_table(
                "",
                {f"{method} {path}": said.split() for method, path, _, said in routes()},
                ["owner", *others(), "stranger"],
            ),
            "",
        ]
    )


def reach(cells: Cells, role: str) -> str:
    """Say how far a role reaches: –, own, own and team, all."""
    far = [whose for whose in WHOSE if cells.allows(role, whose)]
    if "other" in far:
        return "all"
    return " + ".join(far) or "–"


def routes() -> list[tuple[str, str, object, str]]:
    """Return the lines of the API's own test, the owner's answer first."""
    # needs the whole application, which the rest of this table does not
    from tests.api.test_roles import EXPECTED, WHO  # noqa: PLC0415

    order = ["ruth", *others(), "stranger"]
    return [
        (method, path, more, " ".join(said.split()[WHO.index(who)] for who in order))
        for method, path, more, said in EXPECTED
    ]


def others() -> list[str]:
    """Return the roles a route is asked as, besides the owner's."""
    return [role for role in ROLES if role != "fundraiser"]


def _table(first: str, rows: dict[str, list[str]], columns: Sequence[str] = ROLES) -> list[str]:
    heads = [first, *(column.replace("_", " ") for column in columns)]
    body = [" | ".join([name, *cells]) for name, cells in rows.items()]
    return [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|", *(f"| {row} |" for row in body)]


if __name__ == "__main__":
    DOCUMENT.write_text(document(), encoding="utf-8")
