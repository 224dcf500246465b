"""PayPal: the activity file in English or German, of which only the donations are imported."""

from collections.abc import Mapping

from app.file_reader.presets.preset import (
    First,
    Fixed,
    Join,
    Part,
    Preset,
    Skip,
    Unsigned,
    When,
)

_REFUNDS = frozenset(
    {
        "payment refund",
        "payment reversal",
        "refund",
        "reversal",
        "chargeback",
        "partial refund",
        "rückzahlung",
        "rückzahlung einer zahlung",
        "zahlungsrückzahlung",
        "zahlungsrückbuchung",
        "rückbuchung",
    }
)
_PAYMENTS = frozenset(
    {
        "donation payment",
        "donation received",
        "donation payment received",
        "charity donation",
        "subscription payment",
        "subscription payment received",
        "recurring payment",
        "recurring payment received",
        "preapproved payment",
        "preapproved payment bill user payment",
        "mass pay payment",
        "website payment",
        "website payments pro api solution",
        "web accept payment received",
        "mobile payment",
        "mobile payment received",
        "express checkout payment",
        "express checkout payment received",
        "general payment",
        "payment received",
        "payment",
        "paypal here payment",
        "direct credit card payment",
        "virtual terminal payment",
        "invoice payment",
        "spende",
        "spendenzahlung",
        "abonnementzahlung",
        "abozahlung",
        "wiederkehrende zahlung",
        "website-zahlung",
        "webseiten-zahlung",
        "handyzahlung",
        "mobile zahlung",
        "express-kaufabwicklung",
        "zahlung per express-checkout",
        "zahlung im einzugsverfahren",
        "allgemeine zahlung",
        "massenzahlung",
        "sammelzahlung",
        "zahlung erhalten",
    }
)
_OUTGOING = frozenset({"debit", "soll", "belastung"})


_DONE = frozenset({"completed", "abgeschlossen", ""})
_GERMAN = {
    "date": "datum",
    "time": "uhrzeit",
    "time_zone": "zeitzone",
    "type": "typ",
    "gross": "brutto",
    "currency": "wahrung",
    "from_email_address": "absender_e_mail_adresse",
    "transaction_id": "transaktionscode",
    "reference_txn_id": "zugehoriger_transaktionscode",
    "balance_impact": "auswirkung_auf_guthaben",
    "subject": "betreff",
    "note": "hinweis",
}


def _part(translated: Mapping[str, str]) -> Part:
    """Return the file with the headers of one language; what is not translated is English."""

    def header(name: str) -> str:
        return translated.get(name, name)

    gross, kind, impact = header("gross"), header("type"), header("balance_impact")
    sender = header("from_email_address")
    # a payment of the organisation's own is no gift, whatever its type; a refund is a reversal
    incoming = When(impact, _OUTGOING, gross, unless=True)
    return Part(
        kind="gifts",
        headers={
            header("currency"): "currency",
            header("transaction_id"): "external_id",
            header("reference_txn_id"): "reverses_external_id",
        },
        needs=frozenset({gross, header("transaction_id"), sender, kind}),
        computed={
            # the day stands in the zone beside it
            "gift_date": Join((header("date"), header("time"), header("time_zone"))),
            "amount": First((When(kind, _REFUNDS, gross), incoming)),
            "outgoing": When(kind, _REFUNDS, When(impact, _OUTGOING, gross), unless=True),
            "method": Fixed("online"),
            "fee": Unsigned(First(("fee", "gebuhr", "entgelt"))),
            "note": Join((header("subject"), header("note")), ": "),
        },
        donor={"name": First(("name", sender)), "email": sender},
        skips=(
            Skip("A memo of PayPal's, no money moved.", impact, frozenset({"memo"})),
            Skip("Not a donation.", kind, _PAYMENTS | _REFUNDS, unless=True),
            Skip("Not completed: no money came.", "status", _DONE, unless=True),
        ),
    )


PRESET = Preset(
    name="paypal",
    title="PayPal activity",
    source="paypal",
    policy="fill",
    parts=(_part({}), _part(_GERMAN)),
)
