"""How to reach a donor: phone numbers to call, e-mails to write to, addresses on a map."""

import re
from dataclasses import dataclass
from datetime import date
from urllib.parse import quote, urlencode

import streamlit as st

from app.donors import AddressDetail, ContactDetail, DonorView, EmailDetail
from app.ui.donors import contact_labels
from app.ui.widgets.rows.table_html import template

MAP = "https://www.openstreetmap.org/search"
# shorter numbers are a remark ("none", "12"), not a phone number
FEWEST_DIGITS = 3
_EXTENSION = re.compile(r"(?:ext(?:ension)?\.?|x|#)\s*(\d+)\s*$", re.IGNORECASE | re.ASCII)
_NOT_DIALLED = re.compile(r"[^0-9]")
# "+44 (0)20": the zero is dialled only without the code of the country
_TRUNK_ZERO = re.compile(r"^(\+[\d ]*)\(0\)")


@dataclass(frozen=True, slots=True)
class Way:
    """A way to reach a donor: icon, text, address to open or None, and what there is to know.

    `title` says what opens; `elsewhere` means in a new tab.
    """

    icon: str
    text: str
    href: str | None
    title: str
    note: str
    elsewhere: bool = False


def show(view: DonorView, *, today: date) -> None:
    """Draw a line for each e-mail, phone and address of a donor, each with its link."""
    if ways := _ways(view, today):
        st.html(template("ways.html").render(ways=ways))


def _ways(view: DonorView, today: date) -> list[Way]:
    contact = view.contact
    every: tuple[ContactDetail, ...] = (*contact.emails, *contact.phones, *contact.addresses)
    return [_way(view, detail, today) for detail in every if str(detail)]


def _way(view: DonorView, detail: ContactDetail, today: date) -> Way:
    note = ", ".join(contact_labels.notes(view, detail, today=today))
    icon, text = contact_labels.ICONS[type(detail)], str(detail)
    if isinstance(detail, AddressDetail):
        return Way(icon, text, map_link(text), "Show on a map in a new tab", note, elsewhere=True)
    if isinstance(detail, EmailDetail):
        return Way(icon, text, email_link(text), "Write an e-mail", note)
    return Way(icon, text, phone_link(text), "Call", note)


def phone_link(phone: str) -> str | None:
    """Return the address that dials a phone number, or None if it has no number to dial."""
    extension = _EXTENSION.search(phone)
    number = phone[: extension.start()] if extension else phone
    number = _TRUNK_ZERO.sub(r"\1", number.strip())
    digits = _NOT_DIALLED.sub("", number)
    if len(digits) < FEWEST_DIGITS:
        return None
    plus = "+" if number.startswith("+") else ""
    return f"tel:{plus}{digits}" + (f";ext={extension[1]}" if extension else "")


def email_link(email: str) -> str:
    """Return the address that opens a new e-mail; nothing in the e-mail adds to the message."""
    return f"mailto:{quote(email, safe='@+')}"


def map_link(address: str) -> str:
    """Return the address of a map that searches for a postal address."""
    return f"{MAP}?{urlencode({'query': address})}"
