"""The only reader of the environment."""

import os
import secrets
from functools import cache
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from app.kit.errors import ConfigurationError

ROOT = Path(__file__).resolve().parent.parent
SHORTEST_KEY = 32


class Settings(BaseSettings):
    """What changes between machines. Each field is the upper-case variable of its name."""

    model_config = SettingsConfigDict(
        env_file=ROOT / ".env", env_ignore_empty=True, extra="ignore", frozen=True
    )

    database_url: str = ""
    db_host: str = ""
    db_port: int = 5432
    db_name: str = "donorcrm"
    db_user: str = "donorcrm"
    db_password: str = ""
    db_pool_size: int = 20
    db_max_overflow: int = 30
    db_pool_recycle: int = 300
    db_statement_timeout_ms: int = 15_000
    data_dir: Path = ROOT / "var"
    secret_key: str = ""
    public_url: str = "http://127.0.0.1:8501"
    host: str = "127.0.0.1"
    port: int = Field(8501, ge=1, le=65535)
    email_backend: Literal["console", "file", "smtp"] = "console"
    email_host: str = "localhost"
    email_port: int = 587
    email_use_tls: bool = True
    email_host_user: str = ""
    email_host_password: str = ""
    email_from: str = "DonorCRM <donorcrm@localhost>"
    redis_url: str = ""
    sentry_dsn: str = ""
    debug: bool = False
    allowed_hosts: str = ""
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    @property
    def embedded(self) -> bool:
        """Whether the database is the private one below DATA_DIR."""
        return not (self.database_url or self.db_host)

    @property
    def server_url(self) -> URL:
        """The server's address in SQLAlchemy's spelling, whichever way it was given.

        Raises:
            ConfigurationError: DATABASE_URL is not the address of a PostgreSQL server.
        """
        if not self.database_url:
            return URL.create(
                "postgresql+psycopg2",
                self.db_user,
                self.db_password or None,
                self.db_host,
                self.db_port,
                self.db_name,
            )
        try:
            url = make_url(self.database_url)
        except ArgumentError as error:
            msg = "DATABASE_URL is not an address. It looks like postgresql://user@host/name."
            raise ConfigurationError(msg) from error
        if url.drivername.partition("+")[0] not in {"postgres", "postgresql"}:
            msg = "DATABASE_URL names another kind of database. DonorCRM runs on PostgreSQL only."
            raise ConfigurationError(msg)
        return url.set(drivername="postgresql+psycopg2")

    @property
    def signing_key(self) -> str:
        """The key that signs codes and links: SECRET_KEY, or one made once for a laptop.

        Raises:
            ConfigurationError: a server's database is used with no key or a short one.
        """
        if len(self.secret_key.encode()) >= SHORTEST_KEY:
            return self.secret_key
        if self.secret_key or not (self.embedded or self.debug):
            msg = f"SECRET_KEY must have at least {SHORTEST_KEY} characters that nobody can guess."
            raise ConfigurationError(msg)
        return _own_key(self.data_dir / "secret_key")

    @property
    def secure(self) -> bool:
        """Whether people reach us over https, so that cookies may insist on it."""
        return self.public_url.startswith("https://")


def _own_key(file: Path) -> str:
    file.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return file.read_text()
    with os.fdopen(handle, "w") as sink:
        sink.write(secrets.token_urlsafe(48))
    return file.read_text()


@cache
def settings(**overrides: Any) -> Settings:
    """Read the environment once.

    Raises:
        ConfigurationError: a variable holds something it cannot be; the sentence names it.
    """
    try:
        return Settings(**overrides)
    except ValidationError as error:
        wrong = error.errors()[0]
        name = "_".join(str(part) for part in wrong["loc"]).upper()
        msg = f"{name} is not right: {wrong['msg']}. See .env.example for what it may be."
        raise ConfigurationError(msg) from error
