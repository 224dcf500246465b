"""DonorCRM's own exports of tags, contact details, households, soft credits and others."""

from app.file_reader.presets.preset import Part

_ID = {"id": "external_id"}
_DONOR = {"donor_id": "donor_external_id", "donor_email": "email"}
_USE = {name: name for name in ("type", "primary", "do_not_use")}


def _same(*names: str) -> dict[str, str]:
    return {name: name for name in names}


PARTS = (
    Part(
        "campaigns",
        {
            **_ID,
            "fund_id": "fund_external_id",
            **_same("name", "status", "fund", "starts_on", "ends_on", "goal", "goal_currency"),
        },
        frozenset({"id", "name", "status", "goal"}),
        frozenset({"donor_id"}),
        least=5,
    ),
    Part(
        "tags",
        {**_DONOR, **_same("tag")},
        frozenset({"donor_id", "donor_name", "tag"}),
        frozenset({"id", "amount"}),
    ),
    Part(
        "emails",
        {
            **_ID,
            "donor_id": "donor_external_id",
            "donor_email": "donor_email",
            "email": "email",
            **_USE,
        },
        frozenset({"id", "donor_id", "donor_name", "email", "primary", "do_not_use"}),
        least=5,
    ),
    Part(
        "phones",
        {**_ID, **_DONOR, **_same("phone"), **_USE},
        frozenset({"id", "donor_id", "donor_name", "phone", "primary", "do_not_use"}),
        least=5,
    ),
    Part(
        "addresses",
        {
            **_ID,
            **_DONOR,
            **_same("street", "city", "state", "postal_code", "country"),
            **_USE,
            **_same("season_from", "season_to", "valid_from", "valid_to"),
        },
        frozenset({"id", "donor_id", "donor_name", "street", "primary", "do_not_use"}),
        least=5,
    ),
    Part(
        "households",
        {
            "household_id": "household_external_id",
            **_DONOR,
            **_same("household_name", "head", "household_salutation", "household_envelope_name"),
        },
        frozenset({"household_id", "donor_id", "donor_name", "household_name"}),
        least=3,
    ),
    Part(
        "relations",
        {**_ID, **_DONOR, "other_id": "other_external_id", **_same("relation", "other_email")},
        frozenset({"donor_id", "donor_name", "relation", "other_id"}),
        least=3,
    ),
    Part(
        "soft-credits",
        {
            **_ID,
            "gift_id": "gift_external_id",
            **_DONOR,
            **_same("credit_type", "amount", "currency"),
        },
        frozenset({"gift_id", "donor_id", "donor_name", "credit_type"}),
        least=3,
    ),
    Part(
        "pledge-versions",
        {
            "pledge_id": "pledge_external_id",
            **_DONOR,
            "fund_id": "fund_external_id",
            **_same("since", "amount", "currency", "frequency", "day_of_month", "grace_days"),
            **_same("fund", "changed_by"),
        },
        frozenset({"pledge_id", "donor_id", "donor_name", "since", "amount", "frequency"}),
        least=5,
    ),
    Part(
        "pledge-pauses",
        {
            **_ID,
            "pledge_id": "pledge_external_id",
            **_DONOR,
            **_same("pause_starts", "pause_ends", "pause_reason"),
        },
        frozenset({"pledge_id", "donor_id", "donor_name", "pause_starts", "pause_ends"}),
        least=3,
    ),
)
