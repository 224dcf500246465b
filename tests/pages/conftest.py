"""Screens in a test: a page file run for a person, without a browser."""

import json
import threading
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import pytest
from streamlit import config
from streamlit.components.v2 import manifest_scanner
from streamlit.proto.WidgetStates_pb2 import WidgetState
from streamlit.runtime.scriptrunner.script_runner import ScriptRunnerEvent
from streamlit.testing.v1 import AppTest, local_script_runner

from app import audit
from app.accounts import Actor
from app.ui.base import screens
from tests.pages import own_html

PATIENCE = 180


@pytest.fixture(autouse=True, scope="session")
def _packages_looked_through_once() -> Iterator[None]:
    """The framework looks through every installed package at each run of a page: half its time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            manifest_scanner,
            "scan_component_manifests",
            cache(manifest_scanner.scan_component_manifests),
        )
        patch.setattr(local_script_runner, "require_widgets_deltas", _wait_for_the_end)
        # as in app/web.py: a colourful traceback costs more than the page that failed
        config.set_option("logger.enableRich", False)
        yield


def _wait_for_the_end(runner: local_script_runner.LocalScriptRunner, patience: float) -> None:
    """The framework asks a thousand times a second whether the page ended: it slows the page."""
    ended = threading.Event()

    def heard(_runner: object, event: ScriptRunnerEvent, **_: object) -> None:
        if event == ScriptRunnerEvent.SHUTDOWN:
            ended.set()

    runner.on_event.connect(heard)
    # it may have ended before anybody listened
    if not runner.script_stopped() and not ended.wait(patience):
        runner.request_stop()
        runner.join()
        pytest.fail(f"the page took longer than {patience} seconds")


@pytest.fixture(autouse=True)
def _from_nowhere() -> None:
    """A page run alone has no browser behind it, whatever ran the whole app before."""
    audit.client_address_from(lambda: None)


@pytest.fixture
def screen() -> Callable[..., AppTest]:
    """Run one page as its actor sees it: `screen("donors", ruth, query="Ann")`."""

    def run(name: str, actor: Actor, **query: str) -> AppTest:
        page = AppTest.from_file(str(screens.screen(name).path), default_timeout=PATIENCE)
        page.session_state["actor"] = actor
        for key, value in query.items():
            page.query_params[key] = value
        return page.run()

    return run


def page_text(page: AppTest) -> str:
    """Return everything a person reads on a page."""
    plain = ("title", "caption", "subheader", "markdown")
    kinds = (*plain, "info", "success", "warning", "error", "toast")
    texts = [str(element.value) for kind in kinds for element in getattr(page, kind)]
    return "\n".join([*texts, *(own_html.text(body) for body in html_bodies(page))])


def html_bodies(page: AppTest) -> list[str]:
    """Return the HTML of our own on a page, without style sheets."""
    bodies = [element.proto.body for element in page.get("html")]
    return [body for body in bodies if "<style>" not in body]


def html_tables(page: AppTest) -> list[own_html.Table]:
    """Return the tables of a page in their order."""
    return [own_html.table(body) for body in html_bodies(page) if "<table" in body]


def press(page: AppTest, label: str) -> AppTest:
    """Click the first button with this label."""
    return next(button for button in page.button if button.label == label).click().run()


def row_buttons(page: AppTest) -> list[str]:
    """Return the labels of all buttons in rows of our own HTML."""
    return [label for body in html_bodies(page) for _, _, label in own_html.buttons(body)]


def press_row(page: AppTest, label: str, *, key: str, row: str | None = None) -> AppTest:
    """Click a button of a row of our own HTML: the first one with this label, as a browser does.

    `key` is the name of the table or list; `row` chooses another row than the first.
    """
    buttons = [
        (name, button_row)
        for body in html_bodies(page)
        for name, button_row, text in own_html.buttons(body)
        if text == label and row in {None, button_row}
    ]
    name, button_row = buttons[0]
    return tell(page, key=key, name=name, row=button_row)


def tell(page: AppTest, *, key: str, name: str, row: str) -> AppTest:
    """Send a press as a browser does: which may send whatever it likes."""
    component = next(
        element.proto
        for element in page.get("bidi_component")
        if json.loads(element.proto.json)["table"] == key
    )
    trigger = WidgetState(id=f"$$STREAMLIT_INTERNAL_KEY_{component.id}__events")
    told = {"event": "pressed", "value": {"name": name, "row": row}}
    trigger.json_trigger_value = json.dumps([told])
    # AppTest has no public way to a component of one's own
    states = page._tree.get_widget_states()  # noqa: SLF001
    states.widgets.append(trigger)
    return page._run(states)  # noqa: SLF001


def field(page: AppTest, key: str) -> Any:
    """Return an input by its key."""
    texts, choices = ("text_input", "text_area", "date_input"), ("selectbox", "multiselect")
    kinds = (*texts, *choices, "toggle", "checkbox")
    return next(element for kind in kinds for element in getattr(page, kind) if element.key == key)
