import re
from pathlib import Path

import pytest

from app.kit.errors import ConfigurationError
from app.settings import ROOT, Settings, settings

EXAMPLE = (ROOT / ".env.example").read_text()


def made(monkeypatch, **values: str) -> Settings:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    settings.cache_clear()
    return settings()


def test_the_example_names_every_setting_with_its_default(monkeypatch):
    written = dict(re.findall(r"^([A-Z_]+)=(.*)$", EXAMPLE, re.MULTILINE))
    assert set(written) == {name.upper() for name in Settings.model_fields}
    for name, field in Settings.model_fields.items():
        text = written[name.upper()]
        if text:
            assert text.lower() == str(field.default).lower(), name


@pytest.mark.parametrize(
    "address",
    ["postgres://a:b@h:5433/n", "postgresql://a:b@h:5433/n", "postgresql+psycopg2://a:b@h:5433/n"],
)
def test_every_spelling_of_the_address_means_one_driver(monkeypatch, address):
    url = made(monkeypatch, DATABASE_URL=address).server_url
    assert url.render_as_string(hide_password=False) == "postgresql+psycopg2://a:b@h:5433/n"


def test_the_address_in_parts(monkeypatch):
    chosen = made(monkeypatch, DB_HOST="h", DB_USER="u", DB_PASSWORD="p@ss", DB_NAME="n")
    assert not chosen.embedded
    assert chosen.server_url.password == "p@ss"
    assert chosen.server_url.database == "n"


@pytest.mark.parametrize("address", ["mysql://h/n", "not an address"])
def test_another_database_is_refused(monkeypatch, address):
    with pytest.raises(ConfigurationError, match=r"PostgreSQL|not an address"):
        _ = made(monkeypatch, DATABASE_URL=address).server_url


def test_a_wrong_value_names_its_variable(monkeypatch):
    with pytest.raises(ConfigurationError, match="PORT"):
        made(monkeypatch, PORT="many")


def test_a_laptop_makes_its_own_key_once(monkeypatch, tmp_path):
    chosen = made(monkeypatch, SECRET_KEY="", DATA_DIR=str(tmp_path / "var"))
    key = chosen.signing_key
    assert len(key) >= 48
    assert chosen.signing_key == key
    assert Path(tmp_path / "var" / "secret_key").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("key", ["", "short"])
def test_a_server_needs_a_long_key(monkeypatch, key):
    chosen = made(monkeypatch, SECRET_KEY=key, DATABASE_URL="postgresql://h/n")
    with pytest.raises(ConfigurationError, match="SECRET_KEY"):
        _ = chosen.signing_key
