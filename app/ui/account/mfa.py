"""My settings: two-factor authentication by TOTP, and its recovery codes."""

import segno
import streamlit as st

from app import accounts
from app.accounts import Actor, MfaStatus
from app.db import Session, transaction
from app.kit.errors import DonorCrmError
from app.ui.base.formats import count, escape, moment
from app.ui.base.session import current_actor, now, today
from app.ui.widgets import forms

BEGIN, ON = "second_factor_begin", "second_factor_on"
OFF, RENEW = "second_factor_off", "recovery_renew"
_BEGUN = "second_factor_begun"
_CODES = "recovery_codes"
FEW = 3


def show_section(
    actor: Actor, status: MfaStatus, *, title: str = "Two-factor authentication"
) -> None:
    """Draw the actor's two-factor status with the actions to change it."""
    with st.container(border=True, key="second_factor"):
        st.subheader(title)
        _show_recovery_codes()
        if status.since is None:
            st.markdown(
                "With a second factor, signing in takes your password and a code from your "
                "phone. Someone who knows your password still cannot sign in."
            )
            st.button(
                "Turn on",
                icon=":material/phonelink_lock:",
                on_click=forms.run_and_announce,
                args=(BEGIN, _begin),
            )
            if st.session_state.pop(_BEGUN, False):
                _turn_on()
            return
        since = moment(status.since, actor.time_zone, today=today())
        codes_left = count(status.recovery_left, "recovery code")
        st.markdown(f"**On**  \n:gray[turned on {since} · {codes_left} left]")
        if status.recovery_left < FEW:
            st.warning("Make new recovery codes before the last is used.", icon=":material/key:")
        with st.container(horizontal=True):
            if st.button("New recovery codes", icon=":material/key:"):
                _renew()
            if st.button("Turn off", icon=":material/no_encryption:", type="tertiary"):
                _turn_off()


def shows_recovery_codes() -> bool:
    """Return whether new recovery codes are still shown."""
    return bool(st.session_state.get(_CODES))


def _show_recovery_codes() -> None:
    """Show new recovery codes until the user confirms having saved them."""
    codes = st.session_state.get(_CODES)
    if not codes:
        return
    st.info(
        "Keep these recovery codes where you would find them without your phone. Each lets you "
        "in once, and they are shown only now.",
        icon=":material/key:",
    )
    st.code("\n".join(codes), language=None)
    if st.button("I have kept them", type="primary", icon=":material/check:"):
        del st.session_state[_CODES]
        st.rerun()


def _begin(db: Session) -> str:
    """Begin the enrolment, which requires a confirmation, and have its dialog opened."""
    accounts.begin_mfa_enrolment(db, current_actor(), now=now())
    st.session_state[_BEGUN] = True
    return ""


@st.dialog("Turn the second factor on", icon=":material/phonelink_lock:")
def _turn_on() -> None:
    forms.close_when_done(ON)
    try:
        with transaction(current_actor()) as db:
            begun = accounts.begin_mfa_enrolment(db, current_actor(), now=now())
    except DonorCrmError as error:
        st.error(escape(str(error)), icon=":material/error:")
        return
    st.markdown(
        "**1.** Scan this with an authenticator app: any that makes six-digit codes will do."
    )
    picture = segno.make(begun.link, error="m").svg_data_uri(scale=4, border=3, light="#fff")
    _, middle, _ = st.columns([1, 2, 1])
    middle.image(picture, width=220)
    with st.expander("Type it instead", icon=":material/keyboard:"):
        st.code(begun.secret, language=None, wrap_lines=True)
    with st.form(ON, border=False):
        st.markdown("**2.** Type the code the app shows now.")
        forms.text(
            "Code", ON, "code", max_chars=10, placeholder="123456", autocomplete="one-time-code"
        )
        forms.save_button("Turn on", key=ON, work=_confirm, icon="phonelink_lock")


def _confirm(db: Session) -> str:
    code = forms.text_value(ON, "code")
    st.session_state[_CODES] = accounts.confirm_mfa_enrolment(
        db, current_actor(), code=code, now=now()
    )
    return "Your sign-in now asks for a code."


@st.dialog("New recovery codes", icon=":material/key:")
def _renew() -> None:
    st.markdown("The codes you have now stop working.")
    _show_confirm_form(RENEW, "Make new codes", "key", _new_codes)


def _new_codes(db: Session) -> str:
    st.session_state[_CODES] = accounts.renew_recovery_codes(db, current_actor(), now=now())
    return "Your new recovery codes are ready."


@st.dialog("Turn the second factor off", icon=":material/no_encryption:")
def _turn_off() -> None:
    st.markdown("Signing in will take your password alone.")
    _show_confirm_form(OFF, "Turn off", "no_encryption", _end)


def _end(db: Session) -> str:
    accounts.disable_mfa(db, current_actor(), now=now())
    st.session_state.pop(_CODES, None)
    return "The second factor is off."


def _show_confirm_form(key: str, label: str, icon: str, work: forms.Work) -> None:
    with st.form(key, border=False):
        forms.save_button(label, key=key, work=work, icon=icon)
