"""Documentation page of the API: Swagger UI from a package, behind a sign-in form of our own."""

from importlib.util import find_spec
from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, JSONResponse

router = APIRouter(include_in_schema=False)
ASSETS = Path(__file__).with_name("assets")


def _swagger_ui() -> Path:
    """Return the folder with Swagger UI; nothing is loaded from another host."""
    spec = find_spec("fastapi_offline")
    return Path((spec and spec.origin) or "").parent / "static"


SWAGGER_UI = _swagger_ui()


@router.get("/openapi.json")
def document(request: Request) -> JSONResponse:
    """Return the OpenAPI document."""
    return JSONResponse(request.app.openapi())


@router.get("/docs")
def page() -> FileResponse:
    """Return the documentation page."""
    return FileResponse(ASSETS / "docs.html", media_type="text/html")


@router.get("/docs.js")
def script() -> FileResponse:
    """Return the script of the page."""
    return FileResponse(ASSETS / "docs.js", media_type="text/javascript")


@router.get("/docs.css")
def style() -> FileResponse:
    """Return the style sheet of the page."""
    return FileResponse(ASSETS / "docs.css", media_type="text/css")


@router.get("/swagger-ui.js")
def swagger_ui_script() -> FileResponse:
    """Return the script of Swagger UI."""
    return FileResponse(SWAGGER_UI / "swagger-ui-bundle.js", media_type="text/javascript")


@router.get("/swagger-ui.css")
def swagger_ui_style() -> FileResponse:
    """Return the style sheet of Swagger UI."""
    return FileResponse(SWAGGER_UI / "swagger-ui.css", media_type="text/css")
