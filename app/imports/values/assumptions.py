"""What an import takes for granted about a file: a table of codes, each with its sentence."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

ASSUMPTIONS: Mapping[str, str] = MappingProxyType(
    {
        "kind": "Each row is taken as one of {kind}, as the headers suggest.",
        "column_by_content": "“{header}” is taken as “{field}”, as its cells look.",
        "currency_of_organisation": (
            "Nothing says the currency of {rows}: taken as {currency}, the organisation's."
        ),
        "currency_of_header": "Amounts are in {currency}, as “{header}” says.",
        "currency_of_choice": "Amounts without a currency are in {currency}, as you chose.",
        "fund_of_choice": "Rows without a fund are for {fund}, as you chose.",
        "method_of_choice": "Rows without a method are {method}, as you chose.",
        "ids_of_source": "Ids are those of {source}: {known} of {ids} {verb} known by them.",
        "date_order": "“{sample}” is read as {order}, as other rows show.",
    }
)


@dataclass(frozen=True, slots=True)
class Assumption:
    """One assumption: a code of the table, and the parameters of its sentence."""

    code: str
    parameters: Mapping[str, str] = field(default_factory=dict, hash=False)

    @property
    def sentence(self) -> str:
        """The assumption as shown to users."""
        return ASSUMPTIONS[self.code].format(**self.parameters)
