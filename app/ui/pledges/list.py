"""List of pledges with the actions for a chosen one."""

from collections.abc import Callable, Sequence
from datetime import date

import streamlit as st

from app import pledges
from app.accounts import Actor, Role
from app.pledges import PledgeLine
from app.ui.base.session import current_actor
from app.ui.donors import labels as donor_labels
from app.ui.pledges import details, instalments
from app.ui.pledges import forms as pledge_forms
from app.ui.widgets import tables
from app.ui.widgets.url_filters import Filter, labelled

CHANGES = {**pledge_forms.CHANGES, "Change details": details.change}
READERS = {Role.READ_ONLY, Role.COACH, Role.FINANCE}
PAGE = 50
NEVER = date.max
SORTS: dict[str, Callable[[Sequence[PledgeLine]], list[PledgeLine]]] = {
    "longest late": lambda lines: sorted(
        lines, key=lambda line: (-line.days_late, line.donor_name.lower(), line.pledge_id)
    ),
    "next due": lambda lines: sorted(
        lines, key=lambda line: (line.next_due or NEVER, line.donor_name.lower(), line.pledge_id)
    ),
    "donor": lambda lines: sorted(
        lines, key=lambda line: (line.donor_name.lower(), line.pledge_id)
    ),
    "amount": lambda lines: sorted(lines, key=lambda line: (-line.amount.minor, line.pledge_id)),
}
COLUMNS = [
    tables.text("Status", donor_labels.pledge_state),
    tables.money("Amount", lambda line: line.amount),
    tables.text("How often", lambda line: donor_labels.FREQUENCIES[line.frequency]),
    tables.days("Next due", lambda line: line.next_due),
    tables.text("Late", donor_labels.late),
    tables.money("Received", lambda line: line.received),
    tables.money("Expected", lambda line: line.expected),
    tables.days("Last gift", lambda line: line.last_gift_date),
]


FIRST_SORT = next(iter(SORTS))
STATES = Filter(
    "Status",
    "standing",
    {state: donor_labels.PLEDGE_STATES[state][1] for state in pledges.STATES},
    several=True,
)


def sorts(actor: Actor) -> Filter:
    """Return the filter of sort orders; by amount only if the actor may see amounts."""
    names = [sort for sort in SORTS if sort != "amount" or actor.sees_amounts]
    return Filter("Sorted by", "sort", labelled(names, str.capitalize), FIRST_SORT)


def show(lines: Sequence[PledgeLine], *, key: str, today: date, with_name: bool = False) -> None:
    """Draw the pledges, fifty per page, and above them the actions for a chosen one."""
    actor = current_actor()
    columns = list(COLUMNS)
    if with_name:
        columns.insert(0, tables.name("Donor", lambda pledge: pledge.donor_name))
        if len({pledge.owner_id for pledge in lines}) > 1:
            columns.append(tables.text("Owner", lambda pledge: pledge.owner_name))
    pages = -(-len(lines) // PAGE)
    number = st.session_state.get(f"{key}_page", 1) if pages > 1 else 1
    number = min(number, pages)
    page = lines[(number - 1) * PAGE : number * PAGE]
    changes = actor.role not in READERS and not actor.looking
    if changes or actor.sees_amounts:
        _show_actions(page, key=key, with_name=with_name, changes=changes)
    tables.show(
        page,
        columns,
        key=f"{key}_table",
        today=today,
        opens=lambda pledge: pledge.donor_id,
        sortable=pages == 1,
        alt="Pledges and their status",
    )
    if pages > 1:
        st.pagination(pages, key=f"{key}_page")


def _show_actions(
    lines: Sequence[PledgeLine], *, key: str, with_name: bool, changes: bool
) -> None:
    pledges_by_id = {pledge.pledge_id: pledge for pledge in lines}
    if not pledges_by_id:
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        line = _ask_pledge(pledges_by_id, key=key, with_name=with_name, changes=changes)
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
            _show_change_buttons(line, key=key)


def _ask_pledge(
    pledges_by_id: dict[int, PledgeLine], *, key: str, with_name: bool, changes: bool
) -> PledgeLine | None:
    """Let the user choose one of the pledges; return it, or None until one is chosen."""
    # the session keeps the labels, not the whole rows
    labels = {}
    for pledge_id, pledge in pledges_by_id.items():
        text = pledge_forms.pledge_label(pledge.amount, pledge.frequency)
        labels[pledge_id] = (
            f"{pledge.donor_name} · {text}" if with_name else f"{text}, since {pledge.start.year}"
        )
    chosen_id = st.selectbox(
        "Choose a pledge",
        list(pledges_by_id),
        format_func=labels.__getitem__,
        key=f"{key}_chosen",
        index=0 if len(pledges_by_id) == 1 else None,
        width=300,
        placeholder="to look into it, or change it" if changes else "to look into it",
    )
    return pledges_by_id.get(chosen_id) if chosen_id is not None else None


def _show_change_buttons(line: PledgeLine | None, *, key: str) -> None:
    """Draw a button for every change; disabled unless the chosen pledge is active or paused."""
    disabled = line is None or line.status not in {"active", "paused"}
    for label, dialog in CHANGES.items():
        if label == "Pause" and line is not None and line.state == "paused":
            st.button(
                "Resume",
                icon=":material/play_circle:",
                key=f"{key}_resume",
                on_click=pledge_forms.resume,
                args=(line,),
            )
        elif st.button(label, key=f"{key}_{label}", disabled=disabled) and line:
            dialog(line)
