"""The whole shape on this machine, without containers: python -m deploy.shape.

PostgreSQL, Redis, several web processes behind nginx, several schedulers and workers, on loopback
and free ports, in a folder that goes at the end. nginx reads deploy/nginx.conf itself: only names,
ports and paths are put in its place.
"""

import argparse
import os
import re
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.db.embedded import os_user
from app.settings import ROOT, Settings
from deploy.parts import (
    Part,
    ShapeError,
    answers_http,
    answers_sql,
    answers_tcp,
    free_ports,
)

HEALTH = "/api/v1/health/"
LOOPBACK = "127.0.0.1"
OLDEST, NEWEST = 15, 18
DEMONSTRATION = "from app import demo; demo.load_if_empty()"
TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


@dataclass(frozen=True, slots=True)
class Shape:
    """What runs, by name: postgres, redis, nginx, web-1 …, scheduler-1 …, worker-1 …."""

    address: str
    folder: Path
    environment: Mapping[str, str]
    parts: Mapping[str, Part]
    database_url: str
    certificate: Path | None

    def kill(self, name: str, signal_number: signal.Signals = signal.SIGKILL) -> None:
        """End one part, by default with kill -9."""
        self.parts[name].kill(signal_number)

    def restart(self, name: str) -> None:
        """Start a part again, ending it first where it lives, and wait until it answers."""
        self.parts[name].kill()
        self.parts[name].wait()

    def command(self, *arguments: str) -> str:
        """Run `python -m …` here and return what it printed.

        Raises:
            ShapeError: it refused; the message is its own.
        """
        return _python(self.environment, "-m", *arguments)


@contextmanager
def up(
    *,
    replicas: int = 2,
    schedulers: int = 2,
    workers: int = 1,
    tls: bool = False,
    demo: bool = True,
    durable: bool = True,
    **settings: str,
) -> Iterator[Shape]:
    """Bring the shape up, lend it, and end every process of it by its pid.

    `demo` loads the demonstration; `durable=False` gives up safety against a power cut, for
    tests: a killed database still keeps what it said it had; `settings` are settings of the
    app, in capitals.

    Raises:
        ShapeError: a program is missing, or a part did not start.
    """
    folder = Path(tempfile.mkdtemp(prefix="donorcrm-shape-"))
    # the server's user must get through to its own folder, and see nothing else
    folder.chmod(0o711)
    parts: dict[str, Part] = {}
    try:
        counts = (replicas, schedulers, workers)
        speed = () if durable else ("-c", "fsync=off", "-c", "full_page_writes=off")
        shape = _plan(folder, parts, counts, tls=tls, speed=speed, settings=settings)
        _start(parts, "postgres", "redis")
        shape.command("app", "db", "upgrade")
        if demo:
            _python(shape.environment, "-c", DEMONSTRATION)
        _start(parts, *(name for name in parts if name not in {"postgres", "redis"}))
        yield shape
    finally:
        _stop(parts)
        shutil.rmtree(folder, ignore_errors=True)


def _start(parts: Mapping[str, Part], *names: str) -> None:
    for name in names:
        parts[name].begin()
    for name in names:
        parts[name].wait()


def _stop(parts: Mapping[str, Part]) -> None:
    """End all: the app's processes at once, and last what they stand on."""
    floor = ("redis", "postgres")
    edges = [
        threading.Thread(target=part.kill, args=(part.ending,))
        for name, part in parts.items()
        if name not in floor
    ]
    for edge in edges:
        edge.start()
    for edge in edges:
        edge.join()
    for name in floor:
        if name in parts:
            parts[name].kill(parts[name].ending)


def _plan(
    folder: Path,
    parts: dict[str, Part],
    counts: tuple[int, int, int],
    *,
    tls: bool,
    speed: tuple[str, ...],
    settings: Mapping[str, str],
) -> Shape:
    replicas, schedulers, workers = counts
    database, cache, front, plain, *ports = free_ports(4 + replicas)
    password = secrets.token_urlsafe(24)
    url = f"postgresql://donorcrm:{password}@{LOOPBACK}:{database}/postgres"
    address = f"{'https' if tls else 'http'}://{LOOPBACK}:{front}"
    environment = _environment(folder) | {
        "DATABASE_URL": url,
        "REDIS_URL": f"redis://{LOOPBACK}:{cache}/0",
        "PUBLIC_URL": address,
        "HOST": LOOPBACK,
        **settings,
    }

    def add(name: str, *command: str, **options: object) -> None:
        log = folder / f"{name}.log"
        values: dict[str, Any] = {"environment": environment, "folder": ROOT} | options
        parts[name] = Part(name, command, log, **values)

    bare: dict[str, Any] = {"environment": bare_environment(), "folder": Path("/")}
    user = os_user.of(folder / "postgres")
    data, programs = make_database(folder / "postgres", user, password)
    add(
        "postgres",
        str(programs / "postgres"),
        "-D",
        str(data),
        "-p",
        str(database),
        "-c",
        f"listen_addresses={LOOPBACK}",
        "-c",
        "unix_socket_directories=",
        "-c",
        "max_connections=200",
        "-c",
        "timezone=UTC",
        *speed,
        user=user,
        answers=answers_sql(url),
        ending=signal.SIGINT,
        **bare,
    )
    add(
        "redis",
        program("redis-server"),
        "--port",
        str(cache),
        "--bind",
        LOOPBACK,
        "--save",
        "",
        "--appendonly",
        "no",
        "--dir",
        str(folder),
        answers=answers_tcp(cache, b"PING\r\n", b"+PONG"),
        **bare,
    )
    python = (sys.executable, "-m")
    for number, port in enumerate(ports, 1):
        ready = answers_http(f"http://{LOOPBACK}:{port}{HEALTH}")
        own = environment | {"PORT": str(port)}
        add(f"web-{number}", *python, "app", "serve", environment=own, answers=ready)
    for number in range(1, schedulers + 1):
        add(f"scheduler-{number}", *python, "jobs")
    for number in range(1, workers + 1):
        add(f"worker-{number}", *python, "jobs", "worker")
    conf = _nginx(folder / "nginx", user, (front, plain, *ports), tls=tls)
    add(
        "nginx",
        program("nginx"),
        "-c",
        str(conf),
        "-p",
        str(conf.parent),
        "-e",
        "stderr",
        user=user,
        answers=answers_tcp(front),
        as_group=True,
        **bare,
    )
    certificate = conf.parent / "fullchain.pem" if tls else None
    return Shape(address, folder, environment, parts, url, certificate)


def _environment(folder: Path) -> dict[str, str]:
    """Return this machine's environment without any setting, and with the shape's own."""
    return bare_environment() | {
        "DATA_DIR": str(folder / "files"),
        "SECRET_KEY": secrets.token_urlsafe(48),
        "FORWARDED_ALLOW_IPS": LOOPBACK,
        "EMAIL_BACKEND": "file",
        "DB_POOL_SIZE": "5",
        "DB_MAX_OVERFLOW": "15",
        "PYTHONUNBUFFERED": "1",
    }


def bare_environment() -> dict[str, str]:
    """Return this machine's environment without any setting of the app and of libpq."""
    ours = {name.upper() for name in Settings.model_fields}
    return {
        name: value
        for name, value in os.environ.items()
        if name not in ours and not name.startswith("PG")
    }


def make_database(home: Path, user: os_user.User | None, password: str) -> tuple[Path, Path]:
    """Make an empty database server's files and return them and its programs.

    Raises:
        ShapeError: there are no such programs, or they refused.
    """
    programs = server_programs()
    os_user.own_folder(home, user)
    secret = home / "password"
    secret.write_text(password, encoding="ascii")
    rights: dict[str, Any] = {}
    if user:
        rights = {"user": user.uid, "group": user.gid, "extra_groups": []}
    done = subprocess.run(
        [
            programs / "initdb",
            "-D",
            home / "data",
            "-U",
            "donorcrm",
            "--pwfile",
            secret,
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            "--no-sync",
        ],
        check=False,
        capture_output=True,
        text=True,
        cwd="/",
        env=bare_environment(),
        **rights,
    )
    secret.unlink()
    if done.returncode:
        msg = f"The database's files could not be made: {done.stderr.strip()}"
        raise ShapeError(msg)
    return home / "data", programs


def server_programs() -> Path:
    """Return the folder of PostgreSQL's programs, the oldest the app takes first.

    Raises:
        ShapeError: there are none.
    """
    for version in range(OLDEST, NEWEST + 1):
        folder = Path(f"/usr/lib/postgresql/{version}/bin")
        if (folder / "initdb").exists():
            return folder
    initdb = shutil.which("initdb")
    if initdb:
        return Path(initdb).resolve().parent
    msg = "PostgreSQL is not installed. On Debian: apt-get install postgresql"
    raise ShapeError(msg)


def program(name: str) -> str:
    """Return where a program is, also where only root usually looks.

    Raises:
        ShapeError: it is not installed.
    """
    path = shutil.which(name) or shutil.which(name, path="/usr/sbin:/sbin:/usr/local/sbin")
    if path is None:
        msg = f"{name} is not installed. On Debian: apt-get install {name}"
        raise ShapeError(msg)
    return path


def _nginx(home: Path, user: os_user.User | None, ports: tuple[int, ...], *, tls: bool) -> Path:
    """Put this machine's names, ports and paths into deploy/nginx.conf; return where it is."""
    front, plain, *webs = ports
    os_user.own_folder(home, user)
    text = (ROOT / "deploy" / "nginx.conf").read_text(encoding="utf-8")
    servers = "".join(
        f"        server {LOOPBACK}:{port} max_fails=2 fail_timeout=5s;\n" for port in webs
    )
    text = re.sub(r"(?:^ +server 127\S+ .*\n)+", servers, text, flags=re.MULTILINE)
    text = re.sub(r"^user .*\n", "daemon off;\n", text, flags=re.MULTILINE)
    text = re.sub(r"^ +listen \[::\].*\n", "", text, flags=re.MULTILINE)
    folders = "".join(f"    {kind}_temp_path {home}/{kind};\n" for kind in TEMPORARY)
    text = text.replace("    server_tokens off;\n", f"    server_tokens off;\n{folders}", 1)
    text = text.replace("worker_processes auto", "worker_processes 1")
    text = text.replace("/run/nginx.pid", f"{home}/nginx.pid")
    text = text.replace("listen 80;", f"listen {LOOPBACK}:{plain};")
    text = text.replace("donorcrm.example.org;", "localhost;")
    if tls:
        _certificate(home, user)
        text = text.replace("/etc/letsencrypt/live/donorcrm.example.org", str(home))
        text = text.replace("listen 443", f"listen {LOOPBACK}:{front}")
    else:
        text = re.sub(r"^ +ssl_.*\n", "", text, flags=re.MULTILINE)
        text = text.replace("listen 443 ssl http2", f"listen {LOOPBACK}:{front}")
        text = text.replace(" Secure;", "")
    conf = home / "nginx.conf"
    conf.write_text(text, encoding="utf-8")
    return conf


def _certificate(home: Path, user: os_user.User | None) -> None:
    key, certificate = home / "privkey.pem", home / "fullchain.pem"
    subprocess.run(
        [
            program("openssl"),
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
            "-days",
            "2",
            "-subj",
            "/CN=localhost",
            "-addext",
            f"subjectAltName=IP:{LOOPBACK}",
            "-keyout",
            key,
            "-out",
            certificate,
        ],
        check=True,
        capture_output=True,
    )
    if user:
        os.chown(key, user.uid, user.gid)


def _python(environment: Mapping[str, str], *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, *arguments],
        check=False,
        cwd=ROOT,
        env=dict(environment),
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise ShapeError(done.stderr.strip())
    return done.stdout


def main() -> None:
    """Bring the shape up and keep it until Ctrl-C."""
    parser = argparse.ArgumentParser(prog="python -m deploy.shape", description=__doc__)
    parser.add_argument("--replicas", type=int, default=2, help="web processes")
    parser.add_argument("--schedulers", type=int, default=2)
    parser.add_argument("--workers", type=int, default=1, help="workers without a timetable")
    parser.add_argument("--tls", action="store_true", help="https, with a certificate of its own")
    chosen = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with up(**vars(chosen)) as shape:
            print(f"DonorCRM is at {shape.address}   (Ctrl-C stops it)")
            for name, part in shape.parts.items():
                print(f"  {name:12} pid {part.process.pid if part.process else '-'}")
            sys.stdout.flush()
            signal.pause()
    except KeyboardInterrupt:
        print("Stopped.")
    except ShapeError as error:
        raise SystemExit(str(error)) from None


if __name__ == "__main__":
    main()
