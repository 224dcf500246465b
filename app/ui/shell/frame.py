"""What is around every page: the search of the menu, the bar of a phone, and the way back."""

import streamlit as st

from app.accounts import Actor
from app.ui.base.screens import screen
from app.ui.shell import commands
from app.ui.widgets.rows.table_html import template

FIND, MENU = "search", "menu"


def show_find() -> None:
    """Draw the button that opens the palette, as a key does."""
    st.html(template("find.html").render(icon=FIND))


def show_bar(actor: Actor, url_path: str) -> None:
    """Draw the bar at the bottom of a phone: some pages, the search and the menu.

    `url_path` is the address of the page that is shown.
    """
    open_places = [place for place in map(screen, commands.BAR) if place.open_to(actor)]
    places = [
        {
            "address": commands.address(place),
            "icon": place.icon,
            "title": place.title,
            "here": place.url_path == url_path,
        }
        for place in open_places
    ]
    st.html(template("bar.html").render(places=places, find=FIND, menu=MENU))


def show_way_back(file: str, here: str) -> None:
    """Draw a link back to a list, with the filter it was left with, and where one is now.

    `file` is the file of the list's screen ("donors"); the tab of the browser says `here` too.
    """
    place = screen(file)
    st.set_page_config(page_title=f"{here} · DonorCRM")
    st.html(
        template("crumbs.html").render(
            address=commands.address(place), title=place.title, here=here
        )
    )
