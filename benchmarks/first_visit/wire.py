"""What a browser receives: requests and bytes on the wire, counted by the browser itself."""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Page

# bytes on the wire without a proxy, headers included, until each is drawn
SIGN_IN, TODAY = 600_000, 1_500_000
# nothing has come for this long, in seconds: the page is complete
QUIET, PATIENCE = 2.0, 120.0
# more than an answer "304 Not Modified" with its headers
MORE_THAN_HEADERS = 1500


@dataclass(slots=True)
class Request:
    """One request: its path, bytes on the wire with headers, and the encoding of the body."""

    path: str
    size: int = 0
    encoding: str = ""


@dataclass
class Wire:
    """The requests of a page from now on; data: and blob: addresses, which need none, excluded."""

    page: Page
    requests: dict[str, Request] = field(default_factory=dict)
    last: float = 0.0

    def __post_init__(self) -> None:
        """Start to listen."""
        session = self.page.context.new_cdp_session(self.page)
        session.send("Network.enable")
        listeners: dict[str, Callable[[Any], None]] = {
            "Network.requestWillBeSent": self._sent,
            "Network.responseReceived": self._answered,
            "Network.loadingFinished": self._finished,
        }
        for event, listener in listeners.items():
            session.on(event, listener)

    @property
    def size(self) -> int:
        """Return the bytes of all requests."""
        return sum(request.size for request in self.requests.values())

    @property
    def count(self) -> int:
        """Return the number of requests that were not answered from the browser's cache."""
        return sum(request.size > 0 for request in self.requests.values())

    def twice(self) -> list[str]:
        """Return the static files of which the content came more than once."""
        paths = Counter(
            request.path for request in self.requests.values() if request.size > MORE_THAN_HEADERS
        )
        return [path for path, times in paths.items() if times > 1 and path.startswith("/static/")]

    def uncompressed(self) -> list[str]:
        """Return the scripts and styles without a content encoding, except for tiny ones."""
        return [
            request.path
            for request in self.requests.values()
            if request.size > MORE_THAN_HEADERS
            and request.path.endswith((".js", ".css"))
            and not request.encoding
        ]

    def wait(self) -> None:
        """Wait until nothing has come for a while."""
        until = time.monotonic() + PATIENCE
        self.last = time.monotonic()
        while time.monotonic() - self.last < QUIET and time.monotonic() < until:
            self.page.wait_for_timeout(100)

    def _sent(self, event: Any) -> None:
        self.last = time.monotonic()
        url = event["request"]["url"]
        if url.startswith("http"):
            self.requests.setdefault(event["requestId"], Request(urlsplit(url).path))

    def _answered(self, event: Any) -> None:
        if request := self.requests.get(event["requestId"]):
            headers = {name.lower(): value for name, value in event["response"]["headers"].items()}
            request.encoding = headers.get("content-encoding", "")

    def _finished(self, event: Any) -> None:
        self.last = time.monotonic()
        if request := self.requests.get(event["requestId"]):
            request.size = int(event["encodedDataLength"])
