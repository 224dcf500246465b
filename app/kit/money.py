"""Amounts with a currency: integer minor units, never floats."""

from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from babel.numbers import list_currencies

from app.kit.errors import InvalidError

# ISO 4217 exponents that are not 2.
NO_DECIMALS = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF"
THREE_DECIMALS = "BHD IQD JOD KWD LYD OMR TND"
_EXPONENTS = dict.fromkeys(NO_DECIMALS.split(), 0) | dict.fromkeys(THREE_DECIMALS.split(), 3)
MAX_MINOR = 10**15

# as programs write them: "12.50", "EUR"
AMOUNT_PATTERN = r"^[0-9]{1,13}(\.[0-9]{1,3})?$"
CURRENCY_PATTERN = r"^[A-Z]{3}$"


class CurrencyMismatchError(InvalidError):
    """Two currencies were combined in one calculation."""


# codes of ISO 4217 for no currency and for tests
NO_MONEY = frozenset({"XXX", "XTS"})


@cache
def _known_currencies() -> frozenset[str]:
    return frozenset(list_currencies("en")) - NO_MONEY


def check_currency(currency: str) -> None:
    """Raise if a currency is unknown.

    Raises:
        InvalidError: it is none of ISO 4217.
    """
    if currency not in _known_currencies():
        msg = f"{currency:.20} is not a currency we know."
        raise InvalidError(msg)


def exponent(currency: str) -> int:
    """Return the number of decimal digits of the currency (ISO 4217)."""
    return _EXPONENTS.get(currency, 2)


@dataclass(frozen=True, slots=True)
class Money:
    """An exact amount in one currency; `minor` is cents for USD, yen for JPY."""

    minor: int
    currency: str

    @classmethod
    def of(cls, amount: Decimal | str | int, currency: str) -> "Money":
        """Return the Money for a plain decimal in major units ("12.50").

        Raises:
            InvalidError: not a number, too large, or finer than the currency's minor unit.
        """
        try:
            scaled = Decimal(amount).scaleb(exponent(currency))
            exact = scaled == scaled.to_integral_value()
        except ArithmeticError as error:
            msg = f"“{amount}” is not an amount."
            raise InvalidError(msg) from error
        if not scaled.is_finite() or abs(scaled) > MAX_MINOR:
            msg = f"“{amount}” is not an amount we can keep."
            raise InvalidError(msg)
        if not exact:
            msg = f"“{amount}” has more decimals than {currency} has."
            raise InvalidError(msg)
        return cls(int(scaled), currency)

    @property
    def amount(self) -> Decimal:
        """The amount in major units, with the currency's number of decimals."""
        return Decimal(self.minor).scaleb(-exponent(self.currency))

    def __str__(self) -> str:
        """Return the plain decimal ("12.50"), as used in files and JSON."""
        return f"{self.amount:f}"

    def __add__(self, other: "Money") -> "Money":
        """Add; raise CurrencyMismatchError for another currency."""
        return Money(self.minor + self._minor_of(other), self.currency)

    def __sub__(self, other: "Money") -> "Money":
        """Subtract; raise CurrencyMismatchError for another currency."""
        return Money(self.minor - self._minor_of(other), self.currency)

    def __mul__(self, times: int) -> "Money":
        """Multiply by a whole number."""
        return Money(self.minor * times, self.currency)

    def __neg__(self) -> "Money":
        """Negate the amount."""
        return Money(-self.minor, self.currency)

    def __lt__(self, other: "Money") -> bool:
        """Compare; raise CurrencyMismatchError for another currency."""
        return self.minor < self._minor_of(other)

    def _minor_of(self, other: "Money") -> int:
        if other.currency != self.currency:
            msg = f"Cannot mix {self.currency} and {other.currency}."
            raise CurrencyMismatchError(msg)
        return other.minor
