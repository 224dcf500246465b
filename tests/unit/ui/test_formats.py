"""Text formats of screens, and escaped text."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from app.ui.base import formats

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("Tom & Ana", r"Tom \& Ana"),
        ("<b>x</b>", r"\<b\>x\<\/b\>"),
        ("**bold** _it_ `code`", r"\*\*bold\*\* \_it\_ \`code\`"),
        ("[a](javascript:x)", r"\[a\]\(javascript\:x\)"),
        ("$5 and $6", r"\$5 and \$6"),
        ("# a\n\n- b", r"\# a \- b"),
        (None, ""),
        ("Zoë Müller", "Zoë Müller"),
    ],
)
def test_escape_leaves_nothing_for_markdown(text: str | None, escaped: str) -> None:
    assert formats.escape(text) == escaped


@pytest.mark.parametrize(
    "text",
    [
        ":material/delete:",
        ":smile:",
        ":red[x] :+1:",
        "https://x.example",
        "www.x.example",
        ":a:b:",
    ],
)
def test_markup_rendered_after_parsing_is_broken_up(text: str) -> None:
    label = formats.plain(text)
    assert label != text
    assert label.replace(formats.WORD_JOINER, "") == text


def test_plain_text_is_one_line() -> None:
    assert formats.plain("  Mei \n Lin\t") == "Mei Lin"
    assert formats.plain("12:30 and a: b") == "12:30 and a: b"


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (TODAY, "today"),
        (date(2026, 11, 22), "yesterday"),
        (date(2026, 11, 11), "12 days ago"),
        (date(2020, 1, 1), "2,518 days ago"),
    ],
)
def test_ago(day: date, expected: str) -> None:
    assert formats.ago(day, today=TODAY) == expected


@pytest.mark.parametrize(
    ("time", "zone", "expected"),
    [
        (datetime(2026, 11, 23, 7, 40, tzinfo=UTC), "UTC", "this morning at 07:40"),
        (datetime(2026, 11, 23, 13, 5, tzinfo=UTC), "UTC", "today at 13:05"),
        (datetime(2026, 11, 23, 3, 0, tzinfo=UTC), "America/New_York", "yesterday at 22:00"),
        (datetime(2026, 11, 3, 9, 12, tzinfo=UTC), "UTC", "on 3 Nov at 09:12"),
        (datetime(2025, 11, 3, 9, 12, tzinfo=UTC), "UTC", "on 3 Nov 2025 at 09:12"),
    ],
)
def test_moment_is_in_the_users_time_zone(time: datetime, zone: str, expected: str) -> None:
    assert formats.moment(time, zone, today=TODAY) == expected


def test_short_helpers() -> None:
    assert formats.clock(datetime(2026, 1, 1, 23, 30, tzinfo=UTC), "Europe/Berlin") == "00:30"
    assert formats.initial("first gift") == "First gift"
    assert formats.initial("") == ""


def test_the_first_sentences() -> None:
    text = "Gives every 31 days. Last gift 2.0 times late; about 5 Dec. Of 25, 13 came back."
    assert formats.brief(text) == "Gives every 31 days. Last gift 2.0 times late; about 5 Dec."
    assert formats.brief("One") == "One"


def test_numbers_are_typed_as_the_locale_writes_them(monkeypatch: pytest.MonkeyPatch) -> None:
    rate = Decimal("1.085")
    assert (formats.decimal(rate), formats.typed_number("1,085")) == ("1.085", "1,085")
    monkeypatch.setattr(formats, "locale", lambda: "de_DE")
    assert (formats.decimal(rate), formats.typed_number("1,085")) == ("1,085", "1.085")
    assert formats.typed_number("1.085") == "1.085"
    # with groups it could be read in two ways: the check behind the field says so
    assert formats.typed_number("1.234,5") == "1.234,5"


def test_an_amount_stays_on_one_line_with_its_currency() -> None:
    assert formats.plain("  50\u00a0€  now") == "50\u00a0€ now"
    assert formats.escape("1\u202f234,50\u00a0€") == "1\u202f234\\,50\u00a0€"


def test_a_moment_in_another_locale(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(formats, "locale", lambda: "fr_FR")
    time = datetime(2025, 11, 3, 9, 12, tzinfo=UTC)
    assert formats.moment(time, "UTC", today=TODAY) == "on 03/11/2025 at 09:12"
    assert formats.ago(date(2020, 1, 1), today=TODAY) == "2\u202f518 days ago"
    assert formats.first_weekday() == 0
