"""One shape for the tests that need it, with TLS, so that they share its start."""

from pathlib import Path

import pytest

from deploy import shape as shapes


def pytest_collection_modifyitems(items):
    """Keep the tests of the shape together on one worker."""
    for item in items:
        ours = Path(__file__).parent in Path(item.path).parents
        if ours and "shape" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.xdist_group("shape"))


@pytest.fixture(scope="session")
def shape():
    """DonorCRM as on a server, behind nginx and https."""
    with shapes.up(tls=True, durable=False, API_REQUESTS_A_MINUTE="100000") as one:
        yield one
