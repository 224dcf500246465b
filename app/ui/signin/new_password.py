"""Frame and password fields of the pages opened by a password reset or an invitation."""

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st


@contextmanager
def narrow_column(title: str) -> Iterator[None]:
    """Draw the content of the block in a middle column, below the title."""
    _, middle, _ = st.columns([1, 1.4, 1])
    with middle, st.container(key="welcome"):
        st.title(title)
        yield


def ask_password(key: str) -> str | None:
    """Ask for a new password twice; return it, or None until both are equal."""
    st.caption("Twelve characters or more. Four unrelated words work well.")
    with st.form(key):
        new = st.text_input("New password", type="password")
        repeated = st.text_input("Once more", type="password")
        submitted = st.form_submit_button("Set password", type="primary")
    if not submitted:
        return None
    if new.strip() != repeated.strip():
        st.error("The two passwords differ.", icon=":material/lock:")
        return None
    return new
