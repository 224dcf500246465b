"""What a session still holds of a screen that was left."""

import gc

import pytest
import streamlit as st
from sqlalchemy import URL
from streamlit.runtime.state import SessionState
from streamlit.runtime.state.common import WidgetMetadata
from streamlit.testing.v1 import AppTest

from app import gifts
from app.db import transaction_for_system
from app.ui.base import screens
from app.ui.dashboard.action_items import ActionItem
from app.ui.shell import stale_widgets
from tests import factories
from tests.conftest import TODAY
from tests.pages.test_navigation import enter, frame


@pytest.fixture(autouse=True)
def _no_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    context = type(st.context)
    monkeypatch.setattr(context, "cookies", {})
    monkeypatch.setattr(context, "headers", {"User-Agent": "Test"})
    monkeypatch.setattr(context, "ip_address", "192.0.2.1")


def test_a_screen_that_was_left_leaves_no_rows_in_the_session(database: URL) -> None:
    session_id = enter("admin")
    with transaction_for_system() as db:
        for number in range(3):
            factories.gift(db, factories.donor(db, name=f"Donor {number}"), "5000", TODAY)
    page = frame(session_id)
    assert rows_held(ActionItem), "the to-do list has gifts to thank for"
    go(page, "gifts")
    assert rows_held(ActionItem) == 0
    # the buttons of a list of gifts need their ids and not the rows
    assert any("gift_list_table_events" in widget for widget in descriptions(page))
    assert rows_held(gifts.GiftLine) == 0


def test_a_session_describes_only_the_widgets_of_its_screen(database: URL) -> None:
    page = frame(enter("admin"))
    today = descriptions(page)
    for screen in ("donors", "gifts", "pledges", "settings", "export"):
        go(page, screen)
    go(page, "today")
    assert descriptions(page) == today
    # widgets that are drawn keep their callbacks
    assert any("page_script" in widget for widget in today)


def test_a_screen_that_stops_itself_leaves_nothing_either(database: URL) -> None:
    page = frame(enter("coach"))
    go(page, "donors")
    assert any("donor_list" in widget or "query" in widget for widget in descriptions(page))
    # Today ends with st.stop for a coach
    go(page, "today")
    assert not any("query" in widget for widget in descriptions(page))


def go(page: AppTest, screen: str) -> None:
    path = screens.screen(screen).path
    page.switch_page(str(path)).run()
    assert not page.exception


def descriptions(page: AppTest) -> set[str]:
    """Return the ids of the widgets that the session has descriptions of."""
    state = page._session_state._state  # noqa: SLF001 - Streamlit has no public name for it
    return set(state._new_widget_state.widget_metadata)  # noqa: SLF001


def rows_held(kind: type) -> int:
    gc.collect()
    return sum(type(thing) is kind for thing in gc.get_objects())


def test_the_presses_of_a_drawn_component_are_kept_and_those_of_another_dropped() -> None:
    """Streamlit receives them under an id of its own, which is never among those drawn."""
    state = SessionState()
    presses = "$$STREAMLIT_INTERNAL_KEY_{}__events"
    drawn, left = "$$ID-1234-needs_events", "$$ID-5678-old_events"
    for component in (drawn, left):
        for widget in (component, presses.format(component)):
            state._new_widget_state.widget_metadata[widget] = WidgetMetadata(  # noqa: SLF001
                widget, str, str, "string_value"
            )
    stale_widgets.forget_in(state, {drawn})
    assert set(state._new_widget_state.widget_metadata) == {  # noqa: SLF001
        drawn,
        presses.format(drawn),
    }
