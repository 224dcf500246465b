"""A donor's privacy: consents, access log, subject access export, and erasure."""

from datetime import date
from functools import partial

import streamlit as st

from app import donors, privacy
from app.accounts import Actor, Role
from app.db import Session, transaction, transaction_for_system
from app.donors import Consent, DonorView
from app.kit.errors import ConfirmFirstError, DonorCrmError
from app.ui.base.formats import count, day, escape, initial
from app.ui.base.session import current_actor, now, today
from app.ui.donors import header as donor_header
from app.ui.exports import downloads
from app.ui.widgets import confirm, forms

CONSENT, ERASE = "consent", "erase_donor"
ALLOWED = {True: "Allowed", False: "Refused"}


def show_section(view: DonorView, actor: Actor) -> None:
    """Draw the consents; for administrators also the access log, the export and the erasure."""
    with transaction(actor) as db:
        consents = donors.consents(db, actor, view.donor_id)
        accesses = donors.accesses(db, actor, view.donor_id) if actor.role == Role.ADMIN else None
    with st.expander("Consent", icon=":material/handshake:"):
        _show_consents(consents)
        if view.editable and st.button("Record an answer", icon=":material/add:"):
            _ask_consent(view)
    if accesses is None:
        return
    donor_header.show_access_log(accesses, actor.time_zone, today=today())
    with st.container(horizontal=True):
        downloads.show_button(
            "Download everything held",
            f"donors/{view.donor_id}.zip",
            icon="folder_zip",
            help="One file with all stored data about this donor, for a donor who asks",
        )
        if view.editable and st.button(
            "Erase this person",
            icon=":material/person_remove:",
            type="tertiary",
            help="For a donor who asks to be forgotten",
        ):
            _ask_erasure(view)


def _show_consents(consents: list[Consent]) -> None:
    in_force = donors.in_force(consents)
    if not in_force:
        st.caption(
            "Nothing recorded yet. When a donor allows or refuses something, note it with “Record "
            "an answer”; it is listed here with date and source."
        )
        return
    st.markdown("\n\n".join(_consent_text(consent) for consent in in_force))
    older = [consent for consent in consents if consent not in in_force]
    if older:
        st.caption("Before")
        st.markdown("\n\n".join(f":gray[{_consent_text(consent)}]" for consent in older))


def _consent_text(consent: Consent) -> str:
    icon = "check_circle" if consent.granted else "block"
    user = f" · {escape(consent.by)}" if consent.by else ""
    return (
        f":material/{icon}: **{initial(donors.CHANNELS[consent.channel])}**, "
        f"{donors.PURPOSES[consent.purpose]}: {ALLOWED[consent.granted].lower()} "
        f":gray[{day(consent.given_on, today=today())} · {escape(consent.source)}{user}]"
    )


@st.dialog("Record an answer", icon=":material/handshake:")
def _ask_consent(view: DonorView) -> None:
    with st.form(CONSENT, border=False):
        _ask_channel_and_purpose()
        st.segmented_control(
            "Answer",
            list(ALLOWED.values()),
            default=ALLOWED[True],
            key=f"{CONSENT}_granted",
            required=True,
        )
        forms.day("When", CONSENT, "day", today())
        forms.text("How do you know?", CONSENT, "source", placeholder="Card at the spring fair")
        forms.save_button("Write down", key=CONSENT, work=lambda db: _save_consent(db, view))


def _ask_channel_and_purpose() -> None:
    """Draw the two select boxes for what the answer is about."""
    left, right = st.columns(2)
    with left:
        forms.choice(
            "By",
            CONSENT,
            "channel",
            list(donors.CHANNELS),
            format_func=lambda key: initial(donors.CHANNELS[key]),
        )
    with right:
        forms.choice(
            "For",
            CONSENT,
            "purpose",
            list(donors.PURPOSES),
            format_func=lambda key: initial(donors.PURPOSES[key]),
        )


def _save_consent(db: Session, view: DonorView) -> str:
    donors.record_consent(
        db,
        current_actor(),
        donor_id=view.donor_id,
        today=today(),
        channel=forms.choice_value(CONSENT, "channel", str),
        purpose=forms.choice_value(CONSENT, "purpose", str),
        granted=forms.field_value(CONSENT, "granted", str) == ALLOWED[True],
        source=forms.text_value(CONSENT, "source"),
        given_on=forms.field_value(CONSENT, "day", date) or today(),
    )
    return f"Recorded what {view.name} answered."


@st.dialog("Erase this person", icon=":material/person_remove:")
def _ask_erasure(view: DonorView) -> None:
    st.markdown(
        f"Everything that tells who **{escape(view.name)}** is goes for good: names, addresses, "
        "notes, calls, tasks, and every mention in mails, imports and the audit log.\n\n"
        "Gifts and pledges keep their amounts and days under “Erased donor”, so that no sum "
        "changes. Running pledges are cancelled. **There is no way back.**"
    )
    with st.form(ERASE, border=False):
        forms.text("Type the donor's name to confirm", ERASE, "name")
        st.form_submit_button(
            "Erase for good",
            type="primary",
            icon=":material/person_remove:",
            width="stretch",
            on_click=_erase,
            args=(view,),
        )
    forms.show_refusal(ERASE)
    forms.close_when_done(ERASE)


def _erase(view: DonorView) -> None:
    """Erase with system rights, because mails and imports of other users are changed too."""
    name = forms.text_value(ERASE, "name")
    try:
        with transaction_for_system(current_actor()) as db:
            erasure = privacy.erase(
                db, current_actor(), donor_id=view.donor_id, name=name, now=now()
            )
    except ConfirmFirstError as error:
        confirm.store_action(ERASE, partial(_erase, view), error)
        return
    except DonorCrmError as error:
        st.session_state[f"{ERASE}_refused"] = error
        return
    reached = f" {initial(count(erasure.texts, 'text'))} about others no longer name them."
    st.session_state[f"{ERASE}_done"] = "The person is erased." + (
        reached if erasure.texts else ""
    )
