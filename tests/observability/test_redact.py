"""Redaction: personal data and secrets are removed, explanations of errors stay."""

import pytest

from app.observability import redacted

TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.sIgNaTuRe_part-of-it"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("mail to agnes.miller+x@post.example.org failed", "mail to [e-mail] failed"),
        ("gave $1,234.50 on Monday", "gave [amount] on Monday"),
        ("gave 50 EUR and 12,50 €", "gave [amount] and [amount]"),
        (f"Authorization: Bearer {TOKEN}", "Authorization: [secret] [secret]"),
        (f"it was {TOKEN}.", "it was [secret]."),
        ("token dcrm_abc-DEF_1 is old", "token [secret] is old"),
        (
            "postgresql://ruth:quiet@db:5432/crm is away",
            "postgresql://[secret]@db:5432/crm is away",
        ),
        ("password=violet ladder", "password=[secret] ladder"),
        ('{"password": "violet"}', '{"password": "[secret]"}'),
        ("cookie: donorcrm=abc.def", "cookie: [secret]"),
        ("key 0f3a9c5d7e1b2a4c6d8e0f1a2b3c4d5e6f", "key [secret]"),
        ("queries_gifts.py:123 ConnectionError", "queries_gifts.py:123 ConnectionError"),
        ("late_pledges ended: done in 1234 ms", "late_pledges ended: done in 1234 ms"),
        ("/api/v1/donors/{id}/timeline", "/api/v1/donors/{id}/timeline"),
        ("2026-11-23T09:30:00.123456Z", "2026-11-23T09:30:00.123456Z"),
    ],
)
def test_personal_data_and_secrets_are_redacted(text: str, expected: str) -> None:
    assert redacted(text) == expected


def test_nested_values_are_redacted() -> None:
    result = redacted({"a": ["x@y.org", ("$5", 3)], "b": {"c": "x@y.org"}, "d": None})
    assert result == {"a": ["[e-mail]", ["[amount]", 3]], "b": {"c": "[e-mail]"}, "d": None}
