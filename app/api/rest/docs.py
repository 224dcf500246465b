"""The page that explains the API and lets a person try it, from our own files alone."""

from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, JSONResponse

router = APIRouter(include_in_schema=False)
ASSETS = Path(__file__).with_name("assets")


@router.get("/openapi.json")
def document(request: Request) -> JSONResponse:
    """Return the description a program reads."""
    return JSONResponse(request.app.openapi())


@router.get("/docs")
def page() -> FileResponse:
    """Return the page a person reads."""
    return FileResponse(ASSETS / "docs.html", media_type="text/html")


@router.get("/docs.js")
def script() -> FileResponse:
    """Return the page's script."""
    return FileResponse(ASSETS / "docs.js", media_type="text/javascript")


@router.get("/docs.css")
def style() -> FileResponse:
    """Return the page's looks."""
    return FileResponse(ASSETS / "docs.css", media_type="text/css")
