"""Form of the server for outgoing mail, with a test message."""

import streamlit as st

from app import mail, organisation_settings
from app.db import Session, transaction
from app.kit.errors import DonorCrmError
from app.mail import MailRoute, MailServer
from app.ui.base.formats import escape
from app.ui.base.session import current_actor, now
from app.ui.widgets import forms

KEY = "mail_server"
SUBMISSION_PORT = 587


def show(route: MailRoute, *, demonstration: bool) -> None:
    """Show how mail is sent, and draw the form unless the environment chooses it."""
    st.subheader("Outgoing mail")
    if mail.is_set_by_environment():
        st.info(
            f"EMAIL_BACKEND on the server chooses how mail is sent: {route.backend}.",
            icon=":material/dns:",
        )
        return
    if demonstration:
        st.info("The demonstration prints its mails and sends none.", icon=":material/explore:")
    elif route.server is None:
        st.warning(
            "Mails are printed to the log of DonorCRM: invitations and summaries reach nobody "
            "until a server is set.",
            icon=":material/outgoing_mail:",
        )
    _show_form(route.server)


def _show_form(saved: MailServer | None) -> None:
    with st.form(KEY, border=False, enter_to_submit=False):
        host = saved.host if saved else ""
        forms.text("Server", KEY, "host", host, placeholder="smtp.example.org")
        st.number_input(
            "Port", 1, 65_535, saved.port if saved else SUBMISSION_PORT, key=f"{KEY}_port"
        )
        st.toggle("Encrypt the connection (TLS)", saved is None or saved.use_tls, key=f"{KEY}_tls")
        forms.text("User name", KEY, "username", saved.username if saved else "")
        forms.text(
            "Password",
            KEY,
            "password",
            type="password",
            autocomplete="off",
            placeholder="Leave empty to keep the saved one" if saved else "",
        )
        forms.text(
            "Sender's address",
            KEY,
            "sender",
            saved.sender if saved else "",
            placeholder="office@example.org",
        )
        with st.container(horizontal=True):
            forms.save_button("Save the mail server", key=KEY, work=_save)
            test = st.form_submit_button("Send me a test message", icon=":material/send:")
    if test:
        _test()
    if saved and st.button("Remove the mail server", key=f"{KEY}_remove", type="tertiary"):
        forms.run_and_announce(f"{KEY}_gone", _remove)
        st.rerun()


def _entered() -> MailServer:
    return MailServer(
        host=forms.text_value(KEY, "host").strip(),
        port=forms.choice_value(KEY, "port", int),
        use_tls=bool(forms.field_value(KEY, "tls", bool)),
        username=forms.text_value(KEY, "username").strip(),
        password=forms.text_value(KEY, "password"),
        sender=forms.text_value(KEY, "sender").strip(),
    )


def _save(db: Session) -> str:
    organisation_settings.save_mail_server(db, current_actor(), _entered(), now=now())
    return "The mail server is saved."


def _remove(db: Session) -> str:
    organisation_settings.remove_mail_server(db, current_actor(), now=now())
    return "The mail server is removed. Mails are printed to the log."


def _test() -> None:
    """Send a test message with what is in the form, saved or not, and show the outcome."""
    actor = current_actor()
    try:
        with transaction(actor) as db:
            server = organisation_settings.checked_server(db, actor, _entered())
        with st.spinner("Sending …"):
            organisation_settings.send_test_message(server, to=actor.email, now=now())
    except DonorCrmError as error:
        st.error(escape(str(error)), icon=":material/error:")
    else:
        sentence = f"The message is on its way to {escape(actor.email)}."
        st.success(sentence, icon=":material/mark_email_read:")
