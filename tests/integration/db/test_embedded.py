"""The private server on real processes: started twice, killed, below closed folders."""

import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import psutil
import psycopg2
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import QueuePool

from app import backups
from app.accounts import Actor
from app.db import migrate
from app.db.embedded import os_user
from app.db.embedded import roles as embedded_roles
from app.db.embedded import server as embedded
from app.db.security import role_names, row_level_security
from app.db.session import dispose, engine, psycopg_dsn, transaction, transaction_for_system
from app.kit.errors import ConfigurationError
from app.settings import ROOT, settings
from tests import factories as make
from tests.values import present

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become someone else")
START = """
import sys, time
from pathlib import Path
from app.db.embedded import server as embedded
embedded.start(Path(sys.argv[1]), durable=False)
"""
NOBODY = 65534
NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)


@pytest.fixture
def home() -> Iterator[Path]:
    """A folder for a server; the server is gone afterwards, whatever happened."""
    folder = Path(tempfile.mkdtemp(prefix="dc-"))
    yield folder / "postgres"
    embedded.stop(folder / "postgres")
    shutil.rmtree(folder)


@pytest.fixture
def app(monkeypatch: pytest.MonkeyPatch, home: Path) -> Iterator[Path]:
    """The application on its private server."""
    dispose()
    monkeypatch.delenv("DATABASE_URL")
    monkeypatch.setenv("DATA_DIR", str(home.parent))
    settings.cache_clear()
    yield home
    dispose()


def ask(home: Path, statement: str) -> str:
    url = embedded.url(home)
    connection = psycopg2.connect(
        host=url.query["host"], port=5432, user=url.username, dbname=url.database
    )
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(statement)
            return str(present(cursor.fetchone())[0]) if cursor.description else ""
    finally:
        connection.close()


def postmaster(home: Path) -> int:
    return int((home / "data" / "postmaster.pid").read_text().split()[0])


def test_a_second_start_finds_the_first_server_and_its_data(home: Path) -> None:
    address = embedded.start(home)
    ask(home, "create table kept as select 7 as n")
    pid = postmaster(home)
    assert embedded.start(home) == address
    assert postmaster(home) == pid
    embedded.stop(home)
    assert not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    embedded.start(home)
    assert ask(home, "select n from kept") == "7"


def test_a_laptop_server_survives_a_power_cut_and_a_test_server_is_fast(home: Path) -> None:
    embedded.start(home)
    assert ask(home, "show fsync") == "on"
    assert ask(home, "show listen_addresses") == ""
    embedded.stop(home)
    embedded.start(home, durable=False)
    assert ask(home, "show fsync") == "off"


def test_only_its_owner_and_root_may_enter(home: Path) -> None:
    embedded.start(home, durable=False)
    assert stat.S_IMODE((home / "data").stat().st_mode) == 0o700
    assert stat.S_IMODE((home / "run").stat().st_mode) == 0o700


def test_six_processes_starting_at_once_share_one_server(home: Path) -> None:
    home.mkdir()
    started = [
        subprocess.Popen([sys.executable, "-c", START, str(home)], cwd=ROOT) for _ in range(6)
    ]
    assert [process.wait(timeout=180) for process in started] == [0] * 6
    servers = [p for p in psutil.process_iter(["pid"]) if p.pid == postmaster(home)]
    assert len(servers) == 1
    assert ask(home, "select count(*) from pg_database where datname = 'donorcrm'") == "1"


def test_killing_the_process_that_started_it_leaves_the_server_to_the_others(home: Path) -> None:
    home.mkdir()
    script = f"{START}print('up', flush=True)\ntime.sleep(60)"
    starter = subprocess.Popen(
        [sys.executable, "-c", script, str(home)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert present(starter.stdout).readline() == "up\n"
    pid = postmaster(home)
    starter.send_signal(signal.SIGKILL)
    starter.wait()
    present(starter.stdout).close()
    assert ask(home, "select 1") == "1"
    embedded.start(home, durable=False)
    assert postmaster(home) == pid


def test_after_kill_9_of_the_postmaster_the_next_start_keeps_what_was_saved(home: Path) -> None:
    embedded.start(home)
    ask(home, "create table kept as select 7 as n")
    os.kill(postmaster(home), signal.SIGKILL)
    embedded.start(home)
    assert ask(home, "select n from kept") == "7"


def test_a_kill_9_under_work_waits_for_the_last_statement(home: Path) -> None:
    embedded.start(home, durable=False)
    busy = psycopg2.connect(
        host=embedded.url(home).query["host"], user="donorcrm", dbname="donorcrm"
    )
    pid = busy.info.backend_pid
    os.kill(pid, signal.SIGSTOP)
    os.kill(postmaster(home), signal.SIGKILL)
    late = subprocess.Popen([sys.executable, "-c", START, str(home)], cwd=ROOT)
    time.sleep(1.5)
    assert late.poll() is None, "a second server must never share the files with a first"
    os.kill(pid, signal.SIGCONT)
    assert late.wait(timeout=180) == 0
    assert ask(home, "select 1") == "1"
    busy.close()


def test_a_statement_that_was_running_when_its_process_died_is_not_logged(home: Path) -> None:
    embedded.start(home, durable=False)
    busy = psycopg2.connect(
        host=embedded.url(home).query["host"], user="donorcrm", dbname="donorcrm"
    )
    pid = busy.info.backend_pid
    killer = threading.Timer(1, os.kill, (pid, signal.SIGKILL))
    killer.start()
    with pytest.raises(psycopg2.OperationalError), busy.cursor() as cursor:
        cursor.execute("select pg_sleep(60), 'Eleanor Vance'")
    killer.join()
    busy.close()
    embedded.stop(home)
    log_text = (home / "server.log").read_text()
    assert "was terminated by signal 9" in log_text
    assert "Eleanor" not in log_text


def test_a_stale_pid_file_naming_a_living_process_is_no_obstacle(home: Path) -> None:
    embedded.start(home)
    pid_lines = (home / "data" / "postmaster.pid").read_text().splitlines()
    embedded.stop(home)
    pid_lines[0] = str(os.getpid())
    (home / "data" / "postmaster.pid").write_text("\n".join(pid_lines))
    shutil.chown(home / "data" / "postmaster.pid", (home / "data").stat().st_uid)
    embedded.stop(home)
    embedded.start(home)
    assert ask(home, "select 1") == "1"


def test_a_start_killed_while_it_made_the_files_is_made_good(home: Path) -> None:
    (home / "data.new" / "base").mkdir(parents=True)
    (home / "data.new" / "PG_VERSION").write_text("18\n")
    embedded.start(home, durable=False)
    assert ask(home, "select 1") == "1"


def test_it_is_stopped_only_when_no_other_process_uses_it(home: Path) -> None:
    embedded.start(home, durable=False)
    host = embedded.url(home).query["host"]
    guest = psycopg2.connect(host=host, user="donorcrm", dbname="donorcrm")
    assert embedded.stop_if_unused(home) is False
    guest.close()
    for _ in range(50):
        if embedded.stop_if_unused(home):
            break
        time.sleep(0.05)
    assert not (home / "data" / "postmaster.pid").exists()


def test_a_long_path_gets_a_short_socket(home: Path) -> None:
    deep = home.parent / ("a folder with a long 'name' and $signs " * 4) / "postgres"
    embedded.start(deep, durable=False)
    short = Path(str(embedded.url(deep).query["host"]))
    try:
        assert ask(deep, "select 1") == "1"
        assert len(str(short)) < 100
        assert stat.S_IMODE(short.stat().st_mode) == 0o700
        embedded.stop(deep)
        shutil.rmtree(short)
        embedded.start(deep, durable=False)
        assert ask(deep, "select 1") == "1", "the system may empty its temporary folder"
    finally:
        embedded.stop(deep)
        shutil.rmtree(short)


def test_a_socket_folder_someone_else_made_is_refused(home: Path, tmp_path: Path) -> None:
    home.mkdir()
    (tmp_path / "theirs").mkdir()
    (home / "run").symlink_to(tmp_path / "link")
    (tmp_path / "link").symlink_to(tmp_path / "theirs")
    with pytest.raises(ConfigurationError, match="belongs to someone else"):
        embedded.start(home, durable=False)


def test_damaged_files_are_explained_in_the_servers_own_words(home: Path) -> None:
    embedded.start(home, durable=False)
    embedded.stop(home)
    (home / "data" / "PG_VERSION").write_text("12\n")
    with pytest.raises(ConfigurationError, match="database files are incompatible with server"):
        embedded.start(home, durable=False)


def test_a_folder_that_cannot_be_made_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ConfigurationError, match="set DATA_DIR to a folder of your own"):
        embedded.start(tmp_path / "file" / "postgres")


@as_root
def test_root_needs_no_folder_opened_and_none_is(home: Path) -> None:
    closed = home.parent / "closed"
    closed.mkdir(mode=0o700)
    embedded.start(closed / "deeper" / "postgres", durable=False)
    try:
        assert ask(closed / "deeper" / "postgres", "select current_user") == "donorcrm"
        server = psutil.Process(postmaster(closed / "deeper" / "postgres"))
        assert server.uids().effective == NOBODY
        assert [stat.S_IMODE(f.stat().st_mode) for f in (closed, home.parent)] == [0o700, 0o700]
        assert {f.stat().st_uid for f in (closed, closed / "deeper", home.parent)} == {0}
    finally:
        embedded.stop(closed / "deeper" / "postgres")


@as_root
def test_root_with_an_environment_that_other_users_cannot_enter(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = home.parent / "closed"
    package = embedded.binaries().parents[1]
    for source in (package, package.with_name(f"{package.name}.libs")):
        shutil.copytree(source, closed / source.name, symlinks=True)
    closed.chmod(0o700)
    open_to_all = Path(tempfile.mkdtemp(prefix="dc-"))
    open_to_all.chmod(0o755)
    monkeypatch.setattr(os_user, "COPIES", open_to_all / "copies")
    monkeypatch.setattr(embedded, "binaries", lambda: closed / package.name / "pginstall" / "bin")
    try:
        embedded.start(home, durable=False)
        assert ask(home, "select 1") == "1"
        assert len(list((open_to_all / "copies").iterdir())) == 1
        embedded.stop(home)
    finally:
        shutil.rmtree(open_to_all)


@as_root
def test_root_takes_over_a_plain_users_files_and_leaves_them_theirs(home: Path) -> None:
    embedded.start(home, durable=False)
    embedded.stop(home)
    for path in [home, *home.rglob("*")]:
        os.chown(path, 12345, 12345, follow_symlinks=False)
    embedded.start(home, durable=False)
    assert psutil.Process(postmaster(home)).uids().effective == 12345
    assert (home / "data").stat().st_uid == 12345


@as_root
@pytest.mark.filterwarnings("ignore:.*fork")
def test_a_plain_user_starts_kills_and_stops_a_server(home: Path) -> None:
    if not os_user.can_start(embedded.binaries(), os_user.User(NOBODY, NOBODY)):
        pytest.skip("the environment lies below a folder plain users cannot enter")
    os.chown(home.parent, NOBODY, NOBODY)
    child = os.fork()
    if child == 0:
        try:
            os.setgroups([])
            os.setgid(NOBODY)
            os.setuid(NOBODY)
            os.environ["HOME"] = "/"
            embedded.start(home)
            ask(home, "create table kept as select 7 as n")
            os.kill(postmaster(home), signal.SIGKILL)
            embedded.start(home)
            result = ask(home, "select n from kept")
            embedded.stop(home)
            os._exit(0 if result == "7" else 1)
        except BaseException:  # noqa: BLE001 - a forked test must never return to pytest
            traceback.print_exc()
            os._exit(2)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert home.stat().st_uid == NOBODY


def test_the_application_outlives_its_server(app: Path) -> None:
    with transaction_for_system() as db:
        db.execute(text("create table kept as select 7 as n"))
    victim = psutil.Process(postmaster(app))
    helpers = victim.children()
    victim.kill()
    # a connection may outlive its postmaster by a moment; work begun on it is refused in words
    psutil.wait_procs(helpers, timeout=10)
    with transaction_for_system() as db:
        assert db.scalar(text("select n from kept")) == 7
    embedded.stop(app)
    with transaction_for_system() as db:
        assert db.scalar(text("select n from kept")) == 7


def test_work_cut_off_by_a_dying_server_is_refused_in_words(app: Path) -> None:
    refused = pytest.raises(ConfigurationError, match="Nothing was saved")
    with refused, transaction_for_system() as db:
        db.execute(text("create table lost as select 7 as n"))
        embedded.stop(app)
        db.scalar(text("select n from lost"))
    with transaction_for_system() as db:
        assert db.scalar(text("select to_regclass('lost')")) is None


def test_the_engine_is_set_up_as_promised(app: Path) -> None:
    pool = engine().pool
    assert isinstance(pool, QueuePool)
    # SQLAlchemy shows them under no other names
    overflow, recycle, ping = pool._max_overflow, pool._recycle, pool._pre_ping  # noqa: SLF001
    assert (pool.size(), overflow, recycle, ping) == (20, 30, 300, True)
    with transaction_for_system() as db:
        shown = {
            name: db.scalar(text(f"show {name}")) for name in ("statement_timeout", "timezone")
        }
        assert shown == {"statement_timeout": "15s", "timezone": "UTC"}
        assert db.scalar(text("show application_name")) == "donorcrm"


def test_libpq_reads_the_same_address(app: Path) -> None:
    with psycopg2.connect(psycopg_dsn()) as connection, connection.cursor() as cursor:
        cursor.execute("select current_database(), current_user")
        assert cursor.fetchone() == ("donorcrm", "donorcrm")
    connection.close()


def roles(home: Path) -> dict[str, tuple[bool, ...]]:
    """Return what each of our roles may do: be superuser, make roles, make databases."""
    url = embedded.url(home)
    connection = psycopg2.connect(host=url.query["host"], user="postgres", dbname=url.database)
    with connection, connection.cursor() as cursor:
        cursor.execute(
            "select rolname, rolsuper, rolcreaterole, rolcreatedb, rolbypassrls from pg_roles"
            " where rolname !~ '^pg_'"
        )
        result = {name: rights for name, *rights in cursor.fetchall()}
    connection.close()
    return {name: tuple(rights) for name, rights in result.items()}


NOTHING = (False,) * 4
# a restore drill makes a database
MAKES_DATABASES = (False, False, True, False)
ROLES = {
    "postgres": (True,) * 4,
    "donorcrm": MAKES_DATABASES,
    **dict.fromkeys(role_names.ROLES, NOTHING),
}


def test_the_application_is_no_superuser(app: Path) -> None:
    migrate.upgrade()
    assert roles(app) == ROLES
    for statement in (
        "copy (select 1) to program 'true'",
        "select pg_read_file('/etc/passwd')",
        "alter role donorcrm superuser",
        "create role somebody superuser",
        "set role postgres",
        "set session_replication_role = replica",
    ):
        with (
            pytest.raises(DBAPIError, match=r"permission denied|must be"),
            transaction_for_system() as db,
        ):
            db.execute(text(statement))
    with transaction_for_system() as db:
        assert row_level_security.problem(db) is None
        result = db.scalars(text("select extname from pg_extension where extname <> 'plpgsql'"))
        assert set(result) == {"pg_trgm", "unaccent"}


@pytest.fixture
def earlier(app: Path, monkeypatch: pytest.MonkeyPatch) -> Actor:
    """A stopped server of an earlier version, whose superuser the application was, with data."""
    with monkeypatch.context() as before:
        before.setattr(embedded_roles, "SUPERUSER", "donorcrm")
        before.setattr(embedded_roles, "NEW_CLUSTER", "create database donorcrm\n")
        before.setattr(embedded_roles, "ensure_roles", lambda *_: None)
        migrate.upgrade()
        with transaction_for_system() as db:
            make.organisation(db)
            ruth, sam = make.person(db), make.person(db)
            for owner in (ruth, sam):
                make.gift(db, make.donor(db, owner), "10", date(2026, 11, 1))
            assert db.scalar(text("select rolsuper from pg_roles where rolname = current_user"))
        dispose()
        embedded.stop(app)
    return ruth


def test_a_server_of_an_earlier_version_is_changed_as_it_starts(
    app: Path, earlier: Actor, tmp_path: Path
) -> None:
    with transaction_for_system() as db:
        assert db.scalar(text("select count(*) from gift")) == 2
        assert row_level_security.problem(db) is None
        for kind, owner in (("pg_class", "relowner"), ("pg_proc", "proowner")):
            of_others = (
                f"select count(*) from {kind} o where {owner} <> 'donorcrm'::regrole and"
                f" {kind[3:].replace('class', 'rel').replace('proc', 'pro')}namespace ="
                " 'public'::regnamespace and not exists (select from pg_depend d where"
                f" d.classid = '{kind}'::regclass and d.objid = o.oid and d.deptype = 'e')"
            )
            assert db.scalar(text(of_others)) == 0
    with transaction(earlier) as db:
        assert db.scalar(text("select count(*) from gift")) == 1
    assert roles(app) == ROLES
    # everything that changes the schema, or reads and writes it whole
    migrate.upgrade()
    migrate.check()
    backup = backups.make(tmp_path / "donorcrm-20261123-0330.zip", now=NOW)
    migrate.downgrade("base")
    migrate.upgrade()
    assert backups.restore(backup.path, now=NOW).rows == backup.rows
    dispose()
    embedded.stop(app)
    with transaction_for_system() as db:
        assert db.scalar(text("select count(*) from gift")) == 2


def test_a_change_that_was_cut_off_is_done_again(
    app: Path, earlier: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(embedded_roles, "GIVE_OBJECTS", "select 1 / 0")
        with pytest.raises(ConfigurationError, match="division by zero"):
            embedded.start(app)
    embedded.start(app)
    assert roles(app) == ROLES
    # and one that was cut off between its end and the removal of its helper
    connection = psycopg2.connect(
        host=embedded.url(app).query["host"], user="postgres", dbname="donorcrm"
    )
    connection.autocommit = True
    connection.cursor().execute("create role donorcrm_upgrade superuser login")
    connection.close()
    embedded.start(app)
    assert roles(app) == ROLES
