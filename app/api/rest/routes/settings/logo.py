"""API routes for the organisation's logo."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from starlette.exceptions import HTTPException

from app import organisation_settings
from app.api.rest.dependencies import CurrentActor, read_only, work
from app.api.rest.schemas.common import Done
from app.kit.errors import NotFoundError

router = APIRouter(prefix="/organisation/logo", tags=["organisation"])

KINDS = ("image/png", "image/jpeg", "image/webp")
NO_PICTURE = "Send the picture itself as image/png, image/jpeg or image/webp."
PNG: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The logo as PNG.",
        "content": {"image/png": {"schema": {"type": "string", "format": "binary"}}},
    }
}
BODY = {
    "requestBody": {
        "required": True,
        "description": "A PNG, JPEG or WebP picture of at most 2 MB.",
        "content": {kind: {"schema": {"type": "string", "format": "binary"}} for kind in KINDS},
    }
}


async def _picture(_actor: CurrentActor, request: Request) -> bytes:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in KINDS:
        raise HTTPException(415, NO_PICTURE)
    # `app.api.middleware.body_limits` limits its size
    return await request.body()


@router.get(
    "",
    summary="Show the logo",
    operation_id="get_logo",
    response_class=Response,
    responses=PNG,
)
def show(actor: CurrentActor) -> Response:
    """Return the logo, at most 800 × 400 pixels; 404 without one."""
    picture = read_only(actor, organisation_settings.logo)
    if picture is None:
        msg = "The organisation has no logo."
        raise NotFoundError(msg)
    return Response(picture, media_type="image/png")


@router.put("", summary="Change the logo", operation_id="put_logo", openapi_extra=BODY)
def save(actor: CurrentActor, picture: Annotated[bytes, Depends(_picture)]) -> Done:
    """Use a picture as the logo; a large one is made smaller. Administrators only."""
    with work(actor) as db:
        organisation_settings.save_logo(db, actor, picture)
    return Done()


@router.delete("", summary="Remove the logo", operation_id="delete_logo")
def remove(actor: CurrentActor) -> Done:
    """Remove the logo, if there is one. Administrators only."""
    with work(actor) as db:
        organisation_settings.remove_logo(db, actor)
    return Done()
