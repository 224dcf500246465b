"""File formats of exports, by file extension."""

from app.kit.errors import InvalidError

FORMS = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def require_form(form: str) -> None:
    """Raise if the file format is not supported.

    Raises:
        InvalidError: the format is unknown.
    """
    if form not in FORMS:
        msg = f"There is no file of the form {form}. Choose one of {', '.join(FORMS)}."
        raise InvalidError(msg)
