"""Render mail templates: text is required, HTML is optional; an undefined name is an error."""

from functools import cache

import css_inline
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from app.mail.template_context import AnyMail
from app.settings import ROOT

FOLDER = ROOT / "templates" / "emails"


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(FOLDER),
        undefined=StrictUndefined,
        autoescape=select_autoescape(["html"], default_for_string=True),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def text(name: str, mail: AnyMail) -> str:
    """Render the plain text of a mail."""
    return _environment().get_template(f"{name}.txt").render(mail=mail)


def rendered(name: str, mail: AnyMail) -> tuple[str, str]:
    """Render a mail as (text, HTML); the HTML is empty when the mail has none."""
    return text(name, mail), html(name, mail) or ""


def html(name: str, mail: AnyMail) -> str | None:
    """Render the HTML with inlined CSS, or return None when the mail has no HTML template."""
    if not (FOLDER / f"{name}.html").exists():
        return None
    page = _environment().get_template(f"{name}.html").render(mail=mail)
    return css_inline.inline(page)
