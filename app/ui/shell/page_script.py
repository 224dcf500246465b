"""The script of every page: links to pages, tabs of the browser, and the order of tables."""

from functools import cache

import streamlit as st

from app.settings import ROOT
from app.ui.base import theme

_SCRIPT = ROOT / "app" / "ui" / "assets" / "page.js"


def mount() -> None:
    """Add the script and the look of tables and lists; the app shell calls this once."""
    theme.apply_to_rows()
    st.components.v2.component("page_script", js=_script())(key="page_script")


@cache
def _script() -> str:
    return _SCRIPT.read_text("utf-8")
