"""Validation, normalisation and comparison of a donor's details."""

from dataclasses import replace
from datetime import date

import pytest

from app.donors import Address, DonorFields
from app.donors.rules import check_kind, differences, sentence, validated
from app.kit.errors import InvalidError


def test_details_are_normalised_and_the_name_is_built() -> None:
    tidy = validated(
        DonorFields(
            first_name=" Tom ",
            last_name="Reed",
            spouse_first_name="Ana",
            spouse_last_name="",
            email=" tom@example.org ",
            notes=" two\nlines ",
            address=Address(city="  New   York "),
        )
    )
    assert tidy.name == "Tom and Ana Reed"
    assert (tidy.email, tidy.spouse_last_name, tidy.notes) == (
        "tom@example.org",
        None,
        "two\nlines",
    )
    assert tidy.address.city == "New York"


@pytest.mark.parametrize(
    ("details", "message"),
    [
        (DonorFields(), "Please fill in a name."),
        (DonorFields(kind="organisation", first_name="Hope"), "fill in the organisation's name"),
        (DonorFields(name="A", kind="robot"), "choose a kind and a standing"),
        (DonorFields(name="A", status="gone"), "choose a kind and a standing"),
        (DonorFields(name="A", email="a@b"), "“a@b” is not an e-mail address"),
        (DonorFields(name="A", email="a@b.org, c@d.org"), "is not an e-mail address"),
        (DonorFields(name="A", phone="12-34"), "it needs at least 5 digits"),
        (DonorFields(name="A", preferred_language="xx"), "“xx” is not the code of a language"),
        (DonorFields(name="A", preferred_language="de-AT"), "is not the code of a language"),
        (DonorFields(name="A", preferred_channel="fax"), "choose the preferred channel"),
        (DonorFields(name="A", deceased_on=date(1, 1, 1)), "year"),
        (DonorFields(name="A" * 301), "The name may have 120 characters at most."),
        (
            DonorFields(name="A", notes="n" * 20_001),
            "The notes may have 20,000 characters",
        ),
    ],
)
def test_invalid_details_are_rejected(details: DonorFields, message: str) -> None:
    with pytest.raises(InvalidError, match=message):
        validated(details)


def test_valid_preferences_are_kept() -> None:
    details = DonorFields(
        name="A",
        deceased=True,
        deceased_on=date(2026, 1, 2),
        preferred_language="de_AT",
        preferred_channel="mail",
    )
    assert validated(details) == details
    assert differences(DonorFields(name="A"), details)["deceased_on"] == (None, "2026-01-02")


def test_differences_and_their_sentence() -> None:
    old = DonorFields(name="Tom Reed", address=Address(city="York"))
    new = replace(old, email="tom@example.org", phone="555 0100", address=Address(city="Leeds"))
    changed = differences(old, new)
    assert changed["email"] == (None, "tom@example.org")
    assert [type(value) for value in changed["address"]] == [str, str]
    assert sentence(changed) == "Changed the e-mail, the phone number and the address."
    assert sentence(differences(old, old)) == "Nothing was changed."


def test_a_name_over_the_limit_is_accepted_until_it_is_edited() -> None:
    saved = DonorFields(name=("Mara " * 40).strip(), notes="Met in May.")
    assert validated(saved, saved=saved) == saved
    with pytest.raises(InvalidError, match="120"):
        validated(replace(saved, name=f"{saved.name} Vogel"), saved=saved)
    # the name is built from parts that are each short enough
    with pytest.raises(InvalidError, match="120"):
        validated(DonorFields(first_name="Mara " * 20, last_name="Vogel " * 20))


def test_a_kind_changes_outside_of_households_only() -> None:
    check_kind(is_member=False, has_members=False)
    with pytest.raises(InvalidError, match="out of the household first"):
        check_kind(is_member=True, has_members=False)
    with pytest.raises(InvalidError, match="Dissolve it first"):
        check_kind(is_member=False, has_members=True)
