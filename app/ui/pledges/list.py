"""List of pledges with the actions for a chosen one."""

from collections.abc import Callable, Sequence
from datetime import date

import streamlit as st

from app.accounts import Actor, Role
from app.pledges import PledgeLine
from app.ui.base.session import current_actor
from app.ui.donors import labels as donor_labels
from app.ui.pledges import forms as pledge_forms
from app.ui.pledges import instalments
from app.ui.widgets import tables

READERS = {Role.READ_ONLY, Role.COACH, Role.FINANCE}
PAGE = 50
NEVER = date.max
SORTS: dict[str, Callable[[Sequence[PledgeLine]], list[PledgeLine]]] = {
    "Longest late": lambda lines: sorted(
        lines, key=lambda one: (-one.days_late, one.donor_name.lower(), one.pledge_id)
    ),
    "Next due": lambda lines: sorted(
        lines, key=lambda one: (one.next_due or NEVER, one.donor_name.lower(), one.pledge_id)
    ),
    "Donor": lambda lines: sorted(lines, key=lambda one: (one.donor_name.lower(), one.pledge_id)),
    "Amount": lambda lines: sorted(lines, key=lambda one: (-one.amount.minor, one.pledge_id)),
}
COLUMNS = [
    tables.text("Status", donor_labels.standing),
    tables.money("Amount", lambda one: one.amount),
    tables.text("How often", lambda one: donor_labels.OFTEN[one.frequency]),
    tables.days("Next due", lambda one: one.next_due),
    tables.text("Late", donor_labels.late),
    tables.money("Received", lambda one: one.received),
    tables.money("Expected", lambda one: one.expected),
    tables.days("Last gift", lambda one: one.last_gift_date),
]


def sorts(actor: Actor) -> list[str]:
    """Return the sort orders; by amount only if the actor may see amounts."""
    return [one for one in SORTS if one != "Amount" or actor.sees_amounts]


def show(lines: Sequence[PledgeLine], *, key: str, today: date, with_name: bool = False) -> None:
    """Draw the pledges, fifty per page, and above them the actions for a chosen one."""
    actor = current_actor()
    columns = list(COLUMNS)
    if with_name:
        columns.insert(0, tables.name("Donor", lambda one: one.donor_name))
        if len({one.owner_id for one in lines}) > 1:
            columns.append(tables.text("Owner", lambda one: one.owner_name))
    pages = -(-len(lines) // PAGE)
    number = st.session_state.get(f"{key}_page", 1) if pages > 1 else 1
    number = min(number, pages)
    part = lines[(number - 1) * PAGE : number * PAGE]
    changes = actor.role not in READERS and not actor.looking
    if changes or actor.sees_amounts:
        _act(part, key=key, with_name=with_name, changes=changes)
    tables.show(
        part,
        columns,
        key=f"{key}_table",
        today=today,
        opens=lambda one: one.donor_id,
        height="content",
        alt="Pledges and where each stands",
    )
    if pages > 1:
        st.pagination(pages, key=f"{key}_page")


def _act(lines: Sequence[PledgeLine], *, key: str, with_name: bool, changes: bool) -> None:
    known = {one.pledge_id: one for one in lines}
    if not known:
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        line = _choose(known, key=key, with_name=with_name, changes=changes)
        if (
            current_actor().sees_amounts
            and st.button(
                "Instalments",
                icon=":material/calendar_month:",
                key=f"{key}_calendar",
                disabled=line is None,
            )
            and line
        ):
            instalments.show(line)
        if changes:
            _offer_changes(line, key=key)


def _choose(
    known: dict[int, PledgeLine], *, key: str, with_name: bool, changes: bool
) -> PledgeLine | None:
    """Let the user choose one of the pledges; return it, or None until one is chosen."""

    def spelled(pledge_id: int) -> str:
        one = known[pledge_id]
        words = pledge_forms.promised(one.amount, one.frequency)
        return f"{one.donor_name} · {words}" if with_name else f"{words}, since {one.start.year}"

    chosen = st.selectbox(
        "Choose a pledge",
        list(known),
        format_func=spelled,
        key=f"{key}_chosen",
        index=0 if len(known) == 1 else None,
        width=300,
        placeholder="to look into it, or change it" if changes else "to look into it",
    )
    return known.get(chosen) if chosen is not None else None


def _offer_changes(line: PledgeLine | None, *, key: str) -> None:
    """Draw a button for every change; disabled unless the chosen pledge is active or paused."""
    over = line is None or line.status not in {"active", "paused"}
    for label, dialog in pledge_forms.CHANGES.items():
        if label == "Pause" and line is not None and line.state == "paused":
            st.button(
                "Resume",
                icon=":material/play_circle:",
                key=f"{key}_resume",
                on_click=pledge_forms.resume,
                args=(line,),
            )
        elif st.button(label, key=f"{key}_{label}", disabled=over) and line:
            dialog(line)
