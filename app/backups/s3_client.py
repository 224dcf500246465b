"""S3 client for backups in a bucket; needs the packages of requirements-s3.txt."""

from collections.abc import Iterator
from contextlib import contextmanager

import boto3
from botocore.client import BaseClient
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from app.kit.errors import ConfigurationError
from app.settings import settings


@contextmanager
def s3_client(address: str) -> Iterator[BaseClient]:
    """Yield a client with the configured keys; `address` is named in its errors.

    Raises:
        ConfigurationError: a request inside the block was refused or did not arrive.
    """
    try:
        yield _client()
    except (BotoCoreError, ClientError, boto3.exceptions.Boto3Error) as error:
        # the message may contain keys; the error code is enough to investigate
        why = getattr(error, "response", {}).get("Error", {}).get("Code", type(error).__name__)
        msg = f"The place {address} cannot be used: {why}. Check BACKUP_TO and its keys."
        raise ConfigurationError(msg) from error


def _client() -> BaseClient:
    configured = settings()
    return boto3.client(
        "s3",
        endpoint_url=configured.backup_endpoint or None,
        aws_access_key_id=configured.backup_access_key or None,
        aws_secret_access_key=configured.backup_secret_key or None,
        region_name=configured.backup_region,
        config=Config(connect_timeout=10, read_timeout=60, retries={"max_attempts": 3}),
    )
