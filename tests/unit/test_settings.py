import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import make_url

from app.kit.errors import ConfigurationError
from app.settings import ROOT, Settings, listen_on, settings

EXAMPLE = ROOT / ".env.example"
KEY = "0123456789abcdefghijklmnopqrstuvwxyz"


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Settings]:
    """Return settings read from an environment with only these variables."""

    def read(**values: str) -> Settings:
        for name in ("DATABASE_URL", "SECRET_KEY"):
            monkeypatch.delenv(name, raising=False)
        for name, value in values.items():
            monkeypatch.setenv(name, value)
        settings.cache_clear()
        return settings()

    return read


def test_the_example_names_every_setting_with_its_default_and_meaning() -> None:
    written = re.findall(r"^([A-Z_]+)=(.*)$", EXAMPLE.read_text(), re.MULTILINE)
    assert [name for name, _ in written] == list(dict(written)), "a setting is named once"
    assert set(dict(written)) == {name.upper() for name in Settings.model_fields}
    above = re.findall(r"^# .+\n(?:[A-Z_]+=.*\n)+", EXAMPLE.read_text(), re.MULTILINE)
    assert sum(block.count("=") >= 1 for block in above) == len(above)
    assert sum(len(re.findall(r"^[A-Z_]+=", b, re.MULTILINE)) for b in above) == len(written)


def test_the_example_file_reads_as_the_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATA_DIR")
    for name in ("DATABASE_URL", "SECRET_KEY"):
        monkeypatch.delenv(name)
    settings: Callable[..., Settings] = Settings
    assert settings(_env_file=EXAMPLE) == settings(_env_file=None)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg2"])
def test_every_spelling_of_the_url_uses_one_driver(
    read: Callable[..., Settings], scheme: str
) -> None:
    loaded = read(DATABASE_URL=f"{scheme}://a:b%40c@h:5433/n?sslmode=require", SECRET_KEY=KEY)
    assert loaded.sqlalchemy_url == "postgresql+psycopg2://a:b%40c@h:5433/n?sslmode=require"
    assert not loaded.embedded


def test_the_address_in_parts(read: Callable[..., Settings]) -> None:
    loaded = read(DB_HOST="h", DB_USER="u", DB_PASSWORD="p@s/s", SECRET_KEY=KEY)
    url = make_url(loaded.sqlalchemy_url)
    assert not loaded.embedded
    assert (url.host, url.port, url.username, url.password) == ("h", 5432, "u", "p@s/s")
    assert url.database == "donorcrm"


def test_no_address_means_the_embedded_database(
    read: Callable[..., Settings], tmp_path: Path
) -> None:
    loaded = read()
    assert loaded.embedded
    assert loaded.sqlalchemy_url == ""
    assert loaded.data_dir == tmp_path / "var"


@pytest.mark.parametrize("address", ["mysql://h/n", "sqlite://", "not an address", "h:5432/n"])
def test_another_database_is_refused(read: Callable[..., Settings], address: str) -> None:
    loaded = read(DATABASE_URL=address, SECRET_KEY=KEY)
    with pytest.raises(ConfigurationError, match="not the address of a PostgreSQL server"):
        _ = loaded.sqlalchemy_url


@pytest.mark.parametrize(
    ("name", "value"),
    [("PORT", "many"), ("PORT", "70000"), ("EMAIL_BACKEND", "pigeon"), ("DEBUG", "perhaps")],
)
def test_an_invalid_value_names_its_variable_and_the_remedy(
    read: Callable[..., Settings], name: str, value: str
) -> None:
    with pytest.raises(ConfigurationError, match=rf"{name}: .+ Correct the environment or \.env"):
        read(**{name: value})


def test_a_refused_value_is_not_repeated(read: Callable[..., Settings]) -> None:
    with pytest.raises(ConfigurationError) as refused:
        read(PORT="hunter2-typed-in-the-wrong-line")
    assert "hunter2" not in str(refused.value)


def test_secrets_do_not_show_in_a_log(read: Callable[..., Settings]) -> None:
    shown = repr(
        read(
            DATABASE_URL="postgresql://a:canary-1@h/n",
            SECRET_KEY=f"canary-2{KEY}",
            EMAIL_HOST_PASSWORD="canary-3",
            DB_PASSWORD="canary-4",
            REDIS_URL="redis://:canary-5@h",
            SENTRY_DSN="https://canary-6@h/1",
        )
    )
    assert "canary" not in shown


def test_a_key_is_generated_once_in_embedded_mode(
    read: Callable[..., Settings], tmp_path: Path
) -> None:
    first = read().secret_key
    assert len(first) >= 48
    assert read().secret_key == first
    file = tmp_path / "var" / "secret_key"
    assert file.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in file.parent.iterdir()] == ["secret_key"]


def test_processes_starting_at_once_share_one_key(
    read: Callable[..., Settings], tmp_path: Path
) -> None:
    read(SECRET_KEY=KEY)
    ask = "from app.settings import settings; print(settings().secret_key)"
    environment = {"DATA_DIR": str(tmp_path / "fresh"), "SECRET_KEY": "", "DATABASE_URL": ""}
    started = [
        subprocess.Popen(
            [sys.executable, "-c", ask], cwd=ROOT, env=environment, stdout=subprocess.PIPE
        )
        for _ in range(4)
    ]
    assert len({process.communicate()[0] for process in started}) == 1


@pytest.mark.parametrize("key", ["", "short", "a" * 40, "abcabcabc" * 5])
def test_a_server_needs_a_strong_key(read: Callable[..., Settings], key: str) -> None:
    with pytest.raises(ConfigurationError, match=r"SECRET_KEY.+Make one: python3"):
        read(SECRET_KEY=key, DATABASE_URL="postgresql://h/n")


def test_a_short_key_is_refused_in_embedded_mode_too(read: Callable[..., Settings]) -> None:
    with pytest.raises(ConfigurationError, match="SECRET_KEY"):
        read(SECRET_KEY="change-me")


@pytest.mark.parametrize("key", ["short", "a" * 40])
def test_a_weak_older_key_is_refused_and_not_shown(
    read: Callable[..., Settings], key: str
) -> None:
    with pytest.raises(ConfigurationError, match="SECRET_KEY_FALLBACKS must be random") as refused:
        read(SECRET_KEY=KEY, SECRET_KEY_FALLBACKS=f"{KEY}-older,{key}")
    assert key not in str(refused.value)


@pytest.mark.parametrize(
    "written", [f"{KEY}-1, {KEY}-2,{KEY}-1,{KEY}", f' ["{KEY}-1", "{KEY}-2"]']
)
def test_older_keys_follow_the_current_one(read: Callable[..., Settings], written: str) -> None:
    loaded = read(SECRET_KEY=KEY, SECRET_KEY_FALLBACKS=written)
    assert loaded.signing_keys == (KEY, f"{KEY}-1", f"{KEY}-2")
    assert loaded.signing_key == KEY
    assert KEY not in repr(loaded)


def test_an_older_key_may_contain_a_comma(read: Callable[..., Settings]) -> None:
    loaded = read(SECRET_KEY=KEY, SECRET_KEY_FALLBACKS=f'["{KEY},with a comma"]')
    assert loaded.signing_keys == (KEY, f"{KEY},with a comma")


def test_debug_mode_with_a_server_may_use_the_generated_key(read: Callable[..., Settings]) -> None:
    assert len(read(DATABASE_URL="postgresql://h/n", DEBUG="true").secret_key) >= 48


def test_an_unreadable_key_file_is_reported(read: Callable[..., Settings], tmp_path: Path) -> None:
    (tmp_path / "var" / "secret_key").mkdir(parents=True)
    with pytest.raises(ConfigurationError, match="set DATA_DIR to a folder of your own"):
        read()


@pytest.mark.parametrize(
    ("port_settings", "address", "secure"),
    [
        ({}, "http://127.0.0.1:8501", False),
        ({"PORT": "8502"}, "http://127.0.0.1:8502", False),
        ({"PUBLIC_URL": "https://giving.example/"}, "https://giving.example", True),
    ],
)
def test_the_default_public_url_contains_the_port(
    read: Callable[..., Settings], port_settings: dict[str, str], address: str, secure: bool
) -> None:
    loaded = read(**port_settings)
    assert (loaded.public_url, loaded.secure) == (address, secure)


def test_lists_are_written_with_commas(read: Callable[..., Settings]) -> None:
    assert read(ALLOWED_HOSTS="a.example, b.example ,").allowed_hosts == ("a.example", "b.example")
    assert read(ALLOWED_HOSTS="").allowed_hosts == ()


@pytest.mark.parametrize("wrong", ["*", "*.example.org", "https://a.example", "a.example:8501"])
def test_a_host_is_named_exactly(read: Callable[..., Settings], wrong: str) -> None:
    with pytest.raises(ConfigurationError, match="ALLOWED_HOSTS"):
        read(ALLOWED_HOSTS=wrong)


def test_a_relative_folder_is_relative_to_the_project(read: Callable[..., Settings]) -> None:
    assert read(DATA_DIR="elsewhere", SECRET_KEY=KEY).data_dir == ROOT / "elsewhere"


def test_command_line_options_override_the_environment(
    read: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOST", "192.0.2.1")
    read(PORT="8502")
    listen_on(host="127.0.0.2", port=8503)
    assert (settings().host, settings().port) == ("127.0.0.2", 8503)
    assert settings().public_url == "http://127.0.0.1:8503"
    listen_on()
    assert settings().port == 8503, "what is left out stays"
