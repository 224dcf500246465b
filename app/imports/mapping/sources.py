"""Names of the systems that ids come from."""

from collections.abc import Mapping
from types import MappingProxyType

# ids of a file without a system of its own
FILE = "file"
# the source stored with an id → its name on the screen
SOURCE_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "bank_statement": "the bank statement",
        "benevity": "Benevity",
        "bloomerang": "Bloomerang",
        "civicrm": "CiviCRM",
        "contacts": "the contacts template",
        "donorbox": "Donorbox",
        "donorcrm": "DonorCRM",
        "entities": "the entities file",
        "file": "the file itself",
        "givebutter": "Givebutter",
        "little_green_light": "Little Green Light",
        "mpdx": "MPDX",
        "npsp": "Salesforce NPSP",
        "paypal": "PayPal",
        "raisers_edge": "Raiser's Edge",
        "stripe": "Stripe",
        "tnt_dataserver": "Tnt DataServer",
        "tntconnect": "TntConnect",
    }
)
_BY_NAME = {name.casefold(): source for source, name in SOURCE_NAMES.items()}


def source_name(source: str) -> str:
    """Return the name of a source; a source that a user named has its own."""
    return SOURCE_NAMES.get(source, source)


def source_of(name: str) -> str:
    """Return the source of a name or of a source that a user typed: "civicrm" of "CiviCRM"."""
    typed = " ".join(name.split())
    return _BY_NAME.get(typed.casefold(), typed) or FILE
