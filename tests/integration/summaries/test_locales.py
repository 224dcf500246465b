"""The weekly summary in the locale of whoever gets it, as HTML and as text."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from sqlalchemy.orm import Session

from app import alerts, mail, summaries
from tests import factories as make

TODAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)

FACTS = {
    "en_US": ("€75.50", "16 to 22 Nov", "18 Nov", "$", "1 Sep"),
    "en_GB": ("€75.50", "16 to 22 Nov", "18 Nov", "$", "1 Sep"),
    "de_DE": ("75,50 €", "16.11.2026 to 22.11.2026", "18.11.2026", "€7", "01.09.2026"),
    "de_CH": ("EUR 75.50", "16.11.2026 to 22.11.2026", "18.11.2026", "€", "01.09.2026"),
    "fr_FR": ("75,50 €", "16/11/2026 to 22/11/2026", "18/11/2026", "€7", "01/09/2026"),
    "ja_JP": ("€75.50", "2026/11/16 to 2026/11/22", "2026/11/18", "$", "2026/09/01"),
}


@pytest.mark.parametrize("locale", FACTS)
@pytest.mark.parametrize("own", [True, False], ids=["their own", "the organisation's"])
def test_the_summary_is_in_the_readers_locale(db: Session, locale: str, own: bool) -> None:
    """The locale of the user, or without one that of the organisation."""
    other = "en_US" if own else locale
    make.organisation(db, currency="EUR", locale=other)
    ruth = make.person(db, name="Ruth", goal="1000", locale=locale if own else None)
    ruth = replace(ruth, locale=locale)
    mara, ana = make.donor(db, ruth, "Mara Vogel"), make.donor(db, ruth, "Ana Sol")
    pledge = make.pledge(db, mara, "50", start=date(2026, 1, 1), currency="EUR")
    for month in range(1, 9):
        make.gift(db, mara, "50", date(2026, month, 1), pledge_id=pledge, currency="EUR")
    make.gift(db, ana, "75.50", date(2026, 11, 18), currency="EUR")
    alerts.raise_late_pledges(db, today=TODAY, now=NOW)
    summary = summaries.build(db, ruth, today=TODAY)
    amount, week, day, never, due = FACTS[locale]
    for text in map(_spaced, mail.rendered("weekly_summary", summary)):
        assert f"Your week, {week}" in text
        assert f"{amount} on {day}." in text
        assert f"open since {due}" in text
        assert never not in text
    assert amount in _spaced(summary.subject)


def _spaced(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ").replace("&nbsp;", " ")
