"""Gifts that may belong to a pledge, with buttons to link or refuse one, or link all."""

from dataclasses import replace
from functools import partial

import streamlit as st

from app import gifts, pledges
from app.db import Session, transaction
from app.ui.base import formats
from app.ui.base.formats import count, day, escape, money
from app.ui.base.session import current_actor, now, today
from app.ui.pledges.forms import pledge_label
from app.ui.widgets import forms, tables

KEY = "gift_link"
MAX_SHOWN = 10


def summary(number: int, pledge_id: int | None = None) -> str:
    """Return a text with the number of gifts that may belong to a pledge."""
    many = (
        f"{formats.number(number)} or more gifts"
        if number >= gifts.MOST_OFFERED
        else count(number, "gift")
    )
    return f"{many} may belong to {'a' if pledge_id is None else 'this'} pledge"


def show(
    *, donor_id: int | None = None, pledge_id: int | None = None, import_run_id: int | None = None
) -> None:
    """List the unlinked gifts to decide on, of one donor, pledge or import, or of all."""
    actor = current_actor()
    scope = {"donor_id": donor_id, "pledge_id": pledge_id, "import_run_id": import_run_id}
    if not actor.sees_amounts or actor.looking:
        return
    with transaction(actor) as db:
        suggestions = gifts.suggestions(db, actor, today=today(), **scope)
        ids = tuple({key for suggestion in suggestions for key in suggestion.pledge_ids})
        lines = pledges.pledge_statuses(db, actor, today=today(), pledge_ids=ids) if ids else []
    if not suggestions:
        return
    unambiguous = sum(len(suggestion.pledge_ids) == 1 for suggestion in suggestions)
    if pledge_id is not None:
        # in the dialog of a pledge, decide only about this pledge
        suggestions = [replace(suggestion, pledge_ids=(pledge_id,)) for suggestion in suggestions]
    # a separate key, because the page behind the dialog may offer the same gifts
    key = KEY if pledge_id is None else f"{KEY}_pledge"
    labels = {pledge.pledge_id: pledge_label(pledge.amount, pledge.frequency) for pledge in lines}
    with st.container(border=True, key=f"{key}_offer"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(
                f":material/link: **{summary(len(suggestions), pledge_id)}**", width="stretch"
            )
            if unambiguous > 1:
                st.button(
                    f"Link all {formats.number(unambiguous)}",
                    key=f"{key}_all",
                    on_click=forms.run_and_announce,
                    args=(KEY, partial(_link_all, scope)),
                )
        for suggestion in suggestions[:MAX_SHOWN]:
            _show_suggestion(
                suggestion, labels, key=key, named=donor_id is None and pledge_id is None
            )
        if len(suggestions) > MAX_SHOWN:
            more = formats.number(len(suggestions) - MAX_SHOWN)
            st.caption(f"{more} more, on their donors' pages.")


def _show_suggestion(
    suggestion: gifts.Suggestion, labels: dict[int, str], *, key: str, named: bool
) -> None:
    description, actions = st.columns([4, 2], vertical_alignment="center", gap="small")
    gift_text = f"{money(suggestion.amount)} on {day(suggestion.on, today=today())}"
    with description, st.container(gap=None):
        if named:
            tables.show_donor_link(suggestion.donor_id, suggestion.donor_name)
        only_pledge = suggestion.pledge_ids[0] if len(suggestion.pledge_ids) == 1 else None
        match_text = (
            f"may pay {labels.get(only_pledge, 'the pledge')}"
            if only_pledge
            else "may pay one of several"
        )
        st.markdown(f":small[{escape(f'{gift_text}: {match_text}')}]")
    with (
        actions,
        st.container(horizontal=True, horizontal_alignment="right", gap="xsmall"),
    ):
        for pledge_id in suggestion.pledge_ids:
            label = "Link" if only_pledge else f"Link to {labels.get(pledge_id, 'this pledge')}"
            st.button(
                label,
                key=f"{key}_{suggestion.gift_id}_{pledge_id}",
                on_click=forms.run_and_announce,
                args=(KEY, partial(_link, suggestion, pledge_id)),
            )
        st.button(
            "Not this one" if only_pledge else "Neither",
            key=f"{key}_{suggestion.gift_id}_no",
            type="tertiary",
            on_click=forms.run_and_announce,
            args=(KEY, partial(_refuse, suggestion, key == KEY)),
        )


def _link(suggestion: gifts.Suggestion, pledge_id: int, db: Session) -> str:
    gifts.link(
        db,
        current_actor(),
        gift_id=suggestion.gift_id,
        pledge_id=pledge_id,
        today=today(),
        now=now(),
    )
    return f"Linked the gift of {suggestion.donor_name}."


def _refuse(suggestion: gifts.Suggestion, of_all: bool, db: Session) -> str:  # noqa: FBT001
    gifts.refuse(db, current_actor(), gift_id=suggestion.gift_id, pledge_ids=suggestion.pledge_ids)
    if of_all:
        return f"The gift of {suggestion.donor_name} stays a one-time gift."
    return f"The gift of {suggestion.donor_name} is not offered for this pledge again."


def _link_all(scope: dict[str, int | None], db: Session) -> str:
    linked = gifts.link_all(db, current_actor(), today=today(), now=now(), **scope)
    return f"Linked {count(linked, 'gift')}."


def unlink(gift: gifts.GiftLine) -> None:
    """Unlink a gift from its pledge; imports will not link the two again."""

    def work(db: Session) -> str:
        gifts.unlink(db, current_actor(), gift_id=gift.gift_id, today=today(), now=now())
        return f"The gift of {gift.donor_name} is a one-time gift now."

    forms.run_and_announce(KEY, work)
