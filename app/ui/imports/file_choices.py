"""Choices for a whole file: owner of new donors, currency, fund, method, and repeated rows."""

from dataclasses import dataclass

import streamlit as st

from app import gifts, imports
from app.accounts import organisation
from app.db import transaction
from app.ui.base.session import current_actor

METHODS = imports.METHODS
_REPEATS = {False: "Are the same gift twice: import it once", True: "Are gifts of their own"}


@dataclass(frozen=True, slots=True)
class FileChoices:
    """The choices so far; None is left to the file, or to the organisation."""

    currency: str | None = None
    fund: str | None = None
    method: str | None = None
    repeats: bool = False


def answers(prefix: str) -> FileChoices:
    """Return the user's choices so far for a file."""
    state = st.session_state
    return FileChoices(
        currency=state.get(f"{prefix}_file_currency"),
        fund=state.get(f"{prefix}_file_fund"),
        method=state.get(f"{prefix}_file_method"),
        repeats=bool(state.get(f"{prefix}_file_repeats")),
    )


def ask_owner() -> str | None:
    """Let an administrator choose the owner of new donors; return the owner's e-mail."""
    if current_actor().role != "admin":
        return None
    with transaction(current_actor()) as db:
        names = dict(imports.owners(db, current_actor()))
    return st.selectbox(
        "New donors belong to",
        [None, *names],
        format_func=lambda email: names[email] if email else "Nobody yet",
    )


def ask(preview: imports.Preview, *, prefix: str) -> None:
    """Let the user choose for rows that do not say it themselves; a choice recomputes the plan."""
    if preview.plan.kind not in {"gifts", "pledges"}:
        return
    _ask_repeats(preview, prefix=prefix)
    with transaction(current_actor()) as db:
        home = organisation(db).currency
        funds = [fund.name for fund in gifts.funds(db)]
    with st.expander("Choices for the whole file", icon=":material/tune:"):
        st.caption("For rows that do not say it themselves.")
        currency, fund, method = st.columns(3)
        currency.selectbox(
            "Currency",
            [None, *sorted(imports.CURRENCIES)],
            format_func=lambda code: code or f"As found, else {home}",
            key=f"{prefix}_file_currency",
        )
        fund.selectbox(
            "Fund",
            [None, *funds],
            format_func=lambda name: name or "None",
            key=f"{prefix}_file_fund",
        )
        method.selectbox(
            "Method",
            [None, *METHODS],
            format_func=lambda name: name.capitalize() if name else "None",
            key=f"{prefix}_file_method",
        )


def _ask_repeats(preview: imports.Preview, *, prefix: str) -> None:
    """Ask whether rows that are equal in every cell are separate gifts, where there are any."""
    key = f"{prefix}_file_repeats"
    rows = [note.row for note in preview.plan.main.notes if note.problem.code == "same_row"]
    if not rows and not st.session_state.get(key):
        return
    label = "Rows that repeat an earlier row in every cell"
    if rows:
        shown = ", ".join(map(str, rows[:5])) + (" …" if len(rows) > 5 else "")  # noqa: PLR2004
        label += f" (row {shown})" if len(rows) == 1 else f" (rows {shown})"
    st.radio(label, list(_REPEATS), format_func=_REPEATS.__getitem__, key=key)
