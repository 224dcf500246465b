"""HTML pages beside the screens, from the templates in `templates/pages`."""

from functools import cache

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from starlette.responses import HTMLResponse

from app.settings import ROOT


def html_page(template: str, status: int = 200, **values: object) -> HTMLResponse:
    """Render a template as an uncached response; every value is escaped."""
    text = _environment().get_template(template).render(**values)
    return HTMLResponse(text, status, headers={"cache-control": "no-store"})


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(ROOT / "templates" / "pages"),
        undefined=StrictUndefined,
        autoescape=select_autoescape(["html"]),
        trim_blocks=True,
        lstrip_blocks=True,
    )
