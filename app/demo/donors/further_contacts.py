"""Further e-mails, phones and addresses of some demo donors, and their types."""

from collections.abc import Sequence
from typing import Any

from app.demo.donors.drafts import DonorDraft

# every so many donors have one of these
SEASONAL, SECOND_PHONE, OLD_EMAIL, LANGUAGE = 12, 7, 9, 15
CHANNELS = ("email", "phone", "mail")


def emails(pairs: Sequence[tuple[DonorDraft, int]]) -> list[dict[str, Any]]:
    """Return old e-mails that are not to be used."""
    return [
        {
            "donor_id": key,
            "email": f"old.{draft.email}",
            "type": "work",
            "do_not_use": True,
            "is_primary": False,
        }
        for draft, key in pairs[::OLD_EMAIL]
        if draft.email
    ]


def phones(pairs: Sequence[tuple[DonorDraft, int]]) -> list[dict[str, Any]]:
    """Return second phones, of work."""
    return [
        {"donor_id": key, "phone": f"{draft.phone[:-2]}99", "type": "work", "is_primary": False}
        for draft, key in pairs[::SECOND_PHONE]
        if draft.phone and not draft.phone.endswith("99")
    ]


def addresses(pairs: Sequence[tuple[DonorDraft, int]]) -> list[dict[str, Any]]:
    """Return addresses for the winter."""
    return [
        {
            "donor_id": key,
            "street": f"{number + 3} Gulf Shore Drive",
            "city": "Naples",
            "state": "FL",
            "postal_code": "34102",
            "country": "United States",
            "type": "seasonal",
            "season_from": "11-01",
            "season_to": "03-31",
            "is_primary": False,
        }
        for number, (draft, key) in enumerate(pairs[::SEASONAL])
        if draft.address
    ]


def preferences(index: int) -> dict[str, Any]:
    """Return the preferred language and channel of a donor, the columns of all being the same."""
    if index % LANGUAGE:
        return {"preferred_language": None, "preferred_channel": None}
    return {
        "preferred_language": "es" if index % 2 else "en",
        "preferred_channel": CHANNELS[index // LANGUAGE % len(CHANNELS)],
    }
