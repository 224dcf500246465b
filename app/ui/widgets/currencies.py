"""Names of currencies, and the field to choose one."""

from babel.numbers import get_currency_name, list_currencies

from app.kit.money import NO_MONEY
from app.ui.widgets import forms


def currency_label(currency: str) -> str:
    """Return the name of a currency with its code: "Swiss Franc (CHF)"."""
    return f"{get_currency_name(currency, locale='en')} ({currency})"


def ask_currency(key: str, value: str) -> None:
    """Draw the field "currency" of a form."""
    codes = sorted(set(list_currencies("en")) - NO_MONEY, key=currency_label)
    forms.choice("Currency", key, "currency", codes, value=value, format_func=currency_label)
