"""The commands as a script calls them: exit code 0 done, 1 refused with a sentence, 2 usage."""

import json
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import URL, text

from app import backups
from app.cli import main
from app.cli.doctor import command as doctor
from app.cli.doctor import external as doctor_external
from app.db import job_runs, migrate, schema_revision, transaction_for_system
from app.db.embedded import server
from app.db.session import dispose, engine
from app.settings import ROOT, Settings, settings
from tests import database as run
from tests import factories as make
from tests import oidc_server, smtp_sink
from tests.conftest import WORKER
from tests.integration.cli.test_imported_modules import imported


@dataclass
class Said:
    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def app(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Callable[..., Said]]:
    """Run a command as `python -m app` does, in this process."""

    def app(*arguments: str, **variables: str) -> Said:
        with monkeypatch.context() as patch:
            patch.setattr(sys, "argv", ["app", *arguments])
            for name, value in variables.items():
                patch.setenv(name, value)
            settings.cache_clear()
            if "DATABASE_URL" in variables:
                dispose()
            capsys.readouterr()
            with pytest.raises(SystemExit) as ended:
                main()
        settings.cache_clear()
        return Said(int(ended.value.code or 0), *capsys.readouterr())

    yield app
    dispose()


@pytest.fixture
def bare(_template: None) -> Iterator[URL]:
    """An empty database: no table yet."""
    name = f"bare_{WORKER}"
    run.admin(f"drop database if exists {name} with (force)")
    run.admin(f"create database {name}")
    url = server.url(run.home(), name)
    run.use(url)
    yield url
    run.use(run.NOWHERE)
    run.admin(f"drop database {name} with (force)")


def test_help_names_every_command(app: Callable[..., Said]) -> None:
    process = app("--help")
    assert process.returncode == 0
    for command in (
        "serve",
        "demo",
        "db",
        "user",
        "import",
        "import-undo",
        "export",
        "figures",
        "demo-data",
        "jobs",
        "bench",
        "doctor",
        "secret",
    ):
        assert f" {command} " in process.stdout, command


def test_a_command_imports_what_it_needs_alone() -> None:
    audit = imported("app", "audit", "--help")
    assert "app.cli.audit" in audit
    assert not audit & {"app.cli.backups", "app.cli.import_file", "alembic", "pandas"}
    figures = imported("app", "figures", "--help")
    # no REDIS_URL is set
    assert "app.cache.redis_client" in figures
    assert "redis" not in figures


def test_a_misspelled_command_is_answered_with_the_nearest(app: Callable[..., Said]) -> None:
    process = app("secrets")
    assert (process.returncode, "'secret'" in process.stderr) == (2, True)


def test_wrong_usage_exits_with_two(app: Callable[..., Said]) -> None:
    assert app("db").returncode == 2
    assert app("db", "upgrade", "a", "b").returncode == 2
    assert app("no-such-command").returncode == 2


def test_a_refusal_exits_with_one_and_prints_a_sentence_to_stderr(
    app: Callable[..., Said],
) -> None:
    process = app("db", "check", DATABASE_URL="mysql://h/n")
    assert (process.returncode, process.stdout) == (1, "")
    assert process.stderr.count("\n") == 1
    assert process.stderr.startswith("DATABASE_URL is not the address of a PostgreSQL server.")


def test_an_unreachable_server_gives_a_sentence(app: Callable[..., Said]) -> None:
    process = app("db", "check", DATABASE_URL="postgresql://h.invalid:1/n?connect_timeout=2")
    assert process.returncode == 1
    assert process.stderr.startswith("The database server does not let us in: ")
    assert process.stderr.endswith("Check DATABASE_URL and the server.\n")


def test_three_processes_migrating_at_once_migrate_once(bare: URL) -> None:
    command = [sys.executable, "-c", "from app.db import migrate; migrate.upgrade()"]
    started = [
        subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for _ in range(3)
    ]
    outputs = [process.communicate(timeout=120) for process in started]
    assert [process.returncode for process in started] == [0, 0, 0], outputs
    assert schema_revision.at_head()


def test_migrating_releases_its_lock_and_keeps_the_timeout(
    app: Callable[..., Said], bare: URL
) -> None:
    migrate.upgrade()
    with engine().connect() as connection:
        assert connection.exec_driver_sql("show statement_timeout").scalar() == "15s"
    process = app("db", "upgrade")
    assert (process.returncode, process.stdout) == (0, "The database is at head.\n")


def test_check_says_what_is_missing(app: Callable[..., Said], bare: URL) -> None:
    process = app("db", "check")
    assert process.returncode == 1
    assert "python -m app db upgrade" in process.stderr
    served = app("serve", PORT=str(free_port()))
    assert served.returncode == 1
    assert "python -m app db upgrade" in served.stderr


def test_check_passes_at_the_newest_migration(app: Callable[..., Said], database: URL) -> None:
    assert app("db", "check").returncode == 0


def test_an_unknown_migration_is_refused(app: Callable[..., Said], database: URL) -> None:
    process = app("db", "upgrade", "nonsense")
    assert process.returncode == 1
    assert "migrations/versions" in process.stderr


def test_an_import_lists_the_fields_that_a_policy_keeps(
    app: Callable[..., Said], database: URL, tmp_path: Path
) -> None:
    with transaction_for_system() as db:
        make.organisation(db)
        ruth = make.person(db, email="ruth@example.org")
        donor = make.donor(db, ruth, email="ann@lee.example")
        make.pledge(db, donor, "30", external_id="P1", source="file", anchor_day=5)
    file = tmp_path / "pledges.csv"
    file.write_text(
        "id,donor_email,amount,frequency,start_date,anchor_day\n"
        "P1,ann@lee.example,30,monthly,2026-01-01,20\n"
    )
    arguments = ("import", str(file), "--as", "ruth@example.org")
    process = app(*arguments, "--policy", "pledge_day=keep")
    assert "0 updated, 1 skipped" in process.stdout
    assert "Left as it is here, by --policy: day (1 row)" in process.stdout
    assert "1 updated, 0 skipped" in app(*arguments).stdout
    refused = app(*arguments, "--policy", "pledge_colour=keep")
    assert (refused.returncode, "is no choice" in refused.stderr) == (1, True)


def test_several_files_are_imported_together_and_undone_together(
    app: Callable[..., Said], database: URL, tmp_path: Path
) -> None:
    with transaction_for_system() as db:
        make.organisation(db)
        make.person(db, email="ruth@example.org")
    gifts, people = tmp_path / "gifts.csv", tmp_path / "people.csv"
    gifts.write_text("Donor id,Gift id,Amount,Date\n1,G1,5.00,2026-01-05\n")
    people.write_text("Donor id,Name\n1,Ann Lee\n")
    arguments = ("import", str(gifts), str(people), "--as", "ruth@example.org")
    planned = app(*arguments, "--dry-run").stdout
    assert planned.index("people.csv") < planned.index("gifts.csv")
    assert planned.count("1 would be created") == 2
    shown = json.loads(app(*arguments, "--json").stdout)
    assert [(file["file"], file["create"]) for file in shown["files"]] == [
        ("people.csv", 1),
        ("gifts.csv", 1),
    ]
    last = str(shown["files"][-1]["run_id"])
    undone = app("import-undo", last, "--as", "ruth@example.org", "--together").stdout
    assert undone.count("is undone.") == 2
    gifts.write_text("Donor Name,Gift Amount,Gift Date\nPim Oak,5.00,03/04/2026\n")
    people.write_text(" ")
    refused = app(*arguments)
    assert refused.returncode == 1
    assert "gifts.csv: “03/04/2026” can be read" in refused.stderr
    assert "--date-order dmy or --date-order mdy" in refused.stderr
    assert "people.csv: The file is empty" in refused.stderr
    assert app(*arguments, "--kind", "gifts").returncode == 2


@pytest.mark.parametrize(
    ("row", "message", "flags"),
    [
        (
            "5.00,03/04/2026",
            "“03/04/2026” can be read as day or month first, and no row of the file settles it.",
            "--date-order dmy or --date-order mdy",
        ),
        (
            "1.234,2026-03-04",
            (
                "“1.234” can be read with a decimal point or a decimal comma, and the file does "
                "not settle it."
            ),
            "--decimal point or --decimal comma",
        ),
    ],
)
def test_an_import_that_can_be_read_in_two_ways_names_the_flags(
    app: Callable[..., Said], database: URL, tmp_path: Path, row: str, message: str, flags: str
) -> None:
    with transaction_for_system() as db:
        make.organisation(db)
        make.person(db, email="ruth@example.org")
    file = tmp_path / "gifts.csv"
    file.write_text(f"Donor Name,Gift Amount,Gift Date\nPim Oak,{row}\n")
    done = app("import", str(file), "--as", "ruth@example.org")
    assert (done.returncode, done.stderr) == (1, f"{message} Say which: {flags}.\n")


def test_a_port_in_use_gives_a_sentence_with_advice(
    app: Callable[..., Said], database: URL
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        for command in ("serve", "demo"):
            process = app(command, PORT=str(port))
            assert process.returncode == 1
            assert f"Port {port} is taken" in process.stderr
            assert f"PORT={port + 1} make run" in process.stderr


@pytest.mark.parametrize("command", ["serve", "demo"])
def test_options_name_another_host_and_port_than_the_settings(
    app: Callable[..., Said], database: URL, command: str
) -> None:
    """Neither address can be listened on, so that the refusal says which one was tried."""
    here = ("127.0.0.1", 0)
    with socket.create_server(here) as configured, socket.create_server(here) as named:
        port = str(named.getsockname()[1])
        settled = {"HOST": "127.0.0.1", "PORT": str(configured.getsockname()[1])}
        done = app(command, "--port", port, **settled)
        assert (done.returncode, f"Port {port} is taken" in done.stderr) == (1, True)
        # an address for documentation, which no machine has (RFC 5737)
        done = app(command, "--host", "192.0.2.1", "--port", port, **settled)
        assert f"HOST=192.0.2.1 PORT={port} cannot be listened on" in done.stderr


def test_an_unknown_benchmark_is_refused(app: Callable[..., Said]) -> None:
    process = app("bench", "nonsense")
    assert process.returncode == 1
    assert "There is no benchmark called nonsense" in process.stderr


def test_the_doctor_finds_what_is_wrong(
    app: Callable[..., Said], database: URL, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".env").write_text("DATABSE_URL=postgresql://h/n\nEMAIL_HOST=h\n")
    monkeypatch.setitem(Settings.model_config, "env_file", tmp_path / ".env")
    assert list(doctor.CHECKS["Settings"]()) == [
        ".env names DATABSE_URL, which is no setting. Is DATABASE_URL meant?"
    ]
    process = app("doctor", EMAIL_BACKEND="smtp")
    assert process.returncode == 1
    assert "Database: good" in process.stdout
    assert "Scheduler: No scheduler has ever run here." in process.stdout
    assert "E-mail: EMAIL_FROM is still the default" in process.stdout


@pytest.fixture
def well(database: URL, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> URL:
    """A server's settings without any problem."""
    monkeypatch.setenv("EMAIL_BACKEND", "file")
    monkeypatch.setenv("BACKUP_TO", str(tmp_path / "kept"))
    settings.cache_clear()
    return database


OIDC = {"OIDC_CLIENT_ID": "donorcrm", "OIDC_CLIENT_SECRET": "a secret"}
WRONG = [
    ("_addresses", {"PUBLIC_URL": "crm.example.org"}, "which is no address"),
    ("_addresses", {"SENTRY_DSN": "https://errors.example"}, "SENTRY_DSN is not"),
    ("_tokens", {"METRICS_TOKEN": "short"}, "METRICS_TOKEN can be guessed"),
    ("_tokens", {"BOUNCE_TOKEN": "x" * 31}, "Make it 32 characters"),
    ("_addresses", {"ALLOWED_HOSTS": "crm.example.org"}, "leaves out 127.0.0.1"),
    (
        "_safety",
        {"HOST": "192.0.2.1", "PUBLIC_URL": "https://crm.example.org", "FORWARDED_ALLOW_IPS": "*"},
        "Name the proxies",
    ),
    ("_safety", {"HOST": "192.0.2.1"}, "Put TLS in front"),
    ("_redis", {"REDIS_URL": "redis://127.0.0.1:9/0"}, "REDIS_URL does not answer"),
    (
        "_mail",
        {
            "EMAIL_BACKEND": "smtp",
            "EMAIL_FROM": "a@b.example",
            "EMAIL_HOST": "127.0.0.1",
            "EMAIL_PORT": "9",
        },
        "The mail server cannot be used",
    ),
    ("_mail", {"EMAIL_BOUNCES_TO": "back@b.example"}, "set BOUNCE_TOKEN"),
    ("_provider", OIDC | {"OIDC_METADATA_URL": "http://127.0.0.1:9/metadata"}, "has to end with"),
    (
        "_provider",
        OIDC | {"OIDC_METADATA_URL": f"http://127.0.0.1:9{doctor_external.DISCOVERY}"},
        "does not answer",
    ),
    ("_backups", {"BACKUP_TO": "/proc/backups"}, "cannot be written to /proc/backups"),
    (
        "_backups",
        {
            "BACKUP_TO": "s3://kept/here",
            "BACKUP_ENDPOINT": "http://127.0.0.1:9",
            "BACKUP_ACCESS_KEY": "a",
            "BACKUP_SECRET_KEY": "b",
        },
        "s3://kept/here cannot",
    ),
    ("_pool", {"STATEMENT_TIMEOUT_MS": "0"}, "hold everybody up"),
    ("_pool", {"DB_POOL_SIZE": "500"}, "allow 530 connections"),
]


@pytest.mark.parametrize(("check", "variables", "said"), WRONG)
def test_the_doctor_explains_wrong_settings(
    well: URL, monkeypatch: pytest.MonkeyPatch, check: str, variables: dict[str, str], said: str
) -> None:
    assert list(doctor.CHECKS[CALLED[check]]()) == []
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    settings.cache_clear()
    (found,) = doctor.CHECKS[CALLED[check]]()
    assert said in found


def test_the_doctor_tries_the_provider(database: URL, monkeypatch: pytest.MonkeyPatch) -> None:
    with oidc_server.open_provider(free_port()) as provider:
        for name, value in (
            OIDC | {"OIDC_METADATA_URL": provider.address + doctor_external.DISCOVERY}
        ).items():
            monkeypatch.setenv(name, value)
        settings.cache_clear()
        assert list(doctor_external.CHECKS["Sign-in"]()) == []
        monkeypatch.setattr(doctor_external, "NEEDED", ("a_thing_it_does_not_tell",))
        (problems,) = doctor_external.CHECKS["Sign-in"]()
    assert "not as a provider" in problems


def ended(at: datetime, error: str | None) -> None:
    """A backup ended then."""
    with transaction_for_system() as db:
        job_runs.start(db, job="backup", slot=at, worker="a worker")
        job_runs.finish(db, job="backup", slot=at, result="12 rows kept.", error=error)
        db.execute(text("update job_run set finished_at = :at where slot = :at"), {"at": at})


def test_the_doctor_signs_in_to_the_mail_server(
    database: URL, monkeypatch: pytest.MonkeyPatch
) -> None:
    with smtp_sink.sink(monkeypatch, authenticator=smtp_sink.Door(), auth_require_tls=False):
        monkeypatch.setenv("EMAIL_HOST_USER", "post")
        monkeypatch.setenv("EMAIL_HOST_PASSWORD", "quiet harbour")
        settings.cache_clear()
        assert list(doctor_external.CHECKS["E-mail"]()) == []
        monkeypatch.setenv("EMAIL_HOST_PASSWORD", "loud harbour")
        settings.cache_clear()
        (problems,) = doctor_external.CHECKS["E-mail"]()
    assert "EMAIL_HOST" in problems
    assert "harbour" not in problems


def test_the_doctor_reads_how_backups_went(
    well: URL, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert list(doctor_external.CHECKS["Backups"]()) == []
    assert list((tmp_path / "kept").iterdir()) == []
    monkeypatch.setenv("BACKUP_TO", str(settings().data_dir / "backups"))
    settings.cache_clear()
    (problems,) = doctor_external.CHECKS["Backups"]()
    assert "takes both" in problems
    monkeypatch.setenv("BACKUP_TO", str(tmp_path / "kept"))
    settings.cache_clear()
    now = datetime.now(UTC)
    ended(now - timedelta(days=3), None)
    (problems,) = doctor_external.CHECKS["Backups"]()
    assert "two days old" in problems
    ended(now, "The disk is full.")
    assert list(doctor_external.CHECKS["Backups"]()) == [
        "The last backup failed: The disk is full."
    ]
    # by hand, or before an upgrade
    backups.back_up(str(tmp_path / "kept"), now=now)
    assert list(doctor_external.CHECKS["Backups"]()) == []


CALLED = {check.__name__: name for name, check in doctor.CHECKS.items()}


def test_the_doctor_compares_the_clocks(database: URL, monkeypatch: pytest.MonkeyPatch) -> None:
    late = datetime.now(UTC) - timedelta(minutes=5)
    monkeypatch.setattr(doctor, "clock", lambda _db: late)
    (problems,) = doctor.CHECKS["Connections"]()
    assert "300 seconds apart" in problems


def test_the_doctor_tries_the_folder_of_files(
    database: URL, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert list(doctor.CHECKS["Disk"]()) == []
    (tmp_path / "taken").write_text("a file where the folder should be")
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "taken"))
    settings.cache_clear()
    (problem,) = doctor.CHECKS["Disk"]()
    assert problem == f"Files cannot be written to {tmp_path / 'taken'}: File exists."


def test_the_doctor_finds_an_old_database(bare: URL) -> None:
    assert list(doctor.CHECKS["Database"]()) == [
        "Migrations are missing. Run: python -m app db upgrade"
    ]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        answer: int = probe.getsockname()[1]
        return answer
