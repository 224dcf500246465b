"""Many sessions at once: benchmarks/sessions.py for a few seconds."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from app import accounts, demo
from app.db import transaction_for_system
from benchmarks.support.visitor import Crowd
from tests import database as run
from tests.browser.conftest import DemoServer
from tests.values import present

PAGES = ("", "dashboard", "donors")
# bytes: the form that asks who it is has fewer, every page has more
FORM = 12_000


def test_visitors_click_through_the_pages_and_nothing_fails(demo_server: DemoServer) -> None:
    run.use(demo_server.database)
    now = datetime.now(UTC)
    cookies = []
    with transaction_for_system() as db:
        for person in demo.SIGN_INS[:3]:
            user = accounts.actor_by_email(db, person.email).user_id
            _, code = accounts.open_session(db, user_id=user, now=now)
            cookies.append(
                {accounts.cookie_name(): present(accounts.redeem_code(db, code=code, now=now))}
            )
    run.use(run.NOWHERE)
    crowd = Crowd(demo_server.address.removeprefix("http://"), cookies, PAGES)

    # the browser of the other tests has a loop of its own on this thread
    with ThreadPoolExecutor(1) as pool:
        walk = crowd.walk(6, seconds=6, think=0.5)
        drawn = pool.submit(asyncio.run, walk).result()

    assert not [view.failures for view in drawn if view.failures]
    assert {view.page for view in drawn} == set(PAGES)
    # a page, and not the form that asks who it is
    assert all(view.bytes > FORM for view in drawn), [(view.page, view.bytes) for view in drawn]


def test_without_a_session_only_the_form_is_drawn(demo_server: DemoServer) -> None:
    crowd = Crowd(demo_server.address.removeprefix("http://"), (), PAGES)
    with ThreadPoolExecutor(1) as pool:
        drawn = pool.submit(asyncio.run, crowd.walk(1, seconds=2, think=0.2)).result()
    assert drawn
    assert all(view.bytes < FORM for view in drawn), [(view.page, view.bytes) for view in drawn]
