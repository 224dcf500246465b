"""Browser tabs for measuring memory: they open pages and stay, or sign in and leave."""

import asyncio
import json
import urllib.request
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from http.cookies import SimpleCookie

from benchmarks.support.visitor import PATIENCE, Visitor

# tabs that are opened at the same time
TOGETHER = 4


@dataclass(slots=True)
class OpenTabs:
    """Tabs that stay open; each has clicked through all pages once."""

    address: str
    cookies: Sequence[Mapping[str, str]]
    pages: Sequence[str]
    stack: AsyncExitStack
    tabs: list[Visitor] = field(default_factory=list)

    async def open(self, number: int) -> None:
        """Open more tabs until there are `number`."""
        while len(self.tabs) < number:
            more = min(TOGETHER, number - len(self.tabs))
            first = len(self.tabs)
            opened = await asyncio.gather(*(self._one(first + index) for index in range(more)))
            self.tabs += opened

    async def _one(self, number: int) -> Visitor:
        cookie = self.cookies[number % len(self.cookies)] if self.cookies else {}
        tab = await self.stack.enter_async_context(Visitor(self.address, cookie))
        for page in self.pages:
            await tab.click(page)
        return tab

    def failures(self) -> list[str]:
        """Return the errors that the tabs have shown."""
        return [text for tab in self.tabs for page in tab.drawn for text in page.failures]


@asynccontextmanager
async def open_tabs(
    address: str, cookies: Sequence[Mapping[str, str]], pages: Sequence[str]
) -> AsyncIterator[OpenTabs]:
    """Yield tabs, and close all of them at the end."""
    async with AsyncExitStack() as stack:
        yield OpenTabs(address, cookies, pages, stack)


async def sign_in(address: str, email: str, password: str) -> None:
    """Sign in with the form, as a browser does, draw the first page, and close the tab."""
    async with Visitor(address) as tab:
        texts = {"E-mail": email, "Password": password}
        await tab.click("", texts=texts, pressed="Sign in")
        cookies = await asyncio.to_thread(_collect, address, tab.code)
    async with Visitor(address, cookies):
        pass


def _collect(address: str, code: str) -> dict[str, str]:
    """Exchange the code of a sign-in for its cookies."""
    request = urllib.request.Request(
        f"http://{address}/api/v1/auth/session/",
        json.dumps({"code": code}).encode(),
        {
            "content-type": "application/json",
            "x-requested-with": "donorcrm",
            "origin": f"http://{address}",
        },
    )
    with urllib.request.urlopen(request, timeout=PATIENCE) as response:  # noqa: S310 - our own
        headers = response.headers.get_all("set-cookie") or []
    return {name: item.value for line in headers for name, item in SimpleCookie(line).items()}
