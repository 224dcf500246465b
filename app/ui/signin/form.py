"""Sign-in and sign-out: form, transfer of the session cookie, session check at every rerun.

streamlit-authenticator renders the form only. Password check, session lifetime and cookie are
implemented here: the library's own cookie is set by a script and cannot be revoked.
"""

from functools import partial

import streamlit as st
import streamlit_authenticator as sa
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit_authenticator.controllers import AuthenticationController
from streamlit_authenticator.models import AuthenticationModel

from app import accounts
from app.accounts import Actor, cookie_name
from app.db import Session, transaction_for_system
from app.settings import settings
from app.ui.account import passkeys
from app.ui.base.formats import escape
from app.ui.base.session import caller, device, now
from app.ui.shell import impersonation
from app.ui.signin import database_switch, demonstration, first_run, mfa_prompt, new_password, oidc

LABELS = {
    "Form name": "Sign in",
    "Username": "E-mail",
    "Password": "Password",
    "Login": "Sign in",
}
# Streamlit's own cookie, which a browser has before the sign-in
BROWSER = "_streamlit_xsrf"
COLLECT, END = "/api/v1/auth/session/", "/api/v1/auth/session/end/"
KNOW = "/api/v1/auth/device/"
_SCRIPT = """
export default async function (component) {
  const { url, code } = component.data;
  if (window.donorcrmHandedOver === code) return;
  window.donorcrmHandedOver = code;
  await fetch(url, {
    method: "POST",
    credentials: "same-origin",
    headers: { "content-type": "application/json", "x-requested-with": "donorcrm" },
    body: JSON.stringify({ code }),
  });
  window.location.reload();
}
"""


class _Model(AuthenticationModel):  # type: ignore[misc]
    """The widget's model with our own password check.

    Its list of users contains only the one just verified: it must not know which users exist.
    """

    def __init__(self) -> None:
        super().__init__(credentials={"usernames": {}}, auto_hash=False)

    def check_credentials(self, username: str, password: str) -> bool:
        with transaction_for_system() as db:
            account = accounts.sign_in(
                db, email=username, password=password, now=now(), caller=caller(), device=device()
            )
            if isinstance(account, accounts.CodeRequired):
                mfa_prompt.require_code(account)
            if not isinstance(account, Actor):
                return False
            open_session(db, account.user_id)
        facts = {"email": account.email, "name": account.name, "roles": [str(account.role)]}
        self.credentials["usernames"] = {username: facts}
        return True

    def _record_failed_login_attempts(self, username: str, reset: bool = False) -> None:  # noqa: FBT001, FBT002
        """Do nothing: failed attempts are counted in the database, over all processes."""


class _Cookies:
    """The widget's cookie controller without effect; the cookie is set by an API route."""

    def get_cookie(self) -> None:
        """Do nothing: `current_visitor` reads the session cookie."""

    def set_cookie(self) -> None:
        """Do nothing: `hand_over` lets the browser fetch its cookie."""

    def delete_cookie(self) -> None:
        """Do nothing: `sign_out` ends the session."""


class _Widget(sa.Authenticate):  # type: ignore[misc]
    """The sign-in form only, without a cookie script or a file of passwords."""

    def __init__(self) -> None:
        key = settings().signing_key
        self.api_key = self.path = None
        self.attrs = {"login_sleep_time": 0}
        self.secret_key = key
        self.cookie_controller = _Cookies()
        self.authentication_controller = AuthenticationController(
            {"usernames": {}}, None, False, None, None, key, None
        )
        self.authentication_controller.authentication_model = _Model()


def current_visitor() -> Actor | None:
    """Return the user of this screen's session, checked in the database at every rerun."""
    session_id = st.session_state.get("session_id") or _session_of_cookie()
    _keep_tab(session_id)
    if session_id is None:
        return None
    with transaction_for_system() as db:
        actor = accounts.session_actor(db, session_id=session_id, now=now())
    if actor is None:
        _forget()
        _keep_tab(None)
        st.toast("You were signed out.", icon=":material/logout:")
        return None
    impersonation.forget_other(actor)
    st.session_state["session_id"] = session_id
    st.session_state["actor"] = actor
    return actor


def _keep_tab(session_id: str | None) -> None:
    """Store the session and browser of this tab, so that no other user can continue it."""
    context = get_script_run_ctx()
    if context is not None:
        browser = st.context.cookies.get(BROWSER, "")
        accounts.remember_tab(context.session_id, session_id=session_id, browser=browser)


def _session_of_cookie() -> str | None:
    cookie = st.context.cookies.get(cookie_name(), "")
    if not cookie or st.session_state.get("signed_out"):
        return None
    with transaction_for_system() as db:
        session = accounts.identify(db, cookie=cookie, now=now(), rotate=False)
    return None if session is None else session[0]


def _forget() -> None:
    for name in list(st.session_state):
        del st.session_state[name]
    st.session_state["signed_out"] = True


def hand_over_session() -> None:
    """Let the browser fetch or drop its cookie if a code is waiting; the page then reloads."""
    waiting = st.session_state.pop("hand_over", None)
    if waiting is None:
        return
    url, code = waiting
    component = st.components.v2.component("session_hand_over", js=_SCRIPT)
    component(data={"url": url, "code": code}, key="session_hand_over")
    st.stop()


def sign_out() -> None:
    """End this session on the server and in the browser."""
    with transaction_for_system() as db:
        accounts.end_session(db, session_id=st.session_state["session_id"], now=now())
    _forget()
    st.session_state["hand_over"] = (END, "sign-out")


def sign_in_page() -> None:
    """Show the sign-in form, at any address."""
    if database_switch.is_running():
        database_switch.show_progress()
        return
    _, middle, _ = st.columns([1, 1.4, 1])
    with middle, st.container(key="welcome"):
        if _is_unused():
            first_run.show(open_session)
            hand_over_session()
            return
        st.title("Welcome to DonorCRM")
        st.caption("Who gave, who stopped, whom to thank, and how far to the goal.")
        if mfa_prompt.is_pending():
            mfa_prompt.ask_code(partial(open_session, two_factor=True))
        else:
            oidc.finish_sign_in(open_session)
            if demonstration.is_shown():
                demonstration.show_sign_ins(open_session)
            if st.query_params.get("password") == "new":
                st.success(
                    "Your new password is set. You can sign in now.", icon=":material/lock_open:"
                )
            _show_password_form()
            oidc.show_button()
            passkeys.show_sign_in_link()
            _show_reset_form()
            if demonstration.is_shown():
                demonstration.show_way_out()
    hand_over_session()


def _is_unused() -> bool:
    with transaction_for_system() as db:
        return accounts.has_no_users(db)


def _show_password_form() -> None:
    _Widget().login(fields=LABELS, key="sign_in")
    if mfa_prompt.is_pending():
        st.rerun()
    if st.session_state.get("authentication_status") is False:
        # the same message for a wrong password, an unknown address and the rate limit
        st.error(
            "E-mail or password is not right. After five wrong tries, wait a few minutes. Are you "
            "sure of the password? “Forgot your password?” lets this browser in at once.",
            icon=":material/lock:",
        )


def _show_reset_form() -> None:
    with (
        st.expander("Forgot your password?", icon=":material/help:"),
        st.form("forgotten", border=False, enter_to_submit=True),
    ):
        st.text_input("Your e-mail", key="forgotten_email")
        st.form_submit_button("Send me a link", on_click=_send_reset_link)
        # kept until the next attempt: this page runs several times while it opens, and what one
        # run alone shows is gone with the next
        if st.session_state.get("reset_requested"):
            st.info(
                "If there is an account with this e-mail, a link is on its way. It works for an"
                " hour.",
                icon=":material/mail:",
            )


def _send_reset_link() -> None:
    email = st.session_state.get("forgotten_email", "")
    if email.strip():
        with transaction_for_system() as db:
            accounts.request_reset(db, email=email, caller=caller(), now=now())
        st.session_state["reset_requested"] = True


def reset_page(home: st.Page) -> None:
    """Set a new password with the code from the mail, then open `home` to sign in."""
    with new_password.narrow_column("A new password"):
        new = new_password.ask_password("reset")
        if new is None:
            return
        with transaction_for_system() as db:
            code = accounts.reset_password(
                db, code=st.query_params.get("code", ""), new=new, now=now()
            )
    st.session_state["hand_over"] = (KNOW, code)
    # the page reloads with the device cookie and asks for the password
    st.switch_page(home, query_params={"password": "new"})


def invitation_page(home: st.Page) -> None:
    """Set the first password with the code from the invitation, and sign in."""
    actor = st.session_state.get("actor")
    with new_password.narrow_column("Welcome to DonorCRM"):
        if actor is not None:
            st.info(
                f"{escape(actor.name)} is signed in here. Sign out first, then open the link of "
                "the invitation again.",
                icon=":material/info:",
            )
            return
        st.write("You are invited. Choose a password to sign in.")
        new = new_password.ask_password("invitation")
        if new is None:
            return
        with transaction_for_system() as db:
            code = st.query_params.get("code", "")
            user_id = accounts.accept_invitation(db, code=code, new=new, now=now())
            open_session(db, user_id)
    # the page reloads with the session cookie and shows the menu
    st.switch_page(home)


def open_session(db: Session, user_id: int, *, two_factor: bool = False) -> None:
    """Open a session of the user on this screen; the browser then fetches its cookie."""
    session_id, code = accounts.open_session(
        db,
        user_id=user_id,
        now=now(),
        address=caller(),
        two_factor=two_factor,
        user_agent=st.context.headers.get("User-Agent", ""),
    )
    st.session_state["session_id"] = session_id
    st.session_state["hand_over"] = (COLLECT, code)
