"""Settings from environment variables and .env, read once; no other module reads them."""

import json
import os
import re
from functools import cache, cached_property
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, PrivateAttr, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict
from pyrage import RecipientError, x25519
from sqlalchemy import URL

from app import demonstration_mode, postgres_url, secret_key
from app.kit.errors import ConfigurationError

ROOT = Path(__file__).resolve().parents[1]
# as browsers send it: lower case, without a path
EXACT = {
    "allowed_hosts": (re.compile(r"[\w.-]+|\[[\da-fA-F:.]+\]"), "host; write crm.example.org"),
    "cors_allowed_origins": (
        re.compile(r"https?://[a-z0-9.\-\[\]:]+", re.ASCII),
        "origin; write it as https://app.example.org",
    ),
}


class Settings(BaseSettings):
    """Settings of an installation. Every field is an environment variable in upper case."""

    model_config = SettingsConfigDict(
        env_file=ROOT / ".env",
        env_file_encoding="utf-8",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
    )

    database_url: str = Field(default="", repr=False)
    database_read_url: str = Field(default="", repr=False)
    # a request may wait a second for a replica in all, connecting included
    database_read_wait_ms: int = Field(default=100, ge=0, le=500)
    db_host: str = ""
    db_port: int = 5432
    db_name: str = "donorcrm"
    db_user: str = ""
    db_password: str = Field(default="", repr=False)
    db_pool_size: int = Field(default=20, ge=1)
    db_max_overflow: int = Field(default=30, ge=0)
    db_pool_recycle: int = Field(default=300, ge=1)
    db_pool_pre_ping: bool = True
    statement_timeout_ms: int = Field(default=15_000, ge=0)
    data_dir: Path = ROOT / "var"
    secret_key: str = Field(default="", repr=False)
    session_idle_hours: int = Field(default=336, ge=1, le=720)
    secret_key_fallbacks: Annotated[tuple[str, ...], NoDecode] = Field(default=(), repr=False)
    public_url: str = ""
    host: str = "127.0.0.1"
    port: int = Field(default=8501, ge=1, le=65_535)
    forwarded_allow_ips: str = "127.0.0.1"
    allowed_hosts: Annotated[tuple[str, ...], NoDecode] = ()
    security_contact: str = ""
    cors_allowed_origins: Annotated[tuple[str, ...], NoDecode] = ()
    api_requests_a_minute: int = Field(default=600, ge=1)
    # at least the size of the largest file and of the form around it
    uploads_most_mb: int = Field(default=1024, ge=201)
    oidc_client_id: str = ""
    oidc_client_secret: str = Field(default="", repr=False)
    oidc_metadata_url: str = ""
    oidc_name: str = "your organisation"
    oidc_trust_email: bool = False
    email_backend: Literal["console", "file", "smtp"] = "console"
    email_host: str = "localhost"
    email_port: int = Field(default=587, ge=1, le=65_535)
    email_use_tls: bool = True
    email_host_user: str = ""
    email_host_password: str = Field(default="", repr=False)
    email_from: str = "DonorCRM <donorcrm@localhost>"
    email_most_a_minute: int = Field(default=0, ge=0)
    email_most_a_day: int = Field(default=0, ge=0)
    email_bounces_to: str = ""
    bounce_token: str = Field(default="", repr=False)
    backup_to: str = ""
    backup_keep: int = Field(default=30, ge=1)
    backup_recipients: Annotated[tuple[str, ...], NoDecode] = ()
    backup_identity_file: str = ""
    backup_drill: Literal["off", "weekly", "monthly", "quarterly"] = "monthly"
    backup_endpoint: str = ""
    backup_region: str = "us-east-1"
    backup_access_key: str = Field(default="", repr=False)
    backup_secret_key: str = Field(default="", repr=False)
    redis_url: str = Field(default="", repr=False)
    sentry_dsn: str = Field(default="", repr=False)
    metrics_token: str = Field(default="", repr=False)
    slow_query_ms: int = Field(default=500, ge=0)
    debug: bool = False
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    _own_key: str = PrivateAttr(default="")

    @field_validator("data_dir")
    @classmethod
    def _under_the_project(cls, value: Path) -> Path:
        return ROOT / value.expanduser()

    @field_validator("public_url")
    @classmethod
    def _without_slash(cls, value: str) -> str:
        return value.rstrip("/")

    @field_validator("security_contact")
    @classmethod
    def _as_uri(cls, value: str) -> str:
        """Return the contact as a URI (RFC 9116): https:, mailto: or tel:."""
        value = value.strip()
        if not value:
            return value
        if len(value.split()) == 1 and value.startswith(("https://", "mailto:", "tel:")):
            return value
        if len(value.split()) == 1 and "@" in value:
            return f"mailto:{value}"
        msg = "write it as security@example.org or https://example.org/security"
        raise ValueError(msg)

    @field_validator("forwarded_allow_ips")
    @classmethod
    def _valid_proxies(cls, value: str) -> str:
        """Reject values that are not addresses: the server would silently treat them as names."""
        for network in filter(None, map(str.strip, value.split(","))):
            try:
                if network != "*":
                    ip_network(network)
            except ValueError:
                msg = f"“{network}” is no address; write it as 10.0.0.5 or 10.0.0.0/8"
                raise ValueError(msg) from None
        return value

    @field_validator("allowed_hosts", "cors_allowed_origins")
    @classmethod
    def _exact(cls, value: tuple[str, ...], field: ValidationInfo) -> tuple[str, ...]:
        pattern, hint = EXACT[str(field.field_name)]
        for name in value:
            if not pattern.fullmatch(name):
                msg = f"“{name}” is no {hint}, no “*”"
                raise ValueError(msg)
        return value

    @field_validator("backup_drill", mode="before")
    @classmethod
    def _accept_booleans(cls, value: object) -> object:
        """Accept true and false, the earlier values of this setting."""
        choice = str(value).strip().lower()
        return {"true": "monthly", "1": "monthly", "false": "off", "0": "off"}.get(choice, choice)

    @field_validator("backup_recipients")
    @classmethod
    def _valid_recipients(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for key in value:
            try:
                x25519.Recipient.from_str(key)
            except RecipientError:
                # the value is not quoted: it may be a private key by mistake
                msg = "write public keys, as age1..., with commas between; never a private key"
                raise ValueError(msg) from None
        return value

    @field_validator("secret_key_fallbacks", mode="before")
    @classmethod
    def _split_keys(cls, value: object) -> object:
        """Accept keys separated by commas, or a JSON list if a key contains a comma."""
        if isinstance(value, str) and value.lstrip().startswith("["):
            try:
                return tuple(json.loads(value))
            except ValueError:
                pass
        return cls._split_commas(value)

    @field_validator("allowed_hosts", "cors_allowed_origins", "backup_recipients", mode="before")
    @classmethod
    def _split_commas(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(host.strip() for host in value.split(",") if host.strip())
        return value

    @property
    def embedded(self) -> bool:
        """Whether the app runs the embedded PostgreSQL, because no server is configured."""
        return not (self.database_url or self.db_host)

    @property
    def own_key(self) -> str:
        """The organisation's key, also while the demonstration is shown."""
        return self._own_key or self.secret_key

    @cached_property
    def demonstration(self) -> bool:
        """Whether the demonstration is shown, which has a database of its own."""
        return demonstration_mode.is_on(self.data_dir)

    @property
    def sqlalchemy_url(self) -> str:
        """The URL of the configured server, with the driver; empty when embedded."""
        if self.embedded:
            return ""
        url = postgres_url.parse(self.database_url) if self.database_url else self._from_parts()
        return url.render_as_string(hide_password=False)

    @property
    def oidc(self) -> bool:
        """Whether sign-in through an OpenID Connect provider is configured."""
        return bool(self.oidc_client_id and self.oidc_client_secret and self.oidc_metadata_url)

    @property
    def secure(self) -> bool:
        """Whether PUBLIC_URL uses https, so that cookies can be marked as secure."""
        return self.public_url.startswith("https://")

    @property
    def signing_key(self) -> str:
        """The key for new signatures and encryption."""
        return self.secret_key

    @property
    def signing_keys(self) -> tuple[str, ...]:
        """The keys whose signatures and ciphertexts are accepted: SECRET_KEY, then older ones."""
        return (self.secret_key, *self.secret_key_fallbacks)

    def _from_parts(self) -> URL:
        return URL.create(
            postgres_url.DRIVER,
            username=self.db_user or None,
            password=self.db_password or None,
            host=self.db_host,
            port=self.db_port,
            database=self.db_name,
        )


def listen_on(*, host: str | None = None, port: int | None = None) -> None:
    """Override HOST and PORT with command-line options, for this process and its children."""
    for name, value in (("HOST", host), ("PORT", port)):
        if value is not None:
            os.environ[name] = str(value)  # noqa: TID251 - only this module uses the environment
    settings.cache_clear()


@cache
def settings() -> Settings:
    """Return the settings, read from the environment on the first call.

    Raises:
        ConfigurationError: a setting is not valid; the message names it and says what to do.
    """
    try:
        loaded = Settings()
    except ValidationError as error:
        raise ConfigurationError(_error_message(error)) from None
    oidc_settings = (loaded.oidc_client_id, loaded.oidc_client_secret, loaded.oidc_metadata_url)
    if any(oidc_settings) and not loaded.oidc:
        msg = (
            "Signing in with another provider needs all of OIDC_CLIENT_ID, OIDC_CLIENT_SECRET "
            "and OIDC_METADATA_URL; set the missing one, or leave all empty."
        )
        raise ConfigurationError(msg)
    address = loaded.public_url or f"http://127.0.0.1:{loaded.port}"
    generated = loaded.data_dir / "secret_key" if loaded.embedded or loaded.debug else None
    key = secret_key.effective(loaded.secret_key, generated)
    older = {old_key: None for old_key in loaded.secret_key_fallbacks if old_key != key}
    for old_key in older:
        secret_key.require_strong("SECRET_KEY_FALLBACKS", old_key)
    loaded = loaded.model_copy(
        update={"secret_key": key, "secret_key_fallbacks": tuple(older), "public_url": address}
    )
    return _of_demonstration(loaded) if loaded.demonstration else loaded


def _error_message(error: ValidationError) -> str:
    parts = []
    for problem in error.errors(include_url=False, include_input=False):
        name = str(problem["loc"][0]).upper() if problem["loc"] else ""
        reason = problem["msg"].removeprefix("Value error, ")
        parts.append(f"{name}: {reason}" if name else reason)
    return f"Settings cannot be used. {'; '.join(parts)}. Correct the environment or .env."


def _of_demonstration(loaded: Settings) -> Settings:
    """Return the settings of the demonstration: nothing of it counts in the organisation.

    Its signatures are made with a key of its own, its mails go to the log and not out, and it is
    not backed up.
    """
    key = secret_key.derive(loaded.secret_key, "demonstration")
    backend = "console" if loaded.email_backend == "smtp" else loaded.email_backend
    changes = {"email_backend": backend, "backup_to": "", "oidc_client_id": ""}
    copied = loaded.model_copy(update=changes | {"secret_key": key, "secret_key_fallbacks": ()})
    copied._own_key = loaded.secret_key  # noqa: SLF001 - of this module's class
    return copied
