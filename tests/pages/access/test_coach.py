"""A coach sees donors and states but no amount: on no screen, in no list, in no mail."""

import inspect
import io
import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from pandas import DataFrame
from sqlalchemy import URL
from streamlit.testing.v1 import AppTest

from app import (
    accounts,
    alerts,
    donors,
    exports,
    gifts,
    goals,
    households,
    insights,
    pledges,
    summaries,
    tasks,
)
from app.accounts import Role
from app.db import transaction_for_system
from app.db.models import Alert, OutboxMessage, User
from app.donors import DonorFilter
from app.gifts import GiftFilter
from app.kit.dates.days import Span
from app.kit.errors import DonorCrmError, InvalidError, NotAllowedError, NotFoundError
from app.kit.money import Money
from app.ui.base.screens import SCREENS
from tests import database as run
from tests import factories as make
from tests.values import present

# digits that occur only in amounts
GIVEN, PROMISED, GOAL, TYPED = "7381.50", "6294", "9173", "$8,462"
DIGITS = re.compile(r"7[., \u00a0]?381|6[., \u00a0]?294|9[., \u00a0]?173|8[., \u00a0]?462")
SIGN = re.compile(r"[$€£¥]\s?\d|\d\s?[$€£¥]|USD\s?\d|\d\s?USD")
TABLE_BYTES = re.compile(r'(?m)^\s*data: ".*\\377.*"$')
HASH = re.compile(r"[0-9a-f]{16,}")
TODAY = datetime.now(UTC).date()
MINORS = {738_150, 629_400, 917_300, 846_200}


@pytest.fixture(scope="module")
def saved_team(module_database: URL) -> dict[str, Any]:
    return make_team()


@pytest.fixture
def team(module_database: URL, saved_team: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The team of all tests that change nothing of it."""
    run.use(module_database)
    yield saved_team
    run.use(run.NOWHERE)


def make_team() -> dict[str, Any]:
    """A coach, a coached fundraiser and a stranger, all with a late, at-risk donor."""
    with transaction_for_system() as db:
        make.organisation(db, is_demo=False, modules=["requests"])
        # names without a number: it could be one of the amounts
        coach = make.person(db, "coach", goal=GOAL, name="Cora", email="cora@example.org")
        ada = make.person(db, "admin", name="Ada", email="ada@example.org")
        sam = make.person(db, goal=GOAL, name="Sam", email="sam@example.org")
        stranger = make.person(db, name="Sten", email="sten@example.org")
        make.looks_after(db, coach, sam, kind="coach")
        people: dict[str, Any] = {"coach": coach, "sam": sam, "ada": ada}
        for name, owner in (("own", coach), ("coached", sam), ("foreign", stranger)):
            notes = None if name == "own" else f"Spoke of {TYPED} once."
            donor = make.donor(db, owner, f"Quill of {name}", notes=notes)
            for month in range(8):
                make.gift(
                    db,
                    donor,
                    GIVEN,
                    TODAY - timedelta(days=58 + 30 * month),
                    note=f"{TYPED} by bank",
                )
            make.gift(
                db, donor, GIVEN, TODAY - timedelta(days=58), currency="CHF", awaiting_rate=True
            )
            people[name] = donor
            pledge = make.pledge(db, donor, PROMISED, "monthly", TODAY - timedelta(days=150))
            people[f"{name}_pledge"] = pledge
            make.contact(db, donor, text=f"Promised {TYPED} more.")
            people["task"] = make.task(
                db, coach, f"Ask about {TYPED}", donor_id=donor, due_on=TODAY, note=TYPED
            )
            people[f"{name}_gift"] = gifts.record(
                db,
                ada,
                donor_id=donor,
                amount=Money.of(GIVEN, "USD"),
                on=TODAY - timedelta(days=57),
                today=TODAY,
                now=datetime.now(UTC),
            ).gift_id
            pledges.change_amount(
                db,
                ada,
                pledge_id=pledge,
                amount=Money.of("9173", "USD"),
                since=TODAY - timedelta(days=20),
                today=TODAY,
            )
        donors.score(db, today=TODAY)
        alerts.raise_late_pledges(db, today=TODAY, now=datetime.now(UTC))
        alerts.raise_at_risk(db, today=TODAY, now=datetime.now(UTC))
    return people


def assert_no_amount(text: str) -> None:
    match = DIGITS.search(text)
    assert not match, text[max(0, match.start() - 60) :][:140]
    assert not SIGN.search(text), text[max(0, present(SIGN.search(text)).start() - 60) :][:140]


def drawn(page: AppTest) -> str:
    """Everything that is sent to the browser: words, tables, charts, options."""
    parts: list[str] = []
    for block in (page.main, page.sidebar):
        for node in block:
            proto = getattr(node, "proto", None)
            # a table's serialized bytes look like anything; its cells follow as text
            parts.append(TABLE_BYTES.sub("", str(proto)))
            value = getattr(node, "value", None)
            parts.append(value.to_csv() if isinstance(value, DataFrame) else str(value))
            parts.append(str(getattr(node, "options", "")))
    # the framework names its elements by hashes, which hold any digits at all
    return HASH.sub("", "\n".join(parts))


SCREEN_QUERIES: list[tuple[str, dict[str, str]]] = [
    (entry.file, {}) for entry in SCREENS if Role.COACH in entry.roles
] + [
    ("donors", {"query": "Quill"}),
    ("donors", {"sort": "lifetime"}),
    ("pledges", {"sort": "Amount"}),
]


SCREENS_BY_FILE = {entry.file: entry for entry in SCREENS}


@pytest.mark.parametrize(
    ("file", "query"), SCREEN_QUERIES, ids=lambda value: str(value) if value else ""
)
def test_no_screen_shows_an_amount(
    team: dict[str, Any], screen: Callable[..., AppTest], file: str, query: dict[str, str]
) -> None:
    assert_no_amount(drawn(screen(file, team["coach"], **query)))


@pytest.mark.parametrize(
    "file", [entry.file for entry in SCREENS if Role.COACH not in entry.roles]
)
def test_screens_of_amounts_are_closed_and_empty(
    team: dict[str, Any], screen: Callable[..., AppTest], file: str
) -> None:
    assert not SCREENS_BY_FILE[file].open_to(team["coach"])
    assert not DIGITS.search(drawn(screen(file, team["coach"])))


@pytest.mark.parametrize("whose", ["own", "coached"])
def test_a_donors_page_shows_none(
    team: dict[str, Any], screen: Callable[..., AppTest], whose: str
) -> None:
    page = screen("donor", team["coach"], id=str(team[whose]))
    text = drawn(page)
    assert f"Quill of {whose}" in text
    assert "Promised an amount" in text
    assert_no_amount(text)


def test_the_same_screens_show_amounts_to_others(
    team: dict[str, Any], screen: Callable[..., AppTest]
) -> None:
    """The tests above can fail: an administrator's screens contain the amounts."""
    assert "$66,433.50" in drawn(screen("donors", team["ada"]))
    for file in ("today", "gifts", "pledges", "dashboard"):
        assert DIGITS.search(drawn(screen(file, team["ada"]))), file
    assert DIGITS.search(drawn(screen("donor", team["ada"], id=str(team["coached"]))))


def test_a_coach_sees_the_coached_and_no_stranger(team: dict[str, Any]) -> None:
    coach = team["coach"]
    with transaction_for_system() as db:
        page = donors.page(db, coach, filter=DonorFilter(), today=TODAY)
        assert {line.name for line in page.lines} == {"Quill of own", "Quill of coached"}
        states = {
            pledge.donor_name: pledge.late
            for pledge in pledges.pledge_statuses(db, coach, today=TODAY)
        }
        assert states == {"Quill of own": True, "Quill of coached": True}
        with pytest.raises(NotFoundError):
            donors.get(db, coach, team["foreign"], today=TODAY)
        with pytest.raises(NotAllowedError):
            donors.log_contact(
                db,
                coach,
                donor_id=team["coached"],
                kind="call",
                text=None,
                at=datetime.now(UTC),
            )


YEAR = Span(date(TODAY.year - 1, 1, 1), date(TODAY.year + 1, 1, 1))
DASHBOARD_FILTER = insights.DashboardFilter()
ARGUMENTS: dict[str, Any] = {
    "today": TODAY,
    "span": YEAR,
    "spans": [YEAR],
    "query": "Quill",
    "month": TODAY.replace(day=1),
    "number": 4,
    "since": date(TODAY.year - 2, 1, 1),
    "months": [TODAY.replace(day=1)],
    "kind": "donors",
    "fund_id": 1,
    "campaign_id": 1,
    "into_id": 2,
    "kinds": ("lapsed", "new", "same", "up", "down"),
    "by": gifts.GroupBy.DONOR,
    "sums": {"all": gifts.SumScope()},
    "deed": gifts.Thanks(),
    "where": '[[["gifts","at least","1"]]]',
    "week_end": TODAY,
}
PACKAGES = (donors, households, gifts, pledges, goals, insights, alerts, tasks, exports, accounts)
WRITING = {
    "change_many",
    "undo_many",
    "finish_many",
    "reopen_many",
    "change",
    "move",
    "move_back",
    "remove",
    "restore",
    "change_details",
    "make",
    "join",
    "leave",
    "set_head",
    "dissolve",
    "add_relation",
    "remove_relation",
    "add_soft_credit",
    "remove_soft_credit",
    "create",
    "create_user",
    "update",
    "log_contact",
    "record",
    "correct",
    "reverse",
    "thank",
    "record_consent",
    "unthank",
    "hand_over",
    "invite",
    "invite_again",
    "withdraw_invitation",
    "create_api_token",
    "revoke_api_token",
    "begin_mfa_enrolment",
    "confirm_mfa_enrolment",
    "save_mfa_policy",
    "begin_passkey",
    "add_passkey",
    "rename_passkey",
    "remove_passkey",
    "schedule_export",
    "start_archive",
    "write_archive",
    "stop_scheduled_export",
    "renew_recovery_codes",
    "disable_mfa",
    "reset_mfa",
    "change_amount",
    "pause",
    "resume",
    "skip",
    "end",
    "finish",
    "reopen",
    "snooze",
    "dismiss",
    "resolve",
    "log_call",
    "undo",
    "ensure",
    "link",
    "unlink",
    "refuse",
    "create_tag",
    "rename_tag",
    "merge_tags",
    "delete_tag",
    "change_tags",
    "tag_donors",
    "copy_emails",
    "create_for_donors",
    "remove_created",
    "save_segment",
    "change_segment",
    "delete_segment",
    "create_custom_field",
    "change_custom_field",
    "reorder_custom_fields",
    "add_contact_detail",
    "change_contact_detail",
    "make_primary_contact_detail",
    "remove_contact_detail",
    "create_fund",
    "change_fund",
    "merge_funds",
    "create_campaign",
    "change_campaign",
    "merge_campaigns",
    "link_all",
    # the text to change, for those who may change it
    "contact",
    "change_contact",
    "remove_contact",
    "restore_contact",
    "unskip",
    "change_terms",
    "write",
    "change_role",
    "deactivate",
    "reactivate",
    "set_team",
    "set_goal",
    "update_profile",
    "change_password",
    "end_other_sessions",
    "save_organisation",
    "set_exchange_rate",
    "delete_exchange_rate",
    "import_exchange_rates",
    "exchange_rates",
    "exchange_rate_currencies",
    "impersonate",
    "end_impersonation",
    "require",
    "confirm",
    "require_confirmed",
    "visible_donors",
    "visible_owners",
    "visible_amounts",
    "editable_donors",
    "giftable_donors",
    # one's own goal is one's own
    "profile",
}
READINGS = [
    (package, name)
    for package in PACKAGES
    for name in package.__all__
    if inspect.isfunction(function := getattr(package, name))
    and {"db", "actor"} <= set(inspect.signature(function).parameters)
    and name not in WRITING
]


def arguments_for(package: ModuleType, name: str, team: dict[str, Any]) -> dict[str, Any]:
    """Return a value for every required argument of a reading function."""
    ids = {
        "donor_id": team["coached"],
        "gift_id": team["coached_gift"],
        "pledge_id": team["coached_pledge"],
        "donor_ids": [team["coached"]],
        "gift_ids": [team["coached_gift"]],
        "owner_ids": [team["sam"].user_id],
        "task_id": team["task"],
        "user_id": team["sam"].user_id,
    }
    filters = {
        donors: DonorFilter(),
        gifts: GiftFilter(),
        pledges: pledges.PledgeFilter(),
        insights: DASHBOARD_FILTER,
    }
    values = ARGUMENTS | ids | {"filter": filters.get(package), "now": datetime.now(UTC)}
    values["out"] = io.BytesIO()
    parameters = inspect.signature(getattr(package, name)).parameters
    return {
        parameter.name: values[parameter.name]
        for parameter in parameters.values()
        if parameter.name not in {"db", "actor"}
        and parameter.default is inspect.Parameter.empty
        and parameter.name in values
    }


@pytest.mark.parametrize(
    ("package", "name"), READINGS, ids=lambda value: getattr(value, "__name__", value)
)
def test_no_result_of_any_package_holds_an_amount(
    team: dict[str, Any], package: ModuleType, name: str
) -> None:
    arguments = arguments_for(package, name, team)
    with transaction_for_system() as db:
        try:
            result = str(getattr(package, name)(db, team["coach"], **arguments))
        except (NotAllowedError, NotFoundError):
            return
    assert_no_amount(result)
    assert not [minor for minor in MINORS if str(minor) in result]
    # sums would have other digits: whatever is money is nothing
    assert set(re.findall(r"minor=(-?\d+)", result)) <= {"0"}


def test_sorting_by_an_amount_is_refused(team: dict[str, Any]) -> None:
    with transaction_for_system() as db:
        for sort in donors.BY_AMOUNT:
            with pytest.raises(InvalidError):
                donors.page(db, team["coach"], filter=DonorFilter(), sort=sort, today=TODAY)


def test_goals_of_another_owner_are_refused(team: dict[str, Any]) -> None:
    with transaction_for_system() as db, pytest.raises(NotFoundError):
        goals.progress(db, team["coach"], today=TODAY, owner_id=team["sam"].user_id)


@pytest.mark.parametrize("kind", exports.KINDS)
def test_nothing_is_exported(team: dict[str, Any], kind: str, tmp_path: Path) -> None:
    with (
        transaction_for_system() as db,
        (tmp_path / "out.csv").open("wb") as file,
        pytest.raises(NotAllowedError),
    ):
        exports.write(db, team["coach"], kind=kind, out=file, today=TODAY)
    assert (tmp_path / "out.csv").read_bytes() == b""


def test_money_is_neither_recorded_nor_corrected(team: dict[str, Any]) -> None:
    coach = team["coach"]
    for whose in ("own", "coached"):
        with transaction_for_system() as db, pytest.raises(DonorCrmError):
            gifts.record(
                db,
                coach,
                donor_id=team[whose],
                amount=Money(100, "USD"),
                on=TODAY,
                today=TODAY,
                now=datetime.now(UTC),
            )


def test_the_weekly_mail_has_no_amount(team: dict[str, Any]) -> None:
    with transaction_for_system() as db:
        mail = summaries.build(db, team["coach"], today=TODAY)
        theirs = summaries.build(db, team["sam"], today=TODAY)
    assert DIGITS.search(str(theirs))
    assert "Quill of coached" in str(mail)
    assert mail.figures == ()
    assert_no_amount(str(mail))


def test_a_mail_at_once_has_no_amount(database: URL) -> None:
    team = make_team()
    with transaction_for_system() as db:
        db.query(Alert).delete()
        person = db.get(User, team["coach"].user_id)
        present(person).alert_channels = {"late_pledge": "at once", "at_risk": "at once"}
        db.flush()
        alerts.raise_late_pledges(db, today=TODAY, now=datetime.now(UTC))
        alerts.raise_at_risk(db, today=TODAY, now=datetime.now(UTC))
        mail_texts = [
            message.subject + message.text_body + (message.html_body or "")
            for message in db.query(OutboxMessage)
        ]
    assert any("Quill of own" in mail_text for mail_text in mail_texts)
    for mail_text in mail_texts:
        assert_no_amount(re.sub(r"<style.*?</style>", "", mail_text, flags=re.DOTALL))
