"""The links behind the export buttons: for the browser that is signed in, and nobody else."""

import csv
import io
import warnings
from datetime import UTC, datetime

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware

from app import accounts
from app.accounts import Role
from app.api import Walls, routes
from app.db import transaction
from app.imports.workbook import as_csv
from tests import factories

with warnings.catch_warnings():
    # it prefers a client of the same words by another name
    warnings.simplefilter("ignore")
    from starlette.testclient import TestClient

FILES = "/api/v1/files"


@pytest.fixture
def client(database):
    app = Starlette(routes=routes, middleware=[Middleware(Walls)])
    with TestClient(app, base_url="http://127.0.0.1:8501") as one:
        yield one


@pytest.fixture
def people(database):
    with transaction() as db:
        factories.organisation(db)
        ruth, sam = factories.person(db, name="Ruth"), factories.person(db, name="Sam")
        coach = factories.person(db, role=Role.COACH)
        factories.donor(db, ruth, "Mara Vogel")
        factories.donor(db, sam, "Otto Fir")
    return {"ruth": ruth, "sam": sam, "coach": coach}


def sign_in(client, who):
    with transaction() as db:
        _, code = accounts.open_session(db, user_id=who.user_id, now=datetime.now(UTC))
    client.cookies.clear()
    answer = client.post(
        "/api/v1/auth/session/", json={"code": code}, headers={"x-requested-with": "donorcrm"}
    )
    assert answer.status_code == 200


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_one_takes_ones_own(client, people, form):
    sign_in(client, people["ruth"])
    answer = client.get(f"{FILES}/donors.{form}")
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["content-disposition"].endswith(f'.{form}"')
    data = answer.content if form == "csv" else as_csv(answer.content)
    assert [row["name"] for row in csv.DictReader(io.StringIO(data.decode()))] == ["Mara Vogel"]


def test_nobody_else_is_answered(client, people):
    assert client.get(f"{FILES}/donors.csv").status_code == 401
    sign_in(client, people["coach"])
    assert client.get(f"{FILES}/donors.csv").status_code == 403
    sign_in(client, people["ruth"])
    foreign = client.get(f"{FILES}/donors.csv", headers={"sec-fetch-site": "cross-site"})
    assert (foreign.status_code, "Mara" in foreign.text) == (403, False)
    assert client.get(f"{FILES}/secrets.csv").status_code == 422
    assert client.get(f"{FILES}/donors.exe").status_code == 422
