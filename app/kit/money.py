"""Amounts that know their currency: integer minor units, never floats."""

from dataclasses import dataclass
from decimal import Decimal

from app.kit.errors import InvalidError

# ISO 4217 exponents that are not 2.
NO_DECIMALS = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF"
THREE_DECIMALS = "BHD IQD JOD KWD LYD OMR TND"
_EXPONENTS = dict.fromkeys(NO_DECIMALS.split(), 0) | dict.fromkeys(THREE_DECIMALS.split(), 3)
MAX_MINOR = 10**15


class CurrencyMismatchError(InvalidError):
    """Two currencies met in one sum."""


def exponent(currency: str) -> int:
    """Return how many decimal digits the currency's minor unit has (ISO 4217)."""
    return _EXPONENTS.get(currency, 2)


@dataclass(frozen=True, slots=True)
class Money:
    """An exact amount in one currency; `minor` is cents for USD, yen for JPY."""

    minor: int
    currency: str

    @classmethod
    def of(cls, amount: Decimal | str | int, currency: str) -> "Money":
        """Build from a plain decimal in major units ("12.50"); refuse parts of a cent.

        Raises:
            InvalidError: not a number, too large, or finer than the currency's minor unit.
        """
        try:
            scaled = Decimal(amount).scaleb(exponent(currency))
            whole = scaled == scaled.to_integral_value()
        except ArithmeticError as error:
            msg = f"“{amount}” is not an amount."
            raise InvalidError(msg) from error
        if not scaled.is_finite() or abs(scaled) > MAX_MINOR:
            msg = f"“{amount}” is not an amount we can keep."
            raise InvalidError(msg)
        if not whole:
            msg = f"“{amount}” has more decimals than {currency} has."
            raise InvalidError(msg)
        return cls(int(scaled), currency)

    @property
    def amount(self) -> Decimal:
        """The amount in major units, with the currency's own number of decimals."""
        return Decimal(self.minor).scaleb(-exponent(self.currency))

    def __str__(self) -> str:
        """Spell the plain decimal ("12.50"), as files and the JSON output carry it."""
        return f"{self.amount:f}"

    def __add__(self, other: "Money") -> "Money":
        """Add, refusing to mix currencies."""
        return Money(self.minor + self._same(other), self.currency)

    def __sub__(self, other: "Money") -> "Money":
        """Subtract, refusing to mix currencies."""
        return Money(self.minor - self._same(other), self.currency)

    def __mul__(self, times: int) -> "Money":
        """Repeat the amount."""
        return Money(self.minor * times, self.currency)

    def __neg__(self) -> "Money":
        """Turn the sign."""
        return Money(-self.minor, self.currency)

    def __lt__(self, other: "Money") -> bool:
        """Compare within one currency."""
        return self.minor < self._same(other)

    def _same(self, other: "Money") -> int:
        if other.currency != self.currency:
            msg = f"Cannot mix {self.currency} and {other.currency}."
            raise CurrencyMismatchError(msg)
        return other.minor
