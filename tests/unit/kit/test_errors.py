"""What a person is shown when something is refused."""

import pytest

from app.kit.errors import ConfirmFirstError


@pytest.mark.parametrize(("password", "code"), [(True, False), (False, True), (True, True)])
def test_confirming_says_what_can_be_entered(password: bool, code: bool) -> None:
    error = ConfirmFirstError(password=password, code=code)
    assert (error.password, error.code, error.status) == (password, code, 403)
    assert str(error) == "Please confirm first that it is you."
