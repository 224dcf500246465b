"""Household and relations of a donor: who belongs together, and what they give together."""

from collections.abc import Sequence
from datetime import date
from functools import partial

import streamlit as st

from app import gifts, households
from app.accounts import Actor
from app.db import Session, transaction
from app.donors import DonorView
from app.households import Household, Member, Relation
from app.ui.base.formats import count, escape, initial, money
from app.ui.base.session import current_actor
from app.ui.widgets import forms, rate_filter, tables
from app.ui.widgets.donor_search import ask_donor

MAKE, RELATE = "household", "relation"


def show(view: DonorView, actor: Actor, *, today: date) -> None:
    """Draw the household with its members and sums, the relations, and what can be done."""
    with transaction(actor) as db:
        household = households.household(db, actor, view.donor_id, today=today)
        relations = households.relations(db, actor, view.donor_id)
        waiting = _waiting(db, actor, household)
    if household is None and not relations and not view.editable:
        return
    with st.container(border=True, key="household"):
        with st.container(horizontal=True, horizontal_alignment="distribute"):
            st.subheader("Household and relations")
            if view.editable:
                _show_buttons(view, household)
        if household is not None:
            _show_household(household, waiting, actor)
        for relation in relations:
            _show_relation(relation, editable=view.editable)
        if household is None and not relations:
            st.caption(
                "Nobody yet. Members of a household are thanked and counted together; a relation"
                " says who works where, or who brought whom. Begin with the buttons"
                " above."
            )


def _waiting(
    db: Session, actor: Actor, household: Household | None
) -> tuple[gifts.AwaitingRate, ...]:
    """Return the gifts of the household that its sums leave out for lack of an exchange rate."""
    if household is None or not actor.sees_amounts:
        return ()
    ids = [household.donor_id]
    by_household = gifts.awaiting_rate_by(db, actor, gifts.GroupBy.HOUSEHOLD, ids=ids)
    return by_household.get(household.donor_id, ())


def _show_buttons(view: DonorView, household: Household | None) -> None:
    with st.container(horizontal=True, width="content"):
        label = "Add a member" if household else "Make a household"
        is_person = view.fields.kind == "person"
        if (household is not None or is_person) and st.button(
            label, icon=":material/group_add:", key="household_add"
        ):
            _ask_member(view, household)
        if st.button("Add a relation", icon=":material/diversity_3:", key="relation_add"):
            _ask_relation(view, household)


def _show_household(
    household: Household, waiting: Sequence[gifts.AwaitingRate], actor: Actor
) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        tables.show_donor_link(household.donor_id, household.name, icon=":material/home:")
        if household.editable and household.members:
            st.button(
                "Dissolve",
                icon=":material/group_off:",
                type="tertiary",
                key="household_dissolve",
                help="The members become separate donors again; every gift stays where it is.",
                on_click=partial(_dissolve, household),
            )
    if actor.sees_amounts:
        st.markdown(
            f"**{escape(money(household.lifetime))}** together in "
            f"{count(household.gifts, 'gift')}, "
            f"**{escape(money(household.this_year))}** this fiscal year"
        )
        rate_filter.show_waiting(waiting)
    st.caption(
        f"Letters to {escape(household.envelope_name)} · Dear {escape(household.salutation)}"
    )
    for member in household.members:
        _show_member(household, member, actor)


def _show_member(household: Household, member: Member, actor: Actor) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        tables.show_donor_link(member.donor_id, member.name, icon=":material/person:")
        notes = [
            *(["head"] if member.head else []),
            *(["deceased"] if member.deceased else []),
            *([money(member.lifetime)] if actor.sees_amounts else []),
        ]
        st.caption(escape(" · ".join(notes)), width="content")
        if not household.editable:
            return
        if not member.head:
            st.button(
                "Make head",
                type="tertiary",
                key=f"household_head_{member.donor_id}",
                help="The head is named first in letters.",
                on_click=partial(_make_head, household, member),
            )
        st.button(
            "Take out",
            type="tertiary",
            key=f"household_leave_{member.donor_id}",
            on_click=partial(_leave, member),
        )


def _show_relation(relation: Relation, *, editable: bool) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        tables.show_donor_link(relation.donor_id, relation.name, icon=":material/link:")
        st.caption(initial(relation.label), width="content")
        if editable:
            st.button(
                "Remove",
                type="tertiary",
                key=f"relation_remove_{relation.relation_id}",
                on_click=partial(_remove_relation, relation),
            )


@st.dialog("Household", icon=":material/group_add:")
def _ask_member(view: DonorView, household: Household | None) -> None:
    """Ask for a donor who belongs to the same household."""
    st.caption(escape(household.name if household else f"{view.name} is the head."))
    known = {view.donor_id}
    if household is not None:
        known |= {household.donor_id, *(member.donor_id for member in household.members)}
    chosen = ask_donor("Who belongs to it?", MAKE, but=known)
    if chosen is None:
        return

    def work(db: Session) -> str:
        actor = current_actor()
        if household is None:
            head, others = view.donor_id, [chosen.donor_id]
            households.make(db, actor, head_id=head, member_ids=others)
            return f"{view.name} and {chosen.name} are a household now."
        households.join(db, actor, household_id=household.donor_id, donor_id=chosen.donor_id)
        return f"{chosen.name} belongs to the household now."

    with st.form(MAKE, border=False):
        forms.save_button("Add to the household", key=MAKE, icon="group_add", work=work)


@st.dialog("Relation", icon=":material/diversity_3:")
def _ask_relation(view: DonorView, household: Household | None) -> None:
    """Ask for a donor, and what that donor is to this one."""
    st.caption(f"Who is what to {escape(view.name)}?")
    known = {view.donor_id, *({household.donor_id} if household else ())}
    chosen = ask_donor("Who?", RELATE, but=known)
    if chosen is None:
        return

    def work(db: Session) -> str:
        kind = forms.choice_value(RELATE, "type", str)
        households.add_relation(
            db,
            current_actor(),
            donor_id=view.donor_id,
            other_id=chosen.donor_id,
            type=kind,
        )
        return f"{chosen.name} is listed as {kind}."

    with st.form(RELATE, border=False):
        forms.choice(f"Is to {escape(view.name)}", RELATE, "type", households.RELATIONS)
        forms.save_button("Add the relation", key=RELATE, icon="link", work=work)


def _dissolve(household: Household) -> None:
    def work(db: Session) -> str:
        households.dissolve(db, current_actor(), household_id=household.donor_id)
        return "Dissolved the household. Its gifts stay with whom they were recorded for."

    forms.run_and_announce(MAKE, work)


def _make_head(household: Household, member: Member) -> None:
    def work(db: Session) -> str:
        households.set_head(
            db, current_actor(), household_id=household.donor_id, donor_id=member.donor_id
        )
        return f"{member.name} is the head now."

    forms.run_and_announce(MAKE, work)


def _leave(member: Member) -> None:
    def work(db: Session) -> str:
        households.leave(db, current_actor(), donor_id=member.donor_id)
        return f"{member.name} is a separate donor again."

    forms.run_and_announce(MAKE, work)


def _remove_relation(relation: Relation) -> None:
    def work(db: Session) -> str:
        households.remove_relation(db, current_actor(), relation_id=relation.relation_id)
        return f"Removed the relation to {relation.name}."

    forms.run_and_announce(RELATE, work)
