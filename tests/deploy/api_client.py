"""A client of the JSON API for tests of a deployment: sign in, import a file, undo it."""

import json
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

PATIENCE = 240


def gifts(rows: int, *, first: int = 0) -> bytes:
    """Return a CSV file of gifts, each with its donor; every tenth donor gives ten times."""
    lines = ["Name,Email,Amount,Date,Gift ID"]
    for number in range(first, first + rows):
        donor = number - number % 10 if number % 100 < 10 else number
        lines.append(
            f"Donor {donor},donor{donor}@example.org,{number % 90 + 10}.50,"
            f"2026-0{number % 9 + 1}-{number % 28 + 1:02},G{number}"
        )
    return "\n".join(lines).encode()


@dataclass
class Client:
    """One signed-in program."""

    address: str
    token: str = ""

    def sign_in(self, email: str, password: str) -> "Client":
        """Sign in and return the client."""
        self.token = self.ask("POST", "auth/token", {"email": email, "password": password})[
            "access"
        ]
        return self

    def ask(self, method: str, path: str, body: object = None, **query: str) -> Any:
        """Send one request and return the answer; a refusal fails with its own words."""
        is_file = isinstance(body, bytes)
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        request = urllib.request.Request(
            f"{self.address}/api/v1/{path}?{urlencode(query)}",
            method=method,
            data=None if body is None else data,
            headers={"content-type": "text/csv" if is_file else "application/json"}
            | ({"authorization": f"Bearer {self.token}"} if self.token else {}),
        )
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            msg = f"{method} {path}: {error.code} {error.read().decode()}"
            raise AssertionError(msg) from error

    def plan(self, data: bytes, name: str = "gifts.csv") -> dict[str, Any]:
        """Upload a file and return its plan."""
        answer: dict[str, Any] = self.ask("POST", "imports", data, file_name=name, kind="gifts")
        return answer

    def commit(self, plan: dict[str, Any]) -> dict[str, Any]:
        """Start an import."""
        answer: dict[str, Any] = self.ask(
            "POST", f"imports/{plan['id']}/commit", {"plan_hash": plan["plan_hash"]}
        )
        return answer

    def state(self, plan: dict[str, Any]) -> dict[str, Any]:
        """Return an import as it is now."""
        answer: dict[str, Any] = self.ask("GET", f"imports/{plan['id']}")
        return answer

    def wait(self, plan: dict[str, Any], *states: str) -> dict[str, Any]:
        """Wait until an import is in one of these states, or has ended."""
        until = time.monotonic() + PATIENCE
        while True:
            run = self.state(plan)
            if run["state"] in {*states, "done", "failed", "cancelled", "undone"}:
                return run
            assert time.monotonic() < until, run
            time.sleep(0.2)
