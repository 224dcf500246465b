"""Forms of the organisation's settings: names, region, letters, habits, logo."""

from collections.abc import Callable
from functools import partial
from typing import Unpack

import streamlit as st

from app import accounts, organisation_settings
from app.accounts import OrganisationFacts
from app.accounts.organisation import OrganisationChanges
from app.db import Session
from app.kit.errors import ConflictError
from app.ui.admin import organisation_fields as fields
from app.ui.base.session import current_actor
from app.ui.widgets import forms

KEY, LOGO = "organisation", "organisation_logo"
VERSION = "organisation_version"
SAVED = "The organisation's settings are saved."
LOGO_MEGABYTES = 2
MODULE_HELP = {
    "requests": "What donors ask to be remembered for, in prayer or in care: on the donor’s page, "
    "and as a list to print.",
}


def show_general(saved: OrganisationFacts, *, currency_fixed: bool) -> None:
    """Draw the form of name, country, currency, time zone, locale and fiscal year."""
    st.subheader("Organisation")
    name = st.text_input("Name", saved.name, key=f"{KEY}_name", max_chars=120)
    country = fields.ask_country(KEY, saved.country)
    values = fields.RegionalValues(
        saved.currency, saved.time_zone, saved.locale, saved.fiscal_start_month
    )
    chosen = fields.ask_regional(KEY, values, country=country, currency_fixed=currency_fixed)
    if currency_fixed:
        st.caption(
            f"The currency stays {saved.currency}: gifts or pledges are recorded, and their sums "
            "are in it."
        )
    if chosen.fiscal_start_month != saved.fiscal_start_month:
        st.info(
            "Another fiscal year changes the years of all reports, also of the past.",
            icon=":material/info:",
        )

    version = _version(saved)

    def save(db: Session) -> str:
        return _save_settings(
            db,
            version,
            name=name,
            country=country,
            currency=chosen.currency,
            time_zone=chosen.time_zone,
            locale=chosen.locale,
            fiscal_start_month=chosen.fiscal_start_month,
        )

    _save_button("Save the organisation", f"{KEY}_general", save, primary=True)


def _version(saved: OrganisationFacts) -> int:
    """Return the version of the settings that this page has shown first."""
    return int(st.session_state.setdefault(VERSION, saved.version))


def _save_settings(db: Session, version: int, **changes: Unpack[OrganisationChanges]) -> str:
    """Save the settings unless somebody else did since `version` was shown."""
    try:
        accounts.save_organisation(db, current_actor(), version=version, **changes)
    except ConflictError:
        # the page shows the other's settings now; the next click saves over them
        st.session_state.pop(VERSION, None)
        raise
    st.session_state.pop(VERSION, None)
    return SAVED


def show_letters(saved: OrganisationFacts, logo: bytes | None) -> None:
    """Draw the form of address and tax id, and the logo."""
    st.subheader("Letters, receipts and mails")
    with st.form(f"{KEY}_letters", border=False):
        forms.text("Name of the sender of mails", KEY, "sender_name", saved.sender_name)
        st.text_area("Address", saved.address, key=f"{KEY}_address", height=110)
        forms.text("Tax id", KEY, "tax_id", saved.tax_id, help="As it has to be on receipts.")
        work = partial(_save_letters, _version(saved))
        forms.save_button("Save", key=f"{KEY}_letters", work=work)
    _show_logo(logo)


def _save_letters(version: int, db: Session) -> str:
    return _save_settings(
        db,
        version,
        sender_name=forms.text_value(KEY, "sender_name"),
        address=forms.text_value(KEY, "address"),
        tax_id=forms.text_value(KEY, "tax_id"),
    )


def _show_logo(logo: bytes | None) -> None:
    if logo is not None:
        # as wide as its place: made smaller by the server, a thin one would have no height left
        with st.container(width=200):
            st.image(logo, width="stretch")
    upload = st.file_uploader(
        "Logo (PNG, JPEG or WebP)",
        type=["png", "jpg", "jpeg", "webp"],
        max_upload_size=LOGO_MEGABYTES,
        key=LOGO,
    )
    with st.container(horizontal=True):
        if upload is not None:
            content = upload.getvalue()
            _save_button("Use this logo", f"{LOGO}_save", lambda db: _save_logo(db, content))
        if logo is not None:
            _save_button("Remove the logo", f"{LOGO}_remove", _remove_logo)


def _save_logo(db: Session, content: bytes) -> str:
    organisation_settings.save_logo(db, current_actor(), content)
    return "The logo is saved."


def _remove_logo(db: Session) -> str:
    organisation_settings.remove_logo(db, current_actor())
    return "The logo is removed."


def show_habits(saved: OrganisationFacts) -> None:
    """Draw the form of deadlines and of the alerts of new accounts."""
    st.subheader("Deadlines and alerts")
    with st.form(f"{KEY}_habits", border=False):
        st.number_input(
            "Thank within (hours)",
            1,
            720,
            saved.thank_within_hours,
            key=f"{KEY}_thank",
            help="Gifts that wait longer for a thank-you are marked on Today.",
        )
        st.number_input(
            "Keep uploaded files for (days)",
            1,
            3650,
            saved.file_retention_days,
            key=f"{KEY}_files",
            help="Afterwards an import cannot be repeated from its file.",
        )
        forms.choice(
            "Alerts of new accounts",
            KEY,
            "channel",
            list(fields.CHANNEL_LABELS),
            format_func=fields.CHANNEL_LABELS.__getitem__,
            value=saved.alert_channel,
        )
        work = partial(_save_habits, _version(saved))
        forms.save_button("Save", key=f"{KEY}_habits", work=work)


def _save_habits(version: int, db: Session) -> str:
    return _save_settings(
        db,
        version,
        thank_within_hours=forms.choice_value(KEY, "thank", int),
        file_retention_days=forms.choice_value(KEY, "files", int),
        alert_channel=forms.choice_value(KEY, "channel", str),
    )


def show_modules(saved: OrganisationFacts) -> None:
    """Draw the switches of the optional modules."""
    st.subheader("Modules")
    with st.form(f"{KEY}_modules", border=False):
        for name, title in organisation_settings.MODULES.items():
            st.toggle(title, name in saved.modules, key=f"{KEY}_module_{name}")
            # not in a tooltip, which a phone has no room for
            st.caption(MODULE_HELP[name])
        st.caption("What a module holds is kept while it is switched off.")
        work = partial(_save_modules, _version(saved))
        forms.save_button("Save the modules", key=f"{KEY}_modules", work=work)


def _save_modules(version: int, db: Session) -> str:
    chosen = [
        name
        for name in organisation_settings.MODULES
        if forms.choice_value(KEY, f"module_{name}", bool)
    ]
    return _save_settings(db, version, modules=chosen)


def _save_button(
    label: str, key: str, work: Callable[[Session], str], *, primary: bool = False
) -> None:
    """Draw a button that does the work, and the error if it was refused."""
    if st.button(label, key=f"{key}_button", type="primary" if primary else "secondary"):
        forms.run_and_announce(key, work)
        st.rerun()
