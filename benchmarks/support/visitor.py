"""A browser without a display: it opens the framework's websocket and clicks through pages.

It sends what a browser sends (the page wanted, the hashes of the messages it has cached) and waits
until the page is drawn. The messages received are only counted and searched for failures.
"""

import asyncio
import random
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from streamlit.proto.Alert_pb2 import Alert
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Common_pb2 import UploadedFileInfo
from streamlit.proto.Delta_pb2 import Delta
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect

PATIENCE = 60.0
# seconds between the arrivals of two visitors
ENTRANCE = 0.15
BIGGEST = 64 * 1024 * 1024
CODE = re.compile(rb'"code": ?"([^"]+)"')
DONE = (ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_WITH_COMPILE_ERROR)


@dataclass(frozen=True, slots=True)
class Drawn:
    """One drawing of a page: seconds and bytes from the click to the last message."""

    page: str
    at: float
    seconds: float
    bytes: int
    failures: tuple[str, ...]


@dataclass(slots=True)
class Visitor:
    """One open page of the app; `address` is "127.0.0.1:8501", `cookie` a session's cookies."""

    address: str
    cookie: Mapping[str, str] = field(default_factory=dict)
    drawn: list[Drawn] = field(default_factory=list)
    # the framework's id of the session, and the widget id of the file uploader
    session_id: str = ""
    uploader: str = ""
    # the ids of text fields and buttons by their labels, and a sign-in's one-time code
    widgets: dict[str, str] = field(default_factory=dict)
    code: str = ""
    socket: ClientConnection | None = None
    _hashes: dict[str, str] = field(default_factory=dict)
    _kept: set[str] = field(default_factory=set)

    async def __aenter__(self) -> Self:
        """Open the start page, as a browser does."""
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookie.items())
        self.socket = await connect(
            f"ws://{self.address}/_stcore/stream",
            subprotocols=["streamlit"],  # type: ignore[list-item]
            origin=f"http://{self.address}",  # type: ignore[arg-type]
            additional_headers={"cookie": cookies} if cookies else None,
            max_size=BIGGEST,
            open_timeout=PATIENCE,
            # many visitors share one processor here; a late pong does not mean a lost connection
            ping_interval=None,
        )
        await self.click("")
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the page."""
        if self.socket is not None:
            await self.socket.close()

    async def click(
        self,
        page: str,
        *,
        chosen: tuple[str, UploadedFileInfo] | None = None,
        texts: Mapping[str, str] | None = None,
        pressed: str = "",
    ) -> Drawn:
        """Open a page, optionally with a file chosen there, and wait until it is drawn.

        `texts` are typed into the fields with these labels, and the button `pressed` is clicked.

        Raises:
            TimeoutError: it was not drawn within a minute.
        """
        assert self.socket is not None  # noqa: S101 - only inside `async with`
        began = time.monotonic()
        wanted = BackMsg()
        state = wanted.rerun_script
        state.page_name = page
        state.page_script_hash = self._hashes.get(page, "")
        state.cached_message_hashes.extend(self._kept)
        state.context_info.timezone = "UTC"
        state.context_info.locale = "en-US"
        state.context_info.url = f"http://{self.address}/{page}"
        if chosen is not None:
            widget = state.widget_states.widgets.add()
            widget.id = chosen[0]
            widget.file_uploader_state_value.uploaded_file_info.append(chosen[1])
        for label, text in (texts or {}).items():
            state.widget_states.widgets.add(id=self.widgets[label], string_value=text)
        if pressed:
            state.widget_states.widgets.add(id=self.widgets[pressed], trigger_value=True)
        await self.socket.send(wanted.SerializeToString())
        async with asyncio.timeout(PATIENCE):
            size, failures = await self.until_drawn()
        page_drawn = Drawn(page, began, time.monotonic() - began, size, tuple(failures))
        self.drawn.append(page_drawn)
        return page_drawn

    async def until_drawn(self) -> tuple[int, list[str]]:
        """Return the bytes and the error messages received until the page is drawn."""
        assert self.socket is not None  # noqa: S101
        size, failures = 0, list[str]()
        while True:
            raw = await self.socket.recv(decode=False)
            size += len(raw)
            message = ForwardMsg.FromString(raw)
            if message.metadata.cacheable and message.hash:
                self._kept.add(message.hash)
            kind = message.WhichOneof("type")
            if kind == "navigation":
                self._hashes = {
                    "" if app_page.is_default else app_page.url_pathname: app_page.page_script_hash
                    for app_page in message.navigation.app_pages
                }
            elif kind == "new_session":
                self.session_id = message.new_session.initialize.session_id
            elif kind == "delta":
                self._note(message.delta.new_element)
                failures += _failure(message.delta)
            elif kind == "script_finished" and message.script_finished in DONE:
                return size, failures

    def _note(self, element: Element) -> None:
        """Remember the ids of the widgets, and the code for the browser's cookie."""
        kind = element.WhichOneof("type")
        if kind == "file_uploader":
            self.uploader = element.file_uploader.id
        elif kind == "text_input":
            self.widgets[element.text_input.label] = element.text_input.id
        elif kind == "button":
            self.widgets[element.button.label] = element.button.id
        elif kind == "bidi_component":
            code = CODE.search(element.SerializeToString())
            self.code = code[1].decode() if code else self.code


def _failure(delta: Delta) -> list[str]:
    """Return the errors in a message, shown by the framework or by the app."""
    element = delta.new_element
    if element.WhichOneof("type") == "exception":
        return [f"{element.exception.type}: {element.exception.message}"]
    if element.WhichOneof("type") == "alert" and element.alert.format == Alert.ERROR:
        return [element.alert.body]
    return []


@dataclass(frozen=True, slots=True)
class Crowd:
    """Visitors of one address who click through its pages."""

    address: str
    cookies: Sequence[Mapping[str, str]]
    pages: Sequence[str]

    async def walk(self, many: int, *, seconds: float, think: float) -> list[Drawn]:
        """Run `many` visitors for `seconds`, with pauses of `think` seconds on average.

        They arrive one after the other, slowly enough for their first pages to be drawn; only
        pages completed in the `seconds` after that are counted.
        """
        began = time.monotonic()
        entrance = max(think, many * ENTRANCE)
        until = began + entrance + seconds
        tasks = [
            asyncio.create_task(self._one(number, entrance * number / many, until, think))
            for number in range(many)
        ]
        results = await asyncio.gather(*tasks)
        return [
            page
            for drawn in results
            for page in drawn
            if began + entrance <= page.at + page.seconds <= until
        ]

    async def _one(self, number: int, later: float, until: float, think: float) -> list[Drawn]:
        chance = random.Random(number)
        await asyncio.sleep(later)
        cookie = self.cookies[number % len(self.cookies)] if self.cookies else {}
        async with Visitor(self.address, cookie) as visitor:
            step = number
            while time.monotonic() < until:
                await asyncio.sleep(chance.uniform(0.5, 1.5) * think)
                if time.monotonic() >= until:
                    break
                step += 1
                await visitor.click(self.pages[step % len(self.pages)])
            return visitor.drawn
