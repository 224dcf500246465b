"""Languages that a donor may prefer."""

import pytest

from app.donors.contacts.languages import language_code, language_name, languages


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("de", "de"),
        ("DE", "de"),
        ("pt-BR", "pt_BR"),
        ("pt_br", "pt_BR"),
        ("German", "de"),
        (" german ", "de"),
        ("zh_Hant", "zh_Hant"),
        ("Klingon", None),
        ("", None),
    ],
)
def test_code_of_a_language(words: str, code: str | None) -> None:
    assert language_code(words) == code


def test_names() -> None:
    assert languages()["de"] == "German"
    assert "de_AT" not in languages()
    assert "es_419" not in languages()
    assert language_name("de") == "German"
    assert language_name("de_AT") == "German (Austria)"
    assert list(languages().values()) == sorted(languages().values())
