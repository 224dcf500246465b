"""Documentation page of the API with a form to try requests; it loads only our own files."""

from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, JSONResponse

router = APIRouter(include_in_schema=False)
ASSETS = Path(__file__).with_name("assets")


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
