"""Row-level security: with the application's filter removed, the database leaks no row."""

import inspect
import io
import os
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from types import ModuleType

import psycopg2
import pytest
from sqlalchemy import URL, Table, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app import accounts, alerts, audit, donors, exports, gifts, goals, insights, pledges
from app.accounts import SYSTEM, Actor
from app.cli.doctor import command as doctor
from app.db import migrate, transaction, transaction_for_system
from app.db.embedded import server
from app.db.models import Base
from app.db.security import account_grants, role_names, row_level_security
from app.db.session import engine
from app.kit.dates.days import Span
from app.kit.errors import DonorCrmError, NotAllowedError, SignedOutError
from app.kit.money import Money
from tests import database as run
from tests import factories as make
from tests.integration.accounts import test_authorization as scope
from tests.pages.access.test_coach import READINGS
from tests.rls_matrix import without_filter
from tests.values import changed_rows, present

TODAY = scope.TODAY
NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
KEYS = {"donor_id", "owner_id", "user_id", "gift_id", "pledge_id"}
PEOPLE = [role for role in scope.SEES if role != "system"]


@pytest.fixture(scope="module")
def saved_file(module_database: URL) -> scope.File:
    return save_file()


@pytest.fixture
def file(module_database: URL, saved_file: scope.File) -> Iterator[scope.File]:
    """The saved records, for tests that change none of them."""
    run.use(module_database)
    yield saved_file
    run.use(run.NOWHERE)


@pytest.fixture
def own_file(database: URL) -> scope.File:
    """Records for a test that changes some."""
    return save_file()


def save_file() -> scope.File:
    """What test_scope.py asks about, saved, with an amount of its own for every donor."""
    with transaction_for_system() as db:
        scope_file = scope.make_file(db)
        for number, donor_id in enumerate(scope_file.donors.values()):
            db.execute(
                text(
                    "update gift set base_minor = base_minor + :n, amount_minor = amount_minor"
                    " + :n where donor_id = :donor"
                ),
                {"n": 17 * 3**number, "donor": donor_id},
            )
            make.task(db, scope_file.people["sam"], "Ask", donor_id=donor_id, due_on=TODAY)
            make.contact(db, donor_id, text="Spoke.")
        # whoever is late is not at risk as well
        make.alert(db, scope_file.donors["ruth"], "at_risk", state="dismissed")
        alerts.raise_at_risk(db, today=TODAY, now=NOW)
    return scope_file


def seen_by(role: str, reading: str) -> set[str]:
    return (scope.MONEY if reading.startswith("gifts.") else scope.SEES)[role]


@pytest.mark.parametrize("role", PEOPLE)
def test_lists_sums_and_single_records_leak_nothing(
    file: scope.File, role: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    actor = file.people[role]
    with transaction(actor) as db:
        honest = {name: answer(db, actor) for name, (answer, _) in scope.SUMS.items()}
    without_filter(monkeypatch)
    with transaction(actor) as db:
        for name, listing in scope.LISTS.items():
            collected = {name.removeprefix("Quill of ") for name in listing(db, actor)}
            assert collected == seen_by(role, name), name
        assert {name: answer(db, actor) for name, (answer, _) in scope.SUMS.items()} == honest
        for name, request in scope.ONE.items():
            for whose in file.donors:
                if whose not in seen_by(role, name):
                    with pytest.raises(DonorCrmError):
                        request(db, actor, file, whose)


def test_without_the_filter_the_system_sees_all_donors(
    file: scope.File, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The test above can fail: the same readings leak without row-level security."""
    without_filter(monkeypatch)
    with transaction_for_system() as db:
        for name, listing in scope.LISTS.items():
            collected = {
                name.removeprefix("Quill of ") for name in listing(db, file.people["ruth"])
            }
            assert collected == scope.EVERYBODY, name


WANTED: dict[str, object] = {
    "today": TODAY,
    "span": Span(date(2025, 1, 1), date(2027, 1, 1)),
    "spans": [Span(date(2025, 1, 15), date(2027, 1, 1))],
    "query": "Quill",
    "deed": gifts.Thanks(),
    "week_end": TODAY,
    "task_id": 1,
    "where": '[[["gifts","at least","1"]]]',
    "month": date(2026, 6, 1),
    "number": 12,
    "since": date(2024, 1, 1),
    "months": [date(2026, 6, 1)],
    "kinds": ("lapsed", "new", "same", "up", "down"),
    "now": NOW,
    "pledge_ids": (),
    "owner_ids": (1, 2, 3, 4, 5, 6),
    "fund_id": 1,
    "campaign_id": 1,
    "into_id": 2,
    "user_id": 2_000_000_000,
    "by": gifts.GroupBy.HOUSEHOLD,
    "sums": {"all": gifts.SumScope()},
}
FILTERS: dict[ModuleType, object] = {
    pledges: pledges.PledgeFilter(),
    donors: donors.DonorFilter(),
    gifts: gifts.GiftFilter(),
    insights: insights.DashboardFilter(),
    exports: audit.ActivityFilter(),
}
# of colleagues these say name and e-mail, which only the filter of the application protects
OF_COLLEAGUES = {
    (accounts, "owners"),
    (donors, "owners"),
    (donors, "condition_fields"),
    (goals, "owners"),
    (insights, "team"),
    (exports, "write_team"),
}
# these offer what the actor may change, which is less than row-level security lets them read
WRITING = {(gifts, "link_all"), (gifts, "suggestions"), (gifts, "preview_many")}
PERMISSIONS = re.compile(r"(editable|giftable)=(True|False|None)")


def read_as_text(
    db: Session, actor: Actor, package: ModuleType, name: str, file: scope.File, whose: str
) -> str:
    """Ask one reading for somebody's donor and spell the answer, the files it wrote included."""
    ids = {
        "donor_id": file.donors[whose],
        "gift_id": file.gifts[whose],
        "pledge_id": file.pledges[whose],
        "donor_ids": list(file.donors.values()),
        "gift_ids": list(file.gifts.values()),
    }
    output_file = io.BytesIO()
    values = {**WANTED, **ids, "filter": FILTERS.get(package), "out": output_file}
    takes = inspect.signature(getattr(package, name)).parameters
    chosen = {
        parameter.name: values[parameter.name]
        for parameter in takes.values()
        if parameter.default is inspect.Parameter.empty and parameter.name in values
    }
    kinds = exports.KINDS if "kind" in takes else ("",)
    output = []
    for kind in kinds:
        options = {"kind": kind} if kind else {}
        with db.begin_nested() as inner:
            try:
                output.append(str(getattr(package, name)(db, actor, **chosen, **options)))
            except (DonorCrmError, DBAPIError) as error:
                output.append(type(error).__name__)
            inner.rollback()
    return PERMISSIONS.sub("", "\n".join(output)) + file_text(output_file)


def file_text(file: io.BytesIO) -> str:
    """Return the text of a written file; of a zip the texts of every file in it."""
    if not zipfile.is_zipfile(file):
        return file.getvalue().decode("latin-1")
    with zipfile.ZipFile(file) as packed:
        return "\n".join(packed.read(name).decode() for name in packed.namelist())


@pytest.mark.parametrize("role", PEOPLE)
def test_every_reading_of_every_package_returns_the_same_without_the_filter(
    file: scope.File, role: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    actor = file.people[role]
    asking = [
        (package, name, whose)
        for package, name in READINGS
        if (package, name) not in OF_COLLEAGUES | WRITING
        for whose in (role if role in file.donors else "ruth", "mei", "nobody")
    ]
    with transaction(actor) as db:
        honest = [
            read_as_text(db, actor, package, name, file, whose) for package, name, whose in asking
        ]
    without_filter(monkeypatch)
    with transaction(actor) as db:
        for (package, name, whose), before in zip(asking, honest, strict=True):
            after = read_as_text(db, actor, package, name, file, whose)
            for item in scope.EVERYBODY - scope.SEES[role]:
                assert f"Quill of {item}" not in after, (package.__name__, name)
            assert after == before, (package.__name__, name, whose)


@pytest.mark.parametrize("role", ["supervisor", "coach"])
def test_without_the_filter_the_team_counts_no_donor_of_others(
    file: scope.File, role: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    actor = file.people[role]
    with transaction(actor) as db:
        team = {owner.user_id for owner in accounts.owners(db, actor)}
    without_filter(monkeypatch)
    with transaction(actor) as db:
        lines = insights.team(db, actor, today=TODAY).lines
    assert any(line.late or line.statuses for line in lines if line.user_id in team)
    others = [line for line in lines if line.user_id not in team]
    assert others
    for line in others:
        counts = (line.late, line.at_risk, line.overdue, line.contacts, *line.statuses.values())
        assert not any(counts), line
        assert line.giving is None or line.giving.progress.pledged.minor == 0


@pytest.mark.parametrize("role", PEOPLE)
@pytest.mark.parametrize("write", scope.WRITES, ids=lambda write: write.__name__)
def test_no_role_writes_on_a_donor_of_others_without_the_filter(
    file: scope.File, role: str, write: Callable[..., object], monkeypatch: pytest.MonkeyPatch
) -> None:
    actor = file.people[role]
    without_filter(monkeypatch)
    # finance records gifts anywhere, and a gift touches its donor, pledges, alerts and tasks
    may = scope.EVERYBODY if role == "finance" else scope.WRITES[write][role]
    for whose in scope.EVERYBODY - may:
        if role == "coach" and whose == "coach":
            # whether a coach may record money is asked before the filter, not by it
            continue
        with pytest.raises((DonorCrmError, DBAPIError)), transaction(actor) as db:
            write(db, actor, file, whose, NOW)


PURPOSES = {
    "fund": "insert into fund (name) values (:name)",
    "campaign": "insert into campaign (name) values (:name)",
    "tag": "insert into tag (name) values (:name)",
    "custom_field": "insert into custom_field (name, type) values (:name, 'text')",
}


@pytest.mark.parametrize("table", PURPOSES)
@pytest.mark.parametrize("role", PEOPLE)
def test_funds_campaigns_tags_and_fields_are_read_by_all_and_written_by_administrators(
    own_file: scope.File, role: str, table: str
) -> None:
    insert = text(PURPOSES[table])
    actor = own_file.people[role]
    with transaction_for_system() as db:
        db.execute(insert, {"name": "Saved"})
    with transaction(actor) as db:
        assert db.scalar(text(f"select name from {table}")) == "Saved"
        db.execute(text(f"update {table} set name = 'Renamed'"))
    with transaction_for_system() as db:
        renamed = db.scalar(text(f"select name from {table}")) == "Renamed"
    with transaction(actor) as db:
        db.execute(text(f"delete from {table}"))
    with transaction_for_system() as db:
        left = db.scalar(text(f"select count(*) from {table}"))
    inserted = True
    try:
        with transaction(actor) as db:
            db.execute(insert, {"name": "New"})
    except DBAPIError:
        inserted = False
    assert (renamed, left == 0, inserted) == ((role == "admin",) * 3)


def test_a_transaction_without_an_actor_sees_and_writes_nothing(file: scope.File) -> None:
    protected = [
        table for table in Base.metadata.sorted_tables if row_level_security.policies(table)
    ]
    with transaction() as db:
        assert {
            table.name
            for table in protected
            if db.execute(text(f"select exists (select from {table.name})")).scalar_one()
        } == set()
    with transaction_for_system() as db:
        filled = {
            table.name
            for table in protected
            if db.execute(text(f"select exists (select from {table.name})")).scalar_one()
        }
        assert {"donor", "gift", "pledge", "task", "alert", "donor_summary"} <= filled
    with pytest.raises(DBAPIError), transaction() as db:
        make.donor(db, file.people["ruth"])
    with transaction() as db:
        db.execute(text("update donor set name = 'Stolen'"))
        db.execute(text("delete from donor_email"))
    with transaction_for_system() as db:
        asking = "select (select count(*) from donor where name = 'Stolen'), "
        stolen, mails = db.execute(text(asking + "(select count(*) from donor_email)")).one()
        assert stolen == 0
        assert mails == len(file.donors)


def test_a_transaction_goes_on_as_whom_it_recognises(own_file: scope.File) -> None:
    ruth = own_file.people["ruth"]
    # the database asks its own clock whether a session has ended
    now = datetime.now(UTC)
    count = text("select count(*) from donor")
    with transaction_for_system() as db:
        tokens = accounts.issue_tokens(db, user_id=ruth.user_id, now=now)
        session_id, _ = accounts.open_session(db, user_id=ruth.user_id, now=now)
    ways: tuple[Callable[[Session], accounts.Actor | None], ...] = (
        lambda db: accounts.token_actor(db, access=tokens.access, now=now),
        lambda db: accounts.session_actor(db, session_id=session_id, now=now),
    )
    for recognise in ways:
        with transaction() as db:
            assert db.execute(count).scalar_one() == 0
            assert present(recognise(db)).user_id == ruth.user_id
            assert db.execute(count).scalar_one() == 1
    with transaction_for_system() as db:
        accounts.token_actor(db, access=tokens.access, now=now)
        assert db.execute(count).scalar_one() == len(own_file.donors)


def test_the_database_knows_the_role_and_the_team_itself(own_file: scope.File) -> None:
    """An actor that claims another role than the account has is not let in at all."""
    ruth = own_file.people["ruth"]
    with transaction(ruth) as db:
        result = donors.search(db, ruth, query="quill", limit=50)
        assert [donor.name for donor in result] == ["Quill of ruth"]
    liar = replace(ruth, role=accounts.Role.ADMIN)
    with pytest.raises(NotAllowedError, match="role has changed"), transaction(liar):
        pass
    with transaction_for_system() as db:
        db.execute(text("update app_user set active = false where id = :id"), {"id": ruth.user_id})
    with pytest.raises(SignedOutError), transaction(ruth):
        pass
    with transaction(SYSTEM) as db:
        assert donors.search(db, SYSTEM, query="quill", limit=50) == []


def test_the_next_transaction_of_a_connection_begins_anew(file: scope.File) -> None:
    for role, sees in (("ruth", 1), ("admin", 6), ("coach", 2), ("mei", 1)):
        with transaction(file.people[role]) as db:
            assert db.execute(text("select count(*) from donor")).scalar_one() == sees
        with transaction_for_system() as db:
            asked_for = "select current_user = session_user, current_setting('app.owners', true)"
            own, owners = db.execute(text(asked_for)).one()
            assert own
            assert not owners


def test_a_view_as_can_only_be_read_in(file: scope.File) -> None:
    admin, ruth = file.people["admin"], file.people["ruth"]
    looking = replace(ruth, viewer_id=admin.user_id, viewer_name=admin.name)
    with transaction(looking) as db:
        assert donors.page(db, looking, filter=donors.DonorFilter(), today=TODAY).total == 1
    for statement in ("update app_user set name = 'x'", "insert into tag (name) values ('x')"):
        with pytest.raises(DBAPIError, match="read-only"), transaction(looking) as db:
            db.execute(text(statement))


def test_an_administrator_alone_may_empty_the_audit_log(own_file: scope.File) -> None:
    """An erasure; a policy would let it change nothing without a word."""
    with transaction_for_system() as db:
        line = audit.record(
            db,
            actor_id=None,
            action="gift.recorded",
            entity="gift",
            donor_id=own_file.donors["ruth"],
            sentence="A gift.",
        )
    collected = text("update activity set sentence = '' where id = :id")
    for role in ("ruth", "finance", "read_only"):
        with transaction(own_file.people[role]) as db:
            assert changed_rows(db.execute(collected, {"id": line})) == 0
    # the policy lets it through, and the trigger asks for more than a role
    with pytest.raises(DBAPIError), transaction(own_file.people["admin"]) as db:
        db.execute(collected, {"id": line})


def test_sums_are_kept_whoever_writes(own_file: scope.File) -> None:
    ruth = own_file.people["ruth"]
    with transaction(ruth) as db:
        donor_id = donors.create(db, ruth, fields=donors.DonorFields(name="New of ruth"))
        gifts.record(
            db,
            ruth,
            donor_id=donor_id,
            amount=Money.of("25", "USD"),
            on=TODAY,
            today=TODAY,
            now=NOW,
        )
    with transaction_for_system() as db:
        for table in ("donor_summary", "donor_year", "owner_month"):
            columns = "*" if table != "owner_month" else "owner_id, month, one_time_minor, gifts"
            wrong = f"select {columns} from {table}_fresh except select {columns} from {table}"
            assert db.execute(text(wrong)).all() == []


@pytest.mark.parametrize("table", Base.metadata.sorted_tables, ids=lambda table: table.name)
def test_every_table_that_names_a_person_has_a_policy_or_a_reason(table: Table) -> None:
    if not KEYS & set(table.columns.keys()):
        return
    if table.name in row_level_security.OPEN:
        assert row_level_security.policies(table) == {}
        return
    result = row_level_security.policies(table)
    roles = {role for whose, verb in result if verb == "select" for role in whose.split(", ")}
    assert roles == set(role_names.ROLES) - (
        {role_names.COACH} if table.name in row_level_security.MONEY else set()
    )


def test_the_policies_are_installed_as_written(db: Session) -> None:
    roles = db.execute(
        text(
            "select rolname, rolsuper, rolbypassrls, rolcanlogin from pg_roles"
            " where rolname like 'donorcrm\\_%'"
        )
    ).all()
    assert {tuple(row) for row in roles} == {
        (role, False, False, False) for role in role_names.ROLES
    }
    owned = "select count(*) from pg_class c join pg_roles r on r.oid = c.relowner"
    owned += " where r.rolname = any(:roles)"
    assert db.execute(text(owned), {"roles": list(role_names.ROLES)}).scalar_one() == 0
    standing = set(db.scalars(text("select relname from pg_class where relrowsecurity")))
    wanted = {
        table.name for table in Base.metadata.sorted_tables if row_level_security.policies(table)
    }
    wanted |= account_grants.RIGHTS.keys()
    assert standing == wanted
    assert row_level_security.problem(db) is None
    # a person's role would be asked for nothing in a view or trigger that runs as its owner
    loose = db.scalars(
        text(
            "select relname from pg_class where relkind = 'v'"
            " and relnamespace = 'public'::regnamespace and relname not like 'pg\\_%'"
            " and not coalesce(reloptions::text like '%security_invoker=true%', false)"
        )
    )
    assert set(loose) == {"pledge_income"}
    bare = db.scalars(
        text(
            "select proname from pg_proc where prosecdef and proconfig is null"
            " and pronamespace = 'public'::regnamespace"
        )
    )
    assert list(bare) == []


@pytest.fixture
def poor(_template: None) -> Iterator[str]:
    """A database of somebody who may not create roles, before its first migration."""
    # roles belong to the whole server, on which other workers test as well
    name = f"poor_{os.environ.get('PYTEST_XDIST_WORKER', 'gw0')}"
    owner = f"{name}_owner"
    run.admin(f"drop database if exists {name} with (force)")
    run.admin(f"drop role if exists {owner}")
    run.admin(f"create role {owner} login")
    run.admin(f"create database {name} owner {owner}")
    run.use(server.url(run.home(), name).set(username=owner))
    yield owner
    run.use(run.NOWHERE)
    run.admin(f"drop database if exists {name} with (force)")
    run.admin(f"drop role if exists {owner}")


def test_an_owner_who_may_make_roles_makes_them_and_can_become_them(poor: str) -> None:
    """From version 16, whoever makes a role is its member without the right to become it."""
    run.admin(f"alter role {poor} createrole")
    with engine().connect() as connection:
        with pytest.MonkeyPatch.context() as other:
            other.setattr(row_level_security, "ROLES", ("poor_one", "poor_two"))
            assert row_level_security.make_roles(connection)
            connection.execute(text("set role poor_two"))
            connection.execute(text("reset role"))
            connection.execute(text("drop role poor_one"))
            connection.execute(text("drop role poor_two"))
        connection.rollback()


def test_a_server_that_grants_no_roles_works_and_says_so(
    poor: str, caplog: pytest.LogCaptureFixture
) -> None:
    migrate.upgrade()
    assert "may not create roles" in caplog.text
    with transaction_for_system() as db:
        assert row_level_security.problem(db) == row_level_security.NO_ROLES
        assert list(doctor.CHECKS["Database"]()) == [row_level_security.NO_ROLES]
        make.organisation(db)
        ruth, sam = make.person(db), make.person(db)
        for owner in (ruth, sam):
            make.gift(db, make.donor(db, owner), "10", TODAY - timedelta(days=3))
    with transaction(ruth) as db:
        assert donors.page(db, ruth, filter=donors.DonorFilter(), today=TODAY).total == 1
    run.admin(f"grant {', '.join(role_names.ROLES)} to {poor}")
    migrate.upgrade()
    with transaction_for_system() as db:
        assert row_level_security.problem(db) is None
    with transaction(ruth) as db:
        assert db.execute(text("select count(*) from gift")).scalar_one() == 1
    # a dump is read by the owner, and is whole
    url = engine().url
    with (
        psycopg2.connect(host=url.query["host"], user=url.username, dbname=url.database) as raw,
        raw.cursor() as cursor,
    ):
        cursor.execute("set row_security = off")
        file = io.BytesIO()
        cursor.copy_expert("copy gift to stdout", file)
        assert file.getvalue().count(b"\n") == 2
    migrate.downgrade("base")
    migrate.upgrade()
    with transaction_for_system() as db:
        assert row_level_security.problem(db) is None
