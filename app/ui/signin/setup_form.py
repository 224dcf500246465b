"""Form of the first set-up: the organisation and its first administrator."""

from collections.abc import Callable

import streamlit as st

from app import accounts, mail, organisation_settings
from app.db import Session, transaction_for_system
from app.kit import regional_defaults
from app.kit.errors import DonorCrmError, InvalidError
from app.mail import MailServer
from app.ui.admin import organisation_fields as fields
from app.ui.base.formats import escape
from app.ui.base.session import now
from app.ui.signin.database_switch import CODE, ask_code

OpenSession = Callable[[Session, int], None]
KEY = "own"
PASSWORDS = ("own_new", "own_again")
SUBMISSION_PORT = 587


def show(open_session: OpenSession) -> None:
    """Ask for everything a new organisation needs, and create it."""
    st.title("Your organisation")
    st.caption("Everything but the currency can be changed later.")
    code = ask_code(KEY)
    organisation, country, chosen = _ask_organisation()
    # outside of a form, what is typed into a field with hidden text is lost when it is left with
    # the Tab key, by way of the button beside it that shows the text
    with st.form(f"{KEY}_account", border=False, enter_to_submit=False):
        administrator, email = _ask_administrator()
        server = _ask_mail_server(code, to=email)
        created = st.form_submit_button("Create my organisation", type="primary", width="stretch")
    if not created:
        return
    answers = organisation_settings.SetUp(
        name=organisation,
        currency=chosen.currency,
        time_zone=chosen.time_zone,
        locale=chosen.locale,
        fiscal_start_month=chosen.fiscal_start_month,
        administrator=administrator,
        email=email,
        password=st.session_state["own_new"],
        country=country,
        mail_server=server,
    )
    try:
        _require_equal_passwords()
        with transaction_for_system() as db:
            user_id = organisation_settings.set_up(
                db, answers, code=code, now=now(), signs_in=True
            )
            open_session(db, user_id)
    except DonorCrmError as error:
        st.error(escape(str(error)), icon=":material/error:")
    else:
        st.query_params.pop(CODE, None)


def _ask_organisation() -> tuple[str, str | None, fields.RegionalValues]:
    """Draw the fields of the organisation; return its name, its country and what is chosen."""
    name = st.text_input("Name of the organisation", key="own_name", max_chars=200)
    country = fields.ask_country(KEY, _country_of_browser())
    suggestions = fields.suggested(country, st.context.timezone)
    # the fields are new for each country, so that they show its suggestions
    values = fields.ask_regional(f"{KEY}_{country}", suggestions, country=country)
    return name, country, values


def _ask_administrator() -> tuple[str, str]:
    """Draw the fields of the first account, and return its name and e-mail."""
    st.subheader("Your account")
    st.caption(
        "You will be the first administrator. A password has twelve characters or more; four "
        "unrelated words work well."
    )
    name = st.text_input("Your name", key="own_person", autocomplete="name")
    email = st.text_input("Your e-mail", key="own_email", autocomplete="email")
    for key, label in zip(PASSWORDS, ("Password", "Password once more"), strict=True):
        st.text_input(label, type="password", key=key, autocomplete="new-password")
    return name, email


def _ask_mail_server(code: str, *, to: str) -> MailServer | None:
    """Draw the fields of a mail server with a test message; return it, or None: later."""
    st.subheader("E-mail")
    if mail.is_set_by_environment():
        st.caption("EMAIL_BACKEND on the server chooses how mail is sent.")
        return None
    st.caption(
        "Without a mail server, mails are printed to the log and reach nobody. You can also set "
        "it later, on the Organisation screen, before you invite people."
    )
    with st.expander("My own mail server", icon=":material/outgoing_mail:"):
        server = _mail_server_fields()
        if st.form_submit_button("Send a test message", icon=":material/send:"):
            _send_test_message(server, code, to)
    entered = server.host or server.username or server.password or server.sender
    return server if entered else None


def _mail_server_fields() -> MailServer:
    left, right = st.columns([3, 1])
    host = left.text_input("Server", key="own_mail_host", placeholder="smtp.example.org")
    port = right.number_input("Port", 1, 65_535, SUBMISSION_PORT, key="own_mail_port")
    use_tls = st.toggle("Encrypt the connection (TLS)", True, key="own_mail_tls")
    left, right = st.columns(2)
    username = left.text_input("User name", key="own_mail_user", autocomplete="off")
    password = right.text_input(
        "Password of the mail server", key="own_mail_password", type="password", autocomplete="off"
    )
    sender = st.text_input(
        "Sender's address", key="own_mail_sender", placeholder="office@example.org"
    )
    return MailServer(host.strip(), int(port), use_tls, username.strip(), password, sender.strip())


def _send_test_message(server: MailServer, code: str, to: str) -> None:
    """Send a message to the address of the account, and show what the server said."""
    try:
        address = accounts.valid_email(to)
        with transaction_for_system() as db:
            checked = organisation_settings.server_to_try(db, server, code=code)
        with st.spinner("Sending …"):
            organisation_settings.send_test_message(checked, to=address, now=now())
    except DonorCrmError as error:
        st.error(escape(str(error)), icon=":material/error:")
    else:
        sentence = f"The message is on its way to {escape(address)}."
        st.success(sentence, icon=":material/mark_email_read:")


def _require_equal_passwords() -> None:
    new, again = (str(st.session_state[key]).strip() for key in PASSWORDS)
    if new != again:
        msg = "The two passwords differ."
        raise InvalidError(msg)


def _country_of_browser() -> str | None:
    """Return the country in the language of the browser: "DE" of "de-DE"."""
    region = (st.context.locale or "").replace("_", "-").rpartition("-")[2].upper()
    return region if region in regional_defaults.countries() else None
