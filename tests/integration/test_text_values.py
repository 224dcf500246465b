"""Every function with a text parameter × text that cannot be right: a sentence, nothing saved.

The parameters are found from the signatures, so that a new one is tested as it is added.
"""

import dataclasses
import inspect
import io
import typing
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from types import ModuleType
from typing import Any

import pytest
from sqlalchemy import URL, Connection, Engine, insert
from sqlalchemy.orm import Session

from app import (
    accounts,
    alerts,
    care_requests,
    donors,
    exports,
    gifts,
    goals,
    households,
    imports,
    mail,
    organisation_settings,
    pledges,
    summaries,
    tasks,
)
from app.accounts import Actor
from app.audit import ActivityFilter
from app.db.models import DonorAddress, Gift
from app.db.models.base import Base
from app.kit.dates.days import Span
from app.kit.errors import DonorCrmError
from app.kit.money import Money
from tests import database as run
from tests import factories as make
from tests.integration.accounts.test_impersonation import DETAIL_NUMBER, READS, WRITES

TODAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
PASSWORD = "harbour lantern seven quiet"
BAD = {
    "NUL": "a\0b@example.org",
    "surrogate": "a\ud800b@example.org",
    "10,000 characters": "x" * 10_000,
    "U+202E": "a\u202eb@example.org",
}
# compared and never stored
FILTER_OF_THE_LOG = {
    "exports.write_activity.filter.entity",
    "exports.write_activity.filter.action",
}
# a note takes so many characters, and a password any
TAKEN = {
    "10,000 characters": {
        "donors.create.fields.notes",
        "donors.update.fields.notes",
        *FILTER_OF_THE_LOG,
    },
    "U+202E": {
        "accounts.create_user.password",
        "organisation_settings.save_mail_server.server.password",
        "organisation_settings.checked_server.server.password",
        *FILTER_OF_THE_LOG,
    },
}
# values of these are arguments of ours, from no person or program
OURS = {
    "accounts.change_password.keep_session",
    "accounts.end_other_sessions.keep",
    "accounts.end_session.why",
    "accounts.end_impersonation.session_id",
    "accounts.impersonate.session_id",
    "donors.log_view.how",
    "accounts.open_session.address",
    "imports.commit.report",
}
FIELDS = donors.DonorFields(
    name="Mara Vogel",
    kind="person",
    first_name="Mara",
    last_name="Vogel",
    phone="555 0100",
    email="mara@example.org",
    address=donors.Address(city="Bern"),
    notes="Call.",
    more="A: 1",
    preferred_language="de",
    preferred_channel="mail",
)
GIVERS = '[[["gifts","at least","1"]]]'
ARGUMENTS: dict[str, dict[str, object]] = {
    "accounts.rows_of_import": {"model": Gift, "import_id": 1},
    "donors.create": {"fields": FIELDS},
    "donors.update": {"donor_id": "donor", "version": 1, "fields": FIELDS, "today": TODAY},
    "donors.search": {"query": "Mara"},
    "donors.page": {
        "filter": donors.DonorFilter("Mara", tag="x", custom_field="A", custom_value="1"),
        "today": TODAY,
    },
    "donors.cursor_at": {
        "filter": donors.DonorFilter("Mara", tag="x", custom_field="A", custom_value="1"),
        "today": TODAY,
    },
    "donors.filtered_ids": {
        "filter": donors.DonorFilter("Mara", tag="x", custom_field="A"),
        "today": TODAY,
    },
    "donors.save_segment": {"name": "Givers", "where": GIVERS},
    "donors.change_segment": {
        "segment_id": "segment",
        "version": 1,
        "name": "Givers",
        "where": GIVERS,
        "shared_with": "team",
    },
    "donors.where_sentence": {"where": GIVERS, "today": TODAY},
    "donors.named_in_export": {"kind": "donors"},
    "donors.create_custom_field": {"name": "Church", "field_type": "choice", "choices": ["A"]},
    "donors.change_custom_field": {
        "field_id": "field",
        "version": 1,
        "name": "Shirt",
        "field_type": "choice",
        "choices": ["S"],
    },
    "donors.timeline": {
        "donor_id": "donor",
        "filter": donors.TimelineFilter(kinds=("gift",), find="Mara"),
    },
    "tasks.page": {
        "filter": tasks.TaskFilter(query="Mara"),
        "today": TODAY,
        "week_end": TODAY,
    },
    "tasks.move": {"task_ids": ["task"], "to": TODAY, "today": TODAY},
    "tasks.create_for_donors": {"donor_ids": ["donor"], "title": "Call"},
    "gifts.ids_to_change": {"filter": gifts.GiftFilter(query="Mara")},
    "gifts.cursor_at": {"filter": gifts.GiftFilter(query="Mara")},
    "gifts.page": {"filter": gifts.GiftFilter(query="Mara")},
    "gifts.lines": {"filter": gifts.GiftFilter(query="Mara")},
    "gifts.filtered_ids": {"filter": gifts.GiftFilter(query="Mara")},
    "gifts.awaiting_rate": {"filter": gifts.GiftFilter(query="Mara")},
    "gifts.awaiting_rate_by": {"by": gifts.GroupBy.DONOR},
    "gifts.awaiting_rates": {
        "filter": gifts.GiftFilter(query="Mara"),
        "sums": {"all": gifts.SumScope()},
    },
    "gifts.record": {
        "donor_id": "donor",
        "amount": Money(100, "USD"),
        "on": TODAY,
        "details": gifts.GiftDetails(
            check_number="1",
            tribute="in honour of",
            tribute_name="Edna",
            notify_name="Tom",
            notify_address="Hull",
        ),
        "today": TODAY,
        "now": NOW,
    },
    "exports.write": {
        "kind": "gifts",
        "out": io.BytesIO,
        "today": TODAY,
        "query": exports.ExportQuery(),
    },
    "exports.write_activity": {"filter": ActivityFilter(), "out": io.BytesIO},
    "exports.schedule_export": {
        "kind": "donors",
        "form": "csv",
        "rhythm": "weekly",
        "only_new": False,
        "today": TODAY,
        "query": exports.ExportQuery(donors.DonorFilter(), ("name",)),
    },
    "imports.inspect_file": {"data": b"name\nIvy"},
    "pledges.page": {"filter": pledges.PledgeFilter(), "today": TODAY},
    "pledges.pledge_statuses": {"filter": pledges.PledgeFilter(), "today": TODAY},
    "pledges.skip": {
        "pledge_id": "pledge",
        "due": date(2026, 12, 1),
        "reason": "away",
        "today": TODAY,
    },
    "pledges.behind": {"lines": [], "today": TODAY, "locale": "en_US"},
    "alerts.open_for": {"kinds": ["late_pledge"], "today": TODAY},
    "alerts.changes": {"kinds": ["late_pledge"], "span": Span(TODAY, TODAY)},
    "accounts.update_profile": {
        "name": "Me",
        "time_zone": None,
        "summary_on": False,
        "summary_weekday": 0,
        "summary_hour": 1,
        "alert_channels": {"late_pledge": "app"},
        "locale": "de_CH",
    },
    "goals.set_goal": {"user_id": "user", "month": TODAY, "minor": 1, "today": TODAY},
    "accounts.create_user": {
        "email": "new@example.org",
        "name": "Neu",
        "role": "fundraiser",
        "password": PASSWORD,
    },
    "accounts.sign_in": {"email": "admin@example.org", "password": "x", "now": NOW},
    "accounts.request_reset": {"email": "admin@example.org", "caller": "8.8.8.8", "now": NOW},
    "accounts.sign_in_with_code": {
        "needed": accounts.CodeRequired(1, "x", NOW),
        "code": "1",
        "now": NOW,
    },
    "accounts.sign_in_with_provider": {"email": "x", "verified": True, "now": NOW},
    "accounts.accept_invitation": {"code": "x", "new": PASSWORD, "now": NOW},
    "accounts.reset_password": {"code": "x", "new": PASSWORD, "now": NOW},
    "accounts.open_session": {"user_id": "user", "now": NOW},
    "mail.suppress_address": {"email": "a@example.org", "reason": "Unwanted.", "now": NOW},
}
# nobody has such a code
CODES = {"accounts.accept_invitation", "accounts.reset_password"}
MODULES = (
    accounts,
    alerts,
    care_requests,
    donors,
    exports,
    gifts,
    goals,
    households,
    imports,
    organisation_settings,
    pledges,
    tasks,
)
# without an actor: for whoever has a secret, or asks to come in
NOBODYS = {
    accounts: (
        "accept_invitation",
        "request_password_reset",
        "redeem_code",
        "request_reset",
        "sign_in_with_code",
        "open_session",
        "api_token_actor",
        "identify",
        "refresh_tokens",
        "revoke_tokens",
        "reset_password",
        "send_reset_link",
        "session_actor",
        "sign_in",
        "sign_in_with_provider",
        "token_actor",
        "actor_by_email",
    ),
    summaries: ("perform_action", "preview_action"),
    mail: ("read_action_token", "read_email_preferences_token"),
}


def is_text(annotation: object) -> bool:
    return annotation is str or (
        str in typing.get_args(annotation) and type(None) in typing.get_args(annotation)
    )


# name → the actor or the id of a row
World = dict[str, Actor | int]


def last_dataclass(annotation: Any) -> Any:
    """Return the last dataclass of a union of several, and any other annotation unchanged."""
    members = [part for part in typing.get_args(annotation) if dataclasses.is_dataclass(part)]
    return members[-1] if len(members) > 1 else annotation


def places(function: Callable[..., object]) -> list[str]:
    """Return where a function takes text: "name", "fields.notes", "kinds[]", "channels{}"."""
    found = []
    for name, one in inspect.signature(function).parameters.items():
        kind = one.annotation
        if name in {"db", "actor"}:
            continue
        if is_text(kind) or typing.get_origin(kind) is typing.Literal:
            found.append(name)
        elif one.kind is inspect.Parameter.VAR_KEYWORD and typing.get_args(kind):
            # the keys of a typed dictionary
            hints = typing.get_type_hints(typing.get_args(kind)[0])
            found += [part for part, hint in hints.items() if is_text(hint)]
        elif dataclasses.is_dataclass(kind := last_dataclass(kind)):
            hints = typing.get_type_hints(kind)
            found += [f"{name}.{part}" for part, hint in hints.items() if is_text(hint)]
            found += [
                f"{name}.{part}[]"
                for part, hint in hints.items()
                if typing.get_args(hint)[:1] == (str,) and ... in typing.get_args(hint)
            ]
            if "address" in hints:
                found.append(f"{name}.address.city")
        elif "Sequence[str]" in str(kind):
            found.append(f"{name}[]")
        elif "[str, str]" in str(kind):
            found.append(f"{name}{{}}")
    return found


def cases() -> list[tuple[str, str]]:
    found = []
    for room in MODULES:
        names = {*WRITES.get(room, ()), *READS.get(room, ()), *NOBODYS.get(room, ())}
        for name in sorted(names):
            found += [(f"{short(room)}.{name}", place) for place in places(getattr(room, name))]
    for room in (summaries, mail):
        found += [(f"{short(room)}.{name}", "token") for name in NOBODYS[room]]
    return [case for case in found if ".".join(case) not in OURS]


def short(room: ModuleType) -> str:
    return room.__name__.removeprefix("app.")


def with_text(value: Any, place: str, bad: object) -> Any:
    """Return the value with a text at a place: an attribute, an item of a list or a mapping."""
    if not place:
        return bad
    if place == "[]":
        return (bad,)
    if place == "{}":
        return {bad: bad}
    name, _, rest = place.removeprefix(".").partition(".")
    if name.endswith("[]"):
        return dataclasses.replace(value, **{name[:-2]: (bad,)})
    inner = with_text(getattr(value, name), f".{rest}" if rest else "", bad)
    return dataclasses.replace(value, **{name: inner})


def function_of(name: str) -> tuple[Callable[..., object], dict[str, object]]:
    room, _, function = name.partition(".")
    module = {short(one): one for one in (*MODULES, summaries, mail)}[room]
    arguments = ARGUMENTS.get(name) or WRITES.get(module, {}).get(function)
    made = getattr(module, function)
    if arguments is None:
        wanted = inspect.signature(made).parameters
        defaults = {"now": NOW, "today": TODAY}
        arguments = {key: value for key, value in defaults.items() if key in wanted}
    return made, dict(arguments)


@pytest.fixture(scope="module")
def standing(_worker_database: URL, _worker_engine: Engine) -> Iterator[tuple[Connection, World]]:
    """A connection with a world that no case changes."""
    run.use(_worker_database)
    with _worker_engine.connect() as connection:
        outer = connection.begin()
        with on(connection) as session:
            world = everything(session)
            session.commit()
        yield connection, world
        outer.rollback()
    run.use(run.NOWHERE)


def on(connection: Connection) -> Session:
    return Session(connection, expire_on_commit=False, join_transaction_mode="create_savepoint")


@pytest.fixture
def db(standing: tuple[Connection, World]) -> Iterator[Session]:
    """A session in that world, whose work is rolled back."""
    with on(standing[0]) as session:
        yield session
        session.rollback()


@pytest.fixture
def world(standing: tuple[Connection, World]) -> World:
    return standing[1]


def everything(db: Session) -> World:
    make.organisation(db, modules=["requests"])
    admin = make.person(db, "admin")
    donor = make.donor(db, admin, "Ivy")
    found: World = {
        "admin": admin,
        "donor": donor,
        "user": admin.user_id,
        "gift": make.gift(db, donor, "10", TODAY),
        "pledge": make.pledge(db, donor, "20", "monthly", date(2026, 1, 1)),
        "alert": make.alert(db, donor),
    }
    found |= {"fund": make.fund(db), "other_fund": make.fund(db)}
    found |= {"campaign": make.campaign(db), "other_campaign": make.campaign(db)}
    found["field"] = make.custom_field(db, "Shirt")
    found["tag"] = make.add_tag(db, donor, "newsletter")
    found["segment"] = make.segment(db, admin)
    found["other"] = make.donor(db, admin, "Ben")
    found["household"] = make.household(db, make.donor(db, admin), make.donor(db, admin))
    db.execute(insert(DonorAddress).values(id=DETAIL_NUMBER, donor_id=donor, city="Lima"))
    found["request"] = make.care_request(db, donor)
    found["task"] = tasks.create(db, admin, title="Call", donor_id=donor)
    accounts.set_exchange_rate(
        db, admin, currency="EUR", day=NOW.date(), rate="1.1", today=NOW.date()
    )
    db.flush()
    return found


def call(db: Session, world: World, name: str, place: str = "", bad: object = "") -> object:
    function, arguments = function_of(name)
    for key, value in arguments.items():
        if isinstance(value, type) and not issubclass(value, Base):
            arguments[key] = value()
        if isinstance(value, str) and key.endswith("_id"):
            arguments[key] = world.get(value, value)
        if isinstance(value, list) and key.endswith("_ids"):
            arguments[key] = [world.get(each, each) for each in value]
    if place:
        parameter, dot, rest = place.replace("[]", ".[]").replace("{}", ".{}").partition(".")
        rest = rest.replace(".[]", "[]")
        inner = rest if rest in {"[]", "{}"} else dot + rest
        arguments[parameter] = with_text(arguments.get(parameter), inner, bad)
    parameters = inspect.signature(function).parameters
    first: list[object] = [db] if "db" in parameters else []
    if "actor" in parameters:
        first.append(world["admin"])
    return function(*first, **arguments)


CHANGES = {f"{short(room)}.{name}" for room, writes in WRITES.items() for name in writes}


@pytest.mark.parametrize("bad", BAD)
@pytest.mark.parametrize(("name", "place"), cases(), ids=str)
def test_a_text_that_cannot_be_right_is_a_sentence_and_nothing_is_saved(
    db: Session, world: World, name: str, place: str, bad: str
) -> None:
    refused, said = False, ""
    try:
        call(db, world, name, place, BAD[bad])
    except DonorCrmError as error:
        refused, said = True, str(error)
    assert len(said.encode()) < 12_000
    where = f"{name}.{place}"
    allowed = where in TAKEN.get(bad, ())
    if name in CHANGES and not allowed:
        assert refused, where


@pytest.mark.parametrize(("name", "place"), cases(), ids=str)
def test_where_a_text_is_needed_one_that_shows_nothing_is_none(
    db: Session, world: World, name: str, place: str
) -> None:
    if name not in CHANGES:
        return
    for nothing in ("", "\u200b\ufeff", "\u3164"):
        with db.begin_nested() as trial:
            refused = False
            try:
                call(db, world, name, place, nothing)
            except DonorCrmError:
                refused = True
            trial.rollback()
        if not nothing:
            needed = refused
        assert refused or not needed, (name, place, nothing)


@pytest.mark.parametrize("name", sorted({name for name, _ in cases()} & set(ARGUMENTS) - CODES))
def test_what_is_refused_is_the_text_and_not_the_rest(
    db: Session, world: World, name: str
) -> None:
    call(db, world, name)


def test_parameters_of_text_are_found() -> None:
    found = {".".join(case) for case in cases()}
    assert {
        "donors.create.fields.name",
        "donors.create.fields.address.city",
        "donors.page.filter.query",
        "donors.page.filter.statuses[]",
        "gifts.record.note",
        "tasks.create.title",
        "accounts.update_profile.alert_channels{}",
        "alerts.dismiss.reason",
        "accounts.sign_in.password",
        "accounts.save_organisation.name",
    } <= found
    assert len(found) > 80
