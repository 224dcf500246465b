"""File downloads of the screens, authenticated by the session cookie at each request.

Streamlit would serve a file to every client that knows its URL. Here the session cookie is checked
at each request, and the file is written for its user, streamed, and not stored.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import partial
from typing import IO
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from app import accounts, audit, exports, imports
from app.accounts import Actor, cookie_name
from app.api.file_response import send_file, start_again
from app.api.query_values import moment, number, word
from app.api.turns import BusyError
from app.db import Session, replica, transaction, transaction_for_system
from app.db.errors import DatabaseError, sentence
from app.kit.errors import ConfirmFirstError, DonorCrmError

SIGN_IN = "Please sign in, then ask for the file again."
ELSEWHERE = "Download files from the screens of DonorCRM."
WRONG = "This file address is not valid. Download it from the screen again."


class SignInError(DonorCrmError):
    """The request has no valid session."""

    status = 401


Write = Callable[[Session, Actor, IO[bytes], exports.Later], str]


async def export(request: Request) -> Response:
    """Send the rows of a kind, filtered by the query parameters, as CSV or as a workbook."""
    kind, form = request.path_params["kind"], request.path_params["form"]

    def write(db: Session, actor: Actor, file: IO[bytes], later: exports.Later) -> str:
        query = exports.decode_query(kind, request.query_params.multi_items())
        today = _today(actor)
        exports.write(
            db,
            actor,
            kind=kind,
            out=file,
            form=form,
            today=today,
            query=query,
            later=later,
            now=datetime.now(UTC),
        )
        return exports.file_name(kind, today=today, form=form, query=query)

    return await _send(request, write, read_only=True)


async def audit_log_file(request: Request) -> Response:
    """Send the audit log, filtered by the query parameters, as CSV or as a workbook."""
    form = request.path_params["form"]

    def write(db: Session, actor: Actor, file: IO[bytes], later: exports.Later) -> str:
        fitting = _chosen(request.query_params)
        exports.write_activity(
            db, actor, filter=fitting, out=file, form=form, later=later, now=datetime.now(UTC)
        )
        return exports.file_name("what-happened", today=_today(actor), form=form)

    return await _send(request, write, read_only=True)


async def team_file(request: Request) -> Response:
    """Send the figures of the user's team as CSV or as a workbook."""
    form = request.path_params["form"]

    def write(db: Session, actor: Actor, file: IO[bytes], later: exports.Later) -> str:
        today = _today(actor)
        exports.write_team(db, actor, out=file, today=today, form=form, later=later)
        return exports.file_name("team", today=today, form=form)

    return await _send(request, write, read_only=True)


async def subject_access_file(request: Request) -> Response:
    """Send all data about a donor as one zip file."""
    donor_id = request.path_params["id"]

    def write(db: Session, actor: Actor, file: IO[bytes], _later: exports.Later) -> str:
        exports.write_subject(db, actor, donor_id=donor_id, out=file)
        return f"donor-{donor_id}.zip"

    return await _send(request, write)


async def archive_file(request: Request) -> Response:
    """Send the finished archive of the whole organisation."""

    def write(db: Session, actor: Actor, file: IO[bytes], _later: exports.Later) -> str:
        return exports.write_archive(db, actor, out=file, now=datetime.now(UTC))

    return await _send(request, write)


async def rejected_rows_file(request: Request) -> Response:
    """Send the rows of an import that were not imported, with reason and suggestion, as CSV."""
    run_id = request.path_params["id"]

    def write(db: Session, actor: Actor, file: IO[bytes], _later: exports.Later) -> str:
        file.write(imports.error_file(db, actor, run_id=run_id))
        return f"not-imported-{run_id}.csv"

    return await _send(request, write)


async def imported_file(request: Request) -> Response:
    """Send the uploaded file of an import unchanged."""
    run_id = request.path_params["id"]

    def write(db: Session, actor: Actor, file: IO[bytes], _later: exports.Later) -> str:
        name, data = imports.stored_file(db, actor, run_id=run_id)
        file.write(data)
        return name

    return await _send(request, write)


async def import_template_file(request: Request) -> Response:
    """Send the template of a kind, to fill in and import."""
    kind = request.path_params["kind"]

    def write(_db: Session, actor: Actor, file: IO[bytes], _later: exports.Later) -> str:
        file.write(imports.template(actor, kind=kind))
        return f"{kind}-template.csv"

    return await _send(request, write)


async def _send(request: Request, write: Write, *, read_only: bool = False) -> Response:
    """Write a file as the user of the session cookie, and send it.

    With `read_only` it is written on the read replica if there is one, and what it records is
    recorded afterwards, by what it appends to `later`.
    """
    if request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        return PlainTextResponse(ELSEWHERE, 403)
    try:
        return await send_file(partial(_written, request, write, read_only))
    except ConfirmFirstError:
        return RedirectResponse(_to_confirm(request), 303)
    except BusyError as error:
        return PlainTextResponse(str(error), error.status, {"retry-after": str(error.wait)})
    except DonorCrmError as error:
        return PlainTextResponse(str(error), error.status)
    except DatabaseError as error:
        return PlainTextResponse(sentence(error), 503)


def _written(
    request: Request,
    write: Write,
    read_only: bool,  # noqa: FBT001 - bound once, above
    file: IO[bytes],
    later: exports.Later,
) -> str:
    """Write the file as the user of the session cookie, and return its name."""
    actor = cookie_actor(request)
    if actor is None:
        raise SignInError(SIGN_IN)
    client = request.client.host if request.client else None

    def read(db: Session) -> str:
        start_again(file, later)
        return write(db, actor, file, later)

    with audit.client_address(client):
        if read_only:
            return replica.read(actor, read)
        with transaction(actor) as db:
            return write(db, actor, file, later)


def _to_confirm(request: Request) -> str:
    """Return the URL of the screen where the user re-authenticates before downloading the file."""
    query = urlencode(request.query_params.multi_items())
    path = request.url.path.removeprefix(f"{exports.FILES_URL}/") + (f"?{query}" if query else "")
    return "/export?" + urlencode({"file": path})


def cookie_actor(request: Request) -> Actor | None:
    """Return the actor of the session cookie; None without a valid session.

    Raises:
        MfaRequiredError: the session may only set up two-factor authentication.
    """
    cookie = request.cookies.get(cookie_name(), "")
    now = datetime.now(UTC)
    # with the system's rights: detecting a copied cookie ends its session
    with transaction_for_system() as db:
        identity = cookie and accounts.identify(db, cookie=cookie, now=now, rotate=False)
        actor = accounts.session_actor(db, session_id=identity[0], now=now) if identity else None
    if actor is not None:
        accounts.require_set_up(actor)
    return actor


def _chosen(params: QueryParams) -> audit.ActivityFilter:
    return audit.ActivityFilter(
        actor_id=number(params["by"], WRONG) if "by" in params else None,
        entity=word(params["kind"], WRONG) if "kind" in params else None,
        action=word(params["action"], WRONG) if "action" in params else None,
        record=number(params["record"], WRONG) if "record" in params else None,
        start=moment(params["from"], WRONG) if "from" in params else None,
        end=moment(params["until"], WRONG) if "until" in params else None,
    )


def _today(actor: Actor) -> date:
    return datetime.now(ZoneInfo(actor.time_zone)).date()


routes = [
    Route("/api/v1/files/what-happened.{form}", audit_log_file, methods=["GET"]),
    Route("/api/v1/files/team.{form}", team_file, methods=["GET"]),
    Route("/api/v1/files/everything.zip", archive_file, methods=["GET"]),
    Route("/api/v1/files/donors/{id:number}.zip", subject_access_file, methods=["GET"]),
    Route("/api/v1/files/imports/{id:number}.csv", rejected_rows_file, methods=["GET"]),
    Route("/api/v1/files/imports/{id:number}/file", imported_file, methods=["GET"]),
    Route("/api/v1/files/import-templates/{kind}.csv", import_template_file, methods=["GET"]),
    Route("/api/v1/files/{kind}.{form}", export, methods=["GET"]),
]
