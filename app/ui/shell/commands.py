"""What the command palette and the keys open: the pages of a role, and actions on any page."""

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from app.accounts import Actor
from app.ui.base.screens import SCREENS, Screen, screen
from app.ui.donors import activity_forms
from app.ui.donors import forms as donor_forms
from app.ui.gifts import forms as gift_forms
from app.ui.gifts import list as gift_list

_CHOSEN = "chosen_action"
# the second key after "g"; a page without one is found in the palette
KEYS = {
    "today": "t",
    "tasks": "k",
    "dashboard": "b",
    "donors": "d",
    "gifts": "g",
    "pledges": "p",
    "requests": "r",
    "import_file": "i",
    "export": "e",
    "people": "u",
    "settings": "s",
    "help": "h",
}
# the places at the bottom of a phone, beside the search and the menu
BAR = ("today", "donors", "gifts")


@dataclass(frozen=True, slots=True)
class Action:
    """An action: name, title of its buttons, icon and keys, whether it is allowed, and dialog."""

    name: str
    title: str
    icon: str
    keys: str
    may: Callable[[], bool]
    open: Callable[[], None]


def places(actor: Actor) -> list[dict[str, str]]:
    """Return the pages that the actor may open from the menu, as the browser needs them."""
    return [
        {
            "title": place.title,
            "icon": place.icon,
            "address": address(place),
            "keys": f"g {KEYS[place.file]}" if place.file in KEYS else "",
        }
        for place in SCREENS
        if place.in_menu and place.open_to(actor)
    ]


def actions() -> list[dict[str, str]]:
    """Return the actions that the current user may do, as the browser needs them."""
    return [
        {"name": action.name, "title": action.title, "icon": action.icon, "keys": action.keys}
        for action in ACTIONS
        if action.may()
    ]


def address(place: Screen) -> str:
    """Return the path of a page."""
    return f"/{place.url_path}"


def thanks_address(actor: Actor) -> str:
    """Return the address of the gifts to thank for; empty if the actor may not see gifts."""
    return "/gifts?thanked=waiting" if screen("gifts").open_to(actor) else ""


def show_buttons(*names: str) -> None:
    """Draw a button for each of these actions that the user may do."""
    chosen = [action for action in ACTIONS if action.name in names and action.may()]
    if not chosen:
        return
    with st.container(horizontal=True, key="actions"):
        for action in chosen:
            if st.button(action.title, icon=f":material/{action.icon}:", key=action.name):
                action.open()


def store(name: str) -> None:
    """Store the name of an action that the browser asked for, until the page is drawn."""
    st.session_state[_CHOSEN] = name


def show_chosen() -> None:
    """Open the dialog of the stored action, if there is one and the user may do it."""
    name = st.session_state.pop(_CHOSEN, None)
    chosen = next((action for action in ACTIONS if action.name == name), None)
    if chosen is not None and chosen.may():
        chosen.open()


ACTIONS = (
    Action("record_gift", "Record gift", "redeem", "n g", gift_list.may_record, gift_forms.record),
    Action(
        "log_contact",
        "Log a contact",
        "call",
        "n c",
        donor_forms.may_add,
        activity_forms.log_contact,
    ),
    Action(
        "add_task", "Add task", "task_alt", "n t", donor_forms.may_add, activity_forms.add_task
    ),
    Action("new_donor", "New donor", "person_add", "n d", donor_forms.may_add, donor_forms.create),
)
