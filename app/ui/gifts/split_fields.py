"""Fields of the parts of a gift to several funds or campaigns, and what is left to share out."""

from collections.abc import Sequence

import streamlit as st

from app import gifts
from app.kit import amount_input
from app.kit.money import Money
from app.ui.base.formats import escape, money, money_plain
from app.ui.base.session import current_actor
from app.ui.gifts import previews
from app.ui.widgets import forms
from app.ui.widgets.purposes import PurposeChoices, ask_campaign, ask_fund

MOST_ROWS = 20
_NUMBER = "funds"


def ask_number(key: str, parts: Sequence[gifts.Part]) -> int:
    """Draw the field for the number of parts and return it."""
    return int(
        st.number_input(
            "Number of funds",
            min_value=1,
            max_value=MOST_ROWS,
            value=max(len(parts), 1),
            key=f"{key}_{_NUMBER}",
            help="More than one splits the gift: each part has an amount, a fund and a campaign.",
        )
    )


def number(key: str) -> int:
    """Return the chosen number of parts."""
    return int(forms.field_value(key, _NUMBER, int) or 1)


def draw(key: str, purposes: PurposeChoices, parts: Sequence[gifts.Part], rows: int) -> None:
    """Draw a row of fields for each part."""
    for row in range(rows):
        part = parts[row] if row < len(parts) else None
        columns = st.columns([2, 3, 3] if purposes.campaigns else [2, 3])
        choices = PurposeChoices(
            purposes.funds,
            purposes.campaigns,
            part.fund_id if part else purposes.fund_id if row == 0 else None,
            part.campaign_id if part else purposes.campaign_id if row == 0 else None,
        )
        with columns[0]:
            forms.text(
                f"Part {row + 1}",
                f"{key}_part{row}",
                "amount",
                money_plain(part.amount) if part else "",
                placeholder="25.00",
                live=True,
            )
        with columns[1]:
            ask_fund(f"{key}_part{row}", choices)
        if purposes.campaigns:
            with columns[2]:
                ask_campaign(f"{key}_part{row}", choices)


def show_rest(key: str, rows: int, currency: str, amount: Money | None) -> None:
    """Say what is left of the amount, or that the parts come to more."""
    shared = Money(0, currency)
    for row in range(rows):
        part = previews.typed(f"{key}_part{row}", "amount", currency)
        shared = shared + part if part else shared
    if amount is None:
        st.caption("Fill in the amount of the whole gift above.")
        return
    rest = amount - shared
    if rest.minor > 0:
        st.caption(f":material/pie_chart: {escape(money(rest))} remaining")
    elif rest.minor < 0:
        st.warning(f"The parts come to {escape(money(-rest))} more than the gift.")
    else:
        st.caption(":material/check: The parts come to the whole gift.")


def parts(key: str, rows: int, currency: str) -> tuple[gifts.Part, ...]:
    """Return the parts that were filled in; none for a gift that is not split.

    Raises:
        InvalidError: an amount cannot be read.
    """
    if rows < 2:  # noqa: PLR2004
        return ()
    locale = current_actor().locale
    return tuple(
        gifts.Part(
            amount_input.amount(
                forms.text_value(f"{key}_part{row}", "amount"), currency, locale=locale
            ),
            forms.field_value(f"{key}_part{row}", "fund", int),
            forms.field_value(f"{key}_part{row}", "campaign", int),
        )
        for row in range(rows)
    )


def clear(key: str) -> None:
    """Empty the amounts of the parts; their funds and campaigns stay."""
    for row in range(number(key) if number(key) > 1 else 0):
        st.session_state[f"{key}_part{row}_amount"] = ""
