"""Gifts that may belong to a pledge, with buttons to link or refuse one, or link all."""

from dataclasses import replace
from functools import partial

import streamlit as st

from app import gifts, pledges
from app.db import Session, transaction
from app.ui.base.formats import count, day, escape, money
from app.ui.base.session import current_actor, now, today
from app.ui.pledges.forms import promised
from app.ui.widgets import forms, tables

KEY = "gift_link"
SHOWN = 10


def words(number: int, pledge_id: int | None = None) -> str:
    """Return a text with the number of gifts that may belong to a pledge."""
    many = f"{number:,} or more gifts" if number >= gifts.MOST_OFFERED else count(number, "gift")
    return f"{many} may belong to {'a' if pledge_id is None else 'this'} pledge"


def offer(
    *, donor_id: int | None = None, pledge_id: int | None = None, import_run_id: int | None = None
) -> None:
    """List the unlinked gifts to decide on, of one donor, pledge or import, or of all."""
    actor = current_actor()
    which = {"donor_id": donor_id, "pledge_id": pledge_id, "import_run_id": import_run_id}
    if not actor.sees_amounts or actor.looking:
        return
    with transaction(actor) as db:
        found = gifts.suggestions(db, actor, today=today(), **which)
        ids = tuple({one for each in found for one in each.pledge_ids})
        lines = pledges.pledge_statuses(db, actor, today=today(), pledge_ids=ids) if ids else []
    if not found:
        return
    clear = sum(len(one.pledge_ids) == 1 for one in found)
    if pledge_id is not None:
        # in the dialog of a pledge, decide only about this pledge
        found = [replace(one, pledge_ids=(pledge_id,)) for one in found]
    # a separate key, because the page behind the dialog may offer the same gifts
    key = KEY if pledge_id is None else f"{KEY}_pledge"
    spelled = {one.pledge_id: promised(one.amount, one.frequency) for one in lines}
    with st.container(border=True, key=f"{key}_offer"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f":material/link: **{words(len(found), pledge_id)}**", width="stretch")
            if clear > 1:
                st.button(
                    f"Link all {clear:,}",
                    key=f"{key}_all",
                    on_click=forms.do,
                    args=(KEY, partial(_link_all, which)),
                )
        for one in found[:SHOWN]:
            _line(one, spelled, key=key, named=donor_id is None and pledge_id is None)
        if len(found) > SHOWN:
            st.caption(f"{len(found) - SHOWN:,} more, on their donors' pages.")


def _line(one: gifts.Suggestion, spelled: dict[int, str], *, key: str, named: bool) -> None:
    said, act = st.columns([4, 2], vertical_alignment="center", gap="small")
    what = f"{money(one.amount)} on {day(one.on, today=today())}"
    with said, st.container(gap=None):
        if named:
            tables.donor_link(one.donor_id, one.donor_name)
        only = one.pledge_ids[0] if len(one.pledge_ids) == 1 else None
        may = f"may pay {spelled.get(only, 'the pledge')}" if only else "may pay one of several"
        st.markdown(f":small[{escape(f'{what}: {may}')}]")
    with (
        act,
        st.container(horizontal=True, horizontal_alignment="right", gap="xsmall"),
    ):
        for pledge_id in one.pledge_ids:
            label = "Link" if only else f"Link to {spelled.get(pledge_id, 'this pledge')}"
            st.button(
                label,
                key=f"{key}_{one.gift_id}_{pledge_id}",
                on_click=forms.do,
                args=(KEY, partial(_link, one, pledge_id)),
            )
        st.button(
            "Not this one" if only else "Neither",
            key=f"{key}_{one.gift_id}_no",
            type="tertiary",
            on_click=forms.do,
            args=(KEY, partial(_refuse, one, key == KEY)),
        )


def _link(one: gifts.Suggestion, pledge_id: int, db: Session) -> str:
    gifts.link(
        db, current_actor(), gift_id=one.gift_id, pledge_id=pledge_id, today=today(), now=now()
    )
    return f"Linked the gift of {one.donor_name}."


def _refuse(one: gifts.Suggestion, of_all: bool, db: Session) -> str:  # noqa: FBT001
    gifts.refuse(db, current_actor(), gift_id=one.gift_id, pledge_ids=one.pledge_ids)
    if of_all:
        return f"The gift of {one.donor_name} stays a one-time gift."
    return f"The gift of {one.donor_name} is not offered for this pledge again."


def _link_all(which: dict[str, int | None], db: Session) -> str:
    linked = gifts.link_all(db, current_actor(), today=today(), now=now(), **which)
    return f"Linked {count(linked, 'gift')}."


def unlink(gift: gifts.GiftLine) -> None:
    """Unlink a gift from its pledge; imports will not link the two again."""

    def work(db: Session) -> str:
        gifts.unlink(db, current_actor(), gift_id=gift.gift_id, today=today(), now=now())
        return f"The gift of {gift.donor_name} is a one-time gift now."

    forms.do(KEY, work)
