"""Choices for a whole file: owner of new donors, currency, fund, method, and repeated rows."""

from dataclasses import dataclass

import streamlit as st

from app import gifts, imports
from app.accounts import organisation
from app.db import transaction
from app.ui.base.formats import plain
from app.ui.base.session import current_actor

METHODS = imports.METHODS
_WITH_MONEY = {"gifts", "pledges"}
_ID_FIELDS = {
    "external_id",
    "donor_external_id",
    "fund_external_id",
    "pledge_external_id",
    "reverses_external_id",
}
_REPEATS = {False: "Are the same gift twice: import it once", True: "Are gifts of their own"}


@dataclass(frozen=True, slots=True)
class FileChoices:
    """The choices so far; None is left to the file, or to the organisation."""

    currency: str | None = None
    fund: str | None = None
    method: str | None = None
    repeats: bool = False
    source: str = imports.FILE


def answers(prefix: str) -> FileChoices:
    """Return the user's choices so far for a file."""
    state = st.session_state
    return FileChoices(
        currency=state.get(f"{prefix}_file_currency"),
        fund=state.get(f"{prefix}_file_fund"),
        method=state.get(f"{prefix}_file_method"),
        repeats=bool(state.get(f"{prefix}_file_repeats")),
        source=imports.source_of(state.get(f"{prefix}_file_source") or imports.FILE),
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


def has_choices(preview: imports.Preview) -> bool:
    """Return whether `ask` has anything to ask about a file."""
    return preview.plan.kind in _WITH_MONEY or _has_ids(preview)


def ask(preview: imports.Preview, *, prefix: str) -> None:
    """Let the user choose for rows that do not say it themselves; a choice recomputes the plan."""
    if not has_choices(preview):
        return
    with st.expander("Choices for the whole file", icon=":material/tune:"):
        if preview.plan.kind in _WITH_MONEY:
            _ask_defaults(prefix=prefix)
        if _has_ids(preview):
            _ask_source(prefix=prefix)


def _ask_defaults(*, prefix: str) -> None:
    with transaction(current_actor()) as db:
        home = organisation(db).currency
        funds = [fund.name for fund in gifts.funds(db)]
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
        format_func=lambda name: plain(name) or "None",
        key=f"{prefix}_file_fund",
    )
    method.selectbox(
        "Method",
        [None, *METHODS],
        format_func=lambda name: name.capitalize() if name else "None",
        key=f"{prefix}_file_method",
    )


def _has_ids(preview: imports.Preview) -> bool:
    """Return whether the file is of no known format and has a column of ids."""
    columns = preview.plan.answers.get("columns", {})
    return preview.plan.preset == imports.USER_MAPPING and not _ID_FIELDS.isdisjoint(columns)


def _ask_source(*, prefix: str) -> None:
    """Ask which system the ids come from: one whose ids are known here, or a new name."""
    with transaction(current_actor()) as db:
        known = imports.id_sources(db, current_actor())
    names = [imports.source_name(source) for source in known if source != imports.FILE]
    st.selectbox(
        "The ids in this file come from",
        [imports.source_name(imports.FILE), *names],
        format_func=plain,
        key=f"{prefix}_file_source",
        accept_new_options=True,
        help="Ids of the same system mean the same donors and gifts, whichever file they are in. "
        "Choose a system, or type the name of another.",
    )


def has_repeats(preview: imports.Preview, *, prefix: str) -> bool:
    """Return whether the file has rows that are equal in every cell, or the user said so."""
    return bool(_repeated_rows(preview) or st.session_state.get(f"{prefix}_file_repeats"))


def _repeated_rows(preview: imports.Preview) -> list[int]:
    if preview.plan.kind not in _WITH_MONEY:
        return []
    return [note.row for note in preview.plan.main.notes if note.problem.code == "same_row"]


def ask_repeats(preview: imports.Preview, *, prefix: str) -> None:
    """Ask whether rows that are equal in every cell are separate gifts, where there are any."""
    if not has_repeats(preview, prefix=prefix):
        return
    rows = _repeated_rows(preview)
    label = "Rows that repeat an earlier row in every cell"
    if rows:
        shown = ", ".join(map(str, rows[:5])) + (" …" if len(rows) > 5 else "")  # noqa: PLR2004
        label += f" (row {shown})" if len(rows) == 1 else f" (rows {shown})"
    key = f"{prefix}_file_repeats"
    st.radio(label, list(_REPEATS), format_func=_REPEATS.__getitem__, key=key)
