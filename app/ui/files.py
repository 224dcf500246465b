"""The button that takes a file away, from our own route that asks who it is."""

from typing import Literal
from urllib.parse import urlencode

import streamlit as st

from app.audit import ActivityFilter

FILES = "/api/v1/files"


def button(
    label: str,
    path: str,
    *,
    icon: str = "download",
    help: str | None = None,  # noqa: A002 - the framework's word
    width: Literal["stretch", "content"] = "content",
) -> None:
    """Draw a button that fetches `path` ("donors.csv") when it is clicked."""
    st.link_button(label, f"{FILES}/{path}", icon=f":material/{icon}:", help=help, width=width)


def of_record(chosen: ActivityFilter) -> str:
    """Spell the file of the record's lines that fit."""
    asked = {
        "by": chosen.actor_id,
        "kind": chosen.entity,
        "record": chosen.record,
        "from": chosen.start.isoformat() if chosen.start else None,
        "until": chosen.end.isoformat() if chosen.end else None,
    }
    given = {name: value for name, value in asked.items() if value is not None}
    return f"what-happened.csv?{urlencode(given)}" if given else "what-happened.csv"
