"""What a whole test run tells must be about nobody: 0 names, e-mails, amounts and tokens.

Everybody whom a test or a house brings in is a canary. What every process of the run tells (its
log as a server would write it, the numbers a collector gets, the reports of faults and traces) is
kept, and at the end the canaries are looked for in it. One found fails the run.
"""

import gzip
import io
import logging
import os
import re
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import structlog
from sqlalchemy import URL, create_engine, text

from app.observability import logs

TOKEN = "for the collector of the tests only"
# what a token of ours, of any kind, begins with
SECRETS = re.compile(r"dcrm_[\w-]{8,}|\beyJ[\w-]{8,}\.[\w-]{8,}")
PEOPLE = """
select name from donor where name ~ '^[A-Z][a-z]+( [A-Z][a-z]+)+$'
union select name from app_user where name ~ '^[A-Z][a-z]+( [A-Z][a-z]+)+$'
union select email from app_user union select email from donor_email
union select (amount_minor / 100.0)::numeric(16, 2)::text from gift where amount_minor > 1000000
"""
# shorter ones are words that stand anywhere
SHORTEST = 8
AROUND = 60


class Told:
    """What this process and those it started told, and who was brought in."""

    def __init__(self) -> None:
        self.canaries: set[str] = set()
        self.log = io.StringIO()
        self.kept: dict[str, list[str]] = {"logs": [], "numbers": [], "reports": []}
        self.handler = logging.StreamHandler(self.log)
        self.handler.setFormatter(logs.formatter(readable=False))

    def about(self, *words: str | None) -> None:
        """Take names, e-mails and amounts as canaries; what is too short to tell is left."""
        for word in words:
            told_apart = word and ("@" in word or " " in word or "." in word)
            if word and told_apart and len(word) >= SHORTEST:
                self.canaries.add(word)

    def listen(self) -> None:
        """Hear what this process tells, also after a test set the log up anew."""
        if not structlog.is_configured():
            logs.configure_structlog()
        root = logging.getLogger()
        if self.handler not in root.handlers:
            root.addHandler(self.handler)
        # as a server does: whoever works hears every step, but of the chatty ones
        root.setLevel(logging.INFO)
        for name in logs.VERBOSE_LIBRARIES:
            logging.getLogger(name).setLevel(logging.WARNING)

    def found(self) -> list[str]:
        """Look for every canary in all that was told: the kind, and the words around it."""
        found = []
        texts = {kind: "\n".join(kept) for kind, kept in self.kept.items()}
        texts["logs"] += self.log.getvalue()
        birds = re.compile("|".join(re.escape(one) for one in sorted(self.canaries)) or r"(?!)")
        for kind, whole in texts.items():
            for rule in (birds, SECRETS):
                found += [
                    f"{kind}: …{whole[max(0, hit.start() - AROUND) : hit.end() + AROUND]}…"
                    for hit in rule.finditer(whole)
                ]
        return found

    def size(self) -> dict[str, int]:
        """Return how many characters of each kind were told, and how many canaries there are."""
        sizes = {kind: sum(map(len, kept)) for kind, kept in self.kept.items()}
        sizes["logs"] += len(self.log.getvalue())
        return sizes | {"canaries": len(self.canaries)}


TOLD = Told()


@contextmanager
def reports() -> Iterator[str]:
    """Receive reports of faults as their place would; lends the address to report to."""

    class Place(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            if self.headers.get("content-encoding") == "gzip":
                body = gzip.decompress(body)
            TOLD.kept["reports"].append(body.decode(errors="replace"))
            self.send_response(200)
            self.send_header("content-length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *_: object) -> None:
            """Say nothing oneself."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Place)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://public@127.0.0.1:{server.server_port}/1"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def keep_numbers(address: str) -> None:
    """Keep what a collector is told at an address."""
    asked = urllib.request.Request(
        f"{address}/metrics", headers={"authorization": f"Bearer {TOKEN}"}
    )
    with urllib.request.urlopen(asked, timeout=30) as answer:
        TOLD.kept["numbers"].append(answer.read().decode())


def keep_people(url: URL) -> None:
    """Take everybody in a database as canaries, and every gift's amount with its cents."""
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            for row in connection.execute(text(PEOPLE)):
                TOLD.about(row[0])
    finally:
        engine.dispose()


def keep_logs(*files: Path) -> None:
    """Keep what processes wrote."""
    TOLD.kept["logs"] += [file.read_text(errors="replace") for file in files]


def server_log() -> Path:
    """Return the file the run's database server writes to."""
    return Path(os.environ["DONORCRM_TESTS_FOLDER"]) / "postgres" / "server.log"


class Listening:
    """The plugin: hears all tests of a process, and has the run fail for a canary found."""

    def __init__(self) -> None:
        self.found: list[str] = []
        self.sizes: list[dict[str, int]] = []

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Listen before each test."""
        TOLD.listen()

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Look through what was told; a worker hands it on to the run's first process."""
        keep_logs(*[log for log in (server_log(),) if log.exists()])
        if hasattr(session.config, "workerinput"):
            output: dict[str, object] = vars(session.config)["workeroutput"]
            output["told"] = (TOLD.found(), TOLD.size())
            return
        self.found += TOLD.found()
        self.sizes.append(TOLD.size())
        if self.found and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: object) -> None:
        """Take what a worker found."""
        found, size = getattr(node, "workeroutput", {}).get("told", ([], {}))
        self.found += found
        self.sizes.append(size)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say how much was looked through, and each canary found."""
        whole = {
            kind: sum(one.get(kind, 0) for one in self.sizes)
            for kind in ("canaries", "logs", "numbers", "reports")
        }
        terminalreporter.write_line(
            f"{whole['canaries']:,} names, e-mails and amounts, and tokens, looked for in "
            f"{whole['logs']:,} characters of logs, {whole['numbers']:,} of numbers and "
            f"{whole['reports']:,} of reports: {len(self.found)} found"
        )
        for one in self.found[:50]:
            terminalreporter.write_line(f"  {one!r}")
