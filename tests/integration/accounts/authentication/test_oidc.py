"""OpenID Connect: the configuration of the framework, and sign-in with a provider."""

import stat
import tomllib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from app import accounts
from app.accounts import CodeRequired
from app.api import provider
from app.kit.errors import ConfigurationError
from app.settings import settings
from app.web import config
from tests import factories
from tests.integration.accounts.authentication.test_mfa import with_mfa

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
OIDC = {
    "OIDC_CLIENT_ID": "id",
    "OIDC_CLIENT_SECRET": 'a "quoted" \\ secret é',
    "OIDC_METADATA_URL": "https://login.example.org/.well-known/openid-configuration",
    "PUBLIC_URL": "https://crm.example.org",
}


@pytest.fixture
def configure(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Callable[..., None]]:
    def choose(**values: str) -> None:
        for name in OIDC:
            monkeypatch.delenv(name, raising=False)
        for name, value in ({"DATA_DIR": str(tmp_path)} | values).items():
            monkeypatch.setenv(name, value)
        settings.cache_clear()

    yield choose
    settings.cache_clear()


def test_the_file_is_private_and_is_removed_with_the_settings(
    configure: Callable[..., None],
) -> None:
    configure(**OIDC)
    provider.write()
    assert config()["secrets.files"] == [str(provider.path())]
    assert stat.S_IMODE(provider.path().stat().st_mode) == 0o600
    auth = tomllib.loads(provider.path().read_text(encoding="utf-8"))["auth"]
    assert auth["redirect_uri"] == "https://crm.example.org/oauth2callback"
    assert auth["provider"]["client_secret"] == OIDC["OIDC_CLIENT_SECRET"]
    # a key derived from ours
    assert len(auth["cookie_secret"]) == 64
    assert settings().secret_key not in provider.path().read_text(encoding="utf-8")
    assert "quoted" not in repr(settings())
    configure()
    provider.write()
    assert not provider.path().exists()


@pytest.mark.parametrize("missing", ["OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET", "OIDC_METADATA_URL"])
def test_incomplete_provider_settings_are_refused(
    configure: Callable[..., None], missing: str
) -> None:
    configure(**{name: value for name, value in OIDC.items() if name != missing})
    with pytest.raises(ConfigurationError, match="needs all of OIDC_CLIENT_ID"):
        settings()


@pytest.fixture
def ruth(db: Session) -> accounts.Actor:
    ada = factories.person(db, "admin")
    user_id = accounts.create_user(
        db, ada, email="ruth@example.org", name="Ruth", role="fundraiser", password=None
    )
    return accounts.actor_by_id(db, user_id)


def sign_in(
    db: Session, email: str = "ruth@example.org", *, verified: bool = True
) -> accounts.Actor | CodeRequired | None:
    return accounts.sign_in_with_provider(db, email=email, verified=verified, now=NOW)


def test_a_verified_known_address_signs_in(db: Session, ruth: accounts.Actor) -> None:
    assert sign_in(db, " RUTH@Example.ORG ") == ruth
    assert accounts.profile(db, ruth).last_sign_in_at == NOW


def test_other_addresses_do_not_sign_in(db: Session, ruth: accounts.Actor) -> None:
    assert sign_in(db, verified=False) is None
    for email in ("", "x@example.org", "\0", "ruth@example.org\0x", "ruth@examp1e.org"):
        assert sign_in(db, email) is None
    accounts.deactivate(db, factories.person(db, "admin"), user_id=ruth.user_id, now=NOW)
    assert sign_in(db) is None


def test_the_second_factor_is_required(db: Session, ruth: accounts.Actor) -> None:
    with_mfa(db, ruth)
    assert isinstance(sign_in(db), CodeRequired)
