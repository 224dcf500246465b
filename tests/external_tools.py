"""Programs of others that some tests need beside the app: nginx, Redis, Docker Compose."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest

from deploy import shape
from deploy.parts import ShapeError

Found = TypeVar("Found")


def needed(name: str) -> str:
    """Return where a program is; without it the test is left out, and with CI=true it fails."""
    return _or_left_out(lambda: shape.program(name))


def needed_server() -> Path:
    """Return where PostgreSQL's own programs are, in the same way."""
    return _or_left_out(shape.server_programs)


def _or_left_out(find: Callable[[], Found]) -> Found:
    try:
        return find()
    except ShapeError as error:
        if os.environ.get("CI") == "true":
            pytest.fail(str(error))
        pytest.skip(str(error))
