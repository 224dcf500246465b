"""Redaction of text that looks like personal data or a secret.

A second line of defence: logs and reports should not contain such text in the first place.
"""

import re
from collections.abc import Mapping

_RULES = (
    # a URL with a password, before its parts look like an e-mail address
    (re.compile(r"(?i)\b([a-z][a-z0-9+.-]*://)[^/\s@]+@"), r"\1[secret]@"),
    (re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]+"), r"\1 [secret]"),
    (
        re.compile(
            r"(?i)\b(password|passwd|secret|token|cookie|authorization|api[_-]?key|secret_key)"
            r"(['\"]?\s*[=:]\s*['\"]?)[^\s'\",;]+"
        ),
        r"\1\2[secret]",
    ),
    (re.compile(r"\beyJ[\w-]+\.[\w-]+\.[\w-]*"), "[secret]"),
    (re.compile(r"\bdcrm_[\w-]+"), "[secret]"),
    (re.compile(r"[\w.+'-]+@[\w-]+(?:\.[\w-]+)+"), "[e-mail]"),
    (re.compile(r"[$€£¥₹]\s?\d[\d.,\u202f ]*\d|[$€£¥₹]\s?\d"), "[amount]"),
    (re.compile(r"\b\d[\d.,]*\s?(?:USD|EUR|GBP|CHF|CAD|AUD|JPY|INR|[€£$])(?!\w)"), "[amount]"),
    # any long random text
    (re.compile(r"(?<![\w/.-])(?=[\w-]*\d)(?=[\w-]*[A-Za-z])[\w-]{32,}(?![\w/.-])"), "[secret]"),
)


def redacted(value: object) -> object:
    """Redact e-mail addresses, amounts with a currency, passwords and tokens in a value."""
    if isinstance(value, str):
        for rule, replacement in _RULES:
            value = rule.sub(replacement, value)
        return value
    if isinstance(value, Mapping):
        return {key: redacted(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [redacted(part) for part in value]
    return value
