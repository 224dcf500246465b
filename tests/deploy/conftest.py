"""One shape for the tests that need it, with TLS, so that they share its start."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import make_url

from deploy import shape as shapes
from deploy.shape import Shape
from tests import log_leak_guard
from tests.external_tools import needed, needed_server


# before the groups are read
@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the tests of the shape together on one worker."""
    for item in items:
        ours = Path(__file__).parent in Path(item.path).parents
        if ours and "shape" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.xdist_group("shape"))


@pytest.fixture(scope="session")
def shape() -> Iterator[Shape]:
    """DonorCRM as on a server, behind nginx and https."""
    for name in ("nginx", "redis-server", "openssl"):
        needed(name)
    needed_server()
    with (
        log_leak_guard.reports() as dsn,
        shapes.up(
            tls=True,
            durable=False,
            API_REQUESTS_A_MINUTE="100000",
            SENTRY_DSN=dsn,
            METRICS_TOKEN=log_leak_guard.TOKEN,
        ) as started,
    ):
        yield started
        for name, part in started.parts.items():
            if name.startswith("web-") and part.alive:
                log_leak_guard.keep_numbers(f"http://127.0.0.1:{part.environment['PORT']}")
        log_leak_guard.keep_people(make_url(started.database_url))
        log_leak_guard.keep_logs(*started.folder.glob("*.log"))
