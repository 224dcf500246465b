"""The framework's test client, imported once without its warning."""

import warnings

with warnings.catch_warnings():
    # it prefers a client of the same words by another name
    warnings.simplefilter("ignore")
    from starlette.testclient import TestClient

__all__ = ["TestClient"]
