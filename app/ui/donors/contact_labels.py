"""Labels of contact details: type, season, and why one is not used."""

from datetime import date

from app import donors
from app.donors import AddressDetail, ContactDetail, DonorView, EmailDetail, PhoneDetail
from app.ui.base.formats import day, escape

ICONS: dict[type[ContactDetail], str] = {
    EmailDetail: "mail",
    PhoneDetail: "call",
    AddressDetail: "home",
}

# the fields of an address, in their order in forms
ADDRESS = {
    "street": "Street",
    "postal_code": "Postal code",
    "city": "City",
    "state": "State or region",
    "country": "Country",
}


def line(view: DonorView, detail: ContactDetail, *, today: date) -> str:
    """Return a line of Markdown: icon, value, and in grey what there is to know about it."""
    known = notes(view, detail, today=today)
    note = f" :gray[({escape(', '.join(known))})]" if known else ""
    return f":gray[:material/{ICONS[type(detail)]}:] {escape(str(detail))}{note}"


def notes(view: DonorView, detail: ContactDetail, *, today: date) -> list[str]:
    """Return what there is to know about a detail: type, days, why it is not used, wishes."""
    known = [] if detail.type == "other" else [detail.type]
    if isinstance(detail, AddressDetail):
        known += _dates(detail, today)
    why = donors.why_unused(detail, today)
    if why is not None:
        known.append(why)
    several = {EmailDetail: view.emails, PhoneDetail: view.phones, AddressDetail: view.addresses}
    if detail.is_primary and len(several[type(detail)]) > 1:
        known.append("primary")
    fields = view.fields
    refused = {
        EmailDetail: fields.no_email,
        PhoneDetail: fields.no_phone,
        AddressDetail: fields.no_mail,
    }
    if refused[type(detail)]:
        known.append("not wished")
    return known


def _dates(detail: AddressDetail, today: date) -> list[str]:
    """Return the season and the days on which an address is valid."""
    notes = []
    if detail.season_from and detail.season_to:
        notes.append(f"{_month_day(detail.season_from)} – {_month_day(detail.season_to)}")
    if detail.valid_from:
        notes.append(f"from {day(detail.valid_from, today=today)}")
    if detail.valid_to:
        notes.append(f"until {day(detail.valid_to, today=today)}")
    return notes


def _month_day(value: str) -> str:
    """Return "1 November" for "11-01"."""
    named = date(2000, int(value[:2]), int(value[3:]))
    return f"{named.day} {named:%B}"
