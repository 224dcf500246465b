"""Parsing of DATABASE_URL and DATABASE_READ_URL."""

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from app.kit.errors import ConfigurationError

DRIVER = "postgresql+psycopg2"


def parse(address: str, *, setting: str = "DATABASE_URL") -> URL:
    """Parse the URL of a database and set its driver; `setting` is named in the error.

    Raises:
        ConfigurationError: the URL is not that of a PostgreSQL database.
    """
    try:
        url = make_url(address)
    except (ArgumentError, ValueError):
        url = None
    if url is None or url.drivername.partition("+")[0] not in {"postgres", "postgresql"}:
        msg = (
            f"{setting} is not the address of a PostgreSQL server. "
            "Write it as postgresql://user:password@host:5432/name, or leave it empty."
        )
        raise ConfigurationError(msg)
    return url.set(drivername=DRIVER)
