"""The demo donors: people, couples, churches, foundations and companies."""

from typing import Any

from app.demo.donors.drafts import DonorDraft
from app.demo.donors.profiles import PROFILES, Profile
from app.demo.rng import RandomChoices
from app.demo.vocabulary import (
    CHURCHES,
    COMPANIES,
    FOUNDATIONS,
    OWN_SCRIPT,
    PEOPLE,
    PLACES,
    STREETS,
    TAGS,
    WEIGHTS,
)
from app.kit import names

MAIL = ("post.example", "mail.example", "letters.example", "example.org")
# letters that removing accents does not change
LETTERS = str.maketrans({"ø": "o", "æ": "ae", "ß": "ss", "ł": "l", "đ": "d", "þ": "th"})
FUNDRAISERS = 4
COUPLES = 0.28
FUNDS = (("General", "Field work", "School meals", "Water and wells"), (55, 25, 13, 7))
METHODS = (("direct debit", "bank transfer", "check", "card", "cash"), (40, 25, 18, 15, 2))


def donor_drafts(chance: RandomChoices) -> list[DonorDraft]:
    """Return a draft of every donor with a profile and a fundraiser, without gifts."""
    profiles = [profile for profile in PROFILES for _ in range(profile.count)]
    organisations = {
        "church": chance.shuffled(CHURCHES),
        "foundation": chance.shuffled(FOUNDATIONS),
        "company": chance.shuffled(COMPANIES),
    }
    people = _People(chance)
    drafts: list[DonorDraft] = []
    for index, profile in enumerate(profiles):
        row = (
            {"kind": "organisation", "name": organisations[profile.kind].pop()}
            if profile.kind
            else people.next()
        )
        # adjacent donors share a profile: assigning in turn spreads profiles over the fundraisers
        drafts.append(_donor_draft(chance, profile, index % FUNDRAISERS, row))
    return drafts


def _donor_draft(
    chance: RandomChoices, profile: Profile, owner: int, row: dict[str, Any]
) -> DonorDraft:
    email_name = row.pop("email_name", None) or _email_name(row)
    street = f"{chance.between(2, 240)} {chance.pick(STREETS)}"
    city, state, code = chance.pick(PLACES)
    row["no_mail"] = chance.happens(0.02)
    return DonorDraft(
        profile=profile,
        owner=owner,
        row=row,
        email=f"{email_name}@{chance.pick(MAIL)}" if chance.happens(0.92) else None,
        phone=f"+1 {chance.between(201, 989)} 555 01{chance.between(0, 99):02}"
        if chance.happens(0.85)
        else None,
        address={
            "street": street,
            "city": city,
            "state": state,
            "postal_code": code,
            "country": "United States",
        }
        if chance.happens(0.9)
        else None,
        fund=chance.pick(*FUNDS),
        method=chance.pick(*METHODS),
        tags=[tag for tag in TAGS if chance.happens(0.3 if tag == "newsletter" else 0.05)],
    )


def _email_name(row: dict[str, Any]) -> str:
    """Return a name as the local part of an e-mail address."""
    first_name = row.get("first_name")
    name = f"{first_name} {row['last_name']}" if first_name else row["name"]
    ascii_name = names.search_text(name).translate(LETTERS)
    parts = "".join(c if c.isascii() and c.isalnum() else " " for c in ascii_name).split()
    # two households may share a first and a last name
    spouse = (row.get("spouse_first_name") or "")[:1].lower()
    return ".".join(parts[:3]) + (f".{spouse}" if spouse.isascii() and spouse else "")


class _People:
    """A generator of people and couples with unique names."""

    def __init__(self, chance: RandomChoices) -> None:
        self._chance = chance
        self._taken: set[str] = set()
        self._own_script = chance.shuffled(OWN_SCRIPT)
        self._number = 0

    def next(self) -> dict[str, Any]:
        """Return the columns of one more person or couple."""
        self._number += 1
        # one in forty has a name in a non-Latin script
        if self._number % 40 == 0 and self._own_script:
            name, first, last, email_name = self._own_script.pop()
            return {"name": name, "first_name": first, "last_name": last, "email_name": email_name}
        while True:
            row = self._row()
            if row["name"] not in self._taken:
                self._taken.add(row["name"])
                return row

    def _row(self) -> dict[str, Any]:
        firsts, lasts = self._chance.pick(list(PEOPLE.values()), WEIGHTS)
        first, spouse = self._chance.sample(firsts, 2)
        last = self._chance.pick(lasts)
        if not self._chance.happens(COUPLES):
            return {"name": names.person(first, last), "first_name": first, "last_name": last}
        spouse_last_name = self._chance.pick(lasts) if self._chance.happens(0.15) else None
        spouse_last_name = None if spouse_last_name == last else spouse_last_name
        return {
            "kind": "household",
            "name": names.couple(first, last, spouse, spouse_last_name),
            "first_name": first,
            "last_name": last,
            "spouse_first_name": spouse,
            "spouse_last_name": spouse_last_name,
        }
