"""Raiser's Edge: constituents, and gifts with their fund splits and solicitors."""

from app.file_reader.presets.preset import (
    ComputedValue,
    First,
    Fixed,
    Join,
    Part,
    Preset,
    Skip,
    When,
    Words,
)

_LABELS = frozenset({"text", "date", "currency", "number", "string"})
_PROMISED = frozenset({"pledge", "recurring gift", "planned gift", "mg pledge"})
_METHODS = {
    "personal check": "check",
    "business check": "check",
    "direct debit": "direct debit",
    "credit card": "card",
    "gift-in-kind": "in kind",
    "stock/property": "stock",
}


def _share(number: int) -> ComputedValue:
    """Return one split of a gift: the fund and its amount, blank where there is no amount."""
    fund, amount = (f"gf_fnds_1_{number:02d}_{name}" for name in ("fund_id", "amount"))
    return When(amount, frozenset({""}), Join((fund, amount)), unless=True)


PRESET = Preset(
    name="raisers_edge",
    title="Raiser's Edge",
    source="raisers_edge",
    policy="overwrite",
    parts=(
        Part(
            kind="donors",
            headers={
                "cn_bio_id": "external_id",
                "cn_bio_first_name": "first_name",
                "cn_bio_last_name": "last_name",
                "cn_bio_org_name": "name",
                "cn_adr_prf_email": "email",
                "cn_ph_1_01_phone_number": "phone",
                "cn_ph_1_02_phone_number": "other_phones",
                "cn_adr_prf_addrline1": "street",
                "cn_adr_prf_city": "city",
                "cn_adr_prf_state": "state",
                "cn_adr_prf_zip": "postal_code",
            },
            needs=frozenset({"cn_bio_id", "cn_bio_last_name"}),
            clear=frozenset({"gf_amount", "gf_date"}),
            skips=(Skip("The types of the columns, not data.", "cn_bio_id", _LABELS),),
        ),
        Part(
            kind="gifts",
            headers={
                "gf_cn_bio_id": "donor_external_id",
                "gf_date": "gift_date",
                "gf_amount": "amount",
                "gf_fund": "fund",
            },
            needs=frozenset({"gf_cn_bio_id", "gf_date", "gf_amount"}),
            computed={
                "external_id": First(("gf_system_id", "gf_gift_id")),
                "method": Words("gf_pay_method", _METHODS),
                "split": Join(tuple(_share(number) for number in range(1, 10)), "; "),
                "credit_to": "gf_cn_sol_1_01_name",
                "credit_type": Fixed("solicitor"),
            },
            donor={
                "external_id": "gf_cn_bio_id",
                "name": First(("cn_bio_name", "cn_bio_org_name", Fixed(""))),
                "first_name": "cn_bio_first_name",
                "last_name": "cn_bio_last_name",
                "email": "cn_adr_prf_email",
            },
            skips=(
                Skip("The types of the columns, not data.", "gf_amount", _LABELS),
                Skip("A promise, not money received.", "gf_type", _PROMISED),
            ),
        ),
    ),
)
