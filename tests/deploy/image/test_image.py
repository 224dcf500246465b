"""The image of the Dockerfile in the services of docker-compose.yml, from start to stop."""

import os
import re
import signal
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from playwright.sync_api import Browser, expect

from app import demo
from app.db.embedded import os_user
from deploy import shape
from deploy.parts import answers_http, answers_sql, answers_tcp
from tests.browser.conftest import settled, sign_in
from tests.deploy.api_client import Client, gifts
from tests.deploy.image.containers import Engine, Service
from tests.external_tools import needed, needed_server

ADA = "ada@example.org"
PASSWORD = demo.SIGN_INS[0].password
# more than the web process imports by itself
ROWS = 21_000
WRONG = re.compile(r"Traceback|Read-only file system|Permission denied|not writable")


def healthy(engine: Engine, described: dict[str, Any]) -> bool:
    """Ask as the image's health check does, in a container beside the service's."""
    kind, *command = engine.image.health_check
    assert kind == "CMD"
    return engine.service("health", described, command).start().ended(30) == 0


def test_the_image_runs_alone_with_its_own_database(
    engine: Engine, compose: dict[str, Any]
) -> None:
    """As `docker run --read-only --tmpfs /tmp --volume alone:/data donorcrm python -m app run`."""
    rights = ("read_only", "tmpfs", "cap_drop", "security_opt")
    described = {name: compose["services"]["web"][name] for name in rights}
    described["volumes"] = ["alone:/data"]
    service = engine.service("alone", described, ("python", "-m", "app", "run"))
    service.grace = 60
    service.start()
    try:
        address = f"http://{engine.network.address}:8501"
        service.wait(answers_http(f"{address}/api/v1/health/"))
        assert healthy(engine, {"environment": {}})
    finally:
        code = service.stop(engine.image.stop_signal)
    assert code == 0, service.said()
    assert not WRONG.search(service.said()), service.said()
    data = engine.volume("alone", "/data")
    facts = data.stat()
    assert (facts.st_uid, facts.st_gid, stat.S_IMODE(facts.st_mode)) == (10001, 10001, 0o700)
    assert {path.stat().st_uid for path in data.rglob("*") if not path.is_symlink()} == {10001}
    assert not (data / "postgres/data/postmaster.pid").exists(), "the database was stopped too"


def test_nothing_in_the_image_may_be_written_by_its_user(engine: Engine) -> None:
    root = engine.image.root
    theirs = ("(", "-user", "10001", "-o", "-perm", "-o+w", ")", "-not", "-type", "l")
    found = subprocess.run(
        ["find", root, "-xdev", *theirs, "-printf", "/%P\n"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split()
    # what an engine mounts, and the folder of the volume
    allowed = re.compile(r"/(data|tmp|dev/.*|proc.*|var/tmp|run/lock|var/lock)$")
    assert [path for path in found if not allowed.fullmatch(path)] == []
    assert (root / "srv/donorcrm/app").is_dir()
    for name in (".env", ".git", "tests", "var"):
        assert not (root / "srv/donorcrm" / name).exists()
    # the browsers' files are compressed when the image is built, not at each start
    assert list((root / "opt/venv/share/donorcrm").glob("static-files-*"))


@pytest.fixture(scope="module")
def servers(engine: Engine, compose: dict[str, Any]) -> Iterator[str]:
    """The database and the cache of the compose file; return the database's address."""
    database, cache = compose["services"]["postgres"], compose["services"]["redis"]
    login = database["environment"]
    home = engine.folder / "postgres"
    user = os_user.of(home)
    data, programs = shape.make_database(home, user, login["POSTGRES_PASSWORD"])
    needed_server()
    with (data / "pg_hba.conf").open("a") as rules:
        rules.write(f"host all all {engine.network.gateway}/32 scram-sha-256\n")
    drop = []
    if user:
        drop = [needed("setpriv"), f"--reuid={user.uid}", f"--regid={user.gid}", "--clear-groups"]
    name, *options = database["command"]
    fast = ["-c", "fsync=off", "-c", "listen_addresses=*", "-c", "unix_socket_directories="]
    words = [*drop, str(programs / name), "-D", str(data), *options, *fast]
    postgres = Service(
        "postgres", engine.network.inside(*words), engine.folder / "postgres.log", os.environ
    )
    name, *options = cache["command"]
    words = [needed(name), *options, "--protected-mode", "no", "--dir", str(engine.folder)]
    redis = Service(
        "redis", engine.network.inside(*words), engine.folder / "redis.log", os.environ
    )
    address = "postgresql://{POSTGRES_USER}:{POSTGRES_PASSWORD}@{host}/{{}}".format(
        host=engine.network.address, **login
    ).replace(" ", "%20")
    try:
        postgres.start().wait(answers_sql(address.format("postgres")))
        redis.start().wait(answers_in(engine, 6379))
        connection = psycopg2.connect(address.format("postgres"))
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(f"create database {login['POSTGRES_DB']}")
        connection.close()
        yield address.format(login["POSTGRES_DB"])
    finally:
        redis.stop()
        postgres.stop("SIGINT")


def answers_in(engine: Engine, port: int) -> Any:
    """Return a check whether a port of the services is open."""
    return answers_tcp(port, host=engine.network.address)


def numbers(address: str) -> tuple[int, int]:
    """Return the numbers of gifts and of imports that have not ended."""
    connection = psycopg2.connect(address)
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                "select (select count(*) from gift), (select count(*) from import_run"
                " where state in ('queued', 'running', 'undoing'))"
            )
            (row,) = cursor.fetchall()
    finally:
        connection.close()
    return int(row[0]), int(row[1])


@pytest.mark.browser
def test_the_services_of_the_compose_file_from_start_to_stop(
    engine: Engine, compose: dict[str, Any], servers: str, browser: Browser, tmp_path: Path
) -> None:
    services = compose["services"]
    migrate = engine.service("migrate", services["migrate"]).start()
    assert migrate.ended() == 0, migrate.said()
    setup = ["python", "-m", "app", "setup", "--password-stdin", "--country=DE"]
    setup += ["--administrator=Ada", "--name=Lantern Road", f"--email={ADA}"]
    done = engine.service("setup", services["web"], setup).start(f"{PASSWORD}\n".encode())
    assert done.ended() == 0, done.said()
    web = engine.service("web", services["web"]).start()
    scheduler = engine.service("scheduler", services["scheduler"]).start()
    client = Client(f"http://{engine.network.address}:{services['web']['environment']['PORT']}")
    try:
        web.wait(answers_http(f"{client.address}/api/v1/health/"))
        assert healthy(engine, services["web"])
        web.wait(answers_http(f"{client.address}/api/v1/ready/"))
        imports_a_file_in_the_browser(client, browser, tmp_path)
        assert numbers(servers) == (40, 0)
        scheduler = stops_in_the_middle_of_an_import(engine, services, client, scheduler, servers)
    finally:
        codes = {
            service.name: service.stop(engine.image.stop_signal) for service in (web, scheduler)
        }
    words = {service.name: service.said() for service in (web, scheduler)}
    # the web's server ends by the signal once it has closed its connections
    assert codes == {"web": -signal.SIGTERM, "scheduler": 0}, words
    assert numbers(servers) == (40 + ROWS, 0)
    for name in ("migrate", "setup", "web", "scheduler"):
        text = (engine.folder / f"{name}.log").read_text(errors="replace")
        assert not WRONG.search(text), text[-4_000:]
    # nothing was written but in the volume, and there nothing that only one process has
    names = {path.name for path in engine.volume("files", "/data").iterdir()}
    assert not names & {"uploads", "full-exports", "postgres"}, names


def imports_a_file_in_the_browser(client: Client, browser: Browser, folder: Path) -> None:
    """Sign in by the form and import a file on the screen."""
    file = folder / "gifts.csv"
    file.write_bytes(gifts(40, first=1_000_000))
    with browser.new_context(locale="en-US") as context:
        page = context.new_page()
        sign_in(page, client, ADA, "/import")
        page.locator('input[type="file"]').set_input_files(file)
        button = page.get_by_role("button", name=re.compile(r"^Import 40 gifts"))
        expect(button).to_be_visible()
        settled(page)
        button.click()
        expect(page.get_by_text("gifts.csv imported")).to_be_visible()


def stops_in_the_middle_of_an_import(
    engine: Engine,
    services: dict[str, Any],
    client: Client,
    scheduler: Service,
    database: str,
) -> Service:
    """Stop the scheduler while it imports: it ends well, and the next one completes the rest."""
    client.sign_in(ADA, PASSWORD)
    plan = client.plan(gifts(ROWS))
    assert client.commit(plan)["state"] == "queued"
    client.wait(plan, "running")
    code = scheduler.stop(engine.image.stop_signal)
    assert code == 0, scheduler.said()
    # either all of the import or nothing of it
    state, (many, _) = client.state(plan)["state"], numbers(database)
    assert many == (40 + ROWS if state == "done" else 40), state
    again = engine.service("scheduler", services["scheduler"]).start()
    again.wait(answers_http(f"{client.address}/api/v1/ready/"))
    done = client.wait(plan)
    assert (done["state"], done["error"]) == ("done", None), again.said()
    return again
