"""What a file may be made of, by the ending of its name."""

from app.kit.errors import InvalidError

FORMS = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def require_form(form: str) -> None:
    """Refuse a form of file we do not write.

    Raises:
        InvalidError: there is no such form.
    """
    if form not in FORMS:
        msg = f"There is no file of the form {form}. Choose one of {', '.join(FORMS)}."
        raise InvalidError(msg)
